// operator.c: operators and assignment.
//
// Integers are promoted and meet at their common type as in C; strings compare
// and are assigned as values. An operator whose operands are known is worked
// out here.

#include "script/script.h"

static void fail_types(struct script *script, struct node *node, enum tag tag,
                       const char *wanted) {
    struct str a = node->a->type->name;
    if (node->b)
        diag_error(script->diag, tag, node->span,
                   "'%s' takes %s, not '%.*s' and '%.*s'",
                   token_spelling(node->op), wanted, STR_ARGS(a),
                   STR_ARGS(node->b->type->name));
    else
        diag_error(script->diag, tag, node->span, "'%s' takes %s, not '%.*s'",
                   token_spelling(node->op), wanted, STR_ARGS(a));
    check_fail(script, node);
}

// --- operators ---

enum op_class {
    OP_ARITHMETIC,
    OP_SUM,
    OP_BITS,
    OP_SHIFT,
    OP_COMPARE,
    OP_LOGIC
};

static enum op_class class_of(enum ir_op op) {
    switch (op) {
    case IR_MUL:
    case IR_DIV: return OP_ARITHMETIC;
    case IR_ADD:
    case IR_SUB: return OP_SUM;
    case IR_SHL:
    case IR_SHR: return OP_SHIFT;
    case IR_LAND:
    case IR_LOR:
    case IR_LXOR: return OP_LOGIC;
    case IR_LT:
    case IR_LE:
    case IR_GT:
    case IR_GE:
    case IR_EQ:
    case IR_NE: return OP_COMPARE;
    default: return OP_BITS;
    }
}

// Whether two operands suit the operator; reports if not.
static bool check_operands(struct script *script, struct node *node,
                           enum op_class class) {
    static const struct {
        uint8_t tag;
        const char *wanted;
    } rules[] = {
        [OP_ARITHMETIC] = {D_OP_ARITH, "numbers"},
        [OP_SUM] = {D_OP_INCOMPAT, "integers"},
        [OP_BITS] = {D_OP_INT, "integers"},
        [OP_SHIFT] = {D_OP_INT, "integers"},
        [OP_COMPARE] = {D_OP_INCOMPAT, "two integers or two strings"},
        [OP_LOGIC] = {D_OP_SCALAR, "scalars"},
    };
    const struct type *a = node->a->type, *b = node->b->type;
    if (type_is_integer(a) && type_is_integer(b))
        return true;
    if (class == OP_COMPARE && type_is_string(a) && type_is_string(b))
        return true;
    fail_types(script, node, (enum tag)rules[class].tag, rules[class].wanted);
    return false;
}

static bool check_divisor(struct script *script, struct node *node,
                          enum ir_op op) {
    struct node *b = node->b;
    if ((op != IR_DIV && op != IR_MOD) || !b->is_constant || b->value != 0)
        return true;
    diag_error(script->diag, D_DIV_ZERO, b->span, "this divides by zero");
    check_fail(script, node);
    return false;
}

static void fold_binary(struct script *script, struct node *node, enum ir_op op,
                        enum op_class class) {
    const struct node *a = node->a, *b = node->b;
    if (!a->is_constant || !b->is_constant)
        return;
    const struct type *meet = class == OP_SHIFT
                                  ? type_promoted(script, a->type)
                                  : type_common(script, a->type, b->type);
    struct ir_type type = type_to_ir(meet);
    uint64_t x = ir_wrap(a->value, type), y = b->value, result;
    if (class == OP_LOGIC) {
        bool p = a->value != 0, q = b->value != 0;
        check_set_constant(node, op == IR_LAND  ? (p && q)
                                 : op == IR_LOR ? (p || q)
                                                : p != q);
        return;
    }
    if (class != OP_SHIFT)
        y = ir_wrap(y, type);
    if (eval_binary(op, type, x, y, &result))
        check_set_constant(node, result);
}

void check_binary(struct script *script, struct node *node) {
    const struct type *a = check_expr(script, node->a);
    const struct type *b = check_expr(script, node->b);
    enum ir_op op = token_operation(node->op);
    enum op_class class = class_of(op);
    if (type_is_error(a) || type_is_error(b)) {
        check_fail(script, node);
        return;
    }
    if (!check_operands(script, node, class) ||
        !check_divisor(script, node, op))
        return;
    if (class == OP_COMPARE || class == OP_LOGIC)
        node->type = type_basic(script, BASIC_INT);
    else if (class == OP_SHIFT)
        node->type = type_promoted(script, a);
    else
        node->type = type_common(script, a, b);
    fold_binary(script, node, op, class);
}

static void fold_unary(struct node *node) {
    static const struct {
        uint8_t token, op;
    } ops[] = {{TOKEN_SUB, IR_NEGATE},
               {TOKEN_TILDE, IR_COMPLEMENT},
               {TOKEN_NOT, IR_NOT}};
    uint64_t value = node->a->value, result;
    if (!node->a->is_constant)
        return;
    if (node->op == TOKEN_ADD)
        check_set_constant(node, value);
    for (size_t i = 0; i < COUNT_OF(ops); i++)
        if (ops[i].token == node->op &&
            eval_unary((enum ir_op)ops[i].op, type_to_ir(node->type), value,
                       &result))
            check_set_constant(node, result);
}

void check_unary(struct script *script, struct node *node) {
    const struct type *a = check_expr(script, node->a);
    if (type_is_error(a)) {
        check_fail(script, node);
        return;
    }
    switch (node->op) {
    case TOKEN_MUL:
    case TOKEN_AND:
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "pointers are not supported yet");
        if (node->op == TOKEN_MUL)
            diag_help(script->diag, "copyint32(address) reads 32 bits");
        check_fail(script, node);
        return;
    case TOKEN_NOT:
        if (!type_is_integer(a))
            fail_types(script, node, D_OP_SCALAR, "a scalar");
        else
            node->type = type_basic(script, BASIC_INT);
        break;
    default:
        if (!type_is_integer(a))
            fail_types(script, node,
                       node->op == TOKEN_TILDE ? D_OP_INT : D_OP_ARITH,
                       "an integer");
        else
            node->type = type_promoted(script, a);
    }
    if (!type_is_error(node->type))
        fold_unary(node);
}

// ++ and --; they make a variable of 64 bits if there is none yet.
void check_step(struct script *script, struct node *node) {
    struct identifier *symbol =
        check_target(script, node->a, (enum token_kind)node->op);
    if (!symbol) {
        check_fail(script, node);
        return;
    }
    if (!symbol->type)
        symbol->type = type_find(script, STR("int64_t"));
    node->symbol = symbol;
    node->a->type = node->type = symbol->type;
    if (!type_is_integer(symbol->type) && !type_is_error(symbol->type))
        fail_types(script, node, D_OP_SCALAR, "a scalar");
}

// --- assignment ---

static void fail_assign(struct script *script, struct node *node) {
    diag_error(script->diag, D_OP_INCOMPAT, node->span,
               "'%.*s' cannot be assigned to '%.*s', which is '%.*s'",
               STR_ARGS(node->b->type->name), STR_ARGS(node->symbol->name),
               STR_ARGS(node->symbol->type->name));
    check_fail(script, node);
}

static void check_plain_assign(struct script *script, struct node *node) {
    struct identifier *symbol = node->symbol;
    const struct type *value = node->b->type;
    bool is_value = type_is_integer(value) || type_is_string(value);
    if (!symbol->type) {
        if (!is_value && !type_is_error(value)) {
            diag_error(script->diag, D_OP_INCOMPAT, node->b->span,
                       "'%.*s' is no value that can be assigned",
                       STR_ARGS(value->name));
            value = check_fail(script, node->b);
        }
        symbol->type = value;
    }
    node->type = symbol->type;
    bool fits = value->kind == symbol->type->kind && is_value;
    if (!fits && !type_is_error(value) && !type_is_error(symbol->type))
        fail_assign(script, node);
}

static void check_compound_assign(struct script *script, struct node *node) {
    struct identifier *symbol = node->symbol;
    enum ir_op op = token_operation(node->op);
    if (!symbol->type) {
        diag_error(script->diag, D_VAR_UNDEF, node->a->span,
                   "'%.*s' is changed before it was ever assigned",
                   STR_ARGS(symbol->name));
        symbol->type = check_fail(script, node);
        return;
    }
    node->type = node->a->type = symbol->type;
    if (type_is_error(node->b->type) || type_is_error(symbol->type)) {
        check_fail(script, node);
        return;
    }
    if (check_operands(script, node, class_of(op)))
        check_divisor(script, node, op);
}

void check_assign(struct script *script, struct node *node) {
    if (check_is_aggregation(node->a)) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "an aggregation is updated by a statement of its own");
        check_fail(script, node);
        return;
    }
    node->symbol = check_target(script, node->a, (enum token_kind)node->op);
    check_expr(script, node->b);
    if (!node->symbol)
        check_fail(script, node);
    else if (node->op == TOKEN_ASSIGN)
        check_plain_assign(script, node);
    else
        check_compound_assign(script, node);
}
