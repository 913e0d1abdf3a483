// external.c: variables and functions of the program in a script.
//
// `name is one, a.out`name too. It stands for what lies at its address, as if
// the script had written `*(type *)address`; the type is what the program's
// debug information says.

#include "script/script.h"

static const struct symbol *find_symbol(const struct image *program,
                                        struct str name) {
    for (size_t i = 0; program && i < program->symbol_count; i++)
        if (str_equal(program->symbols[i].name, name))
            return &program->symbols[i];
    return NULL;
}

// Why a name means nothing.
static void fail(struct script *script, struct node *node, struct str scope,
                 struct str name) {
    bool is_program = userland_is_scope(script, scope);
    if (is_program && find_symbol(script->outside->program, name))
        diag_error(script->diag, D_SYM_NOTYPES, node->span,
                   "the program has no debug information that tells the type "
                   "of '%.*s'",
                   STR_ARGS(name));
    else
        diag_error(script->diag, D_IDENT_UNDEF, node->span,
                   "failed to resolve %.*s: Unknown symbol name",
                   STR_ARGS(node->text));
    if (!is_program && scope.n)
        diag_help(script->diag, "only variables of the program itself have "
                                "names here: a.out`name");
    check_fail(script, node);
}

void check_external(struct script *script, struct node *node) {
    struct str scope, name = script_unscoped(node->text, &scope);
    uint64_t va = 0;
    const struct type *type = userland_is_scope(script, scope)
                                  ? userland_object(script, name, &va)
                                  : NULL;
    if (!type) {
        fail(script, node, scope, name);
        return;
    }
    if (!va) {
        diag_error(script->diag, D_VAR_UNSUP, node->span,
                   "'%.*s' has no address that is always the same",
                   STR_ARGS(name));
        check_fail(script, node);
        return;
    }
    struct node *address = ARENA_NEW(script->arena, struct node);
    *address = (struct node){.kind = NODE_NAME,
                             .span = node->span,
                             .text = STR("__program"),
                             .value = va,
                             .builtin = builtin_find(STR("__program"))};
    address->type = type_derived(script, TYPE_POINTER, type, 0);
    node->kind = NODE_UNARY;
    node->op = TOKEN_MUL;
    node->a = address;
    node->type = type;
    node->is_lvalue = true;
}
