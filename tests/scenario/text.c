// What dtrace(1) prints of aggregations when it ends.
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    for (int i = 0; i < 6; i++)
        work(i / 2 * 100);
    return 0;
}
// >>> script
// pid$target:a.out:work:entry {
//   @a = count();
//   @b[arg0] = sum(arg0);
//   @c["string", 2] = count();
// }
// >>> text
//
//                 6
//                 0                0
//               100              200
//               200              400
//   string                                                    2                6
