// rows.c: RISC-V's instructions as bit patterns.
//
// After the unprivileged manual, "RV32/64G Instruction Set Listings" and "RVC
// Instruction Set Listings". Registers stand at the same place in all of them,
// so one row serves every instruction of a major opcode that does the same to
// registers; what is told apart is what control, the stack pointer, constants
// or liveness depend on. Tables are cut by major opcode, and those of 2 bytes
// by quadrant and funct3.
//
// An encoding that no row describes, reserved or a vendor's, has a length that
// is known and nothing else: FORM_UNKNOWN.

#include "arch/riscv/riscv.h"

// clang-format off: a table is read down its columns

static const struct bitrow load[] = {
    {BITPAT32(".................111.....0000011"), FORM_UNKNOWN, "", ""},
    {BITPAT32("iiiiiiiiiiiisssss...ddddd0000011"), FORM_MEMORY, "s", "d"},
    {{0}, 0, NULL, NULL}};

// Widths 000 and 101 to 111 are vectors; rs2 may be a stride.
static const struct bitrow load_fp[] = {
    {BITPAT32("iiiiiiiiiiiisssss001.....0000111"), FORM_MEMORY, "sV", "V"},
    {BITPAT32("iiiiiiiiiiiisssss010.....0000111"), FORM_MEMORY, "sV", "V"},
    {BITPAT32("iiiiiiiiiiiisssss011.....0000111"), FORM_MEMORY, "sV", "V"},
    {BITPAT32("iiiiiiiiiiiisssss100.....0000111"), FORM_MEMORY, "sV", "V"},
    {BITPAT32(".......tttttsssss........0000111"), FORM_MEMORY, "stV", "V"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow misc_mem[] = {
    {BITPAT32(".................000.....0001111"), FORM_PLAIN, "", ""}, // fence
    {BITPAT32(".................001.....0001111"), FORM_PLAIN, "", ""}, // fence.i
    {BITPAT32("000000000...sssss010000000001111"), FORM_MEMORY, "s", ""}, // cbo
    {BITPAT32(".........................0001111"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow op_imm[] = {
    {BITPAT32("00000000000000000000000000010011"), FORM_NOP, "", ""},
    {BITPAT32("iiiiiiiiiiii00000000ddddd0010011"), FORM_LOAD_LOW, "", "d"},
    {BITPAT32("iiiiiiiiiiiisssss000ddddd0010011"), FORM_ADD, "s", "d"},
    {BITPAT32("............sssss...ddddd0010011"), FORM_PLAIN, "s", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow auipc[] = {
    {BITPAT32("....................000000010111"), FORM_LANDING, "", ""}, // lpad
    {BITPAT32("iiiiiiiiiiiiiiiiiiiiddddd0010111"), FORM_AUIPC, "", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow op_imm_32[] = {
    {BITPAT32("iiiiiiiiiiii00000000ddddd0011011"), FORM_LOAD_LOW, "", "d"},
    {BITPAT32("............sssss000ddddd0011011"), FORM_PLAIN, "s", "d"},
    {BITPAT32("............sssss.01ddddd0011011"), FORM_PLAIN, "s", "d"},
    {BITPAT32(".........................0011011"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow store[] = {
    {BITPAT32("iiiiiiitttttsssss0..iiiii0100011"), FORM_MEMORY, "st", ""},
    {BITPAT32(".........................0100011"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow store_fp[] = {
    {BITPAT32("iiiiiii.....sssss001iiiii0100111"), FORM_MEMORY, "sV", ""},
    {BITPAT32("iiiiiii.....sssss010iiiii0100111"), FORM_MEMORY, "sV", ""},
    {BITPAT32("iiiiiii.....sssss011iiiii0100111"), FORM_MEMORY, "sV", ""},
    {BITPAT32("iiiiiii.....sssss100iiiii0100111"), FORM_MEMORY, "sV", ""},
    {BITPAT32(".......tttttsssss........0100111"), FORM_MEMORY, "stV", ""},
    {{0}, 0, NULL, NULL}};

// amocas compares with rd; of 128 bits it takes pairs of registers.
static const struct bitrow amo[] = {
    {BITPAT32("00010..00000sssss01.ddddd0101111"), FORM_RESERVE, "s", "d"},
    {BITPAT32("00011..tttttsssss01.ddddd0101111"), FORM_RELEASE, "st", "d"},
    {BITPAT32("00101..tttttsssss0..ddddd0101111"), FORM_MEMORY, "std", "d"},
    {BITPAT32("0000...tttttsssss0..ddddd0101111"), FORM_MEMORY, "st", "d"},
    {BITPAT32("01001..tttttsssss01.ddddd0101111"), FORM_MEMORY, "st", "d"},
    {BITPAT32("...00..tttttsssss0..ddddd0101111"), FORM_MEMORY, "st", "d"},
    {BITPAT32(".........................0101111"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow op[] = {
    {BITPAT32("000000000000sssss000ddddd0110011"), FORM_COPY, "s", "d"},
    {BITPAT32("0000000ttttt00000000ddddd0110011"), FORM_COPY, "t", "d"},
    {BITPAT32(".......tttttsssss...ddddd0110011"), FORM_PLAIN, "st", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow lui[] = {
    {BITPAT32("iiiiiiiiiiiiiiiiiiiiddddd0110111"), FORM_LOAD_HIGH, "", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow op_32[] = {
    {BITPAT32("000010000000sssss000ddddd0111011"), FORM_COPY_WORD, "s", "d"},
    {BITPAT32(".......tttttsssss...ddddd0111011"), FORM_PLAIN, "st", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow multiply_add[] = {
    {BITPAT32(".........................100..11"), FORM_PLAIN, "V", "V"},
    {{0}, 0, NULL, NULL}};

// Comparisons, conversions and moves to integers write rd; those from integers
// read rs1.
static const struct bitrow op_fp[] = {
    {BITPAT32("10100...............ddddd1010011"), FORM_PLAIN, "V", "dV"},
    {BITPAT32("11000...............ddddd1010011"), FORM_PLAIN, "V", "dV"},
    {BITPAT32("111000.00000.....000ddddd1010011"), FORM_PLAIN, "V", "d"},
    {BITPAT32("11100...............ddddd1010011"), FORM_PLAIN, "V", "dV"},
    {BITPAT32("11.10.......sssss........1010011"), FORM_PLAIN, "sV", "V"},
    {BITPAT32("10110..tttttsssss........1010011"), FORM_PLAIN, "stV", "V"},
    {BITPAT32(".........................1010011"), FORM_PLAIN, "V", "V"},
    {{0}, 0, NULL, NULL}};

// vset*; what moves or counts to an integer register; operands in rs1.
static const struct bitrow op_v[] = {
    {BITPAT32("1000000tttttsssss111ddddd1010111"), FORM_PLAIN, "stV", "dV"},
    {BITPAT32("11...............111ddddd1010111"), FORM_PLAIN, "V", "dV"},
    {BITPAT32("0...........sssss111ddddd1010111"), FORM_PLAIN, "sV", "dV"},
    {BITPAT32("1................111.....1010111"), FORM_UNKNOWN, "", ""},
    {BITPAT32("010000...........010ddddd1010111"), FORM_PLAIN, "V", "dV"},
    {BITPAT32("............sssss1.0.....1010111"), FORM_PLAIN, "sV", "V"},
    {BITPAT32(".........................1010111"), FORM_PLAIN, "V", "V"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow branch[] = {
    {BITPAT32(".................01......1100011"), FORM_UNKNOWN, "", ""},
    {BITPAT32("abbbbbbtttttsssssfffcccce1100011"), FORM_BRANCH, "st", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow jalr[] = {
    {BITPAT32("iiiiiiiiiiiisssss000ddddd1100111"), FORM_JALR, "s", "d"},
    {BITPAT32(".........................1100111"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow jal[] = {
    {BITPAT32("abbbbbbbbbbceeeeeeeeddddd1101111"), FORM_JAL, "", "d"},
    {{0}, 0, NULL, NULL}};

// unimp writes a register that cannot be written. May-be-operations (Zimop)
// are those of shadow stacks: they write zero, or read ra and t0.
static const struct bitrow system_[] = {
    {BITPAT32("00000000000000000000000001110011"), FORM_ECALL, "", ""},
    {BITPAT32("00000000000100000000000001110011"), FORM_EBREAK, "", ""},
    {BITPAT32("00.10000001000000000000001110011"), FORM_TRAP_RETURN, "", ""},
    {BITPAT32("11000000000000000001000001110011"), FORM_ILLEGAL, "", ""},
    {BITPAT32("1.00..0111..sssss100ddddd1110011"), FORM_PLAIN, "s", "d"},
    {BITPAT32("1.00..1tttttsssss100ddddd1110011"), FORM_PLAIN, "st", "d"},
    {BITPAT32("..................00.....1110011"), FORM_UNKNOWN, "", ""},
    {BITPAT32("iiiiiiiiiiiisssss0..ddddd1110011"), FORM_CSR, "s", "d"},
    {BITPAT32("iiiiiiiiiiii.....1..ddddd1110011"), FORM_CSR, "", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow vector_crypto[] = {
    {BITPAT32(".........................1110111"), FORM_PLAIN, "V", "V"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow vendor[] = {
    {BITPAT32("..............................11"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

// By bits 6 to 2. Four of them begin what is longer than 4 bytes.
static const struct bitrow *const majors[32] = {
    load,         load_fp,      vendor,    misc_mem, // 00
    op_imm,       auipc,        op_imm_32, NULL,
    store,        store_fp,     vendor,    amo, // 01
    op,           lui,          op_32,     NULL,
    multiply_add, multiply_add, multiply_add, multiply_add, // 10
    op_fp,        op_v,         vendor,    NULL,
    branch,       jalr,         vendor,    jal, // 11
    system_,      vector_crypto, vendor,   NULL,
};

// --- 2 bytes --------------------------------------------------------------

static const struct bitrow c_addi4spn[] = {
    {BITPAT16("0000000000000000"), FORM_ILLEGAL, "", ""},
    {BITPAT16("00000000000...00"), FORM_UNKNOWN, "", ""},
    {BITPAT16("000........DDD00"), FORM_PLAIN, "p", "D"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_fld[] = {
    {BITPAT16("001...SSS.....00"), FORM_MEMORY, "SV", "V"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_lw_ld[] = {
    {BITPAT16("01....SSS..DDD00"), FORM_MEMORY, "S", "D"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_bytes[] = { // Zcb
    {BITPAT16("10000.SSS..DDD00"), FORM_MEMORY, "S", "D"},
    {BITPAT16("100010SSS..TTT00"), FORM_MEMORY, "ST", ""},
    {BITPAT16("100011SSS0.TTT00"), FORM_MEMORY, "ST", ""},
    {BITPAT16("100...........00"), FORM_UNKNOWN, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_fsd[] = {
    {BITPAT16("101...SSS.....00"), FORM_MEMORY, "SV", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_sw_sd[] = {
    {BITPAT16("11....SSS..TTT00"), FORM_MEMORY, "ST", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_addi[] = {
    {BITPAT16("000.00000.....01"), FORM_NOP, "", ""},
    {BITPAT16("000idddddiiiii01"), FORM_ADD_SELF, "d", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_addiw[] = {
    {BITPAT16("001.00000.....01"), FORM_UNKNOWN, "", ""},
    {BITPAT16("001.ddddd.....01"), FORM_PLAIN, "d", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_li[] = {
    {BITPAT16("010idddddiiiii01"), FORM_LOAD_LOW, "", "d"},
    {{0}, 0, NULL, NULL}};

// The immediate of c.addi16sp comes in pieces: a is bit 9, b 8 to 7, c 6, e 5,
// f 4. Zcmop takes room where it would be zero.
static const struct bitrow c_lui[] = {
    {BITPAT16("01100...10000001"), FORM_PLAIN, "", ""},
    {BITPAT16("0110.....0000001"), FORM_UNKNOWN, "", ""},
    {BITPAT16("011a00010fcbbe01"), FORM_ADD_SP, "p", "p"},
    {BITPAT16("011idddddiiiii01"), FORM_LOAD_HIGH, "", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_arithmetic[] = {
    {BITPAT16("100.0.DDD.....01"), FORM_PLAIN, "D", "D"}, // srli, srai
    {BITPAT16("100.10DDD.....01"), FORM_PLAIN, "D", "D"}, // andi
    {BITPAT16("100011DDD..TTT01"), FORM_PLAIN, "DT", "D"}, // sub xor or and
    {BITPAT16("100111DDD0.TTT01"), FORM_PLAIN, "DT", "D"}, // subw, addw
    {BITPAT16("100111DDD10TTT01"), FORM_PLAIN, "DT", "D"}, // c.mul
    {BITPAT16("100111DDD11...01"), FORM_PLAIN, "D", "D"}, // c.zext.b ...
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_j[] = {
    {BITPAT16("101abccefghhhk01"), FORM_SHORT_J, "", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_branch[] = {
    {BITPAT16("11.abbSSScceef01"), FORM_SHORT_BRANCH, "S", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_slli[] = {
    {BITPAT16("000.ddddd.....10"), FORM_PLAIN, "d", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_fldsp[] = {
    {BITPAT16("001...........10"), FORM_MEMORY_SP, "pV", "V"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_lwsp_ldsp[] = {
    {BITPAT16("01..00000.....10"), FORM_UNKNOWN, "", ""},
    {BITPAT16("01..ddddd.....10"), FORM_MEMORY_SP, "p", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_registers[] = {
    {BITPAT16("1000000000000010"), FORM_UNKNOWN, "", ""},
    {BITPAT16("1000sssss0000010"), FORM_SHORT_JR, "s", ""},
    {BITPAT16("1000dddddttttt10"), FORM_COPY, "t", "d"},
    {BITPAT16("1001000000000010"), FORM_EBREAK, "", ""},
    {BITPAT16("1001sssss0000010"), FORM_SHORT_JALR, "s", ""},
    {BITPAT16("1001dddddttttt10"), FORM_PLAIN, "dt", "d"},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_fsdsp[] = {
    {BITPAT16("101...........10"), FORM_MEMORY_SP, "pV", ""},
    {{0}, 0, NULL, NULL}};

static const struct bitrow c_swsp_sdsp[] = {
    {BITPAT16("11.......ttttt10"), FORM_MEMORY_SP, "pt", ""},
    {{0}, 0, NULL, NULL}};

// By quadrant and funct3.
static const struct bitrow *const shorts[3][8] = {
    {c_addi4spn, c_fld, c_lw_ld, c_lw_ld, c_bytes, c_fsd, c_sw_sd, c_sw_sd},
    {c_addi, c_addiw, c_li, c_lui, c_arithmetic, c_j, c_branch, c_branch},
    {c_slli, c_fldsp, c_lwsp_ldsp, c_lwsp_ldsp, c_registers, c_fsdsp,
     c_swsp_sdsp, c_swsp_sdsp},
};

// clang-format on

bool riscv_read(const struct code *code, struct riscv_word *out) {
    const struct bitrow *rows;
    *out = (struct riscv_word){0};
    if (code->bytes.n < LEN_SHORT)
        return false;
    uint32_t word = code->bytes.p[0] | (uint32_t)code->bytes.p[1] << 8;
    if ((word & 3) != 3) {
        out->len = LEN_SHORT;
        rows = shorts[word & 3][word >> 13];
    } else {
        rows = majors[word >> 2 & 31];
        if (!rows || code->bytes.n < LEN_PLAIN)
            return false;
        out->len = LEN_PLAIN;
        word |= (uint32_t)code->bytes.p[2] << 16 | (uint32_t)code->bytes.p[3]
                                                       << 24;
    }
    out->word = word;
    out->row = bitrow_find(rows, word);
    return out->row != NULL;
}
