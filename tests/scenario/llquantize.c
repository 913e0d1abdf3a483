// Log-linear distributions: ten steps to every power of ten.
#include "scenario.h"

PROBED long work(long n) { return n; }

int main(void) {
    static const long values[] = {1, 5, 9, 10, 19, 20, 99, 100, 150, 999, 1000};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
        work(values[i]);
    return 0;
}
// >>> script
// pid$target:a.out:work:entry { @ = llquantize(arg0, 10, 0, 2, 10); }
// >>> json
// {"@": [{"min": 1, "max": 1, "count": 1}, {"min": 5, "max": 5, "count": 1},
//        {"min": 9, "max": 9, "count": 1}, {"min": 10, "max": 19, "count": 2},
//        {"min": 20, "max": 29, "count": 1}, {"min": 90, "max": 99, "count": 1},
//        {"min": 100, "max": 199, "count": 2},
//        {"min": 900, "max": 999, "count": 1},
//        {"min": 1000, "max": 9223372036854775807, "count": 1}]}
