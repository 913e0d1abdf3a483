// runtime.c: what the runtime asks of a machine and of its Linux, run there.
//
// Compiled by tests/cmd/machines.sh for each machine with MCT_SYS its header,
// and run under its emulator. The C library of the machine is the oracle. A
// line is printed for each thing that is wrong; 0 is returned if there is none.

#include "../../runtime/guard.c"
#include "../../runtime/halves.c"
#include "../../runtime/libcalls.c"
#include "../../runtime/string.c"
#undef EINVAL
#undef ENOSYS
#undef EPERM
#undef ESRCH
#undef MAP_ANONYMOUS
#undef MAP_PRIVATE
#undef SA_ONSTACK
#undef SA_RESETHAND
#undef SA_SIGINFO
#undef SIGBUS
#undef SIGSEGV
#undef SIG_BLOCK
#undef SIG_DFL
#undef SIG_IGN
#undef SIG_SETMASK

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

_Alignas(MCT_REGION_ALIGN) uint8_t mct_region[MCT_REGION_ALIGN];
struct mct_private mct_private;

static int wrong;

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            printf("line %d: %s\n", __LINE__, #condition);                     \
            wrong = 1;                                                         \
        }                                                                      \
    } while (0)

void *mct_map_private(uint64_t len) {
    void *at = mmap(NULL, (size_t)len, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

// --- division ---

static void check_division(void) {
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       3,
                                       7,
                                       10,
                                       1000000000,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x100000000,
                                       0x123456789abcdef,
                                       (uint64_t)1 << 63,
                                       UINT64_MAX};
    const size_t count = sizeof numbers / sizeof *numbers;
    for (size_t i = 0; i < count * count; i++) {
        volatile uint64_t a = numbers[i / count], b = numbers[i % count];
        volatile int64_t c = (int64_t)a, d = (int64_t)b;
        if (b == 0)
            continue;
        CHECK(a / b * b + a % b == a && a % b < b);
        CHECK(a / b <= a && (a < b) == (a / b == 0));
        if (d == -1)
            continue; // overflows, which the least number may not
        uint64_t back = (uint64_t)(c / d) * (uint64_t)d + (uint64_t)(c % d);
        CHECK(back == a && (c % d == 0 || (c % d < 0) == (c < 0)));
        volatile int32_t e = (int32_t)a, f = (int32_t)b;
        if (f != 0 && f != -1)
            CHECK((int32_t)((uint32_t)(e / f) * (uint32_t)f) + e % f == e);
    }
}

// --- memory that may not be there ---

static char *make_pages(void) {
    char *at = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4 * 4096; i++)
        at[i] = (char)(1 + i % 255);
    mprotect(at, 4096, PROT_NONE);
    mprotect(at + 3 * 4096, 4096, PROT_NONE);
    return at + 4096;
}

static void check_loads(const char *pages) {
    for (int64_t from = -9; from < 9; from++) {
        for (uint64_t len = 1; len <= 8; len *= 2) {
            for (int end = 0; end < 2; end++) {
                const char *at = pages + (end ? 8192 : 0) + from;
                bool is_there = end ? from + (int64_t)len <= 0 : from >= 0;
                uint64_t got = 0, want = 0;
                CHECK(sys_guarded_load((uintptr_t)at, len, &got) == is_there);
                if (!is_there)
                    continue;
                memcpy(mct_low_bytes(&want, len), at, (size_t)len);
                CHECK(got == want);
            }
        }
    }
}

static void check_memory(char *pages) {
    char to[80];
    for (int64_t from = -3; from < 40; from++) {
        for (uint64_t len = 1; len < 40; len++) {
            const char *at = pages + from, *end = pages + 2 * 4096 - from;
            memset(to, 0x7f, sizeof to);
            bool is_there = from >= 0;
            CHECK(mct_read(to, (uintptr_t)at, len) == is_there);
            CHECK(!is_there || memcmp(to, at, (size_t)len) == 0);
            CHECK(to[len] == 0x7f);
            is_there = (int64_t)len <= from;
            CHECK(mct_read(to, (uintptr_t)end, len) == is_there);
            if (!mct_may_fault())
                continue;
            CHECK(mct_write((uintptr_t)end, end > pages + 8192 ? to : end,
                            len) == is_there);
        }
    }
    CHECK(!mct_read(to, 0, 1));
    CHECK(!mct_read(to, UINT64_MAX - 3, 2));
    if (sizeof(uintptr_t) == 4) // others may ignore the topmost byte
        CHECK(!mct_read(to, (uint64_t)1 << 62 | (uintptr_t)pages, 1));
}

static void check_texts(char *pages) {
    char to[64];
    for (uint64_t len = 0; len < 24; len++) {
        for (uint64_t most = 0; most < 30; most++) {
            char *at = pages + 4096 - 12, kept = at[len];
            memset(at, 'x', (size_t)len);
            at[len] = 0;
            memset(to, 0x7f, sizeof to);
            uint64_t want = len < most ? len : most;
            CHECK(mct_read_text(to, (uintptr_t)at, most) == (int64_t)want);
            CHECK(memcmp(to, at, (size_t)want) == 0 && to[most] == 0x7f);
            CHECK(mct_text_len(at, most) == want);
            at[len] = kept;
        }
    }
    memset(pages, 'y', 8192);
    CHECK(mct_read_text(to, (uintptr_t)pages + 8192 - 5, 5) == 5);
    CHECK(mct_read_text(to, (uintptr_t)pages + 8192 - 5, 6) == -1);
    CHECK(mct_string_compare("abcdefgh1", "abcdefgh2", 20) == -1);
    CHECK(mct_string_compare("\1\x80"
                             "bcdefgh1",
                             "\1\x7f"
                             "bcdefgh1",
                             20) == 1);
    CHECK(mct_string_compare("abcdefgh1", "abcdefgh2", 8) == 0);
}

static void check_guard(void) {
    char *pages = make_pages();
    check_memory(pages);
    check_texts(pages);
    MCT_HEADER->guard_owner = 0;
    mct_guard_begin();
    CHECK(mct_may_fault());
    check_memory(pages);
    check_texts(pages);
    check_loads(pages);
}

// --- words by halves ---

static struct {
    uint64_t sum, wide[2], taken, most;
} words;
static uint32_t changes;

static void change(void) {
    mct_word_add_by_halves(&words.sum, 0xffffffff);
    mct_words_add(words.wide, UINT64_MAX - 1, 5);
    mct_word_take(&words.taken, 0x80000001);
    uint32_t count = __atomic_add_fetch(&changes, 1, __ATOMIC_RELAXED);
    mct_cell_max(&words.most, (uint64_t)count << 20);
}

static void on_alarm(int signal) {
    (void)signal;
    change();
}

static void *change_often(void *arg) {
    (void)arg;
    for (int i = 0; i < 5000; i++)
        change();
    return NULL;
}

static void check_words(void) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, change_often, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(changes >= 10000);
    CHECK(words.sum == (uint64_t)changes * 0xffffffff);
    CHECK(words.taken == (uint64_t)changes * 0x80000001);
    CHECK(words.most == (uint64_t)changes << 20);
    // 5 * 2^64 + 2^64 - 2 each time: a carry from all but the first.
    CHECK(words.wide[0] == 0 - 2 * (uint64_t)changes);
    CHECK(words.wide[1] == 6 * (uint64_t)changes - 1);
}

// --- Linux ---

static void check_files(void) {
    const uint64_t far = (uint64_t)5 << 30;
    char path[] = "/tmp/mct-machine-XXXXXX", text[] = "far away", back[8];
    int fd = mkstemp(path);
    unlink(path);
    struct sys_stat is;
    struct stat known;
    struct sys_piece pieces[2] = {{(uintptr_t)text, 3},
                                  {(uintptr_t)text + 3, 5}};
    CHECK(sys_set_length(fd, far) == 0);
    CHECK(sys_call3(SYS_fstat, fd, (long)&is, 0) == 0);
    CHECK(is.size == (int64_t)far);
    CHECK(sys_write_at(fd, "x", 1, far + 8191) == 1);
    CHECK(sys_write_pieces_at(fd, pieces, 2, far + 4096) == 8);
    CHECK(sys_call3(SYS_fstat, fd, (long)&is, 0) == 0 &&
          fstat(fd, &known) == 0);
    CHECK(is.size == (int64_t)far + 8192);
    CHECK(is.ino == known.st_ino && is.dev == known.st_dev);
    CHECK(is.mode == known.st_mode && is.uid == known.st_uid);
    CHECK(pread(fd, back, 8, (off_t)far + 4096) == 8 &&
          memcmp(back, text, 8) == 0);
    // Not far away: emulators cut offsets of mmap2() to 32 bits.
    CHECK(sys_write_at(fd, text, 8, 8192) == 8);
    long at = sys_map(0, 4096, PROT_READ, MAP_SHARED, fd, 8192);
    CHECK((unsigned long)at < (unsigned long)-4095L &&
          memcmp((void *)at, text, 8) == 0);
    long error = sys_allocate(fd, 0, far + 8192, 4096);
    CHECK(error == 0 || error == -95); // EOPNOTSUPP
    CHECK(error != 0 || (sys_call3(SYS_fstat, fd, (long)&is, 0) == 0 &&
                         is.size == (int64_t)far + 12288));
    CHECK(sys_call6(SYS_openat, -100, (long)"/nowhere/at/all", 0, 0, 0, 0) ==
          -2);
    CHECK(sys_call6(SYS_openat, -100, (long)"/etc/passwd",
                    SYS_O_DIRECTORY | SYS_O_LARGEFILE, 0, 0, 0) == -20);
    CHECK(symlink("/etc/passwd", path) == 0);
    CHECK(sys_call6(SYS_openat, -100, (long)path, SYS_O_NOFOLLOW, 0, 0, 0) ==
          -40);
    unlink(path);
    close(fd);
}

static uint64_t now(void) {
    int64_t pair[2] = {0, 0};
    sys_clock(CLOCK_MONOTONIC, pair);
    return (uint64_t)pair[0] * 1000000000 + (uint64_t)pair[1];
}

static void check_clock(void) {
    struct timespec known;
    clock_gettime(CLOCK_MONOTONIC, &known);
    uint64_t before =
        (uint64_t)known.tv_sec * 1000000000 + (uint64_t)known.tv_nsec;
    uint32_t word = 7;
    CHECK(now() >= before && now() - before < 1000000000);
    before = now();
    sys_wait_at(&word, 7, 20000000);
    CHECK(now() - before >= 19000000);
    uint64_t cycles = sys_cycles();
    CHECK(sys_cycles() >= cycles);
}

static uint32_t has_run;
static uintptr_t its_base;

static void run(void) {
    its_base = sys_thread_base();
    __atomic_store_n(&has_run, 1, __ATOMIC_RELEASE);
}

static void check_threads(void) {
    uint8_t *stack = mct_map_private(1 << 16);
    uintptr_t base = (uintptr_t)stack + (1 << 16) - 64;
    CHECK(sys_has_thread_base() && sys_thread_base() != 0);
    CHECK(sys_start_thread((void *)base, base, run) > 0);
    for (int i = 0; i < 1000 && !__atomic_load_n(&has_run, __ATOMIC_ACQUIRE);
         i++)
        usleep(1000);
    CHECK(has_run == 1 && its_base == base);
    uint8_t bytes[4], *at = bytes;
    CHECK(!sys_exchange(&at, bytes + 1, bytes + 2) && at == bytes);
    CHECK(sys_exchange(&at, bytes, bytes + 3) && at == bytes + 3);
    uint64_t zeroes[3] = {1, 2, 3};
    sys_zero(zeroes, 2);
    CHECK(zeroes[0] == 0 && zeroes[1] == 0 && zeroes[2] == 3);
}

int main(void) {
    check_division();
    check_files();
    check_clock();
    check_guard();
    check_words();
    check_threads();
    return wrong;
}
