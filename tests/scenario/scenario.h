// scenario.h: what all scenarios share.

#ifndef SCENARIO_H
#define SCENARIO_H

// A function that stays one function: not inlined, cloned, merged or dropped.
#if defined __clang__
#define PROBED __attribute__((noinline, optnone, used))
#else
#define PROBED __attribute__((noipa, used))
#endif

#endif
