// lower.c: the checked tree becomes IR.
//
// What C leaves unsaid is said here: every conversion is a CAST, every
// operation has operands of one type, compound assignments are spelled out.
//
//     c += 1        (c is a char)     c = (char)((int)c + 1)
//     c++                             (char)((int)(c = ...) - 1)
//     /s == "x"/                      eq.i32 global.str:s text.str:"x"
//
// Also here: script_compile(), the front end as a list of its steps.

#include <string.h>

#include "script/script.h"

// A clause being lowered.
struct lowering {
    struct script *script;
    struct arena *arena;
    bool exits;
};

static struct ir_expr *lower_expr(struct lowering *lower,
                                  const struct node *node);

static struct ir_expr *new_binary(struct lowering *lower, enum ir_op op,
                                  struct ir_type type, struct ir_expr *a,
                                  struct ir_expr *b, struct span span) {
    struct ir_expr *expr = ir_expr_new(lower->arena, op, type, span);
    expr->a = a;
    expr->b = b;
    return expr;
}

// `expr` as `type`; a constant at once.
static struct ir_expr *convert(struct lowering *lower, struct ir_expr *expr,
                               struct ir_type type) {
    if (expr->op == IR_CONST && type.kind == IR_INT)
        return ir_const(lower->arena, type, expr->value, expr->span);
    return ir_cast(lower->arena, expr, type);
}

// A truth value as an int.
static struct ir_expr *lower_truth(struct lowering *lower,
                                   const struct node *node) {
    struct ir_expr *expr = lower_expr(lower, node);
    if (ir_type_equal(expr->type, IR_TYPE_INT))
        return expr;
    struct ir_expr *zero = ir_const(lower->arena, expr->type, 0, node->span);
    return new_binary(lower, IR_NE, IR_TYPE_INT, expr, zero, node->span);
}

// a op b with operands that meet at the type C wants. Shifts keep the type of
// the left one.
static struct ir_expr *lower_operation(struct lowering *lower, enum ir_op op,
                                       struct ir_expr *a,
                                       const struct type *a_type,
                                       const struct node *b, struct span span) {
    struct script *script = lower->script;
    struct ir_expr *right = lower_expr(lower, b);
    if (a_type->kind == TYPE_STRING)
        return new_binary(lower, op, IR_TYPE_INT, a, right, span);
    bool is_shift = op == IR_SHL || op == IR_SHR;
    bool is_compare = op >= IR_LT && op <= IR_NE;
    struct ir_type meet =
        type_to_ir(is_shift ? type_promoted(script, a_type)
                            : type_common(script, a_type, b->type));
    struct ir_type right_type =
        is_shift ? type_to_ir(type_promoted(script, b->type)) : meet;
    return new_binary(lower, op, is_compare ? IR_TYPE_INT : meet,
                      convert(lower, a, meet),
                      convert(lower, right, right_type), span);
}

static struct ir_expr *lower_binary(struct lowering *lower,
                                    const struct node *node) {
    enum ir_op op = token_operation(node->op);
    if (op == IR_LAND || op == IR_LOR || op == IR_LXOR)
        return new_binary(lower, op, IR_TYPE_INT, lower_truth(lower, node->a),
                          lower_truth(lower, node->b), node->span);
    return lower_operation(lower, op, lower_expr(lower, node->a), node->a->type,
                           node->b, node->span);
}

static struct ir_expr *lower_unary(struct lowering *lower,
                                   const struct node *node) {
    struct ir_type type = type_to_ir(node->type);
    struct ir_expr *a = lower_expr(lower, node->a);
    enum ir_op op = node->op == TOKEN_SUB     ? IR_NEGATE
                    : node->op == TOKEN_TILDE ? IR_COMPLEMENT
                                              : IR_NOT;
    if (op != IR_NOT)
        a = convert(lower, a, type);
    if (node->op == TOKEN_ADD)
        return a;
    struct ir_expr *expr = ir_expr_new(lower->arena, op, type, node->span);
    expr->a = a;
    return expr;
}

// --- variables ---

static struct ir_expr *lower_global(struct lowering *lower,
                                    const struct identifier *symbol,
                                    struct span span) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_VARIABLE, symbol->variable->type, span);
    expr->variable = symbol->variable;
    return expr;
}

// symbol = value
static struct ir_expr *lower_store(struct lowering *lower,
                                   const struct identifier *symbol,
                                   struct ir_expr *value, struct span span) {
    struct ir_type type = symbol->variable->type;
    struct ir_expr *expr = ir_expr_new(lower->arena, IR_ASSIGN, type, span);
    expr->variable = symbol->variable;
    expr->a = convert(lower, value, type);
    return expr;
}

static struct ir_expr *lower_assign(struct lowering *lower,
                                    const struct node *node) {
    const struct identifier *symbol = node->symbol;
    struct ir_expr *value;
    if (node->op == TOKEN_ASSIGN)
        value = lower_expr(lower, node->b);
    else
        value = lower_operation(lower, token_operation(node->op),
                                lower_global(lower, symbol, node->a->span),
                                symbol->type, node->b, node->span);
    return lower_store(lower, symbol, value, node->span);
}

// variable = variable op 1
static struct ir_expr *lower_stepped(struct lowering *lower,
                                     const struct node *node) {
    const struct identifier *symbol = node->symbol;
    struct ir_type wide =
        type_to_ir(type_promoted(lower->script, symbol->type));
    struct ir_expr *old =
        convert(lower, lower_global(lower, symbol, node->span), wide);
    struct ir_expr *one = ir_const(lower->arena, wide, 1, node->span);
    return lower_store(lower, symbol,
                       new_binary(lower, token_operation(node->op), wide, old,
                                  one, node->span),
                       node->span);
}

// For the value of the postfix forms the step is undone.
static struct ir_expr *lower_step(struct lowering *lower,
                                  const struct node *node) {
    struct ir_expr *stored = lower_stepped(lower, node);
    if (!node->is_postfix)
        return stored;
    struct ir_type narrow = stored->type;
    struct ir_type wide =
        type_to_ir(type_promoted(lower->script, node->symbol->type));
    enum ir_op op = node->op == TOKEN_INC ? IR_SUB : IR_ADD;
    struct ir_expr *one = ir_const(lower->arena, wide, 1, node->span);
    return convert(lower,
                   new_binary(lower, op, wide, convert(lower, stored, wide),
                              one, node->span),
                   narrow);
}

static enum ir_op site_op(const char *name) {
    static const struct {
        const char *name;
        uint8_t op;
    } rows[] = {{"probeprov", IR_SITE_PROV},
                {"probemod", IR_SITE_MOD},
                {"probefunc", IR_SITE_FUNC},
                {"probename", IR_SITE_NAME}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].op;
    return IR_SITE_ID;
}

static struct ir_expr *lower_builtin(struct lowering *lower,
                                     const struct node *node) {
    const struct builtin *builtin = node->builtin;
    static const uint8_t ops[] = {[BUILTIN_ARG] = IR_ARG,
                                  [BUILTIN_CALLER] = IR_CALLER,
                                  [BUILTIN_ERRNO] = IR_ERRNO,
                                  [BUILTIN_CALL] = IR_CALL};
    enum ir_op op = builtin->source == BUILTIN_SITE
                        ? site_op(builtin->name)
                        : (enum ir_op)ops[builtin->source];
    struct ir_expr *expr =
        ir_expr_new(lower->arena, op, builtin->type, node->span);
    if (op == IR_ARG)
        expr->value = (uint64_t)(builtin->name[strlen("arg")] - '0');
    if (op == IR_CALL)
        expr->callee = builtin;
    return expr;
}

static struct ir_expr *lower_name(struct lowering *lower,
                                  const struct node *node) {
    if (node->builtin)
        return lower_builtin(lower, node);
    const struct identifier *symbol = node->symbol;
    if (symbol->value)
        return convert(lower, lower_expr(lower, symbol->value),
                       type_to_ir(symbol->type));
    return lower_global(lower, symbol, node->span);
}

// --- the rest of the expressions ---

static struct ir_expr *lower_call(struct lowering *lower,
                                  const struct node *node) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_CALL, node->builtin->type, node->span);
    expr->callee = node->builtin;
    expr->args = ARENA_ARRAY(lower->arena, struct ir_expr *, node->count);
    for (const struct node *item = node->list; item; item = item->next) {
        struct ir_expr *argument = lower_expr(lower, item);
        if (argument->type.kind == IR_INT)
            argument = convert(lower, argument, IR_TYPE_I64);
        expr->args[expr->arg_count++] = argument;
    }
    return expr;
}

static struct ir_expr *lower_cond(struct lowering *lower,
                                  const struct node *node) {
    struct ir_type type = type_to_ir(node->type);
    struct ir_expr *expr = ir_expr_new(lower->arena, IR_COND, type, node->span);
    expr->a = lower_truth(lower, node->a);
    expr->b = convert(lower, lower_expr(lower, node->b), type);
    expr->c = convert(lower, lower_expr(lower, node->c), type);
    return expr;
}

static struct ir_expr *lower_comma(struct lowering *lower,
                                   const struct node *node) {
    struct ir_expr *a = lower_expr(lower, node->a);
    struct ir_expr *b = lower_expr(lower, node->b);
    return new_binary(lower, IR_COMMA, b->type, a, b, node->span);
}

// Text ends at its first NUL, and is no longer than strings may be.
static struct ir_expr *lower_text(struct lowering *lower,
                                  const struct node *node) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_TEXT, IR_TYPE_STRING, node->span);
    size_t n = 0;
    while (n < node->text.n && n < lower->script->out->strsize &&
           node->text.p[n])
        n++;
    expr->text = (struct str){node->text.p, n};
    return expr;
}

static struct ir_expr *lower_cast(struct lowering *lower,
                                  const struct node *node) {
    struct ir_expr *a = lower_expr(lower, node->a);
    if (node->type->kind != TYPE_INTEGER) // (void), (string), stringof
        return a;
    return convert(lower, a, type_to_ir(node->type));
}

static struct ir_expr *lower_expr(struct lowering *lower,
                                  const struct node *node) {
    static struct ir_expr *(*const lowerings[])(struct lowering *,
                                                const struct node *) = {
        [NODE_TEXT] = lower_text,     [NODE_NAME] = lower_name,
        [NODE_UNARY] = lower_unary,   [NODE_STEP] = lower_step,
        [NODE_BINARY] = lower_binary, [NODE_ASSIGN] = lower_assign,
        [NODE_COND] = lower_cond,     [NODE_COMMA] = lower_comma,
        [NODE_CAST] = lower_cast,     [NODE_STRINGOF] = lower_cast,
        [NODE_CALL] = lower_call,     [NODE_KIND_COUNT] = NULL};
    if (node->is_constant)
        return ir_const(lower->arena, type_to_ir(node->type), node->value,
                        node->span);
    return lowerings[node->kind](lower, node);
}

// --- statements ---

static struct ir_stmt *new_stmt(struct lowering *lower, enum ir_stmt_op op,
                                struct span span) {
    struct ir_stmt *stmt = ARENA_NEW(lower->arena, struct ir_stmt);
    stmt->op = (uint8_t)op;
    stmt->span = span;
    return stmt;
}

static struct ir_stmt *lower_action(struct lowering *lower,
                                    const struct stmt *stmt) {
    static const struct {
        const char *name;
        uint8_t op;
    } actions[] = {{"exit", IR_EXIT}, {"send", IR_SEND}};
    const struct node *call = stmt->a;
    struct ir_stmt *out = new_stmt(lower, IR_DO, stmt->span);
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (!strcmp(actions[i].name, call->builtin->name))
            out->op = actions[i].op;
    out->a = convert(lower, lower_expr(lower, call->list), IR_TYPE_INT);
    lower->exits |= out->op == IR_EXIT;
    return out;
}

static struct ir_stmt *lower_aggregation(struct lowering *lower,
                                         const struct stmt *stmt) {
    const struct node *node = stmt->a, *place = node->a;
    struct ir_aggregation *aggregation = node->aggregation;
    struct ir_stmt *out = new_stmt(lower, IR_AGG, stmt->span);
    out->aggregation = aggregation;
    out->keys =
        ARENA_ARRAY(lower->arena, struct ir_expr *, aggregation->key_count);
    const struct node *key = place->list;
    for (uint32_t i = 0; i < aggregation->key_count; i++, key = key->next)
        out->keys[i] =
            convert(lower, lower_expr(lower, key), aggregation->key_types[i]);
    out->args = ARENA_ARRAY(lower->arena, struct ir_expr *, 2);
    uint32_t i = 0;
    for (const struct node *item = node->function->list; item;
         item = item->next, i++)
        if (i == 0 || i > aggregation->param_count)
            out->args[out->arg_count++] =
                convert(lower, lower_expr(lower, item), IR_TYPE_I64);
    return out;
}

static struct ir_stmt *lower_body(struct lowering *lower,
                                  const struct stmt *stmt) {
    struct ir_stmt *first = NULL, **link = &first;
    for (; stmt; stmt = stmt->next) {
        struct ir_stmt *out;
        if (stmt->kind == STMT_IF) {
            out = new_stmt(lower, IR_IF, stmt->span);
            out->a = lower_truth(lower, stmt->a);
            out->then_ = lower_body(lower, stmt->then_);
            out->else_ = lower_body(lower, stmt->else_);
        } else if (stmt->kind == STMT_ACTION) {
            out = lower_action(lower, stmt);
        } else if (stmt->kind == STMT_AGG) {
            out = lower_aggregation(lower, stmt);
        } else {
            out = new_stmt(lower, IR_DO, stmt->span);
            out->a = stmt->a->kind == NODE_STEP ? lower_stepped(lower, stmt->a)
                                                : lower_expr(lower, stmt->a);
        }
        *link = out;
        link = &out->next;
    }
    return first;
}

// --- the script ---

static void lower_variables(struct script *script) {
    struct ir_script *out = script->out;
    for (struct identifier *s = script->first_name; s; s = s->next) {
        if (s->value)
            continue;
        struct ir_variable *variable =
            ARENA_NEW(script->arena, struct ir_variable);
        variable->name = s->name;
        variable->type = type_to_ir(s->type);
        s->variable = variable;
        *ARENA_PUSH(script->arena, out->variables, out->variable_count,
                    script->variable_room) = variable;
    }
}

#define PROBE_ID_END 2 // in every script, as in DTrace

// Whether a description means END. One without a provider does only if it is
// nothing but the name.
static bool is_end(const struct probe_desc *desc) {
    if (desc->id)
        return desc->id == PROBE_ID_END;
    if (desc->provider_omitted)
        return str_equal(desc->name, STR("END")) && !desc->function.n &&
               !desc->module.n;
    return str_glob(desc->provider, STR("dtrace")) &&
           str_glob(desc->name, STR("END")) &&
           str_glob(desc->function, STR("")) && str_glob(desc->module, STR(""));
}

static void add_clause(struct script *script, const struct item *item,
                       struct probe_clause probes) {
    struct ir_script *out = script->out;
    struct lowering lower = {.script = script, .arena = script->arena};
    struct ir_clause *clause = ARENA_NEW(script->arena, struct ir_clause);
    if (item->predicate)
        clause->predicate = lower_truth(&lower, item->predicate);
    clause->body = lower_body(&lower, item->body);
    clause->exits = lower.exits;
    clause->span = item->span;
    clause->index = (uint32_t)out->clause_count;
    out->has_exit |= lower.exits;
    *ARENA_PUSH(script->arena, out->clauses, out->clause_count,
                script->clause_room) = clause;
    size_t count = out->clause_count - 1;
    *ARENA_PUSH(script->arena, out->probes, count, script->probe_room) = probes;
}

// END runs after exit(), other probes do not: so a clause of both is two.
static void lower_clause(struct script *script, const struct item *item) {
    struct probe_clause parts[2] = {{0}};
    size_t rooms[2] = {0};
    for (size_t i = 0; i < item->probes.desc_count; i++) {
        const struct probe_desc *desc = &item->probes.descs[i];
        bool end = is_end(desc);
        *ARENA_PUSH(script->arena, parts[end].descs, parts[end].desc_count,
                    rooms[end]) = *desc;
        script->out->has_end |= end;
    }
    for (size_t i = 0; i < 2; i++)
        if (parts[i].desc_count)
            add_clause(script, item, parts[i]);
}

void lower_program(struct script *script) {
    struct ir_script *out = script->out;
    lower_variables(script);
    for (const struct item *item = script->items; item; item = item->next)
        if (item->kind == ITEM_CLAUSE)
            lower_clause(script, item);
    for (size_t i = 0; i < out->clause_count; i++)
        out->clauses[i]->checks_end =
            out->has_exit && !is_end(&out->probes[i].descs[0]);
}

struct ir_script *script_compile(struct arena *arena, struct source *source,
                                 const struct script_options *options,
                                 const struct arch *arch, struct diag *diag) {
    static const struct script_options none = {0};
    struct script *script = ARENA_NEW(arena, struct script);
    unsigned errors_before = diag->errors;
    script->arena = arena;
    script->diag = diag;
    script->arch = arch;
    script->outside = options ? options : &none;
    script->default_args = script->outside->default_args;
    script->source = source;
    script->text = source->text;
    script->out = ARENA_NEW(arena, struct ir_script);
    script->out->strsize = 256;
    script->out->aggsize = 4u << 20;
    map_init(&script->symbols, arena);
    map_init(&script->aggregations, arena);
    types_init(script);
    parse_program(script);
    check_end(script);
    if (diag->errors != errors_before)
        return NULL;
    lower_program(script);
    return script->out;
}
