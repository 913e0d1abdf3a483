// units.c: the images that a script may reach.
//
// The program always; its libraries only when some description may match in
// them: opening all of them takes far longer than the rest of a small job.

#include <string.h>

#include "cmd/job.h"

static bool refuse(struct job *job, enum tag tag, const char *path,
                   const char *what) {
    diag_error_at(job->diag, tag, path, "%s", what);
    return false;
}

// The image that was given.
bool job_open_first(struct job *job, const char *path) {
    job->units = ARENA_NEW(job->arena, struct unit);
    struct unit *unit = &job->units[0];
    progress(job, "reading", str_from(path));
    unit->image = image_open_as(job->arena, path, &job->facts, job->diag);
    if (!unit->image)
        return false;
    unit->owner = job;
    job->unit_count = 1;
    if (!job->arch)
        job->arch = unit->image->arch;
    if (unit->image->arch != job->arch)
        return refuse(job, B_MACHINE, path, "this is for another machine");
    unit->is_touched = true;
    struct str module =
        unit->image->is_program ? STR("a.out") : unit->image->name;
    unit->program = program_open(job->arena, unit->image, module, job->diag);
    if (!unit->program)
        return false;
    unit->program->is_given = true;
    return true;
}

static bool may_be_instrumented(struct job *job) {
    const struct image *image = job->units[0].image;
    if (image_is_instrumented(image)) {
        refuse(job, B_ALREADY, job->binary, "this is instrumented already");
        diag_help(job->diag, "`mctrace restore` gives the original back");
        return false;
    }
    struct runtime runtime = {0};
    if (image->is_bare && !runtime_find_bare(job->arch, &runtime))
        return refuse(job, B_MACHINE, job->binary,
                      "nothing can be traced on this machine without an "
                      "operating system");
    return true;
}

static bool open_library(struct job *job, struct library *library) {
    struct unit *unit = &job->units[job->unit_count];
    const char *path = str_terminated(job->arena, library->path);
    progress(job, "reading", library->path);
    unit->library = library;
    unit->owner = job;
    unit->image = image_open(job->arena, path, job->diag);
    if (!unit->image)
        return false;
    job->unit_count++;
    if (image_is_instrumented(unit->image))
        return refuse(job, B_ALREADY, path, "this is instrumented already");
    if (unit->image->arch != job->arch)
        return refuse(job, B_MACHINE, path, "this is for another machine");
    unit->program = program_open(job->arena, unit->image,
                                 str_base_name(library->name), job->diag);
    return unit->program != NULL;
}

// Descriptions resolved, so that it is known which provider they mean.
// What is watched is a process in a system, which has its probes anyway.
static bool resolve_one(struct job *job, struct probe_desc *desc) {
    bool allows_none = job_allows_none(job);
    if (!probe_resolve(desc, job->arch, allows_none ? NULL : job->diag))
        return allows_none;
    struct site_list list;
    if (job->is_watched) {
        probe_list_system(job->arena, desc, job->arch, &list);
        desc->is_of_system = list.count > 0;
    }
    return true;
}

static bool resolve(struct job *job) {
    bool ok = true;
    for (size_t i = 0; i < job->clause_count; i++)
        for (size_t k = 0; k < job->probes[i].desc_count; k++)
            if (job->probes[i].descs[k].id == 0)
                ok &= resolve_one(job, &job->probes[i].descs[k]);
    return ok;
}

// Whether a library of any name could match.
static bool may_need_libraries(const struct job *job) {
    for (size_t i = 0; i < job->clause_count; i++) {
        for (size_t k = 0; k < job->probes[i].desc_count; k++) {
            struct probe_desc desc = job->probes[i].descs[k];
            struct probe_clause one = {.descs = &desc, .desc_count = 1};
            // As a plain name of a module a library's would match itself.
            if (desc.module.n > 0 && !str_is_pattern(desc.module) &&
                !str_equal(desc.module, STR("a.out")) &&
                !str_equal(desc.module, job->units[0].image->name))
                return true;
            if (probe_may_match_module(&one, 1, STR("lib.so")) ||
                (str_is_pattern(desc.module) && desc.module.n > 0))
                return true;
        }
    }
    return false;
}

// Whether clauses of our own belong into a library.
static bool wants_library(const struct job *job, struct str module) {
    return job->wants_c_library &&
           (str_starts_with(module, STR("libc.so")) ||
            str_starts_with(module, STR("libpthread.so")));
}

static bool open_libraries(struct job *job) {
    struct image *program = job->units[0].image;
    if (!program->is_program)
        return true; // who loads it brings what it needs
    if (!closure_find(program, job->arena, &job->libraries, &job->library_count,
                      job->diag))
        return false;
    struct unit *units =
        ARENA_ARRAY(job->arena, struct unit, job->library_count + 1);
    units[0] = job->units[0];
    job->units = units;
    for (size_t i = 0; i < job->library_count; i++) {
        struct library *library = &job->libraries[i];
        struct str module = str_base_name(library->name);
        if (library->is_loader && !job->with_loader)
            continue;
        struct unit *unit = &units[job->unit_count];
        if ((probe_may_match_module(job->probes, job->clause_count, module) ||
             wants_library(job, module)) &&
            !open_library(job, library))
            return false;
        unit->is_loader = library->is_loader;
    }
    return true;
}

bool job_open_libraries(struct job *job) {
    if (job->unit_count == 0 || !job->units[0].image->is_dynamic ||
        (!may_need_libraries(job) && !job->wants_c_library))
        return true;
    return open_libraries(job);
}

// Another program, under the same script.
static bool open_other(const struct job *job, struct job *other) {
    const char *binary = other->binary, *output = other->output;
    int64_t target = other->target;
    *other = *job;
    other->binary = binary;
    other->output = output;
    other->target = target;
    other->libraries = NULL;
    other->library_count = other->unit_count = other->other_count = 0;
    other->units = NULL;
    if (!job_open_first(other, binary) || !may_be_instrumented(other) ||
        !job_open_libraries(other))
        return false;
    other->own_count = other->unit_count;
    return true;
}

// All units in one row, with room for `more`.
static void join_units(struct job *job, size_t more) {
    size_t count = job->unit_count;
    for (size_t i = 0; i < job->other_count; i++)
        count += job->others[i].unit_count;
    struct unit *units = ARENA_ARRAY(job->arena, struct unit, count + more);
    for (size_t i = 0; i < job->unit_count; i++)
        units[i] = job->units[i];
    for (size_t i = 0; i < job->other_count; i++) {
        struct job *other = &job->others[i];
        for (size_t k = 0; k < other->own_count; k++)
            units[job->unit_count + k] = other->units[k];
        other->units = &units[job->unit_count];
        job->unit_count += other->own_count;
    }
    job->units = units;
}

static bool open_others(struct job *job) {
    job->own_count = job->unit_count;
    for (size_t i = 0; i < job->other_count; i++)
        if (!open_other(job, &job->others[i]))
            return false;
    join_units(job, 1);
    return true;
}

bool job_open_host(struct job *job) {
    struct runtime runtime;
    if (!runtime_find(job->arch, &runtime))
        return refuse(job, B_MACHINE, NULL, "nothing can be traced here");
    job->host = &job->units[job->unit_count];
    *job->host =
        (struct unit){.owner = job, .is_touched = true, .is_host = true};
    // Writing changes the bytes of an image for a moment.
    size_t len = runtime.host.n;
    struct slice bytes = {arena_grow(job->arena, runtime.host.p, len, len),
                          len};
    job->host->image =
        image_read_bytes(job->arena, JOB_HOST_NAME, bytes, job->diag);
    if (!job->host->image)
        return false;
    job->unit_count++;
    job->host->program =
        program_open(job->arena, job->host->image, STR(""), job->diag);
    return job->host->program != NULL;
}

// Sizes that nobody asked for are those of small machines.
static void be_modest(struct job *job) {
    static const struct {
        enum ir_option option;
        int64_t usual, modest;
    } rows[] = {
        {IR_OPTION_aggsize, 4 << 20, 4 << 10},
        {IR_OPTION_bufsize, 4 << 20, 4 << 10},
        {IR_OPTION_dynvarsize, 1 << 20, 4 << 10},
    };
    struct ir_options *options = ARENA_NEW(job->arena, struct ir_options);
    *options = *job->script_options.options;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (options->values[rows[i].option] == rows[i].usual)
            options->values[rows[i].option] = rows[i].modest;
    job->script_options.options = options;
}

static void add_clause(struct job *job, struct ir_clause *clause,
                       struct probe_clause probes) {
    // Descriptions of their own: they will be resolved.
    size_t len = probes.desc_count * sizeof *probes.descs;
    size_t count = job->clause_count;
    probes.descs = arena_grow(job->arena, probes.descs, len, len);
    clause->index = (uint32_t)count;
    *ARENA_PUSH(job->arena, job->probes, count, job->probe_room) = probes;
    *ARENA_PUSH(job->arena, job->clauses, job->clause_count, job->clause_room) =
        clause;
}

bool job_open_units(struct job *job) {
    if (job->binary &&
        (!job_open_first(job, job->binary) || !may_be_instrumented(job)))
        return false;
    if (job->unit_count)
        job->script_options.program = job->units[0].image;
    job->is_bare = job->unit_count && job->units[0].image->is_bare;
    if (job->is_bare)
        be_modest(job);
    job->script =
        script_compile_texts(job->arena, job->texts, job->text_count,
                             &job->script_options, job->arch, job->diag);
    if (!job->script)
        return false;
    const struct ir_script *script = job->script;
    for (size_t i = 0; i < script->clause_count; i++)
        add_clause(job, script->clauses[i], script->probes[i]);
    for (size_t i = 0; i < script->own_count; i++)
        add_clause(job, script->own_clauses[i], script->own_probes[i]);
    if (job->script->has_end && !job->is_watched && !job->is_bare)
        internal_add_end(job);
    if (!job->is_bare)
        internal_add_threads(job);
    job->is_guarded = !job->is_bare && guard_is_wanted(job);
    job->wants_c_library = job->is_guarded;
    if (!resolve(job))
        return false;
    sharing_add(job);
    rights_add(job);
    if (!job_open_libraries(job))
        return false;
    guard_add(job);
    return open_others(job) && (!job->is_watched || job_open_host(job));
}

void job_close_units(struct job *job) {
    for (size_t i = 0; i < job->unit_count; i++)
        image_close(job->units[i].image);
}
