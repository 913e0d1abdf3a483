// pairs.c: addresses that are made of two instructions.
//
// Machines whose instructions are too short for an address make one of two:
//
//     adrp  x0, page           sets x0 to a constant
//     add   x0, x0, #off       adds the rest: the address is taken here
//
// Alone neither tells. The second half looks back for the first, over straight
// code: whatever else may have led there would only add an address, and an
// address too many does little harm.

#include "program/bits.h"

// Instructions looked back over; compilers keep the halves close together.
#define PAIR_STEPS 24

// What may lie anywhere has no address as a plain number in its code.
static bool may_be_address(const struct program *program,
                           const struct insn *insn) {
    return !program->image->is_relocatable || (insn->flags & INSN_PC_RELATIVE);
}

// What an instruction loads into a register from a word whose address it tells;
// 0: it does not, or the word may change.
static uint64_t literal_of(const struct program *program,
                           const struct insn *insn, uint8_t reg) {
    if (insn->loaded_reg != reg || insn->pc_value == 0 ||
        (insn->flags & INSN_TAKES_ADDRESS) || !(insn->writes & REG_BIT(reg)) ||
        !image_is_code(program->image, insn->pc_value))
        return 0;
    struct slice bytes = image_bytes(program->image, insn->pc_value);
    return bytes.n < 4 ? 0 : load_uint(bytes.p, 4, program->arch->order);
}

// What register `reg` holds before the instruction at `va`, at an address not
// below least_va; 0: not a constant.
static uint64_t constant_before(const struct program *program,
                                const struct code_range *range, uint64_t va,
                                uint64_t least_va, uint8_t reg) {
    const struct arch *arch = program->arch;
    for (unsigned i = 0; i < PAIR_STEPS; i++) {
        uint64_t at = va;
        do {
            if (at - least_va < arch->insn_align)
                return 0;
            at -= arch->insn_align;
        } while (va - at <= arch->max_insn &&
                 !bit_get(program->bits->insns,
                          range->base + (uint32_t)(at - range->va)));
        if (va - at > arch->max_insn)
            return 0;
        uint64_t off = at - range->va;
        struct code code = {{range->bytes + off, range->len - off},
                            .va = at,
                            .mode = range->mode};
        struct insn insn;
        if (!arch->decode(&code, &insn) || !kind_falls_through(insn.kind))
            return 0;
        if (insn.const_reg == reg && insn.copy_reg == REG_NONE)
            return may_be_address(program, &insn) ? insn.const_value : 0;
        uint64_t literal = literal_of(program, &insn, reg);
        if (literal != 0)
            return literal;
        bool is_call =
            insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT;
        if ((insn.clobbers & REG_BIT(reg)) ||
            (is_call && (arch->abi.caller_saved & REG_BIT(reg))))
            return 0;
        va = at;
    }
    return 0;
}

static uint64_t pair_value(const struct program *program,
                           const struct code_range *range, uint64_t least_va,
                           const struct insn *insn) {
    const struct abi *abi = &program->arch->abi;
    if (insn->base_reg == REG_NONE || insn->base_reg == abi->sp)
        return 0;
    uint64_t base = base_value(program, insn->base_reg);
    if (base == 0)
        base =
            constant_before(program, range, insn->va, least_va, insn->base_reg);
    uint64_t mask = UINT64_MAX >> (64 - program->arch->bits);
    return base == 0 ? 0 : (base + (uint64_t)insn->base_off) & mask;
}

void pair_complete(const struct program *program, struct insn *insn) {
    const struct code_range *range = code_range_at(program->bits, insn->va);
    if (!(insn->flags & INSN_ADDS_OFFSET) || range == NULL)
        return;
    insn->pc_value = pair_value(program, range, range->va, insn);
    if (insn->pc_value != 0)
        insn->flags |= INSN_TAKES_ADDRESS;
}

void pair_complete_brief(const struct program *program,
                         const struct code_range *range, uint64_t va,
                         uint64_t least_va, struct insn_brief *brief) {
    uint64_t off = va - range->va;
    struct code code = {
        {range->bytes + off, range->len - off}, .va = va, .mode = range->mode};
    struct insn insn;
    if (!(brief->flags & INSN_ADDS_OFFSET) ||
        !program->arch->decode(&code, &insn))
        return;
    brief->pc_value = pair_value(program, range, least_va, &insn);
    if (brief->pc_value != 0)
        brief->flags |= INSN_TAKES_ADDRESS;
}
