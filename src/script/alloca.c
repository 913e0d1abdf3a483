// alloca.c: which pointers lead into memory of alloca().
//
// Only such memory may be written by bcopy() and copyinto(), and a variable
// holds either such pointers or others, never both, so that it is known at
// compile time what an access through it has to look at.

#include "script/script.h"

bool node_is_alloca(const struct node *node) {
    switch (node->kind) {
    case NODE_CALL:
        return node->builtin && node->builtin->result == BUILTIN_ALLOCA;
    case NODE_NAME:
    case NODE_SELF:
    case NODE_THIS: return node->symbol && node->symbol->is_alloca;
    case NODE_CAST:
    case NODE_STEP:
    case NODE_UNARY: return node_is_alloca(node->a);
    case NODE_BINARY:
        return (node->op == TOKEN_ADD || node->op == TOKEN_SUB) &&
               (node_is_alloca(node->a) || node_is_alloca(node->b));
    case NODE_COND: return node_is_alloca(node->b) || node_is_alloca(node->c);
    case NODE_COMMA:
    case NODE_ASSIGN: return node_is_alloca(node->b);
    case NODE_INDEX:
    case NODE_MEMBER:
        // What lies there is of unknown origin, but an array lies in it.
        return node->type && node->type->kind == TYPE_ARRAY &&
               node_is_alloca(node->a);
    default: return false;
    }
}

// NULL leads nowhere: it goes with both.
static bool is_null(const struct node *node) {
    return node->is_constant && node->value == 0;
}

void check_alloca_assign(struct script *script, const struct node *node) {
    struct identifier *symbol = node->a->symbol;
    const struct node *value = node->b;
    bool is_variable = node->a->kind == NODE_NAME ||
                       node->a->kind == NODE_SELF || node->a->kind == NODE_THIS;
    if (!symbol || !is_variable || !value->type || is_null(value) ||
        !type_is_pointer(value->type))
        return;
    bool is_alloca = node_is_alloca(value);
    const struct node *choice = value->kind == NODE_COND ? value : NULL;
    if (choice && node_is_alloca(choice->b) != node_is_alloca(choice->c) &&
        !is_null(choice->b) && !is_null(choice->c))
        diag_error(script->diag, D_ALLOCA_INCOMPAT, node->span,
                   "ternary conditional with alloca and non-alloca branches "
                   "cannot be assigned to a variable");
    else if (is_alloca ? symbol->is_other : symbol->is_alloca)
        diag_error(script->diag, D_ALLOCA_INCOMPAT, node->span,
                   "%.*s: cannot reuse the same identifier for both alloca "
                   "and non-alloca allocations",
                   STR_ARGS(symbol->name));
    symbol->is_alloca |= is_alloca;
    symbol->is_other |= !is_alloca;
}
