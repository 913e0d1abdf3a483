// operand.c: operands as the assembler writes them, with their size before.
//
//     4@$5   -4@%edi   8@-16(%rbp)   2@8(%rsp,%rax,8)   8@sym+4(%rip)
//
// That is how the notes of static probes say where a value lies (see
// image/elf_notes.c), in AT&T syntax. What cannot be read by general registers
// alone, such as a vector's, is refused.

#include <string.h>

#include "arch/operand.h"
#include "arch/x86_64/x86_64.h"

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

static struct str read_word(struct rest *rest) {
    const char *start = rest->p;
    while (rest->p < rest->end && is_name_char(*rest->p))
        rest->p++;
    return (struct str){start, (size_t)(rest->p - start)};
}

// The old registers by the two letters that their parts have in common.
static const struct {
    char letters[3];
    uint8_t reg;
} old_registers[] = {
    {"ax", RAX}, {"cx", RCX}, {"dx", RDX}, {"bx", RBX},
    {"sp", RSP}, {"bp", RBP}, {"si", RSI}, {"di", RDI},
};

// %r10, %r10d, %r10w, %r10b
static uint8_t find_new_register(struct str name) {
    struct rest rest = {name.p + 1, name.p + name.n};
    int64_t number;
    if (name.n < 2 || name.p[0] != 'r' || !rest_number(&rest, &number) ||
        number < 8 || number > 15)
        return REG_NONE;
    size_t left = (size_t)(rest.end - rest.p);
    bool is_part = left == 1 && strchr("dwb", *rest.p);
    return left == 0 || is_part ? (uint8_t)(R8 + number - 8) : REG_NONE;
}

// `shift`: 8 for the parts %ah and so on.
static uint8_t find_register(struct str name, uint8_t *shift) {
    *shift = 0;
    for (size_t i = 0; i < COUNT_OF(old_registers); i++) {
        const char *letters = old_registers[i].letters;
        struct str both = {letters, 2};
        bool is_long =
            name.n == 3 && strchr("re", name.p[0]) && str_ends_with(name, both);
        bool is_low =
            (name.n == 2 && name.p[0] == letters[0] && name.p[1] == 'l' &&
             letters[1] == 'x') ||
            (name.n == 3 && name.p[2] == 'l' && str_starts_with(name, both));
        bool is_high = name.n == 2 && name.p[0] == letters[0] &&
                       name.p[1] == 'h' && letters[1] == 'x';
        if (!is_long && !is_low && !is_high && !str_equal(name, both))
            continue;
        *shift = is_high ? 8 : 0;
        return old_registers[i].reg;
    }
    return find_new_register(name);
}

static bool read_register(struct rest *rest, uint8_t *reg, uint8_t *shift) {
    if (!rest_accept(rest, '%'))
        return false;
    *reg = find_register(read_word(rest), shift);
    return *reg != REG_NONE;
}

// symbol [+ number]
static bool read_symbol(struct rest *rest, struct text_operand *operand) {
    int64_t more;
    operand->symbol = read_word(rest);
    if (rest_number(rest, &more))
        operand->value += more;
    return operand->symbol.n > 0;
}

// [disp] [symbol [+ disp]] [( base , index , scale )]
static bool read_memory(struct rest *rest, struct text_operand *operand) {
    uint8_t shift;
    operand->kind = OPERAND_MEMORY;
    rest_number(rest, &operand->value);
    if (rest->p < rest->end && *rest->p != '(') {
        rest_accept(rest, '+');
        if (!read_symbol(rest, operand))
            return false;
    }
    if (!rest_accept(rest, '('))
        return operand->symbol.n > 0;
    struct rest base = *rest;
    if (rest_accept(&base, '%') && str_equal(read_word(&base), STR("rip"))) {
        *rest = base;
        return operand->symbol.n > 0 && rest_accept(rest, ')');
    }
    if (rest->p < rest->end && *rest->p != ',' &&
        !read_register(rest, &operand->reg, &shift))
        return false;
    if (!rest_accept(rest, ','))
        return rest_accept(rest, ')');
    int64_t scale = 1;
    if (!read_register(rest, &operand->index, &shift))
        return false;
    if (rest_accept(rest, ',') && !rest_number(rest, &scale))
        return false;
    operand->scale = (uint8_t)scale;
    return rest_accept(rest, ')');
}

bool x86_read_operand(struct str text, struct text_operand *operand) {
    struct rest rest;
    bool good;
    if (!operand_begin(&arch_x86_64, text, &rest, operand))
        return false;
    if (rest_accept(&rest, '$')) {
        operand->kind = OPERAND_CONST;
        good =
            rest_number(&rest, &operand->value) || read_symbol(&rest, operand);
    } else if (rest_is_next(&rest, '%')) {
        operand->kind = OPERAND_REG;
        good = read_register(&rest, &operand->reg, &operand->shift);
    } else {
        good = read_memory(&rest, operand);
    }
    return good && rest.p == rest.end;
}
