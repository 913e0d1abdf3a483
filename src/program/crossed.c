// crossed.c: addresses in the midst of functions.
//
// Where nothing but calls tells of functions, an address that was found in data
// may be that of one, or of a label: a case of a switch, or what a program that
// takes addresses of labels jumps to by itself. Branches tell them apart. Those
// of a function lead across its labels, but not across where the next begins;
// a tail call does, so only those count that lead to no address of the kind,
// and to where code runs on or under a condition.
//
//     execute:  ...
//     add:      ...  bne  slow        the next three labels are crossed
//     sub:      ...
//     slow:     ...  b    fetch
//     next:     push {r4, lr}         this one is not

#include "program/bits.h"

#include <stdlib.h>

static bool is_found(const struct image *image, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, image->code_pointer_count, image->code_pointers[low] < va);
    return low < image->code_pointer_count && image->code_pointers[low] == va;
}

static int compare_spans(const void *a, const void *b) {
    const struct crossed_span *x = a, *y = b;
    return x->from_va < y->from_va ? -1 : x->from_va > y->from_va;
}

bool crossed_is_apart(const struct program *program, uint64_t va) {
    struct insn_brief insn;
    do {
        va = code_previous(program, va);
        if (va == 0 || !code_brief(program, va, &insn) ||
            (program->bits->ground && !ground_is_reached(program, va))) {
            return true;
        }
    } while (insn.flags & INSN_PADDING);
    return !kind_falls_through(insn.kind) || insn.kind == INSN_CALL ||
           insn.kind == INSN_CALL_INDIRECT;
}

// Whether something between the two is called, so that another function begins.
static bool has_call_between(const struct program *program, uint64_t from_va,
                             uint64_t to_va) {
    size_t low;
    LOWER_BOUND(low, program->call_count,
                program->calls[low].target <= from_va);
    while (low < program->call_count && program->calls[low].target <= to_va &&
           !ground_is_reached(program, program->calls[low].va)) {
        low++;
    }
    return low < program->call_count && program->calls[low].target <= to_va;
}

// Whether a branch stays within one function, as far as these are known. A
// plain jump to where nothing runs on may be a tail call.
static bool stays(const struct program *program, const struct branch *branch,
                  struct crossed_span span) {
    const struct function *from = program_function_at(program, branch->va);
    struct insn_brief insn;
    return from && branch->target != from->va &&
           program_function_at(program, branch->target) == from &&
           code_brief(program, branch->va, &insn) &&
           (insn.kind != INSN_JUMP ||
            !crossed_is_apart(program, branch->target)) &&
           !has_call_between(program, span.from_va, span.to_va);
}

static void join(struct crossed *crossed) {
    size_t kept = 0;
    if (crossed->count > 0) {
        qsort(crossed->spans, crossed->count, sizeof *crossed->spans,
              compare_spans);
    }
    for (size_t i = 0; i < crossed->count; i++) {
        struct crossed_span span = crossed->spans[i];
        struct crossed_span *last = kept > 0 ? &crossed->spans[kept - 1] : NULL;
        if (!last || span.from_va >= last->to_va) {
            crossed->spans[kept++] = span;
        } else if (span.to_va > last->to_va) {
            last->to_va = span.to_va;
        }
    }
    crossed->count = kept;
}

struct crossed crossed_find(const struct program *program,
                            struct arena *arena) {
    struct crossed crossed = {0};
    size_t room = 0;
    for (size_t i = 0; i < program->branch_count; i++) {
        const struct branch *branch = &program->branches[i];
        bool is_ahead = branch->va < branch->target;
        struct crossed_span span = {is_ahead ? branch->va : branch->target,
                                    is_ahead ? branch->target : branch->va};
        if (ground_is_reached(program, branch->va) &&
            !is_found(program->image, branch->target) &&
            stays(program, branch, span)) {
            *ARENA_PUSH(arena, crossed.spans, crossed.count, room) = span;
        }
    }
    join(&crossed);
    return crossed;
}

bool crossed_at(const struct crossed *crossed, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, crossed->count, crossed->spans[low].to_va < va);
    return low < crossed->count && crossed->spans[low].from_va < va;
}
