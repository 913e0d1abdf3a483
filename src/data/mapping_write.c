// mapping_write.c: the mapping of a script and its region, and its JSON.
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
//     "texts": ["", "main"]
//     }

#include <string.h>

#include "data/data.h"

struct mapping *mapping_make(struct arena *arena,
                             const struct ir_script *script,
                             const struct layout *layout,
                             const uint8_t identity[16], struct str program) {
    struct mapping *mapping = ARENA_NEW(arena, struct mapping);
    mapping->arena = arena;
    memcpy(mapping->identity, identity, sizeof mapping->identity);
    mapping->machine = str_from(layout->arch->name);
    mapping->program = program;
    mapping->order = layout->arch->order;
    mapping->word_bits = layout->arch->bits;
    mapping->region_len = layout->region_len;
    mapping->strsize = script->strsize;
    mapping->texts =
        (struct str){(const char *)layout->texts.p, layout->texts.n};
    mapping->variable_count = script->variable_count;
    mapping->variables =
        ARENA_ARRAY(arena, struct mapping_variable, script->variable_count);
    for (size_t i = 0; i < script->variable_count; i++) {
        const struct ir_variable *from = script->variables[i];
        mapping->variables[i] = (struct mapping_variable){
            from->name, from->type, from->off, from->size};
    }
    mapping->aggregation_count = script->aggregation_count;
    mapping->aggregations = ARENA_ARRAY(arena, struct mapping_aggregation,
                                        script->aggregation_count);
    for (size_t i = 0; i < script->aggregation_count; i++) {
        const struct ir_aggregation *from = script->aggregations[i];
        struct mapping_aggregation *to = &mapping->aggregations[i];
        *to = (struct mapping_aggregation){
            .name = from->name,
            .function = from->function,
            .param_count = from->param_count,
            .key_count = from->key_count,
            .cell_count = from->cell_count,
            .key_types = from->key_types,
            .slots = from->slots,
            .slot_count = from->slot_count,
            .has_table = from->has_table,
            .table_off = from->table_off,
            .table_log2 = from->table_log2,
        };
        memcpy(to->params, from->params, sizeof to->params);
    }
    return mapping;
}

// --- JSON ---

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
    else
        put(out, "\"%sint%u\"", type.is_signed ? "" : "u", type.bits);
}

static void put_variable(struct bytes *out,
                         const struct mapping_variable *variable) {
    put(out, "{\"name\": ");
    json_quote(out, variable->name);
    put(out, ", \"type\": ");
    put_type(out, variable->type);
    put(out, ", \"off\": %llu, \"size\": %u}",
        (unsigned long long)variable->off, variable->size);
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
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        put(out, "%s", i ? ", " : "");
        put_type(out, aggregation->key_types[i]);
    }
    put(out, "],\n \"cells\": %u, \"elements\": [", aggregation->cell_count);
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

struct str mapping_to_json(struct arena *arena, const struct mapping *mapping) {
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    put(&out, "{\n\"mctrace\": 1,\n\"identity\": ");
    put_hex(&out, mapping->identity, sizeof mapping->identity);
    put(&out, ",\n\"machine\": ");
    json_quote(&out, mapping->machine);
    put(&out, ",\n\"program\": ");
    put_text(&out, mapping->program);
    put(&out,
        ",\n\"byte_order\": \"%s\",\n\"word_bits\": %u,\n\"region_len\": "
        "%llu,\n\"strsize\": %llu,\n\"variables\": [",
        mapping->order == ORDER_BIG ? "big" : "little", mapping->word_bits,
        (unsigned long long)mapping->region_len,
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
    put(&out, "]\n}\n");
    return (struct str){(const char *)out.p, out.n};
}
