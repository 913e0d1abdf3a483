// move.c: an instruction to another place.
//
// What does not mention its own address is copied. The others:
//
//     jal, c.j          jal
//     beq a0,a1,far     bne a0,a1,8; jal far, for branches reach 4 KB only
//     auipc; jalr       the same with another distance
//     auipc alone       the value it had, whatever its partner makes of it:
//                           auipc a0,...; addi a0,a0,...
//
// lui is no address but a number. Nothing is ever on the stack that the
// program did not put there, so sp is where it was.

#include "arch/riscv/riscv.h"

static bool read_insn(const struct insn *insn, struct riscv_word *w) {
    struct code code = {{insn->bytes, insn->len}, insn->va, 0};
    return insn->kind != INSN_UNKNOWN && riscv_read(&code, w);
}

bool riscv_branch_of(const struct insn *insn, struct riscv_branch *branch) {
    enum { BEQ = 0 };
    struct riscv_word w;
    if (!read_insn(insn, &w))
        return false;
    const char *text = w.row->pattern.text;
    if (w.row->form == FORM_BRANCH) {
        *branch =
            (struct riscv_branch){(uint8_t)bitpat_field(text, 'f', w.word),
                                  (uint8_t)bitpat_field(text, 's', w.word),
                                  (uint8_t)bitpat_field(text, 't', w.word)};
        return true;
    }
    if (w.row->form != FORM_SHORT_BRANCH)
        return false;
    // c.beqz and c.bnez, told by bit 13
    *branch = (struct riscv_branch){
        BEQ | (w.word >> 13 & 1),
        (uint8_t)(S0 + bitpat_field(text, 'S', w.word)), ZERO};
    return true;
}

// The lowest bit of funct3 inverts a condition.
static bool move_branch(const struct insn *insn, int64_t distance,
                        struct bytes *out) {
    struct riscv_branch branch;
    if (!riscv_branch_of(insn, &branch) ||
        !riscv_reaches_near(distance - LEN_PLAIN))
        return false;
    riscv_put_branch(branch.funct3 ^ 1, branch.a, branch.b, 2 * LEN_PLAIN, out);
    riscv_put_jal(ZERO, distance - LEN_PLAIN, out);
    return true;
}

static bool move_direct(const struct insn *insn, uint64_t to_va,
                        struct bytes *out) {
    int64_t distance = (int64_t)(insn->target - to_va);
    uint8_t link = insn->kind == INSN_CALL ? RA : ZERO;
    if (insn->flags & INSN_OWN_LINK)
        return false;
    if (insn->kind == INSN_JUMP_COND)
        return move_branch(insn, distance, out);
    if (insn->len == LEN_PAIR) {
        if (!riscv_reaches_far(distance))
            return false;
        riscv_put_far((uint8_t)__builtin_ctzll(insn->writes), link, distance,
                      out);
        return true;
    }
    if (!riscv_reaches_near(distance))
        return false;
    riscv_put_jal(link, distance, out);
    return true;
}

bool riscv_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                struct bytes *out) {
    struct riscv_word w;
    if ((insn->flags & INSN_IMMOVABLE) || !read_insn(insn, &w) ||
        (sp_bias != 0 && (insn->flags & INSN_USES_SP)))
        return false;
    if (insn->target != 0)
        return move_direct(insn, to_va, out);
    if (w.row->form == FORM_AUIPC) {
        int64_t distance = (int64_t)(insn->const_value - to_va);
        if (!riscv_reaches_far(distance))
            return false;
        riscv_put_address(insn->const_reg, distance, out);
        return true;
    }
    bytes_add(out, insn->bytes, insn->len);
    return true;
}

bool riscv_set_link(const struct insn *call, uint64_t at, struct bytes *out) {
    uint64_t back_va = call->va + call->len;
    int64_t distance = (int64_t)(back_va - at);
    if (!riscv_reaches_far(distance))
        return false;
    riscv_put_address((uint8_t)__builtin_ctzll(call->writes), distance, out);
    return true;
}

// A register that the call has changed by then cannot be jumped through.
bool riscv_call_to_jump(const struct insn *insn, uint64_t to_va,
                        int32_t sp_bias, struct bytes *out) {
    (void)to_va;
    (void)sp_bias;
    struct riscv_word w;
    if (insn->kind != INSN_CALL_INDIRECT || (insn->flags & INSN_IMMOVABLE) ||
        !read_insn(insn, &w))
        return false;
    const char *text = w.row->pattern.text;
    uint8_t reg = (uint8_t)bitpat_field(text, 's', w.word);
    if (reg == RA)
        return false;
    riscv_put_jalr(ZERO, reg, bitpat_signed_field(text, 'i', w.word), out);
    return true;
}
