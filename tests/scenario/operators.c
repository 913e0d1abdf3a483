// Every operator of C on integers, with numbers the compiler does not know.
#include "scenario.h"

PROBED long work(long a, long b) { return a + b; }

int main(void) {
    return (int)work(100, 7) - 107;
}
// >>> script
// long add, subtract, multiply, divide, modulo, left, right, and, or, xor;
// long minus, complement, not, less, more, at_most, at_least, equal, unequal;
// long both, either, one, choice, comma;
// pid$target:a.out:work:entry {
//   add = arg0 + arg1; subtract = arg1 - arg0; multiply = arg0 * arg1;
//   divide = arg0 / arg1; modulo = arg0 % arg1;
//   left = arg0 << arg1; right = arg0 >> 2;
//   and = arg0 & arg1; or = arg0 | arg1; xor = arg0 ^ arg1;
//   minus = -arg0; complement = ~arg0; not = !arg0;
//   less = arg0 < arg1; more = arg0 > arg1;
//   at_most = arg0 <= 100; at_least = arg1 >= 8;
//   equal = arg0 == 100; unequal = arg0 != 100;
//   both = arg0 && arg1; either = !arg0 || !arg1; one = arg0 ^^ arg1;
//   choice = arg0 > arg1 ? 11 : 22;
//   comma = (arg0, arg1);
// }
// >>> json
// {"add": 107, "subtract": -93, "multiply": 700, "divide": 14, "modulo": 2,
//  "left": 12800, "right": 25, "and": 4, "or": 103, "xor": 99, "minus": -100,
//  "complement": -101, "not": 0, "less": 0, "more": 1, "at_most": 1,
//  "at_least": 0, "equal": 1, "unequal": 0, "both": 1, "either": 0, "one": 0,
//  "choice": 11, "comma": 7}
