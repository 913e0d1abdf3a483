// Parent and children count into the same file, exactly.
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

static void count(void) {
    for (int i = 0; i < 500000; i++)
        work(i);
}

int main(void) {
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            count();
            _exit(0);
        }
    count();
    while (wait(0) > 0)
        ;
    return 0;
}
// >>> script
// pid$target:a.out:work:entry { @ = count(); @key[arg0 % 2] = count(); }
// >>> json
// {"@": 2000000, "@key": [{"key": [0], "value": 1000000},
//                         {"key": [1], "value": 1000000}]}
