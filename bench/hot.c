// hot.c: what one probe costs. `hot call N` calls a small function N times,
// `hot syscall N` makes N system calls; prints nanoseconds per round.
//
// -DCOUNTED compiles a counter into the function, the yardstick. -DLTTNG puts
// a tracepoint of lttng-ust there.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef LTTNG
#include "hot_lttng.h"
#endif

unsigned long counter;

__attribute__((noipa)) unsigned long work(unsigned long n) {
#ifdef COUNTED
    counter++;
#endif
#ifdef LTTNG
    lttng_ust_tracepoint(hot, work, n);
#endif
    return (n ^ 0x5555) * 3;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv) {
    unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 1, sum = 0;
    double begun = now();
    if (argc > 1 && strcmp(argv[1], "syscall") == 0)
        for (unsigned long i = 0; i < rounds; i++)
            sum += (unsigned long)getppid();
    else
        for (unsigned long i = 0; i < rounds; i++)
            sum = work(sum + i);
    double spent = now() - begun;
    printf("%.4f\n", spent / (double)rounds);
    return sum == 42;
}
