// elf_retag.c: changes of the dynamic section.
//
// Values change in place. A tag that is added takes one of the spare DT_NULL
// entries that GNU linkers leave at the end, and where there is none the
// entry of DT_RELACOUNT, which only tells the loader how many relocations it
// may hurry through. If even that is missing the whole section gets a copy in
// a writable segment of its own (loaders write to it).
//
// Addresses in added code, on machines whose code has such, are relocations
// more: the table gets a copy with them behind those that need no symbol (and
// before any that run code), and DT_TEXTREL says that code is among what is
// relocated.
//
// A search path that shall come first becomes a DT_RPATH: unlike DT_RUNPATH it
// holds for the libraries' own dependencies, too, and the environment cannot
// come before it.

#include <string.h>

#include "image/elf_writer.h"

enum { MOST_NEW = 3 }; // DT_INIT, DT_RPATH, DT_TEXTREL

static bool has_tag(const struct elf_file *elf, int64_t tag) {
    uint64_t value;
    return elf_dynamic_value(elf, tag, &value);
}

uint64_t retag_copy_len(const struct image *image) {
    const struct elf_file *elf = image->elf;
    if (!elf->dynamic_room)
        return 0;
    size_t missing = !image->arch->init_by_array && !has_tag(elf, DT_INIT);
    missing += image->arch->loader_relocs && !has_tag(elf, DT_FLAGS) &&
               !has_tag(elf, DT_TEXTREL);
    missing += !has_tag(elf, DT_RPATH) && !has_tag(elf, DT_RUNPATH);
    size_t spare = elf->dynamic_room - elf->dynamic_count;
    spare += has_tag(elf, DT_RELACOUNT) + has_tag(elf, DT_RELCOUNT);
    return spare > missing
               ? 0
               : (elf->dynamic_count + MOST_NEW + 1) * elf->dynamic_entry;
}

static GElf_Dyn *find_tag(struct elf_writer *writer, int64_t tag) {
    for (size_t i = 0; writer->dynamic && i < writer->dynamic_count; i++)
        if (writer->dynamic[i].d_tag == tag)
            return &writer->dynamic[i];
    return NULL;
}

static bool set_tag(struct elf_writer *writer, int64_t tag, uint64_t value) {
    GElf_Dyn *entry = find_tag(writer, tag);
    if (!entry && writer->dynamic_count + 1 < writer->dynamic_room)
        entry = &writer->dynamic[writer->dynamic_count++];
    if (!entry)
        entry = find_tag(writer, DT_RELACOUNT);
    if (!entry)
        entry = find_tag(writer, DT_RELCOUNT);
    if (!entry) {
        diag_error_at(writer->diag, R_ROOM,
                      elf_where(writer->image, "dynamic section"),
                      "no entry is free in it for the one that is needed "
                      "(tag 0x%llx)",
                      (unsigned long long)tag);
        return false;
    }
    entry->d_tag = tag;
    entry->d_un.d_val = value;
    return true;
}

static void remove_tag(struct elf_writer *writer, int64_t tag) {
    GElf_Dyn *entry = find_tag(writer, tag);
    if (!entry)
        return;
    size_t at = (size_t)(entry - writer->dynamic);
    memmove(entry, entry + 1, (writer->dynamic_count - at) * sizeof *entry);
    writer->dynamic_count--;
}

// Sections at the place of what was moved are there no longer.
static void move_section(struct elf_writer *writer, uint32_t type,
                         uint64_t from_off, uint64_t to_off, uint64_t to_va,
                         uint64_t len) {
    for (size_t i = 1; i < writer->elf->section_count; i++) {
        GElf_Shdr *section = &writer->sections[i];
        if (section->sh_offset == from_off && (section->sh_flags & SHF_ALLOC) &&
            section->sh_type == type) {
            section->sh_offset = to_off;
            section->sh_addr = to_va;
            section->sh_size = len;
        }
    }
}

// A table gets a copy, with more in it, which may have been displaced before.
static uint64_t put_copy(struct elf_writer *writer, uint32_t type,
                         uint64_t from, const struct bytes *table) {
    uint64_t to =
        writer_add_rodata(writer, (struct slice){table->p, table->n}, 16);
    for (size_t i = 0; i < writer->table.extent_count; i++)
        if (writer->table.extents[i].off == from)
            writer->table.extents[i].len = 0;
    move_section(writer, type, from, writer_rodata_off(writer, to), to,
                 table->n);
    return to;
}

// The string table gets a copy with one string more; `off` is where.
static bool add_string(struct elf_writer *writer, struct str text,
                       uint64_t *off) {
    struct image *image = writer->image;
    uint64_t va, len, from;
    if (!elf_dynamic_value(writer->elf, DT_STRTAB, &va) ||
        !elf_dynamic_value(writer->elf, DT_STRSZ, &len) ||
        !image_va_to_off(image, va, &from) ||
        !slice_contains(image->file.data, from, len)) {
        diag_error_at(writer->diag, B_HEADER,
                      elf_where(image, "dynamic section"),
                      "its string table is not in the file");
        return false;
    }
    struct bytes table;
    bytes_init(&table, writer->arena, image->arch->order);
    bytes_add(&table, image->file.data.p + from, len);
    *off = table.n;
    bytes_add(&table, text.p, text.n);
    bytes_u8(&table, 0);
    uint64_t to = put_copy(writer, SHT_STRTAB, from, &table);
    return set_tag(writer, DT_STRTAB, to) && set_tag(writer, DT_STRSZ, table.n);
}

static bool set_search_path(struct elf_writer *writer) {
    const struct image_links *links = &writer->additions->links;
    uint64_t off;
    if (!add_string(writer, links->search_path, &off))
        return false;
    GElf_Dyn *newer = find_tag(writer, DT_RUNPATH);
    if (newer && !links->comes_first)
        return set_tag(writer, DT_RUNPATH, off);
    if (newer && find_tag(writer, DT_RPATH))
        remove_tag(writer, DT_RUNPATH);
    else if (newer)
        newer->d_tag = DT_RPATH;
    return set_tag(writer, DT_RPATH, off);
}

static bool mark_code(struct elf_writer *writer) {
    GElf_Dyn *flags = find_tag(writer, DT_FLAGS);
    if (!flags)
        return find_tag(writer, DT_TEXTREL) || set_tag(writer, DT_TEXTREL, 0);
    flags->d_un.d_val |= DF_TEXTREL;
    return true;
}

// Relocations of added code. Those for calls, where they are counted as part of
// the table, have a tag of their own, and stay.
static bool add_relocs(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    const struct image *image = writer->image;
    const struct image_additions *additions = writer->additions;
    uint64_t va, from, first = 0;
    uint64_t len = elf_len_without_calls(elf, DT_RELA, DT_RELASZ);
    if (!image->is_dynamic || !elf_dynamic_value(elf, DT_RELA, &va) ||
        !image_va_to_off(image, va, &from) ||
        !slice_contains(image->file.data, from, len)) {
        diag_error_at(writer->diag, R_RELOCATION, image->path.p,
                      "code that is added holds addresses, and no loader is "
                      "there to relocate them: link the program with -no-pie");
        return false;
    }
    elf_dynamic_value(elf, DT_RELACOUNT, &first);
    first *= elf_reloc_len(elf);
    first = first < len ? first : len;
    struct bytes table;
    bytes_init(&table, writer->arena, image->arch->order);
    bytes_add(&table, image->file.data.p + from, first);
    for (size_t i = 0; i < additions->reloc_count; i++)
        elf_put_reloc(elf, &additions->relocs[i], &table);
    bytes_add(&table, image->file.data.p + from + first, len - first);
    uint64_t to = put_copy(writer, SHT_RELA, from, &table);
    return set_tag(writer, DT_RELA, to) &&
           set_tag(writer, DT_RELASZ, table.n) && mark_code(writer);
}

// The end of a path is the name, so the string is there.
static uint64_t skip_folders(const struct elf_writer *writer, uint64_t off) {
    struct slice strings = elf_dynamic_strings(writer->image);
    struct reader in = reader_open(strings, ORDER_LITTLE);
    reader_seek(&in, off);
    struct str path = reader_text(&in);
    const struct image_links *links = &writer->additions->links;
    for (size_t i = 0; i < links->bare_need_count; i++)
        if (str_equal(path, links->bare_needs[i]))
            return off + path.n - str_base_name(path).n;
    return off;
}

// Versions of symbols name the library that has them as DT_NEEDED does.
static void bare_versions(struct elf_writer *writer) {
    const struct image *image = writer->image;
    uint64_t va, count, off;
    if (!elf_dynamic_value(writer->elf, DT_VERNEED, &va) ||
        !elf_dynamic_value(writer->elf, DT_VERNEEDNUM, &count))
        return;
    for (uint64_t i = 0; i < count && image_va_to_off(image, va, &off); i++) {
        struct reader in =
            reader_open(image_bytes(image, va), image->arch->order);
        reader_uint(&in, 4); // version, number of entries
        uint64_t name = reader_uint(&in, 4);
        reader_uint(&in, 4);
        uint64_t next = reader_uint(&in, 4);
        uint64_t bare = skip_folders(writer, name);
        if (in.failed || next == 0)
            count = 0;
        if (!in.failed && bare != name) {
            uint8_t *bytes = arena_alloc(writer->arena, 4);
            store_uint(bytes, bare, 4, image->arch->order);
            writer_edit(writer, off + 4, (struct slice){bytes, 4});
        }
        va += next;
    }
}

static void bare_needs(struct elf_writer *writer) {
    for (size_t i = 0; i < writer->dynamic_count; i++) {
        GElf_Dyn *entry = &writer->dynamic[i];
        if (entry->d_tag == DT_NEEDED)
            entry->d_un.d_val = skip_folders(writer, entry->d_un.d_val);
    }
    bare_versions(writer);
}

static void follow_extents(struct elf_writer *writer) {
    static const int64_t tags[] = {DT_HASH,   DT_GNU_HASH, DT_SYMTAB, DT_STRTAB,
                                   DT_VERSYM, DT_RELA,     DT_REL};
    for (size_t i = 0; i < writer->table.extent_count; i++) {
        const struct extent *extent = &writer->table.extents[i];
        for (size_t j = 0; j < COUNT_OF(tags); j++) {
            GElf_Dyn *entry = find_tag(writer, tags[j]);
            uint64_t off;
            if (entry &&
                image_va_to_off(writer->image, entry->d_un.d_val, &off) &&
                off == extent->off)
                entry->d_un.d_val = extent->new_va;
        }
    }
}

static void write_entries(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    struct bytes out;
    bytes_init(&out, writer->arena, writer->image->arch->order);
    for (size_t i = 0; i < writer->dynamic_count; i++) {
        elf_put_word(elf, (uint64_t)writer->dynamic[i].d_tag, &out);
        elf_put_word(elf, writer->dynamic[i].d_un.d_val, &out);
    }
    // Entries that were freed end the list.
    uint64_t end = (elf->dynamic_count + 1) * elf->dynamic_entry;
    uint64_t most = writer->dynamic_room * elf->dynamic_entry;
    while (out.n < end && out.n < most)
        elf_put_word(elf, 0, &out);
    struct slice entries = {out.p, out.n};
    // A section that lacks its end, and needs nothing, stays as it is.
    if (!writer->table.dynamic_va ||
        writer->dynamic_count < elf->dynamic_room) {
        writer_edit(writer, elf->dynamic_off, entries);
        return;
    }
    writer->moved_dynamic = entries;
    for (size_t i = 1; i < elf->section_count; i++) {
        GElf_Shdr *section = &writer->sections[i];
        if (section->sh_type != SHT_DYNAMIC)
            continue;
        section->sh_offset = writer->moved_dynamic_off;
        section->sh_addr = writer->table.dynamic_va;
        section->sh_size = entries.n;
    }
}

static bool set_init(struct elf_writer *writer) {
    uint64_t init_va = writer->additions->new_init_va;
    return writer->image->arch->init_by_array
               ? elf_set_init(writer, init_va)
               : set_tag(writer, DT_INIT, init_va);
}

bool retag_dynamic(struct elf_writer *writer) {
    struct elf_file *elf = writer->elf;
    const struct image_additions *additions = writer->additions;
    if (!elf->dynamic_room) {
        if (!additions->new_init_va && !additions->links.search_path.n &&
            !additions->reloc_count)
            return true;
        diag_error_at(writer->diag, R_ROOM, writer->image->path.p,
                      "the file has no dynamic section to change");
        return false;
    }
    writer->dynamic_room =
        elf->dynamic_room + (writer->table.dynamic_va ? MOST_NEW : 0);
    writer->dynamic =
        ARENA_ARRAY(writer->arena, GElf_Dyn, writer->dynamic_room + 1);
    writer->dynamic_count = elf->dynamic_count;
    if (elf->dynamic_count)
        memcpy(writer->dynamic, elf->dynamic,
               elf->dynamic_count * sizeof *elf->dynamic);
    follow_extents(writer);
    if (additions->links.bare_need_count)
        bare_needs(writer);
    if (additions->links.search_path.n && !set_search_path(writer))
        return false;
    if (additions->new_init_va && !set_init(writer))
        return false;
    if (additions->reloc_count && !add_relocs(writer))
        return false;
    write_entries(writer);
    return true;
}
