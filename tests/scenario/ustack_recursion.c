// Every further call makes the stack one deeper, in every kind of build, with
// frames of odd sizes and none of a frame pointer's.
#include "scenario.h"

PROBED int leaf(int depth) {
    return depth + 1;
}

PROBED int small(int n, int depth);

PROBED int large(int n, int depth) {
    volatile char bytes[1000];
    bytes[n] = (char)n;
    return n == 0 ? leaf(depth) : small(n - 1, depth + 1) + bytes[n];
}

PROBED int small(int n, int depth) {
    volatile int here = n;
    return (n % 3 == 0 ? large(n, depth + 1) : small(n - 1, depth + 1)) + here;
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < 60; i++)
        sum += small(i, 1) > 0;
    return sum != 60;
}
// >>> script
// int first;
// pid$target:a.out:leaf:entry /first == 0/ { first = ustackdepth - arg0; }
// pid$target:a.out:leaf:entry {
//   @asked = count(); @wrong = sum(ustackdepth - arg0 != first);
//   @deepest = max(arg0);
// }
// >>> json
// {"first": "...", "@asked": 60, "@wrong": 0, "@deepest": 80}
// >>> cflags
// -funwind-tables
