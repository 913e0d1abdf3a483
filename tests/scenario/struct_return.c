// Large results by a hidden pointer, small ones in two registers.
#include "scenario.h"

struct large { long values[9]; };
struct pair { long a, b; };

PROBED struct large make(long n) {
    struct large result = {{n, n + 1, n + 2}};
    return result;
}
PROBED struct pair split(long n) { return (struct pair){n / 10, n % 10}; }

int main(void) {
    struct large l = make(5);
    struct pair p = split(73);
    return l.values[2] != 7 || p.a != 7 || p.b != 3;
}
// >>> machines
// none: where the address of a large result goes is each ABI's own
// >>> script
// pid$target:a.out:make:entry { n = arg1; where = arg0; }
// pid$target:a.out:make:return { same = arg1 == where; }
// pid$target:a.out:split:return { first = arg1; }
// >>> json
// {"n": 5, "where": "...", "same": 1, "first": 7}
