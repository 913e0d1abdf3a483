// Linear distributions with both open ends.
#include "scenario.h"

PROBED long work(long n) { return n; }

int main(void) {
    for (long i = -3; i < 25; i++)
        work(i);
    return 0;
}
// >>> script
// pid$target:a.out:work:entry {
//   @a = lquantize(arg0, 0, 20, 5);
//   @b = lquantize(arg0, 0, 3);
//   @c = lquantize(arg0, 0, 20, 10, 2);
// }
// >>> json
// {"@a": [{"min": -9223372036854775808, "max": -1, "count": 3},
//         {"min": 0, "max": 4, "count": 5}, {"min": 5, "max": 9, "count": 5},
//         {"min": 10, "max": 14, "count": 5},
//         {"min": 15, "max": 19, "count": 5},
//         {"min": 20, "max": 9223372036854775807, "count": 5}],
//  "@b": [{"min": -9223372036854775808, "max": -1, "count": 3},
//         {"min": 0, "max": 0, "count": 1}, {"min": 1, "max": 1, "count": 1},
//         {"min": 2, "max": 2, "count": 1},
//         {"min": 3, "max": 9223372036854775807, "count": 22}],
//  "@c": [{"min": -9223372036854775808, "max": -1, "count": 6},
//         {"min": 0, "max": 9, "count": 20},
//         {"min": 10, "max": 19, "count": 20},
//         {"min": 20, "max": 9223372036854775807, "count": 10}]}
