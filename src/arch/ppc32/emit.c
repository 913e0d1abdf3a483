// emit.c: what trampolines are made of.
//
// A clause is wrapped like this, as far as registers and flags are live. Below
// the stack pointer nothing is safe from signals, so there is a frame, with the
// chain to the one before as the ABI wants it; its second word is for callees
// to save LR in.
//
//     stwu  r1, -32(r1)
//     stw   r3, 8(r1)         general registers
//     stw   r4, 12(r1)
//     mfcr  r3                special ones, through the result register
//     stw   r3, 16(r1)
//     mflr  r3
//     stw   r3, 20(r1)
//       ...
//     lwz   r3, 20(r1)
//     mtlr  r3
//     lwz   r3, 16(r1)
//     mtcrf 0xff, r3
//     lwz   r4, 12(r1)
//     lwz   r3, 8(r1)
//     addi  r1, r1, 32

#include "arch/ppc32/ppc32.h"

#include <assert.h>

enum { WORD = 4, LINKAGE = 8, STACK_ALIGN = 16 };
enum { BC_MOST = 0x7ffc };

void ppc_put(struct bytes *out, const char *pattern, struct bitfields fields) {
    bytes_u32(out, bitpat_encode(pattern, fields));
}

// --- jumps ----------------------------------------------------------------

#define B    "010010iiiiiiiiiiiiiiiiiiiiiiii00"
#define BL   "010010iiiiiiiiiiiiiiiiiiiiiiii01"
#define BC   "010000kkkkkyyyyyiiiiiiiiiiiiii00"
#define BLR  "01001110100000000000000000100000"
#define BCTR "01001110100000000000010000100000"
#define CMPI "001011fff00aaaaaiiiiiiiiiiiiiiii"

static void put_branch(struct bytes *out, const char *pattern, int64_t off) {
    ppc_put(out, pattern, FIELDS({'i', (uint32_t)(off / INSN_LEN)}));
}

// A conditional branch over `skip_len` bytes; a longer one takes two.
static void put_skip(uint32_t bo, uint32_t bi, uint32_t skip_len,
                     struct bytes *out) {
    if (skip_len + INSN_LEN <= BC_MOST) {
        ppc_put(out, BC,
                FIELDS({'k', bo}, {'y', bi}, {'i', skip_len / INSN_LEN + 1}));
        return;
    }
    // The condition is inverted by one bit (the manual's figure of BO).
    ppc_put(out, BC, FIELDS({'k', bo ^ 8}, {'y', bi}, {'i', 2}));
    put_branch(out, B, (int64_t)skip_len + INSN_LEN);
}

bool ppc_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out) {
    enum { INVERTED = 8, PREDICTION = 3 };
    uint32_t word = (uint32_t)load_uint(insn->bytes, INSN_LEN, ORDER_BIG);
    const struct bitrow *row = ppc_row(word);
    if (insn->kind != INSN_JUMP_COND && insn->kind != INSN_RETURN_COND &&
        insn->kind != INSN_JUMP_INDIRECT_COND)
        return false;
    uint32_t bo = bitpat_field(row->pattern.text, 'k', word);
    uint32_t bi = bitpat_field(row->pattern.text, 'y', word);
    // One that counts is not so easily inverted: over the jump over.
    if (bo_counts(bo)) {
        ppc_put(out, BC, FIELDS({'k', bo}, {'y', bi}, {'i', 2}));
        put_branch(out, B, (int64_t)skip_len + INSN_LEN);
        return true;
    }
    put_skip((bo ^ INVERTED) & ~(uint32_t)PREDICTION, bi, skip_len, out);
    return true;
}

// CTR is counted down once.
bool ppc_leave(const struct insn *insn, struct bytes *out) {
    if (insn->kind != INSN_RETURN_COND && insn->kind != INSN_JUMP_INDIRECT_COND)
        return false;
    ppc_put(out, insn->kind == INSN_RETURN_COND ? BLR : BCTR,
            (struct bitfields){0});
    return true;
}

enum { IF_NOT = 4, BIT_LT = 0, BIT_EQ = 2 };

// Always two branches, so that the length does not depend on the distance.
static void compare_and_skip(uint8_t reg, int32_t value, uint32_t bit,
                             uint32_t skip_len, struct bytes *out) {
    enum { IF_SO = 12 };
    assert(bitpat_fits(CMPI, 'i', value));
    ppc_put(out, CMPI, FIELDS({'f', 0}, {'a', reg}, {'i', (uint32_t)value}));
    ppc_put(out, BC, FIELDS({'k', IF_SO}, {'y', bit}, {'i', 2}));
    put_branch(out, B, (int64_t)skip_len + INSN_LEN);
}

void ppc_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare_and_skip(reg, value, BIT_EQ, skip_len, out);
}

void ppc_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare_and_skip(reg, value, BIT_LT, skip_len, out);
}

void ppc_ret(struct bytes *out) {
    ppc_put(out, BLR, (struct bitfields){0});
}

bool ppc_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out) {
    int64_t off = (int64_t)(to - from);
    if (len != INSN_LEN || !bitpat_fits(BL, 'i', off / INSN_LEN))
        return false;
    put_branch(out, BL, off);
    return true;
}

// --- memory ---------------------------------------------------------------

#define ADDI   "001110tttttaaaaaiiiiiiiiiiiiiiii"
#define ADDIS  "001111tttttaaaaaiiiiiiiiiiiiiiii"
#define ORI    "011000sssssaaaaaiiiiiiiiiiiiiiii"
#define LWZ    "100000tttttaaaaaiiiiiiiiiiiiiiii"
#define STW    "100100tttttaaaaaiiiiiiiiiiiiiiii"
#define STWU   "100101tttttaaaaaiiiiiiiiiiiiiiii"
#define NEG    "011111tttttaaaaa0000000011010000"
#define MFCR   "011111ttttt000000000000000100110"
#define MTCRF  "011111ttttt0mmmmmmmm000100100000"
#define MFSPR  "011111tttttpppppppppp01010100110"
#define MTSPR  "011111tttttpppppppppp01110100110"
#define GET_PC "01000010100111110000000000000101" // bcl 20,31,.+4

static void put_d(struct bytes *out, const char *pattern, uint8_t reg,
                  uint8_t base, int32_t off) {
    assert(bitpat_fits(pattern, 'i', off));
    ppc_put(out, pattern,
            FIELDS({'t', reg}, {'a', base}, {'i', (uint32_t)off}));
}

// The halves of a number that addis and a signed displacement add up again.
static uint32_t high_half(uint32_t value) {
    return (value + 0x8000) >> 16;
}

static int32_t low_half(uint32_t value) {
    return (int16_t)(value & 0xffff);
}

// r0 as a base is the number 0, so it cannot be one.
void ppc_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out) {
    if (bitpat_fits(ADDI, 'i', off)) {
        put_d(out, ADDI, reg, base, off);
        return;
    }
    assert(reg != R0);
    ppc_put(out, ADDIS,
            FIELDS({'t', reg}, {'a', base}, {'i', high_half((uint32_t)off)}));
    put_d(out, ADDI, reg, reg, low_half((uint32_t)off));
}

// An address as such: the loader adds where the image is, or a base is added.
//
//     addis reg, 0, va@ha
//     addi  reg, reg, va@l
bool ppc_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out) {
    (void)at;
    (void)va;
    assert(reg != R0);
    ppc_put(out, ADDIS, FIELDS({'t', reg}, {'a', 0}, {'i', 0}));
    put_d(out, ADDI, reg, reg, 0);
    return true;
}

void ppc_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out) {
    put_d(out, LWZ, reg, base, off);
}

static void put_spr(struct bytes *out, const char *pattern, uint8_t reg,
                    uint32_t spr) {
    ppc_put(out, pattern,
            FIELDS({'t', reg}, {'p', (spr & 31) << 5 | spr >> 5}));
}

enum { SPR_XER = 1, SPR_LR = 8, SPR_CTR = 9 };

//     stwu  r1, -16(r1)
//     stw   r12, 8(r1)
//     bcl   20, 31, .+4
//     mflr  r12
//     addis r12, r12, distance@ha
//     addi  r12, r12, distance@l
//     mtlr  r12
//     lwz   r12, 8(r1)
//     addi  r1, r1, 16
bool ppc_set_link(uint64_t at, uint64_t va, struct bytes *out) {
    enum { REG = 12, SLOT = 8, UP_TO_PC = 3 * INSN_LEN };
    uint32_t distance = (uint32_t)(va - at - UP_TO_PC);
    put_d(out, STWU, SP, SP, -STACK_ALIGN);
    put_d(out, STW, REG, SP, SLOT);
    ppc_put(out, GET_PC, (struct bitfields){0});
    put_spr(out, MFSPR, REG, SPR_LR);
    ppc_put(out, ADDIS,
            FIELDS({'t', REG}, {'a', REG}, {'i', high_half(distance)}));
    put_d(out, ADDI, REG, REG, low_half(distance));
    put_spr(out, MTSPR, REG, SPR_LR);
    put_d(out, LWZ, REG, SP, SLOT);
    put_d(out, ADDI, SP, SP, STACK_ALIGN);
    return true;
}

// An error is told by the overflow bit of CR0, its number is positive.
//
//     bns  over
//     neg  r3, r3
//   over:
void ppc_turn_result(struct bytes *out) {
    enum { IF_NOT_BIT = 4, BIT_SO = 3 };
    const uint8_t result = arch_ppc32.abi.syscall_result;
    ppc_put(out, BC, FIELDS({'k', IF_NOT_BIT}, {'y', BIT_SO}, {'i', 2}));
    ppc_put(out, NEG, FIELDS({'t', result}, {'a', result}));
}

//     mflr  r0
//     bcl   20, 31, .+4
//     mflr  reg
//     mtlr  r0
//     addis reg, reg, distance@ha
//     addi  reg, reg, distance@l
static void put_address(uint8_t reg, uint64_t at, uint64_t va,
                        struct bytes *out) {
    enum { UP_TO_PC = 2 * INSN_LEN };
    uint32_t distance = (uint32_t)(va - at - UP_TO_PC);
    put_spr(out, MFSPR, R0, SPR_LR);
    ppc_put(out, GET_PC, (struct bitfields){0});
    put_spr(out, MFSPR, reg, SPR_LR);
    put_spr(out, MTSPR, R0, SPR_LR);
    ppc_put(out, ADDIS,
            FIELDS({'t', reg}, {'a', reg}, {'i', high_half(distance)}));
    put_d(out, ADDI, reg, reg, low_half(distance));
}

void ppc_load_base(uint64_t at, uint64_t base_va, struct bytes *out) {
    put_address(R13, at, base_va, out);
}

// The far ones end in
//
//     mtctr reg
//     bctr
void ppc_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out) {
    if (reach->len == INSN_LEN) {
        put_branch(out, B, (int64_t)(to - from));
        return;
    }
    uint8_t reg = (uint8_t)__builtin_ctzll(reach->clobbers & ~REG_BIT(CTR));
    if (reach->is_absolute) { // a base of r0 is none
        ppc_put(out, ADDIS,
                FIELDS({'t', reg}, {'a', R0}, {'i', (uint32_t)to >> 16}));
        ppc_put(out, ORI, FIELDS({'s', reg}, {'a', reg}, {'i', (uint32_t)to}));
    } else { // r0 is the other one
        reg = (uint8_t)__builtin_ctzll(reach->clobbers &
                                       ~(REG_BIT(CTR) | REG_BIT(R0)));
        put_address(reg, from, to, out);
    }
    put_spr(out, MTSPR, reg, SPR_CTR);
    ppc_put(out, BCTR, (struct bitfields){0});
}

// The upper half, which the lower one is added to, begins with nothing (RA of
// 0). `field` is the immediate, the latter half of the instruction.
bool ppc_add_base(uint8_t *field) {
    enum { ADDIS_OPCODE = 15, IMMEDIATE_AT = 2 };
    uint8_t *at = field - IMMEDIATE_AT;
    uint32_t word = (uint32_t)load_uint(at, INSN_LEN, ORDER_BIG);
    if (word >> 26 != ADDIS_OPCODE)
        return true;
    uint32_t base = bitpat_field(ADDIS, 'a', word);
    store_uint(at, bitpat_set(ADDIS, 'a', R13, word), INSN_LEN, ORDER_BIG);
    return base == R0 || base == R13;
}

// --- saving ---------------------------------------------------------------

// Registers that only go through a general one.
static const struct special {
    uint8_t reg;
    uint32_t spr; // 0: CR
    regset parts; // of the flags; 0: no flag
} specials[] = {
    {FLAGS, 0, PPC_CR_ALL},
    {FLAGS, SPR_XER, PPC_CA | PPC_OV},
    {LR, SPR_LR, 0},
    {CTR, SPR_CTR, 0},
};

// The flags as such are all of them.
static bool saves_special(regset set, const struct special *special) {
    regset parts = set & PPC_FLAG_PARTS;
    return (set & REG_BIT(special->reg)) &&
           (special->parts == 0 || parts == 0 || (parts & special->parts));
}

static unsigned count_specials(regset set) {
    unsigned count = 0;
    for (size_t i = 0; i < COUNT_OF(specials); i++)
        count += saves_special(set, &specials[i]);
    return count;
}

static regset saved_registers(regset set) {
    return set & arch_ppc32.abi.general & ~REG_BIT(SP);
}

// CR alone may wait in the result register.
static bool waits_in_result(regset set) {
    return (set & REGSET_FLAGS_IN_RESULT) && count_specials(set) == 1 &&
           saves_special(set, &specials[0]);
}

static uint32_t frame_len(regset set, uint32_t skip) {
    unsigned words = (unsigned)__builtin_popcountll(saved_registers(set)) +
                     (waits_in_result(set) ? 0 : count_specials(set));
    uint32_t len = LINKAGE + words * WORD + skip;
    bool only_result = words == 0 && skip == 0;
    return only_result ? 0 : (len + STACK_ALIGN - 1) & ~(STACK_ALIGN - 1u);
}

static void move_special(const struct special *special, uint8_t reg, bool from,
                         struct bytes *out) {
    if (special->spr)
        put_spr(out, from ? MFSPR : MTSPR, reg, special->spr);
    else if (from)
        ppc_put(out, MFCR, FIELDS({'t', reg}));
    else
        ppc_put(out, MTCRF, FIELDS({'t', reg}, {'m', 0xff}));
}

uint32_t ppc_save(regset set, uint32_t skip, struct bytes *out) {
    uint32_t len = frame_len(set, skip);
    const uint8_t result = arch_ppc32.abi.result;
    if (len)
        put_d(out, STWU, SP, SP, -(int32_t)len);
    int32_t at = LINKAGE;
    regset saved = saved_registers(set);
    for (int reg = 0; reg <= R31; reg++) {
        if (!(saved & REG_BIT(reg)))
            continue;
        put_d(out, STW, reg, SP, at);
        at += WORD;
    }
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        if (!saves_special(set, &specials[i]))
            continue;
        move_special(&specials[i], result, true, out);
        if (waits_in_result(set))
            break;
        put_d(out, STW, result, SP, at);
        at += WORD;
    }
    return len;
}

void ppc_restore(regset set, uint32_t skip, struct bytes *out) {
    uint32_t len = frame_len(set, skip);
    const uint8_t result = arch_ppc32.abi.result;
    regset saved = saved_registers(set);
    int32_t at = LINKAGE + WORD * __builtin_popcountll(saved);
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        if (!saves_special(set, &specials[i]))
            continue;
        if (!waits_in_result(set))
            put_d(out, LWZ, result, SP, at);
        at += WORD;
        move_special(&specials[i], result, false, out);
    }
    at = LINKAGE;
    for (int reg = 0; reg <= R31; reg++) {
        if (!(saved & REG_BIT(reg)))
            continue;
        put_d(out, LWZ, reg, SP, at);
        at += WORD;
    }
    if (len)
        put_d(out, ADDI, SP, SP, (int32_t)len);
}

int32_t ppc_saved_at(regset set, uint8_t reg) {
    regset saved = saved_registers(set);
    int32_t at = LINKAGE;
    if (reg <= R31)
        return saved & REG_BIT(reg)
                   ? at +
                         WORD * __builtin_popcountll(saved & (REG_BIT(reg) - 1))
                   : -1;
    if (waits_in_result(set))
        return -1;
    at += WORD * __builtin_popcountll(saved);
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        bool here = saves_special(set, &specials[i]);
        if (here && specials[i].reg == reg)
            return at;
        at += here ? WORD : 0;
    }
    return -1;
}
