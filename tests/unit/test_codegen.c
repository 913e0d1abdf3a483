// test_codegen.c: generated code against the reference evaluator.
//
// Clauses are made by chance, compiled and cut as for an instrumented program,
// placed in executable memory with a region and holes of their own, and run
// with registers full of chance. The evaluator runs the same clauses over a
// region of its own; both must agree on every byte. Registers that a stencil
// is not said to clobber must come back as they were. Then all of it again
// with the lock prefixes off, as in a program of one thread.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "codegen/codegen.h"
#include "mctrace/aggs.h"
#include "mctrace/runtime.h"

#define SHAPES      60
#define RUNS        40
#define TEXT_ROOM   (1 << 20)
#define STACK_WORDS 16
#define VARIABLES   10

// --- running a stencil ---

struct machine {
    uint64_t regs[16]; // by number; rsp is not used
    uint64_t flags;
};

void run_code(struct machine *machine, const void *code);

// Loads all registers, calls, stores all registers.
__asm__("run_code:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "push %rdi; push %rsi\n"
        "mov %rdi, %r15\n"
        "push 128(%r15); popfq\n"
        "mov 0(%r15), %rax; mov 8(%r15), %rcx; mov 16(%r15), %rdx\n"
        "mov 24(%r15), %rbx; mov 40(%r15), %rbp; mov 48(%r15), %rsi\n"
        "mov 56(%r15), %rdi; mov 64(%r15), %r8; mov 72(%r15), %r9\n"
        "mov 80(%r15), %r10; mov 88(%r15), %r11; mov 96(%r15), %r12\n"
        "mov 104(%r15), %r13; mov 112(%r15), %r14; mov 120(%r15), %r15\n"
        "call *(%rsp)\n"
        "push %r15\n"
        "mov 16(%rsp), %r15\n"
        "mov %rax, 0(%r15); mov %rcx, 8(%r15); mov %rdx, 16(%r15)\n"
        "mov %rbx, 24(%r15); mov %rbp, 40(%r15); mov %rsi, 48(%r15)\n"
        "mov %rdi, 56(%r15); mov %r8, 64(%r15); mov %r9, 72(%r15)\n"
        "mov %r10, 80(%r15); mov %r11, 88(%r15); mov %r12, 96(%r15)\n"
        "mov %r13, 104(%r15); mov %r14, 112(%r15)\n"
        "pop %rax; mov %rax, 120(%r15)\n"
        "pushfq; pop %rax; mov %rax, 128(%r15)\n"
        "pop %rsi; pop %rdi\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "ret\n");

// --- a world for shapes ---

struct world {
    struct arena *arena;
    struct diag diag;
    const struct arch *arch;
    struct ir_script script;
    struct layout layout;
    struct ir_variable *variables[VARIABLES];
    const struct ir_clause *shapes[SHAPES];
    uint64_t holes[SHAPES][64];
    size_t shape_count;
    struct stencil_set set;
    uint8_t *memory; // code and constants, then the region
    size_t used;
    uint8_t *region, *shared, *rodata, *texts, *config, *nothing;
    void *entries[SHAPES];
    uint64_t seed;
    // While a clause is made:
    struct ir_clause *clause;
    size_t hole_room;
    uint64_t *hole_values;
};

static uint64_t chance(struct world *world, uint64_t below) {
    world->seed ^= world->seed << 13;
    world->seed ^= world->seed >> 7;
    world->seed ^= world->seed << 17;
    return world->seed % below;
}

// Numbers at the edges are as frequent as all others together.
static uint64_t some_number(struct world *world) {
    static const uint64_t edges[] = {0,
                                     1,
                                     2,
                                     7,
                                     63,
                                     64,
                                     127,
                                     128,
                                     255,
                                     INT32_MAX,
                                     UINT32_MAX,
                                     (uint64_t)-1,
                                     (uint64_t)-2,
                                     INT64_MAX,
                                     (uint64_t)1 << 63,
                                     (uint64_t)1 << 31};
    if (chance(world, 2))
        return edges[chance(world, COUNT_OF(edges))];
    chance(world, 1);
    return world->seed >> chance(world, 64);
}

static struct ir_type some_type(struct world *world) {
    static const uint8_t widths[] = {8, 16, 32, 64};
    return (struct ir_type){IR_INT, widths[chance(world, 4)],
                            chance(world, 2) != 0};
}

static struct ir_expr *node(struct world *world, enum ir_op op,
                            struct ir_type type) {
    return ir_expr_new(world->arena, op, type, (struct span){0});
}

static uint32_t new_hole(struct world *world, enum ir_hole_kind kind,
                         uint64_t value) {
    struct ir_clause *clause = world->clause;
    assert_true(clause->hole_count < 64);
    clause->hole_kinds[clause->hole_count] = (uint8_t)kind;
    world->hole_values[clause->hole_count] = value;
    return clause->hole_count++;
}

static struct ir_expr *some_int(struct world *world, struct ir_type type,
                                unsigned depth);

static struct ir_expr *some_text(struct world *world, unsigned depth) {
    static const char *const texts[] = {"", "a", "abc", "abd", "b\xff", "xyz"};
    struct str text = str_from(texts[chance(world, COUNT_OF(texts))]);
    uint64_t choice = chance(world, depth ? 4 : 3);
    struct ir_expr *expr = node(world, IR_TEXT, IR_TYPE_STRING);
    expr->text = text;
    if (choice == 1) {
        expr->op = IR_HOLE;
        expr->value =
            new_hole(world, HOLE_VALUE, layout_text(&world->layout, text));
    } else if (choice == 2) {
        expr->op = IR_GLOBAL;
        expr->variable = world->variables[chance(world, 2)];
    } else if (choice == 3) {
        expr->op = IR_COND;
        expr->a = some_int(world, IR_TYPE_INT, depth - 1);
        expr->b = some_text(world, depth - 1);
        expr->c = some_text(world, depth - 1);
    }
    return expr;
}

static struct ir_expr *some_leaf(struct world *world, struct ir_type type) {
    static const uint8_t inputs[] = {7, 6, 2, 1, 8, 9, 0, 10, 3};
    struct ir_expr *expr;
    switch (chance(world, 5)) {
    case 0:
        return ir_const(world->arena, type, some_number(world),
                        (struct span){0});
    case 1:
        expr = node(world, IR_REG, IR_TYPE_U64);
        expr->value = inputs[chance(world, COUNT_OF(inputs))];
        return ir_cast(world->arena, expr, type);
    case 2:
        expr = node(world, IR_WORD, IR_TYPE_U64);
        expr->reg = world->arch->abi.sp;
        expr->value = 8 * chance(world, STACK_WORDS);
        return ir_cast(world->arena, expr, type);
    case 3:
        expr = node(world, IR_GLOBAL, IR_TYPE_INT);
        expr->variable = world->variables[2 + chance(world, VARIABLES - 2)];
        expr->type = expr->variable->type;
        return ir_cast(world->arena, expr, type);
    default:
        if (world->clause->hole_count > 50)
            return ir_const(world->arena, type, 5, (struct span){0});
        expr = node(world, IR_HOLE, type);
        expr->value =
            new_hole(world, HOLE_VALUE, ir_wrap(some_number(world), type));
        return expr;
    }
}

static struct ir_expr *some_compare(struct world *world, unsigned depth) {
    static const enum ir_op ops[] = {IR_LT, IR_LE, IR_GT, IR_GE, IR_EQ, IR_NE};
    struct ir_expr *expr =
        node(world, ops[chance(world, COUNT_OF(ops))], IR_TYPE_INT);
    bool of_texts = chance(world, 4) == 0;
    struct ir_type type = some_type(world);
    expr->a = of_texts ? some_text(world, depth) : some_int(world, type, depth);
    expr->b = of_texts ? some_text(world, depth) : some_int(world, type, depth);
    return expr;
}

static struct ir_expr *some_assign(struct world *world, unsigned depth) {
    struct ir_variable *variable =
        world->variables[2 + chance(world, VARIABLES - 2)];
    struct ir_expr *expr = node(world, IR_ASSIGN, variable->type);
    expr->variable = variable;
    expr->a = some_int(world, variable->type, depth);
    return expr;
}

static struct ir_expr *some_call(struct world *world) {
    static const char *const names[] = {"pid", "tid", "ppid", "uid", "gid"};
    const struct builtin *callee =
        builtin_find(str_from(names[chance(world, COUNT_OF(names))]));
    struct ir_expr *expr = node(world, IR_CALL, callee->type);
    expr->callee = callee;
    return expr;
}

static struct ir_expr *some_pair(struct world *world, struct ir_type type,
                                 unsigned depth) {
    static const enum ir_op ops[] = {IR_ADD, IR_SUB, IR_MUL, IR_DIV, IR_MOD,
                                     IR_SHL, IR_SHR, IR_AND, IR_OR,  IR_XOR};
    struct ir_expr *expr = node(world, ops[chance(world, COUNT_OF(ops))], type);
    bool is_shift = expr->op == IR_SHL || expr->op == IR_SHR;
    expr->a = some_int(world, type, depth);
    expr->b = some_int(world, is_shift ? some_type(world) : type, depth);
    return expr;
}

static struct ir_expr *some_logic(struct world *world, unsigned depth) {
    static const enum ir_op ops[] = {IR_LAND, IR_LOR, IR_LXOR};
    struct ir_expr *expr = node(world, ops[chance(world, 3)], IR_TYPE_INT);
    expr->a = some_int(world, some_type(world), depth);
    expr->b = some_int(world, some_type(world), depth);
    return expr;
}

static struct ir_expr *some_int(struct world *world, struct ir_type type,
                                unsigned depth) {
    if (depth == 0)
        return some_leaf(world, type);
    struct arena *arena = world->arena;
    struct ir_expr *expr;
    switch (chance(world, 10)) {
    case 0: return ir_cast(arena, some_compare(world, depth - 1), type);
    case 1: return ir_cast(arena, some_assign(world, depth - 1), type);
    case 2: return ir_cast(arena, some_call(world), type);
    case 3: return ir_cast(arena, some_logic(world, depth - 1), type);
    case 4:
        expr = node(world, chance(world, 2) ? IR_COND : IR_COMMA, type);
        expr->a = some_int(world, some_type(world), depth - 1);
        expr->b = some_int(world, type, depth - 1);
        if (expr->op == IR_COND)
            expr->c = some_int(world, type, depth - 1);
        return expr;
    case 5:
        expr = node(world, chance(world, 2) ? IR_NEGATE : IR_COMPLEMENT, type);
        expr->a = some_int(world, type, depth - 1);
        return expr;
    case 6:
        expr = node(world, IR_NOT, IR_TYPE_INT);
        expr->a = some_int(world, some_type(world), depth - 1);
        return ir_cast(arena, expr, type);
    default: return some_pair(world, type, depth - 1);
    }
}

static struct ir_stmt *some_body(struct world *world, unsigned depth);

static struct ir_stmt *some_aggregation(struct world *world) {
    struct ir_stmt *stmt = ARENA_NEW(world->arena, struct ir_stmt);
    stmt->op = IR_AGG;
    stmt->aggregation =
        world->script
            .aggregations[chance(world, world->script.aggregation_count)];
    const struct ir_aggregation *aggregation = stmt->aggregation;
    const struct agg_function *function = aggregation->function;
    stmt->args = ARENA_ARRAY(world->arena, struct ir_expr *, 2);
    if (function->id != MCT_AGG_count)
        stmt->args[stmt->arg_count++] =
            some_int(world, some_type(world), chance(world, 3));
    if (function->cells[0] == '*' && chance(world, 2))
        stmt->args[stmt->arg_count++] = some_int(world, some_type(world), 1);
    stmt->is_slot = !aggregation->has_table;
    if (stmt->is_slot) {
        stmt->slot_hole = new_hole(world, HOLE_SLOT, aggregation->slots[0].off);
        return stmt;
    }
    stmt->keys =
        ARENA_ARRAY(world->arena, struct ir_expr *, aggregation->key_count);
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        // Few different keys, so that elements are met again.
        struct ir_expr *key = node(world, IR_AND, IR_TYPE_U64);
        key->a = some_int(world, IR_TYPE_U64, 1);
        key->b = ir_const(world->arena, IR_TYPE_U64, 3, (struct span){0});
        stmt->keys[i] = key;
    }
    return stmt;
}

static struct ir_stmt *some_stmt(struct world *world, unsigned depth) {
    struct ir_stmt *stmt = ARENA_NEW(world->arena, struct ir_stmt);
    switch (chance(world, 8)) {
    case 0:
        if (depth == 0)
            break;
        stmt->op = IR_IF;
        stmt->a = some_int(world, some_type(world), 2);
        stmt->then_ = some_body(world, depth - 1);
        stmt->else_ = chance(world, 2) ? some_body(world, depth - 1) : NULL;
        return stmt;
    case 1:
    case 2:
    case 3: return some_aggregation(world);
    case 4:
        stmt->op = IR_DO;
        stmt->a = node(world, IR_ASSIGN, IR_TYPE_STRING);
        stmt->a->variable = world->variables[chance(world, 2)];
        stmt->a->a = some_text(world, 2);
        return stmt;
    case 5:
        if (!world->clause->exits)
            break;
        stmt->op = IR_EXIT;
        stmt->a = some_int(world, IR_TYPE_INT, 1);
        return stmt;
    default: break;
    }
    stmt->op = IR_DO;
    stmt->a = some_assign(world, 4);
    return stmt;
}

static struct ir_stmt *some_body(struct world *world, unsigned depth) {
    struct ir_stmt *first = NULL, **end = &first;
    for (uint64_t i = 1 + chance(world, 4); i > 0; i--) {
        *end = some_stmt(world, depth);
        end = &(*end)->next;
    }
    return first;
}

static void make_shape(struct world *world) {
    struct ir_clause *clause = ARENA_NEW(world->arena, struct ir_clause);
    world->clause = clause;
    world->hole_values = world->holes[world->shape_count];
    clause->hole_kinds = ARENA_ARRAY(world->arena, uint8_t, 64);
    clause->checks_end = chance(world, 4) == 0;
    clause->exits = clause->checks_end && chance(world, 2);
    if (chance(world, 2))
        clause->predicate = some_int(world, some_type(world), 3);
    clause->body = some_body(world, 2);
    ir_check(clause);
    world->shapes[world->shape_count++] = clause;
}

// --- making it executable ---

static uint8_t *put(struct world *world, const void *bytes, size_t len) {
    world->used = (world->used + 15) / 16 * 16;
    uint8_t *at = world->memory + world->used;
    assert_true(world->used + len < TEXT_ROOM);
    memcpy(at, bytes, len);
    world->used += len;
    return at;
}

static uint64_t target(struct world *world, const struct patch_point *point,
                       const uint64_t *holes, const uint8_t *next) {
    switch ((enum target_kind)point->kind) {
    case TARGET_NEXT: return (uint64_t)next;
    case TARGET_REGION: return (uint64_t)world->region;
    case TARGET_SLOT: return (uint64_t)(world->region + holes[point->index]);
    case TARGET_VALUE: return (uint64_t)put(world, &holes[point->index], 8);
    case TARGET_TEXTS: return (uint64_t)world->texts;
    case TARGET_SHARED: return (uint64_t)(world->shared + point->index);
    case TARGET_RODATA: return (uint64_t)(world->rodata + point->index);
    case TARGET_EXTERN: break;
    }
    struct str name = world->set.externs[point->index];
    return (uint64_t)(str_equal(name, STR("mct_config")) ? world->config
                                                         : world->nothing);
}

static void fill_in(struct world *world, uint8_t *code,
                    const struct patch_point *points, size_t count,
                    const uint64_t *holes, const uint8_t *next) {
    for (size_t i = 0; i < count; i++) {
        uint8_t *field = code + points[i].off;
        uint64_t value =
            target(world, &points[i], holes, next) + (uint64_t)points[i].addend;
        if (points[i].reloc->pc_relative)
            value -= (uint64_t)field;
        assert_true((int64_t)value == (int32_t)value);
        store_uint(field, value, points[i].reloc->len, ORDER_LITTLE);
    }
}

static void place_all(struct world *world) {
    struct stencil_set *set = &world->set;
    struct mct_config config = {.vars_off = world->layout.vars_off};
    world->memory =
        mmap(NULL, TEXT_ROOM + world->layout.region_len, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(world->memory, MAP_FAILED);
    world->region = world->memory + TEXT_ROOM;
    world->nothing = put(world, "\xc3", 1); // ret
    world->config = put(world, &config, sizeof config);
    world->texts = put(world, world->layout.texts.p, world->layout.texts.n);
    world->shared = put(world, set->shared.p, set->shared.n);
    world->rodata = put(world, set->rodata.p, set->rodata.n);
    fill_in(world, world->shared, set->shared_points, set->shared_point_count,
            NULL, NULL);
    fill_in(world, world->rodata, set->rodata_points, set->rodata_point_count,
            NULL, NULL);
    for (size_t i = 0; i < world->shape_count; i++) {
        const struct stencil *stencil = &set->stencils[i];
        uint8_t *code = put(world, stencil->code.p, stencil->code.n);
        world->memory[world->used++] = 0xc3; // ret
        world->entries[i] = code;
        fill_in(world, code, stencil->points, stencil->point_count,
                world->holes[i], code + stencil->code.n);
    }
}

static void protect(struct world *world, int protection) {
    assert_int_equal(mprotect(world->memory, TEXT_ROOM, protection), 0);
}

static void add_aggregation(struct world *world, const char *name,
                            uint32_t key_count) {
    static const int64_t linear[] = {-5, 100, 7}, log_linear[] = {10, 0, 6, 20};
    struct ir_script *script = &world->script;
    struct ir_aggregation *aggregation =
        ARENA_NEW(world->arena, struct ir_aggregation);
    aggregation->name = STR("@");
    aggregation->function = agg_function_find(str_from(name));
    bool is_linear = aggregation->function->id == MCT_AGG_lquantize;
    aggregation->param_count = is_linear ? 3 : 4;
    memcpy(aggregation->params, is_linear ? linear : log_linear,
           aggregation->param_count * 8);
    aggregation->key_count = key_count;
    aggregation->cell_count =
        agg_cell_count(aggregation->function, aggregation->params);
    aggregation->index = (uint32_t)script->aggregation_count;
    aggregation->has_table = key_count != 0;
    script->aggregations[script->aggregation_count++] = aggregation;
}

static void set_up(struct world *world) {
    struct ir_script *script = &world->script;
    world->arena = arena_new();
    diag_init(&world->diag, stderr, "test");
    world->arch = arch_by_name(STR("x86_64"));
    script->strsize = 20;
    script->aggsize = 1 << 14;
    script->variables = world->variables;
    script->variable_count = VARIABLES;
    for (size_t i = 0; i < VARIABLES; i++) {
        struct ir_variable *variable =
            ARENA_NEW(world->arena, struct ir_variable);
        variable->name = STR("v");
        variable->type =
            i < 2 ? IR_TYPE_STRING
                  : (struct ir_type){IR_INT, (uint8_t)(8 << (i - 2) / 2),
                                     i % 2 != 0};
        world->variables[i] = variable;
    }
    script->aggregations =
        ARENA_ARRAY(world->arena, struct ir_aggregation *, 32);
    size_t first_table = 0;
    static const char *const names[] = {
#define AGG(name, id, least, most, cells) #name,
#include "mctrace/aggs.def"
#undef AGG
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        add_aggregation(world, names[i], 0);
    first_table = script->aggregation_count;
    add_aggregation(world, "count", 1);
    add_aggregation(world, "stddev", 2);
    add_aggregation(world, "min", 3);
    layout_begin(&world->layout, world->arena, script, world->arch);
    for (size_t i = 0; i < first_table; i++) {
        struct ir_aggregation *aggregation = script->aggregations[i];
        aggregation->slots = ARENA_NEW(world->arena, struct ir_agg_slot);
        aggregation->slots[0].off =
            world->layout.aggs_off + world->layout.aggs_len;
        world->layout.aggs_len += aggregation->cell_count * 8;
    }
    assert_true(layout_end(&world->layout, script, &world->diag));
}

static void compile(struct world *world) {
    static const char *const keep[] = {"mct_entry", "mct_init", "mct_arm"};
    struct codegen_input input = {.arch = world->arch,
                                  .shapes = world->shapes,
                                  .shape_count = world->shape_count,
                                  .keep = keep,
                                  .keep_count = COUNT_OF(keep),
                                  .layout = &world->layout,
                                  .arena = world->arena};
    input.save_ir = getenv("SAVE_IR");
    input.save_asm = getenv("SAVE_ASM");
    input.save_object = getenv("SAVE_OBJECT");
    struct object object;
    assert_true(backend_llvm.compile(&input, &object, &world->diag));
    assert_true(
        stencil_cut(world->arena, &object, &input, &world->set, &world->diag));
}

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
    size_t words = 1 + aggregation->key_count + aggregation->cell_count;
    size_t count = (size_t)1 << aggregation->table_log2;
    const uint64_t *entries = (const uint64_t *)(first + 1);
    const uint64_t *others = (const uint64_t *)(second + 1);
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
    if (world->set.stencils[shape].wants_sp)
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
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world world = {.seed = seed * 0x9e3779b97f4a7c15};
        set_up(&world);
        while (world.shape_count < SHAPES)
            make_shape(&world);
        compile(&world);
        place_all(&world);
        protect(&world, PROT_READ | PROT_EXEC);
        run_all(&world);
        protect(&world, PROT_READ | PROT_WRITE);
        take_locks_off(&world);
        protect(&world, PROT_READ | PROT_EXEC);
        run_all(&world);
        munmap(world.memory, TEXT_ROOM + world.layout.region_len);
        arena_free(world.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_evaluator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
