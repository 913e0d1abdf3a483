// elf_plt.c: the stubs of imported functions.
//
// A stub is a short run of code that ends in an indirect jump through a slot
// of the global offset table, and the slot has a relocation that names the
// import (or, for an IFUNC, its resolver). So any indirect jump whose memory
// operand is such a slot belongs to a stub, whatever the linker's fashion:
//
//     .plt       jmp *slot; push n; jmp .plt     (lazy binding)
//     .plt.sec   endbr64; jmp *slot; nop         (with landing pads)
//     .plt.got   jmp *slot; nop
//
//     .plt       adrp x16, page; ldr x17, [x16, #slot]; add ...; br x17
//
// What the slots of lazy binding lead to until then, the piece ahead of all
// stubs, is one as well, without a name: it hands over in registers that no
// function has anything in.
//
// Where the machine needs more than one instruction for an address, the
// constants that they put together are followed from the stub's start on.
// The stub begins behind the jump or padding before it. With section headers
// only sections named .plt* and .iplt are looked at; where there is none,
// because the linker puts stubs among other code, all code is, for slots that
// calls are bound by. Without section headers all code is for any slot.

#include <stdlib.h>

#include "image/elf_file.h"

// The longest piece that binds.
#define BINDER_MOST 64

// Slots by address.
struct slots {
    struct elf_reloc *relocs;
    size_t count;
    bool *called; // through a stub
};

static int compare_slots(const void *a, const void *b) {
    const struct elf_reloc *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

static struct slots find_slots(struct image *image) {
    const struct elf_file *elf = image->elf;
    struct slots slots = {0};
    size_t room = 0;
    // An IFUNC's slot has no symbol; in a library full of tables of function
    // pointers so have they, and are harmless: no stub jumps through them.
    for (size_t i = 0; i < elf->reloc_count; i++) {
        const struct elf_reloc *reloc = &elf->relocs[i];
        uint64_t va = image_plain_va(image, reloc->value);
        if (!reloc->symbol && !image_is_code(image, va))
            continue;
        struct elf_reloc *slot =
            ARENA_PUSH(image->arena, slots.relocs, slots.count, room);
        *slot = *reloc;
        slot->value = va;
    }
    slots.called = ARENA_ARRAY(image->arena, bool, slots.count);
    if (slots.count)
        qsort(slots.relocs, slots.count, sizeof *slots.relocs, compare_slots);
    return slots;
}

static bool find_slot(const struct slots *slots, uint64_t va, size_t *index) {
    size_t low;
    LOWER_BOUND(low, slots->count, slots->relocs[low].va < va);
    *index = low;
    return low < slots->count && slots->relocs[low].va == va;
}

// Name of what lands in a slot: the import, or the IFUNC.
static struct str slot_name(const struct image *image,
                            const struct elf_reloc *reloc) {
    const struct elf_file *elf = image->elf;
    if (reloc->symbol)
        return reloc->symbol < elf->dynamic_symbol_count
                   ? elf->dynamic_symbols[reloc->symbol].name
                   : (struct str){0};
    size_t low;
    LOWER_BOUND(low, image->symbol_count,
                image->symbols[low].va < reloc->value);
    struct str name = {0};
    for (size_t i = low;
         i < image->symbol_count && image->symbols[i].va == reloc->value; i++)
        if (!name.n || image->symbols[i].kind == SYMBOL_IFUNC)
            name = image->symbols[i].name;
    return name;
}

static bool is_break(const struct insn_brief *insn) {
    return insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_INDIRECT ||
           insn->kind == INSN_RETURN || insn->kind == INSN_STOP ||
           insn->kind == INSN_UNKNOWN || (insn->flags & INSN_PADDING);
}

// What registers hold since the stub's start: an address that was put together,
// and that of the memory which one was loaded from.
struct track {
    uint64_t value[64], slot[64];
};

// The address that an instruction has of a register that was tracked; 0: none.
static uint64_t tracked_address(const struct track *track,
                                const struct insn *insn) {
    bool has_base = insn->base_reg < 64 && track->value[insn->base_reg];
    return has_base ? track->value[insn->base_reg] + (uint64_t)insn->base_off
                    : 0;
}

static void track_insn(struct track *track, const struct insn *insn) {
    uint64_t made = tracked_address(track, insn);
    uint64_t copied = insn->copy_reg < 64 ? track->slot[insn->copy_reg] : 0;
    for (unsigned reg = 0; reg < 64; reg++) {
        if (!(insn->clobbers >> reg & 1))
            continue;
        track->value[reg] = track->slot[reg] = 0;
        if (reg == insn->const_reg && insn->copy_reg == REG_NONE)
            track->value[reg] = insn->const_value;
        else if (reg == insn->const_reg)
            track->slot[reg] = copied;
        else if (reg == insn->loaded_reg)
            track->slot[reg] = made;
        else if (insn->flags & INSN_ADDS_OFFSET)
            track->value[reg] = made;
    }
}

// The slot whose content the jump at `insn` goes to; 0: none.
static uint64_t tracked_slot(const struct track *track,
                             const struct insn *insn) {
    uint64_t loaded = tracked_address(track, insn);
    if (loaded)
        return loaded;
    for (unsigned reg = 0; reg < 64; reg++)
        if ((insn->reads >> reg & 1) && track->slot[reg])
            return track->slot[reg];
    return 0;
}

struct scan {
    struct image *image;
    struct slots *slots;
    size_t room;
    bool for_calls; // slots that calls are bound by, no others
};

static void add_stub(struct scan *scan, size_t slot, uint64_t va,
                     uint64_t len) {
    struct image *image = scan->image;
    if (scan->for_calls && !scan->slots->relocs[slot].is_call)
        return;
    scan->slots->called[slot] = true;
    // What decodes as a stub in one encoding does not in another.
    image_note_mode(image, va, image_mode_at(image, va));
    *ARENA_PUSH(image->arena, image->plt, image->plt_count, scan->room) =
        (struct plt_entry){va, len,
                           slot_name(image, &scan->slots->relocs[slot])};
}

static void scan_code(struct scan *scan, uint64_t va, uint64_t len) {
    struct image *image = scan->image;
    const struct arch *arch = image->arch;
    bool has_pairs = arch->insn_align > 1; // none holds a whole address
    struct slice bytes = image_bytes(image, va);
    if (bytes.n < len)
        len = bytes.n;
    uint64_t start = va;
    struct track track = {0};
    for (uint64_t at = 0; at < len;) {
        struct code code = {
            {bytes.p + at, len - at}, va + at, image_mode_at(image, va + at)};
        struct insn_brief insn = {0};
        arch->brief(&code, &insn);
        uint64_t step = insn.len ? insn.len : arch->insn_align;
        size_t slot;
        struct insn full;
        uint64_t through = insn.pc_value;
        if (has_pairs && arch->decode(&code, &full)) {
            if (full.kind == INSN_JUMP_INDIRECT)
                through = tracked_slot(&track, &full);
            track_insn(&track, &full);
        }
        if (insn.kind == INSN_JUMP_INDIRECT && insn.len &&
            find_slot(scan->slots, through, &slot))
            add_stub(scan, slot, start, va + at + step - start);
        at += step;
        if (!insn.len || is_break(&insn)) {
            start = va + at;
            track = (struct track){0};
        }
    }
}

static int compare_stubs(const void *a, const void *b) {
    const struct plt_entry *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

// A stub reaches up to the next one of its section: behind the jump come the
// steps of lazy binding, or padding.
static void extend_stubs(struct image *image, const struct section *section,
                         size_t first) {
    for (size_t i = first; i < image->plt_count; i++) {
        struct plt_entry *entry = &image->plt[i];
        uint64_t end =
            i + 1 < image->plt_count ? entry[1].va : section->va + section->len;
        uint64_t longest = entry->len * 4;
        entry->len = end - entry->va < longest ? end - entry->va : longest;
    }
}

// Where slots of calls lead before the first call, unless that is in a stub or
// right behind its jump.
static void add_binders(struct image *image, const struct slots *slots,
                        size_t *room) {
    size_t stub_count = image->plt_count, word = image->arch->bits / 8;
    uint64_t last_va = 0;
    for (size_t i = 0; stub_count && i < slots->count; i++) {
        struct slice bytes = image_bytes(image, slots->relocs[i].va);
        if (!slots->relocs[i].is_call || bytes.n < word)
            continue;
        uint64_t va =
            image_plain_va(image, load_uint(bytes.p, word, image->arch->order));
        size_t next;
        LOWER_BOUND(next, stub_count, image->plt[next].va <= va);
        const struct plt_entry *before = next ? &image->plt[next - 1] : NULL;
        if (va == last_va || !image_is_code(image, va) ||
            (before && va - before->va <= before->len))
            continue;
        uint64_t len =
            next < stub_count ? image->plt[next].va - va : BINDER_MOST;
        *ARENA_PUSH(image->arena, image->plt, image->plt_count, *room) =
            (struct plt_entry){.va = va,
                               .len = len < BINDER_MOST ? len : BINDER_MOST};
        last_va = va;
    }
}

static void sort_stubs(struct image *image) {
    if (image->plt_count)
        qsort(image->plt, image->plt_count, sizeof *image->plt, compare_stubs);
}

// Imports that reach a slot no stub jumps through: called or stored by other
// means.
static void find_taken(struct image *image, const struct slots *slots) {
    size_t room = 0;
    for (size_t i = 0; i < slots->count; i++) {
        const struct elf_reloc *reloc = &slots->relocs[i];
        const struct elf_file *elf = image->elf;
        if (slots->called[i] || !reloc->symbol ||
            reloc->symbol >= elf->dynamic_symbol_count ||
            elf->dynamic_symbols[reloc->symbol].is_defined)
            continue;
        *ARENA_PUSH(image->arena, image->address_imports,
                    image->address_import_count, room) =
            elf->dynamic_symbols[reloc->symbol].name;
    }
}

void elf_read_plt(struct image *image) {
    struct slots slots = find_slots(image);
    struct scan scan = {image, &slots, 0, false};
    bool is_apart = false; // from the other code
    for (size_t i = 0; i < image->section_count; i++) {
        const struct section *section = &image->sections[i];
        if (!(section->flags & SEGMENT_EXEC) || !section->has_bytes ||
            (!str_starts_with(section->name, STR(".plt")) &&
             !str_equal(section->name, STR(".iplt"))))
            continue;
        size_t first = image->plt_count;
        is_apart = true;
        scan_code(&scan, section->va, section->len);
        extend_stubs(image, section, first);
    }
    scan.for_calls = image->elf->section_count != 0;
    for (size_t i = 0; !is_apart && slots.count && i < image->code_count; i++)
        scan_code(&scan, image->code[i].va, image->code[i].file_len);
    sort_stubs(image);
    add_binders(image, &slots, &scan.room);
    sort_stubs(image);
    image_sort_modes(image);
    find_taken(image, &slots);
}
