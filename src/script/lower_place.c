// lower_place.c: variables and memory: read, written, their addresses.
//
// A variable as a whole is a VARIABLE or ASSIGN of the IR; a part of one, and
// what a pointer leads to, an address that is loaded from or stored to.
// Structs, unions and arrays are nothing but their address.
//
//     st.x              load.i32 (add (addr st) 4), of memory of ours
//     p->x              load.i32 (add p 4), of the program's
//     f.bits = 3        the unit around the field, with its bits replaced
//
// What is read and written by one operation is found once: `a[i++] += 2` keeps
// its keys in variables of the clause without a name that a script could say.

#include "script/lower.h"

// --- once ---

static bool is_pure(const struct ir_expr *expr) {
    if (!expr)
        return true;
    bool acts = expr->op == IR_ASSIGN || expr->op == IR_STORE ||
                expr->op == IR_COPY ||
                (expr->op == IR_CALL && expr->callee->is_function);
    bool pure =
        !acts && is_pure(expr->a) && is_pure(expr->b) && is_pure(expr->c);
    for (uint32_t i = 0; pure && i < expr->arg_count; i++)
        pure = is_pure(expr->args[i]);
    return pure;
}

static struct ir_variable *new_variable(struct lowering *lower,
                                        struct ir_type type) {
    struct ir_script *out = lower->script->out;
    struct ir_variable *variable = ARENA_NEW(lower->arena, struct ir_variable);
    variable->name = str_format(lower->arena, ".%zu", out->variable_count);
    variable->type = type;
    variable->storage = IR_THIS_VARIABLE;
    *ARENA_PUSH(lower->arena, out->variables, out->variable_count,
                lower->script->variable_room) = variable;
    return variable;
}

struct ir_expr *lower_new_block(struct lowering *lower, const struct type *type,
                                struct span span) {
    struct ir_variable *variable = new_variable(lower, IR_TYPE_BLOCK);
    variable->size = (uint32_t)type_size(lower->script, type);
    variable->data_type = type_data(lower->script, type);
    struct ir_expr *address =
        ir_expr_new(lower->arena, IR_ADDRESS, IR_TYPE_U64, span);
    address->variable = variable;
    return address;
}

static struct ir_expr *then(struct lowering *lower, struct ir_expr *first,
                            struct ir_expr *second) {
    if (!first)
        return second;
    return lower_pair(lower, IR_COMMA, second->type, first, second,
                      second->span);
}

struct ir_expr *lower_kept(struct lowering *lower, struct ir_expr *expr,
                           struct ir_expr **before) {
    struct ir_expr *store =
        ir_expr_new(lower->arena, IR_ASSIGN, expr->type, expr->span);
    struct ir_expr *value =
        ir_expr_new(lower->arena, IR_VARIABLE, expr->type, expr->span);
    store->variable = value->variable = new_variable(lower, expr->type);
    store->a = expr;
    *before = then(lower, *before, store);
    return value;
}

// The value of an expression that may be asked for twice.
static struct ir_expr *once(struct lowering *lower, struct lowered_place *place,
                            struct ir_expr *expr) {
    return is_pure(expr) ? expr : lower_kept(lower, expr, &place->before);
}

// --- addresses ---

static void set_keys(struct lowering *lower, struct ir_expr *expr,
                     const struct node *node, struct lowered_place *place) {
    const struct identifier *symbol = node->symbol;
    expr->variable = symbol->variable;
    if (!symbol->is_array)
        return;
    expr->args = ARENA_ARRAY(lower->arena, struct ir_expr *, node->count);
    for (const struct node *key = node->list; key; key = key->next) {
        const struct type *type = symbol->keys[expr->arg_count].type;
        struct ir_expr *value = lower_value(lower, key, type);
        expr->args[expr->arg_count++] =
            place ? once(lower, place, value) : value;
    }
}

static struct ir_expr *offset(struct lowering *lower, struct ir_expr *address,
                              uint64_t bytes) {
    if (!bytes)
        return address;
    bool is_sum = address->op == IR_ADD && address->b->op == IR_CONST;
    uint64_t already = is_sum ? address->b->value : 0;
    if (already + bytes == 0)
        return address->a;
    struct ir_expr *distance =
        ir_const(lower->arena, IR_TYPE_U64, already + bytes, address->span);
    return lower_pair(lower, IR_ADD, IR_TYPE_U64, is_sum ? address->a : address,
                      distance, address->span);
}

struct ir_expr *lower_scaled(struct lowering *lower, struct ir_expr *count,
                             uint64_t size) {
    struct ir_expr *wide =
        lower_as(lower, lower_as(lower, count, IR_TYPE_I64), IR_TYPE_U64);
    if (size == 1)
        return wide;
    struct ir_expr *factor =
        ir_const(lower->arena, IR_TYPE_U64, size, count->span);
    if (wide->op == IR_CONST)
        return ir_const(lower->arena, IR_TYPE_U64, wide->value * size,
                        count->span);
    return lower_pair(lower, IR_MUL, IR_TYPE_U64, wide, factor, count->span);
}

// base + index, which is within the bounds of an array that has some.
static struct ir_expr *element(struct lowering *lower, struct ir_expr *base,
                               const struct type *array, uint64_t size,
                               const struct node *index) {
    struct ir_expr *at = lower_node(lower, index);
    if (array->kind == TYPE_ARRAY && array->count && !index->is_constant) {
        struct ir_expr *bound =
            ir_expr_new(lower->arena, IR_BOUND, IR_TYPE_I64, index->span);
        bound->a = lower_as(lower, at, IR_TYPE_I64);
        bound->value = array->count;
        at = bound;
    }
    struct ir_expr *distance = lower_scaled(lower, at, size);
    if (distance->op == IR_CONST)
        return offset(lower, base, distance->value);
    return lower_pair(lower, IR_ADD, IR_TYPE_U64, base, distance, index->span);
}

// A value as an address: a pointer, a text, or where a block lies.
static struct ir_expr *pointed(struct lowering *lower, const struct node *node,
                               bool makes) {
    if (type_is_block(node->type))
        return lower_address(lower, node, makes);
    return lower_as(lower, lower_node(lower, node), IR_TYPE_U64);
}

struct ir_expr *lower_address(struct lowering *lower, const struct node *node,
                              bool makes) {
    bool is_variable = node->symbol && node->symbol->variable;
    if (is_variable) {
        struct ir_expr *expr =
            ir_expr_new(lower->arena, IR_ADDRESS, IR_TYPE_U64, node->span);
        set_keys(lower, expr, node, NULL);
        expr->value = makes;
        return expr;
    }
    if (node->symbol || node->translation)
        return lower_node(lower, node);
    switch (node->kind) {
    case NODE_INDEX:
        return element(lower, pointed(lower, node->a, makes), node->a->type,
                       type_size(lower->script, node->type), node->list);
    case NODE_MEMBER:
        return offset(lower,
                      node->op == TOKEN_ARROW
                          ? pointed(lower, node->a, makes)
                          : lower_address(lower, node->a, makes),
                      node->member->off_bits / 8);
    case NODE_UNARY: return pointed(lower, node->a, makes);
    default: return lower_node(lower, node);
    }
}

enum ir_space lower_space(const struct ir_expr *address) {
    for (;;)
        if (address->op == IR_ADD && address->b->op == IR_CONST)
            address = address->a;
        else if (address->op == IR_COMMA)
            address = address->b;
        else
            break;
    return address->op == IR_ADDRESS ? IR_SPACE_OURS : IR_SPACE_PROGRAM;
}

// --- loads ---

struct ir_expr *lower_text_at(struct lowering *lower, struct ir_expr *address,
                              uint64_t most) {
    struct ir_expr *text =
        ir_expr_new(lower->arena, IR_TEXT_AT, IR_TYPE_STRING, address->span);
    uint64_t strsize = lower->script->out->strsize;
    text->a = address;
    text->value = most && most < strsize ? most : strsize;
    text->reg = (uint8_t)lower_space(address);
    return text;
}

static struct ir_expr *load(struct lowering *lower, struct ir_expr *address,
                            struct ir_type type) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_LOAD, type, address->span);
    expr->a = address;
    expr->reg = (uint8_t)lower_space(address);
    return expr;
}

// How a value lies in memory: pointers of a small machine are narrower.
static struct ir_type stored_type(struct lowering *lower,
                                  const struct type *type) {
    struct ir_type out = type_to_ir(type);
    if (type->kind == TYPE_POINTER)
        out.bits = lower->script->basic[BASIC_LONG].bits;
    return out;
}

static struct ir_expr *load_value(struct lowering *lower,
                                  struct ir_expr *address,
                                  const struct type *type) {
    if (type_is_block(type) || type->kind == TYPE_FUNCTION)
        return address;
    if (type_is_string(type))
        return lower_text_at(lower, address, 0);
    return lower_as(lower, load(lower, address, stored_type(lower, type)),
                    type_to_ir(type));
}

// --- bit-fields ---

// The unit that a field lies in: the smallest aligned integer around it.
struct field {
    struct ir_type unit;
    uint64_t off; // bytes from the start of the whole
    unsigned shift;
};

static struct field field_of(struct lowering *lower,
                             const struct member *member) {
    unsigned bits = 8;
    uint64_t last = member->off_bits + member->width - 1;
    while (bits < 64 && member->off_bits / bits != last / bits)
        bits *= 2;
    struct field field = {.unit = {IR_INT, (uint8_t)bits, false},
                          .off = member->off_bits / bits * (bits / 8),
                          .shift = (unsigned)(member->off_bits % bits)};
    const struct arch *arch = lower->script->arch;
    if (arch && arch->order == ORDER_BIG)
        field.shift = bits - field.shift - member->width;
    return field;
}

static struct ir_expr *shifted(struct lowering *lower, enum ir_op op,
                               struct ir_expr *value, unsigned count) {
    if (!count)
        return value;
    struct ir_expr *by =
        ir_const(lower->arena, IR_TYPE_INT, count, value->span);
    return lower_pair(lower, op, value->type, value, by, value->span);
}

// The low `width` bits of an integer, extended to its type.
static struct ir_expr *extended(struct lowering *lower, struct ir_expr *value,
                                unsigned width) {
    unsigned above = value->type.bits - width;
    return shifted(lower, IR_SHR, shifted(lower, IR_SHL, value, above), above);
}

static struct ir_expr *load_field(struct lowering *lower,
                                  struct ir_expr *address,
                                  const struct node *node) {
    struct field field = field_of(lower, node->member);
    struct ir_expr *unit = load(lower, address, field.unit);
    return extended(lower,
                    lower_as(lower, shifted(lower, IR_SHR, unit, field.shift),
                             type_to_ir(node->type)),
                    node->member->width);
}

// --- places ---

static bool is_field(const struct node *node) {
    return node->kind == NODE_MEMBER && node->member->width;
}

struct lowered_place lower_place_of(struct lowering *lower,
                                    const struct node *node, bool changes) {
    struct lowered_place place = {.node = node};
    if (node->symbol) {
        place.variable = ir_expr_new(lower->arena, IR_VARIABLE,
                                     node->symbol->variable->type, node->span);
        set_keys(lower, place.variable, node, changes ? &place : NULL);
        return place;
    }
    struct ir_expr *address = lower_address(lower, node, changes);
    if (is_field(node)) {
        uint64_t start = node->member->off_bits / 8;
        address =
            offset(lower, address, field_of(lower, node->member).off - start);
    }
    place.address = changes ? once(lower, &place, address) : address;
    return place;
}

static struct ir_expr *place_value(struct lowering *lower,
                                   const struct lowered_place *place) {
    const struct node *node = place->node;
    if (!place->variable)
        return is_field(node) ? load_field(lower, place->address, node)
                              : load_value(lower, place->address, node->type);
    if (!type_is_block(node->type))
        return place->variable;
    struct ir_expr *address =
        ir_expr_new(lower->arena, IR_ADDRESS, IR_TYPE_U64, node->span);
    address->variable = place->variable->variable;
    address->args = place->variable->args;
    address->arg_count = place->variable->arg_count;
    return address;
}

struct ir_expr *lower_place_read(struct lowering *lower,
                                 struct lowered_place *place) {
    struct ir_expr *value = place_value(lower, place);
    struct ir_expr *before = place->before;
    place->before = NULL;
    return then(lower, before, value);
}

static struct ir_expr *store(struct lowering *lower, struct ir_expr *address,
                             struct ir_expr *value) {
    struct ir_expr *expr =
        lower_pair(lower, IR_STORE, value->type, address, value, address->span);
    expr->reg = (uint8_t)lower_space(address);
    return expr;
}

static struct ir_expr *store_field(struct lowering *lower,
                                   const struct lowered_place *place,
                                   struct ir_expr *value) {
    const struct node *node = place->node;
    struct field field = field_of(lower, node->member);
    unsigned width = node->member->width;
    uint64_t ones = width == 64 ? ~(uint64_t)0 : ((uint64_t)1 << width) - 1;
    uint64_t mask = ones << field.shift;
    struct ir_expr *bits =
        shifted(lower, IR_SHL, lower_as(lower, value, field.unit), field.shift);
    struct ir_expr *kept = lower_pair(
        lower, IR_AND, field.unit, load(lower, place->address, field.unit),
        ir_const(lower->arena, field.unit, ~mask, node->span), node->span);
    struct ir_expr *added = lower_pair(
        lower, IR_AND, field.unit, bits,
        ir_const(lower->arena, field.unit, mask, node->span), node->span);
    struct ir_expr *unit =
        store(lower, place->address,
              lower_pair(lower, IR_OR, field.unit, kept, added, node->span));
    return extended(lower,
                    lower_as(lower, shifted(lower, IR_SHR, unit, field.shift),
                             type_to_ir(node->type)),
                    width);
}

// A block is copied from an address, anything else stored.
static struct ir_expr *store_value(struct lowering *lower,
                                   const struct lowered_place *place,
                                   struct ir_expr *value) {
    const struct type *type = place->node->type;
    struct ir_expr *expr;
    if (type_is_block(type)) {
        expr = lower_pair(lower, IR_COPY, IR_TYPE_U64, place->address, value,
                          place->node->span);
        expr->value = type_size(lower->script, type);
        expr->reg = (uint8_t)lower_space(value);
        return expr;
    }
    if (!type_is_string(type))
        value = lower_as(lower, value, stored_type(lower, type));
    expr = store(lower, place->address, value);
    if (type_is_string(type))
        expr->value = type_size(lower->script, type);
    return lower_as(lower, expr, type_to_ir(type));
}

struct ir_expr *lower_place_write(struct lowering *lower,
                                  struct lowered_place *place,
                                  struct ir_expr *value) {
    struct ir_expr *expr;
    if (place->variable) {
        const struct ir_variable *variable = place->variable->variable;
        expr = ir_expr_new(lower->arena, IR_ASSIGN, variable->type,
                           place->node->span);
        expr->variable = variable;
        expr->args = place->variable->args;
        expr->arg_count = place->variable->arg_count;
        bool is_block = variable->type.kind == IR_BLOCK;
        expr->a = is_block ? value : lower_as(lower, value, variable->type);
        expr->reg = is_block ? (uint8_t)lower_space(value) : 0;
    } else if (is_field(place->node)) {
        expr = store_field(lower, place, value);
    } else {
        expr = store_value(lower, place, value);
    }
    return then(lower, place->before, expr);
}

struct ir_expr *lower_store_member(struct lowering *lower,
                                   struct ir_expr *address,
                                   const struct translation *translation) {
    const struct member *member = &translation->member;
    const struct type *type = member->type;
    struct ir_expr *at = offset(lower, address, member->off_bits / 8);
    struct node *node = ARENA_NEW(lower->arena, struct node);
    *node = (struct node){.kind = NODE_MEMBER,
                          .span = translation->span,
                          .type = type,
                          .member = member};
    struct lowered_place place = {.node = node, .address = at};
    bool is_text =
        type->kind == TYPE_ARRAY && type_is_string(translation->value->type);
    struct ir_expr *value = lower_value(
        lower, translation->value, is_text ? translation->value->type : type);
    if (!is_text)
        return lower_place_write(lower, &place, value);
    struct ir_expr *expr = store(lower, at, value);
    expr->value = type_size(lower->script, type);
    return expr;
}
