// A profile has the stack of the thread that it interrupts.
#include "scenario.h"

#include <time.h>

static volatile unsigned long sum;

PROBED int spin(void) {
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    do {
        for (int i = 0; i < 100000; i++)
            sum += (unsigned long)i;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - begun.tv_sec) * 1000 +
                 (now.tv_nsec - begun.tv_nsec) / 1000000 <
             300);
    return 0;
}

PROBED int outer(int n) {
    return n == 0 ? spin() : outer(n - 1) + (int)(sum & 1) * 0;
}

int main(void) {
    return outer(20);
}
// >>> script
// profile-499 { @sampled = max(1); @deepest = max(ustackdepth > 20); }
// >>> json
// {"@sampled": 1, "@deepest": 1}
// >>> builds
// nopie debug
