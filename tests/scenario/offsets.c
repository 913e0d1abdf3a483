// A probe on every instruction of a function: it does what it did.
#include <stdio.h>
#include "scenario.h"

PROBED double mix(const char *s, double x, int n) {
    double sum = 0;
    for (int i = 0; s[i]; i++) {
        switch ((s[i] + n) % 6) {
        case 0: sum += x; break;
        case 1: sum *= 1.5; break;
        case 2: sum -= n; break;
        case 3: sum += s[i] / x; break;
        case 4: sum = -sum; break;
        default: sum += i;
        }
    }
    return sum;
}

int main(void) {
    for (int i = 0; i < 9; i++)
        printf("%.17g\n", mix("the quick brown fox", 1.25, i));
    return 0;
}
// >>> script
// int entries, returns, zeros;
// pid$target:a.out:mix: { @all = count(); }
// pid$target:a.out:mix:entry { entries++; }
// pid$target:a.out:mix:return { returns++; }
// pid$target:a.out:mix:0 { zeros++; }
// >>> options -Z
// >>> json
// {"entries": 9, "returns": 9, "zeros": 9, "@all": "..."}
