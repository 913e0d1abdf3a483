// emit.c: what trampolines are made of.
//
// A clause is wrapped like this, as far as registers and flags are live:
//
//     lea   -128(%rsp), %rsp      red zone
//     push  %rax                  registers, in the order of their numbers
//     push  %rcx
//     lahf                        flags: SF ZF AF PF CF to ah,
//     seto  %al                   OF to al
//     push  %rax
//       ...
//     pop   %rax
//     add   $0x7f, %al            1 + 0x7f overflows, 0 + 0x7f does not
//     sahf
//     pop   %rcx
//     pop   %rax
//     lea   128(%rsp), %rsp
//
// pushf and popf would take five nanoseconds. Nothing but the pairs above
// and comparisons changes the flags.

#include "arch/x86_64/x86_64.h"

// Conditions as Jcc encodes them; the lowest bit inverts one.
enum { IF_EQUAL = 4, IF_NOT_EQUAL = 5, IF_NOT_LESS = 13 };

// Lengths of what is jumped over below.
enum { LEN_JMP_REL8 = 2, LEN_JMP_REL32 = 5, LEN_LEA_DISP8 = 4 };

enum { WORD = 8 };

void x86_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out) {
    const char *pattern = reach->len == LEN_JMP_REL8 ? "EB cb" : "E9 cd";
    int64_t distance = (int64_t)(to - from - reach->len);
    x86_put(out, pattern, (struct operands){.value = distance});
}

static void skip_if(uint8_t condition, uint32_t skip_len, struct bytes *out) {
    x86_put(out, "0F 80+cc cd",
            (struct operands){.condition = condition, .value = skip_len});
}

static void lower_rcx(int32_t by, struct bytes *out) {
    x86_put(out, "REX.W 8D /r",
            (struct operands){.reg = RCX, .base = RCX, .disp = -by});
}

// LOOP goes on when rcx - 1 is not zero, LOOPE and LOOPNE when ZF is right as
// well. Neither rcx nor the flags may be seen to change, for the instruction
// itself still comes:
//
//         lea   -1(%rcx), %rcx
//         jne   not             LOOPE; je for LOOPNE
//         jrcxz not
//         lea   1(%rcx), %rcx
//         jmp   taken
//   not:  lea   1(%rcx), %rcx
//         jmp   over what is skipped
//   taken:
static void skip_unless_loops(uint8_t opcode, uint32_t skip_len,
                              struct bytes *out) {
    enum { LOOPNE = 0xe0, LOOPE = 0xe1 };
    enum { LEN_GO_ON = LEN_LEA_DISP8 + LEN_JMP_REL8 };
    lower_rcx(1, out);
    if (opcode == LOOPE || opcode == LOOPNE) {
        uint8_t stop = opcode == LOOPE ? IF_NOT_EQUAL : IF_EQUAL;
        x86_put(out, "70+cc cb",
                (struct operands){.condition = stop,
                                  .value = LEN_JMP_REL8 + LEN_GO_ON});
    }
    x86_put(out, "E3 cb", (struct operands){.value = LEN_GO_ON});
    lower_rcx(-1, out);
    x86_put(out, "EB cb",
            (struct operands){.value = LEN_LEA_DISP8 + LEN_JMP_REL32});
    lower_rcx(-1, out);
    x86_put(out, "E9 cd", (struct operands){.value = skip_len});
}

bool x86_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out) {
    enum { JRCXZ = 0xe3, LOOP = 0xe2 };
    struct x86_parts x;
    if (insn->kind != INSN_JUMP_COND ||
        !x86_parse((struct slice){insn->bytes, insn->len}, &x))
        return false;
    bool is_jcc = x.map == 0 ? (x.opcode & 0xf0) == 0x70
                             : x.map == 1 && (x.opcode & 0xf0) == 0x80;
    if (is_jcc) {
        skip_if((x.opcode & 15) ^ 1, skip_len, out);
        return true;
    }
    if (x.map != 0 || (x.opcode & 0xfc) != 0xe0)
        return false;                          // XBEGIN: taken later, if at all
    bool narrow = x.prefixes & PREFIX_ADDRESS; // of ecx, not rcx
    if (x.opcode == JRCXZ) {
        if (narrow)
            x86_put(out, "67", (struct operands){0});
        x86_put(out, "E3 cb", (struct operands){.value = LEN_JMP_REL32});
        x86_put(out, "E9 cd", (struct operands){.value = skip_len});
        return true;
    }
    if (narrow)
        return false;
    skip_unless_loops(x.opcode, skip_len, out);
    return true;
}

static void compare(uint8_t reg, int32_t value, struct bytes *out) {
    x86_put(out, "REX 81 /7 id",
            (struct operands){.base = reg, .value = value});
}

void x86_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare(reg, value, out);
    skip_if(IF_NOT_EQUAL, skip_len, out);
}

void x86_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out) {
    compare(reg, value, out);
    skip_if(IF_NOT_LESS, skip_len, out);
}

void x86_ret(struct bytes *out) {
    x86_put(out, "C3", (struct operands){0});
}

// CS prefixes in front fill the length; they mean nothing to a direct call.
// Assemblers pad branches with them in the same way.
bool x86_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out) {
    enum { LEN_CALL = 5 };
    int64_t distance = (int64_t)(to - from - len);
    if (len < LEN_CALL || len > MAX_INSN || !x86_fits(distance, 4))
        return false;
    for (unsigned i = LEN_CALL; i < len; i++)
        x86_put(out, "2E", (struct operands){0});
    x86_put(out, "E8 cd", (struct operands){.value = distance});
    return true;
}

//     push %rax                 makes room
//     push %rax
//     lea  va(%rip), %rax
//     mov  %rax, 8(%rsp)
//     pop  %rax
//
// An exchange would be one instruction less, but locks the bus. The word below
// the new sp is overwritten; a caller's red zone ends at its call, so nobody
// can miss it.
bool x86_push_address(uint64_t at, uint64_t va, struct bytes *out) {
    enum { LEN_PUSHES = 2, LEN_LEA_RIP = 7 };
    int64_t distance = (int64_t)(va - at - LEN_PUSHES - LEN_LEA_RIP);
    if (!x86_fits(distance, 4))
        return false;
    struct operands rax = {.reg = RAX};
    x86_put(out, "50+r", rax);
    x86_put(out, "50+r", rax);
    x86_put(
        out, "REX.W 8D /r",
        (struct operands){.reg = RAX, .base = RIP, .disp = (int32_t)distance});
    x86_put(out, "REX.W 89 /r",
            (struct operands){.reg = RAX, .base = RSP, .disp = WORD});
    x86_put(out, "58+r", rax);
    return true;
}

static void add_to_sp(int32_t by, struct bytes *out) {
    if (by)
        x86_load_address(RSP, RSP, by, out);
}

// The general registers of a set, as they are pushed.
static regset pushed_registers(regset set) {
    return set & arch_x86_64.abi.general & ~REG_BIT(RSP);
}

static bool pushes_flags(regset set) {
    return (set & REG_BIT(FLAGS)) && !(set & REGSET_FLAGS_IN_RESULT);
}

uint32_t x86_save(regset set, uint32_t skip, struct bytes *out) {
    uint32_t len = skip;
    add_to_sp(-(int32_t)skip, out);
    regset pushed = pushed_registers(set);
    for (int reg = RAX; reg <= R15; reg++) {
        if (pushed & REG_BIT(reg)) {
            x86_put(out, "REX 50+r", (struct operands){.reg = (uint8_t)reg});
            len += WORD;
        }
    }
    if (set & REG_BIT(FLAGS)) {
        x86_put(out, "9F", (struct operands){0});       // lahf
        x86_put(out, "0F 90 C0", (struct operands){0}); // seto %al
    }
    if (pushes_flags(set)) {
        x86_put(out, "50+r", (struct operands){.reg = RAX});
        len += WORD;
    }
    return len;
}

void x86_restore(regset set, uint32_t skip, struct bytes *out) {
    enum { MAKES_ONE_OVERFLOW = 0x7f };
    if (pushes_flags(set))
        x86_put(out, "58+r", (struct operands){.reg = RAX});
    if (set & REG_BIT(FLAGS)) {
        x86_put(out, "04 ib", (struct operands){.value = MAKES_ONE_OVERFLOW});
        x86_put(out, "9E", (struct operands){0}); // sahf
    }
    regset pushed = pushed_registers(set);
    for (int reg = R15; reg >= RAX; reg--)
        if (pushed & REG_BIT(reg))
            x86_put(out, "REX 58+r", (struct operands){.reg = (uint8_t)reg});
    add_to_sp((int32_t)skip, out);
}

int32_t x86_saved_at(regset set, uint8_t reg) {
    int32_t flags_len = pushes_flags(set) ? WORD : 0;
    if (reg == FLAGS)
        return flags_len ? 0 : -1;
    regset pushed = pushed_registers(set);
    if (reg > R15 || !(pushed & REG_BIT(reg)))
        return -1;
    regset above = pushed >> reg >> 1; // pushed later, hence lower
    return flags_len + WORD * __builtin_popcountll(above);
}

void x86_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out) {
    x86_put(out, "REX.W 8D /r",
            (struct operands){.reg = reg, .base = base, .disp = off});
}

void x86_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out) {
    x86_put(out, "REX.W 8B /r",
            (struct operands){.reg = reg, .base = base, .disp = off});
}

bool x86_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out) {
    enum { LEN_LEA_RIP = 7 };
    int64_t distance = (int64_t)(va - at - LEN_LEA_RIP);
    if (!x86_fits(distance, 4))
        return false;
    x86_put(
        out, "REX.W 8D /r",
        (struct operands){.reg = reg, .base = RIP, .disp = (int32_t)distance});
    return true;
}

// A prefix of segment would change its meaning beside another.
int x86_lock_prefix(const struct insn *insn) {
    struct x86_parts x;
    if (!x86_parse((struct slice){insn->bytes, insn->len}, &x) ||
        !(x.prefixes & PREFIX_LOCK) || (x.prefixes & PREFIX_SEGMENT))
        return -1;
    for (int i = 0; i < x.opcode_at; i++)
        if (insn->bytes[i] == arch_x86_64.locked_byte)
            return i;
    return -1;
}
