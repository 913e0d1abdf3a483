// Four threads count a million each; nothing is lost.
#include <pthread.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

static void *count(void *unused) {
    for (int i = 0; i < 1000000; i++)
        work(i);
    return unused;
}

int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], 0, count, 0) != 0)
            return 1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], 0);
    return 0;
}
// >>> cflags
// -pthread
// >>> script
// pid$target:a.out:work:entry {
//   @ = count(); @named[probefunc] = sum(2); @low[arg0 & 1] = count();
//   @q = quantize(arg0 & 1);
// }
// pid$target:a.out:work:entry { @average = avg(arg0); @largest = max(arg0); }
// >>> json
// {"@": 4000000, "@named": [{"key": ["work"], "value": 8000000}],
//  "@low": [{"key": [0], "value": 2000000}, {"key": [1], "value": 2000000}],
//  "@q": [{"min": 0, "max": 0, "count": 2000000},
//         {"min": 1, "max": 1, "count": 2000000}],
//  "@average": 499999, "@largest": 999999}
