// assemble.c: instructions written as the manual writes them.
//
// A pattern is what the "Opcode" column of the Intel SDM says, words separated
// by one blank:
//
//     REX  REX.W   the prefix, if a register needs it; with W set
//     8D           a byte of opcode
//     50+r 80+cc   plus the number of `reg`, plus `condition`
//     /r           ModRM: `reg`, and the memory at `base` + `disp`
//     /0 ... /7    ModRM: the digit, and the register `base`
//     ib id        `value` as an immediate
//     cb cd        `value` as a relative displacement
//
// "REX.W 8D /r" with reg = RDI, base = RSP, disp = 8 is lea 8(%rsp),%rdi.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/x86_64.h"

bool x86_fits(int64_t value, unsigned bytes) {
    int64_t limit = (int64_t)1 << (bytes * 8 - 1);
    return -limit <= value && value < limit;
}

static bool has(const char *pattern, const char *word) {
    return strstr(pattern, word) != NULL;
}

// 0100WRXB. R extends the reg field, B the base or the "+r" register.
static void put_rex(struct bytes *out, const char *pattern,
                    const struct operands *with) {
    enum { W = 8, R = 4, B = 1, PREFIX = 0x40 };
    bool memory = has(pattern, "/r"), plus = has(pattern, "+r");
    bool base_is_high = with->base >= R8 && with->base <= R15;
    uint8_t bits = has(pattern, "REX.W") ? W : 0;
    if (memory && with->reg >= R8)
        bits |= R;
    if (plus ? with->reg >= R8 : base_is_high)
        bits |= B;
    if (bits)
        bytes_u8(out, PREFIX | bits);
}

static uint8_t modrm(unsigned mod, unsigned reg, unsigned rm) {
    return (uint8_t)(mod << 6 | (reg & 7) << 3 | (rm & 7));
}

static void put_memory(struct bytes *out, const struct operands *with) {
    enum { SIB_FOLLOWS = 4, DISP32_ONLY = 5, SIB_NO_INDEX = 0x24 };
    if (with->base == RIP) {
        bytes_u8(out, modrm(0, with->reg, DISP32_ONLY));
        bytes_u32(out, (uint32_t)with->disp);
        return;
    }
    uint8_t low = with->base & 7;
    unsigned mod = with->disp == 0 && low != DISP32_ONLY ? 0
                   : x86_fits(with->disp, 1)             ? 1
                                                         : 2;
    bytes_u8(out, modrm(mod, with->reg, low));
    if (low == SIB_FOLLOWS)
        bytes_u8(out, SIB_NO_INDEX);
    if (mod == 1)
        bytes_u8(out, (uint8_t)with->disp);
    else if (mod == 2)
        bytes_u32(out, (uint32_t)with->disp);
}

static void put_opcode(struct bytes *out, const char *word,
                       const struct operands *with) {
    char *end;
    unsigned long byte = strtoul(word, &end, 16);
    assert(end == word + 2);
    if (strncmp(end, "+r", 2) == 0)
        byte += with->reg & 7;
    else if (strncmp(end, "+cc", 3) == 0)
        byte += with->condition;
    bytes_u8(out, (uint8_t)byte);
}

static void put_word(struct bytes *out, const char *pattern, const char *word,
                     const struct operands *with) {
    if (strncmp(word, "REX", 3) == 0)
        put_rex(out, pattern, with);
    else if (strncmp(word, "/r", 2) == 0)
        put_memory(out, with);
    else if (word[0] == '/')
        bytes_u8(out, modrm(3, (unsigned)(word[1] - '0'), with->base));
    else if (strncmp(word, "ib", 2) == 0 || strncmp(word, "cb", 2) == 0)
        bytes_u8(out, (uint8_t)with->value);
    else if (strncmp(word, "id", 2) == 0 || (strncmp(word, "cd", 2) == 0))
        bytes_u32(out, (uint32_t)with->value);
    else
        put_opcode(out, word, with);
}

void x86_put(struct bytes *out, const char *pattern, struct operands with) {
    for (const char *word = pattern; word;) {
        put_word(out, pattern, word, &with);
        word = strchr(word, ' ');
        word = word ? word + 1 : NULL;
    }
}
