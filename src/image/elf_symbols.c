// elf_symbols.c: the symbols of an image, and addresses of code in its data.
//
// .symtab and .dynsym are read into one array by address; what both have is
// kept once. Names lose the version that linkers append (memcpy@@GLIBC_2.14).
//
// Code pointers: in an image that may be loaded anywhere every address in
// data has a relocation. In one that stays at its place there are none, so
// every aligned word of its data that could be an address of code counts.

#include <stdlib.h>
#include <string.h>

#include "image/elf_file.h"

static bool symbol_kind(const GElf_Sym *symbol, uint8_t *kind) {
    switch (GELF_ST_TYPE(symbol->st_info)) {
    case STT_FUNC: *kind = SYMBOL_FUNCTION; return true;
    case STT_GNU_IFUNC: *kind = SYMBOL_IFUNC; return true;
    case STT_OBJECT:
    case STT_COMMON: *kind = SYMBOL_OBJECT; return true;
    case STT_NOTYPE: *kind = SYMBOL_LABEL; return true;
    default: return false; // sections, files, thread-local offsets
    }
}

// The address of a base register is a constant, or lies in a section.
static void note_base(struct image *image, const GElf_Sym *from,
                      struct str name) {
    const struct arch *arch = image->arch;
    for (uint8_t i = 0; i < arch->base_count; i++)
        if (str_is(name, arch->bases[i].symbol))
            image->base_vas[i] = from->st_value;
}

static void add_symbol(struct image *image, const GElf_Sym *from,
                       struct str name, bool exported, size_t *room) {
    uint8_t kind;
    if (from->st_shndx != SHN_UNDEF)
        note_base(image, from, name);
    // Undefined, or no address: constants have a section number of their own.
    if (from->st_shndx == SHN_UNDEF || from->st_shndx == SHN_ABS ||
        name.n == 0 || !symbol_kind(from, &kind))
        return;
    const char *version = str_find(name, '@');
    if (version && version > name.p)
        name.n = (size_t)(version - name.p);
    unsigned bind = GELF_ST_BIND(from->st_info);
    bool is_code = kind == SYMBOL_FUNCTION || kind == SYMBOL_IFUNC;
    uint64_t va =
        is_code ? image_code_va(image, from->st_value) : from->st_value;
    uint8_t mode;
    if (kind == SYMBOL_LABEL && image_is_mark(image, name, &mode) && mode < 2)
        image_note_mode(image, va, mode);
    *ARENA_PUSH(image->arena, image->symbols, image->symbol_count, *room) =
        (struct symbol){
            .name = name,
            .va = va,
            .len = from->st_size,
            .kind = kind,
            .mode = (uint8_t)(from->st_value - va),
            .global = bind != STB_LOCAL,
            .weak = bind == STB_WEAK,
            .exported = exported,
        };
}

static struct str name_in(struct slice strings, uint64_t off) {
    struct reader in = reader_open(strings, ORDER_LITTLE);
    reader_seek(&in, off);
    return reader_text(&in);
}

static void read_table(struct image *image, size_t index, size_t *room) {
    const struct elf_file *elf = image->elf;
    const GElf_Shdr *table = &elf->sections[index];
    if (table->sh_link == 0 || table->sh_link >= elf->section_count ||
        elf->sections[table->sh_link].sh_type != SHT_STRTAB)
        return;
    const GElf_Shdr *names = &elf->sections[table->sh_link];
    struct slice strings = {image->file.data.p + names->sh_offset,
                            names->sh_size};
    if (table->sh_size == 0)
        return;
    Elf_Data *data = elf_getdata_rawchunk(
        elf->handle, (int64_t)table->sh_offset, table->sh_size, ELF_T_SYM);
    for (int i = 1; data; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, i, &symbol))
            break;
        add_symbol(image, &symbol, name_in(strings, symbol.st_name), false,
                   room);
    }
}

static void read_dynamic_table(struct image *image, size_t *room) {
    const struct elf_file *elf = image->elf;
    uint64_t va;
    if (!elf_dynamic_value(elf, DT_SYMTAB, &va))
        return;
    Elf_Data *data = elf_chunk(image, va, elf->symbols_len, ELF_T_SYM);
    for (size_t i = 1; data && i < elf->dynamic_symbol_count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            break;
        add_symbol(image, &symbol, elf->dynamic_symbols[i].name, true, room);
    }
}

static int compare_symbols(const void *a, const void *b) {
    const struct symbol *x = a, *y = b;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    int names = str_compare(x->name, y->name);
    return names ? names : x->kind - y->kind;
}

// Of symbols with one address and name one is kept: that of .dynsym and that
// of .symtab are the same thing.
static void merge_symbols(struct image *image) {
    struct symbol *symbols = image->symbols;
    size_t kept = 0;
    for (size_t i = 0; i < image->symbol_count; i++) {
        struct symbol *last = kept ? &symbols[kept - 1] : NULL;
        if (!last || last->va != symbols[i].va ||
            !str_equal(last->name, symbols[i].name)) {
            symbols[kept++] = symbols[i];
            continue;
        }
        last->global |= symbols[i].global;
        last->exported |= symbols[i].exported;
        last->weak &= symbols[i].weak;
        if (symbols[i].len > last->len)
            last->len = symbols[i].len;
    }
    image->symbol_count = kept;
}

bool elf_read_symbols(struct image *image, struct diag *diag) {
    (void)diag;
    size_t room = 0;
    bool has_table = false;
    for (size_t i = 1; i < image->elf->section_count; i++) {
        if (image->elf->sections[i].sh_type != SHT_SYMTAB)
            continue;
        read_table(image, i, &room);
        has_table = true;
    }
    elf_read_go(image, !has_table, &room);
    read_dynamic_table(image, &room);
    if (image->symbol_count)
        qsort(image->symbols, image->symbol_count, sizeof *image->symbols,
              compare_symbols);
    merge_symbols(image);
    return true;
}

static void add_pointer(struct image *image, uint64_t address, size_t *room) {
    uint64_t va = image_plain_va(image, address);
    if (va % image->arch->insn_align == 0 && image_is_code(image, va))
        *ARENA_PUSH(image->arena, image->code_pointers,
                    image->code_pointer_count, *room) = va;
}

static void scan_words(struct image *image, uint64_t va, struct slice bytes,
                       size_t *room) {
    unsigned word = image->elf->word;
    size_t first = (size_t)((word - va % word) % word);
    for (size_t at = first; at + word <= bytes.n; at += word) {
        uint64_t value = load_uint(bytes.p + at, word, image->arch->order);
        if (value)
            add_pointer(image, value, room);
    }
}

// Data of an image that stays at its place. Without section headers constants
// may lie between the code, so all of it is looked at.
static void scan_data(struct image *image, size_t *room) {
    if (image->elf->section_count == 0) {
        for (size_t i = 0; i < image->segment_count; i++) {
            const struct segment *segment = &image->segments[i];
            struct slice bytes = {image->file.data.p + segment->off,
                                  segment->file_len};
            scan_words(image, segment->va, bytes, room);
        }
        return;
    }
    for (size_t i = 0; i < image->section_count; i++) {
        const struct section *section = &image->sections[i];
        if (!section->flags || !section->has_bytes ||
            (section->flags & SEGMENT_EXEC))
            continue;
        struct slice bytes = {image->file.data.p + section->off, section->len};
        scan_words(image, section->va, bytes, room);
    }
}

static int compare_words(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void add_initializer(struct image *image, uint64_t address,
                            size_t *room) {
    if (image_is_code(image, image_plain_va(image, address)))
        *ARENA_PUSH(image->arena, image->initializers, image->initializer_count,
                    *room) = image_code_va(image, address);
}

// What start-up code calls through a list, by relocations or, where there are
// none, by the words themselves.
static void find_initializers(struct image *image, struct str name) {
    const struct elf_file *elf = image->elf;
    const struct section *list = image_find_section(image, name);
    size_t room = image->initializer_count;
    if (!list || !list->va || !list->has_bytes)
        return;
    for (size_t i = 0; i < elf->reloc_count; i++)
        if (elf->relocs[i].va - list->va < list->len)
            add_initializer(image, elf->relocs[i].value, &room);
    if (image->is_relocatable)
        return;
    struct slice bytes = {image->file.data.p + list->off, list->len};
    for (size_t at = 0; at + elf->word <= bytes.n; at += elf->word)
        add_initializer(image,
                        load_uint(bytes.p + at, elf->word, image->arch->order),
                        &room);
}

void elf_find_code_pointers(struct image *image) {
    find_initializers(image, STR(".init_array"));
    find_initializers(image, STR(".fini_array"));
    const struct elf_file *elf = image->elf;
    size_t room = 0;
    for (size_t i = 0; i < elf->reloc_count; i++) {
        const struct elf_reloc *reloc = &elf->relocs[i];
        uint64_t base = 0;
        if (reloc->symbol && reloc->symbol < elf->dynamic_symbol_count)
            base = elf->dynamic_symbols[reloc->symbol].va;
        add_pointer(image, base + reloc->value, &room);
        // A call by it goes where the whole address says.
        if (reloc->value && image->is_relocatable)
            image_code_va(image, base + reloc->value);
    }
    if (!image->is_relocatable)
        scan_data(image, &room);
    for (size_t i = 0; i < elf->resumption_count; i++)
        add_pointer(image, elf->resumptions[i], &room);
    uint64_t value;
    if (elf_dynamic_value(elf, DT_INIT, &value))
        add_pointer(image, value, &room);
    if (elf_dynamic_value(elf, DT_FINI, &value))
        add_pointer(image, value, &room);
    uint64_t *pointers = image->code_pointers;
    size_t kept = 0, count = image->code_pointer_count;
    if (count)
        qsort(pointers, count, sizeof *pointers, compare_words);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || pointers[kept - 1] != pointers[i])
            pointers[kept++] = pointers[i];
    image->code_pointer_count = kept;
}
