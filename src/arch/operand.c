// operand.c: the parts that operands of static probes have in common.

#include "arch/operand.h"

#include <string.h>

static void pass_blanks(struct rest *rest) {
    while (rest->p < rest->end && *rest->p == ' ')
        rest->p++;
}

bool rest_is_next(const struct rest *rest, char c) {
    struct rest at = *rest;
    return rest_accept(&at, c);
}

bool rest_accept(struct rest *rest, char c) {
    struct rest at = *rest;
    pass_blanks(&at);
    if (at.p == at.end || *at.p != c)
        return false;
    *rest = at;
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

bool rest_number(struct rest *rest, int64_t *value) {
    struct rest at = *rest;
    bool negative = rest_accept(&at, '-');
    if (!negative)
        rest_accept(&at, '+');
    pass_blanks(&at);
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

struct str rest_word(struct rest *rest, const char *ends) {
    pass_blanks(rest);
    const char *start = rest->p;
    while (rest->p < rest->end && *rest->p != ' ' && !strchr(ends, *rest->p))
        rest->p++;
    return (struct str){start, (size_t)(rest->p - start)};
}

bool operand_begin(const struct arch *arch, struct str text, struct rest *rest,
                   struct text_operand *operand) {
    int64_t size;
    *rest = (struct rest){text.p, text.p + text.n};
    *operand = (struct text_operand){
        .bits = arch->bits, .reg = REG_NONE, .index = REG_NONE, .scale = 1};
    if (!str_find(text, '@'))
        return text.n > 0;
    if (!rest_number(rest, &size))
        return false;
    rest_accept(rest, 'f');
    operand->is_signed = size < 0;
    uint64_t bytes = (uint64_t)(size < 0 ? -size : size);
    operand->bits = (uint8_t)(bytes * 8);
    return rest_accept(rest, '@') && rest->p < rest->end &&
           (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
}
