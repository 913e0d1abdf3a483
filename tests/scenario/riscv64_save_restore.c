// Functions that let others save their registers, which return by t0, and end
// in a jump to one that restores them and returns in their stead.
#include "scenario.h"

#include <stdio.h>

PROBED long leaf(long a) {
    return a * 3 + 1;
}

PROBED long two(long a, long b) {
    long x = leaf(a), y = leaf(b);
    return leaf(x + y) - a;
}

PROBED long many(long a, long b, long c, long d, long e, long f) {
    long g = two(a, b), h = two(c, d), i = two(e, f);
    long j = two(g, h), k = two(h, i), l = two(i, g);
    return a + b + c + d + e + f + g * h + i * j + k * l;
}

PROBED long recursive(long n) {
    return n < 2 ? n : recursive(n - 1) + recursive(n - 2);
}

int main(void) {
    for (int i = 0; i < 4; i++)
        printf("%ld %ld\n", many(i, 1, 2, 3, 4, 5), recursive(i + 2));
    return 0;
}

// >>> builds
// static-riscv64
// >>> cflags
// -Os -msave-restore
// >>> script
// pid$target:a.out:leaf:,pid$target:a.out:two:,pid$target:a.out:many:,
// pid$target:a.out:recursive:
// {
//     @all[probefunc] = count();
// }
// pid$target:a.out:leaf:entry,pid$target:a.out:two:entry,
// pid$target:a.out:many:entry,pid$target:a.out:recursive:entry
// {
//     @entries[probefunc] = count();
//     self->depth++;
// }
// pid$target:a.out:leaf:return,pid$target:a.out:two:return,
// pid$target:a.out:many:return,pid$target:a.out:recursive:return
// {
//     @returns[probefunc, self->depth] = sum(arg1);
//     self->depth--;
// }
// pid$target:a.out:__riscv_save_*:entry { @saves = count(); }
// >>> text
//
//   many                                                            168
//   recursive                                                       246
//   two                                                             312
//   leaf                                                            432
//   many                                                              4
//   recursive                                                        18
//   two                                                              24
//   leaf                                                             72
//   recursive                                                         5                1
//   recursive                                                         4                2
//   recursive                                                         3                6
//   recursive                                                         2                9
//   recursive                                                         1               11
//   two                                                               2            11748
//   leaf                                                              3            16560
//   many                                                              1          4565494
//                47
