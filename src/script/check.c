// check.c: every node gets a type, and constants their value.
//
// Types follow C: integers are promoted and meet at their common type; strings
// compare and are assigned as values. What a script may not do is reported
// where it stands; the node then has the type ERROR, of which no further error
// is reported, so that one mistake gives one message. Clauses are checked in
// their order, as a variable has a type from its first assignment on.

#include "script/script.h"

const struct type *check_fail(struct script *script, struct node *node) {
    return node->type = type_basic(script, BASIC_ERROR);
}

void check_set_constant(struct node *node, uint64_t value) {
    node->is_constant = true;
    node->value = ir_wrap(value, type_to_ir(node->type));
}

// --- the rest ---

static void check_cond(struct script *script, struct node *node) {
    const struct type *a = check_expr(script, node->a);
    const struct type *b = check_expr(script, node->b);
    const struct type *c = check_expr(script, node->c);
    check_fail(script, node);
    if (type_is_error(a) || type_is_error(b) || type_is_error(c))
        return;
    if (!type_is_integer(a))
        diag_error(script->diag, D_OP_SCALAR, node->a->span,
                   "the condition is '%.*s', not a scalar", STR_ARGS(a->name));
    else if (type_is_integer(b) && type_is_integer(c))
        node->type = type_common(script, b, c);
    else if (type_is_string(b) && type_is_string(c))
        node->type = b;
    else
        diag_error(script->diag, D_OP_INCOMPAT, node->span,
                   "the values are of types that do not go together: '%.*s' "
                   "and '%.*s'",
                   STR_ARGS(b->name), STR_ARGS(c->name));
    const struct node *chosen = node->a->value ? node->b : node->c;
    if (type_is_integer(node->type) && node->a->is_constant &&
        chosen->is_constant)
        check_set_constant(node, chosen->value);
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
    if (type_is_error(from) || type_is_error(to))
        return;
    if (to->kind == TYPE_VOID || (type_is_string(to) && type_is_string(from)) ||
        (type_is_integer(to) && type_is_integer(from)))
        node->type = to;
    else if (type_is_string(to) && type_is_integer(from))
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "text in memory cannot be read yet");
    else if (type_is_integer(to) || type_is_string(to))
        diag_error(script->diag, D_CAST_INVAL, node->span,
                   "'%.*s' cannot be cast to '%.*s'", STR_ARGS(from->name),
                   STR_ARGS(to->name));
    else
        type_refuse(script, to, node->span);
    if (type_is_integer(node->type) && node->a->is_constant)
        check_set_constant(node, node->a->value);
}

static void check_sizeof(struct script *script, struct node *node) {
    const struct type *type =
        node->named ? node->named : check_expr(script, node->a);
    uint64_t size = type_size(script, type);
    if (!node->named && node->a->kind == NODE_TEXT)
        size = node->a->text.n + 1;
    if (!size && !type_is_error(type))
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "'%.*s' has no size that is known", STR_ARGS(type->name));
    check_fail(script, node);
    if (!size)
        return;
    node->type = type_find(script, STR("size_t"));
    check_set_constant(node, size);
}

static void check_stringof(struct script *script, struct node *node) {
    const struct type *from = check_expr(script, node->a);
    if (type_is_string(from)) {
        node->type = from;
        return;
    }
    if (!type_is_error(from))
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "text in memory cannot be read yet");
    check_fail(script, node);
}

static void check_integer(struct script *script, struct node *node) {
    (void)script;
    node->type = node->named;
    check_set_constant(node, node->value);
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
    if (!type_is_integer(check_expr(script, node)) || !node->is_constant)
        return false;
    *value = (int64_t)node->value;
    return true;
}

// --- statements and clauses ---

static void check_condition(struct script *script, struct node *node,
                            enum tag tag, const char *what) {
    const struct type *type = check_expr(script, node);
    if (!type_is_integer(type) && !type_is_error(type))
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

void check_end(struct script *script, const struct item *from) {
    bool any = script->out->options.values[IR_OPTION_empty] != 0;
    for (const struct item *item = from; item; item = item->next)
        any = any || item->kind == ITEM_CLAUSE;
    if (!any && !script->diag->errors)
        diag_error(script->diag, D_EMPTY,
                   script_span(script, script->text.n, script->text.n),
                   "empty D program translation unit");
    check_macro_args(script);
    check_pragmas(script);
}
