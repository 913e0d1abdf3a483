// vfork and exec: the child runs on the parent's stack, then another program.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

int main(void) {
    int status;
    for (int i = 0; i < 5; i++) {
        pid_t child = vfork();
        if (child == 0) {
            work(i);
            execl("/bin/echo", "echo", "from the child", (char *)0);
            _exit(127);
        }
        work(i);
        if (waitpid(child, &status, 0) != child || status != 0)
            return 1;
    }
    return 0;
}
// >>> script
// pid$target:a.out:work:entry { @ = count(); }
// >>> json
// {"@": 10}
