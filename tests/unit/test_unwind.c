// test_unwind.c: the runtime's walk over stacks, here, held against the one of
// the compiler's own library.
//
// A stack is taken where functions call leaf(): with the registers as they are
// there, as generated code does it. Every walk is made twice, as the second
// time it is known (and by system calls, which know nothing).
//
// Not with sanitizers: functions of the C library would
// be theirs.

#define MCT_SYS "sys/x86_64.h"
#include "../../runtime/frames.c"
#include "../../runtime/guard.c"
#include "../../runtime/modules.c"
#include "../../runtime/paths.c"
#include "../../runtime/rules.c"
#include "../../runtime/unwind.c"
#undef AT_FDCWD
#undef MAP_ANONYMOUS
#undef MAP_PRIVATE
#undef PAGE
#undef PT_GNU_EH_FRAME
#undef PT_LOAD
#undef PT_NOTE
#undef SA_ONSTACK
#undef SA_RESETHAND
#undef SA_RESTORER
#undef SA_SIGINFO
#undef SIGBUS
#undef SIGSEGV
#undef SIG_BLOCK
#undef SIG_DFL
#undef SIG_IGN
#undef NT_GNU_BUILD_ID

#include <alloca.h>
#include <execinfo.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

// --- what the rewriter defines, and other files of the runtime ---

_Alignas(MCT_REGION_ALIGN) uint8_t mct_region[MCT_REGION_ALIGN];
struct mct_private mct_private;
const struct mct_config mct_config = {.own_va = 0};
const uint64_t mct_search[] = {0};
static struct mct_process process;
static struct mct_thread thread;

// Nothing jumps out of handlers here.
uint64_t mct_hold_signals(void) {
    return 0;
}
void mct_release_signals(uint64_t mask) {
    (void)mask;
}
bool mct_is_left(uint64_t other, uint64_t stack) {
    return other <= stack;
}
static char told[MCT_MODULE_TEXT];
static uint32_t told_len, told_count;

struct mct_process *mct_process_get(void) {
    return &process;
}

struct mct_thread *mct_thread_get(struct mct_process *of) {
    (void)of;
    return &thread;
}

void *mct_map_private(uint64_t len) {
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

void mct_copy(void *to, const void *from, uint64_t len) {
    memcpy(to, from, len);
}

void mct_record_apart(struct mct_thread *of, uint32_t enabling,
                      const char *text, uint32_t len) {
    (void)of;
    assert_int_equal(enabling, MCT_ENABLING_MAPS);
    memcpy(told, text, len);
    told_len = len;
    told_count++;
}

// --- a site ---

#define MOST     256
#define NOINLINE __attribute__((noinline, noclone))
#ifdef __clang__
#undef NOINLINE
#define NOINLINE __attribute__((noinline))
#endif

static unsigned walks;

// Both from the caller of the function that calls this on.
static void compare(const struct mct_site_state *state) {
    void *theirs[MOST + 8];
    uint64_t ours[MOST];
    int count = backtrace(theirs, MOST + 8), from = 0;
    for (int round = 0; round < 4; round++) {
        struct mct_guard *guard = mct_private.guard;
        if (round == 2)
            mct_private.guard = NULL;
        uint64_t n = follow(state, ours, MOST);
        mct_private.guard = guard;
        assert_true(n >= 2);
        while (from < count && (uint64_t)theirs[from] != ours[1])
            from++;
        for (uint64_t i = 1; i < n && from + (int)i - 1 < count; i++)
            assert_int_equal(ours[i], (uint64_t)theirs[from + (int)i - 1]);
        if (count < MOST + 8 && n < MOST)
            assert_int_equal(n - 1, count - from);
        assert_int_equal(mct_ustackdepth((uint64_t)state) <= MOST
                             ? mct_ustackdepth((uint64_t)state)
                             : n,
                         n);
        for (uint64_t most = 1; most < n; most += 3)
            assert_int_equal(follow(state, ours, most), most);
    }
    walks++;
}

// What stencils are told: the address, sp and the registers there.
#define SITE()                                                                 \
    do {                                                                       \
        struct mct_site_state state = {.ra_off = MCT_NO_RA};                   \
        __asm__ volatile("lea (%%rip), %%rax\n mov %%rax, (%0)\n"              \
                         "mov %%rsp, 8(%0)\n mov %%rbx, 16(%0)\n"              \
                         "mov %%rbp, 24(%0)\n mov %%r12, 32(%0)\n"             \
                         "mov %%r13, 40(%0)\n mov %%r14, 48(%0)\n"             \
                         "mov %%r15, 56(%0)"                                   \
                         :                                                     \
                         : "r"(&state)                                         \
                         : "rax", "memory");                                   \
        state.va -= (uint64_t)&mct_config;                                     \
        compare(&state);                                                       \
    } while (0)

NOINLINE static int leaf(int n) {
    SITE();
    return n + 1;
}

// cmocka has handlers of its own during a test, set behind the runtime's back.
static void begin_guard(void) {
    MCT_HEADER->guard_owner = 0;
    mct_private.guard = NULL;
    mct_guard_begin();
    assert_non_null(mct_private.guard);
}

// --- stacks of every kind ---

NOINLINE static int with_array(int n) {
    volatile char *bytes = alloca((size_t)n * 40 + 8);
    bytes[n] = 1;
    return leaf(n) + bytes[n];
}

NOINLINE static int deep(int n) {
    volatile int here = n;
    return (n == 0 ? leaf(0) : deep(n - 1)) + here;
}

__attribute__((force_align_arg_pointer)) NOINLINE static int aligned(int n) {
    _Alignas(64) volatile int here[16] = {n};
    return leaf(n) + here[n & 15];
}

NOINLINE static int busy(int a, int b, int c, int d, int e, int f, int g) {
    int sum = 0;
    for (int i = 0; i < 2; i++)
        sum += leaf(a) * b + c * d - e * f + g + leaf(sum);
    return sum + a + b + c + d + e + f + g;
}

static int compare_ints(const void *a, const void *b) {
    leaf(1);
    return *(const int *)a - *(const int *)b;
}

static void on_signal(int signal) {
    leaf(signal);
}

static void *thread_main(void *n) {
    deep(*(int *)n);
    return NULL;
}

static void test_stacks(void **state) {
    (void)state;
    int values[] = {5, 3, 1, 4, 2}, three = 3;
    begin_guard();
    leaf(1);
    for (int i = 0; i < 3; i++)
        with_array(i);
    for (int i = 0; i < 300; i += i < 8 ? 1 : 41)
        deep(i);
    aligned(1);
    busy(1, 2, 3, 4, 5, 6, 7);
    qsort(values, 5, sizeof *values, compare_ints);
    assert_int_equal(values[4], 5);
    pthread_t other;
    pthread_create(&other, NULL, thread_main, &three);
    pthread_join(other, NULL);
    assert_true(walks > 25);
}

static void test_signals(void **state) {
    (void)state;
    static char stack[1 << 17];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    begin_guard();
    sigaltstack(&other, NULL);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR1);
    raise(SIGUSR2);
    kill(getpid(), SIGUSR1);
}

// Stacks that are no stacks end, and nothing worse.
static void test_nonsense(void **state) {
    (void)state;
    uint64_t frames[MOST], seed = 1;
    struct mct_site_state site = {.ra_off = MCT_NO_RA};
    uint64_t places[] = {
        (uint64_t)qsort, (uint64_t)printf, (uint64_t)leaf, (uint64_t)frames, 1,
        UINT64_MAX};
    begin_guard();
    for (int i = 0; i < 20000; i++) {
        for (unsigned k = 0; k < 7; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            site.regs[k] = seed >> 33 & 1   ? (uint64_t)frames + (seed >> 50)
                           : seed >> 34 & 1 ? seed >> 17
                                            : seed;
        }
        site.va = places[i % 6] + (seed >> 60) - (uint64_t)&mct_config;
        assert_true(follow(&site, frames, MOST) <= MOST);
    }
    site.va = 0;
    assert_int_equal(follow(&site, frames, MOST), 0);
}

// What is loaded is told once, and again when there is more.
static void test_told(void **state) {
    (void)state;
    uint32_t before = told_count;
    begin_guard();
    mct_symbol((uint64_t)qsort);
    mct_symbol((uint64_t)test_told);
    assert_true(told_count == before || before == 0);
    assert_true(told_len > 0 && told_len < sizeof told);
    told[told_len] = 0;
    const char *libc = strstr(told, "/libc.so.6\t");
    assert_non_null(libc);
    while (libc > told && libc[-1] != '\n')
        libc--;
    unsigned long long from, to;
    assert_int_equal(sscanf(libc, "%llx-%llx ", &from, &to), 2);
    assert_true((uint64_t)qsort >= from && (uint64_t)qsort < to);
    assert_non_null(strstr(told, "[vdso]\t"));
    before = told_count;
    mct_symbol(1); // is nowhere: looked for once
    uint32_t once = told_count;
    mct_symbol(2);
    assert_true(once <= before + 1 && told_count == once);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stacks),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
