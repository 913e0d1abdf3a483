// if and else, nested and chained; clauses of one probe in their order.
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    for (int i = 0; i < 10; i++)
        work(i);
    return 0;
}
// >>> script
// int low, middle, high_odd, high_even, order;
// pid$target:a.out:work:entry {
//   if (arg0 < 3) { low++; } else if (arg0 < 6) { middle++; }
//   else { if (arg0 & 1) high_odd++; else high_even++; }
//   order = order * 2;
// }
// pid$target:a.out:work:entry { order = order + 1; }
// >>> json
// {"low": 3, "middle": 3, "high_odd": 2, "high_even": 2, "order": 1023}
