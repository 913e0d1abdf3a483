// isa.c: 32-bit PowerPC, big-endian, as data: registers, the System V ABI on
// Linux, the ways to jump, and the relocations generated code may hold.
//
// The model. General registers bear their numbers. LR and CTR are registers,
// but not general ones. CR and XER together are "the flags", with each field
// of CR, XER's carry and its overflow bits as their parts. All state of
// floating point and vectors is one register, the upper halves that the SPE
// gives to general registers among it.
//
// Below the stack pointer nothing may be kept; at it lies the chain of frames,
// and above that a word in which a callee may save LR. So code that is put in
// at a site and uses the stack needs a frame of its own above it.
//
// Generated code has addresses in halves (ADDR16_HA, ADDR16_LO). In what may
// lie anywhere they are the loader's to relocate. Where none does, they are
// relative to a base in r13, which the ABI gives to nobody on Linux, so that
// LLVM leaves it alone: `lis r3, x@ha` becomes `addis r3, r13, x@ha`. A
// trampoline, and each way into the runtime (sys/ppc32.h), sets it and puts
// back what was there. There is no way to read the program counter but by a
// branch that overwrites LR.

#include <elf.h>

#include "arch/ppc32/ppc32.h"

static const struct reg regs[] = {
    {"r0", 0},
    {"r1", 1},
    {"r2", 2},
    {"r3", 3},
    {"r4", 4},
    {"r5", 5},
    {"r6", 6},
    {"r7", 7},
    {"r8", 8},
    {"r9", 9},
    {"r10", 10},
    {"r11", 11},
    {"r12", 12},
    {"r13", 13},
    {"r14", 14},
    {"r15", 15},
    {"r16", 16},
    {"r17", 17},
    {"r18", 18},
    {"r19", 19},
    {"r20", 20},
    {"r21", 21},
    {"r22", 22},
    {"r23", 23},
    {"r24", 24},
    {"r25", 25},
    {"r26", 26},
    {"r27", 27},
    {"r28", 28},
    {"r29", 29},
    {"r30", 30},
    {"r31", 31},
    // In .eh_frame as gcc numbers them; DWARF for debuggers has 108 and 109.
    [LR] = {"lr", 65},
    [CTR] = {"ctr", 66},
    [FLAGS] = {"cr", REG_NONE},
    [VECTOR] = {"vector", REG_NONE},
    [RESERVATION] = {"reservation", REG_NONE},
};

_Static_assert(COUNT_OF(regs) == REG_COUNT, "a name for every register");

// In the order of Linux's struct pt_regs.
static const struct ureg uregs[] = {
    {"R_R0", 0, 0},
    {"R_R1 R_SP", 1, 0},
    {"R_R2", 2, 0},
    {"R_R3", 3, 0},
    {"R_R4", 4, 0},
    {"R_R5", 5, 0},
    {"R_R6", 6, 0},
    {"R_R7", 7, 0},
    {"R_R8", 8, 0},
    {"R_R9", 9, 0},
    {"R_R10", 10, 0},
    {"R_R11", 11, 0},
    {"R_R12", 12, 0},
    {"R_R13", 13, 0},
    {"R_R14", 14, 0},
    {"R_R15", 15, 0},
    {"R_R16", 16, 0},
    {"R_R17", 17, 0},
    {"R_R18", 18, 0},
    {"R_R19", 19, 0},
    {"R_R20", 20, 0},
    {"R_R21", 21, 0},
    {"R_R22", 22, 0},
    {"R_R23", 23, 0},
    {"R_R24", 24, 0},
    {"R_R25", 25, 0},
    {"R_R26", 26, 0},
    {"R_R27", 27, 0},
    {"R_R28", 28, 0},
    {"R_R29", 29, 0},
    {"R_R30", 30, 0},
    {"R_R31 R_FP", 31, 0},
    {"R_NIP R_PC", UREG_PC, 0},
    {"R_MSR", UREG_UNKNOWN, 0},
    {"R_ORIG_R3", UREG_UNKNOWN, 0},
    {"R_CTR", UREG_UNKNOWN, 0},
    {"R_LNK R_LR", UREG_UNKNOWN, 0},
    {"R_XER", UREG_UNKNOWN, 0},
    {"R_CCR R_CR R_PS", UREG_UNKNOWN, 0},
    {"R_MQ", UREG_UNKNOWN, 0},
    {"R_TRAP", UREG_UNKNOWN, 0},
    {"R_DAR", UREG_UNKNOWN, 0},
    {"R_DSISR", UREG_UNKNOWN, 0},
    {"R_RESULT", UREG_UNKNOWN, 0},
};

// Farther leads bctr, by a register that linkers have for that. Addresses wrap
// round, so it leads everywhere.
#define FAR_BY(len_, regs, is_absolute_)                                       \
    {.len = (len_),                                                            \
     .min = -(int64_t)UINT32_MAX,                                              \
     .max = UINT32_MAX,                                                        \
     .clobbers = (regs) | REG_BIT(CTR),                                        \
     .is_absolute = (is_absolute_)}
static const struct reach jumps[] = {
    {.len = INSN_LEN, .min = -0x2000000, .max = 0x1fffffc},
    FAR_BY(LEN_ABSOLUTE, REG_BIT(R12), true),
    FAR_BY(LEN_ABSOLUTE, REG_BIT(R11), true),
    FAR_BY(LEN_ABSOLUTE, REG_BIT(R0), true),
    FAR_BY(LEN_FAR, REG_BIT(R0) | REG_BIT(R12), false),
    FAR_BY(LEN_FAR, REG_BIT(R0) | REG_BIT(R11), false),
};

// --- relocations ----------------------------------------------------------

static bool store_half(uint8_t *field, uint64_t value) {
    store_uint(field, value & 0xffff, 2, ORDER_BIG);
    return true;
}

// Addresses are of 32 bits, and so are distances: those wrap round.
static bool store_low(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_half(field, value);
}

static bool store_high(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_half(field, value >> 16);
}

// What a sign-extended low half takes too much, is added.
static bool store_high_adjusted(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_half(field, (value + 0x8000) >> 16);
}

static bool store_branch(uint8_t *field, const char *pattern, uint64_t value) {
    int32_t off = (int32_t)(uint32_t)value;
    uint32_t word = (uint32_t)load_uint(field, INSN_LEN, ORDER_BIG);
    if (off % INSN_LEN != 0 || !bitpat_fits(pattern, 'i', off / INSN_LEN))
        return false;
    word = bitpat_set(pattern, 'i', (uint32_t)(off / INSN_LEN), word);
    store_uint(field, word, INSN_LEN, ORDER_BIG);
    return true;
}

static bool store_24(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_branch(field, "......iiiiiiiiiiiiiiiiiiiiiiii..", value);
}

static bool store_14(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_branch(field, "................iiiiiiiiiiiiii..", value);
}

static const struct reloc_row relocs[] = {
    {R_PPC_ADDR16_LO, "R_PPC_ADDR16_LO", 2, false, false, store_low},
    {R_PPC_ADDR16_HI, "R_PPC_ADDR16_HI", 2, false, false, store_high},
    {R_PPC_ADDR16_HA, "R_PPC_ADDR16_HA", 2, false, false, store_high_adjusted},
    {R_PPC_REL16_LO, "R_PPC_REL16_LO", 2, true, false, store_low},
    {R_PPC_REL16_HI, "R_PPC_REL16_HI", 2, true, false, store_high},
    {R_PPC_REL16_HA, "R_PPC_REL16_HA", 2, true, false, store_high_adjusted},
    {R_PPC_REL24, "R_PPC_REL24", INSN_LEN, true, false, store_24},
    {R_PPC_LOCAL24PC, "R_PPC_LOCAL24PC", INSN_LEN, true, false, store_24},
    {R_PPC_PLTREL24, "R_PPC_PLTREL24", INSN_LEN, true, false, store_24},
    {R_PPC_REL14, "R_PPC_REL14", INSN_LEN, true, false, store_14},
    {R_PPC_REL32, "R_PPC_REL32", 4, true, true, NULL},
    {0, NULL, 0, false, false, NULL},
};

// A linker leads them by way of r12, or of r11, and CTR.
static const uint32_t veneer_relocs[] = {R_PPC_REL24, R_PPC_LOCAL24PC,
                                         R_PPC_PLTREL24, 0};

static const struct library_reloc library_relocs[] = {
    {.row = {R_PPC_ADDR32, "R_PPC_ADDR32", 4, false, false, NULL},
     .is_absolute = true},
    {.row = {0, NULL, 0, false, false, NULL}},
};
static const uint32_t loader_relocs[] = {R_PPC_ADDR16_LO, R_PPC_ADDR16_HI,
                                         R_PPC_ADDR16_HA, 0};

// The immediates of ppc_load_place().
static const struct place_field place_fields[] = {
    {2, 2, R_PPC_ADDR16_HA}, {6, 2, R_PPC_ADDR16_LO}, {0, 0, 0}};

// r0, r3 to r12, and what is no general register.
#define CALLER_SAVED                                                           \
    (0x1ff9 | REG_BIT(LR) | REG_BIT(CTR) | REG_BIT(FLAGS) | PPC_FLAGS_SCRATCH)

// r14 to r31; nobody saves r2 and r13, which belong to the system.
#define UNWOUND (0xffffc000 | REG_BIT(LR))

// A register holds all numbers as long ones; a store makes of it what it was.
static const struct float_form float_forms[] = {
    {.bytes = 4, .constraint = "b", .text = "stfs @, 0(#)"},
    {.bytes = 8, .constraint = "b", .text = "stfd @, 0(#)"},
    {0},
};

// Tag_GNU_Power_ABI_FP.
static uint8_t float_bits(uint32_t flags, struct slice attributes) {
    enum { TAG_FP = 4, SOFT = 2, SINGLE = 3 };
    (void)flags;
    uint64_t fp = arch_attribute(attributes, ORDER_BIG, STR("gnu"), TAG_FP) & 3;
    return fp == SOFT ? 0 : fp == SINGLE ? 32 : 64;
}

// Tag_GNU_Power_ABI_Vector: AltiVec's registers, or what SPE makes of the
// general ones.
static uint8_t vector_bits(uint32_t flags, struct slice attributes) {
    enum { TAG_VECTOR = 8, ALTIVEC = 2, SPE = 3 };
    (void)flags;
    uint64_t abi =
        arch_attribute(attributes, ORDER_BIG, STR("gnu"), TAG_VECTOR);
    return abi == ALTIVEC ? 128 : abi == SPE ? 64 : 0;
}

const struct arch arch_ppc32 = {
    .name = "ppc32",
    .triple = "powerpc-unknown-linux-gnu",
    .cpu = "ppc",
    .features = "-hard-float,-fpu,-altivec,-vsx,-spe",
    .cc = "powerpc-linux-gnu-gcc",
    .cc_copy = "mf%s %%0",
    .cc_flags = "-m32 -fno-pic -fno-pie -msoft-float -mno-altivec",
    .elf_machine = EM_PPC,
    .attributes = ".gnu.attributes",
    .float_bits = float_bits,
    .vector_bits = vector_bits,
    .bits = 32,
    .max_insn = INSN_LEN,
    .insn_align = INSN_LEN,
    .order = ORDER_BIG,
    .page = 65536,
    .data_reach = UINT32_MAX,
    .regs = regs,
    .reg_count = REG_COUNT,
    .uregs = uregs,
    .ureg_count = COUNT_OF(uregs),
    .abi =
        {
            .args = {R3, R4, R5, R6, R7, R8, R9, R10},
            .float_args = 8,
            .float_first = 1,
            .float_forms = float_forms,
            .kept_by_library = REG_BIT(VECTOR),
            .first_stack_arg = 8,
            .stack_arg_step = 4,
            .result = R3,
            .result_at = R3,
            .results = {R3, R4, R5, R6, R7, R8, R9, R10},
            .syscall_number = R0,
            .syscall_args = {R3, R4, R5, R6, R7, R8},
            .syscall_result = R3,
            .sp = SP,
            .fp = R31,
            .flags = FLAGS,
            .scratch = R11,
            .red_zone = 0,
            .general = 0xffffffff,
            .caller_saved = CALLER_SAVED,
            .lost_by_most = CALLER_SAVED,
            .lost_by_base = REG_BIT(R0) | REG_BIT(R13),
            .lost_by_frame = REG_BIT(R0),
            .lost_by_pointers = PPC_CR_SCRATCH,
            .lost_by_calls = REG_BIT(R0) | REG_BIT(R11) | REG_BIT(R12) |
                             REG_BIT(CTR) | PPC_FLAGS_SCRATCH,
            .unwound = UNWOUND,
            .callee_room = 8,
            .stack_align = 16,
            .wide_float = WIDE_FLOAT_PAIR,
            .passing = PASSING_PPC,
            .flag_parts = PPC_FLAG_PARTS,
            .return_off = 0,
            .link = LR,
            .reservation = REG_BIT(RESERVATION),
        },
    .jumps = jumps,
    .veneer_relocs = veneer_relocs,
    .jump_count = COUNT_OF(jumps),
    .relative_reloc = R_PPC_RELATIVE,
    .word_reloc = R_PPC_ADDR32,
    .relocs = relocs,
    .library_relocs = library_relocs,
    .loader_relocs = loader_relocs,
    .tables = arch_plain_tables,
    .padding_byte = 0,
    .syscalls = ppc_syscalls,
    .decode = ppc_decode,
    .read_operand = ppc_read_operand,
    .brief = ppc_brief,
    .is_usual = ppc_is_usual,
    .move = ppc_move,
    .jump = ppc_jump,
    .skip_unless_taken = ppc_skip_unless_taken,
    .leave = ppc_leave,
    .skip_unless_equal = ppc_skip_unless_equal,
    .skip_unless_below = ppc_skip_unless_below,
    .return_to_jump = ppc_return_to_jump,
    .load_base = ppc_load_base,
    .add_base = ppc_add_base,
    .ret = ppc_ret,
    .call_to_jump = ppc_call_to_jump,
    .call = ppc_call,
    .push_address = ppc_set_link,
    .turn_result = ppc_turn_result,
    .save = ppc_save,
    .restore = ppc_restore,
    .saved_at = ppc_saved_at,
    .load_address = ppc_load_address,
    .load_place = ppc_load_place,
    .place_fields = place_fields,
    .load_word = ppc_load_word,
};
