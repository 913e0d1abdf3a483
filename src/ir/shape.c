// shape.c: a folded clause as bytes, equal exactly when the code is.
//
// Everything that code generation looks at is written, in a fixed order, with
// counts before lists so that no two trees share a form. Values of holes are
// left out: they are what may differ between sites of one shape.

#include "ir/fold.h"

static void write_expr(struct bytes *out, const struct ir_expr *expr) {
    bytes_u8(out, expr ? 1 : 0);
    if (!expr)
        return;
    bytes_u8(out, expr->op);
    bytes_u8(out, expr->reg);
    bytes_u8(out, expr->type.kind);
    bytes_u8(out, expr->type.bits);
    bytes_u8(out, expr->type.is_signed);
    bytes_uleb(out, expr->value);
    bytes_uleb(out, expr->text.n);
    bytes_add(out, expr->text.p, expr->text.n);
    bytes_u64(out, (uint64_t)(uintptr_t)expr->variable);
    bytes_u64(out, (uint64_t)(uintptr_t)expr->callee);
    write_expr(out, expr->a);
    write_expr(out, expr->b);
    write_expr(out, expr->c);
    bytes_uleb(out, expr->arg_count);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        write_expr(out, expr->args[i]);
}

static void write_aggregation(struct bytes *out, const struct ir_stmt *stmt) {
    bytes_uleb(out, stmt->aggregation->index);
    bytes_u8(out, stmt->is_slot);
    bytes_uleb(out, stmt->slot_hole);
    uint32_t keys = stmt->is_slot ? 0 : stmt->aggregation->key_count;
    for (uint32_t i = 0; i < keys; i++)
        write_expr(out, stmt->keys[i]);
}

static void write_body(struct bytes *out, const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        bytes_u8(out, (uint8_t)(stmt->op + 1));
        write_expr(out, stmt->a);
        write_body(out, stmt->then_);
        write_body(out, stmt->else_);
        if (stmt->op == IR_AGG)
            write_aggregation(out, stmt);
        bytes_u64(out, (uint64_t)(uintptr_t)stmt->runtime);
        bytes_u64(out, (uint64_t)(uintptr_t)stmt->segment);
        bytes_u64(out, (uint64_t)(uintptr_t)stmt->action);
        bytes_uleb(out, stmt->enabling_hole);
        bytes_uleb(out, stmt->arg_count);
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            write_expr(out, stmt->args[i]);
    }
    bytes_u8(out, 0);
}

void shape_write(struct bytes *out, const struct ir_clause *clause) {
    bytes_u8(out, clause->checks_end);
    bytes_u8(out, clause->checks_process);
    bytes_u8(out, clause->exits);
    bytes_u8(out, clause->opens);
    bytes_u8(out, clause->closes);
    if (ir_may_fail(clause))
        bytes_uleb(out, clause->index); // a fault names it
    write_expr(out, clause->predicate);
    write_body(out, clause->body);
    bytes_uleb(out, clause->hole_count);
    bytes_add(out, clause->hole_kinds, clause->hole_count);
}
