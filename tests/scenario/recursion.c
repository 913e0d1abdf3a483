// Counts calls by argument, in a function that calls itself.
#include "scenario.h"

PROBED int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(void) {
    return fib(10) != 55;
}
// >>> cflags
// -fno-optimize-sibling-calls
// >>> script
// int depth;
// pid$target:a.out:fib:entry { @[(int)arg0] = count(); depth++; }
// pid$target:a.out:fib:return { depth--; @returns = count(); }
// >>> json
// {"depth": 0, "@": [{"key": [9], "value": 1}, {"key": [10], "value": 1},
//   {"key": [8], "value": 2}, {"key": [7], "value": 3}, {"key": [6], "value": 5},
//   {"key": [5], "value": 8}, {"key": [4], "value": 13},
//   {"key": [3], "value": 21}, {"key": [0], "value": 34},
//   {"key": [2], "value": 34}, {"key": [1], "value": 55}],
//  "@returns": 177}
