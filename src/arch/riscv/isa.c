// isa.c: RISC-V as data: registers, the ABI on Linux (psABI: lp64 and lp64d),
// the ways to jump, and the relocations generated code may hold.
//
// Registers are numbered in instructions as in DWARF (psABI, "DWARF Register
// Numbers"). x0 is none: it never appears in a set. The state of floating
// point and vectors is one register; there are no flags.

#include <elf.h>

#include "arch/riscv/riscv.h"

static const struct reg regs[] = {
    [ZERO] = {"x0", REG_NONE},
    [RA] = {"ra", 1},
    [SP] = {"sp", 2},
    [GP] = {"gp", 3},
    [TP] = {"tp", 4},
    [T0] = {"t0", 5},
    [T1] = {"t1", 6},
    [T2] = {"t2", 7},
    [S0] = {"s0", 8},
    [S1] = {"s1", 9},
    [A0] = {"a0", 10},
    [A1] = {"a1", 11},
    [A2] = {"a2", 12},
    [A3] = {"a3", 13},
    [A4] = {"a4", 14},
    [A5] = {"a5", 15},
    [A6] = {"a6", 16},
    [A7] = {"a7", 17},
    [S2] = {"s2", 18},
    [S3] = {"s3", 19},
    [S4] = {"s4", 20},
    [S5] = {"s5", 21},
    [S6] = {"s6", 22},
    [S7] = {"s7", 23},
    [S8] = {"s8", 24},
    [S9] = {"s9", 25},
    [S10] = {"s10", 26},
    [S11] = {"s11", 27},
    [T3] = {"t3", 28},
    [T4] = {"t4", 29},
    [T5] = {"t5", 30},
    [T6] = {"t6", 31},
    [VECTOR] = {"vector", REG_NONE},
    [RESERVATION] = {"reservation", REG_NONE},
};

_Static_assert(COUNT_OF(regs) == REG_COUNT, "a name for every register");

// In the order of Linux's struct user_regs_struct, the pc first.
static const struct ureg uregs[] = {
    {"R_PC", UREG_PC, 0},       {"R_RA R_LR R_X1", RA, 0},
    {"R_SP R_X2", SP, 0},       {"R_GP R_X3", GP, 0},
    {"R_TP R_X4", TP, 0},       {"R_T0 R_X5", T0, 0},
    {"R_T1 R_X6", T1, 0},       {"R_T2 R_X7", T2, 0},
    {"R_S0 R_FP R_X8", S0, 0},  {"R_S1 R_X9", S1, 0},
    {"R_A0 R_X10 R_R0", A0, 0}, {"R_A1 R_X11 R_R1", A1, 0},
    {"R_A2 R_X12", A2, 0},      {"R_A3 R_X13", A3, 0},
    {"R_A4 R_X14", A4, 0},      {"R_A5 R_X15", A5, 0},
    {"R_A6 R_X16", A6, 0},      {"R_A7 R_X17", A7, 0},
    {"R_S2 R_X18", S2, 0},      {"R_S3 R_X19", S3, 0},
    {"R_S4 R_X20", S4, 0},      {"R_S5 R_X21", S5, 0},
    {"R_S6 R_X22", S6, 0},      {"R_S7 R_X23", S7, 0},
    {"R_S8 R_X24", S8, 0},      {"R_S9 R_X25", S9, 0},
    {"R_S10 R_X26", S10, 0},    {"R_S11 R_X27", S11, 0},
    {"R_T3 R_X28", T3, 0},      {"R_T4 R_X29", T4, 0},
    {"R_T5 R_X30", T5, 0},      {"R_T6 R_X31", T6, 0},
};

// c.j, jal, and auipc with jalr, which needs a register. Not t0: processors
// take a jump through it for a return.
#define FAR_BY(reg)                                                            \
    {.len = LEN_PAIR,                                                          \
     .min = INT32_MIN,                                                         \
     .max = INT32_MAX - 0x800,                                                 \
     .clobbers = REG_BIT(reg)}
static const struct reach jumps[] = {
    {.len = LEN_SHORT, .min = -2048, .max = 2046},
    {.len = LEN_PLAIN, .min = -(1 << 20), .max = (1 << 20) - 2},
    FAR_BY(T6),
    FAR_BY(T5),
    FAR_BY(T4),
    FAR_BY(T3),
    FAR_BY(T2),
    FAR_BY(T1),
    FAR_BY(A7),
    FAR_BY(A6),
    FAR_BY(A5),
    FAR_BY(A4),
    FAR_BY(A3),
    FAR_BY(A2),
    FAR_BY(A1),
    FAR_BY(A0),
};

// Absolute relocations are missing on purpose: the image may be loaded
// anywhere.
static const struct reloc_row relocs[] = {
    {R_RISCV_BRANCH, "R_RISCV_BRANCH", 4, true, true, riscv_store_branch},
    {R_RISCV_JAL, "R_RISCV_JAL", 4, true, true, riscv_store_jal},
    {R_RISCV_CALL, "R_RISCV_CALL", 8, true, true, riscv_store_call},
    {R_RISCV_CALL_PLT, "R_RISCV_CALL_PLT", 8, true, true, riscv_store_call},
    {R_RISCV_PCREL_HI20, "R_RISCV_PCREL_HI20", 4, true, true, riscv_store_high},
    {R_RISCV_PCREL_LO12_I, "R_RISCV_PCREL_LO12_I", 4, true, true,
     riscv_store_low_i},
    {R_RISCV_PCREL_LO12_S, "R_RISCV_PCREL_LO12_S", 4, true, true,
     riscv_store_low_s},
    {R_RISCV_32_PCREL, "R_RISCV_32_PCREL", 4, true, true, NULL},
    {0, NULL, 0, false, false, NULL},
};

// Fields of compressed jumps (c.j) and branches (c.beqz): bits of the distance,
// from the field's lowest on.
static bool store_short(uint8_t *field, uint64_t value, const uint8_t *from,
                        const uint8_t *to, unsigned count) {
    uint64_t word = load_uint(field, LEN_SHORT, ORDER_LITTLE);
    for (unsigned i = 0; i < count; i++) {
        word &= ~((uint64_t)1 << to[i]);
        word |= (value >> from[i] & 1) << to[i];
    }
    store_uint(field, word, LEN_SHORT, ORDER_LITTLE);
    int64_t distance = (int64_t)value, most = (int64_t)1 << count;
    return distance >= -most && distance < most;
}

static bool store_short_jump(uint8_t *field, uint64_t va, uint64_t value) {
    static const uint8_t from[] = {5, 1, 2, 3, 7, 6, 10, 8, 9, 4, 11};
    static const uint8_t to[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    (void)va;
    return store_short(field, value, from, to, COUNT_OF(from));
}

static bool store_short_branch(uint8_t *field, uint64_t va, uint64_t value) {
    static const uint8_t from[] = {5, 1, 2, 6, 7, 3, 4, 8};
    static const uint8_t to[] = {2, 3, 4, 5, 6, 10, 11, 12};
    (void)va;
    return store_short(field, value, from, to, COUNT_OF(from));
}

// What linkers may make shorter stays as it is.
static const struct library_reloc library_relocs[] = {
    {.row = {R_RISCV_64, "R_RISCV_64", 8, false, false, NULL},
     .is_absolute = true},
    {.row = {R_RISCV_32, "R_RISCV_32", 4, false, false, NULL},
     .is_absolute = true},
    {.row = {R_RISCV_GOT_HI20, "R_RISCV_GOT_HI20", 4, true, true,
             riscv_store_high},
     .by_word = true},
    {.row = {R_RISCV_RVC_JUMP, "R_RISCV_RVC_JUMP", 2, true, true,
             store_short_jump}},
    {.row = {R_RISCV_RVC_BRANCH, "R_RISCV_RVC_BRANCH", 2, true, true,
             store_short_branch}},
    {.row = {R_RISCV_RELAX, "R_RISCV_RELAX", 0, false, false, NULL},
     .is_ignored = true},
    {.row = {R_RISCV_ALIGN, "R_RISCV_ALIGN", 0, false, false, NULL},
     .is_ignored = true},
    {.row = {0, NULL, 0, false, false, NULL}},
};

// Compilers of the medlow code model, which is linked below 2 GB, write
// addresses of 4 bytes.
static const struct table_form tables[] = {
    {4, 0, true, false}, {4, 0, false, true}, {0}};

// The second half of an address names the first, which is auipc.
static bool is_second_half(uint32_t type) {
    return type == R_RISCV_PCREL_LO12_I || type == R_RISCV_PCREL_LO12_S;
}

static const struct base_register bases[] = {{GP, "__global_pointer$"}};

#define ARGUMENTS (REG_BIT(S2) - REG_BIT(A0)) // a0 to a7
#define TEMPORARIES                                                            \
    (REG_BIT(T0) | REG_BIT(T1) | REG_BIT(T2) | REG_BIT(T3) | REG_BIT(T4) |     \
     REG_BIT(T5) | REG_BIT(T6))
#define CALLER_SAVED (REG_BIT(RA) | ARGUMENTS | TEMPORARIES)

static const struct float_form float_forms[] = {
    {.bytes = 8,
     .constraint = "=r",
     .text = ".option push; .option arch, +d; fmv.x.d #, fa@; .option pop"},
    {0},
};

// EF_RISCV_FLOAT_ABI_SINGLE, _DOUBLE, _QUAD.
static uint8_t float_bits(uint32_t flags, struct slice attributes) {
    static const uint8_t bits[] = {0, 32, 64, 64};
    (void)attributes;
    return bits[(flags & EF_RISCV_FLOAT_ABI) >> 1];
}

const struct arch arch_riscv64 = {
    .name = "riscv64",
    .triple = "riscv64-unknown-linux-gnu",
    .cpu = "generic-rv64",
    .features = "+m,+a,-relax",
    .cc = "riscv64-linux-gnu-gcc",
    .cc_flags =
        "-fPIC -march=rv64ima_zicsr -mabi=lp64 -mcmodel=medany -mno-relax "
        "-msmall-data-limit=0",
    .elf_machine = EM_RISCV,
    .float_bits = float_bits,
    .bits = 64,
    .max_insn = LEN_PAIR,
    .insn_align = LEN_SHORT,
    .order = ORDER_LITTLE,
    .page = 4096,
    .data_reach = INT32_MAX - 0x800,
    .init_by_array = true,
    .regs = regs,
    .reg_count = REG_COUNT,
    .uregs = uregs,
    .ureg_count = COUNT_OF(uregs),
    .abi =
        {
            .args = {A0, A1, A2, A3, A4, A5, A6, A7},
            .float_args = 8,
            .float_forms = float_forms,
            .kept_by_library = REG_BIT(VECTOR),
            .first_stack_arg = 0,
            .stack_arg_step = 8,
            .passing = PASSING_RISCV,
            .result = A0,
            .result_at = A0,
            .results = {A0, A1, REG_NONE},
            .syscall_number = A7,
            .syscall_args = {A0, A1, A2, A3, A4, A5},
            .syscall_result = A0,
            .sp = SP,
            .fp = S0,
            .flags = REG_NONE,
            .scratch = T6,
            .red_zone = 0,
            .general = 0xfffffffe,
            .caller_saved = CALLER_SAVED,
            .lost_by_most = CALLER_SAVED,
            .unwound = REG_BIT(RA) | REG_BIT(S0) | REG_BIT(S1) |
                       (REG_BIT(T3) - REG_BIT(S2)),
            .temporaries = TEMPORARIES,
            .spared = ARGUMENTS,
            // Stubs of imports.
            .lost_by_calls = REG_BIT(T1) | REG_BIT(T3),
            .reservation = REG_BIT(RESERVATION),
            .stack_align = 16,
            .wide_float = WIDE_FLOAT_QUAD,
            .flag_parts = 0,
            .return_off = 0,
            .link = RA,
        },
    .bases = bases,
    .base_count = COUNT_OF(bases),
    .guards = 1 | 4, // landing pads, with labels or without
    .jumps = jumps,
    .jump_count = COUNT_OF(jumps),
    .relative_reloc = R_RISCV_RELATIVE,
    .word_reloc = R_RISCV_64,
    .relocs = relocs,
    .library_relocs = library_relocs,
    .tables = tables,
    .is_second_half = is_second_half,
    .padding_byte = 0, // an instruction that is illegal for ever
    .variants = NULL,
    .syscalls = riscv_syscalls,
    .decode = riscv_decode,
    .read_operand = riscv_read_operand,
    .brief = riscv_brief,
    .is_usual = riscv_is_usual,
    .move = riscv_move,
    .jump = riscv_jump,
    .skip_unless_taken = riscv_skip_unless_taken,
    .skip_unless_equal = riscv_skip_unless_equal,
    .skip_unless_below = riscv_skip_unless_below,
    .landing = riscv_landing,
    .ret = riscv_ret,
    .call_to_jump = riscv_call_to_jump,
    .call = riscv_call,
    .push_address = riscv_push_address,
    .set_link = riscv_set_link,
    .save = riscv_save,
    .restore = riscv_restore,
    .saved_at = riscv_saved_at,
    .load_address = riscv_load_address,
    .load_place = riscv_load_place,
    .load_word = riscv_load_word,
};
