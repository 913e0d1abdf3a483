// rewrite.h: stencils into an image.
//
// plan.c decides, for every site, by which tactic it is reached; a window is
// the run of whole instructions that a jump in place covers. trampoline.c
// writes the code the jump leads to:
//
//     site:  jmp trampoline          trampoline:  save what is live and
//            (rest of the window)                 clobbered, if anything
//     back:  next instruction                     stencil, holes filled
//                                                 restore
//                                                 displaced instructions
//                                                 jmp back
//
// Trampolines lie densely, in the order of their functions. No byte changes
// that is not in the plan; the report lists every site.

#ifndef MCTRACE_REWRITE_H
#define MCTRACE_REWRITE_H

#include "codegen/codegen.h"

// A clause to be run at a site.
struct shot {
    const struct site *site;
    const struct stencil *stencil;
    const uint64_t *holes;
    uint32_t clause;
};

enum tactic {
    TACTIC_DIRECT,   // a jump over the site's own instructions
    TACTIC_BEFORE,   // the jump stands on instructions before the site
    TACTIC_PADDING,  // it runs on into padding behind
    TACTIC_ISLAND,   // a short jump to a jump in nearby spare bytes
    TACTIC_CALL,     // a call in place of a call
    TACTIC_RETARGET, // branches into the window were sent to the trampoline
    TACTIC_FUNCTION, // BEGIN, END: called by the runtime
    TACTIC_MISSED,
    TACTIC_COUNT
};

struct site_report {
    const struct site *site;
    uint8_t tactic;             // enum tactic
    const char *reason;         // TACTIC_MISSED
    struct slice before, after; // bytes in place
    uint64_t window_va, trampoline_va;
};

struct rewrite_input {
    struct arena *arena;
    const struct program *program;
    const struct shot *shots; // of this image, ordered by address and moment;
    size_t shot_count;        // BEGIN and END among them for the program
    const struct stencil_set *stencils;
    const struct layout *layout;
    // Filled but for what the rewriter knows. The totals of the ledger are of
    // all images together: they may be set until rewrite_commit().
    struct mct_config *config;
    struct slice drains; // struct mct_drain_info and so on, may be empty
    const struct mct_merge *merges;
    uint32_t merge_count;
    struct image_links links; // see image_additions
    struct str interpreter;   // likewise
    bool is_loader;           // the image is the program's dynamic loader
    struct str mapping;       // to embed
    enum { LOCKS_FLIP, LOCKS_ALWAYS } locks;
};

struct rewrite_result {
    struct site_report *sites;
    size_t site_count;
    size_t by_tactic[TACTIC_COUNT];
    uint64_t bytes_added;
    uint64_t trampolines_len; // of that: what sites lead to, and their values
    struct image_room room;
    struct image_additions additions;
    uint64_t config_off; // of mct_config in additions.rodata
};

// rewrite.c

const char *tactic_name(enum tactic tactic);
// Plans and builds, all in memory.
bool rewrite_build(const struct rewrite_input *input,
                   struct rewrite_result *result, struct diag *diag);
// Writes the image.
bool rewrite_commit(const struct rewrite_input *input,
                    struct rewrite_result *result, const char *path,
                    struct diag *diag);

// report.c

// The ledger of all images as JSON, and its totals in one line.
struct str report_json(struct arena *arena,
                       const struct rewrite_result *const *results,
                       const struct program *const *programs, size_t count);

#endif
