// A forked child is a process of its own: it begins without the variables of
// its parent's thread, and what it records does not meddle with the parent's.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

static void generation(int n) {
    int status;
    work(10 * n);
    work(10 * n + 1);
    if (n == 4)
        return;
    pid_t child = fork();
    if (child == 0) {
        generation(n + 1);
        _exit(0);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        exit(1);
    work(10 * n + 2);
}

int main(void) {
    generation(1);
    return 0;
}
// >>> script
// #pragma D option quiet
// pid$target:a.out:work:entry {
//   self->calls++;
//   printf("%d is call %d of %s\n", arg0, self->calls,
//          strjoin("a process ", "of its own"));
//   @[pid] = count();
// }
// END { printf("call %d at the end\n", self->calls); trunc(@); }
// >>> text
// 10 is call 1 of a process of its own
// 11 is call 2 of a process of its own
// 20 is call 1 of a process of its own
// 21 is call 2 of a process of its own
// 30 is call 1 of a process of its own
// 31 is call 2 of a process of its own
// 40 is call 1 of a process of its own
// 41 is call 2 of a process of its own
// 32 is call 3 of a process of its own
// 22 is call 3 of a process of its own
// 12 is call 3 of a process of its own
// call 3 at the end
