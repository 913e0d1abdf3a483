// variable.c: the variables of a script and how they come into being.
//
// There are three spaces of names: globals (which inlines and enumerators share
// with them), self-> and this->. A variable is declared, or its first
// assignment makes it and gives it the type of what is assigned; the order is
// that of the script. `name[key]` on a name that is new makes an associative
// array, whose first use fixes number and types of its keys:
//
//     last[pid, "x"] = arg0;        int64_t last[int, string]

#include <string.h>

#include "script/script.h"

// --- names ---

struct identifier *variable_find(const struct script *script,
                                 enum ir_storage storage, struct str name) {
    uint32_t count = storage == IR_GLOBAL_VARIABLE ? script->formal_count : 0;
    for (uint32_t i = 0; i < count; i++)
        if (str_equal(script->formals[i]->name, name))
            return script->formals[i];
    return map_get(&script->symbols[storage], name);
}

struct identifier *variable_new(struct script *script, enum ir_storage storage,
                                struct str name, struct span span) {
    struct identifier *symbol = ARENA_NEW(script->arena, struct identifier);
    symbol->name = name;
    symbol->span = span;
    symbol->storage = (uint8_t)storage;
    symbol->is_of_library = script->in_library || script->in_folder;
    map_put(&script->symbols[storage], name, symbol);
    if (script->last_name)
        script->last_name->next = symbol;
    else
        script->first_name = symbol;
    script->last_name = symbol;
    return symbol;
}

struct identifier *variable_formal(struct script *script, struct str name,
                                   const struct type *type, struct span span) {
    struct identifier *symbol = ARENA_NEW(script->arena, struct identifier);
    *symbol = (struct identifier){.name = name,
                                  .type = type,
                                  .span = span,
                                  .is_declared = true,
                                  .is_formal = true};
    return symbol;
}

static const char *prefix_of(const struct identifier *symbol) {
    static const char *const prefixes[] = {"", "self->", "this->"};
    return prefixes[symbol->storage];
}

static enum ir_storage storage_of(const struct node *node) {
    return node->kind == NODE_SELF   ? IR_SELF_VARIABLE
           : node->kind == NODE_THIS ? IR_THIS_VARIABLE
                                     : IR_GLOBAL_VARIABLE;
}

static bool is_variable_name(const struct node *node) {
    return node->kind == NODE_NAME || node->kind == NODE_SELF ||
           node->kind == NODE_THIS;
}

// --- use ---

// The type of a variable that is used so, or what is missing. Of one that is
// assigned it may be unknown still.
static void use_variable(struct script *script, struct node *node,
                         struct identifier *symbol, enum variable_use use) {
    node->symbol = symbol;
    node->type = symbol->type;
    node->is_lvalue = true;
    node->is_writable = !symbol->value && !symbol->is_formal;
    if (symbol->type || use == USE_ASSIGN)
        return;
    diag_error(script->diag, D_VAR_UNDEF, node->span,
               "'%s%.*s' is %s before it was ever assigned", prefix_of(symbol),
               STR_ARGS(symbol->name), use == USE_READ ? "read" : "changed");
    check_fail(script, node);
    if (use == USE_CHANGE)
        symbol->type = node->type;
}

static void check_scalar(struct script *script, struct node *node,
                         struct identifier *symbol, enum variable_use use) {
    if (!symbol->is_array) {
        use_variable(script, node, symbol, use);
        return;
    }
    diag_error(script->diag, D_IDENT_BADREF, node->span,
               "'%s%.*s' is an associative array; its elements have keys",
               prefix_of(symbol), STR_ARGS(symbol->name));
    check_fail(script, node);
}

void check_variable(struct script *script, struct node *node,
                    enum variable_use use) {
    struct identifier *symbol =
        variable_find(script, storage_of(node), node->text);
    if (node->kind == NODE_NAME && check_name(script, node, use))
        return;
    if (!symbol)
        symbol = variable_new(script, storage_of(node), node->text, node->span);
    check_scalar(script, node, symbol, use);
}

// --- keys ---

static bool check_key(struct script *script, struct node *key) {
    const struct type *type = check_is_aggregation(key)
                                  ? type_basic(script, BASIC_VOID)
                                  : check_expr(script, key);
    bool is_key = type_is_scalar(type) || type_is_string(type);
    if (is_key || type_is_error(type))
        return is_key;
    diag_error(script->diag, D_KEY_TYPE, key->span, "%s cannot be a key",
               type->kind == TYPE_VOID ? "this" : "a value of this type");
    return false;
}

bool check_tuple(struct script *script, const struct node *node) {
    int64_t most = script->out->options.values[IR_OPTION_tregs];
    if (most == 0 || node->count <= most)
        return true;
    diag_error(script->diag, D_UNKNOWN, node->span,
               "Insufficient tuple registers to generate code");
    return false;
}

// The first use: the keys have the types that they have here.
static void set_keys(struct script *script, struct identifier *symbol,
                     const struct node *node) {
    symbol->key_count = node->count;
    symbol->keys = ARENA_ARRAY(script->arena, struct parameter, node->count);
    uint32_t i = 0;
    for (const struct node *key = node->list; key; key = key->next)
        symbol->keys[i++] = (struct parameter){.type = key->type};
}

static bool same_keys(struct script *script, const struct identifier *symbol,
                      const struct node *node) {
    if (node->count != symbol->key_count) {
        diag_error(script->diag, D_PROTO_LEN, node->span,
                   "%.*s[ ] prototype mismatch: %u key%s passed, %u expected",
                   STR_ARGS(symbol->name), node->count,
                   node->count == 1 ? "" : "s", symbol->key_count);
        return false;
    }
    uint32_t i = 0;
    for (const struct node *key = node->list; key; key = key->next) {
        const struct type *wanted = symbol->keys[i++].type;
        if (check_fits(script, wanted, key))
            continue;
        diag_error(script->diag, D_PROTO_ARG, key->span,
                   "%.*s[ ] key #%u is incompatible with prototype:\n"
                   "\tprototype: %.*s\n\t      key: %.*s",
                   STR_ARGS(symbol->name), i, STR_ARGS(wanted->name),
                   STR_ARGS(key->type->name));
        return false;
    }
    return true;
}

// The array that `node` names a part of; NULL: it names none, but a value that
// is indexed, or nothing at all.
static struct identifier *find_array(struct script *script,
                                     const struct node *name,
                                     enum variable_use use) {
    if (!is_variable_name(name))
        return NULL;
    enum ir_storage storage = storage_of(name);
    struct identifier *symbol = variable_find(script, storage, name->text);
    bool is_other = storage == IR_GLOBAL_VARIABLE &&
                    (builtin_find(name->text) || str_find(name->text, '`'));
    bool is_unknown =
        !symbol && storage == IR_GLOBAL_VARIABLE && use == USE_READ;
    if (is_other || is_unknown || (symbol && symbol->type && !symbol->is_array))
        return NULL;
    if (!symbol)
        symbol = variable_new(script, storage, name->text, name->span);
    return symbol;
}

bool check_element(struct script *script, struct node *node,
                   enum variable_use use) {
    struct identifier *symbol = find_array(script, node->a, use);
    if (!symbol)
        return false;
    bool good = true;
    for (struct node *key = node->list; key; key = key->next)
        good &= check_key(script, key);
    if (!symbol->is_array && symbol->storage == IR_THIS_VARIABLE) {
        diag_error(script->diag, D_ARR_LOCAL, node->span,
                   "'this->%.*s' cannot be an associative array",
                   STR_ARGS(symbol->name));
        good = false;
    } else {
        symbol->is_array = true;
    }
    good = good && check_tuple(script, node);
    if (good && !symbol->keys && !symbol->type)
        set_keys(script, symbol, node);
    good = good && same_keys(script, symbol, node);
    if (good && symbol->value)
        check_inline_use(script, node, symbol);
    else if (good)
        use_variable(script, node, symbol, use);
    else
        check_fail(script, node);
    return true;
}
