// layout.c: what lies where in the region.
//
//     header | variables | slots of aggregations, in order of their sites |
//     tables
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

void layout_begin(struct layout *layout, struct arena *arena,
                  struct ir_script *script, const struct arch *arch) {
    *layout = (struct layout){.arena = arena, .arch = arch};
    bytes_init(&layout->texts, arena, arch->order);
    bytes_init(&layout->scratch, arena, arch->order);
    map_init(&layout->text_offs, arena);
    map_init(&layout->slots, arena);
    layout_text(layout, STR(""));
    layout->vars_off = align_up(sizeof(struct mct_region), VARS_ALIGN);
    uint64_t off = layout->vars_off;
    for (size_t i = 0; i < script->variable_count; i++) {
        struct ir_variable *variable = script->variables[i];
        bool is_text = variable->type.kind == IR_STRING;
        bool is_int = variable->type.kind == IR_INT;
        if (is_text || is_int)
            variable->size = is_text ? (uint32_t)script->strsize + 1
                                     : variable->type.bits / 8u;
        off = align_up(off, is_int ? variable->size : 8);
        variable->off = off;
        off += variable->size;
    }
    layout->vars_len = off - layout->vars_off;
    layout->aggs_off = align_up(off, VARS_ALIGN);
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
    uint64_t entry_len =
        (1 + aggregation->key_count + aggregation->cell_count) *
        sizeof(uint64_t);
    // At least four entries, and as many as fit.
    uint8_t log2 = 2;
    while (log2 < 30 && (entry_len << (log2 + 1)) <= aggsize)
        log2++;
    aggregation->table_log2 = log2;
    layout->aggs_len = align_up(layout->aggs_len, VARS_ALIGN);
    aggregation->table_off = layout->aggs_off + layout->aggs_len;
    layout->aggs_len += sizeof(struct mct_table) + (entry_len << log2);
}

bool layout_end(struct layout *layout, struct ir_script *script,
                struct diag *diag) {
    for (size_t i = 0; i < script->aggregation_count; i++)
        if (script->aggregations[i]->has_table)
            place_table(layout, script->aggregations[i], script->aggsize);
    layout->region_len =
        align_up(layout->aggs_off + layout->aggs_len, MCT_REGION_ALIGN);
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
