// Arithmetic on arguments in registers beside arguments on the stack: what the
// stack is read by is not overwritten before.
#include "scenario.h"

PROBED int work(int a, int b, int c, int d, int e, int f, int g, int h, int i,
                int j) {
    return a + b + c + d + e + f + g + h + i + j;
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < 10; i++)
        sum += work(i * 7, 1, 2, 3, i, 5, 6, 7, i * 2, i * 3);
    return sum == 0;
}
// >>> script
// pid$target:a.out:work:entry {
//     @steps = lquantize((int)arg0, 0, 100, 50);
//     @tenths = sum((int)arg0 / 10 + (int)arg9); @late = sum((int)arg4);
//     @last = max((int)arg0 * 100 / 7 + (int)arg8 - (int)arg0 % 13);
// }
// >>> json
// {"@steps": [{"min": 0, "max": 49, "count": 8},
//             {"min": 50, "max": 99, "count": 2}],
//  "@tenths": 162, "@late": 45, "@last": 907}
