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
// byte says that BEGIN has run; the end of the input, be it that the tracer was
// killed, that END shall.

#include "rt.h"

#define EINTR 4

void mct_host(void) {
    char byte = 1;
    sys_call3(SYS_write, 1, (long)&byte, 1);
    while (sys_call3(SYS_read, 0, (long)&byte, 1) == -EINTR)
        continue;
    __atomic_store_n(&MCT_HEADER->state, MCT_STATE_ENDING, __ATOMIC_RELAXED);
    mct_end();
    __atomic_store_n(&MCT_HEADER->state, MCT_STATE_ENDED, __ATOMIC_RELAXED);
    for (;;)
        sys_call3(SYS_exit_group, 0, 0, 0);
}
