// operand.c: operands of static probes, as assemblers for RISC-V write them.
//
//     operand  = [ size "@" ] value
//     value    = number | register | [ number ] "(" register ")"
//              | "%lo(" symbol [ "+" number ] ")(" register ")"
//
// A size is in bytes, negative if the value is signed. What cannot be read by
// general registers alone, such as fa0, is refused.

#include <string.h>

#include "arch/riscv/riscv.h"

// The text that is left to read.
struct rest {
    const char *p, *end;
};

static bool accept(struct rest *rest, char c) {
    if (rest->p == rest->end || *rest->p != c)
        return false;
    rest->p++;
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Decimal, with a sign or not.
static bool read_number(struct rest *rest, int64_t *value) {
    struct rest at = *rest;
    bool negative = accept(&at, '-');
    if (!negative)
        accept(&at, '+');
    const char *start = at.p;
    uint64_t number = 0;
    for (; at.p < at.end && is_digit(*at.p); at.p++)
        number = number * 10 + (uint64_t)(*at.p - '0');
    if (at.p == start)
        return false;
    *value = (int64_t)(negative ? 0 - number : number);
    *rest = at;
    return true;
}

static struct str read_word(struct rest *rest) {
    const char *start = rest->p;
    while (rest->p < rest->end && !strchr("()+-@ ", *rest->p))
        rest->p++;
    return (struct str){start, (size_t)(rest->p - start)};
}

// By its name in the ABI, or x and its number. x0 is a number: see there.
static bool read_register(struct rest *rest, uint8_t *reg) {
    struct str name = read_word(rest);
    if (str_equal(name, STR("fp"))) {
        *reg = S0;
        return true;
    }
    for (int i = RA; i <= T6; i++)
        if (str_equal(name, str_from(arch_riscv64.regs[i].name))) {
            *reg = i;
            return true;
        }
    struct rest digits = {name.p + 1, name.p + name.n};
    int64_t number;
    if (name.n < 2 || name.p[0] != 'x' || !is_digit(name.p[1]) ||
        !read_number(&digits, &number) || digits.p != digits.end)
        return false;
    *reg = (uint8_t)number;
    return number >= RA && number <= T6;
}

static bool read_base(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    return accept(rest, '(') && read_register(rest, &operand->reg) &&
           accept(rest, ')');
}

// The base holds the upper part; both together are the symbol.
static bool read_low(struct rest *rest, struct text_operand *operand) {
    bool is_low = str_equal(read_word(rest), STR("%lo")) && accept(rest, '(');
    operand->symbol = is_low ? read_word(rest) : (struct str){0};
    if (operand->symbol.n == 0)
        return false;
    read_number(rest, &operand->value);
    bool done = accept(rest, ')') && read_base(rest, operand);
    operand->reg = REG_NONE;
    return done;
}

static bool read_value(struct rest *rest, struct text_operand *operand) {
    if (rest->p < rest->end && *rest->p == '%')
        return read_low(rest, operand);
    if (read_number(rest, &operand->value) && rest->p == rest->end) {
        operand->kind = OPERAND_CONST;
        return true;
    }
    if (rest->p < rest->end && *rest->p == '(')
        return read_base(rest, operand);
    operand->kind = OPERAND_REG;
    return read_register(rest, &operand->reg);
}

static bool read_size(struct rest *rest, struct text_operand *operand) {
    int64_t size;
    struct rest at = *rest;
    operand->bits = 64;
    if (!read_number(&at, &size) || !accept(&at, '@'))
        return memchr(rest->p, '@', (size_t)(rest->end - rest->p)) == NULL;
    operand->is_signed = size < 0;
    uint64_t bytes = (uint64_t)(size < 0 ? -size : size);
    operand->bits = (uint8_t)(bytes * 8);
    *rest = at;
    return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

bool riscv_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest = {text.p, text.p + text.n};
    *operand =
        (struct text_operand){.reg = REG_NONE, .index = REG_NONE, .scale = 1};
    return text.n > 0 && read_size(&rest, operand) && rest.p < rest.end &&
           read_value(&rest, operand) && rest.p == rest.end;
}
