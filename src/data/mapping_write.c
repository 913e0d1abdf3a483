// mapping_write.c: a mapping as JSON.
//
// The file is written by hand, a variable or an element a line, in the order
// of the script and of the region: equal inputs give equal bytes. Strings
// that occur in keys stand once, in `texts`; keys and the region itself refer
// to them by offset, which is the sum of the lengths, NULs included, of the
// texts before. A text that is not valid UTF-8 is {"hex": "..."}.
//
//     {
//     "mctrace": 1,
//     "identity": "5b0c...",            32 hexadecimal digits
//     "machine": "x86_64", "program": "/bin/cat",
//     "byte_order": "little", "word_bits": 64,
//     "region_len": 4096, "strsize": 256,
//     "variables": [
//     {"name": "n", "type": "int32", "off": 256, "size": 4}],
//     "aggregations": [
//     {"name": "@", "function": "count", "params": [], "keys": ["string"],
//      "cells": 1, "elements": [
//     [320, 1]],                        its place, then its keys
//      "table": {"off": 384, "log2_entries": 17}}],
//     "texts": ["", "main"],
//     "types": [...], "options": {"quiet": 1}, "clauses": [...],
//     "segments": [
//     {"clause": 0, "fixed_len": 24, "actions": [
//      {"action": "printf", "format": "%d", "fields": [["int32", 16]]}]}],
//     "names": ["pid", "a.out", "main", "entry"],
//     "probes": [
//     4, 0, 1, 2, 3],                   id, four of the names
//     "enablings": [
//     0, 0]                             segment, probe
//     }
//
// mapping_records.c says more of the last six, which are left out if empty.

#include <string.h>

#include "data/mapping.h"
#include "mctrace/region.h"

// `format` is short: texts are added by themselves.
PRINTF_LIKE(2, 3)
static void put(struct bytes *out, const char *format, ...) {
    char text[160]; // enough for every format below
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bytes_add(out, text, (size_t)n);
}

static void put_hex(struct bytes *out, const void *data, size_t len) {
    const uint8_t *p = data;
    put(out, "\"");
    for (size_t i = 0; i < len; i++)
        put(out, "%02x", p[i]);
    put(out, "\"");
}

static void put_text(struct bytes *out, struct str text) {
    if (utf8_is_valid(text)) {
        json_quote(out, text);
        return;
    }
    put(out, "{\"hex\": ");
    put_hex(out, text.p, text.n);
    put(out, "}");
}

static void put_type(struct bytes *out, struct ir_type type) {
    if (type.kind == IR_STRING)
        put(out, "\"string\"");
    else if (type.kind == IR_BLOCK)
        put(out, "\"block\"");
    else
        put(out, "\"%sint%u\"", type.is_signed ? "" : "u", type.bits);
}

static void put_variable(struct bytes *out,
                         const struct mapping_variable *variable) {
    put(out, "{\"name\": ");
    json_quote(out, variable->name);
    put(out, ", \"type\": ");
    put_type(out, variable->type);
    put(out, ", \"off\": %llu, \"size\": %u", (unsigned long long)variable->off,
        variable->size);
    if (variable->data_type)
        put(out, ", \"data_type\": %u", variable->data_type->index);
    put(out, "}");
}

// Elements of all arrays have room for the largest.
static void put_arrays(struct bytes *out, const struct mapping *mapping) {
    if (mapping->array_count == 0)
        return;
    put(out,
        ",\n\"arrays\": {\"off\": %llu, \"log2_entries\": %u, "
        "\"key_words\": %llu, \"value_len\": %llu, \"variables\": [",
        (unsigned long long)mapping->arrays_off, mapping->arrays_log2,
        (unsigned long long)mapping->arrays_key_words,
        (unsigned long long)mapping->arrays_value_len);
    for (size_t i = 0; i < mapping->array_count; i++) {
        const struct mapping_array *array = &mapping->arrays[i];
        put(out, "%s{\"index\": %u, \"keys\": [", i ? ",\n" : "\n",
            array->index);
        for (uint32_t k = 0; k < array->key_count; k++) {
            put(out, k ? ", " : "");
            put_type(out, array->key_types[k]);
        }
        put(out, "], \"element\": ");
        put_variable(out, &array->variable);
        put(out, "}");
    }
    put(out, "]}");
}

static void put_key(struct bytes *out, const struct mapping_key *key) {
    if (key->form.kind == IR_KEY_INT || key->form.kind == IR_KEY_TEXT) {
        put_type(out, key->type);
        return;
    }
    put(out, "[\"%s\", %u]",
        key->form.kind == IR_KEY_STRING ? "string"
                                        : action_name(key->form.action),
        key->form.words);
}

static void put_aggregation(struct bytes *out,
                            const struct mapping_aggregation *aggregation) {
    put(out, "{\"name\": ");
    json_quote(out, aggregation->name);
    put(out, ", \"function\": \"%s\", \"params\": [",
        aggregation->function->name);
    for (uint32_t i = 0; i < aggregation->param_count; i++)
        put(out, "%s%lld", i ? ", " : "", (long long)aggregation->params[i]);
    put(out, "], \"keys\": [");
    for (uint32_t i = 0; i < aggregation->key_count + aggregation->has_cpu;
         i++) {
        put(out, "%s", i ? ", " : "");
        put_key(out, &aggregation->keys[i]);
    }
    put(out, "],\n%s \"cells\": %u, \"elements\": [",
        aggregation->has_cpu ? " \"per_cpu\": true," : "",
        aggregation->cell_count);
    for (size_t i = 0; i < aggregation->slot_count; i++) {
        const struct ir_agg_slot *slot = &aggregation->slots[i];
        put(out, "%s\n[%llu", i ? "," : "", (unsigned long long)slot->off);
        for (uint32_t k = 0; k < aggregation->key_count; k++)
            put(out, ", %lld", (long long)slot->keys[k]);
        put(out, "]");
    }
    put(out, "]");
    if (aggregation->has_table)
        put(out, ",\n \"table\": {\"off\": %llu, \"log2_entries\": %u}",
            (unsigned long long)aggregation->table_off,
            aggregation->table_log2);
    put(out, "}");
}

static void put_texts(struct bytes *out, struct str texts) {
    struct reader in = reader_open(
        (struct slice){(const uint8_t *)texts.p, texts.n}, ORDER_LITTLE);
    while (in.at < texts.n && !in.failed) {
        put(out, "%s", in.at ? ",\n" : "\n");
        put_text(out, reader_text(&in));
    }
}

// --- types ---

static void put_members(struct bytes *out, const struct ir_data_type *type) {
    put(out, ",\n \"members\": [");
    for (uint32_t i = 0; i < type->member_count; i++) {
        const struct ir_data_member *member = &type->members[i];
        put(out, i ? ", [" : "[");
        put_text(out, member->name);
        if (type->kind == IR_DATA_ENUM)
            put(out, ", %lld]", (long long)member->value);
        else
            put(out, ", %u, %u, %u]", member->type->index, member->off_bits,
                member->bits);
    }
    put(out, "]");
}

static void put_data_type(struct bytes *out, const struct ir_data_type *type) {
    static const char *const kinds[] = {
        [IR_DATA_INTEGER] = "integer", [IR_DATA_FLOAT] = "float",
        [IR_DATA_POINTER] = "pointer", [IR_DATA_ENUM] = "enum",
        [IR_DATA_ARRAY] = "array",     [IR_DATA_STRUCT] = "struct",
        [IR_DATA_UNION] = "union"};
    put(out, "{\"kind\": \"%s\", \"name\": ", kinds[type->kind]);
    put_text(out, type->name);
    put(out, ", \"size\": %u%s%s", type->size,
        type->is_signed ? ", \"signed\": true" : "",
        type->is_char ? ", \"char\": true" : "");
    if (type->kind == IR_DATA_POINTER || type->kind == IR_DATA_ARRAY)
        put(out, ", \"of\": %lld",
            type->of ? (long long)type->of->index : -1LL);
    if (type->kind == IR_DATA_ARRAY)
        put(out, ", \"count\": %llu", (unsigned long long)type->count);
    if (type->kind >= IR_DATA_STRUCT || type->kind == IR_DATA_ENUM)
        put_members(out, type);
    put(out, "}");
}

// --- records ---

static void put_field(struct bytes *out, const struct ir_field *field) {
    if (field->kind == IR_FIELD_KNOWN) {
        put(out, "[\"%s\"", known_name(field->known));
        if (field->known == IR_KNOWN_LITERAL) {
            put(out, ", ");
            put_text(out, field->text);
        }
        put(out, "]");
        return;
    }
    if (field->kind == IR_FIELD_TEXT || field->kind == IR_FIELD_STACK) {
        put(out, "[\"%s\", %u]",
            field->kind == IR_FIELD_TEXT ? "text" : "stack", field->size);
        return;
    }
    put(out, "[");
    put_type(out, field->kind == IR_FIELD_BLOCK ? IR_TYPE_BLOCK : field->type);
    put(out, ", %u", field->off);
    if (field->kind == IR_FIELD_BLOCK)
        put(out, ", %u", field->size);
    if (field->data_type)
        put(out, ", %u", field->data_type->index);
    put(out, "]");
}

static void put_action(struct bytes *out, const struct mapping_action *action) {
    put(out, "{\"action\": \"%s\"", action_name(action->kind));
    if (action->format.p) {
        put(out, ", \"format\": ");
        put_text(out, action->format);
    }
    if (action->constants[0] || action->constants[1])
        put(out, ", \"constants\": [%lld, %lld]",
            (long long)action->constants[0], (long long)action->constants[1]);
    for (uint32_t i = 0; i < action->field_count; i++) {
        put(out, i ? ", " : ", \"fields\": [");
        put_field(out, &action->fields[i]);
    }
    put(out, action->field_count ? "]" : "");
    for (uint32_t i = 0; i < action->aggregation_count; i++)
        put(out, "%s%u", i ? ", " : ", \"aggregations\": [",
            action->aggregations[i]);
    put(out, action->aggregation_count ? "]}" : "}");
}

static void put_segment(struct bytes *out,
                        const struct mapping_segment *segment) {
    put(out, "{\"clause\": %u, \"fixed_len\": %u%s%s, \"actions\": [",
        segment->clause, segment->fixed_len,
        segment->is_speculative ? ", \"speculative\": true" : "",
        segment->is_default ? ", \"default\": true" : "");
    for (uint32_t i = 0; i < segment->action_count; i++) {
        put(out, i ? ",\n " : "\n ");
        put_action(out, &segment->actions[i]);
    }
    put(out, "]}");
}

// Texts that probes share stand once.
struct name_list {
    struct bytes *out;
    struct map known; // index + 1
};

static uint32_t name_index(struct name_list *list, struct str name) {
    size_t known = (size_t)(uintptr_t)map_get(&list->known, name);
    if (known)
        return (uint32_t)known - 1;
    put(list->out, list->known.count ? ",\n" : "\n");
    put_text(list->out, name);
    uint32_t index = (uint32_t)list->known.count;
    map_put(&list->known, name, (void *)(uintptr_t)(index + 1));
    return index;
}

static void put_probes(struct bytes *out, struct arena *arena,
                       const struct mapping *mapping) {
    struct name_list list = {.out = out};
    map_init(&list.known, arena);
    struct bytes items;
    bytes_init(&items, arena, ORDER_LITTLE);
    put(out, ",\n\"names\": [");
    for (size_t i = 0; i < mapping->probe_count; i++) {
        const struct mapping_probe *probe = &mapping->probes[i];
        uint32_t provider = name_index(&list, probe->provider);
        uint32_t module = name_index(&list, probe->module);
        uint32_t function = name_index(&list, probe->function);
        uint32_t name = name_index(&list, probe->name);
        put(&items, "%s%u, %u, %u, %u, %u", i ? ",\n" : "\n", probe->id,
            provider, module, function, name);
    }
    put(out, "],\n\"probes\": [");
    bytes_add(out, items.p, items.n);
    put(out, "],\n\"enablings\": [");
    for (size_t i = 0; i < mapping->enabling_count; i++)
        put(out, "%s%u, %u", i ? ",\n" : "\n", mapping->enablings[i].segment,
            mapping->enablings[i].probe);
    put(out, "]");
}

// Those that are not at their presets.
static void put_options(struct bytes *out, const struct ir_options *options) {
    struct ir_options presets;
    options_init(&presets);
    bool any = false;
    for (unsigned i = 0; i < IR_OPTION_COUNT; i++) {
        if (options->values[i] == presets.values[i])
            continue;
        put(out, "%s\"%s\": %lld", any ? ", " : ",\n\"options\": {",
            option_name(i), (long long)options->values[i]);
        any = true;
    }
    put(out, any ? "}" : "");
}

// A mapping of a script that only counts has few of these members.
static void put_records(struct bytes *out, struct arena *arena,
                        const struct mapping *mapping) {
    put_options(out, &mapping->options);
    for (size_t i = 0; i < mapping->clause_count; i++) {
        put(out, i ? ", " : ",\n\"clauses\": [");
        put_text(out, mapping->clauses[i]);
    }
    put(out, mapping->clause_count ? "]" : "");
    for (size_t i = 0; i < mapping->segment_count; i++) {
        put(out, i ? ",\n" : ",\n\"segments\": [\n");
        put_segment(out, &mapping->segments[i]);
    }
    put(out, mapping->segment_count ? "]" : "");
    if (mapping->probe_count > 0)
        put_probes(out, arena, mapping);
}

#define START "{\n\"mctrace\": 1,\n\"identity\": "

void mapping_identify(struct mapping *mapping, struct arena *arena,
                      struct str json, const uint8_t identity[16]) {
    struct bytes hex;
    bytes_init(&hex, arena, ORDER_LITTLE);
    memcpy(mapping->identity, identity, sizeof mapping->identity);
    put_hex(&hex, identity, sizeof mapping->identity);
    memcpy((char *)json.p + sizeof START - 1, hex.p, hex.n);
}

struct str mapping_to_json(struct arena *arena, const struct mapping *mapping) {
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    put(&out, START);
    put_hex(&out, mapping->identity, sizeof mapping->identity);
    put(&out, ",\n\"machine\": ");
    json_quote(&out, mapping->machine);
    put(&out, ",\n\"program\": ");
    put_text(&out, mapping->program);
    put(&out,
        ",\n\"byte_order\": \"%s\",\n\"word_bits\": %u,\n\"region_len\": "
        "%llu,\n",
        mapping->order == ORDER_BIG ? "big" : "little", mapping->word_bits,
        (unsigned long long)mapping->region_len);
    if (mapping->chunk_align != MCT_REGION_ALIGN)
        put(&out, "\"chunk_align\": %u,\n", mapping->chunk_align);
    put(&out, "\"strsize\": %llu,\n\"variables\": [",
        (unsigned long long)mapping->strsize);
    for (size_t i = 0; i < mapping->variable_count; i++) {
        put(&out, "%s", i ? ",\n" : "\n");
        put_variable(&out, &mapping->variables[i]);
    }
    put(&out, "],\n\"aggregations\": [");
    for (size_t i = 0; i < mapping->aggregation_count; i++) {
        put(&out, "%s", i ? ",\n" : "\n");
        put_aggregation(&out, &mapping->aggregations[i]);
    }
    put(&out, "],\n\"texts\": [");
    put_texts(&out, mapping->texts);
    put(&out, "]");
    for (size_t i = 0; i < mapping->type_count; i++) {
        put(&out, i ? ",\n" : ",\n\"types\": [\n");
        put_data_type(&out, mapping->types[i]);
    }
    put(&out, mapping->type_count ? "]" : "");
    put_arrays(&out, mapping);
    put_records(&out, arena, mapping);
    put(&out, "\n}\n");
    return (struct str){(const char *)out.p, out.n};
}
