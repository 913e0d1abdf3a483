// Every assignment operator, and ++ and -- on both sides.
#include "scenario.h"

PROBED long work(long a) { return a; }

int main(void) {
    work(5);
    work(6);
    return 0;
}
// >>> script
// long a, b, c, d, e, f, g, h, i, j, before, after;
// pid$target:a.out:work:entry {
//   a += arg0; b -= arg0; c = 100; c *= arg0; d = 100; d /= arg0;
//   e = 100; e %= arg0; f = 1; f <<= arg0; g = 1024; g >>= arg0;
//   h = 12; h &= arg0; i = 12; i |= arg0; j = 12; j ^= arg0;
//   before = ++a; after = b--; a--;
// }
// >>> json
// {"a": 11, "b": -13, "c": 600, "d": 16, "e": 4, "f": 64, "g": 16, "h": 4,
//  "i": 14, "j": 10, "before": 12, "after": -12}
