// unit.c: relocatable objects as the cutter sees them.
//
// A unit is an object: sections with their bytes and relocations in order of
// their offsets, and symbols. There are two, the script's and the runtime's,
// and one table of all symbols that either defines; then the user's objects,
// which have a table of their own, so that neither side defines what the other
// means by a name.

#include "codegen/unit.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>

// Of the unit that is being read.
static bool refuse(struct units *units, const char *why) {
    const struct unit *unit = units->items[units->count - 1];
    if (unit->is_library)
        diag_error_at(units->diag, B_OBJECT,
                      str_terminated(units->arena, unit->name), "%s", why);
    else
        diag_error_at(units->diag, R_CODEGEN, NULL, "generated object: %s",
                      why);
    return false;
}

// What others wrote may say anything.
static bool is_sane(const struct section_piece *piece) {
    enum { MOST_LEN = 64 << 20, MOST_ALIGNMENT = 4096 };
    return piece->len <= MOST_LEN && piece->alignment <= MOST_ALIGNMENT &&
           (piece->alignment & (piece->alignment - 1)) == 0;
}

static bool read_section(struct units *units, struct unit *unit, Elf *elf,
                         Elf_Scn *scn, size_t names) {
    GElf_Shdr header;
    if (!gelf_getshdr(scn, &header))
        return refuse(units, elf_errmsg(-1));
    struct section_piece *piece = &unit->pieces[elf_ndxscn(scn)];
    piece->name = str_from(elf_strptr(elf, names, header.sh_name));
    piece->is_loaded = (header.sh_flags & SHF_ALLOC) != 0;
    piece->is_code = (header.sh_flags & SHF_EXECINSTR) != 0;
    piece->is_changed = (header.sh_flags & (SHF_WRITE | SHF_TLS)) != 0;
    piece->alignment = header.sh_addralign > UINT32_MAX ? UINT32_MAX
                       : header.sh_addralign ? (uint32_t)header.sh_addralign
                                             : 1;
    piece->len = header.sh_size;
    piece->is_unsupported = (header.sh_flags & SHF_TLS) != 0;
    if (piece->is_loaded && !is_sane(piece))
        return refuse(units, "a section's size or alignment cannot be");
    if (!piece->is_loaded || header.sh_type == SHT_NOBITS)
        return true;
    if (!slice_contains(unit->bytes, header.sh_offset, header.sh_size))
        return refuse(units, "a section outside of the file");
    piece->bytes = (struct slice){unit->bytes.p + header.sh_offset,
                                  (size_t)header.sh_size};
    return true;
}

// What is to be zero and has no section yet: its value is its alignment.
static struct section_piece *common_piece(struct units *units,
                                          const GElf_Sym *raw) {
    struct section_piece *piece = ARENA_NEW(units->arena, struct section_piece);
    *piece = (struct section_piece){.name = STR("COMMON"),
                                    .is_loaded = true,
                                    .is_changed = true,
                                    .alignment = (uint32_t)raw->st_value,
                                    .len = raw->st_size};
    return piece;
}

static bool define(struct units *units, struct unit *unit,
                   struct unit_symbol *symbol) {
    struct map *table = unit->is_library ? &units->library : &units->defined;
    const struct unit_symbol *other = map_get(table, symbol->name);
    if (other && symbol->is_weak)
        return true;
    if (!other || other->is_weak || !unit->is_library) {
        map_put(table, symbol->name, symbol);
        return true;
    }
    return refuse(
        units, str_format(units->arena, "%.*s is defined in %.*s as well",
                          STR_ARGS(symbol->name), STR_ARGS(other->unit->name))
                   .p);
}

// $d and $t or their like; the symbols come in order of their addresses.
static void add_mark(struct units *units, const struct unit_symbol *symbol) {
    struct section_piece *piece = symbol->piece;
    struct str name = symbol->name;
    if (name.n < 2 || name.p[0] != '$' || (name.n > 2 && name.p[2] != '.'))
        return;
    *ARENA_PUSH(units->arena, piece->marks, piece->mark_count,
                piece->mark_room) =
        (struct unit_mark){symbol->value, name.p[1] == 'd'};
}

static bool read_symbol(struct units *units, struct unit *unit, Elf *elf,
                        const GElf_Sym *raw, size_t names, size_t index) {
    struct unit_symbol *symbol = &unit->symbols[index];
    const char *name = elf_strptr(elf, names, raw->st_name);
    bool is_global = GELF_ST_BIND(raw->st_info) != STB_LOCAL;
    symbol->name = str_from(name ? name : "");
    symbol->is_function = GELF_ST_TYPE(raw->st_info) == STT_FUNC;
    symbol->value = raw->st_value;
    if (symbol->is_function && units->arch->abi.code_mask)
        symbol->value &= units->arch->abi.code_mask;
    symbol->mode = (uint8_t)(raw->st_value - symbol->value);
    symbol->len = raw->st_size;
    symbol->is_weak = GELF_ST_BIND(raw->st_info) == STB_WEAK;
    symbol->unit = unit;
    if (raw->st_shndx == SHN_UNDEF) {
        if (unit->is_library && is_global && symbol->name.n)
            map_put(&units->wanted, symbol->name, symbol);
        return true;
    }
    if (raw->st_shndx < unit->piece_count) {
        symbol->piece = &unit->pieces[raw->st_shndx];
    } else if (raw->st_shndx == SHN_COMMON && unit->is_library) {
        symbol->piece = common_piece(units, raw);
        symbol->value = 0;
        if (!is_sane(symbol->piece))
            return refuse(units, "a variable's size or alignment cannot be");
    } else {
        // Files are named so, constants of assemblers, and marks of sections
        // that are gone; nothing refers to them.
        return unit->is_library || GELF_ST_BIND(raw->st_info) == STB_LOCAL ||
               refuse(units, "a symbol of no section");
    }
    // Added code is of one encoding, and calls as if all were.
    if (unit->is_library && symbol->is_function && units->arch->modes &&
        symbol->mode != units->arch->mode)
        return refuse(units, str_format(units->arena,
                                        "%.*s is code of the machine's other "
                                        "encoding; compile it with -mthumb",
                                        STR_ARGS(symbol->name))
                                 .p);
    if (!is_global)
        add_mark(units, symbol);
    return !is_global || define(units, unit, symbol);
}

static bool read_symbols(struct units *units, struct unit *unit, Elf *elf,
                         Elf_Scn *scn) {
    GElf_Shdr header;
    Elf_Data *data = elf_getdata(scn, NULL);
    if (!data || !gelf_getshdr(scn, &header) || header.sh_entsize == 0)
        return refuse(units, "no symbols");
    unit->symbol_count = header.sh_size / header.sh_entsize;
    unit->symbols =
        ARENA_ARRAY(units->arena, struct unit_symbol, unit->symbol_count);
    for (size_t i = 0; i < unit->symbol_count; i++) {
        GElf_Sym raw;
        if (!gelf_getsym(data, (int)i, &raw))
            return refuse(units, elf_errmsg(-1));
        if (!read_symbol(units, unit, elf, &raw, header.sh_link, i))
            return false;
    }
    return true;
}

static int by_offset(const void *a, const void *b) {
    const struct unit_reloc *first = a, *second = b;
    return (first->off > second->off) - (first->off < second->off);
}

// The addend of a relocation whose object keeps it in the field. One that the
// machine has no row for is refused later, by name.
static bool addend_in_field(struct units *units,
                            const struct section_piece *piece, uint64_t off,
                            uint32_t type, int64_t *addend) {
    const struct reloc_row *row = arch_reloc(units->arch, type);
    const struct library_reloc *beyond = arch_library_reloc(units->arch, type);
    if (!row && beyond)
        row = &beyond->row;
    *addend = 0;
    if (!row || !piece->is_loaded)
        return true;
    if (!units->arch->addend)
        return refuse(units, "relocations without addends");
    if (!slice_contains(piece->bytes, off, row->len))
        return refuse(units, "a relocation outside of its section");
    *addend = units->arch->addend(row, piece->bytes.p + off);
    return true;
}

// Bytes of a relocation's field; 0: the machine has no row for it.
static uint8_t field_len(const struct arch *arch, uint32_t type) {
    const struct reloc_row *row = arch_reloc(arch, type);
    const struct library_reloc *beyond = arch_library_reloc(arch, type);
    return row ? row->len : beyond ? beyond->row.len : 0;
}

static bool is_ignored(const struct units *units, const struct unit *unit,
                       uint32_t type) {
    const struct library_reloc *reloc = arch_library_reloc(units->arch, type);
    return unit->is_library && reloc && reloc->is_ignored;
}

static bool read_relocs(struct units *units, struct unit *unit, Elf_Scn *scn,
                        const GElf_Shdr *header) {
    Elf_Data *data = elf_getdata(scn, NULL);
    if (!data || header->sh_info >= unit->piece_count || !header->sh_entsize)
        return refuse(units, "relocations of no section");
    struct section_piece *piece = &unit->pieces[header->sh_info];
    piece->reloc_count = header->sh_size / header->sh_entsize;
    piece->relocs =
        ARENA_ARRAY(units->arena, struct unit_reloc, piece->reloc_count);
    size_t kept = 0;
    for (size_t i = 0; i < piece->reloc_count; i++) {
        GElf_Rela raw;
        GElf_Rel plain;
        bool is_read = header->sh_type == SHT_RELA
                           ? gelf_getrela(data, (int)i, &raw) != NULL
                           : gelf_getrel(data, (int)i, &plain) != NULL;
        if (is_read && header->sh_type == SHT_REL)
            raw = (GElf_Rela){plain.r_offset, plain.r_info, 0};
        if (!is_read || GELF_R_SYM(raw.r_info) >= unit->symbol_count)
            return refuse(units, "a relocation without a symbol");
        struct unit_symbol *symbol = &unit->symbols[GELF_R_SYM(raw.r_info)];
        uint32_t type = (uint32_t)GELF_R_TYPE(raw.r_info);
        int64_t addend = raw.r_addend;
        if (is_ignored(units, unit, type))
            continue;
        if (unit->is_library && piece->is_loaded &&
            !slice_contains(piece->bytes, raw.r_offset,
                            field_len(units->arch, type)))
            return refuse(units, "a relocation outside of its section");
        if (header->sh_type == SHT_REL &&
            !addend_in_field(units, piece, raw.r_offset, type, &addend))
            return false;
        piece->relocs[kept++] =
            (struct unit_reloc){raw.r_offset, type, addend, symbol};
    }
    piece->reloc_count = kept;
    qsort(piece->relocs, piece->reloc_count, sizeof *piece->relocs, by_offset);
    return true;
}

// Symbols name sections and relocations name symbols, so three passes.
static bool read_all(struct units *units, struct unit *unit, Elf *elf) {
    size_t names;
    if (elf_getshdrnum(elf, &unit->piece_count) != 0 ||
        elf_getshdrstrndx(elf, &names) != 0)
        return refuse(units, elf_errmsg(-1));
    unit->pieces =
        ARENA_ARRAY(units->arena, struct section_piece, unit->piece_count);
    for (int pass = 0; pass < 3; pass++) {
        Elf_Scn *scn = NULL;
        while ((scn = elf_nextscn(elf, scn))) {
            GElf_Shdr header;
            if (!gelf_getshdr(scn, &header))
                return refuse(units, elf_errmsg(-1));
            bool fine = true;
            if (pass == 0)
                fine = read_section(units, unit, elf, scn, names);
            else if (pass == 1 && header.sh_type == SHT_SYMTAB)
                fine = read_symbols(units, unit, elf, scn);
            else if (pass == 2 &&
                     (header.sh_type == SHT_RELA || header.sh_type == SHT_REL))
                fine = read_relocs(units, unit, scn, &header);
            if (!fine)
                return false;
        }
    }
    return true;
}

// Functions that run before a program does, which nobody would call here.
static bool has_constructors(const struct unit *unit) {
    for (size_t i = 0; i < unit->piece_count; i++)
        if (unit->pieces[i].len &&
            (str_starts_with(unit->pieces[i].name, STR(".init_array")) ||
             str_starts_with(unit->pieces[i].name, STR(".ctors"))))
            return true;
    return false;
}

bool unit_read(struct units *units, struct slice bytes, struct str name,
               bool is_library) {
    struct unit *unit = ARENA_NEW(units->arena, struct unit);
    *ARENA_PUSH(units->arena, units->items, units->count, units->room) = unit;
    unit->bytes = bytes;
    unit->name = name;
    unit->is_library = is_library;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return refuse(units, elf_errmsg(-1));
    // libelf only reads; its interface does not say so.
    Elf *elf = elf_memory((char *)(uintptr_t)bytes.p, bytes.n);
    if (!elf || elf_kind(elf) != ELF_K_ELF) {
        elf_end(elf);
        return refuse(units, "it is no ELF file");
    }
    // Names are libelf's.
    *ARENA_PUSH(units->arena, units->handles, units->handle_count,
                units->handle_room) = elf;
    return read_all(units, unit, elf) &&
           (!is_library || !has_constructors(unit) ||
            refuse(units, "it has constructors, which nobody would run"));
}

// --- within a function ---

static bool is_in(const struct unit_symbol *function, uint64_t off) {
    return off >= function->value && off - function->value < function->len;
}

static bool is_within_function(const struct unit *unit,
                               const struct section_piece *piece, uint64_t from,
                               uint64_t to) {
    for (size_t i = 0; i < unit->symbol_count; i++) {
        const struct unit_symbol *symbol = &unit->symbols[i];
        if (symbol->is_function && symbol->piece == piece &&
            is_in(symbol, from) && is_in(symbol, to))
            return true;
    }
    return false;
}

static bool settle(const struct unit *unit, const struct section_piece *piece,
                   const struct unit_reloc *reloc, const struct arch *arch,
                   uint8_t *bytes) {
    const struct reloc_row *row = arch_reloc(arch, reloc->type);
    uint64_t target = reloc->symbol->value + (uint64_t)reloc->addend;
    if (reloc->symbol->piece != piece || !row || !row->pc_relative ||
        (arch->is_second_half && arch->is_second_half(reloc->type)) ||
        !is_within_function(unit, piece, reloc->off, target) ||
        piece->bytes.n - reloc->off < row->len)
        return false;
    uint8_t *field = bytes + reloc->off;
    if (row->store)
        return row->store(field, reloc->off, target - reloc->off);
    store_uint(field, target - reloc->off, row->len, arch->order);
    return true;
}

void unit_settle(const struct units *units, struct unit *unit,
                 const struct arch *arch) {
    for (size_t i = 0; i < unit->piece_count; i++) {
        struct section_piece *piece = &unit->pieces[i];
        if (!piece->is_code || piece->reloc_count == 0)
            continue;
        uint8_t *bytes = arena_grow(units->arena, piece->bytes.p,
                                    piece->bytes.n, piece->bytes.n);
        piece->bytes.p = bytes;
        size_t kept = 0;
        for (size_t k = 0; k < piece->reloc_count; k++)
            if (!settle(unit, piece, &piece->relocs[k], arch, bytes))
                piece->relocs[kept++] = piece->relocs[k];
        piece->reloc_count = kept;
    }
}

void units_close(struct units *units) {
    for (size_t i = 0; i < units->handle_count; i++)
        elf_end(units->handles[i]);
}
