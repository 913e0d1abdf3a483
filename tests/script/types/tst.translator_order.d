// A member may be made of one that the translator defines only behind it.
struct out { int oi; int oj; };
translator struct out < long n > { oi = xlate <struct out> (n + 1).oj; oj = n; };
BEGIN { x = xlate <struct out> (5L).oi; }
