// inputs.c: which machine registers a shape wants as they are at its site.
//
// Asked twice: the back-end fetches them first thing in the code, and the
// cutter tells the rewriter, which must not have changed them by then.

#include "codegen/codegen.h"

struct walk {
    const struct arch *arch;
    regset inputs;
    bool wants_sp;
};

static void note_register(struct walk *walk, uint64_t number) {
    if (number == walk->arch->abi.sp)
        walk->wants_sp = true;
    else
        walk->inputs |= REG_BIT(number);
}

static void walk_expr(struct walk *walk, const struct ir_expr *expr) {
    if (!expr)
        return;
    if (expr->op == IR_REG)
        note_register(walk, expr->value);
    if (expr->op == IR_WORD)
        note_register(walk, expr->reg);
    walk_expr(walk, expr->a);
    walk_expr(walk, expr->b);
    walk_expr(walk, expr->c);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        walk_expr(walk, expr->args[i]);
}

static void walk_body(struct walk *walk, const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        walk_expr(walk, stmt->a);
        walk_body(walk, stmt->then_);
        walk_body(walk, stmt->else_);
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            walk_expr(walk, stmt->args[i]);
        uint32_t keys = stmt->op != IR_AGG || stmt->is_slot
                            ? 0
                            : stmt->aggregation->key_count;
        for (uint32_t i = 0; i < keys; i++)
            walk_expr(walk, stmt->keys[i]);
    }
}

regset shape_inputs(const struct ir_clause *shape, const struct arch *arch,
                    bool *wants_sp) {
    struct walk walk = {.arch = arch};
    walk_expr(&walk, shape->predicate);
    walk_body(&walk, shape->body);
    *wants_sp = walk.wants_sp;
    return walk.inputs;
}
