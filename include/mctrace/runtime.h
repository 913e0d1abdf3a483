// runtime.h: what generated code and the functions of the runtime agree on,
// beyond the region.

#ifndef MCTRACE_RUNTIME_H
#define MCTRACE_RUNTIME_H

#include <stdint.h>

// What generated code touches of a firing and its thread (runtime/rt.h), from
// their starts. Variables of `this` and `self` lie behind.
#define MCT_FIRING_FAULT       0
#define MCT_FIRING_FAULT_VALUE 8
#define MCT_FIRING_THREAD      16
#define MCT_FIRING_SCRATCH_TOP 32
#define MCT_FIRING_VARS        256
#define MCT_THREAD_TOLD_ARGS   0
#define MCT_THREAD_IDENTITY    48
#define MCT_THREAD_VARS        512

// Addresses below stand for an element of an array that is not there, and what
// lies in it: zeroes are read, and nothing is written.
#define MCT_NOWHERE 0x10000

// Where a site's return address lies, if it is not a distance from the stack
// pointer.
#define MCT_NO_RA   UINT64_MAX       // not known
#define MCT_RA_LINK (UINT64_MAX - 1) // it is in the link register

// How a table is laid out, in one word: the region starts as zero, so whoever
// updates a table says so.
#define MCT_GEOMETRY(log2_entries, key_words, cell_words)                      \
    ((uint64_t)(log2_entries) | (uint64_t)(key_words) << 16 |                  \
     (uint64_t)(cell_words) << 32)
// Keys of up to so many integers are found by code at the site.
#define MCT_SHORT_KEY      4
#define MCT_MOST_KEYS      255
#define MCT_MOST_KEY_WORDS 65535
#define MCT_MOST_CELLS     65535

#endif
