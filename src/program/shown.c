// shown.c: which bytes are shown to be instructions.
//
// The quick pass decodes everything, and so also what is no code: strings and
// constants behind a return, jump tables, the tables that some compilers put
// ahead of every function. Over-stated targets do no harm, but a byte may only
// be changed if it is an instruction for certain. So code is followed from
// where it must begin, the way the processor would:
//
//     f:    lea  text(%rip), %rdi    f is a function: all this is reached
//           call puts
//           ret
//     text: .asciz "..."             nothing leads here: left alone
//
// Certain are symbols of functions, stubs of imports, unwind entries, debug
// information, landing pads, the entry point, and all that branches and calls
// lead to from there. An address that is merely found, in data or as an operand
// or in a table, may be one of data as well. It is tried: followed as code it
// must decode, do nothing odd, go to instructions only and agree with all that
// is known already, or none of it counts. In the middle of a function it is
// not even tried unless the function has an indirect jump to come there by;
// and where no function is known by name or extent, it must not read flags that
// nobody has set, nor run on into another such address, as a table does that
// stands ahead of a function. A trap alone is as good as any other number. Two
// such addresses of which one lies within an instruction of the other's code
// refute each other, where instructions have few lengths. Last come addresses
// to which nothing leads but code that is not shown, which may be constants.
//
// Where reached code and the quick pass disagree about where instructions
// begin, data put the latter out of step: it is repeated from the right places.

#include "program/bits.h"

#include <stdlib.h>

// Instructions that a trial must survive.
#define TRIAL_LEN  256
// Fewer lines that the quick pass missed, by bytes of code, are not worth
// another: they get no probes.
#define LATE_SHARE (1 << 20)
// Instructions looked at for what a beginning cannot know.
#define ENTRY_LEN  8
// A longer instruction is not looked at whether it pops.
#define POP_LEN    2
// ... and behind calls.
#define RETURN_LEN 4

struct walk {
    struct program *program;
    struct program_bits *bits;
    struct arena *arena;
    struct index_list todo;
    struct index_list log;  // of a trial: what it made shown
    struct index_list late; // where lines begin that the quick pass missed
    bool is_trial;
    bool is_wild;   // it is not within a function that is known for certain
    bool has_more;  // addresses were found
    uint32_t doubt; // where a trial met another address within an instruction
};

static void push(struct walk *walk, struct index_list *list, uint32_t index) {
    *ARENA_PUSH(walk->arena, list->items, list->count, list->room) = index;
}

static void set_shown(struct walk *walk, uint32_t index) {
    bit_set(walk->bits->shown, index);
    if (walk->is_trial) {
        push(walk, &walk->log, index);
    }
}

// An address of code that an instruction computes, or has as its operand where
// the image stays where it was linked.
static void note_found(struct walk *walk, uint64_t va,
                       const struct insn_brief *insn) {
    const struct program *program = walk->program;
    struct insn full;
    uint64_t value = insn->pc_value;
    if (!(insn->flags & INSN_TAKES_ADDRESS)) {
        if (program->image->is_relocatable || insn->len < 5 ||
            (insn->flags & INSN_PC_RELATIVE) ||
            !program_decode(program, va, &full)) {
            return;
        }
        value = load_uint(full.bytes + full.len - 4, 4, program->arch->order);
    }
    uint64_t mask = program->arch->abi.code_mask;
    uint32_t index = code_index(walk->bits, value & (mask ? mask : UINT64_MAX));
    if (index != INDEX_NONE && !bit_get(walk->bits->shown, index) &&
        !bit_get(walk->bits->found, index)) {
        bit_set(walk->bits->found, index);
        walk->has_more = true;
    }
}

static void clear_shown(struct walk *walk, uint32_t index) {
    walk->bits->shown[index / 64] &= ~((uint64_t)1 << (index % 64));
}

static void flag_unsure(struct program *program, uint64_t va) {
    const struct function *function = program_function_at(program, va);
    if (function) {
        program->functions[function - program->functions].flags |=
            FUNCTION_UNSURE;
    }
}

// Whether what is at the target of a branch was read in the encoding in which
// the branch leaves it. A target that was not is no code of ours to change.
static bool agrees(struct walk *walk, const struct code_range *range,
                   const struct insn_brief *insn) {
    const struct code_range *to = code_range_at(walk->bits, insn->target);
    bool switches = insn->flags & INSN_SWITCHES;
    if (!to || to->mode == (range->mode ^ switches)) {
        return true;
    }
    if (!walk->is_trial) {
        bit_set(walk->bits->refuted, code_index(walk->bits, insn->target));
        flag_unsure(walk->program, insn->target);
    }
    return false;
}

static bool is_believable(const struct walk *walk, uint64_t va, uint32_t index,
                          const struct insn_brief *insn,
                          const struct code_range *range) {
    const struct arch *arch = walk->program->arch;
    uint64_t off = va - range->va;
    struct code code = {.bytes = {range->bytes + off, range->len - off},
                        .va = va,
                        .mode = range->mode};
    return arch->is_usual(&code) && !bit_get(walk->bits->read, index) &&
           !program_overlaps(walk->program, va, insn->len) &&
           (insn->target == 0 ||
            code_index(walk->bits, insn->target) != INDEX_NONE);
}

// Whether what follows a call looks as if the call might return. What a
// function ends in that does not is followed by anything: by zeroes, data,
// the middle of the next function if that were decoded.
static bool may_return_to(const struct walk *walk, uint64_t va) {
    const struct program *program = walk->program;
    const struct program_bits *bits = walk->bits;
    const struct code_range *range = code_range_at(bits, va);
    for (unsigned i = 0; i < RETURN_LEN && range; i++) {
        uint64_t off = va - range->va;
        uint32_t index = range->base + (uint32_t)off;
        struct code code = {.bytes = {range->bytes + off, range->len - off},
                            .va = va,
                            .mode = range->mode};
        struct insn_brief insn;
        program->arch->brief(&code, &insn);
        if (insn.len == 0 || !program->arch->is_usual(&code)) {
            return false;
        }
        for (unsigned k = 1; k < insn.len; k++) {
            if (bit_get(bits->certain, index + k)) {
                return false;
            }
        }
        if (insn.kind != INSN_PLAIN) {
            return true;
        }
        va += insn.len;
        range = va - range->va < range->len ? range : NULL;
    }
    return range;
}

// Whether what is called takes the return address off the stack at once: the
// call is there for the address, of data that stands behind it.
static bool takes_address(const struct walk *walk, uint64_t target) {
    const struct program *program = walk->program;
    struct insn_brief brief;
    struct insn insn;
    return code_brief(program, target, &brief) && brief.kind == INSN_PLAIN &&
           brief.len <= POP_LEN && program_decode(program, target, &insn) &&
           insn.sp_delta == (int32_t)program->arch->bits / 8;
}

// The straight line from `index` ended in bytes that are no instruction. If it
// came there by way of a call, the callee does not return, and what seemed to
// follow it is none either. (Constants of a function stand behind such calls.)
static void take_back(struct walk *walk, uint32_t from, uint32_t to,
                      bool after_call) {
    if (!after_call) {
        flag_unsure(walk->program, code_va(walk->bits, from));
        return;
    }
    for (uint32_t index = from; index < to; index++) {
        clear_shown(walk, index);
    }
}

// The quick pass did not see this instruction. Where it leads is marked here;
// it will be a site only if the pass is repeated from `head`.
static void note_late(struct walk *walk, uint64_t va, uint32_t head,
                      const struct insn_brief *insn) {
    struct program_bits *bits = walk->bits;
    if (insn->kind == INSN_PLAIN && !(insn->flags & INSN_TAKES_ADDRESS)) {
        return;
    }
    if (insn->target != 0) {
        code_mark_target(bits, insn->target, bits->other);
    }
    if (insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT) {
        code_mark_target(bits, va + insn->len, bits->other);
    }
    if (insn->flags & INSN_TAKES_ADDRESS) {
        code_mark_target(bits, insn->pc_value, bits->other);
    }
    if (insn->kind == INSN_JUMP_INDIRECT) {
        flag_unsure(walk->program, va);
    }
    if (walk->late.count == 0 ||
        walk->late.items[walk->late.count - 1] != head) {
        push(walk, &walk->late, head);
    }
}

// Whether an instruction runs on into something else that begins.
static bool runs_on(struct walk *walk, uint32_t index,
                    const struct insn_brief *insn) {
    const struct program_bits *bits = walk->bits;
    unsigned len = insn->len + (kind_falls_through(insn->kind) ? 1 : 0);
    for (unsigned i = 1; i < len; i++) {
        bool certain = bit_get(bits->certain, index + i);
        if (certain || bit_get(bits->found, index + i)) {
            bool within = i < insn->len && walk->program->arch->insn_align > 1;
            walk->doubt = !certain && within ? index + i : INDEX_NONE;
            return true;
        }
    }
    return false;
}

// Whether the code at va reads flags that nobody has set.
static bool reads_flags(const struct program *program, uint64_t va) {
    regset flags = program->arch->abi.flag_parts;
    struct insn insn;
    for (unsigned i = 0; i < ENTRY_LEN && flags; i++, va += insn.len) {
        if (!program_decode(program, va, &insn) || (insn.reads & flags)) {
            return true;
        }
        flags &= ~insn.writes;
        if (!kind_falls_through(insn.kind) || insn.kind == INSN_CALL ||
            insn.kind == INSN_CALL_INDIRECT) {
            break;
        }
    }
    return false;
}

// Follows a straight line. False: a trial failed.
static bool follow(struct walk *walk, uint32_t index) {
    struct program *program = walk->program;
    struct program_bits *bits = walk->bits;
    uint64_t va = code_va(bits, index);
    const struct code_range *range = code_range_at(bits, va);
    uint32_t line = index, head = INDEX_NONE; // of code that comes late
    bool after_call = false;
    // Only padding since a call of what is known: where the next function
    // begins behind it, the callee does not return.
    bool padded = false;
    while (range && !bit_get(bits->shown, index) &&
           !bit_get(bits->refuted, index)) {
        if (bits->ground && !ground_is_reached(program, va)) {
            return false;
        }
        struct insn_brief insn = {0};
        uint64_t off = va - range->va;
        struct code code = {.bytes = {range->bytes + off, range->len - off},
                            .va = va,
                            .mode = range->mode};
        if (off < range->len) {
            program->arch->brief(&code, &insn);
            pair_complete_brief(program, range, va, range->va, &insn);
        }
        if (walk->is_trial) {
            if (insn.len == 0 ||
                !is_believable(walk, va, index, &insn, range)) {
                return false;
            }
            padded &= (insn.flags & INSN_PADDING) != 0;
            if (walk->is_wild && runs_on(walk, index, &insn)) {
                return padded;
            }
        } else if (insn.len == 0 ||
                   (after_call && code_is_constant(program, index))) {
            take_back(walk, line, index, after_call);
            return true;
        }
        set_shown(walk, index);
        if (!walk->is_trial) {
            note_found(walk, va, &insn);
        }
        bool seen = bit_get(bits->insns, index);
        head = seen ? INDEX_NONE : head == INDEX_NONE ? index : head;
        if (!seen) {
            note_late(walk, va, head, &insn);
        }
        if (insn.kind == INSN_CALL || insn.kind == INSN_JUMP ||
            insn.kind == INSN_JUMP_COND) {
            uint32_t target = code_index(bits, insn.target);
            bool agreed = insn.target == 0 || agrees(walk, range, &insn);
            if (!agreed && walk->is_trial) {
                return false;
            }
            if (target != INDEX_NONE && agreed &&
                !bit_get(bits->shown, target)) {
                push(walk, &walk->todo, target);
            }
            after_call &= insn.kind != INSN_JUMP_COND;
        }
        if (!kind_falls_through(insn.kind) ||
            (insn.kind == INSN_CALL && takes_address(walk, insn.target))) {
            return true;
        }
        va += insn.len;
        index += insn.len;
        if (insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT) {
            if (!(insn.flags & INSN_CONDITIONAL) && !may_return_to(walk, va)) {
                return true;
            }
            line = index;
            after_call = true;
            uint32_t callee = code_index(bits, insn.target);
            padded = insn.kind == INSN_CALL && callee != INDEX_NONE &&
                     bit_get(bits->certain, callee);
        }
    }
    return true;
}

static void follow_all(struct walk *walk) {
    while (walk->todo.count > 0) {
        follow(walk, walk->todo.items[--walk->todo.count]);
    }
}

// --- addresses that are merely found --------------------------------------

static size_t first_at(const struct index_list *list, uint32_t index) {
    size_t low;
    LOWER_BOUND(low, list->count, list->items[low] < index);
    return low;
}

static bool has_indirect_jump(const struct program *program,
                              const struct function *function) {
    const struct index_list *jumps = &program->bits->indirect_jumps;
    uint32_t index = code_index(program->bits, function->va);
    size_t at = first_at(jumps, index);
    return at < jumps->count && jumps->items[at] - index < function->len;
}

static bool may_be_code(const struct program *program, uint64_t va) {
    const struct function *function = program_function_at(program, va);
    if (!function || function->va == va ||
        (function->flags & FUNCTION_GUESSED)) {
        return true;
    }
    const struct function *root =
        function->parent ? function->parent : function;
    size_t count;
    const struct function *const *parts = program_parts(program, root, &count);
    bool has = has_indirect_jump(program, root);
    for (size_t i = 0; i < count && !has; i++) {
        has = has_indirect_jump(program, parts[i]);
    }
    return has;
}

static bool is_trap(const struct program *program, uint64_t va) {
    struct insn_brief insn;
    return code_brief(program, va, &insn) && insn.kind == INSN_STOP;
}

static void clear_found(struct program_bits *bits, uint32_t index) {
    bits->found[index / 64] &= ~((uint64_t)1 << (index % 64));
    bits->guessed[index / 64] &= ~((uint64_t)1 << (index % 64));
}

static void try_code(struct walk *walk, uint32_t index) {
    uint64_t va = code_va(walk->bits, index);
    const struct function *function = program_function_at(walk->program, va);
    bool good;
    size_t late = walk->late.count;
    walk->is_trial = true;
    walk->is_wild = !function || (function->flags & FUNCTION_GUESSED);
    walk->log.count = 0;
    push(walk, &walk->todo, index);
    walk->doubt = INDEX_NONE;
    good = !bit_get(walk->bits->refuted, index) &&
           !is_trap(walk->program, va) &&
           (!walk->is_wild || !reads_flags(walk->program, va));
    while (good && walk->todo.count > 0 && walk->log.count < TRIAL_LEN) {
        good = follow(walk, walk->todo.items[--walk->todo.count]);
    }
    walk->is_trial = false;
    for (size_t i = 0; i < walk->log.count; i++) {
        struct insn_brief insn;
        va = code_va(walk->bits, walk->log.items[i]);
        if (!good) {
            clear_shown(walk, walk->log.items[i]);
        } else if (code_brief(walk->program, va, &insn)) {
            note_found(walk, va, &insn);
        }
    }
    if (!good) {
        clear_found(walk->bits, index);
        if (walk->doubt != INDEX_NONE) {
            clear_found(walk->bits, walk->doubt);
        }
        walk->todo.count = 0;
        walk->late.count = late;
    }
    follow_all(walk);
}

// Runs over the bits of one set that are not shown yet.
static void each(struct walk *walk, const uint64_t *set, bool certain) {
    struct program_bits *bits = walk->bits;
    for (uint32_t word = 0; word <= bits->index_count / 64; word++) {
        uint64_t rest = set[word] & ~bits->shown[word];
        for (; rest != 0; rest &= rest - 1) {
            uint32_t index = word * 64 + (uint32_t)__builtin_ctzll(rest);
            if (bit_get(bits->shown, index) || !bit_get(set, index)) {
                continue;
            }
            if (certain) {
                push(walk, &walk->todo, index);
                follow_all(walk);
            } else if (may_be_code(walk->program, code_va(bits, index))) {
                try_code(walk, index);
            }
        }
    }
}

static void each_found(struct walk *walk) {
    do {
        walk->has_more = false;
        each(walk, walk->bits->found, false);
    } while (walk->has_more);
}

bool shown_find(struct program *program, struct arena *arena,
                struct index_list *late) {
    struct walk walk = {
        .program = program, .bits = program->bits, .arena = arena_new()};
    each(&walk, program->bits->certain, true);
    each_found(&walk);
    for (uint32_t word = 0; word <= program->bits->index_count / 64; word++) {
        program->bits->found[word] |= program->bits->guessed[word];
    }
    each_found(&walk);
    bool worth = walk.late.count > program->bits->index_count / LATE_SHARE;
    for (size_t i = 0; worth && i < walk.late.count; i++) {
        *ARENA_PUSH(arena, late->items, late->count, late->room) =
            walk.late.items[i];
    }
    arena_free(walk.arena);
    return worth;
}

bool program_is_shown(const struct program *program, uint64_t va) {
    uint32_t index = code_index(program->bits, va);
    return index != INDEX_NONE && bit_get(program->bits->shown, index);
}

bool program_overlaps(const struct program *program, uint64_t va,
                      unsigned len) {
    const struct program_bits *bits = program->bits;
    const struct code_range *range = code_range_at(bits, va);
    if (!range) {
        return false;
    }
    uint32_t index = range->base + (uint32_t)(va - range->va);
    for (unsigned i = 1; i < len; i++) {
        if (bit_get(bits->shown, index + i)) {
            return true;
        }
    }
    for (unsigned i = 1; i < program->arch->max_insn && i <= va - range->va;
         i++) {
        struct insn_brief insn;
        if (bit_get(bits->shown, index - i) &&
            code_brief(program, va - i, &insn) && insn.len > i) {
            return true;
        }
    }
    return false;
}
