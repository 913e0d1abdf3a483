// Code that is called by sites, interrupted by handlers that call it too, some
// of which are left by a jump; with stacks and keys.
#include "scenario.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

static volatile int ticks;
static sigjmp_buf place;

PROBED int work(int n) { return n + 1; }
PROBED int other(int n) { return n - 1; }

PROBED int handle(int sig) {
    int left = work(sig) - other(sig) - 2;
    ticks++;
    if (ticks % 3 == 0)
        siglongjmp(place, 1);
    return left;
}

static void on_signal(int sig) { handle(sig); }

int main(void) {
    struct itimerval every = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
    volatile long sum = 0;
    signal(SIGALRM, on_signal);
    sigsetjmp(place, 1);
    setitimer(ITIMER_REAL, &every, 0);
    while (ticks < 60)
        for (int i = 0; i < 100; i++)
            sum += work(i) - other(i) - 2;
    setitimer(ITIMER_REAL, &never, 0);
    return sum != 0;
}
// >>> options
// --strict --call-above=0
// >>> script
// #pragma D option quiet
// #pragma D option aggsize=4m
// self int depth;
// pid$target:a.out:work:entry, pid$target:a.out:other:entry {
//     self->depth++; @[probefunc] = count(); @deep = max(ustackdepth > 0);
//     @none = sum(self->depth < 1);
// }
// pid$target:a.out:work:return, pid$target:a.out:other:return {
//     @values[probefunc] = min((int64_t)arg1 >= -1); self->depth--;
//     @texts[strjoin(probefunc, "!")] = max(1);
// }
// pid$target:a.out:handle:entry { @ticks = count(); }
// >>> json
// {"@": "...",
//  "@deep": 1, "@none": 0,
//  "@values": [{"key": ["other"], "value": 1}, {"key": ["work"], "value": 1}],
//  "@texts": [{"key": ["other!"], "value": 1}, {"key": ["work!"], "value": 1}],
//  "@ticks": "..."}
