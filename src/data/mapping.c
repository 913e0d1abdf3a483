// mapping.c: reads the JSON that mapping_write.c writes.
//
// The file comes from anywhere, so all that later code relies on is checked
// here, once: every variable, element and table lies within the region, every
// text that a key names exists, and parameters of distributions give the
// number of cells that the file claims. A message names the member that is
// wrong ("aggregations[2].table.off"); only the first is told.

#include <jansson.h>
#include <string.h>

#include "data/data.h"
#include "mctrace/aggs.h"

#define MAPPING_VERSION 1
// No region is larger, so that sums of offsets and lengths cannot overflow.
#define REGION_LIMIT    ((uint64_t)1 << 40)

struct input {
    struct arena *arena;
    struct diag *diag;
    const char *name;
    const char *path; // of the object being read, with its final '.'
    struct mapping *mapping;
    bool failed;
};

PRINTF_LIKE(3, 4)
static void fail(struct input *in, const char *member, const char *format,
                 ...) {
    if (in->failed)
        return;
    in->failed = true;
    va_list args;
    va_start(args, format);
    struct str text = str_vformat(in->arena, format, args);
    va_end(args);
    diag_error_at(in->diag, T_MAPPING, in->name, "%s%s: %.*s", in->path, member,
                  STR_ARGS(text));
}

// --- members ---

static const char *type_name(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_REAL: return "a fraction";
    case JSON_NULL: return "null";
    default: return "true or false";
    }
}

static bool has_type(struct input *in, const char *member, const json_t *json,
                     json_type type) {
    json_t wanted = {.type = type};
    if (!json)
        fail(in, member, "is missing");
    else if (json_typeof(json) != type)
        fail(in, member, "must be %s, is %s", type_name(&wanted),
             type_name(json));
    return !in->failed;
}

static const json_t *array(struct input *in, const json_t *object,
                           const char *member, size_t *count) {
    const json_t *value = json_object_get(object, member);
    *count = 0;
    if (!has_type(in, member, value, JSON_ARRAY))
        return NULL;
    *count = json_array_size(value);
    return value;
}

static uint64_t number(struct input *in, const json_t *object,
                       const char *member, uint64_t least, uint64_t most) {
    const json_t *json = json_object_get(object, member);
    if (!has_type(in, member, json, JSON_INTEGER))
        return least;
    json_int_t value = json_integer_value(json);
    if (value >= 0 && (uint64_t)value >= least && (uint64_t)value <= most)
        return (uint64_t)value;
    fail(in, member, "%lld is not from %llu to %llu", (long long)value,
         (unsigned long long)least, (unsigned long long)most);
    return least;
}

// The slice points into the JSON document, which is released at the end.
static struct str string(struct input *in, const json_t *object,
                         const char *member) {
    const json_t *json = json_object_get(object, member);
    if (!has_type(in, member, json, JSON_STRING))
        return (struct str){0};
    return (struct str){json_string_value(json), json_string_length(json)};
}

static unsigned hex_digit(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (unsigned)(found - digits) : 16;
}

static bool read_hex(struct input *in, const char *member, struct str text,
                     uint8_t *out) {
    for (size_t i = 0; i < text.n && !in->failed; i++) {
        unsigned digit = hex_digit(text.p[i]);
        if (digit > 15 || text.n % 2 != 0)
            fail(in, member, "is not a sequence of hexadecimal bytes");
        out[i / 2] = (uint8_t)(out[i / 2] << 4 | digit);
    }
    return !in->failed;
}

// A string, or {"hex": "..."} of what is not UTF-8.
static struct str text(struct input *in, const char *member,
                       const json_t *json) {
    if (!json_is_object(json)) {
        if (!has_type(in, member, json, JSON_STRING))
            return (struct str){0};
        return str_copy(in->arena, (struct str){json_string_value(json),
                                                json_string_length(json)});
    }
    struct str hex = string(in, json, "hex");
    uint8_t *bytes = arena_alloc(in->arena, hex.n / 2 + 1);
    if (!read_hex(in, member, hex, bytes))
        return (struct str){0};
    return (struct str){(const char *)bytes, hex.n / 2};
}

static bool type_from_name(struct str name, struct ir_type *type) {
    static const struct {
        const char *name;
        struct ir_type type;
    } rows[] = {
        {"int8", {IR_INT, 8, true}},   {"uint8", {IR_INT, 8, false}},
        {"int16", {IR_INT, 16, true}}, {"uint16", {IR_INT, 16, false}},
        {"int32", {IR_INT, 32, true}}, {"uint32", {IR_INT, 32, false}},
        {"int64", {IR_INT, 64, true}}, {"uint64", {IR_INT, 64, false}},
        {"string", {IR_STRING, 0, 0}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (str_equal(name, str_from(rows[i].name))) {
            *type = rows[i].type;
            return true;
        }
    }
    return false;
}

// --- variables ---

static void read_variable(struct input *in, const json_t *json,
                          struct mapping_variable *variable) {
    uint64_t region_len = in->mapping->region_len;
    variable->name = str_copy(in->arena, string(in, json, "name"));
    struct str type = string(in, json, "type");
    if (!in->failed && !type_from_name(type, &variable->type))
        fail(in, "type", "\"%.*s\" is not known", STR_ARGS(type));
    variable->size = (uint32_t)number(in, json, "size", 1, UINT32_MAX);
    variable->off =
        number(in, json, "off", sizeof(struct mct_region), region_len);
    if (in->failed)
        return;
    if (variable->type.kind == IR_INT &&
        variable->size != variable->type.bits / 8u)
        fail(in, "size", "%u does not go with %.*s", variable->size,
             STR_ARGS(type));
    else if (variable->size > region_len - variable->off)
        fail(in, "off", "the variable lies outside of the region");
}

static void read_variables(struct input *in, const json_t *root) {
    size_t count;
    const json_t *array_ = array(in, root, "variables", &count);
    in->mapping->variables =
        ARENA_ARRAY(in->arena, struct mapping_variable, count);
    in->mapping->variable_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "variables[%zu].", i).p;
        const json_t *json = json_array_get(array_, i);
        if (has_type(in, "", json, JSON_OBJECT))
            read_variable(in, json, &in->mapping->variables[i]);
    }
    in->path = "";
}

// --- aggregations ---

// Whether mct_agg_buckets() and its kin may be called with the parameters.
// The bounds are those the compiler enforces.
static bool params_are_sound(const struct agg_function *function,
                             const int64_t *params, uint32_t count) {
    if (function->id == MCT_AGG_lquantize)
        return count == 3 && params[0] >= INT32_MIN && params[1] <= INT32_MAX &&
               params[0] < params[1] && params[2] >= 1 &&
               params[2] <= UINT16_MAX &&
               (params[1] - params[0]) / params[2] <= UINT16_MAX;
    if (function->id != MCT_AGG_llquantize)
        return count == 0;
    int64_t factor = params[0], low = params[1], high = params[2],
            steps = params[3];
    if (count != 4 || factor < 2 || factor > UINT16_MAX || low < 0 ||
        low > high || high > 63 || steps < 1 || steps > UINT16_MAX)
        return false;
    // factor^(high + 1) fits, and steps divide a power or are divided by it.
    uint64_t power = 1;
    for (int64_t i = 0; i <= high; i++) {
        if (power > (uint64_t)INT64_MAX / (uint64_t)factor)
            return false;
        power *= (uint64_t)factor;
        bool is_even = power < (uint64_t)steps ? (uint64_t)steps % power == 0
                                               : power % (uint64_t)steps == 0;
        if (i >= low && !is_even)
            return false;
    }
    return true;
}

static void read_params(struct input *in, const json_t *json,
                        struct mapping_aggregation *aggregation) {
    size_t count;
    const json_t *params = array(in, json, "params", &count);
    if (count > COUNT_OF(aggregation->params))
        fail(in, "params", "there are too many");
    for (size_t i = 0; i < count && !in->failed; i++) {
        const json_t *param = json_array_get(params, i);
        if (has_type(in, "params", param, JSON_INTEGER))
            aggregation->params[i] = json_integer_value(param);
    }
    aggregation->param_count = (uint32_t)count;
    if (in->failed)
        return;
    if (!params_are_sound(aggregation->function, aggregation->params,
                          aggregation->param_count)) {
        fail(in, "params", "do not go with %s", aggregation->function->name);
        return;
    }
    uint32_t cells = agg_cell_count(aggregation->function, aggregation->params);
    aggregation->cell_count = (uint32_t)number(in, json, "cells", cells, cells);
}

static void read_key_types(struct input *in, const json_t *json,
                           struct mapping_aggregation *aggregation) {
    size_t count;
    const json_t *keys = array(in, json, "keys", &count);
    if (count > UINT8_MAX)
        fail(in, "keys", "there are too many");
    aggregation->key_count = (uint32_t)count;
    aggregation->key_types = ARENA_ARRAY(in->arena, struct ir_type, count);
    for (size_t i = 0; i < count && !in->failed; i++) {
        const json_t *key = json_array_get(keys, i);
        if (!has_type(in, "keys", key, JSON_STRING))
            return;
        struct str name = str_from(json_string_value(key));
        if (!type_from_name(name, &aggregation->key_types[i]))
            fail(in, "keys", "\"%.*s\" is not known", STR_ARGS(name));
    }
}

static void read_element(struct input *in, const json_t *json,
                         const struct mapping_aggregation *aggregation,
                         struct ir_agg_slot *slot) {
    uint32_t key_count = aggregation->key_count;
    slot->keys = ARENA_ARRAY(in->arena, uint64_t, key_count);
    if (json_array_size(json) != 1 + key_count)
        fail(in, "elements", "an element must be a place and %u keys",
             key_count);
    for (uint32_t i = 0; i <= key_count && !in->failed; i++) {
        const json_t *value = json_array_get(json, i);
        if (!has_type(in, "elements", value, JSON_INTEGER))
            return;
        uint64_t n = (uint64_t)json_integer_value(value);
        uint64_t cells_len = aggregation->cell_count * sizeof(uint64_t);
        if (i == 0) {
            slot->off = n;
            if (n < sizeof(struct mct_region) || n > in->mapping->region_len ||
                cells_len > in->mapping->region_len - n)
                fail(in, "elements", "one lies outside of the region");
        } else {
            slot->keys[i - 1] = n;
            if (aggregation->key_types[i - 1].kind == IR_STRING &&
                n >= in->mapping->texts.n)
                fail(in, "elements", "there is no text at %llu",
                     (unsigned long long)n);
        }
    }
}

static void read_elements(struct input *in, const json_t *json,
                          struct mapping_aggregation *aggregation) {
    size_t count;
    const json_t *elements = array(in, json, "elements", &count);
    aggregation->slots = ARENA_ARRAY(in->arena, struct ir_agg_slot, count);
    aggregation->slot_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        const json_t *element = json_array_get(elements, i);
        if (has_type(in, "elements", element, JSON_ARRAY))
            read_element(in, element, aggregation, &aggregation->slots[i]);
    }
}

static void read_table(struct input *in, const json_t *json,
                       struct mapping_aggregation *aggregation) {
    const json_t *table = json_object_get(json, "table");
    if (!table || in->failed || !has_type(in, "table", table, JSON_OBJECT))
        return;
    uint64_t region_len = in->mapping->region_len;
    aggregation->has_table = true;
    aggregation->table_log2 = (uint8_t)number(in, table, "log2_entries", 0, 36);
    aggregation->table_off =
        number(in, table, "off", sizeof(struct mct_region), region_len);
    uint64_t entry_len =
        (1 + (uint64_t)aggregation->key_count + aggregation->cell_count) *
        sizeof(uint64_t);
    uint64_t room = region_len - aggregation->table_off;
    if (room < sizeof(struct mct_table) ||
        (room - sizeof(struct mct_table)) / entry_len >>
                aggregation->table_log2 ==
            0)
        fail(in, "table", "it does not fit into the region");
}

static void read_aggregation(struct input *in, const json_t *json,
                             struct mapping_aggregation *aggregation) {
    aggregation->name = str_copy(in->arena, string(in, json, "name"));
    struct str function = string(in, json, "function");
    aggregation->function = agg_function_find(function);
    if (!aggregation->function) {
        fail(in, "function", "\"%.*s\" is not known", STR_ARGS(function));
        return;
    }
    if (!in->failed)
        read_params(in, json, aggregation);
    if (!in->failed)
        read_key_types(in, json, aggregation);
    if (!in->failed)
        read_elements(in, json, aggregation);
    if (!in->failed)
        read_table(in, json, aggregation);
}

static void read_aggregations(struct input *in, const json_t *root) {
    size_t count;
    const json_t *array_ = array(in, root, "aggregations", &count);
    in->mapping->aggregations =
        ARENA_ARRAY(in->arena, struct mapping_aggregation, count);
    in->mapping->aggregation_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "aggregations[%zu].", i).p;
        const json_t *json = json_array_get(array_, i);
        if (has_type(in, "", json, JSON_OBJECT))
            read_aggregation(in, json, &in->mapping->aggregations[i]);
    }
    in->path = "";
}

// --- the whole ---

static void read_texts(struct input *in, const json_t *root) {
    size_t count;
    const json_t *texts = array(in, root, "texts", &count);
    struct bytes out;
    bytes_init(&out, in->arena, ORDER_LITTLE);
    for (size_t i = 0; i < count && !in->failed; i++) {
        struct str one = text(in, "texts", json_array_get(texts, i));
        bytes_add(&out, one.p, one.n);
        bytes_u8(&out, 0);
    }
    in->mapping->texts = (struct str){(const char *)out.p, out.n};
}

static void read_head(struct input *in, const json_t *root) {
    struct mapping *mapping = in->mapping;
    if (!json_is_object(root) || !json_object_get(root, "mctrace")) {
        fail(in, "", "this is no mapping of mctrace");
        return;
    }
    number(in, root, "mctrace", MAPPING_VERSION, MAPPING_VERSION);
    struct str identity = string(in, root, "identity");
    if (!in->failed && identity.n != 2 * sizeof mapping->identity)
        fail(in, "identity", "must have 32 hexadecimal digits");
    if (!in->failed)
        read_hex(in, "identity", identity, mapping->identity);
    mapping->machine = str_copy(in->arena, string(in, root, "machine"));
    if (!in->failed)
        mapping->program =
            text(in, "program", json_object_get(root, "program"));
    struct str order = string(in, root, "byte_order");
    bool is_big = str_equal(order, STR("big"));
    mapping->order = is_big ? ORDER_BIG : ORDER_LITTLE;
    if (!in->failed && !is_big && !str_equal(order, STR("little")))
        fail(in, "byte_order", "must be \"little\" or \"big\"");
    mapping->word_bits = (uint8_t)number(in, root, "word_bits", 8, 64);
    mapping->region_len =
        number(in, root, "region_len", sizeof(struct mct_region), REGION_LIMIT);
    mapping->strsize = number(in, root, "strsize", 0, REGION_LIMIT);
}

struct mapping *mapping_from_json(struct arena *arena, struct str json,
                                  const char *name, struct diag *diag) {
    json_error_t error;
    json_t *root = json_loadb(json.p ? json.p : "", json.n,
                              JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        struct str where =
            str_format(arena, "%s:%d:%d", name, error.line < 1 ? 1 : error.line,
                       error.column < 1 ? 1 : error.column);
        diag_error_at(diag, T_MAPPING, where.p, "this is no JSON: %s",
                      error.text);
        return NULL;
    }
    struct input in = {.arena = arena,
                       .diag = diag,
                       .name = name,
                       .path = "",
                       .mapping = ARENA_NEW(arena, struct mapping)};
    in.mapping->arena = arena;
    read_head(&in, root);
    if (!in.failed)
        read_texts(&in, root);
    if (!in.failed)
        read_variables(&in, root);
    if (!in.failed)
        read_aggregations(&in, root);
    json_decref(root);
    return in.failed ? NULL : in.mapping;
}
