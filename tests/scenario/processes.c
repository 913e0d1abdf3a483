// The provider proc: what the program's own system calls show of processes,
// threads and signals. Not --strict: musl's threads that nobody joins end
// without a stack, where no probe can be.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

static void *thread(void *argument) { return argument; }

static void handler(int number) { (void)number; }

static void child(void) {
    char *arguments[] = {"nothing", NULL};
    execv("/nonexistent/nothing", arguments);
    _exit(3);
}

static void signals(void) {
    sigset_t set;
    int number;
    signal(SIGUSR1, handler);
    signal(SIGHUP, SIG_IGN);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    kill(getpid(), SIGHUP);   // ignored
    kill(getpid(), SIGWINCH); // likewise, by default
    kill(getpid(), 0);        // none
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGHUP); // not decided yet
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR2);
    sigwait(&set, &number);
}

int main(void) {
    pthread_t id;
    for (int i = 0; i < 3; i++) {
        if (fork() == 0)
            child();
        wait(NULL);
    }
    if (vfork() == 0)
        _exit(0);
    wait(NULL);
    for (int i = 0; i < 2; i++) {
        if (pthread_create(&id, NULL, thread, NULL))
            return 1;
        pthread_join(id, NULL);
    }
    signals();
    return 0;
}
// >>> cflags
// -D_GNU_SOURCE -pthread
// >>> options
// >>> script
// proc:::exec-success { @[probename, 0] = count(); }
// proc:::create
// { @[probename, args[0]->pr_pid > 0 && args[0]->pr_ppid == pid] = count(); }
// proc:::start { @[probename, tid == pid] = count(); }
// proc:::exec { @[args[0], tid == pid] = count(); }
// proc:::exec-failure { @[probename, args[0] == -errno ? errno : -1] = count(); }
// proc:::exit { @[probename, args[0]] = count(); }
// proc:::lwp-create
// {
//     @[probename, args[1]->pr_pid == pid] = count();
//     @[probename, 2 + (args[0]->pr_lwpid == args[1]->pr_pid)] = count();
// }
// proc:::lwp-start, proc:::lwp-exit { @[probename, tid == pid] = count(); }
// proc:::signal-send /args[1]->pr_pid == pid/ { @[probename, args[2]] = count(); }
// proc:::signal-discard /args[1]->pr_pid == pid/
// { @[probename, args[2]] = count(); }
// proc:::signal-clear { @[probename, args[0]] = count(); }
// >>> json
// {"@": [{"key": ["exec-success", 0], "value": 1},
//        {"key": ["signal-clear", 12], "value": 1},
//        {"key": ["signal-discard", 1], "value": 1},
//        {"key": ["signal-discard", 28], "value": 1},
//        {"key": ["signal-send", 1], "value": 1},
//        {"key": ["signal-send", 12], "value": 1},
//        {"key": ["lwp-create", 1], "value": 2},
//        {"key": ["lwp-create", 2], "value": 2},
//        {"key": ["lwp-exit", 0], "value": 2},
//        {"key": ["lwp-start", 0], "value": 2},
//        {"key": ["signal-send", 10], "value": 2},
//        {"key": ["/nonexistent/nothing", 1], "value": 3},
//        {"key": ["exec-failure", 2], "value": 3},
//        {"key": ["create", 1], "value": 4},
//        {"key": ["lwp-create", 0], "value": 4},
//        {"key": ["lwp-create", 3], "value": 4},
//        {"key": ["lwp-start", 1], "value": 4},
//        {"key": ["start", 1], "value": 4},
//        {"key": ["exit", 1], "value": 5},
//        {"key": ["lwp-exit", 1], "value": 5}]}
