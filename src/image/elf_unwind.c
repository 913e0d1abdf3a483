// elf_unwind.c: unwind information of added code.
//
// A trampoline runs in the frame of the place it was called from, but for
// what it pushed. So its call frame information is that place's: the rules
// that hold there, found by running the original instructions, with the CFA
// as much farther from the stack pointer as was pushed.
//
// Added code becomes a sequence of intervals with their rules. Neighbours
// with the same CIE share an FDE, in which each row states only what changes:
//
//     FDE  [trampoline 1 | trampoline 2 | ...]   at most ROWS rows
//
// so that a library full of trampolines at function entries (where nothing
// is saved yet) needs few. Unwinders find FDEs by the binary search table in
// .eh_frame_hdr; a new one, made of the old FDEs and ours, takes its place.
// Debuggers read the section .eh_frame instead, of which there can be but
// one; for them the same is written as .debug_frame.
//
// Personalities and landing pads are not copied: no exception is thrown from
// a trampoline, since calls return to where they were made.

#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#include "image/cfi.h"
#include "image/elf_writer.h"

enum { ROWS = 48 };

// A CIE as it is written for new FDEs.
struct cie_copy {
    struct cfi_cie cie;
    struct cfi_rules initial;
    uint64_t eh_off;    // within rodata
    uint64_t debug_off; // within the new part of .debug_frame
};

struct new_fde {
    uint64_t va, fde_va;
};

struct unwinder {
    struct elf_writer *writer;
    struct image *image;
    struct arena *arena;
    struct map cies; // by address of the original
    // Whose initial rules are those at any function's entry; NULL: not asked
    // yet, or there is none.
    const struct cie_copy *plain;
    uint16_t sp;         // DWARF numbers
    uint64_t debug_base; // length of the .debug_frame that is appended to
    // The FDE in the making.
    const struct cie_copy *cie; // NULL: none
    uint64_t start, end, at;
    unsigned rows;
    struct bytes ops;
    struct cfi_rules last;
    struct new_fde *fdes;
    size_t fde_count, fde_room;
};

static void copy_rules(struct cfi_rules *to, const struct cfi_rules *from) {
    to->cfa = from->cfa;
    to->is_signed = from->is_signed;
    to->count = from->count;
    memcpy(to->columns, from->columns, from->count * sizeof *from->columns);
}

static bool same_rule(const struct cfi_rule *a, const struct cfi_rule *b) {
    return a->kind == b->kind && a->reg == b->reg && a->value == b->value &&
           a->expression.n == b->expression.n &&
           (a->expression.n == 0 ||
            memcmp(a->expression.p, b->expression.p, a->expression.n) == 0);
}

static const struct cfi_rule *column(const struct cfi_rules *rules,
                                     unsigned i) {
    static const struct cfi_rule unset;
    return i < rules->count ? &rules->columns[i] : &unset;
}

static bool same_rules(const struct cfi_rules *a, const struct cfi_rules *b) {
    unsigned count = a->count > b->count ? a->count : b->count;
    for (unsigned i = 0; i < count; i++)
        if (!same_rule(column(a, i), column(b, i)))
            return false;
    return same_rule(&a->cfa, &b->cfa) && a->is_signed == b->is_signed;
}

// Closes the entry that starts at `start`: padding, and its length.
static void finish_entry(struct bytes *out, size_t start) {
    while ((out->n - start) % 8)
        bytes_u8(out, DW_CFA_nop);
    bytes_patch(out, start, out->n - start - 4, 4);
}

static void put_cie(struct bytes *out, const struct cfi_cie *cie,
                    bool for_debugger) {
    size_t start = out->n;
    bytes_u32(out, 0);
    bytes_u32(out, for_debugger ? 0xffffffff : 0);
    bytes_u8(out, for_debugger ? 3 : 1);
    char letters[8];
    int len =
        snprintf(letters, sizeof letters, "%s%s%s", for_debugger ? "" : "zR",
                 cie->is_signal ? "S" : "", cie->has_key_b ? "B" : "");
    bytes_add(out, letters, (size_t)len + 1);
    bytes_uleb(out, cie->code_align);
    bytes_sleb(out, cie->data_align);
    if (for_debugger)
        bytes_uleb(out, cie->return_column);
    else
        bytes_u8(out, (uint8_t)cie->return_column);
    if (!for_debugger) {
        bytes_uleb(out, 1);
        bytes_u8(out, DW_EH_PE_pcrel | DW_EH_PE_sdata4);
    }
    bytes_add(out, cie->instructions.p, cie->instructions.n);
    finish_entry(out, start);
}

static const struct cie_copy *copy_cie(struct unwinder *u, uint64_t va) {
    struct cie_copy *copy = map_get_number(&u->cies, va);
    if (copy)
        return copy;
    copy = ARENA_NEW(u->arena, struct cie_copy);
    struct cfi_fde empty = {0};
    struct cfi_rules rules;
    if (!cfi_read_cie(u->image, va, &copy->cie))
        return NULL;
    empty.cie = copy->cie;
    if (!cfi_run(u->image, &empty, 0, &rules, &copy->initial))
        return NULL;
    struct bytes *eh = &u->writer->rodata, *debug = &u->writer->debug_frame;
    copy->eh_off = eh->n;
    put_cie(eh, &copy->cie, false);
    copy->debug_off = debug->n;
    put_cie(debug, &copy->cie, true);
    map_put_number(&u->cies, va, copy);
    return copy;
}

static void put_offset(struct bytes *out, const struct cfi_cie *cie,
                       unsigned reg, int64_t value) {
    int64_t factor = cie->data_align ? cie->data_align : 1;
    int64_t factored = value / factor;
    if (factored >= 0 && reg < 0x40) {
        bytes_u8(out, (uint8_t)(DW_CFA_offset | reg));
        bytes_uleb(out, (uint64_t)factored);
    } else {
        bytes_u8(out, DW_CFA_offset_extended_sf);
        bytes_uleb(out, reg);
        bytes_sleb(out, factored);
    }
}

static void put_expression(struct bytes *out, uint8_t op, unsigned reg,
                           struct slice expression) {
    bytes_u8(out, op);
    bytes_uleb(out, reg);
    bytes_uleb(out, expression.n);
    bytes_add(out, expression.p, expression.n);
}

static void put_column(struct bytes *out, const struct cie_copy *cie,
                       unsigned reg, const struct cfi_rule *rule) {
    if (same_rule(rule, column(&cie->initial, reg))) {
        if (reg < 0x40) {
            bytes_u8(out, (uint8_t)(DW_CFA_restore | reg));
        } else {
            bytes_u8(out, DW_CFA_restore_extended);
            bytes_uleb(out, reg);
        }
        return;
    }
    int64_t factor = cie->cie.data_align ? cie->cie.data_align : 1;
    switch (rule->kind) {
    case RULE_OFFSET: put_offset(out, &cie->cie, reg, rule->value); break;
    case RULE_VAL_OFFSET:
        bytes_u8(out, DW_CFA_val_offset_sf);
        bytes_uleb(out, reg);
        bytes_sleb(out, rule->value / factor);
        break;
    case RULE_REGISTER:
        bytes_u8(out, DW_CFA_register);
        bytes_uleb(out, reg);
        bytes_uleb(out, (uint64_t)rule->value);
        break;
    case RULE_EXPRESSION:
        put_expression(out, DW_CFA_expression, reg, rule->expression);
        break;
    case RULE_VAL_EXPRESSION:
        put_expression(out, DW_CFA_val_expression, reg, rule->expression);
        break;
    case RULE_UNDEFINED:
        bytes_u8(out, DW_CFA_undefined);
        bytes_uleb(out, reg);
        break;
    default:
        bytes_u8(out, DW_CFA_same_value);
        bytes_uleb(out, reg);
        break;
    }
}

static void put_cfa(struct bytes *out, const struct cfi_rule *from,
                    const struct cfi_rule *to) {
    if (to->kind == RULE_EXPRESSION) {
        bytes_u8(out, DW_CFA_def_cfa_expression);
        bytes_uleb(out, to->expression.n);
        bytes_add(out, to->expression.p, to->expression.n);
    } else if (from->kind == RULE_CFA && from->reg == to->reg) {
        bytes_u8(out, DW_CFA_def_cfa_offset);
        bytes_uleb(out, (uint64_t)to->value);
    } else {
        bytes_u8(out, DW_CFA_def_cfa);
        bytes_uleb(out, to->reg);
        bytes_uleb(out, (uint64_t)to->value);
    }
}

// What turns the rules `from` into `to`.
static void put_change(struct bytes *out, const struct cie_copy *cie,
                       const struct cfi_rules *from,
                       const struct cfi_rules *to) {
    if (!same_rule(&from->cfa, &to->cfa))
        put_cfa(out, &from->cfa, &to->cfa);
    if (from->is_signed != to->is_signed)
        bytes_u8(out, DW_CFA_GNU_window_save); // negate_ra_state, see cfi_run.c
    unsigned count = from->count > to->count ? from->count : to->count;
    for (unsigned i = 0; i < count; i++)
        if (!same_rule(column(from, i), column(to, i)))
            put_column(out, cie, i, column(to, i));
}

static void put_advance(struct bytes *out, const struct cfi_cie *cie,
                        uint64_t len) {
    uint64_t steps = len / (cie->code_align ? cie->code_align : 1);
    if (steps < 0x40) {
        bytes_u8(out, (uint8_t)(DW_CFA_advance_loc | steps));
    } else if (steps <= UINT8_MAX) {
        bytes_u8(out, DW_CFA_advance_loc1);
        bytes_u8(out, (uint8_t)steps);
    } else if (steps <= UINT16_MAX) {
        bytes_u8(out, DW_CFA_advance_loc2);
        bytes_u16(out, (uint16_t)steps);
    } else {
        bytes_u8(out, DW_CFA_advance_loc4);
        bytes_u32(out, (uint32_t)steps);
    }
}

static void close_fde(struct unwinder *u) {
    if (!u->cie)
        return;
    struct bytes *eh = &u->writer->rodata;
    size_t start = eh->n;
    uint64_t base = u->writer->room->rodata_va;
    bytes_u32(eh, 0);
    bytes_u32(eh, (uint32_t)(eh->n - u->cie->eh_off));
    bytes_u32(eh, (uint32_t)(u->start - (base + eh->n)));
    bytes_u32(eh, (uint32_t)(u->end - u->start));
    bytes_uleb(eh, 0);
    bytes_add(eh, u->ops.p, u->ops.n);
    finish_entry(eh, start);
    *ARENA_PUSH(u->arena, u->fdes, u->fde_count, u->fde_room) =
        (struct new_fde){u->start, base + start};

    struct bytes *debug = &u->writer->debug_frame;
    start = debug->n;
    bytes_u32(debug, 0);
    bytes_u32(debug, (uint32_t)(u->debug_base + u->cie->debug_off));
    elf_put_word(u->writer->elf, u->start, debug);
    elf_put_word(u->writer->elf, u->end - u->start, debug);
    bytes_add(debug, u->ops.p, u->ops.n);
    finish_entry(debug, start);
    u->cie = NULL;
}

static void add_interval(struct unwinder *u, uint64_t start, uint64_t end,
                         const struct cie_copy *cie,
                         const struct cfi_rules *rules) {
    if (u->cie != cie || u->end != start || u->rows >= ROWS) {
        close_fde(u);
        u->cie = cie;
        u->start = start;
        u->at = start;
        u->rows = 0;
        u->ops.n = 0;
        put_change(&u->ops, cie, &cie->initial, rules);
        copy_rules(&u->last, rules);
    } else if (!same_rules(&u->last, rules)) {
        put_advance(&u->ops, &cie->cie, start - u->at);
        put_change(&u->ops, cie, &u->last, rules);
        copy_rules(&u->last, rules);
        u->at = start;
        u->rows++;
    }
    u->end = end;
}

// An expression in which the stack pointer is lower by `bias`; false: holds
// an operation that is not known here.
static bool shift_expression(struct unwinder *u, struct slice *expression,
                             int32_t bias) {
    struct reader in = reader_open(*expression, u->image->arch->order);
    struct bytes out;
    bytes_init(&out, u->arena, u->image->arch->order);
    while (in.at < expression->n && !in.failed) {
        size_t start = in.at;
        uint8_t op = (uint8_t)reader_uint(&in, 1);
        if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
            int64_t off = reader_sleb(&in);
            bytes_u8(&out, op);
            bytes_sleb(&out, off + (op - DW_OP_breg0 == u->sp ? bias : 0));
            continue;
        }
        switch (op) {
        case DW_OP_const1u:
        case DW_OP_const1s: reader_uint(&in, 1); break;
        case DW_OP_const2u:
        case DW_OP_const2s: reader_uint(&in, 2); break;
        case DW_OP_const4u:
        case DW_OP_const4s: reader_uint(&in, 4); break;
        case DW_OP_constu:
        case DW_OP_plus_uconst: reader_uleb(&in); break;
        case DW_OP_consts: reader_sleb(&in); break;
        default:
            if (op != DW_OP_deref && op < DW_OP_dup)
                return false;
            if (op > DW_OP_lit31 || op == DW_OP_pick || op == DW_OP_bra ||
                op == DW_OP_skip)
                return false;
        }
        bytes_add(&out, expression->p + start, in.at - start);
    }
    *expression = (struct slice){out.p, out.n};
    return !in.failed;
}

// The rules of the original place as they are when sp is `bias` lower.
static bool adapt_rules(struct unwinder *u, const struct cfi_cie *cie,
                        uint64_t pc, int32_t bias, struct cfi_rules *rules) {
    struct cfi_rule *cfa = &rules->cfa;
    uint16_t reg;
    int64_t value;
    if (cfa->kind == RULE_EXPRESSION &&
        cfi_evaluate(cfa->expression, cie, u->image->arch, pc, &reg, &value))
        *cfa = (struct cfi_rule){.kind = RULE_CFA, .reg = reg, .value = value};
    if (bias == 0)
        return true;
    if (cfa->kind == RULE_CFA && cfa->reg == u->sp)
        cfa->value += bias;
    if (cfa->kind == RULE_EXPRESSION &&
        !shift_expression(u, &cfa->expression, bias))
        return false;
    for (unsigned i = 0; i < rules->count; i++) {
        struct cfi_rule *rule = &rules->columns[i];
        if ((rule->kind == RULE_EXPRESSION ||
             rule->kind == RULE_VAL_EXPRESSION) &&
            !shift_expression(u, &rule->expression, bias))
            return false;
    }
    return cfa->kind != RULE_CFA || cfa->value >= 0;
}

// The return address, if it was in the link register, is on the stack.
static void put_link(const struct unwinder *u, const struct cfi_cie *cie,
                     uint32_t from_sp, struct cfi_rules *rules) {
    uint64_t reg = cie->return_column;
    if (rules->cfa.kind != RULE_CFA || rules->cfa.reg != u->sp ||
        reg >= COUNT_OF(rules->columns))
        return;
    const struct cfi_rule *rule = column(rules, (unsigned)reg);
    if (rule->kind != RULE_UNSET && rule->kind != RULE_SAME)
        return;
    for (; rules->count <= reg; rules->count++)
        rules->columns[rules->count] = (struct cfi_rule){0};
    rules->columns[reg] = (struct cfi_rule){
        .kind = RULE_OFFSET, .value = (int64_t)from_sp - rules->cfa.value};
}

// A CIE that begins as functions do. That of a program's first instructions may
// say that nobody called them.
static const struct cie_copy *plain_cie(struct unwinder *u) {
    const struct image *image = u->image;
    struct cfi_entry entry;
    for (size_t i = 0; !u->plain && i < image->frame_count; i++) {
        if (!cfi_read_entry(image, image->frames[i].fde_va, &entry))
            continue;
        const struct cie_copy *copy = copy_cie(u, entry.cie_va);
        if (!copy || copy->cie.is_signal ||
            copy->initial.cfa.kind != RULE_CFA ||
            copy->initial.cfa.reg != u->sp)
            continue;
        uint64_t reg = copy->cie.return_column;
        if (reg < COUNT_OF(copy->initial.columns) &&
            column(&copy->initial, (unsigned)reg)->kind != RULE_UNDEFINED)
            u->plain = copy;
    }
    return u->plain;
}

static const struct cie_copy *rules_like(struct unwinder *u, uint64_t va,
                                         int32_t bias,
                                         struct cfi_rules *rules) {
    if (va == 0) {
        const struct cie_copy *plain = plain_cie(u);
        if (!plain)
            return NULL;
        copy_rules(rules, &plain->initial);
        return adapt_rules(u, &plain->cie, 0, bias, rules) ? plain : NULL;
    }
    const struct frame_range *range = image_frame_range(u->image, va);
    struct cfi_entry entry;
    struct cfi_fde fde;
    struct cfi_rules initial;
    if (!range || !cfi_read_entry(u->image, range->fde_va, &entry))
        return NULL;
    const struct cie_copy *cie = copy_cie(u, entry.cie_va);
    if (!cie || !cfi_read_fde(u->image, &entry, &cie->cie, &fde) ||
        !cfi_run(u->image, &fde, va, rules, &initial) ||
        !adapt_rules(u, &cie->cie, va, bias, rules))
        return NULL;
    return cie;
}

static void add_frame(struct unwinder *u, const struct image_frame *frame) {
    uint64_t like = frame->like_va;
    int32_t bias = 0;
    uint32_t link_at = 0;
    struct cfi_rules rules;
    for (size_t i = 0; i <= frame->row_count; i++) {
        uint64_t start = frame->va, end = frame->va + frame->len;
        if (i > 0) {
            const struct image_frame_row *row = &frame->rows[i - 1];
            start += row->offset;
            bias = row->sp_bias;
            link_at = row->link_at;
            like = row->like_va ? row->like_va : like;
        }
        if (i < frame->row_count && frame->va + frame->rows[i].offset < end)
            end = frame->va + frame->rows[i].offset;
        if (start >= end)
            continue;
        const struct cie_copy *cie = rules_like(u, like, bias, &rules);
        if (cie && link_at)
            put_link(u, &cie->cie, link_at - 1, &rules);
        if (cie)
            add_interval(u, start, end, cie, &rules);
    }
}

// The table that unwinders search: addresses of code and of their FDEs, all
// relative to the table.
static bool put_search_table(struct unwinder *u) {
    struct elf_writer *writer = u->writer;
    struct bytes *out = &writer->rodata;
    const struct image *image = u->image;
    bytes_align(out, 8, 0);
    size_t start = out->n, i = 0, j = 0;
    uint64_t base = writer->room->rodata_va + start;
    bytes_u8(out, 1);
    bytes_u8(out, DW_EH_PE_pcrel | DW_EH_PE_sdata4);
    bytes_u8(out, DW_EH_PE_udata4);
    bytes_u8(out, DW_EH_PE_datarel | DW_EH_PE_sdata4);
    bytes_u32(out, (uint32_t)(writer->elf->eh_frame_va - (base + 4)));
    bytes_u32(out, (uint32_t)(image->frame_count + u->fde_count));
    while (i < image->frame_count || j < u->fde_count) {
        bool take_old =
            j == u->fde_count ||
            (i < image->frame_count && image->frames[i].va < u->fdes[j].va);
        uint64_t code = take_old ? image->frames[i].va : u->fdes[j].va;
        uint64_t entry = take_old ? image->frames[i].fde_va : u->fdes[j].fde_va;
        int64_t va = (int64_t)(code - base), fde = (int64_t)(entry - base);
        if (va != (int32_t)va || fde != (int32_t)fde) {
            out->n = start;
            return false;
        }
        bytes_u32(out, (uint32_t)va);
        bytes_u32(out, (uint32_t)fde);
        i += take_old;
        j += !take_old;
    }
    writer->search_off = start;
    writer->search_len = out->n - start;
    return true;
}

static uint64_t old_debug_frame_len(const struct image *image) {
    const struct section *section =
        image_find_section(image, STR(".debug_frame"));
    return section && section->has_bytes ? section->len : 0;
}

void unwind_build(struct elf_writer *writer) {
    struct image *image = writer->image;
    const struct image_additions *additions = writer->additions;
    const struct elf_file *elf = writer->elf;
    bytes_init(&writer->debug_frame, writer->arena, image->arch->order);
    if (!additions->frame_count || !elf->first_cie_va || !image->frame_count)
        return;
    struct unwinder *u = ARENA_NEW(writer->arena, struct unwinder);
    u->writer = writer;
    u->image = image;
    u->arena = writer->arena;
    u->sp = image->arch->regs[image->arch->abi.sp].dwarf;
    u->debug_base = align_up(old_debug_frame_len(image), 8);
    map_init(&u->cies, u->arena);
    bytes_init(&u->ops, u->arena, image->arch->order);
    bytes_align(&writer->rodata, 8, 0);
    writer->fdes_off = writer->rodata.n;
    for (size_t i = 0; i < additions->frame_count; i++)
        add_frame(u, &additions->frames[i]);
    close_fde(u);
    bytes_u32(&writer->rodata, 0); // the end of the list
    writer->fdes_len = writer->rodata.n - writer->fdes_off;
    // A table that knows more than we found stays.
    if (elf->search_count <= elf->fde_count)
        put_search_table(u);
}
