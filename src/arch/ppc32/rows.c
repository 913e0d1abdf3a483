// rows.c: the instructions of 32-bit PowerPC, as bit patterns.
//
// One table for each major opcode (bits 0 to 5) that has many instructions,
// one for all others. Complete for what programs of 603 and e500 class have,
// with AltiVec and the SPE; of later processors, and of 64-bit ones, there is
// what libraries for 32 bits use where they find one. Rows of floating point
// and vectors say no more than that, but for the general registers and the
// fields of CR they mention.
//
// Letters of fields:
//
//     t  bits 6-10   RT, or RS of a store
//     a  bits 11-15  RA
//     z  bits 11-15  RA, of which 0 is the number 0
//     b  bits 16-20  RB
//     d  bits 21-25  RC
//     f  bits 6-8    BF, a field of CR
//     g  bits 11-13  BFA
//     x y w          bits of CR: BT, BA, BB
//     c  bit 31 or 21  Rc: the result is compared to 0, in CR0
//     v  bit 31      the same of floating point, in CR1
//     o  bit 21      OE: overflow is noted
//     k  bits 6-10   BO      p  bits 11-20  SPR, its halves exchanged
//     i              immediate or displacement
//
// and of `reads` and `writes`: those, and
//
//     C  XER's carry   S  its overflow bits   L  LR   T  CTR
//     V  the vector state, which is never overwritten as a whole
//     0  CR0   *  all of CR
//     |  what follows may be written, or may not
//
// A bit that is written within a field of CR leaves the rest.

#include "arch/ppc32/ppc32.h"

#define ROW(text, form, reads, writes)                                         \
    {BITPAT32(text), FORM_##form, reads, writes}
#define END {{NULL, 0, 0}, 0, "", ""}

static const struct bitrow others[] = {
    ROW("00000000000000000000000000000000", ILLEGAL, "", ""),
    ROW("000011tttttaaaaaiiiiiiiiiiiiiiii", TRAP, "a", ""),         // twi
    ROW("000111tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "a", "t"),       // mulli
    ROW("001000tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "a", "tC"),      // subfic
    ROW("001010fff00aaaaaiiiiiiiiiiiiiiii", PLAIN, "aS", "f"),      // cmplwi
    ROW("001011fff00aaaaaiiiiiiiiiiiiiiii", PLAIN, "aS", "f"),      // cmpwi
    ROW("001100tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "a", "tC"),      // addic
    ROW("001101tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "aS", "tC0"),    // addic.
    ROW("001110tttttzzzzziiiiiiiiiiiiiiii", LOAD_CONST, "z", "t"),  // addi
    ROW("001111tttttzzzzziiiiiiiiiiiiiiii", LOAD_CONST, "z", "t"),  // addis
    ROW("010000kkkkkyyyyyiiiiiiiiiiiiiiAL", BRANCH_C, "", ""),      // bc
    ROW("01000100000000000000.......00010", SYSCALL, "", ""),       // sc
    ROW("010010iiiiiiiiiiiiiiiiiiiiiiiiAL", BRANCH, "", ""),        // b
    ROW("010100tttttaaaaabbbbbmmmmmnnnnnc", PLAIN, "ta", "a"),      // rlwimi
    ROW("010101tttttaaaaabbbbbmmmmmnnnnnc", RLWINM, "t", "a"),      // rlwinm
    ROW("010111tttttaaaaabbbbbmmmmmnnnnnc", PLAIN, "tb", "a"),      // rlwnm
    ROW("011000tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "t", "a"),       // ori
    ROW("011001tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "t", "a"),       // oris
    ROW("011010tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "t", "a"),       // xori
    ROW("011011tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "t", "a"),       // xoris
    ROW("011100tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "tS", "a0"),     // andi.
    ROW("011101tttttaaaaaiiiiiiiiiiiiiiii", PLAIN, "tS", "a0"),     // andis.
    ROW("100000tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "z", "t"),  // lwz
    ROW("100001tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "a", "ta"),     // lwzu
    ROW("100010tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "z", "t"),  // lbz
    ROW("100011tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "a", "ta"),     // lbzu
    ROW("100100tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "tz", ""),  // stw
    ROW("100101tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "ta", "a"),     // stwu
    ROW("100110tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "tz", ""),  // stb
    ROW("100111tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "ta", "a"),     // stbu
    ROW("101000tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "z", "t"),  // lhz
    ROW("101001tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "a", "ta"),     // lhzu
    ROW("101010tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "z", "t"),  // lha
    ROW("101011tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "a", "ta"),     // lhau
    ROW("101100tttttzzzzziiiiiiiiiiiiiiii", LOAD_STORE, "tz", ""),  // sth
    ROW("101101tttttaaaaaiiiiiiiiiiiiiiii", UPDATE, "ta", "a"),     // sthu
    ROW("101110tttttzzzzziiiiiiiiiiiiiiii", LOAD_MANY, "z", ""),    // lmw
    ROW("101111tttttzzzzziiiiiiiiiiiiiiii", STORE_MANY, "z", ""),   // stmw
    ROW("110000.....zzzzziiiiiiiiiiiiiiii", LOAD_STORE, "zV", "V"), // lfs
    ROW("110001.....aaaaaiiiiiiiiiiiiiiii", UPDATE, "aV", "aV"),    // lfsu
    ROW("110010.....zzzzziiiiiiiiiiiiiiii", LOAD_STORE, "zV", "V"), // lfd
    ROW("110011.....aaaaaiiiiiiiiiiiiiiii", UPDATE, "aV", "aV"),    // lfdu
    ROW("110100.....zzzzziiiiiiiiiiiiiiii", LOAD_STORE, "zV", ""),  // stfs
    ROW("110101.....aaaaaiiiiiiiiiiiiiiii", UPDATE, "aV", "a"),     // stfsu
    ROW("110110.....zzzzziiiiiiiiiiiiiiii", LOAD_STORE, "zV", ""),  // stfd
    ROW("110111.....aaaaaiiiiiiiiiiiiiiii", UPDATE, "aV", "a"),     // stfdu
    ROW("111001.....zzzzziiiiiiiiiiiiii10", LOAD_STORE, "zV", "V"), // lxsd
    ROW("111001.....zzzzziiiiiiiiiiiiii11", LOAD_STORE, "zV", "V"), // lxssp
    ROW("111101.....zzzzziiiiiiiiiiiii001", LOAD_STORE, "zV", "V"), // lxv
    ROW("111101.....zzzzziiiiiiiiiiiii101", LOAD_STORE, "zV", ""),  // stxv
    ROW("111101.....zzzzziiiiiiiiiiiiii10", LOAD_STORE, "zV", ""),  // stxsd
    ROW("111101.....zzzzziiiiiiiiiiiiii11", LOAD_STORE, "zV", ""),  // stxssp
    END,
};

// 19: branches to registers, and arithmetic on CR
static const struct bitrow rows_19[] = {
    ROW("010011fff00ggg00.....0000000000.", PLAIN, "g", "f"),    // mcrf
    ROW("010011kkkkkyyyyy...hh0000010000L", BRANCH_LR, "", ""),  // bclr
    ROW("010011kkkkkyyyyy...hh1000010000L", BRANCH_CTR, "", ""), // bcctr
    ROW("010011xxxxxyyyyywwwww0000100001.", PLAIN, "xyw", "x"),  // crnor
    ROW("010011xxxxxyyyyywwwww0010000001.", PLAIN, "xyw", "x"),  // crandc
    ROW("010011xxxxxyyyyywwwww0011000001.", PLAIN, "xyw", "x"),  // crxor
    ROW("010011xxxxxyyyyywwwww0011100001.", PLAIN, "xyw", "x"),  // crnand
    ROW("010011xxxxxyyyyywwwww0100000001.", PLAIN, "xyw", "x"),  // crand
    ROW("010011xxxxxyyyyywwwww0100100001.", PLAIN, "xyw", "x"),  // creqv
    ROW("010011xxxxxyyyyywwwww0110100001.", PLAIN, "xyw", "x"),  // crorc
    ROW("010011xxxxxyyyyywwwww0111000001.", PLAIN, "xyw", "x"),  // cror
    ROW("010011...............0010010110.", PLAIN, "", ""),      // isync
    ROW("010011...............0000110010.", SYSTEM, "", ""),     // rfi
    ROW("010011...............0000110011.", SYSTEM, "", ""),     // rfci
    ROW("010011...............0000100111.", SYSTEM, "", ""),     // rfdi
    ROW("010011...............0000100110.", SYSTEM, "", ""),     // rfmci
    END,
};

// 31: everything of three registers. Bit 21 is OE where arithmetic has it.
static const struct bitrow rows_31[] = {
    ROW("011111fff00aaaaabbbbb0000000000.", PLAIN, "abS", "f"), // cmpw
    ROW("011111fff00aaaaabbbbb0000100000.", PLAIN, "abS", "f"), // cmplw
    ROW("011111tttttaaaaabbbbb0000000100.", TRAP, "ab", ""),    // tw
    // Arithmetic.
    ROW("011111tttttaaaaabbbbbo000001000c", PLAIN, "ab", "tC"),  // subfc
    ROW("011111tttttaaaaabbbbbo000001010c", PLAIN, "ab", "tC"),  // addc
    ROW("011111tttttaaaaabbbbb.000001011c", PLAIN, "ab", "t"),   // mulhwu
    ROW("011111tttttaaaaabbbbbo000101000c", PLAIN, "ab", "t"),   // subf
    ROW("011111tttttaaaaabbbbb.001001011c", PLAIN, "ab", "t"),   // mulhw
    ROW("011111tttttaaaaa.....o001101000c", PLAIN, "a", "t"),    // neg
    ROW("011111tttttaaaaabbbbbo010001000c", PLAIN, "abC", "tC"), // subfe
    ROW("011111tttttaaaaabbbbbo010001010c", PLAIN, "abC", "tC"), // adde
    ROW("011111tttttaaaaa.....o011001000c", PLAIN, "aC", "tC"),  // subfze
    ROW("011111tttttaaaaa.....o011001010c", PLAIN, "aC", "tC"),  // addze
    ROW("011111tttttaaaaa.....o011101000c", PLAIN, "aC", "tC"),  // subfme
    ROW("011111tttttaaaaa.....o011101010c", PLAIN, "aC", "tC"),  // addme
    ROW("011111tttttaaaaabbbbbo011101011c", PLAIN, "ab", "t"),   // mullw
    ROW("011111tttttaaaaabbbbbo100001010c", PLAIN, "ab", "t"),   // add
    ROW("011111tttttaaaaabbbbbo111001011c", PLAIN, "ab", "t"),   // divwu
    ROW("011111tttttaaaaabbbbbo111101011c", PLAIN, "ab", "t"),   // divw
    ROW("011111tttttaaaaabbbbbo110001011c", PLAIN, "ab", "t"),   // divweu
    ROW("011111tttttaaaaabbbbbo110101011c", PLAIN, "ab", "t"),   // divwe
    ROW("011111tttttaaaaabbbbb0100001011.", PLAIN, "ab", "t"),   // moduw
    ROW("011111tttttaaaaabbbbb1100001011.", PLAIN, "ab", "t"),   // modsw
    // Logic and shifts: the result goes to RA.
    ROW("011111tttttaaaaabbbbb0000011000c", PLAIN, "tb", "a"),  // slw
    ROW("011111tttttaaaaa.....0000011010c", PLAIN, "t", "a"),   // cntlzw
    ROW("011111tttttaaaaabbbbb0000011100c", PLAIN, "tb", "a"),  // and
    ROW("011111tttttaaaaabbbbb0000111100c", PLAIN, "tb", "a"),  // andc
    ROW("011111tttttaaaaabbbbb0001111100c", PLAIN, "tb", "a"),  // nor
    ROW("011111tttttaaaaa.....0001111010.", PLAIN, "t", "a"),   // popcntb
    ROW("011111tttttaaaaa.....0010011010.", PLAIN, "t", "a"),   // prtyw
    ROW("011111tttttaaaaa.....0101111010.", PLAIN, "t", "a"),   // popcntw
    ROW("011111tttttaaaaabbbbb0100011100c", PLAIN, "tb", "a"),  // eqv
    ROW("011111tttttaaaaabbbbb0100111100c", PLAIN, "tb", "a"),  // xor
    ROW("011111tttttaaaaabbbbb0110011100c", PLAIN, "tb", "a"),  // orc
    ROW("011111tttttaaaaabbbbb0110111100c", OR, "tb", "a"),     // or
    ROW("011111tttttaaaaabbbbb0111011100c", PLAIN, "tb", "a"),  // nand
    ROW("011111tttttaaaaabbbbb0111111100.", PLAIN, "tb", "a"),  // cmpb
    ROW("011111tttttaaaaa.....1000011010c", PLAIN, "t", "a"),   // cnttzw
    ROW("011111tttttaaaaabbbbb1000011000c", PLAIN, "tb", "a"),  // srw
    ROW("011111tttttaaaaabbbbb1100011000c", PLAIN, "tb", "aC"), // sraw
    ROW("011111tttttaaaaabbbbb1100111000c", PLAIN, "t", "aC"),  // srawi
    ROW("011111tttttaaaaa.....1110011010c", PLAIN, "t", "a"),   // extsh
    ROW("011111tttttaaaaa.....1110111010c", PLAIN, "t", "a"),   // extsb
    ROW("011111tttttaaaaa.....0010011011.", PLAIN, "t", "a"),   // brw
    ROW("011111tttttaaaaa.....0011011011.", PLAIN, "t", "a"),   // brh
    ROW("011111tttttzzzzzbbbbbyyyyy01111.", PLAIN, "zby", "t"), // isel
    // Loads and stores of base and index.
    ROW("011111tttttzzzzzbbbbb0000010111.", PLAIN, "zb", "t"),      // lwzx
    ROW("011111tttttaaaaabbbbb0000110111.", UPDATE_X, "ab", "ta"),  // lwzux
    ROW("011111tttttzzzzzbbbbb0001010111.", PLAIN, "zb", "t"),      // lbzx
    ROW("011111tttttaaaaabbbbb0001110111.", UPDATE_X, "ab", "ta"),  // lbzux
    ROW("011111tttttzzzzzbbbbb0010010111.", PLAIN, "tzb", ""),      // stwx
    ROW("011111tttttaaaaabbbbb0010110111.", UPDATE_X, "tab", "a"),  // stwux
    ROW("011111tttttzzzzzbbbbb0011010111.", PLAIN, "tzb", ""),      // stbx
    ROW("011111tttttaaaaabbbbb0011110111.", UPDATE_X, "tab", "a"),  // stbux
    ROW("011111tttttzzzzzbbbbb0100010111.", PLAIN, "zb", "t"),      // lhzx
    ROW("011111tttttaaaaabbbbb0100110111.", UPDATE_X, "ab", "ta"),  // lhzux
    ROW("011111tttttzzzzzbbbbb0101010111.", PLAIN, "zb", "t"),      // lhax
    ROW("011111tttttaaaaabbbbb0101110111.", UPDATE_X, "ab", "ta"),  // lhaux
    ROW("011111tttttzzzzzbbbbb0110010111.", PLAIN, "tzb", ""),      // sthx
    ROW("011111tttttaaaaabbbbb0110110111.", UPDATE_X, "tab", "a"),  // sthux
    ROW("011111.....zzzzzbbbbb1000010111.", PLAIN, "zbV", "V"),     // lfsx
    ROW("011111.....aaaaabbbbb1000110111.", UPDATE_X, "abV", "aV"), // lfsux
    ROW("011111.....zzzzzbbbbb1001010111.", PLAIN, "zbV", "V"),     // lfdx
    ROW("011111.....aaaaabbbbb1001110111.", UPDATE_X, "abV", "aV"), // lfdux
    ROW("011111.....zzzzzbbbbb1010010111.", PLAIN, "zbV", ""),      // stfsx
    ROW("011111.....aaaaabbbbb1010110111.", UPDATE_X, "abV", "a"),  // stfsux
    ROW("011111.....zzzzzbbbbb1011010111.", PLAIN, "zbV", ""),      // stfdx
    ROW("011111.....aaaaabbbbb1011110111.", UPDATE_X, "abV", "a"),  // stfdux
    ROW("011111.....zzzzzbbbbb1101010111.", PLAIN, "zbV", "V"),     // lfiwax
    ROW("011111.....zzzzzbbbbb1101110111.", PLAIN, "zbV", "V"),     // lfiwzx
    ROW("011111.....zzzzzbbbbb1111010111.", PLAIN, "zbV", ""),      // stfiwx
    ROW("011111tttttzzzzzbbbbb1000010110.", PLAIN, "zb", "t"),      // lwbrx
    ROW("011111tttttzzzzzbbbbb1010010110.", PLAIN, "tzb", ""),      // stwbrx
    ROW("011111tttttzzzzzbbbbb1100010110.", PLAIN, "zb", "t"),      // lhbrx
    ROW("011111tttttzzzzzbbbbb1110010110.", PLAIN, "tzb", ""),      // sthbrx
    // Strings of registers: which depends on a length that wraps round.
    ROW("011111tttttzzzzz.....1001010101.", STRING, "z", ""),  // lswi
    ROW("011111tttttzzzzzbbbbb1000010101.", STRING, "zb", ""), // lswx
    ROW("011111tttttzzzzz.....1011010101.", STRING, "z", ""),  // stswi
    ROW("011111tttttzzzzzbbbbb1010010101.", STRING, "zb", ""), // stswx
    // Reservations.
    ROW("011111tttttzzzzzbbbbb0000010100.", RESERVE, "zb", "t"),       // lwarx
    ROW("011111tttttzzzzzbbbbb0000110100.", RESERVE, "zb", "t"),       // lbarx
    ROW("011111tttttzzzzzbbbbb0001110100.", RESERVE, "zb", "t"),       // lharx
    ROW("011111tttttzzzzzbbbbb00100101101", CONDITIONAL, "tzbS", "0"), // stwcx.
    ROW("011111tttttzzzzzbbbbb10101101101", CONDITIONAL, "tzbS", "0"), // stbcx.
    ROW("011111tttttzzzzzbbbbb10110101101", CONDITIONAL, "tzbS", "0"), // sthcx.
    // CR, XER and special registers.
    ROW("011111tttttpppppppppp0101010011.", MOVE_FROM, "", "t"), // mfspr
    ROW("011111tttttpppppppppp0111010011.", MOVE_TO, "t", ""),   // mtspr
    ROW("011111tttttpppppppppp0101110011.", PLAIN, "", "t"),     // mftb
    ROW("011111ttttt0.........0000010011.", PLAIN, "*", "t"),    // mfcr
    ROW("011111ttttt1mmmmmmmm.0000010011.", PLAIN, "*", "t"),    // mfocrf
    ROW("011111ttttt.mmmmmmmm.0010010000.", CR_FIELDS, "t", ""), // mtcrf
    ROW("011111fff............1000000000.", PLAIN, "SC", "fSC"), // mcrxr
    ROW("011111fff............1001000000.", PLAIN, "SC", "f"),   // mcrxrx
    ROW("011111tttttggg.......0010000000.", PLAIN, "g", "t"),    // setb
    ROW("011111tttttyyyyy.....0110000000.", PLAIN, "y", "t"),    // setbc
    // Memory and caches; dcbz writes.
    ROW("011111...............1001010110.", PLAIN, "", ""),   // sync
    ROW("011111...............1101010110.", PLAIN, "", ""),   // eieio
    ROW("011111...............0000011110.", PLAIN, "", ""),   // wait
    ROW("011111.....zzzzzbbbbb0000010110.", PLAIN, "zb", ""), // icbt
    ROW("011111.....zzzzzbbbbb0000110110.", PLAIN, "zb", ""), // dcbst
    ROW("011111.....zzzzzbbbbb0001010110.", PLAIN, "zb", ""), // dcbf
    ROW("011111.....zzzzzbbbbb0011110110.", PLAIN, "zb", ""), // dcbtst
    ROW("011111.....zzzzzbbbbb0100010110.", PLAIN, "zb", ""), // dcbt
    ROW("011111.....zzzzzbbbbb1011110110.", PLAIN, "zb", ""), // dcba
    ROW("011111.....zzzzzbbbbb1111010110.", PLAIN, "zb", ""), // icbi
    ROW("011111.....zzzzzbbbbb1111110110.", PLAIN, "zb", ""), // dcbz
    // AltiVec and VSX.
    ROW("011111.....zzzzzbbbbb0000000110.", PLAIN, "zbV", "V"), // lvsl
    ROW("011111.....zzzzzbbbbb0000100110.", PLAIN, "zbV", "V"), // lvsr
    ROW("011111.....zzzzzbbbbb0000000111.", PLAIN, "zbV", "V"), // lvebx
    ROW("011111.....zzzzzbbbbb0000100111.", PLAIN, "zbV", "V"), // lvehx
    ROW("011111.....zzzzzbbbbb0001000111.", PLAIN, "zbV", "V"), // lvewx
    ROW("011111.....zzzzzbbbbb0001100111.", PLAIN, "zbV", "V"), // lvx
    ROW("011111.....zzzzzbbbbb0101100111.", PLAIN, "zbV", "V"), // lvxl
    ROW("011111.....zzzzzbbbbb0010000111.", PLAIN, "zbV", ""),  // stvebx
    ROW("011111.....zzzzzbbbbb0010100111.", PLAIN, "zbV", ""),  // stvehx
    ROW("011111.....zzzzzbbbbb0011000111.", PLAIN, "zbV", ""),  // stvewx
    ROW("011111.....zzzzzbbbbb0011100111.", PLAIN, "zbV", ""),  // stvx
    ROW("011111.....zzzzzbbbbb0111100111.", PLAIN, "zbV", ""),  // stvxl
    ROW("011111.....zzzzzbbbbb.101010110.", PLAIN, "zb", ""),   // dst
    ROW("011111.....zzzzzbbbbb.101110110.", PLAIN, "zb", ""),   // dstst
    ROW("011111...............1100110110.", PLAIN, "", ""),     // dss
    ROW("011111.....zzzzzbbbbb.....01100.", PLAIN, "zbV", "V"), // lxvx, ...
    ROW("011111.....zzzzzbbbbb.1...01101.", PLAIN, "zbV", "V"), // lxvl, ...
    ROW("011111.....aaaaa.....0001110011.", PLAIN, "V", "a"),   // mfvsrwz
    ROW("011111.....aaaaa.....0011010011.", PLAIN, "aV", "V"),  // mtvsrwa
    ROW("011111.....aaaaa.....0011110011.", PLAIN, "aV", "V"),  // mtvsrwz
    // Transactions: at an abort, all goes back to where one began.
    ROW("011111...............10100011101", TRANSACTION, "", "0"),  // tbegin.
    ROW("011111...............10101011101", TRANSACTION, "", "0"),  // tend.
    ROW("011111.....zzzzz.....11100011101", TRANSACTION, "z", "0"), // tabort.
    // Supervisor's.
    ROW("011111...............0001010011.", SYSTEM, "", ""), // mfmsr
    ROW("011111...............0010010010.", SYSTEM, "", ""), // mtmsr
    ROW("011111...............1001010011.", SYSTEM, "", ""), // mfsr
    ROW("011111...............0011010010.", SYSTEM, "", ""), // mtsr
    ROW("011111...............1010010011.", SYSTEM, "", ""), // mfsrin
    ROW("011111...............0011110010.", SYSTEM, "", ""), // mtsrin
    ROW("011111...............0111010110.", SYSTEM, "", ""), // dcbi
    ROW("011111...............0100110010.", SYSTEM, "", ""), // tlbie
    ROW("011111...............0101110010.", SYSTEM, "", ""), // tlbia
    ROW("011111...............1000110110.", SYSTEM, "", ""), // tlbsync
    ROW("011111...............1100010010.", SYSTEM, "", ""), // tlbivax
    ROW("011111...............1110110010.", SYSTEM, "", ""), // tlbre
    ROW("011111...............1110010010.", SYSTEM, "", ""), // tlbsx
    ROW("011111...............1111010010.", SYSTEM, "", ""), // tlbwe
    ROW("011111...............0010000011.", SYSTEM, "", ""), // wrtee
    ROW("011111...............0010100011.", SYSTEM, "", ""), // wrteei
    ROW("011111tttttpppppppppp0101000011.", SYSTEM, "", ""), // mfdcr
    ROW("011111tttttpppppppppp0111000011.", SYSTEM, "", ""), // mtdcr
    END,
};

// 4: AltiVec, or, in the same places, the SPE, whose registers are the general
// ones with upper halves; compares of either set a field of CR.
static const struct bitrow rows_4[] = {
    ROW("000100tttttaaaaabbbbbddddd......", PLAIN, "tabdV*", "|tV*"),
    END,
};

// 60: VSX. Some exponents come from, or go to, general registers.
static const struct bitrow rows_60[] = {
    ROW("111100tttttaaaaabbbbb...........", PLAIN, "tabV*", "|tV*"),
    END,
};

// 59 and 63: floating point; the decimal kind, and that of 128 bits, compare
// in many ways.
static const struct bitrow rows_fp[] = {
    ROW("111111fff............0000000000.", PLAIN, "V", "fV"),   // fcmpu
    ROW("111111fff............0000100000.", PLAIN, "V", "fV"),   // fcmpo
    ROW("111111fff..ggg.......0001000000.", PLAIN, "V", "fV"),   // mcrfs
    ROW("111111fff............0010000000.", PLAIN, "V", "fV"),   // ftdiv
    ROW("111111fff............0010100000.", PLAIN, "V", "fV"),   // ftsqrt
    ROW("111.11....................00010.", PLAIN, "V*", "|V*"), // dcmpu, ...
    ROW("111.11....................00100.", PLAIN, "V*", "|V*"), // xscmpuqp,
                                                                 // ...
    ROW("111.11.........................v", PLAIN, "V", "V"),
    END,
};

const struct bitrow *ppc_row(uint32_t word) {
    switch (word >> 26) {
    case 4: return bitrow_find(rows_4, word);
    case 19: return bitrow_find(rows_19, word);
    case 31: return bitrow_find(rows_31, word);
    case 60: return bitrow_find(rows_60, word);
    case 59:
    case 63: return bitrow_find(rows_fp, word);
    default: return bitrow_find(others, word);
    }
}
