// test_runtime.c: the code that goes into traced programs, run here.
//
// The runtime's files are part of this program, with the symbols that the
// rewriter would define. Arithmetic is held against the plainest way to say
// the same; counts against totals that must be exact under threads and
// signals; files against what a user may find in their way.

#define MCT_SYS "sys/x86_64.h"
#include "../../runtime/agg.c"
#include "../../runtime/ahead.c"
#include "../../runtime/arming.c"
#include "../../runtime/attach.c"
#include "../../runtime/chunks.c"
#include "../../runtime/clock.c"
#include "../../runtime/copy.c"
#include "../../runtime/dynvar.c"
#include "../../runtime/fire.c"
#include "../../runtime/firing.c"
#include "../../runtime/guard.c"
#include "../../runtime/header.c"
#include "../../runtime/key.c"
#include "../../runtime/pointer.c"
#include "../../runtime/process.c"
#include "../../runtime/record.c"
#include "../../runtime/sharing.c"
#include "../../runtime/start.c"
#include "../../runtime/string.c"
#include "../../runtime/text.c"
#include "../../runtime/thread.c"
#include "../../runtime/timer.c"
#include "../../runtime/watch.c"
// Names that the system's headers have as well.
#undef AT_FDCWD
#undef AT_NULL
#undef AT_RANDOM
#undef AT_SECURE
#undef AT_SYMLINK_NOFOLLOW
#undef EACCES
#undef EEXIST
#undef EFBIG
#undef EINTR
#undef ENAMETOOLONG
#undef ENOENT
#undef ENOSYS
#undef EOPNOTSUPP
#undef MAP_ANONYMOUS
#undef MAP_FIXED
#undef MAP_PRIVATE
#undef MAP_SHARED
#undef O_APPEND
#undef O_CLOEXEC
#undef O_CREAT
#undef O_EXCL
#undef O_NONBLOCK
#undef O_RDWR
#undef O_WRONLY
#undef PROT_EXEC
#undef PROT_READ
#undef PROT_WRITE
#undef RLIMIT_FSIZE
#undef RLIMIT_NOFILE
#undef SIG_SETMASK

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

// --- what the rewriter defines ---

enum {
    VARS_OFF = 320,
    TEXT_OFF = VARS_OFF + 64, // a string variable
    AGGS_OFF = VARS_OFF + 128,
    TABLE_OFF = 1024,
    REGION_LEN = 4 * MCT_REGION_ALIGN
};

_Alignas(MCT_REGION_ALIGN) uint8_t mct_region[REGION_LEN];
const struct mct_timers mct_timers;
_Alignas(MCT_REGION_ALIGN) uint8_t mct_text[MCT_REGION_ALIGN];
const uint32_t mct_locks[] = {5, 4000};
const struct mct_config mct_config = {
    .identity = "0123456789abcde",
    .region_len = REGION_LEN,
    .vars_off = VARS_OFF,
    .vars_len = 128,
    .aggs_off = AGGS_OFF,
    .aggs_len = REGION_LEN - AGGS_OFF,
    .sites = 7,
    .missed = 1,
    .lock_count = 2,
    .merge_count = 7,
    .strsize = 32,
    .scratch_len = 4096,
    .text_len = MCT_REGION_ALIGN,
    .path = "/nowhere/at/all",
};
const struct mct_merge mct_merges[] = {
    {VARS_OFF, 1, MCT_MERGE_ADD, 4, 0, 0},
    {VARS_OFF + 8, 1, MCT_MERGE_ADD, 8, 0, 0},
    {TEXT_OFF, 32, MCT_MERGE_COPY, 1, 0, 0},
    {AGGS_OFF, 1, MCT_MERGE_OR, 8, 0, 0},
    {AGGS_OFF + 8, 1, MCT_MERGE_MAX, 8, 0, 0},
    {AGGS_OFF + 16, 2, MCT_MERGE_ADD128, 8, 0, 0},
    {TABLE_OFF, 1, MCT_MERGE_TABLE, 0, MCT_AGG_avg, 0},
};

static unsigned begins, ends;

void mct_begin(void) {
    begins++;
}

void mct_end(void) {
    ends++;
}

void mct_error(void) {
}

void mct_executed(void) {
}

struct mct_private mct_private;

void mct_library_begin(void) {
}

void mct_original_entry(void) {
}

void mct_original_init(void) {
}

static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int64_t some_value(uint64_t *seed) {
    static const int64_t edges[] = {0, 1, -1, INT64_MIN, INT64_MAX, 10, 100};
    uint64_t value = next_random(seed);
    if (value % 8 == 0)
        return edges[value / 8 % (sizeof edges / sizeof edges[0])];
    return (int64_t)(next_random(seed) >> value / 8 % 64) *
           (value % 16 > 7 ? 1 : -1);
}

// --- aggs.h ---

static const int64_t layouts[][5] = {
    {MCT_AGG_quantize},
    {MCT_AGG_lquantize, 0, 100, 10},
    {MCT_AGG_lquantize, -5, 100, 7},
    {MCT_AGG_lquantize, INT32_MIN, INT32_MAX, 65535},
    {MCT_AGG_llquantize, 10, 0, 6, 20},
    {MCT_AGG_llquantize, 10, 3, 5, 10},
    {MCT_AGG_llquantize, 10, 0, 2, 100},
    {MCT_AGG_llquantize, 10, 2, 6, 5},
    {MCT_AGG_llquantize, 2, 0, 62, 2},
    {MCT_AGG_llquantize, 3, 3, 5, 27},
    {MCT_AGG_llquantize, 16, 1, 14, 1},
};
#define LAYOUTS (sizeof layouts / sizeof layouts[0])

// Buckets follow each other without gap or overlap from INT64_MIN to
// INT64_MAX.
static void test_ranges(void **state) {
    (void)state;
    for (size_t i = 0; i < LAYOUTS; i++) {
        uint32_t id = (uint32_t)layouts[i][0];
        const int64_t *params = &layouts[i][1];
        uint32_t count = mct_agg_buckets(id, params);
        int64_t next = INT64_MIN;
        for (uint32_t bucket = 0; bucket < count; bucket++) {
            int64_t least, most;
            if (!mct_agg_range(id, params, bucket, &least, &most))
                continue;
            assert_int_equal(least, next);
            assert_true(least <= most);
            assert_int_equal(mct_agg_bucket(id, params, least), bucket);
            assert_int_equal(mct_agg_bucket(id, params, most), bucket);
            next = most == INT64_MAX ? INT64_MAX : most + 1;
            if (bucket == count - 1)
                assert_int_equal(most, INT64_MAX);
        }
        uint64_t seed = 88172645463325252;
        for (int k = 0; k < 2000; k++) {
            int64_t value = some_value(&seed), least, most;
            uint32_t bucket = mct_agg_bucket(id, params, value);
            assert_true(bucket < count);
            assert_true(mct_agg_range(id, params, bucket, &least, &most));
            assert_true(least <= value && value <= most);
        }
    }
}

static void check_range(size_t layout, uint32_t bucket, int64_t least,
                        int64_t most) {
    int64_t is_least, is_most;
    assert_true(mct_agg_range((uint32_t)layouts[layout][0], &layouts[layout][1],
                              bucket, &is_least, &is_most));
    assert_int_equal(is_least, least);
    assert_int_equal(is_most, most);
}

// Labels as DTrace prints them.
static void test_known_ranges(void **state) {
    (void)state;
    check_range(0, 63, 0, 0);
    check_range(0, 62, -1, -1);
    check_range(0, 61, -3, -2);
    check_range(0, 67, 8, 15);
    check_range(0, 126, (int64_t)1 << 62, INT64_MAX);
    check_range(1, 0, INT64_MIN, -1);
    check_range(1, 1, 0, 9);
    check_range(1, 11, 100, INT64_MAX);
    // 105 does not divide by 7 evenly into levels: 15 of them, up to 100.
    check_range(2, 16, 100, INT64_MAX);
    // factor 10, magnitudes 0 to 6, 20 steps: 18 a power, and from 10 on
    // steps of 5, of 50, ...
    check_range(4, 127, 0, 0);
    check_range(4, 128, 1, 1);
    check_range(4, 130, 2, 2);
    check_range(4, 127 + 19, 10, 14);
    check_range(4, 127 + 37, 100, 149);
    check_range(4, 127 - 37, -149, -100);
    check_range(4, 254, 10000000, INT64_MAX);
    check_range(4, 0, INT64_MIN, -10000000);
    // Fewer steps than the factor.
    check_range(7, 26, -99, 99);
    check_range(7, 27, 100, 199);
    check_range(7, 28, 200, 399);
    check_range(7, 32, 1000, 1999);
}

// Everything an element may be asked, kept the plain way.
struct plain {
    uint64_t count;
    int64_t sum, least, most;
    unsigned __int128 squares;
};

static void add_plain(struct plain *plain, int64_t value) {
    __int128 wide = value;
    plain->count++;
    plain->sum = (int64_t)((uint64_t)plain->sum + (uint64_t)value);
    plain->squares += (unsigned __int128)(wide * wide);
    if (plain->count == 1 || value < plain->least)
        plain->least = value;
    if (plain->count == 1 || value > plain->most)
        plain->most = value;
}

struct cells {
    uint64_t count[1], sum[2], min[2], max[2], avg[2], stddev[4];
};

static void add_all(struct cells *cells, int64_t value) {
    mct_update_count(cells->count, value, 1, 0, 0, 0, 0);
    mct_update_sum(cells->sum, value, 1, 0, 0, 0, 0);
    mct_update_min(cells->min, value, 1, 0, 0, 0, 0);
    mct_update_max(cells->max, value, 1, 0, 0, 0, 0);
    mct_update_avg(cells->avg, value, 1, 0, 0, 0, 0);
    mct_update_stddev(cells->stddev, value, 1, 0, 0, 0, 0);
}

static void merge_into(struct cells *cells, const struct cells *from) {
    mct_agg_merge(MCT_AGG_count, cells->count, from->count, 1);
    mct_agg_merge(MCT_AGG_sum, cells->sum, from->sum, 2);
    mct_agg_merge(MCT_AGG_min, cells->min, from->min, 2);
    mct_agg_merge(MCT_AGG_max, cells->max, from->max, 2);
    mct_agg_merge(MCT_AGG_avg, cells->avg, from->avg, 2);
    mct_agg_merge(MCT_AGG_stddev, cells->stddev, from->stddev, 4);
}

static void compare_plain(const struct plain *plain,
                          const struct cells *cells) {
    assert_int_equal(cells->count[0], plain->count);
    assert_int_equal(cells->sum[0], plain->count != 0);
    assert_int_equal(cells->sum[1], plain->sum);
    assert_int_equal(cells->avg[0], plain->count);
    assert_int_equal(cells->avg[1], plain->sum);
    assert_int_equal(cells->stddev[0], plain->count);
    assert_int_equal(cells->stddev[1], plain->sum);
    assert_int_equal(cells->stddev[2], (uint64_t)plain->squares);
    assert_int_equal(cells->stddev[3], (uint64_t)(plain->squares >> 64));
    assert_int_equal(cells->min[0], plain->count != 0);
    assert_int_equal(cells->max[0], plain->count != 0);
    if (plain->count == 0)
        return;
    assert_int_equal(mct_decode_min(cells->min[1]), plain->least);
    assert_int_equal(mct_decode_max(cells->max[1]), plain->most);
}

static void test_updates(void **state) {
    (void)state;
    uint64_t seed = 42;
    for (int run = 0; run < 200; run++) {
        struct plain plain = {0};
        struct cells parts[2] = {0};
        for (int i = 0; i < run; i++) {
            int64_t value = some_value(&seed);
            add_plain(&plain, value);
            add_all(&parts[i % 3 == 0], value);
        }
        merge_into(&parts[0], &parts[1]);
        compare_plain(&plain, &parts[0]);
    }
}

// --- tables ---

static struct mct_table *empty_table(void) {
    memset(mct_region, 0, sizeof mct_region);
    return (struct mct_table *)(mct_region + TABLE_OFF);
}

// What a reader finds under a key, which stands there once.
static uint64_t table_count(const struct mct_table *table, uint64_t a,
                            uint64_t b, uint64_t geometry) {
    const uint64_t *entry =
        (const uint64_t *)((const uint8_t *)table +
                           MCT_TABLE_ENTRIES_OFF(geometry & 0xff));
    uint64_t most = (uint64_t)1 << (geometry & 0xff), total = 0;
    for (uint64_t i = 0; i < table->used && i < most; i++, entry += 4)
        if (entry[0] & MCT_ENTRY_FULL && entry[2] == a && entry[3] == b) {
            assert_int_equal(total, 0);
            total = entry[1];
        }
    return total;
}

static void count_key(struct mct_table *table, uint64_t a, uint64_t b,
                      uint64_t geometry) {
    uint64_t key[2] = {a, b};
    uint64_t *cells = mct_agg_find(table, key, 2, geometry);
    if (cells)
        mct_cell_add(cells, 1);
}

static void test_table(void **state) {
    (void)state;
    uint64_t geometry = MCT_GEOMETRY(6, 2, 1);
    struct mct_table *table = empty_table();
    for (uint64_t i = 0; i < 3000; i++)
        count_key(table, i % 50, i % 2, geometry);
    assert_int_equal(table->used, 50);
    assert_int_equal(table->log2_entries, 6);
    assert_int_equal(table->key_words, 2);
    assert_int_equal(table->cell_words, 1);
    assert_int_equal(MCT_HEADER->lost, 0);
    for (uint64_t i = 0; i < 50; i++)
        assert_int_equal(table_count(table, i, i % 2, geometry), 60);
    // 14 more fit; each of the others is counted as lost.
    for (uint64_t i = 0; i < 100; i++)
        count_key(table, 1000 + i, 0, geometry);
    assert_int_equal(table->used, 64);
    assert_int_equal(MCT_HEADER->lost, 86);
    for (uint64_t i = 0; i < 50; i++)
        assert_int_equal(table_count(table, i, i % 2, geometry), 60);
}

enum { THREADS = 4, ROUNDS = 60000, KEYS = 40 };

static volatile sig_atomic_t interrupts;

static void on_alarm(int signal) {
    (void)signal;
    struct mct_table *table = (struct mct_table *)(mct_region + TABLE_OFF);
    // The keys that the threads are at, so that entries are met half-made.
    count_key(table, (uint64_t)interrupts % KEYS, 7, MCT_GEOMETRY(8, 2, 1));
    interrupts++;
}

static void *count_in_thread(void *arg) {
    (void)arg;
    struct mct_table *table = (struct mct_table *)(mct_region + TABLE_OFF);
    for (uint64_t i = 0; i < ROUNDS; i++)
        count_key(table, i % KEYS, 7, MCT_GEOMETRY(8, 2, 1));
    return NULL;
}

static void test_threads_and_signals(void **state) {
    (void)state;
    struct mct_table *table = empty_table();
    interrupts = 0;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, count_in_thread, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    uint64_t total = 0;
    for (uint64_t i = 0; i < KEYS; i++)
        total += table_count(table, i, 7, MCT_GEOMETRY(8, 2, 1));
    assert_int_equal(total, (uint64_t)THREADS * ROUNDS + (uint64_t)interrupts);
    assert_int_equal(MCT_HEADER->lost, 0);
}

// --- clocks ---

static uint64_t system_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// Between two readings of the system's clock, but for what the line may be
// off after its first 10 ms.
static void check_clock(uint64_t *last) {
    uint64_t before = system_clock(), now = mct_now();
    uint64_t after = system_clock();
    assert_true(now + 1000000 >= before && now <= after + 1000000);
    assert_true(now >= *last);
    *last = now;
}

static void test_timestamp(void **state) {
    (void)state;
    memset(mct_region, 0, sizeof mct_region);
    uint64_t last = 0, end = system_clock() + 1300000000;
    uint32_t drawn = 0;
    while (system_clock() < end) {
        check_clock(&last);
        if (drawn == 0)
            drawn = MCT_HEADER->clock_seq;
    }
    if (sys_cycles_are_steady())
        assert_true(MCT_HEADER->clock_mult != 0);
    // Somebody is writing: the system is asked, nobody waits.
    MCT_HEADER->clock_seq |= 1;
    check_clock(&last);
    MCT_HEADER->clock_seq++;
    // As if the machine had slept: begins again.
    MCT_HEADER->clock_cycles = 1;
    check_clock(&last);
    assert_true(mct_vtimestamp() > 0);
    time_t seconds = time(NULL);
    assert_true(llabs(mct_walltimestamp() / 1000000000 - seconds) <= 1);
}

// --- the process ---

static void test_process(void **state) {
    (void)state;
    assert_int_equal(mct_pid(), getpid());
    assert_int_equal(mct_ppid(), getppid());
    assert_int_equal(mct_tid(), gettid());
    assert_int_equal(mct_uid(), getuid());
    assert_int_equal(mct_gid(), getgid());
    assert_true(mct_cpu() >= 0);
    struct mct_firing *firing = mct_enter_slowly(1, sys_stack());
    assert_non_null(firing);
    assert_string_equal(mct_execname(firing), "test_runtime");
    int32_t value = -77;
    assert_int_equal(mct_copyint32(firing, (uint64_t)&value), -77);
    assert_int_equal(firing->fault, 0);
    mct_copyint32(firing, 8);
    assert_int_equal(firing->fault, MCT_FAULT_BADADDR);
    assert_int_equal(firing->fault_value, 8);
    firing->thread->depth--;
}

static void test_strings(void **state) {
    (void)state;
    char room[6] = "xxxxx";
    mct_string_copy(room, "ab", 5);
    assert_string_equal(room, "ab");
    mct_string_copy(room, "abcdefgh", 5);
    assert_memory_equal(room, "abcd\0", 6);
    assert_int_equal(mct_string_compare("a", "a", 9), 0);
    assert_int_equal(mct_string_compare("a", "ab", 9), -1);
    assert_int_equal(mct_string_compare("\xff", "a", 9), 1);
    assert_int_equal(mct_string_compare("abc", "abd", 2), 0);
}

static void test_end(void **state) {
    (void)state;
    memset(mct_region, 0, sizeof mct_region);
    ends = 0;
    MCT_HEADER->pid = (uint64_t)getpid() + 1;
    mct_finish();
    assert_int_equal(ends, 0); // another process
    MCT_HEADER->pid = (uint64_t)getpid();
    mct_finish();
    mct_finish();
    assert_int_equal(ends, 1);
    assert_int_equal(MCT_HEADER->state, MCT_STATE_ENDED);
    mct_exit(3);
    assert_int_equal(ends, 1);
    assert_int_equal(MCT_HEADER->exit_status, 3);
    MCT_HEADER->state = MCT_STATE_RUNNING;
    mct_thread_exit(); // the only thread
    assert_int_equal(ends, 2);
}

static void test_arming(void **state) {
    (void)state;
    memset(mct_region, 0, sizeof mct_region);
    memset(mct_text, 0x3e, sizeof mct_text);
    sigset_t before, after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    mct_arm();
    sigprocmask(SIG_SETMASK, NULL, &after);
    assert_memory_equal(&before, &after, 8);
    assert_int_equal(MCT_HEADER->shared, 1);
    assert_int_equal(MCT_HEADER->faults, 0);
    for (size_t i = 0; i < sizeof mct_text; i++)
        assert_int_equal(mct_text[i], i == 5 || i == 4000 ? 0xf0 : 0x3e);
    mprotect(mct_text, sizeof mct_text, PROT_READ | PROT_WRITE);
}

#include "test_runtime_files.h"

int main(int argc, char **argv) {
    if (argc == 3) {
        snprintf(folder, sizeof folder, "%s", argv[2]);
        send_part();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_known_ranges),
        cmocka_unit_test(test_updates),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_threads_and_signals),
        cmocka_unit_test(test_timestamp),
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_arming),
        cmocka_unit_test(test_arming_denied),
        cmocka_unit_test_setup_teardown(test_create, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_join, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_in_the_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
