// Smallest and largest numbers through every function.
#include <limits.h>
#include "scenario.h"

PROBED long work(long n) { return n; }

int main(void) {
    work(LONG_MAX);
    work(LONG_MIN);
    work(0);
    return 0;
}
// >>> machines
// aarch64 riscv64
// >>> script
// pid$target:a.out:work:entry {
//   @min = min(arg0); @max = max(arg0); @sum = sum(arg0);
//   @each[arg0] = min(arg0);
//   @q = quantize(arg0);
// }
// >>> json
// {"@min": -9223372036854775808, "@max": 9223372036854775807, "@sum": -1,
//  "@each": [{"key": [-9223372036854775808], "value": -9223372036854775808},
//            {"key": [0], "value": 0},
//            {"key": [9223372036854775807], "value": 9223372036854775807}],
//  "@q": "..."}
