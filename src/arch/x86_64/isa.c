// isa.c: x86-64 as data: registers, the System V ABI on Linux, the ways to
// jump, and the relocations generated code may hold.
//
// Registers bear the numbers they have in instructions, which differ from
// those of DWARF (System V ABI, AMD64 supplement, figure 3.36). The status
// flags and the state of all vector units are one register each; the
// direction flag and other system flags do not count, since nothing that is
// inserted changes them.

#include <elf.h>

#include "arch/x86_64/x86_64.h"

static const struct reg regs[] = {
    [RAX] = {"rax", 0},
    [RCX] = {"rcx", 2},
    [RDX] = {"rdx", 1},
    [RBX] = {"rbx", 3},
    [RSP] = {"rsp", 7},
    [RBP] = {"rbp", 6},
    [RSI] = {"rsi", 4},
    [RDI] = {"rdi", 5},
    [R8] = {"r8", 8},
    [R9] = {"r9", 9},
    [R10] = {"r10", 10},
    [R11] = {"r11", 11},
    [R12] = {"r12", 12},
    [R13] = {"r13", 13},
    [R14] = {"r14", 14},
    [R15] = {"r15", 15},
    [FLAGS] = {"flags", REG_NONE},
    [VECTOR] = {"vector", REG_NONE},
};

_Static_assert(COUNT_OF(regs) == REG_COUNT, "a name for every register");

// In the order of Linux's struct pt_regs, as DTrace has it there. The segment
// registers are those of every 64-bit program.
static const struct ureg uregs[] = {
    {"R_R15", R15, 0},
    {"R_R14", R14, 0},
    {"R_R13", R13, 0},
    {"R_R12", R12, 0},
    {"R_RBP R_EBP R_FP", RBP, 0},
    {"R_RBX R_EBX R_R1", RBX, 0},
    {"R_R11", R11, 0},
    {"R_R10", R10, 0},
    {"R_R9", R9, 0},
    {"R_R8", R8, 0},
    {"R_RAX R_EAX R_R0", RAX, 0},
    {"R_RCX R_ECX", RCX, 0},
    {"R_RDX R_EDX", RDX, 0},
    {"R_RSI R_ESI", RSI, 0},
    {"R_RDI R_EDI", RDI, 0},
    {"R_ERR", UREG_UNKNOWN, 0},
    {"R_RIP R_EIP R_PC", UREG_PC, 0},
    {"R_CS", REG_NONE, 0x33},
    {"R_RFL R_EFL R_PS", UREG_UNKNOWN, 0},
    {"R_RSP R_ESP R_SP", RSP, 0},
    {"R_SS", REG_NONE, 0x2b},
    {"R_DS", REG_NONE, 0},
    {"R_ES", REG_NONE, 0},
    {"R_FS", REG_NONE, 0},
    {"R_GS", REG_NONE, 0},
    {"R_TRAPNO", UREG_UNKNOWN, 0},
};

// JMP rel8 and rel32 count from their own end. A kernel or a large code model
// may need more than 2 GB; whoever asks then gets no reach.
static const struct reach jumps[] = {
    {.len = 2, .min = INT8_MIN + 2, .max = INT8_MAX + 2},
    {.len = 5, .min = (int64_t)INT32_MIN + 5, .max = (int64_t)INT32_MAX + 5},
};

// Absolute relocations are missing on purpose: the image may be loaded
// anywhere.
static const struct reloc_row relocs[] = {
    {R_X86_64_PC32, "R_X86_64_PC32", 4, true, true, NULL},
    {R_X86_64_PLT32, "R_X86_64_PLT32", 4, true, true, NULL},
    {R_X86_64_PC64, "R_X86_64_PC64", 8, true, true, NULL},
    {0, NULL, 0, false, false, NULL},
};

static const struct library_reloc library_relocs[] = {
    {.row = {R_X86_64_64, "R_X86_64_64", 8, false, false, NULL},
     .is_absolute = true},
    {.row = {R_X86_64_32, "R_X86_64_32", 4, false, false, NULL},
     .is_absolute = true},
    {.row = {R_X86_64_32S, "R_X86_64_32S", 4, false, true, NULL},
     .is_absolute = true},
    {.row = {R_X86_64_GOTPCREL, "R_X86_64_GOTPCREL", 4, true, true, NULL},
     .by_word = true},
    {.row = {R_X86_64_GOTPCRELX, "R_X86_64_GOTPCRELX", 4, true, true, NULL},
     .by_word = true},
    {.row = {R_X86_64_REX_GOTPCRELX, "R_X86_64_REX_GOTPCRELX", 4, true, true,
             NULL},
     .by_word = true},
    {.row = {0, NULL, 0, false, false, NULL}},
};

// The levels of the ABI's supplement, section 3.1.1; each includes the ones
// below it.
static const struct str *variants(size_t *count) {
    static const struct str levels[] = {
        {"x86-64-v4", 9}, {"x86-64-v3", 9}, {"x86-64-v2", 9}};
    size_t best = COUNT_OF(levels);
#ifdef __x86_64__
    if (__builtin_cpu_supports("x86-64-v4"))
        best = 0;
    else if (__builtin_cpu_supports("x86-64-v3"))
        best = 1;
    else if (__builtin_cpu_supports("x86-64-v2"))
        best = 2;
#endif
    *count = COUNT_OF(levels) - best;
    return levels + best;
}

// The last one is of the stack of x87, which a function leaves its result on:
// what stores one of that width takes it off.
static const struct float_form float_forms[] = {
    {.bytes = 8, .constraint = "=r", .text = "movq %xmm@, #"},
    {.bytes = 16, .constraint = "r", .text = "movups %xmm@, (#)"},
    {.bytes = 10,
     .constraint = "r",
     .text = "fxsave (#)",
     .room = 512,
     .first = 32,
     .step = 16},
    {0},
};

const struct arch arch_x86_64 = {
    .name = "x86_64",
    .triple = "x86_64-unknown-linux-gnu",
    .cpu = "x86-64",
    .features = "-x87,-mmx,-sse,-sse2,-avx,-avx2,-avx512f",
    .cc = "gcc",
    .cc_flags = "-m64 -fPIC -mgeneral-regs-only -mno-red-zone "
                "-fcf-protection=none",
    .elf_machine = EM_X86_64,
    .bits = 64,
    .max_insn = MAX_INSN,
    .insn_align = 1,
    .order = ORDER_LITTLE,
    .data_reach = INT32_MAX,
    .page = 4096,
    .regs = regs,
    .reg_count = REG_COUNT,
    .uregs = uregs,
    .ureg_count = COUNT_OF(uregs),
    .abi =
        {
            .args = {RDI, RSI, RDX, RCX, R8, R9, REG_NONE, REG_NONE},
            .float_args = 8,
            .float_forms = float_forms,
            .passing = PASSING_X86_64,
            .first_stack_arg = 8,
            .stack_arg_step = 8,
            .result = RAX,
            .result_at = RDI,
            .results = {RAX, RDX, REG_NONE},
            .syscall_number = RAX,
            .syscall_args = {RDI, RSI, RDX, R10, R8, R9},
            .syscall_result = RAX,
            .sp = RSP,
            .fp = RBP,
            .flags = FLAGS,
            .scratch = R11,
            .red_zone = 128,
            .general = 0xffff,
            .caller_saved = REG_BIT(RAX) | REG_BIT(RCX) | REG_BIT(RDX) |
                            REG_BIT(RSI) | REG_BIT(RDI) | REG_BIT(R8) |
                            REG_BIT(R9) | REG_BIT(R10) | REG_BIT(R11) |
                            REG_BIT(FLAGS),
            .lost_by_most = REG_BIT(RAX) | REG_BIT(R11) | REG_BIT(FLAGS),
            .stack_align = 8,
            .flag_parts = X86_FLAG_PARTS,
            .return_off = 0,
            .link = REG_NONE,
        },
    .jumps = jumps,
    .jump_count = COUNT_OF(jumps),
    .relative_reloc = R_X86_64_RELATIVE,
    .word_reloc = R_X86_64_64,
    .relocs = relocs,
    .tables = arch_plain_tables,
    .library_relocs = library_relocs,
    .padding_byte = 0xcc, // int3
    .variants = variants,
    .syscalls = x86_syscalls,
    .decode = x86_decode,
    .read_operand = x86_read_operand,
    .brief = x86_brief,
    .is_usual = x86_is_usual,
    .move = x86_move,
    .jump = x86_jump,
    .skip_unless_taken = x86_skip_unless_taken,
    .skip_unless_equal = x86_skip_unless_equal,
    .skip_unless_below = x86_skip_unless_below,
    .ret = x86_ret,
    .call_to_jump = x86_call_to_jump,
    .call = x86_call,
    .push_address = x86_push_address,
    .save = x86_save,
    .restore = x86_restore,
    .saved_at = x86_saved_at,
    .load_address = x86_load_address,
    .load_place = x86_load_place,
    .load_word = x86_load_word,
    .lock_prefix = x86_lock_prefix,
    .locked_byte = 0xf0,   // LOCK
    .unlocked_byte = 0x3e, // DS, which has no effect on data of our own
};
