// stencil.c: an object becomes stencils.
//
//     object     .text: mct_shape_0 | mct_shape_1 | ...     constants
//     runtime    .text.mct_timestamp  .text.mct_agg_find  ...  constants
//                    |
//     stencil_set  stencils[k]: code, points to fill in, what it clobbers
//                  shared: functions of the runtime that are in use, once
//                  rodata: constants that they, or stencils, refer to
//
// What is in use is found from the shapes and the functions that the rewriter
// names, over relocations, section by section. Every relocation must have a
// row in the machine's table and lead to something that is taken or that the
// rewriter defines; there is no writable data. So a careless line of runtime
// code fails here and not in the user's program.

#include <inttypes.h>
#include <string.h>

#include "codegen/unit.h"

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

struct cutter {
    struct arena *arena;
    struct diag *diag;
    const struct codegen_input *input;
    struct stencil_set *set;
    struct units units;
    struct map externs;                           // name -> index + 1
    struct map preserving;                        // names of functions
    struct section_piece *shapes, *first, **last; // taken, in order
    struct bytes shared, rodata, data;
    struct patch_point *words; // in data: addresses that code refers to
    size_t word_count, word_room;
    struct map word_offs; // of a definition: offset in data + 1
    // Of the stencil at hand:
    const struct unit_reloc *relocs;
    size_t reloc_count;
    uint64_t start, len;
    size_t extern_room, function_room;
};

static bool refuse_reloc(const struct cutter *cutter,
                         const struct unit_reloc *reloc, enum tag tag,
                         const char *why) {
    const struct unit *unit = reloc->symbol->unit;
    if (unit && unit->is_library) {
        bool is_plain = tag == R_UNDEFINED;
        diag_error_at(cutter->diag, is_plain ? R_UNDEFINED : B_OBJECT,
                      str_terminated(cutter->arena, unit->name), "%s%.*s%s%s",
                      is_plain ? "" : "what refers to ",
                      STR_ARGS(reloc->symbol->name),
                      is_plain ? " is not defined" : ": ", is_plain ? "" : why);
        return false;
    }
    diag_error_at(cutter->diag, tag, NULL,
                  "generated code: relocation of type %" PRIu32
                  " against %.*s: %s",
                  reloc->type, STR_ARGS(reloc->symbol->name), why);
    return false;
}

// --- what is in use ---

static bool is_of_library(const struct unit_symbol *symbol) {
    return symbol->unit && symbol->unit->is_library;
}

static bool take_piece(struct cutter *cutter, struct section_piece *piece,
                       const struct unit_reloc *why) {
    if (piece->is_taken)
        return true;
    if (!piece->is_loaded || piece == cutter->shapes || piece->is_unsupported ||
        (piece->is_changed && !is_of_library(why->symbol)))
        return refuse_reloc(cutter, why, R_RELOCATION,
                            "it leads to no constant and no function");
    piece->is_taken = true;
    *cutter->last = piece;
    cutter->last = &piece->next;
    return true;
}

static const struct unit_symbol *definition(const struct cutter *cutter,
                                            const struct unit_symbol *symbol) {
    const struct units *units = &cutter->units;
    const struct unit_symbol *found = symbol;
    // A stand-in may be what others are defined as.
    const char *instead =
        is_of_library(symbol) ? NULL : library_stand_in(units, symbol->name);
    if (instead)
        return map_get(&units->defined, str_from(instead));
    if (!symbol->piece && is_of_library(symbol))
        found = map_get(&units->library, symbol->name);
    if (!found || !found->piece)
        found = map_get(&units->defined, symbol->name);
    if (!found && !is_of_library(symbol))
        found = map_get(&units->library, symbol->name);
    return found;
}

// Whether the relocation is of the second half of an address, whose symbol is
// the place of the first.
static bool is_second(const struct cutter *cutter,
                      const struct unit_reloc *reloc) {
    const struct arch *arch = cutter->input->arch;
    return arch->is_second_half && arch->is_second_half(reloc->type);
}

static const struct unit_reloc *first_half(const struct cutter *cutter,
                                           const struct unit_reloc *reloc) {
    const struct section_piece *piece = reloc->symbol->piece;
    for (size_t i = 0; piece && i < piece->reloc_count; i++) {
        const struct unit_reloc *first = &piece->relocs[i];
        if (first->off == reloc->symbol->value && !is_second(cutter, first))
            return first;
    }
    return NULL;
}

static bool take_targets(struct cutter *cutter, struct section_piece *piece) {
    for (size_t i = 0; i < piece->reloc_count; i++) {
        if (is_second(cutter, &piece->relocs[i]))
            continue; // it leads to where the first does
        const struct unit_symbol *symbol =
            definition(cutter, piece->relocs[i].symbol);
        if (symbol && !take_piece(cutter, symbol->piece, &piece->relocs[i]))
            return false;
    }
    return true;
}

// Constants with addresses in them are known when the program runs.
static void make_changed(const struct cutter *cutter,
                         struct section_piece *piece) {
    for (size_t i = 0; !piece->is_code && i < piece->reloc_count; i++) {
        const struct library_reloc *reloc =
            arch_library_reloc(cutter->input->arch, piece->relocs[i].type);
        piece->is_changed |= reloc && reloc->is_absolute &&
                             is_of_library(piece->relocs[i].symbol);
    }
}

static void place(struct cutter *cutter, struct section_piece *piece) {
    make_changed(cutter, piece);
    struct bytes *out = piece->is_code      ? &cutter->shared
                        : piece->is_changed ? &cutter->data
                                            : &cutter->rodata;
    if (piece->bytes.n == 0)
        return; // what is zero comes behind the others
    bytes_align(out, piece->alignment,
                piece->is_code ? cutter->input->arch->padding_byte : 0);
    piece->off = (uint32_t)out->n;
    bytes_add(out, piece->bytes.p, piece->bytes.n);
}

static bool take_all(struct cutter *cutter) {
    const struct codegen_input *input = cutter->input;
    for (size_t i = 0; i < input->keep_count; i++) {
        struct unit_symbol *symbol =
            map_get(&cutter->units.defined, str_from(input->keep[i]));
        if (!symbol) {
            diag_error_at(cutter->diag, R_UNDEFINED, NULL,
                          "the run-time library has no function %s",
                          input->keep[i]);
            return false;
        }
        struct unit_reloc why = {.symbol = symbol};
        if (!take_piece(cutter, symbol->piece, &why))
            return false;
    }
    if (cutter->shapes && !take_targets(cutter, cutter->shapes))
        return false;
    for (struct section_piece *piece = cutter->first; piece;
         piece = piece->next) {
        place(cutter, piece);
        if (!take_targets(cutter, piece))
            return false;
    }
    return true;
}

// Behind all that has bytes.
static void place_zeroes(struct cutter *cutter) {
    uint64_t end = cutter->data.n;
    for (struct section_piece *piece = cutter->first; piece;
         piece = piece->next) {
        if (piece->bytes.n || !piece->is_changed)
            continue;
        uint64_t step = piece->alignment ? piece->alignment : 1;
        end = (end + step - 1) / step * step;
        piece->off = (uint32_t)end;
        end += piece->len;
    }
    cutter->set->data_len = end;
}

// --- patch points ---

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
    name = str_slice(name, 4, name.n);
    while (name.n && name.p[0] == '_')
        name = str_slice(name, 1, name.n);
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
        if (!str_equal(name, str_from(known[i].name)))
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
    return refuse_reloc(cutter, reloc, R_UNDEFINED, "it is not defined");
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
        return refuse_reloc(cutter, reloc, R_RELOCATION,
                            "the machine's table has no row for it");
    const struct unit_symbol *symbol = definition(cutter, reloc->symbol);
    if (!symbol)
        return is_of_library(reloc->symbol)
                   ? refuse_reloc(cutter, reloc, R_UNDEFINED, "")
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

static bool make_point(struct cutter *cutter, const struct unit_reloc *reloc,
                       uint32_t off, struct patch_point *point) {
    const struct arch *arch = cutter->input->arch;
    if (!is_second(cutter, reloc))
        return point_alone(cutter, reloc, off, point);
    const struct unit_reloc *first = first_half(cutter, reloc);
    if (!first)
        return refuse_reloc(cutter, reloc, R_RELOCATION,
                            "the first half of the address is missing");
    if (!point_alone(cutter, first, off, point))
        return false;
    // Distances count from the first half.
    point->reloc = arch_reloc(arch, reloc->type);
    point->addend += (int64_t)(reloc->off - first->off);
    return true;
}

static bool make_piece_points(struct cutter *cutter, enum target_kind kind,
                              const struct patch_point **points,
                              size_t *count) {
    struct patch_point *items = NULL;
    size_t room = 0;
    for (struct section_piece *piece = cutter->first; piece;
         piece = piece->next) {
        for (size_t i = 0; kind_of(piece) == kind && i < piece->reloc_count;
             i++) {
            const struct unit_reloc *reloc = &piece->relocs[i];
            struct patch_point *point =
                ARENA_PUSH(cutter->arena, items, *count, room);
            if (!make_point(cutter, reloc, piece->off + (uint32_t)reloc->off,
                            point))
                return false;
            if (point->kind == TARGET_NEXT || point->kind == TARGET_SLOT ||
                point->kind == TARGET_VALUE)
                return refuse_reloc(cutter, reloc, R_RELOCATION,
                                    "only a shape knows its site");
        }
    }
    for (size_t i = 0; kind == TARGET_DATA && i < cutter->word_count; i++)
        *ARENA_PUSH(cutter->arena, items, *count, room) = cutter->words[i];
    *points = items;
    return true;
}

// --- shapes ---

// The relocation in these bytes of the stencil at hand.
static const struct unit_reloc *reloc_in(const struct cutter *cutter,
                                         uint32_t off, uint32_t len) {
    uint64_t at = cutter->start + off;
    for (size_t i = 0; i < cutter->reloc_count; i++)
        if (cutter->relocs[i].off >= at && cutter->relocs[i].off < at + len)
            return &cutter->relocs[i];
    return NULL;
}

static bool is_relocated(void *state, uint32_t off, uint32_t len) {
    return reloc_in(state, off, len) != NULL;
}

static regset call_clobbers(void *state, uint32_t off, uint32_t len) {
    const struct cutter *cutter = state;
    const struct abi *abi = &cutter->input->arch->abi;
    const struct unit_reloc *reloc = reloc_in(cutter, off, len);
    if (!reloc || !map_get(&cutter->preserving, reloc->symbol->name))
        return abi->caller_saved;
    return abi->lost_by_most;
}

// The relocations within a shape.
static void find_relocs(struct cutter *cutter,
                        const struct unit_symbol *symbol) {
    const struct section_piece *piece = cutter->shapes;
    size_t low;
    LOWER_BOUND(low, piece->reloc_count,
                piece->relocs[low].off < symbol->value);
    cutter->start = symbol->value;
    cutter->len = symbol->len;
    cutter->relocs = piece->relocs + low;
    size_t end = low;
    while (end < piece->reloc_count &&
           piece->relocs[end].off < symbol->value + symbol->len)
        end++;
    cutter->reloc_count = end - low;
}

static bool is_return(const struct insn *insn) {
    return insn->kind == INSN_RETURN || insn->kind == INSN_RETURN_COND;
}

// A shape that returns goes on behind its end instead: a last return is cut
// off, others become jumps there.
static bool end_returns(struct cutter *cutter, struct slice *code) {
    const struct arch *arch = cutter->input->arch;
    struct insn insn;
    struct bytes out;
    if (!arch->return_to_jump)
        return true;
    bytes_init(&out, cutter->arena, arch->order);
    size_t end = code->n;
    for (uint32_t off = 0; off < end; off += insn.len) {
        struct code at = {{code->p + off, code->n - off}, off, arch->mode};
        bool is_known = arch->decode(&at, &insn);
        bool is_last = off + insn.len == end;
        if (is_known && is_last && insn.kind == INSN_RETURN) {
            end = off;
            off = 0; // jumps that went there are made again
            out.n = 0;
            insn.len = 0;
        } else if (!is_known || !is_return(&insn)) {
            bytes_add(&out, at.bytes.p, insn.len);
        } else if (!arch->return_to_jump(&insn, end, &out)) {
            diag_error_at(cutter->diag, R_CODEGEN, NULL,
                          "generated code: a return at %" PRIu32
                          " is too far from the end",
                          off);
            return false;
        }
    }
    *code = (struct slice){out.p, out.n};
    return true;
}

static uint32_t data_len(void *state, uint32_t off) {
    const struct cutter *cutter = state;
    return pool_data_len(cutter->shapes, cutter->start, cutter->len, off);
}

static bool make_stencil(struct cutter *cutter, struct slice code,
                         struct stencil *stencil) {
    struct code_reader reader = {cutter->arena, cutter->input->arch,
                                 cutter->diag,  call_clobbers,
                                 is_relocated,  data_len,
                                 cutter};
    struct code_facts facts;
    if (!end_returns(cutter, &code))
        return false;
    pool_cut(cutter->arena, cutter->input->arch, cutter->shapes, cutter->start,
             &code, stencil);
    if (!code_read(&reader, code, &facts))
        return false;
    size_t count = cutter->reloc_count;
    struct patch_point *points =
        ARENA_ARRAY(cutter->arena, struct patch_point, count ? count : 1);
    for (size_t i = 0; i < count; i++)
        if (!make_point(cutter, &cutter->relocs[i],
                        (uint32_t)(cutter->relocs[i].off - cutter->start),
                        &points[i]))
            return false;
    stencil->code = code;
    pool_part_points(stencil, points, count);
    // What follows the stencil is where that jump would go.
    count = stencil->point_count;
    if (facts.ends_in_jump && count > 0 &&
        points[count - 1].kind == TARGET_NEXT &&
        points[count - 1].off >= facts.last_off) {
        stencil->code.n = facts.last_off;
        stencil->point_count--;
        facts.insn_count--;
    }
    stencil->locks = facts.locks;
    stencil->lock_count = (uint32_t)facts.lock_count;
    const struct abi *abi = &cutter->input->arch->abi;
    stencil->clobbers = facts.clobbers & abi->caller_saved;
    if (abi->link != REG_NONE)
        stencil->clobbers &= ~REG_BIT(abi->link);
    stencil->stack_len = facts.stack_len;
    stencil->stack_rows = facts.rows;
    stencil->stack_row_count = facts.row_count;
    stencil->insn_count = facts.insn_count;
    return true;
}

static bool cut_shape(struct cutter *cutter, size_t index) {
    char name[40];
    snprintf(name, sizeof name, "mct_shape_%zu", index);
    struct unit_symbol *symbol =
        map_get(&cutter->units.defined, str_from(name));
    const struct section_piece *shapes = cutter->shapes;
    if (!symbol || !shapes || symbol->piece != shapes ||
        !slice_contains(shapes->bytes, symbol->value, symbol->len)) {
        diag_error_at(cutter->diag, R_CODEGEN, NULL,
                      "generated object: %s is missing", name);
        return false;
    }
    struct stencil *stencil = &cutter->set->stencils[index];
    const struct codegen_input *input = cutter->input;
    stencil->inputs =
        shape_inputs(input->shapes[index], input->arch, &stencil->wants_sp);
    find_relocs(cutter, symbol);
    struct slice code = {shapes->bytes.p + symbol->value, (size_t)symbol->len};
    return make_stencil(cutter, code, stencil);
}

// --- the shared code ---

static void list_functions(struct cutter *cutter) {
    struct stencil_set *set = cutter->set;
    for (size_t u = 0; u < cutter->units.count; u++) {
        const struct unit *unit = cutter->units.items[u];
        for (size_t i = 0; i < unit->symbol_count; i++) {
            const struct unit_symbol *symbol = &unit->symbols[i];
            if (!symbol->is_function || !symbol->piece ||
                !symbol->piece->is_taken || !symbol->piece->is_code)
                continue;
            *ARENA_PUSH(cutter->arena, set->functions, set->function_count,
                        cutter->function_room) = (struct shared_function){
                str_copy(cutter->arena, symbol->name),
                symbol->piece->off + (uint32_t)symbol->value,
                (uint32_t)symbol->len};
        }
    }
}

static bool cut_all(struct cutter *cutter) {
    struct stencil_set *set = cutter->set;
    unit_settle(&cutter->units, cutter->units.items[0], cutter->input->arch);
    struct unit_symbol *first =
        map_get(&cutter->units.defined, STR("mct_shape_0"));
    cutter->shapes = first ? first->piece : NULL;
    if (!take_all(cutter))
        return false;
    place_zeroes(cutter);
    size_t count = cutter->input->shape_count;
    set->stencil_count = count;
    set->stencils = ARENA_ARRAY(cutter->arena, struct stencil, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!cut_shape(cutter, i))
            return false;
    set->shared = (struct slice){cutter->shared.p, cutter->shared.n};
    set->rodata = (struct slice){cutter->rodata.p, cutter->rodata.n};
    list_functions(cutter);
    set->data = (struct slice){cutter->data.p, cutter->data.n};
    return make_piece_points(cutter, TARGET_SHARED, &set->shared_points,
                             &set->shared_point_count) &&
           make_piece_points(cutter, TARGET_RODATA, &set->rodata_points,
                             &set->rodata_point_count) &&
           make_piece_points(cutter, TARGET_DATA, &set->data_points,
                             &set->data_point_count);
}

bool stencil_cut(struct arena *arena, const struct object *object,
                 const struct codegen_input *input, struct stencil_set *set,
                 struct diag *diag) {
    *set = (struct stencil_set){0};
    struct cutter cutter = {
        .arena = arena,
        .diag = diag,
        .input = input,
        .set = set,
        .units = {.arena = arena, .diag = diag, .arch = input->arch}};
    cutter.last = &cutter.first;
    map_init(&cutter.units.defined, arena);
    map_init(&cutter.units.library, arena);
    map_init(&cutter.units.wanted, arena);
    map_init(&cutter.word_offs, arena);
    bytes_init(&cutter.data, arena, input->arch->order);
    map_init(&cutter.externs, arena);
    map_init(&cutter.preserving, arena);
    bytes_init(&cutter.shared, arena, input->arch->order);
    bytes_init(&cutter.rodata, arena, input->arch->order);
    for (size_t i = 0; i < object->preserving_count; i++)
        map_put(&cutter.preserving, object->preserving[i], &cutter);
    struct runtime runtime = {0};
    bool done = runtime_for(input, &runtime) &&
                unit_read(&cutter.units, object->bytes, STR(""), false) &&
                unit_read(&cutter.units, runtime.object, STR(""), false) &&
                library_read(&cutter.units, input) && cut_all(&cutter);
    units_close(&cutter.units);
    return done;
}

bool stencil_find_function(const struct stencil_set *set, const char *name,
                           uint32_t *off) {
    for (size_t i = 0; i < set->function_count; i++) {
        if (!str_equal(set->functions[i].name, str_from(name)))
            continue;
        *off = set->functions[i].off;
        return true;
    }
    return false;
}
