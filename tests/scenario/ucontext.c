// Coroutines: several stacks, entered and left in turn.
#include <stdio.h>
#include <ucontext.h>
#include "scenario.h"

static ucontext_t back, coroutine;
static char stack[65536];

PROBED int step(int n) {
    swapcontext(&coroutine, &back);
    return n + 1;
}
static void run(void) {
    int n = 0;
    for (int i = 0; i < 10; i++)
        n = step(n);
    printf("%d\n", n);
}

int main(void) {
    getcontext(&coroutine);
    coroutine.uc_stack.ss_sp = stack;
    coroutine.uc_stack.ss_size = sizeof stack;
    coroutine.uc_link = &back;
    makecontext(&coroutine, run, 0);
    for (int i = 0; i < 11; i++)
        swapcontext(&back, &coroutine);
    return 0;
}
// >>> builds
// pie nopie debug static static-pie
// >>> script
// int entries, returns;
// pid$target:a.out:step:entry { entries++; }
// pid$target:a.out:step:return { returns++; }
// >>> json
// {"entries": 10, "returns": 10}
