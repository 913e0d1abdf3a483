// A fault in probed code, handled on another stack, left by siglongjmp.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include "scenario.h"

static sigjmp_buf place;
static char stack[65536];

PROBED int touch(volatile int *p) { return *p; }
PROBED void handle(int sig, siginfo_t *info, void *context) {
    printf("signal %d at %p\n", sig, info->si_addr);
    siglongjmp(place, 1);
}

int main(void) {
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = handle,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&other, 0);
    sigaction(SIGSEGV, &action, 0);
    int caught = 0, here = 5;
    for (int i = 0; i < 4; i++) {
        if (sigsetjmp(place, 1) == 0)
            touch((volatile int *)16);
        else
            caught++;
    }
    return caught != 4 || touch(&here) != 5;
}
// >>> cflags
// -O0
// >>> script
// int entries, returns, handled;
// pid$target:a.out:touch:entry { entries++; }
// pid$target:a.out:touch:return { returns++; }
// pid$target:a.out:handle:entry { handled++; }
// >>> json
// {"entries": 5, "returns": 1, "handled": 4}
