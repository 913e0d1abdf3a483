// proven.c: which bytes of a function without an end are code.
//
// Where neither a symbol nor unwind information tells how long a function is,
// it reaches up to the next one, and what lies between may be anything: Haskell
// has a table before every piece of code, hand-written assembly its constants.
// Bytes decode as instructions all the same, and a probe would destroy them. So
// of such a function only that counts as code to which control can be followed
// from its start and from everything else that is a target.
//
// Where many such functions hold bytes that are no instructions, tables stand
// everywhere and not even starts are sure: all of them are left alone.
//
// In an opaque function all instructions count as targets, which proves
// nothing: the targets from before it was found to be opaque are asked.

#include "program/bits.h"

#include <string.h>

// One in so many, of at least some, that do not decode from end to end.
#define MIXED_SHARE 16
#define MIXED_LEAST 16

struct follower {
    struct program *program;
    struct arena *arena;
    const uint64_t *other; // targets by other ways than direct branches
    uint64_t *stack;
    size_t depth, room;
};

static void follow(struct follower *follower, uint64_t va) {
    struct program_bits *bits = follower->program->bits;
    uint32_t index = code_index(bits, va);
    if (index == INDEX_NONE || !bit_get(bits->insns, index) ||
        bit_get(bits->proven, index)) {
        return;
    }
    const struct function *function =
        program_function_at(follower->program, va);
    if (function && (function->flags & FUNCTION_ENDLESS)) {
        bit_set(bits->proven, index);
        *ARENA_PUSH(follower->arena, follower->stack, follower->depth,
                    follower->room) = va;
    }
}

static void follow_all(struct follower *follower) {
    while (follower->depth > 0) {
        struct insn_brief insn;
        uint64_t va = follower->stack[--follower->depth];
        if (!code_brief(follower->program, va, &insn)) {
            continue;
        }
        if (insn.kind == INSN_JUMP || insn.kind == INSN_JUMP_COND) {
            follow(follower, insn.target);
        }
        if (kind_falls_through(insn.kind)) {
            follow(follower, va + insn.len);
        }
    }
}

// Branches into the function from such as are code from end to end.
static void follow_branches(struct follower *follower,
                            const struct function *function) {
    const struct program *program = follower->program;
    size_t low = 0, high = program->branch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (program->branches[middle].target < function->va) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < program->branch_count; low++) {
        const struct branch *branch = &program->branches[low];
        if (branch->target - function->va >= function->len) {
            return;
        }
        const struct function *from = program_function_at(program, branch->va);
        if (from && !(from->flags & FUNCTION_ENDLESS)) {
            follow(follower, branch->target);
        }
    }
}

static void prove(struct follower *follower, const struct function *function) {
    const struct program *program = follower->program;
    const struct program_bits *bits = program->bits;
    uint32_t index = code_index(bits, function->va);
    const uint64_t *other =
        function->flags & FUNCTION_OPAQUE ? follower->other : bits->other;
    follow(follower, function->va);
    for (uint64_t off = 0; off < function->len; off++) {
        if (bit_get(other, index + (uint32_t)off)) {
            follow(follower, function->va + off);
        }
    }
    follow_branches(follower, function);
    follow_all(follower);
}

static size_t word_count(const struct program *program) {
    return ((size_t)program->bits->index_count + 63) / 64;
}

uint64_t *proven_before(struct program *program, struct arena *arena) {
    for (size_t i = 0; i < program->function_count; i++) {
        if (program->functions[i].flags & FUNCTION_ENDLESS) {
            size_t words = word_count(program);
            uint64_t *copy = ARENA_ARRAY(arena, uint64_t, words);
            memcpy(copy, program->bits->other, words * sizeof *copy);
            return copy;
        }
    }
    return NULL;
}

void proven_find(struct program *program, const uint64_t *before) {
    if (!before) {
        return;
    }
    struct follower follower = {
        .program = program, .arena = arena_new(), .other = before};
    program->bits->proven =
        ARENA_ARRAY(program->arena, uint64_t, word_count(program));
    for (size_t i = 0; i < program->function_count; i++) {
        uint32_t flags = program->functions[i].flags;
        if ((flags & FUNCTION_ENDLESS) && !(flags & FUNCTION_MIXED)) {
            prove(&follower, &program->functions[i]);
        }
    }
    arena_free(follower.arena);
}

void proven_judge(struct program *program) {
    size_t endless = 0, unsure = 0;
    for (size_t i = 0; i < program->function_count; i++) {
        uint32_t flags = program->functions[i].flags;
        endless += (flags & FUNCTION_ENDLESS) != 0;
        unsure += (flags & FUNCTION_ENDLESS) && (flags & FUNCTION_UNSURE);
    }
    bool mixed = unsure >= MIXED_LEAST && unsure * MIXED_SHARE > endless;
    for (size_t i = 0; mixed && i < program->function_count; i++) {
        if (program->functions[i].flags & FUNCTION_ENDLESS) {
            program->functions[i].flags |= FUNCTION_MIXED;
        }
    }
}

bool proven_within(const struct program *program,
                   const struct function *function, uint64_t va) {
    const struct program_bits *bits = program->bits;
    if (!bits->proven || !(function->flags & FUNCTION_ENDLESS)) {
        return true;
    }
    uint32_t index = code_index(bits, va);
    return index != INDEX_NONE && bit_get(bits->proven, index);
}

bool program_is_proven(const struct program *program, uint64_t va) {
    const struct function *function =
        program->bits->proven ? program_function_at(program, va) : NULL;
    return !function || proven_within(program, function, va);
}
