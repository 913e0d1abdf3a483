// trace_stability.c: mctrace trace -v: how stable what a script uses is.
//
// DTrace gives every name that a script can use a stability, for the name and
// for what it stands for, and a class of machines on which it is the same. The
// report has the least of all; the rows are those of DTrace's manual for its
// providers.

#include "cmd/trace.h"

// In order: the lower, the less can be relied on.
enum level { PRIVATE, UNSTABLE, EVOLVING, STABLE };
enum class { UNKNOWN, ISA, COMMON };

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
        if (str_equal(provider, str_from(rows[i].provider)))
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

static void print(FILE *out, const char *title, struct attributes attributes) {
    static const char *const levels[] = {"Private", "Unstable", "Evolving",
                                         "Stable"};
    static const char *const classes[] = {"Unknown", "ISA", "Common"};
    fprintf(out,
            "\n\t%s\n\t\tIdentifier Names: %s\n\t\tData Semantics:   %s\n"
            "\t\tDependency Class: %s\n",
            title, levels[attributes.name], levels[attributes.data],
            classes[attributes.class]);
}

void trace_stability(const struct trace *trace, size_t text, struct str title,
                     FILE *out) {
    const struct job *job = &trace->job;
    struct attributes descs = {STABLE, STABLE, COMMON};
    for (size_t i = 0; i < job->script->clause_count; i++) {
        if (job->script->clauses[i]->text_index != text)
            continue;
        for (size_t k = 0; k < job->probes[i].desc_count; k++)
            descs = least(descs, of_desc(&job->probes[i].descs[k]));
    }
    fprintf(out, "\nStability attributes for %s %.*s:\n",
            trace->are_files[text] ? "script" : "description", STR_ARGS(title));
    print(out, "Minimum Probe Description Attributes", descs);
    // Variables and functions of D are; what a probe passes is the probe's.
    print(out, "Minimum Statement Attributes",
          (struct attributes){STABLE, STABLE, COMMON});
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
    fputc('\n', out);
}
