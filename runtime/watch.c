// watch.c: the host of a watched run.
//
// Where `mctrace trace` watches, BEGIN, END and whatever else belongs to no
// code of the traced program fire in a process of their own, the host: so END
// fires, and sees what was gathered, however the program ended. The host makes
// the region's file before the program starts; the program's images join it
// (MCT_CONFIG_JOIN). exit() in a clause, wherever it is, only ends tracing; the
// tracer, who looks at the region's state, then ends the host.
//
// The host and the tracer talk by two pipes, its standard input and output: a
// byte says that BEGIN has run; until then, and between, timers fire. The end
// of the input, be it that the tracer was
// killed, that END shall.

#include "rt.h"

#define POLLIN 1

// Whether there is something to read, or the end; waits for `wait` at most.
static bool is_told(uint64_t wait) {
    struct {
        int32_t fd;
        int16_t events, told;
    } input = {0, POLLIN, 0};
    long until[2] = {(long)(wait / 1000000000), (long)(wait % 1000000000)};
    return sys_call6(SYS_ppoll, (long)&input, 1,
                     wait == UINT64_MAX ? 0 : (long)until, 0, 0, 0) > 0;
}

void mct_host(void) {
    char byte = 1;
    struct mct_due due = {.samples = false};
    bool begun = mct_due_begin(&due);
    sys_call3(SYS_write, 1, (long)&byte, 1);
    while (!is_told(begun ? mct_due_fire(&due) : UINT64_MAX))
        continue;
    __atomic_store_n(&MCT_HEADER->state, MCT_STATE_ENDING, __ATOMIC_RELAXED);
    mct_end();
    __atomic_store_n(&MCT_HEADER->state, MCT_STATE_ENDED, __ATOMIC_RELAXED);
    for (;;)
        sys_call3(SYS_exit_group, 0, 0, 0);
}
