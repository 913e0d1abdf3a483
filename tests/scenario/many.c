// More keys than a table begins with; long runs of one key.
#include "scenario.h"

PROBED int work(long n, long key) { return n != key; }

int main(void) {
    for (long i = 0; i < 100000; i++)
        work(i, i * 7919 % 20011);
    return 0;
}
// >>> script
// int mine;
// pid$target:a.out:work:entry { @keys[arg1] = count(); @n = count(); }
// pid$target:a.out:work:entry /arg1 == 12345/ { mine++; }
// >>> json
// {"mine": 5, "@keys": "...", "@n": 100000}
