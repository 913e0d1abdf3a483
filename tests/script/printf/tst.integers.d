char c; unsigned short us; long l; unsigned long long ull;
BEGIN { printf("%d %i %u %x %X %o %c %C\n", c, us, l, ull, 1, 2U, c, 'x'); }
BEGIN { printf("%hd %hx %hu %ld %lx %lu %lld %llu\n", (short)c, us, us, l, l, (unsigned long)l, (long long)l, ull); }
BEGIN { printf("%-*.*d|%?p|%a %A\n", 10, 3, c, l, arg0, arg1); }
