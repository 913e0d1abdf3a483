// walk.h: a walk of the stack; private to unwind.c, rules.c and
// paths.c.

#ifndef MCTRACE_RT_WALK_H
#define MCTRACE_RT_WALK_H

#include "unwind.h"

#define CACHE_LOG2  12
#define RULES       4096
#define HEADS       512
#define WALKS       16
#define PATHS       256
#define PATH_FRAMES 40
#define CHECKS      48
#define BLOCK       512 // no page ends inside of one
#define IN_REGISTER INT64_MAX
#define LOST        INT64_MIN

// A walk as it was: if the same words lie at the same distances from the stack
// pointer, it is the same again. Each check is of a word: that it is `value`,
// or, for what a frame was found by, that far from the first stack pointer.
struct check {
    uint64_t value;
    int32_t off;
    uint32_t is_relative;
};

struct path {
    uint32_t version; // odd: being written
    uint16_t frame_count, check_count;
    uint8_t is_whole; // it does not go on
    uint8_t base;     // a register that holds the first stack pointer plus ...
    uint8_t pad[2];
    uint32_t base_off; // ... this; none if `base` is MCT_BASE_NONE
    uint32_t misses;   // walks that found another stack
    uint64_t link;     // what the link register held; 0: it does not matter
    uint64_t va;
    struct check checks[CHECKS];
    uint64_t frames[PATH_FRAMES];
};

// The return address lies in front of the CFA or, where there are frame
// records, behind the frame pointer that was saved, which is near. Two words
// are not written as one, so what holds for a pc bears a part of it.
//
//     63        32 31          16 15     4     3          2      0
//     | CFA offset | fp offset / 8 | of pc | fp is saved | by fp | 1 |
struct quick {
    uint64_t pc, word;
};

struct walk {
    struct mct_unwind *unwind;
    struct mct_frames_work frames;
    struct mct_rule rule;           // of the step at hand, if it is not kept
    uint64_t values[MCT_BASES + 2]; // registers before the step
    const struct mct_site_state *state;
    // Whose it is: a thread's register, 0 if that is not known, and its stack.
    uint64_t owner, stack;
    uint64_t pc, regs[MCT_BASES];
    bool is_exact;   // pc is where it runs, not where a call returns to
    bool is_first;   // of the walk
    bool is_guarded; // loads may fault
    // A quick walk follows the stack and the frame pointer alone; few frames
    // are found by another register.
    bool is_full, wants_full;
    // For the path: where each register's value comes from, as an offset from
    // the first stack pointer, or IN_REGISTER.
    int64_t sources[MCT_BASES];
    struct path *path; // being written; NULL: this walk has no such form
    // Where loads must not fault the kernel copies a block at a time: what lies
    // from there on; 0: nothing.
    uint64_t block_at;
    uint8_t block[BLOCK];
};

// Of a process, and empty again in its children.
struct mct_unwind {
    struct quick quick[1 << CACHE_LOG2];
    uint64_t cache[1 << CACHE_LOG2]; // pc << 16 | number of its rule
    uint32_t rule_count, is_adding, walks_taken, pad;
    uint16_t heads[HEADS], next[RULES]; // rules by their hash
    struct mct_rule rules[RULES];       // the first is MCT_RULE_NONE
    struct mct_modules modules;
    // Not on the program's stack, which may be small (a goroutine's is).
    struct walk walks[WALKS];
    struct path paths[PATHS];
};

// rules.c

INLINE struct quick *quick_slot(struct mct_unwind *unwind, uint64_t pc) {
    return &unwind->quick[(pc ^ pc >> CACHE_LOG2) & ((1 << CACHE_LOG2) - 1)];
}

INLINE uint64_t quick_mark(uint64_t pc) {
    return (pc ^ pc >> 12) & 0xfff0;
}

// Where a quick rule has the return address.
INLINE uint64_t quick_return(uint64_t cfa, uint64_t saved_fp_at) {
#ifdef SYS_RETURN_BY_FP
    (void)cfa;
    return saved_fp_at + MCT_WORD;
#else
    (void)saved_fp_at;
    return cfa - MCT_WORD;
#endif
}

// The rule at the walk's pc. It stays, or lies in the walk, till the next call.
HIDDEN const struct mct_rule *mct_find_rule(struct walk *walk);

// paths.c

// The path of a site that was called from there; it may be another's.
HIDDEN struct path *mct_path_of(struct mct_unwind *unwind,
                                const struct mct_site_state *state,
                                uint64_t caller);
// Frames of a path that holds; 0: it does not, or has not enough.
HIDDEN uint64_t mct_path_take(const struct path *path,
                              const struct mct_site_state *state,
                              uint64_t *frames, uint64_t most);
// Begins to write one; another thread's writing is left alone. Where stacks
// change all the time that would cost more than it gives, so mostly it is not
// even tried. Then the others do nothing.
HIDDEN void mct_path_begin(struct walk *walk, struct path *path);
HIDDEN void mct_path_end(struct walk *walk, bool is_whole, bool is_good);
// This walk has no such form, or is too long for it.
HIDDEN void mct_path_drop(struct walk *walk);
HIDDEN void mct_path_frame(struct walk *walk);
HIDDEN void mct_path_check(struct walk *walk, uint64_t at, uint64_t value,
                           bool is_relative);
// The frame was found by a register: it must be as far from the first stack
// pointer as it was.
HIDDEN void mct_path_base(struct walk *walk, const struct mct_rule *rule);

#endif
