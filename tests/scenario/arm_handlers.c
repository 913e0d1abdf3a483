// The way back from handlers as the C library has it in both instruction sets,
// with and without information: a stack goes on behind it.
#include "scenario.h"

#include <signal.h>
#include <string.h>

PROBED int f(int n) {
    return n + 1;
}

static volatile int sum;

static void plain(int signal) {
    sum += f(signal);
}

static void with_info(int signal, siginfo_t *info, void *context) {
    sum += f(signal + (info == context));
}

int main(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = with_info;
    action.sa_flags = SA_SIGINFO;
    signal(SIGUSR1, plain);
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR1);
    raise(SIGUSR2);
    return sum != 24;
}
// >>> builds
// static-arm
// >>> script
// pid$target:a.out:f:entry { @ = count(); @past_the_handler = sum(ustackdepth > 3); }
// >>> json
// {"@": 2, "@past_the_handler": 2}
