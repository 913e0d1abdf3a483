// stack.c: what a stack of ten frames costs. Calls a function at that depth, N
// times, and prints nanoseconds per call. With -DUNWIND the function takes the
// stack itself, by libunwind's quickest way.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef UNWIND
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#endif

#define APART __attribute__((noipa))

APART unsigned long work(unsigned long n) {
#ifdef UNWIND
    void *frames[10];
    n += (unsigned long)unw_backtrace(frames, 10);
#endif
    return (n ^ 0x5555) * 3;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// Frames of several sizes, none with a frame pointer.
APART unsigned long down(unsigned depth, unsigned long rounds) {
    volatile char bytes[40];
    bytes[depth] = (char)depth;
    if (depth > 0)
        return down(depth - 1, rounds) + (unsigned long)bytes[depth];
    unsigned long sum = 0;
    double begun = now();
    for (unsigned long i = 0; i < rounds; i++)
        sum = work(sum + i);
    printf("%.4f\n", (now() - begun) / (double)rounds);
    return sum;
}

int main(int argc, char **argv) {
    return down(10, argc > 2 ? strtoul(argv[2], NULL, 10) : 1) == 42;
}
