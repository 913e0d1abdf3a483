// elf_exidx.c: where exceptions may arrive, of machines that have an index in
// place of call frame information ("Exception Handling ABI for the Arm
// Architecture", 5 and 6).
//
// The index has two words for each function, by address: where it begins, and
// how its caller is found, or where that is said. Addresses are distances from
// the word they stand in, of 31 bits.
//
//     index   function, entry       entry   personality routine
//             function, 1                   words that follow, bytes of code
//             ...                           ...
//                                           language-specific data
//
// What is said in the index itself, or in a form of the ABI's own (highest bit
// set), has no landing pads.

#include "image/elf_file.h"

enum { ENTRY_LEN = 8, WORD = 4 };

static uint32_t word_at(const struct image *image, uint64_t va) {
    struct slice bytes = image_bytes(image, va);
    return bytes.n >= WORD
               ? (uint32_t)load_uint(bytes.p, WORD, image->arch->order)
               : UINT32_MAX;
}

static bool is_in_place(uint32_t word) {
    return word >> 31;
}

static uint64_t place(uint64_t va, uint32_t distance) {
    return (uint32_t)(va + (uint64_t)(int64_t)((int32_t)(distance << 1) >> 1));
}

// The language-specific data; 0: none.
static uint64_t data_of(const struct image *image, uint64_t index_va) {
    enum { CANNOT_UNWIND = 1 };
    uint32_t word = word_at(image, index_va + WORD);
    uint64_t entry_va = place(index_va + WORD, word);
    if (word == CANNOT_UNWIND || is_in_place(word) ||
        is_in_place(word_at(image, entry_va)))
        return 0;
    uint32_t more = word_at(image, entry_va + WORD) >> 24;
    return entry_va + (2 + (uint64_t)more) * WORD;
}

static void read_index(struct image *image, uint64_t va, uint64_t len) {
    size_t room = image->handled_count, there = image_bytes(image, va).n;
    if (len > there)
        len = there;
    for (uint64_t at = 0; at + ENTRY_LEN <= len; at += ENTRY_LEN) {
        uint64_t start = place(va + at, word_at(image, va + at));
        uint64_t end = start;
        if (at + 2 * ENTRY_LEN <= len)
            end =
                place(va + at + ENTRY_LEN, word_at(image, va + at + ENTRY_LEN));
        uint64_t lsda_va = data_of(image, va + at);
        start = image_plain_va(image, start);
        end = image_plain_va(image, end);
        if (lsda_va != 0 && end >= start && image_is_code(image, start))
            *ARENA_PUSH(image->arena, image->handled, image->handled_count,
                        room) = (struct frame_range){
                .va = start, .len = end - start, .lsda_va = lsda_va};
    }
}

void elf_read_exidx(struct image *image) {
    const struct elf_file *elf = image->elf;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        if (image->arch->unwind_index != 0 &&
            segment->p_type == image->arch->unwind_index)
            read_index(image, segment->p_vaddr, segment->p_filesz);
    }
}
