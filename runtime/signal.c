// signal.c: what becomes of a signal that is about to be sent, as far as /proc
// tells it of the process that it is sent to.

#include "rt.h"

#define MOST_SIGNALS         64
// Those that are discarded where nothing else was asked for: SIGCHLD, SIGCONT,
// SIGURG, SIGWINCH.
#define DISCARDED_BY_DEFAULT (1ull << 16 | 1ull << 17 | 1ull << 22 | 1ull << 27)

// Whom kill() means: a group is stood for by its leader.
int32_t mct___signal_target(int64_t id) {
    int32_t wanted = (int32_t)id;
    if (wanted == 0 || wanted == -1)
        return (int32_t)sys_call3(SYS_getpid, 0, 0, 0);
    return wanted < 0 ? -wanted : wanted;
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
