// isa.c: AArch64 as data: registers, the procedure call standard (AAPCS64) on
// Linux, the way to jump, and the relocations generated code may hold.
//
// x18 belongs to the platform, which for Linux is nobody, but a program may be
// built to keep something of its own there: generated code leaves it alone.

#include <elf.h>

#include "arch/aarch64/aarch64.h"

static const struct reg regs[] = {
    {"x0", 0},
    {"x1", 1},
    {"x2", 2},
    {"x3", 3},
    {"x4", 4},
    {"x5", 5},
    {"x6", 6},
    {"x7", 7},
    {"x8", 8},
    {"x9", 9},
    {"x10", 10},
    {"x11", 11},
    {"x12", 12},
    {"x13", 13},
    {"x14", 14},
    {"x15", 15},
    {"x16", 16},
    {"x17", 17},
    {"x18", 18},
    {"x19", 19},
    {"x20", 20},
    {"x21", 21},
    {"x22", 22},
    {"x23", 23},
    {"x24", 24},
    {"x25", 25},
    {"x26", 26},
    {"x27", 27},
    {"x28", 28},
    {"x29", 29},
    {"x30", 30},
    {"sp", 31},
    {"nzcv", REG_NONE},
    {"v", REG_NONE},
    {"monitor", REG_NONE},
};

_Static_assert(COUNT_OF(regs) == REG_COUNT, "a name for every register");

// In the order of Linux's struct pt_regs, as DTrace has it there.
static const struct ureg uregs[] = {
    {"R_X0", 0, 0},       {"R_X1", 1, 0},
    {"R_X2", 2, 0},       {"R_X3", 3, 0},
    {"R_X4", 4, 0},       {"R_X5", 5, 0},
    {"R_X6", 6, 0},       {"R_X7", 7, 0},
    {"R_X8", 8, 0},       {"R_X9", 9, 0},
    {"R_X10", 10, 0},     {"R_X11", 11, 0},
    {"R_X12", 12, 0},     {"R_X13", 13, 0},
    {"R_X14", 14, 0},     {"R_X15", 15, 0},
    {"R_X16", 16, 0},     {"R_X17", 17, 0},
    {"R_X18", 18, 0},     {"R_X19", 19, 0},
    {"R_X20", 20, 0},     {"R_X21", 21, 0},
    {"R_X22", 22, 0},     {"R_X23", 23, 0},
    {"R_X24", 24, 0},     {"R_X25", 25, 0},
    {"R_X26", 26, 0},     {"R_X27", 27, 0},
    {"R_X28", 28, 0},     {"R_X29 R_FP", FP, 0},
    {"R_X30", LINK, 0},   {"R_SP", SP, 0},
    {"R_PC", UREG_PC, 0}, {"R_PSTATE", UREG_UNKNOWN, 0},
};

// b counts instructions, from its own address; farther leads adrp with add and
// br, by a register, of which linkers have two to themselves.
#define FAR_BY(reg)                                                            \
    {.len = FAR_LEN,                                                           \
     .min = INT32_MIN,                                                         \
     .max = INT32_MAX,                                                         \
     .clobbers = REG_BIT(reg)}
static const struct reach jumps[] = {
    {.len = INSN_LEN, .min = -(1 << 27), .max = (1 << 27) - INSN_LEN},
    FAR_BY(X16),
    FAR_BY(X17),
    FAR_BY(15),
    FAR_BY(14),
    FAR_BY(13),
    FAR_BY(12),
    FAR_BY(11),
    FAR_BY(10),
    FAR_BY(9),
};

// Bytes and halfwords as offsets of instructions from the code, words as
// offsets from the table.
static const struct table_form tables[] = {
    {4, 0, true, false},
    {1, 2, true, false},
    {1, 2, false, false},
    {2, 2, true, false},
    {2, 2, false, false},
    {4, 2, true, false},
    {0},
};

// --- relocations ----------------------------------------------------------

// Sets field i of a word. False: it does not fit.
static bool store_field(uint8_t *field, const char *pattern, int64_t value) {
    uint32_t word = (uint32_t)load_uint(field, INSN_LEN, ORDER_LITTLE);
    word = bitpat_set(pattern, 'i', (uint32_t)value, word);
    store_uint(field, word, INSN_LEN, ORDER_LITTLE);
    return bitpat_fits(pattern, 'i', value);
}

static bool store_branch(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_field(field, "......iiiiiiiiiiiiiiiiiiiiiiiiii",
                       (int64_t)value / INSN_LEN) &&
           value % INSN_LEN == 0;
}

static bool store_condition(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_field(field, "........iiiiiiiiiiiiiiiiiii.....",
                       (int64_t)value / INSN_LEN) &&
           value % INSN_LEN == 0;
}

static bool store_test(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_field(field, ".............iiiiiiiiiiiiii.....",
                       (int64_t)value / INSN_LEN) &&
           value % INSN_LEN == 0;
}

// The two low bits stand apart, ahead of the others.
static bool store_split(uint8_t *field, int64_t value) {
    uint32_t word = (uint32_t)load_uint(field, INSN_LEN, ORDER_LITTLE);
    word = bitpat_set(".jj.............................", 'j',
                      (uint32_t)value & 3, word);
    store_uint(field, word, INSN_LEN, ORDER_LITTLE);
    return store_field(field, "........iiiiiiiiiiiiiiiiiii.....", value >> 2);
}

static bool store_near(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_split(field, (int64_t)value);
}

static bool store_page(uint8_t *field, uint64_t va, uint64_t value) {
    return store_split(field,
                       (int64_t)((va + value) >> 12) - (int64_t)(va >> 12));
}

// The low 12 bits of an address, in units of the access.
static bool store_low(uint8_t *field, uint64_t value, unsigned shift) {
    uint32_t low = (uint32_t)value & 4095;
    store_field(field, "..........iiiiiiiiiiii..........", low >> shift);
    return low % (1u << shift) == 0;
}

static bool store_low8(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_low(field, value, 0);
}

static bool store_low16(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_low(field, value, 1);
}

static bool store_low32(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_low(field, value, 2);
}

static bool store_low64(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_low(field, value, 3);
}

static bool store_low128(uint8_t *field, uint64_t va, uint64_t value) {
    (void)va;
    return store_low(field, value, 4);
}

#define RELOC(type, len, ...) {type, #type, len, __VA_ARGS__}

// Absolute addresses are missing on purpose: the image may be loaded anywhere,
// though always at a page, so that the low bits of an address are its own.
static const struct reloc_row relocs[] = {
    RELOC(R_AARCH64_PREL32, 4, true, true, NULL),
    RELOC(R_AARCH64_PREL64, 8, true, true, NULL),
    RELOC(R_AARCH64_CALL26, 4, true, true, store_branch),
    RELOC(R_AARCH64_JUMP26, 4, true, true, store_branch),
    RELOC(R_AARCH64_CONDBR19, 4, true, true, store_condition),
    RELOC(R_AARCH64_LD_PREL_LO19, 4, true, true, store_condition),
    RELOC(R_AARCH64_TSTBR14, 4, true, true, store_test),
    RELOC(R_AARCH64_ADR_PREL_LO21, 4, true, true, store_near),
    RELOC(R_AARCH64_ADR_PREL_PG_HI21, 4, true, true, store_page),
    RELOC(R_AARCH64_ADD_ABS_LO12_NC, 4, false, false, store_low8),
    RELOC(R_AARCH64_LDST8_ABS_LO12_NC, 4, false, false, store_low8),
    RELOC(R_AARCH64_LDST16_ABS_LO12_NC, 4, false, false, store_low16),
    RELOC(R_AARCH64_LDST32_ABS_LO12_NC, 4, false, false, store_low32),
    RELOC(R_AARCH64_LDST64_ABS_LO12_NC, 4, false, false, store_low64),
    RELOC(R_AARCH64_LDST128_ABS_LO12_NC, 4, false, false, store_low128),
    {0, NULL, 0, false, false, NULL},
};

static const uint32_t veneer_relocs[] = {R_AARCH64_JUMP26, R_AARCH64_CALL26, 0};

// Addresses as such, and those that lie in a word.
static const struct library_reloc library_relocs[] = {
    {.row = RELOC(R_AARCH64_ABS64, 8, false, false, NULL), .is_absolute = true},
    {.row = RELOC(R_AARCH64_ABS32, 4, false, false, NULL), .is_absolute = true},
    {.row = RELOC(R_AARCH64_ADR_GOT_PAGE, 4, true, true, store_page),
     .by_word = true},
    {.row = RELOC(R_AARCH64_LD64_GOT_LO12_NC, 4, false, false, store_low64),
     .by_word = true},
    {.row = {0}},
};

// --------------------------------------------------------------------------

// x0 to x17.
#define CALLER_SAVED (REG_BIT(X18) - 1)

static const struct float_form float_forms[] = {
    {.bytes = 8, .constraint = "=r", .text = ".arch_extension fp; fmov #, d@"},
    {.bytes = 16, .constraint = "r", .text = ".arch_extension fp; str q@, [#]"},
    {0},
};

const struct arch arch_aarch64 = {
    .name = "aarch64",
    .triple = "aarch64-unknown-linux-gnu",
    .cpu = "generic",
    .bare_features = "+strict-align",
    .features = "-neon,-fp-armv8,+reserve-x18",
    .cc = "aarch64-linux-gnu-gcc",
    .cc_flags = "-fPIC -mgeneral-regs-only -mno-outline-atomics -ffixed-x18 "
                "-mbranch-protection=none",
    .elf_machine = EM_AARCH64,
    .bits = 64,
    .max_insn = INSN_LEN,
    .insn_align = INSN_LEN,
    .order = ORDER_LITTLE,
    .page = 65536,
    .data_reach = INT32_MAX, // of adrp
    .regs = regs,
    .reg_count = REG_COUNT,
    .uregs = uregs,
    .ureg_count = COUNT_OF(uregs),
    .abi =
        {
            .args = {0, 1, 2, 3, 4, 5, 6, 7},
            .float_args = 8,
            .kept_by_library = REG_BIT(VECTOR),
            .float_forms = float_forms,
            .first_stack_arg = 0,
            .stack_arg_step = 8,
            .result = RESULT,
            .result_at = 8,
            .results = {0, 1, REG_NONE},
            .syscall_number = 8,
            .syscall_args = {0, 1, 2, 3, 4, 5},
            .syscall_result = 0,
            .sp = SP,
            .fp = FP,
            .flags = FLAGS,
            .scratch = X16,
            .red_zone = 0,
            .general = REG_BIT(SP) - 1,
            .caller_saved = CALLER_SAVED | REG_BIT(FLAGS),
            // x9 to x15 survive.
            .lost_by_most =
                (REG_BIT(9) - 1) | REG_BIT(X16) | REG_BIT(X17) | REG_BIT(FLAGS),
            .unwound = REG_BIT(SP) - REG_BIT(19),
            .temporaries = CALLER_SAVED & ~(REG_BIT(9) - 1),
            .spared = REG_BIT(8),
            .stack_align = 16,
            .wide_float = WIDE_FLOAT_QUAD,
            .passing = PASSING_AAPCS64,
            .lost_by_calls = REG_BIT(X16) | REG_BIT(X17),
            .reservation = REG_BIT(MONITOR),
            .flag_parts = FLAG_PARTS,
            .return_off = 0,
            .link = LINK,
            // The largest address of a program; signatures stand above.
            .code_mask = ((uint64_t)1 << 48) - 1,
        },
    .guards = 1, // BTI
    .jumps = jumps,
    .jump_count = COUNT_OF(jumps),
    .relative_reloc = R_AARCH64_RELATIVE,
    .word_reloc = R_AARCH64_ABS64,
    .relocs = relocs,
    .veneer_relocs = veneer_relocs,
    .library_relocs = library_relocs,
    .tables = tables,
    .padding_byte = 0, // udf
    .syscalls = a64_syscalls,
    .decode = a64_decode,
    .rename = a64_rename,
    .read_operand = a64_read_operand,
    .brief = a64_brief,
    .is_usual = a64_is_usual,
    .move = a64_move,
    .jump = a64_jump,
    .skip_unless_taken = a64_skip_unless_taken,
    .skip_unless_equal = a64_skip_unless_equal,
    .skip_unless_below = a64_skip_unless_below,
    .landing = a64_landing,
    .ret = a64_ret,
    .call_to_jump = a64_call_to_jump,
    .call = a64_call,
    .push_address = a64_set_link,
    .save = a64_save,
    .restore = a64_restore,
    .saved_at = a64_saved_at,
    .load_address = a64_load_address,
    .load_place = a64_address,
    .load_word = a64_load_word,
};
