// show_json.c: values and aggregations as JSON.
//
//     5   "text"   null (D's NULL)   {"a": 1, "b": [1, 2]}   ["a.out`main"]
//
// Structures become objects (the members of an anonymous one are its parent's),
// arrays of char strings, enumerators their names. What was not recorded, or is
// no number of JSON's (an infinity), is null. Always valid JSON: see
// json_quote().

#include <math.h>
#include <string.h>

#include "data/load.h"
#include "data/show.h"

struct typed {
    struct show *show;
    struct str bytes;
};

static void put_null(struct show *show) {
    show_text(show, STR("null"));
}

static void put_int(struct show *show, uint64_t value, bool is_signed) {
    if (is_signed)
        show_signed(show, (int64_t)value, 0);
    else
        show_unsigned(show, value, 0);
}

static void put_float(struct show *show, const char *p, uint32_t size) {
    long double value = show_float(show, p, size);
    if (isfinite(value))
        show_format(show, size == sizeof(float) ? "%.9Lg" : "%.17Lg", value);
    else
        put_null(show);
}

static uint64_t take_bits(const struct typed *typed, size_t off_bits,
                          unsigned bits) {
    bool is_big = typed->show->mapping->order == ORDER_BIG;
    uint64_t value = 0;
    for (unsigned i = 0; i < bits; i++) {
        size_t bit = off_bits + (is_big ? bits - 1 - i : i);
        unsigned shift = (unsigned)(is_big ? 7 - bit % 8 : bit % 8);
        value |= (uint64_t)((uint8_t)typed->bytes.p[bit / 8] >> shift & 1) << i;
    }
    return value;
}

static void put_scalar(const struct typed *typed,
                       const struct ir_data_type *type, size_t off_bits,
                       unsigned bits) {
    struct show *show = typed->show;
    const char *p = typed->bytes.p + off_bits / 8;
    if (type->kind == IR_DATA_FLOAT) {
        put_float(show, p, type->size);
        return;
    }
    unsigned width = bits ? bits : type->size * 8;
    uint64_t value = bits ? take_bits(typed, off_bits, bits)
                          : load_quickly((const uint8_t *)p, type->size,
                                         show->mapping->order);
    if (type->is_signed && width < 64 && value >> (width - 1) & 1)
        value |= UINT64_MAX << width;
    for (uint32_t i = 0; type->kind == IR_DATA_ENUM && i < type->member_count;
         i++)
        if (type->members[i].value == (int64_t)value) {
            json_quote(show->out, type->members[i].name);
            return;
        }
    put_int(show, value, type->is_signed);
}

static void put_typed(const struct typed *typed,
                      const struct ir_data_type *type, size_t off_bits,
                      unsigned bits);

static void put_array(const struct typed *typed,
                      const struct ir_data_type *type, size_t off) {
    struct show *show = typed->show;
    if (type->of && type->of->is_char) {
        struct value text = {
            .text = str_slice(typed->bytes, off, off + type->size)};
        json_quote(show->out, value_until_nul(&text));
        return;
    }
    show_text(show, STR("["));
    for (uint64_t i = 0; type->of && i < type->count; i++) {
        show_text(show, i ? STR(", ") : STR(""));
        put_typed(typed, type->of, (off + (size_t)i * type->of->size) * 8, 0);
    }
    show_text(show, STR("]"));
}

static bool has_members(const struct ir_data_type *type) {
    return type->kind == IR_DATA_STRUCT || type->kind == IR_DATA_UNION;
}

static void put_members(const struct typed *typed,
                        const struct ir_data_type *type, size_t off_bits,
                        bool *any) {
    struct show *show = typed->show;
    for (uint32_t i = 0; i < type->member_count; i++) {
        const struct ir_data_member *member = &type->members[i];
        size_t at = off_bits + member->off_bits;
        if (member->name.n == 0 && has_members(member->type)) {
            put_members(typed, member->type, at, any);
            continue;
        }
        show_text(show, *any ? STR(", ") : STR(""));
        *any = true;
        json_quote(show->out, member->name);
        show_text(show, STR(": "));
        put_typed(typed, member->type, at, member->bits);
    }
}

static void put_typed(const struct typed *typed,
                      const struct ir_data_type *type, size_t off_bits,
                      unsigned bits) {
    if (has_members(type)) {
        bool any = false;
        show_text(typed->show, STR("{"));
        put_members(typed, type, off_bits, &any);
        show_text(typed->show, STR("}"));
    } else if (type->kind == IR_DATA_ARRAY) {
        put_array(typed, type, off_bits / 8);
    } else if ((bits ? (off_bits + bits + 7) / 8 : off_bits / 8 + type->size) >
               typed->bytes.n) {
        put_null(typed->show);
    } else {
        put_scalar(typed, type, off_bits, bits);
    }
}

static void put_hex(struct show *show, struct str bytes) {
    show_text(show, STR("\""));
    for (size_t i = 0; i < bytes.n; i++)
        show_format(show, "%02x", (uint8_t)bytes.p[i]);
    show_text(show, STR("\""));
}

static void put_symbol(struct show *show, uint64_t pc, uint8_t action) {
    char room[SYMBOL_ROOM];
    json_quote(show->out, symbol_text(show, pc, action, room, sizeof room));
}

static void put_stack(struct show *show, struct str pcs) {
    show_text(show, STR("["));
    for (size_t i = 0; i + 8 <= pcs.n; i += 8) {
        uint64_t pc =
            load_quickly((const uint8_t *)pcs.p + i, 8, show->mapping->order);
        show_text(show, i ? STR(", ") : STR(""));
        put_symbol(show, pc, IR_ACTION_UADDR);
    }
    show_text(show, STR("]"));
}

static void put_typed_int(struct show *show, const struct value *value) {
    uint8_t room[8];
    size_t len = value->type.bits / 8u;
    store_uint(room, value->number, len, show->mapping->order);
    struct typed typed = {show, {(const char *)room, len}};
    put_typed(&typed, value->data_type, 0, 0);
}

void show_json(struct show *show, const struct value *value) {
    struct typed typed = {show, value->text};
    switch ((enum value_kind)value->kind) {
    case VALUE_TEXT:
        if (value->text.p)
            json_quote(show->out, value->text);
        else
            put_null(show);
        break;
    case VALUE_STACK: put_stack(show, value->text); break;
    case VALUE_SYMBOL: put_symbol(show, value->number, value->action); break;
    case VALUE_BLOCK:
        if (value->data_type)
            put_typed(&typed, value->data_type, 0, 0);
        else
            put_hex(show, value->text);
        break;
    default:
        if (value->data_type)
            put_typed_int(show, value);
        else
            put_int(show, value->number, value->type.is_signed);
    }
}

// --- aggregations ---

static void put_distribution(struct show *show,
                             const struct mapping_aggregation *aggregation,
                             const struct agg_element *element) {
    const char *before = "";
    show_text(show, STR("["));
    for (uint32_t i = 0; element && i < buckets_of(aggregation); i++) {
        int64_t least, most;
        if (element->cells[i] == 0)
            continue;
        agg_bucket_range(aggregation, i, &least, &most);
        show_format(show, "%s{\"min\": %lld, \"max\": %lld, \"count\": %lld}",
                    before, (long long)least, (long long)most,
                    (long long)element->cells[i]);
        before = ", ";
    }
    show_text(show, STR("]"));
}

static void put_element(struct show *show, const struct agg_table *table,
                        const struct agg_element *element) {
    if (agg_is_distribution(table->aggregation))
        put_distribution(show, table->aggregation, element);
    else if (element)
        show_signed(show,
                    agg_value(table->aggregation, element, table->normal, true),
                    0);
    else
        put_null(show);
}

void show_json_table(struct show *show, struct agg_table *table) {
    uint32_t key_count = table->aggregation->key_count;
    if (key_count == 0) {
        put_element(show, table, table->count ? table->items : NULL);
        return;
    }
    struct agg_order order = agg_order_of(show->options);
    struct arena *arena = arena_new();
    size_t count;
    agg_table_name(table, &show->symbols, show->pid);
    struct agg_row *rows = agg_rows(arena, &table, 1, &order, &count);
    show_text(show, STR("["));
    for (size_t i = 0; i < count; i++) {
        show_text(show, i ? STR(", {\"key\": [") : STR("{\"key\": ["));
        for (uint32_t k = 0; k < key_count; k++) {
            show_text(show, k ? STR(", ") : STR(""));
            show_json(show, &rows[i].keys[k]);
        }
        show_text(show, STR("], \"value\": "));
        put_element(show, table, rows[i].elements[0]);
        show_text(show, STR("}"));
    }
    show_text(show, STR("]"));
    arena_free(arena);
}
