// export.h: telemetry as text for others. A format is a row and a file.

#ifndef MCTRACE_EXPORT_H
#define MCTRACE_EXPORT_H

#include "data/data.h"

struct export_input {
    struct telemetry *telemetry;
    struct records *records; // NULL: there are none, as of a core file
    FILE *errors;            // what the script said there
    const char *name;        // of who says it
    struct symbol_source symbols;
};

struct exporter {
    const char *name, *summary;
    bool tells_faults; // and drops, where they happened
    // Writes everything; the caller looks at ferror(out).
    void (*write)(struct export_input *input, FILE *out);
};

const struct exporter *export_find(struct str name); // NULL: not known
const struct exporter *const *export_table(size_t *count);

#endif
