// pid.c: the provider `pid`: a function's entry, its returns, and its
// instructions by their hexadecimal offset. Without a name all three are
// meant, as in DTrace. Stubs of imports are no functions to DTrace; the
// provider `plt`, which no pattern reaches, gives their entries to MCTrace's
// own clauses.

#include "probe/providers.h"

#include <inttypes.h>

struct listing {
    const struct program *program;
    const struct probe_desc *desc;
    struct site_list *out;
    bool entry, returns, all_offsets, one_offset;
    uint64_t offset;
};

static void add(const struct listing *listing, const struct function *function,
                enum site_kind kind, uint64_t va, struct str name,
                uint8_t exit) {
    const struct program *program = listing->program;
    site_list_add(listing->out, &(struct site){.program = program,
                                               .function = function,
                                               .va = va,
                                               .offset = va - function->va,
                                               .kind = (uint8_t)kind,
                                               .exit = exit,
                                               .selector = -1,
                                               .provider = STR("pid"),
                                               .module = program->module,
                                               .probefunc = function->name,
                                               .name = name});
}

static void add_offset(const struct listing *listing,
                       const struct function *function, uint64_t offset) {
    struct arena *arena = listing->out->arena;
    struct str name = str_format(arena, "%" PRIx64, offset);
    if (listing->one_offset || desc_matches(listing->desc->name, name)) {
        add(listing, function, SITE_OFFSET, function->va + offset, name, 0);
    }
}

static void add_returns(const struct listing *listing,
                        const struct function *function,
                        struct arena *scratch) {
    size_t count;
    struct function_exit *exits =
        program_exits(listing->program, function, scratch, &count);
    for (size_t i = 0; i < count; i++) {
        add(listing, function, SITE_RETURN, exits[i].va, STR("return"),
            exits[i].kind);
    }
}

static void add_function(const struct listing *listing,
                         const struct function *function,
                         struct arena *scratch) {
    const struct program *program = listing->program;
    if (listing->entry) {
        add(listing, function, SITE_ENTRY, function->va, STR("entry"), 0);
    }
    if (listing->returns) {
        add_returns(listing, function, scratch);
    }
    if (listing->one_offset && listing->offset < function->len &&
        program_is_insn(program, function->va + listing->offset)) {
        add_offset(listing, function, listing->offset);
    }
    for (uint64_t i = 0; listing->all_offsets && i < function->len; i++) {
        if (program_is_insn(program, function->va + i)) {
            add_offset(listing, function, i);
        }
    }
}

// "-" in the place of a function: the name is an address of the program.
static void list_address(const struct program *program,
                         const struct probe_desc *desc, struct site_list *out) {
    uint64_t va;
    if (!desc_names_program(desc, program) || !desc_offset(desc->name, &va) ||
        !program_is_insn(program, va))
        return;
    const struct function *function = program_function_at(program, va);
    site_list_add(out,
                  &(struct site){.program = program,
                                 .function = function,
                                 .va = va,
                                 .offset = function ? va - function->va : va,
                                 .kind = SITE_OFFSET,
                                 .selector = -1,
                                 .provider = STR("pid"),
                                 .module = program->module,
                                 .probefunc = STR("-"),
                                 .name = desc->name});
}

static bool claims(struct str pattern) {
    return desc_is_pid(pattern);
}

static void list(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out) {
    if (!program || !desc_matches_module(desc, program)) {
        return;
    }
    if (str_equal(desc->function, STR("-"))) {
        list_address(program, desc, out);
        return;
    }
    struct listing listing = {.program = program, .desc = desc, .out = out};
    listing.entry = desc_matches(desc->name, STR("entry"));
    listing.returns = desc_matches(desc->name, STR("return"));
    listing.one_offset = desc_offset(desc->name, &listing.offset);
    listing.all_offsets = !listing.one_offset && str_is_pattern(desc->name);
    if (!listing.entry && !listing.returns && !listing.one_offset &&
        !listing.all_offsets) {
        return;
    }
    size_t count;
    struct arena *scratch = arena_new();
    const struct function **functions =
        program_match_functions(program, desc->function, scratch, &count);
    for (size_t i = 0; i < count; i++) {
        if (!(functions[i]->flags &
              (FUNCTION_PLT | FUNCTION_PART | FUNCTION_DATA))) {
            add_function(&listing, functions[i], scratch);
        }
    }
    arena_free(scratch);
}

const struct provider provider_pid = {
    .name = "pid",
    .summary = "functions: entry, return, instructions by offset",
    .claims = claims,
    .list = list,
};

static bool claims_plt(struct str pattern) {
    return str_equal(pattern, STR("plt"));
}

static void list_plt(const struct program *program,
                     const struct probe_desc *desc, struct site_list *out) {
    if (!program || !desc_matches_module(desc, program)) {
        return;
    }
    struct listing listing = {.program = program, .desc = desc, .out = out};
    const struct image *image = program->image;
    for (size_t i = 0; i < image->plt_count; i++) {
        if (!desc_matches(desc->function, image->plt[i].name) ||
            !desc_matches(desc->name, STR("entry"))) {
            continue;
        }
        const struct function *function =
            program_function_at(program, image->plt[i].va);
        if (function && (function->flags & FUNCTION_PLT)) {
            add(&listing, function, SITE_ENTRY, function->va, STR("entry"), 0);
        }
    }
}

const struct provider provider_plt = {
    .name = "plt",
    .summary = "stubs of imported functions (for MCTrace's own use)",
    .claims = claims_plt,
    .list = list_plt,
};
