BEGIN
{
    a = 1 + 2 * 3; b = -1 > 0u; c = 1 ? 2 : 3L; d = (char)300; e = ~0 >> 1;
    f = 0xffffffff + 1; g = !5; h = 5 / -2; i = -5 % 3; j = sizeof (int) * 2;
    k = 1 && 0 || 1 ^^ 1; l = 0x7fffffff + 1; m = 1 << 31; n = (3, 4);
}
