// unit.h: what unit.c reads for stencil.c and code.c.

#ifndef MCTRACE_CODEGEN_UNIT_H
#define MCTRACE_CODEGEN_UNIT_H

#include "codegen/codegen.h"

struct unit_symbol {
    struct str name;
    uint64_t value, len;
    struct section_piece *piece; // NULL: undefined
    bool is_function, is_weak;
    const struct unit *unit;
    uint8_t mode; // of its code: what references add to its address
};

struct unit_reloc {
    uint64_t off;
    uint32_t type;
    int64_t addend;
    const struct unit_symbol *symbol;
};

// A section, which is taken whole or not at all (but for the shapes').
struct section_piece {
    struct str name;
    struct slice bytes; // fewer than `len`: the rest is zero
    uint64_t len;
    struct unit_reloc *relocs; // by offset
    size_t reloc_count;
    uint32_t alignment;
    bool is_loaded, is_code, is_changed;
    bool is_unsupported; // of each thread
    bool is_taken;
    uint32_t off; // in the shared code, constants or data
    // Where constants among the code begin and end, by mapping symbols.
    struct unit_mark {
        uint64_t off;
        bool is_data;
    } *marks; // by offset
    size_t mark_count, mark_room;
    struct section_piece *next; // in the order taken
};

struct unit {
    struct str name; // of the user's file; empty: generated
    bool is_library;
    struct slice bytes;
    struct section_piece *pieces;
    struct unit_symbol *symbols;
    size_t piece_count, symbol_count;
};

struct units {
    struct arena *arena;
    struct diag *diag;
    const struct arch *arch;
    struct unit **items;
    void **handles; // of libelf
    size_t count, room, handle_count, handle_room;
    struct map defined; // global symbols, by name
    struct map library; // those of the user's objects
    struct map wanted;  // names that these do not define
};

bool unit_read(struct units *units, struct slice bytes, struct str name,
               bool is_library);
// Does what the assembler left to be done within one function: branches of a
// machine whose linkers may shorten code.
void unit_settle(const struct units *units, struct unit *unit,
                 const struct arch *arch);
void units_close(struct units *units);

// library.c

// The user's objects. False: they cannot take part, reported.
bool library_read(struct units *units, const struct codegen_input *input);
// Which function of the runtime is to be called instead of `name`, since a
// library supplies what it stands for; NULL: none.
const char *library_stand_in(const struct units *units, struct str name);

// pool.c

// Bytes of constants at an offset of the code at [start, start + len) of a
// section.
uint32_t pool_data_len(const struct section_piece *piece, uint64_t start,
                       uint64_t len, uint32_t off);
// Makes constants at the end the stencil's pool.
void pool_cut(struct arena *arena, const struct arch *arch,
              const struct section_piece *piece, uint64_t start,
              struct slice *code, struct stencil *stencil);
// Gives out the points, by offset, to code and pool.
void pool_part_points(struct stencil *stencil, const struct patch_point *points,
                      size_t count);

// code.c

// What decoding a piece of generated code tells.
struct code_facts {
    regset clobbers;
    uint32_t *locks;
    size_t lock_count, lock_room;
    struct stack_row *rows;
    size_t row_count, row_room;
    uint32_t stack_len, insn_count, call_count;
    // The last instruction, which may be a jump that can go.
    uint32_t last_off;
    bool ends_in_jump;
};

struct code_reader {
    struct arena *arena;
    const struct arch *arch;
    struct diag *diag;
    // What the call in these bytes may change.
    regset (*call_clobbers)(void *state, uint32_t off, uint32_t len);
    // Whether their target is a relocation's.
    bool (*is_relocated)(void *state, uint32_t off, uint32_t len);
    // Bytes of constants that begin there.
    uint32_t (*data_len)(void *state, uint32_t off);
    void *state;
};
// False: an instruction that is none, or that generated code must not contain;
// reported.
bool code_read(const struct code_reader *reader, struct slice code,
               struct code_facts *facts);

#endif
