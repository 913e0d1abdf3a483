// export.h: telemetry as text for others. A format is a row and a file.

#ifndef MCTRACE_EXPORT_H
#define MCTRACE_EXPORT_H

#include "data/data.h"

struct exporter {
    const char *name, *summary;
    // Writes everything; the caller looks at ferror(out).
    void (*write)(struct telemetry *telemetry, FILE *out);
};

const struct exporter *export_find(struct str name); // NULL: not known
const struct exporter *const *export_table(size_t *count);

#endif
