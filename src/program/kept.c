// kept.c: which registers a function leaves alone.
//
// A compiler that sees a callee knows what it does not touch and keeps values
// there across the call, whatever the ABI says (gcc's -fipa-ra). So a register
// that neither a function nor what it calls writes may be live all through it.
// Calls that leave the image, or go anywhere, follow the ABI: no compiler sees
// their callee.

#include "program/bits.h"

#define CALL_DEPTH 4 // of callees; deeper ones count as leaving all alone

static regset kept_below(const struct program *program,
                         const struct function *function, unsigned depth);

// What is left of `kept` behind a call of, or a jump to, `target`.
static regset kept_by_target(const struct program *program, uint64_t target,
                             regset kept, unsigned depth) {
    const struct function *callee = program_function_at(program, target);
    if (!callee) {
        return kept;
    }
    if (callee->flags & FUNCTION_PLT) {
        return 0;
    }
    return depth > 0 ? kept & kept_below(program, callee, depth - 1) : kept;
}

static regset kept_in_range(const struct program *program,
                            const struct function *function, regset kept,
                            unsigned depth) {
    struct insn insn;
    uint64_t off = 0;
    while (kept && code_next_insn(program, function, &off, &insn)) {
        kept &= ~insn.clobbers;
        bool leaves = insn.target - function->va >= function->len;
        if (insn.kind == INSN_CALL_INDIRECT) {
            return 0;
        }
        if (insn.kind == INSN_CALL ||
            ((insn.kind == INSN_JUMP || insn.kind == INSN_JUMP_COND) &&
             leaves)) {
            kept = kept_by_target(program, insn.target, kept, depth);
        }
    }
    return kept;
}

static regset kept_below(const struct program *program,
                         const struct function *function, unsigned depth) {
    struct program_bits *bits = program->bits;
    const struct abi *abi = &program->arch->abi;
    if (!bits->kept) {
        bits->kept =
            ARENA_ARRAY(program->arena, regset, program->function_count);
    }
    regset *known = &bits->kept[function - program->functions];
    if (*known & KEPT_KNOWN) {
        return *known & ~KEPT_KNOWN;
    }
    regset kept = abi->caller_saved & abi->general;
    *known = kept | KEPT_KNOWN; // for who calls itself
    size_t part_count;
    const struct function *const *parts =
        program_parts(program, function, &part_count);
    kept = kept_in_range(program, function, kept, depth);
    for (size_t i = 0; i < part_count && kept; i++) {
        kept = kept_in_range(program, parts[i], kept, depth);
    }
    *known = kept | KEPT_KNOWN;
    return kept;
}

regset kept_by(const struct program *program, const struct function *function) {
    return kept_below(program, function, CALL_DEPTH);
}
