// layout.c: what lies where in the region.
//
//     header | variables | slots of aggregations, in order of their sites |
//     tables | associative arrays | speculations
//
// Slots are handed out while sites are folded, so that trampolines in the
// order of their functions write cells in the same order. Tables follow when
// all sites are known. Texts are strings that keys and probefunc-like
// variables refer to by their offset; offset 0 is the empty string.

#include "ir/fold.h"
#include "mctrace/region.h"

#define VARS_ALIGN 64
// The added segment has to stay within reach of pc-relative accesses.
#define REGION_MAX ((uint64_t)1 << 30)

static uint64_t align_up(uint64_t value, uint64_t alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

// A text has a terminator, and a byte that says that it is not NULL.
static void size_variable(struct ir_variable *variable, uint64_t strsize) {
    if (variable->type.kind == IR_STRING)
        variable->size = (uint32_t)strsize + 2;
    else if (variable->type.kind == IR_INT)
        variable->size = variable->type.bits / 8u;
}

// Scalars of one storage, from `start` on; returns what they take.
static uint64_t place_variables(struct ir_script *script,
                                enum ir_storage storage, uint64_t start) {
    uint64_t off = start;
    for (size_t i = 0; i < script->variable_count; i++) {
        struct ir_variable *variable = script->variables[i];
        if (variable->storage != storage || variable->key_count > 0)
            continue;
        off = align_up(off, variable->type.kind == IR_INT ? variable->size : 8);
        variable->off = off;
        off += variable->size;
    }
    return off - start;
}

static uint64_t text_words(const struct layout *layout) {
    return (layout->strsize + 1 + 7) / 8;
}

static void measure_arrays(struct layout *layout, struct ir_script *script) {
    for (size_t i = 0; i < script->variable_count; i++) {
        struct ir_variable *variable = script->variables[i];
        variable->index = (uint32_t)i;
        if (variable->key_count == 0)
            continue;
        // The variable in front, and the thread of thread-local ones.
        uint64_t words = 1 + (variable->storage == IR_SELF_VARIABLE);
        for (uint32_t k = 0; k < variable->key_count; k++)
            words += variable->key_types[k].kind == IR_STRING
                         ? text_words(layout)
                         : 1;
        uint64_t len = align_up(variable->size, 8);
        if (words > layout->dynvar_key_words)
            layout->dynvar_key_words = words;
        if (len > layout->dynvar_value_len)
            layout->dynvar_value_len = len;
    }
}

void layout_begin(struct layout *layout, struct arena *arena,
                  struct ir_script *script, const struct arch *arch) {
    // What lies behind the region in the file is mapped, too.
    uint32_t page =
        arch->page > MCT_REGION_ALIGN ? arch->page : MCT_REGION_ALIGN;
    *layout = (struct layout){.arena = arena,
                              .arch = arch,
                              .region_align = page,
                              .chunk_align = MCT_REGION_ALIGN};
    bytes_init(&layout->texts, arena, arch->order);
    bytes_init(&layout->scratch, arena, arch->order);
    map_init(&layout->text_offs, arena);
    map_init(&layout->slots, arena);
    layout_text(layout, STR(""));
    for (size_t i = 0; i < script->variable_count; i++)
        size_variable(script->variables[i], script->strsize);
    layout->strsize = script->strsize;
    layout->vars_off = align_up(sizeof(struct mct_region), VARS_ALIGN);
    layout->vars_len =
        place_variables(script, IR_GLOBAL_VARIABLE, layout->vars_off);
    layout->self_len = place_variables(script, IR_SELF_VARIABLE, 0);
    layout->this_len = place_variables(script, IR_THIS_VARIABLE, 0);
    measure_arrays(layout, script);
    layout->aggs_off =
        align_up(layout->vars_off + layout->vars_len, VARS_ALIGN);
}

uint64_t layout_text(struct layout *layout, struct str text) {
    // The map holds offset + 1, as NULL means absent.
    uintptr_t known = (uintptr_t)map_get(&layout->text_offs, text);
    if (known)
        return known - 1;
    size_t off = layout->texts.n;
    bytes_add(&layout->texts, text.p, text.n);
    bytes_u8(&layout->texts, 0);
    map_put(&layout->text_offs, str_copy(layout->arena, text),
            (void *)(off + 1));
    return off;
}

uint64_t layout_slot(struct layout *layout, struct ir_aggregation *aggregation,
                     const uint64_t *keys) {
    layout->scratch.n = 0;
    bytes_u32(&layout->scratch, aggregation->index);
    bytes_add(&layout->scratch, keys, aggregation->key_count * sizeof *keys);
    struct str key = {(const char *)layout->scratch.p, layout->scratch.n};
    uintptr_t known = (uintptr_t)map_get(&layout->slots, key);
    if (known)
        return known;
    struct ir_agg_slot *slot =
        ARENA_PUSH(layout->arena, aggregation->slots, aggregation->slot_count,
                   aggregation->slot_room);
    slot->off = layout->aggs_off + layout->aggs_len;
    slot->keys =
        arena_grow(layout->arena, keys, aggregation->key_count * sizeof *keys,
                   aggregation->key_count * sizeof *keys);
    layout->aggs_len += aggregation->cell_count * sizeof(uint64_t);
    map_put(&layout->slots, str_copy(layout->arena, key),
            (void *)(uintptr_t)slot->off);
    return slot->off;
}

static void place_table(struct layout *layout,
                        struct ir_aggregation *aggregation, uint64_t aggsize) {
    aggregation->key_words = 0;
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        struct ir_key_form *form = &aggregation->key_forms[i];
        if (form->kind != IR_KEY_STACK)
            form->words =
                form->kind == IR_KEY_STRING ? (uint32_t)text_words(layout) : 1;
        aggregation->key_words += form->words;
    }
    uint64_t entry_len =
        MCT_ENTRY_WORDS(aggregation->key_words, aggregation->cell_count) *
        sizeof(uint64_t);
    // As many entries as fit.
    uint8_t log2 = MCT_TABLE_LEAST_LOG2;
    while (log2 < 30 && (entry_len << (log2 + 1)) <= aggsize)
        log2++;
    aggregation->table_log2 = log2;
    layout->aggs_len = align_up(layout->aggs_len, VARS_ALIGN);
    aggregation->table_off = layout->aggs_off + layout->aggs_len;
    layout->aggs_len += MCT_TABLE_ENTRIES_OFF(log2) + (entry_len << log2);
}

// As many entries of the largest kind as fit, a power of two.
static void place_arrays(struct layout *layout, uint64_t dynvarsize) {
    if (layout->dynvar_value_len == 0)
        return;
    uint64_t entry_len =
        8 + layout->dynvar_key_words * 8 + layout->dynvar_value_len;
    while (layout->dynvar_log2 < 40 &&
           entry_len << (layout->dynvar_log2 + 1) <= dynvarsize)
        layout->dynvar_log2++;
    layout->dynvar_len =
        sizeof(struct mct_dynvars) + (entry_len << layout->dynvar_log2);
}

bool layout_end(struct layout *layout, struct ir_script *script,
                struct diag *diag) {
    for (size_t i = 0; i < script->aggregation_count; i++)
        if (script->aggregations[i]->has_table)
            place_table(layout, script->aggregations[i], script->aggsize);
    layout->dynvar_off =
        align_up(layout->aggs_off + layout->aggs_len, VARS_ALIGN);
    place_arrays(layout,
                 (uint64_t)script->options.values[IR_OPTION_dynvarsize]);
    layout->spec_off = align_up(layout->dynvar_off + layout->dynvar_len, 8);
    uint64_t speculations = (uint64_t)script->options.values[IR_OPTION_nspec];
    layout->region_len = align_up(
        layout->spec_off + speculations * sizeof(struct mct_speculation),
        layout->region_align);
    if (layout->region_len <= REGION_MAX)
        return true;
    diag_error_at(diag, R_LAYOUT, NULL,
                  "variables and aggregations take %llu bytes, more than the "
                  "%llu that fit beside the program",
                  (unsigned long long)layout->region_len,
                  (unsigned long long)REGION_MAX);
    diag_help(diag, "a smaller `#pragma D option aggsize=` makes tables "
                    "smaller");
    return false;
}
