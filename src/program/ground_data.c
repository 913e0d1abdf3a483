// ground_data.c: addresses of code that lie in data: see ground.c. Relocated
// pointers are some, though not all of them tell a mode. Of numbers, in an
// image that stays where it was linked, only those are believed that lead to
// where a function would have to begin.

#include "program/ground.h"

#include <stdlib.h>

// Bytes between two functions that may be filler.
#define FILLER_MOST 14

// The mode of what is known last before va.
static uint8_t mode_before(const struct survey *survey, uint64_t va) {
    uint8_t state;
    while ((state = ground_state_at(survey->ground, va)) != NOWHERE) {
        if (ground_begins(state)) {
            return state - BEGINS;
        }
        va -= STEP;
    }
    return 0;
}

// Relocated pointers that tell no mode: of A32, or of labels, which are jumped
// to in the mode of their function, if what is there looks like it.
void ground_try_pointers(struct survey *survey) {
    const struct image *image = survey->program->image;
    for (size_t i = 0; i < image->code_pointer_count; i++) {
        uint64_t va = image->code_pointers[i];
        if (ground_state_at(survey->ground, va) == UNKNOWN) {
            uint8_t mode = mode_before(survey, va);
            if (ground_looks_like(survey,
                                  (struct code_mode){.va = va, .mode = mode})) {
                ground_add(survey, IS_FOUND, va, mode);
            } else if (va % WORD == 0) {
                ground_add(survey, IS_FOUND, va, 0);
            }
            ground_follow_all(survey);
        }
    }
}

// Whether what lies right before va is known, filler apart.
static bool closes_up(const struct survey *survey, uint64_t va) {
    for (unsigned back = STEP; back <= FILLER_MOST; back += STEP) {
        if (ground_state_at(survey->ground, va - back) != UNKNOWN) {
            return true;
        }
        struct slice bytes = image_bytes(survey->program->image, va - back);
        struct code code = {bytes, va - back, 1};
        struct insn_brief insn;
        survey->program->arch->brief(&code, &insn);
        if (!(insn.flags & INSN_PADDING) &&
            load_uint(bytes.p, STEP, survey->program->arch->order) != 0) {
            return false;
        }
    }
    return false;
}

static int compare_words(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// Numbers that are odd are addresses of functions, which have no others within.
static bool is_inside(const struct image *image, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, image->symbol_count, image->symbols[low].va < va);
    while (low > 0 && image->symbols[low - 1].kind != SYMBOL_FUNCTION) {
        low--;
    }
    return low > 0 &&
           va - image->symbols[low - 1].va < image->symbols[low - 1].len;
}

void ground_try_numbers(struct survey *survey) {
    const struct image *image = survey->program->image;
    uint64_t tells = ~survey->program->arch->abi.code_mask & 1;
    uint64_t *words = NULL;
    size_t count = 0, room = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        struct slice bytes = image_bytes(image, segment->va);
        for (size_t at = -segment->va % WORD; at + WORD <= bytes.n;
             at += WORD) {
            uint64_t value =
                load_uint(bytes.p + at, WORD, survey->program->arch->order);
            if (ground_state_at(survey->ground, value) == UNKNOWN &&
                ground_state_at(survey->ground, segment->va + at) == NOWHERE) {
                *ARENA_PUSH(survey->arena, words, count, room) = value;
            }
        }
    }
    if (count > 0) {
        qsort(words, count, sizeof *words, compare_words);
    }
    for (size_t i = 0; i < count; i++) {
        struct code_mode at = {.va = words[i] & ~tells,
                               .mode = words[i] & tells};
        if (at.mode != 0 && is_inside(image, at.va)) {
            continue;
        }
        if (ground_begins_function(survey, at) ||
            (at.mode != 0 && closes_up(survey, at.va))) {
            ground_add_address(survey, IS_FOUND, words[i]);
            ground_follow_all(survey);
        }
    }
}
