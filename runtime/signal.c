// signal.c: what becomes of a signal that is about to be sent. Of the process
// itself the kernel tells it; of others /proc does, as far as it is there.

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

#define SIG_DFL 0u
#define SIG_IGN 1u

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

// Sets of signals; of the process itself no more than the one asked for.
struct treatment {
    uint64_t ignored, caught, blocked;
};

static bool is_own(int64_t id) {
    long pid = sys_call3(SYS_getpid, 0, 0, 0);
    return id == pid || sys_call3(SYS_tgkill, pid, id, 0) == 0;
}

// A signal to the process is taken by any thread that does not block it, so
// that the one which sends it decides for all.
static struct treatment own_treatment(int64_t number) {
    struct sys_action action = {.handler = SIG_DFL};
    struct treatment of = {0, 0, 0};
    uint64_t bit = 1ull << (number - 1);
    uintptr_t mask[SYS_MASK_WORDS] = {0};
    sys_call6(SYS_rt_sigaction, number, 0, (long)&action, 8, 0, 0);
    sys_call6(SYS_rt_sigprocmask, 0, 0, (long)mask, 8, 0, 0);
    of.ignored = action.handler == SIG_IGN ? bit : 0;
    of.caught = action.handler > SIG_IGN ? bit : 0;
    of.blocked = sys_mask_has(mask, (uint64_t)number) ? bit : 0;
    return of;
}

static struct treatment treatment_of(int64_t id, int64_t number) {
    if (is_own(id))
        return own_treatment(number);
    return (struct treatment){
        .ignored = mct_status_field(id, "SigIgn:", 16, 0),
        .caught = mct_status_field(id, "SigCgt:", 16, 0),
        .blocked = mct_status_field(id, "SigBlk:", 16, 0),
    };
}

// As the kernel decides: one that is blocked waits, whatever is to become of
// it.
static enum fate fate_of(int64_t id, int64_t number) {
    if (number < 1 || number > MOST_SIGNALS ||
        sys_call3(SYS_kill, id, 0, 0) != 0)
        return FATE_NONE;
    uint64_t bit = 1ull << (number - 1);
    struct treatment of = treatment_of(id, number);
    uint64_t ignored = of.ignored | (DISCARDED_BY_DEFAULT & ~of.caught);
    return bit & ignored & ~of.blocked ? FATE_DISCARDED : FATE_SENT;
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
    if (number < 1 || number > MOST_SIGNALS || !is_own(id))
        return 0;
    uint64_t bit = 1ull << (number - 1);
    struct treatment of = own_treatment(number);
    uint64_t kept = of.ignored | of.caught | of.blocked | HARMLESS_BY_DEFAULT;
    if (bit & kept)
        return 0;
    return bit & DUMPS_BY_DEFAULT && may_dump() ? CLD_DUMPED : CLD_KILLED;
}
