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
