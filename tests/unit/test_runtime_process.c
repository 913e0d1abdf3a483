// test_runtime_process.c: what clauses ask of their process, and do to it.

#define MCT_SYS "sys/x86_64.h"
#include "../../runtime/act.c"
#include "../../runtime/context.c"
#include "../../runtime/string.c"
#undef AT_FDCWD
#undef SIGSTOP
#undef SIG_BLOCK

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { STRSIZE = 100 };

const struct mct_config mct_config = {.strsize = STRSIZE};

static char scratch[STRSIZE + 1];

int32_t mct_cpu(void) {
    return 7;
}

void *mct_scratch(struct mct_firing *firing, uint64_t len) {
    (void)firing;
    assert_int_equal(len, sizeof scratch);
    return memset(scratch, 'x', sizeof scratch);
}

uint64_t mct_clock(int which) {
    struct timespec now;
    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct mct_thread thread;
static struct mct_firing firing = {.thread = &thread};

// --- what it reads ---

static void test_paths(void **state) {
    (void)state;
    char *here = getcwd(NULL, 0);
    assert_non_null(here);
    assert_string_equal(mct_root(&firing), "/");
    for (int i = 0; i < 2; i++) {
        char wanted[STRSIZE + 1] = "";
        char *is = getcwd(NULL, 0);
        strncat(wanted, is, STRSIZE);
        assert_string_equal(mct_cwd(&firing), wanted);
        free(is);
        assert_int_equal(chdir("/usr"), 0);
    }
    assert_int_equal(chdir(here), 0);
    free(here);
}

// A child with arguments of our choice is this program once more.
static void test_arguments(void **state) {
    (void)state;
    FILE *child = popen("exec /proc/$PPID/exe --arguments 'a b' '' 1", "r");
    char line[200] = "";
    assert_non_null(child);
    assert_non_null(fgets(line, sizeof line, child));
    assert_int_equal(pclose(child), 0);
    assert_non_null(strstr(line, "/exe --arguments a b  1\n"));
}

static void test_progeny(void **state) {
    (void)state;
    assert_int_equal(mct_progenyof(getpid()), 1);
    assert_int_equal(mct_progenyof(getppid()), 1);
    assert_int_equal(mct_progenyof(-1), 0);
    assert_int_equal(mct_progenyof(0), 0);
    int parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        pid_t own = fork();
        if (own == 0)
            _exit(mct_progenyof(parent) == 1 ? 0 : 1);
        int status = 1;
        waitpid(own, &status, 0);
        _exit(mct_progenyof(own) == 0 ? WEXITSTATUS(status) : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(mct_progenyof(child), 0);
}

// --- what it does ---

static volatile sig_atomic_t seen;
static volatile pthread_t seen_by;

static void on_signal(int number) {
    seen = number;
    seen_by = pthread_self();
}

static void *raise_here(void *arg) {
    (void)arg;
    mct_raise(SIGUSR1);
    assert_int_equal(seen, SIGUSR1);
    assert_true(pthread_equal(seen_by, pthread_self()));
    return NULL;
}

static void *raise_elsewhere(void *arg) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    mct_raise(SIGUSR2);
    (void)arg;
    return NULL;
}

static void test_signal(void **state) {
    (void)state;
    pthread_t other;
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    raise_here(NULL);
    seen = 0;
    assert_int_equal(pthread_create(&other, NULL, raise_here, NULL), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    // Blocked there, it comes here.
    assert_int_equal(pthread_create(&other, NULL, raise_elsewhere, NULL), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(seen, SIGUSR2);
    assert_true(pthread_equal(seen_by, pthread_self()));
    mct_raise(0);
    mct_raise(1000);
}

static void test_stop(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        mct_stop();
        _exit(7);
    }
    int status;
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void test_chill(void **state) {
    (void)state;
    uint64_t start = mct_clock(CLOCK_MONOTONIC);
    mct_chill(&firing, 20000000);
    assert_true(mct_clock(CLOCK_MONOTONIC) - start >= 20000000);
    assert_int_equal(firing.fault, 0);
    // What was spent counts.
    mct_chill(&firing, 490000000);
    assert_int_equal(firing.fault, MCT_FAULT_ILLOP);
    firing.fault = 0;
    mct_chill(&firing, 500000001);
    assert_int_equal(firing.fault, MCT_FAULT_ILLOP);
    firing.fault = 0;
    mct_chill(&firing, -1);
    assert_int_equal(firing.fault, MCT_FAULT_ILLOP);
    firing.fault = 0;
    // Another second, another half.
    thread.chill_start -= 1000000000;
    mct_chill(&firing, 1000);
    assert_int_equal(firing.fault, 0);
    assert_true(thread.chilled < 490000000);
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return puts(mct___psargs(&firing)) < 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),   cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_progeny), cmocka_unit_test(test_signal),
        cmocka_unit_test(test_stop),    cmocka_unit_test(test_chill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
