// test_guard.c: memory that may not be there, read and written by faults that
// are caught and by system calls, of either kind: all must do the same.

#define MCT_SYS "sys/x86_64.h"
#include "../../runtime/guard.c"
#include "../../runtime/string.c"
#undef EINVAL
#undef ENOSYS
#undef EPERM
#undef MAP_ANONYMOUS
#undef MAP_PRIVATE
#undef SA_ONSTACK
#undef SA_RESETHAND
#undef SA_RESTORER
#undef SA_SIGINFO
#undef SIGBUS
#undef SIGSEGV
#undef SIG_BLOCK
#undef SIG_DFL
#undef SIG_IGN

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

_Alignas(MCT_REGION_ALIGN) uint8_t mct_region[MCT_REGION_ALIGN];
struct mct_private mct_private;

void *mct_map_private(uint64_t len) {
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

// Two pages that are there, between two that are not.
static char *make_pages(void) {
    char *at =
        mmap(NULL, 4 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(at != MAP_FAILED);
    at += 4096;
    mprotect(at, 2 * 4096, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 2 * 4096; i++)
        at[i] = (char)(1 + i % 255);
    return at;
}

// The guard as it would be, or none. cmocka sets handlers unseen.
static void choose(bool is_guarded) {
    MCT_HEADER->guard_owner = 0;
    mct_private.guard = NULL;
    if (is_guarded)
        mct_guard_begin();
    assert_true(mct_may_fault() == is_guarded);
}

static void check_copies(char *pages) {
    char to[80];
    for (int from = -20; from < 20; from++) {
        for (uint64_t len = 0; len < 40; len++) {
            const char *at = pages + from;
            memset(to, 0x7f, sizeof to);
            bool is_there = from >= 0 || len == 0;
            assert_true(mct_read(to, (uint64_t)at, len) == is_there);
            assert_true(!is_there || memcmp(to, at, is_there ? len : 0) == 0);
            assert_int_equal(to[len], 0x7f);
            const char *end = pages + 2 * 4096 - from;
            is_there = len == 0 || (int64_t)len <= from;
            assert_true(mct_read(to, (uint64_t)end, len) == is_there);
            assert_true(!is_there || memcmp(to, end, is_there ? len : 0) == 0);
        }
    }
    assert_false(mct_read(to, UINT64_MAX, 1));
    assert_false(mct_read(to, UINT64_MAX - 3, 8));
    assert_false(mct_read(to, (uint64_t)1 << 63, 8));
    assert_false(mct_read(to, 0, 1));
}

static void check_writes(char *pages) {
    const char text[] = "0123456789abcdef";
    for (uint64_t len = 1; len < sizeof text; len++) {
        assert_true(mct_write((uint64_t)pages + 100, text, len));
        assert_memory_equal(pages + 100, text, len);
        assert_true(mct_write((uint64_t)pages + 8192 - len, text, len));
        assert_false(mct_write((uint64_t)pages + 8193 - len, text, len));
        assert_false(mct_write((uint64_t)pages - 1, text, len));
    }
    mprotect(pages, 4096, PROT_READ);
    assert_false(mct_write((uint64_t)pages, text, 1));
    assert_true(mct_write((uint64_t)pages + 4096, text, 1));
    mprotect(pages, 4096, PROT_READ | PROT_WRITE);
}

static void check_texts(char *pages) {
    char to[64];
    for (uint64_t start = 0; start < 24; start++) {
        for (uint64_t len = 0; len < 24; len++) {
            for (uint64_t most = 0; most < 30; most++) {
                char *at = pages + 4096 - 12 + start;
                char kept = at[len];
                memset(at, 'x', len);
                at[len] = 0;
                memset(to, 0x7f, sizeof to);
                uint64_t want = len < most ? len : most;
                assert_int_equal(mct_read_text(to, (uint64_t)at, most), want);
                assert_memory_equal(to, at, want);
                // By the kernel more is read, but not beyond `most`.
                assert_int_equal(to[most], 0x7f);
                at[len] = kept;
            }
        }
    }
    memset(pages, 'y', 8192);
    for (uint64_t left = 1; left < 20; left++) {
        uint64_t at = (uint64_t)pages + 8192 - left;
        assert_int_equal(mct_read_text(to, at, left), left);
        assert_int_equal(mct_read_text(to, at, left + 1), -1);
    }
    assert_int_equal(mct_read_text(to, 0, 5), -1);
    assert_int_equal(mct_read_text(to, UINT64_MAX, 5), -1);
}

static void test_memory(void **state) {
    (void)state;
    for (int is_guarded = 0; is_guarded < 2; is_guarded++) {
        char *pages = make_pages();
        choose(is_guarded);
        check_copies(pages);
        check_writes(pages);
        check_texts(pages);
    }
}

static void deny_copies(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), // the number
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void test_denied(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        char *pages = make_pages();
        choose(false);
        deny_copies();
        check_copies(pages);
        check_texts(pages);
        _exit(42);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

// A table that is full ends the guarding, and not the program.
static void test_full(void **state) {
    (void)state;
    choose(true);
    for (uint64_t i = 0; i < 2 * SYS_STUBS; i++) {
        struct sys_action action = {.handler = 4096 + i, .mask = {FAULTS}};
        uint64_t at = (uint64_t)&action;
        mct_guard_action(SIGUSR1, at);
        bool is_stub = action.handler != 4096 + i;
        assert_true(is_stub || mct_private.guard->is_off);
        mct_guard_acted(at, 0);
        assert_int_equal(action.handler, 4096 + i);
        assert_int_equal(action.mask[0], FAULTS);
    }
    assert_false(mct_may_fault());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_denied),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
