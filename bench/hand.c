// hand.c: what a programmer would write into the function by hand, beside the
// same function with probes. `hand N THREADS MS` calls work() N times in each
// of 1 or 2 threads at once, after calling it for so many milliseconds (what a
// probe does once, as finding out how fast a clock goes, is not measured);
// prints nanoseconds per call (of one thread). With a fourth argument the
// second thread is idle.
//
//     -DRECORD   24 bytes with the time stamp counter into a buffer of the
//                thread that is mapped from a file
//     -DBY_NUMBER, -DBY_TEXT   a counter in a table of the thread, by open
//                addressing: 1024 keys, numbers or texts of 16 bytes
//     -DSTAMP    the time stamp counter into a variable
//     -DCOUNT    a counter of the thread
//
// Without any of them it is what bench/run instruments.

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define KEYS   1024
#define PLACES (4 * KEYS)
#define BUFFER (1 << 20)
#define APART  __attribute__((noipa))

struct entry {
    uint64_t count;
    union {
        uint64_t number;
        char text[16];
    };
};

volatile uint64_t stamp;
__thread uint64_t count;
__thread char *buffer;
__thread size_t used;
__thread struct entry *table;

static inline uint64_t mix(uint64_t key) {
    return (key * 0x9e3779b97f4a7c15u) >> 40;
}

static inline void record(unsigned long n) {
    uint64_t *at = (uint64_t *)(buffer + used);
    used = used + 48 > BUFFER ? 0 : used + 24;
    at[0] = __rdtsc();
    at[1] = n;
    at[2] = 7;
}

static inline void count_number(uint64_t key) {
    uint64_t at = mix(key) % PLACES;
    while (table[at].count > 0 && table[at].number != key)
        at = (at + 1) % PLACES;
    table[at].number = key;
    table[at].count++;
}

static inline void count_text(const char *text) {
    uint64_t halves[2];
    memcpy(halves, text, sizeof halves);
    uint64_t at = mix(halves[0] ^ mix(halves[1])) % PLACES;
    while (table[at].count > 0 && memcmp(table[at].text, halves, 16) != 0)
        at = (at + 1) % PLACES;
    memcpy(table[at].text, halves, 16);
    table[at].count++;
}

APART unsigned long work(unsigned long n, const char *text) {
    (void)text;
#if defined RECORD
    record(n);
#elif defined BY_NUMBER
    count_number(n & (KEYS - 1));
#elif defined BY_TEXT
    count_text(text);
#elif defined STAMP
    stamp = __rdtsc();
#elif defined COUNT
    count++;
#endif
    return (n ^ 0x5555) * 3;
}

static void *map(size_t len) {
    char path[] = "hand.XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    void *p = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, (off_t)len) == 0)
        p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        exit(1);
    close(fd);
    return p;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static char texts[KEYS][16];
static unsigned long rounds;
static double warm_up; // nanoseconds
static pthread_barrier_t barrier;

static void *run(void *result) {
    unsigned long sum = 0;
    buffer = map(BUFFER);
    table = map(PLACES * sizeof *table);
    memset(buffer, 1, BUFFER);
    double start = now();
    while (now() - start < warm_up)
        for (unsigned long i = 0; i < 2 * KEYS; i++)
            sum += work(i, texts[i % KEYS]);
    pthread_barrier_wait(&barrier);
    double begun = now();
    for (unsigned long i = 0; i < rounds; i++)
        sum += work(i, texts[i % KEYS]);
    *(double *)result = (now() - begun) / (double)rounds;
    return (void *)sum;
}

static void *idle(void *unused) {
    for (;;)
        pause();
    return unused;
}

int main(int argc, char **argv) {
    unsigned threads = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    double results[2];
    pthread_t thread;
    rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    warm_up = argc > 3 ? atof(argv[3]) * 1e6 : 0;
    for (unsigned i = 0; i < KEYS; i++)
        snprintf(texts[i], sizeof texts[i], "%08x-text%02d", i * 2654435761u,
                 i % 100);
    if (argc > 4) {
        threads = 1;
        pthread_create(&thread, NULL, idle, NULL);
    }
    pthread_barrier_init(&barrier, NULL, threads);
    if (threads == 2)
        pthread_create(&thread, NULL, run, &results[1]);
    run(&results[0]);
    if (threads == 2)
        pthread_join(thread, NULL);
    printf("%.4f\n", threads == 2 ? (results[0] + results[1]) / 2 : results[0]);
    return 0;
}
