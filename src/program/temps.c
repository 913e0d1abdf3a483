// temps.c: whether registers that calls do not keep may still be read across
// calls and returns.
//
// By the ABI nothing is in such a register (abi.temporaries) when a function
// begins, and nothing is left in it when one returns. But compilers know what
// their own callees leave alone (gcc's -fipa-ra), and whoever writes assembly
// knows all of it. So the code is asked, across functions:
//
//   at a call    the callee may read it before it writes it, or else leave it
//                as it is for what stands behind the call. But who relies on
//                that knows the whole callee: nothing that the callee, or what
//                that calls in turn, ever changes can be relied on. What goes
//                through a stub or a pointer is known to nobody.
//   at a return  what stands behind a call of the function may read it, if the
//                function never changes it
//   at a switch  anything in the function may read it
//
//     f:  ...                     x9 is read by nobody: g and what it calls
//         bl  g                   change it, or f's callers do not read it
//         ret
//
// A register that a function reads first, to save it, it may also restore, so
// that one does not count as changed by it. Answers are kept by function.
//
// Nothing is believed of Go, which passes arguments in such registers, nor of
// the loader, which has functions with rules of their own that other images
// call through pointers.

#include "program/bits.h"

#define WAYS_MOST    64
#define STEPS_MOST   4096
#define DEPTH_MOST   12
#define CALLERS_MOST 1024
// Functions through which assembly may hand something on unread.
#define PASSED_MOST  2

#define KNOWN REG_BIT(63)
#define BUSY  REG_BIT(62)

// By function: what it reads first, what is changed when it has returned, and
// what may be read by those whose calls of it return.
struct temporaries {
    // What is read first, looking into as many functions as may hand it on.
    regset *entries[PASSED_MOST];
    regset *inside[PASSED_MOST + 1]; // ... or anywhere in it
    regset *changes, *returns;
    uint32_t *returns_partly; // the question for which an answer holds
    uint32_t questions;
    bool believes_nothing;
    struct short_insn *cache;
};

// What matters of an instruction here. Code is looked at again and again.
struct short_insn {
    uint64_t va, target;
    uint32_t reads, writes, clobbers;
    uint8_t kind, len;
};

#define CACHE_LOG2 16

// A question, which may lead to others about other functions.
struct ask {
    const struct program *program;
    struct temporaries *known;
    unsigned depth, passed; // functions that are asked within each other
    bool is_partial; // something was asked that is being answered already
};

struct ways {
    struct {
        uint64_t va;
        regset open;
    } items[WAYS_MOST];
    unsigned count;
    unsigned steps;
    struct map seen; // by address: what was open there, plus KNOWN
    regset live;
    bool from_entry; // returns do not matter
};

static regset entry_reads(struct ask *ask, const struct function *function);
static regset changed_by(struct ask *ask, const struct function *function);
static regset read_behind(struct ask *ask, const struct function *function);
static regset read_inside(struct ask *ask, const struct function *function);

static const struct function *root_of(const struct function *function) {
    return function && function->parent ? function->parent : function;
}

static const struct function *function_from(const struct program *program,
                                            uint64_t va) {
    const struct function *function = program_function_at(program, va);
    return function && function->va == va ? function : NULL;
}

static bool read_insn(struct ask *ask, uint64_t va, struct short_insn *out) {
    const struct program *program = ask->program;
    uint64_t hash = (va / program->arch->insn_align) & ((1 << CACHE_LOG2) - 1);
    struct short_insn *kept = &ask->known->cache[hash];
    if (kept->va != va || kept->len == 0) {
        struct insn insn;
        if (!program_decode(program, va, &insn))
            return false;
        regset asked = program_asked_at(program, va);
        *kept = (struct short_insn){va,
                                    insn.target,
                                    (uint32_t)(insn.reads | asked),
                                    (uint32_t)insn.writes,
                                    (uint32_t)insn.clobbers,
                                    insn.kind,
                                    insn.len};
    }
    *out = *kept;
    return true;
}

static bool is_call(const struct short_insn *insn) {
    return insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT;
}

static bool jumps_away(const struct program *program,
                       const struct short_insn *insn) {
    uint32_t index = code_index(program->bits, insn->va);
    return index != INDEX_NONE &&
           index_listed(&program->bits->indirect_exits, index);
}

static void add_way(struct ways *ways, uint64_t va, regset open) {
    uintptr_t seen = (uintptr_t)map_get_number(&ways->seen, va);
    regset fresh = open & ~(regset)seen;
    if (fresh == 0)
        return;
    if (ways->count == WAYS_MOST) {
        ways->live |= open;
        return;
    }
    map_put_number(&ways->seen, va, (void *)(seen | (uintptr_t)open));
    ways->items[ways->count].va = va;
    ways->items[ways->count++].open = fresh;
}

// What is left of `open` behind a call, what is read by it apart.
static regset cross_call(struct ask *ask, const struct short_insn *insn,
                         regset open, regset *live) {
    const struct function *callee =
        insn->kind == INSN_CALL ? function_from(ask->program, insn->target)
                                : NULL;
    if (insn->kind == INSN_CALL_INDIRECT ||
        (callee && (callee->flags & FUNCTION_PLT)))
        return 0;
    if (!callee || ask->depth >= DEPTH_MOST) {
        *live |= open;
        return 0;
    }
    ask->depth++;
    *live |= open & entry_reads(ask, callee);
    open &= ~*live;
    if (open != 0)
        open &= ~changed_by(ask, callee);
    ask->depth--;
    return open;
}

// What a jump by a table leads to is somewhere in its function.
static regset read_by_table(struct ask *ask, const struct ways *ways,
                            const struct function *function) {
    if (!function || (function->flags & (FUNCTION_OPAQUE | FUNCTION_UNSURE)))
        return ask->program->arch->abi.temporaries;
    regset live = read_inside(ask, function);
    return ways->from_entry ? live : live | read_behind(ask, function);
}

static void end_way(struct ask *ask, struct ways *ways,
                    const struct short_insn *insn, regset open) {
    const struct program *program = ask->program;
    const struct function *function =
        root_of(program_function_at(program, insn->va));
    if (insn->kind == INSN_RETURN || insn->kind == INSN_RETURN_COND) {
        if (!ways->from_entry)
            ways->live |= function ? open & read_behind(ask, function) : open;
    } else if (insn->kind == INSN_JUMP_INDIRECT ||
               insn->kind == INSN_JUMP_INDIRECT_COND) {
        if (!jumps_away(program, insn))
            ways->live |= open & read_by_table(ask, ways, function);
    } else if (insn->kind != INSN_STOP) {
        ways->live |= open;
    }
}

static void follow(struct ask *ask, struct ways *ways, uint64_t va,
                   regset open) {
    while (open != 0) {
        struct short_insn insn;
        if (ways->steps == 0 || !read_insn(ask, va, &insn)) {
            ways->live |= open;
            return;
        }
        ways->steps--;
        ways->live |= open & insn.reads;
        open &= ~((regset)insn.reads | insn.writes | ways->live);
        if (is_call(&insn))
            open = cross_call(ask, &insn, open, &ways->live);
        if (insn.kind == INSN_JUMP_COND)
            add_way(ways, insn.target, open);
        bool ends = insn.kind == INSN_RETURN || insn.kind == INSN_STOP ||
                    insn.kind == INSN_JUMP_INDIRECT ||
                    insn.kind == INSN_UNKNOWN;
        if (ends || insn.kind == INSN_RETURN_COND ||
            insn.kind == INSN_JUMP_INDIRECT_COND)
            end_way(ask, ways, &insn, open);
        if (ends)
            return;
        if (insn.kind == INSN_JUMP) {
            add_way(ways, insn.target, open);
            return;
        }
        va += insn.len;
    }
}

static regset explore(struct ask *ask, uint64_t va, regset open, unsigned steps,
                      bool from_entry) {
    struct arena *scratch = arena_new();
    struct ways *ways = ARENA_NEW(scratch, struct ways);
    ways->steps = steps;
    ways->from_entry = from_entry;
    map_init(&ways->seen, scratch);
    add_way(ways, va, open);
    while (ways->count > 0 && (open & ~ways->live) != 0) {
        ways->count--;
        follow(ask, ways, ways->items[ways->count].va,
               ways->items[ways->count].open & ~ways->live);
    }
    regset live = ways->live & open;
    arena_free(scratch);
    return live;
}

// --- functions ------------------------------------------------------------

static regset *slot(struct ask *ask, regset **table,
                    const struct function *function) {
    const struct program *program = ask->program;
    if (!*table)
        *table = ARENA_ARRAY(program->arena, regset, program->function_count);
    return &(*table)[function - program->functions];
}

static regset entry_reads(struct ask *ask, const struct function *function) {
    if (ask->passed >= PASSED_MOST)
        return 0;
    regset *kept = slot(ask, &ask->known->entries[ask->passed], function);
    if (*kept & KNOWN)
        return *kept & ~KNOWN;
    ask->passed++;
    regset answer =
        explore(ask, function->va, ask->program->arch->abi.temporaries,
                STEPS_MOST, true);
    ask->passed--;
    *kept = answer | KNOWN;
    return answer;
}

// What an instruction reads, or what it calls or goes on in.
static regset read_here(struct ask *ask, const struct function *root,
                        const struct short_insn *insn) {
    const struct program *program = ask->program;
    regset all = program->arch->abi.temporaries;
    const struct function *to = program_function_at(program, insn->target);
    if (insn->kind == INSN_UNKNOWN)
        return all;
    if (insn->target == 0 || (!is_call(insn) && root_of(to) == root))
        return insn->reads & all;
    if (!to || to->va != insn->target)
        return all;
    regset beyond = to->flags & FUNCTION_PLT ? 0 : entry_reads(ask, to);
    return (insn->reads & all) | beyond;
}

static regset read_in(struct ask *ask, const struct function *piece) {
    const struct program *program = ask->program;
    const struct program_bits *bits = program->bits;
    regset all = program->arch->abi.temporaries, reads = 0;
    uint32_t base = code_index(bits, piece->va);
    for (uint64_t off = 0; off < piece->len && (all & ~reads) != 0;
         off += program->arch->insn_align) {
        struct short_insn insn;
        uint32_t index = base + (uint32_t)off;
        if (bit_get(bits->insns, index) && bit_get(bits->shown, index))
            reads |= read_insn(ask, piece->va + off, &insn)
                         ? read_here(ask, root_of(piece), &insn)
                         : all;
    }
    return reads;
}

static regset read_inside(struct ask *ask, const struct function *function) {
    regset *kept = slot(ask, &ask->known->inside[ask->passed], function);
    if (*kept & KNOWN)
        return *kept & ~KNOWN;
    size_t count;
    const struct function *const *parts =
        program_parts(ask->program, function, &count);
    regset answer = read_in(ask, function);
    for (size_t i = 0; i < count; i++)
        answer |= read_in(ask, parts[i]);
    *kept = answer | KNOWN;
    return answer;
}

// What an instruction changes by itself.
static regset changed_here(const struct program *program,
                           const struct function *function,
                           const struct short_insn *insn) {
    regset all = program->arch->abi.temporaries;
    if (insn->kind == INSN_CALL_INDIRECT ||
        (insn->kind == INSN_JUMP_INDIRECT && jumps_away(program, insn)))
        return all;
    const struct function *to =
        insn->target ? program_function_at(program, insn->target) : NULL;
    return to && to != function && (to->flags & FUNCTION_PLT)
               ? all
               : insn->clobbers & all;
}

// ... and by what it calls or goes on in.
static regset changed_beyond(struct ask *ask, const struct function *function,
                             const struct short_insn *insn) {
    const struct function *to =
        insn->target ? root_of(program_function_at(ask->program, insn->target))
                     : NULL;
    if (!to || to == root_of(function) || ask->depth >= DEPTH_MOST)
        return 0;
    ask->depth++;
    regset changes = changed_by(ask, to);
    ask->depth--;
    return changes;
}

// Most functions change all there is by themselves.
static regset changed_in(struct ask *ask, const struct function *piece) {
    const struct program *program = ask->program;
    regset all = program->arch->abi.temporaries, changes = 0;
    const struct program_bits *bits = program->bits;
    uint32_t base = code_index(bits, piece->va);
    for (int beyond = 0; beyond < 2; beyond++) {
        struct short_insn insn;
        for (uint64_t off = 0; off < piece->len && (all & ~changes) != 0;
             off += program->arch->insn_align) {
            uint32_t index = base + (uint32_t)off;
            if (!bit_get(bits->insns, index) || !bit_get(bits->shown, index) ||
                !read_insn(ask, piece->va + off, &insn))
                continue;
            changes |= beyond ? changed_beyond(ask, piece, &insn)
                              : changed_here(program, piece, &insn);
        }
    }
    return changes;
}

// Where functions call each other in a circle what is found at first is kept:
// it may be less than there is, and then more is taken to be live.
static regset changed_by(struct ask *ask, const struct function *function) {
    regset *kept = slot(ask, &ask->known->changes, function);
    if (*kept & (KNOWN | BUSY))
        return *kept & ~(KNOWN | BUSY);
    *kept = BUSY;
    regset answer = changed_in(ask, function);
    size_t count;
    const struct function *const *parts =
        program_parts(ask->program, function, &count);
    for (size_t i = 0; i < count; i++)
        answer |= changed_in(ask, parts[i]);
    if (answer != 0)
        answer &= ~entry_reads(ask, function);
    *kept = answer | KNOWN;
    return answer;
}

// Behind the calls of `function`, and of what jumps to it in its turn.
static regset behind_calls(struct ask *ask, const struct function *function,
                           regset open) {
    const struct program *program = ask->program;
    size_t count, jumps;
    const struct branch *calls =
        program_calls_to(program, function->va, &count);
    const struct branch *branches =
        program_branches_to(program, function->va, &jumps);
    regset live = 0;
    if (count + jumps > CALLERS_MOST)
        return open;
    for (size_t i = 0; i < count && (open & ~live) != 0; i++) {
        struct short_insn insn;
        if (read_insn(ask, calls[i].va, &insn))
            live |= explore(ask, calls[i].va + insn.len, open & ~live,
                            STEPS_MOST, false);
    }
    for (size_t i = 0; i < jumps && (open & ~live) != 0; i++) {
        const struct function *from =
            root_of(program_function_at(program, branches[i].va));
        if (!from)
            live |= open;
        else if (from != function)
            live |= open & read_behind(ask, from);
    }
    return live;
}

// Functions may call each other in a circle: what is asked while it is being
// answered adds nothing to itself. An answer that depends on such a one holds
// for this question alone, to which all of the circle belongs.
static regset read_behind(struct ask *ask, const struct function *function) {
    const struct program *program = ask->program;
    struct temporaries *known = ask->known;
    regset *kept = slot(ask, &known->returns, function);
    regset all = program->arch->abi.temporaries;
    if (!known->returns_partly)
        known->returns_partly =
            ARENA_ARRAY(program->arena, uint32_t, program->function_count);
    uint32_t *partly = &known->returns_partly[function - program->functions];
    bool is_partial = (*kept & BUSY) || *partly == known->questions;
    ask->is_partial |= is_partial;
    if ((*kept & KNOWN) || is_partial)
        return *kept & ~(KNOWN | BUSY);
    if (ask->depth >= DEPTH_MOST)
        return all;
    bool was_partial = ask->is_partial;
    ask->is_partial = false;
    *kept = BUSY;
    ask->depth++;
    regset answer = all & ~changed_by(ask, function);
    if (answer != 0)
        answer = behind_calls(ask, function, answer);
    ask->depth--;
    bool is_whole = !ask->is_partial || ask->depth == 0;
    *kept = is_whole ? answer | KNOWN : answer;
    *partly = is_whole ? 0 : known->questions;
    ask->is_partial = was_partial || !is_whole;
    return answer;
}

// --------------------------------------------------------------------------

regset temps_live(const struct program *program, uint64_t va, regset wanted) {
    struct program_bits *bits = program->bits;
    if (!bits->temporaries) {
        const struct image *image = program->image;
        bits->temporaries = ARENA_NEW(program->arena, struct temporaries);
        bool is_loader = !image->is_program && image->needed_count == 0 &&
                         image->entry_va != 0;
        bits->temporaries->cache = ARENA_ARRAY(
            program->arena, struct short_insn, (size_t)1 << CACHE_LOG2);
        bits->temporaries->believes_nothing =
            is_loader || image_find_section(image, STR(".gopclntab")) != NULL;
    }
    if (bits->temporaries->believes_nothing)
        return wanted;
    struct ask ask = {.program = program, .known = bits->temporaries};
    ask.known->questions++;
    return explore(&ask, va, wanted, STEPS_MOST, false);
}
