// runtime.h: what generated code and the functions of the runtime agree on,
// beyond the region.

#ifndef MCTRACE_RUNTIME_H
#define MCTRACE_RUNTIME_H

#include <stdint.h>

// A function whose result is narrower than 64 bits and that can fail returns
// 64, and this for failure: the clause ends there, header.faults grows.
#define MCT_FAULT INT64_MIN

// Room for a string that a function of builtins.def computes; the caller
// passes the buffer as the last argument.
#define MCT_STRING_ROOM 16

// How a table is laid out, in one word: the region starts as zero, so whoever
// updates a table says so.
#define MCT_GEOMETRY(log2_entries, key_words, cell_words)                      \
    ((uint64_t)(log2_entries) | (uint64_t)(key_words) << 8 |                   \
     (uint64_t)(cell_words) << 16)
#define MCT_MOST_KEYS  255
#define MCT_MOST_CELLS 65535

#endif
