// act.c: actions of D that change what the program does.

#include "rt.h"

#define SIGSTOP   19
#define SIG_BLOCK 0

#define CHILL_SECOND 1000000000u
#define CHILL_MOST   500000000u // nanoseconds in a second

static bool is_blocked(int64_t signal) {
    uintptr_t mask[SYS_MASK_WORDS] = {0};
    sys_call6(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)mask, sizeof mask, 0, 0);
    return signal >= 1 && signal <= 64 && sys_mask_has(mask, (uint64_t)signal);
}

// The thread at hand gets it at once, unless it has it blocked: then whichever
// thread of the process has not.
void mct_raise(int64_t signal) {
    long pid = sys_call3(SYS_getpid, 0, 0, 0);
    if (is_blocked(signal))
        sys_call3(SYS_kill, pid, signal, 0);
    else
        sys_call3(SYS_tgkill, pid, sys_call3(SYS_gettid, 0, 0, 0), signal);
}

void mct_stop(void) {
    sys_call3(SYS_kill, sys_call3(SYS_getpid, 0, 0, 0), SIGSTOP, 0);
}

// Spins, as the thread must not be seen to sleep. Half of every second, of
// each thread, is the most that it may take.
void mct_chill(struct mct_firing *firing, int64_t ns) {
    struct mct_thread *thread = firing->thread;
    uint64_t start = mct_clock(MCT_CLOCK_MONOTONIC), now = start;
    if (start - thread->chill_start >= CHILL_SECOND) {
        thread->chill_start = start;
        thread->chilled = 0;
    }
    if (ns < 0 || (uint64_t)ns > CHILL_MOST - thread->chilled) {
        mct_fail(firing, MCT_FAULT_ILLOP, 0);
        return;
    }
    while (now - start < (uint64_t)ns)
        now = mct_clock(MCT_CLOCK_MONOTONIC);
    thread->chilled += now - start;
    if (thread->chilled > CHILL_MOST)
        thread->chilled = CHILL_MOST;
}
