// move.c: an instruction to another place.
//
// Most instructions do the same everywhere and are copied. The others are
// rewritten in their own parts (see parse.c):
//
//   branches      the longest form, with a new displacement. LOOP and JRCXZ
//                 have only a short one:
//                     jrcxz 2;  jmp over;  jmp target;  over:
//   disp(%rip)    a new displacement
//   disp(%rsp)    the bias added, when sp is lower than the instruction
//                 expects
//
// With a bias, sp itself is wrong, and so is whatever depends on it: what
// pushes, pops, or stores sp stays. Constant steps of sp (sub, add, lea) may
// go: they keep the distance. (Their flags are those of another number, which
// no compiled code asks for.)

#include "arch/x86_64/x86_64.h"

enum { LEN_REL8 = 2, LEN_REL32 = 5, LEN_JCC = 6 };

enum { REX_B = 1, REX_R = 4, REX_W = 8 };

static bool put_relative(const char *pattern, uint8_t condition, unsigned len,
                         uint64_t from, uint64_t to, struct bytes *out) {
    int64_t distance = (int64_t)(to - from - len);
    if (!x86_fits(distance, 4))
        return false;
    x86_put(out, pattern,
            (struct operands){.condition = condition, .value = distance});
    return true;
}

static bool move_loop(const struct insn *insn, const struct x86_parts *x,
                      uint64_t to_va, struct bytes *out) {
    unsigned head = LEN_REL8 + (x->prefixes & PREFIX_ADDRESS ? 1 : 0);
    uint64_t jump_va = to_va + head + LEN_REL8;
    if (!x86_fits((int64_t)(insn->target - jump_va - LEN_REL32), 4))
        return false;
    if (x->prefixes & PREFIX_ADDRESS)
        x86_put(out, "67", (struct operands){0});
    bytes_u8(out, x->opcode);
    bytes_u8(out, LEN_REL8);
    x86_put(out, "EB cb", (struct operands){.value = LEN_REL32});
    return put_relative("E9 cd", 0, LEN_REL32, jump_va, insn->target, out);
}

static bool move_branch(const struct insn *insn, const struct x86_parts *x,
                        uint64_t to_va, struct bytes *out) {
    uint64_t to = insn->target;
    if (insn->kind == INSN_CALL)
        return put_relative("E8 cd", 0, LEN_REL32, to_va, to, out);
    if (insn->kind == INSN_JUMP)
        return put_relative("E9 cd", 0, LEN_REL32, to_va, to, out);
    if (x->map == 0 && (x->opcode & 0xfc) == 0xe0)
        return move_loop(insn, x, to_va, out);
    if (x->map == 0 && x->opcode == 0xc7) // XBEGIN
        return put_relative("C7 F8 cd", 0, LEN_JCC, to_va, to, out);
    return put_relative("0F 80+cc cd", x->opcode & 15, LEN_JCC, to_va, to, out);
}

// What changes of a memory operand.
struct operand {
    uint8_t modrm;
    unsigned disp_len;
    int32_t disp;
};

static bool put_with_operand(const struct insn *insn, const struct x86_parts *x,
                             struct operand operand, struct bytes *out) {
    if (x->len - x->disp_len + operand.disp_len > MAX_INSN)
        return false;
    bytes_add(out, insn->bytes, x->modrm_at);
    bytes_u8(out, operand.modrm);
    if (x->sib_at)
        bytes_u8(out, insn->bytes[x->sib_at]);
    if (operand.disp_len == 1)
        bytes_u8(out, (uint8_t)operand.disp);
    else if (operand.disp_len == 4)
        bytes_u32(out, (uint32_t)operand.disp);
    if (x->imm_len)
        bytes_add(out, insn->bytes + x->imm_at, x->imm_len);
    return true;
}

static bool put_pc_relative(const struct insn *insn, const struct x86_parts *x,
                            uint8_t modrm, uint64_t to_va, struct bytes *out) {
    int64_t disp = (int64_t)(insn->pc_value - to_va - x->len);
    if (!x86_fits(disp, 4))
        return false;
    return put_with_operand(insn, x, (struct operand){modrm, 4, (int32_t)disp},
                            out);
}

// With the operand's disp(%rsp) raised by `bias`. A displacement of one byte
// in an EVEX instruction counts units of its operand, which parse.c does not
// know.
static bool put_sp_relative(const struct insn *insn, const struct x86_parts *x,
                            uint8_t modrm, int32_t bias, struct bytes *out) {
    int64_t disp = 0;
    if (x->disp_len == 1)
        disp = (int64_t)(int8_t)insn->bytes[x->disp_at];
    else if (x->disp_len == 4)
        disp = (int32_t)load_uint(insn->bytes + x->disp_at, 4, ORDER_LITTLE);
    if (x->encoding == EVEX && x->disp_len == 1 && disp != 0)
        return false;
    disp += bias;
    if (!x86_fits(disp, 4))
        return false;
    bool brief = x86_fits(disp, 1) && x->encoding != EVEX;
    enum { MOD_DISP8 = 1 << 6, MOD_DISP32 = 2 << 6, NOT_MOD = 0x3f };
    struct operand operand = {
        .modrm = (modrm & NOT_MOD) | (brief ? MOD_DISP8 : MOD_DISP32),
        .disp_len = brief ? 1 : 4,
        .disp = (int32_t)disp,
    };
    return put_with_operand(insn, x, operand, out);
}

// add $imm,%rsp; sub $imm,%rsp; lea ...(%rsp),%rsp: 81 and 83 /0 and /5, 8D.
static bool is_sp_step(const struct x86_parts *x) {
    enum { ADD_RSP = 0xc4, SUB_RSP = 0xec }; // ModRM
    if (x->map != 0 || x->encoding != LEGACY)
        return false;
    if (x->opcode == 0x81 || x->opcode == 0x83)
        return x->modrm == ADD_RSP || x->modrm == SUB_RSP;
    return x->opcode == 0x8d && x->base_is_sp;
}

// mov %rsp,%reg becomes lea bias(%rsp),%reg.
static bool move_sp_copy(const struct x86_parts *x, int32_t bias,
                         struct bytes *out) {
    uint8_t reg = (x->modrm >> 3 & 7) | (x->rex & REX_R ? 8 : 0);
    uint8_t rm = (x->modrm & 7) | (x->rex & REX_B ? 8 : 0);
    if (x->map != 0 || x->modrm < 0xc0 || !(x->rex & REX_W))
        return false;
    if (x->opcode == 0x89 && reg == RSP)
        x86_load_address(rm, RSP, bias, out);
    else if (x->opcode == 0x8b && rm == RSP)
        x86_load_address(reg, RSP, bias, out);
    else
        return false;
    return true;
}

static bool move_biased(const struct insn *insn, const struct x86_parts *x,
                        int32_t bias, struct bytes *out) {
    if (insn->clobbers & REG_BIT(RSP)) {
        if (!is_sp_step(x))
            return false;
        bytes_add(out, insn->bytes, insn->len);
        return true;
    }
    if (insn->flags & INSN_SP_VALUE)
        return move_sp_copy(x, bias, out);
    return x->base_is_sp && put_sp_relative(insn, x, x->modrm, bias, out);
}

static bool parse_insn(const struct insn *insn, struct x86_parts *x) {
    return insn->kind != INSN_UNKNOWN && !(insn->flags & INSN_IMMOVABLE) &&
           x86_parse((struct slice){insn->bytes, insn->len}, x) &&
           x->len == insn->len;
}

bool x86_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out) {
    struct x86_parts x;
    if (!parse_insn(insn, &x))
        return false;
    if (sp_bias && (insn->flags & INSN_USES_SP))
        return move_biased(insn, &x, sp_bias, out);
    if (insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_COND ||
        insn->kind == INSN_CALL)
        return move_branch(insn, &x, to_va, out);
    if (x.pc_relative && !(insn->flags & INSN_PADDING))
        return put_pc_relative(insn, &x, x.modrm, to_va, out);
    bytes_add(out, insn->bytes, insn->len);
    return true;
}

// CALL r/m64 is FF /2, JMP r/m64 is FF /4.
bool x86_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out) {
    enum { CALL_DIGIT = 2 << 3, JUMP_DIGIT = 4 << 3, DIGIT_MASK = 7 << 3 };
    struct x86_parts x;
    if (insn->kind != INSN_CALL_INDIRECT || !parse_insn(insn, &x) ||
        x.map != 0 || x.opcode != 0xff || (x.modrm & DIGIT_MASK) != CALL_DIGIT)
        return false;
    uint8_t modrm = (uint8_t)((x.modrm & ~DIGIT_MASK) | JUMP_DIGIT);
    bool calls_sp = x.modrm >= 0xc0 && (x.modrm & 7) == RSP && !(x.rex & REX_B);
    if (calls_sp)
        return false;
    if (x.pc_relative)
        return put_pc_relative(insn, &x, modrm, to_va, out);
    if (x.base_is_sp && sp_bias)
        return put_sp_relative(insn, &x, modrm, sp_bias, out);
    bytes_add(out, insn->bytes, x.modrm_at);
    bytes_u8(out, modrm);
    bytes_add(out, insn->bytes + x.modrm_at + 1,
              (size_t)(x.len - x.modrm_at - 1));
    return true;
}
