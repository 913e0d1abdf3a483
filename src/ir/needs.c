// needs.c: what a clause needs of the runtime beyond the region.
//
// A clause that only counts needs nothing and so costs nothing. A firing is
// for those that have variables of their thread or their firing, memory for
// texts, a record to fill, or a way to fail.

#include "ir/ir.h"

struct needs {
    bool firing, thread, fails, scratch;
    bool arguments; // it reads what the probe passes
};

bool ir_is_safe_divisor(const struct ir_expr *expr) {
    return expr->op == IR_CONST && expr->value != 0;
}

// --- additions ---

static bool touches(const struct ir_expr *expr,
                    const struct ir_variable *variable) {
    if (!expr)
        return false;
    for (uint32_t i = 0; i < expr->arg_count; i++)
        if (touches(expr->args[i], variable))
            return true;
    return expr->op == IR_STORE || expr->op == IR_COPY ||
           expr->variable == variable || touches(expr->a, variable) ||
           touches(expr->b, variable) || touches(expr->c, variable);
}

// Through conversions that lose nothing of `bits`.
static const struct ir_expr *unconverted(const struct ir_expr *expr,
                                         unsigned bits) {
    while (expr->op == IR_CAST && expr->type.kind == IR_INT &&
           expr->type.bits >= bits && expr->a->type.kind == IR_INT)
        expr = expr->a;
    return expr;
}

const struct ir_expr *ir_addition(const struct ir_expr *assign,
                                  bool *takes_away) {
    const struct ir_variable *variable = assign->variable;
    if (assign->op != IR_ASSIGN || variable->key_count > 0 ||
        variable->storage != IR_GLOBAL_VARIABLE ||
        variable->type.kind != IR_INT)
        return NULL;
    unsigned bits = variable->type.bits;
    const struct ir_expr *sum = unconverted(assign->a, bits);
    *takes_away = sum->op == IR_SUB;
    if ((sum->op != IR_ADD && sum->op != IR_SUB) || sum->type.bits < bits)
        return NULL;
    for (int second = 0; second < (*takes_away ? 1 : 2); second++) {
        const struct ir_expr *own = unconverted(second ? sum->b : sum->a, bits);
        const struct ir_expr *other = second ? sum->a : sum->b;
        if (own->op == IR_VARIABLE && own->variable == variable &&
            !touches(other, variable))
            return other;
    }
    return NULL;
}

// --- needs ---

// Elements of arrays are found without either, but long keys are put together
// in memory of the firing.
static void need_of_variable(struct needs *needs,
                             const struct ir_variable *variable) {
    needs->thread |= variable->storage == IR_SELF_VARIABLE;
    needs->firing |= variable->storage == IR_THIS_VARIABLE;
    for (uint32_t i = 0; i < variable->key_count; i++)
        needs->firing |= variable->key_types[i].kind == IR_STRING;
    needs->scratch |= needs->firing && variable->key_count > 0;
}

static void need_of_expr(struct needs *needs, const struct ir_expr *expr) {
    if (!expr)
        return;
    switch ((enum ir_op)expr->op) {
    case IR_ARG: needs->arguments = true; break;
    case IR_DIV:
    case IR_MOD: needs->fails |= !ir_is_safe_divisor(expr->b); break;
    case IR_CALL:
        if (expr->callee->is_function || expr->type.kind == IR_STRING)
            needs->firing = needs->fails = needs->scratch = true;
        break;
    case IR_LOAD:
        if (expr->reg == IR_SPACE_PROGRAM)
            needs->firing = needs->fails = true;
        break;
    case IR_STORE:
    case IR_COPY: needs->firing = needs->fails = true; break;
    case IR_TEXT_AT:
        needs->firing = needs->fails = needs->scratch = true;
        break;
    case IR_ASSIGN:
        if (expr->type.kind == IR_BLOCK)
            needs->firing = needs->fails = true;
        break;
    case IR_BOUND:
    case IR_PRESENT: needs->fails = true; break;
    case IR_TOLD_ARG: needs->thread = true; break;
    default: break;
    }
    if (expr->variable)
        need_of_variable(needs, expr->variable);
    need_of_expr(needs, expr->a);
    need_of_expr(needs, expr->b);
    need_of_expr(needs, expr->c);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        need_of_expr(needs, expr->args[i]);
}

static void need_of_keys(struct needs *needs, const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    uint32_t count = stmt->keys ? aggregation->key_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        need_of_expr(needs, stmt->keys[i]);
        // A column that is a text here may be a string elsewhere.
        if (aggregation->key_types[i].kind == IR_STRING ||
            aggregation->key_forms[i].kind == IR_KEY_STACK)
            needs->firing = needs->scratch = true;
    }
}

// A record of integers is filled in its place, and cannot fail by itself.
static bool is_plain(const struct ir_segment *segment) {
    for (uint32_t i = 0; i < segment->action_count; i++) {
        const struct ir_action *action = &segment->actions[i];
        if (action->kind == IR_ACTION_SPECULATE ||
            action->kind == IR_ACTION_COMMIT ||
            action->kind == IR_ACTION_DISCARD || action->aggregation_count > 0)
            return false;
        for (uint32_t k = 0; k < action->field_count; k++)
            if (action->fields[k].kind != IR_FIELD_INT &&
                action->fields[k].kind != IR_FIELD_KNOWN)
                return false;
    }
    return true;
}

// Of the statement itself, whatever others it holds.
static void need_of_stmt(struct needs *needs, const struct ir_stmt *stmt) {
    if (stmt->op == IR_SEGMENT)
        needs->thread = true;
    if (stmt->op == IR_SEGMENT && !is_plain(stmt->segment))
        needs->firing = needs->fails = true;
    need_of_expr(needs, stmt->a);
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        need_of_expr(needs, stmt->args[i]);
    if (stmt->op == IR_AGG)
        need_of_keys(needs, stmt);
}

static void need_of_body(struct needs *needs, const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        need_of_stmt(needs, stmt);
        need_of_body(needs, stmt->then_);
        need_of_body(needs, stmt->else_);
    }
}

static struct needs needs_of(const struct ir_clause *clause) {
    struct needs needs = {0};
    need_of_expr(&needs, clause->predicate);
    need_of_body(&needs, clause->body);
    // A record that was begun is taken back through the firing.
    needs.firing |= needs.thread && needs.fails;
    return needs;
}

bool ir_wants_firing(const struct ir_clause *clause) {
    return needs_of(clause).firing;
}

bool ir_wants_thread(const struct ir_clause *clause) {
    return needs_of(clause).thread;
}

bool ir_may_fail(const struct ir_clause *clause) {
    return needs_of(clause).fails;
}

bool ir_reads_arguments(const struct ir_clause *clause) {
    return needs_of(clause).arguments;
}

bool ir_takes_scratch(const struct ir_stmt *stmt) {
    struct needs needs = {0};
    need_of_stmt(&needs, stmt);
    return needs.scratch;
}
