// resolver.h: private to program/. A function while its indirect jumps are
// resolved.

#ifndef MCTRACE_PROGRAM_RESOLVER_H
#define MCTRACE_PROGRAM_RESOLVER_H

#include "program/bits.h"

// Data or code whose address an instruction of the function computes.
struct taken {
    uint64_t va;
    regset into;   // the register that holds it afterwards
    bool is_table; // offsets or addresses found there lead into the function
    uint64_t len;  // of those; 0: not known
};

#define TABLE_MOST 65536

// A table is looked at for as long as its entries lead to instructions, and is
// one if any of them is the function's own: some may lead to a fragment that
// was not recognised as a part of it. What it reaches is marked.
struct run {
    uint64_t vas[TABLE_MOST];
    size_t count;
    bool own;
    uint64_t table_va; // what seems to begin there is no function; 0: unknown
};

struct resolver {
    struct program *program;
    struct arena *arena;
    struct run *run;                 // reused
    const struct function *function; // that holds the jumps
    const struct function *root;     // the one it is a part of, or itself
    const struct function *const *parts;
    size_t part_count;
    struct depths *depths; // of the function, when first asked for
    struct taken *data, *code;
    size_t data_count, data_room, code_count, code_room;
};

// Within the function or a part of it. Its end counts: compilers let an entry
// that cannot be chosen lead there.
bool resolver_owns(const struct resolver *resolver, uint64_t va);
// The same of an instruction.
bool resolver_owns_insn(const struct resolver *resolver, uint64_t va);

// tables.c

// Fills in `data` and `code`, and marks what the tables among them reach.
void tables_find(struct resolver *resolver);
// Whether the jump itself names a table, which is marked.
bool table_named(const struct resolver *resolver, const struct insn *jump);

#endif
