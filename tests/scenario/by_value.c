// Arguments where the calling convention puts them: behind floating-point
// numbers, structures on the stack, and a result that is returned in memory.
#include "scenario.h"

struct small {
    int a, b;
};
struct mixed {
    double d;
    long n;
};
struct big {
    long v[4];
};

PROBED long behind(double d, int n, struct big b, short s) {
    return (long)d + n + b.v[3] + s;
}

PROBED struct big made(int n, const char *text) {
    struct big b = {{n, text[0], 3, 4}};
    return b;
}

PROBED long many(struct small s, int n, struct mixed m, long a, long b, long c,
                 long last, long double wide) {
    return s.a + s.b + n + m.n + a + b + c + last + (long)wide;
}

int main(void) {
    struct small s = {1, 2};
    struct mixed m = {.5, 7};
    return behind(2.5, 11, made(5, "x"), 33) == 50 &&
                   many(s, 3, m, 4, 5, 6, 77, 1.5L) == 106
               ? 0
               : 1;
}
// >>> cflags -g
// >>> script
// pid$target:a.out:behind:entry {
//     n = args[1]; first = args[2].v[0]; fourth = args[2].v[3]; s = args[3];
//     this->whole = args[2]; second = this->whole.v[1];
// }
// pid$target:a.out:made:entry { made_of = args[0]; text = stringof(args[1]); }
// pid$target:a.out:many:entry {
//     sum = args[1] * 1000 + args[3] * 100 + args[4] * 10 + args[5];
//     last = args[6];
// }
// >>> json
// {"n": 11, "first": 5, "fourth": 4, "s": 33, "second": 120, "made_of": 5,
//  "text": "x", "sum": 3456, "last": 77}
