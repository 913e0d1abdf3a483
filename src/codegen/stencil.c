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

#include "codegen/cutter.h"

bool cutter_refuse(const struct cutter *cutter, const struct unit_reloc *reloc,
                   enum tag tag, const char *why) {
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

static bool take_piece(struct cutter *cutter, struct section_piece *piece,
                       const struct unit_reloc *why) {
    if (piece->is_taken)
        return true;
    if (!piece->is_loaded || piece == cutter->shapes || piece->is_unsupported ||
        (piece->is_changed && !is_of_library(why->symbol)))
        return cutter_refuse(cutter, why, R_RELOCATION,
                             "it leads to no constant and no function");
    piece->is_taken = true;
    *cutter->last = piece;
    cutter->last = &piece->next;
    return true;
}

const struct unit_symbol *cutter_definition(const struct cutter *cutter,
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

bool cutter_is_second(const struct cutter *cutter,
                      const struct unit_reloc *reloc) {
    const struct arch *arch = cutter->input->arch;
    return arch->is_second_half && arch->is_second_half(reloc->type);
}

static bool take_targets(struct cutter *cutter, struct section_piece *piece) {
    for (size_t i = 0; i < piece->reloc_count; i++) {
        if (cutter_is_second(cutter, &piece->relocs[i]))
            continue; // it leads to where the first does
        const struct unit_symbol *symbol =
            cutter_definition(cutter, piece->relocs[i].symbol);
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
        if (!point_make(cutter, &cutter->relocs[i],
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
    stencil->call_count = facts.call_count;
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
        shape_inputs(input->shapes[index], input->arch, &stencil->given);
    stencil->handover = input_handover(input, index);
    stencil->hole_count = input->shapes[index]->hole_count;
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
    return points_make(cutter, TARGET_SHARED, &set->shared_points,
                       &set->shared_point_count) &&
           points_make(cutter, TARGET_RODATA, &set->rodata_points,
                       &set->rodata_point_count) &&
           points_make(cutter, TARGET_DATA, &set->data_points,
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
        if (!str_is(set->functions[i].name, name))
            continue;
        *off = set->functions[i].off;
        return true;
    }
    return false;
}
