// codegen_chance.h: clauses made by chance, as deep as folding would leave
// them.

#include "codegen_lab.h"

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
        expr->op = IR_VARIABLE;
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
        expr = node(world, IR_VARIABLE, IR_TYPE_INT);
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
    struct ir_clause *clause = new_clause(world);
    clause->checks_end = chance(world, 4) == 0;
    clause->exits = clause->checks_end && chance(world, 2);
    if (chance(world, 2))
        clause->predicate = some_int(world, some_type(world), 3);
    clause->body = some_body(world, 2);
    add_shape(world, clause);
}
