// operand.c: operands of static probes, as assemblers for AArch64 write them.
//
//     operand  = [ size "@" ] value
//     value    = [ "#" ] number | register | memory
//     memory   = "[" base "]"
//              | "[" base "," [ "#" ] number "]"
//              | "[" base "," register [ "," "lsl" [ "#" ] number ] "]"
//              | "[" base "," [ "#" ] ":lo12:" symbol "]"
//
// A size is in bytes, negative if the value is signed. What cannot be read by
// general registers alone, such as d0, and offsets that are extended (uxtw)
// are refused.

#include <string.h>

#include "arch/aarch64/aarch64.h"

// The text that is left to read.
struct rest {
    const char *p, *end;
};

static void pass_blanks(struct rest *rest) {
    while (rest->p < rest->end && *rest->p == ' ')
        rest->p++;
}

static bool accept(struct rest *rest, char c) {
    pass_blanks(rest);
    if (rest->p == rest->end || *rest->p != c)
        return false;
    rest->p++;
    return true;
}

static unsigned digit_value(char c, unsigned base) {
    unsigned digit = base;
    if (c >= '0' && c <= '9')
        digit = (unsigned)(c - '0');
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
        digit = (unsigned)((c | 32) - 'a' + 10);
    return digit < base ? digit : base;
}

// Decimal, or hexadecimal behind 0x; with a sign or not, behind '#' or not.
static bool read_number(struct rest *rest, int64_t *value) {
    struct rest at = *rest;
    accept(&at, '#');
    bool negative = accept(&at, '-');
    if (!negative)
        accept(&at, '+');
    unsigned base = 10;
    if (at.end - at.p > 2 && at.p[0] == '0' && (at.p[1] | 32) == 'x') {
        base = 16;
        at.p += 2;
    }
    const char *start = at.p;
    uint64_t number = 0;
    for (; at.p < at.end && digit_value(*at.p, base) < base; at.p++)
        number = number * base + digit_value(*at.p, base);
    if (at.p == start)
        return false;
    *value = (int64_t)(negative ? 0 - number : number);
    *rest = at;
    return true;
}

static struct str read_word(struct rest *rest) {
    pass_blanks(rest);
    const char *start = rest->p;
    while (rest->p < rest->end && !strchr(" ,]@#", *rest->p))
        rest->p++;
    return (struct str){start, (size_t)(rest->p - start)};
}

// x0 to x30, w0 to w30, and their other names.
static bool read_register(struct rest *rest, uint8_t *reg) {
    struct str name = read_word(rest);
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
        if (digit_value(name.p[i], 10) == 10)
            return false;
        number = number * 10 + digit_value(name.p[i], 10);
    }
    *reg = (uint8_t)number;
    return number < SP;
}

static bool read_symbol(struct rest *rest, struct text_operand *operand) {
    struct str low = STR(":lo12:"), word;
    accept(rest, '#');
    word = read_word(rest);
    if (!str_starts_with(word, low))
        return false;
    // The base holds the symbol's page; both together are the symbol.
    word = str_slice(word, low.n, word.n);
    const char *plus = word.n ? memchr(word.p, '+', word.n) : NULL;
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
    if (!accept(rest, ','))
        return true;
    if (!str_equal(read_word(rest), STR("lsl")) || !read_number(rest, &shift) ||
        shift < 0 || shift > 4)
        return false;
    operand->scale = (uint8_t)(1 << shift);
    return true;
}

static bool read_memory(struct rest *rest, struct text_operand *operand) {
    operand->kind = OPERAND_MEMORY;
    if (!read_register(rest, &operand->reg))
        return false;
    if (accept(rest, ',') && !read_number(rest, &operand->value)) {
        struct rest at = *rest;
        if (!read_symbol(rest, operand)) {
            *rest = at;
            if (!read_index(rest, operand))
                return false;
        }
    }
    return accept(rest, ']');
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

bool a64_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest = {text.p, text.p + text.n};
    *operand =
        (struct text_operand){.reg = REG_NONE, .index = REG_NONE, .scale = 1};
    if (text.n == 0 || !read_size(&rest, operand))
        return false;
    bool good;
    if (accept(&rest, '[')) {
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
