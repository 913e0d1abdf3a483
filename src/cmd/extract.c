// extract.c: mctrace extract: from telemetry to text.
//
// The mapping comes from its file or out of the instrumented program; the
// telemetry from the persistence file, at any time, or from a core file.
// What the numbers do not show is said on standard error: updates that were
// lost, clauses that ended by a fault, sites that were never instrumented.

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "export/export.h"
#include "mctrace/region.h"

enum {
    OPT_MAPPING,
    OPT_BINARY,
    OPT_TELEMETRY,
    OPT_MEMORY,
    OPT_STREAM,
    OPT_OUTPUT,
    OPT_FORMAT,
    OPT_COLUMNS
};

static const struct option_row options[] = {
    {"var-mapping", 'm', OPTION_VALUE, false, "FILE",
     "the mapping that `instrument` wrote"},
    {"binary", 'b', OPTION_VALUE, false, "FILE",
     "or: the instrumented program, which carries it"},
    {"persistence-file", 'p', OPTION_VALUE, false, "FILE",
     "what the program recorded, or a core file of it"},
    {"memory", 0, OPTION_VALUE, false, "FILE@ADDRESS",
     "or: a dump of memory, from that address on"},
    {"stream", 0, OPTION_VALUE, false, "FILE",
     "or: what a platform sent, as it comes; - is stdin"},
    {"output", 'o', OPTION_VALUE, false, "FILE",
     "write here instead of standard output"},
    {"format", 'f', OPTION_VALUE, false, "FORMAT",
     "json (default), jsonl: an object a record, text: as dtrace(1) prints, or "
     "binary: records as they are"},
    {"columns", 0, OPTION_FLAG, false, NULL,
     "of a stream: a table, instead of a JSON object a line"},
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

// --- where the telemetry is ---

// FILE@ADDRESS, by the last '@'.
static bool split_dump(struct invocation *invocation, const char *text,
                       const char **path, uint64_t *va) {
    const char *at = strrchr(text, '@');
    char *end = NULL;
    if (at && at[1] >= '0' && at[1] <= '9')
        *va = strtoull(at + 1, &end, 0);
    if (!end || *end || at == text) {
        usage_error(&command_extract, invocation->diag,
                    "--memory=%s: it must be FILE@ADDRESS", text);
        return false;
    }
    *path = str_copy(invocation->arena,
                     str_slice(str_from(text), 0, (size_t)(at - text)))
                .p;
    return true;
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

// The same of memory.
static bool open_memory(struct invocation *invocation,
                        const struct mapping *mapping,
                        struct export_input *input, struct records *records,
                        const char **path) {
    uint64_t va;
    int fd;
    if (!split_dump(invocation, invocation->options[OPT_MEMORY].value, path,
                    &va) ||
        !telemetry_open_memory(invocation->arena, *path, va, mapping,
                               input->telemetry, &fd, invocation->diag))
        return false;
    input->records = records;
    records_open_fd(records, invocation->arena, fd, mapping, RECORDS_COMPLETE);
    return true;
}

// --- the two ways ---

static enum exit_status extract_stream(struct invocation *invocation,
                                       const struct mapping *mapping) {
    const struct option_value *given = invocation->options;
    const char *path = given[OPT_STREAM].value;
    struct draft draft = {.out = stdout};
    struct stream stream;
    bool is_file = given[OPT_OUTPUT].given;
    if (!stream_open(&stream, invocation->arena, path, mapping,
                     invocation->diag))
        return EXIT_REFUSED;
    bool ok = !is_file ||
              draft_open(&draft, given[OPT_OUTPUT].value, invocation->diag);
    if (ok) {
        ok = stream_show(&stream, given[OPT_COLUMNS].given,
                         invocation->diag->program, draft.out, stderr);
        if (is_file)
            ok &= draft_close(&draft, ok ? DRAFT_KEEP : DRAFT_DROP,
                              invocation->diag);
    }
    stream_close(&stream);
    if (stream.skipped)
        diag_warning_at(invocation->diag, T_DAMAGED, path,
                        "%llu bytes belong to no message and are left out",
                        (unsigned long long)stream.skipped);
    return ok ? EXIT_DONE : EXIT_REFUSED;
}

static enum exit_status extract_region(struct invocation *invocation,
                                       const struct mapping *mapping,
                                       const struct exporter *exporter) {
    const struct option_value *given = invocation->options;
    const char *path = given[OPT_TELEMETRY].value;
    struct telemetry telemetry;
    struct records records = {0};
    struct export_input input = {.telemetry = &telemetry,
                                 .errors = stderr,
                                 .name = invocation->diag->program,
                                 .symbols =
                                     symbols_open(invocation->arena, mapping)};
    bool is_open =
        given[OPT_MEMORY].given
            ? open_memory(invocation, mapping, &input, &records, &path)
            : telemetry_open(invocation->arena, path, mapping, &telemetry,
                             invocation->diag) &&
                  open_records(invocation, &input, &records, path);
    if (!is_open)
        return invocation->diag->last == U_USAGE ? EXIT_USAGE : EXIT_REFUSED;
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

// What does not go together; NULL: all does.
static const char *wrong_usage(const struct option_value *given) {
    int sources = given[OPT_TELEMETRY].given + given[OPT_MEMORY].given +
                  given[OPT_STREAM].given;
    if (!given[OPT_MAPPING].given && !given[OPT_BINARY].given)
        return "--var-mapping=FILE or --binary=FILE is missing";
    if (sources == 0)
        return "--persistence-file=FILE, --memory=FILE@ADDRESS or "
               "--stream=FILE is missing";
    if (sources > 1)
        return "give one of --persistence-file, --memory and --stream";
    if (given[OPT_COLUMNS].given && !given[OPT_STREAM].given)
        return "--columns is for --stream";
    if (given[OPT_FORMAT].given && given[OPT_STREAM].given)
        return "--format is not for --stream: messages are JSON, or --columns";
    return NULL;
}

static enum exit_status run_extract(struct invocation *invocation) {
    const struct option_value *given = invocation->options;
    const char *format =
        given[OPT_FORMAT].given ? given[OPT_FORMAT].value : "json";
    const struct exporter *exporter = export_find(str_from(format));
    const char *problem = wrong_usage(given);
    if (!exporter)
        return usage_error(&command_extract, invocation->diag,
                           "there is no format %s", format);
    if (problem)
        return usage_error(&command_extract, invocation->diag, "%s", problem);
    const struct mapping *mapping =
        given[OPT_MAPPING].given
            ? read_mapping(invocation, given[OPT_MAPPING].value)
            : embedded_mapping(invocation, given[OPT_BINARY].value);
    if (!mapping)
        return EXIT_REFUSED;
    return given[OPT_STREAM].given
               ? extract_stream(invocation, mapping)
               : extract_region(invocation, mapping, exporter);
}

const struct command command_extract = {
    .name = "extract",
    .summary = "read what an instrumented program recorded",
    .usage = "--var-mapping=FILE --persistence-file=FILE [--format=text]",
    .options = options,
    .run = run_extract,
};
