// regions.c: what an image is told about its region.

#include <string.h>

#include "cmd/job.h"
#include "mctrace/aggs.h"
#include "mctrace/runtime.h"

struct merges {
    struct arena *arena;
    struct mct_merge *items;
    size_t count, room;
};

// Cells that follow each other and merge alike are one row: a slot for every
// function of a large program makes a single one.
static void add(struct merges *merges, enum mct_merge_op op, uint64_t off,
                uint32_t count) {
    struct mct_merge *last =
        merges->count ? &merges->items[merges->count - 1] : NULL;
    if (last && last->op == op && last->width == 8 &&
        last->off + (uint64_t)last->count * 8 == off &&
        last->count <= UINT32_MAX - count) {
        last->count += count;
        return;
    }
    *ARENA_PUSH(merges->arena, merges->items, merges->count, merges->room) =
        (struct mct_merge){
            .off = off, .count = count, .op = (uint8_t)op, .width = 8};
}

static void add_variable(struct merges *merges,
                         const struct mapping_variable *variable) {
    bool is_text = variable->type.kind == IR_STRING;
    *ARENA_PUSH(merges->arena, merges->items, merges->count, merges->room) =
        (struct mct_merge){
            .off = variable->off,
            .count = is_text ? variable->size : 1,
            .op = is_text ? MCT_MERGE_COPY : MCT_MERGE_ADD,
            .width = is_text ? 1 : (uint8_t)variable->size,
        };
}

static void add_slot(struct merges *merges,
                     const struct mapping_aggregation *aggregation,
                     uint64_t off) {
    const char *letters = aggregation->function->cells;
    if (letters[0] == '*') {
        add(merges, MCT_MERGE_ADD, off, aggregation->cell_count);
        return;
    }
    for (uint32_t i = 0; i < aggregation->cell_count; i++) {
        enum mct_merge_op op = mct_letter_op(letters[i]);
        uint32_t count = op == MCT_MERGE_ADD128 ? 2 : 1;
        add(merges, op, off + i * 8u, count);
        i += count - 1;
    }
}

struct mct_merge *merges_make(struct arena *arena,
                              const struct mapping *mapping, uint32_t *count) {
    struct merges merges = {.arena = arena};
    for (size_t i = 0; i < mapping->variable_count; i++)
        add_variable(&merges, &mapping->variables[i]);
    for (size_t i = 0; i < mapping->aggregation_count; i++) {
        const struct mapping_aggregation *aggregation =
            &mapping->aggregations[i];
        for (size_t k = 0; k < aggregation->slot_count; k++)
            add_slot(&merges, aggregation, aggregation->slots[k].off);
        if (aggregation->has_table)
            *ARENA_PUSH(arena, merges.items, merges.count, merges.room) =
                (struct mct_merge){.off = aggregation->table_off,
                                   .count = 1,
                                   .op = MCT_MERGE_TABLE,
                                   .agg = aggregation->function->id};
    }
    *count = (uint32_t)merges.count;
    return merges.items;
}

// --- what printa() and its kind take out ---

static bool drains(const struct ir_script *script) {
    for (size_t i = 0; i < script->segment_count; i++)
        for (uint32_t k = 0; k < script->segments[i]->action_count; k++)
            if (script->segments[i]->actions[k].aggregation_count > 0)
                return true;
    return false;
}

struct slice drains_make(struct job *job) {
    const struct ir_script *script = job->script;
    struct bytes out;
    bytes_init(&out, job->arena, job->arch->order);
    if (!drains(script))
        return (struct slice){0};
    uint64_t slots_off =
        script->aggregation_count * sizeof(struct mct_drain_info);
    for (size_t i = 0; i < script->aggregation_count; i++) {
        const struct ir_aggregation *from = script->aggregations[i];
        bytes_u64(&out, from->has_table ? from->table_off : 0);
        bytes_u64(&out, slots_off);
        bytes_u32(&out, (uint32_t)from->slot_count);
        bytes_u16(&out, (uint16_t)from->key_words);
        bytes_u16(&out, (uint16_t)from->cell_count);
        bytes_u8(&out, from->table_log2);
        bytes_add_zero(&out, 7);
        slots_off += from->slot_count * sizeof(uint64_t);
    }
    for (size_t i = 0; i < script->aggregation_count; i++)
        for (size_t k = 0; k < script->aggregations[i]->slot_count; k++)
            bytes_u64(&out, script->aggregations[i]->slots[k].off);
    return (struct slice){out.p, out.n};
}

// Memory for the texts of one clause: no limit of it is to surface. None if
// no clause works with a firing.
static uint64_t scratch_len(const struct job *job) {
    bool wants = false;
    for (size_t i = 0; i < job->folder.shape_count; i++)
        wants |= ir_wants_firing(job->folder.shape_list[i]) ||
                 ir_wants_thread(job->folder.shape_list[i]) ||
                 ir_may_fail(job->folder.shape_list[i]);
    uint64_t text = (uint64_t)job->script->options.values[IR_OPTION_strsize];
    return wants ? (64 << 10) + 64 * (text + 16) : 0;
}

static uint32_t policy_flag(int64_t policy) {
    return policy == IR_POLICY_RING   ? MCT_CONFIG_RING
           : policy == IR_POLICY_FILL ? MCT_CONFIG_FILL
                                      : 0;
}

// Memory without an operating system: a thread and what clauses work with, as
// far as there are any that want it, and chunks of records. All of it is small.
static void bare_config(struct job *job, struct mct_config *config) {
    enum { PROCESS = 256, FAULT_RING = 512, TEXTS = 4 };
    bool wants = config->scratch_len != 0;
    config->scratch_len = wants ? TEXTS * (config->strsize + 16) : 0;
    uint64_t firing = MCT_FIRING_VARS + (config->this_len + 63) / 64 * 64 +
                      3 * config->alloca_len + config->scratch_len + 16;
    config->private_len =
        MCT_BARE_PRIVATE +
        (wants ? PROCESS + MCT_THREAD_VARS + (config->self_len + 15) / 16 * 16 +
                     MCT_BARE_NESTED * firing
               : 0);
    config->private_len = (config->private_len + 15) / 16 * 16;
    uint64_t ring = job->script->segment_count ? config->bufsize
                    : wants                    ? FAULT_RING
                                               : 0;
    config->ring_len = ring / MCT_BARE_CHUNK * MCT_BARE_CHUNK;
    if (job->units[0].image->processor.holds_by_status)
        config->flags |= MCT_CONFIG_STATUS;
}

struct mct_config *config_make(struct job *job, const struct unit *unit) {
    struct mct_config *config = ARENA_NEW(job->arena, struct mct_config);
    const struct layout *layout = &job->layout;
    memcpy(config->identity, job->mapping->identity, sizeof config->identity);
    config->region_len = layout->region_len;
    config->vars_off = layout->vars_off;
    config->vars_len = layout->vars_len;
    config->aggs_off = layout->aggs_off;
    config->aggs_len = layout->aggs_len;
    const int64_t *options = job->script->options.values;
    config->strsize = (uint64_t)options[IR_OPTION_strsize];
    config->alloca_len =
        ((uint64_t)options[IR_OPTION_scratchsize] + 7) & ~(uint64_t)7;
    config->scratch_len = scratch_len(job);
    config->self_len = layout->self_len;
    config->this_len = layout->this_len;
    config->bufsize = (uint64_t)options[IR_OPTION_bufsize];
    config->dynvar_off = layout->dynvar_off;
    config->dynvar_len = layout->dynvar_len;
    config->spec_off = layout->spec_off;
    config->specsize = (uint64_t)options[IR_OPTION_specsize];
    config->nspec = (uint32_t)options[IR_OPTION_nspec];
    size_t touched = 0;
    for (size_t i = 0; i < job->unit_count; i++)
        touched +=
            job->units[i].is_touched &&
            (job->units[i].owner == unit->owner || job->units[i].is_host);
    config->image_count = (uint32_t)touched;
    config->watcher = (uint64_t)job->tracer.pid;
    uint32_t watched = MCT_CONFIG_WATCHED | MCT_CONFIG_LIVE |
                       (unit->is_host ? MCT_CONFIG_HOST : MCT_CONFIG_JOIN);
    config->flags =
        (job->is_watched ? watched : 0) |
        (unit->library ? MCT_CONFIG_LIBRARY : 0) |
        (job->flips_locks ? MCT_CONFIG_FLIP_LOCKS : 0) |
        (touched > 1 ? MCT_CONFIG_SEVERAL : 0) |
        policy_flag(options[IR_OPTION_bufpolicy]) |
        (job->is_guarded ? MCT_CONFIG_GUARD : 0) |
        (closure_starts_late(unit->owner->units[0].image) ? MCT_CONFIG_LATE
                                                          : 0);
    if (job->is_bare)
        bare_config(job, config);
    else // outputs_check() saw that it fits.
        memcpy(config->path, job->persistence, strlen(job->persistence));
    return config;
}
