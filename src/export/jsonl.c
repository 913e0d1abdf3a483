// jsonl.c: an object a line for each record; consume_json.c says which.

#include "export/formats.h"

static void write_jsonl(struct export_input *input, FILE *out) {
    export_consume(input, out, CONSUMER_JSONL);
}

const struct exporter exporter_jsonl = {
    .name = "jsonl",
    .summary = "a JSON object for each record, one a line",
    .tells_faults = true,
    .write = write_jsonl,
};
