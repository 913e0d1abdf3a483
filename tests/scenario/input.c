// Input, output and buffering as before; a switch over every kind of byte.
#include <ctype.h>
#include <stdio.h>
#include "scenario.h"

PROBED int kind(int c) {
    switch (c) {
    case 'a': return 1;
    case 'b': return 2;
    case 'c': return 3;
    case 'd': return 4;
    case 'e': return 5;
    case 'f': return 6;
    case ' ': return 7;
    case '\n': return 8;
    default: return isdigit(c) ? 9 : 10;
    }
}

int main(void) {
    int c, sum = 0;
    while ((c = getchar()) != EOF)
        sum = sum * 3 + kind(c);
    printf("%d\n", sum);
    fprintf(stderr, "done\n");
    return sum & 63;
}
// >>> stdin
// abc def 0123
// fed! xyz
// >>> cflags
// -fwrapv
// >>> script
// pid$target:a.out:kind:return { @[(int)arg1] = count(); }
// pid$target:a.out:kind:entry { @calls = count(); }
// >>> json
// {"@": [{"key": [1], "value": 1}, {"key": [2], "value": 1},
//   {"key": [3], "value": 1}, {"key": [4], "value": 2}, {"key": [5], "value": 2},
//   {"key": [6], "value": 2}, {"key": [8], "value": 2}, {"key": [7], "value": 3},
//   {"key": [9], "value": 4}, {"key": [10], "value": 4}], "@calls": 22}
