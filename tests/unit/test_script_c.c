// test_script_c.c: D computes what C does.
//
// The arithmetic of random expressions, constant or not, is compared with what
// gcc makes of the same text; aggregations with the updates of aggs.h, which
// go into programs.

#include "script_lab.h"

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

// Constants alone would not wrap in D: a variable that is 0 is among them.
static void put_pair(struct generator *g, const char *op, unsigned depth,
                     const char *end) {
    bool wraps = strstr(" + - * << ((", op);
    put(g, wraps ? "((zero + " : "(");
    put_expression(g, depth);
    put(g, wraps ? ")" : "");
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
    fputs("int zero;\n", g->d); // as such variables are from the start
    fputs("int zero = 0;\n", g->c);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_is_that_of_c),
        cmocka_unit_test(aggregations_are_those_of_the_runtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
