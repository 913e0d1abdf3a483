// list.c: mctrace list: the sites of a program, as dtrace -l prints probes.
//
// Without --probe: entry and return of every function of the program, and its
// system calls. Libraries are looked into only when a description names them.

#include "cmd/job.h"

enum {
    OPT_BINARY,
    OPT_PROBE,
#define IMAGE_OPTION(id, name, value, help) OPT_##id,
#include "cmd/image_options.def"
};

static const struct option_row options[] = {
    {"binary", 'b', OPTION_VALUE, true, "FILE", "the program or library"},
    {"probe", 'P', OPTION_MANY, false, "DESCRIPTION",
     "only what this matches; may be given again"},
#define IMAGE_OPTION(id, name, value, help)                                    \
    {name, 0, OPTION_VALUE, false, value, help},
#include "cmd/image_options.def"
    {0},
};

static bool parse_descs(struct job *job, const struct option_value *given,
                        struct probe_clause *clause) {
    static const char *const all[] = {"pid$target:a.out::entry",
                                      "pid$target:a.out::return", "syscall:::"};
    const char *const *texts = given->given ? given->values : all;
    size_t count = given->given ? given->count : COUNT_OF(all);
    clause->descs = ARENA_ARRAY(job->arena, struct probe_desc, count);
    clause->is_internal = !given->given;
    for (size_t i = 0; i < count; i++) {
        struct source *source = ARENA_NEW(job->arena, struct source);
        source->name = STR("--probe");
        source->text = str_from(texts[i]);
        struct span span = {source, 0, (uint32_t)source->text.n};
        struct probe_desc *desc = &clause->descs[clause->desc_count];
        if (!probe_parse_desc(source->text, span, desc, job->diag))
            return false;
        // One that means no provider is told; the others are listed.
        clause->desc_count +=
            probe_resolve(desc, job->units[0].image->arch, job->diag);
    }
    return true;
}

// A probe may have several sites (returns of a function): it is listed once.
static void print_probes(struct arena *arena,
                         const struct match_list *matches) {
    struct map seen;
    map_init(&seen, arena);
    printf("%5s %10s %17s %33s %s\n", "ID", "PROVIDER", "MODULE", "FUNCTION",
           "NAME");
    for (size_t i = 0; i < matches->site_count; i++) {
        struct site *site = matches->sites[i];
        if (map_get_number(&seen, site->id))
            continue;
        map_put_number(&seen, site->id, site);
        printf("%5u %10.*s %17.*s %33.*s %.*s\n", site->id,
               STR_ARGS(site->provider), STR_ARGS(site->module),
               STR_ARGS(site->probefunc), STR_ARGS(site->name));
    }
}

// As in dtrace: a description that matches nothing is told, and is no failure.
static enum exit_status list(struct job *job,
                             const struct option_value *given) {
    struct probe_clause *clause = ARENA_NEW(job->arena, struct probe_clause);
    if (!job_open_first(job, job->binary) || !parse_descs(job, given, clause))
        return EXIT_REFUSED;
    job->probes = clause;
    job->clause_count = 1;
    if (!job_open_libraries(job))
        return EXIT_REFUSED;
    const struct program **programs =
        ARENA_ARRAY(job->arena, const struct program *, job->unit_count);
    for (size_t i = 0; i < job->unit_count; i++)
        programs[i] = job->units[i].program;
    struct match_list matches;
    probe_match(job->arena, programs, job->unit_count, clause, 1, MATCH_STRICT,
                &matches, job->diag);
    print_probes(job->arena, &matches);
    return EXIT_DONE;
}

static enum exit_status run_list(struct invocation *invocation) {
    struct job job = {.arena = invocation->arena,
                      .diag = invocation->diag,
                      .binary = invocation->options[OPT_BINARY].value};
    clock_gettime(CLOCK_MONOTONIC, &job.started);
    if (!image_facts_take(&command_list, job.diag,
                          &invocation->options[OPT_ARCH], &job.facts))
        return EXIT_USAGE;
    enum exit_status status = list(&job, &invocation->options[OPT_PROBE]);
    job_close_units(&job);
    return status;
}

const struct command command_list = {
    .name = "list",
    .summary = "print where probes can be put",
    .usage = "--binary=FILE [--probe='pid$target:a.out:ma*:entry']",
    .options = options,
    .run = run_list,
};
