// tables.c: what an indirect jump may reach.
//
// Jump tables are found by over-approximation. In a function that holds an
// indirect jump, every address of data that an instruction takes is tried as a
// table of offsets (arch->tables), relative to the table itself or to any code
// address taken in the function, for as long as the entries lead to
// instructions:
//
//     lea    table(%rip), %rdx          table: .long case0 - table
//     movslq (%rdx,%rax,4), %rax               .long case1 - table
//     add    %rdx, %rax
//     jmp    *%rax
//
// Tables of absolute addresses need little search: relocations tell them, and
// in an image without relocations every number in data that looks like an
// address of code was marked. A target too many costs a little room, a missing
// one would cost the program.
//
// Then each jump must be explained. Backwards from it, the registers that make
// up its target are followed: if they come from such a table, it is a switch;
// if not, and the frame is as at the function's entry, it is a tail call; if it
// is read from memory as it is, it is one of the targets known anyway; if the
// stack pointer was exchanged for another before it, it goes to another
// frame (longjmp); else the function is opaque, and all its instructions count
// as targets.

#include "program/bits.h"

// How far back a jump's registers are followed.
#define SLICE_LEAST 32
#define STEP_MOST   8 // of a row of equal steps, as a shift
#define TABLE_MOST  65536

// Data or code whose address an instruction of the function computes.
struct taken {
    uint64_t va;
    regset into;   // the register that holds it afterwards
    bool is_table; // offsets or addresses found there lead into the function
};

struct resolver {
    struct program *program;
    struct arena *arena;
    struct run *run;                 // reused
    const struct function *function; // that holds the jumps
    const struct function *root;     // the one it is a part of, or itself
    const struct function *const *parts;
    size_t part_count;
    struct depths *depths; // of the function, when first asked for
    struct taken *data, *code;
    size_t data_count, data_room, code_count, code_room;
};

static const struct segment *segment_at(const struct image *image,
                                        uint64_t va) {
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        if (va - segment->va < segment->file_len) {
            return segment;
        }
    }
    return NULL;
}

// Within the function or a part of it. Its end counts: compilers let an entry
// that cannot be chosen lead there.
static bool is_own(const struct resolver *resolver, uint64_t va) {
    const struct function *function = resolver->function;
    if (va - function->va <= function->len) {
        return true;
    }
    const struct function *other = program_function_at(resolver->program, va);
    return other && parts_together(other, function);
}

static bool is_own_insn(const struct resolver *resolver, uint64_t va) {
    const struct function *function = resolver->function;
    return is_own(resolver, va) && (va == function->va + function->len ||
                                    program_is_insn(resolver->program, va));
}

// A table is looked at for as long as its entries lead to instructions, and is
// one if any of them is the function's own: some may lead to a fragment that
// was not recognised as a part of it. What it reaches is marked.
struct run {
    uint64_t vas[TABLE_MOST];
    size_t count;
    bool own;
};

static bool run_add(const struct resolver *resolver, struct run *run,
                    uint64_t va) {
    uint64_t mask = resolver->program->arch->abi.code_mask;
    va &= mask ? mask : ~(uint64_t)0; // the lowest bit may tell the mode
    bool own = is_own_insn(resolver, va);
    if (run->count == TABLE_MOST ||
        (!own && !program_is_insn(resolver->program, va))) {
        return false;
    }
    run->vas[run->count++] = va;
    run->own |= own;
    return true;
}

static bool run_mark(const struct resolver *resolver, const struct run *run) {
    for (size_t i = 0; run->own && i < run->count; i++) {
        struct program_bits *bits = resolver->program->bits;
        // Where the extent is a guess, "own" says nothing.
        bool guessed = resolver->function->flags & FUNCTION_GUESSED;
        code_mark_target(bits, run->vas[i],
                         guessed ? bits->other : bits->found);
    }
    return run->own;
}

static uint64_t load_offset(const uint8_t *p, const struct table_form *form,
                            enum byte_order order) {
    unsigned spare_bits = 64 - 8u * form->bytes;
    uint64_t off = load_uint(p, form->bytes, order) << spare_bits;
    off = form->is_signed ? (uint64_t)((int64_t)off >> spare_bits)
                          : off >> spare_bits;
    return off << form->shift;
}

// Offsets from `base_va`, in any form that the machine's compilers use.
static bool try_offsets(const struct resolver *resolver, struct slice bytes,
                        uint64_t base_va) {
    struct run *run = resolver->run;
    const struct arch *arch = resolver->program->arch;
    bool found = false;
    for (const struct table_form *form = arch->tables; form->bytes; form++) {
        run->count = 0;
        run->own = false;
        for (size_t at = 0; at + form->bytes <= bytes.n; at += form->bytes) {
            uint64_t off = load_offset(bytes.p + at, form, arch->order);
            uint64_t from_va = form->is_address ? 0 : base_va;
            if (!run_add(resolver, run, from_va + off)) {
                break;
            }
        }
        found |= run_mark(resolver, run);
    }
    return found;
}

// The same from the table itself, and from any code whose address is taken.
static bool try_offsets_from(const struct resolver *resolver,
                             struct slice bytes, uint64_t table_va) {
    bool found = try_offsets(resolver, bytes, table_va);
    for (size_t i = 0; i < resolver->code_count; i++) {
        found |= try_offsets(resolver, bytes, resolver->code[i].va);
    }
    return found;
}

// Distances from the table itself, ahead: where the nearest leads the table has
// ended.
static bool try_halfwords(const struct resolver *resolver, struct slice bytes,
                          const struct insn *jump) {
    struct run *run = resolver->run;
    enum byte_order order = resolver->program->arch->order;
    uint64_t step = jump->table_step, end_va = UINT64_MAX;
    run->count = 0;
    run->own = false;
    for (uint64_t at = 0; at + step <= bytes.n; at += step) {
        uint64_t va = jump->table_va + 2 * load_uint(bytes.p + at, step, order);
        if (jump->table_va + at + step > end_va ||
            va < jump->table_va + at + step || !run_add(resolver, run, va)) {
            break;
        }
        end_va = va < end_va ? va : end_va;
    }
    return run_mark(resolver, run);
}

// Branches, one for each case.
static bool try_jumps(const struct resolver *resolver,
                      const struct insn *jump) {
    struct run *run = resolver->run;
    struct insn_brief insn;
    run->count = 0;
    run->own = false;
    for (uint64_t va = jump->table_va;
         code_brief(resolver->program, va, &insn) && insn.kind == INSN_JUMP &&
         run_add(resolver, run, va);
         va += jump->table_step) {
    }
    return run_mark(resolver, run);
}

// Addresses; those of a table among the code were not seen as data.
static bool try_addresses(const struct resolver *resolver, struct slice bytes) {
    struct run *run = resolver->run;
    const struct arch *arch = resolver->program->arch;
    size_t word = arch->bits / 8;
    run->count = 0;
    run->own = false;
    for (size_t at = 0; at + word <= bytes.n; at += word) {
        if (!run_add(resolver, run,
                     load_uint(bytes.p + at, word, arch->order))) {
            break;
        }
    }
    return run_mark(resolver, run);
}

static void try_table(struct resolver *resolver, struct taken *taken) {
    const struct image *image = resolver->program->image;
    const struct segment *segment = segment_at(image, taken->va);
    if (!segment) {
        return;
    }
    struct slice bytes = image_bytes(image, taken->va);
    if (segment->flags & SEGMENT_WRITE) {
        // Pointers here are relocated, and all of those were marked; without
        // relocations every word of data was. Linkers put small constants among
        // small variables.
        taken->is_table = image->is_relocatable ||
                          try_addresses(resolver, bytes) ||
                          try_offsets_from(resolver, bytes, taken->va);
        return;
    }
    taken->is_table = try_offsets_from(resolver, bytes, taken->va) ||
                      try_addresses(resolver, bytes);
}

// --- what the function takes ----------------------------------------------

static void take(struct resolver *resolver, uint64_t va, regset into) {
    bool code = is_own(resolver, va) && program_is_insn(resolver->program, va);
    struct taken *taken =
        code ? ARENA_PUSH(resolver->arena, resolver->code, resolver->code_count,
                          resolver->code_room)
             : ARENA_PUSH(resolver->arena, resolver->data, resolver->data_count,
                          resolver->data_room);
    *taken = (struct taken){.va = va, .into = into};
}

static void take_from(struct resolver *resolver, uint64_t va,
                      const struct insn_brief *brief) {
    const struct program *program = resolver->program;
    struct insn insn;
    bool absolute = !program->image->is_relocatable && brief->len >= 5 &&
                    !(brief->flags & INSN_PC_RELATIVE);
    bool takes = brief->flags & INSN_TAKES_ADDRESS;
    if ((!takes && !absolute) || !program_decode(program, va, &insn)) {
        return;
    }
    pair_complete(program, &insn);
    if (takes) {
        take(resolver, insn.pc_value, insn.writes);
        return;
    }
    for (unsigned i = 1; i + 4 <= insn.len; i++) {
        uint64_t value = load_uint(insn.bytes + i, 4, program->arch->order);
        if (segment_at(program->image, value)) {
            take(resolver, value, insn.clobbers);
        }
    }
}

static void take_addresses(struct resolver *resolver,
                           const struct function *piece) {
    const struct program *program = resolver->program;
    const struct program_bits *bits = program->bits;
    uint32_t base = code_index(bits, piece->va);
    for (uint64_t off = 0; off < piece->len;) {
        struct insn_brief insn;
        if (!bit_get(bits->insns, base + (uint32_t)off) ||
            !code_brief(program, piece->va + off, &insn)) {
            off += program->arch->insn_align;
            continue;
        }
        take_from(resolver, piece->va + off, &insn);
        off += insn.len;
    }
}

// --- explaining a jump ----------------------------------------------------

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

static void note_address(const struct resolver *resolver, uint64_t va,
                         struct slice_of_jump *slice) {
    const struct taken *data =
        find_taken(resolver->data, resolver->data_count, va);
    slice->from_table |= data && data->is_table;
    slice->from_code |= is_own(resolver, va);
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

// What the jump itself names.
static bool try_named_table(const struct resolver *resolver,
                            const struct insn *jump) {
    if (jump->table_va == 0)
        return false;
    struct slice bytes = image_bytes(resolver->program->image, jump->table_va);
    switch ((enum insn_table)jump->table_kind) {
    case TABLE_HALFWORDS: return try_halfwords(resolver, bytes, jump);
    case TABLE_JUMPS: return try_jumps(resolver, jump);
    default: return try_addresses(resolver, bytes);
    }
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
        !is_own(resolver, first.pc_value)) {
        return false;
    }
    uint64_t step = (uint64_t)1 << sum.index_shift;
    for (uint64_t off = (first.pc_value - function->va) % step;
         off < function->len; off += step) {
        if (is_own_insn(resolver, function->va + off)) {
            code_mark_target(resolver->program->bits, function->va + off,
                             resolver->program->bits->found);
        }
    }
    return true;
}

static enum verdict explain(struct resolver *resolver,
                            const struct insn *jump) {
    if (try_named_table(resolver, jump)) {
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
    take_addresses(resolver, resolver->root);
    for (size_t i = 0; i < resolver->part_count; i++) {
        take_addresses(resolver, resolver->parts[i]);
    }
    for (size_t i = 0; i < resolver->data_count; i++) {
        try_table(resolver, &resolver->data[i]);
    }
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

void tables_resolve(struct program *program) {
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
