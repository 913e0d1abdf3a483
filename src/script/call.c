// call.c: subroutines and actions, by the rows of builtins.def.
//
// The number of arguments is checked before their types, as in DTrace. An
// action is a statement of its own; a subroutine has a value.

#include <string.h>

#include "script/script.h"

static void suggest_function(struct script *script, struct str name) {
    const char *best = NULL;
    size_t least = name.n < 4 ? 2 : 3, count;
    const struct builtin *table = builtin_table(&count);
    for (size_t i = 0; i < count; i++) {
        size_t distance =
            str_distance(name, str_from(table[i].name), least - 1);
        if (!table[i].is_function || distance >= least)
            continue;
        least = distance;
        best = table[i].name;
    }
    if (best)
        diag_help(script->diag, "did you mean '%s()'?", best);
}

// The function that is called; NULL: reported.
static const struct builtin *find_function(struct script *script,
                                           const struct node *node) {
    const struct node *name = node->a;
    if (name->kind != NODE_NAME) {
        diag_error(script->diag, D_FUNC_IDENT, name->span,
                   "only a function of DTrace's own can be called");
        return NULL;
    }
    const struct builtin *builtin = builtin_find(name->text);
    if (agg_function_find(name->text)) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "%.*s() must be assigned to an aggregation",
                   STR_ARGS(name->text));
        diag_help(script->diag, "@ = %.*s", STR_ARGS(script_text(node->span)));
    } else if (!builtin) {
        diag_error(script->diag, D_FUNC_UNDEF, name->span,
                   "there is no function '%.*s'", STR_ARGS(name->text));
        suggest_function(script, name->text);
    } else if (builtin->source == BUILTIN_REFUSED) {
        diag_error(script->diag, D_FUNC_UNSUP, name->span,
                   "'%s' is not available: %s", builtin->name, builtin->reason);
    } else if (!builtin->is_function) {
        diag_error(script->diag, D_IDENT_BADREF, name->span,
                   "'%s' is a variable, not a function", builtin->name);
    } else {
        return builtin;
    }
    return NULL;
}

static bool check_count(struct script *script, const struct node *node,
                        const struct builtin *builtin) {
    size_t wanted = strlen(builtin->arguments);
    if (node->count == wanted)
        return true;
    diag_error(script->diag, D_PROTO_LEN, node->span,
               "%s() takes %zu argument%s, not %u", builtin->name, wanted,
               wanted == 1 ? "" : "s", node->count);
    return false;
}

// One argument against its letter in the row.
static bool check_argument(struct script *script, struct node *argument,
                           const struct builtin *builtin, char letter,
                           unsigned number) {
    const struct type *type = check_expr(script, argument);
    if (type->kind == TYPE_ERROR)
        return false;
    enum type_kind wanted = letter == 's' ? TYPE_STRING : TYPE_INTEGER;
    bool is_wanted = type->kind == wanted;
    if (is_wanted && (letter != 'c' || argument->is_constant))
        return true;
    diag_error(script->diag, D_PROTO_ARG, argument->span,
               "argument %u of %s() must be %s, not %s%.*s", number,
               builtin->name,
               letter == 's'   ? "a string"
               : letter == 'c' ? "an integer constant"
                               : "an integer",
               is_wanted ? "a variable " : "", STR_ARGS(type->name));
    return false;
}

static bool check_arguments(struct script *script, struct node *node,
                            const struct builtin *builtin) {
    bool good = check_count(script, node, builtin);
    const char *letter = builtin->arguments;
    unsigned number = 1;
    if (!good)
        return false;
    for (struct node *item = node->list; item; item = item->next)
        good &= check_argument(script, item, builtin, *letter++, number++);
    return good;
}

void check_call(struct script *script, struct node *node) {
    const struct builtin *builtin = find_function(script, node);
    check_fail(script, node);
    if (!builtin)
        return;
    if (builtin->source == BUILTIN_ACTION) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "%s() is an action, a statement of its own", builtin->name);
        return;
    }
    if (!check_arguments(script, node, builtin))
        return;
    node->builtin = builtin;
    node->type = type_from_ir(script, builtin->type);
}

void check_action(struct script *script, struct node *node) {
    const struct builtin *builtin = find_function(script, node);
    check_fail(script, node);
    if (!builtin || !check_arguments(script, node, builtin))
        return;
    node->builtin = builtin;
    node->type = type_basic(script, BASIC_VOID);
}
