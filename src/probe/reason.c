// reason.c: why a description matched nothing, and what was probably meant.
//
// The fields are tried from the left: is the module there, the function, the
// name? The first that fails is the reason, and names near to what was written
// are offered.

#include "probe/providers.h"

#include <inttypes.h>

#define NEAR_MOST 3

struct near {
    struct str names[NEAR_MOST];
    size_t distances[NEAR_MOST];
    size_t count;
};

// Keeps the nearest few.
static void near_add(struct near *near, struct str wanted, struct str name) {
    size_t limit = wanted.n < 4 ? 1 : wanted.n < 9 ? 2 : 3;
    size_t distance = str_distance(wanted, name, limit);
    if (distance > limit) {
        return;
    }
    size_t at = near->count;
    while (at > 0 && near->distances[at - 1] > distance) {
        at--;
    }
    if (at == NEAR_MOST) {
        return;
    }
    near->count += near->count < NEAR_MOST;
    for (size_t i = near->count - 1; i > at; i--) {
        near->names[i] = near->names[i - 1];
        near->distances[i] = near->distances[i - 1];
    }
    near->names[at] = name;
    near->distances[at] = distance;
}

static void near_help(struct diag *diag, const struct near *near) {
    if (near->count == 1) {
        diag_help(diag, "did you mean '%.*s'?", STR_ARGS(near->names[0]));
    } else if (near->count == 2) {
        diag_help(diag, "did you mean '%.*s' or '%.*s'?",
                  STR_ARGS(near->names[0]), STR_ARGS(near->names[1]));
    } else if (near->count > 2) {
        diag_help(diag, "did you mean '%.*s', '%.*s' or '%.*s'?",
                  STR_ARGS(near->names[0]), STR_ARGS(near->names[1]),
                  STR_ARGS(near->names[2]));
    }
}

struct refusal {
    struct arena *arena;
    const struct program *const *programs;
    size_t program_count;
    const struct probe_desc *desc;
    struct diag *diag;
};

static void refuse(const struct refusal *refusal, enum tag tag,
                   struct str reason) {
    struct str text = desc_format(refusal->arena, refusal->desc);
    diag_error(refusal->diag, tag, refusal->desc->span,
               "probe description %.*s does not match any probes",
               STR_ARGS(text));
    diag_help(refusal->diag, "%.*s", STR_ARGS(reason));
}

static bool is_known_name(struct str name) {
    uint64_t offset;
    return str_is_pattern(name) || desc_offset(name, &offset) ||
           str_equal(name, STR("entry")) || str_equal(name, STR("return"));
}

static void refuse_name(const struct refusal *refusal, enum tag tag,
                        const char *possible) {
    struct str name = refusal->desc->name;
    struct near near = {0};
    near_add(&near, name, STR("entry"));
    near_add(&near, name, STR("return"));
    refuse(refusal, tag,
           str_format(refusal->arena, "there is no probe name '%.*s'",
                      STR_ARGS(name)));
    if (near.count > 0) {
        near_help(refusal->diag, &near);
    } else {
        diag_help(refusal->diag, "%s", possible);
    }
}

static void refuse_module(const struct refusal *refusal) {
    const struct probe_desc *desc = refusal->desc;
    struct near near = {0};
    for (size_t i = 0; i < refusal->program_count; i++) {
        near_add(&near, desc->module, refusal->programs[i]->module);
        near_add(&near, desc->module, refusal->programs[i]->image->name);
    }
    refuse(refusal, D_PDESC_ZERO,
           str_format(refusal->arena, "the program has no module '%.*s'",
                      STR_ARGS(desc->module)));
    near_help(refusal->diag, &near);
}

static void refuse_function(const struct refusal *refusal) {
    const struct probe_desc *desc = refusal->desc;
    struct near near = {0};
    bool is_import = false, has_names = false;
    for (size_t i = 0; i < refusal->program_count; i++) {
        const struct program *program = refusal->programs[i];
        if (!desc_matches_module(desc, program)) {
            continue;
        }
        for (size_t k = 0; k < program->function_count; k++) {
            const struct function *function = &program->functions[k];
            if (function->flags & (FUNCTION_PLT | FUNCTION_PART)) {
                is_import |= (function->flags & FUNCTION_PLT) &&
                             str_equal(function->name, desc->function);
                continue;
            }
            has_names |= !(function->flags & FUNCTION_NAMELESS);
            near_add(&near, desc->function, function->name);
        }
    }
    refuse(refusal, str_is_pattern(desc->function) ? D_PDESC_ZERO : D_PROC_FUNC,
           str_format(refusal->arena, "there is no function '%.*s'",
                      STR_ARGS(desc->function)));
    near_help(refusal->diag, &near);
    if (is_import) {
        diag_help(refusal->diag,
                  "it is imported from a library; "
                  "pid$target::%.*s:%.*s looks there as well",
                  STR_ARGS(desc->function), STR_ARGS(desc->name));
    } else if (!has_names) {
        diag_help(refusal->diag, "the binary has no symbols; functions are "
                                 "called sub_ and their address");
    }
}

static void refuse_place(const struct refusal *refusal,
                         const struct program *program,
                         const struct function *function) {
    const struct probe_desc *desc = refusal->desc;
    struct arena *arena = refusal->arena;
    uint64_t offset;
    if (!desc_offset(desc->name, &offset)) {
        refuse(refusal, D_PDESC_ZERO,
               str_format(arena, "'%.*s' has none of these",
                          STR_ARGS(function->name)));
        return;
    }
    if (offset >= function->len) {
        refuse(refusal, D_PROC_OFF,
               str_format(arena, "'%.*s' is only 0x%" PRIx64 " bytes long",
                          STR_ARGS(function->name), function->len));
        return;
    }
    refuse(refusal, D_PROC_OFF,
           str_format(arena, "no instruction of '%.*s' begins at 0x%" PRIx64,
                      STR_ARGS(function->name), offset));
    while (offset > 0 && !program_is_insn(program, function->va + offset)) {
        offset--;
    }
    diag_help(refusal->diag, "the one it lies in begins at %" PRIx64, offset);
}

// Of what has "-" in the place of a function.
static void refuse_address(const struct refusal *refusal) {
    const struct probe_desc *desc = refusal->desc;
    bool is_program = false;
    uint64_t va;
    for (size_t i = 0; i < refusal->program_count; i++)
        is_program |= desc_names_program(desc, refusal->programs[i]);
    if (!is_program)
        refuse(refusal, D_PROC_LIB,
               STR("addresses are those of the program, a.out"));
    else if (!desc_offset(desc->name, &va))
        refuse(refusal, D_PROC_NAME,
               STR("behind '-' stands a hexadecimal address"));
    else
        refuse(refusal, D_PROC_OFF, STR("no instruction begins there"));
}

static void refuse_pid(const struct refusal *refusal) {
    const struct probe_desc *desc = refusal->desc;
    bool has_module = false;
    if (str_equal(desc->function, STR("-"))) {
        refuse_address(refusal);
        return;
    }
    if (!is_known_name(desc->name)) {
        refuse_name(refusal, D_PROC_NAME,
                    "names are entry, return and hexadecimal offsets of "
                    "instructions");
        return;
    }
    for (size_t i = 0; i < refusal->program_count; i++) {
        const struct program *program = refusal->programs[i];
        size_t count;
        if (!desc_matches_module(desc, program)) {
            continue;
        }
        has_module = true;
        const struct function **functions = program_match_functions(
            program, desc->function, refusal->arena, &count);
        for (size_t k = 0; k < count; k++) {
            if (!(functions[k]->flags & (FUNCTION_PLT | FUNCTION_PART))) {
                refuse_place(refusal, program, functions[k]);
                return;
            }
        }
    }
    if (has_module) {
        refuse_function(refusal);
    } else {
        refuse_module(refusal);
    }
}

// musl's C library is the loader, and that is left alone unless asked for.
static void help_with_loader(const struct refusal *refusal) {
    const struct image *image =
        refusal->program_count > 0 ? refusal->programs[0]->image : NULL;
    if (image && image->is_dynamic && closure_starts_late(image))
        diag_help(refusal->diag, "the C library of this program is its loader: "
                                 "--with-loader instruments it");
}

static void refuse_syscall(const struct refusal *refusal) {
    const struct probe_desc *desc = refusal->desc;
    struct near near = {0};
    bool known = false;
    if (!desc_matches(desc->name, STR("entry")) &&
        !desc_matches(desc->name, STR("return"))) {
        refuse_name(refusal, D_PDESC_ZERO, "names are entry and return");
        return;
    }
    const struct syscall_row *row = refusal->program_count > 0
                                        ? refusal->programs[0]->arch->syscalls
                                        : NULL;
    for (; row && row->name; row++) {
        known |= desc_matches(desc->function, str_from(row->name));
        near_add(&near, desc->function, str_from(row->name));
    }
    if (known) {
        refuse(refusal, D_PDESC_ZERO,
               STR("no code that was looked at makes this system call"));
        help_with_loader(refusal);
        return;
    }
    refuse(refusal, D_PDESC_ZERO,
           str_format(refusal->arena, "there is no system call '%.*s'",
                      STR_ARGS(desc->function)));
    near_help(refusal->diag, &near);
}

// Whether the provider of a description is one that a program's authors made.
static bool usdt_has_provider(const struct refusal *refusal) {
    struct probe_desc any = {.provider = refusal->desc->provider};
    struct site_list list = {.arena = refusal->arena};
    for (size_t i = 0; i < refusal->program_count; i++)
        provider_usdt.list(refusal->programs[i], &any, &list);
    return list.count > 0;
}

void report_no_match(const struct program *const *programs,
                     size_t program_count, const struct probe_desc *desc,
                     struct diag *diag) {
    struct refusal refusal = {.arena = arena_new(),
                              .programs = programs,
                              .program_count = program_count,
                              .desc = desc,
                              .diag = diag};
    if (desc->id != 0) {
        refuse(&refusal, D_PDESC_ZERO, STR("there is no probe of that id"));
    } else if (desc_is_pid(desc->provider)) {
        refuse_pid(&refusal);
    } else if (provider_syscall.claims(desc->provider)) {
        refuse_syscall(&refusal);
    } else if (provider_proc.claims(desc->provider)) {
        refuse(&refusal, D_PDESC_ZERO,
               STR("no system call that was looked at shows such an event"));
    } else if (provider_profile.claims(desc->provider)) {
        refuse(&refusal, D_PDESC_ZERO,
               STR("names are tick-N and profile-N with a unit behind the "
                   "number, at least 200us apart, or none: times a second"));
    } else if (provider_dtrace.claims(desc->provider)) {
        refuse(&refusal, D_PDESC_ZERO,
               STR("probes here are BEGIN, END and ERROR"));
    } else if (usdt_has_provider(&refusal)) {
        refuse(&refusal, D_PDESC_ZERO, STR("its provider has no such probe"));
    } else {
        report_provider(desc, diag);
    }
    arena_free(refusal.arena);
}
