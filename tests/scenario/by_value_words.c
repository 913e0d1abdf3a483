// Arguments where registers are of 32 bits: numbers of 64 bits in pairs and on the
// stack, structures behind the registers or by their address, large results.
#include "scenario.h"

struct big {
    int v[6];
};
struct wide {
    char c;
    long long n;
};

PROBED long long pairs(int a, long long b, int c, long long d, short e,
                       unsigned long long f) {
    return a + b + c + d + e + (long long)f;
}

PROBED int floats(float a, int b, double c, float d, long long e) {
    return (int)(a + b + c + d) + (int)e;
}

PROBED int behind(int a, int b, int c, int d, struct big big, struct wide wide,
                  int last) {
    return a + b + c + d + big.v[5] + (int)wide.n + last;
}

PROBED struct big made(int n, long long k) {
    struct big big = {{n, (int)k}};
    return big;
}

PROBED struct wide made_wide(long long k) {
    struct wide wide = {1, k};
    return wide;
}

int main(void) {
    struct wide wide = made_wide(0x300000004);
    struct big big = made(5, 0x600000007);
    big.v[5] = 8;
    return pairs(1, 0x200000003, 4, -5, -6, 0x700000008) == 0x900000005 &&
                   floats(1, 2, 3, 4, 0x500000006) == 16 &&
                   behind(1, 2, 3, 4, big, wide, 9) == 31
               ? 0
               : 1;
}
// >>> cflags -g
// >>> builds
// static-arm static-ppc32
// >>> script
// pid$target:a.out:pairs:entry {
//     b = args[1]; c = args[2]; d = args[3]; e = args[4]; f = args[5];
// }
// pid$target:a.out:pairs:return { sum = args[1]; }
// pid$target:a.out:floats:entry { fb = args[1]; fe = args[4]; }
// pid$target:a.out:behind:entry {
//     a4 = args[3]; v0 = args[4].v[0]; v5 = args[4].v[5]; n = args[5].n;
//     last = args[6];
// }
// pid$target:a.out:made:entry { m = args[0]; k = args[1]; }
// pid$target:a.out:made_wide:entry { w = args[0]; }
// >>> json
// {"b": 8589934595, "c": 4, "d": -5, "e": -6, "f": 30064771080,
//  "sum": 38654705669, "fb": 2, "fe": 21474836486, "a4": 4, "v0": 5, "v5": 8,
//  "n": 12884901892, "last": 9, "m": 5, "k": 25769803783, "w": 12884901892}
