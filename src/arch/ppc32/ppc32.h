// ppc32.h: what the files of this folder share; nobody else includes it but
// the table of machines.
//
// isa.c       registers, ABI, jumps, relocations: the struct arch
// rows.c      the instructions, as bit patterns, by major opcode
// decode.c    a word and its row -> struct insn, and the quick pass
// emit.c      what trampolines are made of
// move.c      an instruction to another place
// syscalls.c  system calls by number
// operand.c   operands as assemblers write them
//
// "The manual" is the Power ISA, or for what it has dropped the Programming
// Environments Manual for 32-bit PowerPC; SPE is in its own manual of e500.
// Bits are numbered in their way, 0 is the most significant.

#ifndef MCTRACE_PPC32_H
#define MCTRACE_PPC32_H

#include "arch/arch.h"
#include "arch/bitpat.h"

// Numbered as in instructions; what has no number there follows.
enum {
    R0,
    SP,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R30 = 30,
    R31,
    LR,
    CTR,
    FLAGS,  // CR and XER
    VECTOR, // floating point, AltiVec, VSX, upper halves of SPE, their states
    RESERVATION, // of lwarx, which stwcx. wants to find
    REG_COUNT
};

// The flags part by part: the eight fields of CR, the carry of XER, and its
// overflow bits.
enum { PART_CR0 = 40, PART_CA = 48, PART_OV };
#define PPC_CR(field)     REG_BIT(PART_CR0 + (field))
#define PPC_CR_ALL        ((regset)0xff << PART_CR0)
#define PPC_CA            REG_BIT(PART_CA)
#define PPC_OV            REG_BIT(PART_OV)
#define PPC_FLAG_PARTS    (PPC_CR_ALL | PPC_CA | PPC_OV)
// Fields 2 to 4 belong to the caller.
#define PPC_FLAGS_SCRATCH (PPC_FLAG_PARTS & ~((regset)0x1c << PART_CR0))

#define PPC_CR_SCRATCH (PPC_FLAGS_SCRATCH & PPC_CR_ALL)

enum { INSN_LEN = 4 };
// Of jumps by way of CTR: to an address as such, and to a distance.
enum { LEN_ABSOLUTE = 4 * INSN_LEN, LEN_FAR = 8 * INSN_LEN };

extern const struct arch arch_ppc32;
extern const struct syscall_row ppc_syscalls[];

// rows.c

// What an instruction is, beyond the registers that its row names.
enum ppc_form {
    FORM_PLAIN,
    FORM_LOAD_CONST, // addi, addis
    FORM_LOAD_STORE, // base and displacement
    FORM_UPDATE,     // ... and the base becomes the address
    FORM_UPDATE_X,   // ... of base and index
    FORM_LOAD_MANY,  // lmw: the registers from `t` on
    FORM_STORE_MANY,
    FORM_OR,       // mr is a copy
    FORM_RLWINM,   // so may be a mask
    FORM_BRANCH,   // b, bl, ba, bla
    FORM_BRANCH_C, // bc and its kin
    FORM_BRANCH_LR,
    FORM_BRANCH_CTR,
    FORM_SYSCALL,
    FORM_ILLEGAL,   // always; how abort() ends
    FORM_TRAP,      // if a condition holds
    FORM_MOVE_FROM, // mfspr
    FORM_MOVE_TO,   // mtspr
    FORM_CR_FIELDS, // mtcrf
    FORM_STRING,    // lswi and its like: any registers
    FORM_TRANSACTION,
    FORM_SYSTEM,     // for supervisors only
    FORM_RESERVE,    // lwarx
    FORM_CONDITIONAL // stwcx.
};

// The row of a word; NULL: not an instruction.
const struct bitrow *ppc_row(uint32_t word);

// decode.c

bool ppc_decode(const struct code *code, struct insn *insn);
void ppc_brief(const struct code *code, struct insn_brief *out);
bool ppc_is_usual(const struct code *code);

// The BO field of a conditional branch (the manual's 2.4): whether it looks at
// CTR, which it then counts down, and at a bit of CR.
static inline bool bo_counts(uint32_t bo) {
    return !(bo & 4);
}
static inline bool bo_tests(uint32_t bo) {
    return !(bo & 16);
}

// emit.c

void ppc_put(struct bytes *out, const char *pattern, struct bitfields fields);
void ppc_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out);
bool ppc_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out);
bool ppc_leave(const struct insn *insn, struct bytes *out);
void ppc_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);
void ppc_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);
void ppc_load_base(uint64_t at, uint64_t base_va, struct bytes *out);
bool ppc_add_base(uint8_t *field);
void ppc_ret(struct bytes *out);
bool ppc_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out);
bool ppc_set_link(uint64_t at, uint64_t va, struct bytes *out);
void ppc_turn_result(struct bytes *out);
uint32_t ppc_save(regset set, uint32_t skip, struct bytes *out);
void ppc_restore(regset set, uint32_t skip, struct bytes *out);
int32_t ppc_saved_at(regset set, uint8_t reg);
bool ppc_load_place(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out);
void ppc_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out);
void ppc_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out);

// move.c

bool ppc_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out);
bool ppc_return_to_jump(const struct insn *insn, uint64_t to,
                        struct bytes *out);
bool ppc_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out);

// operand.c

bool ppc_read_operand(struct str text, struct text_operand *operand);

#endif
