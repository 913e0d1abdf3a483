// table.c: the instructions of AArch64 as the Arm Architecture Reference Manual
// draws them (DDI 0487, chapter C4), with the registers they read and write.
//
// Complete is what mentions the pc or changes control. Of the rest, common
// instructions are described to the register; whole classes that touch nothing
// but vector registers have a row each. What no row knows (SVE, SME, and what
// came later than this table) is taken to use all registers, and may be moved
// all the same, for it has no means to mention its address.
//
// The tables are cut by bits 28 to 25, as the manual cuts the encoding space.

#include "arch/aarch64/aarch64.h"

// flat: tables.
// clang-format off

// 100x: data processing, immediate
static const struct bitrow immediate[] = {
    {BITPAT32("0jj10000iiiiiiiiiiiiiiiiiiiddddd"), FORM_ADR, "", "d"},
    {BITPAT32("1jj10000iiiiiiiiiiiiiiiiiiiddddd"), FORM_ADRP, "", "d"},
    // add, adds, sub, subs
    {BITPAT32("w00100010hiiiiiiiiiiiiNNNNNDDDDD"), FORM_ADD, "N", "D"},
    {BITPAT32("w10100010hiiiiiiiiiiiiNNNNNDDDDD"), FORM_SUB, "N", "D"},
    {BITPAT32("w.1100010.............NNNNNddddd"), FORM_PLAIN, "N", "d*"},
    // addg, subg; smax, smin, umax, umin
    {BITPAT32("1.01000110......00....NNNNNDDDDD"), FORM_PLAIN, "N", "D"},
    {BITPAT32("w001000111............nnnnnddddd"), FORM_PLAIN, "n", "d"},
    // orr as a move; ands; and, orr, eor
    {BITPAT32("w01100100bjjjjjjiiiiii11111DDDDD"), FORM_MASK, "", "D"},
    {BITPAT32("w11100100.............nnnnnddddd"), FORM_PLAIN, "n", "d*"},
    {BITPAT32("w..100100.............nnnnnDDDDD"), FORM_PLAIN, "n", "D"},
    {BITPAT32("w00100101hhiiiiiiiiiiiiiiiiddddd"), FORM_MOVN, "", "d"},
    {BITPAT32("w10100101hhiiiiiiiiiiiiiiiiddddd"), FORM_MOVZ, "", "d"},
    {BITPAT32("w11100101hhiiiiiiiiiiiiiiiiddddd"), FORM_MOVK, "d", "d"},
    // bfm; sbfm, ubfm; extr
    {BITPAT32("w01100110.............nnnnnddddd"), FORM_PLAIN, "nd", "d"},
    {BITPAT32("w.0100110.............nnnnnddddd"), FORM_PLAIN, "n", "d"},
    {BITPAT32("w00100111.0mmmmm......nnnnnddddd"), FORM_PLAIN, "nm", "d"},
    // autiasppc, autibsppc
    {BITPAT32("111100111......................."), FORM_FIXED, "#", "#"},
    {{0}, 0, "", ""},
};

// 101x: branches, exceptions, system
static const struct bitrow branches[] = {
    {BITPAT32("000101iiiiiiiiiiiiiiiiiiiiiiiiii"), FORM_JUMP, "", ""},
    {BITPAT32("100101iiiiiiiiiiiiiiiiiiiiiiiiii"), FORM_CALL, "", "L"},
    {BITPAT32("01010100iiiiiiiiiiiiiiiiiii.cccc"), FORM_CONDITION, "?", ""},
    {BITPAT32("w011010oiiiiiiiiiiiiiiiiiiittttt"), FORM_ZERO, "t", ""},
    {BITPAT32("b011011obbbbbiiiiiiiiiiiiiittttt"), FORM_BIT, "t", ""},
    {BITPAT32(".111010...........iiiiiiiii....."), FORM_COMPARE, "#", ""},
    // br, blr, ret; the same with authentication, by zero and by a register
    {BITPAT32("1101011000011111000000nnnnn00000"), FORM_JUMP_REG, "n", ""},
    {BITPAT32("1101011000111111000000nnnnn00000"), FORM_CALL_REG, "n", "L"},
    {BITPAT32("1101011001011111000000nnnnn00000"), FORM_RETURN, "n", ""},
    {BITPAT32("110101100001111100001.nnnnn11111"), FORM_JUMP_REG, "n", ""},
    {BITPAT32("110101100011111100001.nnnnn11111"), FORM_CALL_REG, "n", "L"},
    {BITPAT32("110101110001111100001.nnnnnMMMMM"), FORM_JUMP_REG, "nM", ""},
    {BITPAT32("110101110011111100001.nnnnnMMMMM"), FORM_CALL_REG, "nM", "L"},
    {BITPAT32("110101100101111100001.1111111111"), FORM_RETURN, "LS", ""},
    {BITPAT32("110101100101111100001.11111mmmmm"), FORM_RETURN, "LSm", ""},
    // retaasppc, retabsppc; eret, drps
    {BITPAT32("0101010100......................"), FORM_RETURN_FIXED, "#", ""},
    {BITPAT32("1101011010.11111................"), FORM_RETURN_FIXED, "#", ""},
    // svc, hvc, smc; brk, hlt; tcancel; dcps
    {BITPAT32("11010100000................00001"), FORM_SYSCALL, "", ""},
    {BITPAT32("11010100000................000.."), FORM_KERNEL, "#", "#"},
    {BITPAT32("11010100001000000000000000000000"), FORM_TRAP_FILL, "", ""},
    {BITPAT32("11010100001................00000"), FORM_TRAP, "", ""},
    {BITPAT32("11010100010iiiiiiiiiiiiiiii00000"), FORM_HALT, "", ""},
    {BITPAT32("11010100.11................00000"), FORM_KERNEL, "#", "#"},
    {BITPAT32("11010100101................000.."), FORM_KERNEL, "#", "#"},
    // hints: nop; xpaclri; pacia1716 to autib1716; chkfeat
    {BITPAT32("11010101000000110010000000011111"), FORM_NOP, "", ""},
    {BITPAT32("11010101000000110010000011111111"), FORM_PLAIN, "L", "L"},
    {BITPAT32("110101010000001100100001..011111"), FORM_PLAIN, "PQ", "Q"},
    {BITPAT32("11010101000000110010010100011111"), FORM_PLAIN, "P", "P"},
    // paciasp, pacibsp; paciaz to autibsp; bti; others
    {BITPAT32("1101010100000011001000110.111111"), FORM_LANDING, "LS", "L"},
    {BITPAT32("110101010000001100100011...11111"), FORM_PLAIN, "LS", "L"},
    {BITPAT32("110101010000001100100100..011111"), FORM_LANDING, "", ""},
    {BITPAT32("11010101000000110010.......11111"), FORM_PLAIN, "", ""},
    // wfet, wfit; clrex; barriers; cfinv; xaflag, axflag; msr of a constant
    {BITPAT32("11010101000000110001000000.ttttt"), FORM_PLAIN, "t", ""},
    {BITPAT32("11010101000000110011....01011111"), FORM_PLAIN, "", "!"},
    {BITPAT32("11010101000000110011............"), FORM_PLAIN, "", ""},
    {BITPAT32("11010101000000000100....00011111"), FORM_PLAIN, "^", "^"},
    {BITPAT32("11010101000000000100....0..11111"), FORM_PLAIN, "*", "*"},
    {BITPAT32("11010101000000110100....01111111"), FORM_PLAIN, "$", "$"},
    {BITPAT32("1101010100000...0100.......11111"), FORM_KERNEL, "", ""},
    // nzcv, fpcr, fpsr, random numbers; ids; what belongs to EL0; the rest
    {BITPAT32("110101010001101101000010000ttttt"), FORM_PLAIN, "t", "*"},
    {BITPAT32("110101010011101101000010000ttttt"), FORM_PLAIN, "*", "t"},
    {BITPAT32("11010101000110110100010000.ttttt"), FORM_PLAIN, "t$", "$"},
    {BITPAT32("11010101001110110100010000.ttttt"), FORM_PLAIN, "$", "t"},
    {BITPAT32("11010101001110110010010000.ttttt"), FORM_PLAIN, "", "t*"},
    {BITPAT32("11010101001110000000.......ttttt"), FORM_PLAIN, "", "t"},
    {BITPAT32("1101010100011011...........ttttt"), FORM_PLAIN, "t", ""},
    {BITPAT32("1101010100111011...........ttttt"), FORM_PLAIN, "", "t"},
    {BITPAT32("110101010001...............ttttt"), FORM_KERNEL, "t", ""},
    {BITPAT32("110101010011...............ttttt"), FORM_KERNEL, "", "t"},
    // sys and sysl of EL0 (dc, ic); the rest
    {BITPAT32("1101010100001011...........ttttt"), FORM_PLAIN, "t", ""},
    {BITPAT32("1101010100101011...........ttttt"), FORM_PLAIN, "t", "t"},
    {BITPAT32("110101010.001..............ttttt"), FORM_KERNEL, "#", "#"},
    {BITPAT32("110101010.101..............ttttt"), FORM_KERNEL, "#", "#"},
    {{0}, 0, "", ""},
};

// x1x0: loads and stores
static const struct bitrow memory[] = {
    // unsigned offsets: prfm; str; ldr; of vectors
    {BITPAT32("1111100110............NNNNN....."), FORM_MEMORY, "N", ""},
    {BITPAT32("zz11100100iiiiiiiiiiiiNNNNNttttt"), FORM_STORE, "tN", ""},
    {BITPAT32("zz111001ooiiiiiiiiiiiiNNNNNttttt"), FORM_LOAD, "N", "t"},
    {BITPAT32("zz111101o0iiiiiiiiiiiiNNNNN....."), FORM_STORE, "N$", ""},
    {BITPAT32("zz111101o1iiiiiiiiiiiiNNNNN....."), FORM_STORE, "N", "$"},
    // pairs: stp, ldp; the same with a base that moves on; of vectors
    {BITPAT32("oo10100.00iiiiiiiuuuuuNNNNNttttt"), FORM_PAIR, "tuN", ""},
    {BITPAT32("oo10100.01iiiiiiiuuuuuNNNNNttttt"), FORM_PAIR, "N", "tu"},
    {BITPAT32("oo10100.10iiiiiiiuuuuuNNNNNttttt"), FORM_STEP_PAIR, "tuN", "N"},
    {BITPAT32("oo10100.11iiiiiiiuuuuuNNNNNttttt"), FORM_STEP_PAIR, "N", "tuN"},
    {BITPAT32("oo10110.00iiiiiii.....NNNNN....."), FORM_PAIR, "N$", ""},
    {BITPAT32("oo10110.01iiiiiii.....NNNNN....."), FORM_PAIR, "N", "$"},
    {BITPAT32("oo10110.1.iiiiiii.....NNNNN....."), FORM_STEP_PAIR, "N$", "N$"},
    // literals: prfm; ldr, ldrsw; of vectors
    {BITPAT32("11011000iiiiiiiiiiiiiiiiiii....."), FORM_LITERAL_HINT, "", ""},
    {BITPAT32("oo011000iiiiiiiiiiiiiiiiiiittttt"), FORM_LITERAL, "", "t"},
    {BITPAT32("oo011100iiiiiiiiiiiiiiiiiiittttt"), FORM_LITERAL_VECTOR, "", "$"},
    // signed offsets: prfum; stur, sttr; ldur, ldtr; with a moving base
    {BITPAT32("11111000100.........00NNNNN....."), FORM_MEMORY, "N", ""},
    {BITPAT32("..111000000iiiiiiiii.0NNNNNttttt"), FORM_NEAR, "tN", ""},
    {BITPAT32("..111000..0iiiiiiiii.0NNNNNttttt"), FORM_NEAR, "N", "t"},
    {BITPAT32("..111000000iiiiiiiii.1NNNNNttttt"), FORM_STEP_NEAR, "tN", "N"},
    {BITPAT32("..111000..0iiiiiiiii.1NNNNNttttt"), FORM_STEP_NEAR, "N", "tN"},
    {BITPAT32("..111100.00iiiiiiiii.0NNNNN....."), FORM_NEAR, "N$", ""},
    {BITPAT32("..111100.10iiiiiiiii.0NNNNN....."), FORM_NEAR, "N", "$"},
    {BITPAT32("..111100..0iiiiiiiii.1NNNNN....."), FORM_STEP_NEAR, "N$", "N$"},
    // a register as offset: prfm; str; ldr; of vectors
    {BITPAT32("11111000101mmmmm....10NNNNN....."), FORM_MEMORY, "mN", ""},
    {BITPAT32("..111000001mmmmm....10NNNNNttttt"), FORM_MEMORY, "tmN", ""},
    {BITPAT32("..111000..1mmmmm....10NNNNNttttt"), FORM_MEMORY, "mN", "t"},
    {BITPAT32("..111100..1mmmmm......NNNNN....."), FORM_MEMORY, "mN$", "$"},
    // ldraa, ldrab
    {BITPAT32("11111000..1.........01NNNNNttttt"), FORM_MEMORY, "N", "t"},
    {BITPAT32("11111000..1.........11NNNNNttttt"), FORM_MEMORY, "N", "tN"},
    // ldapr; swp; ld64b and its like; ldadd to ldumin, stadd and so on
    {BITPAT32("..111000101.....110000NNNNNttttt"), FORM_MEMORY, "N", "t"},
    {BITPAT32("..111000..1sssss100000NNNNNttttt"), FORM_MEMORY, "sN", "t"},
    {BITPAT32("..111000..1.....1...00.........."), FORM_OPAQUE, "#", "#"},
    {BITPAT32("..111000..1sssss0...00NNNNNttttt"), FORM_MEMORY, "sN", "t"},
    {BITPAT32("00011001..1uuuuu....00NNNNNttttt"), FORM_MEMORY, "tuN", "tu"},
    // stxr, stxp; casp; ldxr, ldxp; stlr, ldar; cas
    {BITPAT32("..001000000sssss......NNNNNttttt"), FORM_MEMORY, "tN!", "s"},
    {BITPAT32("1.001000001sssss.uuuuuNNNNNttttt"), FORM_MEMORY, "tuN!", "s"},
    {BITPAT32("0.0010000.1sssss.11111NNNNNttttt"), FORM_PAIRS, "stN", "s"},
    {BITPAT32("..001000010...........NNNNNttttt"), FORM_MEMORY, "N", "t!"},
    {BITPAT32("1.001000011......uuuuuNNNNNttttt"), FORM_MEMORY, "N", "tu!"},
    {BITPAT32("..001000100...........NNNNNttttt"), FORM_MEMORY, "tN", ""},
    {BITPAT32("..001000110...........NNNNNttttt"), FORM_MEMORY, "N", "t"},
    {BITPAT32("..0010001.1sssss.11111NNNNNttttt"), FORM_MEMORY, "stN", "s"},
    // stlur; ldapur; of vectors; stilp, ldiapp
    {BITPAT32("..011001000iiiiiiiii00NNNNNttttt"), FORM_NEAR, "tN", ""},
    {BITPAT32("..011001..0iiiiiiiii00NNNNNttttt"), FORM_NEAR, "N", "t"},
    {BITPAT32("..011101..0iiiiiiiii10NNNNN....."), FORM_NEAR, "N$", "$"},
    {BITPAT32("1.0110010.0uuuuu000.10NNNNNttttt"), FORM_MEMORY, "tuN", "tuN"},
    // set; cpy
    {BITPAT32("..011.01110sssss....01nnnnnddddd"), FORM_MEMORY, "snd*", "nd*"},
    {BITPAT32("..011.01..0sssss....01nnnnnddddd"), FORM_MEMORY, "snd*", "snd*"},
    // memory tags: ldg; stg; with a moving base; others
    {BITPAT32("11011001011.........00NNNNNttttt"), FORM_MEMORY, "tN", "t"},
    {BITPAT32("11011001..1.........10NNNNNTTTTT"), FORM_MEMORY, "TN", ""},
    {BITPAT32("11011001..1..........1NNNNNTTTTT"), FORM_MEMORY, "TN", "N"},
    {BITPAT32("11011001..1.........00NNNNNttttt"), FORM_KERNEL, "tN", "t"},
    // ld1 to ld4, st1 to st4, of vectors and of elements
    {BITPAT32("0.0011000.000000......NNNNN....."), FORM_MEMORY, "N$", "$"},
    {BITPAT32("0.0011001.0mmmmm......NNNNN....."), FORM_MEMORY, "Nm$", "N$"},
    {BITPAT32("0.0011010.............NNNNN....."), FORM_MEMORY, "N$", "$"},
    {BITPAT32("0.0011011..mmmmm......NNNNN....."), FORM_MEMORY, "Nm$", "N$"},
    {{0}, 0, "", ""},
};

// x101: data processing, register
static const struct bitrow registers[] = {
    // orr as a move; and to ands, orn as well; add, sub; adds, subs
    {BITPAT32("w0101010000mmmmm00000011111ddddd"), FORM_MOVE, "m", "d"},
    {BITPAT32("w1101010...mmmmm......nnnnnddddd"), FORM_PLAIN, "nm", "d*"},
    {BITPAT32("w..01010...mmmmm......nnnnnddddd"), FORM_PLAIN, "nm", "d"},
    {BITPAT32("w.001011..0mmmmm......nnnnnddddd"), FORM_PLAIN, "nm", "d"},
    {BITPAT32("w.101011..0mmmmm......nnnnnddddd"), FORM_PLAIN, "nm", "d*"},
    {BITPAT32("w.001011001mmmmm......NNNNNDDDDD"), FORM_PLAIN, "Nm", "D"},
    {BITPAT32("w.101011001mmmmm......NNNNNddddd"), FORM_PLAIN, "Nm", "d*"},
    // csel and its kin; ccmp, ccmn of a register and a constant
    {BITPAT32("w.011010100mmmmmcccc0.nnnnnddddd"), FORM_PLAIN, "nm?", "d"},
    {BITPAT32("w.111010010mmmmmcccc00nnnnn0...."), FORM_PLAIN, "nm?", "*"},
    {BITPAT32("w.111010010.....cccc10nnnnn0...."), FORM_PLAIN, "n?", "*"},
    // smulh, umulh; madd and so on
    {BITPAT32("10011011.10mmmmm0.....nnnnnddddd"), FORM_PLAIN, "nm", "d"},
    {BITPAT32("w0011011...mmmmm.aaaaannnnnddddd"), FORM_PLAIN, "nma", "d"},
    // subp; subps; irg; gmi; pacga; udiv, lslv, crc32 and so on
    {BITPAT32("10011010110MMMMM000000NNNNNddddd"), FORM_PLAIN, "NM", "d"},
    {BITPAT32("10111010110MMMMM000000NNNNNddddd"), FORM_PLAIN, "NM", "d*"},
    {BITPAT32("10011010110mmmmm000100NNNNNDDDDD"), FORM_PLAIN, "Nm", "D"},
    {BITPAT32("10011010110mmmmm000101NNNNNddddd"), FORM_PLAIN, "Nm", "d"},
    {BITPAT32("10011010110MMMMM001100nnnnnddddd"), FORM_PLAIN, "nM", "d"},
    {BITPAT32("w0011010110mmmmm......nnnnnddddd"), FORM_PLAIN, "nm", "d"},
    // rbit, clz and so on; paciza and so on; xpac; pacia and so on
    {BITPAT32("w101101011000000......nnnnnddddd"), FORM_PLAIN, "n", "d"},
    {BITPAT32("1101101011000001001...11111ddddd"), FORM_PLAIN, "d", "d"},
    {BITPAT32("110110101100000101000.11111ddddd"), FORM_PLAIN, "d", "d"},
    {BITPAT32("1101101011000001000...NNNNNddddd"), FORM_PLAIN, "dN", "d"},
    // paciasppc and so on
    {BITPAT32("1101101011000001................"), FORM_FIXED, "#", "#"},
    // adc, sbc; adcs, sbcs; rmif; setf8, setf16; addpt, subpt
    {BITPAT32("w.011010000mmmmm000000nnnnnddddd"), FORM_PLAIN, "nm^", "d"},
    {BITPAT32("w.111010000mmmmm000000nnnnnddddd"), FORM_PLAIN, "nm^", "d*"},
    {BITPAT32("10111010000......00001nnnnn0...."), FORM_PLAIN, "n*", "*"},
    {BITPAT32("00111010000000000.0010nnnnn01101"), FORM_PLAIN, "n*", "*"},
    {BITPAT32("1.011010000mmmmm001...NNNNNDDDDD"), FORM_PLAIN, "Nm", "D"},
    {{0}, 0, "", ""},
};

// x111: floating point and vectors
static const struct bitrow vectors[] = {
    // from one kind of register to the other: fjcvtzs; fcvt*; fmov; scvtf
    {BITPAT32("0001111001111110000000.....ddddd"), FORM_PLAIN, "$", "d*"},
    {BITPAT32("w0011110..1...0.000000.....ddddd"), FORM_PLAIN, "$", "d"},
    {BITPAT32("w0011110..1..110000000.....ddddd"), FORM_PLAIN, "$", "d"},
    {BITPAT32("w0011110..1..111000000nnnnn....."), FORM_PLAIN, "n$", "$"},
    {BITPAT32("w0011110..1..01.000000nnnnn....."), FORM_PLAIN, "n$", "$"},
    {BITPAT32("w0011110..01100............ddddd"), FORM_PLAIN, "$", "d"},
    {BITPAT32("w0011110..00001.......nnnnn....."), FORM_PLAIN, "n$", "$"},
    // fcmp; fccmp; fcsel
    {BITPAT32("00011110..1.....001000.........."), FORM_PLAIN, "$", "*"},
    {BITPAT32("00011110..1.....cccc01.........."), FORM_PLAIN, "$?", "*"},
    {BITPAT32("00011110..1.....cccc11.........."), FORM_PLAIN, "$?", "$"},
    // the others of floating point
    {BITPAT32("0001111...1.....000000.........."), FORM_OPAQUE, "#", "#"},
    {BITPAT32("0001111........................."), FORM_PLAIN, "$", "$"},
    // dup, ins, smov, umov
    {BITPAT32("0.001110000.....000011nnnnn....."), FORM_PLAIN, "n$", "$"},
    {BITPAT32("01001110000.....000111nnnnn....."), FORM_PLAIN, "n$", "$"},
    {BITPAT32("0.001110000.....001011.....ddddd"), FORM_PLAIN, "$", "d"},
    {BITPAT32("0.001110000.....001111.....ddddd"), FORM_PLAIN, "$", "d"},
    // all others: of vectors, of their elements, cryptography
    {BITPAT32("0..0111........................."), FORM_PLAIN, "$", "$"},
    {BITPAT32("01.1111........................."), FORM_PLAIN, "$", "$"},
    {BITPAT32("11001110........................"), FORM_PLAIN, "$", "$"},
    {{0}, 0, "", ""},
};

static const struct bitrow opaque[] = {
    // udf; SME, which shares the beginning; SVE: addvl, index, cntb, dup, lasta
    // and so on; psel; whilelt, cntp and so on; memory; all others
    {BITPAT32("00000000000000000000000000000000"), FORM_TRAP_FILL, "", ""},
    {BITPAT32("0000000000000000................"), FORM_TRAP_DATA, "", ""},
    {BITPAT32("1..0000........................."), FORM_OPAQUE, "#", "#"},
    {BITPAT32("00000100..1NNNNN0101.......DDDDD"), FORM_SCALABLE, "N", "D"},
    {BITPAT32("00000100..1mmmmm0100..nnnnn....."), FORM_SCALABLE, "nm$", "$"},
    {BITPAT32("00000100..1.....111........ddddd"), FORM_SCALABLE, "d$", "d$"},
    {BITPAT32("00000101..1.....001110NNNNN....."), FORM_SCALABLE, "N$", "$"},
    {BITPAT32("00000101..1.....101...NNNNNddddd"), FORM_SCALABLE, "Nd$", "d$"},
    {BITPAT32("00100101..1.....01....0....0...."), FORM_OPAQUE, "#", "#"},
    {BITPAT32("00100101..1mmmmm0.....nnnnn....."), FORM_SCALABLE, "nm*$", "*$"},
    {BITPAT32("00100101..10....10.........ddddd"), FORM_SCALABLE, "d*$", "d*$"},
    {BITPAT32("1010010.........1.1...NNNNN....."), FORM_SCALABLE, "N$", "$"},
    {BITPAT32("1110010.........111...NNNNN....."), FORM_SCALABLE, "N$", "$"},
    {BITPAT32("1..0010....mmmmm......NNNNN....."), FORM_SCALABLE, "mN$", "$"},
    {BITPAT32("0..0010........................."), FORM_SCALABLE, "*$", "*$"},
    {{0}, 0, "", ""},
};

static const struct bitrow unlisted = {
    BITPAT32("................................"), FORM_OPAQUE, "#", "#"};

// clang-format on

const struct bitrow *a64_find(uint32_t word) {
    const struct bitrow *rows;
    switch (word >> 25 & 15) {
    case 8:
    case 9: rows = immediate; break;
    case 10:
    case 11: rows = branches; break;
    case 4:
    case 6:
    case 12:
    case 14: rows = memory; break;
    case 5:
    case 13: rows = registers; break;
    case 7:
    case 15: rows = vectors; break;
    default: return bitrow_find(opaque, word);
    }
    const struct bitrow *row = bitrow_find(rows, word);
    return row ? row : &unlisted;
}
