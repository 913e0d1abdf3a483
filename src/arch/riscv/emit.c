// emit.c: what trampolines are made of.
//
// A clause is wrapped like this, as far as registers are live:
//
//     addi sp,sp,-16      a multiple of 16, as the ABI asks
//     sd   t0,0(sp)       in the order of their numbers
//     sd   t1,8(sp)
//       ...
//     ld   t0,0(sp)
//     ld   t1,8(sp)
//     addi sp,sp,16
//
// There are no flags. Distances that jal and branches cannot span are made of
// two parts, of which the second is signed: hence the rounding.

#include <assert.h>

#include "arch/riscv/riscv.h"

enum { WORD = 8, STACK_ALIGN = 16 };

static const char ADDI[] = "iiiiiiiiiiiisssss000ddddd0010011";
static const char LUI[] = "iiiiiiiiiiiiiiiiiiiiddddd0110111";
static const char ADD[] = "0000000tttttsssss000ddddd0110011";
static const char LD[] = "iiiiiiiiiiiisssss011ddddd0000011";
static const char SD[] = "iiiiiiitttttsssss011iiiii0100011";
static const char AUIPC[] = "iiiiiiiiiiiiiiiiiiiiddddd0010111";
static const char JALR[] = "iiiiiiiiiiiisssss000ddddd1100111";
static const char JAL[] = "abbbbbbbbbbceeeeeeeeddddd1101111";
static const char BRANCH[] = "abbbbbbtttttsssssfffcccce1100011";
static const char SHORT_J[] = "101abccefghhhk01";

enum { BEQ = 0, BLT = 4 };

#define PUT(out, pattern, ...)                                                 \
    bytes_u32(out, bitpat_encode(pattern, FIELDS(__VA_ARGS__)))

int32_t riscv_high(int64_t distance) {
    return (int32_t)((distance + 0x800) >> 12);
}

int32_t riscv_low(int64_t distance) {
    return (int32_t)((distance + 0x800) & 0xfff) - 0x800;
}

bool riscv_reaches_far(int64_t distance) {
    return distance >= INT32_MIN && distance + 0x800 <= INT32_MAX;
}

bool riscv_reaches_near(int64_t distance) {
    return distance >= -(1 << 20) && distance < 1 << 20;
}

static void put_addi(uint8_t d, uint8_t s, int32_t value, struct bytes *out) {
    PUT(out, ADDI, {'i', (uint32_t)value}, {'s', s}, {'d', d});
}

static uint32_t jal_word(uint32_t word, int64_t distance) {
    uint32_t value = (uint32_t)distance;
    word = bitpat_set(JAL, 'a', value >> 20, word);
    word = bitpat_set(JAL, 'b', value >> 1, word);
    word = bitpat_set(JAL, 'c', value >> 11, word);
    return bitpat_set(JAL, 'e', value >> 12, word);
}

static uint32_t branch_word(uint32_t word, int64_t distance) {
    uint32_t value = (uint32_t)distance;
    word = bitpat_set(BRANCH, 'a', value >> 12, word);
    word = bitpat_set(BRANCH, 'b', value >> 5, word);
    word = bitpat_set(BRANCH, 'c', value >> 1, word);
    return bitpat_set(BRANCH, 'e', value >> 11, word);
}

void riscv_put_jal(uint8_t link, int64_t distance, struct bytes *out) {
    uint32_t word = bitpat_encode(
        JAL, FIELDS({'a', 0}, {'b', 0}, {'c', 0}, {'e', 0}, {'d', link}));
    bytes_u32(out, jal_word(word, distance));
}

void riscv_put_branch(uint8_t funct3, uint8_t a, uint8_t b, int32_t distance,
                      struct bytes *out) {
    uint32_t word =
        bitpat_encode(BRANCH, FIELDS({'a', 0}, {'b', 0}, {'c', 0}, {'e', 0},
                                     {'f', funct3}, {'s', a}, {'t', b}));
    bytes_u32(out, branch_word(word, distance));
}

void riscv_put_jalr(uint8_t link, uint8_t reg, int32_t off, struct bytes *out) {
    PUT(out, JALR, {'i', (uint32_t)off}, {'s', reg}, {'d', link});
}

void riscv_put_far(uint8_t reg, uint8_t link, int64_t distance,
                   struct bytes *out) {
    PUT(out, AUIPC, {'i', (uint32_t)riscv_high(distance)}, {'d', reg});
    riscv_put_jalr(link, reg, riscv_low(distance), out);
}

void riscv_put_address(uint8_t reg, int64_t distance, struct bytes *out) {
    PUT(out, AUIPC, {'i', (uint32_t)riscv_high(distance)}, {'d', reg});
    put_addi(reg, reg, riscv_low(distance), out);
}

static void put_short_j(int64_t distance, struct bytes *out) {
    uint32_t value = (uint32_t)distance;
    bytes_u16(out, (uint16_t)bitpat_encode(
                       SHORT_J, FIELDS({'a', value >> 11}, {'b', value >> 4},
                                       {'c', value >> 8}, {'e', value >> 10},
                                       {'f', value >> 6}, {'g', value >> 7},
                                       {'h', value >> 1}, {'k', value >> 5})));
}

// The far one goes through the register that it is said to change.
void riscv_jump(const struct reach *reach, uint64_t from, uint64_t to,
                struct bytes *out) {
    int64_t distance = (int64_t)(to - from);
    if (reach->len == LEN_SHORT)
        put_short_j(distance, out);
    else if (reach->len == LEN_PLAIN)
        riscv_put_jal(ZERO, distance, out);
    else
        riscv_put_far((uint8_t)__builtin_ctzll(reach->clobbers), ZERO, distance,
                      out);
}

// Branches reach 4 KB; over what is longer only jal does.
bool riscv_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                             struct bytes *out) {
    struct riscv_branch branch;
    if (!riscv_branch_of(insn, &branch))
        return false;
    riscv_put_branch(branch.funct3, branch.a, branch.b, 2 * LEN_PLAIN, out);
    riscv_put_jal(ZERO, LEN_PLAIN + (int64_t)skip_len, out);
    return true;
}

// No register is free to hold the number compared with, so the register itself
// is lowered by it, and raised again on both ways. Steps of addi: as many as
// the number needs.
static void add_steps(uint8_t reg, int64_t value, struct bytes *out) {
    enum { STEP = 2047 };
    do {
        int64_t step = value > STEP ? STEP : value < -STEP ? -STEP : value;
        put_addi(reg, reg, (int32_t)step, out);
        value -= step;
    } while (value != 0);
}

//         addi reg,reg,-value
//         beqz reg,go               bltz: below
//         addi reg,reg,value
//         j    over what is skipped
//     go: addi reg,reg,value
static void skip_unless(uint8_t condition, uint8_t reg, int32_t value,
                        uint32_t skip_len, struct bytes *out) {
    struct bytes back;
    bytes_init(&back, out->arena, out->order);
    add_steps(reg, value, &back);
    add_steps(reg, -(int64_t)value, out);
    riscv_put_branch(condition, reg, ZERO, (int32_t)(2 * LEN_PLAIN + back.n),
                     out);
    bytes_add(out, back.p, back.n);
    riscv_put_jal(ZERO, (int64_t)(LEN_PLAIN + back.n + skip_len), out);
    bytes_add(out, back.p, back.n);
}

void riscv_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                             struct bytes *out) {
    skip_unless(BEQ, reg, value, skip_len, out);
}

void riscv_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                             struct bytes *out) {
    skip_unless(BLT, reg, value, skip_len, out);
}

// lpad 0, which takes any label
void riscv_landing(struct bytes *out) {
    bytes_u32(out, bitpat_encode("00000000000000000000000000010111",
                                 (struct bitfields){0}));
}

void riscv_ret(struct bytes *out) {
    riscv_put_jalr(ZERO, RA, 0, out);
}

static void put_nops(unsigned len, struct bytes *out) {
    if (len % LEN_PLAIN != 0)
        bytes_u16(out, 1); // c.nop
    for (unsigned i = 0; i < len / LEN_PLAIN; i++)
        put_addi(ZERO, ZERO, 0, out);
}

// The call comes last, so that it returns to the right place. A far one may
// go through the link, which it changes anyway.
bool riscv_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out) {
    int64_t distance = (int64_t)(to - from);
    int64_t near = distance - (int64_t)len + LEN_PLAIN;
    int64_t far = distance - (int64_t)len + LEN_PAIR;
    if (len >= LEN_PLAIN && riscv_reaches_near(near)) {
        put_nops(len - LEN_PLAIN, out);
        riscv_put_jal(RA, near, out);
        return true;
    }
    if (len < LEN_PAIR || !riscv_reaches_far(far))
        return false;
    put_nops(len - LEN_PAIR, out);
    riscv_put_far(RA, RA, far, out);
    return true;
}

bool riscv_load_place(uint8_t reg, uint64_t at, uint64_t va,
                      struct bytes *out) {
    int64_t distance = (int64_t)(va - at);
    if (!riscv_reaches_far(distance))
        return false;
    riscv_put_address(reg, distance, out);
    return true;
}

// The place of a return address is the link.
bool riscv_push_address(uint64_t at, uint64_t va, struct bytes *out) {
    return riscv_load_place(RA, at, va, out);
}

static regset saved_registers(regset set) {
    return set & arch_riscv64.abi.general & ~REG_BIT(SP);
}

static int32_t saved_len(regset set, uint32_t skip) {
    int32_t len =
        WORD * __builtin_popcountll(saved_registers(set)) + (int32_t)skip;
    return (len + STACK_ALIGN - 1) / STACK_ALIGN * STACK_ALIGN;
}

uint32_t riscv_save(regset set, uint32_t skip, struct bytes *out) {
    regset saved = saved_registers(set);
    int32_t len = saved_len(set, skip), off = 0;
    if (len > 0)
        put_addi(SP, SP, -len, out);
    for (int reg = RA; reg <= T6; reg++) {
        if (!(saved & REG_BIT(reg)))
            continue;
        PUT(out, SD, {'i', (uint32_t)off}, {'s', SP}, {'t', reg});
        off += WORD;
    }
    return (uint32_t)len;
}

void riscv_restore(regset set, uint32_t skip, struct bytes *out) {
    regset saved = saved_registers(set);
    int32_t off = 0;
    for (int reg = RA; reg <= T6; reg++) {
        if (!(saved & REG_BIT(reg)))
            continue;
        riscv_load_word(reg, SP, off, out);
        off += WORD;
    }
    int32_t len = saved_len(set, skip);
    if (len > 0)
        put_addi(SP, SP, len, out);
}

int32_t riscv_saved_at(regset set, uint8_t reg) {
    regset saved = saved_registers(set);
    if (reg > T6 || !(saved & REG_BIT(reg)))
        return -1;
    return WORD * __builtin_popcountll(saved & (REG_BIT(reg) - 1));
}

// reg = base + the upper part of off; what is left for the next instruction.
static int32_t put_upper(uint8_t reg, uint8_t *base, int32_t off,
                         struct bytes *out) {
    if (bitpat_fits(ADDI, 'i', off))
        return off;
    assert(reg != *base);
    PUT(out, LUI, {'i', (uint32_t)riscv_high(off)}, {'d', reg});
    PUT(out, ADD, {'d', reg}, {'s', reg}, {'t', *base});
    *base = reg;
    return riscv_low(off);
}

void riscv_load_address(uint8_t reg, uint8_t base, int32_t off,
                        struct bytes *out) {
    off = put_upper(reg, &base, off, out);
    put_addi(reg, base, off, out);
}

void riscv_load_word(uint8_t reg, uint8_t base, int32_t off,
                     struct bytes *out) {
    off = put_upper(reg, &base, off, out);
    PUT(out, LD, {'i', (uint32_t)off}, {'s', base}, {'d', reg});
}

// --- relocations ----------------------------------------------------------

static uint32_t field_word(const uint8_t *field) {
    return (uint32_t)load_uint(field, LEN_PLAIN, ORDER_LITTLE);
}

static void store_word(uint8_t *field, uint32_t word) {
    store_uint(field, word, LEN_PLAIN, ORDER_LITTLE);
}

bool riscv_store_high(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    uint32_t high = (uint32_t)riscv_high((int64_t)value);
    store_word(field, bitpat_set(AUIPC, 'i', high, field_word(field)));
    return riscv_reaches_far((int64_t)value);
}

bool riscv_store_low_i(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_word(field,
               bitpat_set(ADDI, 'i', (uint32_t)value, field_word(field)));
    return true;
}

bool riscv_store_low_s(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_word(field, bitpat_set(SD, 'i', (uint32_t)value, field_word(field)));
    return true;
}

// auipc and jalr; a jump that jal can do leaves the register alone.
bool riscv_store_call(uint8_t *field, uint64_t va, uint64_t value) {
    int64_t distance = (int64_t)value;
    uint32_t jalr = field_word(field + LEN_PLAIN);
    if (bitpat_field(JALR, 'd', jalr) == ZERO && riscv_reaches_near(distance)) {
        uint32_t jal = bitpat_encode(
            JAL, FIELDS({'a', 0}, {'b', 0}, {'c', 0}, {'e', 0}, {'d', ZERO}));
        store_word(field, jal_word(jal, distance));
        store_word(
            field + LEN_PLAIN,
            bitpat_encode(ADDI, FIELDS({'i', 0}, {'s', ZERO}, {'d', ZERO})));
        return true;
    }
    store_word(field + LEN_PLAIN, bitpat_set(JALR, 'i', (uint32_t)value, jalr));
    return riscv_store_high(field, va, value);
}

bool riscv_store_jal(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_word(field, jal_word(field_word(field), (int64_t)value));
    return riscv_reaches_near((int64_t)value);
}

bool riscv_store_branch(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    int64_t distance = (int64_t)value;
    store_word(field, branch_word(field_word(field), distance));
    return distance >= -(1 << 12) && distance < 1 << 12;
}
