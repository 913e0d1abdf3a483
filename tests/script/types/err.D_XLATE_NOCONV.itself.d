struct out { int oi; int oj; };
translator struct out < long n > {
    oi = xlate <struct out> (n).oj;
    oj = xlate <struct out> (n).oi;
};
BEGIN { x = xlate <struct out> (5L).oi; }
