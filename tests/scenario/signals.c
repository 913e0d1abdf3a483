// A handler interrupts probed code and runs probed code.
#include <signal.h>
#include <sys/time.h>
#include "scenario.h"

static volatile int ticks, handled;

PROBED int work(int n) { return n + 1; }
PROBED void handle(int sig) {
    handled += work(sig) != 0;
    ticks++;
}

int main(void) {
    struct itimerval every = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    signal(SIGALRM, handle);
    setitimer(ITIMER_REAL, &every, 0);
    long calls = 0;
    while (ticks < 300)
        for (int i = 0; i < 1000; i++, calls++)
            work(i);
    setitimer(ITIMER_REAL, &never, 0);
    raise(SIGALRM);
    while (calls < 100000000 && calls % 4096)
        work((int)calls++);
    return handled != ticks;
}
// >>> script
// int entered, left, all;
// pid$target:a.out:handle:entry { entered++; }
// pid$target:a.out:handle:return { left++; }
// pid$target:a.out:work:entry { all++; }
// pid$target:a.out:main:return { balanced = entered == left; some = all > 300; }
// >>> json
// {"entered": "...", "left": "...", "all": "...", "balanced": 1, "some": 1}
