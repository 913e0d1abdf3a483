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

static void add_desc(struct listing *listing, const struct probe_desc *desc) {
    struct job *job = &listing->trace->job;
    struct diag quiet = {.quiet = true};
    struct probe_desc copy = *desc;
    struct probe_clause clause = {.descs = &copy, .desc_count = 1};
    struct match_list matches;
    struct site_list calls;
    size_t before = listing->count;
    size_t program_count;
    const struct program **programs = job_programs(job, &program_count);
    probe_match(job->arena, programs, program_count, &clause, 1,
                MATCH_ALLOW_NONE, &matches, &quiet);
    job_name_providers(job, &matches);
    for (size_t i = 0; i < matches.site_count; i++)
        add(listing, matches.sites[i]);
    probe_list_system(job->arena, desc, job->arch, &calls);
    for (size_t i = 0; i < calls.count; i++)
        add(listing, calls.items[i]);
    if (listing->count == before && !listing->is_all)
        trace_say(listing->trace,
                  "failed to match %.*s: No probe matches description",
                  STR_ARGS(desc_format(job->arena, desc)));
}

static int compare_ids(const void *a, const void *b) {
    uint32_t x = (*(const struct site *const *)a)->id;
    uint32_t y = (*(const struct site *const *)b)->id;
    return x < y ? -1 : x > y;
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
            trace_probe_stability(site, stdout);
    }
}

enum exit_status trace_list(struct trace *trace) {
    struct job *job = &trace->job;
    struct listing listing = {.trace = trace,
                              .is_all = trace->lists_everything};
    map_init(&listing.seen, trace->arena);
    for (size_t i = 0; i < job->script->clause_count; i++)
        for (size_t k = 0; k < job->probes[i].desc_count; k++)
            add_desc(&listing, &job->probes[i].descs[k]);
    print(&listing);
    return EXIT_DONE;
}
