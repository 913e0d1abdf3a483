// test_ir.c: folding a clause at a site, sharing of shapes, the layout.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ir/ir.h"

struct bench {
    struct arena *arena;
    struct ir_script script;
    struct ir_aggregation aggregation;
    struct ir_aggregation *aggregations[1];
    struct ir_variable variable, *variables[1];
    struct layout layout;
    struct folder folder;
};

static const struct span nowhere;

static struct bench *bench_new(void) {
    struct arena *arena = arena_new();
    struct bench *bench = ARENA_NEW(arena, struct bench);
    bench->arena = arena;
    bench->aggregation.name = STR("@");
    bench->aggregation.function = agg_function_find(STR("count"));
    bench->aggregation.cell_count = 1;
    bench->aggregations[0] = &bench->aggregation;
    bench->variable =
        (struct ir_variable){.name = STR("x"), .type = IR_TYPE_INT};
    bench->variables[0] = &bench->variable;
    bench->script = (struct ir_script){.variables = bench->variables,
                                       .aggregations = bench->aggregations,
                                       .variable_count = 1,
                                       .aggregation_count = 1,
                                       .strsize = 256,
                                       .aggsize = 4096};
    layout_begin(&bench->layout, arena, &bench->script,
                 arch_by_name(STR("x86_64")));
    folder_init(&bench->folder, arena, &bench->layout);
    return bench;
}

static struct site site_of(const char *function, uint8_t kind) {
    return (struct site){.kind = kind,
                         .provider = STR("pid"),
                         .module = STR("a.out"),
                         .name = STR("entry"),
                         .probefunc = str_from(function),
                         .offset = 16,
                         .id = 7};
}

static struct ir_expr *leaf(struct bench *bench, enum ir_op op,
                            struct ir_type type) {
    return ir_expr_new(bench->arena, op, type, nowhere);
}

static struct ir_expr *pair(struct bench *bench, enum ir_op op,
                            struct ir_type type, struct ir_expr *a,
                            struct ir_expr *b) {
    struct ir_expr *expr = leaf(bench, op, type);
    expr->a = a;
    expr->b = b;
    return expr;
}

static struct ir_expr *text(struct bench *bench, const char *words) {
    struct ir_expr *expr = leaf(bench, IR_TEXT, IR_TYPE_STRING);
    expr->text = str_from(words);
    return expr;
}

// { @[<key>] = count(); }, without a key if that is NULL
static struct ir_clause *counting(struct bench *bench, struct ir_expr *key) {
    struct ir_clause *clause = ARENA_NEW(bench->arena, struct ir_clause);
    clause->body = ARENA_NEW(bench->arena, struct ir_stmt);
    clause->body->op = IR_AGG;
    clause->body->aggregation = &bench->aggregation;
    bench->aggregation.key_count = key != NULL;
    clause->body->keys = ARENA_ARRAY(bench->arena, struct ir_expr *, 1);
    clause->body->keys[0] = key;
    return clause;
}

static struct str printed(struct bench *bench, const struct ir_clause *clause) {
    char *buffer = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&buffer, &len);
    ir_print(out, clause);
    fclose(out);
    struct str result = str_copy(bench->arena, (struct str){buffer, len});
    free(buffer);
    return result;
}

static void test_sites_share_a_shape_with_slots_of_their_own(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct ir_clause *clause =
        counting(bench, leaf(bench, IR_SITE_FUNC, IR_TYPE_STRING));
    struct site first = site_of("first", SITE_ENTRY),
                second = site_of("second", SITE_ENTRY);
    struct ir_instance a =
        fold_clause(&bench->folder, clause, &first, true, true);
    struct ir_instance b =
        fold_clause(&bench->folder, clause, &second, true, true);
    struct ir_instance again =
        fold_clause(&bench->folder, clause, &first, true, true);
    assert_int_equal(a.shape_index, b.shape_index);
    assert_int_equal(bench->folder.shape_count, 1);
    assert_int_equal(a.holes[0], bench->layout.aggs_off);
    assert_int_equal(b.holes[0], bench->layout.aggs_off + 8);
    assert_int_equal(again.holes[0], a.holes[0]);
    assert_int_equal(bench->aggregation.slot_count, 2);
    assert_false(bench->aggregation.has_table);
    uint64_t key = bench->aggregation.slots[1].keys[0];
    assert_string_equal((const char *)bench->layout.texts.p + key, "second");
    arena_free(bench->arena);
}

static void test_a_false_predicate_leaves_the_site_alone(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct ir_clause *clause = counting(bench, NULL);
    clause->predicate =
        pair(bench, IR_EQ, IR_TYPE_INT,
             leaf(bench, IR_SITE_FUNC, IR_TYPE_STRING), text(bench, "main"));
    struct site main_site = site_of("main", SITE_ENTRY),
                other = site_of("other", SITE_ENTRY);
    assert_null(fold_clause(&bench->folder, clause, &other, true, true).shape);
    struct ir_instance instance =
        fold_clause(&bench->folder, clause, &main_site, true, true);
    assert_non_null(instance.shape);
    assert_null(instance.shape->predicate);
    arena_free(bench->arena);
}

static void test_arguments_become_registers_and_stack(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct ir_expr *arg = leaf(bench, IR_ARG, IR_TYPE_I64);
    struct ir_clause *clause = counting(bench, NULL);
    clause->predicate = arg;
    struct site entry = site_of("f", SITE_ENTRY);
    struct ir_instance instance =
        fold_clause(&bench->folder, clause, &entry, true, true);
    ir_check(instance.shape);
    const struct ir_expr *reg = instance.shape->predicate->a;
    assert_int_equal(reg->op, IR_REG);
    assert_int_equal(reg->value, bench->layout.arch->abi.args[0]);
    arg->value = 6;
    instance = fold_clause(&bench->folder, clause, &entry, true, true);
    const struct ir_expr *word = instance.shape->predicate->a;
    assert_int_equal(word->op, IR_WORD);
    assert_int_equal(word->value, 8);
    arena_free(bench->arena);
}

static void test_a_run_time_key_needs_the_table(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct ir_clause *clause =
        counting(bench, leaf(bench, IR_ARG, IR_TYPE_I64));
    struct ir_type type = IR_TYPE_I64;
    struct ir_key_form form = {.kind = IR_KEY_INT};
    bench->aggregation.key_types = &type;
    bench->aggregation.key_forms = &form;
    struct site entry = site_of("f", SITE_ENTRY);
    struct ir_instance instance =
        fold_clause(&bench->folder, clause, &entry, true, true);
    assert_false(instance.shape->body->is_slot);
    assert_true(bench->aggregation.has_table);
    struct diag diag;
    diag_init(&diag, stderr, "test");
    assert_true(layout_end(&bench->layout, &bench->script, &diag));
    assert_true(bench->aggregation.table_off % 8 == 0);
    // 128 entries of 24 bytes fit into 4096, 256 do not.
    assert_int_equal(bench->aggregation.table_log2, 7);
    assert_int_equal(bench->layout.region_len % 4096, 0);
    arena_free(bench->arena);
}

static void test_values_of_a_site_become_holes(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct ir_clause *clause = ARENA_NEW(bench->arena, struct ir_clause);
    clause->body = ARENA_NEW(bench->arena, struct ir_stmt);
    clause->body->op = IR_DO;
    struct ir_expr *assign = leaf(bench, IR_ASSIGN, IR_TYPE_INT);
    assign->variable = &bench->variable;
    assign->a = pair(
        bench, IR_ADD, IR_TYPE_INT,
        ir_cast(bench->arena,
                leaf(bench, IR_SITE_ID, (struct ir_type){IR_INT, 32, false}),
                IR_TYPE_INT),
        ir_const(bench->arena, IR_TYPE_INT, 1, nowhere));
    clause->body->a = assign;
    struct site entry = site_of("f", SITE_ENTRY);
    struct ir_instance instance =
        fold_clause(&bench->folder, clause, &entry, true, true);
    ir_check(instance.shape);
    assert_int_equal(instance.shape->hole_count, 1);
    assert_int_equal(instance.holes[0], 8);
    struct str form = printed(bench, instance.shape);
    assert_string_equal(form.p, "clause 0\n  do (assign.i32:x hole.i32:0)\n");
    // The clause itself is unchanged: another site folds it anew.
    assert_int_equal(clause->body->a->a->op, IR_ADD);
    arena_free(bench->arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sites_share_a_shape_with_slots_of_their_own),
        cmocka_unit_test(test_a_false_predicate_leaves_the_site_alone),
        cmocka_unit_test(test_arguments_become_registers_and_stack),
        cmocka_unit_test(test_a_run_time_key_needs_the_table),
        cmocka_unit_test(test_values_of_a_site_become_holes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
