struct in { int i; };
struct out { int o; int p; };
BEGIN { x = xlate <struct out> (arg0).o; }
