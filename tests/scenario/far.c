// Zeroed data between the code and what is added to it: farther than a jump
// leads that leaves all registers alone, on machines where instructions are
// short.
#include "scenario.h"

#include <stdio.h>
#include <string.h>

static char between[300 << 20];

PROBED long mix(long a, long b, long c, long d) {
    a = (a ^ b) * 31 + c;
    b = (b ^ c) * 37 + d;
    c = (c ^ d) * 41 + a;
    return (a + b) * (c - d) + (a & b) - (c | d);
}

PROBED long fill(char *to, long n) {
    for (long i = 0; i < n; i++)
        to[i] = (char)mix(i, n, to[i], 3);
    return mix(to[0], to[n / 2], to[n - 1], n);
}

PROBED long recursive(long n) {
    return n < 2 ? mix(n, 1, 2, 3) : recursive(n - 1) + recursive(n - 2);
}

int main(void) {
    long sum = 0;
    for (long i = 0; i < 5; i++)
        sum += fill(between + (i << 25), 10 + i) + recursive(i);
    printf("%ld %zu\n", sum, strlen(between));
    return 0;
}

// >>> builds
// static-aarch64
// static-arm
// static-ppc32
// static-riscv64
// >>> script
// pid$target:a.out:mix:entry,pid$target:a.out:fill:entry,
// pid$target:a.out:recursive:entry
// {
//     @[probefunc] = count();
//     self->last = arg1;
// }
// pid$target:a.out:mix:entry
// {
//     @sum = sum(arg0 + self->last);
// }
// >>> text
//
//   fill                                                              5
//   recursive                                                        12
//   mix                                                              77
//              2349
