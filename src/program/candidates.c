// candidates.c: everything that says "a function starts here": symbols, debug
// information, stubs of imports, ranges of .eh_frame, global labels, the entry
// point. Sources that come by address are merged; of one address there may be
// several candidates.

#include "program/bits.h"

#include <stdlib.h>
#include <string.h>

// "memcpy@@GLIBC_2.14" is memcpy.
static struct str without_version(struct str name) {
    const char *at = str_find(name, '@');
    return at && at > name.p ? str_slice(name, 0, (size_t)(at - name.p)) : name;
}

void candidates_add(struct candidates *candidates, struct candidate_run *run,
                    struct candidate candidate) {
    const struct code_range *range =
        code_range_at(candidates->bits, candidate.va);
    if (!range) {
        return;
    }
    uint64_t room = range->end_va - candidate.va;
    candidate.len = candidate.len < room ? candidate.len : room;
    *ARENA_PUSH(candidates->arena, run->items, run->count, run->room) =
        candidate;
}

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

// Merges a run into all; a run that is not by address is sorted first.
void candidates_merge(struct candidates *candidates,
                      struct candidate_run *run) {
    for (size_t i = 1; i < run->count; i++) {
        if (run->items[i - 1].va > run->items[i].va) {
            qsort(run->items, run->count, sizeof *run->items,
                  compare_candidates);
            break;
        }
    }
    struct candidate_run *all = &candidates->all, out = {0};
    out.count = out.room = all->count + run->count;
    out.items = ARENA_ARRAY(candidates->arena, struct candidate, out.count);
    for (size_t i = 0, j = 0, k = 0; k < out.count; k++) {
        bool old = j == run->count ||
                   (i < all->count && all->items[i].va <= run->items[j].va);
        out.items[k] = old ? all->items[i++] : run->items[j++];
    }
    *all = out;
}

static void add_symbols(struct candidates *candidates,
                        const struct symbol *symbols, size_t count) {
    struct candidate_run run = {0};
    for (size_t i = 0; i < count; i++) {
        const struct symbol *symbol = &symbols[i];
        // Mapping symbols of assemblers begin with '$'.
        bool label = symbol->kind == SYMBOL_LABEL;
        if (symbol->kind == SYMBOL_OBJECT || symbol->name.n == 0 ||
            (label && (!symbol->global || symbol->name.p[0] == '$'))) {
            continue;
        }
        candidates_add(
            candidates, &run,
            (struct candidate){.va = symbol->va,
                               .len = symbol->len,
                               .name = without_version(symbol->name),
                               .origin = label ? FROM_LABEL : FROM_SYMBOL,
                               .global = symbol->global});
    }
    candidates_merge(candidates, &run);
}

static void add_plt(struct candidates *candidates, const struct image *image) {
    struct candidate_run run = {0};
    for (size_t i = 0; i < image->plt_count; i++) {
        candidates_add(
            candidates, &run,
            (struct candidate){.va = image->plt[i].va,
                               .len = image->plt[i].len,
                               .name = without_version(image->plt[i].name),
                               .origin = FROM_PLT});
    }
    candidates_merge(candidates, &run);
}

// What signal handlers return to begins somewhere in its range: other sources
// must tell. It is no start to decode from.
static void add_frames(struct candidates *candidates,
                       const struct image *image) {
    struct candidate_run run = {0};
    for (size_t i = 0; i < image->frame_count; i++) {
        if (image->frames[i].is_signal) {
            continue;
        }
        candidates_add(candidates, &run,
                       (struct candidate){.va = image->frames[i].va,
                                          .len = image->frames[i].len,
                                          .origin = FROM_FRAME});
    }
    candidates_merge(candidates, &run);
}

static void add_debug(struct candidates *candidates, struct image *image,
                      struct diag *diag) {
    struct debug_function *functions = NULL;
    struct symbol *symbols = NULL;
    size_t count = 0, symbol_count = 0;
    debug_functions(image, &functions, &count, &symbols, &symbol_count, diag);
    struct candidate_run run = {0};
    for (size_t i = 0; i < count; i++) {
        const struct debug_function *function = &functions[i];
        struct candidate candidate = {.va = function->va,
                                      .len = function->len,
                                      .name = function->name,
                                      .origin = FROM_DEBUG};
        candidates_add(candidates, &run, candidate);
        if (function->linkage_name.n > 0) {
            candidate.name = function->linkage_name;
            candidates_add(candidates, &run, candidate);
        }
    }
    candidates_merge(candidates, &run);
    add_symbols(candidates, symbols, symbol_count);
}

// Certain to be code, whatever unwind information says of it.
static void add_entry(struct candidates *candidates,
                      const struct image *image) {
    const uint64_t entries[] = {image->entry_va, image->init_va,
                                image->fini_va};
    struct candidate_run run = {0};
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        if (entries[i] != 0 || (i == 0 && image->is_bare)) {
            candidates_add(
                candidates, &run,
                (struct candidate){.va = entries[i], .origin = FROM_LABEL});
        }
    }
    for (size_t i = 0; i < image->initializer_count; i++) {
        candidates_add(candidates, &run,
                       (struct candidate){.va = image->initializers[i],
                                          .origin = FROM_LABEL});
    }
    candidates_merge(candidates, &run);
}

void candidates_gather(struct candidates *candidates, struct image *image,
                       struct diag *diag) {
    add_symbols(candidates, image->symbols, image->symbol_count);
    add_plt(candidates, image);
    add_frames(candidates, image);
    add_debug(candidates, image, diag);
    add_entry(candidates, image);
}
