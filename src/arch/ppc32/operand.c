// operand.c: operands as <sys/sdt.h> writes them for PowerPC: `4@3` is r3,
// `4@i5` the number 5, `-4@8(31)` memory. Also with the names of registers,
// which some assemblers are given: `%r3`, `8(%r31)`.

#include "arch/ppc32/ppc32.h"

static bool read_int(struct str *text, int64_t *value) {
    size_t at = 0;
    bool minus = text->n > 0 && text->p[0] == '-';
    uint64_t number = 0;
    for (at = minus; at < text->n && text->p[at] >= '0' && text->p[at] <= '9';
         at++) {
        if (number > UINT32_MAX)
            return false;
        number = number * 10 + (uint64_t)(text->p[at] - '0');
    }
    if (at == (size_t)minus)
        return false;
    *value = minus ? -(int64_t)number : (int64_t)number;
    *text = str_slice(*text, at, text->n);
    return true;
}

static bool take(struct str *text, char c) {
    if (text->n == 0 || text->p[0] != c)
        return false;
    *text = str_slice(*text, 1, text->n);
    return true;
}

// Between a sign and the end, or what follows.
static bool read_register(struct str *text, uint8_t *reg) {
    int64_t number;
    take(text, '%');
    take(text, 'r');
    if (!read_int(text, &number) || number < 0 || number > R31)
        return false;
    *reg = (uint8_t)number;
    return true;
}

static bool read_size(struct str *text, struct text_operand *operand) {
    int64_t len;
    if (!read_int(text, &len) || !take(text, '@'))
        return false;
    operand->is_signed = len < 0;
    len = len < 0 ? -len : len;
    operand->bits = (uint8_t)(len * 8);
    return len == 1 || len == 2 || len == 4 || len == 8;
}

bool ppc_read_operand(struct str text, struct text_operand *operand) {
    *operand = (struct text_operand){
        .reg = REG_NONE, .index = REG_NONE, .scale = 1, .kind = OPERAND_REG};
    if (!read_size(&text, operand))
        return false;
    if (take(&text, 'i')) {
        operand->kind = OPERAND_CONST;
        return read_int(&text, &operand->value) && text.n == 0;
    }
    struct str rest = text;
    int64_t off;
    if (read_int(&rest, &off) && take(&rest, '(')) {
        operand->kind = OPERAND_MEMORY;
        operand->value = off;
        return read_register(&rest, &operand->reg) && take(&rest, ')') &&
               rest.n == 0;
    }
    return operand->bits <= 32 && read_register(&text, &operand->reg) &&
           text.n == 0;
}
