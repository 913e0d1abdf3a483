// riscv.h: what the files of this folder share; nobody else includes it but
// the table of machines.
//
// isa.c       registers, ABI, jumps, relocations: the struct arch
// rows.c      the instructions, as bit patterns
// decode.c    bytes -> struct insn, and the quick pass
// emit.c      what trampolines are made of
// move.c      an instruction to another place
// syscalls.c  Linux's system calls
// operand.c   operands of static probes
//
// The machine is RV64GC. Instructions are 2 or 4 bytes long; what added code is
// made of has 4, so that it serves programs without the C extension too.

#ifndef MCTRACE_RISCV_H
#define MCTRACE_RISCV_H

#include "arch/arch.h"
#include "arch/bitpat.h"

// Numbered as in instructions, and in DWARF. x0 is no register.
enum {
    ZERO,
    RA,
    SP,
    GP,
    TP,
    T0,
    T1,
    T2,
    S0,
    S1,
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7,
    S2,
    S3,
    S4,
    S5,
    S6,
    S7,
    S8,
    S9,
    S10,
    S11,
    T3,
    T4,
    T5,
    T6,
    VECTOR,      // floating point, vectors, and their CSRs
    RESERVATION, // of lr, which sc wants to find
    REG_COUNT
};

enum { LEN_SHORT = 2, LEN_PLAIN = 4, LEN_PAIR = 8 };

extern const struct arch arch_riscv64;
extern const struct syscall_row riscv_syscalls[];

// rows.c

// What a row says besides registers. Letters of registers are
//
//     d s t    rd, rs1, rs2
//     D S T    the same among x8 to x15, in instructions of 2 bytes
//     p        sp, without a field
//     V        VECTOR, without a field; written means changed
//
// and i is an immediate with its bits in order.
enum riscv_form {
    FORM_PLAIN,
    FORM_MEMORY,    // at s + i
    FORM_MEMORY_SP, // at sp
    FORM_ADD,       // d = s + i
    FORM_ADD_SELF,  // d = d + i
    FORM_ADD_SP,    // sp = sp + i, scattered as in c.addi16sp
    FORM_LOAD_LOW,  // d = i
    FORM_LOAD_HIGH, // d = i << 12
    FORM_COPY,      // d = s, or t
    FORM_COPY_WORD, // d = the low half of s
    FORM_AUIPC,
    FORM_LANDING,
    FORM_JAL,
    FORM_JALR,
    FORM_BRANCH,
    FORM_SHORT_J,
    FORM_SHORT_JR,
    FORM_SHORT_JALR,
    FORM_SHORT_BRANCH,
    FORM_ECALL,
    FORM_EBREAK,
    FORM_CSR,
    FORM_TRAP_RETURN,
    FORM_RESERVE, // lr
    FORM_RELEASE, // sc
    FORM_ILLEGAL, // for certain
    FORM_NOP,
    FORM_UNKNOWN // its length is all that is known
};

// The first instruction of `code`: its word and its row. False: not one whose
// length is known.
struct riscv_word {
    uint32_t word;
    uint8_t len;
    const struct bitrow *row;
};
bool riscv_read(const struct code *code, struct riscv_word *out);

// decode.c

bool riscv_decode(const struct code *code, struct insn *insn);
void riscv_brief(const struct code *code, struct insn_brief *out);
bool riscv_is_usual(const struct code *code);

// emit.c

// The upper part of a distance, for auipc, which goes with a signed low part.
int32_t riscv_high(int64_t distance);
int32_t riscv_low(int64_t distance);
bool riscv_reaches_far(int64_t distance);  // by such a pair
bool riscv_reaches_near(int64_t distance); // by jal

void riscv_put_jal(uint8_t link, int64_t distance, struct bytes *out);
// auipc reg; jalr link, (reg)
void riscv_put_far(uint8_t reg, uint8_t link, int64_t distance,
                   struct bytes *out);
// reg = an address `distance` from here
void riscv_put_address(uint8_t reg, int64_t distance, struct bytes *out);
void riscv_put_jalr(uint8_t link, uint8_t reg, int32_t off, struct bytes *out);
// The branch of pattern `condition` (funct3), inverted if asked.
void riscv_put_branch(uint8_t funct3, uint8_t a, uint8_t b, int32_t distance,
                      struct bytes *out);

void riscv_jump(const struct reach *reach, uint64_t from, uint64_t to,
                struct bytes *out);
bool riscv_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                             struct bytes *out);
void riscv_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                             struct bytes *out);
void riscv_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                             struct bytes *out);
void riscv_landing(struct bytes *out);
void riscv_ret(struct bytes *out);
bool riscv_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out);
bool riscv_push_address(uint64_t at, uint64_t va, struct bytes *out);
uint32_t riscv_save(regset set, uint32_t skip, struct bytes *out);
void riscv_restore(regset set, uint32_t skip, struct bytes *out);
int32_t riscv_saved_at(regset set, uint8_t reg);
bool riscv_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out);
void riscv_load_address(uint8_t reg, uint8_t base, int32_t off,
                        struct bytes *out);
void riscv_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out);

// Relocations: fields in words of code.
bool riscv_store_high(uint8_t *field, uint64_t va, uint64_t value);
bool riscv_store_low_i(uint8_t *field, uint64_t va, uint64_t value);
bool riscv_store_low_s(uint8_t *field, uint64_t va, uint64_t value);
bool riscv_store_call(uint8_t *field, uint64_t va, uint64_t value);
bool riscv_store_jal(uint8_t *field, uint64_t va, uint64_t value);
bool riscv_store_branch(uint8_t *field, uint64_t va, uint64_t value);

// move.c

// What a conditional branch compares.
struct riscv_branch {
    uint8_t funct3, a, b;
};
bool riscv_branch_of(const struct insn *insn, struct riscv_branch *branch);

bool riscv_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                struct bytes *out);
bool riscv_set_link(const struct insn *call, uint64_t at, struct bytes *out);
bool riscv_call_to_jump(const struct insn *insn, uint64_t to_va,
                        int32_t sp_bias, struct bytes *out);

// operand.c

bool riscv_read_operand(struct str text, struct text_operand *operand);

#endif
