// How deep the stack is, held against what the compiler's own library says;
// without frame pointers, through the C library and a signal's frame.
#include "scenario.h"

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int differences;

// `depth` is that of the caller as backtrace() counts it.
PROBED int leaf(int depth) {
    return depth + 1;
}

PROBED void look(void) {
    void *frames[200];
    differences += leaf(backtrace(frames, 200)) < 0;
}

PROBED int deep(int n) {
    if (n == 0)
        look();
    else
        deep(n - 1);
    return n + differences;
}

PROBED int with_array(int n) {
    volatile char bytes[n * 16 + 1];
    bytes[n] = (char)n;
    look();
    return bytes[n];
}

static int order(const void *a, const void *b) {
    look();
    return *(const int *)a - *(const int *)b;
}

static void on_signal(int signal) {
    if (signal)
        look();
}

int main(void) {
    int values[] = {3, 1, 2};
    for (int i = 0; i < 40; i += 7)
        deep(i);
    for (int i = 0; i < 5; i++)
        with_array(i);
    qsort(values, 3, sizeof *values, order);
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    // Where a fault would end the program memory is read in another way.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int i = 0; i < 40; i += 13)
        deep(i);
    with_array(70);
    return values[0] - 1 + differences;
}
// >>> machines
// aarch64 arm riscv64
// >>> script
// pid$target:a.out:leaf:entry {
//   @asked = count(); @less = min(ustackdepth - arg0);
//   @more = max(ustackdepth - arg0);
// }
// >>> json
// {"@asked": 20, "@less": 1, "@more": 1}
// >>> builds
// pie nopie debug
// >>> machines
// aarch64 riscv64
