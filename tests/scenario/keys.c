// Keys known only at run time: integers, several columns, constant strings.
#include "scenario.h"

PROBED int work(int a, int b) { return a ^ b; }

int main(void) {
    int sum = 0;
    for (int i = 0; i < 12; i++)
        sum += work(i % 3, i % 2);
    return sum == 99;
}
// >>> script
// pid$target:a.out:work:entry {
//   @[arg0] = count();
//   @two[arg0, arg1] = sum(10);
//   @mixed["work", arg1, probename] = count();
//   @constant["x", 3] = count();
// }
// >>> json
// {"@": [{"key": [0], "value": 4}, {"key": [1], "value": 4},
//        {"key": [2], "value": 4}],
//  "@two": [{"key": [0, 0], "value": 20}, {"key": [0, 1], "value": 20},
//           {"key": [1, 0], "value": 20}, {"key": [1, 1], "value": 20},
//           {"key": [2, 0], "value": 20}, {"key": [2, 1], "value": 20}],
//  "@mixed": [{"key": ["work", 0, "entry"], "value": 6},
//             {"key": ["work", 1, "entry"], "value": 6}],
//  "@constant": [{"key": ["x", 3], "value": 12}]}
