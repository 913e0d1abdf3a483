// Results that memory has, whose address most ABIs let the function lose: of
// functions within each other, of one left by longjmp(), of many registers, at
// shared ends, at several returns.
#include <setjmp.h>

#include "scenario.h"

struct large { long v[9]; };
struct odd { char c[5]; };
union either { long n[5]; double d; };

static jmp_buf away;

PROBED struct large within(long n, long how) {
    struct large l = {{n}};
    if (n > 0) {
        struct large inner = within(n - 1, how);
        l.v[1] = inner.v[0];
        l.v[2] = inner.v[2] + n;
    } else if (how) {
        longjmp(away, 1);
    }
    return l;
}
PROBED struct odd five(int first) {
    return (struct odd){{first, first + 1, first + 2, first + 3, first + 4}};
}
PROBED int plain(int n) { return n * 3; }
PROBED union either busy(long a, long b, long c, long d, const char *text) {
    union either e = {{0}};
    long x = plain(a), y = plain(b), z = plain(c), w = plain(d);
    for (; *text; text++) {
        if (*text == '!')
            return e;
        e.n[plain(*text) / 3 - '0'] += x + plain(y) - z * plain(w);
    }
    e.n[4] = x + y + z + w;
    return e;
}

int main(void) {
    long sum = 0;
    for (volatile int i = 0; i < 200; i++)
        if (!setjmp(away))
            within(i % 7, 1);
    for (int i = 0; i < 5; i++)
        sum += within(i, 0).v[2] + five(i).c[4];
    return sum + busy(1, 2, 3, 4, "0312").n[4] + busy(1, 2, 3, 4, "1!").n[0] !=
           20 + 30 + 30;
}
// >>> cflags -g -Os
// >>> script
// pid$target:a.out:within:return {
//     @ids[args[1].v[0]] = sum(args[1].v[2]);
//     below = args[1].v[1];
// }
// pid$target:a.out:five:return { c = args[1].c[0] * 1000 + args[1].c[4]; }
// pid$target:a.out:five:return { this->five = args[1]; again = this->five.c[3]; }
// pid$target:a.out:busy:return {
//     @n[args[1].n[4]] = sum(args[1].n[0] * 10000 + args[1].n[2]);
// }
// >>> json
// {"below": 3, "c": 4008, "again": 7,
//  "@ids": [{"key": [0], "value": 0}, {"key": [1], "value": 4},
//           {"key": [2], "value": 9}, {"key": [4], "value": 10},
//           {"key": [3], "value": 12}],
//  "@n": [{"key": [30], "value": -3030303}, {"key": [0], "value": 0}]}
