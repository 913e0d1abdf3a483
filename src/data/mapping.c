// mapping.c: reads the JSON that mapping_write.c writes.
//
// The file comes from anywhere, so all that later code relies on is checked
// here, once: every variable, element and table lies within the region, every
// text that a key names exists, and parameters of distributions give the
// number of cells that the file claims. A message names the member that is
// wrong ("aggregations[2].table.off"); only the first is told.

#include <jansson.h>
#include <string.h>

#include "data/mapping.h"
#include "mctrace/aggs.h"

#define MAPPING_VERSION 1
// No region is larger, so that sums of offsets and lengths cannot overflow.
#define REGION_LIMIT    ((uint64_t)1 << 40)
#define KEY_WORDS_MOST  65535 // of one column

// --- variables ---

// One that lies between two offsets, of the region or of an array's element.
static void read_variable(struct input *in, const json_t *json, uint64_t from,
                          uint64_t to, struct mapping_variable *variable) {
    variable->name = str_copy(in->arena, input_string(in, json, "name"));
    struct str type = input_string(in, json, "type");
    if (!in->failed && !input_type(type, &variable->type))
        input_fail(in, "type", "\"%.*s\" is not known", STR_ARGS(type));
    variable->size = (uint32_t)input_number(in, json, "size", 1, UINT32_MAX);
    variable->off = input_number(in, json, "off", from, to);
    const json_t *data_type = json_object_get(json, "data_type");
    if (data_type)
        variable->data_type = read_type_index(in, "data_type", data_type);
    if (in->failed)
        return;
    if (variable->data_type && variable->data_type->size > variable->size)
        input_fail(in, "data_type", "it is larger than the variable");
    if (variable->type.kind == IR_INT &&
        variable->size != variable->type.bits / 8u)
        input_fail(in, "size", "%u does not go with %.*s", variable->size,
                   STR_ARGS(type));
    else if (variable->size > to - variable->off)
        input_fail(in, "off", "the variable lies outside of the region");
}

static void read_array(struct input *in, const json_t *json,
                       struct mapping_array *array) {
    array->index = (uint32_t)input_number(in, json, "index", 0, UINT32_MAX);
    size_t count;
    const json_t *keys = input_array(in, json, "keys", &count);
    array->key_types = ARENA_ARRAY(in->arena, struct ir_type, count);
    array->key_count = (uint32_t)count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        const json_t *key = json_array_get(keys, i);
        if (!input_is(in, "keys", key, JSON_STRING))
            return;
        struct str name = str_from(json_string_value(key));
        if (!input_type(name, &array->key_types[i]) ||
            array->key_types[i].kind == IR_BLOCK)
            input_fail(in, "keys", "\"%.*s\" is not known", STR_ARGS(name));
    }
    const json_t *element = json_object_get(json, "element");
    if (input_is(in, "element", element, JSON_OBJECT))
        read_variable(in, element, 0, in->mapping->arrays_value_len,
                      &array->variable);
}

// Where elements lie, and of which variables they are.
static void read_arrays(struct input *in, const json_t *root) {
    struct mapping *mapping = in->mapping;
    const json_t *json = json_object_get(root, "arrays");
    if (!json || !input_is(in, "arrays", json, JSON_OBJECT))
        return;
    in->path = "arrays.";
    uint64_t region_len = mapping->region_len;
    mapping->arrays_log2 =
        (uint8_t)input_number(in, json, "log2_entries", 0, 40);
    mapping->arrays_off =
        input_number(in, json, "off", sizeof(struct mct_region), region_len);
    mapping->arrays_key_words =
        input_number(in, json, "key_words", 1, KEY_WORDS_MOST);
    mapping->arrays_value_len =
        input_number(in, json, "value_len", 0, UINT32_MAX);
    uint64_t entry_len =
        8 + mapping->arrays_key_words * 8 + mapping->arrays_value_len;
    uint64_t room = region_len - mapping->arrays_off;
    if (room < sizeof(struct mct_dynvars) ||
        (room - sizeof(struct mct_dynvars)) / entry_len >>
                mapping->arrays_log2 ==
            0)
        input_fail(in, "log2_entries", "they do not fit into the region");
    size_t count;
    const json_t *variables = input_array(in, json, "variables", &count);
    mapping->arrays = ARENA_ARRAY(in->arena, struct mapping_array, count);
    mapping->array_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "arrays.variables[%zu].", i).p;
        const json_t *variable = json_array_get(variables, i);
        if (input_is(in, "", variable, JSON_OBJECT))
            read_array(in, variable, &mapping->arrays[i]);
    }
    in->path = "";
}

static void read_variables(struct input *in, const json_t *root) {
    size_t count;
    const json_t *array_ = input_array(in, root, "variables", &count);
    in->mapping->variables =
        ARENA_ARRAY(in->arena, struct mapping_variable, count);
    in->mapping->variable_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "variables[%zu].", i).p;
        const json_t *json = json_array_get(array_, i);
        if (input_is(in, "", json, JSON_OBJECT))
            read_variable(in, json, sizeof(struct mct_region),
                          in->mapping->region_len, &in->mapping->variables[i]);
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
    const json_t *params = input_array(in, json, "params", &count);
    if (count > COUNT_OF(aggregation->params))
        input_fail(in, "params", "there are too many");
    for (size_t i = 0; i < count && !in->failed; i++) {
        const json_t *param = json_array_get(params, i);
        if (input_is(in, "params", param, JSON_INTEGER))
            aggregation->params[i] = json_integer_value(param);
    }
    aggregation->param_count = (uint32_t)count;
    if (in->failed)
        return;
    if (!params_are_sound(aggregation->function, aggregation->params,
                          aggregation->param_count)) {
        input_fail(in, "params", "do not go with %s",
                   aggregation->function->name);
        return;
    }
    uint32_t cells = agg_cell_count(aggregation->function, aggregation->params);
    bool may_count = aggregation->function->cells[0] == '*';
    aggregation->cell_count =
        (uint32_t)input_number(in, json, "cells", cells, cells + may_count);
}

// A column: its type, or ["string", words], ["ustack", words] and so on, see
// struct ir_key_form.
static void read_key(struct input *in, const json_t *json,
                     struct mapping_key *key) {
    bool has_words = json_is_array(json);
    const json_t *first = has_words ? json_array_get(json, 0) : json;
    if (!input_is(in, "keys", first, JSON_STRING))
        return;
    struct str name = str_from(json_string_value(first));
    key->form.words = 1;
    if (has_words)
        key->form.words =
            (uint32_t)input_item(in, "keys", json, 1, KEY_WORDS_MOST);
    bool is_type = input_type(name, &key->type) && key->type.kind != IR_BLOCK;
    bool is_string = is_type && key->type.kind == IR_STRING;
    key->form.action = action_find(name);
    enum action_shape shape = action_shape(key->form.action);
    if (is_type && (is_string || !has_words)) {
        key->form.kind =
            is_string ? (has_words ? IR_KEY_STRING : IR_KEY_TEXT) : IR_KEY_INT;
        key->form.action = 0;
    } else if (has_words && shape == SHAPE_STACK) {
        key->form.kind = IR_KEY_STACK;
    } else if (has_words && shape == SHAPE_ADDRESS && key->form.words == 1) {
        key->form.kind = IR_KEY_SYMBOL;
    } else {
        input_fail(in, "keys", "\"%.*s\" is not known", STR_ARGS(name));
    }
    if (!is_type)
        key->type = IR_TYPE_U64;
    if (key->form.words == 0)
        input_fail(in, "keys", "one has no words");
}

static void read_keys(struct input *in, const json_t *json,
                      struct mapping_aggregation *aggregation) {
    size_t count;
    const json_t *keys = input_array(in, json, "keys", &count);
    aggregation->has_cpu = json_is_true(json_object_get(json, "per_cpu"));
    if (count > UINT8_MAX + 1)
        input_fail(in, "keys", "there are too many");
    if (aggregation->has_cpu && count == 0)
        input_fail(in, "keys", "there is none of the CPU");
    aggregation->key_count = (uint32_t)count - aggregation->has_cpu;
    aggregation->keys = ARENA_ARRAY(in->arena, struct mapping_key, count);
    for (size_t i = 0; i < count && !in->failed; i++) {
        read_key(in, json_array_get(keys, i), &aggregation->keys[i]);
        aggregation->key_words += aggregation->keys[i].form.words;
    }
}

static void read_element(struct input *in, const json_t *json,
                         const struct mapping_aggregation *aggregation,
                         struct ir_agg_slot *slot) {
    uint32_t key_count = aggregation->key_count;
    slot->keys = ARENA_ARRAY(in->arena, uint64_t, key_count);
    if (json_array_size(json) != 1 + key_count)
        input_fail(in, "elements", "an element must be a place and %u keys",
                   key_count);
    for (uint32_t i = 0; i <= key_count && !in->failed; i++) {
        const json_t *value = json_array_get(json, i);
        if (!input_is(in, "elements", value, JSON_INTEGER))
            return;
        uint64_t n = (uint64_t)json_integer_value(value);
        uint64_t cells_len = aggregation->cell_count * sizeof(uint64_t);
        if (i == 0) {
            slot->off = n;
            if (n < sizeof(struct mct_region) || n > in->mapping->region_len ||
                cells_len > in->mapping->region_len - n)
                input_fail(in, "elements", "one lies outside of the region");
        } else {
            slot->keys[i - 1] = n;
            if (aggregation->keys[i - 1].type.kind == IR_STRING &&
                n >= in->mapping->texts.n)
                input_fail(in, "elements", "there is no text at %llu",
                           (unsigned long long)n);
        }
    }
}

static void read_elements(struct input *in, const json_t *json,
                          struct mapping_aggregation *aggregation) {
    size_t count;
    const json_t *elements = input_array(in, json, "elements", &count);
    aggregation->slots = ARENA_ARRAY(in->arena, struct ir_agg_slot, count);
    aggregation->slot_count = count;
    if (aggregation->has_cpu && count > 0)
        input_fail(in, "elements", "there is none that is per CPU");
    for (size_t i = 0; i < count && !in->failed; i++) {
        const json_t *element = json_array_get(elements, i);
        if (input_is(in, "elements", element, JSON_ARRAY))
            read_element(in, element, aggregation, &aggregation->slots[i]);
    }
}

static void read_table(struct input *in, const json_t *json,
                       struct mapping_aggregation *aggregation) {
    const json_t *table = json_object_get(json, "table");
    if (!table || in->failed || !input_is(in, "table", table, JSON_OBJECT))
        return;
    uint64_t region_len = in->mapping->region_len;
    aggregation->has_table = true;
    aggregation->table_log2 = (uint8_t)input_number(in, table, "log2_entries",
                                                    MCT_TABLE_LEAST_LOG2, 31);
    aggregation->table_off =
        input_number(in, table, "off", sizeof(struct mct_region), region_len);
    uint64_t entry_len =
        MCT_ENTRY_WORDS(aggregation->key_words, aggregation->cell_count) *
        sizeof(uint64_t);
    uint64_t room = region_len - aggregation->table_off;
    uint64_t entries_off = MCT_TABLE_ENTRIES_OFF(aggregation->table_log2);
    if (room < entries_off ||
        (room - entries_off) / entry_len >> aggregation->table_log2 == 0)
        input_fail(in, "table", "it does not fit into the region");
}

static void read_aggregation(struct input *in, const json_t *json,
                             struct mapping_aggregation *aggregation) {
    aggregation->name = str_copy(in->arena, input_string(in, json, "name"));
    struct str function = input_string(in, json, "function");
    aggregation->function = agg_function_find(function);
    if (!aggregation->function) {
        input_fail(in, "function", "\"%.*s\" is not known", STR_ARGS(function));
        return;
    }
    if (!in->failed)
        read_params(in, json, aggregation);
    if (!in->failed)
        read_keys(in, json, aggregation);
    if (!in->failed)
        read_elements(in, json, aggregation);
    if (!in->failed)
        read_table(in, json, aggregation);
}

static void read_aggregations(struct input *in, const json_t *root) {
    size_t count;
    const json_t *array_ = input_array(in, root, "aggregations", &count);
    in->mapping->aggregations =
        ARENA_ARRAY(in->arena, struct mapping_aggregation, count);
    in->mapping->aggregation_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "aggregations[%zu].", i).p;
        const json_t *json = json_array_get(array_, i);
        if (input_is(in, "", json, JSON_OBJECT))
            read_aggregation(in, json, &in->mapping->aggregations[i]);
    }
    in->path = "";
}

// --- the whole ---

static void read_texts(struct input *in, const json_t *root) {
    size_t count;
    const json_t *texts = input_array(in, root, "texts", &count);
    struct bytes out;
    bytes_init(&out, in->arena, ORDER_LITTLE);
    for (size_t i = 0; i < count && !in->failed; i++) {
        struct str one = input_text(in, "texts", json_array_get(texts, i));
        bytes_add(&out, one.p, one.n);
        bytes_u8(&out, 0);
    }
    in->mapping->texts = (struct str){(const char *)out.p, out.n};
}

static void read_head(struct input *in, const json_t *root) {
    struct mapping *mapping = in->mapping;
    if (!json_is_object(root) || !json_object_get(root, "mctrace")) {
        input_fail(in, "", "this is no mapping of mctrace");
        return;
    }
    input_number(in, root, "mctrace", MAPPING_VERSION, MAPPING_VERSION);
    struct str identity = input_string(in, root, "identity");
    if (!in->failed && identity.n != 2 * sizeof mapping->identity)
        input_fail(in, "identity", "must have 32 hexadecimal digits");
    if (!in->failed)
        input_hex(in, "identity", identity, mapping->identity);
    mapping->machine = str_copy(in->arena, input_string(in, root, "machine"));
    if (!in->failed)
        mapping->program =
            input_text(in, "program", json_object_get(root, "program"));
    struct str order = input_string(in, root, "byte_order");
    bool is_big = str_equal(order, STR("big"));
    mapping->order = is_big ? ORDER_BIG : ORDER_LITTLE;
    if (!in->failed && !is_big && !str_equal(order, STR("little")))
        input_fail(in, "byte_order", "must be \"little\" or \"big\"");
    mapping->word_bits = (uint8_t)input_number(in, root, "word_bits", 8, 64);
    mapping->region_len = input_number(in, root, "region_len",
                                       sizeof(struct mct_region), REGION_LIMIT);
    mapping->chunk_align = MCT_REGION_ALIGN;
    if (json_object_get(root, "chunk_align"))
        mapping->chunk_align = (uint32_t)input_number(
            in, root, "chunk_align", MCT_BARE_CHUNK, MCT_REGION_ALIGN);
    mapping->strsize = input_number(in, root, "strsize", 0, REGION_LIMIT);
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
        read_types(&in, root);
    if (!in.failed)
        read_variables(&in, root);
    if (!in.failed)
        read_arrays(&in, root);
    if (!in.failed)
        read_aggregations(&in, root);
    if (!in.failed)
        read_records(&in, root);
    json_decref(root);
    return in.failed ? NULL : in.mapping;
}
