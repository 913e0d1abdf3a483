// marker.c: what a program passes to a probe of its own.
//
// The note of such a probe says where each value lies at its instruction. Here
// that becomes an expression of machine registers; what it reads is there,
// since the program's compiler said so, and so needs no care.

#include "ir/fold.h"

static struct ir_expr *constant(struct arena *arena, uint64_t value,
                                struct span span) {
    struct ir_expr *expr = ir_const(arena, IR_TYPE_U64, value, span);
    expr->of_site = true; // the next site of the probe may differ
    return expr;
}

static struct ir_expr *machine_register(struct arena *arena, uint8_t reg,
                                        struct span span) {
    struct ir_expr *expr = ir_expr_new(arena, IR_REG, IR_TYPE_U64, span);
    expr->value = reg;
    return expr;
}

static struct ir_expr *binary(struct arena *arena, enum ir_op op,
                              struct ir_expr *a, struct ir_expr *b) {
    return ir_binary(arena, op, IR_TYPE_U64, a, b);
}

static bool find_symbol(const struct image *image, struct str name,
                        uint64_t *va) {
    for (size_t i = 0; i < image->symbol_count; i++)
        if (str_equal(image->symbols[i].name, name)) {
            *va = image->symbols[i].va;
            return true;
        }
    return false;
}

// The number of an operand, and the address of its symbol; NULL: that is not
// known.
static struct ir_expr *number_of(struct arena *arena,
                                 const struct text_operand *operand,
                                 const struct image *image, struct span span) {
    uint64_t va = 0;
    if (operand->symbol.n > 0 && !find_symbol(image, operand->symbol, &va))
        return NULL;
    struct ir_expr *number =
        constant(arena, va + (uint64_t)operand->value, span);
    if (operand->symbol.n == 0)
        return number;
    return binary(arena, IR_ADD, number,
                  ir_expr_new(arena, IR_IMAGE, IR_TYPE_U64, span));
}

// Where an operand in memory lies.
static struct ir_expr *address_of(struct arena *arena,
                                  const struct text_operand *operand,
                                  const struct image *image, struct span span) {
    struct ir_expr *address = number_of(arena, operand, image, span);
    if (address && operand->reg != REG_NONE)
        address = binary(arena, IR_ADD,
                         machine_register(arena, operand->reg, span), address);
    if (!address || operand->index == REG_NONE)
        return address;
    struct ir_expr *index =
        binary(arena, IR_MUL, machine_register(arena, operand->index, span),
               ir_const(arena, IR_TYPE_U64, operand->scale, span));
    return binary(arena, IR_ADD, address, index);
}

// A number that is wider than registers goes on in the next one.
static struct ir_expr *register_of(struct arena *arena,
                                   const struct text_operand *operand,
                                   const struct arch *arch, struct span span) {
    struct ir_expr *value = machine_register(arena, operand->reg, span);
    uint64_t shift = operand->shift;
    if (operand->bits > arch->bits) {
        struct ir_expr *next =
            machine_register(arena, (uint8_t)(operand->reg + 1), span);
        bool is_big = arch->order == ORDER_BIG;
        struct ir_expr *high =
            binary(arena, IR_SHL, is_big ? value : next,
                   ir_const(arena, IR_TYPE_U64, arch->bits, span));
        return binary(arena, IR_OR, high, is_big ? next : value);
    }
    return shift ? binary(arena, IR_SHR, value,
                          ir_const(arena, IR_TYPE_U64, shift, span))
                 : value;
}

// The operand with that number; they are apart by spaces, which some of them
// also have within brackets.
static struct str nth_operand(struct str operands, uint64_t number) {
    for (size_t at = 0;; number--) {
        while (at < operands.n && operands.p[at] == ' ')
            at++;
        size_t end = at;
        for (unsigned depth = 0;
             end < operands.n && (depth > 0 || operands.p[end] != ' '); end++)
            depth = operands.p[end] == '['   ? depth + 1
                    : operands.p[end] == ']' ? 0
                                             : depth;
        if (number == 0 || end == at)
            return str_slice(operands, at, end);
        at = end;
    }
}

static struct ir_expr *value_of(struct arena *arena,
                                const struct text_operand *operand,
                                const struct image *image, struct span span) {
    struct ir_type type = {IR_INT, operand->bits, operand->is_signed};
    struct ir_expr *value = NULL;
    switch ((enum operand_kind)operand->kind) {
    case OPERAND_CONST: value = number_of(arena, operand, image, span); break;
    case OPERAND_REG:
        value = register_of(arena, operand, image->arch, span);
        break;
    case OPERAND_MEMORY:
        value = ir_expr_new(arena, IR_LOAD, type, span);
        value->a = address_of(arena, operand, image, span);
        value->reg = IR_SPACE_OURS;
        return value->a ? value : NULL;
    }
    return value ? ir_cast(arena, value, type) : NULL;
}

// False: there is none of that number, or it cannot be read.
static bool find_operand(const struct site *site, uint64_t number,
                         struct text_operand *operand) {
    const struct arch *arch = site->program->arch;
    struct str text = nth_operand(site->marker->operands, number);
    uint64_t va;
    return arch->read_operand && arch->read_operand(text, operand) &&
           (operand->symbol.n == 0 ||
            find_symbol(site->program->image, operand->symbol, &va));
}

struct str marker_unread(const struct site *site, uint64_t number) {
    struct text_operand operand;
    return find_operand(site, number, &operand)
               ? STR("")
               : nth_operand(site->marker->operands, number);
}

struct ir_expr *marker_arg(struct arena *arena, const struct site *site,
                           const struct ir_expr *arg) {
    struct text_operand operand;
    struct ir_expr *value = NULL;
    if (find_operand(site, arg->value, &operand))
        value = value_of(arena, &operand, site->program->image, arg->span);
    if (!value)
        return ir_const(arena, arg->type, 0, arg->span);
    return ir_cast(arena, value, arg->type);
}
