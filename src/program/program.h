// program.h: what analysis knows of an image.
//
// Functions with extents and names; for every byte of code whether control
// may arrive there other than by falling through; which registers are live.
// Everything here errs to the safe side: an address that might be a target
// counts as one, a register that might be live is live. Analysis is linear in
// the size of the code and decodes in full only what a site needs.

#ifndef MCTRACE_PROGRAM_H
#define MCTRACE_PROGRAM_H

#include "image/image.h"

enum function_flags {
    FUNCTION_PLT = 1,      // the stub of an import
    FUNCTION_PART = 2,     // split off from `parent` (NULL: not known): .cold
    FUNCTION_NAMELESS = 4, // named sub_<va>
    FUNCTION_OPAQUE = 8,   // an indirect jump in it was not resolved: any
                           // instruction of it may be a target
    FUNCTION_UNSURE = 16,  // control runs into bytes that do not decode
    FUNCTION_BLOB = 32,    // in a block of code that the program may copy
    FUNCTION_GUESSED = 64, // a label, or an address that was found, begins it
    FUNCTION_DATA = 128    // guessed, but not shown to be code: has no probes
};

struct function {
    uint64_t va, len;
    struct str name;     // the preferred one
    struct str *aliases; // others of the same address
    uint32_t alias_count;
    uint32_t flags;
    const struct function *parent;
};

enum exit_kind {
    EXIT_RETURN,
    EXIT_RETURN_COND,
    EXIT_SHARED_END, // a jump to what restores registers and returns
    EXIT_TAIL_CALL,
    EXIT_TAIL_CALL_COND
};

static inline bool exit_is_conditional(enum exit_kind kind) {
    return kind == EXIT_RETURN_COND || kind == EXIT_TAIL_CALL_COND;
}

// An instruction at which a function is left.
struct function_exit {
    uint64_t va;
    uint8_t kind; // enum exit_kind
};

// A system call instruction; `number` as analysis found it, or -1: only known
// at run time.
struct syscall_site {
    uint64_t va;
    int64_t number;
    const struct function *function; // NULL: outside of any
};

// A direct branch or call.
struct branch {
    uint64_t va, target;
};

// Registers that what is added asks for at an address: until then they are
// live, as if the instruction there read them.
struct asked {
    uint64_t va;
    regset regs;
};

struct program {
    struct image *image;
    const struct arch *arch;
    struct arena *arena;
    struct str module; // "a.out" for the program, else the library's name
    // The image that the user gave, not one that it needs: what a description
    // without provider means.
    bool is_given;
    struct function *functions; // by address
    size_t function_count;
    struct syscall_site *syscalls; // by address
    size_t syscall_count;
    struct branch *branches; // direct jumps, conditional or not, by target
    size_t branch_count;
    struct branch *calls; // direct calls, by target
    size_t call_count;
    const struct asked *asked; // by address; set by who adds something
    size_t asked_count;
    struct program_bits *bits; // private to program/
};

// functions.c

// Analyses an image. `module` is what its probes are named by.
struct program *program_open(struct arena *arena, struct image *image,
                             struct str module, struct diag *diag);
const struct function *program_function_at(const struct program *program,
                                           uint64_t va);

// parts.c

// The parts split off from `function`, by address.
const struct function *const *program_parts(const struct program *program,
                                            const struct function *function,
                                            size_t *count);

// names.c

// The first function of that name, raw or demangled; NULL: none.
const struct function *program_find_function(const struct program *program,
                                             struct str name);
// Functions one of whose names a pattern matches (str_glob), by address: raw
// names, and demangled ones with and without their parameters.
const struct function **program_match_functions(const struct program *program,
                                                struct str pattern,
                                                struct arena *arena,
                                                size_t *count);

// blocks.c

// In which encoding code at va is, see struct code.
uint8_t program_mode_at(const struct program *program, uint64_t va);
// The part of [*va, *end_va) around `at` that is in one encoding.
void program_mode_part(const struct program *program, uint64_t at, uint64_t *va,
                       uint64_t *end_va);
// Decodes the instruction at va, which must lie in code.
bool program_decode(const struct program *program, uint64_t va,
                    struct insn *insn);
// Whether control may arrive at va other than from the instruction before:
// branch and call targets, returns, jump tables, addresses found in data or
// taken in code, landing pads, entries.
bool program_is_target(const struct program *program, uint64_t va);
// The same, but only by direct branches that are shown to be ones (all in
// program->branches): they can be sent elsewhere.
bool program_is_direct_target_only(const struct program *program, uint64_t va);
// Whether a possible target lies behind va and before end_va, be it in the
// middle of an instruction (code jumps over lock prefixes).
bool program_has_target_within(const struct program *program, uint64_t va,
                               uint64_t end_va);
bool program_is_insn(const struct program *program, uint64_t va);
// Whether control is shown to reach va as an instruction (shown.c): other bytes
// may be data and must stay as they are.
bool program_is_shown(const struct program *program, uint64_t va);
// Start of the instruction before va in straight-line code; 0: none or unsure.
uint64_t program_previous_insn(const struct program *program, uint64_t va);
// Where the function is left, in order of address.
struct function_exit *program_exits(const struct program *program,
                                    const struct function *function,
                                    struct arena *arena, size_t *count);
// First branch to `target` in program->branches; *count of them.
const struct branch *program_branches_to(const struct program *program,
                                         uint64_t target, size_t *count);
const struct branch *program_calls_to(const struct program *program,
                                      uint64_t target, size_t *count);
// Whether [va, va + len) shares bytes with instructions that are shown, other
// than one that begins at va.
bool program_overlaps(const struct program *program, uint64_t va, unsigned len);
// Whether the instruction at va only fills the room up to the next label or
// the end: it never runs.
bool program_is_filler(const struct program *program, uint64_t va);
// Bytes of padding that start at va (between functions); 0: none.
uint64_t program_padding_at(const struct program *program, uint64_t va);

// depth.c

// Where the function is left at va: where the stack pointer was when it was
// entered, as *off bytes behind the register *base. False: not known.
bool program_frame_at_exit(const struct program *program,
                           const struct function *function, uint64_t va,
                           struct arena *arena, uint8_t *base, int64_t *off);

// live.c

// What is asked for at va, by program->asked.
regset program_asked_at(const struct program *program, uint64_t va);
// Those of `wanted` whose value just before the instruction at va may still be
// read; asking for few is quicker than asking for all. The flags together with
// some of their parts stand for those parts. What is asked for at va itself
// does not count.
regset program_live_among(const struct program *program, uint64_t va,
                          regset wanted);
// Registers whose value just before the instruction at va may still be read.
regset program_live_before(const struct program *program, uint64_t va);
// ... just after it; for a branch, on all ways.
regset program_live_after(const struct program *program, uint64_t va);
// Whether the instruction at va stands between a load-linked and its
// store-conditional.
bool program_is_reserved(const struct program *program, uint64_t va);

// redzone.c

// Whether memory below sp may hold data at va.
bool program_red_zone_live(const struct program *program, uint64_t va);

#endif
