// test_halves.c: words of 64 bits that are changed 32 at a time (words.h),
// compiled for this machine as if it could do no more: totals must be exact
// under threads and signals, across every carry.

#define MCT_WORDS_BY_HALVES
#define MCT_SYS "sys/x86_64.h"
#include "../../runtime/halves.c"
#undef ESRCH
#undef SIG_SETMASK

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/time.h>

#include <cmocka.h>

_Alignas(MCT_REGION_ALIGN) uint8_t mct_region[MCT_REGION_ALIGN];

enum { THREADS = 3, ROUNDS = 40000 };

// What threads and handlers of signals change, and by what.
static struct {
    uint64_t sum, wide[2], most, taken, entry;
} words;
static volatile uint64_t by;
static uint64_t changes;

static void change(void) {
    mct_word_add(&words.sum, by);
    mct_words_add(words.wide, by, by);
    mct_word_take(&words.taken, by);
    uint64_t count = __atomic_add_fetch(&changes, 1, __ATOMIC_RELAXED);
    mct_cell_max(&words.most, count << 20);
}

static void on_alarm(int signal) {
    (void)signal;
    change();
}

static void *change_in_thread(void *arg) {
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        change();
    return NULL;
}

static void check_totals(uint64_t each) {
    memset(&words, 0, sizeof words);
    changes = 0;
    by = each;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, change_in_thread, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    assert_in_range(changes, THREADS * ROUNDS, UINT64_MAX);
    assert_int_equal(words.sum, each * changes);
    assert_int_equal(words.taken, each * changes);
    assert_int_equal(words.most, changes << 20);
    unsigned __int128 wide = ((unsigned __int128)each << 64 | each) * changes;
    assert_int_equal(words.wide[0], (uint64_t)wide);
    assert_int_equal(words.wide[1], (uint64_t)(wide >> 64));
}

// Small, so that carries are rare; such that every addition carries, or every
// second one; negative numbers.
static void test_totals(void **state) {
    (void)state;
    static const uint64_t each[] = {1,           65535,
                                    0x7fffffff,  0xffffffff,
                                    0x5ffffffff, 0x8000000080000000,
                                    UINT64_MAX,  UINT64_MAX - 4};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        check_totals(each[i]);
}

static void test_carries(void **state) {
    (void)state;
    uint64_t word = 0xfffffffe;
    for (uint64_t i = 1; i < 4; i++) {
        mct_word_add(&word, 1);
        assert_int_equal(word, 0xfffffffe + i);
    }
    mct_word_add(&word, 0 - word);
    assert_int_equal(word, 0);
    uint64_t pair[2] = {UINT64_MAX, 0xffffffff};
    mct_words_add(pair, 1, 0);
    assert_int_equal(pair[0], 0);
    assert_int_equal(pair[1], 0x100000000);
    mct_words_add(pair, 0xffffffff, UINT64_MAX);
    assert_int_equal(pair[0], 0xffffffff);
    assert_int_equal(pair[1], 0xffffffff);
}

static void test_swap(void **state) {
    (void)state;
    uint64_t word = 5, seen = 4;
    assert_false(mct_word_swap(&word, &seen, 9));
    assert_int_equal(seen, 5);
    assert_int_equal(word, 5);
    assert_true(mct_word_swap(&word, &seen, 0x700000009));
    assert_int_equal(word, 0x700000009);
    assert_int_equal(mct_word_drain(&word), 0x700000009);
    assert_int_equal(word, 0);
    mct_word_publish(&word, 0x123456789abcdef2);
    assert_int_equal(mct_word_load(&word), 0x123456789abcdef2);
    // A lock that nobody will give back.
    MCT_HEADER->word_lock = 0x7ffffff0;
    assert_int_equal(mct_word_take(&word, 1), 0x123456789abcdef2);
    assert_int_equal(MCT_HEADER->word_lock, 0);
}

// What `words.most` is being raised to.
static uint64_t raised_to;

// Whoever looks finds no mixture of two entries: their halves are alike, what
// is taken away keeps its high half, and none comes back. An extreme may look
// lower for a moment, but never higher than it was or will be.
static void *look(void *arg) {
    (void)arg;
    uint64_t wrong = 0;
    while (__atomic_load_n(&by, __ATOMIC_RELAXED)) {
        uint64_t entry = mct_word_load(&words.entry);
        uint64_t most = mct_word_load(&words.most);
        wrong += (uint32_t)entry != 0 && entry >> 32 != (uint32_t)entry;
        wrong += most > __atomic_load_n(&raised_to, __ATOMIC_ACQUIRE);
    }
    return (void *)(uintptr_t)wrong;
}

static void test_looking(void **state) {
    (void)state;
    memset(&words, 0, sizeof words);
    raised_to = 0;
    by = 1;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, look, NULL), 0);
    for (uint64_t i = 1; i < 100000; i++) {
        __atomic_store_n(&raised_to, i * 0x40000001, __ATOMIC_RELEASE);
        mct_cell_max(&words.most, i * 0x40000001);
        mct_word_publish(&words.entry, i << 32 | i);
        mct_word_publish(&words.entry, i << 32);
    }
    by = 0;
    void *wrong;
    pthread_join(thread, &wrong);
    assert_int_equal((uintptr_t)wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_carries),
        cmocka_unit_test(test_swap),
        cmocka_unit_test(test_looking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
