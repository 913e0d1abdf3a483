// The program has handlers of its own for the signals that reads rely on: it
// sees what it set, they run as it wants, and reads go on.
#include "scenario.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int value = 1;
static sigjmp_buf back;
static volatile sig_atomic_t handled;
static char other_stack[1 << 16];

PROBED int work(void *at) {
    return at != NULL;
}

// Both kinds, wherever the program is.
static void both(void) {
    work(&value), work((void *)8);
}

static void crash(void) {
    *(volatile int *)16 = 1;
}

static void on_plain(int signal) {
    both();
    handled = signal;
    siglongjmp(back, 1);
}

static void on_info(int signal, siginfo_t *info, void *context) {
    char here;
    both();
    handled = signal;
    printf("at %p code %d, other stack %d, context %d\n",
           info->si_code > 0 ? info->si_addr : NULL, info->si_code,
           &here >= other_stack && &here < other_stack + sizeof other_stack,
           context != NULL);
    siglongjmp(back, 1);
}

static void show(int signal) {
    struct sigaction is;
    sigaction(signal, NULL, &is);
    printf("%d: %s flags %x mask %d\n", signal,
           is.sa_handler == SIG_DFL     ? "default"
           : is.sa_handler == SIG_IGN   ? "ignored"
           : is.sa_handler == on_plain  ? "plain"
           : is.sa_sigaction == on_info ? "info"
                                        : "strange",
           (unsigned)is.sa_flags & ~0x04000000u,
           sigismember(&is.sa_mask, SIGUSR1));
}

static void set(int signal, int flags) {
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_flags = flags;
    if (flags & SA_SIGINFO)
        action.sa_sigaction = on_info;
    else
        action.sa_handler = on_plain;
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(signal, &action, &old);
    printf("was %s, given %d\n",
           old.sa_handler == SIG_DFL ? "default" : "other",
           flags & SA_SIGINFO ? action.sa_sigaction == on_info
                              : action.sa_handler == on_plain);
    show(signal);
}

static void crash_once(int saves) {
    handled = 0;
    if (sigsetjmp(back, saves) == 0)
        crash();
    printf("handled %d\n", (int)handled);
    both();
}

int main(void) {
    stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
    show(SIGSEGV);
    show(SIGBUS);
    both();
    set(SIGSEGV, 0);
    crash_once(1);
    set(SIGSEGV, SA_SIGINFO | SA_RESTART);
    crash_once(1);
    sigaltstack(&stack, NULL);
    set(SIGSEGV, SA_SIGINFO | SA_ONSTACK);
    crash_once(1);
    set(SIGSEGV, SA_NODEFER);
    crash_once(0); // nothing is blocked by it but SIGUSR1
    crash_once(0);
    set(SIGSEGV, SA_RESETHAND);
    both(); // is no crash
    show(SIGSEGV);
    crash_once(1);
    show(SIGSEGV);
    set(SIGBUS, SA_SIGINFO);
    handled = 0;
    if (sigsetjmp(back, 1) == 0)
        kill(getpid(), SIGBUS);
    printf("handled %d\n", (int)handled);
    signal(SIGSEGV, SIG_DFL);
    show(SIGSEGV);
    signal(SIGSEGV, SIG_IGN);
    show(SIGSEGV);
    kill(getpid(), SIGSEGV);
    both();
    signal(SIGSEGV, on_plain);
    show(SIGSEGV);
    crash_once(1);
    return 0;
}
// >>> script
// pid$target:a.out:work:entry {
//   @asked = count(); @sum = sum(copyint32(arg0)); @read = count();
// }
// >>> json
// {"@asked": 36, "@sum": 18, "@read": 18}
