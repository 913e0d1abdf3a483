// usual.c: what programs have and what only data looks like.
//
// Zeroes are an instruction in both encodings. Small numbers are A32 with the
// condition EQ, as no compiler writes one after the other; that is let pass,
// for one by itself is as good as any. What only a kernel may do is data.

#include "arch/arm/arm.h"

bool arm_is_usual(const struct code *code) {
    struct arm_parts parts;
    struct arm_block block;
    if (!arm_parse(code->bytes, code->mode, &parts) || parts.word == 0)
        return false;
    switch (parts.row->form) {
    case FORM_SYSTEM:
    case FORM_MSR: return parts.row->form == FORM_MSR;
    case FORM_IT: return arm_parse_block(code->bytes, &parts, &block);
    default: return true;
    }
}

// Most of A32's instructions have the condition AL, the four highest bits of
// the word; T32's halfwords have anything there. Constants in between are few.
// That code of A32 lies behind T32 takes more to be believed: mostly it was not
// T32, but constants that look so.
unsigned arm_guess_mode(struct slice code, unsigned mode) {
    enum { WORDS = 16, LEAST = 4, ALL = 8 };
    unsigned words = mode == T32 ? ALL : WORDS, count = 0;
    if (code.n < 4 * WORDS)
        return mode;
    for (unsigned i = 0; i < words; i++)
        count += code.p[4 * i + 3] >> 4 == COND_AL;
    return count < (mode == T32 ? ALL : LEAST) ? T32 : A32;
}
