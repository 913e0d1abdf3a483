// elf_move.c: a program for the bare machine as if linked for another address.
//
// Some firmware carries relocations of its own and goes on elsewhere than it is
// loaded: a boot loader that copies itself to the end of RAM, for one. Added
// code would be left behind by that. But whoever knows where it goes may load
// it there in the first place; then it stays. So --base=ADDRESS links it for
// that:
//
//     headers, symbols           by the distance                 elf_move
//     words that hold addresses  by its own relocations          elf_move_words
//     those relocations          as they are: start-up code that computes where
//                                it was loaded wants them so
//
// All this is done to a copy of the file, which is then read as if it had come
// so; only what the loader would be told is adjusted while it is read
// (elf_dynamic.c). Debug information is left, and not believed any more.

#include <string.h>

#include "image/elf_file.h"

// Fields of headers, by class: 32 bits, 64 bits.
enum { NARROW, WIDE };
static const uint8_t entry_at[] = {24, 24};
static const uint8_t va_at[] = {8, 16}, load_va_at[] = {12, 24};
static const uint8_t section_va_at[] = {12, 16};
static const uint8_t symbol_va_at[] = {4, 8};

// PowerPC's mark of code that relocates itself, by tables of its own.
#define SELF_RELOCATING_PPC 0x10000u

struct mover {
    struct elf_file *elf;
    uint8_t *bytes;
    size_t len;
    enum byte_order order;
};

static void move_field(const struct mover *mover, uint64_t off) {
    unsigned word = mover->elf->word;
    if (off > mover->len || mover->len - off < word)
        return; // reading says so
    store_uint(mover->bytes + off,
               elf_moved(mover->elf,
                         load_uint(mover->bytes + off, word, mover->order)),
               word, mover->order);
}

static void move_symbols(const struct mover *mover, size_t index) {
    const GElf_Shdr *table = &mover->elf->sections[index];
    unsigned class = mover->elf->word == 8 ? WIDE : NARROW;
    size_t len = elf_symbol_len(mover->elf);
    Elf_Data *data = elf_getdata(elf_getscn(mover->elf->handle, index), NULL);
    GElf_Sym symbol;
    for (int i = 1; data && gelf_getsym(data, i, &symbol); i++)
        if (symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < SHN_LORESERVE)
            move_field(mover, table->sh_offset + (uint64_t)i * len +
                                  symbol_va_at[class]);
}

static void move_headers(const struct mover *mover) {
    const struct elf_file *elf = mover->elf;
    unsigned class = elf->word == 8 ? WIDE : NARROW;
    move_field(mover, entry_at[class]);
    for (size_t i = 0; i < elf->segment_count; i++) {
        uint64_t off = elf->header.e_phoff + i * elf_segment_len(elf);
        if (elf->segments[i].p_type == PT_LOAD ||
            elf->segments[i].p_type == PT_DYNAMIC) {
            move_field(mover, off + va_at[class]);
            move_field(mover, off + load_va_at[class]);
        }
    }
    for (size_t i = 1; i < elf->section_count; i++) {
        if (elf->sections[i].sh_flags & SHF_ALLOC)
            move_field(mover, elf->header.e_shoff + i * elf_section_len(elf) +
                                  section_va_at[class]);
        if (elf->sections[i].sh_type == SHT_SYMTAB)
            move_symbols(mover, i);
    }
}

static uint64_t lowest_va(const struct elf_file *elf) {
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].p_type == PT_LOAD && elf->segments[i].p_memsz &&
            elf->segments[i].p_vaddr < lowest)
            lowest = elf->segments[i].p_vaddr;
    return lowest;
}

bool elf_is_moved(const struct image *image) {
    uint64_t lowest = lowest_va(image->elf);
    return image->facts.has_base && lowest != UINT64_MAX &&
           image->facts.base_va != lowest;
}

void elf_move(struct image *image) {
    struct elf_file *elf = image->elf;
    struct slice data = image->file.data;
    uint8_t *copy = arena_grow(image->arena, data.p, data.n, data.n);
    elf->moved_by = image->facts.base_va - lowest_va(elf);
    const struct mover mover = {elf, copy, data.n, image->arch->order};
    move_headers(&mover);
    image->original = image->file;
    image->file.data.p = copy;
}

// --- its own relocations ---

// The new value of the word that one is of. False: none that is known.
static bool word_of(const struct image *image, const struct elf_reloc *reloc,
                    uint64_t *value) {
    const struct elf_file *elf = image->elf;
    *value = reloc->value;
    if (reloc->type == image->arch->relative_reloc)
        return true;
    if (reloc->type != image->arch->word_reloc ||
        reloc->symbol >= elf->dynamic_symbol_count)
        return false;
    *value += elf->dynamic_symbols[reloc->symbol].va;
    return true;
}

bool elf_move_words(struct image *image, struct diag *diag) {
    enum { NONE = 0 };
    const struct elf_file *elf = image->elf;
    for (size_t i = 0; elf->moved_by && i < elf->reloc_count; i++) {
        const struct elf_reloc *reloc = &elf->relocs[i];
        uint64_t value, off;
        if (reloc->type == NONE)
            continue;
        if (!word_of(image, reloc, &value)) {
            diag_error_at(diag, B_FORMAT, image->path.p,
                          "the program cannot be moved: it has a relocation "
                          "of type %u at 0x%llx",
                          reloc->type, (unsigned long long)reloc->va);
            return false;
        }
        if (image_bytes(image, reloc->va).n >= elf->word &&
            image_va_to_off(image, reloc->va, &off))
            store_uint((uint8_t *)image->file.data.p + off, value, elf->word,
                       image->arch->order);
    }
    return true;
}

// What is linked to lie anywhere, and knows how, may do so.
static bool may_move(const struct image *image) {
    const struct elf_file *elf = image->elf;
    return (image->is_relocatable && elf->reloc_count) ||
           (elf->header.e_machine == EM_PPC &&
            (elf->header.e_flags & SELF_RELOCATING_PPC));
}

bool elf_check_place(struct image *image, struct diag *diag) {
    const struct image_facts *facts = &image->facts;
    uint64_t at_va = lowest_va(image->elf);
    bool knows = image->is_bare && may_move(image);
    if (facts->has_base &&
        (!knows || (image->elf->moved_by && image->elf->reloc_count == 0))) {
        diag_error_at(diag, B_FORMAT, image->path.p,
                      "the file says its addresses itself: --base is for raw "
                      "binaries, and for programs without an operating system "
                      "that carry relocations of their own");
        return false;
    }
    if (!knows || facts->has_base)
        return true;
    diag_error_at(diag, B_MOVES, image->path.p,
                  "the program carries relocations of its own: it may go on "
                  "elsewhere than it is loaded, where added code is not");
    diag_help(diag,
              "say by --base=ADDRESS where it runs for good, and load it "
              "there; --base=0x%llx if it stays where it is linked",
              (unsigned long long)at_va);
    return false;
}
