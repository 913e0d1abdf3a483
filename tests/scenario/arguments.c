// Ten arguments: six in registers, four on the stack.
#include "scenario.h"

PROBED long work(long a, long b, long c, long d, long e, long f, long g, long h,
                 long i, long j) {
    return a + b + c + d + e + f + g + h + i + j;
}

int main(void) {
    return work(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) != 55;
}
// >>> script
// long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9;
// pid$target:a.out:work:entry {
//   a0 = arg0; a1 = arg1; a2 = arg2; a3 = arg3; a4 = arg4; a5 = arg5; a6 = arg6;
//   a7 = arg7; a8 = arg8; a9 = arg9;
// }
// >>> json
// {"a0": 1, "a1": 2, "a2": 3, "a3": 4, "a4": 5, "a5": 6, "a6": 7, "a7": 8,
//  "a8": 9, "a9": 10}
