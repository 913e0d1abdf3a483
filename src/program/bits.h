// bits.h: private to program/. What the quick pass leaves behind.
//
// Code is the concatenation of the image's executable sections; a byte of it
// has an *index*, 32 bits wide, so that 20 million instructions fit in little
// memory. Ranges close to each other keep their distance, others start at a
// multiple of 64, a word of a bitmap.
//
//     range 0 (.plt)          range 1 (.text)
//     va 0x1020 .. 0x1400     va 0x1400 .. 0x9f21
//     |                       |
//     index 0 .. 992          index 1024 ..

#ifndef MCTRACE_PROGRAM_BITS_H
#define MCTRACE_PROGRAM_BITS_H

#include "program/program.h"

#define INDEX_NONE UINT32_MAX

// How far a question that follows all ways from an address goes.
#define EXPLORE_STEPS 48 // instructions
#define EXPLORE_WAYS  12 // that are still to be followed

struct code_range {
    uint64_t va, len;
    const uint8_t *bytes;
    uint32_t base;   // index of the first byte
    uint64_t end_va; // of the section; data may lie in between
    uint8_t mode;    // of its code, see struct code
};

// From here on there is data, or code of a mode.
struct code_mark {
    uint64_t va;
    uint8_t mode;
    bool is_data;
};

// A direct branch or call by indices.
struct edge {
    uint32_t from, to;
};

struct edge_list {
    struct edge *items;
    size_t count, room;
};

struct index_list {
    uint32_t *items;
    size_t count, room;
};

struct program_bits {
    struct code_range *ranges; // by address
    bool is_mapped;            // mapping symbols tell the mode of all code
    struct code_mode *modes;   // what is known of it, by address
    size_t mode_count;
    uint8_t usual_mode;      // of most of them
    struct code_mark *marks; // by address, while ranges are made
    size_t mark_count;
    const struct ground *ground; // NULL: nobody had to find it out
    uint64_t *lines;             // where what it found begins, ascending
    size_t line_count;
    size_t range_count;
    uint32_t index_count;
    // One bit an index: an instruction starts there; a direct branch goes
    // there; control may arrive there otherwise.
    uint64_t *insns, *direct, *other;
    // Of the others: code begins there for certain; an address of it was found
    // somewhere. Memory that instructions read as data; what shown.c concludes.
    uint64_t *certain, *found, *read, *shown;
    // Code that is not shown itself leads there; code that is shown does, but
    // from another encoding.
    uint64_t *guessed, *refuted;
    struct index_list return_points, indirect_jumps;
    struct index_list taken; // code whose address an instruction takes
    // Indirect jumps that leave their function: tail calls. By index.
    struct index_list indirect_exits;
    uint64_t base_vas[BASES_MOST]; // what arch->bases hold; 0: not known
    uint64_t *reach;               // highest end of functions[0..i]
    const struct function **parts; // by parent, then address
    size_t part_count;

    // Filled when first asked for.
    bool has_evidence;
    // Flags read first after indirect calls, after any, at entries, where
    // indirect jumps go; and by the callers of every function.
    regset at_return, after_calls, at_entry, at_target;
    regset *returns;
    uint8_t *red_zone;               // enum red_zone of every function
    struct temporaries *temporaries; // see temps.c
    bool has_names;
    struct map names; // name -> struct named
    struct str *demangled;
};

static inline bool bit_get(const uint64_t *bits, uint32_t index) {
    return bits[index / 64] >> (index % 64) & 1;
}

static inline void bit_set(uint64_t *bits, uint32_t index) {
    bits[index / 64] |= (uint64_t)1 << (index % 64);
}

// code.c

// Finds the ranges. False: no code, or more than an index can name; reported.
bool code_open(struct program *program, struct diag *diag);
const struct code_range *code_range_at(const struct program_bits *bits,
                                       uint64_t va);
uint32_t code_index(const struct program_bits *bits, uint64_t va);
uint64_t code_va(const struct program_bits *bits, uint32_t index);
// Forgets all but the ranges.
void code_clear(struct program *program);
// Control may arrive at va by other ways than direct branches. `set`: that of
// those bits which says why.
void code_mark_target(struct program_bits *bits, uint64_t va, uint64_t *set);
// The same for every instruction of [va, va + len).
void code_mark_all(struct program_bits *bits, uint64_t va, uint64_t len);
bool code_brief(const struct program *program, uint64_t va,
                struct insn_brief *out);
// Walks the instructions of a function: *off, 0 at first, moves behind the one
// that is found. Bytes that are none are passed over. False: no more.
bool code_next_insn(const struct program *program,
                    const struct function *function, uint64_t *off,
                    struct insn *insn);

// blocks.c

// Start of the instruction that ends at va, whatever it is; 0: none.
uint64_t code_previous(const struct program *program, uint64_t va);
bool kind_falls_through(enum insn_kind kind);
// Whether an ascending list holds the index.
bool index_listed(const struct index_list *list, uint32_t index);

// temps.c

// Which of `wanted`, of abi.temporaries, may still be read at va.
regset temps_live(const struct program *program, uint64_t va, regset wanted);

// bases.c

// Sets bits->base_vas.
void bases_find(struct program *program);
// What a register holds all through the program; 0: not known, or no such.
uint64_t base_value(const struct program *program, uint8_t reg);
// The registers that hold such an address which is not known.
regset bases_unknown(const struct program *program);

// pairs.c

// Sets pc_value and INSN_TAKES_ADDRESS where the instruction is the second of
// two that make an address.
void pair_complete(const struct program *program, struct insn *insn);
// The same; nothing below least_va is looked at.
void pair_complete_brief(const struct program *program,
                         const struct code_range *range, uint64_t va,
                         uint64_t least_va, struct insn_brief *brief);

// candidates.c

// What says that a function starts at an address, by trust, best first.
enum origin { FROM_SYMBOL, FROM_PLT, FROM_DEBUG, FROM_FRAME, FROM_LABEL };

struct candidate {
    uint64_t va, len; // len 0: unknown
    struct str name;  // empty: none
    uint8_t origin;   // enum origin
    bool global;
};

struct candidate_run {
    struct candidate *items;
    size_t count, room;
};

struct candidates {
    struct arena *arena;
    const struct program_bits *bits;
    struct candidate_run all; // by address
};

// Adds to a run what lies in code.
void candidates_add(struct candidates *candidates, struct candidate_run *run,
                    struct candidate candidate);
// Makes a run part of all.
void candidates_merge(struct candidates *candidates, struct candidate_run *run);
// Everything the image tells.
void candidates_gather(struct candidates *candidates, struct image *image,
                       struct diag *diag);

// sweep.c

// The quick pass. `starts` are addresses at which an instruction is known to
// begin, ascending; decoding begins anew at each.
void sweep_code(struct program *program, const uint64_t *starts,
                size_t start_count);
// Whether the instruction there lies in a word that others read as data.
bool code_is_constant(const struct program *program, uint32_t index);

// shown.c

// Finds what is shown to be code. True: there is much which the quick pass did
// not see; it should begin anew at the indices added to `late` as well.
bool shown_find(struct program *program, struct arena *arena,
                struct index_list *late);

// landing.c

// Marks the landing pads of exceptions as targets. False: unreadable.
bool landing_mark(struct program *program, const struct frame_range *frame);

// jumps.c

// Resolves the indirect jumps: marks what they may reach, or the function as
// opaque, or lists the jump as a tail call.
void jumps_resolve(struct program *program);

// depth.c

// What the end of a function gives back: sp becomes `base` + `off`.
struct frame_end {
    uint8_t base; // REG_NONE: it is not known
    int64_t off;
};

// Whether the function at `target` is nothing but an end that others share: it
// runs straight to a return and gives back a frame that it has not made.
bool shared_end(const struct program *program, uint64_t target,
                struct frame_end *end);

struct depths;

struct depths *depths_of(const struct program *program,
                         const struct function *function, struct arena *arena);
// Whether the stack pointer is at va where it was at the function's entry.
bool depth_is_at_entry(const struct depths *depths, uint64_t va);

// numbers.c

// The constant that register `reg` holds before the instruction at va, on all
// ways there; -1: none or unknown.
int64_t number_before(const struct program *program, uint64_t va, uint8_t reg);

// blob.c

// Flags the functions of blocks of code that a program may copy.
void blob_find(struct program *program);

// parts.c

// Finds which functions are parts of others.
void parts_find(struct program *program);
// Before the starts of all functions are marked: whether control may come to
// one otherwise than by direct branches. That a call ends just before does not
// count: what it calls does not return.
bool parts_is_taken(const struct program *program, uint64_t va);
// Whether both are the same function or parts of one.
bool parts_together(const struct function *a, const struct function *b);

// crossed.c

// Branches lead across the addresses behind from_va, up to to_va.
struct crossed_span {
    uint64_t from_va, to_va;
};

struct crossed {
    struct crossed_span *spans; // by address, apart
    size_t count;
};

// What branches lead across where it had to be found out what is code; nothing
// where other things tell of functions.
struct crossed crossed_find(const struct program *program, struct arena *arena);
bool crossed_at(const struct crossed *crossed, uint64_t va);
// Whether nothing runs on into va, filler apart, or only what a call may not
// return to.
bool crossed_is_apart(const struct program *program, uint64_t va);

// modes.c

// Sets bits->modes. Before there are ranges.
void modes_find(struct program *program);

// ground.c

// Finds out where there is code and data, and sets bits->marks. Before there
// are ranges.
void ground_survey(struct program *program);
// Whether it found an instruction at va.
bool ground_is_reached(const struct program *program, uint64_t va);

#endif
