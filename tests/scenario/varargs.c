// Variable arguments: al counts vector registers, the prologue saves them all.
#include <stdarg.h>
#include <stdio.h>
#include "scenario.h"

PROBED double total(int count, ...) {
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += i & 1 ? va_arg(list, double) : va_arg(list, int);
    va_end(list);
    return sum;
}
PROBED long double precise(long double a, float b) { return a / 3 + b; }

int main(void) {
    printf("%g\n", total(6, 1, 2.5, 3, 4.5, 5, 6.5));
    printf("%.15Lf\n", precise(1.0L, 0.5f));
    return 0;
}
// >>> script
// pid$target:a.out:total:entry { count = arg0; first = (int)arg1; }
// pid$target:a.out:total:entry, pid$target:a.out:precise:entry,
// pid$target:a.out:total:return, pid$target:a.out:precise:return
// { @[probefunc, probename] = count(); }
// >>> json
// {"count": 6, "first": 1, "@": [{"key": ["precise", "entry"], "value": 1},
//   {"key": ["precise", "return"], "value": 1},
//   {"key": ["total", "entry"], "value": 1},
//   {"key": ["total", "return"], "value": 1}]}
