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

// What a plain return leaves to be given back, it gives back itself.
static bool return_gives_back(const struct program *program, uint64_t va,
                              int64_t *len) {
    struct insn insn;
    if (!program_decode(program, va, &insn)) {
        return false;
    }
    bool moves = insn.clobbers & REG_BIT(program->arch->abi.sp);
    bool is_return = insn.kind == INSN_RETURN || insn.kind == INSN_RETURN_COND;
    *len = insn.sp_delta;
    return is_return && (!moves || insn.sp_delta != 0);
}

bool program_frame_at_exit(const struct program *program,
                           const struct function *function, uint64_t va,
                           struct arena *arena, uint8_t *base, int64_t *off) {
    *base = program->arch->abi.sp;
    if (return_gives_back(program, va, off)) {
        return true;
    }
    const struct depths *depths = depths_of(program, function, arena);
    int32_t depth = depths->at[(va - function->va) / depths->step];
    if (depth != UNSEEN && depth != UNKNOWN) {
        *off = -(int64_t)depth;
        return true;
    }
    const struct abi *abi = &program->arch->abi;
    struct frame_state frame = image_frame_at(program->image, va);
    *base = frame.base;
    *off = frame.off;
    if (abi->link == REG_NONE) // what call frame information counts from
        *off += frame.return_off - abi->return_off;
    return frame.known;
}
