// extract.c: mctrace extract: from telemetry to text.
//
// The mapping comes from its file or out of the instrumented program; the
// telemetry from the persistence file, at any time, or from a core file.
// What the numbers do not show is said on standard error: updates that were
// lost, clauses that ended by a fault, sites that were never instrumented.

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
     "json (default), jsonl: an object a record, text: as dtrace(1) prints, or "
     "binary: records as they are"},
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
// Faults and drops are not repeated that the format told in dtrace's words.
static void tell_losses(const struct telemetry *telemetry,
                        const struct exporter *exporter, const char *path,
                        struct diag *diag) {
    uint64_t drops = 0;
    for (size_t i = 0; i < MCT_DROP_COUNT; i++)
        drops += telemetry->drops[i];
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = {
        {telemetry->lost, "updates were lost because a table was full (see "
                          "the option aggsize) or a send failed"},
        {exporter->tells_faults ? 0 : telemetry->faults,
         "faults: clauses that did not run to their end"},
        {exporter->tells_faults ? 0 : drops,
         "drops: records, speculations or dynamic variables had no room"},
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

// What is wrong with the records, each once.
static void tell_damage(const struct records *records, const char *path,
                        struct diag *diag) {
    if (records->is_cut)
        diag_warning_at(diag, T_TRUNCATED, path,
                        "the file ends within a piece of records; what is "
                        "behind is missing");
    if (records->damaged > 0)
        diag_warning_at(diag, T_DAMAGED, path,
                        "%llu records are damaged and left out",
                        (unsigned long long)records->damaged);
    if (records->torn > 0)
        diag_warning_at(diag, T_DAMAGED, path,
                        "%llu records were never finished, as when their "
                        "thread is killed, and are left out",
                        (unsigned long long)records->torn);
}

static bool write_output(struct export_input *input,
                         const struct exporter *exporter, const char *path,
                         struct diag *diag) {
    if (!path) {
        exporter->write(input, stdout);
        return true; // main() looks at stdout
    }
    struct draft draft;
    if (!draft_open(&draft, path, diag))
        return false;
    exporter->write(input, draft.out);
    return draft_close(&draft, DRAFT_KEEP, diag);
}

// The records lie behind the region, in its file; a core has none.
static bool open_records(struct invocation *invocation,
                         struct export_input *input, struct records *records,
                         const char *path) {
    if (input->telemetry->is_core)
        return true;
    input->records = records;
    return records_open(records, invocation->arena, path,
                        input->telemetry->mapping, RECORDS_COMPLETE,
                        invocation->diag);
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
    struct export_input input = {
        .telemetry = &telemetry,
        .errors = stderr,
        .name = invocation->diag->program,
        .symbols = symbols_open(invocation->arena, telemetry.mapping)};
    struct records records = {0};
    if (!open_records(invocation, &input, &records, path))
        return EXIT_REFUSED;
    bool ok = write_output(&input, exporter, given[OPT_OUTPUT].value,
                           invocation->diag);
    if (ok)
        tell_losses(&telemetry, exporter, path, invocation->diag);
    if (ok && input.records)
        tell_damage(&records, path, invocation->diag);
    if (input.records)
        records_close(&records);
    return ok ? EXIT_DONE : EXIT_REFUSED;
}

const struct command command_extract = {
    .name = "extract",
    .summary = "read what an instrumented program recorded",
    .usage = "--var-mapping=FILE --persistence-file=FILE [--format=text]",
    .options = options,
    .run = run_extract,
};
