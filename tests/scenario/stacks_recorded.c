// Stacks in records: the same in either byte order, through the frames of
// handlers of both kinds.
#include "scenario.h"

#include <signal.h>
#include <string.h>

PROBED int f(int n) {
    return n + 1;
}

static void plain(int signal) {
    f(signal);
}

static void with_info(int signal, siginfo_t *info, void *context) {
    f(signal + (info == context));
}

// Two frames more than where the signal is raised, if all are found.
PROBED int outer(int number) {
    f(number);
    return raise(number);
}

int main(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = with_info;
    action.sa_flags = SA_SIGINFO;
    signal(SIGUSR1, plain);
    sigaction(SIGUSR2, &action, NULL);
    outer(SIGUSR1);
    outer(SIGUSR2);
    return 0;
}
// >>> script
// #pragma D option quiet
// pid$target:a.out:outer:entry { depth = ustackdepth; }
// pid$target:a.out:f:entry {
//   printf("%d %s", arg0, ustackdepth > depth + 2 ? "handler" : "caller");
//   ustack(1);
// }
// >>> text
// 10 caller
//               program`f
// 10 handler
//               program`f
// 12 caller
//               program`f
// 12 handler
//               program`f
// >>> builds
// pie nopie debug static static-pie
// >>> machines
// aarch64 ppc32, not that of ARM: handlers interrupt a system call that was
// moved, and its tables tell nothing of added code
