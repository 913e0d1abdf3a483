// operand.c: operands of static probes, as assemblers for RISC-V write them.
//
//     value    = number | register | [ number ] "(" register ")"
//              | "%lo(" symbol [ "+" number ] ")(" register ")"
//
// What cannot be read by general registers alone, such as fa0, is refused.

#include <string.h>

#include "arch/operand.h"
#include "arch/riscv/riscv.h"

// By its name in the ABI, or x and its number. x0 is a number: see there.
static bool read_register(struct rest *rest, uint8_t *reg) {
    struct str name = rest_word(rest, "()+-@");
    if (str_equal(name, STR("fp"))) {
        *reg = S0;
        return true;
    }
    for (int i = RA; i <= T6; i++)
        if (str_is(name, arch_riscv64.regs[i].name)) {
            *reg = i;
            return true;
        }
    struct rest digits = {name.p + 1, name.p + name.n};
    int64_t number;
    if (name.n < 2 || name.p[0] != 'x' || name.p[1] < '0' || name.p[1] > '9' ||
        !rest_number(&digits, &number) || digits.p != digits.end)
        return false;
    *reg = (uint8_t)number;
    return number >= RA && number <= T6;
}

static bool read_base(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    return rest_accept(rest, '(') && read_register(rest, &operand->reg) &&
           rest_accept(rest, ')');
}

// The base holds the upper part; both together are the symbol.
static bool read_low(struct rest *rest, struct text_operand *operand) {
    bool is_low = str_equal(rest_word(rest, "()+-@"), STR("%lo")) &&
                  rest_accept(rest, '(');
    operand->symbol = is_low ? rest_word(rest, "()+-@") : (struct str){0};
    if (operand->symbol.n == 0)
        return false;
    rest_number(rest, &operand->value);
    bool done = rest_accept(rest, ')') && read_base(rest, operand);
    operand->reg = REG_NONE;
    return done;
}

static bool read_value(struct rest *rest, struct text_operand *operand) {
    if (rest_is_next(rest, '%'))
        return read_low(rest, operand);
    if (rest_number(rest, &operand->value) && rest->p == rest->end) {
        operand->kind = OPERAND_CONST;
        return true;
    }
    if (rest_is_next(rest, '('))
        return read_base(rest, operand);
    operand->kind = OPERAND_REG;
    return read_register(rest, &operand->reg);
}

bool riscv_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest;
    return operand_begin(&arch_riscv64, text, &rest, operand) &&
           read_value(&rest, operand) && rest.p == rest.end;
}
