// The smallest useful script: how often is a function called?
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

int main(void) {
    int sum = 0;
    for (int i = 0; i < 1000; i++)
        sum = work(sum);
    return sum != 1000;
}
// >>> script
// int calls;
// pid$target:a.out:work:entry { @ = count(); calls = calls + 1; }
// pid$target:a.out:work:return { @returns = count(); }
// >>> json
// {"calls": 1000, "@": 1000, "@returns": 1000}
