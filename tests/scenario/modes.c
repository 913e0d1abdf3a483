// Functions in both encodings of one machine call each other; switches,
// returns under a condition and their values in each.
#include "scenario.h"

#include <stdio.h>

#ifdef __thumb__
#define OTHER __attribute__((target("arm")))
#elif defined __arm__
#define OTHER __attribute__((target("thumb")))
#else
#define OTHER // there is one
#endif

PROBED int choose(int n) {
    switch (n) {
    case 0: return 5;
    case 1: return 9;
    case 2: return -3;
    case 3: return 77;
    case 4: puts("four"); return 1;
    case 5: return 12;
    default: return 0;
    }
}

PROBED OTHER int other_choose(int n) {
    switch (n) {
    case 0: return 5;
    case 1: return 9;
    case 2: return -3;
    case 3: return 77;
    case 4: puts("four"); return 1;
    case 5: return 12;
    default: return 0;
    }
}

PROBED int order(int a, int b) {
    if (a > b)
        return 1;
    if (a == b)
        return a * 7;
    return b - a + other_choose(a & 7);
}

PROBED OTHER int other_order(int a, int b) {
    if (a > b)
        return 1;
    if (a == b)
        return a * 7;
    return b - a + choose(a & 7);
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < 40; i++)
        sum += order(i % 9, i % 5) + other_order(i % 9, i % 5) + choose(i % 7) -
               other_choose(i % 7);
    printf("%d\n", sum);
    return 0;
}
// >>> builds
// static
// >>> script
// int entries, others, sum, other_sum;
// pid$target:a.out:choose:entry { entries++; }
// pid$target:a.out:other_choose:entry { others++; }
// pid$target:a.out:choose:return { sum += (int)arg1; }
// pid$target:a.out:other_choose:return { other_sum += (int)arg1; }
// pid$target:a.out:order:return { @order = sum((int)arg1); }
// pid$target:a.out:other_order:return { @other_order = sum((int)arg1); }
// >>> json
// {"entries": 50, "others": 50, "sum": 712, "other_sum": 712, "@order": 233,
// "@other_order": 233}
