// redzone.c: whether a function keeps something below its stack pointer.
//
// Where an ABI lets leaf functions do that, what a trampoline pushes would fall
// upon it. A function that shows no access below sp, in no instruction that
// does not move it, has nothing there; nor is there anything at a return, or
// at an entry that is only called.

#include "program/bits.h"

enum red_zone { RED_ZONE_UNASKED, RED_ZONE_FREE, RED_ZONE_USED };

static enum red_zone scan_red_zone(const struct program *program,
                                   const struct function *function) {
    const struct abi *abi = &program->arch->abi;
    if (function->flags & (FUNCTION_UNSURE | FUNCTION_OPAQUE)) {
        return RED_ZONE_USED;
    }
    bool calls = false, frame = false;
    struct insn insn;
    uint64_t off = 0;
    while (code_next_insn(program, function, &off, &insn)) {
        regset sp = REG_BIT(abi->sp);
        if ((insn.flags & INSN_BELOW_SP) && !(insn.clobbers & sp)) {
            return RED_ZONE_USED;
        }
        calls |= (insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT) &&
                 program_is_shown(program, insn.va);
        // A frame pointer reaches below sp where a leaf never lowered it; one
        // that is only saved is read together with sp.
        frame |= (insn.reads & REG_BIT(abi->fp)) && !(insn.clobbers & sp);
    }
    return frame && !calls ? RED_ZONE_USED : RED_ZONE_FREE;
}

static bool uses_red_zone(const struct program *program,
                          const struct function *function) {
    struct program_bits *bits = program->bits;
    if (!bits->red_zone) {
        bits->red_zone =
            ARENA_ARRAY(program->arena, uint8_t, program->function_count);
    }
    uint8_t *known = &bits->red_zone[function - program->functions];
    if (*known == RED_ZONE_UNASKED) {
        *known = (uint8_t)scan_red_zone(program, function);
    }
    return *known == RED_ZONE_USED;
}

// Whether code from va on, before it moves sp, calls or returns, may look
// below sp.
static bool looks_below_sp(const struct program *program, uint64_t va) {
    uint64_t ways[EXPLORE_WAYS];
    unsigned count = 0, steps = EXPLORE_STEPS;
    regset sp = REG_BIT(program->arch->abi.sp);
    ways[count++] = va;
    while (count > 0) {
        struct insn insn;
        va = ways[--count];
        if (steps-- == 0 || count + 2 > EXPLORE_WAYS ||
            !program_decode(program, va, &insn)) {
            return true;
        }
        if (insn.kind == INSN_RETURN || (insn.clobbers & sp) ||
            insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT) {
            continue;
        }
        if ((insn.flags & INSN_BELOW_SP) || insn.kind == INSN_JUMP_INDIRECT ||
            insn.kind == INSN_JUMP_INDIRECT_COND || insn.kind == INSN_UNKNOWN) {
            return true;
        }
        if (insn.target != 0) {
            ways[count++] = insn.target;
        }
        if (kind_falls_through(insn.kind)) {
            ways[count++] = va + insn.len;
        }
    }
    return false;
}

bool program_red_zone_live(const struct program *program, uint64_t va) {
    if (program->arch->abi.red_zone == 0) {
        return false;
    }
    const struct function *function = program_function_at(program, va);
    struct insn_brief insn;
    if (!function) {
        return true;
    }
    if (code_brief(program, va, &insn) && insn.kind == INSN_RETURN) {
        return false;
    }
    if (va == function->va && !(function->flags & FUNCTION_PART)) {
        // A call leaves nothing below sp; a jump to the entry may.
        size_t jumps;
        program_branches_to(program, va, &jumps);
        return jumps > 0 && looks_below_sp(program, va);
    }
    return uses_red_zone(program, function);
}
