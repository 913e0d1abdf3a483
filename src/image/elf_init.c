// elf_init.c: what a loader calls first in a library.
//
// That is DT_INIT, mostly. Machines that came late do without: their loaders
// call the functions of DT_INIT_ARRAY alone. There the first of those takes its
// part; the relocation that fills its entry leads to another function then.

#include "image/elf_writer.h"

// The first entry of the array; 0: there is none.
static uint64_t first_entry(const struct elf_file *elf) {
    uint64_t va = 0, len = 0;
    elf_dynamic_value(elf, DT_INIT_ARRAY, &va);
    elf_dynamic_value(elf, DT_INIT_ARRAYSZ, &len);
    return len >= elf->word ? va : 0;
}

static bool is_by_array(const struct image *image) {
    return image->arch->init_by_array;
}

uint64_t elf_init_va(const struct image *image) {
    const struct elf_file *elf = image->elf;
    uint64_t value = 0, va = first_entry(elf);
    if (!is_by_array(image)) {
        elf_dynamic_value(elf, DT_INIT, &value);
        return value;
    }
    for (size_t i = 0; va != 0 && i < elf->reloc_count; i++)
        if (elf->relocs[i].va == va && elf->relocs[i].symbol == 0)
            return elf->relocs[i].value;
    return 0;
}

// The addend of the relocation with addend at va, as an offset in the file.
static bool find_addend(const struct image *image, uint64_t va, uint64_t *off) {
    const struct elf_file *elf = image->elf;
    uint64_t table_va = 0, len = 0, step = 3 * elf->word;
    elf_dynamic_value(elf, DT_RELA, &table_va);
    elf_dynamic_value(elf, DT_RELASZ, &len);
    struct slice bytes = image_bytes(image, table_va);
    len = len < bytes.n ? len : bytes.n;
    for (uint64_t at = 0; table_va != 0 && at + step <= len; at += step)
        if (load_uint(bytes.p + at, elf->word, image->arch->order) == va)
            return image_va_to_off(image, table_va + at + 2 * elf->word, off);
    return image_va_to_off(image, va, off); // packed, or without addends
}

bool elf_set_init(struct elf_writer *writer, uint64_t init_va) {
    const struct image *image = writer->image;
    uint64_t off, va = first_entry(writer->elf);
    if (elf_init_va(image) == 0 || !find_addend(image, va, &off)) {
        diag_error_at(writer->diag, R_ROOM, image->path.p,
                      "the library has no function that a loader calls first");
        return false;
    }
    uint8_t *word = arena_alloc(writer->arena, writer->elf->word);
    store_uint(word, init_va, writer->elf->word, image->arch->order);
    writer_edit(writer, off, (struct slice){word, writer->elf->word});
    return true;
}
