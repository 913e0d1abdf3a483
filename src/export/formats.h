// formats.h: the rows of export.c's table, one a file.

#ifndef MCTRACE_EXPORT_FORMATS_H
#define MCTRACE_EXPORT_FORMATS_H

#include "export/export.h"

extern const struct exporter exporter_json, exporter_text;

#endif
