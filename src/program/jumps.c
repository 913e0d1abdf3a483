// jumps.c: what an indirect jump may reach.
//
// Each must be explained. Backwards from it, the registers that make up its
// target are followed: if they come from a table (tables.c), it is a switch; if
// not, and the frame is as at the function's entry, it is a tail call; if it is
// read from memory as it is, it is one of the targets known anyway; if the
// stack pointer was exchanged for another before it, it goes to another frame
// (longjmp); else the function is opaque, and all its instructions count as
// targets.

#include "program/resolver.h"

// How far back a jump's registers are followed.
#define SLICE_LEAST 32
#define STEP_MOST   8 // of a row of equal steps, as a shift

enum verdict { IS_SWITCH, IS_TAIL_CALL, IS_FAR, IS_UNKNOWN };

// What the registers of a jump's target are made of.
struct slice_of_jump {
    regset open;     // registers still followed when the walk ended
    bool from_table; // a table's address
    bool from_code;  // an address of the function's own code
    bool from_frame; // memory of the function's own frame
    bool from_base;  // computed of a base register whose address is not known
};

static const struct taken *find_taken(const struct taken *items, size_t count,
                                      uint64_t va) {
    for (size_t i = 0; i < count; i++) {
        if (items[i].va == va) {
            return &items[i];
        }
    }
    return NULL;
}

// A table of addresses among the code is none of it.
static void note_table(const struct resolver *resolver,
                       const struct taken *data) {
    struct program_bits *bits = resolver->program->bits;
    for (uint64_t off = 0; off < data->len;
         off += resolver->program->arch->insn_align) {
        code_mark_target(bits, data->va + off, bits->read);
    }
}

static void note_address(const struct resolver *resolver, uint64_t va,
                         struct slice_of_jump *slice) {
    const struct taken *data =
        find_taken(resolver->data, resolver->data_count, va);
    if (data && data->is_table) {
        slice->from_table = true;
        note_table(resolver, data);
    }
    slice->from_code |= resolver_owns(resolver, va);
}

static struct slice_of_jump slice_jump(const struct resolver *resolver,
                                       const struct insn *jump) {
    const struct program *program = resolver->program;
    const struct abi *abi = &program->arch->abi;
    regset frame = REG_BIT(abi->sp) | REG_BIT(abi->fp);
    regset bases = bases_unknown(program);
    // Some machines jump through a register that is for nothing else.
    regset others = REG_BIT(abi->sp) | abi->flag_parts;
    if (abi->flags != REG_NONE) {
        others |= REG_BIT(abi->flags);
    }
    struct slice_of_jump slice = {.open = jump->reads & ~others};
    uint64_t va = jump->va;
    for (unsigned i = 0; i < SLICE_LEAST && slice.open; i++) {
        struct insn insn;
        va = program_previous_insn(program, va);
        if (va == 0 || va - resolver->function->va >= resolver->function->len ||
            !program_decode(program, va, &insn) || insn.kind == INSN_CALL ||
            insn.kind == INSN_CALL_INDIRECT) {
            break;
        }
        if (!(insn.clobbers & slice.open)) {
            continue;
        }
        pair_complete(program, &insn);
        if (insn.flags & INSN_TAKES_ADDRESS) {
            note_address(resolver, insn.pc_value, &slice);
        } else if (insn.const_reg != REG_NONE && insn.copy_reg == REG_NONE) {
            note_address(resolver, insn.const_value, &slice);
        }
        slice.from_frame |= (insn.reads & frame) != 0;
        slice.from_base |= (insn.reads & bases) && insn.loaded_reg == REG_NONE;
        slice.open = (slice.open & ~insn.writes) |
                     (insn.reads & abi->general & ~REG_BIT(abi->sp));
    }
    // Addresses computed far away, ahead of a loop.
    for (size_t i = 0; i < resolver->data_count; i++) {
        slice.from_table |=
            resolver->data[i].is_table && (resolver->data[i].into & slice.open);
    }
    for (size_t i = 0; i < resolver->code_count; i++) {
        slice.from_code |= (resolver->code[i].into & slice.open) != 0;
    }
    return slice;
}

// Whether the stack pointer becomes one that comes from elsewhere on the
// straight way to the jump.
static bool exchanges_stack(const struct resolver *resolver,
                            const struct insn *jump) {
    const struct program *program = resolver->program;
    const struct abi *abi = &program->arch->abi;
    regset frame = REG_BIT(abi->sp) | REG_BIT(abi->fp);
    uint64_t va = jump->va;
    for (unsigned i = 0; i < SLICE_LEAST; i++) {
        struct insn insn;
        va = program_previous_insn(program, va);
        if (va == 0 || va - resolver->function->va >= resolver->function->len ||
            !program_decode(program, va, &insn) || insn.kind == INSN_CALL ||
            insn.kind == INSN_CALL_INDIRECT)
            return false;
        if (insn.clobbers & REG_BIT(abi->sp))
            return (insn.writes & REG_BIT(abi->sp)) && !(insn.reads & frame);
    }
    return false;
}

static bool any_table(const struct resolver *resolver) {
    for (size_t i = 0; i < resolver->data_count; i++) {
        if (resolver->data[i].is_table) {
            return true;
        }
    }
    return false;
}

// Whether the frame at a jump is as at the function's entry. Without call
// frame information: if sp is where it was, on all ways that are seen, or if
// nothing before the jump moves it.
static bool is_frame_at_entry(struct resolver *resolver, uint64_t va) {
    const struct program *program = resolver->program;
    struct frame_state frame = image_frame_at(program->image, va);
    if (frame.known) {
        return frame.at_entry;
    }
    if (!resolver->depths) {
        resolver->depths =
            depths_of(program, resolver->function, resolver->arena);
    }
    if (depth_is_at_entry(resolver->depths, va)) {
        return true;
    }
    regset sp = REG_BIT(program->arch->abi.sp);
    for (uint64_t at = resolver->function->va; at < va;) {
        struct insn insn;
        if (!program_decode(program, at, &insn) ||
            ((insn.clobbers & sp) && insn.kind != INSN_CALL &&
             insn.kind != INSN_CALL_INDIRECT && insn.kind != INSN_RETURN)) {
            return false;
        }
        at += insn.len;
    }
    return true;
}

// Whether the target is read from memory as it is. Then it was marked: there is
// no other way for an address of code to come into memory than by a relocation,
// a number that looks like one, or an instruction that takes it.
static bool is_read(const struct resolver *resolver, const struct insn *jump) {
    const struct program *program = resolver->program;
    regset from = jump->reads & program->arch->abi.general;
    uint64_t va = jump->va;
    for (unsigned i = 0; i < SLICE_LEAST; i++) {
        struct insn insn;
        va = program_previous_insn(program, va);
        if (va == 0 || va - resolver->function->va >= resolver->function->len ||
            !program_decode(program, va, &insn)) {
            return false;
        }
        if (!(insn.clobbers & from)) {
            continue;
        }
        if (insn.loaded_reg != REG_NONE) {
            return from == REG_BIT(insn.loaded_reg);
        }
        if (insn.copy_reg == REG_NONE || from != REG_BIT(insn.const_reg)) {
            return false;
        }
        from = REG_BIT(insn.copy_reg);
    }
    return false;
}

// Whether a jump adds to its own address what is not constant, as a veneer's
// is:
//
//     ldr  ip, [pc]       target - . - 12
//     add  pc, ip, pc
static bool steps_from_itself(const struct resolver *resolver,
                              const struct insn *jump) {
    struct insn before;
    uint64_t va = program_previous_insn(resolver->program, jump->va);
    if (!(jump->flags & INSN_PC_RELATIVE) || jump->pc_value != 0) {
        return false;
    }
    return va == 0 || !program_decode(resolver->program, va, &before) ||
           before.pc_value == 0 || (before.flags & INSN_TAKES_ADDRESS) ||
           !(before.writes & jump->reads);
}

// The instruction before va that changes a register of `set`, on the straight
// way. False: there is none.
static bool find_change(const struct resolver *resolver, uint64_t va,
                        regset set, struct insn *insn) {
    const struct program *program = resolver->program;
    for (unsigned i = 0; i < SLICE_LEAST; i++) {
        va = program_previous_insn(program, va);
        if (va == 0 || va - resolver->function->va >= resolver->function->len ||
            !program_decode(program, va, insn)) {
            return false;
        }
        if (insn->clobbers & set) {
            return true;
        }
    }
    return false;
}

// A jump into a row of pieces of one length, as unrolled loops have it:
//
//     adr  r2, first
//     add  r3, r2, r3, lsl #4
//     mov  pc, r3
//
// Wherever a multiple of the length from the first leads to an instruction
// may be a target.
static bool try_steps(const struct resolver *resolver,
                      const struct insn *jump) {
    const struct function *function = resolver->function;
    struct insn sum, first;
    regset from = jump->reads & resolver->program->arch->abi.general;
    if (!find_change(resolver, jump->va, from, &sum) || sum.index_shift < 2 ||
        sum.index_shift > STEP_MOST || (sum.writes & from) != from ||
        !find_change(resolver, sum.va, REG_BIT(sum.index_base), &first) ||
        !(first.flags & INSN_TAKES_ADDRESS) ||
        first.const_reg != sum.index_base ||
        !resolver_owns(resolver, first.pc_value)) {
        return false;
    }
    uint64_t step = (uint64_t)1 << sum.index_shift;
    for (uint64_t off = (first.pc_value - function->va) % step;
         off < function->len; off += step) {
        if (resolver_owns_insn(resolver, function->va + off)) {
            code_mark_target(resolver->program->bits, function->va + off,
                             resolver->program->bits->found);
        }
    }
    return true;
}

static enum verdict explain(struct resolver *resolver,
                            const struct insn *jump) {
    if (table_named(resolver, jump)) {
        return IS_SWITCH;
    }
    struct slice_of_jump slice = slice_jump(resolver, jump);
    if (slice.from_table) {
        return IS_SWITCH;
    }
    if (slice.from_frame && any_table(resolver)) {
        return IS_SWITCH; // the table's address was kept in the frame
    }
    if (slice.from_code && try_steps(resolver, jump)) {
        return IS_SWITCH;
    }
    if (slice.from_code || slice.from_base ||
        steps_from_itself(resolver, jump)) {
        return IS_UNKNOWN;
    }
    if (exchanges_stack(resolver, jump)) {
        return IS_FAR;
    }
    if (is_frame_at_entry(resolver, jump->va)) {
        return IS_TAIL_CALL;
    }
    return is_read(resolver, jump) ? IS_SWITCH : IS_UNKNOWN;
}

// Cases of a switch that was not resolved begin behind what does not go on.
// Where all instructions have one length they are found by that: each is tried,
// as any address is that may be code.
static void mark_openings(struct program *program,
                          const struct function *piece) {
    const struct arch *arch =
        arch_in_mode(program->arch, program_mode_at(program, piece->va));
    struct program_bits *bits = program->bits;
    struct insn_brief insn;
    for (uint64_t off = arch->insn_align;
         arch->max_insn == arch->insn_align && off < piece->len;
         off += arch->insn_align)
        if (code_brief(program, piece->va + off - arch->insn_align, &insn) &&
            !kind_falls_through(insn.kind))
            code_mark_target(bits, piece->va + off, bits->found);
}

static void resolve_function(struct resolver *resolver, const uint32_t *jumps,
                             size_t jump_count) {
    struct program *program = resolver->program;
    struct program_bits *bits = program->bits;
    const struct function *function = resolver->function;
    tables_find(resolver);
    bool opaque = false;
    for (size_t i = 0; i < jump_count; i++) {
        struct insn jump;
        program_decode(program, code_va(bits, jumps[i]), &jump);
        enum verdict verdict = explain(resolver, &jump);
        if (verdict == IS_TAIL_CALL) {
            struct index_list *list = &bits->indirect_exits;
            *ARENA_PUSH(program->arena, list->items, list->count, list->room) =
                jumps[i];
        }
        opaque |= verdict == IS_UNKNOWN;
    }
    if (opaque) {
        const struct function *root = resolver->root;
        program->functions[function - program->functions].flags |=
            FUNCTION_OPAQUE;
        program->functions[root - program->functions].flags |= FUNCTION_OPAQUE;
        code_mark_all(bits, function->va, function->len);
        code_mark_all(bits, root->va, root->len);
        mark_openings(program, root);
        for (size_t i = 0; i < resolver->part_count; i++) {
            const struct function *part = resolver->parts[i];
            code_mark_all(bits, part->va, part->len);
            mark_openings(program, part);
        }
    }
}

void jumps_resolve(struct program *program) {
    struct arena *scratch = arena_new();
    struct run *run = ARENA_NEW(scratch, struct run);
    const struct index_list *jumps = &program->bits->indirect_jumps;
    for (size_t i = 0, next; i < jumps->count; i = next) {
        uint64_t va = code_va(program->bits, jumps->items[i]);
        const struct function *function = program_function_at(program, va);
        next = i + 1;
        while (next < jumps->count && function &&
               program_function_at(
                   program, code_va(program->bits, jumps->items[next])) ==
                   function) {
            next++;
        }
        if (!function || (function->flags & FUNCTION_PLT)) {
            continue;
        }
        struct resolver resolver = {.program = program,
                                    .arena = arena_new(),
                                    .run = run,
                                    .function = function};
        resolver.root = function->parent ? function->parent : function;
        resolver.parts =
            program_parts(program, resolver.root, &resolver.part_count);
        resolve_function(&resolver, jumps->items + i, next - i);
        arena_free(resolver.arena);
    }
    arena_free(scratch);
}
