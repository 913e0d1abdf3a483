// t32.c: the instructions of T32 as rows, after the encoding diagrams of the
// Arm Architecture Reference Manual (ARMv7-A, chapter A6; ARMv8-A, F3).
//
// Letters of fields mean the same in all rows, those of A32 too:
//
//     n m s a    registers that are read: base or first, second, shift, addend
//     d e        destination, and the lower half of a long one
//     t v        what a load or store transfers, and the second of a pair
//     l r        a list of registers, and whether it has lr or pc
//     f          S: set the flags
//     p u w      index before, upwards, write back
//     c          condition
//     i j k h    parts of an immediate, from the left
//
// In the columns of what is read and written there may also stand
//
//     N          the base `n`, where it is written back
//     S R        sp; lr
//     2          the register behind `t`
//     C          read: the carry
//     F          all flags; if the row has an `f`, written if that is set
//     Z          written: N and Z, while C is changed or left alone (a shift by
//                a register of zero leaves it); likewise
//     X          the state of floating point and vectors, which an
//                instruction that reads it may change; x: that does not
//     Y          the reservation of ldrex
//
// An instruction of 16 bits that sets a register sets flags outside of an IT
// block only.

#include "arch/arm/arm.h"

#define ROW(pattern, form, reads, writes)                                      \
    {BITPAT16(pattern), form, reads, writes}
#define END {{NULL, 0, 0}, 0, NULL, NULL}

static const struct bitrow narrow[] = {
    ROW("0000000000mmmddd", FORM_MOVE, "m", "dZ"),  // movs
    ROW("00000iiiiimmmddd", FORM_PLAIN, "m", "dZ"), // lsl
    ROW("00001iiiiimmmddd", FORM_PLAIN, "m", "dZ"), // lsr
    ROW("00010iiiiimmmddd", FORM_PLAIN, "m", "dZ"), // asr
    ROW("0001100mmmnnnddd", FORM_PLAIN, "nm", "dF"),
    ROW("0001101mmmnnnddd", FORM_PLAIN, "nm", "dF"),
    ROW("000111.iiinnnddd", FORM_PLAIN, "n", "dF"),
    ROW("00100dddiiiiiiii", FORM_CONST, "", "dZ"),
    ROW("00101nnniiiiiiii", FORM_COMPARE, "n", "F"), // cmp
    ROW("0011.dddiiiiiiii", FORM_PLAIN, "d", "dF"),
    ROW("0100000101mmmddd", FORM_PLAIN, "dmC", "dF"), // adc
    ROW("0100000110mmmddd", FORM_PLAIN, "dmC", "dF"), // sbc
    ROW("0100001000mmmnnn", FORM_PLAIN, "nm", "Z"),   // tst
    ROW("0100001001mmmddd", FORM_PLAIN, "m", "dF"),   // rsb
    ROW("010000101.mmmnnn", FORM_PLAIN, "nm", "F"),   // cmp, cmn
    ROW("0100001111mmmddd", FORM_PLAIN, "m", "dZ"),   // mvn
    ROW("010000....mmmddd", FORM_PLAIN, "dm", "dZ"),
    ROW("01000100dmmmmddd", FORM_ADD_HIGH, "dm", "d"),
    ROW("01000101nmmmmnnn", FORM_PLAIN, "nm", "F"),
    ROW("01000110dmmmmddd", FORM_MOVE, "m", "d"),
    ROW("010001110mmmm...", FORM_BX, "m", ""),
    ROW("010001111mmmm...", FORM_CALL_REG, "m", "R"),
    ROW("01001tttiiiiiiii", FORM_LITERAL, "", "t"),
    ROW("0101000mmmnnnttt", FORM_MEMORY, "nmt", ""), // str, strh, strb
    ROW("0101001mmmnnnttt", FORM_MEMORY, "nmt", ""),
    ROW("0101010mmmnnnttt", FORM_MEMORY, "nmt", ""),
    ROW("0101...mmmnnnttt", FORM_LOAD, "nm", "t"),
    ROW("011.0iiiiinnnttt", FORM_MEMORY, "nt", ""),
    ROW("011.1iiiiinnnttt", FORM_LOAD, "n", "t"),
    ROW("10000iiiiinnnttt", FORM_MEMORY, "nt", ""),
    ROW("10001iiiiinnnttt", FORM_LOAD, "n", "t"),
    ROW("10010tttiiiiiiii", FORM_MEMORY, "St", ""),
    ROW("10011tttiiiiiiii", FORM_LOAD, "S", "t"),
    ROW("10100dddiiiiiiii", FORM_ADR, "", "d"),
    ROW("10101dddiiiiiiii", FORM_SP_ADDRESS, "S", "d"),
    ROW("10110000oiiiiiii", FORM_SP_STEP, "S", "S"),
    ROW("1011o0i1iiiiinnn", FORM_COMPARE_ZERO, "n", ""),
    ROW("10110010..mmmddd", FORM_PLAIN, "m", "d"), // sxth and its kin
    ROW("1011010rllllllll", FORM_PUSH, "S", "S"),
    ROW("10110110010.....", FORM_SYSTEM, "", ""), // setend
    ROW("10110110011.....", FORM_SYSTEM, "", ""), // cps
    ROW("1011101010......", FORM_TRAP, "", ""),   // hlt
    ROW("10111010..mmmddd", FORM_PLAIN, "m", "d"),
    ROW("1011110rllllllll", FORM_POP, "S", "S"),
    ROW("10111110........", FORM_TRAP, "", ""), // bkpt
    ROW("1011111100000000", FORM_NOP, "", ""),
    ROW("10111111....0000", FORM_PLAIN, "", ""), // yield and its kin
    ROW("10111111cccciiii", FORM_IT, "", ""),
    ROW("11000nnnllllllll", FORM_LIST, "nl", "N"),
    ROW("11001nnnllllllll", FORM_LOW_LIST, "n", "l"),
    ROW("11011110........", FORM_TRAP, "", ""), // udf
    ROW("11011111........", FORM_SYSCALL, "", ""),
    ROW("1101cccciiiiiiii", FORM_BRANCH_COND, "", ""),
    ROW("11100iiiiiiiiiii", FORM_BRANCH, "", ""),
    END,
};

#undef ROW
#define ROW(pattern, form, reads, writes)                                      \
    {BITPAT32(pattern), form, reads, writes}

// 1110 100: lists, pairs, exclusives, tables.
static const struct bitrow lists[] = {
    ROW("1110100010w0nnnnllllllllllllllll", FORM_LIST, "nl", "N"),
    ROW("1110100010w1nnnnllllllllllllllll", FORM_LIST, "n", "lN"),
    ROW("1110100100w0nnnnllllllllllllllll", FORM_LIST, "nl", "N"),
    ROW("1110100100w1nnnnllllllllllllllll", FORM_LIST, "n", "lN"),
    ROW("1110100.00......................", FORM_SYSTEM, "", ""), // srs, rfe
    ROW("1110100.10......................", FORM_SYSTEM, "", ""),
    ROW("111010000100nnnnttttddddiiiiiiii", FORM_STORE_EXCLUSIVE, "ntY", "dY"),
    ROW("111010000101nnnntttt1111iiiiiiii", FORM_EXCLUSIVE, "n", "tY"),
    ROW("111010001101nnnn11110000000immmm", FORM_TABLE, "nm", ""),
    ROW("111010001100nnnnttttvvvv0111dddd", FORM_STORE_EXCLUSIVE, "ntvY", "dY"),
    ROW("111010001100nnnntttt11110100dddd", FORM_STORE_EXCLUSIVE, "ntY", "dY"),
    ROW("111010001100nnnntttt11110101dddd", FORM_STORE_EXCLUSIVE, "ntY", "dY"),
    ROW("111010001101nnnnttttvvvv01111111", FORM_EXCLUSIVE, "n", "tvY"),
    ROW("111010001101nnnntttt1111010.1111", FORM_EXCLUSIVE, "n", "tY"),
    ROW("111010001100nnnntttt111110..1111", FORM_MEMORY, "nt", ""), // stl
    ROW("111010001101nnnntttt111110..1111", FORM_LOAD, "n", "t"),   // lda
    ROW("111010001100nnnnttttvvvv1111dddd", FORM_STORE_EXCLUSIVE, "ntvY", "dY"),
    ROW("111010001100nnnntttt111111..dddd", FORM_STORE_EXCLUSIVE, "ntY", "dY"),
    ROW("111010001101nnnnttttvvvv11111111", FORM_EXCLUSIVE, "n", "tvY"),
    ROW("111010001101nnnntttt111111..1111", FORM_EXCLUSIVE, "n", "tY"),
    ROW("11101000u110nnnnttttvvvviiiiiiii", FORM_MEMORY, "ntv", "N"),
    ROW("11101001u1w0nnnnttttvvvviiiiiiii", FORM_MEMORY, "ntv", "N"),
    ROW("1110100pu1w1nnnnttttvvvviiiiiiii", FORM_LOAD, "n", "tvN"),
    END,
};

// 1110 101: two registers, the second one shifted.
static const struct bitrow shifted[] = {
    ROW("111010100001nnnn.jjj1111kk..mmmm", FORM_PLAIN, "nm", "Z"), // tst
    ROW("11101010010f11110000dddd0000mmmm", FORM_MOVE, "m", "dZ"),
    ROW("11101010010f1111.000dddd0011mmmm", FORM_PLAIN, "mC", "dZ"), // rrx
    ROW("11101010010f1111.jjjddddkk..mmmm", FORM_PLAIN, "m", "dZ"),
    ROW("11101010011f1111.jjjddddkk..mmmm", FORM_PLAIN, "m", "dZ"), // mvn
    ROW("111010101001nnnn.jjj1111kk..mmmm", FORM_PLAIN, "nm", "Z"), // teq
    ROW("111010101100nnnn.jjjddddkk.0mmmm", FORM_PLAIN, "nm", "d"), // pkh
    ROW("111010110001nnnn.jjj1111kk..mmmm", FORM_PLAIN, "nm", "F"), // cmn
    ROW("111010111011nnnn.jjj1111kk..mmmm", FORM_PLAIN, "nm", "F"), // cmp
    ROW("11101010000fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dZ"),
    ROW("11101010001fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dZ"), // bic
    ROW("1110101001.fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dZ"),
    ROW("11101010100fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dZ"), // eor
    ROW("11101011000fnnnn0000dddd0000mmmm", FORM_ADD, "nm", "dF"),
    ROW("11101011000fnnnn0jjjddddkk00mmmm", FORM_ADD_SHIFTED, "nm", "dF"),
    ROW("11101011000fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dF"),
    ROW("1110101101.fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nmC", "dF"),
    ROW("11101011101fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dF"), // sub
    ROW("11101011110fnnnn.jjjddddkk..mmmm", FORM_PLAIN, "nm", "dF"), // rsb
    END,
};

// 1111 0, the second halfword without its highest bit: a constant.
static const struct bitrow constants[] = {
    ROW("11110i000001nnnn0jjj1111kkkkkkkk", FORM_PLAIN, "n", "Z"), // tst
    ROW("11110i00000fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("11110i00001fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("11110i00010f11110jjjddddkkkkkkkk", FORM_CONST, "", "dZ"),
    ROW("11110i00010fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("11110i00011f11110jjjddddkkkkkkkk", FORM_CONST_NOT, "", "dZ"),
    ROW("11110i00011fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("11110i001001nnnn0jjj1111kkkkkkkk", FORM_PLAIN, "n", "Z"), // teq
    ROW("11110i00100fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("11110i010001nnnn0jjj1111kkkkkkkk", FORM_PLAIN, "n", "F"), // cmn
    ROW("11110i01000fnnnn0jjjddddkkkkkkkk", FORM_ADD_CONST, "n", "dF"),
    ROW("11110i0101.fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "nC", "dF"),
    ROW("11110i011011nnnn0jjj1111kkkkkkkk", FORM_COMPARE, "n", "F"), // cmp
    ROW("11110i01101fnnnn0jjjddddkkkkkkkk", FORM_SUB_CONST, "n", "dF"),
    ROW("11110i01110fnnnn0jjjddddkkkkkkkk", FORM_PLAIN, "n", "dF"),
    ROW("11110i100000nnnn0jjjddddkkkkkkkk", FORM_ADD_WIDE, "n", "d"),
    ROW("11110i101010nnnn0jjjddddkkkkkkkk", FORM_SUB_WIDE, "n", "d"),
    ROW("11110i100100hhhh0jjjddddkkkkkkkk", FORM_WIDE, "", "d"),
    ROW("11110i101100hhhh0jjjddddkkkkkkkk", FORM_TOP, "d", "d"),    // movt
    ROW("11110011011011110...dddd........", FORM_PLAIN, "d", "d"),  // bfc
    ROW("111100110110nnnn0...dddd........", FORM_PLAIN, "nd", "d"), // bfi
    ROW("1111001100.0nnnn0...dddd........", FORM_PLAIN, "n", "d"),  // ssat
    ROW("111100110100nnnn0...dddd........", FORM_PLAIN, "n", "d"),  // sbfx
    ROW("1111001110.0nnnn0...dddd........", FORM_PLAIN, "n", "d"),  // usat
    ROW("111100111100nnnn0...dddd........", FORM_PLAIN, "n", "d"),  // ubfx
    END,
};

// 1111 0, the second halfword with it: branches and control.
static const struct bitrow branches[] = {
    ROW("11110sjjjjjjjjjj11a1biiiiiiiiiii", FORM_CALL, "", "R"),
    ROW("11110sjjjjjjjjjj11a0biiiiiiiiii0", FORM_CALL_SWITCH, "", "R"),
    ROW("11110sjjjjjjjjjj10a1biiiiiiiiiii", FORM_BRANCH, "", ""),
    ROW("11110011101011111000000000000000", FORM_NOP, "", ""),
    ROW("11110011101011111000000000......", FORM_PLAIN, "", ""),  // yield, bti
    ROW("1111001110101111100000001111....", FORM_PLAIN, "", ""),  // dbg
    ROW("1111001110101111100001..........", FORM_SYSTEM, "", ""), // cps
    ROW("11110011101011111000001.........", FORM_SYSTEM, "", ""),
    ROW("111100111011111110001111000.1111", FORM_SYSTEM, "", ""), // enterx
    ROW("11110011101111111000111101..iiii", FORM_PLAIN, "", ""),  // barriers
    ROW("1111001110111111100011110010....", FORM_PLAIN, "", "Y"), // clrex
    ROW("111100111000nnnn10001k0000000000", FORM_MSR, "n", "F"),
    ROW("11110011100.nnnn10.0............", FORM_SYSTEM, "n", ""),
    ROW("111100111110111110.0dddd00000000", FORM_PLAIN, "F", "d"), // mrs
    ROW("11110011111.....10.0dddd........", FORM_SYSTEM, "", "d"),
    ROW("111100111100mmmm1000111100000000", FORM_BX, "m", ""), // bxj
    ROW("1111001111011110100011110.......", FORM_RETURN, "R", ""),
    ROW("11110011110111101000111110......", FORM_RETURN, "R", ""),
    ROW("11110011110111101000111111......", FORM_RETURN, "R", ""),
    ROW("111101111110....1000............", FORM_SYSTEM, "", ""), // hvc
    ROW("111101111111....1000............", FORM_SYSTEM, "", ""), // smc
    ROW("111101111111....1010............", FORM_TRAP, "", ""),   // udf
    ROW("11110.111.......10.0............", FORM_NONE, "", ""),
    ROW("11110sccccjjjjjj10a0biiiiiiiiiii", FORM_BRANCH_COND, "", ""),
    END,
};

// 1111 100: loads and stores of one register.
static const struct bitrow memory[] = {
    ROW("1111100001001111................", FORM_NONE, "", ""),
    ROW("1111100000.01111................", FORM_NONE, "", ""),
    ROW("111110001.00nnnnttttiiiiiiiiiiii", FORM_MEMORY, "nt", ""),
    ROW("1111100010.0nnnnttttiiiiiiiiiiii", FORM_MEMORY, "nt", ""),
    ROW("111110000100nnnntttt1puwiiiiiiii", FORM_MEMORY, "nt", "N"),
    ROW("1111100000.0nnnntttt1puwiiiiiiii", FORM_MEMORY, "nt", "N"),
    ROW("111110000100nnnntttt000000kkmmmm", FORM_MEMORY, "nmt", ""),
    ROW("1111100000.0nnnntttt000000kkmmmm", FORM_MEMORY, "nmt", ""),
    ROW("11111000u1011111ttttiiiiiiiiiiii", FORM_WIDE_LITERAL, "", "t"),
    ROW("111110001101nnnnttttiiiiiiiiiiii", FORM_LOAD, "n", "t"),
    ROW("111110000101nnnntttt1puwiiiiiiii", FORM_LOAD, "n", "tN"),
    ROW("111110000101nnnntttt000000kkmmmm", FORM_LOAD, "nm", "t"),
    // Without a destination: preloads.
    ROW("1111100..0.111111111............", FORM_PLAIN, "", ""),
    ROW("1111100.10.1nnnn1111iiiiiiiiiiii", FORM_MEMORY, "n", ""),
    ROW("1111100.00.1nnnn11111100iiiiiiii", FORM_MEMORY, "n", ""),
    ROW("1111100.00.1nnnn1111000000kkmmmm", FORM_MEMORY, "nm", ""),
    ROW("1111100.u0.11111ttttiiiiiiiiiiii", FORM_WIDE_LITERAL, "", "t"),
    ROW("1111100.10.1nnnnttttiiiiiiiiiiii", FORM_LOAD, "n", "t"),
    ROW("1111100.00.1nnnntttt1puwiiiiiiii", FORM_LOAD, "n", "tN"),
    ROW("1111100.00.1nnnntttt000000kkmmmm", FORM_LOAD, "nm", "t"),
    END,
};

// 1111 101: registers and products.
static const struct bitrow registers[] = {
    ROW("11111010000.11111111dddd1...mmmm", FORM_PLAIN, "m", "d"), // sxth
    ROW("11111010001.11111111dddd1...mmmm", FORM_PLAIN, "m", "d"),
    ROW("11111010010.11111111dddd1...mmmm", FORM_PLAIN, "m", "d"),
    ROW("11111010000.nnnn1111dddd1...mmmm", FORM_PLAIN, "nm", "d"), // sxtah
    ROW("11111010001.nnnn1111dddd1...mmmm", FORM_PLAIN, "nm", "d"),
    ROW("11111010010.nnnn1111dddd1...mmmm", FORM_PLAIN, "nm", "d"),
    ROW("111110100..fnnnn1111dddd0000mmmm", FORM_PLAIN, "nm", "dZ"), // lsl
    ROW("111110101...nnnn1111dddd0...mmmm", FORM_PLAIN, "nm", "d"),  // sadd8
    ROW("1111101010..nnnn1111dddd10..mmmm", FORM_PLAIN, "nm", "d"),  // rev
    ROW("11111010110.nnnn1111dddd10..mmmm", FORM_PLAIN, "nm", "d"),  // crc32
    ROW("111110110111nnnn1111dddd0000mmmm", FORM_PLAIN, "nm", "d"),  // usad8
    ROW("111110110000nnnn1111dddd0000mmmm", FORM_PLAIN, "nm", "d"),  // mul
    ROW("111110110...nnnn1111dddd00..mmmm", FORM_PLAIN, "nm", "d"),
    ROW("111110110...nnnnaaaadddd00..mmmm", FORM_PLAIN, "nma", "d"),
    ROW("1111101110.1nnnn1111dddd1111mmmm", FORM_PLAIN, "nm", "d"), // sdiv
    ROW("1111101110.0nnnneeeedddd0000mmmm", FORM_PLAIN, "nm", "de"),
    ROW("11111011110.nnnneeeedddd....mmmm", FORM_PLAIN, "nmde", "de"),
    ROW("111110111110nnnneeeedddd0..0mmmm", FORM_PLAIN, "nmde", "de"),
    END,
};

const struct bitrow *t32_narrow_row(uint32_t word) {
    return bitrow_find(narrow, word);
}

const struct bitrow *t32_wide_row(uint32_t word) {
    enum { HIGHEST_OF_SECOND = 0x8000 };
    switch (word >> 25) {
    case 0x74: return bitrow_find(lists, word);   // 1110 100
    case 0x75: return bitrow_find(shifted, word); // 1110 101
    case 0x78:                                    // 1111 0
    case 0x79:
    case 0x7a:
    case 0x7b:
        return bitrow_find(word & HIGHEST_OF_SECOND ? branches : constants,
                           word);
    case 0x7c: return bitrow_find(memory, word);    // 1111 100
    case 0x7d: return bitrow_find(registers, word); // 1111 101
    default: return NULL;
    }
}
