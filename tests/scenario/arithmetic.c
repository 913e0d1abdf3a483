// Arithmetic of every width, sign and operator, as gcc computes it (-fwrapv):
// the expressions are random, the variables they read were set in a clause
// before, so that the machine has to compute. The differential test of
// tests/unit/test_script_c.c makes more of the kind.
int main(void) { return 0; }
// >>> builds static pie
// >>> machines
// aarch64 riscv64
// >>> script
// char c;
// signed char sc;
// unsigned char uc;
// short s;
// unsigned short us;
// int i;
// unsigned int ui;
// long l;
// unsigned long ul;
// long long ll;
// unsigned long long ull;
// long long r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11;
// long long r12, r13, r14, r15, r16, r17, r18, r19, r20, r21, r22, r23;
// long long r24, r25, r26, r27, r28, r29, r30, r31, r32, r33, r34, r35;
// long long r36, r37, r38, r39, r40, r41, r42, r43, r44, r45, r46, r47;
// long long r48, r49, r50, r51, r52, r53, r54, r55, r56, r57, r58, r59;
// long long r60, r61, r62, r63, r64, r65, r66, r67, r68, r69, r70, r71;
// long long r72, r73, r74, r75, r76, r77, r78, r79, r80, r81, r82, r83;
// long long r84, r85, r86, r87, r88, r89, r90, r91, r92, r93, r94, r95;
// long long r96, r97, r98, r99, r100, r101, r102, r103, r104, r105, r106, r107;
// long long r108, r109, r110, r111, r112, r113, r114, r115, r116, r117, r118, r119;
// long long r120, r121, r122, r123, r124, r125, r126, r127, r128, r129, r130, r131;
// long long r132, r133, r134, r135, r136, r137, r138, r139, r140, r141, r142, r143;
// long long r144, r145, r146, r147, r148, r149;
// BEGIN { c = '\x41'; sc = 'ab'; uc = 0x7fff; s = 12345L; us = 0x8000000000000000; i = 0x7fffffffffffffff; ui = 'ab'; l = 0x7fff; ul = 0xff; ll = 2147483648; ull = 0x8000000000000000; }
// BEGIN { r0 = (((sizeof (077) < ('ab' != us)) % (((((uc << ((l) & 31)) < ((unsigned int)c))) & 0x7f) + 3)) == (((c >> ((uc) & 31)) << (((+ sc)) & 31)) ^ ((long)(ul % (((0xffffffffu) & 0x7f) + 3))))); }
// BEGIN { c = 7; sc = 0; uc = 7; s = 0xffff; us = 0x7fff; i = 0xff; ui = 1000000007; l = '\x41'; ul = 0x7fff; ll = 0x7f; ull = 0xffffffffu; }
// BEGIN { r1 = (- ((sc % (((l) & 0x7f) + 3)) ? (us >> ((sc) & 31)) : (s / (((077) & 15) - 20)))); }
// BEGIN { c = 1; sc = '\n'; uc = 0xffffffffu; s = 12345L; us = 0xffff; i = 100u; ui = -1; l = 'ab'; ul = '\n'; ll = 3ul; ull = -1; }
// BEGIN { r2 = (s<<=((i & 7) + (ul) * 0)); }
// BEGIN { c = -3; sc = 0x7fffffff; uc = 0x7f; s = '\n'; us = '\x41'; i = 077; ui = 'a'; l = '\n'; ul = 2147483648; ll = 'a'; ull = -3; }
// BEGIN { r3 = (s*=((ul))); }
// BEGIN { c = '\377'; sc = 0; uc = 1; s = 0x7fffffffffffffff; us = 077; i = -3; ui = 7; l = 9LL; ul = 12345L; ll = 0x7fff; ull = 0; }
// BEGIN { r4 = ((12345L ? ull : l) % ((((- 100u)) & 0x7f) + 3)); }
// BEGIN { c = 7; sc = -1; uc = 'ab'; s = 'a'; us = 0xff; i = 0x8000; ui = 0x7fff; l = 0x8000000000000000; ul = 077; ll = '\377'; ull = 0x7f; }
// BEGIN { r5 = (l|=((1000000007))); }
// BEGIN { c = '\n'; sc = 0xffffffffu; uc = 12345L; s = -1; us = 128; i = 1; ui = 'a'; l = 0x80000000; ul = 0x7fffffff; ll = 0; ull = 0xffff; }
// BEGIN { r6 = (((((signed char)9LL) < (+ uc)) == (((unsigned char)uc) && (ll << ((ul) & 31)))) == (((077 % (((ul) & 0x7f) + 3)) % ((((c ? 0xffffffffu : s)) & 0x7f) + 3)) && ((! us) & (ll ? c : ul)))); }
// BEGIN { c = 'ab'; sc = 0xffffffffu; uc = 0x7fffffff; s = -3; us = 0x7fffffff; i = 0xffff; ui = -1; l = 0x7fff; ul = '\377'; ll = 'ab'; ull = 0x80000000; }
// BEGIN { r7 = ((sc * uc) || ((signed char)ull)); }
// BEGIN { c = 'ab'; sc = 3ul; uc = 0x7f; s = 1000000007; us = 0xffffffffffffffff; i = 4294967296; ui = 2147483648; l = 9LL; ul = 1; ll = 0xffff; ull = 0xffff; }
// BEGIN { r8 = ((c << ((ui) & 31)) << (((ull / (((sc) & 15) - 20))) & 31)); }
// BEGIN { c = 0x7fffffffffffffff; sc = 1; uc = 12345L; s = 128; us = '\n'; i = 3ul; ui = 0x8000; l = 0x7fffffffffffffff; ul = -1; ll = 7; ull = 077; }
// BEGIN { r9 = --ull; }
// BEGIN { c = '\x41'; sc = 9LL; uc = -1; s = 0xffffffffffffffff; us = 100u; i = 1; ui = 100u; l = 0x8000; ul = 'a'; ll = -1; ull = 100u; }
// BEGIN { r10 = (((sc << ((us) & 31))) ^^ ((ull <= 12345L))); }
// BEGIN { c = '\x41'; sc = 7; uc = 'ab'; s = 0x7fff; us = 0xff; i = 1000000007; ui = 0x8000000000000000; l = 1; ul = '\n'; ll = 7; ull = 0; }
// BEGIN { r11 = (sizeof (i) % ((((ull / (((ull) & 15) - 20))) & 0x7f) + 3)); }
// BEGIN { c = 0xff; sc = 3ul; uc = 9LL; s = 0x7fff; us = 2147483648; i = 128; ui = 0xffffffffffffffff; l = 0; ul = 0xff; ll = 100u; ull = -1; }
// BEGIN { r12 = ((((unsigned char)(1 % (((077) & 0x7f) + 3))) / ((((((unsigned short)ui) ? (ul <= ui) : (ull % (((0x80000000) & 0x7f) + 3)))) & 15) - 20)), ((((uc << ((i) & 31)) << (((l == uc)) & 31))) ^^ (((unsigned char)(s && c))))); }
// BEGIN { c = 7; sc = 'ab'; uc = 128; s = -1; us = '\x41'; i = '\n'; ui = 0xff; l = 100u; ul = 0; ll = 077; ull = 2147483648; }
// BEGIN { r13 = ((((0x7fffffff <= sc) % ((((~ l)) & 0x7f) + 3)) - ((l > 0) == ('\n' >> (('a') & 31)))) % ((((! ((ll << ((c) & 31)) << (((9LL <= ull)) & 31)))) & 0x7f) + 3)); }
// BEGIN { c = 12345L; sc = 'a'; uc = '\n'; s = 0x8000; us = 0xffff; i = 2147483648; ui = 0x80000000; l = 128; ul = 7; ll = 'ab'; ull = 4294967296; }
// BEGIN { r14 = (sc-=((0x7fffffffffffffff))); }
// BEGIN { c = 0x8000; sc = -1; uc = -1; s = 7; us = 9LL; i = 9LL; ui = 0x80000000; l = 0x7fffffff; ul = 7; ll = 2147483648; ull = 0x80000000; }
// BEGIN { r15 = ((1 >> ((i) & 31)) ? (s >= ull) : ((s) ^^ (0x8000000000000000))); }
// BEGIN { c = 'ab'; sc = 0xffff; uc = 0x7f; s = 0x7fffffff; us = -1; i = 4294967296; ui = 0xffff; l = 0xffffffffu; ul = 0x7fff; ll = 0xff; ull = 7; }
// BEGIN { r16 = (ul/=((us & 7) + 3 + 0 * (us))); }
// BEGIN { c = 0x8000000000000000; sc = 0x8000; uc = 0x7f; s = 'a'; us = 0x80000000; i = 1000000007; ui = 0xffff; l = -3; ul = 077; ll = 4294967296; ull = 128; }
// BEGIN { r17 = ++l; }
// BEGIN { c = 0xffff; sc = 0x7fff; uc = 12345L; s = 0x8000000000000000; us = -1; i = 0xffffffffu; ui = 0xff; l = '\n'; ul = '\x41'; ll = -1; ull = 100u; }
// BEGIN { r18 = (((i % (((0xffff) & 0x7f) + 3)) < (l << ((9LL) & 31))) < ((12345L < s) >> (((ull <= sc)) & 31))); }
// BEGIN { c = 'a'; sc = 7; uc = -3; s = -1; us = 128; i = '\377'; ui = 077; l = -3; ul = '\n'; ll = 9LL; ull = 0x7fff; }
// BEGIN { r19 = ((int)(((ll ^ 0xff) < (0xffff << ((ul) & 31))) / ((((((s) ^^ (0x7fffffff)) && (12345L >> ((0x80000000) & 31)))) & 15) - 20))); }
// BEGIN { c = 0xff; sc = 100u; uc = 0x8000; s = 0x8000; us = 100u; i = 0x80000000; ui = 0xffffffffu; l = 7; ul = 2147483648; ll = 128; ull = 0x8000; }
// BEGIN { r20 = ((((char)(ll / (((0x7fff) & 15) - 20))) <= ((0x8000 ? 0xffffffffu : c) ? ((unsigned short)ll) : (i < ul))) != ((((long long)s) * (s, ull)) % ((((((short)ul) | ((unsigned int)c))) & 0x7f) + 3))); }
// BEGIN { c = 'ab'; sc = 9LL; uc = -1; s = '\377'; us = 9LL; i = 0xffff; ui = 077; l = 0xff; ul = 2147483648; ll = 12345L; ull = 1000000007; }
// BEGIN { r21 = ((((l | us) >> (((l == 'a')) & 31)) < (((ull) ^^ (uc)) / ((((0xffff >> ((ll) & 31))) & 15) - 20))) % (((((((signed char)ull) << (((ull + -1)) & 31)) % ((((~ (-1 % (((4294967296) & 0x7f) + 3)))) & 0x7f) + 3))) & 0x7f) + 3)); }
// BEGIN { c = 1; sc = 0x8000000000000000; uc = 4294967296; s = '\n'; us = 12345L; i = 0x7fff; ui = 3ul; l = 0xff; ul = 'a'; ll = 'a'; ull = '\x41'; }
// BEGIN { r22 = (ui|=((ui))); }
// BEGIN { c = 0x80000000; sc = '\x41'; uc = 4294967296; s = 077; us = '\x41'; i = 'a'; ui = 0x7fffffffffffffff; l = 2147483648; ul = 2147483648; ll = 128; ull = 'ab'; }
// BEGIN { r23 = (c^=((c))); }
// BEGIN { c = 0x7fffffff; sc = 0xffffffffu; uc = 9LL; s = 2147483648; us = '\377'; i = -3; ui = 7; l = 4294967296; ul = '\377'; ll = '\x41'; ull = 077; }
// BEGIN { r24 = ((unsigned char)l); }
// BEGIN { c = 'ab'; sc = 0x7fffffffffffffff; uc = 'a'; s = '\x41'; us = 0xffffffffffffffff; i = 2147483648; ui = 0xff; l = -1; ul = '\x41'; ll = 0x8000; ull = 4294967296; }
// BEGIN { r25 = ((((l ^ ul) ^ (ui < ull)), (! (ll <= c))) <= (((ll >> ((us) & 31)) > (0x7fff >> ((c) & 31))) * ((uc / (((077) & 15) - 20)) >> (((ul >> ((i) & 31))) & 31)))); }
// BEGIN { c = 'a'; sc = 1; uc = 0x8000; s = 0xffffffffu; us = '\n'; i = 0x80000000; ui = 0x7fffffffffffffff; l = 0xffffffffffffffff; ul = 'ab'; ll = -3; ull = '\377'; }
// BEGIN { r26 = (((((long)(0xff && i))) ^^ (((long long)sizeof (uc)))) >= (((1 >> ((l) & 31)) & (+ 0xffffffffu)) < ((0x7fff / (((l) & 15) - 20)) < ((sc) ^^ (-1))))); }
// BEGIN { c = 0x7f; sc = '\n'; uc = '\377'; s = 3ul; us = 1000000007; i = -1; ui = 0xff; l = -3; ul = 128; ll = 0x80000000; ull = 0x7fffffffffffffff; }
// BEGIN { r27 = --ll; }
// BEGIN { c = '\377'; sc = 'a'; uc = 0; s = 077; us = 0x8000; i = 0x8000000000000000; ui = 0x7fffffff; l = 0x7fffffffffffffff; ul = -1; ll = 0x7f; ull = 9LL; }
// BEGIN { r28 = ((ul % (((sc) & 0x7f) + 3)) / ((((ul <= 0x7fff)) & 15) - 20)); }
// BEGIN { c = 077; sc = 100u; uc = 3ul; s = 0; us = 0; i = 0x8000000000000000; ui = 0x7fffffffffffffff; l = -1; ul = 0x7fffffff; ll = 0xffffffffffffffff; ull = 0x7fff; }
// BEGIN { r29 = ((((ull << ((sc) & 31)) <= sizeof (ui)) / (((((9LL / (((l) & 15) - 20)) ? ((l) ^^ (1000000007)) : (0x7fff << ((sc) & 31)))) & 15) - 20)) << ((sizeof (((('\n') ^^ ('a')) < (077 | '\377')))) & 31)); }
// BEGIN { c = 100u; sc = 12345L; uc = 0x7f; s = 1; us = 1000000007; i = '\n'; ui = 0xffffffffu; l = 0xff; ul = 1; ll = '\n'; ull = 0; }
// BEGIN { r30 = ++us; }
// BEGIN { c = 2147483648; sc = 077; uc = 128; s = 'ab'; us = -3; i = 0xffffffffu; ui = 128; l = 'a'; ul = 0xffffffffu; ll = -1; ull = '\377'; }
// BEGIN { r31 = ((unsigned long)(1000000007 - 0xff)); }
// BEGIN { c = 077; sc = 1; uc = 0x7fffffff; s = 0xffffffffu; us = 4294967296; i = 0xff; ui = 128; l = 'a'; ul = 3ul; ll = 0xffffffffu; ull = 'a'; }
// BEGIN { r32 = (l<<=((i & 7) + (ull) * 0)); }
// BEGIN { c = 2147483648; sc = 3ul; uc = 3ul; s = '\n'; us = 128; i = 0xff; ui = 0xffffffffu; l = 3ul; ul = 0; ll = 3ul; ull = 077; }
// BEGIN { r33 = ((((s ? uc : s) > (4294967296 + 2147483648)) ? (((ll ? s : ui)) ^^ ((us | ull))) : (((long)ull) < (ll & s))) - ((((long long)us) ^ (100u <= ui)) >> ((((ui >> ((ul) & 31)) << (((us <= ul)) & 31))) & 31))); }
// BEGIN { c = -1; sc = 0xffff; uc = 'ab'; s = 9LL; us = 100u; i = -1; ui = 12345L; l = 0x7f; ul = 0x7fffffff; ll = -1; ull = 0x8000000000000000; }
// BEGIN { r34 = ((((i >> ((ul) & 31)) <= (0xffffffffffffffff >> ((ll) & 31))) % (((((+ 100u) + (ul && 128))) & 0x7f) + 3)) ? ((((unsigned char)12345L) >= (c ? c : l)) != ((077 == ui) % ((((-1 >> ((ui) & 31))) & 0x7f) + 3))) : ((('ab' ? l : ui) != (! 1)) / (((((us != ll) - ((c) ^^ (0x8000000000000000)))) & 15) - 20))); }
// BEGIN { c = 4294967296; sc = 0x80000000; uc = '\377'; s = 4294967296; us = '\n'; i = 0x7fffffff; ui = -1; l = 077; ul = 'a'; ll = 'ab'; ull = 9LL; }
// BEGIN { r35 = (c << ((ll) & 31)); }
// BEGIN { c = '\x41'; sc = 0x8000000000000000; uc = 7; s = 2147483648; us = 0x8000000000000000; i = 0; ui = '\377'; l = 0x8000000000000000; ul = 0x80000000; ll = 12345L; ull = 12345L; }
// BEGIN { r36 = (sc ? 0x8000 : ul); }
// BEGIN { c = 0xff; sc = 0; uc = 128; s = 12345L; us = 0; i = 7; ui = 1000000007; l = 0xff; ul = 0x7fffffffffffffff; ll = 0xff; ull = 077; }
// BEGIN { r37 = (i^=((sc))); }
// BEGIN { c = -3; sc = 0x7fffffffffffffff; uc = 7; s = '\377'; us = '\x41'; i = 7; ui = 077; l = 0xffffffffu; ul = 0xffff; ll = 0x7f; ull = -1; }
// BEGIN { r38 = (((int)(sc / (((ll) & 15) - 20))) ? ((ul ? ui : 1) >> (((s >> ((ll) & 31))) & 31)) : sizeof ((ui ^ us))); }
// BEGIN { c = 1000000007; sc = 'ab'; uc = 4294967296; s = 0x7fffffff; us = 0xff; i = 3ul; ui = -1; l = 9LL; ul = 0x80000000; ll = 0xffffffffu; ull = 0x7fff; }
// BEGIN { r39 = (((unsigned long)(((0x7fff) ^^ (ull)) / ((((l << ((7) & 31))) & 15) - 20))), (((ul << ((0xffff) & 31)) + (s / (((ul) & 15) - 20))) == ((us == s) - (i / (((uc) & 15) - 20))))); }
// BEGIN { c = 7; sc = 0x80000000; uc = -1; s = 0x8000; us = 9LL; i = -1; ui = 0xffff; l = -1; ul = 1; ll = 7; ull = 100u; }
// BEGIN { r40 = uc++; }
// BEGIN { c = 0x7fffffff; sc = 0x80000000; uc = 0x7fffffff; s = -3; us = 0; i = 0xff; ui = 128; l = 0x8000; ul = 077; ll = 0; ull = 2147483648; }
// BEGIN { r41 = (i<<=((i & 7) + (ull) * 0)); }
// BEGIN { c = 0xffffffffu; sc = 1; uc = '\x41'; s = 100u; us = 3ul; i = -3; ui = 0; l = 0x7f; ul = '\n'; ll = '\x41'; ull = 3ul; }
// BEGIN { r42 = ((0xff + ll) >= ((char)'a')); }
// BEGIN { c = '\x41'; sc = -3; uc = 128; s = 0xff; us = '\x41'; i = 9LL; ui = 0x7f; l = 0; ul = '\n'; ll = 2147483648; ull = 0x7fffffffffffffff; }
// BEGIN { r43 = --i; }
// BEGIN { c = 100u; sc = '\x41'; uc = 100u; s = 100u; us = 0x7fff; i = 2147483648; ui = '\377'; l = 0x8000000000000000; ul = 'a'; ll = '\n'; ull = -3; }
// BEGIN { r44 = (((! ('a' ^ c)) && ((0x8000 > uc) >> (((s << ((ul) & 31))) & 31))) >= (((c && 4294967296) == sizeof (ul)) & (((int)'a') < (ui % (((0x7fffffff) & 0x7f) + 3))))); }
// BEGIN { c = 9LL; sc = 0x7fffffffffffffff; uc = 0x80000000; s = 0xffffffffu; us = '\n'; i = 1000000007; ui = '\377'; l = 1; ul = 0x8000; ll = 0xff; ull = 0x80000000; }
// BEGIN { r45 = (((unsigned long)077) && (! us)); }
// BEGIN { c = 1; sc = '\x41'; uc = 12345L; s = 0xffffffffu; us = 4294967296; i = 0x7fffffffffffffff; ui = 0xffffffffffffffff; l = 3ul; ul = 'ab'; ll = 12345L; ull = 12345L; }
// BEGIN { r46 = (((long)1) << (((uc >= c)) & 31)); }
// BEGIN { c = 0x7fffffff; sc = '\n'; uc = 0x80000000; s = 1000000007; us = '\377'; i = -1; ui = 2147483648; l = 0x7fffffffffffffff; ul = 0xffffffffu; ll = 0xffffffffffffffff; ull = 9LL; }
// BEGIN { r47 = (((ul << ((uc) & 31)) - (c << ((ui) & 31))) >= (~ (ll <= uc))); }
// BEGIN { c = 0x7fff; sc = 12345L; uc = 4294967296; s = 1000000007; us = -1; i = 0xff; ui = '\x41'; l = 0xffffffffffffffff; ul = 0x7fffffff; ll = 4294967296; ull = 0; }
// BEGIN { r48 = (s/=((us & 7) + 3 + 0 * (i))); }
// BEGIN { c = 0x7fffffff; sc = 'ab'; uc = 9LL; s = 0xffffffffu; us = 0x8000000000000000; i = 2147483648; ui = 0x7fffffffffffffff; l = -1; ul = 0x8000000000000000; ll = 'ab'; ull = '\x41'; }
// BEGIN { r49 = (i<<=((i & 7) + (0xffffffffu) * 0)); }
// BEGIN { c = 0x8000000000000000; sc = 'a'; uc = 0xff; s = -1; us = -1; i = 4294967296; ui = 0x8000; l = 0xffffffffu; ul = 0x7fffffffffffffff; ll = '\x41'; ull = 9LL; }
// BEGIN { r50 = ++ull; }
// BEGIN { c = 0x80000000; sc = 12345L; uc = -1; s = 0x8000; us = 0; i = 128; ui = 0xffffffffffffffff; l = -3; ul = 100u; ll = 1; ull = 0x8000000000000000; }
// BEGIN { r51 = ((int)9LL); }
// BEGIN { c = 0x80000000; sc = 128; uc = 0xff; s = 3ul; us = 0x80000000; i = 1; ui = '\x41'; l = 0x7fffffffffffffff; ul = 'ab'; ll = 0x80000000; ull = 'ab'; }
// BEGIN { r52 = (((unsigned long)(0xffff / (((2147483648) & 15) - 20))) >= (+ (0x7f & ul))); }
// BEGIN { c = 0xffffffffu; sc = 12345L; uc = 0xffffffffffffffff; s = 0xffffffffffffffff; us = 12345L; i = 12345L; ui = -1; l = 0x8000; ul = -3; ll = 0x7f; ull = 12345L; }
// BEGIN { r53 = (((unsigned short)ull) * (0xffff & 0xffffffffu)); }
// BEGIN { c = 3ul; sc = 'ab'; uc = 'ab'; s = '\n'; us = 0x7f; i = 7; ui = -3; l = 0x8000000000000000; ul = 0xff; ll = 0x80000000; ull = 0x8000; }
// BEGIN { r54 = ((('\377') ^^ (1000000007)) / ((((4294967296 / (((4294967296) & 15) - 20))) & 15) - 20)); }
// BEGIN { c = 0xff; sc = 12345L; uc = '\377'; s = 100u; us = '\n'; i = 128; ui = 1; l = 0; ul = 0xffff; ll = 077; ull = 0x8000000000000000; }
// BEGIN { r55 = (((ul, uc) | (0x8000000000000000 + 0x7f)) + ((signed char)(- ll))); }
// BEGIN { c = 128; sc = 3ul; uc = 1000000007; s = 0x8000; us = '\n'; i = 2147483648; ui = 0x8000; l = 0x7f; ul = -3; ll = 1; ull = 3ul; }
// BEGIN { r56 = (((0x7fff > 12345L) / ((((us <= 0x7fffffffffffffff)) & 15) - 20)) >> ((((unsigned long)((int)c))) & 31)); }
// BEGIN { c = '\377'; sc = 0x80000000; uc = 0; s = -1; us = 2147483648; i = 0x7fffffff; ui = 12345L; l = 1000000007; ul = '\n'; ll = 0xffffffffffffffff; ull = 0x8000000000000000; }
// BEGIN { r57 = ((unsigned long)(uc % (((ll) & 0x7f) + 3))); }
// BEGIN { c = 0xffff; sc = '\x41'; uc = 7; s = 1; us = 1; i = 077; ui = 077; l = 0xff; ul = 0x7fff; ll = 077; ull = 0x7fff; }
// BEGIN { r58 = ((sizeof ((ll ? 0xffff : 0)) % (((((l >= us) ? ((unsigned long)i) : (i - uc))) & 0x7f) + 3)) / ((((((us | sc) >> ((((unsigned short)1)) & 31)) >> (((('\377' | sc) && (ll << ((s) & 31)))) & 31))) & 15) - 20)); }
// BEGIN { c = 0x8000; sc = 0x7fff; uc = 3ul; s = 0xffff; us = 12345L; i = -1; ui = 0x7fffffff; l = 0xffff; ul = 'a'; ll = 12345L; ull = 7; }
// BEGIN { r59 = c++; }
// BEGIN { c = 0x8000000000000000; sc = 3ul; uc = 'ab'; s = -3; us = 0x7fff; i = 0; ui = 12345L; l = 4294967296; ul = 0xffffffffffffffff; ll = 0x80000000; ull = 'a'; }
// BEGIN { r60 = us++; }
// BEGIN { c = -1; sc = 0xff; uc = 0x7fff; s = 0x7fffffff; us = 'ab'; i = 4294967296; ui = '\377'; l = 128; ul = 7; ll = 3ul; ull = 077; }
// BEGIN { r61 = (((unsigned long)((ll - 128), (ul % (((ui) & 0x7f) + 3)))) / ((((- ((- i) / (((('\x41' / (((0x8000) & 15) - 20))) & 15) - 20)))) & 15) - 20)); }
// BEGIN { c = 0xffff; sc = -1; uc = '\377'; s = 0x80000000; us = 1; i = 12345L; ui = 0xffff; l = 128; ul = 0x7f; ll = '\n'; ull = 'ab'; }
// BEGIN { r62 = ((~ ui) * (i << ((s) & 31))); }
// BEGIN { c = 3ul; sc = 0xffffffffu; uc = 1000000007; s = 0x7f; us = 9LL; i = '\n'; ui = 3ul; l = 0x7f; ul = 0x8000; ll = 2147483648; ull = -3; }
// BEGIN { r63 = (i & ui); }
// BEGIN { c = 128; sc = 0x7fffffffffffffff; uc = 12345L; s = 0x7fffffff; us = 1000000007; i = 0xff; ui = 1; l = 077; ul = 0x80000000; ll = 0x7fff; ull = 0xffffffffffffffff; }
// BEGIN { r64 = i--; }
// BEGIN { c = 0x8000; sc = 12345L; uc = 0xffffffffffffffff; s = 0xffff; us = 1000000007; i = 4294967296; ui = '\n'; l = 077; ul = 2147483648; ll = 1000000007; ull = 1000000007; }
// BEGIN { r65 = sc++; }
// BEGIN { c = 1000000007; sc = 0x8000; uc = 1000000007; s = -1; us = 0x8000000000000000; i = 12345L; ui = 0x80000000; l = '\n'; ul = 1000000007; ll = 3ul; ull = 'ab'; }
// BEGIN { r66 = (uc ? c : ll); }
// BEGIN { c = 0xffffffffu; sc = 100u; uc = 2147483648; s = 1000000007; us = 1000000007; i = -1; ui = 0x7f; l = 4294967296; ul = 7; ll = 4294967296; ull = 0x7f; }
// BEGIN { r67 = sc--; }
// BEGIN { c = 0x7fffffff; sc = 12345L; uc = 0x7fffffffffffffff; s = 1; us = 12345L; i = 0x8000; ui = 128; l = '\x41'; ul = '\377'; ll = 0xffffffffu; ull = 0x7fffffffffffffff; }
// BEGIN { r68 = ((long)ul); }
// BEGIN { c = -1; sc = 2147483648; uc = 0x80000000; s = 0xffffffffu; us = 0xffffffffu; i = -1; ui = 0x7fff; l = 128; ul = -1; ll = 'ab'; ull = 0x7fffffff; }
// BEGIN { r69 = ((0xffffffffffffffff % (((ul) & 0x7f) + 3)) >> (((ui == 077)) & 31)); }
// BEGIN { c = 0xff; sc = 0x7fffffff; uc = -1; s = 0xffffffffffffffff; us = 4294967296; i = 0x7fff; ui = 1000000007; l = 0xffff; ul = 2147483648; ll = 100u; ull = 12345L; }
// BEGIN { r70 = ++ui; }
// BEGIN { c = 'a'; sc = 0xffff; uc = 100u; s = 0x7fff; us = '\377'; i = 0x80000000; ui = 12345L; l = 0xff; ul = 4294967296; ll = '\n'; ull = '\n'; }
// BEGIN { r71 = ((ll / (((i) & 15) - 20)) || ('a' ? s : 12345L)); }
// BEGIN { c = 2147483648; sc = 4294967296; uc = 'ab'; s = 0; us = 0x8000000000000000; i = 0x8000; ui = 'a'; l = 4294967296; ul = '\377'; ll = 1; ull = 100u; }
// BEGIN { r72 = ((((~ 0x8000000000000000) << (((ll == 4294967296)) & 31)) ? ((12345L && ul) * sizeof (i)) : ((uc | l) % ((((ll ? ll : -3)) & 0x7f) + 3))) + ((((long)c) << (((ul / (((sc) & 15) - 20))) & 31)) > ((0x8000000000000000 + ll) >= ((short)ui)))); }
// BEGIN { c = 'ab'; sc = 0xffffffffffffffff; uc = 7; s = 128; us = 0x8000000000000000; i = 0xffffffffu; ui = 0xffffffffffffffff; l = 0x80000000; ul = 0x7fffffffffffffff; ll = 128; ull = 7; }
// BEGIN { r73 = (c|=((0xffffffffffffffff))); }
// BEGIN { c = 128; sc = 1000000007; uc = 100u; s = 100u; us = '\n'; i = 0xffffffffffffffff; ui = 1000000007; l = -1; ul = 100u; ll = 0x8000; ull = 4294967296; }
// BEGIN { r74 = ((c >> ((ui) & 31)) << (((l / (((0x7fffffff) & 15) - 20))) & 31)); }
// BEGIN { c = '\377'; sc = 0xffffffffu; uc = '\377'; s = 4294967296; us = -1; i = '\377'; ui = 7; l = 0x7fff; ul = 0xffff; ll = 7; ull = 1; }
// BEGIN { r75 = ((((sc & 7) % ((((ui != 100u)) & 0x7f) + 3)), (((short)s) ? ((long long)c) : ((unsigned short)-1))) <= (((~ s) - ((0x8000000000000000) ^^ (s))), (((0x7fffffff % (((us) & 0x7f) + 3))) ^^ (((1) ^^ (0x80000000)))))); }
// BEGIN { c = -3; sc = 100u; uc = 2147483648; s = 077; us = 0xffffffffu; i = 128; ui = 100u; l = 0x80000000; ul = 0x8000000000000000; ll = 0xffff; ull = 0x7fffffffffffffff; }
// BEGIN { r76 = (((ui >> ((ll) & 31))) ^^ ((ll <= l))); }
// BEGIN { c = 0x7fff; sc = 0x7fff; uc = 'a'; s = 0x80000000; us = 100u; i = 1000000007; ui = 0x8000; l = 0xff; ul = 'a'; ll = 0x7fffffff; ull = 9LL; }
// BEGIN { r77 = (9LL && ui); }
// BEGIN { c = 0x8000000000000000; sc = 0xffffffffffffffff; uc = 0xff; s = 7; us = 0x8000; i = 'ab'; ui = 100u; l = -1; ul = 0xffffffffu; ll = 0x7fffffff; ull = 0x8000000000000000; }
// BEGIN { r78 = (sc/=((us & 7) + 3 + 0 * (ll))); }
// BEGIN { c = -3; sc = 7; uc = 128; s = 0x80000000; us = 2147483648; i = 0xffffffffu; ui = 0; l = 1; ul = 9LL; ll = 7; ull = 0xff; }
// BEGIN { r79 = ++l; }
// BEGIN { c = 128; sc = 0; uc = 0x7fff; s = 1000000007; us = '\377'; i = 0xffff; ui = 2147483648; l = 0x80000000; ul = 1; ll = '\377'; ull = '\n'; }
// BEGIN { r80 = (((((us - 1) ^ (sc << ((i) & 31)))) ^^ (((long)(0x7f - 0xffffffffffffffff)))) < (((l * l) & ((uc) ^^ (c))) * sizeof (sizeof (uc)))); }
// BEGIN { c = 077; sc = '\x41'; uc = 4294967296; s = 1; us = 0xff; i = 0xffffffffu; ui = 0x7f; l = 0xffff; ul = 3ul; ll = 0x7fffffffffffffff; ull = '\n'; }
// BEGIN { r81 = (ul>>=((i & 7) + ('ab') * 0)); }
// BEGIN { c = 3ul; sc = 0x8000000000000000; uc = 3ul; s = 0x7f; us = 0x7fff; i = 4294967296; ui = 0xffffffffu; l = 0; ul = 2147483648; ll = -3; ull = 0xffffffffffffffff; }
// BEGIN { r82 = ((((((s ? uc : 0x8000) & ((long long)us))) ^^ (((~ s) >> ((sizeof (ui)) & 31))))) ^^ ((((~ ull) * (-3 >> ((c) & 31))) ^ (- (uc || sc))))); }
// BEGIN { c = 1; sc = -1; uc = -1; s = 0x80000000; us = 0xff; i = '\n'; ui = 0x8000; l = 12345L; ul = 4294967296; ll = '\377'; ull = 0x8000; }
// BEGIN { r83 = ((((9LL << (('\x41') & 31)) % ((((us % (((128) & 0x7f) + 3))) & 0x7f) + 3)) << ((sizeof ((us >> ((1) & 31)))) & 31)) ? (((signed char)(0xffffffffffffffff & l)) % ((((('\n' < ll) | ((long long)ui))) & 0x7f) + 3)) : ((((char)0xff) ? (ll || uc) : (uc - ull)) || ((int)((sc) ^^ (128))))); }
// BEGIN { c = -3; sc = 1000000007; uc = 7; s = 2147483648; us = 9LL; i = 0x8000000000000000; ui = 0xffff; l = 12345L; ul = 0x7fffffffffffffff; ll = 0x7fffffff; ull = 128; }
// BEGIN { r84 = ((long)((short)sizeof (077))); }
// BEGIN { c = 1000000007; sc = 1; uc = 0x7fffffffffffffff; s = '\n'; us = 0xffffffffffffffff; i = 0x7fffffffffffffff; ui = 0x8000; l = -1; ul = '\n'; ll = 'ab'; ull = 0x8000; }
// BEGIN { r85 = c--; }
// BEGIN { c = 0x80000000; sc = 1; uc = 'ab'; s = 1; us = 0x8000; i = 0x7fffffff; ui = 1000000007; l = 0x7fffffffffffffff; ul = 0x7fff; ll = 077; ull = 12345L; }
// BEGIN { r86 = (ul ? '\x41' : s); }
// BEGIN { c = 1000000007; sc = 12345L; uc = 0; s = 7; us = 0x7fff; i = 100u; ui = 0xffff; l = 0xffffffffffffffff; ul = 0xffff; ll = 0x80000000; ull = 0x7f; }
// BEGIN { r87 = (l+=((c))); }
// BEGIN { c = 0x7fffffff; sc = 0xffff; uc = 12345L; s = 9LL; us = 2147483648; i = 1000000007; ui = 0xffffffffu; l = 12345L; ul = 3ul; ll = 'a'; ull = 100u; }
// BEGIN { r88 = (l/=((us & 7) + 3 + 0 * (uc))); }
// BEGIN { c = 7; sc = 7; uc = 9LL; s = 0x8000; us = 077; i = 9LL; ui = 1000000007; l = 'ab'; ul = '\x41'; ll = 0x80000000; ull = '\n'; }
// BEGIN { r89 = ((((ul ^ ull) >> ((sizeof (us)) & 31)) ? ((us << ((us) & 31)) / ((((c >> ((c) & 31))) & 15) - 20)) : sizeof (((char)s))) / (((((~ (ul >= sc)) | (sizeof (ll) <= (~ 3ul)))) & 15) - 20)); }
// BEGIN { c = 0x7fff; sc = 0x7fffffff; uc = 0x7f; s = 'a'; us = '\377'; i = -1; ui = '\x41'; l = 'ab'; ul = '\n'; ll = 12345L; ull = 'a'; }
// BEGIN { r90 = ui--; }
// BEGIN { c = 7; sc = 12345L; uc = 0x8000000000000000; s = 100u; us = 12345L; i = 100u; ui = 100u; l = 0xff; ul = 12345L; ll = 0; ull = 0x80000000; }
// BEGIN { r91 = (! (s == ui)); }
// BEGIN { c = 0x8000; sc = 0x7fffffff; uc = -3; s = 0xffffffffffffffff; us = 1; i = 0x7f; ui = 0x7fff; l = 0; ul = 128; ll = 0xff; ull = 077; }
// BEGIN { r92 = ((sizeof ((ll % (((9LL) & 0x7f) + 3))) % (((((0xff & 128) < (sc / (((0) & 15) - 20)))) & 0x7f) + 3)) % ((((((! (sc > 0x7fff))) ^^ (((ll == c) || (ui + 'a'))))) & 0x7f) + 3)); }
// BEGIN { c = 128; sc = 'ab'; uc = 0xffff; s = 'a'; us = -3; i = 'a'; ui = 7; l = 0xff; ul = 128; ll = 0; ull = '\377'; }
// BEGIN { r93 = --ull; }
// BEGIN { c = 1000000007; sc = '\n'; uc = 12345L; s = 128; us = 'a'; i = 'a'; ui = 3ul; l = '\x41'; ul = 0xff; ll = 0x80000000; ull = 0xff; }
// BEGIN { r94 = ll++; }
// BEGIN { c = '\377'; sc = 128; uc = 100u; s = '\x41'; us = 3ul; i = -3; ui = '\x41'; l = 0xff; ul = 3ul; ll = 0xffff; ull = 100u; }
// BEGIN { r95 = ((unsigned short)(((0x7fffffff ? i : ull) == (s && i)) << ((((long long)sizeof ('\x41'))) & 31))); }
// BEGIN { c = 0xffff; sc = 4294967296; uc = 128; s = 1000000007; us = 2147483648; i = 'ab'; ui = 'ab'; l = 100u; ul = '\377'; ll = -1; ull = 0x80000000; }
// BEGIN { r96 = (ul=((us))); }
// BEGIN { c = 0x7fffffffffffffff; sc = 0x80000000; uc = 9LL; s = 0x7fffffff; us = 0x8000; i = 2147483648; ui = 'a'; l = 077; ul = '\377'; ll = 3ul; ull = '\n'; }
// BEGIN { r97 = (uc/=((us & 7) + 3 + 0 * (ul))); }
// BEGIN { c = 0x7fffffff; sc = 0x7fff; uc = 0x80000000; s = 077; us = 7; i = 0x7fffffffffffffff; ui = 7; l = 0x7fff; ul = 0xffff; ll = 0x7f; ull = 4294967296; }
// BEGIN { r98 = (s <= uc); }
// BEGIN { c = 0xffffffffffffffff; sc = 0x8000; uc = 'a'; s = '\x41'; us = 0xff; i = 128; ui = '\377'; l = 0xff; ul = 0xffffffffffffffff; ll = -3; ull = -1; }
// BEGIN { r99 = ((((ull & 0x8000000000000000) % (((((char)l)) & 0x7f) + 3)) ? ((ui % (((0x80000000) & 0x7f) + 3)) ^ ((unsigned char)7)) : (~ (! 0x7fff))) / ((((((+ l) / ((((uc << ((ui) & 31))) & 15) - 20)) < (((short)100u) && sizeof (0x8000000000000000)))) & 15) - 20)); }
// BEGIN { c = -1; sc = 0x7f; uc = 'ab'; s = 'a'; us = 0xffffffffu; i = 4294967296; ui = 077; l = 'ab'; ul = 0x80000000; ll = -3; ull = 0x7fffffff; }
// BEGIN { r100 = ((ull + s) >> ((((signed char)4294967296)) & 31)); }
// BEGIN { c = 0x80000000; sc = 077; uc = 0x7fff; s = 2147483648; us = 9LL; i = 'a'; ui = 0x7f; l = 0xffffffffu; ul = 1; ll = 'a'; ull = 2147483648; }
// BEGIN { r101 = (((0xffffffffu / (((-1) & 15) - 20)), (ull >> ((128) & 31))) / (((((~ 0xffffffffu) + (0xffffffffffffffff / (((uc) & 15) - 20)))) & 15) - 20)); }
// BEGIN { c = -3; sc = 0x7fffffff; uc = 7; s = 0x80000000; us = 0x8000000000000000; i = 'ab'; ui = 100u; l = '\377'; ul = 1000000007; ll = 0; ull = 0x7fffffffffffffff; }
// BEGIN { r102 = ul++; }
// BEGIN { c = 4294967296; sc = 100u; uc = 1000000007; s = 0x8000000000000000; us = -1; i = 0x7fff; ui = 4294967296; l = 0x7f; ul = 2147483648; ll = 0x7fffffff; ull = '\377'; }
// BEGIN { r103 = ((! sizeof (((ull) ^^ (i)))) / ((((((sc != 2147483648) || (7 < i)) % ((((((1000000007) ^^ (ull)) / ((((c & ui)) & 15) - 20))) & 0x7f) + 3))) & 15) - 20)); }
// BEGIN { c = 2147483648; sc = -1; uc = 0x80000000; s = 12345L; us = 0; i = 1; ui = 0x8000; l = 7; ul = 0x80000000; ll = 0xffffffffffffffff; ull = -3; }
// BEGIN { r104 = (! l); }
// BEGIN { c = 4294967296; sc = 0; uc = 0xffffffffu; s = 128; us = '\n'; i = 0xffffffffffffffff; ui = 0; l = 0xffffffffffffffff; ul = 100u; ll = 100u; ull = 3ul; }
// BEGIN { r105 = (l>>=((i & 7) + (12345L) * 0)); }
// BEGIN { c = 12345L; sc = 0x8000; uc = 'a'; s = 'a'; us = 0xff; i = 4294967296; ui = 9LL; l = 128; ul = 12345L; ll = 128; ull = 0x8000000000000000; }
// BEGIN { r106 = ((((-1 & l) % ((((0 & ui)) & 0x7f) + 3)) - (((long long)0xffffffffu) + (i % (((i) & 0x7f) + 3)))) % ((((((9LL * 2147483648) < (c / (((us) & 15) - 20))) << ((((- uc) != (i != 0x7fff))) & 31))) & 0x7f) + 3)); }
// BEGIN { c = 100u; sc = 0xff; uc = 077; s = '\n'; us = 3ul; i = 0x7fff; ui = 2147483648; l = -3; ul = 1000000007; ll = 2147483648; ull = 0x80000000; }
// BEGIN { r107 = ((us) ^^ (ll)); }
// BEGIN { c = 0xffff; sc = 0x7f; uc = 077; s = 0x80000000; us = '\377'; i = 1; ui = 0x7fff; l = 0xffff; ul = '\377'; ll = 077; ull = 0x7fff; }
// BEGIN { r108 = (((sizeof (ul) << ((((short)s)) & 31)), ((! l) >> (((ull | i)) & 31))) >> (((((ull <= ul) - ((unsigned long)1000000007)) << ((((unsigned long long)(0x7fffffffffffffff % (((i) & 0x7f) + 3)))) & 31))) & 31)); }
// BEGIN { c = 0x80000000; sc = 9LL; uc = 0xff; s = 3ul; us = 0xffffffffu; i = 9LL; ui = '\x41'; l = 0x7fffffffffffffff; ul = 0x8000; ll = 7; ull = 0xffff; }
// BEGIN { r109 = (uc > us); }
// BEGIN { c = 0xffffffffffffffff; sc = '\n'; uc = 9LL; s = 0x7fffffff; us = 'a'; i = 7; ui = -1; l = 0xffff; ul = 9LL; ll = 1000000007; ull = 0xffffffffffffffff; }
// BEGIN { r110 = ++ll; }
// BEGIN { c = 0x8000; sc = -3; uc = 2147483648; s = 'ab'; us = 0xff; i = 0x7fff; ui = 100u; l = 4294967296; ul = 'a'; ll = 9LL; ull = -1; }
// BEGIN { r111 = sizeof ((+ ((short)i))); }
// BEGIN { c = 2147483648; sc = 'a'; uc = 3ul; s = 0x80000000; us = -1; i = 4294967296; ui = 0x8000000000000000; l = 0xff; ul = 'ab'; ll = 4294967296; ull = 0xffffffffu; }
// BEGIN { r112 = (((sc) ^^ (ull)) ? ((signed char)uc) : (~ 0xffff)); }
// BEGIN { c = -3; sc = 'ab'; uc = 0x7fffffffffffffff; s = 0x80000000; us = 0x7fffffffffffffff; i = -1; ui = 'ab'; l = 2147483648; ul = -1; ll = -1; ull = 100u; }
// BEGIN { r113 = (l<<=((i & 7) + (i) * 0)); }
// BEGIN { c = '\377'; sc = '\377'; uc = -3; s = '\n'; us = 3ul; i = 2147483648; ui = 2147483648; l = 0x8000000000000000; ul = '\x41'; ll = 1000000007; ull = 0x7f; }
// BEGIN { r114 = --l; }
// BEGIN { c = 0xffffffffu; sc = 0x7fff; uc = 12345L; s = '\377'; us = '\x41'; i = 128; ui = 0x7fffffff; l = 0x7f; ul = 0x80000000; ll = 0x80000000; ull = 1; }
// BEGIN { r115 = us--; }
// BEGIN { c = 2147483648; sc = 0xffff; uc = 9LL; s = 0xffffffffffffffff; us = 0; i = 0; ui = 077; l = 0x7fffffffffffffff; ul = 2147483648; ll = 0xffff; ull = 1000000007; }
// BEGIN { r116 = (((char)((signed char)uc)) & ((ull != 0) % (((sizeof (1)) & 0x7f) + 3))); }
// BEGIN { c = 0xff; sc = 0; uc = 2147483648; s = 0xff; us = 0x7f; i = 0xffff; ui = 0x80000000; l = 1; ul = 0x80000000; ll = 0xffffffffu; ull = 4294967296; }
// BEGIN { r117 = (ull^=(('\x41'))); }
// BEGIN { c = 0xff; sc = 0xffff; uc = '\377'; s = 0; us = '\x41'; i = 0xffffffffffffffff; ui = 3ul; l = 0xffffffffu; ul = 1000000007; ll = '\x41'; ull = 0; }
// BEGIN { r118 = ((ul << ((4294967296) & 31)) % ((((us <= ui)) & 0x7f) + 3)); }
// BEGIN { c = 7; sc = 'a'; uc = 7; s = 0x7fffffff; us = 2147483648; i = '\x41'; ui = -1; l = 1000000007; ul = 0x7f; ll = 'ab'; ull = 0xffffffffu; }
// BEGIN { r119 = ((sizeof (((ull) ^^ (1000000007))) < (~ (9LL >= ull))) + ((unsigned long)(((short)3ul) - ((signed char)0x8000)))); }
// BEGIN { c = 12345L; sc = 0xff; uc = -1; s = 0x80000000; us = 0x7fffffff; i = 0xffffffffu; ui = 1; l = 0x7fffffff; ul = 1000000007; ll = 12345L; ull = 0x8000; }
// BEGIN { r120 = (((unsigned int)(us + 9LL)), (((ui) ^^ (i)) >> (((ul == 0)) & 31))); }
// BEGIN { c = 1000000007; sc = 0x7f; uc = 0xffff; s = 'a'; us = 0x7fffffff; i = 0x80000000; ui = 7; l = 0x7fff; ul = 0xffff; ll = 'a'; ull = -1; }
// BEGIN { r121 = (((c / (((i) & 15) - 20)) % (((((ull) ^^ (l))) & 0x7f) + 3)) | ((ui > l) | (ull, sc))); }
// BEGIN { c = 4294967296; sc = -3; uc = 0xffffffffffffffff; s = 100u; us = 1; i = '\x41'; ui = '\377'; l = 0x7fffffffffffffff; ul = '\x41'; ll = '\x41'; ull = '\377'; }
// BEGIN { r122 = ((((ui ^ 12345L) >> (((0x7fff && ul)) & 31)) ? ((sc > ull) << (((4294967296 ? '\x41' : s)) & 31)) : ((c ? us : 0x7fffffff) ? (ul <= 0xffffffffu) : (c ? 'ab' : ul))) << (((((char)(s > ull)), ((0 <= ll) < (~ uc)))) & 31)); }
// BEGIN { c = 0x7fffffff; sc = 0x7f; uc = 0x7f; s = '\377'; us = 0xffffffffffffffff; i = 0x8000000000000000; ui = 2147483648; l = 0x80000000; ul = 9LL; ll = 100u; ull = '\377'; }
// BEGIN { r123 = ((us * s) % (((((unsigned long)ull)) & 0x7f) + 3)); }
// BEGIN { c = 3ul; sc = 3ul; uc = 0x8000000000000000; s = 4294967296; us = 7; i = 0x7fffffff; ui = '\n'; l = 0x8000; ul = 0x7fffffffffffffff; ll = 1000000007; ull = 0x80000000; }
// BEGIN { r124 = (sc+=((-3))); }
// BEGIN { c = 0x7f; sc = -3; uc = -1; s = 128; us = 0x7f; i = 0x80000000; ui = 0x8000000000000000; l = '\x41'; ul = 0x80000000; ll = 0x7f; ull = 'ab'; }
// BEGIN { r125 = ((i ? -3 : 1) < (s << ((c) & 31))); }
// BEGIN { c = 128; sc = 128; uc = 4294967296; s = 077; us = 0xffff; i = 0; ui = 1000000007; l = '\377'; ul = 1; ll = 3ul; ull = '\x41'; }
// BEGIN { r126 = (ui || i); }
// BEGIN { c = 0xffffffffu; sc = 0x7fff; uc = 'ab'; s = 1; us = 1000000007; i = -3; ui = 0x7f; l = 100u; ul = 2147483648; ll = 4294967296; ull = '\377'; }
// BEGIN { r127 = (((unsigned long long)0x8000000000000000) << ((((us) ^^ ('\x41'))) & 31)); }
// BEGIN { c = 0xffff; sc = 0x7fffffffffffffff; uc = 7; s = 7; us = 0xffff; i = 1; ui = 2147483648; l = 1000000007; ul = 1000000007; ll = 077; ull = 100u; }
// BEGIN { r128 = ui++; }
// BEGIN { c = 12345L; sc = 0xffffffffffffffff; uc = '\n'; s = 0xffffffffu; us = 0x7fffffff; i = 4294967296; ui = '\x41'; l = 0x7f; ul = 3ul; ll = '\377'; ull = 7; }
// BEGIN { r129 = ++i; }
// BEGIN { c = '\x41'; sc = 0x8000; uc = 100u; s = 9LL; us = 1; i = 100u; ui = 2147483648; l = 2147483648; ul = -3; ll = 128; ull = 'ab'; }
// BEGIN { r130 = (((((long long)'ab') == ((unsigned int)'a')) ? ((i % (((i) & 0x7f) + 3)) << (((9LL << ((0x7fff) & 31))) & 31)) : (- ((unsigned char)0x7fff))) ? (((c / (((l) & 15) - 20)) != (-1 / (((3ul) & 15) - 20))) & ((unsigned short)((unsigned char)ll))) : (((uc < ll) < (us & l)) >> ((((ui < ull) << (((128 && 9LL)) & 31))) & 31))); }
// BEGIN { c = 0x7fffffff; sc = -3; uc = 0xff; s = '\377'; us = 0xff; i = 0x7f; ui = 0x7fff; l = '\x41'; ul = '\x41'; ll = 100u; ull = 0x7fffffffffffffff; }
// BEGIN { r131 = ((! c) || (3ul >= c)); }
// BEGIN { c = 077; sc = 4294967296; uc = 12345L; s = 0x8000000000000000; us = 128; i = '\377'; ui = 0x7f; l = -1; ul = 0; ll = 7; ull = 7; }
// BEGIN { r132 = ((sc) ^^ (ull)); }
// BEGIN { c = 0x80000000; sc = 7; uc = 7; s = 'ab'; us = 1000000007; i = -3; ui = 12345L; l = 0x7fff; ul = 1; ll = 0; ull = 0; }
// BEGIN { r133 = us++; }
// BEGIN { c = 'a'; sc = -1; uc = 3ul; s = 0x7fff; us = 0xffff; i = 0x80000000; ui = 128; l = 0xff; ul = 12345L; ll = 100u; ull = '\x41'; }
// BEGIN { r134 = (sc|=((-3))); }
// BEGIN { c = 0x7fffffff; sc = 9LL; uc = 1000000007; s = 128; us = '\n'; i = 0x8000000000000000; ui = 0xff; l = '\x41'; ul = 4294967296; ll = 0x7fff; ull = 0x7fff; }
// BEGIN { r135 = (12345L ^ 100u); }
// BEGIN { c = 0x8000; sc = 1000000007; uc = 0x80000000; s = 2147483648; us = 100u; i = 0; ui = 3ul; l = '\377'; ul = '\n'; ll = 077; ull = 0x7fffffffffffffff; }
// BEGIN { r136 = (! (((((unsigned char)s)) ^^ ((9LL + ul))) >> ((((ull, i) && (l % (((ull) & 0x7f) + 3)))) & 31))); }
// BEGIN { c = 2147483648; sc = 2147483648; uc = 'ab'; s = 0x80000000; us = 1000000007; i = 4294967296; ui = 0xffffffffffffffff; l = 1; ul = 0x7fff; ll = 2147483648; ull = 7; }
// BEGIN { r137 = (9LL / (((i) & 15) - 20)); }
// BEGIN { c = 0x7fffffffffffffff; sc = 'ab'; uc = -1; s = -3; us = -3; i = 0xffffffffffffffff; ui = 077; l = 1; ul = 12345L; ll = 1; ull = 'a'; }
// BEGIN { r138 = (((c > ul) && (+ ui)) % (((((unsigned short)(uc != 128))) & 0x7f) + 3)); }
// BEGIN { c = 'ab'; sc = 0xff; uc = 0xffffffffffffffff; s = 0x7f; us = '\377'; i = 0xffffffffffffffff; ui = 9LL; l = 100u; ul = 0x7fff; ll = -3; ull = 0xffffffffffffffff; }
// BEGIN { r139 = (l>>=((i & 7) + (i) * 0)); }
// BEGIN { c = 0x7fffffffffffffff; sc = 7; uc = '\377'; s = 'a'; us = 0xffff; i = 9LL; ui = 128; l = '\x41'; ul = -1; ll = 0x80000000; ull = 2147483648; }
// BEGIN { r140 = (((((unsigned long long)sc) / ((((! sc)) & 15) - 20)) > ((s / (((us) & 15) - 20)) >> ((((signed char)ul)) & 31))) ^ ((((2147483648 & uc) >> (((+ -1)) & 31))) ^^ (((i % (((i) & 0x7f) + 3)) ? (l != ull) : (+ 077))))); }
// BEGIN { c = 2147483648; sc = 2147483648; uc = -3; s = '\n'; us = 12345L; i = 'ab'; ui = 7; l = 128; ul = 3ul; ll = 1000000007; ull = 12345L; }
// BEGIN { r141 = ((unsigned int)s); }
// BEGIN { c = 'ab'; sc = 'a'; uc = 0x80000000; s = 0x80000000; us = 12345L; i = 0x7f; ui = 0xff; l = '\x41'; ul = 0x80000000; ll = -3; ull = 0xffffffffffffffff; }
// BEGIN { r142 = c--; }
// BEGIN { c = 128; sc = '\n'; uc = 0x80000000; s = 0x7f; us = 'a'; i = 0x7fff; ui = 128; l = 'ab'; ul = 0x7fff; ll = '\377'; ull = 0x7fff; }
// BEGIN { r143 = ((((l / (((ul) & 15) - 20)) & (l / (((ull) & 15) - 20))) >> ((((~ l) == (s ^ 0x7fff))) & 31)) % ((((((ul, 077) << (((l % ((('\x41') & 0x7f) + 3))) & 31)) ? ((char)(i >= uc)) : (sizeof (ul) ^ ((signed char)sc)))) & 0x7f) + 3)); }
// BEGIN { c = '\x41'; sc = -1; uc = 4294967296; s = 12345L; us = 4294967296; i = '\377'; ui = 0xffffffffffffffff; l = 0xffffffffffffffff; ul = 077; ll = 0x8000000000000000; ull = 'ab'; }
// BEGIN { r144 = (12345L ? i : 0xff); }
// BEGIN { c = 077; sc = 4294967296; uc = 0x80000000; s = 12345L; us = 0x8000000000000000; i = -1; ui = -3; l = 0x7fffffffffffffff; ul = 0; ll = 2147483648; ull = 'a'; }
// BEGIN { r145 = ((~ 9LL) & ((int)ll)); }
// BEGIN { c = 12345L; sc = 0x8000000000000000; uc = '\n'; s = 1000000007; us = '\377'; i = 0x7fffffff; ui = 0x80000000; l = 3ul; ul = 0x7fffffffffffffff; ll = 9LL; ull = 0x7fffffffffffffff; }
// BEGIN { r146 = ((((signed char)i) ? sizeof (ll) : sizeof (c)) == (~ ((char)ll))); }
// BEGIN { c = 0; sc = -3; uc = 0x7fff; s = 9LL; us = -1; i = 100u; ui = 0xffffffffffffffff; l = 7; ul = 2147483648; ll = 2147483648; ull = 4294967296; }
// BEGIN { r147 = (ll | 2147483648); }
// BEGIN { c = '\377'; sc = 9LL; uc = 0xff; s = -1; us = 'ab'; i = '\377'; ui = 0; l = 0x7f; ul = 1000000007; ll = -3; ull = 'ab'; }
// BEGIN { r148 = (c=((l))); }
// BEGIN { c = 1000000007; sc = 0xffffffffffffffff; uc = 2147483648; s = 'a'; us = '\n'; i = 0xffffffffffffffff; ui = 0xffffffffu; l = 1000000007; ul = 12345L; ll = 128; ull = 0xffff; }
// BEGIN { r149 = ((short)((sizeof ((s > 'a'))) ^^ (sizeof ((uc >> ((sc) & 31)))))); }
// >>> json
// {"c": "...", "sc": "...", "uc": "...", "s": "...", "us": "...", "i": "...", "ui": "...", "l": "...", "ul": "...", "ll": "...", "ull": "...",
// "r0": 0, "r1": 0, "r2": 912, "r3": 0, "r4": 0, "r5": -9223372035854775801,
// "r6": 1, "r7": 1, "r8": 98, "r9": 62, "r10": 0, "r11": 1,
// "r12": 0, "r13": 0, "r14": 98, "r15": 0, "r16": 3276, "r17": -2,
// "r18": 0, "r19": 0, "r20": 1, "r21": 0, "r22": 3, "r23": 0,
// "r24": 0, "r25": 0, "r26": 0, "r27": 2147483647, "r28": 0, "r29": 0,
// "r30": 51720, "r31": 999999752, "r32": 12416, "r33": 0, "r34": 0, "r35": 0,
// "r36": 2147483648, "r37": 7, "r38": 4, "r39": 0, "r40": 255, "r41": 32640,
// "r42": 1, "r43": 8, "r44": 1, "r45": 0, "r46": 2, "r47": 0,
// "r48": -1381, "r49": -2147483648, "r50": 10, "r51": 9, "r52": 1, "r53": 809029575,
// "r54": 0, "r55": -9223372036854775616, "r56": 0, "r57": 0, "r58": 0, "r59": 0,
// "r60": 32767, "r61": 0, "r62": 3485925376, "r63": 2, "r64": 255, "r65": 57,
// "r66": 7, "r67": 100, "r68": -1, "r69": 15, "r70": 1000000008, "r71": 1,
// "r72": 4, "r73": -1, "r74": -1, "r75": 0, "r76": 1, "r77": 1,
// "r78": 0, "r79": 2, "r80": 0, "r81": 0, "r82": 1, "r83": 1,
// "r84": 4, "r85": 7, "r86": 65, "r87": 6, "r88": 4115, "r89": 0,
// "r90": 65, "r91": 0, "r92": 2, "r93": -2, "r94": 2147483648, "r95": 0,
// "r96": 0, "r97": 3, "r98": 0, "r99": 0, "r100": 2147483744, "r101": 0,
// "r102": 1000000007, "r103": 0, "r104": 0, "r105": -1, "r106": -1, "r107": 0,
// "r108": 0, "r109": 0, "r110": 1000000008, "r111": 4, "r112": -65536, "r113": 274877906944,
// "r114": 9223372036854775807, "r115": 65, "r116": 1, "r117": 4294967361, "r118": 2, "r119": 4,
// "r120": 0, "r121": 127, "r122": 0, "r123": 1, "r124": 0, "r125": 1,
// "r126": 1, "r127": -9223372036854775808, "r128": 2147483648, "r129": 1, "r130": 0, "r131": 0,
// "r132": 1, "r133": 51719, "r134": -1, "r135": 12381, "r136": 0, "r137": 0,
// "r138": 1, "r139": 0, "r140": 1, "r141": 10, "r142": 98, "r143": 0,
// "r144": -1, "r145": -2147483648, "r146": 0, "r147": 2147483648, "r148": 127, "r149": 0}
