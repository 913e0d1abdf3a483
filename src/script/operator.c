// operator.c: operators and assignment.
//
// Integers are promoted and meet at their common type as in C; strings compare
// and are assigned as values, and so does what is char * or an array of char
// beside a string. Pointers are added to and compared as in C; those to void
// go with all, and so does the constant 0. An operator whose operands are known
// is worked out here.

#include <assert.h>

#include "script/script.h"

// "operator * requires operands of arithmetic type"
static void fail_requirement(struct script *script, const struct node *node,
                             enum tag tag) {
    const char *type = tag == D_OP_ARITH ? "arithmetic"
                       : tag == D_OP_INT ? "integral"
                                         : "scalar";
    const char *what = node->b                   ? "operands"
                       : node->kind == NODE_STEP ? "operand"
                                                 : "an operand";
    diag_error(script->diag, tag, node->span,
               "operator %s requires %s of %s type", token_spelling(node->op),
               what, type);
}

static void fail_pair(struct script *script, const struct node *node,
                      enum tag tag) {
    diag_error(script->diag, tag, node->span,
               "operands have incompatible types: \"%.*s\" %s \"%.*s\"",
               STR_ARGS(node->a->type->name), token_spelling(node->op),
               STR_ARGS(node->b->type->name));
}

static void fail_types(struct script *script, struct node *node, enum tag tag,
                       const char *wanted) {
    assert(node->a->type && (!node->b || node->b->type)); // both are checked
    struct str a = node->a->type->name;
    const char *spelling = token_spelling(node->op);
    if (tag == D_OP_VFPTR && node->b)
        diag_error(script->diag, tag, node->span,
                   "'%s' takes %s, not '%.*s' and '%.*s'", spelling, wanted,
                   STR_ARGS(a), STR_ARGS(node->b->type->name));
    else if (tag == D_OP_VFPTR)
        diag_error(script->diag, tag, node->span, "'%s' takes %s, not '%.*s'",
                   spelling, wanted, STR_ARGS(a));
    else if (tag == D_OP_INCOMPAT)
        fail_pair(script, node, tag);
    else
        fail_requirement(script, node, tag);
    if (node->a->type->kind == TYPE_FLOAT ||
        (node->b && node->b->type->kind == TYPE_FLOAT))
        diag_help(script->diag, "there is no arithmetic on floating point");
    else if (tag != D_OP_VFPTR && node->b && tag != D_OP_INCOMPAT)
        diag_help(script->diag, "they are '%.*s' and '%.*s'", STR_ARGS(a),
                  STR_ARGS(node->b->type->name));
    else if (tag != D_OP_VFPTR && !node->b)
        diag_help(script->diag, "it is '%.*s'", STR_ARGS(a));
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

// What a pointer leads to; a string is one to char. NULL: it is none.
static const struct type *target_of(const struct script *script,
                                    const struct type *type) {
    if (type_is_string(type))
        return type_basic(script, BASIC_CHAR);
    return type_is_pointer(type) ? type->of : NULL;
}

static bool is_zero(const struct node *node) {
    return type_is_integer(node->type) && node->is_constant && !node->value;
}

// Two pointers that go together: to the same type, one to void, or one is the
// constant 0. Their type is the one that says more.
static const struct type *meet_pointers(const struct script *script,
                                        const struct type *left,
                                        bool left_is_zero,
                                        const struct node *b) {
    const struct type *to = target_of(script, left);
    const struct type *from = target_of(script, b->type);
    if (left_is_zero && from)
        return b->type;
    if (to && is_zero(b))
        return left;
    if (!to || !from)
        return NULL;
    if (from->kind == TYPE_VOID)
        return left;
    return to->kind == TYPE_VOID || type_equal(to, from) ? b->type : NULL;
}

bool check_fits(struct script *script, const struct type *type,
                const struct node *value) {
    const struct type *from = value->type;
    if (type_is_error(type) || type_is_error(from))
        return true;
    if (type_is_integer(type) && type_is_integer(from))
        return true;
    if (type_is_text(type) && type_is_text(from))
        return true;
    if (type->kind == TYPE_FLOAT)
        return type_equal(type, from);
    if (type->kind == TYPE_STRUCT || type->kind == TYPE_UNION)
        return type_equal(type,
                          from->kind == TYPE_TRANSLATED ? from->of : from);
    return meet_pointers(script, type, false, value) != NULL;
}

static bool is_movable(const struct type *type) {
    return type_is_string(type) ||
           (type_is_pointer(type) && !type_is_unsized_pointer(type));
}

// The type of a sum or difference; NULL: there is none.
static const struct type *type_of_sum(struct script *script,
                                      const struct node *node,
                                      const struct node *a, enum ir_op op) {
    const struct node *b = node->b;
    bool a_is_int = type_is_integer(a->type);
    bool b_is_int = type_is_integer(b->type);
    if (a_is_int && b_is_int)
        return type_common(script, a->type, b->type);
    if (is_movable(a->type) && b_is_int)
        return a->type;
    if (a_is_int && is_movable(b->type) && op == IR_ADD)
        return b->type;
    if (is_movable(a->type) && is_movable(b->type) && op == IR_SUB &&
        meet_pointers(script, a->type, false, b))
        return type_find(script, STR("ptrdiff_t"));
    return NULL;
}

static bool are_comparable(struct script *script, const struct node *a,
                           const struct node *b) {
    if (type_is_integer(a->type) && type_is_integer(b->type))
        return true;
    if (type_is_text(a->type) && type_is_text(b->type) &&
        (type_is_string(a->type) || type_is_string(b->type)))
        return true;
    return meet_pointers(script, a->type, is_zero(a), b) != NULL;
}

// Whether two operands suit the operator; reports if not.
static bool check_operands(struct script *script, struct node *node,
                           enum ir_op op) {
    static const struct {
        uint8_t tag;
        const char *wanted;
    } rules[] = {
        [OP_ARITHMETIC] = {D_OP_ARITH, "numbers"},
        [OP_SUM] = {D_OP_INCOMPAT, "integers, or a pointer and an integer"},
        [OP_BITS] = {D_OP_INT, "integers"},
        [OP_SHIFT] = {D_OP_INT, "integers"},
        [OP_COMPARE] = {D_OP_INCOMPAT, "two integers, strings or pointers"},
        [OP_LOGIC] = {D_OP_SCALAR, "scalars"},
    };
    const struct node *a = node->a, *b = node->b;
    enum op_class class = class_of(op);
    bool good = type_is_integer(a->type) && type_is_integer(b->type);
    if (class == OP_COMPARE)
        good = are_comparable(script, a, b);
    else if (class == OP_LOGIC)
        good = type_is_scalar(a->type) && type_is_scalar(b->type);
    else if (class == OP_SUM)
        good = type_of_sum(script, node, a, op) != NULL;
    if (!good)
        fail_types(script, node, (enum tag)rules[class].tag,
                   rules[class].wanted);
    return good;
}

static bool check_divisor(struct script *script, struct node *node,
                          enum ir_op op) {
    struct node *b = node->b;
    if ((op != IR_DIV && op != IR_MOD) || !b->is_constant || b->value != 0)
        return true;
    diag_error(script->diag, D_DIV_ZERO, b->span,
               "expression contains division by zero");
    check_fail(script, node);
    return false;
}

// DTrace computes with constants in 64 bits: `5 * 1000000000` is what it says,
// and so of a type that holds it. Only a shift may fill the sign.
static void widen(struct script *script, struct node *node, enum ir_op op) {
    struct ir_type type = type_to_ir(node->type), wide = type;
    uint64_t exact;
    if (type.bits != 32 || !type.is_signed)
        return;
    wide.bits = 64;
    uint64_t x = ir_wrap(node->a->value, type);
    uint64_t y = op == IR_SHL ? node->b->value : ir_wrap(node->b->value, type);
    if (eval_binary(op, wide, x, y, &exact) && ir_wrap(exact, type) != exact &&
        (op != IR_SHL || exact > UINT32_MAX))
        node->type = type_basic(script, BASIC_LLONG);
}

static void fold_binary(struct script *script, struct node *node, enum ir_op op,
                        enum op_class class) {
    const struct node *a = node->a, *b = node->b;
    if (!a->is_constant || !b->is_constant || !type_is_integer(a->type) ||
        !type_is_integer(b->type))
        return;
    if (op == IR_ADD || op == IR_SUB || op == IR_MUL || op == IR_SHL)
        widen(script, node, op);
    const struct type *meet = class == OP_COMPARE || class == OP_LOGIC
                                  ? type_common(script, a->type, b->type)
                                  : node->type;
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

// `x == NAME`, where x is of an enumeration that has the enumerator NAME.
static void check_enumerator(struct script *script, const struct type *type,
                             struct node *node) {
    struct member member;
    if (type->kind != TYPE_ENUM || node->kind != NODE_NAME || node->type ||
        !type_member(type, node->text, &member))
        return;
    const struct identifier *symbol =
        variable_find(script, IR_GLOBAL_VARIABLE, node->text);
    if (symbol && !(symbol->value && type_equal(symbol->type, type))) {
        diag_error(script->diag, D_IDENT_AMBIG, node->span,
                   "'%.*s' is a variable, and an enumerator of '%.*s'",
                   STR_ARGS(node->text), STR_ARGS(type->name));
        check_fail(script, node);
        return;
    }
    node->type = type;
    check_set_constant(node, (uint64_t)member.value);
}

void check_binary(struct script *script, struct node *node) {
    enum ir_op op = token_operation(node->op);
    enum op_class class = class_of(op);
    const struct type *a = check_expr(script, node->a);
    if (class == OP_COMPARE)
        check_enumerator(script, a, node->b);
    const struct type *b = check_expr(script, node->b);
    if (type_is_error(a) || type_is_error(b)) {
        check_fail(script, node);
        return;
    }
    if (!check_operands(script, node, op) || !check_divisor(script, node, op))
        return;
    if (class == OP_SUM && !check_bounds(script, node->a, node->b)) {
        check_fail(script, node);
        return;
    }
    if (class == OP_COMPARE || class == OP_LOGIC)
        node->type = type_basic(script, BASIC_INT);
    else if (class == OP_SHIFT)
        node->type = type_promoted(script, a);
    else if (class == OP_SUM)
        node->type = type_of_sum(script, node, node->a, op);
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

static void check_arithmetic(struct script *script, struct node *node) {
    const struct type *a = node->a->type;
    bool is_not = node->op == TOKEN_NOT, is_bits = node->op == TOKEN_TILDE;
    if (is_not ? !type_is_scalar(a) : !type_is_integer(a)) {
        fail_types(script, node,
                   is_not    ? D_OP_SCALAR
                   : is_bits ? D_OP_INT
                             : D_OP_ARITH,
                   is_not ? "a scalar" : "an integer");
        return;
    }
    node->type =
        is_not ? type_basic(script, BASIC_INT) : type_promoted(script, a);
    fold_unary(node);
}

void check_unary(struct script *script, struct node *node) {
    if (node->op == TOKEN_AND && check_is_aggregation(node->a)) {
        diag_error(script->diag, D_ADDROF_VAR, node->span,
                   "cannot take address of dynamic variable");
        check_fail(script, node);
    } else if (type_is_error(check_expr(script, node->a))) {
        check_fail(script, node);
    } else if (node->op == TOKEN_MUL) {
        check_deref(script, node);
    } else if (node->op == TOKEN_AND) {
        check_address(script, node);
    } else {
        check_arithmetic(script, node);
    }
}

// ++ and --; they make a variable of 64 bits if there is none yet.
void check_step(struct script *script, struct node *node) {
    struct node *a = node->a;
    if (!check_place(script, a, (enum token_kind)node->op, USE_ASSIGN)) {
        check_fail(script, node);
        return;
    }
    if (!a->type)
        a->type = a->symbol->type = type_find(script, STR("int64_t"));
    node->type = a->type;
    if (!type_is_scalar(a->type))
        fail_types(script, node, D_OP_SCALAR, "a scalar");
    else if (type_is_unsized_pointer(a->type))
        fail_types(script, node, D_OP_VFPTR, "a pointer to what has a size");
}

// --- assignment ---

static void fail_assign(struct script *script, struct node *node,
                        enum tag tag) {
    if (tag == D_OP_ARRFUN)
        diag_error(script->diag, tag, node->span,
                   "operator %s may not be applied to operand of type \"%.*s\"",
                   token_spelling(node->op), STR_ARGS(node->a->type->name));
    else
        fail_pair(script, node, tag);
    check_fail(script, node);
}

// A first assignment gives the variable its type.
static void set_type(struct script *script, struct node *node) {
    struct node *a = node->a, *b = node->b;
    switch (b->type->kind) {
    case TYPE_ARRAY:
    case TYPE_FUNCTION:
    case TYPE_VOID:
        diag_error(script->diag,
                   b->type->kind == TYPE_ARRAY || b->type->kind == TYPE_FUNCTION
                       ? D_OP_ARRFUN
                       : D_OP_INCOMPAT,
                   b->span, "'%.*s' is no value that can be assigned",
                   STR_ARGS(b->type->name));
        a->type = check_fail(script, b);
        break;
    case TYPE_TRANSLATED:
        a->type = b->type->of;
        if (a->type->kind == TYPE_STRUCT || a->type->kind == TYPE_UNION)
            break;
        fail_assign(script, node, D_OP_INCOMPAT);
        a->type = node->type;
        break;
    default:
        a->type = b->member && b->member->width ? b->member->type : b->type;
    }
    a->symbol->type = a->type;
}

static void check_plain_assign(struct script *script, struct node *node) {
    struct node *a = node->a, *b = node->b;
    if (!a->type)
        set_type(script, node);
    node->type = a->type;
    if (type_is_error(a->type) || type_is_error(b->type))
        return;
    if (a->type->kind == TYPE_ARRAY || a->type->kind == TYPE_FUNCTION)
        fail_assign(script, node, D_OP_ARRFUN);
    else if (!check_fits(script, a->type, b))
        fail_assign(script, node, D_OP_INCOMPAT);
    else
        check_alloca_assign(script, node);
}

// += and -= take pointers as well.
static bool check_sum_assign(struct script *script, struct node *node) {
    const struct type *a = node->a->type, *b = node->b->type;
    if (type_is_integer(a) && type_is_integer(b))
        return true;
    if (type_is_string(a) || type_is_string(b))
        fail_types(script, node, D_OP_INCOMPAT, "numbers");
    else if (a->kind != TYPE_POINTER || type_is_unsized_pointer(a))
        fail_types(script, node, D_OP_VFPTR, "a number of known size");
    else if (!type_is_integer(b))
        fail_types(script, node, D_OP_INCOMPAT, "a pointer and an integer");
    else
        return true;
    return false;
}

static void check_compound_assign(struct script *script, struct node *node) {
    enum ir_op op = token_operation(node->op);
    node->type = node->a->type;
    if (type_is_error(node->b->type)) {
        check_fail(script, node);
        return;
    }
    bool good = class_of(op) == OP_SUM ? check_sum_assign(script, node)
                                       : check_operands(script, node, op);
    if (good)
        check_divisor(script, node, op);
}

void check_assign(struct script *script, struct node *node) {
    if (check_is_aggregation(node->a)) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "an aggregation is updated by a statement of its own");
        check_fail(script, node);
        return;
    }
    bool is_plain = node->op == TOKEN_ASSIGN;
    bool good = check_place(script, node->a, (enum token_kind)node->op,
                            is_plain ? USE_ASSIGN : USE_CHANGE);
    check_expr(script, node->b);
    if (!good)
        check_fail(script, node);
    else if (is_plain)
        check_plain_assign(script, node);
    else
        check_compound_assign(script, node);
}

// --- choice ---

static const struct type *type_of_choice(struct script *script,
                                         const struct node *b,
                                         const struct node *c) {
    if (type_is_integer(b->type) && type_is_integer(c->type))
        return type_common(script, b->type, c->type);
    if (type_equal(b->type, c->type))
        return b->type;
    if (type_is_text(b->type) && type_is_text(c->type) &&
        (type_is_string(b->type) || type_is_string(c->type)))
        return type_basic(script, BASIC_STRING);
    return meet_pointers(script, b->type, is_zero(b), c);
}

void check_cond(struct script *script, struct node *node) {
    if (call_is_action(node->b) || call_is_action(node->c)) {
        diag_error(script->diag, D_OP_ACT, node->span,
                   "action cannot be used in a conditional context");
        check_fail(script, node);
        return;
    }
    const struct type *a = check_expr(script, node->a);
    const struct type *b = check_expr(script, node->b);
    const struct type *c = check_expr(script, node->c);
    check_fail(script, node);
    if (type_is_error(a) || type_is_error(b) || type_is_error(c))
        return;
    if (b->kind == TYPE_TRANSLATED || c->kind == TYPE_TRANSLATED) {
        diag_error(script->diag, D_OP_DYN, node->span,
                   "what is translated cannot be chosen from");
        return;
    }
    if (!type_is_scalar(a)) {
        diag_error(script->diag, D_OP_SCALAR, node->a->span,
                   "operator ?: expression must be of scalar type");
        return;
    }
    const struct type *type = type_of_choice(script, node->b, node->c);
    if (!type) {
        diag_error(script->diag, D_OP_INCOMPAT, node->span,
                   "operator ?: operands must have compatible types");
        diag_help(script->diag, "they are '%.*s' and '%.*s'", STR_ARGS(b->name),
                  STR_ARGS(c->name));
        return;
    }
    node->type = type;
    const struct node *chosen = node->a->value ? node->b : node->c;
    if (type_is_integer(type) && node->a->is_constant && chosen->is_constant)
        check_set_constant(node, chosen->value);
}
