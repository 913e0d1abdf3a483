// However a program ends, the file has what was counted until then.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

int main(void) {
    for (int i = 0; i < 1000; i++)
        work(i);
    *(volatile int *)0 = 1;
    return work(0);
}
// >>> script
// pid$target:a.out:work:entry { @ = count(); @last = max(arg0); }
// >>> json
// {"@": 1000, "@last": 999}
