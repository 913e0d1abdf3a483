// instrument.c: mctrace instrument: a program with a script's probes in it.
//
// The steps are those of build.c; this file reads the command line and tells
// what became of it. Nothing is written before all is built. Every matched site
// is either reached or told; with --strict one that is not makes the command
// fail.

#include <stdlib.h>
#include <string.h>

#include "cmd/job.h"

enum {
    OPT_BINARY,
    OPT_OUTPUT,
    OPT_MAPPING,
    OPT_PERSISTENCE,
    OPT_SCRIPT,
    OPT_TEXT,
    OPT_OPTION,
    OPT_REPORT,
    OPT_STRICT,
    OPT_ALLOW_ZERO,
    OPT_WITH_LOADER,
    OPT_SAVE_IR,
    OPT_SAVE_ASM,
    OPT_SAVE_OBJECT,
    OPT_CODEGEN,
    OPT_CC,
    OPT_SAVE_C,
    OPT_CALL_ABOVE,
    OPT_DUMP,
#define IMAGE_OPTION(id, name, value, help) OPT_##id,
#include "cmd/image_options.def"
    OPT_TEXT_AT,
    OPT_DATA_AT,
    OPT_FIX_CRC,
    OPT_LIBRARY
};

static const struct option_row options[] = {
    {"binary", 'b', OPTION_VALUE, true, "FILE", "the program; stays as it is"},
    {"output", 'o', OPTION_VALUE, true, "FILE",
     "the instrumented program; libraries go to FILE.libs/"},
    {"var-mapping", 'm', OPTION_VALUE, false, "FILE",
     "write the mapping here; it is in the output as well"},
    {"persistence-file", 'p', OPTION_VALUE, false, "FILE",
     "where the program records; %p is its process id; required on Linux"},
    {"script", 's', OPTION_VALUE, false, "FILE", "the D script; - is stdin"},
    {"probe-text", 'n', OPTION_VALUE, false, "TEXT",
     "or: the script itself, as in dtrace -n"},
    {"option", 'x', OPTION_MANY, false, "NAME[=VALUE]",
     "set an option, as #pragma D option does; may be repeated"},
    {"report", 'r', OPTION_VALUE, false, "FILE",
     "write what was done at every site, as JSON"},
    {"strict", 0, OPTION_FLAG, false, NULL,
     "fail if a matched site cannot be reached"},
    {"allow-zero", 'Z', OPTION_FLAG, false, NULL,
     "accept probes that match nothing"},
    {"with-loader", 0, OPTION_FLAG, false, NULL,
     "instrument the dynamic loader too; the output then stays where it is"},
    {"save-llvm", 0, OPTION_VALUE, false, "FILE", "keep the generated IR"},
    {"save-asm", 0, OPTION_VALUE, false, "FILE", "keep the generated assembly"},
    {"save-obj", 0, OPTION_VALUE, false, "FILE", "keep the generated object"},
    {"codegen", 0, OPTION_VALUE, false, "NAME",
     "what makes machine code: llvm (the default), or c for a C compiler"},
    {"cc", 0, OPTION_VALUE, false, "COMMAND",
     "with --codegen=c: the compiler, perhaps with arguments"},
    {"save-c", 0, OPTION_VALUE, false, "FILE",
     "write what is put into the program as C"},
    {"call-above", 0, OPTION_VALUE, false, "COUNT",
     "clauses of more instructions than that stand once, and are called"},
    {"dump", 0, OPTION_VALUE, false, "STAGE",
     "print a stage: ir, sites, shapes"},
#define IMAGE_OPTION(id, name, value, help)                                    \
    {name, 0, OPTION_VALUE, false, value, help},
#include "cmd/image_options.def"
    {"text-at", 0, OPTION_VALUE, false, "ADDRESS[,SIZE]",
     "without an operating system: where added code may lie"},
    {"data-at", 0, OPTION_VALUE, false, "ADDRESS[,SIZE]",
     "the same of memory that nothing else uses"},
    {"fix-crc", 0, OPTION_VALUE, false, "SPEC",
     "mend the image's own checksum: ALGORITHM,range=START-END,at=ADDRESS"},
    {"library", 0, OPTION_MANY, false, "FILE",
     "an object or archive with functions of platform.h; may be repeated"},
    {0},
};

// --- input ---

static bool set_options(struct job *job, const struct option_value *given) {
    struct ir_options *set = ARENA_NEW(job->arena, struct ir_options);
    options_init(set);
    for (size_t i = 0; i < given->count; i++) {
        const char *problem = options_set_word(
            set, job->arena, str_from(given->values[i]), OPTION_BEFORE);
        if (!problem)
            continue;
        usage_error(&command_instrument, job->diag, "failed to set -x %s: %s",
                    given->values[i], problem);
        return false;
    }
    job->script_options.options = set;
    return true;
}

static bool read_script(struct job *job, const struct invocation *invocation) {
    const struct option_value *given = invocation->options;
    if (given[OPT_SCRIPT].given == given[OPT_TEXT].given) {
        usage_error(&command_instrument, job->diag,
                    given[OPT_SCRIPT].given
                        ? "give either --script=FILE or -n TEXT"
                        : "--script=FILE or -n TEXT is missing");
        return false;
    }
    job->script_options = (struct script_options){
        .macro_args = invocation->args,
        .macro_arg_count = invocation->arg_count,
    };
    if (!set_options(job, &given[OPT_OPTION]))
        return false;
    struct source *source = ARENA_NEW(job->arena, struct source);
    job->texts = ARENA_NEW(job->arena, struct script_text);
    job->text_count = 1;
    job->texts->source = source;
    if (given[OPT_TEXT].given) {
        job->texts->is_argument = true;
        source->name = STR("-n");
        source->text = str_from(given[OPT_TEXT].value);
        return true;
    }
    const char *path = given[OPT_SCRIPT].value;
    bool is_stdin = strcmp(path, "-") == 0;
    source->name = is_stdin ? STR("<stdin>") : str_from(path);
    if (!file_open(&job->script_file, is_stdin ? "/dev/stdin" : path,
                   job->diag))
        return false;
    source->text = (struct str){(const char *)job->script_file.data.p,
                                job->script_file.data.n};
    return true;
}

// What the image does not say of itself.
static bool take_facts(struct job *job, const struct option_value *given) {
    struct image_facts *facts = &job->facts;
    facts->fix_crc = given[OPT_FIX_CRC].value;
    return image_facts_take(&command_instrument, job->diag, &given[OPT_ARCH],
                            facts) &&
           image_place_take(&command_instrument, job->diag, "text-at",
                            &given[OPT_TEXT_AT], &facts->text) &&
           image_place_take(&command_instrument, job->diag, "data-at",
                            &given[OPT_DATA_AT], &facts->data);
}

static bool open_libraries(struct job *job, const struct option_value *given) {
    struct library_file *files =
        ARENA_ARRAY(job->arena, struct library_file, given->count + 1);
    job->library_files = files;
    for (size_t i = 0; i < given->count; i++) {
        struct file file;
        if (!file_open(&file, given->values[i], job->diag))
            return false;
        files[job->library_file_count++] =
            (struct library_file){given->values[i], file.data};
    }
    return true;
}

static void close_libraries(struct job *job) {
    for (size_t i = 0; i < job->library_file_count; i++) {
        struct file file = {.data = job->library_files[i].bytes};
        file_close(&file);
    }
}

static bool take_backend(struct job *job, const struct option_value *given) {
    job->cc = given[OPT_CC].value;
    job->save_c = given[OPT_SAVE_C].value;
    const char *name =
        given[OPT_CODEGEN].given ? given[OPT_CODEGEN].value : backend_llvm.name;
    job->backend = backend_find(str_from(name));
    bool is_c = job->backend == &backend_c;
    if (!job->backend)
        usage_error(&command_instrument, job->diag,
                    "--codegen=%s: it is llvm or c", name);
    else if (job->cc && !is_c)
        usage_error(&command_instrument, job->diag, "--cc is for --codegen=c");
    else if (job->save_ir && is_c)
        usage_error(&command_instrument, job->diag,
                    "--save-llvm is for --codegen=llvm");
    else
        return true;
    return false;
}

static bool take_call_above(struct job *job, const struct option_value *given) {
    char *end = NULL;
    job->has_call_above = given->given;
    if (!given->given)
        return true;
    if (*given->value >= '0' && *given->value <= '9')
        job->call_above = strtoull(given->value, &end, 10);
    if (end && *end == 0)
        return true;
    usage_error(&command_instrument, job->diag,
                "--call-above=%s: this is no number", given->value);
    return false;
}

static bool take_options(struct job *job, const struct invocation *invocation) {
    const struct option_value *given = invocation->options;
    job->binary = given[OPT_BINARY].value;
    job->output = given[OPT_OUTPUT].value;
    job->mapping_path = given[OPT_MAPPING].value;
    job->persistence = given[OPT_PERSISTENCE].value;
    job->report_path = given[OPT_REPORT].value;
    job->is_strict = given[OPT_STRICT].given;
    job->allows_none = given[OPT_ALLOW_ZERO].given;
    job->with_loader = given[OPT_WITH_LOADER].given;
    job->save_ir = given[OPT_SAVE_IR].value;
    job->save_asm = given[OPT_SAVE_ASM].value;
    job->save_object = given[OPT_SAVE_OBJECT].value;
    job->dump = given[OPT_DUMP].given ? given[OPT_DUMP].value : "";
    return take_backend(job, given) &&
           take_call_above(job, &given[OPT_CALL_ABOVE]);
}

static void make_report(struct job *job) {
    if (!job->report_path)
        return;
    const struct rewrite_result **results =
        ARENA_ARRAY(job->arena, const struct rewrite_result *, job->unit_count);
    const struct program **programs =
        ARENA_ARRAY(job->arena, const struct program *, job->unit_count);
    size_t count = 0;
    for (size_t i = 0; i < job->unit_count; i++) {
        if (!job->units[i].is_touched)
            continue;
        results[count] = &job->units[i].result;
        programs[count++] = job->units[i].program;
    }
    job->report = report_json(job->arena, results, programs, count);
}

// --- what the user is told ---

// Arming and guarding that are missed are made up for; the only other internal
// probes are those that run END.
static void tell_missed_end(struct job *job) {
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        for (size_t k = 0; job->script->has_end && k < result->site_count; k++)
            if (result->sites[k].tactic == TACTIC_MISSED &&
                site_is_internal(result->sites[k].site) &&
                str_starts_with(result->sites[k].site->probefunc,
                                STR("exit"))) {
                diag_warning_at(job->diag, R_MISSED, job->binary,
                                "END will not fire on every way out: %s",
                                result->sites[k].reason);
                return;
            }
    }
}

static bool judge_missed(struct job *job) {
    progress_end(job);
    tell_missed_end(job);
    job_tell_missed_results(job);
    if (job->missed == 0)
        return true;
    job_tell_missed(job, 3);
    if (!job->is_strict) {
        if (!job->report_path)
            diag_help(job->diag, "--report=FILE lists every site");
        return true;
    }
    diag_error_at(job->diag, R_MISSED, job->binary,
                  "%llu of %llu matched sites cannot be reached, and --strict "
                  "was given",
                  (unsigned long long)job->missed,
                  (unsigned long long)job->sites);
    return false;
}

static void print_summary(struct job *job) {
    size_t by_tactic[TACTIC_COUNT] = {0}, libraries = 0, copies = 0;
    uint64_t bytes_added = 0;
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        libraries += i > 0 && job->units[i].is_touched;
        bytes_added += result->bytes_added;
        for (size_t k = 0; k < result->site_count; k++)
            if (!site_is_internal(result->sites[k].site))
                by_tactic[result->sites[k].tactic]++;
    }
    for (size_t i = 0; i < job->library_count; i++)
        copies += job->libraries[i].is_copied;
    fprintf(stderr, "mctrace: %llu site%s", (unsigned long long)job->sites,
            job->sites == 1 ? "" : "s");
    const char *before = " (";
    for (size_t i = 0; i < TACTIC_MISSED; i++) {
        if (by_tactic[i] == 0)
            continue;
        fprintf(stderr, "%s%zu %s", before, by_tactic[i], tactic_name(i));
        before = ", ";
    }
    fprintf(stderr, "%s, %llu missed", before[0] == ',' ? ")" : "",
            (unsigned long long)job->missed);
    if (libraries > 0)
        fprintf(stderr, ", %zu librar%s", libraries,
                libraries == 1 ? "y" : "ies");
    if (copies > libraries)
        fprintf(stderr, ", %zu more copied", copies - libraries);
    fprintf(stderr, ", %llu bytes added, %.2f s\n",
            (unsigned long long)bytes_added, job_seconds(job));
}

// What small machines count: bytes of flash and RAM, those that each site adds
// and those that there are once.
static void print_memory(const struct job *job) {
    const struct rewrite_result *result = &job->units[0].result;
    const struct ir_script *script = job->script;
    uint64_t flash = result->bytes_added, ram = result->additions.region_len;
    uint64_t of_sites = result->trampolines_len, slots = 0;
    uint64_t count = result->site_count ? result->site_count : 1;
    for (size_t i = 0; i < script->aggregation_count; i++)
        slots += script->aggregations[i]->slot_count *
                 script->aggregations[i]->cell_count * sizeof(uint64_t);
    fprintf(stderr,
            "mctrace: flash: %llu bytes for the script, %llu for its sites "
            "(%.1f each); RAM: %llu and %llu (%.1f each)\n",
            (unsigned long long)(flash - of_sites),
            (unsigned long long)of_sites, (double)of_sites / (double)count,
            (unsigned long long)(ram - slots), (unsigned long long)slots,
            (double)slots / (double)count);
}

static bool may_enable(struct job *job) {
    const char *refusal = job_refusal(job);
    if (refusal)
        diag_error_at(job->diag, U_ENABLE, NULL, "could not enable tracing: %s",
                      refusal);
    return !refusal;
}

// What of the options is required depends on what the program runs on.
static bool check_needs(struct job *job) {
    const struct image *image = job->units[0].image;
    const char *problem = NULL;
    if (!job->is_bare && !job->persistence)
        problem = "--persistence-file=FILE is missing";
    else if (job->is_bare && job->persistence)
        problem = "--persistence-file is not for programs without an operating "
                  "system: see `mctrace extract --memory` and --stream";
    else if (!job->mapping_path && !image->elf)
        problem = "--var-mapping=FILE is missing, and the file cannot carry "
                  "the mapping";
    job->is_misused = problem != NULL;
    if (problem)
        usage_error(&command_instrument, job->diag, "%s", problem);
    return !problem;
}

static bool instrument(struct job *job) {
    if (!job_match(job) || !check_needs(job) || !may_enable(job) ||
        !job_build(job) || !judge_missed(job))
        return false;
    make_report(job);
    return outputs_write(job);
}

static enum exit_status run_instrument(struct invocation *invocation) {
    struct job job = {.arena = invocation->arena, .diag = invocation->diag};
    clock_gettime(CLOCK_MONOTONIC, &job.started);
    unsigned errors = job.diag->errors;
    if (!take_options(&job, invocation) ||
        !take_facts(&job, invocation->options))
        return EXIT_USAGE;
    if (!read_script(&job, invocation))
        return job.diag->last == U_USAGE ? EXIT_USAGE : EXIT_REFUSED;
    bool ok = open_libraries(&job, &invocation->options[OPT_LIBRARY]) &&
              outputs_check(&job) && instrument(&job);
    progress_end(&job);
    if (ok && job.diag->errors == errors) {
        print_summary(&job);
        if (job.is_bare)
            print_memory(&job);
    }
    job_close_units(&job);
    close_libraries(&job);
    file_close(&job.script_file);
    return ok ? EXIT_DONE : job.is_misused ? EXIT_USAGE : EXIT_REFUSED;
}

const struct command command_instrument = {
    .name = "instrument",
    .summary = "put a script's probes into a program",
    .usage = "--binary=FILE --output=FILE --persistence-file=FILE "
             "--script=FILE [ARGUMENTS]",
    .options = options,
    .takes_args = true,
    .run = run_instrument,
};
