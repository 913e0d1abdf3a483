// rename.c: which registers a stencil uses is settled at its site.
//
// The compiler chose registers before it was known where the code will run.
// Where one of them is still wanted, and another is not, the other takes its
// place, and nothing needs to be saved:
//
//     adrp x8, slot        x8 and x9 are live,        adrp x15, slot
//     add  x8, x8, ...     x14 to x17 are not         add  x15, x15, ...
//     ldxr x9, [x8]                                   ldxr x14, [x15]
//
// A stencil that calls keeps the registers it has, for they are the callee's,
// and so does one that is called, and so do those that hold what the site had
// in them.

#include "rewrite/plan.h"

#include <string.h>

static regset general_clobbers(const struct plan *plan,
                               const struct stencil *stencil) {
    return stencil->clobbers & plan->arch->abi.general;
}

static void identity(uint8_t *map) {
    for (unsigned reg = 0; reg < RENAME_COUNT; reg++)
        map[reg] = (uint8_t)reg;
}

// Calls found(insn, code) for each instruction; false: one is none, or found()
// says so.
static bool rename_each(const struct plan *plan, uint8_t *code, uint32_t len,
                        uint64_t va, const uint8_t *map) {
    struct insn insn;
    for (uint32_t off = 0; off < len; off += insn.len) {
        struct code at = {.bytes = {code + off, len - off}, .va = va + off};
        if (!plan->arch->decode(&at, &insn) || insn.kind == INSN_CALL ||
            insn.kind == INSN_CALL_INDIRECT ||
            !plan->arch->rename(&insn, map, code + off))
            return false;
    }
    return true;
}

regset rename_possible(const struct plan *plan, const struct stencil *stencil,
                       uint32_t len) {
    uint8_t map[RENAME_COUNT];
    regset fixed = stencil->inputs;
    if (plan->arch->rename == NULL || len == 0 || stencil->handover.is_called)
        return 0;
    identity(map);
    uint8_t *copy = arena_alloc(plan->arena, len);
    memcpy(copy, stencil->code.p, len);
    if (!rename_each(plan, copy, len, plan->text_va, map) ||
        memcmp(copy, stencil->code.p, len) != 0)
        return 0;
    fixed |= regset_of(stencil->given.sp);
    return general_clobbers(plan, stencil) & ~fixed &
           (REG_BIT(RENAME_COUNT) - 1);
}

regset rename_live(struct plan *plan, uint64_t va, regset wanted) {
    if (plan->live_va != va) {
        plan->live_va = va;
        plan->live_asked = plan->live_found = 0;
    }
    regset rest = wanted & ~plan->live_asked;
    if (rest != 0) {
        plan->live_asked |= rest;
        plan->live_found |= program_live_among(plan->program, va, rest);
    }
    return plan->live_found & wanted;
}

void rename_choose(struct plan *plan, size_t first, size_t count,
                   uint64_t live_va, regset live) {
    const struct abi *abi = &plan->arch->abi;
    regset used = REG_BIT(abi->scratch) | REG_BIT(abi->result), may = 0;
    regset stays = 0;
    identity(plan->names);
    for (size_t i = first; i < first + count; i++) {
        const struct stencil *stencil = plan->picked[i]->stencil;
        regset own = general_clobbers(plan, stencil);
        regset possible =
            plan->infos[stencil - plan->input->stencils->stencils].possible;
        regset fixed = stencil->inputs | called_clobbers(plan, stencil);
        fixed |= regset_of(stencil->given.sp);
        used |= own | fixed;
        stays |= (own & ~possible) | fixed;
        may |= possible;
    }
    may &= ~stays;
    if (live_va == 0)
        return;
    may &= live | rename_live(plan, live_va, may & ~live);
    if (may == 0)
        return;
    regset spare = abi->general & abi->caller_saved & ~live & ~used &
                   (REG_BIT(RENAME_COUNT) - 1);
    spare &= ~rename_live(plan, live_va, spare);
    for (uint8_t reg = 0; reg < RENAME_COUNT && spare != 0; reg++) {
        if (!(may & REG_BIT(reg)))
            continue;
        uint8_t other = (uint8_t)__builtin_ctzll(spare);
        plan->names[reg] = other;
        spare &= ~REG_BIT(other);
    }
}

regset rename_set(const struct plan *plan, regset set) {
    regset renamed = set & ~(REG_BIT(RENAME_COUNT) - 1);
    for (uint8_t reg = 0; reg < RENAME_COUNT; reg++)
        if (set & REG_BIT(reg))
            renamed |= REG_BIT(plan->names[reg]);
    return renamed;
}

void rename_code(struct plan *plan, const struct stencil *stencil,
                 uint32_t off) {
    const struct stencil_info *info =
        &plan->infos[stencil - plan->input->stencils->stencils];
    if (info->possible != 0)
        rename_each(plan, plan->text.p + off, info->len, plan->text_va + off,
                    plan->names);
}
