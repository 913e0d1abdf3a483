// check.c: every node gets a type, and constants their value.
//
// Types follow C: integers are promoted and meet at their common type; strings
// compare and are assigned as values. What a script may not do is reported
// where it stands; the node then has the type ERROR, of which no further error
// is reported, so that one mistake gives one message. Clauses are checked in
// their order, as a variable has a type from its first assignment on.

#include <assert.h>

#include "script/script.h"

const struct type *check_fail(struct script *script, struct node *node) {
    return node->type = type_basic(script, BASIC_ERROR);
}

void check_set_constant(struct node *node, uint64_t value) {
    node->is_constant = true;
    node->value = ir_wrap(value, type_to_ir(node->type));
}

// --- the rest ---

static void check_comma(struct script *script, struct node *node) {
    if (call_is_action(node->a) || call_is_action(node->b)) {
        diag_error(script->diag, D_OP_ACT, node->span,
                   "operator , operands cannot be actions");
        check_fail(script, node);
        return;
    }
    const struct type *a = check_expr(script, node->a);
    node->type = check_expr(script, node->b);
    if (a->kind == TYPE_TRANSLATED || node->type->kind == TYPE_TRANSLATED) {
        diag_error(script->diag, D_OP_DYN, node->span,
                   "what is translated has members, but no value");
        check_fail(script, node);
    }
}

static bool may_cast(const struct type *to, const struct type *from) {
    if (to->kind == TYPE_VOID || type_equal(to, from))
        return true;
    if (type_is_scalar(to) &&
        (type_is_scalar(from) || from->kind == TYPE_FUNCTION))
        return true;
    if (to->kind == TYPE_POINTER && type_is_pointer(from))
        return true;
    return type_is_string(to) && (type_is_scalar(from) ||
                                  type_is_pointer(from) || type_is_text(from));
}

static void check_cast(struct script *script, struct node *node) {
    const struct type *from = check_expr(script, node->a), *to = node->named;
    check_fail(script, node);
    if (type_is_error(from) || type_is_error(to))
        return;
    if (!may_cast(to, from)) {
        diag_error(script->diag, D_CAST_INVAL, node->span,
                   "'%.*s' cannot be cast to '%.*s'", STR_ARGS(from->name),
                   STR_ARGS(to->name));
        return;
    }
    node->type = to;
    if (type_is_scalar(to) && node->a->is_constant)
        check_set_constant(node, node->a->value);
}

static void check_sizeof(struct script *script, struct node *node) {
    const struct type *type =
        node->named ? node->named : check_expr(script, node->a);
    uint64_t size = type_size(script, type);
    if (!node->named && node->a->kind == NODE_TEXT)
        size = node->a->text.n + 1;
    bool is_field = !node->named && node->a->member && node->a->member->width;
    check_fail(script, node);
    if (type_is_error(type))
        return;
    if (is_field || !size) {
        diag_error(script->diag, is_field ? D_SIZEOF_BITFIELD : D_SIZEOF_TYPE,
                   node->span, "%s has no size in bytes",
                   is_field ? "a bit-field" : "what this is");
        return;
    }
    node->type = type_find(script, STR("size_t"));
    check_set_constant(node, size);
}

static void check_stringof(struct script *script, struct node *node) {
    const struct type *from = check_expr(script, node->a);
    check_fail(script, node);
    if (type_is_text(from) || type_is_scalar(from) || type_is_pointer(from))
        node->type = type_basic(script, BASIC_STRING);
    else if (!type_is_error(from))
        diag_error(script->diag, D_STRINGOF_TYPE, node->span,
                   "stringof takes an address, not '%.*s'",
                   STR_ARGS(from->name));
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
        [NODE_AGG] = {D_CG_EXPR, "an aggregation has no value within a clause"},
    };
    diag_error(script->diag, (enum tag)rows[node->kind].tag, node->span, "%s",
               rows[node->kind].reason);
    check_fail(script, node);
}

static void check_read(struct script *script, struct node *node) {
    check_variable(script, node, USE_READ);
}

const struct type *check_expr(struct script *script, struct node *node) {
    static void (*const checks[])(struct script *, struct node *) = {
        [NODE_INTEGER] = check_integer,   [NODE_TEXT] = check_text,
        [NODE_MACRO] = check_macro,       [NODE_NAME] = check_read,
        [NODE_SELF] = check_read,         [NODE_THIS] = check_read,
        [NODE_AGG] = check_unsupported,   [NODE_UNARY] = check_unary,
        [NODE_STEP] = check_step,         [NODE_BINARY] = check_binary,
        [NODE_ASSIGN] = check_assign,     [NODE_COND] = check_cond,
        [NODE_COMMA] = check_comma,       [NODE_CAST] = check_cast,
        [NODE_SIZEOF] = check_sizeof,     [NODE_OFFSETOF] = check_offsetof,
        [NODE_STRINGOF] = check_stringof, [NODE_XLATE] = check_xlate,
        [NODE_CALL] = check_call,         [NODE_INDEX] = check_index,
        [NODE_MEMBER] = check_member,
    };
    _Static_assert(COUNT_OF(checks) == NODE_KIND_COUNT, "a check for each");
    if (!node->type) // an inline's value is met more than once
        checks[node->kind](script, node);
    assert(node->type); // ERROR at least: whoever asks need not look
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
    if (!type_is_scalar(type) && !type_is_error(type))
        diag_error(script->diag, tag, node->span, "%s must be of scalar type",
                   what);
}

static void check_statement(struct script *script, struct stmt *stmt) {
    if (check_is_aggregation(stmt->a)) {
        stmt->kind = STMT_AGG;
        action_order_aggregation(script, stmt->a);
        check_aggregation(script, stmt);
    } else if (call_is_action(stmt->a)) {
        stmt->kind = STMT_ACTION;
        check_action(script, stmt->a);
    } else if (check_expr(script, stmt->a)->kind == TYPE_TRANSLATED) {
        diag_error(script->diag, D_CG_DYN, stmt->span,
                   "expression cannot evaluate to result of dynamic type");
    }
}

static void check_body(struct script *script, struct stmt *stmt) {
    script->order = (struct order){0};
    for (; stmt; stmt = stmt->next) {
        if (stmt->kind != STMT_IF) {
            check_statement(script, stmt);
            continue;
        }
        check_condition(script, stmt->a, D_OP_SCALAR, "condition");
        check_body(script, stmt->then_);
        check_body(script, stmt->else_);
        script->order = (struct order){0};
    }
}

static void check_clause(struct script *script, const struct item *item) {
    script->clause = item;
    if (item->predicate)
        check_condition(script, item->predicate, D_PRED_SCALAR,
                        "predicate result");
    check_body(script, item->body);
    script->clause = NULL;
}

void check_item(struct script *script, struct item *item) {
    if (item->kind == ITEM_CLAUSE)
        check_clause(script, item);
    else if (item->kind == ITEM_TRANSLATOR)
        check_translator(script, item);
    else
        check_declaration(script, item);
}

void check_end(struct script *script, const struct item *from) {
    bool any = script->out->options.values[IR_OPTION_empty] != 0 ||
               script->out->provider_count > 0;
    for (const struct item *item = from; item; item = item->next)
        any = any || item->kind == ITEM_CLAUSE;
    if (!any && !script->diag->errors)
        diag_error(script->diag, D_EMPTY,
                   script_span(script, script->text.n, script->text.n),
                   "empty D program translation unit");
    check_macro_args(script);
    check_pragmas(script);
}
