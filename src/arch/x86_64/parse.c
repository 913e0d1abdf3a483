// parse.c: where the parts of an instruction are, and the quick pass.
//
//     prefixes  REX        0F 38  opcode  ModRM  SIB  displacement  immediate
//               VEX, XOP, EVEX
//
// Length, branch target and pc-relative operand follow from these parts
// alone, so that whole libraries can be scanned at a few nanoseconds an
// instruction. The opcode maps below are pictures of those in the manual
// (Intel SDM volume 2, appendix A), 16 rows of 16, a letter an opcode:
//
//     .  nothing follows      m  ModRM                      j  8 bits, relative
//     b  1 byte of immediate  M  ModRM, 1 byte              J  32 bits,
//     relative w  2 bytes              Z  ModRM, operand-sized, <= 4 e  3 bytes
//     (ENTER)      z  operand-sized, <= 4 o  an address           v
//     operand-sized, <= 8 g  group 3, 1 byte      G  group 3, operand-sized c
//     like `.`, and C like `m`: control flow or padding, see classify p  prefix
//     R  REX                        2  escape to 0F V 3 E O  escapes to vector
//     instructions (O is POP too) !  undefined, or of uncertain length
//
// What is undefined in a way the maps do not show (a register where only
// memory is allowed, say) is accepted: the quick pass reads code, it does not
// judge it. A branch with an operand-size prefix is 32 bits long to Intel's
// processors and 16 to AMD's, and so is never certain.

#include <string.h>

#include "arch/x86_64/x86_64.h"

// clang-format off
static const char opcode_maps[4][257] = {
//   0123456789abcdef
    // one byte
    "mmmmbz!!mmmmbz!2" // 0
    "mmmmbz!!mmmmbz!!" // 1
    "mmmmbzp!mmmmbzp!" // 2
    "mmmmbzp!mmmmbzp!" // 3
    "RRRRRRRRRRRRRRRR" // 4
    "................" // 5
    "!!EmppppzZbM...." // 6
    "jjjjjjjjjjjjjjjj" // 7
    "MZ!MmmmmmmmmmmmO" // 8
    "c.........!....." // 9
    "oooo....bz......" // a
    "bbbbbbbbvvvvvvvv" // b
    "MMwc3VMXe.wccb!c" // c
    "mmmm!!!.mmmmmmmm" // d
    "jjjjbbbbJJ!j...." // e
    "p.ppc.gG......mC" // f
,
    // 0F
    "mmmm!c.c..!c!m!!" // 0
    "mmmmmmmmmmmmmmCC" // 1
    "!!!!!!!!mmmmmmmm" // 2
    ".....c!.!!!!!!!!" // 3
    "mmmmmmmmmmmmmmmm" // 4
    "mmmmmmmmmmmmmmmm" // 5
    "mmmmmmmmmmmmmmmm" // 6
    "MMMMmmm.!m!!mmmm" // 7
    "JJJJJJJJJJJJJJJJ" // 8
    "mmmmmmmmmmmmmmmm" // 9
    "...mMm!!...mMmmm" // a
    "mmmmmmmmmCMmmmmm" // b
    "mmMmMMMm........" // c
    "mmmmmmmmmmmmmmmm" // d
    "mmmmmmmmmmmmmmmm" // e
    "mmmmmmmmmmmmmmmC" // f
,
    // 0F 38
    "mmmmmmmmmmmm!!!!" // 0
    "m!!!mm!m!!!!mmm!" // 1
    "mmmmmm!!mmmm!!!!" // 2
    "mmmmmm!mmmmmmmmm" // 3
    "mm!!!!!!!!!!!!!!" // 4
    "!!!!!!!!!!!!!!!!" // 5
    "!!!!!!!!!!!!!!!!" // 6
    "!!!!!!!!!!!!!!!!" // 7
    "mmm!!!!!!!!!!!!!" // 8
    "!!!!!!!!!!!!!!!!" // 9
    "!!!!!!!!!!!!!!!!" // a
    "!!!!!!!!!!!!!!!!" // b
    "!!!!!!!!mmmmmm!m" // c
    "!!!!!!!!m!!mmmmm" // d
    "!!!!!!!!!!!!!!!!" // e
    "mm!!!mm!mmmm!!!!" // f
,
    // 0F 3A
    "!!!!!!!!MMMMMMMM" // 0
    "!!!!MMMM!!!!!!!!" // 1
    "MMM!!!!!!!!!!!!!" // 2
    "!!!!!!!!!!!!!!!!" // 3
    "MMM!M!!!!!!!!!!!" // 4
    "!!!!!!!!!!!!!!!!" // 5
    "MMMM!!!!!!!!!!!!" // 6
    "!!!!!!!!!!!!!!!!" // 7
    "!!!!!!!!!!!!!!!!" // 8
    "!!!!!!!!!!!!!!!!" // 9
    "!!!!!!!!!!!!!!!!" // a
    "!!!!!!!!!!!!!!!!" // b
    "!!!!!!!!!!!!M!MM" // c
    "!!!!!!!!!!!!!!!M" // d
    "!!!!!!!!!!!!!!!!" // e
    "M!!!!!!!!!!!!!!!" // f
};
// clang-format on

// What a letter means, so that the common ones need no branch.
enum traits {
    IMM_MASK = 7, // bytes of immediate
    MODRM = 8,
    OPERAND_SIZED = 16, // 2 or 4 bytes more
    RELATIVE = 32,      // the immediate is
    CONTROL = 64,       // see classify
    SPECIAL = 128,      // see special_immediate
    ESCAPE = 256,       // not an opcode yet
    UNDEFINED = 512,
};

static const uint16_t traits_of[128] = {
    ['.'] = 0,
    ['b'] = 1,
    ['w'] = 2 | CONTROL,
    ['e'] = 3,
    ['z'] = OPERAND_SIZED,
    ['v'] = SPECIAL,
    ['o'] = SPECIAL,
    ['m'] = MODRM,
    ['M'] = MODRM | 1,
    ['Z'] = MODRM | OPERAND_SIZED,
    ['X'] = MODRM | OPERAND_SIZED | CONTROL,
    ['g'] = MODRM | SPECIAL,
    ['G'] = MODRM | SPECIAL,
    ['c'] = CONTROL,
    ['C'] = MODRM | CONTROL,
    ['j'] = 1 | RELATIVE | CONTROL,
    ['J'] = 4 | RELATIVE | CONTROL,
    ['p'] = ESCAPE,
    ['R'] = ESCAPE,
    ['2'] = ESCAPE,
    ['V'] = ESCAPE,
    ['3'] = ESCAPE,
    ['E'] = ESCAPE,
    ['O'] = ESCAPE,
    ['!'] = UNDEFINED,
};

// Bytes of ModRM, SIB and displacement, by mod and rm; a SIB byte of base 5
// has 4 more when mod is 0.
static const uint8_t modrm_len[4][8] = {
    {1, 1, 1, 1, 2, 5, 1, 1},
    {2, 2, 2, 2, 3, 2, 2, 2},
    {5, 5, 5, 5, 6, 5, 5, 5},
    {1, 1, 1, 1, 1, 1, 1, 1},
};

enum { REX_B = 1, REX_X = 2, REX_R = 4, REX_W = 8, REX = 0x40 };

// Bytes that may be read behind any instruction's first, whatever they say.
enum { LOOKAHEAD = 32 };

static uint8_t prefix_bit(uint8_t byte) {
    switch (byte) {
    case 0x66: return PREFIX_OPSIZE;
    case 0x67: return PREFIX_ADDRESS;
    case 0xf2: return PREFIX_REPNE;
    case 0xf3: return PREFIX_REP;
    case 0xf0: return PREFIX_LOCK;
    default: return PREFIX_SEGMENT;
    }
}

// The letter of a vector instruction. Every opcode takes a ModRM byte but
// VZEROUPPER, and those with an immediate are few.
static char vector_letter(const struct x86_parts *x) {
    uint8_t op = x->opcode;
    if (x->encoding == XOP)
        return x->map == 8 ? 'M' : x->map == 9 ? 'm' : 'Z';
    if (x->map == 3)
        return 'M';
    if (x->map == 2 || (x->encoding == EVEX && (x->map == 5 || x->map == 6)))
        return 'm';
    if (x->map != 1)
        return '!';
    if (op == 0x77 && x->encoding == VEX)
        return '.';
    bool immediate =
        (op >= 0x70 && op <= 0x73) || op == 0xc2 || (op >= 0xc4 && op <= 0xc6);
    return immediate ? 'M' : 'm';
}

// Reads a VEX, XOP or EVEX prefix at p. Returns its length; 0: none.
//
//     C5 RvvvvLpp                       VEX, map 1
//     C4 RXBmmmmm WvvvvLpp              VEX
//     8F RXBmmmmm WvvvvLpp              XOP, mmmmm >= 8
//     62 RXBR0mmm Wvvvv1pp zLLbVaaa     EVEX
//
// R, X and B are those of REX, in the same order, but inverted.
static unsigned parse_vector_prefix(const uint8_t *p, struct x86_parts *x) {
    enum { REFUSED = PREFIX_OPSIZE | PREFIX_REPNE | PREFIX_REP | PREFIX_LOCK };
    if (x->rex || (x->prefixes & REFUSED))
        return 0;
    if (p[0] == 0xc5) {
        x->encoding = VEX;
        x->map = 1;
        x->rex = REX | (p[1] & 0x80 ? 0 : REX_R);
        return 2;
    }
    x->rex = REX | (~(p[1] >> 5) & 7) | (p[2] & 0x80 ? REX_W : 0);
    if (p[0] == 0x62) {
        x->encoding = EVEX;
        x->map = p[1] & 7;
        return !(p[1] & 8) && (p[2] & 4) ? 4 : 0;
    }
    x->encoding = p[0] == 0xc4 ? VEX : XOP;
    x->map = p[1] & 0x1f;
    bool known = x->encoding == VEX ? x->map >= 1 && x->map <= 3
                                    : x->map >= 8 && x->map <= 10;
    return known ? 3 : 0;
}

// Reads escapes and the opcode at p + at; sets opcode_at. Returns its letter.
static char parse_opcode(const uint8_t *p, unsigned at, struct x86_parts *x) {
    enum { ESCAPE_0F38 = 0x38, ESCAPE_0F3A = 0x3a };
    char letter = opcode_maps[0][p[at]];
    if (letter == 'O')
        letter = p[at + 1] & 0x38 ? '3' : 'm'; // POP is 8F /0
    if (letter == 'V' || letter == '3' || letter == 'E') {
        unsigned len = parse_vector_prefix(p + at, x);
        at += len;
        x->opcode = p[at];
        letter = len ? vector_letter(x) : '!';
    } else if (letter == '2') {
        at++;
        x->map = 1;
        if (p[at] == ESCAPE_0F38 || p[at] == ESCAPE_0F3A) {
            x->map = p[at] == ESCAPE_0F38 ? 2 : 3;
            at++;
        }
        letter = opcode_maps[x->map][p[at]];
    }
    x->opcode = p[at];
    x->opcode_at = (uint8_t)at;
    return letter;
}

// Reads ModRM, SIB and displacement at p + at; returns what follows.
static unsigned parse_modrm(const uint8_t *p, unsigned at,
                            struct x86_parts *x) {
    uint8_t modrm = x->modrm = p[at];
    x->modrm_at = (uint8_t)at++;
    uint8_t mod = modrm >> 6, rm = modrm & 7;
    if (mod == 3)
        return at;
    uint8_t base = rm;
    if (rm == 4) {
        base = p[at] & 7;
        x->base_is_sp = base == RSP && !(x->rex & REX_B);
        x->sib_at = (uint8_t)at++;
    }
    x->disp_len = mod == 1 ? 1 : mod == 2 || base == 5 ? 4 : 0;
    x->pc_relative = mod == 0 && rm == 5;
    x->disp_at = x->disp_len ? (uint8_t)at : 0;
    return at + x->disp_len;
}

// The length of an immediate that depends on more than the letter.
static unsigned special_immediate(char letter, const struct x86_parts *x) {
    bool wide = x->rex & REX_W;
    unsigned sized = !wide && (x->prefixes & PREFIX_OPSIZE) ? 2 : 4;
    bool is_test = (x->modrm & 0x38) <= 8; // group 3: /0 and /1 have one
    switch (letter) {
    case 'v': return wide ? 8 : sized;
    case 'o': return x->prefixes & PREFIX_ADDRESS ? 4 : 8;
    case 'g': return is_test ? 1 : 0;
    default: return is_test ? sized : 0;
    }
}

// The parts of the instruction at p, from where LOOKAHEAD bytes can be read.
static unsigned parse(const uint8_t *p, struct x86_parts *x) {
    *x = (struct x86_parts){0};
    unsigned at = 0;
    for (;; at++) {
        char letter = opcode_maps[0][p[at]];
        if (letter == 'R') {
            x->rex = p[at];
        } else if (letter == 'p') {
            x->prefixes |= prefix_bit(p[at]);
            x->rex = 0; // counts only right before the opcode
        } else {
            break;
        }
        if (at == MAX_INSN - 1)
            return 0;
    }
    char letter = parse_opcode(p, at, x);
    unsigned traits = traits_of[(unsigned char)letter];
    if (traits & UNDEFINED)
        return 0;
    at = x->opcode_at + 1u;
    if (traits & MODRM)
        at = parse_modrm(p, at, x);
    bool narrow = (x->prefixes & PREFIX_OPSIZE) && !(x->rex & REX_W);
    unsigned imm_len = traits & IMM_MASK;
    if (traits & OPERAND_SIZED)
        imm_len = narrow ? 2 : 4;
    else if (traits & SPECIAL)
        imm_len = special_immediate(letter, x);
    if ((traits & RELATIVE) && narrow)
        return 0;
    if (x->pc_relative && (x->prefixes & PREFIX_ADDRESS))
        return 0; // of the low half of the pc
    x->imm_len = (uint8_t)imm_len;
    x->imm_at = imm_len ? (uint8_t)at : 0;
    at += imm_len;
    x->len = at <= MAX_INSN ? (uint8_t)at : 0;
    return traits;
}

// The same near the end of the bytes: what lies beyond is taken as zero, and
// an instruction that reaches there is none.
static unsigned parse_end(struct slice bytes, struct x86_parts *x) {
    uint8_t copy[LOOKAHEAD] = {0};
    if (bytes.n)
        memcpy(copy, bytes.p, bytes.n);
    unsigned traits = parse(copy, x);
    if (x->len > bytes.n)
        x->len = 0;
    return traits;
}

bool x86_parse(struct slice bytes, struct x86_parts *parts) {
    if (bytes.n < LOOKAHEAD)
        parse_end(bytes, parts);
    else
        parse(bytes.p, parts);
    return parts->len != 0;
}

// The kind of a direct branch of map 0 or 1.
static uint8_t branch_kind(unsigned map, uint8_t opcode) {
    enum { CALL = 0xe8, JMP_REL32 = 0xe9, JMP_REL8 = 0xeb };
    if (map == 0 && opcode == CALL)
        return INSN_CALL;
    bool is_jump = map == 0 && (opcode == JMP_REL32 || opcode == JMP_REL8);
    return is_jump ? INSN_JUMP : INSN_JUMP_COND;
}

// Opcodes that do not simply fall through, or mean nothing.
enum one_byte_opcode {
    OP_LEA = 0x8d,
    OP_NOP = 0x90,
    OP_RET_IMM = 0xc2,
    OP_RET = 0xc3,
    OP_XBEGIN = 0xc7, // with ModRM F8; otherwise MOV
    OP_RETF_IMM = 0xca,
    OP_RETF = 0xcb,
    OP_INT3 = 0xcc,
    OP_IRET = 0xcf,
    OP_HLT = 0xf4,
    OP_GROUP5 = 0xff,
};

enum two_byte_opcode { // behind 0F
    OP_SYSCALL = 0x05,
    OP_SYSRET = 0x07,
    OP_UD2 = 0x0b,
    OP_ENDBR = 0x1e, // F3 0F 1E FA is ENDBR64
    OP_LONG_NOP = 0x1f,
    OP_SYSEXIT = 0x35,
    OP_UD1 = 0xb9,
    OP_UD0 = 0xff,
};

static void classify_one_byte(const struct x86_parts *x,
                              struct insn_brief *out) {
    enum { MODRM_XBEGIN = 0xf8 };
    static const uint8_t group5[8] = {
        [2] = INSN_CALL_INDIRECT,
        [3] = INSN_CALL_INDIRECT,
        [4] = INSN_JUMP_INDIRECT,
        [5] = INSN_JUMP_INDIRECT,
    };
    _Static_assert(INSN_PLAIN == 0, "what a row does not name is plain");
    switch (x->opcode) {
    case OP_NOP: // unless it is PAUSE, or XCHG with r8
        if (!(x->prefixes & PREFIX_REP) && !(x->rex & REX_B))
            out->flags |= INSN_PADDING;
        break;
    case OP_RET_IMM:
    case OP_RET:
    case OP_RETF_IMM:
    case OP_RETF:
    case OP_IRET: out->kind = INSN_RETURN; break;
    case OP_XBEGIN:
        out->kind = x->modrm == MODRM_XBEGIN ? INSN_JUMP_COND : INSN_PLAIN;
        break;
    case OP_INT3:
        out->kind = INSN_STOP;
        out->flags |= INSN_PADDING;
        break;
    case OP_HLT: out->kind = INSN_STOP; break;
    case OP_GROUP5: out->kind = group5[x->modrm >> 3 & 7]; break;
    default: out->kind = branch_kind(0, x->opcode);
    }
}

static void classify_two_byte(const struct x86_parts *x,
                              struct insn_brief *out) {
    enum { MODRM_ENDBR64 = 0xfa };
    switch (x->opcode) {
    case OP_SYSCALL: out->kind = INSN_SYSCALL; break;
    case OP_SYSRET: // the kernel's way out, not ours
    case OP_SYSEXIT:
    case OP_UD2:
    case OP_UD1:
    case OP_UD0: out->kind = INSN_STOP; break;
    case OP_ENDBR:
        if (x->modrm == MODRM_ENDBR64 && (x->prefixes & PREFIX_REP))
            out->flags |= INSN_LANDING;
        break;
    case OP_LONG_NOP: // its operand is not accessed
        out->flags = INSN_PADDING;
        out->pc_value = 0;
        break;
    default: out->kind = branch_kind(1, x->opcode);
    }
}

// A displacement of 1, 2 or 4 bytes. Written as shifts, which compilers turn
// into one load.
static inline uint64_t load_signed(const uint8_t *p, unsigned len) {
    uint32_t low = p[0];
    if (len == 1)
        return (uint64_t)(int8_t)low;
    low |= (uint32_t)p[1] << 8;
    if (len == 2)
        return (uint64_t)(int16_t)low;
    low |= (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return (uint64_t)(int32_t)low;
}

// Nine instructions of ten have no prefix but REX and no escape but 0F. For
// them the length is a sum of what tables give, without branches that could
// be mispredicted. The first bytes are loaded once and shifted: each length
// depends on the one before, so that what counts is latency. False: this is
// not one of them.
static inline bool brief_common(const uint8_t *p, uint64_t va,
                                struct insn_brief *out) {
    enum { ESCAPE_0F = 0x0f };
    uint32_t word = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                    (uint32_t)p[3] << 24;
    unsigned rex = (word & 0xf0) == REX;
    word >>= rex * 8;
    unsigned map = (word & 0xff) == ESCAPE_0F;
    word >>= map * 8;
    uint8_t opcode = (uint8_t)word;
    unsigned traits = traits_of[(unsigned char)opcode_maps[map][opcode]];
    if ((traits & (SPECIAL | ESCAPE | UNDEFINED)) ||
        (traits & (CONTROL | RELATIVE)) == CONTROL)
        return false;
    unsigned at = rex + map + 1;
    unsigned imm_len = (traits & IMM_MASK) + (traits & OPERAND_SIZED ? 4 : 0);
    unsigned modrm = traits & MODRM ? word >> 8 & 0xff : 0xc0;
    unsigned operand_len =
        traits & MODRM ? modrm_len[modrm >> 6][modrm & 7] : 0;
    if ((modrm & 0xc7) == 4 && (p[at + 1] & 7) == 5)
        operand_len += 4;
    unsigned len = at + operand_len + imm_len;
    *out = (struct insn_brief){.len = (uint8_t)len};
    if ((modrm & 0xc7) == 5) {
        out->pc_value = va + len + load_signed(p + at + 1, 4);
        out->flags = INSN_PC_RELATIVE;
        if (map == 0 && opcode == OP_LEA)
            out->flags |= INSN_TAKES_ADDRESS;
    }
    if (traits & RELATIVE) {
        out->kind = branch_kind(map, opcode);
        out->target = va + len + load_signed(p + at, imm_len);
        out->flags = INSN_PC_RELATIVE;
    }
    return true;
}

void x86_brief(const struct code *code, struct insn_brief *out) {
    struct x86_parts x;
    const uint8_t *p = code->bytes.p;
    bool near_end = code->bytes.n < LOOKAHEAD;
    if (!near_end && brief_common(p, code->va, out))
        return;
    unsigned traits = near_end ? parse_end(code->bytes, &x) : parse(p, &x);
    *out = (struct insn_brief){.len = x.len};
    if (x.len == 0)
        return;
    uint64_t next = code->va + x.len;
    if (x.pc_relative) {
        out->pc_value = next + load_signed(p + x.disp_at, 4);
        bool is_lea = x.map == 0 && x.opcode == OP_LEA && x.encoding == LEGACY;
        out->flags = INSN_PC_RELATIVE | (is_lea ? INSN_TAKES_ADDRESS : 0);
    }
    if (!(traits & CONTROL) || x.encoding != LEGACY)
        return;
    if (x.map == 0)
        classify_one_byte(&x, out);
    else
        classify_two_byte(&x, out);
    if (out->kind == INSN_JUMP || out->kind == INSN_CALL ||
        out->kind == INSN_JUMP_COND) {
        out->target = next + load_signed(p + x.imm_at, x.imm_len);
        out->flags |= INSN_PC_RELATIVE;
    }
}
