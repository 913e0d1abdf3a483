// cutter.h: private to codegen/. An object while it becomes stencils.

#ifndef MCTRACE_CODEGEN_CUTTER_H
#define MCTRACE_CODEGEN_CUTTER_H

#include "codegen/unit.h"

struct cutter {
    struct arena *arena;
    struct diag *diag;
    const struct codegen_input *input;
    struct stencil_set *set;
    struct units units;
    struct map externs;                           // name -> index + 1
    struct map preserving;                        // names of functions
    struct section_piece *shapes, *first, **last; // taken, in order
    struct bytes shared, rodata, data;
    struct patch_point *words; // in data: addresses that code refers to
    size_t word_count, word_room;
    struct map word_offs; // of a definition: offset in data + 1
    // Of the stencil at hand:
    const struct unit_reloc *relocs;
    size_t reloc_count;
    uint64_t start, len;
    size_t extern_room, function_room;
};

// Of an object that the user gave.
static inline bool is_of_library(const struct unit_symbol *symbol) {
    return symbol->unit && symbol->unit->is_library;
}

// Reports why what the relocation asks for cannot be had; false.
bool cutter_refuse(const struct cutter *cutter, const struct unit_reloc *reloc,
                   enum tag tag, const char *why);
// Where the symbol is defined; NULL: nowhere.
const struct unit_symbol *cutter_definition(const struct cutter *cutter,
                                            const struct unit_symbol *symbol);
// Whether the relocation is of the second half of an address, whose symbol is
// the place of the first.
bool cutter_is_second(const struct cutter *cutter,
                      const struct unit_reloc *reloc);

// patch_points.c

// The relocation as a point at `off` of a stencil or of a piece. False: it was
// reported that it can be none.
bool point_make(struct cutter *cutter, const struct unit_reloc *reloc,
                uint32_t off, struct patch_point *point);
// Those of all pieces of a kind that were taken.
bool points_make(struct cutter *cutter, enum target_kind kind,
                 const struct patch_point **points, size_t *count);

#endif
