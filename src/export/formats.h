// formats.h: the rows of export.c's table, one a file, and what they share.

#ifndef MCTRACE_EXPORT_FORMATS_H
#define MCTRACE_EXPORT_FORMATS_H

#include "export/export.h"

extern const struct exporter exporter_binary, exporter_json, exporter_jsonl,
    exporter_text;

// export.c: what a consumer makes of the records and of the region.
void export_consume(struct export_input *input, FILE *out,
                    enum consumer_format format);

#endif
