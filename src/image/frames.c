// frames.c: how the caller's frame is found at one address.
//
// A question is answered by running the call frame instructions of the one
// FDE that holds the address, found by binary search. Nothing is kept between
// questions: an FDE has a few dozen bytes, and running them costs less than a
// table would.

#include "image/cfi.h"

const struct frame_range *image_frame_range(const struct image *image,
                                            uint64_t va) {
    size_t low;
    // the last that starts at or before va
    LOWER_BOUND(low, image->frame_count, image->frames[low].va <= va);
    if (low == 0)
        return NULL;
    const struct frame_range *range = &image->frames[low - 1];
    return va - range->va < range->len ? range : NULL;
}

static uint8_t register_of_dwarf(const struct arch *arch, uint64_t number) {
    for (uint8_t i = 0; i < arch->reg_count; i++)
        if (arch->regs[i].name && arch->regs[i].dwarf == number &&
            number != REG_NONE)
            return i;
    return REG_NONE;
}

// Whether the caller's registers are all where they are at the entry. A slot
// below the stack pointer means one that was restored: clang does not say so.
static bool nothing_saved(const struct cfi_rules *rules,
                          const struct cfi_rules *initial) {
    if (rules->cfa.kind != initial->cfa.kind ||
        rules->cfa.reg != initial->cfa.reg ||
        rules->cfa.value != initial->cfa.value)
        return false;
    for (unsigned i = 0; i < rules->count; i++) {
        const struct cfi_rule *a = &rules->columns[i];
        uint8_t kind =
            i < initial->count ? initial->columns[i].kind : (uint8_t)RULE_UNSET;
        bool popped = a->kind == RULE_OFFSET && rules->cfa.value + a->value < 0;
        if (!popped &&
            (a->kind != kind ||
             (kind != RULE_UNSET && a->value != initial->columns[i].value)))
            return false;
    }
    return true;
}

struct frame_state image_frame_at(const struct image *image, uint64_t va) {
    struct frame_state state = {0};
    const struct frame_range *range = image_frame_range(image, va);
    struct cfi_entry entry;
    struct cfi_fde fde;
    struct cfi_cie cie;
    struct cfi_rules rules, initial;
    if (!range || !cfi_read_entry(image, range->fde_va, &entry) ||
        !cfi_read_cie(image, entry.cie_va, &cie) ||
        !cfi_read_fde(image, &entry, &cie, &fde) ||
        !cfi_run(image, &fde, va, &rules, &initial))
        return state;
    struct cfi_rule *cfa = &rules.cfa;
    if (cfa->kind == RULE_EXPRESSION &&
        cfi_evaluate(cfa->expression, &cie, image->arch, va, &cfa->reg,
                     &cfa->value))
        cfa->kind = RULE_CFA;
    uint64_t column = cie.return_column;
    const struct cfi_rule kept = {.kind = RULE_SAME},
                          *found = column < rules.count ? &rules.columns[column]
                                                        : &kept;
    bool saved = found->kind == RULE_OFFSET;
    bool in_link = found->kind == RULE_SAME || found->kind == RULE_UNSET;
    state.return_reg = in_link ? image->arch->abi.link : REG_NONE;
    state.base = register_of_dwarf(image->arch, cfa->reg);
    state.known = cfa->kind == RULE_CFA && state.base != REG_NONE &&
                  (saved || state.return_reg != REG_NONE) &&
                  cfa->value == (int32_t)cfa->value && !cie.is_signal;
    if (!state.known)
        return (struct frame_state){0};
    state.off = (int32_t)cfa->value;
    state.return_off = saved ? (int32_t)found->value : 0;
    state.at_entry = nothing_saved(&rules, &initial);
    return state;
}
