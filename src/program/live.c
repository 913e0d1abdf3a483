// live.c: which registers may still be read.
//
// From an address all ways are explored, a few instructions far; a register
// is live if some way reads it before overwriting it, dead if all ways
// overwrite it, and live if the exploration ends before either is seen. Flags
// are followed one by one where the machine tells them apart.
//
// At a return and at a call the ABI would be a belief. Instead the code is
// asked. What is read before it is written where the calls of a function
// return to, is live at its returns; so is what is read there after indirect
// calls, and the same of functions that jump to it. What is read first at a
// callee's entry is live at the call, and so is what is read behind the call.
// Registers that carry arguments or results by the ABI count as live even so,
// for callers and callees in other images and for helpers that preserve them.

#include "program/bits.h"

#define EXPLORE_STEPS   48
#define EXPLORE_WAYS    12
// Instructions looked at where a call returns to, and at a callee's entry.
#define RETURN_STEPS    5
#define ENTRY_STEPS     12
// Calls and returns that are gone through, for a register that they keep.
#define DEPTH_MOST      2
#define ASKED_MOST      8 // callers
// Places asked for what holds in the image as a whole.
#define EVIDENCE_PLACES 250000
// Functions that end in a jump to a function, directly or not.
#define CALLERS_MOST    32

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

// The flags as a whole become each of them, and back.
static regset to_parts(const struct abi *abi, regset set) {
    if (abi->flags == REG_NONE || abi->flag_parts == 0 ||
        !(set & REG_BIT(abi->flags))) {
        return set;
    }
    return (set & ~REG_BIT(abi->flags)) | abi->flag_parts;
}

static regset from_parts(const struct abi *abi, regset set) {
    if (abi->flags != REG_NONE && (set & abi->flag_parts)) {
        set = (set & ~abi->flag_parts) | REG_BIT(abi->flags);
    }
    return set;
}

// --- what callers and callees read ----------------------------------------

// Registers of `wanted` that the straight line of code at va reads before it
// writes them. Where a call returns to, a line ends at a label or padding:
// there the call did not return, and other code begins. What is neither read
// nor written up to a return or a call goes to *passed.
static regset read_first(const struct program *program, uint64_t va,
                         regset wanted, unsigned steps, bool is_return,
                         regset *passed) {
    const struct program_bits *bits = program->bits;
    regset read = 0;
    while (steps-- > 0 && wanted) {
        struct insn insn;
        uint32_t index = code_index(bits, va);
        if (is_return && index != INDEX_NONE && bit_get(bits->direct, index)) {
            *passed |= wanted;
            break;
        }
        if (index == INDEX_NONE || !program_decode(program, va, &insn) ||
            insn.kind == INSN_STOP ||
            (is_return && (insn.flags & INSN_PADDING))) {
            break;
        }
        bool ends = insn.kind == INSN_CALL || insn.kind == INSN_RETURN ||
                    insn.kind == INSN_CALL_INDIRECT;
        *passed |= ends ? wanted : 0;
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

static bool is_after_indirect_call(const struct program *program, uint64_t va) {
    struct insn_brief insn;
    uint64_t before_va = code_previous(program, va);
    return before_va != 0 && code_brief(program, before_va, &insn) &&
           insn.kind == INSN_CALL_INDIRECT;
}

// What holds for calls whose callee or caller is not known.
static void gather_evidence(const struct program *program) {
    struct program_bits *bits = program->bits;
    const struct abi *abi = &program->arch->abi;
    regset values = abi_values(abi);
    regset wanted = to_parts(abi, askable(program->arch) & ~values);
    regset passed_indirect = 0, unused = 0;
    bits->has_evidence = true;
    bits->at_return = bits->at_entry = values;
    bits->returns =
        ARENA_ARRAY(program->arena, regset, program->function_count);
    size_t step = bits->return_points.count / EVIDENCE_PLACES + 1;
    for (size_t i = 0; i < bits->return_points.count; i += step) {
        uint64_t va = code_va(bits, bits->return_points.items[i]);
        regset passed = 0;
        regset read =
            read_first(program, va, wanted, RETURN_STEPS, true, &passed);
        bits->after_calls |= read;
        if (is_after_indirect_call(program, va)) {
            bits->at_return |= read;
            passed_indirect |= passed;
        }
    }
    bits->at_return |= passed_indirect & bits->after_calls;
    step = program->function_count / EVIDENCE_PLACES + 1;
    for (size_t i = 0; i < program->function_count; i += step) {
        const struct function *function = &program->functions[i];
        if (!(function->flags & (FUNCTION_PLT | FUNCTION_PART))) {
            bits->at_entry |=
                read_first(program, function->va, wanted & ~bits->at_entry,
                           ENTRY_STEPS, false, &unused);
        }
    }
}

static struct program_bits *evidence(const struct program *program) {
    if (!program->bits->has_evidence) {
        gather_evidence(program);
    }
    return program->bits;
}

// What is read first where direct calls of `function` return to. Where such a
// caller returns at once, its own callers may read: that they are any of the
// image is enough to know.
static regset read_by_callers(const struct program *program,
                              const struct function *function) {
    struct program_bits *bits = evidence(program);
    regset *known = &bits->returns[function - program->functions];
    if (*known != 0) {
        return *known;
    }
    const struct abi *abi = &program->arch->abi;
    regset wanted = to_parts(abi, askable(program->arch)), read = 0;
    regset passed = 0;
    wanted &= ~bits->at_return;
    size_t none;
    const struct branch *call = program_calls_to(program, function->va, &none);
    const struct branch *end = program->calls + program->call_count;
    for (; call && call < end && call->target - function->va < function->len;
         call++) {
        struct insn_brief insn;
        if ((wanted & ~read) != 0 && code_brief(program, call->va, &insn)) {
            read |= read_first(program, call->va + insn.len, wanted & ~read,
                               RETURN_STEPS, true, &passed);
        }
    }
    *known = bits->at_return | read | (passed & bits->after_calls);
    return *known;
}

struct callers {
    const struct function *items[CALLERS_MOST];
    unsigned count;
    bool overflow;
};

static void add_caller(struct callers *callers,
                       const struct function *function) {
    for (unsigned i = 0; i < callers->count; i++) {
        if (callers->items[i] == function) {
            return;
        }
    }
    if (callers->count == CALLERS_MOST) {
        callers->overflow = true;
        return;
    }
    callers->items[callers->count++] = function;
}

// Adds the functions that jump into `function`: its returns are theirs.
static void add_jumpers(const struct program *program, struct callers *callers,
                        const struct function *function) {
    size_t none;
    const struct branch *branch =
        program_branches_to(program, function->va, &none);
    const struct branch *end = program->branches + program->branch_count;
    for (; branch && branch < end &&
           branch->target - function->va < function->len;
         branch++) {
        if (branch->va - function->va < function->len) {
            continue;
        }
        const struct function *from = program_function_at(program, branch->va);
        if (!from) {
            callers->overflow = true;
        } else {
            add_caller(callers, from->parent ? from->parent : from);
        }
    }
}

// Of the registers `open`, those that may be read at va and after it. Depth
// grows with every call or return that is gone through.
static regset live_from(const struct program *program, uint64_t va, regset open,
                        unsigned depth);

// Registers that a function leaves alone, and that callers which may know that
// wait for.
static regset awaited(const struct program *program,
                      const struct function *function, unsigned depth) {
    struct program_bits *bits = program->bits;
    if (!bits->awaited) {
        bits->awaited =
            ARENA_ARRAY(program->arena, regset, program->function_count);
    }
    regset *known = &bits->awaited[function - program->functions];
    regset open = kept_by(program, function), live = 0;
    if (*known & KEPT_KNOWN) {
        return *known & ~KEPT_KNOWN;
    }
    // Whoever comes by a jump returns to callers that are not looked for.
    size_t jumps, callers = 0, none;
    program_branches_to(program, function->va, &jumps);
    if (jumps > 0) {
        live = open;
    }
    const struct branch *call = program_calls_to(program, function->va, &none);
    const struct branch *end = program->calls + program->call_count;
    for (; call && call < end && call->target - function->va < function->len &&
           (open & ~live);
         call++) {
        struct insn_brief insn;
        bool asks = depth < DEPTH_MOST && ++callers <= ASKED_MOST >> depth &&
                    code_brief(program, call->va, &insn);
        live |= asks ? live_from(program, call->va + insn.len, open & ~live,
                                 depth + 1)
                     : open;
    }
    if (depth == 0) {
        *known = live | KEPT_KNOWN;
    }
    return live;
}

// Registers that may be read after the return at va.
static regset live_at_return(const struct program *program, uint64_t va,
                             regset open, unsigned depth) {
    const struct function *function = program_function_at(program, va);
    struct callers callers = {0};
    regset live = 0;
    if (!function) {
        return REGSET_ALL;
    }
    const struct function *whole =
        function->parent ? function->parent : function;
    if (open & kept_by(program, whole) & ~evidence(program)->at_return) {
        live |= awaited(program, whole, depth);
    }
    add_caller(&callers, function->parent ? function->parent : function);
    for (unsigned i = 0; i < callers.count && !callers.overflow; i++) {
        live |= read_by_callers(program, callers.items[i]);
        add_jumpers(program, &callers, callers.items[i]);
    }
    return callers.overflow ? REGSET_ALL : live;
}

// Registers that may be read by the callee or behind the call.
static regset live_at_call(const struct program *program,
                           const struct insn *call, regset open,
                           unsigned depth) {
    regset live = abi_values(&program->arch->abi), passed = 0, kept = 0;
    const struct function *callee =
        call->target != 0 ? program_function_at(program, call->target) : NULL;
    if (!callee) {
        live |= evidence(program)->at_entry;
    } else if (!(callee->flags & FUNCTION_PLT)) {
        live |= read_first(program, call->target, open, ENTRY_STEPS, false,
                           &passed);
        kept = open & ~live & kept_by(program, callee);
    }
    if (kept) {
        live |= depth >= DEPTH_MOST
                    ? kept
                    : live_from(program, call->va + call->len, kept, depth + 1);
    }
    passed = 0;
    live |= read_first(program, call->va + call->len, open & ~live,
                       RETURN_STEPS, true, &passed);
    return live | (passed & evidence(program)->after_calls);
}

// Registers that may be read where an indirect jump goes: by a function whose
// entry it is if the jump is a tail call or the stub of an import.
static regset live_at_jump(const struct program *program, uint64_t va) {
    const struct program_bits *bits = program->bits;
    const struct function *function = program_function_at(program, va);
    if (function && (function->flags & FUNCTION_PLT)) {
        return abi_values(&program->arch->abi);
    }
    bool leaves = index_listed(&bits->indirect_exits, code_index(bits, va));
    return leaves ? evidence(program)->at_entry | bits->at_return : REGSET_ALL;
}

// --- registers ------------------------------------------------------------

struct exploration {
    const struct program *program;
    unsigned steps; // left
    unsigned depth; // calls and returns gone through
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
    case INSN_CALL_INDIRECT:
        explore->live |=
            open & live_at_call(program, insn, open, explore->depth);
        return 0;
    case INSN_RETURN:
        explore->live |=
            open & live_at_return(program, insn->va, open, explore->depth);
        return 0;
    case INSN_JUMP_INDIRECT:
        explore->live |= open & live_at_jump(program, insn->va);
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
        if (open) {
            open = go_on(explore, &insn, open, &va);
        }
    }
}

static regset explore_all(struct exploration *explore) {
    while (explore->way_count > 0) {
        explore->way_count--;
        follow(explore, explore->ways[explore->way_count].va,
               explore->ways[explore->way_count].open & ~explore->live);
    }
    return from_parts(&explore->program->arch->abi, explore->live);
}

static regset live_from(const struct program *program, uint64_t va, regset open,
                        unsigned depth) {
    struct exploration explore = {
        .program = program, .steps = EXPLORE_STEPS, .depth = depth};
    add_way(&explore, va, open);
    return explore_all(&explore);
}

regset program_live_among(const struct program *program, uint64_t va,
                          regset wanted) {
    const struct abi *abi = &program->arch->abi;
    regset open = wanted & askable(program->arch);
    struct exploration explore = {.program = program, .steps = EXPLORE_STEPS};
    add_way(&explore, va, to_parts(abi, open));
    return explore_all(&explore) | (wanted & ~open & ~abi->flag_parts);
}

regset program_live_before(const struct program *program, uint64_t va) {
    return program_live_among(program, va, REGSET_ALL);
}

regset program_live_after(const struct program *program, uint64_t va) {
    const struct abi *abi = &program->arch->abi;
    regset open = askable(program->arch);
    struct insn insn;
    if (!program_decode(program, va, &insn)) {
        return REGSET_ALL & ~abi->flag_parts;
    }
    struct exploration explore = {.program = program, .steps = EXPLORE_STEPS};
    uint64_t next_va;
    regset rest = go_on(&explore, &insn, to_parts(abi, open), &next_va);
    if (rest) {
        add_way(&explore, next_va, rest);
    }
    return explore_all(&explore) | (~open & ~abi->flag_parts);
}

// --- the red zone ---------------------------------------------------------

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
