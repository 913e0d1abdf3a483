// export.c: the table of formats.

#include <stdlib.h>
#include <string.h>

#include "export/export.h"

#include "export/formats.h"
#include "mctrace/region.h"

static const struct exporter *const exporters[] = {
    &exporter_binary, &exporter_json, &exporter_jsonl, &exporter_text};

const struct exporter *const *export_table(size_t *count) {
    *count = COUNT_OF(exporters);
    return exporters;
}

const struct exporter *export_find(struct str name) {
    for (size_t i = 0; i < COUNT_OF(exporters); i++)
        if (str_is(name, exporters[i]->name))
            return exporters[i];
    return NULL;
}

void export_consume(struct export_input *input, FILE *out,
                    enum consumer_format format) {
    struct telemetry *telemetry = input->telemetry;
    struct consumer_setup setup = {
        .mapping = telemetry->mapping,
        .out = out,
        .errors = input->errors,
        .name = input->name,
        .symbols = input->symbols,
        .format = (uint8_t)format,
    };
    consumer_look_around(&setup);
    struct consumer *consumer = consumer_new(telemetry->arena, &setup);
    struct record record;
    while (input->records && records_next(input->records, &record))
        consumer_record(consumer, &record);
    consumer_gather(consumer, telemetry);
    consumer_drops(consumer, telemetry->drops, telemetry->lost);
    consumer_finish(consumer);
    telemetry->damaged += consumer_damaged(consumer);
    consumer_free(consumer);
}
