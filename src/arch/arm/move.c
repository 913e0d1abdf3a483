// move.c: an instruction to another place.
//
// Most instructions do the same everywhere and are copied. The others are
// written anew (T32's forms shown; A32's are alike):
//
//   b target, bl target   the longest form
//   beq target            bne past;  b.w target;  past:
//   cbz r0, target        cbnz r0, past;  b.w target;  past:
//   adr r0, value         movw, movt, add r0, pc
//   ldr r0, literal       movw, movt, add r0, pc;  ldr r0, [r0]
//   ldr pc, literal       the same in r0, by way of the stack to the pc
//   ldr sp, literal       T32: by a literal of its own
//   vldr d0, literal      the same by r0, which is on the stack meanwhile
//   add r0, pc            add r0, pc;  then the distance moved, in steps
//   ldr r0, [pc, r1]      A32: add r0, pc, r1;  the distance;  ldr r0, [r0]
//   bx pc                 bx pc;  nop;  b target, in A32
//
// What is done under a condition is jumped over under the opposite one; a
// block of IT that mentions the pc becomes a sequence of such pieces, and of
// blocks of one instruction. Nothing written here changes the flags, so every
// condition finds them as it did before.

#include <string.h>

#include "arch/arm/arm.h"

enum { LEN_NARROW = 2, LEN_WIDE = 4 };

// An instruction on its way.
struct move {
    const struct arm_parts *parts;
    uint64_t va, target, pc_value;
    uint64_t to_va; // where out->p[out->n] will be
    struct bytes *out;
};

static uint32_t field(const struct move *move, char letter) {
    return arm_field(move->parts, letter);
}

static uint64_t here(const struct move *move, size_t start) {
    return move->to_va + (move->out->n - start);
}

static void put_opposite_narrow(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    enum { PAST_BRANCH = LEN_NARROW + LEN_WIDE - 4 };
    if (parts->row->form == FORM_COMPARE_ZERO) {
        arm_put_narrow(move->out, "1011o0i1iiiiinnn",
                       FIELDS({'o', !field(move, 'o')}, {'i', PAST_BRANCH / 2},
                              {'n', field(move, 'n')}));
        return;
    }
    uint32_t cond =
        parts->row->form == FORM_BRANCH_COND ? field(move, 'c') : parts->cond;
    arm_put_narrow(move->out, "1101cccciiiiiiii",
                   FIELDS({'c', cond ^ 1}, {'i', PAST_BRANCH / 2}));
}

static bool move_branch(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    size_t start = move->out->n;
    if (parts->mode == A32)
        return arm_put_branch(move->out, A32, parts->cond, false, move->to_va,
                              move->target);
    if (parts->row->form != FORM_BRANCH || parts->cond != COND_AL)
        put_opposite_narrow(move);
    return arm_put_branch(move->out, T32, COND_AL, false, here(move, start),
                          move->target);
}

// blx: from a multiple of four to a multiple of four, or, from A32, of two.
static bool move_switch(const struct move *move) {
    unsigned mode = move->parts->mode;
    uint64_t pc = arm_pc(move->parts, move->to_va) & ~(uint64_t)3;
    int64_t distance = (int64_t)(move->target - pc);
    int64_t limit = mode == T32 ? 1 << 24 : 1 << 25;
    uint32_t i = (uint32_t)distance;
    if (distance < -limit || distance >= limit)
        return false;
    if (mode == A32) {
        arm_put(move->out, mode, "1111101hiiiiiiiiiiiiiiiiiiiiiiii",
                FIELDS({'h', i >> 1}, {'i', i >> 2}));
        return true;
    }
    uint32_t s = i >> 24 & 1;
    arm_put(move->out, mode, "11110sjjjjjjjjjj11a0biiiiiiiiii0",
            FIELDS({'s', s}, {'j', i >> 12}, {'a', (i >> 23 & 1) == s},
                   {'b', (i >> 22 & 1) == s}, {'i', i >> 2}));
    return true;
}

// The load as it reads at a register, without an offset.
static uint32_t load_at(const struct move *move, uint32_t base) {
    enum { UP = 1 << 23, BY_REGISTER = 1 << 25, HALF_CONSTANT = 1 << 22 };
    const struct arm_parts *parts = move->parts;
    uint32_t word = (parts->word & ~((uint32_t)0xf << 16)) | base << 16 | UP;
    if (parts->row->form == FORM_VECTOR_LIST || arm_has(parts, 'v'))
        return word & ~(uint32_t)0xff;
    if (parts->mode == T32)
        return word & ~(uint32_t)0xfff;
    if ((word >> 25 & 7) == 0) // halfwords and pairs: the constant is in two
        return (word & ~(uint32_t)0xf0f) | HALF_CONSTANT;
    return word & ~(uint32_t)(BY_REGISTER | 0xfff);
}

// ldr pc: neither a register nor the flags are free.
static void load_pc(const struct move *move) {
    unsigned mode = move->parts->mode;
    size_t start = move->out->n;
    arm_put_push(move->out, mode, REG_BIT(R0) | REG_BIT(R0 + 1));
    arm_put_address(move->out, mode, R0, here(move, start), move->pc_value);
    if (mode == T32) {
        arm_put(move->out, mode, "111110001101nnnnttttiiiiiiiiiiii",
                FIELDS({'n', R0}, {'t', R0}, {'i', 0}));
        arm_put(move->out, mode, "111110001100nnnnttttiiiiiiiiiiii",
                FIELDS({'n', SP}, {'t', R0}, {'i', 4}));
    } else {
        arm_put(move->out, mode, "111001011001nnnnttttiiiiiiiiiiii",
                FIELDS({'n', R0}, {'t', R0}, {'i', 0}));
        arm_put(move->out, mode, "111001011000nnnnttttiiiiiiiiiiii",
                FIELDS({'n', SP}, {'t', R0}, {'i', 4}));
    }
    arm_put(move->out, mode, "1110100010111101llllllllllllllll",
            FIELDS({'l', REG_BIT(R0) | REG_BIT(PC)}));
}

// ldr sp of T32, whose movw has no sp: start-up code begins with it, when there
// is no stack to put another register aside.
//
//     ldr sp, 1f;  add sp, pc;  ldr sp, [sp];  b 2f;  1: .word;  2:
//
// All of it begins at a multiple of four: sp has no lower bits, the distance
// added to it must have none either. What is before or behind it is filled.
static void load_sp(const struct move *move) {
    enum { PC_AT = 8, JUMP_AT = 10, WORD_AT = 12, LEN = 16 };
    bool is_late = move->to_va & 2;
    uint64_t at = move->to_va + (is_late ? LEN_NARROW : 0);
    if (is_late)
        arm_put_nop(move->out, T32);
    arm_put(move->out, T32, "1111100011011111ttttiiiiiiiiiiii",
            FIELDS({'t', SP}, {'i', WORD_AT - LEN_WIDE}));
    arm_put_narrow(move->out, "01000100dmmmmddd", FIELDS({'d', SP}, {'m', PC}));
    arm_put(move->out, T32, "111110001101nnnnttttiiiiiiiiiiii",
            FIELDS({'n', SP}, {'t', SP}, {'i', 0}));
    arm_put_narrow(move->out, "11100iiiiiiiiiii",
                   FIELDS({'i', (LEN - JUMP_AT - LEN_WIDE) / 2}));
    bytes_u32(move->out, (uint32_t)(move->pc_value - (at + PC_AT)));
    if (!is_late)
        arm_put_nop(move->out, T32);
}

static bool move_literal(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    uint32_t t = field(move, 't');
    unsigned mode = parts->mode;
    if (t == PC) {
        load_pc(move);
        return true;
    }
    if (t == SP && mode == T32) {
        load_sp(move);
        return true;
    }
    arm_put_address(move->out, mode, (uint8_t)t, move->to_va, move->pc_value);
    if (parts->row->form == FORM_LITERAL)
        arm_put_narrow(move->out, "0110100000nnnttt",
                       FIELDS({'n', t}, {'t', t}));
    else
        arm_put_word(move->out, mode, load_at(move, t));
    return true;
}

static bool move_vector_literal(const struct move *move) {
    size_t start = move->out->n;
    unsigned mode = move->parts->mode;
    arm_put_push(move->out, mode, REG_BIT(R0));
    arm_put_address(move->out, mode, R0, here(move, start), move->pc_value);
    arm_put_word(move->out, mode, load_at(move, R0));
    arm_put_pop(move->out, mode, REG_BIT(R0));
    return true;
}

// d = pc + register, as at the old place.
static bool move_pc_sum(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    uint32_t d = field(move, 'd');
    int64_t distance = (int64_t)(move->va - move->to_va);
    if (distance != (int32_t)distance)
        return false;
    if (parts->len == LEN_NARROW)
        bytes_u16(move->out, (uint16_t)parts->word);
    else
        arm_put_word(move->out, parts->mode, parts->word);
    arm_put_add(move->out, parts->mode, (uint8_t)d, (uint8_t)d,
                (int32_t)distance);
    return true;
}

// ldr t, [pc, m], of A32
static bool move_indexed(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    uint32_t t = field(move, 't');
    bool is_half = (parts->word >> 25 & 7) == 0;
    int64_t distance = (int64_t)(move->va - move->to_va);
    if (distance != (int32_t)distance || t >= SP)
        return false;
    arm_put(move->out, A32, "1110000010001111ddddiiiiiiii0000",
            FIELDS({'d', t}, {'i', is_half ? 0 : parts->word >> 4}));
    move->out->p[move->out->n - LEN_WIDE] |= (uint8_t)field(move, 'm');
    arm_put_add(move->out, A32, (uint8_t)t, (uint8_t)t, (int32_t)distance);
    arm_put_word(move->out, A32, load_at(move, t));
    return true;
}

static bool copies(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    if (parts->len == LEN_NARROW)
        bytes_u16(move->out, (uint16_t)parts->word);
    else
        arm_put_word(move->out, parts->mode, parts->word);
    return true;
}

// What is always done; the word's own condition, of A32, is that already.
static bool move_always(const struct move *move) {
    const struct arm_parts *parts = move->parts;
    if (!arm_reads_pc(parts) && parts->row->form != FORM_LITERAL &&
        parts->row->form != FORM_WIDE_LITERAL && parts->row->form != FORM_ADR)
        return copies(move);
    switch (parts->row->form) {
    case FORM_LITERAL:
    case FORM_WIDE_LITERAL: return move_literal(move);
    case FORM_LOAD:
        return arm_has(parts, 'm') ? move_indexed(move) : move_literal(move);
    case FORM_VECTOR_LIST: return move_vector_literal(move);
    case FORM_ADD_HIGH:
    case FORM_ADD: return move_pc_sum(move);
    case FORM_MOVE:
    case FORM_ADR:
    case FORM_ADD_CONST:
    case FORM_ADD_WIDE:
    case FORM_SUB_CONST:
    case FORM_SUB_WIDE:
        if (field(move, 'd') >= SP && field(move, 'd') != LR)
            return false;
        arm_put_address(move->out, parts->mode, (uint8_t)field(move, 'd'),
                        move->to_va, move->pc_value);
        return true;
    default: return false;
    }
}

// Jumped over when the condition does not hold.
static bool move_unless(const struct move *move) {
    struct arm_parts always = *move->parts;
    struct bytes piece = {.arena = move->out->arena, .order = move->out->order};
    if (always.mode == A32) {
        always.word |= (uint32_t)COND_AL << 28;
        always.word &= ~((uint32_t)1 << 28);
        always.bits = always.word;
    }
    struct move inner = *move;
    inner.parts = &always;
    inner.out = &piece;
    inner.to_va = move->to_va + LEN_WIDE;
    if (!move_always(&inner))
        return false;
    arm_put_skip(move->out, always.mode, always.cond ^ 1, (uint32_t)piece.n);
    bytes_add(move->out, piece.p, piece.n);
    return true;
}

static bool mentions_pc(const struct insn *insn) {
    return insn->flags & INSN_PC_RELATIVE;
}

static bool move_one(const struct move *move, const struct insn *insn) {
    const struct arm_parts *parts = move->parts;
    switch (parts->row->form) {
    case FORM_BRANCH:
    case FORM_BRANCH_COND:
    case FORM_COMPARE_ZERO: return move_branch(move);
    case FORM_CALL:
        if (parts->mode == T32 && parts->cond != COND_AL)
            return false;
        return arm_put_branch(move->out, parts->mode, parts->cond, true,
                              move->to_va, move->target);
    case FORM_CALL_SWITCH: return parts->cond == COND_AL && move_switch(move);
    case FORM_BX:
        if (field(move, 'm') == PC)
            return parts->mode == T32 && parts->cond == COND_AL &&
                   arm_put_switch(move->out, A32, move->to_va, move->target);
        break;
    default: break;
    }
    if (insn->flags & INSN_IMMOVABLE)
        return false;
    if (!mentions_pc(insn))
        return copies(move);
    return parts->cond == COND_AL ? move_always(move) : move_unless(move);
}

static void put_it(struct bytes *out, uint32_t cond, uint32_t mask) {
    arm_put_narrow(out, "10111111cccciiii", FIELDS({'c', cond}, {'i', mask}));
}

static bool move_block(const struct insn *insn, const struct arm_parts *it,
                       uint64_t to_va, struct bytes *out) {
    enum { MASK_OF_ONE = 8 };
    struct arm_block block;
    struct slice bytes = {insn->bytes, insn->len};
    if ((insn->flags & INSN_IMMOVABLE) || !arm_parse_block(bytes, it, &block))
        return false;
    if (!mentions_pc(insn)) {
        bytes_add(out, insn->bytes, insn->len);
        return true;
    }
    size_t start = out->n;
    for (unsigned i = 0; i < block.count; i++) {
        struct insn part;
        arm_describe(&block.parts[i], insn->va + block.offs[i], &part);
        struct move move = {
            &block.parts[i],          part.va, insn->target, part.pc_value,
            to_va + (out->n - start), out};
        if (!mentions_pc(&part)) {
            put_it(out, block.parts[i].cond, MASK_OF_ONE);
            copies(&move);
        } else if (!move_one(&move, &part)) {
            return false;
        }
    }
    return true;
}

bool arm_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out) {
    struct arm_parts parts;
    if (insn->kind == INSN_UNKNOWN ||
        (sp_bias != 0 && (insn->flags & INSN_USES_SP)) ||
        !arm_parse((struct slice){insn->bytes, insn->len}, insn->mode, &parts))
        return false;
    size_t start = out->n;
    struct move move = {&parts,         insn->va, insn->target,
                        insn->pc_value, to_va,    out};
    bool done = parts.row->form == FORM_IT
                    ? move_block(insn, &parts, to_va, out)
                    : move_one(&move, insn);
    if (!done)
        out->n = start;
    return done;
}

bool arm_aim_load(uint8_t *code, uint64_t va, uint64_t to) {
    struct arm_parts parts;
    uint64_t distance = to - ((va + 4) & ~(uint64_t)3);
    if (!arm_parse((struct slice){code, LEN_WIDE}, T32, &parts))
        return false;
    const char *pattern = parts.row->pattern.text;
    if (parts.row->form == FORM_LITERAL) {
        store_uint(
            code, bitpat_set(pattern, 'i', (uint32_t)distance >> 2, parts.word),
            LEN_NARROW, ORDER_LITTLE);
        return distance < 256 * 4 && distance % 4 == 0;
    }
    uint32_t word = bitpat_set(pattern, 'i', (uint32_t)distance, parts.word);
    word = bitpat_set(pattern, 'u', 1, word);
    store_uint(code, word >> 16, LEN_NARROW, ORDER_LITTLE);
    store_uint(code + LEN_NARROW, word & 0xffff, LEN_NARROW, ORDER_LITTLE);
    return parts.row->form == FORM_WIDE_LITERAL && distance < 4096;
}

// A block without its last part, and that in a block of its own.
bool arm_split(const struct insn *insn, uint8_t *bytes, struct insn *head,
               struct insn *last) {
    enum { MASK_OF_ONE = 8 };
    struct arm_parts it;
    struct arm_block block;
    struct slice all = {insn->bytes, insn->len};
    if (!arm_parse(all, insn->mode, &it) || it.row->form != FORM_IT ||
        !arm_parse_block(all, &it, &block) || block.count < 2)
        return false;
    unsigned count = block.count, at = block.offs[count - 1];
    uint32_t end = (uint32_t)1 << (5 - count); // the mask's lowest bit
    uint32_t mask = (arm_field(&it, 'i') & ~(2 * end - 1)) | end;
    const char *pattern = it.row->pattern.text;
    store_uint(bytes, bitpat_set(pattern, 'i', mask, it.word), LEN_NARROW,
               ORDER_LITTLE);
    memcpy(bytes + LEN_NARROW, insn->bytes + LEN_NARROW, at - LEN_NARROW);
    uint8_t *tail = bytes + at;
    uint32_t word = bitpat_set(pattern, 'i', MASK_OF_ONE, it.word);
    word = bitpat_set(pattern, 'c', block.parts[count - 1].cond, word);
    store_uint(tail, word, LEN_NARROW, ORDER_LITTLE);
    memcpy(tail + LEN_NARROW, insn->bytes + at, insn->len - at);
    struct code first = {{bytes, at}, insn->va, insn->mode};
    struct code second = {{tail, (size_t)(insn->len - at) + LEN_NARROW},
                          insn->va + at - LEN_NARROW,
                          insn->mode};
    return arm_decode(&first, head) && arm_decode(&second, last);
}
