// json.c: one object on one line.
//
//     {"read_calls": 1, "name": "x", "@": 5, "@last": null,
//      "@calls": [{"key": ["main", 3], "value": 2}],
//      "@sizes": [{"min": 4, "max": 7, "count": 9}]}
//
// (without the line breaks). A member for each global variable in the order
// of the script, then for each aggregation. One with keys is an array in
// DTrace's order; a distribution is the array of its buckets that are not
// empty, open ends being the limits of 64 bits. An aggregation without keys
// that was never updated is null, so that "nothing happened" and "the sum is
// 0" stay apart; a distribution, or one with keys, is an empty array then.
// Strings that are not UTF-8 are made so, see json_quote().

#include "export/formats.h"

struct json {
    struct telemetry *telemetry;
    FILE *out;
    struct bytes quoted; // room for a string
};

static void put_text(struct json *json, struct str text) {
    json->quoted.n = 0;
    json_quote(&json->quoted, text);
    fwrite(json->quoted.p, 1, json->quoted.n, json->out);
}

static void put_value(struct json *json, const struct value *value) {
    if (value->type.kind == IR_STRING)
        put_text(json, value->text);
    else if (value->type.is_signed)
        fprintf(json->out, "%lld", (long long)value->number);
    else
        fprintf(json->out, "%llu", (unsigned long long)value->number);
}

static void put_distribution(struct json *json,
                             const struct mapping_aggregation *aggregation,
                             const struct agg_element *element) {
    const char *before = "";
    fputc('[', json->out);
    for (uint32_t i = 0; element && i < aggregation->cell_count; i++) {
        int64_t least, most;
        if (element->cells[i] == 0)
            continue;
        agg_bucket_range(aggregation, i, &least, &most);
        fprintf(json->out, "%s{\"min\": %lld, \"max\": %lld, \"count\": %lld}",
                before, (long long)least, (long long)most,
                (long long)element->cells[i]);
        before = ", ";
    }
    fputc(']', json->out);
}

static void put_element_value(struct json *json,
                              const struct mapping_aggregation *aggregation,
                              const struct agg_element *element) {
    if (agg_is_distribution(aggregation))
        put_distribution(json, aggregation, element);
    else if (element)
        fprintf(json->out, "%lld", (long long)agg_value(aggregation, element, 1));
    else
        fputs("null", json->out);
}

static void put_keyed(struct json *json,
                      const struct mapping_aggregation *aggregation,
                      const struct agg_element *elements, size_t count) {
    fputc('[', json->out);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ", {\"key\": [" : "{\"key\": [", json->out);
        for (uint32_t k = 0; k < aggregation->key_count; k++) {
            fputs(k ? ", " : "", json->out);
            put_value(json, &elements[i].keys[k]);
        }
        fputs("], \"value\": ", json->out);
        put_element_value(json, aggregation, &elements[i]);
        fputc('}', json->out);
    }
    fputc(']', json->out);
}

static void put_aggregation(struct json *json, size_t i) {
    const struct mapping_aggregation *aggregation =
        &json->telemetry->mapping->aggregations[i];
    size_t count;
    struct agg_element *elements =
        telemetry_elements(json->telemetry, i, &count);
    if (aggregation->key_count > 0)
        put_keyed(json, aggregation, elements, count);
    else
        put_element_value(json, aggregation, count ? elements : NULL);
}

static void write_json(struct telemetry *telemetry, FILE *out) {
    const struct mapping *mapping = telemetry->mapping;
    struct json json = {.telemetry = telemetry, .out = out};
    bytes_init(&json.quoted, telemetry->arena, ORDER_LITTLE);
    const char *before = "{";
    for (size_t i = 0; i < mapping->variable_count; i++) {
        struct value value = telemetry_variable(telemetry, i);
        fputs(before, out);
        put_text(&json, mapping->variables[i].name);
        fputs(": ", out);
        put_value(&json, &value);
        before = ", ";
    }
    for (size_t i = 0; i < mapping->aggregation_count; i++) {
        fputs(before, out);
        put_text(&json, mapping->aggregations[i].name);
        fputs(": ", out);
        put_aggregation(&json, i);
        before = ", ";
    }
    fputs(before[0] == '{' ? "{}\n" : "}\n", out);
}

const struct exporter exporter_json = {
    .name = "json",
    .summary = "one JSON object: variables and aggregations",
    .write = write_json,
};
