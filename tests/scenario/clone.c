// Threads made without a library: the raw system call, from hand-written code.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

static int child(void *unused) {
    for (int i = 0; i < 300000; i++)
        work(i);
    return 0;
}

int main(void) {
    for (int i = 0; i < 3; i++) {
        char *stack = malloc(65536);
        if (clone(child, stack + 65536, CLONE_VM | CLONE_FS | SIGCHLD, 0) < 0)
            return 1;
    }
    for (int i = 0; i < 100000; i++)
        work(i);
    while (wait(0) > 0)
        ;
    return 0;
}
// >>> machines
// none: qemu has no children with our memory that are no threads
// >>> script
// pid$target:a.out:work:entry { @ = count(); }
// >>> json
// {"@": 1000000}
