// json.c: one object on one line; consume_json.c says what it looks like.

#include "export/formats.h"

static void write_json(struct export_input *input, FILE *out) {
    export_consume(input, out, CONSUMER_JSON);
}

const struct exporter exporter_json = {
    .name = "json",
    .summary = "one JSON object: variables and aggregations",
    .write = write_json,
};
