// object_imports.c: what a relocatable object wants others to define.

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "image/elf_file.h"

static void add_symbols(struct arena *arena, Elf *elf, Elf_Scn *section,
                        struct str **names, size_t *count, size_t *room) {
    GElf_Shdr header;
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || !gelf_getshdr(section, &header) || header.sh_entsize == 0)
        return;
    for (size_t i = 1; i < header.sh_size / header.sh_entsize; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx != SHN_UNDEF)
            continue;
        const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
        if (name && name[0])
            *ARENA_PUSH(arena, *names, *count, *room) =
                str_copy(arena, str_from(name));
    }
}

// Why an object cannot take part; NULL: it can.
static const char *check(Elf *elf, const struct arch *arch) {
    GElf_Ehdr header;
    if (!elf || !gelf_getehdr(elf, &header) || header.e_type != ET_REL)
        return "this is no object file";
    bool is_64 = header.e_ident[EI_CLASS] == ELFCLASS64;
    if (header.e_machine != arch->elf_machine || is_64 != (arch->bits == 64))
        return "this is for another machine or data model";
    return NULL;
}

bool object_imports(struct arena *arena, const char *path,
                    const struct arch *arch, struct str **names, size_t *count,
                    struct diag *diag) {
    *names = NULL;
    *count = 0;
    struct file file;
    if (!file_open(&file, path, diag))
        return false;
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)(uintptr_t)file.data.p, file.data.n);
    const char *problem = check(elf, arch);
    if (problem)
        diag_error_at(diag, B_KIND, path, "%s", problem);
    size_t room = 0;
    for (Elf_Scn *section = NULL;
         !problem && (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
            add_symbols(arena, elf, section, names, count, &room);
    }
    if (elf)
        elf_end(elf);
    file_close(&file);
    return !problem;
}
