// test_script.c: the D front end against its cases and against C.
//
// The cases are the files of tests/script: tst.*.d with the dump expected of
// each beside it, and err.<TAG>.*.d, which must fail with that tag first. The
// arithmetic of random expressions, constant or not, is compared with what gcc
// makes of the same text; aggregations with the updates of aggs.h, which go
// into programs.

#include <dirent.h>
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

// --- the cases in tests/script ---

static struct str cases_folder(struct arena *arena) {
    struct str here = STR(__FILE__);
    size_t n = here.n - str_base_name(here).n;
    return str_format(arena, "%.*s../script", (int)n, here.p);
}

// The file beside `path` with another suffix; empty if there is none.
static struct str beside(struct arena *arena, struct str path,
                         const char *suffix) {
    struct str name =
        str_format(arena, "%.*s%s", (int)path.n - 2, path.p, suffix);
    FILE *in = fopen(name.p, "r");
    if (!in)
        return (struct str){0};
    char *text = arena_alloc(arena, 1 << 16);
    size_t n = fread(text, 1, 1 << 16, in);
    fclose(in);
    return (struct str){text, n};
}

static void check_text(struct str name, struct str expected, struct str found) {
    if (!str_equal(expected, found))
        fail_msg("%.*s: expected:\n%.*s\nfound:\n%.*s", STR_ARGS(name),
                 STR_ARGS(expected), STR_ARGS(found));
}

static void check_error_case(struct arena *arena, struct str path,
                             struct compiled *compiled) {
    struct str name = str_base_name(path);
    if (compiled->script)
        fail_msg("%.*s: compiled", STR_ARGS(name));
    const char *tag = name.p + 4; // "err."
    struct str mark =
        str_format(arena, "[%.*s]\n", (int)strcspn(tag, "."), tag);
    const char *first = strstr(compiled->messages, "[D_");
    if (!first || !str_starts_with(str_from(first), mark))
        fail_msg("%.*s: expected %.*sfound:\n%s", STR_ARGS(name),
                 STR_ARGS(mark), compiled->messages);
    struct str expected = beside(arena, path, ".err");
    if (expected.n)
        check_text(name, expected, str_from(compiled->messages));
}

static void check_dump_case(struct arena *arena, struct str path,
                            struct compiled *compiled) {
    struct str name = str_base_name(path);
    if (!compiled->script)
        fail_msg("%.*s: %s", STR_ARGS(name), compiled->messages);
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    script_dump(out, compiled->script);
    fclose(out);
    check_text(name, beside(arena, path, ".ir"), (struct str){text, n});
    free(text);
}

static void check_case(struct arena *arena, struct str path) {
    struct str text = beside(arena, path, ".d");
    struct compiled *compiled = compile(str_base_name(path), text);
    if (str_starts_with(str_base_name(path), STR("err.")))
        check_error_case(arena, path, compiled);
    else
        check_dump_case(arena, path, compiled);
    release(compiled);
}

static size_t check_folder(struct arena *arena, struct str folder) {
    DIR *dir = opendir(folder.p);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct str path =
            str_format(arena, "%.*s/%s", STR_ARGS(folder), entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        if (entry->d_type == DT_DIR) {
            count += check_folder(arena, path);
        } else if (str_ends_with(path, STR(".d"))) {
            check_case(arena, path);
            count++;
        }
    }
    closedir(dir);
    return count;
}

static void cases(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    assert_true(check_folder(arena, cases_folder(arena)) > 50);
    arena_free(arena);
}

// --- the reference ---

static bool names(struct str text, struct str name) {
    for (size_t i = 0; i + name.n + 2 <= text.n; i++)
        if (text.p[i] == '`' && !memcmp(text.p + i + 1, name.p, name.n) &&
            strchr("`(", text.p[i + 1 + name.n]))
            return true;
    return false;
}

// docs/d.md says of every name of DTrace's whether it works.
static void the_reference_is_complete(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct str folder = cases_folder(arena);
    struct str text = beside(
        arena, str_format(arena, "%.*s/../../docs/d.md", STR_ARGS(folder)),
        "md");
    assert_true(text.n > 0);
    size_t count;
    const struct builtin *table = builtin_table(&count);
    for (size_t i = 0; i < count; i++)
        if (!names(text, str_from(table[i].name)))
            fail_msg("%s is not in docs/d.md", table[i].name);
    static const char *const others[] = {
#define AGG(name, id, least, most, cells) #name,
#include "mctrace/aggs.def"
#undef AGG
#define OPTION(name, value, effect) #name,
#define REFUSED(name, reason)       #name,
#include "script/options.def"
#undef OPTION
#undef REFUSED
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (!names(text, str_from(others[i])))
            fail_msg("%s is not in docs/d.md", others[i]);
    for (unsigned i = 0; i < TAG_COUNT; i++) {
        struct str tag = str_from(tag_name((enum tag)i));
        if (str_starts_with(tag, STR("D_")) && !names(text, tag))
            fail_msg("%s is not in docs/d.md", tag.p);
    }
    arena_free(arena);
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
    struct ir_instance instance =
        fold_clause(&folder, compiled->script->clauses[index], &site);
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

// --- arithmetic ---

#define EXPRESSIONS 3000

// Random expressions, as text for D and for C, which differ in `^^` only.
struct generator {
    uint64_t random;
    FILE *d, *c;
};

static unsigned pick(struct generator *g, unsigned below) {
    g->random ^= g->random << 13;
    g->random ^= g->random >> 7;
    g->random ^= g->random << 17;
    return (unsigned)(g->random >> 33) % below;
}

static void put(struct generator *g, const char *text) {
    fputs(text, g->d);
    fputs(text, g->c);
}

static const char *const types[] = {
    "char",           "signed char", "unsigned char",     "short",
    "unsigned short", "int",         "unsigned int",      "long",
    "unsigned long",  "long long",   "unsigned long long"};
static const char *const variables[] = {"c",  "sc", "uc", "s",  "us", "i",
                                        "ui", "l",  "ul", "ll", "ull"};
static const char *const values[] = {"0",
                                     "1",
                                     "-1",
                                     "7",
                                     "0x7f",
                                     "128",
                                     "0xff",
                                     "0x7fff",
                                     "0x8000",
                                     "0xffff",
                                     "0x7fffffff",
                                     "0x80000000",
                                     "2147483648",
                                     "0xffffffffu",
                                     "4294967296",
                                     "0x7fffffffffffffff",
                                     "0x8000000000000000",
                                     "0xffffffffffffffff",
                                     "12345L",
                                     "3ul",
                                     "9LL",
                                     "077",
                                     "'a'",
                                     "'\\n'",
                                     "'\\377'",
                                     "'\\x41'",
                                     "'ab'",
                                     "-3",
                                     "100u",
                                     "1000000007"};

static void put_expression(struct generator *g, unsigned depth);

static void put_leaf(struct generator *g) {
    if (pick(g, 3))
        put(g, variables[pick(g, COUNT_OF(variables))]);
    else
        put(g, values[pick(g, COUNT_OF(values))]);
}

static void put_pair(struct generator *g, const char *op, unsigned depth,
                     const char *end) {
    put(g, "(");
    put_expression(g, depth);
    put(g, op);
    put_expression(g, depth);
    put(g, end);
}

static void put_logic(struct generator *g, unsigned depth) {
    fputs("((", g->d);
    fputs("(!(", g->c);
    put_expression(g, depth);
    fputs(") ^^ (", g->d);
    fputs(") != !(", g->c);
    put_expression(g, depth);
    put(g, "))");
}

static void put_expression(struct generator *g, unsigned depth) {
    static const char *const pairs[] = {" + ",  " - ",  " * ",  " & ",  " | ",
                                        " ^ ",  " < ",  " <= ", " > ",  " >= ",
                                        " == ", " != ", " && ", " || ", ", "};
    static const char *const unary[] = {"(- ", "(~ ", "(! ", "(+ "};
    if (depth-- == 0) {
        put_leaf(g);
        return;
    }
    switch (pick(g, 16)) {
    case 0: put_pair(g, " << ((", depth, ") & 31))"); break;
    case 1: put_pair(g, " >> ((", depth, ") & 31))"); break;
    case 2: put_pair(g, " / (((", depth, ") & 15) - 20))"); break;
    case 3: put_pair(g, " % (((", depth, ") & 0x7f) + 3))"); break;
    case 4:
        put(g, unary[pick(g, COUNT_OF(unary))]);
        put_expression(g, depth);
        put(g, ")");
        break;
    case 5:
    case 6:
        put(g, "((");
        put(g, types[pick(g, COUNT_OF(types))]);
        put(g, ")");
        put_expression(g, depth);
        put(g, ")");
        break;
    case 7:
        put(g, "(");
        put_expression(g, depth);
        put(g, " ? ");
        put_expression(g, depth);
        put(g, " : ");
        put_expression(g, depth);
        put(g, ")");
        break;
    case 8: put_logic(g, depth); break;
    case 9:
        put(g, "sizeof (");
        put_expression(g, depth);
        put(g, ")");
        break;
    default: put_pair(g, pairs[pick(g, COUNT_OF(pairs))], depth, ")");
    }
}

// r = expression, or a change of a variable and both of its values.
static void put_statement(struct generator *g) {
    static const char *const ops[] = {
        "=", "+=", "-=", "*=", "&=", "|=", "^=", "/=", "%=", "<<=", ">>="};
    static const char *const steps[] = {"++%s", "--%s", "%s++", "%s--"};
    const char *name = variables[pick(g, COUNT_OF(variables))];
    char step[16];
    unsigned kind = pick(g, 6), op = pick(g, COUNT_OF(ops));
    put(g, "r = ");
    if (kind == 0) {
        snprintf(step, sizeof step, steps[pick(g, 4)], name);
        put(g, step);
    } else if (kind == 1) {
        put(g, "(");
        put(g, name);
        put(g, ops[op]);
        put(g, op > 8   ? "((i & 7) + ("
               : op > 6 ? "((us & 7) + 3 + 0 * ("
                        : "((");
        put_leaf(g);
        put(g, op > 8 ? ") * 0)" : "))");
        put(g, ")");
    } else {
        put_expression(g, 1 + pick(g, 4));
    }
    put(g, "; q = ");
    put(g, name);
    put(g, ";\n");
}

static void put_initial_values(struct generator *g) {
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        put(g, variables[i]);
        put(g, " = ");
        put(g, values[pick(g, COUNT_OF(values))]);
        put(g, "; ");
    }
}

static void generate(struct generator *g) {
    fputs("#include <stdio.h>\nint main(void) {\n", g->c);
    put(g, "long long r; long long q;\n");
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        put(g, types[i]);
        put(g, " ");
        put(g, variables[i]);
        put(g, ";\n");
    }
    for (unsigned i = 0; i < EXPRESSIONS; i++) {
        fputs("BEGIN { ", g->d);
        put_initial_values(g);
        put_statement(g);
        fputs("}\n", g->d);
        fputs("printf(\"%lld %lld\\n\", r, q);\n", g->c);
    }
    fputs("}\n", g->c);
}

// Compiles and runs C, and opens what it prints; NULL: there is no gcc.
static FILE *run_c(struct arena *arena, const char *folder,
                   struct str program) {
    struct str path = str_format(arena, "%s/x.c", folder);
    FILE *out = fopen(path.p, "w");
    assert_non_null(out);
    fwrite(program.p, 1, program.n, out);
    fclose(out);
    struct str command = str_format(
        arena, "command -v gcc >%s/gcc && gcc -w -O0 -fwrapv -o %s/x %s",
        folder, folder, path.p);
    if (system(command.p) != 0)
        return NULL;
    return popen(str_format(arena, "%s/x", folder).p, "r");
}

static void compare_with_c(struct machine *machine, FILE *results) {
    struct ir_script *script = machine->compiled->script;
    for (size_t i = 0; i < script->clause_count; i++) {
        long long r, q;
        assert_int_equal(fscanf(results, "%lld %lld", &r, &q), 2);
        assert_true(run(machine, i));
        if (read_variable(machine, "r") == r &&
            read_variable(machine, "q") == q)
            continue;
        struct span span = script->clauses[i]->span;
        const char *start = span.source->text.p + span.off;
        fail_msg("%.*s: %lld %lld, not %lld %lld", (int)strcspn(start, "\n"),
                 start, (long long)read_variable(machine, "r"),
                 (long long)read_variable(machine, "q"), r, q);
    }
}

static void arithmetic_is_that_of_c(void **state) {
    (void)state;
    char folder[] = "/tmp/test_script.XXXXXX";
    char *texts[2];
    size_t lengths[2];
    struct arena *arena = arena_new();
    struct generator g = {.random = 0x9e3779b97f4a7c15};
    g.d = open_memstream(&texts[0], &lengths[0]);
    g.c = open_memstream(&texts[1], &lengths[1]);
    generate(&g);
    fclose(g.d);
    fclose(g.c);
    assert_non_null(mkdtemp(folder));
    FILE *results = run_c(arena, folder, (struct str){texts[1], lengths[1]});
    if (results) {
        struct machine machine = machine_new(texts[0]);
        compare_with_c(&machine, results);
        release(machine.compiled);
        pclose(results);
    }
    assert_int_equal(system(str_format(arena, "rm -r %s", folder).p), 0);
    free(texts[0]);
    free(texts[1]);
    arena_free(arena);
    if (!results)
        skip();
}

// --- aggregations ---

static void update(const struct ir_aggregation *aggregation, uint64_t *cells,
                   int64_t value) {
    const int64_t *p = aggregation->params;
    switch (aggregation->function->id) {
#define AGG(name, id, least, most, letters)                                    \
    case id: mct_update_##name(cells, value, 3, p[0], p[1], p[2], p[3]); break;
#include "mctrace/aggs.def"
#undef AGG
    default: fail();
    }
}

static void aggregations_are_those_of_the_runtime(void **state) {
    (void)state;
    static const char *const functions[] = {
        "count()",
        "sum(x)",
        "min(x)",
        "max(x)",
        "avg(x)",
        "stddev(x)",
        "quantize(x, 3)",
        "lquantize(x, -100, 100, 7, 3)",
        "llquantize(x, 10, 0, 6, 20, 3)",
        "llquantize(x, 10, 1, 5, 5, 3)",
    };
    struct generator g = {.random = 99};
    for (size_t f = 0; f < COUNT_OF(functions); f++) {
        char text[200];
        snprintf(text, sizeof text, "long x; BEGIN { @ = %s; }", functions[f]);
        struct machine machine = machine_new(text);
        struct ir_script *script = machine.compiled->script;
        struct ir_aggregation *aggregation = script->aggregations[0];
        uint64_t cells[4096] = {0};
        assert_true(aggregation->cell_count <= COUNT_OF(cells));
        machine.input.region = arena_alloc(machine.compiled->arena, 1 << 20);
        for (unsigned i = 0; i < 500; i++) {
            pick(&g, 1);
            int64_t value = (int64_t)g.random >> pick(&g, 64);
            store_uint(machine.input.region + script->variables[0]->off,
                       (uint64_t)value, 8, ORDER_BIG);
            assert_true(run(&machine, 0));
            update(aggregation, cells, value);
        }
        uint64_t off = aggregation->slots[0].off;
        for (uint32_t i = 0; i < aggregation->cell_count; i++)
            assert_int_equal(
                load_uint(machine.input.region + off + 8 * (uint64_t)i, 8,
                          ORDER_BIG),
                cells[i]);
        release(machine.compiled);
    }
}

// --- what clauses do ---

static void clauses_end_by_faults_and_exit(void **state) {
    (void)state;
    struct machine machine =
        machine_new("int a, b; BEGIN { a = 1; b = 7 / (a - 1); a = 2; }"
                    "BEGIN { exit(3); a = 5; } BEGIN { a = 6; } END { a++; }");
    assert_false(run(&machine, 0));
    assert_int_equal(read_variable(&machine, "a"), 1);
    assert_int_equal(
        load_uint(machine.input.region + offsetof(struct mct_region, faults), 8,
                  ORDER_BIG),
        1);
    assert_true(run(&machine, 1)); // the rest of its clause runs
    assert_true(run(&machine, 2)); // later ones do not
    assert_int_equal(read_variable(&machine, "a"), 5);
    assert_true(run(&machine, 3)); // but END does
    assert_int_equal(read_variable(&machine, "a"), 6);
    assert_int_equal(load_uint(machine.input.region +
                                   offsetof(struct mct_region, exit_status),
                               4, ORDER_BIG),
                     3);
    release(machine.compiled);
}

static void strings_are_cut_and_compared(void **state) {
    (void)state;
    struct machine machine = machine_new(
        "#pragma D option strsize=4\n"
        "string s, t; int a, b, c, d; BEGIN { s = \"abcdef\"; t = s; a = t == "
        "\"abcd\"; b = s < \"abd\"; c = (a ? t : \"x\") >= \"abcd\"; "
        "d = sizeof (string) + sizeof s + sizeof \"abc\"; }");
    assert_true(run(&machine, 0));
    assert_int_equal(read_variable(&machine, "a"), 1);
    assert_int_equal(read_variable(&machine, "b"), 1);
    assert_int_equal(read_variable(&machine, "c"), 1);
    assert_int_equal(read_variable(&machine, "d"), 12);
    release(machine.compiled);
}

// --- arguments, damage ---

static void arguments_stand_for_macros(void **state) {
    (void)state;
    static const char *const args[] = {"0x10", "text"};
    struct script_options options = {.macro_args = args, .macro_arg_count = 2};
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "mctrace");
    struct source source = {
        .name = STR("x.d"),
        .text = STR("pid$target::f$1:entry { a = $1; s = $$2; }")};
    struct ir_script *script =
        script_compile(arena, &source, &options, NULL, &diag);
    assert_non_null(script);
    assert_true(str_equal(script->probes[0].descs[0].function, STR("f0x10")));
    assert_true(
        str_equal(script->probes[0].descs[0].provider, STR("pid$target")));
    assert_int_equal(script->clauses[0]->body->a->a->value, 16);
    assert_true(
        str_equal(script->clauses[0]->body->next->a->a->text, STR("text")));
    source.text = STR("BEGIN { a = $1; }");
    assert_null(script_compile(arena, &source, &options, NULL, &diag));
    assert_int_equal(diag.last, D_MACRO_UNUSED);
    source.text = STR("BEGIN { a = $1 + $2 + $3; }");
    assert_null(script_compile(arena, &source, &options, NULL, &diag));
    arena_free(arena);
}

// Every beginning of a script, and every script with a byte changed, gives a
// result or a message.
static void damage_is_survived(void **state) {
    (void)state;
    struct str whole =
        STR("#pragma D option strsize=8\n# 3 \"f.d\"\nint x, *y; inline int z "
            "= 'a' + 0x1f;\nread:entry, :::b* / x / 2 > z && \"a\\n\" != s /\n"
            "{ if (x) @a[probefunc, 1] = lquantize(x, 0, 10); else { x <<= (3, "
            "z); exit(0); } self->t = xlate <int> (x)->y[2]; x = !x ? -1 : "
            "sizeof (long); /* c */ }\n");
    char text[600];
    for (size_t i = 0; i <= whole.n; i++) {
        memcpy(text, whole.p, i);
        release(compile(STR("x.d"), (struct str){text, i}));
    }
    static const char bytes[] = "{}();:/*\"'@$#\n\\\x80";
    for (size_t i = 0; i < whole.n; i++) {
        memcpy(text, whole.p, whole.n);
        text[i] = bytes[i % sizeof bytes];
        release(compile(STR("x.d"), (struct str){text, whole.n}));
    }
}

static void long_scripts_are_read(void **state) {
    (void)state;
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    for (int i = 0; i < 10000; i++)
        fprintf(out, "f%d:entry { x%d = %d; @a[probefunc] = count(); }\n", i,
                i % 500, i);
    fprintf(out, "BEGIN { y = 1");
    for (int i = 0; i < 900; i++)
        fputs(" + arg0", out);
    fputs("; }\n", out);
    fclose(out);
    struct compiled *compiled = compile(STR("x.d"), (struct str){text, n});
    assert_non_null(compiled->script);
    assert_int_equal(compiled->script->clause_count, 10001);
    release(compiled);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(the_reference_is_complete),
        cmocka_unit_test(arithmetic_is_that_of_c),
        cmocka_unit_test(aggregations_are_those_of_the_runtime),
        cmocka_unit_test(clauses_end_by_faults_and_exit),
        cmocka_unit_test(strings_are_cut_and_compared),
        cmocka_unit_test(arguments_stand_for_macros),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(long_scripts_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
