// host.c: the program that is traced when none is given.
//
// `mctrace trace` puts into it what belongs to no code of the traced program:
// BEGIN, END and their like. It has nothing of its own: the entry point that
// is added to it (mct_start) serves the tracer and never comes here.

__attribute__((noreturn)) void _start(void);

void _start(void) {
    for (;;)
        __builtin_trap();
}
