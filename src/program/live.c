// live.c: which registers may still be read.
//
// From an address all ways are explored, a few instructions far; a register
// is live if some way reads it before overwriting it, dead if all ways
// overwrite it, and live if the exploration ends before either is seen. Flags
// are followed one by one where the machine tells them apart.
//
// Where a way comes to a call or a return the ABI would be a belief: compilers
// know what their own callees leave alone (gcc's -fipa-ra), Go and others have
// conventions of their own, and so has whoever writes assembly. So there every
// general register is live, but for those that linkers may use on the way of a
// direct call (abi.lost_by_calls). Flags are too dear for that, and the code is
// asked. What can read them next lies where a call returns to, or at an entry:
// unless some such place in the image reads a flag that it did not set, that
// flag is dead at every call and return. If one does, those that concern the
// call or the return at hand are asked one by one.
//
// Code that is added may ask for registers that the program does not read any
// more: markers hand over what is for them alone.
//
// A call by a stub leaves the image, by way of the loader, which changes flags.

#include "program/bits.h"

// Up to the next that sets flags: unrolled vector code has many that do not.
#define FLAGS_STEPS  400
// Functions that end in a jump to a function, directly or not.
#define CALLERS_MOST 32

// What can be asked: a register that must survive calls by everybody's rules
// is never free.
static regset askable(const struct arch *arch) {
    regset set = arch->abi.caller_saved;
    if (arch->abi.flags != REG_NONE) {
        set |= REG_BIT(arch->abi.flags);
    }
    return set;
}

// The flags as a whole become each of them, or those that are named as well,
// and back.
static regset to_parts(const struct abi *abi, regset set) {
    if (abi->flags == REG_NONE || abi->flag_parts == 0 ||
        !(set & REG_BIT(abi->flags))) {
        return set;
    }
    regset parts = set & abi->flag_parts;
    return (set & ~REG_BIT(abi->flags)) | (parts ? parts : abi->flag_parts);
}

static regset from_parts(const struct abi *abi, regset set, regset wanted) {
    if (abi->flags != REG_NONE && (set & abi->flag_parts)) {
        regset named = wanted & abi->flag_parts;
        set = (set & ~(abi->flag_parts & ~named)) | REG_BIT(abi->flags);
    }
    return set;
}

// The flags, as they are followed.
static regset flags_of(const struct program *program) {
    const struct abi *abi = &program->arch->abi;
    regset flags = abi->flags == REG_NONE ? 0 : REG_BIT(abi->flags);
    return to_parts(abi, flags);
}

// --- exploring ------------------------------------------------------------

struct exploration {
    const struct program *program;
    unsigned steps; // left
    struct {
        uint64_t va;
        regset open;
    } ways[EXPLORE_WAYS];
    unsigned way_count;
    regset live;
    uint64_t from_va; // not yet left: what is asked for there is not counted
    // Only up to the next call or return: what comes there unread.
    bool stops;
    regset passed;
};

// Registers that may be read by the callee or behind the call, by whom the
// return at va leads to, or where the indirect jump at va goes.
static regset live_at_call(const struct program *program,
                           const struct insn *call, regset open);
static regset read_first(const struct program *program, uint64_t va,
                         regset open, regset *passed);
static regset live_at_return(const struct program *program, uint64_t va,
                             regset open);
static regset live_at_jump(const struct program *program, uint64_t va);

static void add_way(struct exploration *explore, uint64_t va, regset open) {
    if (explore->way_count == EXPLORE_WAYS) {
        explore->live |= open;
        return;
    }
    explore->ways[explore->way_count].va = va;
    explore->ways[explore->way_count++].open = open;
}

// Whether any code may be reached, or run, that nobody knows of.
static bool is_opaque(const struct program *program, uint64_t va) {
    const struct function *function = program_function_at(program, va);
    return !function || (function->flags & (FUNCTION_OPAQUE | FUNCTION_UNSURE));
}

// Whether what comes to a function comes by direct calls, as far as is known
// of any.
static bool is_called(const struct program *program, uint64_t va) {
    const struct function *function = program_function_at(program, va);
    size_t count = 0;
    if (function) {
        const struct function *root =
            function->parent ? function->parent : function;
        program_calls_to(program, root->va, &count);
    }
    return count > 0;
}

// Those of `lost` that the function at va has handed over. One that is handed
// a general register of these has a convention of its own (routines that save
// registers for others), by which the rest may count as well.
static regset handed_over(const struct program *program, uint64_t va,
                          regset lost) {
    regset passed = 0;
    regset read = read_first(program, va, lost, &passed);
    return read & program->arch->abi.general ? lost : read;
}

// What nobody expects to survive the call, or the call that is returned from.
static regset lost_there(const struct program *program,
                         const struct insn *insn) {
    regset lost = program->arch->abi.lost_by_calls;
    if (lost == 0) {
        return 0;
    }
    if (insn->kind == INSN_CALL) {
        return lost & ~handed_over(program, insn->target, lost);
    }
    const struct function *function = program_function_at(program, insn->va);
    if ((insn->kind != INSN_RETURN && insn->kind != INSN_RETURN_COND) ||
        !is_called(program, insn->va)) {
        return 0;
    }
    function = function->parent ? function->parent : function;
    regset general = lost & program->arch->abi.general;
    return handed_over(program, function->va, general) ? 0 : lost;
}

// A way ends at a call, a return or an indirect jump.
static void end_way(struct exploration *explore, const struct insn *insn,
                    regset open) {
    const struct program *program = explore->program;
    bool jumps = insn->kind == INSN_JUMP_INDIRECT ||
                 insn->kind == INSN_JUMP_INDIRECT_COND;
    if (!explore->stops) {
        open &= ~lost_there(program, insn);
    }
    if (explore->stops && !(jumps && is_opaque(program, insn->va))) {
        explore->passed |= open;
    } else if (jumps) {
        explore->live |= open & live_at_jump(program, insn->va);
    } else if (insn->kind == INSN_RETURN || insn->kind == INSN_RETURN_COND) {
        explore->live |= open & live_at_return(program, insn->va, open);
    } else {
        explore->live |= open & live_at_call(program, insn, open);
    }
}

// What happens to the registers still open behind an instruction that was
// executed: 0 when the way ends here. *va moves on.
static regset go_on(struct exploration *explore, const struct insn *insn,
                    regset open, uint64_t *va) {
    *va = insn->va + insn->len;
    switch (insn->kind) {
    case INSN_PLAIN:
    case INSN_SYSCALL: return open;
    case INSN_JUMP: *va = insn->target; return open;
    case INSN_JUMP_COND: add_way(explore, insn->target, open); return open;
    case INSN_JUMP_INDIRECT_COND:
    case INSN_RETURN_COND: end_way(explore, insn, open); return open;
    case INSN_CALL:
    case INSN_CALL_INDIRECT:
        end_way(explore, insn, open);
        return insn->flags & INSN_CONDITIONAL ? open : 0;
    case INSN_RETURN:
    case INSN_JUMP_INDIRECT: end_way(explore, insn, open); return 0;
    default: explore->live |= open; return 0;
    }
}

static void follow(struct exploration *explore, uint64_t va, regset open) {
    const struct program *program = explore->program;
    regset flags = flags_of(program) & program->arch->abi.lost_by_pointers;
    while (open) {
        struct insn insn;
        if (explore->steps == 0 || !program_decode(program, va, &insn)) {
            explore->live |= open;
            return;
        }
        explore->steps--;
        if (explore->stops && insn.kind == INSN_SYSCALL) {
            // That the kernel hands the flags on is seen by nobody here.
            insn.reads &= ~open;
        }
        if (explore->stops && insn.kind == INSN_STOP) {
            return;
        }
        // What reads all flags keeps them for those that belong to callers.
        if (explore->stops && flags != 0 && (insn.reads & flags) == flags) {
            insn.reads &= ~program->arch->abi.lost_by_pointers;
        }
        if (va != explore->from_va) {
            insn.reads |= program_asked_at(program, va);
        }
        explore->from_va = 0;
        explore->live |= open & insn.reads;
        open &= ~(insn.reads | insn.writes | explore->live);
        if (open) {
            open = go_on(explore, &insn, open, &va);
        }
    }
}

static void explore_all(struct exploration *explore) {
    while (explore->way_count > 0) {
        explore->way_count--;
        follow(explore, explore->ways[explore->way_count].va,
               explore->ways[explore->way_count].open & ~explore->live);
    }
}

// --- flags at calls and returns -------------------------------------------

// Flags of `open` that the code at va reads before it sets them; those that
// come to a call or a return unread are added to *passed.
static regset read_first(const struct program *program, uint64_t va,
                         regset open, regset *passed) {
    struct exploration explore = {
        .program = program, .steps = FLAGS_STEPS, .stops = true};
    add_way(&explore, va, open);
    explore_all(&explore);
    *passed |= explore.passed;
    return explore.live;
}

static const struct function *function_from(const struct program *program,
                                            uint64_t va) {
    const struct function *function = program_function_at(program, va);
    return function && function->va == va ? function : NULL;
}

static bool never_returns(const struct program *program,
                          const struct function *function) {
    size_t count;
    struct arena *scratch = arena_new();
    program_exits(program, function, scratch, &count);
    arena_free(scratch);
    return count == 0 &&
           !(function->flags & (FUNCTION_OPAQUE | FUNCTION_UNSURE));
}

// Whether the call that ends at va may return with flags as the callee left
// them.
static bool brings_flags(const struct program *program, uint64_t va,
                         bool *is_indirect) {
    struct insn_brief insn;
    uint64_t call_va = code_previous(program, va);
    const struct function *function = program_function_at(program, va);
    bool data = !function || (function->flags & FUNCTION_DATA) ||
                !is_opaque(program, va);
    if (data && !program_is_shown(program, va)) {
        return false;
    }
    if (call_va == 0 || !code_brief(program, call_va, &insn)) {
        return true;
    }
    *is_indirect = insn.kind != INSN_CALL;
    const struct function *callee =
        insn.kind == INSN_CALL ? function_from(program, insn.target) : NULL;
    return !callee ||
           !((callee->flags & FUNCTION_PLT) || never_returns(program, callee));
}

// What is read first where indirect jumps go within a function.
static void gather_targets(const struct program *program, regset flags) {
    struct program_bits *bits = program->bits;
    for (uint32_t word = 0; word <= bits->index_count / 64; word++) {
        uint64_t rest = bits->found[word] & bits->shown[word];
        for (; rest != 0; rest &= rest - 1) {
            uint32_t index = word * 64 + (uint32_t)__builtin_ctzll(rest);
            regset passed = 0;
            bits->at_target |= read_first(program, code_va(bits, index),
                                          flags & ~bits->at_target, &passed);
        }
    }
}

// What holds for calls whose callee or caller is not known.
static void gather_evidence(const struct program *program) {
    struct program_bits *bits = program->bits;
    regset flags = flags_of(program);
    bits->has_evidence = true;
    bits->returns =
        ARENA_ARRAY(program->arena, regset, program->function_count);
    for (size_t i = 0; i < bits->return_points.count; i++) {
        uint64_t va = code_va(bits, bits->return_points.items[i]);
        regset passed = 0;
        bool is_indirect = true;
        regset read = read_first(program, va, flags, &passed);
        if ((read & ~bits->at_return) != 0 &&
            brings_flags(program, va, &is_indirect)) {
            read &= is_indirect ? ~program->arch->abi.lost_by_pointers : read;
            bits->after_calls |= read;
            bits->at_return |= is_indirect ? read : 0;
        }
    }
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        regset passed = 0;
        if (!(function->flags &
              (FUNCTION_PLT | FUNCTION_PART | FUNCTION_DATA))) {
            bits->at_entry |= read_first(program, function->va,
                                         flags & ~bits->at_entry, &passed);
        }
    }
    gather_targets(program, flags);
}

static struct program_bits *evidence(const struct program *program) {
    if (!program->bits->has_evidence) {
        gather_evidence(program);
    }
    return program->bits;
}

// What is read of flags that come to a call or a return unread, anywhere.
static regset read_anywhere(const struct program *program) {
    struct program_bits *bits = evidence(program);
    return bits->after_calls | bits->at_entry | bits->at_target;
}

#define RETURNS_KNOWN REG_BIT(63)

// What is read first where calls of `function` return to.
static regset read_by_callers(const struct program *program,
                              const struct function *function) {
    struct program_bits *bits = evidence(program);
    regset *known = &bits->returns[function - program->functions];
    regset read = bits->at_return, passed = 0;
    regset wanted = bits->after_calls & ~read;
    if (*known & RETURNS_KNOWN) {
        return *known & ~RETURNS_KNOWN;
    }
    size_t none;
    const struct branch *call = program_calls_to(program, function->va, &none);
    const struct branch *end = program->calls + program->call_count;
    for (; call && call < end && call->target - function->va < function->len &&
           (wanted & ~read);
         call++) {
        struct insn_brief insn;
        read |= code_brief(program, call->va, &insn)
                    ? read_first(program, call->va + insn.len, wanted & ~read,
                                 &passed)
                    : wanted;
    }
    read |= passed & read_anywhere(program);
    *known = read | RETURNS_KNOWN;
    return read;
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

static regset live_at_return(const struct program *program, uint64_t va,
                             regset open) {
    regset flags = flags_of(program), live = open & ~flags;
    const struct function *function = program_function_at(program, va);
    if (!(open & flags & read_anywhere(program))) {
        return live;
    }
    if (!function) {
        return live | read_anywhere(program);
    }
    struct callers callers = {0};
    add_caller(&callers, function->parent ? function->parent : function);
    for (unsigned i = 0; i < callers.count && !callers.overflow; i++) {
        live |= read_by_callers(program, callers.items[i]);
        add_jumpers(program, &callers, callers.items[i]);
    }
    return live | (callers.overflow ? read_anywhere(program) : 0);
}

static regset live_at_call(const struct program *program,
                           const struct insn *call, regset open) {
    regset flags = open & flags_of(program), live = open & ~flags;
    const struct function *callee =
        call->target != 0 ? program_function_at(program, call->target) : NULL;
    if (!flags || (callee && (callee->flags & FUNCTION_PLT))) {
        return live;
    }
    regset passed = 0, onwards = 0;
    if (call->target != 0) {
        live |= read_first(program, call->target, flags, &passed);
    } else {
        live |= flags & evidence(program)->at_entry;
        passed = flags;
    }
    passed &= read_anywhere(program) & ~live;
    if (passed) {
        live |= read_first(program, call->va + call->len, passed, &onwards);
    }
    // A call for the sake of an address returns to other callers, and so does
    // a callee behind whose call there is no code.
    bool elsewhere = (callee && callee->va != call->target) ||
                     !program_is_shown(program, call->va + call->len);
    return live | onwards | (elsewhere ? passed : 0);
}

static regset live_at_jump(const struct program *program, uint64_t va) {
    regset flags = flags_of(program);
    const struct function *function = program_function_at(program, va);
    if (function && (function->flags & FUNCTION_PLT)) {
        return ~flags;
    }
    return is_opaque(program, va) ? REGSET_ALL
                                  : ~flags | read_anywhere(program);
}

// --- registers ------------------------------------------------------------

regset program_asked_at(const struct program *program, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, program->asked_count, program->asked[low].va < va);
    return low < program->asked_count && program->asked[low].va == va
               ? program->asked[low].regs
               : 0;
}

regset program_live_among(const struct program *program, uint64_t va,
                          regset wanted) {
    const struct abi *abi = &program->arch->abi;
    regset temporaries = wanted & abi->temporaries, live = 0;
    if (temporaries != 0) {
        wanted &= ~temporaries;
        live = temps_live(program, va, temporaries);
    }
    regset open = wanted & askable(program->arch);
    struct exploration explore = {
        .program = program, .steps = EXPLORE_STEPS, .from_va = va};
    add_way(&explore, va, to_parts(abi, open));
    explore_all(&explore);
    return live | from_parts(abi, explore.live, wanted) |
           (wanted & ~open & ~abi->flag_parts);
}

regset program_live_before(const struct program *program, uint64_t va) {
    regset parts = program->arch->abi.flag_parts;
    return program_live_among(program, va, REGSET_ALL & ~parts);
}

regset program_live_after(const struct program *program, uint64_t va) {
    const struct abi *abi = &program->arch->abi;
    regset open = askable(program->arch) & ~abi->flag_parts;
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
    explore_all(&explore);
    return from_parts(abi, explore.live, 0) | (~open & ~abi->flag_parts);
}

// --- reservations ---------------------------------------------------------

// As far as manuals let the two stand apart.
#define RESERVED_STEPS 32

bool program_is_reserved(const struct program *program, uint64_t va) {
    regset reservation = program->arch->abi.reservation;
    uint64_t ways[EXPLORE_WAYS];
    unsigned count = 0, steps = RESERVED_STEPS;
    if (reservation != 0) {
        ways[count++] = va;
    }
    while (count > 0 && steps-- > 0) {
        struct insn insn;
        va = ways[--count];
        // Of what is not understood nothing is believed, this neither.
        regset general = program->arch->abi.general;
        if (!program_decode(program, va, &insn) ||
            (insn.reads & general) == general || insn.kind == INSN_CALL ||
            insn.kind == INSN_CALL_INDIRECT || insn.kind == INSN_SYSCALL) {
            continue;
        }
        if (insn.reads & reservation) {
            return true;
        }
        if (insn.clobbers & reservation) {
            continue;
        }
        if (insn.target != 0 && count < EXPLORE_WAYS) {
            ways[count++] = insn.target;
        }
        if (kind_falls_through(insn.kind) && count < EXPLORE_WAYS) {
            ways[count++] = va + insn.len;
        }
    }
    return false;
}
