// instrument.c: mctrace instrument: the whole flow as a list of steps.
//
//     read binary, script -> match -> fold -> generate -> cut -> rewrite
//         -> mapping, report -> write
//
// Nothing is written before all is built. Every matched site is either
// reached or told; with --strict one that is not makes the command fail.

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
    OPT_REPORT,
    OPT_STRICT,
    OPT_ALLOW_ZERO,
    OPT_WITH_LOADER,
    OPT_SAVE_IR,
    OPT_SAVE_ASM,
    OPT_SAVE_OBJECT,
    OPT_DUMP
};

static const struct option_row options[] = {
    {"binary", 'b', OPTION_VALUE, true, "FILE", "the program; stays as it is"},
    {"output", 'o', OPTION_VALUE, true, "FILE",
     "the instrumented program; libraries go to FILE.libs/"},
    {"var-mapping", 'm', OPTION_VALUE, false, "FILE",
     "write the mapping here; it is in the output as well"},
    {"persistence-file", 'p', OPTION_VALUE, true, "FILE",
     "where the program records; %p is its process id"},
    {"script", 's', OPTION_VALUE, false, "FILE", "the D script; - is stdin"},
    {"probe-text", 'n', OPTION_VALUE, false, "TEXT",
     "or: the script itself, as in dtrace -n"},
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
    {"dump", 0, OPTION_VALUE, false, "STAGE",
     "print a stage: ir, sites, shapes"},
    {0},
};

// --- input ---

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
    if (given[OPT_TEXT].given) {
        job->source.name = STR("-n");
        job->source.text = str_from(given[OPT_TEXT].value);
        return true;
    }
    const char *path = given[OPT_SCRIPT].value;
    bool is_stdin = strcmp(path, "-") == 0;
    job->source.name = is_stdin ? STR("<stdin>") : str_from(path);
    if (!file_open(&job->script_file, is_stdin ? "/dev/stdin" : path,
                   job->diag))
        return false;
    job->source.text = (struct str){(const char *)job->script_file.data.p,
                                    job->script_file.data.n};
    return true;
}

static void take_options(struct job *job, const struct invocation *invocation) {
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
}

// --- matching ---

static bool match(struct job *job) {
    const struct program **programs =
        ARENA_ARRAY(job->arena, const struct program *, job->unit_count);
    for (size_t i = 0; i < job->unit_count; i++)
        programs[i] = job->units[i].program;
    progress(job, "matching", STR("probes"));
    return probe_match(job->arena, programs, job->unit_count, job->probes,
                       job->clause_count,
                       job->allows_none ? MATCH_ALLOW_NONE : MATCH_STRICT,
                       &job->matches, job->diag);
}

static struct unit *unit_of(struct job *job, const struct site *site) {
    for (size_t i = 0; site->program && i < job->unit_count; i++)
        if (job->units[i].program == site->program)
            return &job->units[i];
    return &job->units[0]; // BEGIN and END
}

// Libraries are rewritten if something is to be run in them; then the locks.
static bool choose_units(struct job *job) {
    for (size_t i = 0; i < job->matches.count; i++)
        unit_of(job, job->matches.items[i].site)->is_touched = true;
    job->flips_locks = internal_add_arming(job);
    // Arming probes are matched with the others, so that a place is one site.
    return !job->flips_locks || match(job);
}

// --- folding ---

static void add_shot(struct job *job, struct unit *unit,
                     const struct site *site, uint32_t clause,
                     const struct ir_instance *instance) {
    size_t count = unit->shot_count;
    *ARENA_PUSH(job->arena, unit->shapes, count, unit->shape_room) =
        instance->shape_index;
    *ARENA_PUSH(job->arena, unit->shots, unit->shot_count, unit->shot_room) =
        (struct shot){.site = site, .holes = instance->holes, .clause = clause};
}

// BEGIN and END are run by whichever image is there first or last, so each has
// them; the ledger counts those of the program.
static void add_shots_everywhere(struct job *job, const struct site *site,
                                 uint32_t clause,
                                 const struct ir_instance *instance) {
    struct site *copy = ARENA_NEW(job->arena, struct site);
    *copy = *site;
    copy->provider = STR("mctrace");
    for (size_t i = 0; i < job->unit_count; i++)
        if (job->units[i].is_touched)
            add_shot(job, &job->units[i], i == 0 ? site : copy, clause,
                     instance);
}

// A site that only internal clauses want does not pass for one of the script's.
static void mark_internal(struct job *job) {
    const struct match *items = job->matches.items;
    size_t k = 0;
    for (size_t i = 0; i < job->matches.site_count; i++) {
        struct site *site = job->matches.sites[i];
        bool is_wanted = false;
        for (; k < job->matches.count && items[k].site == site; k++)
            is_wanted |= items[k].clause < job->script->clause_count;
        if (!is_wanted)
            site->provider = STR("mctrace");
    }
}

static bool fold(struct job *job) {
    progress(job, "folding", STR("the script"));
    layout_begin(&job->layout, job->arena, job->script,
                 job->units[0].image->arch);
    folder_init(&job->folder, job->arena, &job->layout);
    for (size_t i = 0; i < job->matches.count; i++) {
        const struct match *match_ = &job->matches.items[i];
        struct ir_instance instance = fold_clause(
            &job->folder, job->clauses[match_->clause], match_->site);
        if (!instance.shape)
            continue;
        if (match_->site->program)
            add_shot(job, unit_of(job, match_->site), match_->site,
                     match_->clause, &instance);
        else
            add_shots_everywhere(job, match_->site, match_->clause, &instance);
    }
    return layout_end(&job->layout, job->script, job->diag);
}

// --- generating ---

static bool generate(struct job *job) {
    static const char *const keep[] = {"mct_entry", "mct_init"};
    progress(job, "generating code for", STR("the script"));
    struct codegen_input input = {
        .arch = job->units[0].image->arch,
        .shapes = job->folder.shape_list,
        .shape_count = job->folder.shape_count,
        .keep = keep,
        .keep_count = COUNT_OF(keep),
        .layout = &job->layout,
        .arena = job->arena,
        .save_ir = job->save_ir,
        .save_asm = job->save_asm,
        .save_object = job->save_object,
    };
    struct object object = {0};
    if (!backend_llvm.compile(&input, &object, job->diag) ||
        !stencil_cut(job->arena, &object, &input, &job->stencils, job->diag))
        return false;
    for (size_t i = 0; i < job->unit_count; i++) {
        struct unit *unit = &job->units[i];
        for (size_t k = 0; k < unit->shot_count; k++)
            unit->shots[k].stencil = &job->stencils.stencils[unit->shapes[k]];
    }
    return true;
}

// Equal inputs give an equal identity, and any that changes what lies where in
// the region, or what it means, another.
static void identify(struct job *job) {
    // Where the file lay is no property of it.
    struct str program = job->units[0].image->name;
    static const uint8_t none[16];
    job->mapping =
        mapping_make(job->arena, job->script, &job->layout, none, program);
    struct hash128 hash = {0};
    hash = hash128_add(hash, MCTRACE_VERSION, sizeof MCTRACE_VERSION);
    for (size_t i = 0; i < job->unit_count; i++) {
        struct slice bytes = job->units[i].image->file.data;
        if (job->units[i].is_touched)
            hash = hash128_add(hash, bytes.p, bytes.n);
    }
    hash = hash128_add(hash, job->source.text.p, job->source.text.n);
    struct str json = mapping_to_json(job->arena, job->mapping);
    hash = hash128_add(hash, json.p, json.n);
    memcpy(job->mapping->identity, hash.bytes, sizeof hash.bytes);
    job->mapping_json = mapping_to_json(job->arena, job->mapping);
}

// --- rewriting ---

static void count_sites(struct job *job) {
    job->sites = job->missed = 0;
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        for (size_t k = 0; k < result->site_count; k++) {
            if (site_is_internal(result->sites[k].site))
                continue;
            job->sites++;
            job->missed += result->sites[k].tactic == TACTIC_MISSED;
        }
    }
    // Whichever image starts first tells them to the region's header.
    for (size_t i = 0; i < job->unit_count; i++) {
        if (!job->units[i].is_touched)
            continue;
        job->units[i].config->sites = job->sites;
        job->units[i].config->missed = job->missed;
    }
}

static bool build_unit(struct job *job, struct unit *unit) {
    progress(job, "rewriting", unit->image->name);
    unit->config = config_make(job, unit);
    unit->input = (struct rewrite_input){
        .arena = job->arena,
        .program = unit->program,
        .shots = unit->shots,
        .shot_count = unit->shot_count,
        .stencils = &job->stencils,
        .layout = &job->layout,
        .config = unit->config,
        .locks = job->flips_locks ? LOCKS_FLIP : LOCKS_ALWAYS,
    };
    unit->input.merges =
        merges_make(job->arena, job->mapping, &unit->input.merge_count);
    unit->input.is_loader = unit->is_loader;
    if (unit->library) {
        unit->input.links = unit->library->links;
    } else {
        unit->input.mapping = job->mapping_json;
        unit->input.links = job->links;
        unit->input.interpreter = job->interpreter;
    }
    unit->result = (struct rewrite_result){0};
    return rewrite_build(&unit->input, &unit->result, job->diag);
}

static bool build_all(struct job *job) {
    for (size_t i = 0; i < job->unit_count; i++)
        if (job->units[i].is_touched && !build_unit(job, &job->units[i]))
            return false;
    count_sites(job);
    return true;
}

// Where the process gets company unseen, counts must be locked from the start.
static bool missed_arming(const struct job *job) {
    const struct rewrite_result *result = &job->units[0].result;
    for (size_t i = 0; i < result->site_count; i++)
        if (result->sites[i].tactic == TACTIC_MISSED &&
            site_is_internal(result->sites[i].site))
            return true;
    return false;
}

static bool rewrite(struct job *job) {
    if (!build_all(job))
        return false;
    if (!job->flips_locks || !missed_arming(job))
        return true;
    job->flips_locks = false;
    return build_all(job);
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

static void tell_missed(struct job *job, uint64_t most) {
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        struct str path = job->units[i].image->path;
        for (size_t k = 0; k < result->site_count && most > 0; k++) {
            const struct site_report *report = &result->sites[k];
            const struct site *site = report->site;
            if (report->tactic != TACTIC_MISSED || site_is_internal(site))
                continue;
            diag_warning_at(
                job->diag, R_MISSED, str_terminated(job->arena, path),
                "missed %.*s:%.*s:%.*s:%.*s at 0x%llx: %s",
                STR_ARGS(site->provider), STR_ARGS(site->module),
                STR_ARGS(site->probefunc), STR_ARGS(site->name),
                (unsigned long long)site->va,
                report->reason ? report->reason : "no tactic reaches it");
            most--;
        }
    }
}

// Arming that is missed is made up for; the only other internal probes are
// those that run END.
static void tell_missed_end(struct job *job) {
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        for (size_t k = 0; job->script->has_end && k < result->site_count; k++)
            if (result->sites[k].tactic == TACTIC_MISSED &&
                site_is_internal(result->sites[k].site)) {
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
    if (job->missed == 0)
        return true;
    tell_missed(job, 3);
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

static void dump(struct job *job, const char *stage) {
    if (strcmp(job->dump, stage) != 0)
        return;
    if (strcmp(stage, "ir") == 0)
        script_dump(stdout, job->script);
    if (strcmp(stage, "shapes") == 0)
        for (size_t i = 0; i < job->folder.shape_count; i++)
            ir_print(stdout, job->folder.shape_list[i]);
    for (size_t i = 0;
         strcmp(stage, "sites") == 0 && i < job->matches.site_count; i++) {
        const struct site *site = job->matches.sites[i];
        printf("0x%llx %.*s:%.*s:%.*s:%.*s\n", (unsigned long long)site->va,
               STR_ARGS(site->provider), STR_ARGS(site->module),
               STR_ARGS(site->probefunc), STR_ARGS(site->name));
    }
}

static bool instrument(struct job *job) {
    if (!job_open_units(job))
        return false;
    dump(job, "ir");
    if (!match(job) || !choose_units(job))
        return false;
    mark_internal(job);
    dump(job, "sites");
    if (!fold(job))
        return false;
    dump(job, "shapes");
    if (!generate(job))
        return false;
    identify(job);
    if (!links_make(job) || !rewrite(job) || !judge_missed(job))
        return false;
    make_report(job);
    return outputs_write(job);
}

static enum exit_status run_instrument(struct invocation *invocation) {
    struct job job = {.arena = invocation->arena, .diag = invocation->diag};
    clock_gettime(CLOCK_MONOTONIC, &job.started);
    take_options(&job, invocation);
    unsigned errors = job.diag->errors;
    if (!read_script(&job, invocation))
        return job.diag->last == U_USAGE ? EXIT_USAGE : EXIT_REFUSED;
    bool ok = outputs_check(&job) && instrument(&job);
    progress_end(&job);
    if (ok && job.diag->errors == errors)
        print_summary(&job);
    job_close_units(&job);
    file_close(&job.script_file);
    return ok ? EXIT_DONE : EXIT_REFUSED;
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
