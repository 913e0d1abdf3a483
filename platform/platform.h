// platform.h: what a platform may supply to instrumented programs.
//
// A platform is an object file, several, or an archive, compiled for the
// program's machine and handed to `mctrace instrument --library=FILE`. It may
// define any of the functions below; what it does not define MCTrace does
// itself, or does without. Its own functions may call each other, and have
// variables and constants; docs/platform.md says what else they may do.
//
// They are called from within probes: at any moment, in interrupt handlers as
// well, and by several threads at once where there are threads. Whatever they
// call must allow that.

#ifndef MCTRACE_PLATFORM_H
#define MCTRACE_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

// Takes the message of `send(channel)`: the script's global variables; and, as
// channel INT32_MIN, each record that the script makes. What `mctrace extract
// --stream` reads is, for each, the channel and the size in 32 bits, then the
// data, all in the byte order of the program. Without an operating system it is
// not called again before it has returned.
void platform_send(int channel, const void *data, size_t size);

// Memory for the runtime, which is never given back; NULL: there is none. It is
// asked for when a clause first needs it (variables of a thread, texts).
void *platform_alloc_memory(size_t size);

// The time since some moment, in nanoseconds if the script is to be believed;
// never less than before. It becomes `timestamp`.
uint64_t platform_timestamp(void);

#endif
