// elf_bare.c: ELF files of programs that run without an operating system.
//
// Reading tells them from static programs of Linux. Neither has an interpreter,
// nor a library's name or one that it needs. What settles it, in this order:
//
//     what the user says               --platform, or a place for added code
//     a dynamic section, ET_DYN        Linux
//     OSABI Linux, an ABI note of GNU  Linux
//     the machine profile M or R       none: Linux does not run there
//     a segment loaded elsewhere than  none: Linux knows no load addresses
//     it runs, below 64 KB, or not     none: Linux maps nothing there
//     aligned as its pages are         none: Linux could not map it
//     anything else                    Linux
//
// Writing: there are no pages, and no loader looks at the program headers in
// memory. So the grown table lies at the end of the file, and what is added
// where the placement says.

#include <stdlib.h>
#include <string.h>

#include "image/elf_writer.h"
#include "image/flat.h"

enum {
    LOWEST_LINUX = 0x10000,
    LEAST_PAGE = 4096,
    ALIGN = 16,
    NEW_SEGMENTS = 3
};

// --- reading ---

// NT_GNU_ABI_TAG of Linux: type 1, owner GNU, first word 0.
static bool has_linux_note(const struct image *image) {
    const struct section *note =
        image_find_section(image, STR(".note.ABI-tag"));
    if (!note || !note->has_bytes || note->len < 20)
        return false;
    struct slice bytes = {image->file.data.p + note->off, note->len};
    struct reader in = reader_open(bytes, image->arch->order);
    reader_seek(&in, 8);
    uint64_t type = reader_uint(&in, 4);
    struct slice owner = reader_bytes(&in, 4);
    return type == 1 && memcmp(owner.p, "GNU", 4) == 0 &&
           reader_uint(&in, 4) == 0;
}

// The section of build attributes; empty: there is none.
static struct slice attributes_of(const struct image *image) {
    const char *name = image->arch->attributes;
    const struct section *section =
        name ? image_find_section(image, str_from(name)) : NULL;
    if (!section || !section->has_bytes)
        return (struct slice){0};
    return (struct slice){image->file.data.p + section->off, section->len};
}

// What Linux could not load.
static bool is_unmappable(const struct image *image) {
    const struct elf_file *elf = image->elf;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        if (segment->p_type != PT_LOAD || segment->p_memsz == 0)
            continue;
        if (segment->p_vaddr < LOWEST_LINUX ||
            segment->p_paddr != segment->p_vaddr ||
            (segment->p_vaddr - segment->p_offset) % LEAST_PAGE != 0)
            return true;
    }
    return false;
}

static bool has_segment(const struct elf_file *elf, uint32_t type) {
    for (size_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].p_type == type)
            return true;
    return false;
}

// By what its headers say, and its notes.
static bool is_bare(const struct image *image) {
    const struct elf_file *elf = image->elf;
    const struct image_facts *facts = &image->facts;
    if (has_segment(elf, PT_INTERP) || image->soname.n || image->needed_count)
        return false;
    if (facts->platform != PLATFORM_UNSAID)
        return facts->platform == PLATFORM_NONE;
    if (facts->text.is_said || facts->data.is_said)
        return true;
    if (elf->header.e_type != ET_EXEC || has_segment(elf, PT_DYNAMIC))
        return false;
    if (elf->header.e_ident[EI_OSABI] == ELFOSABI_LINUX ||
        has_linux_note(image))
        return false;
    return image->processor.is_bare || is_unmappable(image);
}

bool elf_read_platform(struct image *image, struct diag *diag) {
    const struct arch *arch = image->arch;
    struct slice attributes = attributes_of(image);
    if (image->facts.processor)
        image->processor = *image->facts.processor;
    else if (arch->processor && attributes.n)
        image->processor = arch->processor(attributes);
    image->float_bits =
        arch->float_bits
            ? arch->float_bits(image->elf->header.e_flags, attributes)
            : 64;
    image->vector_bits =
        arch->vector_bits
            ? arch->vector_bits(image->elf->header.e_flags, attributes)
            : 0;
    image->is_bare = is_bare(image);
    return image_suffices(image, diag);
}

// Symbols of linker scripts are of no type, and often of no section, so they
// are not among the image's.
bool elf_symbol_value(const struct image *image, struct str name,
                      uint64_t *value) {
    const struct elf_file *elf = image->elf;
    for (size_t i = 1; i < elf->section_count; i++) {
        const GElf_Shdr *table = &elf->sections[i];
        if (table->sh_type != SHT_SYMTAB)
            continue;
        Elf_Data *data = elf_getdata(elf_getscn(elf->handle, i), NULL);
        GElf_Sym symbol;
        for (int k = 1; data && gelf_getsym(data, k, &symbol); k++) {
            const char *text =
                elf_strptr(elf->handle, table->sh_link, symbol.st_name);
            if (symbol.st_shndx != SHN_UNDEF && str_is(name, text)) {
                *value = symbol.st_value;
                return true;
            }
        }
    }
    return false;
}

// --- writing ---

static size_t new_segments(const struct elf_writer *writer) {
    return writer->elf->segment_count + NEW_SEGMENTS;
}

void bare_place(struct elf_writer *writer) {
    struct table_plan *table = &writer->table;
    uint64_t len = new_segments(writer) * elf_segment_len(writer->elf);
    table->table_off = align_up(writer->image->file.data.n, ALIGN);
    writer->text_off = align_up(table->table_off + len, ALIGN);
    writer->rodata_off =
        align_up(writer->text_off + writer->additions->text.n, ALIGN);
}

// By address, as the specification has it, before what comes behind it.
static void insert(struct elf_writer *writer, uint32_t flags, uint64_t off,
                   uint64_t va, uint64_t file_len, uint64_t mem_len) {
    GElf_Phdr *segments = writer->segments;
    size_t at = writer->segment_count;
    if (mem_len == 0)
        return;
    while (at > 0 && (segments[at - 1].p_type != PT_LOAD ||
                      segments[at - 1].p_vaddr > va))
        at--;
    for (size_t i = 0; at == 0 && i < writer->segment_count; i++)
        if (segments[i].p_type == PT_LOAD) {
            at = i;
            break;
        }
    memmove(&segments[at + 1], &segments[at],
            (writer->segment_count - at) * sizeof *segments);
    segments[at] = (GElf_Phdr){.p_type = PT_LOAD,
                               .p_flags = flags,
                               .p_offset = off,
                               .p_vaddr = va,
                               .p_paddr = va,
                               .p_filesz = file_len,
                               .p_memsz = mem_len,
                               .p_align = ALIGN};
    writer->segment_count++;
}

void bare_write_table(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    const struct image_additions *additions = writer->additions;
    const struct image_room *room = writer->room;
    struct bytes out;
    writer->segments =
        ARENA_ARRAY(writer->arena, GElf_Phdr, new_segments(writer));
    writer->segment_count = elf->segment_count;
    memcpy(writer->segments, elf->segments,
           elf->segment_count * sizeof *elf->segments);
    insert(writer, PF_R | PF_X, writer->text_off, room->text_va,
           additions->text.n, additions->text.n);
    insert(writer, PF_R, writer->rodata_off, room->rodata_va, writer->rodata.n,
           writer->rodata.n);
    insert(writer, PF_R | PF_W, writer->text_off, room->region_va, 0,
           additions->region_len);
    bytes_init(&out, writer->arena, writer->image->arch->order);
    for (size_t i = 0; i < writer->segment_count; i++)
        elf_put_segment(elf, &writer->segments[i], &out);
    writer->table.moved = (struct slice){out.p, out.n};
    writer->header.e_phoff = writer->table.table_off;
    writer->header.e_phnum = (GElf_Half)writer->segment_count;
}

static int compare_runs(const void *a, const void *b) {
    const struct flat_run *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

static size_t list_runs(const struct image *image, uint8_t *bytes,
                        struct flat_run *runs) {
    size_t count = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        if (segment->file_len)
            runs[count++] = (struct flat_run){
                segment->load_va, bytes + segment->off, segment->file_len};
    }
    return count;
}

// The image as a programmer would put it into flash, before and after.
bool bare_fix_checksum(struct elf_writer *writer) {
    struct image *image = writer->image;
    const struct image_additions *additions = writer->additions;
    struct slice data = image->file.data;
    if (!image->facts.fix_crc)
        return true;
    uint8_t *bytes = arena_grow(writer->arena, data.p, data.n, data.n);
    for (size_t i = 0; i < writer->edit_count; i++)
        memcpy(bytes + writer->edits[i].off, writer->edits[i].bytes.p,
               writer->edits[i].bytes.n);
    uint8_t *patched = arena_grow(writer->arena, bytes, data.n, data.n);
    size_t most = image->segment_count + 2;
    struct flat_run *before = ARENA_ARRAY(writer->arena, struct flat_run, most);
    struct flat_run *after = ARENA_ARRAY(writer->arena, struct flat_run, most);
    size_t before_count =
        list_runs(image, (uint8_t *)(uintptr_t)data.p, before);
    size_t count = list_runs(image, bytes, after);
    after[count++] = (struct flat_run){writer->room->text_va,
                                       (uint8_t *)(uintptr_t)additions->text.p,
                                       additions->text.n};
    after[count++] = (struct flat_run){
        writer->room->rodata_va, (uint8_t *)(uintptr_t)additions->rodata.p,
        additions->rodata.n};
    qsort(before, before_count, sizeof *before, compare_runs);
    qsort(after, count, sizeof *after, compare_runs);
    if (!checksum_fix(image, before, before_count, after, count, writer->diag))
        return false;
    size_t from = 0, to = data.n;
    while (from < to && bytes[from] == patched[from])
        from++;
    while (to > from && bytes[to - 1] == patched[to - 1])
        to--;
    if (to > from)
        writer_edit(writer, from, (struct slice){bytes + from, to - from});
    return true;
}
