// script_lab.h: D compiled from a text, and its clauses run by the evaluator.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mctrace/aggs.h"
#include "script/script.h"

struct compiled {
    struct arena *arena;
    struct source source;
    struct ir_script *script;
    struct diag diag;
    char *messages;
    size_t messages_len;
};

// Arguments of a script are what its first line says: "// args: one two".
static struct script_options read_options(struct arena *arena,
                                          struct str text) {
    struct str mark = STR("// args: ");
    const char **args = ARENA_ARRAY(arena, const char *, 8);
    struct script_options options = {.macro_args = args};
    if (!str_starts_with(text, mark))
        return options;
    size_t end = strcspn(text.p, "\n");
    char *words = arena_grow(arena, text.p, end, end + 1), *rest;
    for (char *word = strtok_r(words + mark.n, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
        args[options.macro_arg_count++] = word;
    return options;
}

static struct compiled *compile(struct str name, struct str text) {
    struct arena *arena = arena_new();
    struct compiled *compiled = ARENA_NEW(arena, struct compiled);
    struct script_options options = read_options(arena, text);
    compiled->arena = arena;
    compiled->source = (struct source){.name = name, .text = text};
    FILE *out = open_memstream(&compiled->messages, &compiled->messages_len);
    diag_init(&compiled->diag, out, "mctrace");
    compiled->diag.show_tags = true;
    compiled->script =
        script_compile(arena, &compiled->source, &options,
                       arch_by_name(STR("x86_64")), &compiled->diag);
    fclose(out);
    if (compiled->script)
        for (size_t i = 0; i < compiled->script->clause_count; i++)
            ir_check(compiled->script->clauses[i]);
    return compiled;
}

static void release(struct compiled *compiled) {
    free(compiled->messages);
    arena_free(compiled->arena);
}

// --- running clauses ---

struct machine {
    struct compiled *compiled;
    struct layout layout;
    struct eval_input input;
};

static uint64_t no_reg(void *state, uint8_t reg) {
    (void)state;
    return reg;
}

static uint64_t no_word(void *state, uint8_t base, int64_t off) {
    (void)state;
    return base + (uint64_t)off;
}

static uint64_t no_call(void *state, const struct builtin *callee,
                        const uint64_t *args) {
    (void)state;
    (void)callee;
    return args[0];
}

static struct machine machine_new(const char *text) {
    struct machine machine = {.compiled = compile(STR("x.d"), str_from(text))};
    struct compiled *compiled = machine.compiled;
    if (!compiled->script)
        fail_msg("%s", compiled->messages);
    layout_begin(&machine.layout, compiled->arena, compiled->script,
                 arch_by_name(STR("x86_64")));
    machine.input = (struct eval_input){
        .reg = no_reg, .word = no_word, .call = no_call, .order = ORDER_BIG};
    return machine;
}

// Runs clause `index` folded for a BEGIN site.
static bool run(struct machine *machine, size_t index) {
    struct compiled *compiled = machine->compiled;
    struct site site = {.kind = SITE_BEGIN,
                        .provider = STR("dtrace"),
                        .name = STR("BEGIN"),
                        .selector = -1,
                        .id = 1};
    struct folder folder;
    folder_init(&folder, compiled->arena, &machine->layout);
    struct ir_instance instance = fold_clause(
        &folder, compiled->script->clauses[index], &site, true, true);
    if (!machine->input.region)
        machine->input.region = arena_alloc(compiled->arena, 1 << 20);
    machine->input.holes = instance.holes;
    machine->input.texts = (const char *)machine->layout.texts.p;
    return !instance.shape || eval_clause(instance.shape, &machine->input);
}

static int64_t read_variable(struct machine *machine, const char *name) {
    struct ir_script *script = machine->compiled->script;
    for (size_t i = 0; i < script->variable_count; i++) {
        struct ir_variable *variable = script->variables[i];
        if (str_equal(variable->name, str_from(name)))
            return (int64_t)ir_wrap(
                load_uint(machine->input.region + variable->off, variable->size,
                          ORDER_BIG),
                variable->type);
    }
    fail_msg("no variable %s", name);
    return 0;
}
