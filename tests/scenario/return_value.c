// A return probe's arg1 is the value, arg0 where in the function it returned.
#include "scenario.h"

PROBED int work(int n) {
    if (n == 1)
        return 10;
    if (n == 2)
        return -20;
    return n * 3;
}

int main(void) {
    return work(1) + work(2) + work(7) - 11;
}
// >>> script
// int inside;
// pid$target:a.out:work:return { @[(int)arg1] = count(); inside += arg0 > 0; }
// >>> json
// {"inside": 3, "@": [{"key": [10], "value": 1}, {"key": [21], "value": 1},
//                     {"key": [-20], "value": 1}]}
