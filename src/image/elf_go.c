// elf_go.c: the table of functions in programs made by Go.
//
// Go's runtime finds its way about the program by a table of its own, the
// section .gopclntab, which stripping leaves. Two things of it matter here: the
// functions with their names, for where there are no symbols, and the place in
// a function at which it is resumed when a panic was recovered in it. Control
// comes there from nowhere else that could be seen.
//
//     u32 magic, u8[2] zero, u8 least instruction, u8 bytes of a word
//     words      by version: number of functions, ..., where text starts (from
//                1.18 on), ..., offsets of names and of the functions
//     functions  pairs of entry and offset of a record; the last entry alone is
//                the end
//     record     entry, u32 offset of the name, u32, u32 resumption in bytes
//                from the entry (0: none), ...
//
// (runtime/symtab.go and debug/gosym of Go.) Entries are addresses, words of
// their own, up to 1.17, and 32 bits from the start of text after.

#include "image/elf_file.h"

enum { MAGIC_12 = -5, MAGIC_116 = -6, MAGIC_118 = -16, MAGIC_120 = -15 };
enum { HEADER = 8 };

struct go_table {
    struct image *image;
    struct reader in;
    uint64_t text_va;        // added to entries
    uint64_t names, records; // offsets of what those in records count from
    uint64_t first, count;   // functions
    unsigned entry;          // bytes of an entry and of an offset
    unsigned start;          // bytes of a record's entry
};

static uint64_t word_at(struct go_table *table, unsigned index) {
    unsigned word = table->image->elf->word;
    reader_seek(&table->in, HEADER + (uint64_t)index * word);
    return reader_uint(&table->in, word);
}

// In a position-independent program the loader fills it in.
static uint64_t text_start(struct go_table *table, uint64_t section_va) {
    const struct elf_file *elf = table->image->elf;
    uint64_t va = section_va + HEADER + 2 * (uint64_t)elf->word;
    for (size_t i = 0; i < elf->reloc_count; i++)
        if (elf->relocs[i].va == va)
            return elf->relocs[i].value;
    return word_at(table, 2);
}

static bool open_table(struct go_table *table, const struct section *section) {
    struct slice bytes = {table->image->file.data.p + section->off,
                          section->len};
    unsigned word = table->image->elf->word;
    table->in = reader_open(bytes, table->image->arch->order);
    int32_t magic = (int32_t)reader_uint(&table->in, 4);
    reader_uint(&table->in, 3);
    if (reader_uint(&table->in, 1) != word)
        return false;
    table->count = word_at(table, 0);
    table->entry = table->start = word;
    switch (magic) {
    case MAGIC_12: table->first = HEADER + word; break;
    case MAGIC_116:
        table->names = word_at(table, 2);
        table->first = table->records = word_at(table, 6);
        break;
    case MAGIC_118:
    case MAGIC_120:
        table->text_va = text_start(table, section->va);
        table->names = word_at(table, 3);
        table->first = table->records = word_at(table, 7);
        table->entry = table->start = 4;
        break;
    default: return false;
    }
    return !table->in.failed && table->count <= bytes.n / (2 * table->entry);
}

static void add_function(struct go_table *table, uint64_t va, uint64_t end_va,
                         uint64_t name, size_t *room) {
    struct image *image = table->image;
    struct slice bytes = image_bytes(image, va);
    uint64_t len = end_va > va && end_va - va <= bytes.n ? end_va - va : 0;
    reader_seek(&table->in, name);
    struct str text = reader_text(&table->in);
    while (len > 0 && bytes.p[len - 1] == image->arch->padding_byte)
        len--;
    if (!table->in.failed && text.n && len && image_is_code(image, va))
        *ARENA_PUSH(image->arena, image->symbols, image->symbol_count, *room) =
            (struct symbol){
                .name = text, .va = va, .len = len, .kind = SYMBOL_FUNCTION};
}

static void read_function(struct go_table *table, uint64_t index,
                          bool wants_names, size_t *symbol_room,
                          size_t *resume_room) {
    struct image *image = table->image;
    reader_seek(&table->in, table->first + index * 2 * table->entry);
    uint64_t va = table->text_va + reader_uint(&table->in, table->entry);
    uint64_t record = table->records + reader_uint(&table->in, table->entry);
    uint64_t end_va = table->text_va + reader_uint(&table->in, table->entry);
    reader_seek(&table->in, record + table->start);
    uint64_t name = table->names + reader_uint(&table->in, 4);
    reader_uint(&table->in, 4);
    uint64_t resumption = reader_uint(&table->in, 4);
    if (table->in.failed)
        return;
    if (resumption && resumption < end_va - va)
        *ARENA_PUSH(image->arena, image->elf->resumptions,
                    image->elf->resumption_count, *resume_room) =
            va + resumption;
    image_note_function(image, va, 0); // Go makes code of one mode
    if (wants_names)
        add_function(table, va, end_va, name, symbol_room);
}

void elf_read_go(struct image *image, bool wants_names, size_t *symbol_room) {
    static const struct str names[] = {{".gopclntab", 10},
                                       {".data.rel.ro.gopclntab", 22}};
    const struct section *section = NULL;
    for (size_t i = 0; i < COUNT_OF(names) && !section; i++)
        section = image_find_section(image, names[i]);
    struct go_table table = {.image = image};
    size_t room = 0;
    if (!section || !section->has_bytes || !open_table(&table, section))
        return;
    for (uint64_t i = 0; i < table.count && !table.in.failed; i++)
        read_function(&table, i, wants_names, symbol_room, &room);
}
