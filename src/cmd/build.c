// build.c: from a script and a binary to code that is ready to be written.
//
//     open -> match -> fold -> generate -> identify -> rewrite
//
// What `mctrace instrument` and `mctrace trace` have in common. All happens in
// memory; outputs.c writes it.

#include <stdlib.h>
#include <string.h>

#include "cmd/job.h"
#include "mctrace/region.h"

// --- matching ---

const struct program **job_programs(const struct job *job, size_t *count) {
    const struct program **programs =
        ARENA_ARRAY(job->arena, const struct program *, job->unit_count);
    *count = 0; // the host has no code of its own
    for (size_t i = 0; i < job->unit_count; i++)
        if (!job->units[i].is_host)
            programs[(*count)++] = job->units[i].program;
    return programs;
}

bool job_allows_none(const struct job *job) {
    return job->allows_none || job->script->options.values[IR_OPTION_zdefs];
}

static bool match(struct job *job) {
    size_t count;
    const struct program **programs = job_programs(job, &count);
    progress(job, "matching", STR("probes"));
    return probe_match(job->arena, programs, count, job->probes,
                       job->clause_count,
                       job_allows_none(job) ? MATCH_ALLOW_NONE : MATCH_STRICT,
                       &job->matches, job->diag);
}

static struct unit *unit_of(struct job *job, const struct site *site) {
    for (size_t i = 0; site->program && i < job->unit_count; i++)
        if (job->units[i].program == site->program)
            return &job->units[i];
    return job->host ? job->host : &job->units[0]; // BEGIN and END
}

static void touch_programs(struct job *job, bool is_touched) {
    job->units[0].is_touched = is_touched;
    for (size_t i = 0; i < job->other_count; i++)
        job->others[i].units[0].is_touched = is_touched;
}

// Whether the probe belongs to no code, but is the program's.
static bool is_of_program(const struct site *site) {
    return site->kind == SITE_PROFILE || site->kind == SITE_EXECUTED;
}

// Libraries are rewritten if something is to be run in them; then the locks.
static bool choose_units(struct job *job) {
    touch_programs(job, !job->is_watched || job->units[0].is_host);
    for (size_t i = 0; i < job->matches.count; i++) {
        struct unit *unit = unit_of(job, job->matches.items[i].site);
        unit->is_touched = true;
        // A program leads to its libraries, and to what its threads do.
        if (!unit->is_host)
            unit->owner->units[0].is_touched = true;
        if (is_of_program(job->matches.items[i].site))
            touch_programs(job, true);
    }
    job->flips_locks = !job->is_bare && internal_add_arming(job);
    // Arming probes are matched with the others, so that a place is one site.
    return !job->flips_locks || match(job);
}

void job_name_providers(const struct job *job, struct match_list *matches) {
    for (size_t i = 0; i < matches->site_count && job->target; i++) {
        struct site *site = matches->sites[i];
        const struct job *owner = job;
        for (size_t k = 0; k < job->unit_count; k++)
            if (job->units[k].program == site->program)
                owner = job->units[k].owner;
        bool is_of_process =
            site->kind == SITE_ENTRY || site->kind == SITE_RETURN ||
            site->kind == SITE_OFFSET || site->kind == SITE_USDT;
        if (is_of_process && !site_is_internal(site))
            site->provider =
                str_format(job->arena, "%.*s%lld", STR_ARGS(site->provider),
                           (long long)owner->target);
    }
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

// ERROR fires where a clause failed, and time is looked after by the program;
// under a host only to see what its threads do.
static bool fires_in(const struct job *job, const struct site *site,
                     size_t unit) {
    switch (site->kind) {
    case SITE_ERROR: return !job->units[unit].is_host;
    case SITE_TICK: return !job->host && unit == 0;
    case SITE_EXECUTED:
    case SITE_PROFILE:
        return !job->units[unit].library && !job->units[unit].is_host;
    default: return !job->host;
    }
}

// Without a host BEGIN and END are run by whichever image is there first or
// last, so each has them; the ledger counts those of the program.
static void add_shots_everywhere(struct job *job, const struct site *site,
                                 uint32_t clause,
                                 const struct ir_instance *instance) {
    struct site *copy = ARENA_NEW(job->arena, struct site);
    *copy = *site;
    copy->provider = STR("mctrace");
    bool samples_host = job->is_watched && job->units[0].is_host;
    if (job->host &&
        (!is_of_program(site) || (samples_host && site->kind == SITE_PROFILE)))
        add_shot(job, job->host, site, clause, instance);
    for (size_t i = 0; i < job->unit_count; i++) {
        bool is_first = i == 0 && !job->host;
        if (job->units[i].is_touched && fires_in(job, site, i))
            add_shot(job, &job->units[i], is_first ? site : copy, clause,
                     instance);
    }
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

static void fold_match(struct job *job, const struct match *match_, bool opens,
                       bool closes) {
    const struct site *site = match_->site;
    struct ir_instance instance = fold_clause(
        &job->folder, job->clauses[match_->clause], site, opens, closes);
    if (!instance.shape)
        return;
    if (site->program)
        add_shot(job, unit_of(job, site), site, match_->clause, &instance);
    else
        add_shots_everywhere(job, site, match_->clause, &instance);
}

// Clauses of one firing share the variables of `this`: the first that works
// with a firing opens it, the last closes it.
static void fold_together(struct job *job, const struct match *matches,
                          size_t count) {
    size_t first = count, last = 0;
    for (size_t i = 0; i < count; i++) {
        if (!fold_wants_firing(&job->folder, job->clauses[matches[i].clause],
                               matches[i].site))
            continue;
        first = first < i ? first : i;
        last = i;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_outside = i < first || i > last;
        fold_match(job, &matches[i], is_outside || i == first,
                   is_outside || i == last);
    }
}

static bool fold(struct job *job) {
    progress(job, "folding", STR("the script"));
    layout_begin(&job->layout, job->arena, job->script, job->arch);
    if (job->is_bare) {
        job->layout.region_align = MCT_BARE_CHUNK;
        job->layout.chunk_align = MCT_BARE_CHUNK;
    }
    folder_init(&job->folder, job->arena, &job->layout);
    if (job->is_watched)
        job->folder.tracer = &job->tracer;
    if (job->unit_count && !job->units[0].is_host)
        job->folder.program = job->units[0].image;
    const struct match *items = job->matches.items;
    size_t end;
    for (size_t i = 0; i < job->matches.count; i = end) {
        end = i + 1;
        while (job->layout.this_len > 0 && end < job->matches.count &&
               items[end].site == items[i].site)
            end++;
        fold_together(job, &items[i], end - i);
    }
    return layout_end(&job->layout, job->script, job->diag);
}

// --- generating ---

// Names of sites, as many as people want to see.
#define USES_MOST 6

struct uses {
    struct bytes text;
    size_t count;
};

static void add_use(struct uses *uses, const struct site *site) {
    if (uses->count++ >= USES_MOST)
        return;
    const struct str fields[] = {site->provider, site->module, site->probefunc,
                                 site->name};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const char *before = i > 0 ? ":" : uses->count > 1 ? ", " : "";
        bytes_add(&uses->text, before, strlen(before));
        bytes_add(&uses->text, fields[i].p, fields[i].n);
    }
}

static const struct str *tell_uses(struct job *job) {
    size_t count = job->folder.shape_count;
    struct uses *uses = ARENA_ARRAY(job->arena, struct uses, count + 1);
    struct str *texts = ARENA_ARRAY(job->arena, struct str, count + 1);
    for (size_t i = 0; i < count; i++)
        bytes_init(&uses[i].text, job->arena, job->arch->order);
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct unit *unit = &job->units[i];
        for (size_t k = 0; k < unit->shot_count; k++)
            add_use(&uses[unit->shapes[k]], unit->shots[k].site);
    }
    for (size_t i = 0; i < count; i++) {
        struct str shown = {(const char *)uses[i].text.p, uses[i].text.n};
        texts[i] = uses[i].count <= USES_MOST
                       ? shown
                       : str_format(job->arena, "%.*s and %zu more",
                                    STR_ARGS(shown), uses[i].count - USES_MOST);
    }
    return texts;
}

static const struct backend *job_backend(const struct job *job) {
    return job->backend ? job->backend : &backend_llvm;
}

static bool save_source(struct job *job, const struct codegen_input *input) {
    struct str text;
    if (!job->save_c)
        return true;
    return c_source(input, &text, job->diag) &&
           file_write_text(job->save_c,
                           (struct slice){(const uint8_t *)text.p, text.n},
                           job->diag);
}

static bool compile(struct job *job, const struct codegen_input *input) {
    struct object object = {0};
    return job_backend(job)->compile(input, &object, job->diag) &&
           stencil_cut(job->arena, &object, input, &job->stencils, job->diag);
}

// What shots want of the site's registers. They are in order of address.
static void tell_asked(struct job *job, struct unit *unit) {
    struct asked *asked = NULL;
    size_t count = 0, room = 0;
    for (size_t i = 0; i < unit->shot_count; i++) {
        const struct shot *shot = &unit->shots[i];
        uint8_t lost = shot->stencil->given.lost;
        regset regs = shot->stencil->inputs & ~regset_of(lost);
        if (lost != REG_NONE)
            regs |= job->arch->abi.lost_by_frame;
        if (!shot->site->program || regs == 0)
            continue;
        if (count == 0 || asked[count - 1].va != shot->site->va)
            *ARENA_PUSH(job->arena, asked, count, room) =
                (struct asked){.va = shot->site->va};
        asked[count - 1].regs |= regs;
    }
    unit->program->asked = asked;
    unit->program->asked_count = count;
}

static bool generate(struct job *job) {
    static const char *const keep[] = {"mct_entry", "mct_init"};
    progress(job, "generating code for", STR("the script"));
    struct codegen_input input = {
        .arch = job->arch,
        .shapes = job->folder.shape_list,
        .shape_count = job->folder.shape_count,
        .keep = keep,
        .keep_count = job->is_bare ? 1 : COUNT_OF(keep), // nothing loads it
        .layout = &job->layout,
        .arena = job->arena,
        .is_bare = job->is_bare,
        .libraries = job->library_files,
        .library_count = job->library_file_count,
        .save_ir = job->save_ir,
        .save_asm = job->save_asm,
        .save_object = job->save_object,
        .cc = job->cc,
        .cc_processor = job->is_bare ? job->units[0].image->processor.cc : NULL,
        .uses = job->save_c || job->save_asm ? tell_uses(job) : NULL,
    };
    if (!save_source(job, &input) || !compile(job, &input))
        return false;
    // What is long is made once more, to be called.
    input.handovers = called_choose(job, &input);
    if (input.handovers && (!save_source(job, &input) || !compile(job, &input)))
        return false;
    for (size_t i = 0; i < job->unit_count; i++) {
        struct unit *unit = &job->units[i];
        for (size_t k = 0; k < unit->shot_count; k++)
            unit->shots[k].stencil = &job->stencils.stencils[unit->shapes[k]];
        tell_asked(job, unit);
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
        mapping_make(job->arena, job->script, &job->folder, none, program);
    struct hash128 hash = {0};
    hash = hash128_add(hash, MCTRACE_VERSION, sizeof MCTRACE_VERSION);
    for (size_t i = 0; i < job->unit_count; i++) {
        struct slice bytes = job->units[i].image->file.data;
        if (job->units[i].is_touched)
            hash = hash128_add(hash, bytes.p, bytes.n);
    }
    for (size_t i = 0; i < job->text_count; i++) {
        struct str text = job->texts[i].source->text;
        hash = hash128_add(hash, text.p, text.n);
    }
    struct str json = mapping_to_json(job->arena, job->mapping);
    hash = hash128_add(hash, json.p, json.n);
    mapping_identify(job->mapping, job->arena, json, hash.bytes);
    job->mapping_json = json;
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
    unit->input.drains = drains_make(job);
    unit->input.merges =
        merges_make(job->arena, job->mapping, &unit->input.merge_count);
    unit->input.is_loader = unit->is_loader;
    if (unit->library) {
        unit->input.links = unit->library->links;
    } else if (!unit->is_host) {
        unit->input.mapping = job->mapping_json;
        unit->input.links = unit->owner->links;
        unit->input.interpreter = unit->owner->interpreter;
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

static bool missed_internal(const struct job *job, bool of_guard) {
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        for (size_t k = 0; k < result->site_count; k++) {
            const struct site *site = result->sites[k].site;
            if (result->sites[k].tactic == TACTIC_MISSED &&
                (of_guard ? guard_has_site(site) : site_is_internal(site)))
                return true;
        }
    }
    return false;
}

// Where the process gets company unseen, counts must be locked from the start;
// where it changes its signals unseen, reads must ask the kernel.
static bool rewrite(struct job *job) {
    if (!build_all(job))
        return false;
    bool flips_locks = job->flips_locks && !missed_internal(job, false);
    bool is_guarded = job->is_guarded && !missed_internal(job, true);
    if (flips_locks == job->flips_locks && is_guarded == job->is_guarded)
        return true;
    job->flips_locks = flips_locks;
    job->is_guarded = is_guarded;
    return build_all(job);
}

// --- all ---

static void dump(struct job *job, const char *stage) {
    if (!job->dump || strcmp(job->dump, stage) != 0)
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

// What a record or an element has in a buffer of DTrace's beside its values.
#define RECORD_FRAME  16
#define RECORD_LEAST  64 // what ERROR tells
#define ELEMENT_FRAME 16

static bool records_fit(const struct ir_script *script) {
    uint64_t room = (uint64_t)script->options.values[IR_OPTION_bufsize];
    for (size_t i = 0; i < script->segment_count; i++)
        if (ir_record_size(script->segments[i], script->strsize) +
                    RECORD_FRAME >
                room ||
            script->segments[i]->fixed_len > MCT_MOST_RECORD)
            return false;
    return room >= RECORD_LEAST;
}

static bool elements_fit(const struct ir_script *script) {
    for (size_t i = 0; i < script->aggregation_count; i++) {
        const struct ir_aggregation *aggregation = script->aggregations[i];
        uint64_t len = ELEMENT_FRAME + 8 * (uint64_t)aggregation->cell_count;
        for (uint32_t k = 0; k < aggregation->key_count; k++)
            len += aggregation->key_types[k].kind == IR_STRING ? script->strsize
                                                               : 8;
        if (len > script->aggsize)
            return false;
    }
    return true;
}

const char *job_refusal(const struct job *job) {
    const struct ir_script *script = job->script;
    if (script->is_destructive &&
        !script->options.values[IR_OPTION_destructive])
        return "Destructive actions not allowed";
    if (!records_fit(script) || !elements_fit(script))
        return "Enabling exceeds size of buffer";
    return NULL;
}

// What an operating system would have to do, or does not: time that passes,
// system calls, processes.
static bool may_match_bare(struct job *job) {
    for (size_t i = 0; job->is_bare && i < job->matches.site_count; i++) {
        const struct site *site = job->matches.sites[i];
        bool is_there = site->kind != SITE_TICK && site->kind != SITE_PROFILE &&
                        site->kind != SITE_EXECUTED &&
                        site->kind != SITE_SYSCALL_ENTRY &&
                        site->kind != SITE_SYSCALL_RETURN;
        if (is_there)
            continue;
        diag_error_at(job->diag, R_BARE, job->binary,
                      "%.*s:%.*s:%.*s:%.*s needs an operating system, and the "
                      "program runs without one",
                      STR_ARGS(site->provider), STR_ARGS(site->module),
                      STR_ARGS(site->probefunc), STR_ARGS(site->name));
        return false;
    }
    return true;
}

bool job_match(struct job *job) {
    if (!job_open_units(job))
        return false;
    dump(job, "ir");
    opened_tell(job);
    for (size_t i = 0; i < job->other_count; i++)
        opened_tell(&job->others[i]);
    if (!stability_check(job) || !match(job) || !may_match_bare(job) ||
        !choose_units(job))
        return false;
    mark_internal(job);
    job_name_providers(job, &job->matches);
    dump(job, "sites");
    return true;
}

bool job_build(struct job *job) {
    if (!fold(job))
        return false;
    job_tell_unread(job, 3);
    dump(job, "shapes");
    if (!generate(job))
        return false;
    identify(job);
    return links_make(job) && rewrite(job);
}
