struct out { int oj; };
translator struct out < long n > { oi = n; };
BEGIN { x = xlate <struct out> (5L).oi; y = x + 1; }
