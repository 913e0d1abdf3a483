// tables.c: tables of jumps.
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

#include "program/resolver.h"

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

bool resolver_owns(const struct resolver *resolver, uint64_t va) {
    const struct function *function = resolver->function;
    if (va - function->va <= function->len) {
        return true;
    }
    const struct function *other = program_function_at(resolver->program, va);
    return other && parts_together(other, function);
}

bool resolver_owns_insn(const struct resolver *resolver, uint64_t va) {
    const struct function *function = resolver->function;
    return resolver_owns(resolver, va) &&
           (va == function->va + function->len ||
            program_is_insn(resolver->program, va));
}

// Whether what is known of va is only that a function would begin at the table.
static bool is_behind_table(const struct resolver *resolver,
                            const struct run *run, uint64_t va) {
    const struct function *other = program_function_at(resolver->program, va);
    return run->table_va && other && other->va == run->table_va &&
           (other->flags & FUNCTION_GUESSED);
}

static bool run_add(const struct resolver *resolver, struct run *run,
                    uint64_t va) {
    uint64_t mask = resolver->program->arch->abi.code_mask;
    va &= mask ? mask : ~(uint64_t)0; // the lowest bit may tell the mode
    bool own = resolver_owns_insn(resolver, va);
    if (run->count == TABLE_MOST ||
        (!own && !program_is_insn(resolver->program, va))) {
        return false;
    }
    run->vas[run->count++] = va;
    run->own |= own || is_behind_table(resolver, run, va);
    return true;
}

static bool run_mark(const struct resolver *resolver, const struct run *run) {
    for (size_t i = 0; run->own && i < run->count; i++) {
        struct program_bits *bits = resolver->program->bits;
        // Where the extent is a guess, "own" says nothing.
        bool guessed = (resolver->function->flags & FUNCTION_GUESSED) &&
                       !ground_is_reached(resolver->program, run->vas[i]);
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

// Short offsets are what compilers make of a table whose cases all lie in one
// function: anything else that could be read as some would lead all over the
// code, since much of it is near.
static bool stays_within(const struct resolver *resolver,
                         const struct table_form *form) {
    bool guessed = resolver->function->flags & FUNCTION_GUESSED;
    return form->bytes < 4 && !form->is_address && !guessed;
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
            if (stays_within(resolver, form) &&
                !resolver_owns(resolver, from_va + off)) {
                break;
            }
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
static uint64_t try_addresses(const struct resolver *resolver,
                              uint64_t table_va) {
    struct slice bytes = image_bytes(resolver->program->image, table_va);
    struct run *run = resolver->run;
    const struct arch *arch = resolver->program->arch;
    size_t word = arch->bits / 8;
    run->count = 0;
    run->own = false;
    run->table_va = table_va;
    for (size_t at = 0; at + word <= bytes.n; at += word) {
        if (!run_add(resolver, run,
                     load_uint(bytes.p + at, word, arch->order))) {
            break;
        }
    }
    run->table_va = 0;
    return run_mark(resolver, run) ? run->count * word : 0;
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
                          try_addresses(resolver, taken->va) ||
                          try_offsets_from(resolver, bytes, taken->va);
        return;
    }
    taken->is_table = try_offsets_from(resolver, bytes, taken->va);
    if (!taken->is_table) {
        taken->len = try_addresses(resolver, taken->va);
        taken->is_table = taken->len != 0;
    }
}

// --- what the function takes ----------------------------------------------

// An address that is taken in several places is tried once.
static bool take_again(struct taken *items, size_t count, uint64_t va,
                       regset into) {
    for (size_t i = 0; i < count; i++) {
        if (items[i].va == va) {
            items[i].into |= into;
            return true;
        }
    }
    return false;
}

static void take(struct resolver *resolver, uint64_t va, regset into) {
    if (take_again(resolver->data, resolver->data_count, va, into) ||
        take_again(resolver->code, resolver->code_count, va, into)) {
        return;
    }
    bool code =
        resolver_owns(resolver, va) && program_is_insn(resolver->program, va);
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

// What seemed to be code of the function may be a table of addresses in it.
static void try_own(struct resolver *resolver, struct taken taken) {
    taken.len = try_addresses(resolver, taken.va);
    taken.is_table = taken.len != 0;
    if (taken.is_table) {
        *ARENA_PUSH(resolver->arena, resolver->data, resolver->data_count,
                    resolver->data_room) = taken;
    }
}

void tables_find(struct resolver *resolver) {
    take_addresses(resolver, resolver->root);
    for (size_t i = 0; i < resolver->part_count; i++) {
        take_addresses(resolver, resolver->parts[i]);
    }
    for (size_t i = 0; i < resolver->data_count; i++) {
        try_table(resolver, &resolver->data[i]);
    }
    for (size_t i = 0; i < resolver->code_count; i++) {
        try_own(resolver, resolver->code[i]);
    }
}

bool table_named(const struct resolver *resolver, const struct insn *jump) {
    if (jump->table_va == 0)
        return false;
    struct slice bytes = image_bytes(resolver->program->image, jump->table_va);
    switch ((enum insn_table)jump->table_kind) {
    case TABLE_HALFWORDS: return try_halfwords(resolver, bytes, jump);
    case TABLE_JUMPS: return try_jumps(resolver, jump);
    default: return try_addresses(resolver, jump->table_va) != 0;
    }
}
