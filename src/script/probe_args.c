// probe_args.c: what args[] is of probes that are known beforehand: those of
// system calls, of the provider proc and of providers that the script declares.
//
// Rows of probe_args.def say it in D itself: a system call's as a list of
// types, an event's as a list of expressions. They are parsed where a script
// asks for one; what stands for args[n] is then like an inline without a name.

#include "script/script.h"

struct row {
    const char *name, *text;
};

#define SYSCALL(name, types) {#name, types},
#define EVENT(name, values)
static const struct row syscalls[] = {
#include "script/probe_args.def"
};
#undef SYSCALL
#undef EVENT
#define SYSCALL(name, types)
#define EVENT(name, values) {name, values},
static const struct row events[] = {
#include "script/probe_args.def"
};
#undef SYSCALL
#undef EVENT

// --- which row ---

static bool matches(struct str pattern, struct str text) {
    return pattern.n == 0 || str_glob(pattern, text);
}

static uint32_t count_rows(const struct row *rows, size_t count,
                           struct str pattern, const struct row **found) {
    uint32_t matched = 0;
    for (size_t i = 0; i < count; i++)
        if (matches(pattern, str_from(rows[i].name))) {
            *found = &rows[i];
            matched++;
        }
    return matched;
}

static bool is_of_syscall(const struct script *script,
                          const struct probe_desc *desc) {
    uint32_t number;
    if (desc->provider.n > 0)
        return str_equal(desc->provider, STR("syscall"));
    return desc->module.n == 0 && script->arch &&
           arch_syscall_number(script->arch, desc->function, &number);
}

// --- what it says ---

// Parses a text of the table as if it stood alone.
static void parse_aside(struct script *script, struct str text,
                        void (*parse)(struct script *,
                                      struct probe_arguments *),
                        struct probe_arguments *out) {
    struct script outside = *script;
    struct source *source = ARENA_NEW(script->arena, struct source);
    *source = (struct source){.name = STR("(library)"), .text = text};
    script->source = source;
    script->text = text;
    script->at = script->source_off = 0;
    script->has_next = script->failed = script->in_predicate = false;
    script->in_library = true;
    while (script_peek(script)->kind != TOKEN_END &&
           out->count < COUNT_OF(out->types)) {
        parse(script, out);
        script_accept(script, TOKEN_COMMA);
    }
    script->source = outside.source;
    script->text = outside.text;
    script->at = outside.at;
    script->source_off = outside.source_off;
    script->next = outside.next;
    script->has_next = outside.has_next;
    script->failed = outside.failed;
    script->in_predicate = outside.in_predicate;
    script->in_library = outside.in_library;
}

// "unsigned int, char *": up to the comma that ends it.
static struct str words_of(struct str text, size_t from) {
    size_t end = from;
    while (end < text.n && text.p[end] != ',')
        end++;
    return str_slice(text, from, end);
}

static void add_type(struct script *script, struct probe_arguments *out) {
    size_t from = script_peek(script)->span.off;
    out->written[out->count] = words_of(script->text, from);
    out->types[out->count++] = parse_type_name(script);
}

static void add_value(struct script *script, struct probe_arguments *out) {
    struct node *value = parse_assignment(script);
    out->types[out->count] = check_expr(script, value);
    out->values[out->count++] = value;
}

void probe_arguments_parse(struct script *script, struct str text,
                           struct probe_arguments *out) {
    parse_aside(script, text, add_value, out);
}

static enum probe_knowledge of_syscall(struct script *script,
                                       const struct probe_desc *desc,
                                       struct probe_arguments *out) {
    const struct row *row = NULL;
    uint32_t calls =
        count_rows(syscalls, COUNT_OF(syscalls), desc->function, &row);
    bool enters = matches(desc->name, STR("entry"));
    bool returns = matches(desc->name, STR("return"));
    if (calls > 1 || (calls && enters && returns))
        return PROBE_AMBIGUOUS;
    if (!calls || (!enters && !returns))
        return PROBE_UNKNOWN;
    parse_aside(script, enters ? str_from(row->text) : STR("long"), add_type,
                out);
    return PROBE_KNOWN;
}

static enum probe_knowledge of_event(struct script *script,
                                     const struct probe_desc *desc,
                                     struct probe_arguments *out) {
    const struct row *row = NULL;
    uint32_t count = count_rows(events, COUNT_OF(events), desc->name, &row);
    if (count == 1)
        probe_arguments_parse(script, str_from(row->text), out);
    return count == 1  ? PROBE_KNOWN
           : count > 1 ? PROBE_AMBIGUOUS
                       : PROBE_UNKNOWN;
}

// --- probes of the program's own ---

static bool is_number(struct str text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n > 0;
}

// A provider that a script declares has the process's id behind its name.
static bool means_provider(struct script *script, struct str pattern,
                           struct str name) {
    struct str rest = str_slice(pattern, name.n, pattern.n);
    if (str_is_pattern(pattern))
        return str_glob(pattern,
                        str_format(script->arena, "%.*s1", STR_ARGS(name)));
    return str_starts_with(pattern, name) &&
           (str_equal(rest, STR("$target")) || is_number(rest));
}

// Two underscores of a declaration are a dash of the probe.
static struct str probe_name(struct script *script, struct str declared) {
    char *name = arena_alloc(script->arena, declared.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < declared.n; i++) {
        bool is_dash = i + 1 < declared.n && declared.p[i] == '_' &&
                       declared.p[i + 1] == '_';
        name[n++] = is_dash ? '-' : declared.p[i];
        i += is_dash;
    }
    return (struct str){name, n};
}

// Of argument i as scripts see it, which the program passes as its arg<i>.
static void add_shown(struct script *script,
                      const struct ir_declared_probe *probe, uint32_t i,
                      struct probe_arguments *out) {
    const struct ir_shown_arg *shown = &probe->shown[i];
    if (i >= PROBE_ARGS_MOST)
        return;
    if (shown->is_translated)
        parse_aside(script,
                    str_format(script->arena, "xlate <%.*s> ((%.*s)arg%u)",
                               STR_ARGS(shown->type),
                               STR_ARGS(probe->args[shown->from].type), i),
                    add_value, out);
    else
        parse_aside(script, shown->type, add_type, out);
    out->written[i] = shown->type;
}

static enum probe_knowledge of_declared(struct script *script,
                                        const struct probe_desc *desc,
                                        struct probe_arguments *out) {
    const struct ir_declared_probe *found = NULL;
    for (size_t i = 0; i < script->out->provider_count; i++) {
        const struct ir_provider *provider = script->out->providers[i];
        if (!means_provider(script, desc->provider, provider->name))
            continue;
        for (uint32_t k = 0; k < provider->probe_count; k++) {
            const struct ir_declared_probe *probe = &provider->probes[k];
            if (!matches(desc->name, probe_name(script, probe->name)))
                continue;
            if (found)
                return PROBE_AMBIGUOUS;
            found = probe;
        }
    }
    for (uint32_t i = 0; found && i < found->shown_count; i++)
        add_shown(script, found, i, out);
    return found ? PROBE_KNOWN : PROBE_UNKNOWN;
}

enum probe_knowledge probe_arguments_find(struct script *script,
                                          const struct probe_desc *desc,
                                          struct probe_arguments *out) {
    if (is_of_syscall(script, desc))
        return of_syscall(script, desc, out);
    if (str_equal(desc->provider, STR("proc")))
        return of_event(script, desc, out);
    return of_declared(script, desc, out);
}
