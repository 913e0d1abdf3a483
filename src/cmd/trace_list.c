// trace_list.c: mctrace trace -l: the probes that a script means, or all that
// there are without one.
//
// As in dtrace(1) a description that matches nothing is told, and is no
// failure.

#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"

struct listing {
    struct trace *trace;
    const struct site **rows;
    size_t count, room;
    struct map seen;
    bool is_all; // no description was given
};

// Functions have probes once they are asked for.
static bool is_made_on_demand(const struct site *site) {
    return site->kind == SITE_ENTRY || site->kind == SITE_RETURN ||
           site->kind == SITE_OFFSET;
}

static void add(struct listing *listing, const struct site *site) {
    if (listing->is_all && is_made_on_demand(site))
        return;
    if (map_get_number(&listing->seen, site->id))
        return;
    map_put_number(&listing->seen, site->id, listing);
    *ARENA_PUSH(listing->trace->arena, listing->rows, listing->count,
                listing->room) = site;
}

// Each description is a clause of its own, so that it is seen what it matches;
// all are matched at once, as a run does, which gives every probe its number.
static void match_all(const struct listing *listing, struct match_list *out,
                      struct probe_clause *clauses, size_t count) {
    struct job *job = &listing->trace->job;
    struct diag quiet = {.quiet = true};
    size_t program_count;
    const struct program **programs = job_programs(job, &program_count);
    probe_match(job->arena, programs, program_count, clauses, count,
                MATCH_ALLOW_NONE, out, &quiet);
    job_name_providers(job, out);
}

static void add_all(struct listing *listing) {
    struct job *job = &listing->trace->job;
    struct match_list matches;
    struct probe_clause *clauses = NULL;
    size_t count = 0, room = 0;
    for (size_t i = 0; i < job->script->clause_count; i++)
        for (size_t k = 0; k < job->probes[i].desc_count; k++) {
            struct probe_desc *copy = ARENA_NEW(job->arena, struct probe_desc);
            *copy = job->probes[i].descs[k];
            *ARENA_PUSH(job->arena, clauses, count, room) =
                (struct probe_clause){.descs = copy, .desc_count = 1};
        }
    match_all(listing, &matches, clauses, count);
    bool *found = ARENA_ARRAY(job->arena, bool, count + 1);
    for (size_t i = 0; i < matches.count; i++) {
        found[matches.items[i].clause] = true;
        add(listing, matches.items[i].site);
    }
    for (size_t i = 0; i < count; i++) {
        struct site_list calls;
        probe_list_system(job->arena, clauses[i].descs, job->arch, &calls);
        for (size_t k = 0; k < calls.count; k++)
            add(listing, calls.items[k]);
        if (!found[i] && calls.count == 0 && !listing->is_all)
            trace_say(listing->trace,
                      "failed to match %.*s: No probe matches description",
                      STR_ARGS(desc_format(job->arena, clauses[i].descs)));
    }
}

static int compare_ids(const void *a, const void *b) {
    uint32_t x = (*(const struct site *const *)a)->id;
    uint32_t y = (*(const struct site *const *)b)->id;
    return x < y ? -1 : x > y;
}

// What a probe passes as args[].
static void print_types(const struct listing *listing,
                        const struct site *site) {
    const struct job *job = &listing->trace->job;
    struct str types[SCRIPT_MOST_ARGUMENTS];
    const struct probe_desc desc = {.provider = site->provider,
                                    .module = site->module,
                                    .function = site->probefunc,
                                    .name = site->name};
    uint32_t count = script_argument_types(
        job->arena, &desc, job->script, &job->script_options, job->arch, types);
    fputs("\n\tArgument Types\n", stdout);
    for (uint32_t i = 0; i < count; i++)
        printf("\t\targs[%u]: %.*s\n", i, STR_ARGS(types[i]));
    if (count == 0)
        fputs("\t\tNone\n", stdout);
}

static void print_details(const struct listing *listing,
                          const struct site *site) {
    trace_probe_stability(site, stdout);
    print_types(listing, site);
    fputc('\n', stdout);
}

static void print(const struct listing *listing) {
    if (listing->count > 0)
        qsort(listing->rows, listing->count, sizeof(struct site *),
              compare_ids);
    printf("%5s %10s %17s %33s %s\n", "ID", "PROVIDER", "MODULE", "FUNCTION",
           "NAME");
    for (size_t i = 0; i < listing->count; i++) {
        const struct site *site = listing->rows[i];
        printf("%5u %10.*s %17.*s %33.*s %.*s\n", site->id,
               STR_ARGS(site->provider), STR_ARGS(site->module),
               STR_ARGS(site->probefunc), STR_ARGS(site->name));
        if (listing->trace->is_verbose)
            print_details(listing, site);
    }
}

enum exit_status trace_list(struct trace *trace) {
    struct listing listing = {.trace = trace,
                              .is_all = trace->lists_everything};
    map_init(&listing.seen, trace->arena);
    add_all(&listing);
    print(&listing);
    return EXIT_DONE;
}
