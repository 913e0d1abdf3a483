// longjmp leaves functions without returning from them.
#include <setjmp.h>
#include <stdio.h>
#include "scenario.h"

static jmp_buf place;
static volatile int leaves = 1; // or deep() would have no return

PROBED void deep(int n) {
    if (n == 0 && leaves)
        longjmp(place, 3);
    if (n > 0)
        deep(n - 1);
    putchar(n);
}

int main(void) {
    volatile int times = 0;
    int code = setjmp(place);
    if (code == 0 || times < 5) {
        times++;
        deep(4);
    }
    printf("%d %d\n", code, times);
    return 0;
}
// >>> script
// int entries, returns;
// pid$target:a.out:deep:entry { entries++; }
// pid$target:a.out:deep:return { returns++; }
// >>> json
// {"entries": 25, "returns": 0}
