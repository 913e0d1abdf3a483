// exit() ends the tracing, not the program: the rest of its clause still runs,
// later clauses and probes do not, END does.
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    for (int i = 1; i <= 10; i++)
        work(i);
    return 3;
}
// >>> script
// int calls, later, ended;
// pid$target:a.out:work:entry { calls++; }
// pid$target:a.out:work:entry /arg0 == 4/ { exit(5); rest = 1; }
// pid$target:a.out:work:entry { later++; }
// END { ended++; }
// >>> json
// {"calls": 4, "later": 3, "ended": 1, "rest": 1}
