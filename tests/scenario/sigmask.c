// Signal mask, errno, environment and arguments are the program's own.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"

extern char **environ;
PROBED int work(int n) { return errno; }
static void *thread(void *unused) {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    for (int i = 1; i < 32; i++)
        putchar('0' + sigismember(&mask, i));
    return unused;
}

int main(int argc, char **argv) {
    sigset_t mask;
    pthread_t other;
    errno = 77;
    printf("%d\n", work(0));
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    for (int i = 0; i < argc; i++)
        puts(argv[i]);
    size_t bytes = 0;
    for (char **e = environ; *e; e++)
        bytes += strlen(*e);
    printf("%zu %d\n", bytes, errno);
    return 0;
}
// >>> args
// one two three
// >>> cflags
// -pthread
// >>> script
// pid$target:a.out:work:entry { @ = count(); started = timestamp != 0; }
// >>> json
// {"started": 1, "@": 1}
