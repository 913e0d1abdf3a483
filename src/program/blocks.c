// blocks.c: questions about single addresses, answered from the bitmaps of the
// quick pass, and where functions are left.
//
// A function is left by a return, and by a jump to code that is not its own:
// a tail call. But hand-written code also jumps between pieces that share one
// frame; call frame information tells them apart, for at a tail call the frame
// is as it was at the function's entry. Where compilers save room, though, the
// end of a function is one that many share, which restores registers, gives
// back the frame and returns (libgcc's __riscv_restore_4, _restgpr_31_x).

#include "program/bits.h"

#include <stdlib.h>

bool kind_falls_through(enum insn_kind kind) {
    return kind != INSN_JUMP && kind != INSN_JUMP_INDIRECT &&
           kind != INSN_RETURN && kind != INSN_STOP && kind != INSN_UNKNOWN;
}

bool program_is_insn(const struct program *program, uint64_t va) {
    uint32_t index = code_index(program->bits, va);
    return index != INDEX_NONE && bit_get(program->bits->insns, index);
}

bool program_is_target(const struct program *program, uint64_t va) {
    const struct program_bits *bits = program->bits;
    uint32_t index = code_index(bits, va);
    return index != INDEX_NONE &&
           (bit_get(bits->direct, index) || bit_get(bits->other, index));
}

bool program_is_direct_target_only(const struct program *program, uint64_t va) {
    const struct program_bits *bits = program->bits;
    uint32_t index = code_index(bits, va);
    if (index == INDEX_NONE || !bit_get(bits->direct, index) ||
        bit_get(bits->other, index)) {
        return false;
    }
    size_t count;
    const struct branch *branches = program_branches_to(program, va, &count);
    for (size_t i = 0; i < count; i++) {
        if (!program_is_shown(program, branches[i].va)) {
            return false;
        }
    }
    return true;
}

bool program_has_target_within(const struct program *program, uint64_t va,
                               uint64_t end_va) {
    for (uint64_t at = va + 1; at < end_va; at++) {
        if (program_is_target(program, at)) {
            return true;
        }
    }
    return false;
}

uint64_t code_previous(const struct program *program, uint64_t va) {
    const struct program_bits *bits = program->bits;
    const struct code_range *range = code_range_at(bits, va);
    if (!range) {
        range = code_range_at(bits, va - 1); // va may be the end of code
    }
    if (!range) {
        return 0;
    }
    uint32_t index = range->base + (uint32_t)(va - range->va);
    unsigned most = program->arch->max_insn;
    for (unsigned back = 1; back <= most && back <= va - range->va; back++) {
        struct insn_brief insn;
        if (bit_get(bits->insns, index - back)) {
            bool meets =
                code_brief(program, va - back, &insn) && insn.len == back;
            return meets ? va - back : 0;
        }
    }
    return 0;
}

uint64_t program_previous_insn(const struct program *program, uint64_t va) {
    struct insn_brief insn;
    uint64_t before_va = code_previous(program, va);
    bool falls = before_va != 0 && code_brief(program, before_va, &insn) &&
                 kind_falls_through(insn.kind);
    return falls ? before_va : 0;
}

static const struct branch *edges_to(const struct branch *edges,
                                     size_t edge_count, uint64_t target,
                                     size_t *count) {
    size_t low;
    LOWER_BOUND(low, edge_count, edges[low].target < target);
    size_t end = low;
    while (end < edge_count && edges[end].target == target) {
        end++;
    }
    *count = end - low;
    return edges ? edges + low : NULL;
}

const struct branch *program_branches_to(const struct program *program,
                                         uint64_t target, size_t *count) {
    return edges_to(program->branches, program->branch_count, target, count);
}

const struct branch *program_calls_to(const struct program *program,
                                      uint64_t target, size_t *count) {
    return edges_to(program->calls, program->call_count, target, count);
}

static bool is_filler_insn(const struct program *program, uint64_t va) {
    struct insn_brief insn;
    return program_is_insn(program, va) && !program_is_target(program, va) &&
           !program_is_shown(program, va) && code_brief(program, va, &insn) &&
           (insn.flags & INSN_PADDING);
}

bool program_is_filler(const struct program *program, uint64_t va) {
    struct insn_brief insn = {0};
    uint64_t at = va;
    while (is_filler_insn(program, at)) {
        at = code_previous(program, at);
    }
    // Behind data there is more data, whatever it looks like.
    if (at == va || at == 0 || !program_is_shown(program, at) ||
        !code_brief(program, at, &insn) || kind_falls_through(insn.kind)) {
        return false;
    }
    const struct function *function = program_function_at(program, va);
    uint64_t end_va = function ? function->va + function->len : UINT64_MAX;
    for (at = va; at < end_va && is_filler_insn(program, at); at += insn.len) {
        code_brief(program, at, &insn);
    }
    return at == end_va || program_is_target(program, at) ||
           code_index(program->bits, at) == INDEX_NONE;
}

uint64_t program_padding_at(const struct program *program, uint64_t va) {
    const struct program_bits *bits = program->bits;
    const struct code_range *range = code_range_at(bits, va);
    if (!range || program_function_at(program, va)) {
        return 0;
    }
    if (!program_is_filler(program, va)) {
        return 0;
    }
    uint64_t at = va, end_va = range->va + range->len;
    while (at < end_va && program_is_insn(program, at) &&
           !program_is_target(program, at)) {
        struct insn_brief insn;
        if (!code_brief(program, at, &insn) || !(insn.flags & INSN_PADDING) ||
            (at > va && program_function_at(program, at))) {
            break;
        }
        at += insn.len;
    }
    return (at < end_va ? at : end_va) - va;
}

bool index_listed(const struct index_list *list, uint32_t index) {
    size_t low;
    LOWER_BOUND(low, list->count, list->items[low] < index);
    return low < list->count && list->items[low] == index;
}

// Whether a jump from va to `target` leaves `function` for good.
static bool leaves(const struct program *program,
                   const struct function *function, uint64_t va,
                   uint64_t target) {
    if (target - function->va < function->len) {
        return false;
    }
    const struct function *to = program_function_at(program, target);
    if (to && parts_together(function, to)) {
        return false;
    }
    struct frame_state frame = image_frame_at(program->image, va);
    struct frame_end end;
    return !frame.known || frame.at_entry || shared_end(program, target, &end);
}

static void add_exits(const struct program *program,
                      const struct function *function, struct arena *arena,
                      struct function_exit **exits, size_t *count,
                      size_t *room) {
    const struct program_bits *bits = program->bits;
    uint32_t base = code_index(bits, function->va);
    for (uint64_t off = 0; off < function->len;) {
        struct insn_brief insn;
        uint64_t va = function->va + off;
        uint32_t index = base + (uint32_t)off;
        if (!bit_get(bits->insns, index) || !code_brief(program, va, &insn)) {
            off += program->arch->insn_align;
            continue;
        }
        // What no way leads to is no exit, if all ways are known.
        if (!(function->flags & (FUNCTION_OPAQUE | FUNCTION_UNSURE)) &&
            !bit_get(bits->shown, index)) {
            off += insn.len;
            continue;
        }
        int kind = -1;
        if (insn.kind == INSN_RETURN) {
            kind = EXIT_RETURN;
        } else if (insn.kind == INSN_RETURN_COND) {
            kind = EXIT_RETURN_COND;
        } else if (insn.kind == INSN_JUMP_INDIRECT ||
                   insn.kind == INSN_JUMP_INDIRECT_COND) {
            if (index_listed(&bits->indirect_exits, index)) {
                kind = insn.kind == INSN_JUMP_INDIRECT ? EXIT_TAIL_CALL
                                                       : EXIT_TAIL_CALL_COND;
            }
        } else if ((insn.kind == INSN_JUMP || insn.kind == INSN_JUMP_COND) &&
                   leaves(program, function, va, insn.target)) {
            struct frame_end end;
            kind = insn.kind == INSN_JUMP_COND ? EXIT_TAIL_CALL_COND
                   : shared_end(program, insn.target, &end) ? EXIT_SHARED_END
                                                            : EXIT_TAIL_CALL;
        }
        if (kind >= 0) {
            *ARENA_PUSH(arena, *exits, *count, *room) =
                (struct function_exit){.va = va, .kind = (uint8_t)kind};
        }
        off += insn.len;
    }
}

static int compare_exits(const void *a, const void *b) {
    const struct function_exit *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

struct function_exit *program_exits(const struct program *program,
                                    const struct function *function,
                                    struct arena *arena, size_t *count) {
    struct function_exit *exits = NULL;
    size_t room = 0;
    *count = 0;
    add_exits(program, function, arena, &exits, count, &room);
    size_t part_count;
    const struct function *const *parts =
        program_parts(program, function, &part_count);
    for (size_t i = 0; i < part_count; i++) {
        add_exits(program, parts[i], arena, &exits, count, &room);
    }
    if (part_count > 0 && *count > 0) {
        qsort(exits, *count, sizeof *exits, compare_exits);
    }
    return exits;
}
