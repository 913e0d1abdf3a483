// operand.c: operands of static probes, as assemblers for AArch64 write them.
//
//     value    = [ "#" ] number | register | memory
//     memory   = "[" base "]"
//              | "[" base "," [ "#" ] number "]"
//              | "[" base "," register [ "," "lsl" [ "#" ] number ] "]"
//              | "[" base "," [ "#" ] ":lo12:" symbol "]"
//
// What cannot be read by general registers alone, such as d0, and offsets that
// are extended (uxtw) are refused.

#include <string.h>

#include "arch/aarch64/aarch64.h"
#include "arch/operand.h"

// Behind '#' or not.
static bool read_number(struct rest *rest, int64_t *value) {
    struct rest at = *rest;
    rest_accept(&at, '#');
    if (!rest_number(&at, value))
        return false;
    *rest = at;
    return true;
}

// x0 to x30, w0 to w30, and their other names.
static bool read_register(struct rest *rest, uint8_t *reg) {
    struct str name = rest_word(rest, ",]@#");
    static const struct {
        struct str name;
        uint8_t reg;
    } named[] = {{{"sp", 2}, SP},   {{"wsp", 3}, SP},  {{"fp", 2}, FP},
                 {{"lr", 2}, LINK}, {{"ip0", 3}, X16}, {{"ip1", 3}, X17}};
    for (size_t i = 0; i < COUNT_OF(named); i++)
        if (str_equal(name, named[i].name)) {
            *reg = named[i].reg;
            return true;
        }
    if (name.n < 2 || name.n > 3 || (name.p[0] != 'x' && name.p[0] != 'w'))
        return false;
    unsigned number = 0;
    for (size_t i = 1; i < name.n; i++) {
        if (name.p[i] < '0' || name.p[i] > '9')
            return false;
        number = number * 10 + (unsigned)(name.p[i] - '0');
    }
    *reg = (uint8_t)number;
    return number < SP;
}

static bool read_symbol(struct rest *rest, struct text_operand *operand) {
    struct str low = STR(":lo12:"), word;
    rest_accept(rest, '#');
    word = rest_word(rest, ",]@#");
    if (!str_starts_with(word, low))
        return false;
    // The base holds the symbol's page; both together are the symbol.
    word = str_slice(word, low.n, word.n);
    const char *plus = str_find(word, '+');
    if (plus) {
        struct rest more = {plus, word.p + word.n};
        if (!read_number(&more, &operand->value) || more.p != more.end)
            return false;
        word.n = (size_t)(plus - word.p);
    }
    operand->symbol = word;
    operand->reg = REG_NONE;
    return word.n > 0;
}

static bool read_index(struct rest *rest, struct text_operand *operand) {
    int64_t shift;
    uint8_t index;
    if (!read_register(rest, &index) || index == SP)
        return false;
    operand->index = index;
    if (!rest_accept(rest, ','))
        return true;
    if (!str_equal(rest_word(rest, ",]@#"), STR("lsl")) ||
        !read_number(rest, &shift) || shift < 0 || shift > 4)
        return false;
    operand->scale = (uint8_t)(1 << shift);
    return true;
}

static bool read_memory(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    if (!read_register(rest, &operand->reg))
        return false;
    if (rest_accept(rest, ',') && !read_number(rest, &operand->value)) {
        struct rest at = *rest;
        if (!read_symbol(rest, operand)) {
            *rest = at;
            if (!read_index(rest, operand))
                return false;
        }
    }
    return rest_accept(rest, ']');
}

bool a64_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest;
    bool good;
    if (!operand_begin(&arch_aarch64, text, &rest, operand))
        return false;
    if (rest_accept(&rest, '[')) {
        good = read_memory(&rest, operand);
    } else if (read_number(&rest, &operand->value)) {
        operand->kind = OPERAND_CONST;
        good = true;
    } else {
        operand->kind = OPERAND_REG;
        good = read_register(&rest, &operand->reg) && operand->reg != SP;
    }
    return good && rest.p == rest.end;
}
