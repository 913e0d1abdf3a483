// Every aggregating function of one number.
#include "scenario.h"

PROBED long work(long n) { return n; }

int main(void) {
    static const long values[] = {3, -7, 12, 0, 100, -50, 8, 6};
    long sum = 0;
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
        sum += work(values[i]);
    return sum != 72;
}
// >>> script
// pid$target:a.out:work:entry {
//   @count = count();
//   @sum = sum(arg0);
//   @min = min(arg0);
//   @max = max(arg0);
//   @avg = avg(arg0);
//   @stddev = stddev(arg0);
//   @unseen = min(5);
// }
// pid$target:a.out:work:return /arg1 == 424242/ { @never = max(arg1); }
// >>> json
// {"@count": 8, "@sum": 72, "@min": -50, "@max": 100, "@avg": 9,
//  "@stddev": 38, "@unseen": 5, "@never": "..."}
