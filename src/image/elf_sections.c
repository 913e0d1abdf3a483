// elf_sections.c: what is in the file but not loaded.
//
// Section headers are written anew at the end of the file: the old ones with
// their numbers, then ours. New symbols go behind the old ones of .symtab, so
// that no symbol changes its number; they are global because the local ones
// come first, and hidden because nobody shall link to them.
//
// A file without section headers gets none: strip would take those of ours for
// all there is, and drop the program. Its mapping and undo information are
// found through a trailer instead (elf_undo.c).

#include <assert.h>
#include <string.h>

#include "image/elf_writer.h"

static size_t add_section(struct elf_writer *writer, const char *name,
                          GElf_Shdr section) {
    size_t at = writer->section_count++;
    writer->sections[at] = section;
    writer->names[at] = str_from(name);
    return at;
}

// Puts bytes, which must stay, into the tail; gives their offset in the file.
static uint64_t add_tail(struct elf_writer *writer, struct slice bytes,
                         size_t align) {
    assert(writer->tail_count < TAIL_PARTS);
    uint64_t off = align_up(writer->file_end, align);
    if (bytes.n)
        writer->tail[writer->tail_count++] = (struct file_part){bytes, off};
    writer->file_end = off + bytes.n;
    return off;
}

// Gives the number of the new section; 0: there was nothing to keep.
static size_t add_kept(struct elf_writer *writer, const char *name,
                       struct slice bytes) {
    if (bytes.n == 0)
        return 0;
    return add_section(writer, name,
                       (GElf_Shdr){.sh_type = SHT_PROGBITS,
                                   .sh_offset = add_tail(writer, bytes, 1),
                                   .sh_size = bytes.n,
                                   .sh_addralign = 1});
}

// An old section of this name, else 0.
static size_t find_old(const struct elf_writer *writer, struct str name) {
    const struct section *section = image_find_section(writer->image, name);
    // struct image leaves out number 0.
    return section ? (size_t)(section - writer->image->sections) + 1 : 0;
}

// Bytes of an old section; none if it has no place in the file.
static struct slice old_bytes(const struct elf_writer *writer, size_t index) {
    const GElf_Shdr *section = &writer->elf->sections[index];
    struct slice file = writer->image->file.data;
    if (section->sh_type == SHT_NOBITS || section->sh_type == SHT_NULL ||
        !slice_contains(file, section->sh_offset, section->sh_size))
        return (struct slice){0};
    return (struct slice){file.p + section->sh_offset, section->sh_size};
}

static GElf_Shdr in_rodata(const struct elf_writer *writer, uint64_t off,
                           uint64_t len, uint64_t align) {
    return (GElf_Shdr){.sh_type = SHT_PROGBITS,
                       .sh_flags = SHF_ALLOC,
                       .sh_addr = writer->room->rodata_va + off,
                       .sh_offset = writer->rodata_off + off,
                       .sh_size = len,
                       .sh_addralign = align};
}

// What stands behind a table that had to move.
static void add_label(struct elf_writer *writer) {
    const struct table_plan *table = &writer->table;
    if (!table->moved.n || writer->image->is_bare)
        return; // it belongs to no segment
    uint64_t skip = table->moved.n - TABLE_LABEL_LEN;
    add_section(writer, ".mctrace.headers",
                (GElf_Shdr){.sh_type = SHT_PROGBITS,
                            .sh_flags = SHF_ALLOC,
                            .sh_addr = table->table_va + skip,
                            .sh_offset = table->table_off + skip,
                            .sh_size = TABLE_LABEL_LEN,
                            .sh_addralign = 1});
}

static void add_loaded(struct elf_writer *writer) {
    const struct image_additions *additions = writer->additions;
    const struct image_room *room = writer->room;
    add_label(writer);
    if (additions->region_len)
        add_section(
            writer, ".mctrace.region",
            (GElf_Shdr){.sh_type = SHT_NOBITS,
                        .sh_flags = SHF_ALLOC | SHF_WRITE,
                        .sh_addr = room->region_va,
                        .sh_offset = writer->text_off,
                        .sh_size = additions->region_len,
                        .sh_addralign = writer->image->is_bare
                                            ? 16
                                            : writer->image->arch->page});
    if (additions->text.n)
        writer->text_index =
            add_section(writer, ".mctrace.text",
                        (GElf_Shdr){.sh_type = SHT_PROGBITS,
                                    .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                    .sh_addr = room->text_va,
                                    .sh_offset = writer->text_off,
                                    .sh_size = additions->text.n,
                                    .sh_addralign = 16});
    if (additions->rodata.n)
        add_section(writer, ".mctrace.rodata",
                    in_rodata(writer, 0, additions->rodata.n, 16));
    if (writer->search_len) {
        if (writer->fdes_len)
            add_section(
                writer, ".mctrace.eh_frame",
                in_rodata(writer, writer->fdes_off, writer->fdes_len, 8));
        GElf_Shdr table =
            in_rodata(writer, writer->search_off, writer->search_len, 4);
        size_t old = find_old(writer, STR(".eh_frame_hdr"));
        if (old) {
            table.sh_name = writer->sections[old].sh_name;
            writer->sections[old] = table;
        } else {
            add_section(writer, ".eh_frame_hdr", table);
        }
    }
}

// Old sections whose bytes were displaced.
static void follow_extents(struct elf_writer *writer) {
    for (size_t i = 1; i < writer->elf->section_count; i++) {
        GElf_Shdr *section = &writer->sections[i];
        if (!(section->sh_flags & SHF_ALLOC) || section->sh_type == SHT_NOBITS)
            continue;
        for (size_t j = 0; j < writer->table.extent_count; j++) {
            const struct extent *extent = &writer->table.extents[j];
            uint64_t skip = section->sh_offset - extent->off;
            if (section->sh_offset >= extent->off && skip < extent->len) {
                section->sh_offset = extent->new_off + skip;
                section->sh_addr = extent->new_va + skip;
                break;
            }
        }
    }
}

// .debug_frame grows, unless it is compressed.
static void add_debug_frame(struct elf_writer *writer) {
    struct image *image = writer->image;
    if (!writer->debug_frame.n)
        return;
    size_t old = find_old(writer, STR(".debug_frame"));
    GElf_Shdr section = {.sh_type = SHT_PROGBITS, .sh_addralign = 8};
    struct bytes all;
    bytes_init(&all, writer->arena, image->arch->order);
    if (old) {
        section = writer->sections[old];
        if (section.sh_flags & SHF_COMPRESSED)
            return;
        struct slice bytes = old_bytes(writer, old);
        bytes_add(&all, bytes.p, bytes.n);
        bytes_align(&all, 8, 0);
    }
    bytes_add(&all, writer->debug_frame.p, writer->debug_frame.n);
    section.sh_offset = add_tail(writer, (struct slice){all.p, all.n}, 8);
    section.sh_size = all.n;
    if (old)
        writer->sections[old] = section;
    else
        add_section(writer, ".debug_frame", section);
}

// A string table that grows: its old bytes first.
static void start_strings(struct elf_writer *writer, size_t index,
                          struct bytes *out) {
    bytes_init(out, writer->arena, writer->image->arch->order);
    struct slice old = {0};
    if (index)
        old = old_bytes(writer, index);
    bytes_add(out, old.p, old.n);
    if (out->n == 0 || out->p[out->n - 1])
        bytes_u8(out, 0);
}

static void put_symbols(struct elf_writer *writer, struct bytes *symbols,
                        struct bytes *strings) {
    const struct image_additions *additions = writer->additions;
    for (size_t i = 0; i < additions->symbol_count; i++) {
        const struct image_symbol *from = &additions->symbols[i];
        GElf_Sym symbol = {
            .st_name = (GElf_Word)strings->n,
            .st_info =
                GELF_ST_INFO(STB_GLOBAL, from->is_mark ? STT_NOTYPE : STT_FUNC),
            .st_other = STV_HIDDEN,
            .st_shndx = writer->text_index < SHN_LORESERVE
                            ? (GElf_Section)writer->text_index
                            : SHN_ABS,
            .st_value = from->is_mark ? from->va : from->va | from->mode,
            .st_size = from->len,
        };
        elf_put_symbol(writer->elf, &symbol, symbols);
        bytes_add(strings, from->name.p, from->name.n);
        bytes_u8(strings, 0);
    }
}

static size_t find_symbol_table(const struct elf_writer *writer) {
    for (size_t i = 1; i < writer->elf->section_count; i++)
        if (writer->sections[i].sh_type == SHT_SYMTAB &&
            writer->sections[i].sh_link &&
            writer->sections[i].sh_link < writer->elf->section_count)
            return i;
    return 0;
}

// The symbol table and its names; `strings` is left for section names where
// both share a table.
static void add_symbols(struct elf_writer *writer, size_t *names_index,
                        struct bytes *section_names) {
    struct image *image = writer->image;
    const struct elf_file *elf = writer->elf;
    if (!writer->additions->symbol_count)
        return;
    size_t old = find_symbol_table(writer);
    struct bytes symbols, own, *strings = &own;
    bytes_init(&symbols, writer->arena, image->arch->order);
    size_t table = old, names = old ? writer->sections[old].sh_link : 0;
    if (old) {
        struct slice bytes = old_bytes(writer, old);
        bytes_add(&symbols, bytes.p, bytes.n);
    } else {
        bytes_add_zero(&symbols, elf_symbol_len(elf));
    }
    bool shared = names && names == *names_index;
    if (shared)
        strings = section_names;
    else
        start_strings(writer, names, strings);
    put_symbols(writer, &symbols, strings);
    if (!old) {
        table = add_section(writer, ".symtab",
                            (GElf_Shdr){.sh_type = SHT_SYMTAB,
                                        .sh_info = 1,
                                        .sh_addralign = elf->word,
                                        .sh_entsize = elf_symbol_len(elf)});
        names =
            add_section(writer, ".strtab",
                        (GElf_Shdr){.sh_type = SHT_STRTAB, .sh_addralign = 1});
        writer->sections[table].sh_link = (GElf_Word)names;
    }
    writer->sections[table].sh_offset =
        add_tail(writer, (struct slice){symbols.p, symbols.n}, elf->word);
    writer->sections[table].sh_size = symbols.n;
    if (!shared) {
        writer->sections[names].sh_offset =
            add_tail(writer, (struct slice){strings->p, strings->n}, 1);
        writer->sections[names].sh_size = strings->n;
    }
}

static size_t add_mapping(struct elf_writer *writer) {
    struct str mapping = writer->additions->mapping;
    struct slice bytes = {(const uint8_t *)mapping.p, mapping.n};
    return add_kept(writer, ".mctrace.mapping", bytes);
}

static size_t add_undo(struct elf_writer *writer) {
    struct undo_range *ranges =
        ARENA_ARRAY(writer->arena, struct undo_range, writer->edit_count);
    struct slice original = writer->image->file.data;
    for (size_t i = 0; i < writer->edit_count; i++) {
        const struct edit *edit = &writer->edits[i];
        ranges[i] = (struct undo_range){
            edit->off, {original.p + edit->off, edit->bytes.n}};
    }
    return add_kept(
        writer, ".mctrace.undo",
        undo_build(writer->arena, original, ranges, writer->edit_count));
}

static void put_headers(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    struct bytes out;
    bytes_init(&out, writer->arena, writer->image->arch->order);
    GElf_Shdr *zero = &writer->sections[0];
    size_t count = writer->section_count, names = writer->header.e_shstrndx;
    bool many = count >= SHN_LORESERVE;
    *zero = (GElf_Shdr){.sh_size = many ? count : 0,
                        .sh_link = many ? (GElf_Word)names : 0,
                        .sh_info = zero->sh_info};
    for (size_t i = 0; i < count; i++)
        elf_put_section(elf, &writer->sections[i], &out);
    writer->header.e_shoff = add_tail(writer, (struct slice){out.p, out.n}, 8);
    writer->header.e_shnum = many ? 0 : (GElf_Half)count;
    writer->header.e_shstrndx = many ? SHN_XINDEX : (GElf_Half)names;
    writer->header.e_shentsize = (GElf_Half)elf_section_len(elf);
}

static void put_trailer(struct elf_writer *writer) {
    writer->section_count = 1;
    const GElf_Shdr *mapping = &writer->sections[add_mapping(writer)];
    const GElf_Shdr *undo = &writer->sections[add_undo(writer)];
    struct slice trailer =
        trailer_build(writer->arena, mapping->sh_offset, mapping->sh_size,
                      undo->sh_offset, undo->sh_size);
    add_tail(writer, trailer, 1);
}

void sections_build(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    if (elf->section_count == 0) {
        put_trailer(writer);
        return;
    }
    size_t names_index = elf->names_index;
    struct bytes names;
    start_strings(writer, names_index, &names);
    follow_extents(writer);
    add_loaded(writer);
    add_debug_frame(writer);
    add_symbols(writer, &names_index, &names);
    add_mapping(writer);
    add_undo(writer);
    if (!names_index) {
        for (size_t i = 1; i < elf->section_count; i++)
            writer->sections[i].sh_name = 0; // it stood nowhere
        names_index =
            add_section(writer, ".shstrtab",
                        (GElf_Shdr){.sh_type = SHT_STRTAB, .sh_addralign = 1});
    }
    for (size_t i = 1; i < writer->section_count; i++) {
        if (!writer->names[i].n)
            continue;
        writer->sections[i].sh_name = (GElf_Word)names.n;
        bytes_add(&names, writer->names[i].p, writer->names[i].n);
        bytes_u8(&names, 0);
    }
    GElf_Shdr *table = &writer->sections[names_index];
    table->sh_offset = add_tail(writer, (struct slice){names.p, names.n}, 1);
    table->sh_size = names.n;
    writer->header.e_shstrndx = (GElf_Half)names_index;
    put_headers(writer);
}
