// operand.c: operands as the assembler writes them, with their size before.
//
//     4@#5   -4@r0   -8@r2   4@[sp, #12]   4@[r7]   -1@[r3, r2, lsl #2]
//     4@table+8
//
// That is how the notes of static probes say where a value lies (see
// image/elf_notes.c). The last one is an address. One of 64 bits begins with
// the register that is named.

#include <string.h>

#include "arch/arm/arm.h"
#include "arch/operand.h"

static const struct {
    const char *name;
    uint8_t reg;
} other_names[] = {
    {"sb", 9}, {"sl", 10}, {"fp", R11}, {"ip", IP}, {"r13", SP}, {"r14", LR},
};

static bool read_register(struct rest *rest, uint8_t *reg) {
    struct str name = rest_word(rest, ",]@#[");
    for (int i = 0; i <= LR; i++)
        if (str_is(name, arch_arm.regs[i].name)) {
            *reg = i;
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(other_names); i++)
        if (str_is(name, other_names[i].name)) {
            *reg = other_names[i].reg;
            return true;
        }
    return false;
}

// base [, #offset] or base, index [, lsl #shift], and the bracket.
static bool read_memory(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    if (!read_register(rest, &operand->reg))
        return false;
    if (!rest_accept(rest, ','))
        return rest_accept(rest, ']');
    if (rest_accept(rest, '#'))
        return rest_number(rest, &operand->value) && rest_accept(rest, ']');
    int64_t shift = 0;
    if (!read_register(rest, &operand->index))
        return false;
    if (rest_accept(rest, ',') &&
        (!str_equal(rest_word(rest, ",]@#["), STR("lsl")) ||
         !rest_accept(rest, '#') || !rest_number(rest, &shift) || shift < 0 ||
         shift > 3))
        return false;
    operand->scale = (uint8_t)(1 << shift);
    return rest_accept(rest, ']');
}

// The address of a symbol [+ number].
static bool read_symbol(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_CONST;
    operand->symbol = rest_word(rest, "+-[],@#");
    return operand->symbol.n > 0 &&
           (rest->p == rest->end || rest_number(rest, &operand->value));
}

bool arm_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest;
    bool good;
    if (!operand_begin(&arch_arm, text, &rest, operand))
        return false;
    struct rest start = rest;
    if (rest_accept(&rest, '#')) {
        operand->kind = OPERAND_CONST;
        good =
            rest_number(&rest, &operand->value) || read_symbol(&rest, operand);
    } else if (rest_accept(&rest, '[')) {
        good = read_memory(&rest, operand);
    } else if (read_register(&rest, &operand->reg)) {
        operand->kind = OPERAND_REG;
        good = true;
    } else {
        rest = start;
        good = read_symbol(&rest, operand);
    }
    return good && rest.p == rest.end;
}
