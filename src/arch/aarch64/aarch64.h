// aarch64.h: what the files of this folder share; nobody else includes it but
// the table of machines.
//
// isa.c       registers, ABI, jumps, relocations: the struct arch
// table.c     the instructions as rows of bit patterns
// decode.c    a row and a word -> struct insn, and the quick pass
// emit.c      what trampolines are made of
// move.c      an instruction to another place
// operand.c   operands of static probes, as the assembler writes them
// syscalls.c  the numbers, which new Linux machines share

#ifndef MCTRACE_AARCH64_H
#define MCTRACE_AARCH64_H

#include "arch/arch.h"
#include "arch/bitpat.h"

// x0 to x30 bear their own numbers. Number 31 is sp, which is what it means as
// the base of memory; where it means the zero register it is none at all.
enum {
    RESULT = 0,
    X16 = 16,
    X17 = 17,
    X18 = 18,
    FP = 29,
    LINK = 30,
    SP = 31,
    FLAGS,   // N Z C V
    VECTOR,  // SIMD, floating point, SVE and SME with their control registers
    MONITOR, // the local exclusive monitor
    REG_COUNT
};

enum { INSN_LEN = 4, FAR_LEN = 12 };

// The flags one by one.
#define FLAG_V     ((regset)1 << 40)
#define FLAG_C     ((regset)1 << 41)
#define FLAG_Z     ((regset)1 << 42)
#define FLAG_N     ((regset)1 << 43)
#define FLAG_PARTS (FLAG_N | FLAG_Z | FLAG_C | FLAG_V)

extern const struct arch arch_aarch64;
extern const struct syscall_row a64_syscalls[];

// table.c

// What a row is besides the registers it reads and writes. Fields are those of
// the row's pattern.
enum a64_form {
    FORM_PLAIN, // may be copied anywhere

    FORM_MEMORY,    // accesses memory at N, or thereabouts
    FORM_LOAD,      // ... at N + i units of the access, i unsigned
    FORM_STORE,     // the same
    FORM_NEAR,      // ... at N + i bytes, i signed
    FORM_PAIR,      // ... at N + i units, i signed
    FORM_STEP_NEAR, // ... at N, before or after N becomes N + i bytes
    FORM_STEP_PAIR, // ... N + i units
    FORM_PAIRS,     // like FORM_MEMORY; also s, t of the next higher registers

    FORM_ADD, // of the constant i
    FORM_SUB,
    FORM_MOVZ,
    FORM_MOVN,
    FORM_MOVK,
    FORM_MASK, // sets D to a bit mask
    FORM_MOVE,

    FORM_NOP,
    FORM_LANDING,
    FORM_ADR,
    FORM_ADRP,
    FORM_LITERAL,
    FORM_LITERAL_VECTOR,
    FORM_LITERAL_HINT,
    FORM_FIXED, // mentions the pc in a way that cannot be expressed elsewhere

    FORM_JUMP,
    FORM_CALL,
    FORM_CONDITION, // b.cond, bc.cond
    FORM_ZERO,      // cbz, cbnz
    FORM_BIT,       // tbz, tbnz
    FORM_COMPARE,   // cb<cond>: not moved
    FORM_JUMP_REG,
    FORM_CALL_REG,
    FORM_RETURN,
    FORM_RETURN_FIXED,
    FORM_SYSCALL,
    FORM_TRAP,
    FORM_TRAP_FILL, // fills gaps
    FORM_TRAP_DATA, // a small number; compilers trap by brk
    FORM_HALT,      // a trap, or semihosting

    FORM_KERNEL,   // not for programs
    FORM_SCALABLE, // SVE
    FORM_OPAQUE    // known by its class at best: may use any register
};

// Letters of the columns `reads` and `writes`:
//
//     d n m a s t u   fields; 31 is the zero register
//     D N M           fields; 31 is sp
//     L S             x30, sp
//     P Q             x16, x17
//     *               the flags
//     ?               those that the condition in field c asks for
//     ^               C
//     $               VECTOR
//     !               MONITOR
//     #               all but MONITOR

// NULL: the word is no instruction.
const struct bitrow *a64_find(uint32_t word);

// Fields of a row's pattern.
static inline uint32_t a64_field(const struct bitrow *row, char letter,
                                 uint32_t word) {
    return bitpat_field(row->pattern.text, letter, word);
}

// The distance to a branch's target, or to what a literal load reads.
int64_t a64_distance(const struct bitrow *row, uint32_t word);

// decode.c

bool a64_decode(const struct code *code, struct insn *insn);
void a64_brief(const struct code *code, struct insn_brief *out);
bool a64_is_usual(const struct code *code);
// The constant displacement from a memory operand's base, in bytes, and how
// many of them a unit of it counts.
uint32_t a64_unit(const struct bitrow *row, uint32_t word);
int32_t a64_displacement(const struct bitrow *row, uint32_t word);
// The constant of add and sub.
uint32_t a64_addend(const struct bitrow *row, uint32_t word);
static inline uint32_t a64_word(const struct insn *insn) {
    return (uint32_t)load_uint(insn->bytes, INSN_LEN, ORDER_LITTLE);
}

// emit.c

void a64_put(struct bytes *out, const char *pattern, struct bitfields fields);
void a64_nop(struct bytes *out);
void a64_jump(const struct reach *reach, uint64_t from, uint64_t to,
              struct bytes *out);
bool a64_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out);
void a64_skip_unless_equal(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);
void a64_skip_unless_below(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);
void a64_landing(struct bytes *out);
void a64_ret(struct bytes *out);
bool a64_call(uint64_t from, uint64_t to, unsigned len, struct bytes *out);
bool a64_set_link(uint64_t at, uint64_t va, struct bytes *out);
uint32_t a64_save(regset set, uint32_t skip, struct bytes *out);
void a64_restore(regset set, uint32_t skip, struct bytes *out);
int32_t a64_saved_at(regset set, uint8_t reg);
void a64_load_address(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out);
void a64_load_word(uint8_t reg, uint8_t base, int32_t off, struct bytes *out);
// reg = va, reached from `at`; false: too far. Two instructions.
bool a64_address(uint8_t reg, uint64_t at, uint64_t va, struct bytes *out);

// move.c

bool a64_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out);
bool a64_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out);

// As struct arch says.
bool a64_rename(const struct insn *insn, const uint8_t *map, uint8_t *code);

// operand.c

bool a64_read_operand(struct str text, struct text_operand *operand);

#endif
