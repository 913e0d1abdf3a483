// operand.c: operands as the assembler writes them, with their size before.
//
//     4@#5   -4@r0   4@[sp, #12]   4@[r7]   -1@[r3, r2, lsl #2]
//
// That is how the notes of static probes say where a value lies (see
// image/elf_notes.c): bytes, negative if it is signed, then the operand.

#include <string.h>

#include "arch/arm/arm.h"

// The text that is left to read.
struct rest {
    const char *p, *end;
};

static bool accept(struct rest *rest, char c) {
    while (rest->p < rest->end && *rest->p == ' ')
        rest->p++;
    if (rest->p == rest->end || *rest->p != c)
        return false;
    rest->p++;
    return true;
}

static bool read_number(struct rest *rest, int64_t *value) {
    struct rest at = *rest;
    bool negative = accept(&at, '-');
    uint64_t number = 0;
    const char *start = at.p;
    for (; at.p < at.end && *at.p >= '0' && *at.p <= '9'; at.p++)
        number = number * 10 + (uint64_t)(*at.p - '0');
    if (at.p == start)
        return false;
    *value = (int64_t)(negative ? 0 - number : number);
    *rest = at;
    return true;
}

static struct str read_word(struct rest *rest) {
    while (rest->p < rest->end && *rest->p == ' ')
        rest->p++;
    const char *start = rest->p;
    while (rest->p < rest->end && ((*rest->p >= 'a' && *rest->p <= 'z') ||
                                   (*rest->p >= '0' && *rest->p <= '9')))
        rest->p++;
    return (struct str){start, (size_t)(rest->p - start)};
}

static const struct {
    const char *name;
    uint8_t reg;
} other_names[] = {
    {"sb", 9}, {"sl", 10}, {"fp", R11}, {"ip", IP}, {"r13", SP}, {"r14", LR},
};

static bool read_register(struct rest *rest, uint8_t *reg) {
    struct str name = read_word(rest);
    for (int i = 0; i <= LR; i++)
        if (str_equal(name, str_from(arch_arm.regs[i].name))) {
            *reg = i;
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(other_names); i++)
        if (str_equal(name, str_from(other_names[i].name))) {
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
    if (!accept(rest, ','))
        return accept(rest, ']');
    if (accept(rest, '#'))
        return read_number(rest, &operand->value) && accept(rest, ']');
    int64_t shift = 0;
    if (!read_register(rest, &operand->index))
        return false;
    if (accept(rest, ',') &&
        (!str_equal(read_word(rest), STR("lsl")) || !accept(rest, '#') ||
         !read_number(rest, &shift) || shift < 0 || shift > 3))
        return false;
    operand->scale = (uint8_t)(1 << shift);
    return accept(rest, ']');
}

static bool read_size(struct rest *rest, struct text_operand *operand) {
    int64_t size;
    struct rest at = *rest;
    operand->bits = 32;
    if (!read_number(&at, &size) || !accept(&at, '@'))
        return memchr(rest->p, '@', (size_t)(rest->end - rest->p)) == NULL;
    operand->is_signed = size < 0;
    uint64_t bytes = (uint64_t)(size < 0 ? -size : size);
    operand->bits = (uint8_t)(bytes * 8);
    *rest = at;
    return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

bool arm_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest = {text.p, text.p + text.n};
    *operand =
        (struct text_operand){.reg = REG_NONE, .index = REG_NONE, .scale = 1};
    if (text.n == 0 || !read_size(&rest, operand) || rest.p == rest.end)
        return false;
    bool good;
    if (accept(&rest, '#')) {
        operand->kind = OPERAND_CONST;
        good = read_number(&rest, &operand->value);
    } else if (accept(&rest, '[')) {
        good = read_memory(&rest, operand);
    } else {
        operand->kind = OPERAND_REG;
        good = read_register(&rest, &operand->reg);
    }
    return good && rest.p == rest.end;
}
