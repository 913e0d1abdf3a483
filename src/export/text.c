// text.c: what dtrace(1) prints when a script ends.
//
// A newline, which dtrace always prints when tracing stops, then every
// aggregation in the order of the script, a row an element: its keys, each in
// the format of its type, and the value. Global variables are not printed.
// The formats are libdtrace's, down to its habit of printing keys of 64 and
// 32 bits as signed and smaller ones as unsigned.

#include "export/formats.h"

static void put_key(FILE *out, const struct value *key) {
    if (key->type.kind == IR_STRING) {
        fprintf(out, "  %-50.*s", STR_ARGS(key->text));
        return;
    }
    switch (key->type.bits) {
    case 64: fprintf(out, " %16lld", (long long)key->number); break;
    case 32: fprintf(out, " %8d", (int32_t)key->number); break;
    case 16: fprintf(out, " %5u", (unsigned)(uint16_t)key->number); break;
    default: fprintf(out, " %3u", (unsigned)(uint8_t)key->number); break;
    }
}

static void put_aggregation(struct telemetry *telemetry, size_t i, FILE *out) {
    const struct mapping_aggregation *aggregation =
        &telemetry->mapping->aggregations[i];
    size_t count;
    struct agg_element *elements = telemetry_elements(telemetry, i, &count);
    for (size_t e = 0; e < count; e++) {
        for (uint32_t k = 0; k < aggregation->key_count; k++)
            put_key(out, &elements[e].keys[k]);
        if (agg_is_distribution(aggregation)) {
            struct bytes table;
            bytes_init(&table, telemetry->arena, ORDER_LITTLE);
            hist_put(&table, aggregation, &elements[e], 1,
                     &telemetry->mapping->options);
            fwrite(table.p, 1, table.n, out);
        } else {
            fprintf(out, " %16lld",
                    (long long)agg_value(aggregation, &elements[e], 1));
        }
        fputc('\n', out);
    }
}

static void write_text(struct telemetry *telemetry, FILE *out) {
    fputc('\n', out);
    for (size_t i = 0; i < telemetry->mapping->aggregation_count; i++)
        put_aggregation(telemetry, i, out);
}

const struct exporter exporter_text = {
    .name = "text",
    .summary = "aggregations as dtrace(1) prints them at its end",
    .write = write_text,
};
