// mapping_json.c: members of the mapping's JSON, checked as they are taken.
//
// A message names the member that is wrong ("aggregations[2].table.off"); only
// the first is told, and whoever goes on reads zeroes.

#include <string.h>

#include "data/mapping.h"

PRINTF_LIKE(3, 4)
void input_fail(struct input *in, const char *member, const char *format, ...) {
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

bool input_is(struct input *in, const char *member, const json_t *json,
              json_type type) {
    json_t wanted = {.type = type};
    if (!json)
        input_fail(in, member, "is missing");
    else if (json_typeof(json) != type)
        input_fail(in, member, "must be %s, is %s", type_name(&wanted),
                   type_name(json));
    return !in->failed;
}

const json_t *input_array(struct input *in, const json_t *object,
                          const char *member, size_t *count) {
    const json_t *value = json_object_get(object, member);
    *count = 0;
    if (!input_is(in, member, value, JSON_ARRAY))
        return NULL;
    *count = json_array_size(value);
    return value;
}

const json_t *input_list(struct input *in, const json_t *object,
                         const char *member, size_t *count) {
    *count = 0;
    return json_object_get(object, member)
               ? input_array(in, object, member, count)
               : NULL;
}

uint64_t input_number(struct input *in, const json_t *object,
                      const char *member, uint64_t least, uint64_t most) {
    const json_t *json = json_object_get(object, member);
    if (!input_is(in, member, json, JSON_INTEGER))
        return least;
    json_int_t value = json_integer_value(json);
    if (value >= 0 && (uint64_t)value >= least && (uint64_t)value <= most)
        return (uint64_t)value;
    input_fail(in, member, "%lld is not from %llu to %llu", (long long)value,
               (unsigned long long)least, (unsigned long long)most);
    return least;
}

// The slice points into the JSON document, which is released at the end.
struct str input_string(struct input *in, const json_t *object,
                        const char *member) {
    const json_t *json = json_object_get(object, member);
    if (!input_is(in, member, json, JSON_STRING))
        return (struct str){0};
    return (struct str){json_string_value(json), json_string_length(json)};
}

static unsigned hex_digit(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (unsigned)(found - digits) : 16;
}

bool input_hex(struct input *in, const char *member, struct str text,
               uint8_t *out) {
    for (size_t i = 0; i < text.n && !in->failed; i++) {
        unsigned digit = hex_digit(text.p[i]);
        if (digit > 15 || text.n % 2 != 0)
            input_fail(in, member, "is not a sequence of hexadecimal bytes");
        out[i / 2] = (uint8_t)(out[i / 2] << 4 | digit);
    }
    return !in->failed;
}

// A string, or {"hex": "..."} of what is not UTF-8.
struct str input_text(struct input *in, const char *member,
                      const json_t *json) {
    if (!json_is_object(json)) {
        if (!input_is(in, member, json, JSON_STRING))
            return (struct str){0};
        return str_copy(in->arena, (struct str){json_string_value(json),
                                                json_string_length(json)});
    }
    struct str hex = input_string(in, json, "hex");
    uint8_t *bytes = arena_alloc(in->arena, hex.n / 2 + 1);
    if (!input_hex(in, member, hex, bytes))
        return (struct str){0};
    return (struct str){(const char *)bytes, hex.n / 2};
}

bool input_type(struct str name, struct ir_type *type) {
    static const struct {
        const char *name;
        struct ir_type type;
    } rows[] = {
        {"int8", {IR_INT, 8, true}},   {"uint8", {IR_INT, 8, false}},
        {"int16", {IR_INT, 16, true}}, {"uint16", {IR_INT, 16, false}},
        {"int32", {IR_INT, 32, true}}, {"uint32", {IR_INT, 32, false}},
        {"int64", {IR_INT, 64, true}}, {"uint64", {IR_INT, 64, false}},
        {"string", {IR_STRING, 0, 0}}, {"block", {IR_BLOCK, 0, 0}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (str_is(name, rows[i].name)) {
            *type = rows[i].type;
            return true;
        }
    }
    return false;
}

uint64_t input_item(struct input *in, const char *member, const json_t *array,
                    size_t i, uint64_t most) {
    const json_t *json = json_array_get(array, i);
    if (!input_is(in, member, json, JSON_INTEGER))
        return 0;
    json_int_t value = json_integer_value(json);
    if (value >= 0 && (uint64_t)value <= most)
        return (uint64_t)value;
    input_fail(in, member, "%lld is not from 0 to %llu", (long long)value,
               (unsigned long long)most);
    return 0;
}
