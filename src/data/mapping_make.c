// mapping_make.c: the mapping of a script and its region.
//
// Types that fields and variables mention are copied into one table, each
// behind those it contains (mapping_records.c says why). What a pointer points
// to is not followed: its name says enough, and behind a pointer to a structure
// of a large program hangs all of the program.

#include <string.h>

#include "data/data.h"

// --- types ---

struct types {
    struct arena *arena;
    struct map known; // by the address of the original
    struct ir_data_type **items;
    size_t count, room;
};

// Adds a type behind what it contains. Types nest no deeper than the script or
// the debugging information that they come from.
static struct ir_data_type *type_add(struct types *types,
                                     const struct ir_data_type *type) {
    if (!type)
        return NULL;
    struct ir_data_type *copy =
        map_get_number(&types->known, (uint64_t)(uintptr_t)type);
    if (copy)
        return copy;
    copy = ARENA_NEW(types->arena, struct ir_data_type);
    *copy = *type;
    if (type->kind == IR_DATA_ARRAY)
        copy->of = type_add(types, type->of);
    else if (type->kind == IR_DATA_POINTER)
        copy->of = NULL;
    copy->members =
        ARENA_ARRAY(types->arena, struct ir_data_member, type->member_count);
    for (uint32_t i = 0; i < type->member_count; i++) {
        copy->members[i] = type->members[i];
        copy->members[i].type = type_add(types, type->members[i].type);
    }
    copy->index = (uint32_t)types->count;
    *ARENA_PUSH(types->arena, types->items, types->count, types->room) = copy;
    map_put_number(&types->known, (uint64_t)(uintptr_t)type, copy);
    return copy;
}

// --- variables and aggregations ---

// Scalars of the whole script; the rest have no place in the region.
static void make_variables(struct mapping *mapping,
                           const struct ir_script *script,
                           struct types *types) {
    mapping->variables = ARENA_ARRAY(mapping->arena, struct mapping_variable,
                                     script->variable_count);
    for (size_t i = 0; i < script->variable_count; i++) {
        const struct ir_variable *from = script->variables[i];
        if (from->storage == IR_GLOBAL_VARIABLE && from->key_count == 0)
            mapping->variables[mapping->variable_count++] =
                (struct mapping_variable){from->name, from->type, from->off,
                                          from->size,
                                          type_add(types, from->data_type)};
    }
}

static void make_arrays(struct mapping *mapping, const struct ir_script *script,
                        const struct layout *layout, struct types *types) {
    mapping->arrays = ARENA_ARRAY(mapping->arena, struct mapping_array,
                                  script->variable_count);
    mapping->arrays_off = layout->dynvar_off;
    mapping->arrays_log2 = layout->dynvar_log2;
    mapping->arrays_key_words = layout->dynvar_key_words;
    mapping->arrays_value_len = layout->dynvar_value_len;
    for (size_t i = 0; i < script->variable_count; i++) {
        const struct ir_variable *from = script->variables[i];
        if (from->storage == IR_GLOBAL_VARIABLE && from->key_count > 0)
            mapping->arrays[mapping->array_count++] =
                (struct mapping_array){{from->name, from->type, 0, from->size,
                                        type_add(types, from->data_type)},
                                       from->index,
                                       from->key_types,
                                       from->key_count};
    }
}

static void make_keys(struct arena *arena, const struct ir_aggregation *from,
                      struct mapping_aggregation *to) {
    to->keys = ARENA_ARRAY(arena, struct mapping_key, from->key_count);
    for (uint32_t i = 0; i < from->key_count; i++) {
        to->keys[i].type = from->key_types[i];
        to->keys[i].form = from->key_forms[i];
        if (to->keys[i].form.words == 0) // there is no table
            to->keys[i].form.words = 1;
        to->key_words += to->keys[i].form.words;
    }
}

static void make_aggregations(struct mapping *mapping,
                              const struct ir_script *script) {
    mapping->aggregation_count = script->aggregation_count;
    mapping->aggregations = ARENA_ARRAY(
        mapping->arena, struct mapping_aggregation, script->aggregation_count);
    for (size_t i = 0; i < script->aggregation_count; i++) {
        const struct ir_aggregation *from = script->aggregations[i];
        struct mapping_aggregation *to = &mapping->aggregations[i];
        *to = (struct mapping_aggregation){
            .name = from->name,
            .function = from->function,
            .param_count = from->param_count,
            .key_count = from->key_count - from->has_cpu,
            .has_cpu = from->has_cpu,
            .cell_count = from->cell_count,
            .slots = from->slots,
            .slot_count = from->slot_count,
            .has_table = from->has_table,
            .table_off = from->table_off,
            .table_log2 = from->table_log2,
        };
        memcpy(to->params, from->params, sizeof to->params);
        make_keys(mapping->arena, from, to);
    }
}

// --- records ---

static void make_action(struct arena *arena, const struct ir_action *from,
                        struct mapping_action *to, struct types *types) {
    *to = (struct mapping_action){.kind = from->kind,
                                  .format = from->format,
                                  .field_count = from->field_count,
                                  .aggregation_count = from->aggregation_count};
    memcpy(to->constants, from->constants, sizeof to->constants);
    to->fields = ARENA_ARRAY(arena, struct ir_field, from->field_count);
    for (uint32_t i = 0; i < from->field_count; i++) {
        to->fields[i] = from->fields[i];
        to->fields[i].data_type = type_add(types, from->fields[i].data_type);
    }
    to->aggregations = ARENA_ARRAY(arena, uint32_t, from->aggregation_count);
    for (uint32_t i = 0; i < from->aggregation_count; i++)
        to->aggregations[i] = from->aggregations[i]->index;
}

static void make_segments(struct mapping *mapping,
                          const struct ir_script *script, struct types *types) {
    struct arena *arena = mapping->arena;
    mapping->segment_count = script->segment_count;
    mapping->segments =
        ARENA_ARRAY(arena, struct mapping_segment, script->segment_count);
    for (size_t i = 0; i < script->segment_count; i++) {
        const struct ir_segment *from = script->segments[i];
        struct mapping_segment *to = &mapping->segments[i];
        *to = (struct mapping_segment){from->clause,
                                       from->fixed_len,
                                       from->is_speculative,
                                       from->is_default,
                                       NULL,
                                       from->action_count};
        to->actions =
            ARENA_ARRAY(arena, struct mapping_action, from->action_count);
        for (uint32_t k = 0; k < from->action_count; k++)
            make_action(arena, &from->actions[k], &to->actions[k], types);
    }
}

// DTrace's name of a clause counts those of the program from 0.
static void make_clauses(struct mapping *mapping,
                         const struct ir_script *script) {
    mapping->clause_count = script->clause_count;
    mapping->clauses =
        ARENA_ARRAY(mapping->arena, struct str, script->clause_count);
    for (size_t i = 0; i < script->clause_count; i++)
        mapping->clauses[i] = str_format(mapping->arena, "dt_clause_%u",
                                         script->clauses[i]->index);
}

// --- probes ---

struct probes {
    struct mapping *mapping;
    struct map known; // by site: index + 1
    size_t room;
};

static uint32_t probe_of(struct probes *probes, const struct site *site) {
    struct mapping *mapping = probes->mapping;
    uint64_t key = (uint64_t)(uintptr_t)site;
    size_t known = (size_t)(uintptr_t)map_get_number(&probes->known, key);
    if (known)
        return (uint32_t)known - 1;
    *ARENA_PUSH(mapping->arena, mapping->probes, mapping->probe_count,
                probes->room) = (struct mapping_probe){
        site->id, site->provider, site->module, site->probefunc, site->name};
    map_put_number(&probes->known, key,
                   (void *)(uintptr_t)mapping->probe_count);
    return (uint32_t)mapping->probe_count - 1;
}

// Those that record, and those that only ever tell of a fault.
static void make_probes(struct mapping *mapping, const struct folder *folder) {
    struct probes probes = {.mapping = mapping};
    map_init(&probes.known, mapping->arena);
    mapping->enabling_count = folder->enabling_count;
    mapping->enablings = ARENA_ARRAY(mapping->arena, struct mapping_enabling,
                                     folder->enabling_count);
    for (size_t i = 0; i < folder->enabling_count; i++)
        mapping->enablings[i] = (struct mapping_enabling){
            folder->enablings[i].segment->index,
            probe_of(&probes, folder->enablings[i].site)};
    for (size_t i = 0; i < folder->failing_count; i++)
        probe_of(&probes, folder->failing[i]);
}

struct mapping *mapping_make(struct arena *arena,
                             const struct ir_script *script,
                             const struct folder *folder,
                             const uint8_t identity[16], struct str program) {
    const struct layout *layout = folder->layout;
    struct mapping *mapping = ARENA_NEW(arena, struct mapping);
    mapping->arena = arena;
    memcpy(mapping->identity, identity, sizeof mapping->identity);
    mapping->machine = str_from(layout->arch->name);
    mapping->program = program;
    mapping->order = layout->arch->order;
    mapping->word_bits = layout->arch->bits;
    mapping->region_len = layout->region_len;
    mapping->chunk_align = layout->chunk_align;
    mapping->strsize = script->strsize;
    mapping->texts =
        (struct str){(const char *)layout->texts.p, layout->texts.n};
    struct types types = {.arena = arena};
    map_init(&types.known, arena);
    make_variables(mapping, script, &types);
    make_arrays(mapping, script, layout, &types);
    make_aggregations(mapping, script);
    mapping->options = script->options;
    mapping->options.texts = NULL;
    make_probes(mapping, folder);
    if (mapping->probe_count > 0 || script->segment_count > 0)
        make_clauses(mapping, script);
    make_segments(mapping, script, &types);
    mapping->types = types.items;
    mapping->type_count = types.count;
    return mapping;
}
