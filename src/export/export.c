// export.c: the table of formats.

#include "export/export.h"

#include "export/formats.h"

static const struct exporter *const exporters[] = {&exporter_json,
                                                   &exporter_text};

const struct exporter *const *export_table(size_t *count) {
    *count = COUNT_OF(exporters);
    return exporters;
}

const struct exporter *export_find(struct str name) {
    for (size_t i = 0; i < COUNT_OF(exporters); i++)
        if (str_equal(name, str_from(exporters[i]->name)))
            return exporters[i];
    return NULL;
}
