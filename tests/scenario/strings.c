// String variables, constant and built in; comparison by content.
#include "scenario.h"

PROBED int alpha(int n) { return n; }
PROBED int beta(int n) { return n; }

int main(void) {
    alpha(1);
    beta(2);
    return 0;
}
// >>> script
// string s, last, empty;
// BEGIN { s = "a \"quoted\" text\twith\\ everything\n"; }
// pid$target:a.out:alpha:entry, pid$target:a.out:beta:entry
// { last = probefunc; }
// pid$target:a.out:beta:entry {
//   equal = last == "beta"; less = "abc" < "abd"; longer = "ab" < "a";
//   choice = arg0 == 2 ? "two" : "other";
// }
// >>> json
// {"s": "a \"quoted\" text\twith\\ everything\n", "last": "beta", "empty": "",
//  "equal": 1, "less": 1, "longer": 0, "choice": "two"}
