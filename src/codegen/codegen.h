// codegen.h: IR to stencils.
//
// A backend compiles all shapes of a script into one relocatable object; from
// there on there is one path: stencil.c cuts the object at its symbols and
// adds what it uses of the runtime, which was compiled beforehand.
//
// Code of a shape `k` is the function mct_shape_<k>. Its contract:
//   * It takes its inputs from machine registers as they are at the site.
//     A shape that reads memory relative to the site's stack pointer finds
//     that in abi.scratch.
//   * Every way out is a jump to mct_next, which the trampoline places
//     behind the stencil. Where the machine has a link register a shape
//     leaves it as it was, and may return as well.
//   * General registers and flags only. What it clobbers is seen from its
//     code, within abi.caller_saved; the trampoline saves what is live.
//   * It knows these symbols: mct_region (start of the region in this image),
//     mct_private (the image's word about its process, behind it),
//     mct_slot_<i> (region + value of hole i; mct_low_<i> lies 4 bytes
//     behind it), mct_value_<i> (8 bytes of
//     read-only data with the value of hole i), mct_texts (the layout's
//     texts), and functions of the runtime.
//
// A shape that is long and has many sites is called instead of copied: the
// same function, once, with a return where mct_next is. What differs from site
// to site then comes by registers that the shape does not ask for otherwise,
// see struct handover, and mct_slot_, mct_low_ and mct_value_ are not used.

#ifndef MCTRACE_CODEGEN_H
#define MCTRACE_CODEGEN_H

#include "ir/ir.h"

struct object {
    struct slice bytes; // an ELF relocatable file
    // Functions it may call that save all they change but abi.lost_by_most.
    struct str *preserving;
    size_t preserving_count;
};

// What a called shape is given beside the registers of the site.
struct handover {
    bool is_called; // false: the shape is copied, and the rest means nothing
    // The register with the address of the values of the holes, in order, of
    // value_len bytes each; REG_NONE: there are no holes.
    uint8_t values, value_len;
    // The register with what the link register was at the site, if the shape
    // asks for that; or REG_NONE.
    uint8_t link;
};

struct codegen_input {
    const struct arch *arch;
    const struct ir_clause *const *shapes;
    size_t shape_count;
    const struct handover *handovers; // by shape; NULL: all are copied
    const char *const *keep; // run-time functions the rewriter refers to
    size_t keep_count;
    struct layout *layout; // texts may be added
    struct arena *arena;
    bool is_bare; // the program runs without an operating system
    // Objects and archives of the user's that take part.
    const struct library_file {
        const char *path;
        struct slice bytes;
    } *libraries;
    size_t library_count;
    // Where to write what was generated; NULL: nowhere.
    const char *save_ir, *save_asm, *save_object;
    const char *cc; // what compiles C; NULL: the machine's usual compiler
    const char *cc_processor; // more flags for it; NULL: none
    // For who reads the C: at which sites each shape is; NULL: nobody does.
    const struct str *uses;
};

struct backend {
    const char *name;
    bool (*compile)(const struct codegen_input *input, struct object *object,
                    struct diag *diag);
    // An object file of a text in LLVM's own language.
    bool (*assemble)(struct arena *arena, const struct arch *arch,
                     struct str text, struct slice *object, struct diag *diag);
};
extern const struct backend backend_llvm, backend_c;

// backends.c: by name; NULL: there is none.
const struct backend *backend_find(struct str name);

// c.c: the C that backend_c would have compiled.
bool c_source(const struct codegen_input *input, struct str *text,
              struct diag *diag);

// runtime.c

struct runtime {
    struct slice bitcode; // what may become part of a script's code
    struct slice text;    // the same as C
    struct slice object;  // all else, relocatable
    struct slice host;    // a program that does nothing, see runtime/host/
};
bool runtime_find(const struct arch *arch, struct runtime *runtime);
// For programs without an operating system: bitcode and object only. False:
// there is none for the machine.
bool runtime_find_bare(const struct arch *arch, struct runtime *runtime);
bool runtime_for(const struct codegen_input *input, struct runtime *runtime);

// inputs.c

// Where a shape finds registers of the site that do not reach it as such;
// REG_NONE: it does not ask for them.
struct given {
    uint8_t sp;
    uint8_t lost; // that of abi.lost_by_frame; among the inputs, too
};

// Registers that a shape reads as they are at the site. Some are handed over in
// others: see struct given.
regset shape_inputs(const struct ir_clause *shape, const struct arch *arch,
                    struct given *given);
// Chooses registers for a shape to be called with. False: it asks for so many
// that none is left.
bool shape_handover(const struct ir_clause *shape, const struct arch *arch,
                    struct handover *handover);
// The inputs of such a shape: what it is given, and the link not as such.
regset inputs_handed(const struct handover *handover, const struct arch *arch,
                     regset inputs);
struct handover input_handover(const struct codegen_input *input, size_t shape);

// stencil.c

enum target_kind {
    TARGET_NEXT,    // behind the stencil
    TARGET_REGION,  // region + addend
    TARGET_PRIVATE, // struct mct_private, behind the region, + addend
    TARGET_SLOT,    // region + value of hole `index` + addend
    TARGET_VALUE,   // a per-site constant in read-only data
    TARGET_TEXTS,   // the layout's texts + addend
    TARGET_SHARED,  // `index`: offset in the shared code
    TARGET_RODATA,  // `index`: offset in the shared read-only data
    TARGET_DATA,    // `index`: offset in the library's data
    TARGET_EXTERN   // `index`: in stencil_set.externs
};

struct patch_point {
    uint32_t off; // of the field, from the start of its code
    uint8_t kind; // enum target_kind
    bool is_absolute;
    const struct reloc_row *reloc;
    uint32_t index;
    int64_t addend;
};

struct stencil {
    struct slice code;
    const struct patch_point *points;
    uint32_t point_count;
    const uint32_t *locks; // offsets of lock prefixes
    uint32_t lock_count;
    regset inputs;   // registers it reads as they are at the site
    regset clobbers; // registers it changes, flags among them
    struct given given;
    struct handover handover;
    uint32_t hole_count;
    // Deepest use below its entry. A call counts with the return address that
    // it pushes, not with what the function called uses: 0 means that nothing
    // below sp is touched.
    uint32_t stack_len;
    // Where sp changes: from `off` on it is `below` bytes lower than at the
    // start.
    struct stack_row {
        uint32_t off, below;
    } *stack_rows;
    size_t stack_row_count;
    uint32_t insn_count, call_count;
    uint8_t alignment; // of its address
    // Constants that it loads relative to the pc, for a place not far behind
    // it: their bytes, which began at `pool_off`, their points, with offsets
    // from the stencil's start as well, and the loads.
    struct slice pool;
    uint32_t pool_off;
    const struct patch_point *pool_points;
    const struct literal_load {
        uint32_t off, word_off; // of the load in the code, within the pool
    } *loads;
    uint32_t pool_point_count, load_count;
};

// A function of the runtime within the shared code.
struct shared_function {
    struct str name;
    uint32_t off, len;
};

struct stencil_set {
    struct stencil *stencils; // by shape index
    size_t stencil_count;
    // Runtime code, placed once, at an address aligned to 16. It is never made
    // writable, so its lock prefixes stay.
    struct slice shared;
    // Constants of it and of stencils, placed once, aligned to 16.
    struct slice rodata;
    const struct patch_point *shared_points;
    size_t shared_point_count;
    const struct patch_point *rodata_points;
    size_t rodata_point_count;
    // What functions of a library change: its first bytes, its length, and
    // words of it that hold addresses.
    struct slice data;
    uint64_t data_len;
    const struct patch_point *data_points;
    size_t data_point_count;
    struct shared_function *functions;
    size_t function_count;
    struct str *externs; // symbols that the rewriter defines: mct_config, ...
    size_t extern_count;
};

// Symbols the rewriter defines. Anything else undefined is refused.
//   mct_config, mct_locks, mct_merges   read-only data
//   mct_text      start of the added code that mct_arm may make writable: on
//                 a page of its own, and not the code of the runtime
//   mct_begin, mct_end, mct_error       code: the clauses of these probes
//   mct_original_entry, mct_original_init  where start-up goes on
bool stencil_cut(struct arena *arena, const struct object *object,
                 const struct codegen_input *input, struct stencil_set *set,
                 struct diag *diag);
bool stencil_find_function(const struct stencil_set *set, const char *name,
                           uint32_t *off);

// listing.c

// The code of a clause for people to read.
void stencil_list(FILE *out, const struct stencil *stencil,
                  const struct arch *arch, struct str title);

#endif
