// depth.c: where the stack pointer is, in functions that no table describes.
//
// An indirect jump with the frame as it was at the function's entry is a tail
// call; unwind tables tell that, where there are any. Else the depth of the
// stack is carried along all ways from the entry:
//
//     push {r4, lr}            0
//     cbz  r0, 1f             -8
//     ldr  r3, [r0, #4]       -8
//     pop  {r4, lr}           -8
//     bx   r3                  0    as at the entry
//
// Where ways meet with different depths, or sp is set to what no constant
// tells, nothing is known.
//
// Where a function is left, this tells where the stack pointer was when it was
// entered, which call frame information, as compilers write it, often does not:
// many say nothing of what happens behind the body.

#include "program/bits.h"

// By offset in the function, in steps of the smallest instruction.
#define UNSEEN  INT32_MIN
#define UNKNOWN INT32_MAX

struct depths {
    const struct program *program;
    const struct function *function;
    uint32_t step;      // of the code's mode
    int32_t jump_depth; // at an indirect jump
    int32_t *at;
    struct index_list todo; // offsets
    struct arena *arena;
};

static void arrive(struct depths *depths, uint64_t va, int32_t depth) {
    uint64_t off = va - depths->function->va;
    if (off >= depths->function->len || off % depths->step != 0) {
        return;
    }
    int32_t *known = &depths->at[off / depths->step];
    if (*known == depth || *known == UNKNOWN) {
        return;
    }
    *known = *known == UNSEEN ? depth : UNKNOWN;
    *ARENA_PUSH(depths->arena, depths->todo.items, depths->todo.count,
                depths->todo.room) = (uint32_t)off;
}

static void go_on_from(struct depths *depths, uint32_t off) {
    struct insn insn;
    int32_t depth = depths->at[off / depths->step];
    if (!program_decode(depths->program, depths->function->va + off, &insn)) {
        return;
    }
    bool moves = insn.clobbers & REG_BIT(depths->program->arch->abi.sp);
    bool is_call = insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT;
    if (insn.kind == INSN_JUMP_INDIRECT) {
        depths->jump_depth = depth;
    }
    if (insn.target != 0 && !is_call) {
        arrive(depths, insn.target, depth);
    }
    if (!kind_falls_through(insn.kind)) {
        return;
    }
    if (moves && !is_call && depth != UNKNOWN) {
        depth = insn.sp_delta != 0 ? depth + insn.sp_delta : UNKNOWN;
    }
    arrive(depths, insn.va + insn.len, depth);
}

static void follow_all(struct depths *depths) {
    while (depths->todo.count > 0) {
        go_on_from(depths, depths->todo.items[--depths->todo.count]);
    }
}

// What no way was seen to lead to is reached by a table or an address, from an
// indirect jump. False: there is none.
static bool arrive_at_marked(struct depths *depths) {
    const struct program_bits *bits = depths->program->bits;
    const struct function *function = depths->function;
    uint32_t base = code_index(bits, function->va);
    for (uint64_t off = depths->step; off < function->len;
         off += depths->step) {
        uint32_t index = base + (uint32_t)off;
        if (index < bits->index_count && bit_get(bits->other, index) &&
            depths->at[off / depths->step] == UNSEEN) {
            arrive(depths, function->va + off, depths->jump_depth);
            return true;
        }
    }
    return false;
}

struct depths *depths_of(const struct program *program,
                         const struct function *function, struct arena *arena) {
    struct depths *depths = ARENA_NEW(arena, struct depths);
    *depths = (struct depths){
        .program = program,
        .function = function,
        .arena = arena,
        .step =
            arch_in_mode(program->arch, program_mode_at(program, function->va))
                ->insn_align};
    size_t count = function->len / depths->step + 1;
    depths->at = ARENA_ARRAY(arena, int32_t, count);
    depths->jump_depth = UNSEEN;
    for (size_t i = 0; i < count; i++) {
        depths->at[i] = UNSEEN;
    }
    arrive(depths, function->va, 0);
    follow_all(depths);
    while (depths->jump_depth != UNSEEN && arrive_at_marked(depths)) {
        follow_all(depths);
    }
    return depths;
}

bool depth_is_at_entry(const struct depths *depths, uint64_t va) {
    uint64_t off = va - depths->function->va;
    return off < depths->function->len && depths->at[off / depths->step] == 0;
}

// --- ends -----------------------------------------------------------------

// More registers than that are not restored.
#define SHARED_END_LEN 40

// `changed`: registers that hold something else by now than at first.
static void give_back(const struct insn *insn, uint8_t sp, regset changed,
                      struct frame_end *end) {
    bool copies = insn->const_reg == sp && insn->copy_reg != REG_NONE &&
                  !(changed & REG_BIT(insn->copy_reg));
    if (!(insn->clobbers & REG_BIT(sp))) {
        return;
    }
    if (copies) {
        *end = (struct frame_end){.base = insn->copy_reg};
    } else if (insn->sp_delta != 0) {
        end->off += insn->sp_delta;
    } else {
        end->base = REG_NONE;
    }
}

bool shared_end(const struct program *program, uint64_t target,
                struct frame_end *end) {
    const struct function *to = program_function_at(program, target);
    uint8_t sp = program->arch->abi.sp;
    regset changed = 0;
    *end = (struct frame_end){.base = sp};
    if (!to || to->va != target) {
        return false;
    }
    for (unsigned i = 0; i < SHARED_END_LEN; i++) {
        struct insn insn;
        if (!program_decode(program, target, &insn) || insn.sp_delta < 0) {
            return false;
        }
        if (insn.kind == INSN_RETURN) {
            return changed & REG_BIT(sp);
        }
        if (insn.kind != INSN_PLAIN) {
            return false;
        }
        give_back(&insn, sp, changed, end);
        changed |= insn.clobbers;
        target += insn.len;
    }
    return false;
}

// What a return, or the end that it jumps to, gives back by itself.
static bool gives_back(const struct program *program, uint64_t va,
                       struct frame_end *end) {
    struct insn insn;
    *end = (struct frame_end){.base = REG_NONE};
    if (!program_decode(program, va, &insn)) {
        return false;
    }
    if (insn.kind == INSN_JUMP) {
        return shared_end(program, insn.target, end) && end->base != REG_NONE;
    }
    end->base = program->arch->abi.sp;
    give_back(&insn, end->base, 0, end);
    return (insn.kind == INSN_RETURN || insn.kind == INSN_RETURN_COND) &&
           end->base != REG_NONE;
}

bool program_frame_at_exit(const struct program *program,
                           const struct function *function, uint64_t va,
                           struct arena *arena, uint8_t *base, int64_t *off) {
    const struct abi *abi = &program->arch->abi;
    struct frame_end end;
    bool is_known = gives_back(program, va, &end);
    *base = end.base;
    *off = end.off;
    if (is_known) {
        return true;
    }
    const struct depths *depths = depths_of(program, function, arena);
    int32_t depth = depths->at[(va - function->va) / depths->step];
    *base = abi->sp;
    *off = -(int64_t)depth;
    if (depth != UNSEEN && depth != UNKNOWN) {
        return true;
    }
    struct frame_state frame = image_frame_at(program->image, va);
    *base = frame.base;
    *off = frame.off;
    if (abi->link == REG_NONE) // what call frame information counts from
        *off += frame.return_off - abi->return_off;
    return frame.known;
}
