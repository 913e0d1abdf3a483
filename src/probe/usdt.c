// usdt.c: probes that a program's authors put into it (sys/sdt.h, dtrace -h).
//
// Their providers are called by the authors' name and the process id, as in
// DTrace: `node1234`, which a script writes as `node$target` or by a pattern.
// An empty provider means them as well.

#include "probe/providers.h"

static const struct str target = {"$target", 7};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool claims(struct str pattern) {
    if (pattern.n == 0)
        return false; // it has become "pid*"
    // "pid12" is a process, and not this one.
    if (str_starts_with(pattern, STR("pid")) && pattern.n > 3 &&
        is_digit(pattern.p[3]))
        return false;
    return str_ends_with(pattern, target) || str_is_pattern(pattern) ||
           is_digit(pattern.p[pattern.n - 1]);
}

// Whether a pattern matches the provider's name with some process id behind.
static bool matches_provider(struct str pattern, struct str name) {
    size_t stem = pattern.n;
    if (str_ends_with(pattern, target))
        stem = pattern.n - target.n;
    while (stem > 0 && is_digit(pattern.p[stem - 1]))
        stem--;
    if (stem < pattern.n && stem > 0 &&
        str_glob(str_slice(pattern, 0, stem), name))
        return true;
    // A pattern for the id as well: short and long ones.
    static const char *const ids[] = {"1", "12345"};
    char text[256];
    for (size_t i = 0; i < COUNT_OF(ids) && str_is_pattern(pattern); i++) {
        int len = snprintf(text, sizeof text, "%.*s%s", STR_ARGS(name), ids[i]);
        if (len > 0 && (size_t)len < sizeof text &&
            str_glob(pattern, (struct str){text, (size_t)len}))
            return true;
    }
    return false;
}

const struct function *usdt_function(const struct program *program,
                                     const struct marker *marker) {
    const struct function *function = program_function_at(program, marker->va);
    return function && function->parent ? function->parent : function;
}

static bool matches(const struct probe_desc *desc, const struct marker *marker,
                    const struct function *function) {
    if (!desc_matches(desc->name, marker->name))
        return false;
    if (!desc->provider_omitted &&
        !matches_provider(desc->provider, marker->provider))
        return false;
    return desc_matches(desc->function, function ? function->name : STR(""));
}

static void list(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out) {
    if (!program || !desc_matches_module(desc, program))
        return;
    for (size_t i = 0; i < program->image->marker_count; i++) {
        const struct marker *marker = &program->image->markers[i];
        const struct function *function = usdt_function(program, marker);
        if (!matches(desc, marker, function) ||
            !program_is_insn(program, marker->va))
            continue;
        site_list_add(
            out,
            &(struct site){.program = program,
                           .function = function,
                           .marker = marker,
                           .va = marker->va,
                           .offset = function ? marker->va - function->va : 0,
                           .kind = SITE_USDT,
                           .selector = -1,
                           .provider = marker->provider,
                           .module = program->module,
                           .probefunc = function ? function->name : STR(""),
                           .name = marker->name});
    }
}

const struct provider provider_usdt = {
    .name = "usdt",
    .summary = "probes that a program's authors put into it",
    .claims = claims,
    .list = list,
};
