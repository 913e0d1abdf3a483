// rt.h: the code that goes into the traced program.
//
// Freestanding C for general registers: no libc, no floating point, no
// recursion, bounded loops, no writable data but the region. It owns nothing
// of the host's: no TLS, errno, descriptors or signal masks (a mask it must
// change for a moment is put back). Compiled to bitcode once per machine and
// joined with a script's code before optimisation.

#ifndef MCTRACE_RT_H
#define MCTRACE_RT_H

#include <stdbool.h>
#include <stdint.h>

#include "mctrace/region.h"

#define HIDDEN __attribute__((visibility("hidden")))
// Called from stencils, never inlined: saves all it changes, so that a stencil
// need not.
#define COLD __attribute__((noinline, preserve_most)) HIDDEN
// Becomes part of the stencil.
#define INLINE static inline __attribute__((always_inline))

// Symbols of the rewriter.
extern HIDDEN uint8_t mct_region[];
extern HIDDEN const struct mct_config mct_config;
extern HIDDEN const uint8_t mct_locks[];
extern HIDDEN const struct mct_merge mct_merges[];
extern HIDDEN uint8_t mct_text[];
HIDDEN void mct_begin(void);
HIDDEN void mct_end(void);

#define MCT_HEADER ((struct mct_region *)mct_region)

#endif
