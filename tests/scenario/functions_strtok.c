// strtok() goes on where it was, from clause to clause and probe to probe, for
// each thread by itself.
#include <pthread.h>

#include "scenario.h"

PROBED int begin(int thread) { return thread; }
PROBED int more(int thread) { return thread; }

static void *run(void *arg) {
    (void)arg;
    begin(1);
    more(1);
    return 0;
}

int main(void) {
    pthread_t thread;
    begin(0);
    pthread_create(&thread, 0, run, 0);
    pthread_join(thread, 0);
    more(0);
    return 0;
}
// >>> script
// pid$target:a.out:begin:entry /arg0 == 0/ {
//   a = strtok(",,one,two;three", ",");
// }
// pid$target:a.out:begin:entry /arg0 == 1/ { b = strtok("uno.due", "."); }
// pid$target:a.out:more:entry /arg0 == 1/ { c = strtok(NULL, "."); }
// pid$target:a.out:more:entry /arg0 == 0/ { d = strtok(NULL, ",;"); }
// pid$target:a.out:more:entry /arg0 == 0/ { e = strtok(NULL, ""); }
// pid$target:a.out:more:entry /arg0 == 0/ { f = strtok(NULL, "") == NULL; }
// >>> json
// {"a": "one", "b": "uno", "c": "due", "d": "two", "e": ";three", "f": 1}
// >>> cflags
// -pthread
