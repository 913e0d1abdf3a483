// name.c: what a name in a script means.
//
// D has one space of names for variables: those of DTrace's own (the rows of
// builtins.def), globals, inlines and enumerators. variable.c has what becomes
// of variables of the script's own. Functions have a space of their own
// (call.c), aggregations another (aggregate.c).

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

// --- use ---

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

void check_inline_use(struct script *script, struct node *node,
                      struct identifier *symbol) {
    node->symbol = symbol;
    node->type = symbol->type;
    node->is_lvalue = symbol->type->kind != TYPE_ENUM;
    script->expanded += symbol->expanded;
    if (script->expanded > EXPANDED_MOST) {
        diag_error(script->diag, D_SYNTAX, node->span,
                   "the inlines of the script expand to too much");
        script->expanded = 0;
        check_fail(script, node);
    } else if (symbol->value->is_constant && type_is_integer(symbol->type)) {
        node->is_constant = true;
        node->value = ir_wrap(symbol->value->value, type_to_ir(symbol->type));
    }
}

static void use_whole_inline(struct script *script, struct node *node,
                             struct identifier *symbol) {
    if (!symbol->is_array) {
        check_inline_use(script, node, symbol);
        return;
    }
    diag_error(script->diag, D_IDENT_BADREF, node->span,
               "'%.*s' takes its parameters in brackets",
               STR_ARGS(symbol->name));
    check_fail(script, node);
}

static void use_formal(struct node *node, struct identifier *symbol) {
    node->symbol = symbol;
    node->type = symbol->type;
    node->is_lvalue = true;
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
                   "failed to resolve %.*s: Unknown variable name",
                   STR_ARGS(node->text));
    suggest_variable(script, node->text);
}

// Decides what is no variable of the script's own, or not to be found.
bool check_name(struct script *script, struct node *node,
                enum variable_use use) {
    const struct builtin *builtin = builtin_variable(node->text);
    struct identifier *symbol =
        variable_find(script, IR_GLOBAL_VARIABLE, node->text);
    if (symbol && symbol->is_formal) {
        use_formal(node, symbol);
    } else if (str_find(node->text, '`')) {
        check_external(script, node);
    } else if (builtin && (builtin->source == BUILTIN_ARGS ||
                           builtin->source == BUILTIN_UREGS)) {
        diag_error(script->diag, D_IDENT_BADREF, node->span,
                   "'%s' is an array; its elements have a number",
                   builtin->name);
        check_fail(script, node);
    } else if (builtin && builtin->source == BUILTIN_REFUSED) {
        refuse_builtin(script, builtin, node->span);
        check_fail(script, node);
    } else if (builtin) {
        node->builtin = builtin;
        node->type = type_from_ir(script, builtin->type);
        node->is_lvalue = true; // though never one to write to
        node->is_constant = builtin->source == BUILTIN_ZERO;
    } else if (symbol && symbol->value) {
        use_whole_inline(script, node, symbol);
    } else if (!symbol && str_equal(node->text, STR("NULL"))) {
        node->type = type_basic(script, BASIC_INT);
        node->is_constant = true;
    } else if (!symbol && use == USE_READ) {
        fail_undefined(script, node);
    }
    return node->type != NULL;
}

// --- declarations ---

static bool refuse_storage(struct script *script, const struct item *item) {
    const struct type *type = item->type;
    bool is_local_array =
        item->storage == KEYWORD_THIS && type->kind == TYPE_ASSOCIATIVE;
    if (item->storage == KEYWORD_STATIC || item->storage == KEYWORD_AUTO ||
        item->storage == KEYWORD_REGISTER)
        diag_error(script->diag, D_DECL_BADCLASS, item->span,
                   "specified storage class not appropriate in D");
    else if (item->kind == ITEM_INLINE && item->storage != TOKEN_END)
        diag_error(script->diag, D_DECL_BADCLASS, item->span,
                   "an inline has no storage class");
    else if (is_local_array)
        diag_error(script->diag, D_DECL_LOCASSC, item->span,
                   "associative arrays may not be declared as local variables: "
                   "%.*s",
                   STR_ARGS(item->name));
    else
        return false;
    return true;
}

static bool refuse_type(struct script *script, const struct item *item) {
    const struct type *type = item->type;
    if (type->kind == TYPE_ASSOCIATIVE)
        type = type->of;
    if (type->kind == TYPE_VOID)
        diag_error(script->diag, D_DECL_VOIDOBJ, item->span,
                   "a variable cannot be void");
    else if (type->kind == TYPE_ARRAY && !type->count)
        diag_error(script->diag, D_DECL_ARRNULL, item->span,
                   "an array needs a dimension or keys");
    else if (type->kind == TYPE_FUNCTION)
        diag_error(script->diag, D_DECL_UNSUP, item->span,
                   "D has no functions of a script's own");
    else if (!type_size(script, type) && !type_is_error(type))
        diag_error(script->diag, D_DECL_INCOMPLETE, item->span,
                   "what is in '%.*s' is not known", STR_ARGS(type->name));
    else
        return type_is_error(type);
    return true;
}

// Whether a name is free, or declared as the same before.
static bool check_redeclared(struct script *script, const struct item *item,
                             const struct identifier *known) {
    const struct builtin *builtin =
        known && known->storage ? NULL : builtin_variable(item->name);
    bool is_array = item->type->kind == TYPE_ASSOCIATIVE;
    const struct type *type = is_array ? item->type->of : item->type;
    if (builtin && builtin->source == BUILTIN_REFUSED) {
        refuse_builtin(script, builtin, item->span);
        return false;
    }
    if (builtin) {
        diag_error(script->diag, D_DECL_IDRED, item->span,
                   "'%.*s' is a variable of DTrace's own",
                   STR_ARGS(item->name));
        return false;
    }
    if (!known || !known->type || type_is_error(known->type))
        return !known;
    if (type_equal(known->type, type) && known->is_array == is_array &&
        !known->value && item->kind == ITEM_DECLARATION)
        return true;
    diag_error(script->diag, D_DECL_IDRED, item->span,
               "'%.*s' is %s already, of type '%.*s'", STR_ARGS(item->name),
               known->value ? "an inline" : "a variable",
               STR_ARGS(known->type->name));
    return false;
}

static bool may_declare(struct script *script, const struct item *item,
                        const struct identifier *known) {
    return !refuse_storage(script, item) && !refuse_type(script, item) &&
           check_redeclared(script, item, known);
}

static struct identifier **new_formals(struct script *script,
                                       const struct type *type) {
    struct identifier **formals =
        ARENA_ARRAY(script->arena, struct identifier *, type->parameter_count);
    for (uint32_t i = 0; i < type->parameter_count; i++)
        formals[i] =
            variable_formal(script, type->parameters[i].name,
                            type->parameters[i].type, type->parameters[i].span);
    return formals;
}

// What is translated may be named with the type that it translates to.
static bool fits_inline(struct script *script, const struct type *type,
                        const struct node *value) {
    if (value->type->kind == TYPE_TRANSLATED)
        return type_equal(type, value->type->of);
    return check_fits(script, type, value);
}

// The value is checked ahead of the name, which it may not mention.
static void check_inline(struct script *script, struct item *item,
                         bool allowed) {
    uint64_t outside = script->expanded;
    bool is_array = item->type->kind == TYPE_ASSOCIATIVE;
    const struct type *declared = is_array ? item->type->of : item->type;
    script->expanded = 0;
    script->formals = new_formals(script, item->type);
    script->formal_count = is_array ? item->type->parameter_count : 0;
    const struct type *type = check_expr(script, item->value);
    bool fits = fits_inline(script, declared, item->value);
    if (allowed && !fits && !type_is_error(type))
        diag_error(script->diag, D_OP_INCOMPAT, item->value->span,
                   "the value is '%.*s', the inline '%.*s'",
                   STR_ARGS(type->name), STR_ARGS(declared->name));
    if (!variable_find(script, IR_GLOBAL_VARIABLE, item->name)) {
        struct identifier *symbol =
            variable_new(script, IR_GLOBAL_VARIABLE, item->name, item->span);
        symbol->type = !allowed || !fits ? type_basic(script, BASIC_ERROR)
                       : type->kind == TYPE_TRANSLATED ? type
                                                       : declared;
        symbol->value = item->value;
        symbol->expanded = item->value->size + script->expanded;
        symbol->is_array = is_array;
        symbol->keys = item->type->parameters;
        symbol->key_count = script->formal_count;
        symbol->formals = script->formals;
    }
    script->formal_count = 0;
    script->expanded = outside;
}

static enum ir_storage storage_of(const struct item *item) {
    return item->storage == KEYWORD_SELF   ? IR_SELF_VARIABLE
           : item->storage == KEYWORD_THIS ? IR_THIS_VARIABLE
                                           : IR_GLOBAL_VARIABLE;
}

void check_declaration(struct script *script, struct item *item) {
    enum ir_storage storage = storage_of(item);
    struct identifier *known = variable_find(script, storage, item->name);
    bool allowed = may_declare(script, item, known);
    const struct type *type = item->type;
    if (item->kind == ITEM_INLINE) {
        check_inline(script, item, allowed);
        return;
    }
    if (known)
        return;
    // If it is refused, the name is not to be reported as unknown as well.
    struct identifier *symbol =
        variable_new(script, storage, item->name, item->span);
    symbol->is_array = type->kind == TYPE_ASSOCIATIVE;
    symbol->is_declared = true;
    symbol->keys = type->parameters;
    symbol->key_count = type->parameter_count;
    symbol->type = !allowed           ? type_basic(script, BASIC_ERROR)
                   : symbol->is_array ? type->of
                                      : type;
}
