// emit.c: what trampolines are made of, in both encodings.
//
// A clause is wrapped like this, as far as registers and flags are live:
//
//     push  {r0, r1, ip, lr}      lower numbers at lower addresses
//     mrs   r0, apsr              flags
//     push  {r0}
//       ...
//     pop   {r0}
//     msr   apsr_nzcvq, r0
//     pop   {r0, r1, ip, lr}
//
// mrs and msr of the application's flags are the same in all profiles. A
// struct arch has functions for one encoding; each of them stands here twice,
// above what both share.

#include "arch/arm/arm.h"

enum { WORD = 4, LEN_NARROW = 2, LEN_WIDE = 4 };

// --- jumps ----------------------------------------------------------------

// movw, movt, add pc, pc, reg
static void put_far(unsigned mode, const struct reach *reach, uint64_t from,
                    uint64_t to, struct bytes *out) {
    uint8_t reg = (uint8_t)__builtin_ctzll(reach->clobbers);
    uint64_t pc = from + 2 * LEN_WIDE + (mode == T32 ? 4 : 8);
    arm_put_constant(out, mode, reg, (uint32_t)(to - pc));
    if (mode == T32)
        arm_put_narrow(out, "01000100dmmmmddd", FIELDS({'d', PC}, {'m', reg}));
    else
        arm_put(out, mode, "1110000010001111dddd00000000mmmm",
                FIELDS({'d', PC}, {'m', reg}));
}

void t32_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out) {
    if (reach->clobbers)
        put_far(T32, reach, from, to, out);
    else if (reach->len == LEN_NARROW)
        arm_put_narrow(out, "11100iiiiiiiiiii",
                       FIELDS({'i', (uint32_t)(to - from - 4) >> 1}));
    else
        arm_put_branch(out, T32, COND_AL, false, from, to);
}

void a32_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out) {
    if (reach->clobbers)
        put_far(A32, reach, from, to, out);
    else
        arm_put_branch(out, A32, COND_AL, false, from, to);
}

// cbz leads forward only, and not far: past a branch over what is skipped.
static void skip_unless_zero(const struct arm_parts *parts, uint32_t skip_len,
                             struct bytes *out) {
    const char *pattern = "1011o0i1iiiiinnn";
    enum { PAST_BRANCH = (LEN_NARROW + LEN_WIDE - 4) / 2 };
    bytes_u16(out,
              (uint16_t)bitpat_set(pattern, 'i', PAST_BRANCH, parts->word));
    arm_put_branch(out, T32, COND_AL, false, 0, skip_len + LEN_WIDE);
}

bool arm_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out) {
    struct arm_parts parts;
    struct slice bytes = {insn->bytes, insn->len};
    if (!arm_parse(bytes, insn->mode, &parts))
        return false;
    if (parts.row->form == FORM_COMPARE_ZERO) {
        skip_unless_zero(&parts, skip_len, out);
        return true;
    }
    if (parts.row->form == FORM_IT) {
        struct arm_block block;
        if (!arm_parse_block(bytes, &parts, &block) || block.count != 1)
            return false;
        parts = block.parts[0];
    } else if (parts.mode == T32) {
        if (parts.row->form != FORM_BRANCH_COND)
            return false;
        parts.cond = (uint8_t)arm_field(&parts, 'c');
    }
    if (parts.cond == COND_AL)
        return false;
    arm_put_skip(out, parts.mode, parts.cond ^ 1, skip_len);
    return true;
}

// cmp reg, #value; a constant that has no encoding goes by way of a register
// that is on the stack meanwhile.
static void compare(unsigned mode, uint8_t reg, int32_t value,
                    struct bytes *out) {
    int32_t code = arm_encode_constant(mode, (uint32_t)value);
    if (code >= 0 && mode == A32) {
        arm_put(out, mode, "111000110101nnnn0000iiiiiiiiiiii",
                FIELDS({'n', reg}, {'i', (uint32_t)code}));
        return;
    }
    if (code >= 0) {
        uint32_t i = (uint32_t)code;
        arm_put(out, mode, "11110i011011nnnn0jjj1111kkkkkkkk",
                FIELDS({'i', i >> 11}, {'n', reg}, {'j', i >> 8}, {'k', i}));
        return;
    }
    uint8_t other = reg == IP ? R0 : IP;
    arm_put_push(out, mode, REG_BIT(other));
    arm_put_constant(out, mode, other, (uint32_t)value);
    if (mode == A32)
        arm_put(out, mode, "111000010101nnnn000000000000mmmm",
                FIELDS({'n', reg}, {'m', other}));
    else
        arm_put_narrow(out, "01000101nmmmmnnn",
                       FIELDS({'n', reg}, {'m', other}));
    arm_put_pop(out, mode, REG_BIT(other));
}

void t32_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare(T32, reg, value, out);
    arm_put_skip(out, T32, COND_NE, skip_len);
}

void a32_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare(A32, reg, value, out);
    arm_put_skip(out, A32, COND_NE, skip_len);
}

void t32_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare(T32, reg, value, out);
    arm_put_skip(out, T32, COND_GE, skip_len);
}

void a32_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare(A32, reg, value, out);
    arm_put_skip(out, A32, COND_GE, skip_len);
}

// --- calls ----------------------------------------------------------------

static void put_bx(unsigned mode, uint8_t reg, struct bytes *out) {
    if (mode == A32)
        arm_put(out, mode, "1110000100101111111111110001mmmm",
                FIELDS({'m', reg}));
    else
        arm_put_narrow(out, "010001110mmmm000", FIELDS({'m', reg}));
}

void t32_ret(struct bytes *out) {
    put_bx(T32, LR, out);
}

void a32_ret(struct bytes *out) {
    put_bx(A32, LR, out);
}

static void go_on_in(unsigned mode, uint64_t at, struct bytes *out) {
    if (mode == A32)
        t32_go_on_in(mode, at, out);
    else
        a32_go_on_in(mode, at, out);
}

bool arm_put_switch(struct bytes *out, unsigned mode, uint64_t to_va,
                    uint64_t target) {
    size_t start = out->n;
    go_on_in(mode, to_va, out);
    if (arm_put_branch(out, mode, COND_AL, false, to_va + (out->n - start),
                       target))
        return true;
    out->n = start;
    return false;
}

bool arm_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out) {
    struct arm_parts parts;
    struct arm_block block;
    struct slice bytes = {insn->bytes, insn->len};
    (void)sp_bias;
    if (!arm_parse(bytes, insn->mode, &parts))
        return false;
    if (parts.row->form == FORM_IT) {
        if (!arm_parse_block(bytes, &parts, &block) || block.count != 1)
            return false;
        parts = block.parts[0];
    }
    if (parts.row->form == FORM_CALL_SWITCH)
        return arm_put_switch(out, parts.mode ^ 1, to_va, insn->target);
    if (parts.row->form != FORM_CALL_REG || arm_field(&parts, 'm') >= LR)
        return false;
    put_bx(parts.mode, (uint8_t)arm_field(&parts, 'm'), out);
    return true;
}

// Idle instructions fill the length: the call is the last one.
static bool put_call(unsigned mode, uint64_t from, uint64_t to, unsigned len,
                     struct bytes *out) {
    unsigned step = mode == T32 ? LEN_NARROW : LEN_WIDE;
    if (len < LEN_WIDE || len % step != 0)
        return false;
    struct bytes call = {.arena = out->arena, .order = out->order};
    if (!arm_put_branch(&call, mode, COND_AL, true, from + len - LEN_WIDE, to))
        return false;
    for (unsigned at = LEN_WIDE; at < len; at += step)
        arm_put_nop(out, mode);
    bytes_add(out, call.p, call.n);
    return true;
}

bool t32_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out) {
    return put_call(T32, from, to, len, out);
}

bool a32_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out) {
    return put_call(A32, from, to, len, out);
}

// The return address is what the link register holds, with its mode.
bool t32_push_address(uint64_t at, uint64_t va, struct bytes *out) {
    arm_put_address(out, T32, LR, at, va | T32);
    return true;
}

bool a32_push_address(uint64_t at, uint64_t va, struct bytes *out) {
    arm_put_address(out, A32, LR, at, va);
    return true;
}

// --- modes ----------------------------------------------------------------

// bx pc goes on four bytes ahead, in A32, and wants to stand at a multiple of
// four.
void t32_go_on_in(unsigned mode, uint64_t at, struct bytes *out) {
    (void)mode;
    if (at & 2)
        arm_put_nop(out, T32);
    put_bx(T32, PC, out);
    arm_put_nop(out, T32);
}

// The pc reads as eight bytes ahead: the result is the next address, and T32.
void a32_go_on_in(unsigned mode, uint64_t at, struct bytes *out) {
    (void)mode;
    (void)at;
    arm_put(out, A32, "111000100100nnnnddddiiiiiiiiiiii",
            FIELDS({'n', PC}, {'d', PC}, {'i', 3}));
}

// --- registers ------------------------------------------------------------

static regset pushed_registers(regset set) {
    return set & arch_arm.abi.general & ~REG_BIT(SP);
}

static bool pushes_flags(regset set) {
    return (set & REG_BIT(FLAGS)) && !(set & REGSET_FLAGS_IN_RESULT);
}

static uint32_t save(unsigned mode, regset set, uint32_t skip,
                     struct bytes *out) {
    regset pushed = pushed_registers(set);
    uint32_t len = skip + WORD * (uint32_t)__builtin_popcountll(pushed);
    if (skip)
        arm_put_add(out, mode, SP, SP, -(int32_t)skip);
    if (pushed)
        arm_put_push(out, mode, pushed);
    if (set & REG_BIT(FLAGS))
        arm_put(out, mode,
                mode == T32 ? "11110011111011111000dddd00000000"
                            : "1110000100001111dddd000000000000",
                FIELDS({'d', R0}));
    if (pushes_flags(set)) {
        arm_put_push(out, mode, REG_BIT(R0));
        len += WORD;
    }
    return len;
}

static void restore(unsigned mode, regset set, uint32_t skip,
                    struct bytes *out) {
    regset pushed = pushed_registers(set);
    if (pushes_flags(set))
        arm_put_pop(out, mode, REG_BIT(R0));
    if (set & REG_BIT(FLAGS)) // those above bit 26: N, Z, C, V and Q
        arm_put(out, mode,
                mode == T32 ? "111100111000nnnn1000100000000000"
                            : "1110000100101000111100000000nnnn",
                FIELDS({'n', R0}));
    if (pushed)
        arm_put_pop(out, mode, pushed);
    if (skip)
        arm_put_add(out, mode, SP, SP, (int32_t)skip);
}

uint32_t t32_save(regset set, uint32_t skip, struct bytes *out) {
    return save(T32, set, skip, out);
}

uint32_t a32_save(regset set, uint32_t skip, struct bytes *out) {
    return save(A32, set, skip, out);
}

void t32_restore(regset set, uint32_t skip, struct bytes *out) {
    restore(T32, set, skip, out);
}

void a32_restore(regset set, uint32_t skip, struct bytes *out) {
    restore(A32, set, skip, out);
}

int32_t arm_saved_at(regset set, uint8_t reg) {
    int32_t flags_len = pushes_flags(set) ? WORD : 0;
    if (reg == FLAGS)
        return flags_len ? 0 : -1;
    regset pushed = pushed_registers(set);
    if (reg > LR || !(pushed & REG_BIT(reg)))
        return -1;
    regset below = pushed & (REG_BIT(reg) - 1);
    return flags_len + WORD * __builtin_popcountll(below);
}

bool t32_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out) {
    arm_put_address(out, T32, reg, at, va);
    return true;
}

bool a32_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out) {
    arm_put_address(out, A32, reg, at, va);
    return true;
}

void t32_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out) {
    arm_put_add(out, T32, reg, base, off);
}

void a32_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out) {
    arm_put_add(out, A32, reg, base, off);
}

// Offsets are those of what was saved: small and not negative.
void t32_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out) {
    arm_put(out, T32, "111110001101nnnnttttiiiiiiiiiiii",
            FIELDS({'n', base}, {'t', reg}, {'i', (uint32_t)off}));
}

void a32_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out) {
    arm_put(out, A32, "111001011001nnnnttttiiiiiiiiiiii",
            FIELDS({'n', base}, {'t', reg}, {'i', (uint32_t)off}));
}
