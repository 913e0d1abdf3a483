// blob.c: code that a program may treat as data.
//
// V8 carries its built-in functions as one block of generated code, copies the
// block to where its other code is, and runs the copy: jumps out of it would
// lead astray there. Such a block is known by what it lacks. A compiler
// describes every function for unwinding, and a hand-written function is at
// least called, or its address is taken, by name. So: a run of many functions
// without unwind information, in an image which has it, of which hardly any
// is referred to from outside of the run.

#include "program/bits.h"

// Functions; smaller runs are start-up code and the like.
#define LEAST_RUN     64
// One in so many may be referred to from outside.
#define OUTSIDE_SHARE 4
// Bytes between functions of a run.
#define WIDEST_GAP    4096

static bool is_bare(const struct program *program, size_t i) {
    const struct function *function = &program->functions[i];
    return !(function->flags & FUNCTION_PLT) &&
           !image_frame_range(program->image, function->va);
}

static bool any_from_outside(const struct branch *branches, size_t count,
                             uint64_t va, uint64_t end_va) {
    for (size_t i = 0; i < count; i++) {
        if (branches[i].va - va >= end_va - va) {
            return true;
        }
    }
    return false;
}

// Before the starts of all functions are marked as targets: now a mark says
// that the address was found somewhere.
static bool is_referred_to(const struct program *program,
                           const struct function *function, uint64_t va,
                           uint64_t end_va) {
    if (parts_is_taken(program, function->va)) {
        return true;
    }
    size_t count;
    const struct branch *branches =
        program_calls_to(program, function->va, &count);
    if (any_from_outside(branches, count, va, end_va)) {
        return true;
    }
    branches = program_branches_to(program, function->va, &count);
    return any_from_outside(branches, count, va, end_va);
}

static void judge_run(struct program *program, size_t from, size_t to) {
    if (to - from < LEAST_RUN) {
        return;
    }
    const struct function *last = &program->functions[to - 1];
    uint64_t va = program->functions[from].va, end_va = last->va + last->len;
    size_t outside = 0;
    for (size_t i = from; i < to; i++) {
        outside += is_referred_to(program, &program->functions[i], va, end_va);
    }
    for (size_t i = from; i < to && outside * OUTSIDE_SHARE <= to - from; i++) {
        program->functions[i].flags |= FUNCTION_BLOB;
    }
}

void blob_find(struct program *program) {
    if (program->image->frame_count == 0) {
        return;
    }
    size_t from = 0;
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        bool goes_on =
            i > from &&
            function->va - (function[-1].va + function[-1].len) <= WIDEST_GAP;
        if (!is_bare(program, i)) {
            judge_run(program, from, i);
            from = i + 1;
        } else if (i > from && !goes_on) {
            judge_run(program, from, i);
            from = i;
        }
    }
    judge_run(program, from, program->function_count);
}
