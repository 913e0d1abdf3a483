// A new thread's variables are zero, though its control block lies where that
// of one lay that has ended.
#include "scenario.h"

#include <pthread.h>

PROBED int visit(int n) { return n; }

static void *run(void *argument) {
    visit((int)(long)argument);
    visit((int)(long)argument);
    return 0;
}

int main(void) {
    for (long i = 1; i <= 20; i++) {
        pthread_t thread;
        pthread_create(&thread, 0, run, (void *)i);
        pthread_join(thread, 0);
    }
    return 0;
}
// >>> script
// int seen, stale, kept;
// self int last;
// pid$target:a.out:visit:entry /self->last == arg0/ { kept++; }
// pid$target:a.out:visit:entry /self->last && self->last != arg0/ { stale++; }
// pid$target:a.out:visit:entry { seen++; self->last = arg0; }
// >>> json
// {"seen": 40, "stale": 0, "kept": 20}
