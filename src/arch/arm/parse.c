// parse.c: bytes -> row and fields.
//
// T32 is made of halfwords; one that begins with 11101, 11110 or 11111 is the
// first of two. A word of A32 is read as one. Floating point, vectors and
// coprocessors look the same in both once the halfwords are put together, but
// for two groups that only begin differently:
//
//     vector operations   T32 111u 1111 ...     A32 1111 001u ...
//     vector loads        T32 1111 1001 ...     A32 1111 0100 ...
//
// Instructions in a block of IT have no condition of their own in the bytes.

#include "arch/arm/arm.h"

enum { NARROW = 2, WIDE = 4 };

static uint32_t halfword(struct slice bytes, size_t off) {
    return (uint32_t)load_uint(bytes.p + off, NARROW, ORDER_LITTLE);
}

static uint32_t as_a32(uint32_t word) {
    uint32_t rest = word & 0xffffff;
    switch (word >> 24) {
    case 0xef: return 0xf2000000 | rest;
    case 0xff: return 0xf3000000 | rest;
    case 0xf9: return 0xf4000000 | rest;
    default: return word;
    }
}

static bool is_shared(uint32_t word) {
    enum { LOADS_OF_VECTORS = 0xf9, NOT_STRUCTURES = 1 << 20 };
    if (word >> 24 == LOADS_OF_VECTORS)
        return !(word & NOT_STRUCTURES);
    return (word >> 26 & 3) == 3 && word >> 29 == 7; // 111. 11..
}

static bool found(struct arm_parts *parts) {
    if (parts->row && parts->row->form == FORM_NONE)
        parts->row = NULL;
    return parts->row != NULL;
}

static bool parse_t32(struct slice bytes, struct arm_parts *parts) {
    parts->cond = COND_AL;
    parts->len = NARROW;
    if (bytes.n < NARROW)
        return false;
    parts->word = parts->bits = halfword(bytes, 0);
    if (parts->word >> 11 < 0x1d) { // 11101
        parts->row = t32_narrow_row(parts->word);
        return found(parts);
    }
    if (bytes.n < WIDE)
        return false;
    parts->len = WIDE;
    parts->word = parts->word << 16 | halfword(bytes, NARROW);
    parts->bits = parts->word;
    if (!is_shared(parts->word)) {
        parts->row = t32_wide_row(parts->word);
        return found(parts);
    }
    parts->bits = as_a32(parts->word);
    parts->row = a32_row(parts->bits);
    return found(parts);
}

bool arm_parse(struct slice bytes, unsigned mode, struct arm_parts *parts) {
    *parts = (struct arm_parts){.mode = (uint8_t)mode, .len = WIDE};
    if (mode == T32)
        return parse_t32(bytes, parts);
    if (bytes.n < WIDE)
        return false;
    parts->word = (uint32_t)load_uint(bytes.p, WIDE, ORDER_LITTLE);
    parts->bits = parts->word;
    parts->cond = (uint8_t)(parts->word >> 28);
    if (parts->cond == COND_NONE)
        parts->cond = COND_AL;
    parts->row = a32_row(parts->word);
    return found(parts);
}

// Only the last one of a block may change where control goes.
static bool may_be_in_block(const struct arm_parts *parts, bool is_last) {
    switch (parts->row->form) {
    case FORM_IT:
    case FORM_COMPARE_ZERO:
    case FORM_BRANCH_COND: return false;
    case FORM_BRANCH:
    case FORM_CALL:
    case FORM_CALL_SWITCH:
    case FORM_BX:
    case FORM_CALL_REG:
    case FORM_TABLE: return is_last;
    default: return true;
    }
}

// The mask: its lowest set bit says how many there are, the bits above it are
// the lowest bit of the condition of each but the first.
bool arm_parse_block(struct slice bytes, const struct arm_parts *it,
                     struct arm_block *block) {
    uint32_t first = arm_field(it, 'c'), mask = arm_field(it, 'i');
    *block = (struct arm_block){.len = NARROW};
    if (first == COND_NONE || mask == 0)
        return false;
    block->count = 4 - (unsigned)__builtin_ctz(mask);
    for (unsigned i = 0; i < block->count; i++) {
        struct arm_parts *parts = &block->parts[i];
        struct slice rest = {bytes.p + block->len, bytes.n - block->len};
        if (bytes.n < block->len || !arm_parse(rest, T32, parts) ||
            !may_be_in_block(parts, i + 1 == block->count))
            return false;
        uint32_t low = i == 0 ? first & 1 : mask >> (4 - i) & 1;
        parts->cond = (uint8_t)((first & ~1u) | low);
        parts->in_block = true;
        block->offs[i] = block->len;
        block->len += parts->len;
        if (parts->cond == COND_NONE)
            return false;
    }
    return true;
}

uint32_t arm_field(const struct arm_parts *parts, char letter) {
    return bitpat_field(parts->row->pattern.text, letter, parts->bits);
}

bool arm_has(const struct arm_parts *parts, char letter) {
    return bitpat_has(parts->row->pattern.text, letter);
}

static uint32_t rotate_right(uint32_t value, unsigned by) {
    by &= 31;
    return by ? value >> by | value << (32 - by) : value;
}

// T32's constants of 12 bits: a byte in one of four arrangements, or a byte
// with its highest bit set and rotated.
static uint32_t expand_t32(uint32_t code) {
    uint32_t byte = code & 0xff;
    switch (code >> 8) {
    case 0: return byte;
    case 1: return byte << 16 | byte;
    case 2: return byte << 24 | byte << 8;
    case 3: return byte * 0x01010101;
    default: return rotate_right(0x80 | (byte & 0x7f), code >> 7);
    }
}

uint32_t arm_constant(const struct arm_parts *parts) {
    if (parts->len == NARROW)
        return arm_field(parts, 'i');
    uint32_t low = arm_field(parts, 'k');
    bool is_half =
        parts->row->form == FORM_WIDE || parts->row->form == FORM_TOP;
    if (is_half && parts->mode == A32)
        return arm_field(parts, 'h') << 12 | low;
    if (parts->mode == A32)
        return rotate_right(low, 2 * arm_field(parts, 'r'));
    uint32_t code =
        arm_field(parts, 'i') << 11 | arm_field(parts, 'j') << 8 | low;
    switch (parts->row->form) {
    case FORM_WIDE:
    case FORM_TOP: return arm_field(parts, 'h') << 12 | code;
    case FORM_ADD_WIDE:
    case FORM_SUB_WIDE: return code;
    default: return expand_t32(code);
    }
}

static int32_t sign_extend(uint32_t value, unsigned bits) {
    uint32_t sign = (uint32_t)1 << (bits - 1);
    return (int32_t)((value ^ sign) - sign);
}

// The two bits below the sign are stored as their difference from it, except
// in branches with a condition, which came first.
static int32_t wide_distance(const struct arm_parts *parts) {
    uint32_t s = arm_field(parts, 's'), a = arm_field(parts, 'a'),
             b = arm_field(parts, 'b'), j = arm_field(parts, 'j'),
             i = arm_field(parts, 'i');
    if (parts->row->form == FORM_BRANCH_COND)
        return sign_extend(s << 20 | b << 19 | a << 18 | j << 12 | i << 1, 21);
    // The last bit of a blx is fixed, and no part of its field.
    unsigned low_bits = parts->row->form == FORM_CALL_SWITCH ? 10 : 11;
    uint32_t top = s << 2 | (a == s) << 1 | (b == s);
    uint32_t low = i << (12 - low_bits);
    return sign_extend(top << 22 | j << 12 | low, 25);
}

int32_t arm_distance(const struct arm_parts *parts) {
    uint32_t i = arm_field(parts, 'i');
    if (parts->mode == A32)
        return sign_extend(i << 2, 26) + (int32_t)arm_field(parts, 'h') * 2;
    if (parts->len == WIDE)
        return wide_distance(parts);
    switch (parts->row->form) {
    case FORM_BRANCH: return sign_extend(i << 1, 12);
    case FORM_COMPARE_ZERO: return (int32_t)(i << 1);
    default: return sign_extend(i << 1, 9);
    }
}

bool arm_writes_back(const struct arm_parts *parts) {
    if (arm_has(parts, 'w') && arm_field(parts, 'w'))
        return true;
    bool is_list =
        parts->row->form == FORM_LIST || parts->row->form == FORM_VECTOR_LIST;
    if (arm_has(parts, 'p'))
        return !is_list && !arm_field(parts, 'p');
    return !arm_has(parts, 'w');
}

int64_t arm_literal_distance(const struct arm_parts *parts) {
    int64_t distance = arm_field(parts, 'i');
    bool is_down = arm_has(parts, 'u') && !arm_field(parts, 'u');
    switch (parts->row->form) {
    case FORM_LITERAL:
    case FORM_ADR: return distance * 4;
    case FORM_VECTOR_LIST: distance = (arm_field(parts, 'z') & 0xff) * 4; break;
    case FORM_LOAD:
        if (arm_has(parts, 'v')) // a pair, of T32
            distance *= 4;
        else if (arm_has(parts, 'k')) // a halfword, of A32
            distance = distance << 4 | arm_field(parts, 'k');
        break;
    default: break;
    }
    return is_down ? -distance : distance;
}

bool arm_reads_pc(const struct arm_parts *parts) {
    for (const char *c = parts->row->reads; *c; c++)
        if (arm_has(parts, *c) && *c != 'l' && arm_field(parts, *c) == PC)
            return true;
    return false;
}
