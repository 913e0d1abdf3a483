// text.c: what dtrace(1) prints of a script's run.

#include "export/formats.h"

static void write_text(struct export_input *input, FILE *out) {
    export_consume(input, out, CONSUMER_TEXT);
}

const struct exporter exporter_text = {
    .name = "text",
    .summary = "as dtrace(1) prints: records, and aggregations at the end",
    .tells_faults = true,
    .write = write_text,
};
