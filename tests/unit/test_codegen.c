// test_codegen.c: generated code against the reference evaluator.
//
// Clauses are made by chance, compiled and cut as for an instrumented program,
// placed in executable memory with a region and holes of their own, and run
// with registers full of chance. The evaluator runs the same clauses over a
// region of its own; both must agree on every byte. Registers that a stencil
// is not said to clobber must come back as they were. Then all of it again
// with the lock prefixes off, as in a program of one thread.

#include "codegen_chance.h"

#include <unistd.h>

#define RUNS 40

// --- the two against each other ---

struct inputs {
    struct machine machine;
    uint64_t stack[STACK_WORDS];
};

static uint64_t eval_reg(void *state, uint8_t reg) {
    return ((struct inputs *)state)->machine.regs[reg];
}

static uint64_t eval_word(void *state, uint8_t base, int64_t off) {
    (void)base;
    return ((struct inputs *)state)->stack[off / 8];
}

static uint64_t eval_call(void *state, const struct builtin *callee,
                          const uint64_t *args) {
    (void)state, (void)args;
    switch (callee->name[0] == 'p' ? callee->name[1] : callee->name[0]) {
    case 'i': return (uint64_t)getpid();
    case 'p': return (uint64_t)getppid();
    case 't': return (uint64_t)gettid();
    case 'u': return getuid();
    default: return getgid();
    }
}

static bool same_element(const uint64_t *a, const uint64_t *b, size_t words) {
    return memcmp(a + 1, b + 1, (words - 1) * 8) == 0;
}

// Every element of one table is in the other, wherever.
static void compare_tables(const uint8_t *a, const uint8_t *b,
                           const struct ir_aggregation *aggregation) {
    const struct mct_table *first = (const void *)(a + aggregation->table_off);
    const struct mct_table *second = (const void *)(b + aggregation->table_off);
    assert_int_equal(first->used, second->used);
    size_t words =
        MCT_ENTRY_WORDS(aggregation->key_count, aggregation->cell_count);
    size_t count = first->used;
    uint64_t off = MCT_TABLE_ENTRIES_OFF(aggregation->table_log2);
    const uint64_t *entries =
        (const uint64_t *)(a + aggregation->table_off + off);
    const uint64_t *others =
        (const uint64_t *)(b + aggregation->table_off + off);
    for (size_t i = 0; i < count; i++) {
        if (!(entries[i * words] & MCT_ENTRY_FULL))
            continue;
        size_t found = 0;
        for (size_t k = 0; k < count; k++)
            if (others[k * words] & MCT_ENTRY_FULL)
                found += same_element(entries + i * words, others + k * words,
                                      words);
        assert_int_equal(found, 1);
    }
}

static void compare_regions(struct world *world, const uint8_t *model,
                            bool faulted) {
    const struct ir_script *script = &world->script;
    for (size_t i = 0; i < VARIABLES; i++) {
        const struct ir_variable *variable = world->variables[i];
        const char *a = (const char *)world->region + variable->off;
        const char *b = (const char *)model + variable->off;
        if (variable->type.kind == IR_STRING)
            assert_int_equal(strncmp(a, b, variable->size), 0);
        else
            assert_memory_equal(a, b, variable->size);
    }
    for (size_t i = 0; i < script->aggregation_count; i++) {
        const struct ir_aggregation *aggregation = script->aggregations[i];
        if (aggregation->has_table)
            compare_tables(world->region, model, aggregation);
        else
            assert_memory_equal(world->region + aggregation->slots[0].off,
                                model + aggregation->slots[0].off,
                                aggregation->cell_count * 8);
    }
    const struct mct_region *a = (const void *)world->region;
    const struct mct_region *b = (const void *)model;
    assert_int_equal(a->faults, b->faults);
    assert_int_equal(a->lost, b->lost);
    if (!faulted) {
        assert_int_equal(a->exit_status, b->exit_status);
        assert_int_equal(a->state >= MCT_STATE_ENDING,
                         b->state >= MCT_STATE_ENDING);
    }
}

static void check_registers(struct world *world, size_t shape,
                            const struct machine *before,
                            const struct machine *after) {
    const struct stencil *stencil = &world->set.stencils[shape];
    for (unsigned reg = 0; reg < 16; reg++)
        if (!(stencil->clobbers & REG_BIT(reg)) && reg != world->arch->abi.sp)
            assert_int_equal(before->regs[reg], after->regs[reg]);
    if (!(stencil->clobbers & REG_BIT(world->arch->abi.flags)))
        assert_int_equal(before->flags & 0x8d5, after->flags & 0x8d5);
}

static void run_shape(struct world *world, size_t shape, uint8_t *model) {
    struct inputs inputs;
    for (size_t i = 0; i < 16; i++)
        inputs.machine.regs[i] = some_number(world);
    for (size_t i = 0; i < STACK_WORDS; i++)
        inputs.stack[i] = some_number(world);
    inputs.machine.flags = 0x202 | (chance(world, 2) ? 0x8d5 : 0);
    if (world->set.stencils[shape].given.sp != REG_NONE)
        inputs.machine.regs[world->arch->abi.scratch] = (uint64_t)inputs.stack;
    // Sometimes tracing is over.
    struct mct_region *header = (struct mct_region *)world->region;
    header->state = chance(world, 8) ? MCT_STATE_RUNNING : MCT_STATE_ENDED;
    ((struct mct_region *)model)->state = header->state;
    struct machine after = inputs.machine;
    run_code(&after, world->entries[shape]);
    struct eval_input eval = {.reg = eval_reg,
                              .word = eval_word,
                              .call = eval_call,
                              .state = &inputs,
                              .region = model,
                              .order = ORDER_LITTLE,
                              .holes = world->holes[shape],
                              .texts = (const char *)world->texts};
    bool fine = eval_clause(world->shapes[shape], &eval);
    compare_regions(world, model, !fine);
    check_registers(world, shape, &inputs.machine, &after);
}

static void run_all(struct world *world) {
    uint8_t *model = calloc(1, world->layout.region_len);
    memset(world->region, 0, world->layout.region_len);
    for (size_t shape = 0; shape < world->shape_count; shape++)
        for (size_t run = 0; run < RUNS; run++)
            run_shape(world, shape, model);
    free(model);
}

static void take_locks_off(struct world *world) {
    for (size_t i = 0; i < world->shape_count; i++) {
        const struct stencil *stencil = &world->set.stencils[i];
        for (uint32_t k = 0; k < stencil->lock_count; k++) {
            uint8_t *lock = (uint8_t *)world->entries[i] + stencil->locks[k];
            assert_int_equal(*lock, world->arch->locked_byte);
            *lock = world->arch->unlocked_byte;
        }
    }
}

static void test_against_evaluator(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world world = {.backend = *state,
                              .seed = seed * 0x9e3779b97f4a7c15};
        set_up(&world);
        while (world.shape_count < SHAPES)
            make_shape(&world);
        compile(&world);
        place_all(&world);
        run_all(&world);
        protect(&world, PROT_READ | PROT_WRITE);
        take_locks_off(&world);
        protect(&world, PROT_READ | PROT_EXEC);
        run_all(&world);
        tear_down(&world);
    }
}

// --- made on purpose ---

static struct ir_stmt *statement(struct world *world, struct ir_clause *clause,
                                 enum ir_stmt_op op, struct ir_expr *a) {
    struct ir_stmt **end = &clause->body;
    while (*end)
        end = &(*end)->next;
    *end = ARENA_NEW(world->arena, struct ir_stmt);
    (*end)->op = (uint8_t)op;
    (*end)->a = a;
    return *end;
}

static struct ir_expr *call(struct world *world, const char *name) {
    const struct builtin *callee = builtin_find(str_from(name));
    struct ir_expr *expr = node(world, IR_CALL, callee->type);
    expr->callee = callee;
    return expr;
}

static struct ir_expr *assign(struct world *world, unsigned variable,
                              struct ir_expr *value) {
    struct ir_expr *expr =
        node(world, IR_ASSIGN, world->variables[variable]->type);
    expr->variable = world->variables[variable];
    expr->a = value;
    return expr;
}

static struct ir_expr *text(struct world *world, const char *value) {
    struct ir_expr *expr = node(world, IR_TEXT, IR_TYPE_STRING);
    expr->text = str_from(value);
    return expr;
}

static const void *variable_at(const struct world *world, unsigned variable) {
    return world->region + world->variables[variable]->off;
}

static void add_update(struct world *world, struct ir_clause *clause,
                       uint32_t id) {
    struct ir_stmt *stmt = statement(world, clause, IR_AGG, NULL);
    stmt->aggregation = world->script.aggregations[id];
    stmt->is_slot = true;
    stmt->slot_hole =
        new_hole(world, HOLE_SLOT, stmt->aggregation->slots[0].off);
}

// A counter costs what one in the source would.
static void test_counter(void **state) {
    struct world world = {.backend = *state};
    set_up(&world);
    struct ir_clause *clause = new_clause(&world);
    add_update(&world, clause, MCT_AGG_count);
    add_shape(&world, clause);
    compile(&world);
    const struct stencil *stencil = &world.set.stencils[0];
    static const uint8_t code[] = {0xf0, 0x48, 0xff, 0x05, 0, 0, 0, 0};
    // lock incq slot(%rip); gcc adds 1.
    if (world.backend == &backend_llvm) {
        assert_int_equal(stencil->code.n, sizeof code);
        assert_memory_equal(stencil->code.p, code, sizeof code);
    }
    assert_int_equal(stencil->insn_count, 1);
    assert_int_equal(stencil->point_count, 1);
    assert_int_equal(stencil->points[0].kind, TARGET_SLOT);
    assert_int_equal(stencil->points[0].off, 4);
    assert_int_equal(stencil->lock_count, 1);
    assert_int_equal(stencil->locks[0], 0);
    assert_int_equal(stencil->clobbers, REG_BIT(world.arch->abi.flags));
    assert_int_equal(stencil->inputs, 0);
    assert_int_equal(stencil->stack_len, 0);
    assert_int_equal(stencil->given.sp, REG_NONE);
    tear_down(&world);
}

// A call goes below sp, and sp is where the rows say.
static void test_stack(void **state) {
    struct world world = {.backend = *state};
    set_up(&world);
    struct ir_clause *clause = new_clause(&world);
    struct ir_stmt *stmt = statement(&world, clause, IR_AGG, NULL);
    stmt->aggregation =
        world.script.aggregations[world.script.aggregation_count - 1];
    uint32_t count = stmt->aggregation->key_count;
    stmt->keys = ARENA_ARRAY(world.arena, struct ir_expr *, count);
    for (uint32_t i = 0; i < count; i++) {
        stmt->keys[i] = node(&world, IR_WORD, IR_TYPE_U64);
        stmt->keys[i]->reg = world.arch->abi.sp;
        stmt->keys[i]->value = 8 * (uint64_t)i;
    }
    stmt->args = stmt->keys;
    stmt->arg_count = 1;
    add_shape(&world, clause);
    compile(&world);
    const struct stencil *stencil = &world.set.stencils[0];
    assert_int_equal(stencil->given.sp, world.arch->abi.scratch);
    assert_int_equal(stencil->inputs, 0);
    assert_true(stencil->stack_len >= 8 * (count + 1));
    assert_true(stencil->stack_row_count >= 1);
    uint32_t deepest = 0;
    for (size_t i = 0; i < stencil->stack_row_count; i++) {
        assert_true(stencil->stack_rows[i].off <= stencil->code.n);
        if (stencil->stack_rows[i].below > deepest)
            deepest = stencil->stack_rows[i].below;
    }
    assert_int_equal(deepest + 8, stencil->stack_len);
    tear_down(&world);
}

static void run_one(struct world *world) {
    compile(world);
    place_all(world);
    struct machine machine = {.flags = 0x202};
    run_code(&machine, world->entries[0]);
}

// Built-in variables are read once in a clause.
static void test_readings(void **state) {
    struct world world = {.backend = *state};
    set_up(&world);
    struct ir_clause *clause = new_clause(&world);
    struct ir_expr *difference = node(&world, IR_SUB, IR_TYPE_U64);
    difference->a = call(&world, "timestamp");
    difference->b = call(&world, "timestamp");
    statement(&world, clause, IR_DO, assign(&world, 8, difference));
    statement(&world, clause, IR_DO,
              assign(&world, 9,
                     ir_cast(world.arena, call(&world, "timestamp"),
                             world.variables[9]->type)));
    statement(&world, clause, IR_DO,
              assign(&world, 0, call(&world, "execname")));
    add_shape(&world, clause);
    run_one(&world);
    assert_int_equal(*(const uint64_t *)variable_at(&world, 8), 0);
    assert_true(*(const uint64_t *)variable_at(&world, 9) != 0);
    assert_string_equal(variable_at(&world, 0), "test_codegen");
    tear_down(&world);
}

static void check_copyint32(const struct backend *backend, const void *address,
                            bool fine) {
    struct world world = {.backend = backend};
    set_up(&world);
    struct ir_clause *clause = new_clause(&world);
    struct ir_expr *copy = call(&world, "copyint32");
    copy->args = ARENA_ARRAY(world.arena, struct ir_expr *, 1);
    copy->arg_count = 1;
    copy->args[0] = ir_const(world.arena, IR_TYPE_I64,
                             (uint64_t)(uintptr_t)address, (struct span){0});
    statement(&world, clause, IR_DO, assign(&world, 7, copy));
    add_update(&world, clause, MCT_AGG_count);
    add_shape(&world, clause);
    run_one(&world);
    const struct mct_region *header = (const void *)world.region;
    const uint64_t *cells =
        (const void *)(world.region +
                       world.script.aggregations[MCT_AGG_count]->slots[0].off);
    assert_int_equal(header->faults, !fine);
    assert_int_equal(cells[0], fine); // a fault ends the clause
    assert_int_equal(*(const int32_t *)variable_at(&world, 7), fine ? -5 : 0);
    tear_down(&world);
}

static void test_copyint32(void **state) {
    int32_t value = -5;
    check_copyint32(*state, &value, true);
    check_copyint32(*state, NULL, false);
}

// Strings are cut at strsize, and compared no further.
static void test_strings(void **state) {
    struct world world = {.backend = *state};
    set_up(&world);
    static const char longer[] = "0123456789012345678901234567890";
    struct ir_clause *clause = new_clause(&world);
    statement(&world, clause, IR_DO, assign(&world, 0, text(&world, longer)));
    struct ir_expr *same = node(&world, IR_EQ, IR_TYPE_INT);
    same->a = node(&world, IR_VARIABLE, IR_TYPE_STRING);
    same->a->variable = world.variables[0];
    same->b = text(&world, longer);
    statement(&world, clause, IR_DO, assign(&world, 7, same));
    add_shape(&world, clause);
    run_one(&world);
    assert_memory_equal(variable_at(&world, 0), "01234567890123456789\0", 21);
    assert_int_equal(*(const int32_t *)variable_at(&world, 7), 1);
    tear_down(&world);
}

// What an optimiser would like to make a table of stays code.
static void test_constants(void **state) {
    static const int64_t values[] = {11, 700, -5, 123456789, 6, 42, 1, 99};
    struct world world = {.backend = *state};
    set_up(&world);
    struct ir_clause *clause = new_clause(&world);
    struct ir_expr *choice =
        ir_const(world.arena, IR_TYPE_I64, 1000, (struct span){0});
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct ir_expr *is = node(&world, IR_EQ, IR_TYPE_INT);
        is->a = node(&world, IR_REG, IR_TYPE_U64);
        is->a->value = 7;
        is->b = ir_const(world.arena, IR_TYPE_U64, i, (struct span){0});
        struct ir_expr *next = node(&world, IR_COND, IR_TYPE_I64);
        next->a = is;
        next->b = ir_const(world.arena, IR_TYPE_I64, (uint64_t)values[i],
                           (struct span){0});
        next->c = choice;
        choice = next;
    }
    statement(&world, clause, IR_DO, assign(&world, 9, choice));
    add_shape(&world, clause);
    compile(&world);
    place_all(&world);
    uint32_t count = world.set.stencils[0].point_count;
    // A C compiler may; the table is then found as other constants are.
    for (uint32_t i = 0; i < count && world.backend != &backend_c; i++)
        assert_int_not_equal(world.set.stencils[0].points[i].kind,
                             TARGET_RODATA);
    for (size_t i = 0; i <= COUNT_OF(values); i++) {
        struct machine machine = {.flags = 0x202};
        machine.regs[7] = i;
        run_code(&machine, world.entries[0]);
        assert_int_equal(*(const int64_t *)variable_at(&world, 9),
                         i < COUNT_OF(values) ? values[i] : 1000);
    }
    tear_down(&world);
}

// --- refused ---

static void add_odd_key(struct world *world, struct ir_clause *clause) {
    struct ir_stmt *stmt = statement(world, clause, IR_AGG, NULL);
    stmt->aggregation = world->script.aggregations[9];
    stmt->keys = ARENA_ARRAY(world->arena, struct ir_expr *, 1);
    stmt->keys[0] = call(world, "execname");
}

static void add_odd_function(struct world *world, struct ir_clause *clause) {
    statement(world, clause, IR_INTERNAL, NULL)->runtime = "mct_nowhere";
}

static void add_counter(struct world *world, struct ir_clause *clause) {
    add_update(world, clause, MCT_AGG_count);
}

static void check_refused(void (*add)(struct world *, struct ir_clause *),
                          const struct arch *arch, const char *keep,
                          enum tag tag) {
    struct world world = {0};
    set_up(&world);
    world.diag.quiet = true;
    struct ir_clause *clause = new_clause(&world);
    add(&world, clause);
    add_shape(&world, clause);
    if (arch)
        world.arch = arch;
    struct codegen_input input = make_input(&world);
    input.keep = &keep;
    input.keep_count = keep != NULL;
    struct object object;
    assert_false(
        backend_llvm.compile(&input, &object, &world.diag) &&
        stencil_cut(world.arena, &object, &input, &world.set, &world.diag));
    assert_int_equal(world.diag.errors, 1);
    assert_int_equal(world.diag.last, tag);
    tear_down(&world);
}

static void test_refused(void **state) {
    (void)state;
    check_refused(add_odd_key, NULL, NULL, D_KEY_TYPE);
    check_refused(add_odd_function, NULL, NULL, R_UNDEFINED);
    check_refused(add_counter, NULL, "mct_nowhere", R_UNDEFINED);
    static const struct reloc_row none[1];
    struct arch other = *arch_by_name(STR("x86_64"));
    other.relocs = none;
    check_refused(add_counter, &other, NULL, R_RELOCATION);
    other = *arch_by_name(STR("x86_64"));
    other.name = "pdp11";
    check_refused(add_counter, &other, NULL, R_CODEGEN);
    other = *arch_by_name(STR("x86_64"));
    other.triple = "pdp11-unknown-unix";
    check_refused(add_counter, &other, NULL, R_CODEGEN);
}

// Each once a back-end; the state of a test is its back-end.
#define WITH(test, name, backend)                                              \
    {name, test, NULL, NULL, (void *)(uintptr_t)&(backend)}
#define WITH_BOTH(test)                                                        \
    WITH(test, #test, backend_llvm), WITH(test, #test "_through_c", backend_c)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_BOTH(test_against_evaluator),
        WITH_BOTH(test_counter),
        WITH_BOTH(test_stack),
        WITH_BOTH(test_readings),
        WITH_BOTH(test_copyint32),
        WITH_BOTH(test_strings),
        WITH_BOTH(test_constants),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
