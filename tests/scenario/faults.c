// A division by zero ends the clause, not the program.
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    work(2);
    work(0);
    work(5);
    return 0;
}
// >>> script
// int before, after, next;
// pid$target:a.out:work:entry { before++; quotient = 100 / (int)arg0; after++; }
// pid$target:a.out:work:entry { next++; }
// >>> json
// {"before": 3, "after": 2, "next": 3, "quotient": 20}
