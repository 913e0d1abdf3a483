// lower_result.c: where memory has the result of a function that returns.
//
// Its caller said where at the call, in a register that most ABIs let the
// function lose. So that is kept meanwhile, in a thread-local array that no
// script can name, by where the stack pointer was at the entry. At the return
// that is the same, and no two calls under way have it in common.
//
//     pid$target:a.out:f:entry    self->.returned[frame] = x8
//     pid$target:a.out:f:return   the script's clauses read the element
//                                 self->.returned[frame] = 0
//
// The first and the last are clauses of MCTrace's own. A call that is left in
// another way, by longjmp() or an exception, leaves its element behind until
// the next one with that stack pointer.

#include "script/lower.h"

static struct ir_variable *returned_variable(struct script *script) {
    if (script->returned)
        return script->returned;
    struct ir_variable *variable = ARENA_NEW(script->arena, struct ir_variable);
    variable->name = STR(".returned");
    variable->type = IR_TYPE_U64;
    variable->storage = IR_SELF_VARIABLE;
    variable->key_types = ARENA_NEW(script->arena, struct ir_type);
    variable->key_types[variable->key_count++] = IR_TYPE_U64;
    *ARENA_PUSH(script->arena, script->out->variables,
                script->out->variable_count, script->variable_room) = variable;
    script->returned = variable;
    return variable;
}

// The element of the call at hand, to be read or assigned.
static struct ir_expr *element(struct script *script, enum ir_op op,
                               struct span span) {
    struct ir_expr *expr = ir_expr_new(script->arena, op, IR_TYPE_U64, span);
    expr->variable = returned_variable(script);
    expr->args = ARENA_NEW(script->arena, struct ir_expr *);
    expr->args[expr->arg_count++] =
        ir_expr_new(script->arena, IR_FRAME, IR_TYPE_U64, span);
    return expr;
}

struct ir_expr *lower_returned(struct lowering *lower, struct span span) {
    lower->wants_result = true;
    return element(lower->script, IR_VARIABLE, span);
}

void lower_keep_results(struct script *script,
                        const struct probe_clause *probes) {
    for (size_t i = 0; i < probes->desc_count; i++) {
        struct probe_desc desc = probes->descs[i];
        if (desc.id != 0 || !str_equal(desc.name, STR("return")))
            continue;
        for (size_t k = 0; k < COUNT_OF(script->kept); k++) {
            struct probe_clause *kept = &script->kept[k];
            desc.name = k == KEPT_AT_ENTRY ? STR("entry") : STR("return");
            *ARENA_PUSH(script->arena, kept->descs, kept->desc_count,
                        script->kept_room[k]) = desc;
        }
    }
}

// self->.returned[frame] = value
static struct ir_clause *keeping(struct script *script, struct ir_expr *value) {
    struct ir_clause *clause = ARENA_NEW(script->arena, struct ir_clause);
    clause->body = ARENA_NEW(script->arena, struct ir_stmt);
    clause->body->op = IR_DO;
    clause->body->a = element(script, IR_ASSIGN, value->span);
    clause->body->a->a = value;
    clause->checks_end = script->out->has_exit;
    return clause;
}

void lower_own_clauses(struct script *script) {
    struct ir_script *out = script->out;
    struct span none = {.source = NULL};
    if (script->kept[KEPT_AT_ENTRY].desc_count == 0)
        return;
    struct ir_expr *address =
        ir_expr_new(script->arena, IR_REG, IR_TYPE_U64, none);
    address->value = script->arch->abi.result_at;
    out->own_count = COUNT_OF(script->kept);
    out->own_clauses =
        ARENA_ARRAY(script->arena, struct ir_clause *, out->own_count);
    out->own_probes =
        ARENA_ARRAY(script->arena, struct probe_clause, out->own_count);
    out->own_clauses[KEPT_AT_ENTRY] = keeping(script, address);
    out->own_clauses[KEPT_AT_RETURN] =
        keeping(script, ir_const(script->arena, IR_TYPE_U64, 0, none));
    for (size_t i = 0; i < out->own_count; i++) {
        out->own_probes[i] = script->kept[i];
        out->own_probes[i].is_internal = true;
    }
}
