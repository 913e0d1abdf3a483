// numbers.c: which constant a register holds.
//
// A walk backwards over straight-line code, and over direct branches where
// several ways meet. It must be right or say that it does not know: ways that
// disagree, an entry that anybody may call, a call on the way or an instruction
// that is not understood end it.

#include "program/bits.h"

#define WALK_STEPS 256
#define WALK_JOINS 24

struct walk {
    const struct program *program;
    unsigned steps;             // left
    uint64_t joins[WALK_JOINS]; // places where ways meet, already walked
    uint8_t join_regs[WALK_JOINS];
    unsigned join_count;
    bool found, failed;
    uint64_t value;
};

static void walk_before(struct walk *walk, uint64_t va, uint8_t reg);

static void found(struct walk *walk, uint64_t value) {
    if (walk->found && walk->value != value) {
        walk->failed = true;
    }
    walk->found = true;
    walk->value = value;
}

// The instruction at va was just executed. The register whose value before it
// is now wanted; REG_NONE: this way ended.
static uint8_t step_over(struct walk *walk, uint64_t va, uint8_t reg) {
    struct insn insn;
    if (walk->steps == 0 || !program_decode(walk->program, va, &insn) ||
        insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT) {
        walk->failed = true;
        return REG_NONE;
    }
    walk->steps--;
    if (insn.const_reg == reg) {
        if (insn.copy_reg != REG_NONE) {
            return insn.copy_reg;
        }
        found(walk, insn.const_value);
        return REG_NONE;
    }
    if ((insn.clobbers | insn.writes) & REG_BIT(reg)) {
        walk->failed = true;
        return REG_NONE;
    }
    return reg;
}

// Whether the place is new; a place walked before adds nothing.
static bool enter_join(struct walk *walk, uint64_t va, uint8_t reg) {
    for (unsigned i = 0; i < walk->join_count; i++) {
        if (walk->joins[i] == va && walk->join_regs[i] == reg) {
            return false;
        }
    }
    if (walk->join_count == WALK_JOINS) {
        walk->failed = true;
        return false;
    }
    walk->joins[walk->join_count] = va;
    walk->join_regs[walk->join_count++] = reg;
    return true;
}

static void walk_branches(struct walk *walk, uint64_t va, uint8_t reg) {
    size_t count;
    const struct branch *branch =
        program_branches_to(walk->program, va, &count);
    if (count > WALK_JOINS) {
        walk->failed = true;
    }
    for (size_t i = 0; i < count && !walk->failed; i++) {
        uint8_t before = step_over(walk, branch[i].va, reg);
        if (before != REG_NONE) {
            walk_before(walk, branch[i].va, before);
        }
    }
}

static void walk_before(struct walk *walk, uint64_t va, uint8_t reg) {
    const struct program *program = walk->program;
    while (!walk->failed) {
        bool is_target = program_is_target(program, va);
        if (is_target) {
            if (!program_is_direct_target_only(program, va)) {
                walk->failed = true;
                return;
            }
            if (!enter_join(walk, va, reg)) {
                return;
            }
            walk_branches(walk, va, reg);
        }
        uint64_t before_va = code_previous(program, va);
        struct insn_brief insn;
        bool known = before_va != 0 && code_brief(program, before_va, &insn);
        if (!known || !kind_falls_through(insn.kind)) {
            // Reached by branches alone, or not understood.
            walk->failed |= !known || !is_target;
            return;
        }
        reg = step_over(walk, before_va, reg);
        if (reg == REG_NONE) {
            return;
        }
        va = before_va;
    }
}

int64_t number_before(const struct program *program, uint64_t va, uint8_t reg) {
    struct walk walk = {.program = program, .steps = WALK_STEPS};
    walk_before(&walk, va, reg);
    // Numbers are 32 bits wide to the kernel.
    bool known = walk.found && !walk.failed && walk.value <= INT32_MAX;
    return known ? (int64_t)walk.value : -1;
}
