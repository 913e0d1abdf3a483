// desc.c: probe descriptions, "provider:module:function:name".
//
// Fields fill from the right: "read:entry" is a function and a name. A
// description that is a number alone is the id of a probe. What a left-out
// provider means is decided here, once, and written into the description.

#include "probe/providers.h"

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str trim(struct str s) {
    while (s.n > 0 && is_space(s.p[0])) {
        s = str_slice(s, 1, s.n);
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

static bool is_number(struct str text, uint32_t *number) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || value > UINT32_MAX) {
            return false;
        }
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    *number = (uint32_t)value;
    return text.n > 0 && value > 0 && value <= UINT32_MAX;
}

bool probe_parse_desc(struct str text, struct span span,
                      struct probe_desc *desc, struct diag *diag) {
    *desc = (struct probe_desc){.span = span};
    text = trim(text);
    if (is_number(text, &desc->id)) {
        return true;
    }
    struct str *const fields[] = {&desc->name, &desc->function, &desc->module,
                                  &desc->provider};
    size_t count = 0, end = text.n;
    for (size_t i = text.n + 1; i-- > 0;) {
        if (i > 0 && text.p[i - 1] != ':') {
            continue;
        }
        if (count == COUNT_OF(fields)) {
            diag_error(diag, D_PDESC_INVAL, span,
                       "invalid probe description \"%.*s\": Overspecified "
                       "probe description",
                       STR_ARGS(text));
            diag_help(diag, "a description is provider:module:function:name; "
                            "write ? for a colon of a C++ name");
            return false;
        }
        *fields[count++] = trim(str_slice(text, i, end));
        end = i > 0 ? i - 1 : 0;
    }
    desc->provider_omitted = desc->provider.n == 0;
    return true;
}

struct str desc_format(struct arena *arena, const struct probe_desc *desc) {
    if (desc->id != 0) {
        return str_format(arena, "%u", desc->id);
    }
    struct str provider = desc->provider;
    if (desc->provider_omitted) {
        provider = STR("");
    }
    return str_format(arena, "%.*s:%.*s:%.*s:%.*s", STR_ARGS(provider),
                      STR_ARGS(desc->module), STR_ARGS(desc->function),
                      STR_ARGS(desc->name));
}

bool desc_matches(struct str pattern, struct str text) {
    return pattern.n == 0 || str_glob(pattern, text);
}

bool desc_offset(struct str name, uint64_t *offset) {
    if (str_starts_with(name, STR("0x")) || str_starts_with(name, STR("0X"))) {
        name = str_slice(name, 2, name.n);
    }
    *offset = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        unsigned digit = 16;
        if (c >= '0' && c <= '9') {
            digit = (unsigned)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (unsigned)((c | 0x20) - 'a' + 10);
        }
        if (digit == 16 || i == 16) {
            return false;
        }
        *offset = *offset << 4 | digit;
    }
    return name.n > 0;
}

bool desc_is_pid(struct str pattern) {
    static const struct str target = {"$target", 7};
    if (str_ends_with(pattern, target)) {
        // "pid$target", and patterns that users write before it.
        return str_glob(str_slice(pattern, 0, pattern.n - target.n),
                        STR("pid"));
    }
    if (pattern.n > 0 && str_is_pattern(pattern)) {
        return str_glob(pattern, STR("pid1")) ||
               str_glob(pattern, STR("pid12345"));
    }
    uint32_t pid;
    return str_starts_with(pattern, STR("pid")) &&
           is_number(str_slice(pattern, 3, pattern.n), &pid);
}

bool desc_matches_library(struct str pattern, struct str module) {
    if (desc_matches(pattern, module)) {
        return true;
    }
    // libc.so.6 is also libc.so and libc.
    size_t suffix = 0; // where ".so" begins
    while (suffix < module.n &&
           !str_starts_with(str_slice(module, suffix, module.n), STR(".so"))) {
        suffix++;
    }
    for (size_t i = suffix; i < module.n; i++) {
        if (module.p[i] == '.' && str_glob(pattern, str_slice(module, 0, i))) {
            return true;
        }
    }
    return false;
}

bool desc_matches_module(const struct probe_desc *desc,
                         const struct program *program) {
    const struct image *image = program->image;
    if (desc->module.n == 0) {
        return program->is_given || !desc->provider_omitted;
    }
    if (program->image->is_program) {
        return str_glob(desc->module, program->module) ||
               str_glob(desc->module, image->name);
    }
    return desc_matches_library(desc->module, program->module) ||
           desc_matches_library(desc->module, image->name) ||
           (image->soname.n > 0 &&
            desc_matches_library(desc->module, image->soname));
}

bool desc_names_program(const struct probe_desc *desc,
                        const struct program *program) {
    return program->image->is_program &&
           (desc->module.n == 0 || desc_matches_module(desc, program));
}

static bool is_meta_name(struct str name) {
    return str_equal(name, STR("BEGIN")) || str_equal(name, STR("END")) ||
           str_equal(name, STR("ERROR"));
}

// DESIGN's rule: exactly the name of a system call means that; anything else
// the functions of the program.
static struct str omitted_provider(const struct probe_desc *desc,
                                   const struct arch *arch) {
    uint32_t number;
    if (desc->module.n == 0 && desc->function.n == 0 &&
        is_meta_name(desc->name)) {
        return STR("dtrace");
    }
    if (desc->module.n == 0 && desc->function.n == 0 &&
        desc_is_timer(desc->name)) {
        return STR("profile");
    }
    bool may_be = desc->module.n == 0 && desc->function.n > 0 &&
                  (desc_matches(desc->name, STR("entry")) ||
                   desc_matches(desc->name, STR("return")));
    if (may_be && arch && arch_syscall_number(arch, desc->function, &number)) {
        return STR("syscall");
    }
    return STR("pid*");
}

// Providers of DTrace's that are none of ours: what to say.
static const struct {
    const char *name, *why;
} unsupported[] = {
    {"fbt", "it traces the kernel, and no kernel takes part here"},
    {"sdt", "it traces the kernel, and no kernel takes part here"},
    {"rawtp", "it traces the kernel, and no kernel takes part here"},
    {"lockstat", "it traces the kernel, and no kernel takes part here"},
    {"sched", "it traces the kernel, and no kernel takes part here"},
    {"io", "it traces the kernel, and no kernel takes part here"},
    {"ip", "it traces the kernel, and no kernel takes part here"},
    {"tcp", "it traces the kernel, and no kernel takes part here"},
    {"udp", "it traces the kernel, and no kernel takes part here"},
    {"vminfo", "it traces the kernel, and no kernel takes part here"},
    {"sysinfo", "it traces the kernel, and no kernel takes part here"},
    {"cpc", "it needs the kernel's performance counters"},
    {"tick", "tick probes are of the provider profile"},
};

// "pid0" and the like.
static bool is_bad_pid(struct str provider) {
    bool is_pid = provider.n > 3 && str_starts_with(provider, STR("pid"));
    for (size_t i = 3; i < provider.n; i++)
        is_pid = is_pid && provider.p[i] >= '0' && provider.p[i] <= '9';
    return is_pid && !desc_is_pid(provider);
}

void report_provider(const struct probe_desc *desc, struct diag *diag) {
    struct arena *arena = arena_new();
    uint32_t number;
    if (is_number(desc->provider, &number)) {
        diag_error(diag, D_PROC_BADPROV, desc->span,
                   "'%.*s' is not a valid provider", STR_ARGS(desc->provider));
        arena_free(arena);
        return;
    }
    if (is_bad_pid(desc->provider)) {
        diag_error(diag, D_PROC_BADPID, desc->span,
                   "'%.*s' does not contain a valid process id",
                   STR_ARGS(desc->provider));
        arena_free(arena);
        return;
    }
    diag_error(diag, D_PDESC_ZERO, desc->span,
               "probe description %.*s does not match any probes",
               STR_ARGS(desc_format(arena, desc)));
    diag_help(diag, "there is no provider '%.*s'", STR_ARGS(desc->provider));
    arena_free(arena);
    for (size_t i = 0; i < COUNT_OF(unsupported); i++) {
        if (str_is(desc->provider, unsupported[i].name)) {
            diag_help(diag, "%s", unsupported[i].why);
            return;
        }
    }
    if (str_equal(desc->provider, STR("pid"))) {
        diag_help(diag, "write pid$target for the program");
        return;
    }
    static const char *const names[] = {"syscall", "dtrace", "pid$target",
                                        "proc", "profile"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_distance(desc->provider, str_from(names[i]), 2) <= 2) {
            diag_help(diag, "did you mean '%s'?", names[i]);
            return;
        }
    }
    diag_help(diag, "providers are pid$target, syscall, proc, profile, dtrace "
                    "and those that the program's authors made");
}

bool probe_resolve(struct probe_desc *desc, const struct arch *arch,
                   struct diag *diag) {
    if (desc->id != 0) {
        return true;
    }
    if (desc->provider.n == 0) {
        desc->provider = omitted_provider(desc, arch);
        desc->provider_omitted = true;
        return true;
    }
    size_t count;
    const struct provider *const *table = provider_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (table[i]->claims(desc->provider) && !is_bad_pid(desc->provider)) {
            return true;
        }
    }
    if (diag)
        report_provider(desc, diag);
    return false;
}
