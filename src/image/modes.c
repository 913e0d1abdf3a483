// modes.c: addresses of code that tell the mode of it.
//
// Where a machine has two encodings, whoever refers to a function says by a
// bit of its address in which it is: symbols of functions, the entry point,
// relocated pointers. The bit is no part of the address; it is taken off here,
// once, and kept in image.modes. Mapping symbols ($a, $t) tell the same and
// have no such bit. A word of data that only may be a pointer proves nothing.

#include <stdlib.h>

#include "image/image.h"

// The bits of an address that tell a mode; 0: none do.
static uint64_t telling_bits(const struct image *image) {
    uint64_t mask = image->arch->abi.code_mask;
    return mask ? ~mask & (image->arch->insn_align - 1u) : 0;
}

uint64_t image_plain_va(const struct image *image, uint64_t address) {
    return address & ~telling_bits(image);
}

static void take(struct image *image, struct code_mode at) {
    if (telling_bits(image) && image_is_code(image, at.va))
        *ARENA_PUSH(image->arena, image->modes, image->mode_count,
                    image->mode_room) = at;
}

void image_note_mode(struct image *image, uint64_t va, uint8_t mode) {
    take(image, (struct code_mode){.va = va, .mode = mode});
}

void image_note_function(struct image *image, uint64_t va, uint8_t mode) {
    take(image, (struct code_mode){va, mode, true});
}

uint64_t image_code_va(struct image *image, uint64_t address) {
    uint64_t va = image_plain_va(image, address);
    image_note_mode(image, va, (uint8_t)(address - va));
    return va;
}

bool image_is_mark(const struct image *image, struct str name, uint8_t *mode) {
    const char *const *marks = image->arch->mode_marks;
    if (name.n < 2 || name.p[0] != '$' || (name.n > 2 && name.p[2] != '.'))
        return false;
    *mode = 0;
    while (*mode < 2 &&
           !(marks && str_equal(str_slice(name, 0, 2), str_from(marks[*mode]))))
        ++*mode;
    return true;
}

uint8_t image_mode_at(const struct image *image, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, image->mode_count, image->modes[low].va <= va);
    return low ? image->modes[low - 1].mode : 0;
}

static int compare_modes(const void *a, const void *b) {
    const struct code_mode *x = a, *y = b;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    return x->mode != y->mode ? x->mode - y->mode
                              : x->is_function - y->is_function;
}

void image_sort_modes(struct image *image) {
    size_t kept = 0;
    if (image->mode_count)
        qsort(image->modes, image->mode_count, sizeof *image->modes,
              compare_modes);
    for (size_t i = 0; i < image->mode_count; i++) {
        // One that tells a mode by a set bit cannot be an accident.
        if (kept && image->modes[kept - 1].va == image->modes[i].va)
            kept--;
        image->modes[kept++] = image->modes[i];
    }
    image->mode_count = kept;
}
