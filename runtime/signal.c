// signal.c: what becomes of a signal that is about to be sent, as far as /proc
// tells it of the process that it is sent to.

#include "rt.h"

#define MOST_SIGNALS         64
// Those that are discarded where nothing else was asked for: SIGCHLD, SIGCONT,
// SIGURG, SIGWINCH.
#define DISCARDED_BY_DEFAULT (1ull << 16 | 1ull << 17 | 1ull << 22 | 1ull << 27)

// What stops, or is discarded, unless something else was asked for: SIGCONT,
// SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU and those above.
#define HARMLESS_BY_DEFAULT                                                    \
    (DISCARDED_BY_DEFAULT | 1ull << 18 | 1ull << 19 | 1ull << 20 | 1ull << 21)
// SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ,
// SIGSYS.
#define DUMPS_BY_DEFAULT                                                       \
    (1ull << 2 | 1ull << 3 | 1ull << 4 | 1ull << 5 | 1ull << 6 | 1ull << 7 |   \
     1ull << 10 | 1ull << 23 | 1ull << 24 | 1ull << 30)

#define CLD_KILLED  2
#define CLD_DUMPED  3
#define RLIMIT_CORE 4

// Whom kill() means: a group is stood for by its leader.
int32_t mct___signal_target(int64_t id) {
    int32_t wanted = (int32_t)id;
    if (wanted == 0 || wanted == -1)
        return (int32_t)sys_call3(SYS_getpid, 0, 0, 0);
    return wanted < 0 ? -wanted : wanted;
}

// Whether what clone() has made is a thread of this process: it is, or is gone,
// while a process would stay until it is waited for.
int32_t mct___is_thread(int64_t id) {
    long pid = sys_call3(SYS_getpid, 0, 0, 0);
    return sys_call3(SYS_tgkill, pid, id, 0) == 0 ||
           sys_call3(SYS_kill, id, 0, 0) != 0;
}

enum fate { FATE_NONE, FATE_SENT, FATE_DISCARDED };

// As the kernel decides: one that is blocked waits, whatever is to become of
// it.
static enum fate fate_of(int64_t id, int64_t number) {
    if (number < 1 || number > MOST_SIGNALS ||
        sys_call3(SYS_kill, id, 0, 0) != 0)
        return FATE_NONE;
    uint64_t bit = 1ull << (number - 1);
    uint64_t ignored = mct_status_field(id, "SigIgn:", 16, 0);
    uint64_t caught = mct_status_field(id, "SigCgt:", 16, 0);
    uint64_t blocked = mct_status_field(id, "SigBlk:", 16, 0);
    ignored |= DISCARDED_BY_DEFAULT & ~caught;
    return bit & ignored & ~blocked ? FATE_DISCARDED : FATE_SENT;
}

int32_t mct___signal_sent(int64_t id, int64_t number) {
    return fate_of(id, number) == FATE_SENT;
}

int32_t mct___signal_discarded(int64_t id, int64_t number) {
    return fate_of(id, number) == FATE_DISCARDED;
}

static bool may_dump(void) {
    uint64_t limits[2] = {0, 0};
    sys_call6(SYS_prlimit64, 0, RLIMIT_CORE, 0, (long)limits, 0, 0);
    return limits[0] > 0;
}

// How the process ends if it sends itself the signal; 0: it does not.
int32_t mct___signal_kills(int64_t id, int64_t number) {
    if (number < 1 || number > MOST_SIGNALS ||
        mct_status_field(id, "Tgid:", 10, 0) !=
            (uint64_t)sys_call3(SYS_getpid, 0, 0, 0))
        return 0;
    uint64_t bit = 1ull << (number - 1);
    uint64_t kept = mct_status_field(id, "SigIgn:", 16, 0) |
                    mct_status_field(id, "SigCgt:", 16, 0) |
                    mct_status_field(id, "SigBlk:", 16, 0) |
                    HARMLESS_BY_DEFAULT;
    if (bit & kept)
        return 0;
    return bit & DUMPS_BY_DEFAULT && may_dump() ? CLD_DUMPED : CLD_KILLED;
}
