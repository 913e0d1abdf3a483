// bases.c: registers that hold one address all through a program.
//
// Where data lies close together linkers make one instruction of the two that
// an address takes, relative to a register that nobody changes:
//
//     auipc a0, hi
//     addi  a0, a0, lo        addi  a0, gp, off
//
// Where it points to a symbol says. Without one the code that sets it does,
// which is the first that runs: from the entry on a few instructions are
// followed, by jumps and into calls.
//
//     _start:   jal  load_gp          load_gp:  auipc gp, hi
//               ...                             addi  gp, gp, lo
//                                               ret
//
// If that tells nothing either, what is made of such a register is unknown, and
// jumps that depend on it are not explained (tables.c).

#include "program/bits.h"

#define START_STEPS 64
#define START_DEPTH 2

struct start {
    const struct program *program;
    uint8_t reg;
    unsigned steps;
    uint64_t high; // what the first instruction of two made of it
};

// What the second of two instructions makes of `high`; 0: it is not one.
static uint64_t completed(const struct start *start, const struct insn *insn) {
    const struct arch *arch = start->program->arch;
    if (start->high == 0 || insn->base_reg != start->reg) {
        return 0;
    }
    uint64_t va = start->high + (uint64_t)insn->base_off;
    if (insn->loaded_reg != start->reg) {
        return insn->flags & INSN_ADDS_OFFSET ? va : 0;
    }
    struct slice word = image_bytes(start->program->image, va);
    size_t len = arch->bits / 8;
    return word.n < len ? 0 : load_uint(word.p, len, arch->order);
}

static uint64_t value_set(struct start *start, uint64_t va, unsigned depth) {
    const struct program *program = start->program;
    while (start->steps-- > 0) {
        struct code code = {image_bytes(program->image, va), va, 0};
        struct insn insn;
        if (!image_is_code(program->image, va) ||
            !program->arch->decode(&code, &insn)) {
            return 0;
        }
        uint64_t value = 0;
        if (insn.clobbers & REG_BIT(start->reg)) {
            value = completed(start, &insn);
            bool begins =
                insn.const_reg == start->reg && insn.copy_reg == REG_NONE;
            start->high = begins ? insn.const_value : 0;
        } else if (insn.kind == INSN_CALL && depth < START_DEPTH) {
            value = value_set(start, insn.target, depth + 1);
        }
        if (value != 0) {
            return value;
        }
        if (!kind_falls_through(insn.kind) && insn.kind != INSN_JUMP) {
            return 0;
        }
        va = insn.kind == INSN_JUMP ? insn.target : va + insn.len;
    }
    start->steps = 0;
    return 0;
}

void bases_find(struct program *program) {
    const struct arch *arch = program->arch;
    for (uint8_t i = 0; i < arch->base_count; i++) {
        uint64_t *va = &program->bits->base_vas[i];
        *va = program->image->base_vas[i];
        if (*va == 0 && program->image->entry_va != 0) {
            struct start start = {.program = program,
                                  .reg = arch->bases[i].reg,
                                  .steps = START_STEPS};
            *va = value_set(&start, program->image->entry_va, 0);
        }
    }
}

uint64_t base_value(const struct program *program, uint8_t reg) {
    const struct arch *arch = program->arch;
    for (uint8_t i = 0; i < arch->base_count; i++) {
        if (arch->bases[i].reg == reg) {
            return program->bits->base_vas[i];
        }
    }
    return 0;
}

regset bases_unknown(const struct program *program) {
    const struct arch *arch = program->arch;
    regset unknown = 0;
    for (uint8_t i = 0; i < arch->base_count; i++) {
        if (program->bits->base_vas[i] == 0) {
            unknown |= REG_BIT(arch->bases[i].reg);
        }
    }
    return unknown;
}
