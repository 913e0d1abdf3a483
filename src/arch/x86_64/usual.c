// usual.c: what programs have and what only data looks like.
//
// Text decodes as code more often than not: letters are prefixes, pushes, short
// jumps, and the string instructions of input and output (`l` to `o`). Tables
// of small numbers are `add %al,(%rax)`, two bytes of zero. No program for
// users can or would execute these, nor what only a kernel may.

#include "arch/x86_64/x86_64.h"

static bool is_usual_one_byte(const struct x86_parts *x) {
    uint8_t opcode = x->opcode;
    switch (opcode) {
    case 0x00: return x->modrm != 0; // zeroes
    case 0x17:                       // undefined; the maps are lenient
    case 0x1f:
    case 0x8c: // segment registers
    case 0x8e:
    case 0x9b: // wait
    case 0xc2: // a return that takes arguments along
    case 0xca: // far returns
    case 0xcb:
    case 0xcd: // int
    case 0xcf:
    case 0xf1: // int1
    case 0xfa: // cli, sti
    case 0xfb: return false;
    case 0x63: return (x->rex & 8) != 0; // movslq, not mov
    case 0xff: { // far calls and jumps; push, inc, dec are fine
        unsigned digit = x->modrm >> 3 & 7;
        return digit != 3 && digit != 5 && digit != 7;
    }
    default: break;
    }
    // ins and outs; in and out; loads from absolute addresses
    bool io = (opcode >= 0x6c && opcode <= 0x6f) ||
              (opcode >= 0xe4 && opcode <= 0xe7) ||
              (opcode >= 0xec && opcode <= 0xef);
    return !io && !(opcode >= 0xa0 && opcode <= 0xa3);
}

static bool is_usual_two_byte(const struct x86_parts *x) {
    uint8_t opcode = x->opcode;
    switch (opcode) {
    case 0x00: // lldt and its like
    case 0x02:
    case 0x03:
    case 0x06: // clts
    case 0x07:
    case 0x08: // invd, wbinvd
    case 0x09:
    case 0x30: // wrmsr, rdmsr
    case 0x32:
    case 0x34: // sysenter, sysexit
    case 0x35:
    case 0x37:
    case 0xaa: // rsm
    case 0xb2: // lss, lfs, lgs
    case 0xb4:
    case 0xb5: return false;
    case 0x01: // lgdt and its like; with a register xgetbv, rdtscp
        return x->modrm >= 0xc0;
    default: break;
    }
    // control and debug registers; push and pop of segments
    return !(opcode >= 0x20 && opcode <= 0x23) &&
           !(opcode >= 0xa0 && opcode <= 0xa1) &&
           !(opcode >= 0xa8 && opcode <= 0xa9);
}

bool x86_is_usual(const struct code *code) {
    struct x86_parts x;
    if (!x86_parse(code->bytes, &x))
        return false;
    if (x.encoding != LEGACY || x.map > 1)
        return true;
    if (x.map == 1)
        return is_usual_two_byte(&x);
    return is_usual_one_byte(&x);
}
