// Threads and handlers that run with all signals blocked: a bad address must
// not be the end of the program then.
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int value = 1;

PROBED int work(void *at) {
    return at != NULL;
}

static void both(void) {
    work(&value), work((void *)8);
}

static sigset_t all_but(int signal) {
    sigset_t set;
    sigfillset(&set);
    if (signal)
        sigdelset(&set, signal);
    return set;
}

static void on_signal(int signal) {
    (void)signal;
    both();
}

static void *thread(void *how) {
    sigset_t all = all_but(0);
    both();
    if (how)
        pthread_sigmask(SIG_SETMASK, &all, NULL);
    both();
    return NULL;
}

static void threads(void) {
    sigset_t all = all_but(0), old;
    pthread_t ids[4];
    for (int i = 0; i < 4; i++) {
        if (i == 2)
            pthread_sigmask(SIG_SETMASK, &all, &old); // the rest inherit it
        pthread_create(&ids[i], NULL, thread, i & 1 ? &value : NULL);
        pthread_join(ids[i], NULL);
    }
    both();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    both();
}

static void handlers(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    struct sigaction is;
    sigaction(SIGUSR1, NULL, &is);
    printf("mine %d mask %d flags %x\n", is.sa_handler == on_signal,
           sigismember(&is.sa_mask, SIGSEGV),
           (unsigned)is.sa_flags & ~0x04000000u);
    both();
    raise(SIGUSR1);
    both();
}

// What is pending comes while the mask given is in force.
static void waits(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t mask = all_but(SIGUSR1), all = all_but(0), none;
    sigemptyset(&none);
    sigaction(SIGUSR1, &action, NULL);
    for (int i = 0; i < 3; i++) {
        sigprocmask(SIG_BLOCK, &(sigset_t){0}, NULL);
        sigset_t usr1;
        sigemptyset(&usr1);
        sigaddset(&usr1, SIGUSR1);
        sigprocmask(SIG_SETMASK, &usr1, NULL);
        both();
        raise(SIGUSR1);
        struct timespec second = {1, 0};
        int result = i == 0   ? sigsuspend(&mask)
                     : i == 1 ? ppoll(NULL, 0, &second, &mask)
                              : pselect(0, NULL, NULL, NULL, &second, &mask);
        printf("%d %d\n", result, errno == EINTR);
        both();
    }
    // And the other way: open only while it waits.
    sigprocmask(SIG_SETMASK, &all, NULL);
    raise(SIGUSR1);
    sigsuspend(&none);
    both();
    sigprocmask(SIG_SETMASK, &none, NULL);
    both();
}

static void children(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        both();
        _exit(3);
    }
    waitpid(child, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
    sigset_t all = all_but(0), old;
    sigprocmask(SIG_SETMASK, &all, &old);
    child = fork();
    if (child == 0) {
        both();
        sigprocmask(SIG_SETMASK, &old, NULL);
        both();
        _exit(4);
    }
    waitpid(child, &status, 0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("child %d\n", WEXITSTATUS(status));
    both();
}

int main(void) {
    threads();
    handlers();
    waits();
    children();
    return 0;
}
// >>> machines
// none: qemu has no process_vm_readv
// >>> script
// pid$target:a.out:work:entry {
//   @asked = count(); @sum = sum(copyint32(arg0)); @read = count();
// }
// >>> json
// {"@asked": 58, "@sum": 29, "@read": 29}
// >>> libs
// -lpthread
