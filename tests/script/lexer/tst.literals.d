/* the types of literals are C's */
BEGIN
{
    a = 1; b = 2147483648; c = 0x80000000; d = 0xffffffffffffffff;
    e = 1u; f = 1l; g = 1LL; h = 1ull; i = 4294967296; j = 017;
    k = 'a'; l = '\n'; m = '\0'; n = '\x41'; o = 'ab'; p = 'abcdefgh';
    q = '\377'; r = '\''; s = "a\tb\"\101"; t = 0xffffffffu;
}
