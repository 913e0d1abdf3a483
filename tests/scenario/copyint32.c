// Reading the program's memory.
#include "scenario.h"

static int values[3] = {10, -20, 30};

PROBED int work(int *p) { return *p; }

int main(void) {
    return work(values) + work(values + 1) + work(values + 2) - 20;
}
// >>> script
// pid$target:a.out:work:entry {
//   @sum = sum(copyint32(arg0)); @min = min(copyint32(arg0));
// }
// >>> json
// {"@sum": 20, "@min": -20}
