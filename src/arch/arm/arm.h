// arm.h: what the files of this folder share; nobody else includes it but the
// table of machines.
//
// isa.c       registers, ABI, jumps, relocations: the struct arch, once for
//             each of the two encodings
// t32.c       the 16- and 32-bit instructions of T32 as rows of bits
// a32.c       those of A32; floating point and vectors, which both share
// parse.c     bytes -> row and fields
// decode.c    bytes -> struct insn
// usual.c     what programs have and what only data looks like
// assemble.c  the few instructions that are made here
// emit.c      what trampolines are made of
// move.c      an instruction to another place
// attributes.c  what a file says of its processor
// operand.c   operands as assemblers write them

#ifndef MCTRACE_ARM_H
#define MCTRACE_ARM_H

#include "arch/arch.h"
#include "arch/bitpat.h"

// Numbered as in instructions. What PC names is never in a set: the program
// counter is no register that anybody could save.
enum {
    R0,
    R7 = 7,
    R11 = 11,
    IP,
    SP,
    LR,
    PC,
    FLAGS,  // N, Z, C and V
    VECTOR, // floating point and vectors, with their own flags
    RESERVATION,
    REG_COUNT
};

// The flags one by one, as they stand in the APSR but 16 bits higher.
#define ARM_V          ((regset)1 << (28 + 16))
#define ARM_C          ((regset)1 << (29 + 16))
#define ARM_Z          ((regset)1 << (30 + 16))
#define ARM_N          ((regset)1 << (31 + 16))
#define ARM_FLAG_PARTS (ARM_N | ARM_Z | ARM_C | ARM_V)

enum arm_mode { A32, T32 }; // of struct code: the lowest bit of addresses

enum arm_cond { COND_EQ, COND_NE, COND_GE = 10, COND_AL = 14, COND_NONE };

// A block of IT and up to four instructions behind it is decoded as one.
enum { MAX_INSN = 2 + 4 * 4 };

// What a row says beyond the registers.
enum arm_form {
    FORM_PLAIN,
    FORM_MEMORY,       // `n` is the base of a memory operand
    FORM_LOAD,         // the same of a load of `t`
    FORM_LIST,         // loads or stores the list `l` at `n`
    FORM_VECTOR_LIST,  // vldm, vstm, vldr, vstr
    FORM_VECTOR,       // structures of vectors: `m` steps the base
    FORM_PUSH,         // 16 bits: the list `l`, and lr if `r`
    FORM_POP,          // ... and pc if `r`
    FORM_LOW_LIST,     // ldm of 16 bits: steps `n` unless it is loaded
    FORM_LITERAL,      // 16 bits: ldr from pc + `i` words
    FORM_WIDE_LITERAL, // from pc + or - `i`
    FORM_ADR,          // 16 bits: pc + `i` words
    FORM_SP_STEP,      // 16 bits: sp + or - (`o`) `i` words
    FORM_SP_ADDRESS,   // 16 bits: sp + `i` words
    FORM_MOVE,         // d = m
    FORM_CONST,        // d = `i`, `ijk` in T32, `rk` in A32
    FORM_CONST_NOT,    // d = ~ that
    FORM_WIDE,         // movw
    FORM_TOP,          // movt
    FORM_COMPARE,      // n with a constant, as FORM_CONST
    FORM_ADD,          // d = n + m
    FORM_ADD_HIGH,     // d = d + m
    FORM_ADD_SHIFTED,  // d = n + m, shifted left by `i`, or `jk` in T32
    FORM_ADD_CONST,    // d = n + constant, as FORM_CONST
    FORM_SUB_CONST,    //     n - constant
    FORM_ADD_WIDE,     // d = n + constant of 12 bits, T32 only
    FORM_SUB_WIDE,     //
    FORM_BRANCH,       // in all of these the offset is scattered over
    FORM_BRANCH_COND,  //   s, a, b, j, i
    FORM_CALL,         //
    FORM_CALL_SWITCH,  // blx with an offset
    FORM_BX,           // to `m`
    FORM_CALL_REG,     // blx to `m`
    FORM_COMPARE_ZERO, // cbz, cbnz
    FORM_TABLE,        // tbb, tbh
    FORM_JUMPS,        // add pc, pc, m, lsl #2, of A32: branches follow
    FORM_IT,
    FORM_SYSCALL,
    FORM_TRAP,
    FORM_NOP,
    FORM_RETURN,    // from an exception
    FORM_EXCLUSIVE, // ldrex
    FORM_STORE_EXCLUSIVE,
    FORM_MSR,
    FORM_TO_CORE, // writes `t`, or the flags if that is the pc
    FORM_SYSTEM,  // for kernels; stays where it is
    FORM_NONE     // no instruction, though a row behind it would match
};

extern const struct arch arch_arm, arch_arm_a32;
extern const struct syscall_row arm_syscalls[];

// t32.c, a32.c

// NULL: none.
const struct bitrow *t32_narrow_row(uint32_t word);
const struct bitrow *t32_wide_row(uint32_t word);
const struct bitrow *a32_row(uint32_t word);

// parse.c

// An instruction found in the tables.
struct arm_parts {
    const struct bitrow *row;
    uint32_t word; // of 32 bits: the first halfword is the upper one
    // What `row` was matched against: T32's coprocessor instructions are read
    // as A32's.
    uint32_t bits;
    uint8_t len, mode;
    uint8_t cond; // enum arm_cond
    bool in_block;
};

// Of an IT block: the conditions of what it holds.
struct arm_block {
    unsigned count;
    struct arm_parts parts[4];
    uint8_t offs[4]; // from the IT
    uint8_t len;
};

// False: not an instruction; `len` says how far to go on.
bool arm_parse(struct slice bytes, unsigned mode, struct arm_parts *parts);
// False: it has an instruction that is none, or may not be in a block.
bool arm_parse_block(struct slice bytes, const struct arm_parts *it,
                     struct arm_block *block);
uint32_t arm_field(const struct arm_parts *parts, char letter);
bool arm_has(const struct arm_parts *parts, char letter);
// The constant of a FORM_CONST and its like.
uint32_t arm_constant(const struct arm_parts *parts);
// The distance of a branch from the pc.
int32_t arm_distance(const struct arm_parts *parts);
// Whether the base of a memory operand is changed.
bool arm_writes_back(const struct arm_parts *parts);
// The pc as an instruction at va reads it.
static inline uint64_t arm_pc(const struct arm_parts *parts, uint64_t va) {
    return va + (parts->mode == T32 ? 4 : 8);
}
// Whether a field that is read names the pc.
bool arm_reads_pc(const struct arm_parts *parts);
// The distance of a literal from the pc, rounded down to a multiple of 4.
int64_t arm_literal_distance(const struct arm_parts *parts);

// decode.c

bool arm_decode(const struct code *code, struct insn *insn);
void arm_brief(const struct code *code, struct insn_brief *out);
// One instruction of a block, at va.
void arm_describe(const struct arm_parts *parts, uint64_t va,
                  struct insn *insn);

// usual.c

bool arm_is_usual(const struct code *code);
unsigned arm_guess_mode(struct slice code, unsigned mode);

// assemble.c

// Appends an instruction of four bytes, or two, by its pattern.
void arm_put(struct bytes *out, unsigned mode, const char *pattern,
             struct bitfields fields);
void arm_put_narrow(struct bytes *out, const char *pattern,
                    struct bitfields fields);
void arm_put_word(struct bytes *out, unsigned mode, uint32_t word);
// A constant as the 12 bits of the mode's modified immediate; -1: none.
int32_t arm_encode_constant(unsigned mode, uint32_t value);
// reg = value
void arm_put_constant(struct bytes *out, unsigned mode, uint8_t reg,
                      uint32_t value);
// reg = address of `va` (with its lowest bit), wherever the image is loaded.
void arm_put_address(struct bytes *out, unsigned mode, uint8_t reg, uint64_t at,
                     uint64_t va);
// reg = base + value
void arm_put_add(struct bytes *out, unsigned mode, uint8_t reg, uint8_t base,
                 int32_t value);
// A branch or call of four bytes; of T32, COND_AL. False: too far.
bool arm_put_branch(struct bytes *out, unsigned mode, uint8_t cond,
                    bool is_call, uint64_t from, uint64_t to);
// A jump over `skip_len` bytes if the condition holds: four bytes.
void arm_put_skip(struct bytes *out, unsigned mode, uint8_t cond,
                  uint32_t skip_len);

void arm_put_nop(struct bytes *out, unsigned mode);
void arm_put_push(struct bytes *out, unsigned mode, regset set);
void arm_put_pop(struct bytes *out, unsigned mode, regset set);

// emit.c

// At to_va, of the other mode: a jump to code of `mode`. False: too far.
bool arm_put_switch(struct bytes *out, unsigned mode, uint64_t to_va,
                    uint64_t target);

// As struct arch says.

#define EMITTERS(mode)                                                         \
    void mode##_jump(const struct reach *reach, uint64_t from, uint64_t to,    \
                     struct bytes *out);                                       \
    void mode##_skip_unless_equal(uint8_t reg, int32_t value,                  \
                                  uint32_t skip_len, struct bytes *out);       \
    void mode##_skip_unless_below(uint8_t reg, int32_t value,                  \
                                  uint32_t skip_len, struct bytes *out);       \
    void mode##_go_on_in(unsigned other, uint64_t at, struct bytes *out);      \
    void mode##_ret(struct bytes *out);                                        \
    bool mode##_call(uint64_t from, uint64_t to, unsigned len,                 \
                     struct bytes *out);                                       \
    bool mode##_push_address(uint64_t at, uint64_t va, struct bytes *out);     \
    uint32_t mode##_save(regset set, uint32_t skip, struct bytes *out);        \
    void mode##_restore(regset set, uint32_t skip, struct bytes *out);         \
    bool mode##_load_place(uint8_t reg, uint64_t at, uint64_t va,              \
                           struct bytes *out);                                 \
    void mode##_load_address(uint8_t reg, uint8_t base, int32_t off,           \
                             struct bytes *out);                               \
    void mode##_load_word(uint8_t reg, uint8_t base, int32_t off,              \
                          struct bytes *out);

EMITTERS(a32)
EMITTERS(t32)

bool arm_skip_unless_taken(const struct insn *insn, uint32_t skip_len,
                           struct bytes *out);
bool arm_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out);
int32_t arm_saved_at(regset set, uint8_t reg);

// move.c

bool arm_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out);
bool arm_aim_load(uint8_t *code, uint64_t va, uint64_t to);
bool arm_split(const struct insn *insn, uint8_t *bytes, struct insn *head,
               struct insn *last);

// attributes.c

struct processor arm_processor(struct slice attributes);
const struct processor *arm_processor_named(struct str name);
const struct processor *arm_processor_begun(struct slice code);
uint8_t arm_float_bits(uint32_t flags, struct slice attributes);

// operand.c

bool arm_read_operand(struct str text, struct text_operand *operand);

#endif
