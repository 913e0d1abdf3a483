// Threads that end are not the end.
#include <pthread.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

static void *thread(void *unused) {
    work(1);
    return unused;
}

int main(void) {
    for (int i = 0; i < 2; i++) {
        pthread_t other;
        if (pthread_create(&other, 0, thread, 0) != 0)
            return 1;
        pthread_join(other, 0);
    }
    return work(-1);
}
// >>> cflags
// -pthread
// >>> script
// int calls, at_end;
// pid$target:a.out:work:entry { calls++; }
// END { at_end = calls; }
// >>> json
// {"calls": 3, "at_end": 3}
