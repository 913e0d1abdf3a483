// elf_read.c: an ELF file becomes a struct image.
//
// The order is that of trust. First the file header: class, byte order and
// machine must be ones we know. Then the program headers, which the loader
// goes by: a segment that leaves the file or runs into another is refused.
// Then the section headers, if there are any, which must lie in the file, too.
// Everything that is built on them (symbols, relocations, unwind tables) is
// optional: where it is damaged, less is known of the image, and that is all.
//
// libelf reads from the mapped file; nothing is copied where class and byte
// order are the host's.

#include <stdlib.h>
#include <string.h>

#include "image/elf_file.h"

const char *elf_where(const struct image *image, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str place = str_vformat(image->arena, format, args);
    va_end(args);
    return str_format(image->arena, "%.*s: %.*s", STR_ARGS(image->path),
                      STR_ARGS(place))
        .p;
}

static bool elf_claims(struct slice bytes) {
    return bytes.n >= SELFMAG && memcmp(bytes.p, ELFMAG, SELFMAG) == 0;
}

bool elf_dynamic_value(const struct elf_file *elf, int64_t tag,
                       uint64_t *value) {
    for (size_t i = 0; i < elf->dynamic_count; i++) {
        if (elf->dynamic[i].d_tag == tag) {
            *value = elf->dynamic[i].d_un.d_val;
            return true;
        }
    }
    return false;
}

Elf_Data *elf_chunk(const struct image *image, uint64_t va, uint64_t len,
                    Elf_Type type) {
    uint64_t off;
    if (len == 0 || !image_va_to_off(image, va, &off) ||
        len > image_bytes(image, va).n)
        return NULL;
    return elf_getdata_rawchunk(image->elf->handle, (int64_t)off, len, type);
}

// What the file header must be for us to go on.
static bool read_header(struct image *image, struct diag *diag) {
    struct elf_file *elf = image->elf;
    struct slice data = image->file.data;
    const char *path = image->path.p;
    if (data.n < EI_NIDENT) {
        diag_error_at(diag, B_TRUNCATED, path,
                      "the file ends within the ELF header (%zu bytes)",
                      data.n);
        return false;
    }
    unsigned class = data.p[EI_CLASS], order = data.p[EI_DATA];
    if ((class != ELFCLASS32 && class != ELFCLASS64) ||
        (order != ELFDATA2LSB && order != ELFDATA2MSB)) {
        diag_error_at(diag, B_HEADER, path,
                      "the ELF header names no known class (%u) and byte "
                      "order (%u)",
                      class, order);
        return false;
    }
    elf_version(EV_CURRENT);
    elf->handle = elf_memory((char *)(uintptr_t)data.p, data.n);
    if (!elf->handle || elf_kind(elf->handle) != ELF_K_ELF ||
        !gelf_getehdr(elf->handle, &elf->header)) {
        diag_error_at(diag, B_TRUNCATED, path, "the ELF header is damaged: %s",
                      elf_errmsg(-1));
        return false;
    }
    elf->word = class == ELFCLASS64 ? 8 : 4;
    return true;
}

// Of some machines there are several, of which not all are supported.
static void help_of_kind(uint16_t machine, struct diag *diag) {
    size_t count;
    const struct arch *const *arches = arch_table(&count);
    for (size_t i = 0; i < count; i++)
        if (arches[i]->elf_machine == machine)
            diag_help(diag, "of its kind there is %s: %u bits, %s endian",
                      arches[i]->name, arches[i]->bits,
                      arches[i]->order == ORDER_BIG ? "big" : "little");
}

static bool check_kind(struct image *image, struct diag *diag) {
    const GElf_Ehdr *header = &image->elf->header;
    static const char *const kinds[] = {
        [ET_NONE] = "a file of no type",
        [ET_REL] = "an object file: link it first",
        [ET_CORE] = "a core file",
    };
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN) {
        const char *kind =
            header->e_type < COUNT_OF(kinds) ? kinds[header->e_type] : NULL;
        diag_error_at(diag, B_KIND, image->path.p,
                      "this is no program or shared library but %s",
                      kind ? kind : "an ELF file of an unknown type");
        return false;
    }
    bool big = header->e_ident[EI_DATA] == ELFDATA2MSB;
    image->arch = arch_by_elf(header->e_machine, image->elf->word * 8,
                              big ? ORDER_BIG : ORDER_LITTLE);
    if (!image->arch) {
        diag_error_at(diag, B_MACHINE, image->path.p,
                      "it is for a machine that is not supported (ELF machine "
                      "%u, %u bits, %s endian)",
                      header->e_machine, image->elf->word * 8,
                      big ? "big" : "little");
        help_of_kind(header->e_machine, diag);
        return false;
    }
    return true;
}

static uint32_t segment_flags(uint32_t elf_flags) {
    return (elf_flags & PF_R ? SEGMENT_READ : 0) |
           (elf_flags & PF_W ? SEGMENT_WRITE : 0) |
           (elf_flags & PF_X ? SEGMENT_EXEC : 0);
}

static bool check_segment(const struct image *image, size_t number,
                          const GElf_Phdr *segment, struct diag *diag) {
    uint64_t file_len = image->file.data.n;
    const char *where = elf_where(image, "program header %zu", number);
    if (segment->p_filesz > segment->p_memsz ||
        segment->p_vaddr > UINT64_MAX - segment->p_memsz ||
        (segment->p_vaddr + segment->p_memsz) >> (image->elf->word * 8 - 1) >
            1) {
        diag_error_at(diag, B_HEADER, where,
                      "the segment's sizes (0x%llx in the file, 0x%llx in "
                      "memory at 0x%llx) cannot be",
                      (unsigned long long)segment->p_filesz,
                      (unsigned long long)segment->p_memsz,
                      (unsigned long long)segment->p_vaddr);
        return false;
    }
    if (segment->p_offset > file_len ||
        segment->p_filesz > file_len - segment->p_offset) {
        diag_error_at(diag, B_TRUNCATED, where,
                      "the segment (0x%llx bytes at offset 0x%llx) leaves the "
                      "file, which has 0x%llx bytes",
                      (unsigned long long)segment->p_filesz,
                      (unsigned long long)segment->p_offset,
                      (unsigned long long)file_len);
        return false;
    }
    return true;
}

static int compare_runs(const void *a, const void *b) {
    const struct segment *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

// A loader wants them by address; who programs a flash takes them as they come.
static bool order_segments(struct image *image, struct diag *diag) {
    if (image->elf->header.e_type == ET_EXEC)
        qsort(image->segments, image->segment_count, sizeof *image->segments,
              compare_runs);
    for (size_t i = 1; i < image->segment_count; i++) {
        const struct segment *before = &image->segments[i - 1];
        if (image->segments[i].va >= before->va + before->mem_len)
            continue;
        diag_error_at(diag, B_HEADER, elf_where(image, "program headers"),
                      "the segment at 0x%llx overlaps the one before it",
                      (unsigned long long)image->segments[i].va);
        return false;
    }
    return true;
}

// The segments that are loaded.
static bool add_segments(struct image *image, struct diag *diag) {
    const struct elf_file *elf = image->elf;
    image->segments =
        ARENA_ARRAY(image->arena, struct segment, elf->segment_count);
    bool has_code = false;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *from = &elf->segments[i];
        if (from->p_type != PT_LOAD || from->p_memsz == 0)
            continue;
        if (!check_segment(image, i, from, diag))
            return false;
        struct segment *to = &image->segments[image->segment_count++];
        *to = (struct segment){.va = from->p_vaddr,
                               .off = from->p_offset,
                               .file_len = from->p_filesz,
                               .mem_len = from->p_memsz,
                               .flags = segment_flags(from->p_flags),
                               .load_va = from->p_paddr};
        has_code |= (to->flags & SEGMENT_EXEC) && to->file_len;
    }
    if (!has_code)
        diag_error_at(diag, B_NO_CODE, image->path.p,
                      "no segment of the file holds code");
    return has_code && order_segments(image, diag);
}

static bool read_segments(struct image *image, struct diag *diag) {
    struct elf_file *elf = image->elf;
    size_t count;
    // No system runs a file whose program headers have another size.
    if (elf->header.e_phnum != 0 &&
        elf->header.e_phentsize != elf_segment_len(elf)) {
        diag_error_at(diag, B_HEADER, image->path.p,
                      "program headers of %u bytes each instead of %llu",
                      elf->header.e_phentsize,
                      (unsigned long long)elf_segment_len(elf));
        return false;
    }
    // libelf takes as many headers as the file has.
    uint64_t least = elf->header.e_phnum == PN_XNUM ? 1 : elf->header.e_phnum;
    if (elf_getphdrnum(elf->handle, &count) != 0 ||
        !slice_contains(image->file.data, elf->header.e_phoff,
                        least * elf_segment_len(elf))) {
        diag_error_at(diag, B_TRUNCATED, image->path.p,
                      "the program headers (at offset 0x%llx) are not in the "
                      "file",
                      (unsigned long long)elf->header.e_phoff);
        return false;
    }
    elf->segments = ARENA_ARRAY(image->arena, GElf_Phdr, count);
    elf->segment_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(elf->handle, (int)i, &elf->segments[i])) {
            diag_error_at(diag, B_TRUNCATED, image->path.p,
                          "program header %zu of %zu cannot be read: %s", i,
                          count, elf_errmsg(-1));
            return false;
        }
    }
    return add_segments(image, diag);
}

static bool check_section(const struct image *image, const GElf_Shdr *from,
                          struct str name, struct diag *diag) {
    uint64_t file_len = image->file.data.n;
    if (from->sh_type == SHT_NOBITS || from->sh_type == SHT_NULL ||
        (from->sh_offset <= file_len &&
         from->sh_size <= file_len - from->sh_offset))
        return true;
    diag_error_at(
        diag, B_TRUNCATED, elf_where(image, "section %.*s", STR_ARGS(name)),
        "the section (0x%llx bytes at offset 0x%llx) leaves the "
        "file, which has 0x%llx bytes",
        (unsigned long long)from->sh_size, (unsigned long long)from->sh_offset,
        (unsigned long long)file_len);
    return false;
}

static bool add_sections(struct image *image, struct diag *diag) {
    struct elf_file *elf = image->elf;
    image->sections =
        ARENA_ARRAY(image->arena, struct section, elf->section_count);
    for (size_t i = 1; i < elf->section_count; i++) {
        const GElf_Shdr *from = &elf->sections[i];
        struct str name =
            str_from(elf_strptr(elf->handle, elf->names_index, from->sh_name));
        if (!check_section(image, from, name, diag))
            return false;
        bool loaded = from->sh_flags & SHF_ALLOC;
        image->sections[image->section_count++] = (struct section){
            .name = name,
            .va = loaded ? from->sh_addr : 0,
            .off = from->sh_offset,
            .len = from->sh_size,
            .flags =
                !loaded
                    ? 0
                    : SEGMENT_READ |
                          (from->sh_flags & SHF_WRITE ? SEGMENT_WRITE : 0) |
                          (from->sh_flags & SHF_EXECINSTR ? SEGMENT_EXEC : 0),
            .has_bytes =
                from->sh_type != SHT_NOBITS && from->sh_type != SHT_NULL,
        };
    }
    return true;
}

static bool read_sections(struct image *image, struct diag *diag) {
    struct elf_file *elf = image->elf;
    size_t count;
    if (elf->header.e_shoff == 0) {
        elf_read_trailer(image);
        return true;
    }
    uint64_t file_len = image->file.data.n;
    uint64_t least = elf->header.e_shnum;
    if (elf->header.e_shoff >= file_len ||
        !slice_contains(image->file.data, elf->header.e_shoff,
                        least * elf_section_len(elf)) ||
        elf_getshdrnum(elf->handle, &count) != 0 ||
        count > (file_len - elf->header.e_shoff) / elf_section_len(elf)) {
        diag_error_at(diag, B_TRUNCATED, image->path.p,
                      "the section headers (at offset 0x%llx) leave the file, "
                      "which has 0x%llx bytes",
                      (unsigned long long)elf->header.e_shoff,
                      (unsigned long long)file_len);
        return false;
    }
    if (count == 0) { // though there is a place for them
        elf_read_trailer(image);
        return true;
    }
    elf->sections = ARENA_ARRAY(image->arena, GElf_Shdr, count);
    for (size_t i = 0; i < count; i++) {
        Elf_Scn *section = elf_getscn(elf->handle, i);
        if (!section || !gelf_getshdr(section, &elf->sections[i])) {
            diag_error_at(diag, B_HEADER, image->path.p,
                          "section header %zu of %zu cannot be read: %s", i,
                          count, elf_errmsg(-1));
            return false;
        }
    }
    elf->section_count = count;
    if (elf_getshdrstrndx(elf->handle, &elf->names_index) != 0 ||
        elf->names_index >= count ||
        elf->sections[elf->names_index].sh_type != SHT_STRTAB)
        elf->names_index = 0; // what is written has names of its own
    return add_sections(image, diag);
}

static bool segment_holds_run(const struct image *image,
                              const struct section *section) {
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        if ((segment->flags & SEGMENT_EXEC) && section->va >= segment->va &&
            section->va - segment->va <= segment->file_len &&
            section->len <= segment->file_len - (section->va - segment->va))
            return true;
    }
    return false;
}

// Where code may lie: see image.h. Sections count only where the segments
// agree, and only if the entry point is in one of them.
static void find_code(struct image *image) {
    size_t most = image->section_count + image->segment_count;
    image->code = ARENA_ARRAY(image->arena, struct segment, most);
    for (size_t i = 0; i < image->section_count; i++) {
        const struct section *from = &image->sections[i];
        if ((from->flags & SEGMENT_EXEC) && from->has_bytes && from->len &&
            segment_holds_run(image, from))
            image->code[image->code_count++] =
                (struct segment){.va = from->va,
                                 .off = from->off,
                                 .file_len = from->len,
                                 .mem_len = from->len,
                                 .flags = from->flags};
    }
    qsort(image->code, image->code_count, sizeof *image->code, compare_runs);
    bool apart = true;
    for (size_t i = 1; i < image->code_count; i++)
        apart &= image->code[i - 1].va + image->code[i - 1].file_len <=
                 image->code[i].va;
    if (apart && image->code_count &&
        (!image->entry_va || image_is_code(image, image->entry_va)))
        return;
    image->code_count = 0;
    for (size_t i = 0; i < image->segment_count; i++)
        if ((image->segments[i].flags & SEGMENT_EXEC) &&
            image->segments[i].file_len)
            image->code[image->code_count++] = image->segments[i];
}

static struct slice program_bytes(const struct image *image,
                                  const GElf_Phdr *segment) {
    struct slice data = image->file.data;
    if (!slice_contains(data, segment->p_offset, segment->p_filesz))
        return (struct slice){0};
    return (struct slice){data.p + segment->p_offset, segment->p_filesz};
}

static void read_notes(struct image *image, const GElf_Phdr *segment) {
    struct slice notes = program_bytes(image, segment);
    struct reader in = reader_open(notes, image->arch->order);
    uint64_t align = segment->p_align == 8 ? 8 : 4;
    while (in.at < notes.n && !in.failed) {
        uint64_t name_len = reader_uint(&in, 4), len = reader_uint(&in, 4);
        uint64_t type = reader_uint(&in, 4);
        struct slice name = reader_bytes(&in, name_len);
        reader_seek(&in, (in.at + align - 1) / align * align);
        struct slice value = reader_bytes(&in, len);
        if (!in.failed && type == NT_GNU_BUILD_ID && name.n == 4 &&
            memcmp(name.p, "GNU", 4) == 0)
            image->build_id = value;
        reader_seek(&in, (in.at + align - 1) / align * align);
    }
}

static void read_identity(struct image *image) {
    const struct elf_file *elf = image->elf;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        struct slice bytes = program_bytes(image, segment);
        if (segment->p_type == PT_NOTE)
            read_notes(image, segment);
        if (segment->p_type == PT_INTERP && bytes.n)
            image->interpreter = (struct str){
                (const char *)bytes.p, strnlen((const char *)bytes.p, bytes.n)};
    }
    const struct section *link =
        image_find_section(image, STR(".gnu_debuglink"));
    if (link && link->has_bytes) {
        struct slice bytes = {image->file.data.p + link->off, link->len};
        struct reader in = reader_open(bytes, image->arch->order);
        image->debug_link = reader_text(&in);
    }
}

// A position-independent program and a library are both ET_DYN. The linker
// says which since 2016 (DF_1_PIE); before that an interpreter tells, but
// libraries that can be run (libc.so.6) have one, too, beside their name.
static bool classify(struct image *image, struct diag *diag) {
    const struct elf_file *elf = image->elf;
    uint64_t flags = 0;
    elf_dynamic_value(elf, DT_FLAGS_1, &flags);
    bool named = image->soname.n != 0;
    image->is_relocatable = elf->header.e_type == ET_DYN;
    image->is_program = !image->is_relocatable || (flags & DF_1_PIE) ||
                        (!named && image->entry_va && image->interpreter.n) ||
                        (!named && image->entry_va && !image->needed_count);
    if (!elf_read_platform(image, diag))
        return false;
    // A linker that has made it position-independent has left relocations of
    // all that holds addresses.
    image->is_program |= image->is_bare;
    image->is_relocatable |= image->is_bare && (flags & DF_1_PIE);
    image->is_dynamic =
        elf->dynamic_count && (image->interpreter.n || !image->is_program);
    if (image->is_dynamic) {
        image->init_va = elf_init_va(image);
        elf_dynamic_value(elf, DT_FINI, &image->fini_va);
        image->init_va = image_code_va(image, image->init_va);
        image->fini_va = image_code_va(image, image->fini_va);
    }
    return true;
}

static void elf_close(struct image *image) {
    if (image->elf && image->elf->handle)
        elf_end(image->elf->handle);
    image->elf = NULL;
}

// The build id of a file whose program headers do not count.
static void read_section_notes(struct image *image) {
    const struct elf_file *elf = image->elf;
    for (size_t i = 1; i < elf->section_count; i++) {
        const GElf_Shdr *section = &elf->sections[i];
        GElf_Phdr notes = {.p_offset = section->sh_offset,
                           .p_filesz = section->sh_size,
                           .p_align = section->sh_addralign};
        if (section->sh_type == SHT_NOTE)
            read_notes(image, &notes);
    }
}

static bool read_part(struct image *image, enum elf_part part,
                      struct diag *diag) {
    if (!elf_claims(image->file.data) || !read_header(image, diag) ||
        !check_kind(image, diag))
        return false;
    if (part == ELF_NEEDS) {
        if (!read_segments(image, diag) || !elf_read_dynamic(image, diag))
            return false;
        return classify(image, diag);
    }
    if (!read_sections(image, diag) || !elf_read_symbols(image, diag))
        return false;
    read_section_notes(image);
    return true;
}

struct image *elf_open_part(struct arena *arena, const char *path,
                            enum elf_part part, struct diag *diag) {
    struct file file;
    if (!file_open(&file, path, diag))
        return NULL;
    struct image *image = ARENA_NEW(arena, struct image);
    image->arena = arena;
    image->file = file;
    image->path = str_copy(arena, str_from(path));
    image->name = str_base_name(image->path);
    image->format = &format_elf;
    image->elf = ARENA_NEW(arena, struct elf_file);
    if (read_part(image, part, diag))
        return image;
    image_close(image);
    return NULL;
}

static bool read_headers(struct image *image, struct diag *diag) {
    return read_header(image, diag) && check_kind(image, diag) &&
           read_segments(image, diag) && read_sections(image, diag);
}

// Once more, of the copy that has moved.
static bool read_moved(struct image *image, struct diag *diag) {
    elf_move(image);
    uint64_t moved_by = image->elf->moved_by;
    elf_end(image->elf->handle);
    *image->elf = (struct elf_file){.moved_by = moved_by};
    image->segments = NULL;
    image->sections = NULL;
    image->segment_count = image->section_count = 0;
    return read_headers(image, diag);
}

static bool read_all(struct image *image, struct diag *diag) {
    if (!read_headers(image, diag) ||
        (elf_is_moved(image) && !read_moved(image, diag)))
        return false;
    image->entry_va = image_plain_va(image, image->elf->header.e_entry);
    find_code(image);
    image_code_va(image, image->elf->header.e_entry);
    read_identity(image);
    if (!elf_read_dynamic(image, diag))
        return false;
    elf_read_relocs(image);
    if (!classify(image, diag) || !elf_check_place(image, diag) ||
        !elf_move_words(image, diag) || !elf_read_symbols(image, diag))
        return false;
    elf_find_code_pointers(image);
    image_sort_modes(image);
    elf_read_plt(image);
    elf_read_frames(image);
    elf_read_exidx(image);
    elf_read_markers(image);
    elf_read_properties(image);
    return true;
}

static bool elf_read(struct image *image, struct diag *diag) {
    image->elf = ARENA_NEW(image->arena, struct elf_file);
    if (read_all(image, diag))
        return true;
    elf_close(image);
    return false;
}

const struct image_format format_elf = {
    .name = "ELF",
    .claims = elf_claims,
    .read = elf_read,
    .close = elf_close,
    .plan_room = elf_plan_room,
    .write = elf_write,
    .restore = elf_restore,
    .embedded = elf_embedded,
};
