// emit.c: what trampolines are made of.
//
// A clause is wrapped like this, as far as registers and flags are live:
//
//     stp   x0, x9, [sp, #-32]!     registers, in the order of their numbers
//     str   x10, [sp, #16]
//     mrs   x0, nzcv                flags, by way of the result register
//     str   x0, [sp, #24]
//       ...
//     ldr   x0, [sp, #24]
//     msr   nzcv, x0
//     ldr   x10, [sp, #16]
//     ldp   x0, x9, [sp], #32
//
// sp stays a multiple of 16 as the processor demands. There is no red zone.

#include <assert.h>

#include "arch/aarch64/aarch64.h"

enum { WORD = 8, STACK_ALIGN = 16 };

void a64_put(struct bytes *out, const char *pattern, struct bitfields fields) {
    bytes_u32(out, bitpat_encode(pattern, fields));
}

// --- jumps ----------------------------------------------------------------

static const char b[] = "000101iiiiiiiiiiiiiiiiiiiiiiiiii";
static const char bl[] = "100101iiiiiiiiiiiiiiiiiiiiiiiiii";
static const char br[] = "1101011000011111000000nnnnn00000";
static const char blr[] = "1101011000111111000000nnnnn00000";
static const char b_cond[] = "01010100iiiiiiiiiiiiiiiiiii0cccc";

static bool put_branch(const char *pattern, uint64_t from, uint64_t to,
                       struct bytes *out) {
    int64_t distance = (int64_t)(to - from) / INSN_LEN;
    if (!bitpat_fits(pattern, 'i', distance))
        return false;
    a64_put(out, pattern, FIELDS({'i', (uint32_t)distance}));
    return true;
}

void a64_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out) {
    int64_t distance = (int64_t)(to - from) / INSN_LEN;
    if (reach->len == INSN_LEN) {
        a64_put(out, b, FIELDS({'i', (uint32_t)distance}));
        return;
    }
    uint8_t by = (uint8_t)__builtin_ctzll(reach->clobbers);
    a64_address(by, from, to, out);
    a64_put(out, br, FIELDS({'n', by}));
}

void a64_nop(struct bytes *out) {
    a64_put(out, "11010101000000110010000000011111", (struct bitfields){0});
}

// A far call goes by way of the link register.
bool a64_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out) {
    uint64_t at = from + len - INSN_LEN;
    bool is_near = bitpat_fits(bl, 'i', (int64_t)(to - at) / INSN_LEN);
    unsigned least = is_near ? INSN_LEN : FAR_LEN;
    if (len < least || len % INSN_LEN)
        return false;
    for (at = from + len - least; from < at; from += INSN_LEN)
        a64_nop(out);
    if (is_near)
        return put_branch(bl, at, to, out);
    if (!a64_address(LINK, at, to, out))
        return false;
    a64_put(out, blr, FIELDS({'n', LINK}));
    return true;
}

// bti c
void a64_landing(struct bytes *out) {
    a64_put(out, "11010101000000110010010001011111", (struct bitfields){0});
}

void a64_ret(struct bytes *out) {
    a64_put(out, "1101011001011111000000nnnnn00000", FIELDS({'n', LINK}));
}

// The conditional branch `word` over one instruction, which is a jump over
// what is skipped.
static void skip_unless(const char *pattern, uint32_t word, uint32_t skip_len,
                        struct bytes *out) {
    bytes_u32(out, bitpat_set(pattern, 'i', 2, word));
    put_branch(b, 0, INSN_LEN + skip_len, out);
}

bool a64_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out) {
    uint32_t word = a64_word(insn);
    const struct bitrow *row = a64_find(word);
    if (!row || (row->form != FORM_CONDITION && row->form != FORM_ZERO &&
                 row->form != FORM_BIT))
        return false;
    skip_unless(row->pattern.text, word, skip_len, out);
    return true;
}

// cmp, cmn: of 32 bits, as numbers of system calls are.
static void compare(uint8_t reg, int32_t value, struct bytes *out) {
    enum { MOST = 0xfff };
    assert(-MOST <= value && value <= MOST);
    uint32_t number = (uint32_t)(value < 0 ? -value : value);
    a64_put(out, "0o1100010hiiiiiiiiiiiinnnnn11111",
            FIELDS({'o', value >= 0}, {'h', 0}, {'i', number}, {'n', reg}));
}

static void skip_unless_condition(uint32_t condition, uint32_t skip_len,
                                  struct bytes *out) {
    uint32_t word = bitpat_encode(b_cond, FIELDS({'c', condition}, {'i', 0}));
    skip_unless(b_cond, word, skip_len, out);
}

void a64_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    enum { EQ = 0 };
    compare(reg, value, out);
    skip_unless_condition(EQ, skip_len, out);
}

void a64_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    enum { LT = 11 };
    compare(reg, value, out);
    skip_unless_condition(LT, skip_len, out);
}

// --- addresses ------------------------------------------------------------

static const char add[] = "1001000100iiiiiiiiiiiinnnnnddddd";
static const char add_high[] = "1001000101iiiiiiiiiiiinnnnnddddd";
static const char sub[] = "1101000100iiiiiiiiiiiinnnnnddddd";
static const char sub_high[] = "1101000101iiiiiiiiiiiinnnnnddddd";

bool a64_address(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out) {
    const char adrp[] = "1jj10000iiiiiiiiiiiiiiiiiiiddddd";
    int64_t pages = (int64_t)(va >> 12) - (int64_t)(at >> 12);
    if (!bitpat_fits(adrp, 'i', pages >> 2))
        return false;
    a64_put(out, adrp,
            FIELDS({'i', (uint32_t)(pages >> 2)}, {'j', (uint32_t)pages & 3},
                   {'d', reg}));
    a64_put(out, add,
            FIELDS({'i', (uint32_t)(va & 4095)}, {'n', reg}, {'d', reg}));
    return true;
}

bool a64_set_link(uint64_t at, uint64_t va, struct bytes *out) {
    return a64_address(LINK, at, va, out);
}

void a64_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out) {
    uint32_t distance = (uint32_t)(off < 0 ? -off : off);
    uint32_t low = distance & 4095, high = distance >> 12;
    assert(high <= 4095);
    if (low || !high) {
        a64_put(out, off < 0 ? sub : add,
                FIELDS({'i', low}, {'n', base}, {'d', reg}));
        base = reg;
    }
    if (high)
        a64_put(out, off < 0 ? sub_high : add_high,
                FIELDS({'i', high}, {'n', base}, {'d', reg}));
}

void a64_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out) {
    enum { MOST = 4095 * WORD };
    if (off < 0 || off > MOST || off % WORD) {
        a64_load_address(reg, base, off, out);
        base = reg;
        off = 0;
    }
    a64_put(out, "1111100101iiiiiiiiiiiinnnnnttttt",
            FIELDS({'i', (uint32_t)off / WORD}, {'n', base}, {'t', reg}));
}

// --- saving ---------------------------------------------------------------

// The registers of a set in the order of their places, the flags last.
struct places {
    uint8_t regs[SP];
    unsigned count;
    bool flags;       // they are in the set
    bool flags_place; // and have a place
    uint32_t len;     // bytes of all, with `skip` above them
};

static struct places find_places(regset set, uint32_t skip) {
    struct places places = {.flags = set & REG_BIT(FLAGS)};
    for (int reg = 0; reg < SP; reg++)
        if (set & REG_BIT(reg))
            places.regs[places.count++] = reg;
    places.flags_place = places.flags && !(set & REGSET_FLAGS_IN_RESULT);
    uint32_t words = places.count + places.flags_place;
    places.len = (words * WORD + skip + STACK_ALIGN - 1) & ~(STACK_ALIGN - 1u);
    return places;
}

// What is moved with the lowest place moves sp as well.
enum way { IN_PLACE, STEP };

static void put_pair(bool load, enum way way, unsigned at, int32_t len,
                     const uint8_t *regs, struct bytes *out) {
    // stp with sp first lowered, ldp with sp then raised
    const char *pattern = way == IN_PLACE ? "101010010oiiiiiiiuuuuunnnnnttttt"
                          : load          ? "101010001oiiiiiiiuuuuunnnnnttttt"
                                          : "101010011oiiiiiiiuuuuunnnnnttttt";
    int32_t words = way == IN_PLACE ? (int32_t)at : len / WORD;
    a64_put(out, pattern,
            FIELDS({'o', load}, {'i', (uint32_t)words}, {'u', regs[1]},
                   {'n', SP}, {'t', regs[0]}));
}

static void put_one(bool load, enum way way, unsigned at, int32_t len,
                    uint8_t reg, struct bytes *out) {
    if (way == IN_PLACE)
        a64_put(out, "111110010oiiiiiiiiiiiinnnnnttttt",
                FIELDS({'o', load}, {'i', at}, {'n', SP}, {'t', reg}));
    else
        a64_put(out, "111110000o0iiiiiiiiih1nnnnnttttt",
                FIELDS({'o', load}, {'i', (uint32_t)len}, {'h', !load},
                       {'n', SP}, {'t', reg}));
}

// One or two registers at their place.
static void put_registers(bool load, const struct places *places, unsigned at,
                          struct bytes *out) {
    enum way way = at == 0 ? STEP : IN_PLACE;
    int32_t len = load ? (int32_t)places->len : -(int32_t)places->len;
    if (places->count - at >= 2)
        put_pair(load, way, at, len, &places->regs[at], out);
    else
        put_one(load, way, at, len, places->regs[at], out);
}

static void put_flags(bool load, const struct places *places,
                      struct bytes *out) {
    int32_t len = load ? (int32_t)places->len : -(int32_t)places->len;
    if (places->flags_place)
        put_one(load, places->count == 0 ? STEP : IN_PLACE, places->count, len,
                RESULT, out);
}

uint32_t a64_save(regset set, uint32_t skip, struct bytes *out) {
    struct places places = find_places(set, skip);
    bool any = places.count || places.flags_place;
    assert(places.len < 256); // that a store reaches
    if (!any && places.len)
        a64_load_address(SP, SP, -(int32_t)places.len, out);
    for (unsigned at = 0; at < places.count; at += 2)
        put_registers(false, &places, at, out);
    if (places.flags) { // mrs
        a64_put(out, "110101010011101101000010000ttttt", FIELDS({'t', RESULT}));
        put_flags(false, &places, out);
    }
    return places.len;
}

void a64_restore(regset set, uint32_t skip, struct bytes *out) {
    struct places places = find_places(set, skip);
    bool any = places.count || places.flags_place;
    if (places.flags) { // msr
        put_flags(true, &places, out);
        a64_put(out, "110101010001101101000010000ttttt", FIELDS({'t', RESULT}));
    }
    for (unsigned at = (places.count + 1) & ~1u; at >= 2; at -= 2)
        put_registers(true, &places, at - 2, out);
    if (!any && places.len)
        a64_load_address(SP, SP, (int32_t)places.len, out);
}

int32_t a64_saved_at(regset set, uint8_t reg) {
    struct places places = find_places(set, 0);
    if (reg == FLAGS)
        return places.flags_place ? (int32_t)places.count * WORD : -1;
    for (unsigned i = 0; i < places.count; i++)
        if (places.regs[i] == reg)
            return (int32_t)i * WORD;
    return -1;
}
