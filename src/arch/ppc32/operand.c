// operand.c: operands as <sys/sdt.h> writes them for PowerPC.
//
//     4@3      r3, with the next one if the value is of 64 bits
//     4@i5     the number 5
//     4@8(31)  memory at r31 + 8
//     4@7,10   memory at r7 + r10
//
// A base of 0 is none, be it alone or ahead of an index. Also with the names of
// registers, which some assemblers are given: `%r3`, `8(%r31)`.

#include "arch/operand.h"
#include "arch/ppc32/ppc32.h"

static bool read_register(struct rest *rest, uint8_t *reg) {
    int64_t number;
    rest_accept(rest, '%');
    rest_accept(rest, 'r');
    if (!rest_number(rest, &number) || number < 0 || number > R31)
        return false;
    *reg = (uint8_t)number;
    return true;
}

static bool read_base(struct rest *rest, struct text_operand *operand) {
    bool good = read_register(rest, &operand->reg);
    if (good && operand->reg == R0)
        operand->reg = REG_NONE;
    return good;
}

static bool read_memory(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    return rest_number(rest, &operand->value) && rest_accept(rest, '(') &&
           read_base(rest, operand) && rest_accept(rest, ')');
}

static bool read_indexed(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    operand->value = 0;
    return read_base(rest, operand) && rest_accept(rest, ',') &&
           read_register(rest, &operand->index);
}

bool ppc_read_operand(struct str text, struct text_operand *operand) {
    struct rest start, rest;
    if (!operand_begin(&arch_ppc32, text, &start, operand))
        return false;
    rest = start;
    if (rest_accept(&rest, 'i')) {
        operand->kind = OPERAND_CONST;
        return rest_number(&rest, &operand->value) && rest.p == rest.end;
    }
    if (read_memory(&rest, operand))
        return rest.p == rest.end;
    rest = start;
    if (read_indexed(&rest, operand))
        return rest.p == rest.end;
    rest = start;
    operand->kind = OPERAND_REG;
    return read_register(&rest, &operand->reg) && rest.p == rest.end;
}
