// check.c: every node gets a type, and constants their value.
//
// Types follow C: integers are promoted and meet at their common type; strings
// compare and are assigned as values. What a script may not do is reported
// where it stands; the node then has the type ERROR, of which no further error
// is reported, so that one mistake gives one message. Clauses are checked in
// their order, as a variable has a type from its first assignment on.

#include "script/script.h"

static bool is_integer(const struct type *type) {
    return type->kind == TYPE_INTEGER;
}

static bool is_string(const struct type *type) {
    return type->kind == TYPE_STRING;
}

static bool is_error(const struct type *type) {
    return type->kind == TYPE_ERROR;
}

const struct type *check_fail(struct script *script, struct node *node) {
    return node->type = type_basic(script, BASIC_ERROR);
}

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

static void set_constant(struct node *node, uint64_t value) {
    node->is_constant = true;
    node->value = ir_wrap(value, type_to_ir(node->type));
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
    if (is_integer(a) && is_integer(b))
        return true;
    if (class == OP_COMPARE && is_string(a) && is_string(b))
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
        set_constant(node, op == IR_LAND  ? (p && q)
                           : op == IR_LOR ? (p || q)
                                          : p != q);
        return;
    }
    if (class != OP_SHIFT)
        y = ir_wrap(y, type);
    if (eval_binary(op, type, x, y, &result))
        set_constant(node, result);
}

static void check_binary(struct script *script, struct node *node) {
    const struct type *a = check_expr(script, node->a);
    const struct type *b = check_expr(script, node->b);
    enum ir_op op = token_operation(node->op);
    enum op_class class = class_of(op);
    if (is_error(a) || is_error(b)) {
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
        set_constant(node, value);
    for (size_t i = 0; i < COUNT_OF(ops); i++)
        if (ops[i].token == node->op &&
            eval_unary((enum ir_op)ops[i].op, type_to_ir(node->type), value,
                       &result))
            set_constant(node, result);
}

static void check_unary(struct script *script, struct node *node) {
    const struct type *a = check_expr(script, node->a);
    if (is_error(a)) {
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
        if (!is_integer(a))
            fail_types(script, node, D_OP_SCALAR, "a scalar");
        else
            node->type = type_basic(script, BASIC_INT);
        break;
    default:
        if (!is_integer(a))
            fail_types(script, node,
                       node->op == TOKEN_TILDE ? D_OP_INT : D_OP_ARITH,
                       "an integer");
        else
            node->type = type_promoted(script, a);
    }
    if (!is_error(node->type))
        fold_unary(node);
}

// ++ and --; they make a variable of 64 bits if there is none yet.
static void check_step(struct script *script, struct node *node) {
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
    if (!is_integer(symbol->type) && !is_error(symbol->type))
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
    bool is_value = is_integer(value) || is_string(value);
    if (!symbol->type) {
        if (!is_value && !is_error(value)) {
            diag_error(script->diag, D_OP_INCOMPAT, node->b->span,
                       "'%.*s' is no value that can be assigned",
                       STR_ARGS(value->name));
            value = check_fail(script, node->b);
        }
        symbol->type = value;
    }
    node->type = symbol->type;
    bool fits = value->kind == symbol->type->kind && is_value;
    if (!fits && !is_error(value) && !is_error(symbol->type))
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
    if (is_error(node->b->type) || is_error(symbol->type)) {
        check_fail(script, node);
        return;
    }
    if (check_operands(script, node, class_of(op)))
        check_divisor(script, node, op);
}

static void check_assign(struct script *script, struct node *node) {
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

// --- the rest ---

static void check_cond(struct script *script, struct node *node) {
    const struct type *a = check_expr(script, node->a);
    const struct type *b = check_expr(script, node->b);
    const struct type *c = check_expr(script, node->c);
    check_fail(script, node);
    if (is_error(a) || is_error(b) || is_error(c))
        return;
    if (!is_integer(a))
        diag_error(script->diag, D_OP_SCALAR, node->a->span,
                   "the condition is '%.*s', not a scalar", STR_ARGS(a->name));
    else if (is_integer(b) && is_integer(c))
        node->type = type_common(script, b, c);
    else if (is_string(b) && is_string(c))
        node->type = b;
    else
        diag_error(script->diag, D_OP_INCOMPAT, node->span,
                   "the values are of types that do not go together: '%.*s' "
                   "and '%.*s'",
                   STR_ARGS(b->name), STR_ARGS(c->name));
    const struct node *chosen = node->a->value ? node->b : node->c;
    if (is_integer(node->type) && node->a->is_constant && chosen->is_constant)
        set_constant(node, chosen->value);
}

static bool is_action(const struct node *node) {
    if (node->kind != NODE_CALL || node->a->kind != NODE_NAME)
        return false;
    const struct builtin *builtin = builtin_find(node->a->text);
    return builtin && builtin->is_function && builtin->source == BUILTIN_ACTION;
}

static void check_comma(struct script *script, struct node *node) {
    if (is_action(node->a) || is_action(node->b)) {
        diag_error(script->diag, D_OP_ACT, node->span,
                   "an action is a statement of its own");
        check_fail(script, node);
        return;
    }
    check_expr(script, node->a);
    node->type = check_expr(script, node->b);
}

static void check_cast(struct script *script, struct node *node) {
    const struct type *from = check_expr(script, node->a), *to = node->named;
    check_fail(script, node);
    if (is_error(from) || is_error(to))
        return;
    if (to->kind == TYPE_VOID || (is_string(to) && is_string(from)) ||
        (is_integer(to) && is_integer(from)))
        node->type = to;
    else if (is_string(to) && is_integer(from))
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "text in memory cannot be read yet");
    else if (is_integer(to) || is_string(to))
        diag_error(script->diag, D_CAST_INVAL, node->span,
                   "'%.*s' cannot be cast to '%.*s'", STR_ARGS(from->name),
                   STR_ARGS(to->name));
    else
        type_refuse(script, to, node->span);
    if (is_integer(node->type) && node->a->is_constant)
        set_constant(node, node->a->value);
}

static void check_sizeof(struct script *script, struct node *node) {
    const struct type *type =
        node->named ? node->named : check_expr(script, node->a);
    uint64_t size = type_size(script, type);
    if (!node->named && node->a->kind == NODE_TEXT)
        size = node->a->text.n + 1;
    if (!size && !is_error(type))
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "'%.*s' has no size that is known", STR_ARGS(type->name));
    check_fail(script, node);
    if (!size)
        return;
    node->type = type_find(script, STR("size_t"));
    set_constant(node, size);
}

static void check_stringof(struct script *script, struct node *node) {
    const struct type *from = check_expr(script, node->a);
    if (is_string(from)) {
        node->type = from;
        return;
    }
    if (!is_error(from))
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "text in memory cannot be read yet");
    check_fail(script, node);
}

static void check_integer(struct script *script, struct node *node) {
    (void)script;
    node->type = node->named;
    set_constant(node, node->value);
}

static void check_text(struct script *script, struct node *node) {
    node->type = type_basic(script, BASIC_STRING);
}

// What D has and this does not.
static void check_unsupported(struct script *script, struct node *node) {
    static const struct {
        uint8_t tag;
        const char *reason;
    } rows[NODE_KIND_COUNT] = {
        [NODE_SELF] = {D_VAR_UNSUP,
                       "thread-local variables (self->) are not supported yet"},
        [NODE_THIS] = {D_VAR_UNSUP,
                       "clause-local variables (this->) are not supported yet"},
        [NODE_AGG] = {D_CG_EXPR, "an aggregation has no value within a clause"},
        [NODE_OFFSETOF] = {D_EXPR_UNSUP, "structures are not supported yet"},
        [NODE_XLATE] = {D_EXPR_UNSUP, "translators are not supported yet"},
        [NODE_MEMBER] = {D_EXPR_UNSUP, "structures are not supported yet"},
    };
    diag_error(script->diag, (enum tag)rows[node->kind].tag, node->span, "%s",
               rows[node->kind].reason);
    check_fail(script, node);
}

static void check_index(struct script *script, struct node *node) {
    const struct builtin *builtin =
        node->a->kind == NODE_NAME ? builtin_find(node->a->text) : NULL;
    if (check_is_aggregation(node))
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "an aggregation has no value within a clause");
    else if (builtin && builtin->source == BUILTIN_REFUSED)
        check_expr(script, node->a);
    else
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "associative arrays are not supported yet");
    check_fail(script, node);
}

const struct type *check_expr(struct script *script, struct node *node) {
    static void (*const checks[])(struct script *, struct node *) = {
        [NODE_INTEGER] = check_integer,    [NODE_TEXT] = check_text,
        [NODE_MACRO] = check_macro,        [NODE_NAME] = check_name,
        [NODE_SELF] = check_unsupported,   [NODE_THIS] = check_unsupported,
        [NODE_AGG] = check_unsupported,    [NODE_UNARY] = check_unary,
        [NODE_STEP] = check_step,          [NODE_BINARY] = check_binary,
        [NODE_ASSIGN] = check_assign,      [NODE_COND] = check_cond,
        [NODE_COMMA] = check_comma,        [NODE_CAST] = check_cast,
        [NODE_SIZEOF] = check_sizeof,      [NODE_OFFSETOF] = check_unsupported,
        [NODE_STRINGOF] = check_stringof,  [NODE_XLATE] = check_unsupported,
        [NODE_CALL] = check_call,          [NODE_INDEX] = check_index,
        [NODE_MEMBER] = check_unsupported,
    };
    _Static_assert(COUNT_OF(checks) == NODE_KIND_COUNT, "a check for each");
    if (!node->type) // an inline's value is met more than once
        checks[node->kind](script, node);
    return node->type;
}

bool check_constant(struct script *script, struct node *node, int64_t *value) {
    if (!is_integer(check_expr(script, node)) || !node->is_constant)
        return false;
    *value = (int64_t)node->value;
    return true;
}

// --- statements and clauses ---

static void check_condition(struct script *script, struct node *node,
                            enum tag tag, const char *what) {
    const struct type *type = check_expr(script, node);
    if (!is_integer(type) && !is_error(type))
        diag_error(script->diag, tag, node->span, "%s is '%.*s', not a scalar",
                   what, STR_ARGS(type->name));
}

static void check_body(struct script *script, struct stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        if (stmt->kind == STMT_IF) {
            check_condition(script, stmt->a, D_OP_SCALAR, "the condition");
            check_body(script, stmt->then_);
            check_body(script, stmt->else_);
        } else if (check_is_aggregation(stmt->a)) {
            stmt->kind = STMT_AGG;
            check_aggregation(script, stmt);
        } else if (is_action(stmt->a)) {
            stmt->kind = STMT_ACTION;
            check_action(script, stmt->a);
        } else {
            check_expr(script, stmt->a);
        }
    }
}

static void check_clause(struct script *script, const struct item *item) {
    if (item->predicate)
        check_condition(script, item->predicate, D_PRED_SCALAR,
                        "the predicate");
    check_body(script, item->body);
}

void check_item(struct script *script, struct item *item) {
    if (item->kind == ITEM_CLAUSE)
        check_clause(script, item);
    else
        check_declaration(script, item);
}

void check_end(struct script *script) {
    bool any = false;
    for (const struct item *item = script->items; item; item = item->next)
        any = any || item->kind == ITEM_CLAUSE;
    if (!any && !script->diag->errors)
        diag_error(script->diag, D_EMPTY, (struct span){script->source, 0, 0},
                   "the script has no clause");
    check_macro_args(script);
}
