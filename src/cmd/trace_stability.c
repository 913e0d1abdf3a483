// trace_stability.c: mctrace trace -v: how stable what a script uses is.
//
// DTrace gives every name that a script can use a stability, for the name and
// for what it stands for, and a class of machines on which it is the same. The
// report has the least of all; the rows are those of DTrace's manual for its
// providers.

#include "cmd/trace.h"

// In order: the lower, the less can be relied on. Numbers are those of DTrace's
// whole lists, as the option amin has them.
enum level { PRIVATE = 1, UNSTABLE = 4, EVOLVING, STABLE };
enum class { UNKNOWN, ISA = 4, COMMON };

struct attributes {
    uint8_t name, data; // enum level
    uint8_t class;      // enum class
};

struct provider_row {
    const char *provider;
    struct attributes own, module, function, probe, args;
};

#define NOBODYS {PRIVATE, PRIVATE, UNKNOWN}

static const struct provider_row rows[] = {
    {"dtrace",
     {STABLE, STABLE, COMMON},
     NOBODYS,
     NOBODYS,
     {STABLE, STABLE, COMMON},
     {STABLE, STABLE, COMMON}},
    {"syscall",
     {EVOLVING, EVOLVING, COMMON},
     NOBODYS,
     {UNSTABLE, UNSTABLE, ISA},
     {EVOLVING, EVOLVING, COMMON},
     {UNSTABLE, UNSTABLE, ISA}},
    {"pid",
     {EVOLVING, EVOLVING, ISA},
     NOBODYS,
     NOBODYS,
     {EVOLVING, EVOLVING, ISA},
     NOBODYS},
    {"profile",
     {EVOLVING, EVOLVING, COMMON},
     {UNSTABLE, UNSTABLE, COMMON},
     NOBODYS,
     {EVOLVING, EVOLVING, COMMON},
     {EVOLVING, EVOLVING, COMMON}},
    {"proc",
     {EVOLVING, EVOLVING, ISA},
     NOBODYS,
     NOBODYS,
     {EVOLVING, EVOLVING, ISA},
     {EVOLVING, EVOLVING, ISA}},
};

// Of providers that authors of programs made, and of descriptions that do not
// say which provider they mean.
static const struct provider_row of_programs = {
    "", NOBODYS, NOBODYS, NOBODYS, {EVOLVING, EVOLVING, ISA}, NOBODYS};
static const struct attributes of_any = {UNSTABLE, UNSTABLE, COMMON};

static struct attributes least(struct attributes a, struct attributes b) {
    return (struct attributes){a.name < b.name ? a.name : b.name,
                               a.data < b.data ? a.data : b.data,
                               a.class < b.class ? a.class : b.class};
}

// The row of a provider's name, a process id behind it or not.
static const struct provider_row *find_row(struct str provider) {
    while (provider.n > 0 && provider.p[provider.n - 1] >= '0' &&
           provider.p[provider.n - 1] <= '9')
        provider.n--;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_is(provider, rows[i].provider))
            return &rows[i];
    return &of_programs;
}

// Fields that a description leaves open do not count.
static struct attributes of_desc(const struct probe_desc *desc) {
    if (desc->id || desc->provider_omitted || str_is_pattern(desc->provider))
        return of_any;
    const struct provider_row *row = find_row(desc->provider);
    struct attributes result = row->own;
    if (!str_is_pattern(desc->module))
        result = least(result, row->module);
    if (!str_is_pattern(desc->function))
        result = least(result, row->function);
    if (!str_is_pattern(desc->name))
        result = least(result, row->probe);
    return result;
}

static const char *const levels[] = {[PRIVATE] = "Private",
                                     [UNSTABLE] = "Unstable",
                                     [EVOLVING] = "Evolving",
                                     [STABLE] = "Stable"};
static const char *const classes[] = {
    [UNKNOWN] = "Unknown", [ISA] = "ISA", [COMMON] = "Common"};

static void print(FILE *out, const char *title, struct attributes attributes) {
    fprintf(out,
            "\n\t%s\n\t\tIdentifier Names: %s\n\t\tData Semantics:   %s\n"
            "\t\tDependency Class: %s\n",
            title, levels[attributes.name], levels[attributes.data],
            classes[attributes.class]);
}

// Of what a description's probes pass; of nothing where it leaves them open.
static struct attributes of_arguments(const struct probe_desc *desc) {
    if (desc->id || desc->provider_omitted || str_is_pattern(desc->provider))
        return of_any;
    return find_row(desc->provider)->args;
}

// --- the option amin ---

static bool is_enough(struct attributes attributes, int64_t least_wanted) {
    return attributes.name >= (least_wanted >> 16 & 0xff) &&
           attributes.data >= (least_wanted >> 8 & 0xff) &&
           attributes.class >= (least_wanted & 0xff);
}

static bool check_one(const struct job *job, const struct probe_desc *desc,
                      const char *what, struct attributes attributes) {
    if (is_enough(attributes, job->script->options.values[IR_OPTION_amin]))
        return true;
    diag_error(job->diag, D_ATTR_MIN, desc->span,
               "attributes for %s (%s/%s/%s) are less than predefined minimum",
               what, levels[attributes.name], levels[attributes.data],
               classes[attributes.class]);
    return false;
}

bool stability_check(const struct job *job) {
    const struct ir_script *script = job->script;
    bool ok = true;
    for (size_t i = 0; i < script->clause_count; i++) {
        bool reads = ir_reads_arguments(script->clauses[i]);
        for (size_t k = 0; k < script->probes[i].desc_count; k++) {
            const struct probe_desc *desc = &script->probes[i].descs[k];
            ok &= check_one(job, desc, "the probe description", of_desc(desc));
            if (reads)
                ok &= check_one(job, desc, "its arguments", of_arguments(desc));
        }
    }
    return ok;
}

// --- -v ---

void trace_stability(const struct trace *trace, size_t text, struct str title,
                     FILE *out) {
    const struct job *job = &trace->job;
    struct attributes descs = {STABLE, STABLE, COMMON}, statements = descs;
    for (size_t i = 0; i < job->script->clause_count; i++) {
        if (job->script->clauses[i]->text_index != text)
            continue;
        for (size_t k = 0; k < job->probes[i].desc_count; k++) {
            const struct probe_desc *desc = &job->probes[i].descs[k];
            descs = least(descs, of_desc(desc));
            if (ir_reads_arguments(job->script->clauses[i]))
                statements = least(statements, of_arguments(desc));
        }
    }
    fprintf(out, "\nStability attributes for %s %.*s:\n",
            trace->are_files[text] ? "script" : "description", STR_ARGS(title));
    print(out, "Minimum Probe Description Attributes", descs);
    // Variables and functions of D are; what a probe passes is the probe's.
    print(out, "Minimum Statement Attributes", statements);
    fputc('\n', out);
}

void trace_probe_stability(const struct site *site, FILE *out) {
    const struct provider_row *row = find_row(site->provider);
    struct attributes probe = least(row->own, row->probe);
    if (site->module.n > 0)
        probe = least(probe, row->module);
    if (site->probefunc.n > 0)
        probe = least(probe, row->function);
    print(out, "Probe Description Attributes", probe);
    print(out, "Argument Attributes", row->args);
}
