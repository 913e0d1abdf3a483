// extract.c: mctrace extract: from telemetry to text.
//
// The mapping comes from its file or out of the instrumented program; the
// telemetry from the persistence file, at any time, or from a core file.
// What the numbers do not show is said on standard error: updates that were
// lost, clauses that ended by a fault, sites that were never instrumented.

#include <stdlib.h>

#include "cmd/cmd.h"
#include "export/export.h"
#include "mctrace/region.h"

enum { OPT_MAPPING, OPT_BINARY, OPT_TELEMETRY, OPT_OUTPUT, OPT_FORMAT };

static const struct option_row options[] = {
    {"var-mapping", 'm', OPTION_VALUE, false, "FILE",
     "the mapping that `instrument` wrote"},
    {"binary", 'b', OPTION_VALUE, false, "FILE",
     "or: the instrumented program, which carries it"},
    {"persistence-file", 'p', OPTION_VALUE, true, "FILE",
     "what the program recorded, or a core file of it"},
    {"output", 'o', OPTION_VALUE, false, "FILE",
     "write here instead of standard output"},
    {"format", 'f', OPTION_VALUE, false, "FORMAT",
     "json (default), or text: as dtrace(1) prints"},
    {0},
};

static struct mapping *read_mapping(struct invocation *invocation,
                                    const char *path) {
    struct file file;
    if (!file_open(&file, path, invocation->diag))
        return NULL;
    struct str json = {(const char *)file.data.p, file.data.n};
    struct mapping *mapping =
        mapping_from_json(invocation->arena, json, path, invocation->diag);
    file_close(&file);
    return mapping;
}

static struct mapping *embedded_mapping(struct invocation *invocation,
                                        const char *path) {
    struct image *image = image_open(invocation->arena, path, invocation->diag);
    if (!image)
        return NULL;
    struct str json;
    struct mapping *mapping = NULL;
    if (image_embedded(image, &json) && json.n > 0)
        mapping =
            mapping_from_json(invocation->arena, json, path, invocation->diag);
    else
        diag_error_at(invocation->diag, B_NOT_OURS, path,
                      "the file carries no mapping: it is no output of "
                      "`mctrace instrument`");
    image_close(image);
    return mapping;
}

// Silence must mean that nothing happened; where it may not, this says so.
static void tell_losses(const struct telemetry *telemetry, const char *path,
                        struct diag *diag) {
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = {
        {telemetry->lost, "updates were lost because a table was full (see "
                          "the option aggsize) or a send failed"},
        {telemetry->faults, "faults: clauses that did not run to their end"},
        {telemetry->damaged, "table entries are damaged and left out"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].count > 0)
            diag_warning_at(diag, T_DAMAGED, path, "%llu %s",
                            (unsigned long long)rows[i].count, rows[i].what);
    if (telemetry->attached > 0 && telemetry->attached < telemetry->images)
        diag_warning_at(diag, T_DAMAGED, path,
                        "telemetry is incomplete: %u of %u instrumented files "
                        "were loaded, the program found other libraries",
                        telemetry->attached, telemetry->images);
    if (telemetry->missed > 0)
        diag_warning_at(diag, R_MISSED, path,
                        "%llu of %llu matched sites could not be "
                        "instrumented, and what happens there is missing",
                        (unsigned long long)telemetry->missed,
                        (unsigned long long)telemetry->sites);
}

static bool write_output(struct telemetry *telemetry,
                         const struct exporter *exporter, const char *path,
                         struct diag *diag) {
    if (!path) {
        exporter->write(telemetry, stdout);
        return true; // main() looks at stdout
    }
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    bool ok = out != NULL;
    if (ok) {
        exporter->write(telemetry, out);
        ok = fclose(out) == 0;
    }
    if (!ok)
        diag_error_at(diag, U_FILE, path, "not enough memory");
    ok = ok && file_write_text(path, (struct slice){(const uint8_t *)text, len},
                               diag);
    free(text);
    return ok;
}

static enum exit_status run_extract(struct invocation *invocation) {
    const struct option_value *given = invocation->options;
    const char *format =
        given[OPT_FORMAT].given ? given[OPT_FORMAT].value : "json";
    const struct exporter *exporter = export_find(str_from(format));
    if (!exporter)
        return usage_error(&command_extract, invocation->diag,
                           "there is no format %s", format);
    if (!given[OPT_MAPPING].given && !given[OPT_BINARY].given)
        return usage_error(&command_extract, invocation->diag,
                           "--var-mapping=FILE or --binary=FILE is missing");
    const struct mapping *mapping =
        given[OPT_MAPPING].given
            ? read_mapping(invocation, given[OPT_MAPPING].value)
            : embedded_mapping(invocation, given[OPT_BINARY].value);
    const char *path = given[OPT_TELEMETRY].value;
    struct telemetry telemetry;
    if (!mapping || !telemetry_open(invocation->arena, path, mapping,
                                    &telemetry, invocation->diag))
        return EXIT_REFUSED;
    if (!write_output(&telemetry, exporter, given[OPT_OUTPUT].value,
                      invocation->diag))
        return EXIT_REFUSED;
    tell_losses(&telemetry, path, invocation->diag);
    return EXIT_DONE;
}

const struct command command_extract = {
    .name = "extract",
    .summary = "read what an instrumented program recorded",
    .usage = "--var-mapping=FILE --persistence-file=FILE [--format=text]",
    .options = options,
    .run = run_extract,
};
