// lower_expr.c: the checked expressions become IR.
//
// What C leaves unsaid is said here: every conversion is a CAST, every
// operation has operands of one type, compound assignments are spelled out,
// pointers are counted on in bytes.
//
//     c += 1        (c is a char)     c = (char)((int)c + 1)
//     c++                             (char)((int)(c = ...) - 1)
//     /s == "x"/                      eq.i32 global.str:s text.str:"x"

#include <string.h>

#include "script/lower.h"

struct ir_expr *lower_pair(struct lowering *lower, enum ir_op op,
                           struct ir_type type, struct ir_expr *a,
                           struct ir_expr *b, struct span span) {
    struct ir_expr *expr = ir_binary(lower->arena, op, type, a, b);
    expr->span = span;
    return expr;
}

// `expr` as `type`; a constant at once.
struct ir_expr *lower_as(struct lowering *lower, struct ir_expr *expr,
                         struct ir_type type) {
    if (expr->op == IR_CONST && type.kind == IR_INT)
        return ir_const(lower->arena, type, expr->value, expr->span);
    return ir_cast(lower->arena, expr, type);
}

// A truth value as an int.
struct ir_expr *lower_truth(struct lowering *lower, const struct node *node) {
    struct ir_expr *expr = lower_node(lower, node);
    if (ir_type_equal(expr->type, IR_TYPE_INT))
        return expr;
    struct ir_expr *zero = ir_const(lower->arena, expr->type, 0, node->span);
    return lower_pair(lower, IR_NE, IR_TYPE_INT, expr, zero, node->span);
}

// --- operators ---

// A pointer and a number of elements, in either order.
static struct ir_expr *lower_moved(struct lowering *lower, enum ir_op op,
                                   struct ir_expr *pointer,
                                   const struct type *type,
                                   struct ir_expr *count, struct span span) {
    bool is_text = type_is_string(type);
    uint64_t size = is_text ? 1 : type_size(lower->script, type->of);
    struct ir_expr *moved = lower_pair(lower, op, IR_TYPE_U64,
                                       lower_as(lower, pointer, IR_TYPE_U64),
                                       lower_scaled(lower, count, size), span);
    return is_text ? lower_text_at(lower, moved, 0) : moved;
}

// How many elements lie between two pointers.
static struct ir_expr *lower_distance(struct lowering *lower, struct ir_expr *a,
                                      const struct type *type,
                                      struct ir_expr *b, struct span span) {
    uint64_t size =
        type_is_string(type) ? 1 : type_size(lower->script, type->of);
    struct ir_expr *bytes =
        lower_pair(lower, IR_SUB, IR_TYPE_I64, lower_as(lower, a, IR_TYPE_I64),
                   lower_as(lower, b, IR_TYPE_I64), span);
    struct ir_expr *divisor =
        ir_const(lower->arena, IR_TYPE_I64, size ? size : 1, span);
    return size <= 1
               ? bytes
               : lower_pair(lower, IR_DIV, IR_TYPE_I64, bytes, divisor, span);
}

// a op b with operands that meet at the type C wants. Shifts keep the type of
// the left one.
static struct ir_expr *lower_operation(struct lowering *lower, enum ir_op op,
                                       struct ir_expr *a,
                                       const struct type *a_type,
                                       const struct node *b, struct span span) {
    struct script *script = lower->script;
    struct ir_expr *right = lower_node(lower, b);
    bool a_is_int = type_is_integer(a_type);
    bool b_is_int = type_is_integer(b->type);
    if (!a_is_int && !b_is_int)
        return lower_distance(lower, a, a_type, right, span);
    if (!a_is_int)
        return lower_moved(lower, op, a, a_type, right, span);
    if (!b_is_int)
        return lower_moved(lower, op, right, b->type, a, span);
    bool is_shift = op == IR_SHL || op == IR_SHR;
    struct ir_type meet =
        type_to_ir(is_shift ? type_promoted(script, a_type)
                            : type_common(script, a_type, b->type));
    struct ir_type right_type =
        is_shift ? type_to_ir(type_promoted(script, b->type)) : meet;
    return lower_pair(lower, op, meet, lower_as(lower, a, meet),
                      lower_as(lower, right, right_type), span);
}

// Texts are compared if either is a string, else addresses or numbers.
static struct ir_expr *lower_compare(struct lowering *lower,
                                     const struct node *node, enum ir_op op) {
    const struct type *a = node->a->type, *b = node->b->type, *meet;
    if (type_is_string(a) || type_is_string(b))
        meet = type_basic(lower->script, BASIC_STRING);
    else if (type_is_integer(a) && type_is_integer(b))
        meet = type_common(lower->script, a, b);
    else
        meet = type_derived(lower->script, TYPE_POINTER,
                            type_basic(lower->script, BASIC_VOID), 0);
    return lower_pair(lower, op, IR_TYPE_INT, lower_value(lower, node->a, meet),
                      lower_value(lower, node->b, meet), node->span);
}

static struct ir_expr *lower_binary(struct lowering *lower,
                                    const struct node *node) {
    enum ir_op op = token_operation(node->op);
    if (op == IR_LAND || op == IR_LOR || op == IR_LXOR)
        return lower_pair(lower, op, IR_TYPE_INT, lower_truth(lower, node->a),
                          lower_truth(lower, node->b), node->span);
    if (op >= IR_LT && op <= IR_NE)
        return lower_compare(lower, node, op);
    return lower_operation(lower, op, lower_node(lower, node->a), node->a->type,
                           node->b, node->span);
}

static struct ir_expr *lower_read(struct lowering *lower,
                                  const struct node *node) {
    struct lowered_place place = lower_place_of(lower, node, false);
    return lower_place_read(lower, &place);
}

static struct ir_expr *lower_unary(struct lowering *lower,
                                   const struct node *node) {
    if (node->op == TOKEN_MUL)
        return lower_read(lower, node);
    if (node->op == TOKEN_AND)
        return lower_address(lower, node->a, true);
    struct ir_type type = type_to_ir(node->type);
    struct ir_expr *a = lower_node(lower, node->a);
    enum ir_op op = node->op == TOKEN_SUB     ? IR_NEGATE
                    : node->op == TOKEN_TILDE ? IR_COMPLEMENT
                                              : IR_NOT;
    if (op != IR_NOT)
        a = lower_as(lower, a, type);
    if (node->op == TOKEN_ADD)
        return a;
    struct ir_expr *expr = ir_expr_new(lower->arena, op, type, node->span);
    expr->a = a;
    return expr;
}

// --- assignment ---

static struct ir_expr *lower_assign(struct lowering *lower,
                                    const struct node *node) {
    struct lowered_place place = lower_place_of(lower, node->a, true);
    struct ir_expr *value;
    if (node->op == TOKEN_ASSIGN)
        value = lower_value(lower, node->b, node->a->type);
    else
        value = lower_operation(lower, token_operation(node->op),
                                lower_place_read(lower, &place), node->a->type,
                                node->b, node->span);
    return lower_place_write(lower, &place, value);
}

// `old` op 1, in the type that ++ and -- compute in.
static struct ir_expr *stepped(struct lowering *lower, enum ir_op op,
                               struct ir_expr *old, const struct type *type) {
    bool is_pointer = type->kind == TYPE_POINTER;
    uint64_t step = is_pointer ? type_size(lower->script, type->of) : 1;
    struct ir_type wide = type_to_ir(type_promoted(lower->script, type));
    if (is_pointer)
        wide = IR_TYPE_U64;
    struct ir_expr *one = ir_const(lower->arena, wide, step, old->span);
    return lower_pair(lower, op, wide, lower_as(lower, old, wide), one,
                      old->span);
}

struct ir_expr *lower_stepped(struct lowering *lower, const struct node *node) {
    struct lowered_place place = lower_place_of(lower, node->a, true);
    struct ir_expr *old = lower_place_read(lower, &place);
    return lower_place_write(
        lower, &place,
        stepped(lower, token_operation(node->op), old, node->type));
}

// For the value of the postfix forms the step is undone.
static struct ir_expr *lower_step(struct lowering *lower,
                                  const struct node *node) {
    struct ir_expr *stored = lower_stepped(lower, node);
    if (!node->is_postfix)
        return stored;
    enum ir_op op = node->op == TOKEN_INC ? IR_SUB : IR_ADD;
    return lower_as(lower, stepped(lower, op, stored, node->type),
                    stored->type);
}

// --- names ---

static enum ir_op site_op(const char *name) {
    static const struct {
        const char *name;
        uint8_t op;
    } rows[] = {{"probeprov", IR_SITE_PROV},
                {"probemod", IR_SITE_MOD},
                {"probefunc", IR_SITE_FUNC},
                {"probename", IR_SITE_NAME},
                {"epid", IR_EPID}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].op;
    return IR_SITE_ID;
}

static struct ir_expr *lower_builtin(struct lowering *lower,
                                     const struct node *node) {
    const struct builtin *builtin = node->builtin;
    if (builtin->source == BUILTIN_RETURNED)
        return lower_returned(lower, node->span);
    static const uint8_t ops[] = {
        [BUILTIN_ARG] = IR_ARG,        [BUILTIN_CALLER] = IR_CALLER,
        [BUILTIN_ERRNO] = IR_ERRNO,    [BUILTIN_CALL] = IR_CALL,
        [BUILTIN_UREGS] = IR_UREG,     [BUILTIN_STACK] = IR_CALL,
        [BUILTIN_PROGRAM] = IR_PROGRAM};
    enum ir_op op = builtin->source == BUILTIN_SITE
                        ? site_op(builtin->name)
                        : (enum ir_op)ops[builtin->source];
    struct ir_expr *expr =
        ir_expr_new(lower->arena, op, builtin->type, node->span);
    if (op == IR_ARG)
        expr->value = (uint64_t)(builtin->name[strlen("arg")] - '0');
    if (op == IR_UREG || op == IR_PROGRAM)
        expr->value = node->value;
    if (op == IR_CALL)
        expr->callee = builtin;
    return expr;
}

static struct ir_expr *lower_name(struct lowering *lower,
                                  const struct node *node) {
    if (node->builtin)
        return lower_builtin(lower, node);
    const struct identifier *symbol = node->symbol;
    if (symbol->is_formal)
        return symbol->bound;
    return symbol->value ? lower_inline(lower, node) : lower_read(lower, node);
}

static struct ir_expr *lower_register(struct lowering *lower, unsigned which,
                                      struct span span) {
    const struct arch *arch = lower->script->arch;
    bool is_pc = arch->uregs[which].reg == UREG_PC;
    const struct builtin *pc = builtin_find(STR("__pc"));
    struct ir_expr *expr =
        ir_expr_new(lower->arena, is_pc ? IR_CALL : IR_UREG, IR_TYPE_U64, span);
    expr->value = which;
    expr->callee = is_pc ? pc : NULL;
    return expr;
}

// uregs[n] with a number that is only known when it runs: n == 0 ? the first :
// n == 1 ? the second ... One that nothing keeps is out of bounds.
static struct ir_expr *lower_uregs_at(struct lowering *lower,
                                      const struct node *node) {
    const struct arch *arch = lower->script->arch;
    struct span span = node->span;
    struct ir_expr *before = NULL;
    struct ir_expr *at = lower_kept(
        lower, lower_as(lower, lower_node(lower, node->list), IR_TYPE_I64),
        &before);
    struct ir_expr *bound =
        ir_expr_new(lower->arena, IR_BOUND, IR_TYPE_I64, span);
    bound->a = at;
    struct ir_expr *value = lower_as(lower, bound, IR_TYPE_U64);
    for (unsigned i = arch->ureg_count; i-- > 0;) {
        if (!uregs_has(arch, i))
            continue;
        struct ir_expr *choice =
            ir_expr_new(lower->arena, IR_COND, IR_TYPE_U64, span);
        choice->a =
            lower_pair(lower, IR_EQ, IR_TYPE_INT, at,
                       ir_const(lower->arena, IR_TYPE_I64, i, span), span);
        choice->b = lower_register(lower, i, span);
        choice->c = value;
        value = choice;
    }
    return lower_pair(lower, IR_COMMA, IR_TYPE_U64, before, value, span);
}

static struct ir_expr *lower_index(struct lowering *lower,
                                   const struct node *node) {
    bool is_inline = node->symbol && node->symbol->value;
    bool is_register = node->builtin && node->builtin->source == BUILTIN_UREGS;
    if (is_register && !node->list->is_constant)
        return lower_uregs_at(lower, node);
    if (node->builtin) // args[n], uregs[n]
        return lower_as(lower, lower_builtin(lower, node),
                        type_to_ir(node->type));
    return is_inline ? lower_inline(lower, node) : lower_read(lower, node);
}

static struct ir_expr *lower_member(struct lowering *lower,
                                    const struct node *node) {
    return node->translation ? lower_translated(lower, node)
                             : lower_read(lower, node);
}

// --- the rest of the expressions ---

static struct ir_expr *lower_argument(struct lowering *lower,
                                      const struct node *node,
                                      const struct call_parameter *parameter) {
    switch ((enum parameter_class)parameter->class) {
    case PARAMETER_TEXT:
        return lower_value(lower, node,
                           type_basic(lower->script, BASIC_STRING));
    case PARAMETER_INTEGER:
        return lower_as(lower, lower_node(lower, node), IR_TYPE_I64);
    default: return lower_as(lower, lower_node(lower, node), IR_TYPE_U64);
    }
}

// What is left out is passed as the prototype says.
static struct ir_expr *lower_call(struct lowering *lower,
                                  const struct node *node) {
    struct call_prototype prototype = call_prototype(node->builtin);
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_CALL, node->builtin->type, node->span);
    expr->callee = node->builtin;
    expr->args = ARENA_ARRAY(lower->arena, struct ir_expr *, prototype.count);
    const struct node *item = node->list;
    for (unsigned i = 0; i < prototype.count; i++) {
        const struct call_parameter *parameter = &prototype.parameters[i];
        expr->args[expr->arg_count++] =
            item ? lower_argument(lower, item, parameter)
                 : ir_const(lower->arena, IR_TYPE_I64,
                            (uint64_t)parameter->preset, node->span);
        item = item ? item->next : NULL;
    }
    return expr;
}

static struct ir_expr *lower_cond(struct lowering *lower,
                                  const struct node *node) {
    struct ir_type type =
        type_is_block(node->type) ? IR_TYPE_U64 : type_to_ir(node->type);
    struct ir_expr *expr = ir_expr_new(lower->arena, IR_COND, type, node->span);
    expr->a = lower_truth(lower, node->a);
    expr->b = lower_value(lower, node->b, node->type);
    expr->c = lower_value(lower, node->c, node->type);
    return expr;
}

static struct ir_expr *lower_comma(struct lowering *lower,
                                   const struct node *node) {
    struct ir_expr *a = lower_node(lower, node->a);
    struct ir_expr *b = lower_node(lower, node->b);
    return lower_pair(lower, IR_COMMA, b->type, a, b, node->span);
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

// What is no string as one: the text at an address. The constant 0 is the
// string that is none.
static struct ir_expr *lower_string(struct lowering *lower,
                                    const struct node *node) {
    if (type_is_string(node->type))
        return lower_node(lower, node);
    struct ir_expr *address =
        lower_as(lower, lower_node(lower, node), IR_TYPE_U64);
    if (address->op == IR_CONST && !address->value)
        return ir_cast(lower->arena, address, IR_TYPE_STRING);
    return lower_text_at(
        lower, address, node->type->kind == TYPE_ARRAY ? node->type->count : 0);
}

struct ir_expr *lower_value(struct lowering *lower, const struct node *node,
                            const struct type *type) {
    if (type_is_string(type))
        return lower_string(lower, node);
    struct ir_expr *expr = lower_node(lower, node);
    if (type->kind == TYPE_VOID)
        return expr;
    // A text in the place of an array of char lies at its address.
    return lower_as(lower, expr,
                    type_is_block(type) ? IR_TYPE_U64 : type_to_ir(type));
}

static struct ir_expr *lower_cast(struct lowering *lower,
                                  const struct node *node) {
    return lower_value(lower, node->a, node->type);
}

struct ir_expr *lower_node(struct lowering *lower, const struct node *node) {
    static struct ir_expr *(*const lowerings[])(struct lowering *,
                                                const struct node *) = {
        [NODE_TEXT] = lower_text,     [NODE_NAME] = lower_name,
        [NODE_UNARY] = lower_unary,   [NODE_STEP] = lower_step,
        [NODE_BINARY] = lower_binary, [NODE_ASSIGN] = lower_assign,
        [NODE_COND] = lower_cond,     [NODE_COMMA] = lower_comma,
        [NODE_CAST] = lower_cast,     [NODE_STRINGOF] = lower_cast,
        [NODE_CALL] = lower_call,     [NODE_SELF] = lower_read,
        [NODE_THIS] = lower_read,     [NODE_INDEX] = lower_index,
        [NODE_MEMBER] = lower_member, [NODE_KIND_COUNT] = NULL};
    if (node->is_constant)
        return ir_const(lower->arena, type_to_ir(node->type), node->value,
                        node->span);
    if (node->type->kind == TYPE_TRANSLATED)
        return lower_whole_translated(lower, node);
    return lowerings[node->kind](lower, node);
}
