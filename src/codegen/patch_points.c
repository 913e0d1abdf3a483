// patch_points.c: relocations of an object become points that are filled in at
// every site.
//
// What a symbol means is decided here: a function or constant that was taken,
// a hole of the shape, or one of the symbols that the rewriter defines.

#include <string.h>

#include "codegen/cutter.h"

// Symbols the rewriter defines, and how they are reached.
static const struct known_symbol {
    const char *name;
    uint8_t kind; // enum target_kind
} known[] = {
    {"mct_next", TARGET_NEXT},
    {"mct_region", TARGET_REGION},
    {"mct_library_data", TARGET_DATA},
    {"mct_texts", TARGET_TEXTS},
    {"mct_config", TARGET_EXTERN},
    {"mct_locks", TARGET_EXTERN},
    {"mct_merges", TARGET_EXTERN},
    {"mct_drains", TARGET_EXTERN},
    {"mct_timers", TARGET_EXTERN},
    {"mct_search", TARGET_EXTERN},
    {"mct_text", TARGET_EXTERN},
    {"mct_base", TARGET_EXTERN},
    {"mct_library", TARGET_EXTERN},
    {"mct_image", TARGET_EXTERN},
    {"mct_begin", TARGET_EXTERN},
    {"mct_end", TARGET_EXTERN},
    {"mct_error", TARGET_EXTERN},
    {"mct_executed", TARGET_EXTERN},
    {"mct_private", TARGET_PRIVATE},
    {"mct_original_entry", TARGET_EXTERN},
    {"mct_original_init", TARGET_EXTERN},
};

// Those with the number of a hole.
static const struct numbered_symbol {
    const char *name;
    uint8_t kind; // enum target_kind
    uint8_t off;  // from there
} numbered[] = {
    {"mct_slot_", TARGET_SLOT, 0},
    {"mct_low_", TARGET_SLOT, 4}, // the low half of a slot, highest byte first
    {"mct_value_", TARGET_VALUE, 0},
};

static const struct unit_reloc *first_half(const struct cutter *cutter,
                                           const struct unit_reloc *reloc) {
    const struct section_piece *piece = reloc->symbol->piece;
    for (size_t i = 0; piece && i < piece->reloc_count; i++) {
        const struct unit_reloc *first = &piece->relocs[i];
        if (first->off == reloc->symbol->value &&
            !cutter_is_second(cutter, first))
            return first;
    }
    return NULL;
}

static uint32_t extern_index(struct cutter *cutter, struct str name) {
    uintptr_t index = (uintptr_t)map_get(&cutter->externs, name);
    if (index)
        return (uint32_t)index - 1;
    struct stencil_set *set = cutter->set;
    struct str copy = str_copy(cutter->arena, name);
    *ARENA_PUSH(cutter->arena, set->externs, set->extern_count,
                cutter->extern_room) = copy;
    map_put(&cutter->externs, copy, (void *)(uintptr_t)set->extern_count);
    return (uint32_t)set->extern_count - 1;
}

static bool read_number(struct str text, uint32_t *number) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || value > UINT32_MAX)
            return false;
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    *number = (uint32_t)value;
    return text.n > 0 && value <= UINT32_MAX;
}

// A function of the runtime that is there on Linux only.
static bool refuse_bare(const struct cutter *cutter, struct str name) {
    // What several of D's functions call, and is not named as any.
    static const struct {
        const char *name, *what;
    } shared[] = {
        {"mct_record_stack", "ustack"},
        {"mct_key_stack", "ustack"},
        {"mct_symbol", "usym and other names of addresses"},
    };
    const struct str own = name;
    name = str_slice(name, 4, name.n);
    while (name.n && name.p[0] == '_')
        name = str_slice(name, 1, name.n);
    for (size_t i = 0; i < COUNT_OF(shared); i++)
        if (str_is(own, shared[i].name))
            name = str_from(shared[i].what);
    diag_error_at(cutter->diag, R_BARE, NULL,
                  "the script uses what needs an operating system (%.*s), and "
                  "the program runs without one",
                  STR_ARGS(name));
    return false;
}

// A symbol that no unit defines.
static bool point_outside(struct cutter *cutter, const struct unit_reloc *reloc,
                          struct patch_point *point) {
    struct str name = reloc->symbol->name;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (!str_is(name, known[i].name))
            continue;
        point->kind = known[i].kind;
        if (point->kind == TARGET_EXTERN)
            point->index = extern_index(cutter, name);
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(numbered); i++) {
        struct str prefix = str_from(numbered[i].name);
        point->kind = numbered[i].kind;
        if (str_starts_with(name, prefix) &&
            read_number(str_slice(name, prefix.n, name.n), &point->index)) {
            point->addend += numbered[i].off;
            return true;
        }
    }
    if (cutter->input->is_bare && str_starts_with(name, STR("mct_")))
        return refuse_bare(cutter, name);
    return cutter_refuse(cutter, reloc, R_UNDEFINED, "it is not defined");
}

// A word that holds the address of what is meant, for code that looks there.
static uint32_t word_of(struct cutter *cutter, const struct unit_symbol *key,
                        struct patch_point target) {
    uintptr_t made =
        (uintptr_t)map_get_number(&cutter->word_offs, (uint64_t)(uintptr_t)key);
    if (made)
        return (uint32_t)made - 1;
    static const struct reloc_row long_word = {.name = "a word", .len = 8};
    static const struct reloc_row short_word = {.name = "a word", .len = 4};
    uint8_t len = cutter->input->arch->bits / 8;
    uint64_t off = (cutter->set->data_len + len - 1) / len * len;
    cutter->set->data_len = off + len;
    target.off = (uint32_t)off;
    target.reloc = len == 8 ? &long_word : &short_word;
    target.is_absolute = true;
    target.addend = 0;
    *ARENA_PUSH(cutter->arena, cutter->words, cutter->word_count,
                cutter->word_room) = target;
    map_put_number(&cutter->word_offs, (uint64_t)(uintptr_t)key,
                   (void *)(uintptr_t)(off + 1));
    return (uint32_t)off;
}

static enum target_kind kind_of(const struct section_piece *piece) {
    return piece->is_code      ? TARGET_SHARED
           : piece->is_changed ? TARGET_DATA
                               : TARGET_RODATA;
}

static bool point_alone(struct cutter *cutter, const struct unit_reloc *reloc,
                        uint32_t off, struct patch_point *point) {
    const struct arch *arch = cutter->input->arch;
    const struct library_reloc *beyond = NULL;
    *point = (struct patch_point){.off = off, .addend = reloc->addend};
    point->reloc = arch_reloc(arch, reloc->type);
    if (!point->reloc && is_of_library(reloc->symbol)) {
        beyond = arch_library_reloc(arch, reloc->type);
        point->reloc = beyond ? &beyond->row : NULL;
        point->is_absolute = beyond && beyond->is_absolute;
    }
    if (!point->reloc)
        return cutter_refuse(cutter, reloc, R_RELOCATION,
                             "the machine's table has no row for it");
    const struct unit_symbol *symbol = cutter_definition(cutter, reloc->symbol);
    if (!symbol)
        return is_of_library(reloc->symbol)
                   ? cutter_refuse(cutter, reloc, R_UNDEFINED, "")
                   : point_outside(cutter, reloc, point);
    point->kind = (uint8_t)kind_of(symbol->piece);
    point->index = symbol->piece->off + (uint32_t)symbol->value;
    point->addend += symbol->mode;
    if (beyond && beyond->by_word) {
        point->index = word_of(cutter, symbol, *point);
        point->kind = TARGET_DATA;
    }
    return true;
}

bool point_make(struct cutter *cutter, const struct unit_reloc *reloc,
                uint32_t off, struct patch_point *point) {
    const struct arch *arch = cutter->input->arch;
    if (!cutter_is_second(cutter, reloc))
        return point_alone(cutter, reloc, off, point);
    const struct unit_reloc *first = first_half(cutter, reloc);
    if (!first)
        return cutter_refuse(cutter, reloc, R_RELOCATION,
                             "the first half of the address is missing");
    if (!point_alone(cutter, first, off, point))
        return false;
    // Distances count from the first half.
    point->reloc = arch_reloc(arch, reloc->type);
    point->addend += (int64_t)(reloc->off - first->off);
    return true;
}

bool points_make(struct cutter *cutter, enum target_kind kind,
                 const struct patch_point **points, size_t *count) {
    struct patch_point *items = NULL;
    size_t room = 0;
    for (struct section_piece *piece = cutter->first; piece;
         piece = piece->next) {
        for (size_t i = 0; kind_of(piece) == kind && i < piece->reloc_count;
             i++) {
            const struct unit_reloc *reloc = &piece->relocs[i];
            struct patch_point *point =
                ARENA_PUSH(cutter->arena, items, *count, room);
            if (!point_make(cutter, reloc, piece->off + (uint32_t)reloc->off,
                            point))
                return false;
            if (point->kind == TARGET_NEXT || point->kind == TARGET_SLOT ||
                point->kind == TARGET_VALUE)
                return cutter_refuse(cutter, reloc, R_RELOCATION,
                                     "only a shape knows its site");
        }
    }
    for (size_t i = 0; kind == TARGET_DATA && i < cutter->word_count; i++)
        *ARENA_PUSH(cutter->arena, items, *count, room) = cutter->words[i];
    *points = items;
    return true;
}
