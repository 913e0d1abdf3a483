// a32.c: the instructions of A32 as rows, after the encoding diagrams of the
// Arm Architecture Reference Manual (ARMv7-A, chapter A5; ARMv8-A, F4), and
// those of the coprocessors, floating point and vectors, that T32 has in the
// same form. What letters and signs mean is said in t32.c.

#include "arch/arm/arm.h"

#define ROW(pattern, form, reads, writes)                                      \
    {BITPAT32(pattern), form, reads, writes}
#define END {{NULL, 0, 0}, 0, NULL, NULL}

// 000: what has no operation of the sixteen, products, exclusives, halfwords.
static const struct bitrow miscellany[] = {
    ROW("cccc00010.001111dddd000000000000", FORM_PLAIN, "F", "d"), // mrs
    ROW("cccc00010010k000111100000000mmmm", FORM_MSR, "m", "F"),
    ROW("cccc00010.00............00.00000", FORM_SYSTEM, "", ""),
    ROW("cccc00010.10............00.0mmmm", FORM_SYSTEM, "m", ""),
    ROW("cccc000100101111111111110001mmmm", FORM_BX, "m", ""),
    ROW("cccc000100101111111111110010mmmm", FORM_BX, "m", ""), // bxj
    ROW("cccc000100101111111111110011mmmm", FORM_CALL_REG, "m", "R"),
    ROW("cccc000101101111dddd11110001mmmm", FORM_PLAIN, "m", "d"), // clz
    ROW("cccc00010..0nnnndddd00000101mmmm", FORM_PLAIN, "nm", "d"),
    ROW("cccc00010..0nnnndddd00.00100mmmm", FORM_PLAIN, "nm", "d"), // crc32
    ROW("cccc00010000............0111....", FORM_TRAP, "", ""),     // hlt
    ROW("cccc00010010............0111....", FORM_TRAP, "", ""),     // bkpt
    ROW("cccc00010110000000000000011.1110", FORM_RETURN, "R", ""),  // eret
    ROW("cccc00010.10............0111....", FORM_SYSTEM, "", ""),
    ROW("cccc00010000ddddaaaassss1..0mmmm", FORM_PLAIN, "msa", "d"),
    ROW("cccc00010010ddddaaaassss1.00mmmm", FORM_PLAIN, "msa", "d"),
    ROW("cccc00010010dddd....ssss1.10mmmm", FORM_PLAIN, "ms", "d"),
    ROW("cccc00010100ddddeeeessss1..0mmmm", FORM_PLAIN, "msde", "de"),
    ROW("cccc00010110dddd....ssss1..0mmmm", FORM_PLAIN, "ms", "d"),
    ROW("cccc00010..0............0.......", FORM_NONE, "", ""),
    ROW("cccc0000000fdddd0000ssss1001mmmm", FORM_PLAIN, "ms", "dZ"),
    ROW("cccc0000001fddddaaaassss1001mmmm", FORM_PLAIN, "msa", "dZ"),
    ROW("cccc00000100ddddeeeessss1001mmmm", FORM_PLAIN, "msde", "de"),
    ROW("cccc00000110ddddaaaassss1001mmmm", FORM_PLAIN, "msa", "d"), // mls
    ROW("cccc00001.0fddddeeeessss1001mmmm", FORM_PLAIN, "ms", "deZ"),
    ROW("cccc00001.1fddddeeeessss1001mmmm", FORM_PLAIN, "msde", "deZ"),
    ROW("cccc00010.00nnnntttt00001001mmmm", FORM_MEMORY, "nm", "t"), // swp
    ROW("cccc00011..0nnnn111111001001tttt", FORM_MEMORY, "nt", ""),  // stl
    ROW("cccc00011..1nnnntttt110010011111", FORM_LOAD, "n", "t"),    // lda
    ROW("cccc00011010nnnndddd111.1001tttt", FORM_STORE_EXCLUSIVE, "nt2Y", "dY"),
    ROW("cccc00011011nnnntttt111.10011111", FORM_EXCLUSIVE, "n", "t2Y"),
    ROW("cccc00011..0nnnndddd111.1001tttt", FORM_STORE_EXCLUSIVE, "ntY", "dY"),
    ROW("cccc00011..1nnnntttt111.10011111", FORM_EXCLUSIVE, "n", "tY"),
    ROW("cccc000.................1001....", FORM_NONE, "", ""),
    ROW("cccc000pu0w0nnnntttt....1011mmmm", FORM_MEMORY, "nmt", "N"),
    ROW("cccc000pu1w0nnnnttttiiii1011kkkk", FORM_MEMORY, "nt", "N"),
    ROW("cccc000pu0w0nnnntttt....1101mmmm", FORM_LOAD, "nm", "t2N"),
    ROW("cccc000pu1w0nnnnttttiiii1101kkkk", FORM_LOAD, "n", "t2N"),
    ROW("cccc000pu0w0nnnntttt....1111mmmm", FORM_MEMORY, "nmt2", "N"),
    ROW("cccc000pu1w0nnnnttttiiii1111kkkk", FORM_MEMORY, "nt2", "N"),
    ROW("cccc000pu0w1nnnntttt....1..1mmmm", FORM_LOAD, "nm", "tN"),
    ROW("cccc000pu1w1nnnnttttiiii1..1kkkk", FORM_LOAD, "n", "tN"),
    END,
};

// 000: the sixteen operations on registers.
static const struct bitrow operations[] = {
    ROW("cccc00010001nnnn0000iiiiij.0mmmm", FORM_PLAIN, "nm", "Z"), // tst
    ROW("cccc00010011nnnn0000iiiiij.0mmmm", FORM_PLAIN, "nm", "Z"), // teq
    ROW("cccc00010101nnnn0000iiiiij.0mmmm", FORM_PLAIN, "nm", "F"), // cmp
    ROW("cccc00010111nnnn0000iiiiij.0mmmm", FORM_PLAIN, "nm", "F"), // cmn
    ROW("cccc0001101f....dddd00000000mmmm", FORM_MOVE, "m", "dZ"),
    ROW("cccc0001101f....dddd00000110mmmm", FORM_PLAIN, "mC", "dZ"), // rrx
    ROW("cccc0001101f....ddddiiiiij.0mmmm", FORM_PLAIN, "m", "dZ"),
    ROW("cccc0001111f....ddddiiiiij.0mmmm", FORM_PLAIN, "m", "dZ"), // mvn
    ROW("cccc000010001111111100010000mmmm", FORM_JUMPS, "m", ""),
    ROW("cccc0000100fnnnndddd00000000mmmm", FORM_ADD, "nm", "dF"),
    ROW("cccc0000100fnnnnddddiiiii000mmmm", FORM_ADD_SHIFTED, "nm", "dF"),
    ROW("cccc0000100fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nm", "dF"),
    ROW("cccc0000010fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nm", "dF"), // sub
    ROW("cccc0000011fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nm", "dF"), // rsb
    ROW("cccc0000101fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nmC", "dF"),
    ROW("cccc000011.fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nmC", "dF"),
    ROW("cccc0000...fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nm", "dZ"),
    ROW("cccc000110.fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nm", "dZ"),
    ROW("cccc000111.fnnnnddddiiiiij.0mmmm", FORM_PLAIN, "nm", "dZ"),
    ROW("cccc00010001nnnn0000ssss0..1mmmm", FORM_PLAIN, "nms", "Z"),
    ROW("cccc00010011nnnn0000ssss0..1mmmm", FORM_PLAIN, "nms", "Z"),
    ROW("cccc00010101nnnn0000ssss0..1mmmm", FORM_PLAIN, "nms", "F"),
    ROW("cccc00010111nnnn0000ssss0..1mmmm", FORM_PLAIN, "nms", "F"),
    ROW("cccc00011.1f....ddddssss0..1mmmm", FORM_PLAIN, "ms", "dZ"),
    ROW("cccc0000100fnnnnddddssss0..1mmmm", FORM_PLAIN, "nms", "dF"),
    ROW("cccc000001.fnnnnddddssss0..1mmmm", FORM_PLAIN, "nms", "dF"),
    ROW("cccc0000101fnnnnddddssss0..1mmmm", FORM_PLAIN, "nmsC", "dF"),
    ROW("cccc000011.fnnnnddddssss0..1mmmm", FORM_PLAIN, "nmsC", "dF"),
    ROW("cccc0000...fnnnnddddssss0..1mmmm", FORM_PLAIN, "nms", "dZ"),
    ROW("cccc000110.fnnnnddddssss0..1mmmm", FORM_PLAIN, "nms", "dZ"),
    ROW("cccc000111.fnnnnddddssss0..1mmmm", FORM_PLAIN, "nms", "dZ"),
    END,
};

// 001: with a constant.
static const struct bitrow constants[] = {
    ROW("cccc00110000hhhhddddkkkkkkkkkkkk", FORM_WIDE, "", "d"),
    ROW("cccc00110100hhhhddddkkkkkkkkkkkk", FORM_TOP, "d", "d"), // movt
    ROW("cccc0011001000001111000000000000", FORM_NOP, "", ""),
    ROW("cccc001100100000111100000.......", FORM_PLAIN, "", ""), // yield
    ROW("cccc00110010000011110000........", FORM_PLAIN, "", ""), // dbg
    ROW("cccc00110010k0001111rrrrkkkkkkkk", FORM_MSR, "", "F"),
    ROW("cccc00110.10....1111............", FORM_SYSTEM, "", ""),
    ROW("cccc00110001nnnn0000rrrrkkkkkkkk", FORM_PLAIN, "n", "Z"),   // tst
    ROW("cccc00110011nnnn0000rrrrkkkkkkkk", FORM_PLAIN, "n", "Z"),   // teq
    ROW("cccc00110101nnnn0000rrrrkkkkkkkk", FORM_COMPARE, "n", "F"), // cmp
    ROW("cccc00110111nnnn0000rrrrkkkkkkkk", FORM_PLAIN, "n", "F"),   // cmn
    ROW("cccc00110..0....................", FORM_NONE, "", ""),
    ROW("cccc0011101f....ddddrrrrkkkkkkkk", FORM_CONST, "", "dZ"),
    ROW("cccc0011111f....ddddrrrrkkkkkkkk", FORM_CONST_NOT, "", "dZ"),
    ROW("cccc0010010fnnnnddddrrrrkkkkkkkk", FORM_SUB_CONST, "n", "dF"),
    ROW("cccc0010011fnnnnddddrrrrkkkkkkkk", FORM_PLAIN, "n", "dF"), // rsb
    ROW("cccc0010100fnnnnddddrrrrkkkkkkkk", FORM_ADD_CONST, "n", "dF"),
    ROW("cccc0010101fnnnnddddrrrrkkkkkkkk", FORM_PLAIN, "nC", "dF"),
    ROW("cccc001011.fnnnnddddrrrrkkkkkkkk", FORM_PLAIN, "nC", "dF"),
    ROW("cccc0010...fnnnnddddrrrrkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("cccc001110.fnnnnddddrrrrkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    ROW("cccc0011110fnnnnddddrrrrkkkkkkkk", FORM_PLAIN, "n", "dZ"),
    END,
};

// 010, and 011 without bit 4: loads and stores of words and bytes.
static const struct bitrow memory[] = {
    ROW("cccc010pu.w0nnnnttttiiiiiiiiiiii", FORM_MEMORY, "nt", "N"),
    ROW("cccc010pu.w1nnnnttttiiiiiiiiiiii", FORM_LOAD, "n", "tN"),
    ROW("cccc011pu.w0nnnnttttiiiiij.0mmmm", FORM_MEMORY, "nmt", "N"),
    ROW("cccc011pu.w1nnnnttttiiiiij.0mmmm", FORM_LOAD, "nm", "tN"),
    END,
};

// 011 with bit 4: media.
static const struct bitrow media[] = {
    ROW("cccc01100...nnnndddd1111...1mmmm", FORM_PLAIN, "nm", "d"), // sadd8
    ROW("cccc01101000nnnnddddiiiiij01mmmm", FORM_PLAIN, "nm", "d"), // pkh
    ROW("cccc01101000nnnndddd11111011mmmm", FORM_PLAIN, "nm", "d"), // sel
    ROW("cccc01101...1111dddd..000111mmmm", FORM_PLAIN, "m", "d"),  // sxtb
    ROW("cccc01101...nnnndddd..000111mmmm", FORM_PLAIN, "nm", "d"), // sxtab
    ROW("cccc01101.......dddd........mmmm", FORM_PLAIN, "m", "d"),  // ssat, rev
    ROW("cccc01110..0dddd1111ssss0..1mmmm", FORM_PLAIN, "ms", "d"),
    ROW("cccc01110000ddddaaaassss0..1mmmm", FORM_PLAIN, "msa", "d"),
    ROW("cccc01110100ddddeeeessss0..1mmmm", FORM_PLAIN, "msde", "de"),
    ROW("cccc01110101dddd1111ssss..01mmmm", FORM_PLAIN, "ms", "d"),
    ROW("cccc01110101ddddaaaassss...1mmmm", FORM_PLAIN, "msa", "d"),
    ROW("cccc011100.1dddd1111ssss0001mmmm", FORM_PLAIN, "ms", "d"), // sdiv
    ROW("cccc01111000dddd1111ssss0001mmmm", FORM_PLAIN, "ms", "d"), // usad8
    ROW("cccc01111000ddddaaaassss0001mmmm", FORM_PLAIN, "msa", "d"),
    ROW("cccc0111101.....dddd.....101mmmm", FORM_PLAIN, "m", "d"), // sbfx
    ROW("cccc0111111.....dddd.....101mmmm", FORM_PLAIN, "m", "d"), // ubfx
    ROW("cccc0111110.....dddd.....0011111", FORM_PLAIN, "d", "d"), // bfc
    ROW("cccc0111110.....dddd.....001mmmm", FORM_PLAIN, "md", "d"),
    ROW("cccc01111111............1111....", FORM_TRAP, "", ""), // udf
    END,
};

// 10: lists and branches.
static const struct bitrow lists[] = {
    ROW("cccc100pu0w0nnnnllllllllllllllll", FORM_LIST, "nl", "N"),
    ROW("cccc100pu0w1nnnnllllllllllllllll", FORM_LIST, "n", "lN"),
    ROW("cccc100pu1.1....1...............", FORM_RETURN, "", ""),
    ROW("cccc100.........................", FORM_SYSTEM, "", ""),
    ROW("cccc1010iiiiiiiiiiiiiiiiiiiiiiii", FORM_BRANCH, "", ""),
    ROW("cccc1011iiiiiiiiiiiiiiiiiiiiiiii", FORM_CALL, "", "R"),
    END,
};

// 11: coprocessors 10 and 11 are floating point and vectors; system calls.
static const struct bitrow coprocessors[] = {
    ROW("cccc11000100vvvvtttt101.........", FORM_PLAIN, "tvX", ""),
    ROW("cccc11000101vvvvtttt101.........", FORM_PLAIN, "X", "tv"),
    ROW("cccc11000100vvvvtttt............", FORM_SYSTEM, "tv", ""), // mcrr
    ROW("cccc11000101vvvvtttt............", FORM_SYSTEM, "", "tv"),
    ROW("cccc110pu.w.nnnn....101zzzzzzzzz", FORM_VECTOR_LIST, "nX", "N"),
    ROW("cccc110.u.0.nnnn....1001........", FORM_MEMORY, "nX", ""), // halves
    ROW("cccc110pu.w.nnnn................", FORM_SYSTEM, "n", "N"),
    ROW("cccc11101111....tttt10100001....", FORM_TO_CORE, "X", "t"), // vmrs
    ROW("cccc1110...0....tttt10.....1....", FORM_PLAIN, "tX", ""),
    ROW("cccc11100001....tttt1010.001....", FORM_PLAIN, "x", "t"), // vmov
    ROW("cccc1110...1....tttt10.....1....", FORM_PLAIN, "X", "t"),
    ROW("cccc1110............10.....0....", FORM_PLAIN, "X", ""),
    ROW("cccc111000011101tttt11110..10000", FORM_TO_CORE, "", "t"), // tls
    ROW("cccc111000000111tttt1111...1....", FORM_PLAIN, "t", ""),   // barriers
    ROW("cccc1110...0....tttt.......1....", FORM_SYSTEM, "t", ""),  // mcr
    ROW("cccc1110...1....tttt.......1....", FORM_SYSTEM, "", "t"),
    ROW("cccc1110...................0....", FORM_SYSTEM, "", ""), // cdp
    ROW("cccc1111........................", FORM_SYSCALL, "", ""),
    END,
};

// The condition 1111.
static const struct bitrow unconditional[] = {
    ROW("11110001000.00..................", FORM_SYSTEM, "", ""), // cps
    ROW("1111000100000001000000.000000000", FORM_SYSTEM, "", ""), // setend
    ROW("1111001.........................", FORM_PLAIN, "X", ""),
    ROW("11110100...0nnnn............mmmm", FORM_VECTOR, "nX", ""),
    ROW("11110101u.01nnnn1111iiiiiiiiiiii", FORM_MEMORY, "n", ""), // pld
    ROW("11110100u101nnnn1111iiiiiiiiiiii", FORM_MEMORY, "n", ""), // pli
    ROW("11110111u.01nnnn1111iiiiij.0mmmm", FORM_MEMORY, "nm", ""),
    ROW("11110110u101nnnn1111iiiiij.0mmmm", FORM_MEMORY, "nm", ""),
    ROW("11110101011111111111000000011111", FORM_PLAIN, "", "Y"), // clrex
    ROW("1111010101111111111100000100iiii", FORM_PLAIN, "", ""),  // dsb
    ROW("1111010101111111111100000101iiii", FORM_PLAIN, "", ""),  // dmb
    ROW("1111010101111111111100000110iiii", FORM_PLAIN, "", ""),  // isb
    ROW("1111100.........................", FORM_SYSTEM, "", ""), // rfe
    ROW("1111101hiiiiiiiiiiiiiiiiiiiiiiii", FORM_CALL_SWITCH, "", "R"),
    ROW("111111..............10..........", FORM_PLAIN, "X", ""),
    ROW("111111..............1101........", FORM_PLAIN, "X", ""), // vdot
    ROW("111111..........................", FORM_SYSTEM, "", ""),
    END,
};

static const struct bitrow *register_row(uint32_t word) {
    const struct bitrow *row = bitrow_find(miscellany, word);
    return row ? row : bitrow_find(operations, word);
}

const struct bitrow *a32_row(uint32_t word) {
    enum { BIT_4 = 1 << 4 };
    if (word >> 28 == COND_NONE)
        return bitrow_find(unconditional, word);
    switch (word >> 25 & 7) {
    case 0: return register_row(word);
    case 1: return bitrow_find(constants, word);
    case 2: return bitrow_find(memory, word);
    case 3: return bitrow_find(word & BIT_4 ? media : memory, word);
    case 4:
    case 5: return bitrow_find(lists, word);
    default: return bitrow_find(coprocessors, word);
    }
}
