// assemble.c: the few instructions that are made here, in both encodings.
//
// What is made never changes the flags. Addresses are made relative to the pc,
// which reads as 4 bytes ahead in T32 and 8 in A32:
//
//     movw  r0, #lower half of (va - here)
//     movt  r0, #upper half
//     here - 4 (or 8):
//     add   r0, pc, r0

#include "arch/arm/arm.h"

void arm_put_word(struct bytes *out, unsigned mode, uint32_t word) {
    if (mode == T32) { // the upper halfword comes first
        bytes_u16(out, (uint16_t)(word >> 16));
        bytes_u16(out, (uint16_t)word);
    } else {
        bytes_u32(out, word);
    }
}

void arm_put_narrow(struct bytes *out, const char *pattern,
                    struct bitfields fields) {
    bytes_u16(out, (uint16_t)bitpat_encode(pattern, fields));
}

void arm_put(struct bytes *out, unsigned mode, const char *pattern,
             struct bitfields fields) {
    arm_put_word(out, mode, bitpat_encode(pattern, fields));
}

static uint32_t rotate_left(uint32_t value, unsigned by) {
    by &= 31;
    return by ? value << by | value >> (32 - by) : value;
}

int32_t arm_encode_constant(unsigned mode, uint32_t value) {
    if (value <= 0xff)
        return (int32_t)value;
    // T32 rotates a byte that begins with 1 by 8 to 31, A32 any byte by an
    // even number. (T32's repeated bytes are not wanted here.)
    unsigned step = mode == T32 ? 1 : 2, least = mode == T32 ? 8 : 2;
    for (unsigned by = least; by < 32; by += step) {
        uint32_t byte = rotate_left(value, by);
        if (byte > 0xff || (mode == T32 && !(byte & 0x80)))
            continue;
        return mode == T32 ? (int32_t)(by << 7 | (byte & 0x7f))
                           : (int32_t)((by / 2) << 8 | byte);
    }
    return -1;
}

// movw or movt
static void put_half(struct bytes *out, unsigned mode, bool is_upper,
                     uint8_t reg, uint32_t half) {
    if (mode == T32)
        arm_put(out, mode, "11110i10t100hhhh0jjjddddkkkkkkkk",
                FIELDS({'i', half >> 11}, {'t', is_upper}, {'h', half >> 12},
                       {'j', half >> 8}, {'d', reg}, {'k', half}));
    else
        arm_put(out, mode, "111000110t00hhhhddddkkkkkkkkkkkk",
                FIELDS({'t', is_upper}, {'h', half >> 12}, {'d', reg},
                       {'k', half}));
}

void arm_put_constant(struct bytes *out, unsigned mode, uint8_t reg,
                      uint32_t value) {
    put_half(out, mode, false, reg, value & 0xffff);
    put_half(out, mode, true, reg, value >> 16);
}

void arm_put_address(struct bytes *out, unsigned mode, uint8_t reg, uint64_t at,
                     uint64_t va) {
    enum { LEN_CONSTANT = 8 };
    uint64_t pc = at + LEN_CONSTANT + (mode == T32 ? 4 : 8);
    arm_put_constant(out, mode, reg, (uint32_t)(va - pc));
    if (mode == T32)
        arm_put_narrow(out, "01000100dmmmmddd", FIELDS({'d', reg}, {'m', PC}));
    else
        arm_put(out, mode, "1110000010001111dddd00000000mmmm",
                FIELDS({'d', reg}, {'m', reg}));
}

static void put_step(struct bytes *out, unsigned mode, bool adds, uint8_t reg,
                     uint8_t base, uint32_t step) {
    uint32_t code = (uint32_t)arm_encode_constant(mode, step);
    if (mode == A32) {
        const char *pattern = adds ? "111000101000nnnnddddiiiiiiiiiiii"
                                   : "111000100100nnnnddddiiiiiiiiiiii";
        arm_put(out, mode, pattern,
                FIELDS({'n', base}, {'d', reg}, {'i', code}));
        return;
    }
    const char *pattern = adds ? "11110i010000nnnn0jjjddddkkkkkkkk"
                               : "11110i011010nnnn0jjjddddkkkkkkkk";
    arm_put(out, mode, pattern,
            FIELDS({'i', code >> 11}, {'n', base}, {'j', code >> 8}, {'d', reg},
                   {'k', code}));
}

void arm_put_add(struct bytes *out, unsigned mode, uint8_t reg, uint8_t base,
                 int32_t value) {
    bool adds = value >= 0;
    uint32_t rest = adds ? (uint32_t)value : 0 - (uint32_t)value;
    // Eight bits at a time, from the lowest bit that is set; by two, for A32.
    do {
        unsigned shift = rest ? (unsigned)__builtin_ctz(rest) & ~1u : 0;
        uint32_t step = arm_encode_constant(mode, rest) >= 0
                            ? rest
                            : rest & (uint32_t)0xff << shift;
        put_step(out, mode, adds, reg, base, step);
        rest -= step;
        base = reg;
    } while (rest);
}

bool arm_put_branch(struct bytes *out, unsigned mode, uint8_t cond,
                    bool is_call, uint64_t from, uint64_t to) {
    int64_t distance = (int64_t)(to - from) - (mode == T32 ? 4 : 8);
    int64_t limit = mode == T32 ? 1 << 24 : 1 << 25;
    if (distance < -limit || distance >= limit)
        return false;
    uint32_t i = (uint32_t)distance;
    if (mode == A32) {
        arm_put(out, mode, "cccc101liiiiiiiiiiiiiiiiiiiiiiii",
                FIELDS({'c', cond}, {'l', is_call}, {'i', i >> 2}));
        return true;
    }
    uint32_t s = i >> 24 & 1;
    arm_put(out, mode, "11110sjjjjjjjjjj1la1biiiiiiiiiii",
            FIELDS({'s', s}, {'j', i >> 12}, {'l', is_call},
                   {'a', (i >> 23 & 1) == s}, {'b', (i >> 22 & 1) == s},
                   {'i', i >> 1}));
    return true;
}

void arm_put_skip(struct bytes *out, unsigned mode, uint8_t cond,
                  uint32_t skip_len) {
    if (mode == A32) {
        arm_put_branch(out, mode, cond, false, 0, skip_len + 4);
        return;
    }
    uint32_t i = skip_len; // the pc is behind the branch already
    arm_put(out, mode, "11110sccccjjjjjj10a0biiiiiiiiiii",
            FIELDS({'s', 0}, {'c', cond}, {'j', i >> 12}, {'a', i >> 18},
                   {'b', i >> 19}, {'i', i >> 1}));
}

void arm_put_nop(struct bytes *out, unsigned mode) {
    enum { NOP_T32 = 0xbf00 };
    const uint32_t nop_a32 = 0xe320f000;
    if (mode == T32)
        bytes_u16(out, NOP_T32);
    else
        bytes_u32(out, nop_a32);
}

static uint8_t lowest(regset set) {
    return (uint8_t)__builtin_ctzll(set);
}

// Lists of more than one register are the same word in both.
void arm_put_push(struct bytes *out, unsigned mode, regset set) {
    bool single = (set & (set - 1)) == 0;
    uint32_t list = (uint32_t)set;
    if (mode == T32 && (set & ~(regset)(0xff | 1 << LR)) == 0)
        arm_put_narrow(out, "1011010rllllllll",
                       FIELDS({'r', list >> LR}, {'l', list}));
    else if (single)
        arm_put(out, mode,
                mode == T32 ? "1111100001001101tttt110100000100"
                            : "1110010100101101tttt000000000100",
                FIELDS({'t', lowest(set)}));
    else
        arm_put(out, mode, "1110100100101101llllllllllllllll",
                FIELDS({'l', list}));
}

void arm_put_pop(struct bytes *out, unsigned mode, regset set) {
    bool single = (set & (set - 1)) == 0;
    uint32_t list = (uint32_t)set;
    if (mode == T32 && (set & ~(regset)0xff) == 0)
        arm_put_narrow(out, "10111100llllllll", FIELDS({'l', list}));
    else if (single)
        arm_put(out, mode,
                mode == T32 ? "1111100001011101tttt101100000100"
                            : "1110010010011101tttt000000000100",
                FIELDS({'t', lowest(set)}));
    else
        arm_put(out, mode, "1110100010111101llllllllllllllll",
                FIELDS({'l', list}));
}
