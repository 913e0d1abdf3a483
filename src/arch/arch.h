// arch.h: what differs from machine to machine.
//
// A machine is one `struct arch`: data first, then behaviour. Nothing outside
// arch/<isa>/ knows an encoding, a register or an ABI; the rest of MCTrace
// asks here. Instructions are described by `struct insn`, which says what
// rewriting has to know and no more: length, where control may go, which
// registers are read and written, and whether the instruction mentions its
// own address. What a decoder is not sure of it must overstate: an unknown
// instruction reads every register, writes none for certain, and cannot move.

#ifndef MCTRACE_ARCH_H
#define MCTRACE_ARCH_H

#include "base/base.h"

// A set of registers, one bit each, numbered as in the arch's `regs`. The
// flags are a register, and so is the vector and floating-point state as a
// whole. A register counts as one whatever part of it is accessed; a write
// of a part that leaves the rest alone is also a read.
typedef uint64_t regset;
#define REGSET_ALL             (~(regset)0)
#define REG_BIT(number)        ((regset)1 << (number))
#define REG_NONE               0xff
// In a set given to save, restore and saved_at: the code in between leaves
// abi.result alone, so that the flags may wait there and not in memory.
#define REGSET_FLAGS_IN_RESULT REG_BIT(63)

// Of one register; of none for REG_NONE.
static inline regset regset_of(uint8_t number) {
    return number == REG_NONE ? 0 : REG_BIT(number);
}

struct reg {
    const char *name; // as the assembler and LLVM's constraints spell it
    uint8_t dwarf;    // number in DWARF, or REG_NONE
};

// A row of D's array of registers; its index is D's. What is no register, but
// the same everywhere, has a value.
#define UREG_PC      0xfe // the program counter
#define UREG_UNKNOWN 0xfd // nothing keeps it
struct ureg {
    const char *names; // of constants of D, by words
    uint8_t reg;       // of the arch, or one of the above, or REG_NONE: `value`
    uint64_t value;
};

// Bytes of code and the address of the first as linked. `mode` chooses among
// the encodings of one machine (A32, T32); 0 where there is only one.
struct code {
    struct slice bytes;
    uint64_t va;
    unsigned mode;
};

enum insn_kind {
    INSN_PLAIN,              // falls through and goes nowhere else
    INSN_JUMP,               // to `target`
    INSN_JUMP_COND,          // to `target` or through
    INSN_JUMP_INDIRECT,      // anywhere; `target` is 0
    INSN_JUMP_INDIRECT_COND, // ... or through
    INSN_CALL,               // calls `target`, then falls through
    INSN_CALL_INDIRECT,      // calls anywhere, then falls through
    INSN_RETURN,
    INSN_RETURN_COND, // returns or falls through
    INSN_SYSCALL,     // falls through
    INSN_STOP,        // traps; does not fall through (ud2, hlt, int3)
    INSN_UNKNOWN      // not decoded; len is the least step to go on by
};

enum insn_flags {
    INSN_PC_RELATIVE = 1,    // mentions its own address, branch or not
    INSN_PADDING = 2,        // does nothing: nop, or a trap that fills gaps
    INSN_USES_SP = 4,        // reads or writes the stack pointer or through it
    INSN_BELOW_SP = 8,       // may access memory below the stack pointer
    INSN_IMMOVABLE = 16,     // must stay where it is
    INSN_LANDING = 32,       // endbr64, bti: must stay first where it stands
    INSN_TAKES_ADDRESS = 64, // computes pc_value and keeps it (lea, adr)
    INSN_SP_VALUE = 128, // uses sp other than as the base of a memory operand
    // Computes base_reg + base_off: the second half of an address, perhaps,
    // where machines need two instructions for one.
    INSN_ADDS_OFFSET = 256,
    INSN_SWITCHES = 512,     // what is at `target` has the other mode
    INSN_CONDITIONAL = 1024, // a call that is made under a condition only
    // A direct call that leaves the return address in another register than
    // abi.link, see set_link.
    INSN_OWN_LINK = 2048
};

enum insn_table {
    TABLE_ADDRESSES, // absolute ones
    TABLE_HALFWORDS, // distances from the table, in units of two bytes
    TABLE_JUMPS      // what is jumped to: direct jumps
};

struct insn {
    uint64_t va;
    uint64_t target;      // of a direct branch or call, else 0
    uint64_t pc_value;    // address computed or accessed relative to pc, else 0
    regset reads, writes; // `writes` holds what is overwritten for certain
    regset clobbers;      // what may be changed; a superset of `writes`
    uint16_t flags;
    uint8_t kind; // enum insn_kind
    uint8_t len;
    uint8_t mode;         // of struct code
    const uint8_t *bytes; // in the image
    // INSN_JUMP_INDIRECT by what lies at `table_va` + index * `table_step`;
    // 0: it is not told.
    uint64_t table_va;
    uint8_t table_step;
    uint8_t table_kind; // enum insn_table
    // An instruction that sets a register to a constant: which, and what.
    // An address computed relative to pc counts as one, as linked.
    uint8_t const_reg; // or REG_NONE
    uint64_t const_value;
    // const_reg's value is that of this register, or REG_NONE; const_value
    // then masks the bits that are copied, the others are zero.
    uint8_t copy_reg;
    // On machines whose code makes addresses of two instructions, the first
    // of which sets const_reg: the register plus constant that this one adds
    // (INSN_ADDS_OFFSET) or has as the address of its memory operand;
    // REG_NONE: no such. Others need not tell.
    uint8_t base_reg;
    int64_t base_off;
    // Adds a register, shifted left by so many bits, to `index_base`: where
    // an instruction of a row of equal steps is, perhaps. 0: it does not, or
    // nobody needs to know.
    uint8_t index_shift, index_base;
    // Compares the only general register that it reads with a constant that is
    // lower than this, by one; 0: it does not, or nobody needs to know.
    uint32_t limit;
    // What a memory operand of a word is loaded into, whatever its address, or
    // REG_NONE.
    uint8_t loaded_reg;
    // What it adds to the stack pointer when that is a constant (push -8, sub,
    // add, lea), else 0; a call counts as 0. For unwind rows of added code.
    int32_t sp_delta;
};

// A quick pass tells only this about an instruction.
struct insn_brief {
    uint8_t len; // 0: not an instruction
    uint8_t kind;
    // INSN_PC_RELATIVE, INSN_PADDING, INSN_TAKES_ADDRESS, INSN_ADDS_OFFSET,
    // INSN_SWITCHES, INSN_CONDITIONAL
    uint16_t flags;
    uint64_t target, pc_value;
};

// One way to jump: bytes it takes, range of (to - from), what it destroys.
struct reach {
    uint8_t len;
    int64_t min, max;
    regset clobbers;
    bool is_absolute; // only in an image that lies where it was linked
};

// How generated code refers to a symbol: `type` as in the object file, and
// how the value is stored. A relocation that has no row is refused.
struct reloc_row {
    uint32_t type;
    const char *name;
    uint8_t len; // bytes of the field
    bool pc_relative;
    bool fits_signed; // value must fit the field as a signed number
    // Machines whose fields are no plain integers give a function; NULL: store
    // the low `len` bytes. False: out of range. A jump that may need a register
    // must do without where the target is near.
    bool (*store)(uint8_t *field, uint64_t va, uint64_t value);
};

// The same of what compilers make for others: a field with an address as such,
// or one that refers to a word which holds the address (of a GOT).
struct library_reloc {
    struct reloc_row row;
    bool is_absolute, by_word;
    bool is_ignored; // only allows the linker to do better
};

// How a function's arguments and result are passed: a row of the table in
// script/passed_table.c.
enum passing_rule {
    PASSING_X86_64,  // System V of x86-64
    PASSING_AAPCS64, // of AArch64
    PASSING_RISCV,   // the psABI's, with or without hardware floating point
    PASSING_AAPCS,   // of ARM, both variants
    PASSING_PPC,     // System V of PowerPC
    PASSING_COUNT
};

// How the first bytes of a register that holds an argument which is no integer
// come to where a clause can use them: an instruction as its assembler writes
// it, in which @ stands for the register's number and # for a general register.
// That one gets them or, where the constraint says that the instruction reads
// it, is the address where they are stored.
struct float_form {
    uint8_t bytes;
    const char *constraint; // "=r"; or "r", by which an address is handed over
    const char *text;
    // An instruction that stores all registers: how many bytes, where the first
    // is, and how far the next. 0: it stores the one.
    uint16_t room, first, step;
};

#define FLOAT_ALIGN 16 // of what is stored

// Eight bytes (or fewer, by the form), of the register `number`.
struct float_word {
    const struct float_form *form;
    uint32_t number, word;
};

// What an ABI's floating-point numbers of 16 bytes are, if it has any.
enum wide_float {
    WIDE_FLOAT_X87,
    WIDE_FLOAT_PAIR,
    WIDE_FLOAT_QUAD,
    WIDE_FLOAT_NONE
};

struct abi {
    uint8_t args[8]; // registers of integer arguments, REG_NONE ends
    // Registers of arguments that are no integers, and the number of the first.
    uint8_t float_args, float_first;
    // What the code of a user's library must leave alone, since nobody keeps it
    // for the program: floating point and vectors.
    regset kept_by_library;
    const struct float_form *float_forms; // ends with 0 bytes
    int16_t first_stack_arg; // offset from sp at a function's entry
    uint8_t stack_arg_step;
    uint8_t result;
    uint8_t results[8]; // registers of a result, REG_NONE ends
    // At a function's entry, the address for a result that memory is to have.
    uint8_t result_at;
    uint8_t syscall_number, syscall_args[6], syscall_result;
    uint8_t sp, fp, flags; // register numbers; flags may be REG_NONE
    // A register that stands for the reservation of a load-linked, which a
    // store in between may break: written by it, and by what gives it up, read
    // by the store-conditional. 0: there is no such.
    regset reservation;
    uint8_t scratch;     // where a trampoline hands over sp and its like
    uint16_t red_zone;   // bytes below sp that a function may use
    regset general;      // the general registers
    regset caller_saved; // what generated code may clobber
    // What unwinding follows, sp apart. 0: general registers that a call leaves
    // alone.
    regset unwound;
    // What a function may change all the same whose convention is LLVM's
    // preserve_most; where there is none, the same as caller_saved.
    regset lost_by_most;
    // Bytes from sp on that a function called may write to: code that uses the
    // stack gets as many of its own.
    uint8_t callee_room;
    uint8_t wide_float; // enum wide_float
    uint8_t passing;    // enum passing_rule
    // Registers, of these, in which by the ABI nothing comes to a function, but
    // for what is seen in its code, and nothing is left by one: whether the
    // program keeps to it is looked up. 0: it is not worth it.
    regset temporaries;
    // What counters leave alone for others, since it is live more often.
    regset spared;
    uint8_t stack_align; // of sp at any instruction that uses the stack
    // What nobody keeps in a register across a direct call, since what linkers
    // put between it and the callee may change it, or since compilers hold
    // themselves to the ABI's rule; flags by their parts.
    regset lost_by_calls;
    regset lost_by_base; // see load_base
    // One in which compiled code that has a frame finds nothing any more, since
    // making the frame changes it. 0: there is none.
    regset lost_by_frame;
    // Parts of the flags that no function called through a pointer returns
    // anything in: who reads them behind such a call has asked the system's own
    // code (vDSO).
    regset lost_by_pointers;
    // Single flags, bits above those of the registers. An instruction that
    // reads or writes flags says by these which; writing some is no write of
    // `flags`, but of these bits. 0: not told apart.
    regset flag_parts;
    // The return address at a function's entry: in memory at sp + this, or in
    // a register (link) when `link` is not REG_NONE.
    int16_t return_off;
    uint8_t link;
    // Bits that addresses of code have; above them a return address may bear a
    // signature. 0: all.
    uint64_t code_mask;
};

// Where a value lies, as an assembler writes it.
enum operand_kind { OPERAND_CONST, OPERAND_REG, OPERAND_MEMORY };

struct text_operand {
    uint8_t kind; // enum operand_kind
    uint8_t bits; // of the value
    bool is_signed;
    // REG: bits `shift` and up of `reg`. MEMORY: at reg + index * scale + value
    // + the symbol's address; without reg, index or symbol each is zero.
    uint8_t reg, shift, index, scale;
    int64_t value; // CONST, MEMORY
    struct str symbol;
};

// A form of jump tables: entries of so many bytes, shifted left, are offsets
// from the table or from an address of code; or addresses, shorter than a word.
struct table_form {
    uint8_t bytes, shift;
    bool is_signed, is_address;
};

// Of 32-bit offsets, and no others.
extern const struct table_form arch_plain_tables[];

// What a file, or its user, tells of the processor it is for.
struct processor {
    const char *cc;    // flags that name it to compilers of C; NULL: not told
    const char *lacks; // what is needed and it has not; NULL: nothing
    const char *bare_lacks; // the same where there is no operating system
    bool is_bare;           // one for boards, which runs no system
    // Interrupts are held off by the status register of all modes, not by one
    // of their own (ARM's profiles A and R); and code may be of any encoding.
    bool holds_by_status;
};

// A register that holds one address all through a program, by which data near
// to it is reached; start-up code sets it. The linker's symbol of the address.
struct base_register {
    uint8_t reg;
    const char *symbol;
};
#define BASES_MOST 2

struct arch {
    const char *name, *triple;  // "x86_64", LLVM's target
    const char *cpu, *features; // general registers only
    // Without an operating system; NULL: the same, and no more features.
    const char *bare_triple, *bare_features;
    // The usual compiler of C for it, and the flags, of gcc and clang alike,
    // that make it generate code for sites.
    const char *cc, *cc_flags;
    // The processor by the section of build attributes, which may be empty.
    // NULL: there is none.
    const char *attributes;
    struct processor (*processor)(struct slice attributes);
    // One by the name that compilers call its architecture by; NULL: there is
    // none of that name.
    const struct processor *(*processor_named)(struct str name);
    // What a program without an operating system is for, by the first code that
    // runs, where nothing else tells.
    const struct processor *(*processor_begun)(struct slice code);
    // The widest floating-point numbers, in bits, that functions pass in
    // registers of their own, by the flags of the ELF header and that section.
    // 0: they pass all numbers as integers. NULL: they pass 64.
    uint8_t (*float_bits)(uint32_t flags, struct slice attributes);
    // The vectors, in bits, that functions pass in registers which abi.args and
    // abi.float_args do not have, told likewise; 0: there are none. NULL:
    // never.
    uint8_t (*vector_bits)(uint32_t flags, struct slice attributes);
    // Copies a register that is no general one, "mf%s %%0", or NULL.
    const char *cc_copy;
    // The type of the segment that has an index of functions and how they are
    // unwound, in place of call frame information. 0: there is none.
    uint32_t unwind_index;
    uint16_t elf_machine;
    uint8_t bits, max_insn, insn_align;
    // The mode of struct code in which all this writes instructions, and the
    // same machine in each of its modes; NULL: there is one mode.
    uint8_t mode;
    const struct arch *const *modes;
    // Symbols that say of what follows: code of a mode, and data. NULL: there
    // are none.
    const char *const *mode_marks;
    const char *data_mark;
    // In which mode code is, by its look, behind code of `mode` where nothing
    // tells that another function begins. NULL: there is one mode.
    unsigned (*guess_mode)(struct slice code, unsigned mode);
    // Appends, for address `at`: what follows is code of that other mode. No
    // register changes, nor do flags. NULL: there is one mode.
    void (*go_on_in)(unsigned mode, uint64_t at, struct bytes *out);
    enum byte_order order;
    uint32_t page;       // largest page size a program may meet
    uint64_t data_reach; // how far code gets at data that is added
    bool init_by_array;  // loaders do not call DT_INIT
    const struct reg *regs;
    uint8_t reg_count;
    const struct ureg *uregs; // in D's order
    uint8_t ureg_count;
    struct abi abi;
    const struct base_register *bases; // BASES_MOST at most; NULL: none
    uint8_t base_count;
    // Bits of the property note (FEATURE_1_AND) by which an image asks that
    // indirect jumps lead to landing pads only.
    uint32_t guards;
    const struct reach *jumps; // shortest first
    uint8_t jump_count;
    const struct reloc_row *relocs; // ends with a NULL name
    // Those of `relocs` that hold an address as such. The loader carries them
    // out where the image may be loaded anywhere, by the same types. Ends with
    // 0; NULL: code that is added holds no addresses.
    const uint32_t *loader_relocs;
    // What a linker leaves of a word with an address, for who loads or moves
    // the image: of this image's own, and of a symbol.
    uint32_t relative_reloc, word_reloc;
    // Those of `relocs` that are jumps and calls which do not always reach: by
    // the ABI a linker may lead them by way of a jump that changes the first
    // register of `jumps`. Ends with 0; NULL: none are.
    const uint32_t *veneer_relocs;
    // The addend that a field holds, of objects that keep addends there. NULL:
    // the machine's objects do not.
    int64_t (*addend)(const struct reloc_row *reloc, const uint8_t *field);
    // Beyond these, in objects of a user's library; NULL: none.
    const struct library_reloc *library_relocs;
    // Whether relocations of a type are of the second half of an address: their
    // symbol then is the place of the first, and what they mean is found there.
    // NULL: none are.
    bool (*is_second_half)(uint32_t type);
    const struct table_form *tables; // ends with 0 bytes
    uint8_t padding_byte;            // fills what is left over in place
    // Names of the kinds of processor, beyond the plainest, that there are
    // variants of libraries for and that this host's is one of; best first.
    // NULL: none.
    const struct str *(*variants)(size_t *count);
    // System calls by number; name NULL ends. Numbers may have gaps.
    const struct syscall_row *syscalls;

    // Decodes the first instruction. False: `insn` is INSN_UNKNOWN, with len
    // set to insn_align.
    bool (*decode)(const struct code *code, struct insn *insn);
    // The quick pass over a whole function; never fails, see len.
    void (*brief)(const struct code *code, struct insn_brief *out);
    // Whether a program may well have the instruction: not one for kernels and
    // devices alone, nor what zeroes decode as. For bytes that may be data.
    bool (*is_usual)(const struct code *code);
    // Appends `insn` so that it does at `to_va` what it did at its place.
    // `insn->target` may have been changed to send a branch elsewhere; a direct
    // branch always takes its longest form, so that its length does not depend
    // on the target. With sp_bias, sp is that many bytes lower than the
    // instruction expects.
    // False: cannot be moved there; nothing was appended.
    bool (*move)(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                 struct bytes *out);
    // Appends a jump, using exactly `reach->len` bytes.
    void (*jump)(const struct reach *reach, uint64_t from, uint64_t to,
                 struct bytes *out);
    // Appends a conditional jump over `skip_len` bytes that is taken when the
    // conditional jump, return or call `insn` would not be. False: no such.
    bool (*skip_unless_taken)(const struct insn *insn, uint32_t skip_len,
                              struct bytes *out);
    // An instruction that does several things and leaves last (a block of IT)
    // as two, made in `bytes`, which has room for twice max_insn. False: it is
    // none. NULL: there are none.
    bool (*split)(const struct insn *insn, uint8_t *bytes, struct insn *head,
                  struct insn *last);
    // Appends the conditional return or indirect jump `insn` as it is when its
    // condition holds. False: no such. NULL: it may as well be asked again.
    bool (*leave)(const struct insn *insn, struct bytes *out);
    // Appends a jump over `skip_len` bytes unless register `reg` equals
    // `value`. May change the flags. Its length does not depend on skip_len.
    void (*skip_unless_equal)(uint8_t reg, int32_t value, uint32_t skip_len,
                              struct bytes *out);
    // The same unless `reg` is below `value`, as signed numbers.
    void (*skip_unless_below)(uint8_t reg, int32_t value, uint32_t skip_len,
                              struct bytes *out);
    // Appends what jumps to `to` when `insn`, a return at `insn->va`, would
    // return, in as many bytes. False: out of reach. NULL: no generated code
    // returns.
    bool (*return_to_jump)(const struct insn *insn, uint64_t to,
                           struct bytes *out);
    // Where generated code has addresses in it, all of them relative to one if
    // the image may lie anywhere: appends, at `at`, what takes that one, as it
    // is at run time, to a register that no generated code uses otherwise. It
    // changes abi.lost_by_base. NULL: generated code is content anywhere.
    void (*load_base)(uint64_t at, uint64_t base_va, struct bytes *out);
    // Makes the instruction of such a field add the base to it. False: it
    // cannot.
    bool (*add_base)(uint8_t *field);
    // Appends what such an image wants where an indirect call leads. NULL: no
    // image of the machine asks for it.
    void (*landing)(struct bytes *out);
    // Appends a plain return.
    void (*ret)(struct bytes *out);
    // Appends a jump to where the call `insn` goes, an indirect one or one that
    // switches, at `to_va`, with the return address already in its place: sp is
    // sp_bias bytes lower than the call expects. That it is made is known by
    // then. False: no such.
    bool (*call_to_jump)(const struct insn *insn, uint64_t to_va,
                         int32_t sp_bias, struct bytes *out);
    // Appends a call in exactly `len` bytes, so that it returns to from + len;
    // false if len is too short.
    bool (*call)(uint64_t from, uint64_t to, unsigned len, struct bytes *out);
    // Appends, at address `at`: the constant `va` (an address of this image,
    // reached pc-relative) becomes the return address, on the stack or in the
    // link register; no other register changes, nor do flags.
    bool (*push_address)(uint64_t at, uint64_t va, struct bytes *out);
    // Appends, at address `at`: the return address of a call with INSN_OWN_LINK
    // where that leaves it; else as push_address. NULL: there are no such.
    bool (*set_link)(const struct insn *call, uint64_t at, struct bytes *out);
    // Behind a system call, where the kernel tells an error otherwise than by a
    // result of -4095 to -1: appends what makes that of it or, done again, puts
    // back what was. It reads abi.flags. NULL: there is nothing to do.
    void (*turn_result)(struct bytes *out);
    // Appends code that lowers sp by `skip` (the red zone) and saves `set`,
    // and its counterpart. Returns bytes by which sp is lower in between. With
    // the flags in `set` abi.result holds something else in between; include
    // it in `set` if its value is still wanted, there or later. (saved_at and
    // load_word get it back for the code in between.)
    uint32_t (*save)(regset set, uint32_t skip, struct bytes *out);
    void (*restore)(regset set, uint32_t skip, struct bytes *out);
    // Offset from the lowered sp at which save() put register `reg`, or -1.
    int32_t (*saved_at)(regset set, uint8_t reg);
    // Appends: reg = base + off (an address), or reg = 64-bit or word-sized
    // memory at base + off. Flags stay.
    void (*load_address)(uint8_t reg, uint8_t base, int32_t off,
                         struct bytes *out);
    void (*load_word)(uint8_t reg, uint8_t base, int32_t off,
                      struct bytes *out);
    // Appends, at address `at`: reg = `va`, an address of this image. Flags
    // stay. False: too far. Where code has addresses in it, they are left to
    // be filled in.
    bool (*load_place)(uint8_t reg, uint64_t at, uint64_t va,
                       struct bytes *out);
    // Where, and as what relocations; ends with a length of 0. NULL: nothing is
    // left to be.
    const struct place_field {
        uint8_t off, len;
        uint32_t type;
    } *place_fields;
    // Generated code: writes `insn` to `code`, in as many bytes, with map[r] in
    // place of each general register r that it names; map[r] is r for those
    // that are to stay. False: it cannot be. NULL: registers stay.
    bool (*rename)(const struct insn *insn, const uint8_t *map, uint8_t *code);
    // Reads an operand with its size. False: it is none that general registers
    // can get at.
    bool (*read_operand)(struct str text, struct text_operand *operand);
    // Makes the load of a literal at `va` load the one at `to`. False: too far.
    // NULL: generated code has no literals.
    bool (*aim_load)(uint8_t *code, uint64_t va, uint64_t to);
    // Generated code: the offset of a lock prefix of `insn` that may be
    // replaced by unlocked_byte to make it cheap but not atomic, or -1. NULL:
    // the machine has none.
    int (*lock_prefix)(const struct insn *insn);
    uint8_t locked_byte, unlocked_byte;
};

struct syscall_row {
    uint16_t number;
    const char *name;
};

// arch.c

// By the machine of an ELF header, or by name; NULL: not supported.
const struct arch *arch_by_elf(uint16_t machine, unsigned bits,
                               enum byte_order order);
const struct arch *arch_by_name(struct str name);
// The machine that has a processor of this name; NULL: none.
const struct arch *arch_by_processor(struct str name,
                                     const struct processor **processor);
const struct arch *const *arch_table(size_t *count);
const char *arch_syscall_name(const struct arch *arch, uint64_t number);
// False: the machine has no system call of this name.
bool arch_syscall_number(const struct arch *arch, struct str name,
                         uint32_t *number);
// Bytes of memory that a form stores to, FLOAT_ALIGN apart from what they need;
// where a word of it is.
uint64_t arch_float_room(const struct float_form *form);
uint64_t arch_float_off(const struct float_word *word);
// A float_word as one number, and back. `bytes` names its form.
uint64_t arch_float_word(unsigned bytes, uint32_t number, uint32_t word);
struct float_word arch_float_unpack(const struct arch *arch, uint64_t packed);
// The instruction of a word: `percent` is how its assembler's is written, `to`
// the operand.
struct str arch_float_read(struct arena *arena, const struct arch *arch,
                           const struct float_word *word, const char *percent,
                           const char *to);
// attributes.c

// The value of a tag that is no text, in a section of build attributes of that
// owner; 0: it is not told.
uint64_t arch_attribute(struct slice attributes, enum byte_order order,
                        struct str owner, uint64_t wanted);

const struct reloc_row *arch_reloc(const struct arch *arch, uint32_t type);
bool arch_is_for_loader(const struct arch *arch, uint32_t type);
bool arch_takes_veneer(const struct arch *arch, uint32_t type);
// The machine as it writes instructions of a mode.
const struct arch *arch_in_mode(const struct arch *arch, unsigned mode);
const struct library_reloc *arch_library_reloc(const struct arch *arch,
                                               uint32_t type);
// The shortest way to jump of at most `room` bytes that reaches; NULL: none.
const struct reach *arch_reach(const struct arch *arch, uint64_t from,
                               uint64_t to, unsigned room);

#endif
