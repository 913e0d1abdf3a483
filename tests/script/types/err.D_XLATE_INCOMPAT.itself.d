struct out { int oi; struct out *next; };
translator struct out < long n > { oi = n; next = xlate <struct out *> (n + 1); };
struct out t;
BEGIN { t = xlate <struct out> (5L); }
