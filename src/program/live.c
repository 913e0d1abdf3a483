// live.c: which registers may still be read.
//
// From an address all ways are explored, a few instructions far; a register
// is live if some way reads it before overwriting it, dead if all ways
// overwrite it, and live if the exploration ends before either is seen.
//
// At a return and at a call the ABI would be a belief. Instead the image is
// asked: which registers are read before written at the places where calls
// return to, and at functions' entries? Flags that no code ever looks at after
// a call are dead at every return; in a program of another convention they
// are not. Registers that carry arguments or results by the ABI count as live
// even so, for callers and callees in other images.

#include "program/bits.h"

#define EXPLORE_STEPS   48
#define EXPLORE_WAYS    12
// Evidence: places asked in an image, and instructions looked at for each.
#define EVIDENCE_PLACES 60000
#define EVIDENCE_STEPS  5

enum red_zone { RED_ZONE_UNASKED, RED_ZONE_FREE, RED_ZONE_USED };

// What can be asked: a register that must survive calls by everybody's rules
// is never free.
static regset askable(const struct arch *arch) {
    regset set = arch->abi.caller_saved;
    if (arch->abi.flags != REG_NONE) {
        set |= REG_BIT(arch->abi.flags);
    }
    return set;
}

// --- evidence -------------------------------------------------------------

// Registers of `wanted` that the straight line of code at va reads before it
// writes them.
static regset read_first(const struct program *program, uint64_t va,
                         regset wanted) {
    regset read = 0;
    for (unsigned i = 0; i < EVIDENCE_STEPS && wanted; i++) {
        struct insn insn;
        if (!program_decode(program, va, &insn)) {
            break;
        }
        // What passes through a call or a return is asked elsewhere.
        bool ends = insn.kind == INSN_CALL || insn.kind == INSN_RETURN ||
                    insn.kind == INSN_CALL_INDIRECT;
        read |= ends ? 0 : insn.reads & wanted;
        wanted &= ~(insn.reads | insn.writes);
        if (ends ||
            !(kind_falls_through(insn.kind) || insn.kind == INSN_JUMP)) {
            break;
        }
        va = insn.kind == INSN_JUMP ? insn.target : va + insn.len;
    }
    return read;
}

static regset abi_values(const struct abi *abi) {
    regset set = REG_BIT(abi->result);
    for (size_t i = 0; i < COUNT_OF(abi->args) && abi->args[i] != REG_NONE;
         i++) {
        set |= REG_BIT(abi->args[i]);
    }
    return set;
}

static void gather_evidence(const struct program *program) {
    struct program_bits *bits = program->bits;
    regset values = abi_values(&program->arch->abi);
    regset wanted = askable(program->arch) & ~values;
    bits->has_evidence = true;
    bits->at_return = bits->at_entry = values;
    size_t count = bits->return_points.count;
    size_t step = count / EVIDENCE_PLACES + 1;
    for (size_t i = 0; i < count; i += step) {
        uint64_t va = code_va(bits, bits->return_points.items[i]);
        bits->at_return |= read_first(program, va, wanted & ~bits->at_return);
    }
    step = program->function_count / EVIDENCE_PLACES + 1;
    for (size_t i = 0; i < program->function_count; i += step) {
        bits->at_entry |= read_first(program, program->functions[i].va,
                                     wanted & ~bits->at_entry);
    }
}

static const struct program_bits *evidence(const struct program *program) {
    if (!program->bits->has_evidence) {
        gather_evidence(program);
    }
    return program->bits;
}

// --- registers ------------------------------------------------------------

struct exploration {
    const struct program *program;
    unsigned steps; // left
    struct {
        uint64_t va;
        regset open;
    } ways[EXPLORE_WAYS];
    unsigned way_count;
    regset live;
};

static void add_way(struct exploration *explore, uint64_t va, regset open) {
    if (explore->way_count == EXPLORE_WAYS) {
        explore->live |= open;
        return;
    }
    explore->ways[explore->way_count].va = va;
    explore->ways[explore->way_count++].open = open;
}

// What happens to the registers still open behind an instruction that was
// executed: 0 when the way ends here. *va moves on.
static regset go_on(struct exploration *explore, const struct insn *insn,
                    regset open, uint64_t *va) {
    const struct program *program = explore->program;
    *va = insn->va + insn->len;
    switch (insn->kind) {
    case INSN_PLAIN:
    case INSN_SYSCALL: return open;
    case INSN_JUMP: *va = insn->target; return open;
    case INSN_JUMP_COND: add_way(explore, insn->target, open); return open;
    case INSN_CALL:
    case INSN_CALL_INDIRECT: {
        // A callee may also leave a register alone for the caller to read.
        const struct program_bits *bits = evidence(program);
        explore->live |= open & (bits->at_entry | bits->at_return);
        return 0;
    }
    case INSN_RETURN:
        explore->live |= open & evidence(program)->at_return;
        return 0;
    default: explore->live |= open; return 0;
    }
}

static void follow(struct exploration *explore, uint64_t va, regset open) {
    while (open) {
        struct insn insn;
        if (explore->steps == 0 ||
            !program_decode(explore->program, va, &insn)) {
            explore->live |= open;
            return;
        }
        explore->steps--;
        explore->live |= open & insn.reads;
        open &= ~(insn.reads | insn.writes | explore->live);
        open = go_on(explore, &insn, open, &va);
    }
}

static regset explore_all(struct exploration *explore) {
    while (explore->way_count > 0) {
        explore->way_count--;
        follow(explore, explore->ways[explore->way_count].va,
               explore->ways[explore->way_count].open & ~explore->live);
    }
    return explore->live;
}

regset program_live_among(const struct program *program, uint64_t va,
                          regset wanted) {
    regset open = wanted & askable(program->arch);
    struct exploration explore = {.program = program, .steps = EXPLORE_STEPS};
    add_way(&explore, va, open);
    return explore_all(&explore) | (wanted & ~open);
}

regset program_live_before(const struct program *program, uint64_t va) {
    return program_live_among(program, va, REGSET_ALL);
}

regset program_live_after(const struct program *program, uint64_t va) {
    regset open = askable(program->arch);
    struct insn insn;
    if (!program_decode(program, va, &insn)) {
        return REGSET_ALL;
    }
    struct exploration explore = {.program = program, .steps = EXPLORE_STEPS};
    uint64_t next_va;
    regset rest = go_on(&explore, &insn, open, &next_va);
    if (rest) {
        add_way(&explore, next_va, rest);
    }
    return explore_all(&explore) | ~open;
}

// --- the red zone ---------------------------------------------------------

static enum red_zone scan_red_zone(const struct program *program,
                                   const struct function *function) {
    const struct program_bits *bits = program->bits;
    const struct abi *abi = &program->arch->abi;
    if (function->flags & (FUNCTION_UNSURE | FUNCTION_OPAQUE)) {
        return RED_ZONE_USED;
    }
    bool calls = false, frame = false;
    uint32_t base = code_index(bits, function->va);
    for (uint64_t off = 0; off < function->len;) {
        struct insn insn;
        if (!bit_get(bits->insns, base + (uint32_t)off) ||
            !program_decode(program, function->va + off, &insn)) {
            off += program->arch->insn_align;
            continue;
        }
        off += insn.len;
        regset sp = REG_BIT(abi->sp);
        if ((insn.flags & INSN_BELOW_SP) && !(insn.clobbers & sp)) {
            return RED_ZONE_USED;
        }
        calls |= insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT;
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
            insn.kind == INSN_UNKNOWN) {
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
