// elf_dynamic.c: the dynamic section and what it leads to.
//
// The loader finds everything through the dynamic section's tags and so do
// we; section headers are not asked, since they may be missing. The one thing
// no tag tells is the number of dynamic symbols: it follows from the hash
// tables and from the highest symbol that a relocation mentions.
//
// Of relocations the type is asked where a program is moved, and nowhere else.
// All that matters is which address or symbol lands where, and that is the same
// on every machine: the symbol if there is one, else the addend. What is no
// address at all (an offset of thread-local storage) may look like one, which
// is harmless: one place more that counts as a possible target.

#include <string.h>

#include "image/elf_file.h"

// Tags of what lies somewhere in the image.
static bool is_address(int64_t tag) {
    static const int64_t tags[] = {
        DT_PLTGOT,     DT_HASH,         DT_STRTAB, DT_SYMTAB, DT_RELA,
        DT_INIT,       DT_FINI,         DT_REL,    DT_JMPREL, DT_INIT_ARRAY,
        DT_FINI_ARRAY, DT_GNU_HASH,     DT_RELR,   DT_VERSYM, DT_VERDEF,
        DT_VERNEED,    DT_PREINIT_ARRAY};
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static bool read_entries(struct image *image, const GElf_Phdr *segment,
                         struct diag *diag) {
    struct elf_file *elf = image->elf;
    uint64_t len = segment->p_filesz;
    elf->dynamic_entry = elf->word * 2;
    elf->dynamic_off = segment->p_offset;
    elf->dynamic_room = len / elf->dynamic_entry;
    len = elf->dynamic_room * elf->dynamic_entry;
    Elf_Data *data =
        len ? elf_getdata_rawchunk(elf->handle, (int64_t)segment->p_offset, len,
                                   ELF_T_DYN)
            : NULL;
    if (!data) {
        diag_error_at(diag, B_TRUNCATED, image->path.p,
                      "the dynamic section (0x%llx bytes at offset 0x%llx) is "
                      "not in the file",
                      (unsigned long long)segment->p_filesz,
                      (unsigned long long)segment->p_offset);
        return false;
    }
    elf->dynamic = ARENA_ARRAY(image->arena, GElf_Dyn, elf->dynamic_room);
    for (size_t i = 0; i < elf->dynamic_room; i++) {
        GElf_Dyn *entry = &elf->dynamic[elf->dynamic_count];
        if (!gelf_getdyn(data, (int)i, entry) || entry->d_tag == DT_NULL)
            break;
        if (is_address(entry->d_tag))
            entry->d_un.d_ptr = elf_moved(elf, entry->d_un.d_ptr);
        elf->dynamic_count++;
    }
    return true;
}

static uint64_t value_of(const struct elf_file *elf, int64_t tag) {
    uint64_t value = 0;
    elf_dynamic_value(elf, tag, &value);
    return value;
}

// The string table, as far as the file has it.
struct slice elf_dynamic_strings(const struct image *image) {
    const struct elf_file *elf = image->elf;
    struct slice strings = image_bytes(image, value_of(elf, DT_STRTAB));
    uint64_t len = value_of(elf, DT_STRSZ);
    if (len < strings.n)
        strings.n = len;
    return strings;
}

static struct str string_at(struct slice strings, uint64_t off) {
    struct reader in = reader_open(strings, ORDER_LITTLE);
    reader_seek(&in, off);
    return reader_text(&in);
}

static void read_names(struct image *image) {
    const struct elf_file *elf = image->elf;
    struct slice strings = elf_dynamic_strings(image);
    image->needed = ARENA_ARRAY(image->arena, struct str, elf->dynamic_count);
    struct str old_runpath = {0};
    for (size_t i = 0; i < elf->dynamic_count; i++) {
        const GElf_Dyn *entry = &elf->dynamic[i];
        struct str text = string_at(strings, entry->d_un.d_val);
        switch (entry->d_tag) {
        case DT_NEEDED: image->needed[image->needed_count++] = text; break;
        case DT_SONAME: image->soname = text; break;
        case DT_RUNPATH: image->runpath = text; break;
        case DT_RPATH: old_runpath = text; break;
        case DT_FLAGS_1:
            image->avoids_defaults = entry->d_un.d_val & DF_1_NODEFLIB;
            break;
        default: break;
        }
    }
    // Loaders ignore the old tag where both stand.
    if (!image->runpath.n && old_runpath.n) {
        image->runpath = old_runpath;
        image->has_old_runpath = true;
    }
}

// Symbols by DT_HASH, whose second word counts the chain: one per symbol.
static uint64_t count_by_hash(const struct image *image, uint64_t va,
                              uint64_t *len) {
    struct reader in = reader_open(image_bytes(image, va), image->arch->order);
    uint64_t buckets = reader_uint(&in, 4), count = reader_uint(&in, 4);
    *len = (2 + buckets + count) * 4;
    return in.failed || *len > in.data.n ? 0 : count;
}

// Symbols by DT_GNU_HASH: the longest chain starts at the highest bucket, and
// ends where the lowest bit is set.
static uint64_t count_by_gnu_hash(const struct image *image, uint64_t va,
                                  uint64_t *len) {
    struct reader in = reader_open(image_bytes(image, va), image->arch->order);
    uint64_t buckets = reader_uint(&in, 4), first = reader_uint(&in, 4);
    uint64_t filters = reader_uint(&in, 4);
    reader_uint(&in, 4);
    reader_seek(&in, 16 + filters * image->elf->word);
    uint64_t last = 0;
    for (uint64_t i = 0; i < buckets && !in.failed; i++) {
        uint64_t bucket = reader_uint(&in, 4);
        if (bucket > last)
            last = bucket;
    }
    uint64_t chains = in.at;
    if (last < first || in.failed) {
        *len = in.failed ? 0 : chains;
        return in.failed ? 0 : first;
    }
    reader_seek(&in, chains + (last - first) * 4);
    while (!in.failed && !(reader_uint(&in, 4) & 1))
        last++;
    *len = in.failed ? 0 : in.at;
    return in.failed ? 0 : last + 1;
}

// By `info`, as the file has it. What is moved finds its own addresses, of
// which it has made no note elsewhere, by the distance.
static void add_reloc(struct image *image, uint64_t va, uint64_t value,
                      uint64_t info, size_t *room) {
    struct elf_file *elf = image->elf;
    uint32_t type = (uint32_t)GELF_R_TYPE(info);
    *ARENA_PUSH(image->arena, elf->relocs, elf->reloc_count, *room) =
        (struct elf_reloc){.va = elf_moved(elf, va),
                           .value = type == image->arch->relative_reloc
                                        ? elf_moved(elf, value)
                                        : value,
                           .symbol = (uint32_t)GELF_R_SYM(info),
                           .type = type};
}

static uint64_t word_at(const struct image *image, uint64_t va) {
    struct slice bytes = image_bytes(image, elf_moved(image->elf, va));
    unsigned word = image->elf->word;
    return bytes.n < word ? 0 : load_uint(bytes.p, word, image->arch->order);
}

static void read_rela(struct image *image, Elf_Data *data, size_t *room) {
    for (int i = 0; data; i++) {
        GElf_Rela rela;
        if (!gelf_getrela(data, i, &rela))
            break;
        add_reloc(image, rela.r_offset, (uint64_t)rela.r_addend, rela.r_info,
                  room);
    }
}

static void read_rel(struct image *image, Elf_Data *data, size_t *room) {
    for (int i = 0; data; i++) {
        GElf_Rel rel;
        if (!gelf_getrel(data, i, &rel))
            break;
        add_reloc(image, rel.r_offset, word_at(image, rel.r_offset), rel.r_info,
                  room);
    }
}

// Packed relative relocations: an even word is an address, an odd one a bit
// map of the words that follow it.
static void read_relr(struct image *image, uint64_t va, uint64_t len,
                      size_t *room) {
    unsigned word = image->elf->word;
    uint64_t relative = image->arch->relative_reloc;
    struct slice bytes = image_bytes(image, va);
    if (len < bytes.n)
        bytes.n = len;
    struct reader in = reader_open(bytes, image->arch->order);
    uint64_t at = 0;
    while (in.data.n - in.at >= word) {
        uint64_t entry = reader_uint(&in, word);
        if (!(entry & 1)) {
            add_reloc(image, entry, word_at(image, entry), relative, room);
            at = entry + word;
            continue;
        }
        for (unsigned bit = 1; bit < word * 8; bit++) {
            uint64_t place = at + (bit - 1) * word;
            if (entry >> bit & 1)
                add_reloc(image, place, word_at(image, place), relative, room);
        }
        at += (word * 8 - 1) * word;
    }
}

uint64_t elf_len_without_calls(const struct elf_file *elf, int64_t table,
                               int64_t size) {
    uint64_t va = value_of(elf, table), len = value_of(elf, size);
    uint64_t calls_va = value_of(elf, DT_JMPREL);
    uint64_t calls_len = value_of(elf, DT_PLTRELSZ);
    bool is_end = calls_va > va && calls_va + calls_len == va + len;
    return is_end ? len - calls_len : len;
}

static void read_relocs(struct image *image) {
    struct elf_file *elf = image->elf;
    size_t room = 0;
    uint64_t va = value_of(elf, DT_RELA);
    uint64_t len = elf_len_without_calls(elf, DT_RELA, DT_RELASZ);
    read_rela(image, elf_chunk(image, va, len, ELF_T_RELA), &room);
    va = value_of(elf, DT_REL);
    len = elf_len_without_calls(elf, DT_REL, DT_RELSZ);
    read_rel(image, elf_chunk(image, va, len, ELF_T_REL), &room);
    size_t first_call = elf->reloc_count;
    va = value_of(elf, DT_JMPREL);
    len = value_of(elf, DT_PLTRELSZ);
    if (value_of(elf, DT_PLTREL) == DT_REL)
        read_rel(image, elf_chunk(image, va, len, ELF_T_REL), &room);
    else
        read_rela(image, elf_chunk(image, va, len, ELF_T_RELA), &room);
    for (size_t i = first_call; i < elf->reloc_count; i++) {
        elf->relocs[i].is_call = true;
        // What lies in the slot of a function by name is no addend: it leads
        // to what binds the slot.
        if (elf->relocs[i].symbol && value_of(elf, DT_PLTREL) == DT_REL)
            elf->relocs[i].value = 0;
    }
    read_relr(image, value_of(elf, DT_RELR), value_of(elf, DT_RELRSZ), &room);
}

// A static program has no dynamic section, but relocations that its start-up
// code carries out (IFUNCs).
static void read_static_relocs(struct image *image) {
    const struct elf_file *elf = image->elf;
    size_t room = 0;
    for (size_t i = 1; i < elf->section_count; i++) {
        const GElf_Shdr *section = &elf->sections[i];
        if (!(section->sh_flags & SHF_ALLOC))
            continue;
        uint64_t va = section->sh_addr, len = section->sh_size;
        if (section->sh_type == SHT_RELA)
            read_rela(image, elf_chunk(image, va, len, ELF_T_RELA), &room);
        if (section->sh_type == SHT_REL)
            read_rel(image, elf_chunk(image, va, len, ELF_T_REL), &room);
    }
}

static uint64_t count_symbols(struct image *image) {
    struct elf_file *elf = image->elf;
    uint64_t count = 0, va, more;
    if (elf_dynamic_value(elf, DT_HASH, &va))
        count = count_by_hash(image, va, &elf->hash_len);
    if (elf_dynamic_value(elf, DT_GNU_HASH, &va)) {
        more = count_by_gnu_hash(image, va, &elf->gnu_hash_len);
        count = more > count ? more : count;
    }
    for (size_t i = 0; i < elf->reloc_count; i++)
        if (elf->relocs[i].symbol >= count)
            count = (uint64_t)elf->relocs[i].symbol + 1;
    // Without exported symbols the hash table does not tell; a section may.
    va = value_of(elf, DT_SYMTAB);
    for (size_t i = 1; i < elf->section_count; i++) {
        const GElf_Shdr *section = &elf->sections[i];
        if (section->sh_type == SHT_DYNSYM && section->sh_addr == va &&
            section->sh_size / elf_symbol_len(elf) > count)
            count = section->sh_size / elf_symbol_len(elf);
    }
    uint64_t most = image_bytes(image, va).n / elf_symbol_len(elf);
    return count < most ? count : most;
}

static void read_symbols(struct image *image) {
    struct elf_file *elf = image->elf;
    uint64_t count = count_symbols(image);
    struct slice strings = elf_dynamic_strings(image);
    elf->symbols_len = count * elf_symbol_len(elf);
    Elf_Data *data =
        elf_chunk(image, value_of(elf, DT_SYMTAB), elf->symbols_len, ELF_T_SYM);
    if (!data)
        return;
    elf->dynamic_symbols =
        ARENA_ARRAY(image->arena, struct dynamic_symbol, count);
    image->imports = ARENA_ARRAY(image->arena, struct str, count);
    for (; elf->dynamic_symbol_count < count; elf->dynamic_symbol_count++) {
        GElf_Sym symbol;
        size_t i = elf->dynamic_symbol_count;
        if (!gelf_getsym(data, (int)i, &symbol))
            break;
        struct dynamic_symbol *to = &elf->dynamic_symbols[i];
        to->name = string_at(strings, symbol.st_name);
        bool is_code = GELF_ST_TYPE(symbol.st_info) == STT_FUNC ||
                       GELF_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC;
        to->va =
            is_code ? image_plain_va(image, symbol.st_value) : symbol.st_value;
        to->is_defined = symbol.st_shndx != SHN_UNDEF;
        if (to->is_defined && symbol.st_shndx < SHN_LORESERVE)
            to->va = elf_moved(elf, to->va);
        if (!to->is_defined && to->name.n)
            image->imports[image->import_count++] = to->name;
    }
}

bool elf_read_dynamic(struct image *image, struct diag *diag) {
    struct elf_file *elf = image->elf;
    const GElf_Phdr *dynamic = NULL;
    for (size_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].p_type == PT_DYNAMIC)
            dynamic = &elf->segments[i];
    if (!dynamic)
        return true;
    if (!read_entries(image, dynamic, diag))
        return false;
    read_names(image);
    return true;
}

void elf_read_relocs(struct image *image) {
    if (image->elf->dynamic_room == 0) {
        read_static_relocs(image);
    } else {
        read_relocs(image);
        read_symbols(image);
    }
}
