// library.c: objects of the user's that take part (--library).
//
// A file is an object or an archive of some. Objects are taken whole, members
// of archives as linkers do: those that define what is still wanted, which at
// first is what the runtime would like of a platform.

#include "codegen/unit.h"

#include <ar.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

// What a library may supply, and which function of the runtime then stands in
// for another (runtime/platform.c).
static const struct supply {
    const char *supplied, *instead_of, *stands_in;
} supplies[] = {
    {"platform_send", "mct_send_out", "mct_send_by_platform"},
    {"platform_send", "mct_record_out", "mct_record_by_platform"},
    {"platform_alloc_memory", "mct_map_private", "mct_map_by_platform"},
    {"platform_timestamp", "mct_timestamp_asked", "mct_timestamp_by_platform"},
};

struct member {
    struct str name; // for messages
    struct slice bytes;
    bool is_taken;
};

struct archive {
    struct member *items;
    size_t count, room;
};

static bool refuse(struct units *units, struct str name, const char *why) {
    diag_error_at(units->diag, B_OBJECT, str_terminated(units->arena, name),
                  "%s", why);
    return false;
}

// --- files ---

static bool check_object(struct units *units, const struct arch *arch,
                         const struct member *member) {
    elf_version(EV_CURRENT);
    GElf_Ehdr header;
    Elf *elf = elf_memory((char *)(uintptr_t)member->bytes.p, member->bytes.n);
    const char *problem = NULL;
    if (!elf || !gelf_getehdr(elf, &header) || header.e_type != ET_REL)
        problem = "this is no object file or archive of some";
    else if (!slice_contains(member->bytes, header.e_shoff,
                             (uint64_t)header.e_shnum * header.e_shentsize))
        problem = "the object ends early";
    else if (header.e_machine != arch->elf_machine ||
             (header.e_ident[EI_CLASS] == ELFCLASS64) != (arch->bits == 64) ||
             (header.e_ident[EI_DATA] == ELFDATA2MSB) !=
                 (arch->order == ORDER_BIG))
        problem =
            str_format(units->arena, "the object is not for %s", arch->name).p;
    elf_end(elf);
    return !problem || refuse(units, member->name, problem);
}

static size_t decimal(const char *field, size_t width) {
    size_t number = 0;
    for (size_t i = 0; i < width && field[i] >= '0' && field[i] <= '9'; i++)
        number = number * 10 + (size_t)(field[i] - '0');
    return number;
}

// The name of a member: its own field, or a line of the table of long ones.
static struct str member_name(const struct ar_hdr *header, struct str longs) {
    const char *name = header->ar_name;
    size_t n = 0;
    if (name[0] == '/' && name[1] >= '0' && name[1] <= '9') {
        size_t at = decimal(name + 1, sizeof header->ar_name - 1);
        struct str rest = str_slice(longs, at, longs.n);
        while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '\n')
            n++;
        return str_slice(rest, 0, n);
    }
    while (n < sizeof header->ar_name && name[n] != '/' && name[n] != ' ')
        n++;
    return (struct str){name, n};
}

static bool is_special(const struct ar_hdr *header, const char *name) {
    size_t n = strlen(name);
    return memcmp(header->ar_name, name, n) == 0 && header->ar_name[n] == ' ';
}

static bool read_archive(struct units *units, struct str path,
                         struct slice bytes, struct archive *archive) {
    struct str longs = {0};
    for (size_t at = SARMAG; at < bytes.n;) {
        const struct ar_hdr *header = (const struct ar_hdr *)(bytes.p + at);
        if (!slice_contains(bytes, at, sizeof *header) ||
            memcmp(header->ar_fmag, ARFMAG, 2) != 0)
            return refuse(units, path, "the archive is damaged");
        size_t len = decimal(header->ar_size, sizeof header->ar_size);
        at += sizeof *header;
        if (!slice_contains(bytes, at, len))
            return refuse(units, path, "the archive ends within a member");
        struct slice data = {bytes.p + at, len};
        at += len + len % 2;
        if (is_special(header, "//"))
            longs = (struct str){(const char *)data.p, data.n};
        if (is_special(header, "//") || is_special(header, "/") ||
            is_special(header, "/SYM64/"))
            continue;
        struct str name = member_name(header, longs);
        *ARENA_PUSH(units->arena, archive->items, archive->count,
                    archive->room) =
            (struct member){.name = str_format(units->arena, "%.*s(%.*s)",
                                               STR_ARGS(path), STR_ARGS(name)),
                            .bytes = data};
    }
    return true;
}

// --- what is taken ---

static bool take_object(struct units *units, const struct arch *arch,
                        struct member *member) {
    member->is_taken = true;
    return check_object(units, arch, member) &&
           unit_read(units, member->bytes, member->name, true);
}

static bool is_wanted(const struct units *units, struct str name) {
    if (map_get(&units->library, name) || map_get(&units->defined, name))
        return false;
    for (size_t i = 0; i < COUNT_OF(supplies); i++)
        if (str_is(name, supplies[i].supplied))
            return true;
    return map_get(&units->wanted, name) != NULL;
}

// Whether a member defines what is wanted.
static bool has_wanted(struct units *units, const struct member *member) {
    Elf *elf = elf_memory((char *)(uintptr_t)member->bytes.p, member->bytes.n);
    bool found = false;
    for (Elf_Scn *scn = NULL; elf && (scn = elf_nextscn(elf, scn));) {
        GElf_Shdr header;
        GElf_Sym symbol;
        Elf_Data *data = NULL;
        if (gelf_getshdr(scn, &header) && header.sh_type == SHT_SYMTAB)
            data = elf_getdata(scn, NULL);
        for (int i = 1; data && gelf_getsym(data, i, &symbol) && !found; i++) {
            const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
            found = name && symbol.st_shndx != SHN_UNDEF &&
                    GELF_ST_BIND(symbol.st_info) != STB_LOCAL &&
                    is_wanted(units, str_from(name));
        }
    }
    elf_end(elf);
    return found;
}

static bool take_members(struct units *units, const struct arch *arch,
                         struct archive *archive) {
    bool has_more = true;
    while (has_more) {
        has_more = false;
        for (size_t i = 0; i < archive->count; i++) {
            struct member *member = &archive->items[i];
            if (member->is_taken || !has_wanted(units, member))
                continue;
            if (!take_object(units, arch, member))
                return false;
            has_more = true;
        }
    }
    return true;
}

static bool check_members(struct units *units, const struct arch *arch,
                          const struct archive *archive) {
    for (size_t i = 0; i < archive->count; i++)
        if (!check_object(units, arch, &archive->items[i]))
            return false;
    return true;
}

static bool supplies_any(struct units *units,
                         const struct codegen_input *input) {
    for (size_t i = 0; i < COUNT_OF(supplies); i++)
        if (map_get(&units->library, str_from(supplies[i].supplied)))
            return true;
    return !input->library_count ||
           refuse(units, str_from(input->libraries[0].path),
                  "no library defines platform_send, platform_alloc_memory or "
                  "platform_timestamp");
}

// Constants between functions are marked as data where a machine has such.
static bool is_data(const struct section_piece *piece, uint64_t off) {
    bool data = false;
    for (size_t i = 0; i < piece->mark_count && piece->marks[i].off <= off; i++)
        data = piece->marks[i].is_data;
    return data;
}

// Of system calls and what is not known it is believed of all registers.
static bool changes_vectors(const struct arch *arch, const struct insn *insn) {
    regset all = arch->abi.general;
    return insn->kind == INSN_PLAIN && (insn->clobbers & all) != all &&
           (insn->clobbers & arch->abi.kept_by_library);
}

// Added code saves general registers alone; that this one changes no others is
// seen from its instructions.
static bool check_code(struct units *units, const struct unit *unit,
                       const struct section_piece *piece) {
    const struct arch *arch = units->arch;
    struct insn insn;
    for (uint64_t off = 0; off < piece->bytes.n; off += insn.len) {
        struct code at = {
            {piece->bytes.p + off, piece->bytes.n - off}, off, arch->mode};
        insn = (struct insn){.len = arch->insn_align};
        if (is_data(piece, off) || !arch->decode(&at, &insn) ||
            !changes_vectors(arch, &insn))
            continue;
        refuse(units, unit->name,
               str_format(units->arena,
                          "it changes registers of floating point or vectors "
                          "(%.*s+0x%llx), which nobody keeps for the program",
                          STR_ARGS(piece->name), (unsigned long long)off)
                   .p);
        diag_help(units->diag, "compile it with -mgeneral-regs-only, "
                               "-msoft-float or a -march without them");
        return false;
    }
    return true;
}

static bool check_registers(struct units *units) {
    for (size_t i = 0; i < units->count; i++) {
        const struct unit *unit = units->items[i];
        for (size_t k = 0; unit->is_library && k < unit->piece_count; k++)
            if (unit->pieces[k].is_code && unit->pieces[k].is_loaded &&
                !check_code(units, unit, &unit->pieces[k]))
                return false;
    }
    return true;
}

bool library_read(struct units *units, const struct codegen_input *input) {
    struct archive archive = {0};
    for (size_t i = 0; i < input->library_count; i++) {
        const struct library_file *file = &input->libraries[i];
        struct str path = str_from(file->path);
        bool is_archive = file->bytes.n >= SARMAG &&
                          memcmp(file->bytes.p, ARMAG, SARMAG) == 0;
        struct member object = {.name = path, .bytes = file->bytes};
        if (is_archive ? !read_archive(units, path, file->bytes, &archive)
                       : !take_object(units, input->arch, &object))
            return false;
    }
    return check_members(units, input->arch, &archive) &&
           take_members(units, input->arch, &archive) &&
           supplies_any(units, input) && check_registers(units);
}

const char *library_stand_in(const struct units *units, struct str name) {
    for (size_t i = 0; i < COUNT_OF(supplies); i++)
        if (str_is(name, supplies[i].instead_of) &&
            map_get(&units->library, str_from(supplies[i].supplied)))
            return supplies[i].stands_in;
    return NULL;
}
