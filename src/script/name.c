// name.c: what a name in a script means.
//
// D has one space of names for variables: those of DTrace's own (the rows of
// builtins.def), globals and inlines. A global comes into being where it is
// declared or first assigned, in the order of the script. Functions have a
// space of their own (call.c), aggregations another (aggregate.c).

#include <string.h>

#include "script/script.h"

#define EXPANDED_MOST 1000000

// --- "did you mean" ---

struct guess {
    struct str wanted, best;
    size_t distance;
};

static void consider(struct guess *guess, struct str candidate) {
    size_t distance =
        str_distance(guess->wanted, candidate, guess->distance - 1);
    if (distance < guess->distance) {
        guess->distance = distance;
        guess->best = candidate;
    }
}

static void suggest_variable(struct script *script, struct str name) {
    struct guess guess = {.wanted = name, .distance = name.n < 4 ? 2 : 3};
    for (struct identifier *s = script->first_name; s; s = s->next)
        if (s->type && s->type->kind != TYPE_ERROR)
            consider(&guess, s->name);
    size_t count;
    const struct builtin *table = builtin_table(&count);
    for (size_t i = 0; i < count; i++)
        if (!table[i].is_function && table[i].source != BUILTIN_REFUSED)
            consider(&guess, str_from(table[i].name));
    if (guess.best.n)
        diag_help(script->diag, "did you mean '%.*s'?", STR_ARGS(guess.best));
}

// --- symbols ---

static struct identifier *new_identifier(struct script *script, struct str name,
                                         struct span span) {
    struct identifier *symbol = ARENA_NEW(script->arena, struct identifier);
    symbol->name = name;
    symbol->span = span;
    map_put(&script->symbols, name, symbol);
    if (script->last_name)
        script->last_name->next = symbol;
    else
        script->first_name = symbol;
    script->last_name = symbol;
    return symbol;
}

// A variable of DTrace's own, refused ones included.
static const struct builtin *builtin_variable(struct str name) {
    const struct builtin *builtin = builtin_find(name);
    return builtin && !builtin->is_function ? builtin : NULL;
}

static void refuse_builtin(struct script *script, const struct builtin *builtin,
                           struct span span) {
    diag_error(script->diag, D_VAR_UNSUP, span, "'%s' is not available: %s",
               builtin->name, builtin->reason);
}

static void check_symbol(struct script *script, struct node *node,
                         struct identifier *symbol) {
    node->symbol = symbol;
    if (!symbol->type) {
        diag_error(script->diag, D_VAR_UNDEF, node->span,
                   "'%.*s' is read before it was ever assigned",
                   STR_ARGS(symbol->name));
        check_fail(script, node);
        return;
    }
    node->type = symbol->type;
    if (!symbol->value)
        return;
    script->expanded += symbol->expanded;
    if (script->expanded > EXPANDED_MOST) {
        diag_error(script->diag, D_SYNTAX, node->span,
                   "the inlines of the script expand to too much");
        script->expanded = 0;
        check_fail(script, node);
    } else if (symbol->value->is_constant &&
               symbol->type->kind == TYPE_INTEGER) {
        node->is_constant = true;
        node->value = ir_wrap(symbol->value->value, type_to_ir(symbol->type));
    }
}

static void fail_undefined(struct script *script, struct node *node) {
    check_fail(script, node);
    // It may have been assigned where the script could not be read.
    if (script->had_syntax_error)
        return;
    bool is_function =
        agg_function_find(node->text) || (builtin_find(node->text) != NULL);
    if (is_function)
        diag_error(script->diag, D_IDENT_BADREF, node->span,
                   "'%.*s' is a function, not a variable",
                   STR_ARGS(node->text));
    else
        diag_error(script->diag, D_IDENT_UNDEF, node->span,
                   "there is no variable '%.*s'", STR_ARGS(node->text));
    suggest_variable(script, node->text);
}

void check_name(struct script *script, struct node *node) {
    const struct builtin *builtin = builtin_variable(node->text);
    struct identifier *symbol = map_get(&script->symbols, node->text);
    if (memchr(node->text.p, '`', node->text.n)) {
        diag_error(script->diag, D_EXPR_UNSUP, node->span,
                   "variables of the program (`name) cannot be read yet");
        check_fail(script, node);
    } else if (builtin && builtin->source == BUILTIN_REFUSED) {
        refuse_builtin(script, builtin, node->span);
        check_fail(script, node);
    } else if (builtin) {
        node->builtin = builtin;
        node->type = type_from_ir(script, builtin->type);
    } else if (symbol) {
        check_symbol(script, node, symbol);
    } else if (str_equal(node->text, STR("NULL"))) {
        node->type = type_basic(script, BASIC_INT);
        node->is_constant = true;
    } else {
        fail_undefined(script, node);
    }
}

// --- targets of assignments ---

static struct identifier *target_name(struct script *script,
                                      struct node *node) {
    struct str name = node->text;
    const struct builtin *builtin = builtin_variable(name);
    struct identifier *symbol = map_get(&script->symbols, name);
    if (builtin && builtin->source == BUILTIN_REFUSED) {
        refuse_builtin(script, builtin, node->span);
        return NULL;
    }
    if (builtin || memchr(name.p, '`', name.n) || (symbol && symbol->value)) {
        diag_error(script->diag, D_OP_WRITE, node->span,
                   "'%.*s' is %s and cannot be changed", STR_ARGS(name),
                   builtin  ? "a variable of DTrace's own"
                   : symbol ? "an inline"
                            : "a variable of the program");
        return NULL;
    }
    return symbol ? symbol : new_identifier(script, name, node->span);
}

struct identifier *check_target(struct script *script, struct node *node,
                                enum token_kind op) {
    switch (node->kind) {
    case NODE_NAME: return target_name(script, node);
    case NODE_SELF:
    case NODE_THIS:
    case NODE_MEMBER:
    case NODE_INDEX:
        if (!check_is_aggregation(node)) {
            check_expr(script, node);
            return NULL;
        }
        break;
    case NODE_MACRO:
        diag_error(script->diag, D_OP_WRITE, node->span,
                   "a macro cannot be changed");
        return NULL;
    default: break;
    }
    diag_error(script->diag, D_OP_LVAL, node->span,
               "'%s' changes a variable; this is none", token_spelling(op));
    return NULL;
}

// --- declarations ---

static bool may_declare(struct script *script, const struct item *item,
                        const struct identifier *known) {
    static const char *const storages[TOKEN_COUNT] = {
        [KEYWORD_SELF] = "thread-local variables are not supported yet",
        [KEYWORD_THIS] = "clause-local variables are not supported yet",
        [KEYWORD_STATIC] = "D has no static variables",
        [KEYWORD_AUTO] = "D has no automatic variables",
        [KEYWORD_REGISTER] = "D has no register variables",
    };
    if (storages[item->storage]) {
        diag_error(script->diag, D_DECL_UNSUP, item->span, "%s",
                   storages[item->storage]);
        return false;
    }
    if (type_refuse(script, item->type, item->span))
        return false;
    const struct builtin *builtin = builtin_variable(item->name);
    if (builtin && builtin->source != BUILTIN_REFUSED) {
        diag_error(script->diag, D_DECL_REDECL, item->span,
                   "'%.*s' is a variable of DTrace's own",
                   STR_ARGS(item->name));
        return false;
    }
    if (builtin) {
        refuse_builtin(script, builtin, item->span);
        return false;
    }
    if (!known || !known->type || known->type->kind == TYPE_ERROR)
        return !known;
    if (type_equal(known->type, item->type) && !known->value &&
        item->kind == ITEM_DECLARATION)
        return true;
    diag_error(script->diag, D_DECL_REDECL, item->span,
               "'%.*s' is %s already, of type '%.*s'", STR_ARGS(item->name),
               known->value ? "an inline" : "a variable",
               STR_ARGS(known->type->name));
    return false;
}

// The value is checked ahead of the name, which it may not mention.
static void check_inline(struct script *script, struct item *item,
                         bool allowed) {
    uint64_t outside = script->expanded;
    script->expanded = 0;
    const struct type *type = check_expr(script, item->value);
    bool fits = type->kind == item->type->kind;
    if (allowed && !fits && type->kind != TYPE_ERROR)
        diag_error(script->diag, D_OP_INCOMPAT, item->value->span,
                   "the value is '%.*s', the inline '%.*s'",
                   STR_ARGS(type->name), STR_ARGS(item->type->name));
    if (!map_get(&script->symbols, item->name)) {
        struct identifier *symbol =
            new_identifier(script, item->name, item->span);
        symbol->type =
            allowed && fits ? item->type : type_basic(script, BASIC_ERROR);
        symbol->value = item->value;
        symbol->expanded = item->value->size + script->expanded;
    }
    script->expanded = outside;
}

void check_declaration(struct script *script, struct item *item) {
    struct identifier *known = map_get(&script->symbols, item->name);
    bool allowed = may_declare(script, item, known);
    if (item->kind == ITEM_INLINE) {
        check_inline(script, item, allowed);
        return;
    }
    // If it is refused, the name is not to be reported as unknown as well.
    struct identifier *symbol =
        known ? known : new_identifier(script, item->name, item->span);
    if (!known)
        symbol->type = allowed ? item->type : type_basic(script, BASIC_ERROR);
}
