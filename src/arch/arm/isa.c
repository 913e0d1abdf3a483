// isa.c: ARM as data: registers, the ABI on Linux (AAPCS), the ways to jump,
// and the relocations generated code may hold. T32 is what Debian's programs
// and all small processors are made of, and how the run-time library is
// compiled; A32 is the same machine with other encodings.
//
// Registers bear the numbers they have in instructions, which are DWARF's too.
// The pc is none of them. The flags are one register, and so is the state of
// floating point and vectors.

#include <elf.h>

#include "arch/arm/arm.h"

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
    {"sp", 13},
    {"lr", 14},
    {"pc", 15},
    {"flags", REG_NONE},
    {"vector", REG_NONE},
    {"reservation", REG_NONE},
};

_Static_assert(COUNT_OF(regs) == REG_COUNT, "a name for every register");

// In the order of Linux's struct pt_regs.
static const struct ureg uregs[] = {
    {"R_R0", 0, 0},
    {"R_R1", 1, 0},
    {"R_R2", 2, 0},
    {"R_R3", 3, 0},
    {"R_R4", 4, 0},
    {"R_R5", 5, 0},
    {"R_R6", 6, 0},
    {"R_R7", 7, 0},
    {"R_R8", 8, 0},
    {"R_R9", 9, 0},
    {"R_R10", 10, 0},
    {"R_R11 R_FP", R11, 0},
    {"R_R12 R_IP", IP, 0},
    {"R_R13 R_SP", SP, 0},
    {"R_R14 R_LR", LR, 0},
    {"R_R15 R_PC", UREG_PC, 0},
    {"R_CPSR R_PS", UREG_UNKNOWN, 0},
};

// Branches count from the pc: 4 bytes ahead in T32, 8 in A32. Farther leads
// movw, movt and an addition to the pc; linkers have ip for that.
#define FAR_BY(len_, reg)                                                      \
    {.len = (len_),                                                            \
     .min = INT32_MIN,                                                         \
     .max = INT32_MAX,                                                         \
     .clobbers = REG_BIT(reg)}
#define FAR(len) FAR_BY(len, IP), FAR_BY(len, 3), FAR_BY(len, 2), FAR_BY(len, 1)
static const struct reach t32_jumps[] = {
    {.len = 2, .min = -2048 + 4, .max = 2046 + 4},
    {.len = 4, .min = -(1 << 24) + 4, .max = (1 << 24) - 2 + 4},
    FAR(10),
};
static const struct reach a32_jumps[] = {
    {.len = 4, .min = -(1 << 25) + 8, .max = (1 << 25) - 4 + 8},
    FAR(12),
};

// --- relocations ----------------------------------------------------------

// Values of code have the lowest bit set when it is T32, as in ELF. Objects
// keep addends in the fields, those of branches as their distance.

static uint32_t load_word(const uint8_t *field, unsigned mode) {
    uint32_t word = (uint32_t)load_uint(field, 4, ORDER_LITTLE);
    return mode == T32 ? word << 16 | word >> 16 : word;
}

static void store_word(uint8_t *field, unsigned mode, uint32_t word) {
    if (mode == T32)
        word = word << 16 | word >> 16;
    store_uint(field, word, 4, ORDER_LITTLE);
}

static int64_t branch_addend(const uint8_t *field, unsigned mode) {
    struct arm_parts parts;
    bool known = arm_parse((struct slice){field, 4}, mode, &parts);
    return known ? arm_distance(&parts) : 0;
}

static bool store_t32_branch(uint8_t *field, uint64_t va, uint64_t value) {
    const char *pattern = "11110sjjjjjjjjjj1.a.biiiiiiiiiii";
    int64_t distance = (int64_t)value;
    uint32_t i = (uint32_t)value, s = i >> 24 & 1;
    uint32_t word = load_word(field, T32);
    (void)va;
    word = bitpat_set(pattern, 's', s, word);
    word = bitpat_set(pattern, 'j', i >> 12, word);
    word = bitpat_set(pattern, 'a', (i >> 23 & 1) == s, word);
    word = bitpat_set(pattern, 'b', (i >> 22 & 1) == s, word);
    store_word(field, T32, bitpat_set(pattern, 'i', i >> 1, word));
    return distance >= -(1 << 24) && distance < 1 << 24;
}

static bool store_t32_conditional(uint8_t *field, uint64_t va, uint64_t value) {
    const char *pattern = "11110s....jjjjjj10a0biiiiiiiiiii";
    int64_t distance = (int64_t)value;
    uint32_t i = (uint32_t)value, word = load_word(field, T32);
    (void)va;
    word = bitpat_set(pattern, 's', i >> 20, word);
    word = bitpat_set(pattern, 'j', i >> 12, word);
    word = bitpat_set(pattern, 'a', i >> 18, word);
    word = bitpat_set(pattern, 'b', i >> 19, word);
    store_word(field, T32, bitpat_set(pattern, 'i', i >> 1, word));
    return distance >= -(1 << 20) && distance < 1 << 20;
}

static bool store_a32_branch(uint8_t *field, uint64_t va, uint64_t value) {
    int64_t distance = (int64_t)value;
    uint32_t word = load_word(field, A32);
    (void)va;
    store_word(field, A32,
               bitpat_set("........iiiiiiiiiiiiiiiiiiiiiiii", 'i',
                          (uint32_t)value >> 2, word));
    return distance >= -(1 << 25) && distance < 1 << 25 && !(value & 1);
}

// A call of T32 is a blx, which has no condition.
static bool store_a32_call(uint8_t *field, uint64_t va, uint64_t value) {
    if (!(value & 1))
        return store_a32_branch(field, va, value);
    uint32_t i = (uint32_t)value, word = load_word(field, A32);
    store_word(field, A32,
               bitpat_encode("1111101hiiiiiiiiiiiiiiiiiiiiiiii",
                             FIELDS({'h', i >> 1}, {'i', i >> 2})));
    int64_t distance = (int64_t)value;
    return word >> 28 == COND_AL && distance >= -(1 << 25) &&
           distance < 1 << 25;
}

static const char t32_half[] = "11110i10..00hhhh0jjj....kkkkkkkk";
static const char a32_half[] = "....00110.00hhhh....kkkkkkkkkkkk";

static int64_t t32_half_addend(const uint8_t *field) {
    uint32_t word = load_word(field, T32);
    uint32_t half = bitpat_field(t32_half, 'h', word) << 12 |
                    bitpat_field(t32_half, 'i', word) << 11 |
                    bitpat_field(t32_half, 'j', word) << 8 |
                    bitpat_field(t32_half, 'k', word);
    return (int16_t)half;
}

static int64_t a32_half_addend(const uint8_t *field) {
    uint32_t word = load_word(field, A32);
    uint32_t half = bitpat_field(a32_half, 'h', word) << 12 |
                    bitpat_field(a32_half, 'k', word);
    return (int16_t)half;
}

static void store_t32_half(uint8_t *field, uint32_t half) {
    uint32_t word = load_word(field, T32);
    word = bitpat_set(t32_half, 'h', half >> 12, word);
    word = bitpat_set(t32_half, 'i', half >> 11, word);
    word = bitpat_set(t32_half, 'j', half >> 8, word);
    store_word(field, T32, bitpat_set(t32_half, 'k', half, word));
}

static void store_a32_half(uint8_t *field, uint32_t half) {
    uint32_t word = load_word(field, A32);
    word = bitpat_set(a32_half, 'h', half >> 12, word);
    store_word(field, A32, bitpat_set(a32_half, 'k', half, word));
}

static bool store_t32_low(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_t32_half(field, (uint32_t)value);
    return true;
}

static bool store_t32_high(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_t32_half(field, (uint32_t)value >> 16);
    return true;
}

static bool store_a32_low(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_a32_half(field, (uint32_t)value);
    return true;
}

static bool store_a32_high(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    store_a32_half(field, (uint32_t)value >> 16);
    return true;
}

// Absolute relocations are missing on purpose: the image may be loaded
// anywhere.
static const struct reloc_row relocs[] = {
    {R_ARM_REL32, "R_ARM_REL32", 4, true, true, NULL},
    {R_ARM_THM_PC22, "R_ARM_THM_CALL", 4, true, true, store_t32_branch},
    {R_ARM_THM_JUMP24, "R_ARM_THM_JUMP24", 4, true, true, store_t32_branch},
    {R_ARM_THM_JUMP19, "R_ARM_THM_JUMP19", 4, true, true,
     store_t32_conditional},
    {R_ARM_THM_MOVW_PREL_NC, "R_ARM_THM_MOVW_PREL_NC", 4, true, false,
     store_t32_low},
    {R_ARM_THM_MOVT_PREL, "R_ARM_THM_MOVT_PREL", 4, true, false,
     store_t32_high},
    {R_ARM_CALL, "R_ARM_CALL", 4, true, true, store_a32_call},
    {R_ARM_JUMP24, "R_ARM_JUMP24", 4, true, true, store_a32_branch},
    {R_ARM_MOVW_PREL_NC, "R_ARM_MOVW_PREL_NC", 4, true, false, store_a32_low},
    {R_ARM_MOVT_PREL, "R_ARM_MOVT_PREL", 4, true, false, store_a32_high},
    {0, NULL, 0, false, false, NULL},
};

static const uint32_t veneer_relocs[] = {R_ARM_THM_PC22, R_ARM_THM_JUMP24,
                                         R_ARM_CALL, R_ARM_JUMP24, 0};

// Addresses as such, in pools of constants and by halves.
static const struct library_reloc library_relocs[] = {
    {.row = {R_ARM_ABS32, "R_ARM_ABS32", 4, false, false, NULL},
     .is_absolute = true},
    {.row = {R_ARM_THM_MOVW_ABS_NC, "R_ARM_THM_MOVW_ABS_NC", 4, false, false,
             store_t32_low},
     .is_absolute = true},
    {.row = {R_ARM_THM_MOVT_ABS, "R_ARM_THM_MOVT_ABS", 4, false, false,
             store_t32_high},
     .is_absolute = true},
    {.row = {R_ARM_MOVW_ABS_NC, "R_ARM_MOVW_ABS_NC", 4, false, false,
             store_a32_low},
     .is_absolute = true},
    {.row = {R_ARM_MOVT_ABS, "R_ARM_MOVT_ABS", 4, false, false, store_a32_high},
     .is_absolute = true},
    {.row = {R_ARM_V4BX, "R_ARM_V4BX", 0, false, false, NULL},
     .is_ignored = true},
    {.row = {0, NULL, 0, false, false, NULL}},
};

static int64_t addend(const struct reloc_row *reloc, const uint8_t *field) {
    switch (reloc->type) {
    case R_ARM_THM_PC22:
    case R_ARM_THM_JUMP24:
    case R_ARM_THM_JUMP19: return branch_addend(field, T32);
    case R_ARM_CALL:
    case R_ARM_JUMP24: return branch_addend(field, A32);
    case R_ARM_THM_MOVW_ABS_NC:
    case R_ARM_THM_MOVT_ABS:
    case R_ARM_THM_MOVW_PREL_NC:
    case R_ARM_THM_MOVT_PREL: return t32_half_addend(field);
    case R_ARM_MOVW_ABS_NC:
    case R_ARM_MOVT_ABS:
    case R_ARM_MOVW_PREL_NC:
    case R_ARM_MOVT_PREL: return a32_half_addend(field);
    default: return (int32_t)load_uint(field, 4, ORDER_LITTLE);
    }
}

// --- the machine ----------------------------------------------------------

// r4 to r11 and lr, as SYS_BASES of the runtime has them.
#define UNWOUND (0xff0 | REG_BIT(LR))
#define CALLER_SAVED                                                           \
    (REG_BIT(R0) | REG_BIT(1) | REG_BIT(2) | REG_BIT(3) | REG_BIT(IP) |        \
     REG_BIT(LR) | REG_BIT(FLAGS))

static const struct arch *const modes[] = {
    [A32] = &arch_arm_a32,
    [T32] = &arch_arm,
};

static const char *const mode_marks[] = {[A32] = "$a", [T32] = "$t"};

static const struct float_form float_forms[] = {
    {.bytes = 4, .constraint = "=r", .text = ".fpu vfpv2; vmov #, s@"},
    {0},
};

#define CC_FLAGS "-fPIC -march=armv7-a -mfpu=vfpv3-d16 -mgeneral-regs-only"
#define ARM(name_, triple_, features_, mode_, align, jumps_, padding, emit)    \
    {.name = (name_),                                                          \
     .triple = (triple_),                                                      \
     .bare_triple = (mode_) == T32 ? "thumbv7m-unknown-none-eabi" : NULL,      \
     .bare_features = "+strict-align,-hwdiv",                                  \
     .cpu = "generic",                                                         \
     .features = (features_),                                                  \
     .cc = "arm-linux-gnueabihf-gcc",                                          \
     .cc_flags = (mode_) == T32 ? CC_FLAGS " -mthumb" : CC_FLAGS " -marm",     \
     .attributes = ".ARM.attributes",                                          \
     .processor = arm_processor,                                               \
     .processor_named = arm_processor_named,                                   \
     .processor_begun = arm_processor_begun,                                   \
     .float_bits = arm_float_bits,                                             \
     .unwind_index = PT_ARM_EXIDX,                                             \
     .elf_machine = EM_ARM,                                                    \
     .bits = 32,                                                               \
     .max_insn = (mode_) == T32 ? MAX_INSN : 4,                                \
     .insn_align = (align),                                                    \
     .mode = (mode_),                                                          \
     .go_on_in = emit##_go_on_in,                                              \
     .guess_mode = arm_guess_mode,                                             \
     .modes = modes,                                                           \
     .mode_marks = mode_marks,                                                 \
     .data_mark = "$d",                                                        \
     .order = ORDER_LITTLE,                                                    \
     .page = 65536,                                                            \
     .data_reach = (uint64_t)1 << 31,                                          \
     .regs = regs,                                                             \
     .reg_count = REG_COUNT,                                                   \
     .uregs = uregs,                                                           \
     .ureg_count = COUNT_OF(uregs),                                            \
     .abi =                                                                    \
         {                                                                     \
             .args = {0, 1, 2, 3, REG_NONE, REG_NONE, REG_NONE, REG_NONE},     \
             .float_args = 16,                                                 \
             .float_forms = float_forms,                                       \
             .kept_by_library = REG_BIT(VECTOR),                               \
             .passing = PASSING_AAPCS,                                         \
             .wide_float = WIDE_FLOAT_NONE,                                    \
             .first_stack_arg = 0,                                             \
             .stack_arg_step = 4,                                              \
             .result = R0,                                                     \
             .result_at = R0,                                                  \
             .results = {0, 1, 2, 3, REG_NONE},                                \
             .syscall_number = R7,                                             \
             .syscall_args = {0, 1, 2, 3, 4, 5},                               \
             .syscall_result = R0,                                             \
             .sp = SP,                                                         \
             .fp = (mode_) == T32 ? R7 : R11,                                  \
             .flags = FLAGS,                                                   \
             .scratch = IP,                                                    \
             .red_zone = 0,                                                    \
             .general = 0x5fff,                                                \
             .caller_saved = CALLER_SAVED,                                     \
             .unwound = UNWOUND,                                               \
             .lost_by_most = CALLER_SAVED,                                     \
             .lost_by_calls = REG_BIT(IP),                                     \
             .stack_align = 4,                                                 \
             .flag_parts = ARM_FLAG_PARTS,                                     \
             .return_off = 0,                                                  \
             .link = LR,                                                       \
             .code_mask = 0xfffffffe,                                          \
             .reservation = REG_BIT(RESERVATION),                              \
         },                                                                    \
     .jumps = (jumps_),                                                        \
     .jump_count = COUNT_OF(jumps_),                                           \
     .relative_reloc = R_ARM_RELATIVE,                                         \
     .word_reloc = R_ARM_ABS32,                                                \
     .relocs = relocs,                                                         \
     .library_relocs = library_relocs,                                         \
     .veneer_relocs = veneer_relocs,                                           \
     .addend = addend,                                                         \
     .tables = arch_plain_tables,                                              \
     .padding_byte = (padding),                                                \
     .syscalls = arm_syscalls,                                                 \
     .decode = arm_decode,                                                     \
     .brief = arm_brief,                                                       \
     .is_usual = arm_is_usual,                                                 \
     .move = arm_move,                                                         \
     .jump = emit##_jump,                                                      \
     .skip_unless_taken = arm_skip_unless_taken,                               \
     .aim_load = arm_aim_load,                                                 \
     .split = arm_split,                                                       \
     .skip_unless_equal = emit##_skip_unless_equal,                            \
     .skip_unless_below = emit##_skip_unless_below,                            \
     .ret = emit##_ret,                                                        \
     .call_to_jump = arm_call_to_jump,                                         \
     .call = emit##_call,                                                      \
     .push_address = emit##_push_address,                                      \
     .save = emit##_save,                                                      \
     .restore = emit##_restore,                                                \
     .saved_at = arm_saved_at,                                                 \
     .load_place = emit##_load_place,                                          \
     .load_address = emit##_load_address,                                      \
     .load_word = emit##_load_word,                                            \
     .read_operand = arm_read_operand}

// General registers only, and no constants among the code.
#define NO_FLOATS "-neon,-fpregs,+execute-only"

const struct arch arch_arm =
    ARM("arm", "thumbv7a-unknown-linux-gnueabihf", NO_FLOATS, T32, 2, t32_jumps,
        0xde, t32); // udf
const struct arch arch_arm_a32 = ARM("arm", "armv7a-unknown-linux-gnueabihf",
                                     NO_FLOATS, A32, 4, a32_jumps, 0xde, a32);
