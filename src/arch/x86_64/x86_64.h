// x86_64.h: what the files of this folder share; nobody else includes it but
// the table of machines.
//
// isa.c       registers, ABI, jumps, relocations: the struct arch
// decode.c    bytes -> struct insn, by Zydis; the only file that knows it
// parse.c     bytes -> their parts (prefixes, opcode, ModRM, displacement,
//             immediate), and the quick pass made of that
// usual.c     what programs have and what only data looks like
// assemble.c  instructions in the manual's notation -> bytes
// emit.c      what trampolines are made of
// move.c      an instruction to another place

#ifndef MCTRACE_X86_64_H
#define MCTRACE_X86_64_H

#include "arch/arch.h"

// Numbered as in instructions.
enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    FLAGS,  // CF, PF, AF, ZF, SF, OF
    VECTOR, // x87, MMX, SSE, AVX, mask, tile state and MXCSR
    REG_COUNT,
    RIP // as a base in the assembler only
};

enum { MAX_INSN = 15 };

// The status flags one by one, as they stand in RFLAGS (Intel SDM volume 1,
// 3.4.3) but 32 bits higher: CF 0, PF 2, AF 4, ZF 6, SF 7, OF 11.
#define X86_FLAG_PARTS ((regset)0x8d5 << 32)

extern const struct arch arch_x86_64;
extern const struct syscall_row x86_syscalls[];

// decode.c

bool x86_decode(const struct code *code, struct insn *insn);

// parse.c

enum x86_encoding { LEGACY, VEX, XOP, EVEX };

enum x86_prefixes {
    PREFIX_OPSIZE = 1,  // 66
    PREFIX_ADDRESS = 2, // 67
    PREFIX_REPNE = 4,   // F2, also bnd
    PREFIX_REP = 8,     // F3
    PREFIX_LOCK = 16,   // F0
    PREFIX_SEGMENT = 32 // 26 2E 36 3E 64 65, also notrack and branch hints
};

// Where the parts of an instruction are. Offsets are from its first byte; an
// absent part has offset 0 and length 0.
struct x86_parts {
    uint8_t len;
    uint8_t encoding; // enum x86_encoding
    uint8_t prefixes; // enum x86_prefixes
    uint8_t rex;      // 0: none
    uint8_t map;      // 0: one byte; 1: 0F; 2: 0F 38; 3: 0F 3A; others
    uint8_t opcode, opcode_at;
    uint8_t modrm, modrm_at;
    uint8_t sib_at;
    uint8_t disp_at, disp_len;
    uint8_t imm_at, imm_len;
    bool pc_relative; // the memory operand
    bool base_is_sp;  // so is it
};

// False: not an instruction, or one whose length is not certain.
bool x86_parse(struct slice bytes, struct x86_parts *parts);
void x86_brief(const struct code *code, struct insn_brief *out);

// usual.c

bool x86_is_usual(const struct code *code);

// assemble.c

// What a pattern refers to; see there.
struct operands {
    uint8_t reg;  // "/r" reg field, "+r"
    uint8_t base; // "/r" memory base, "/digit" register; RIP is a base
    uint8_t condition;
    int32_t disp;  // of the memory operand; with RIP: the field itself
    int64_t value; // ib, id, cb, cd
};

void x86_put(struct bytes *out, const char *pattern, struct operands with);
bool x86_fits(int64_t value, unsigned bytes); // as a signed number

// emit.c

void x86_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out);
bool x86_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out);
void x86_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);
bool x86_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out);
bool x86_push_address(uint64_t at, uint64_t va, struct bytes *out);
uint32_t x86_save(regset set, uint32_t skip, struct bytes *out);
void x86_restore(regset set, uint32_t skip, struct bytes *out);
void x86_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);
void x86_ret(struct bytes *out);
int32_t x86_saved_at(regset set, uint8_t reg);
bool x86_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out);
void x86_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out);
void x86_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out);
int x86_lock_prefix(const struct insn *insn);

// move.c

bool x86_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out);

// As struct arch says.
bool x86_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out);

// operand.c

bool x86_read_operand(struct str text, struct text_operand *operand);

#endif
