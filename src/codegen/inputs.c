// inputs.c: which machine registers a shape wants as they are at its site.
//
// Asked twice: the back-end fetches them first thing in the code, and the
// cutter tells the rewriter, which must not have changed them by then. What a
// called shape is given besides comes in registers that are none of them.

#include "codegen/codegen.h"

struct walk {
    const struct arch *arch;
    regset inputs;
    bool wants_sp;
};

static void note_register(struct walk *walk, uint64_t number) {
    if (number == walk->arch->abi.sp)
        walk->wants_sp = true;
    else
        walk->inputs |= REG_BIT(number);
}

static void walk_expr(struct walk *walk, const struct ir_expr *expr) {
    if (!expr)
        return;
    if (expr->op == IR_REG)
        note_register(walk, expr->value);
    if (expr->op == IR_WORD)
        note_register(walk, expr->reg);
    walk_expr(walk, expr->a);
    walk_expr(walk, expr->b);
    walk_expr(walk, expr->c);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        walk_expr(walk, expr->args[i]);
}

static void walk_body(struct walk *walk, const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        walk_expr(walk, stmt->a);
        walk_body(walk, stmt->then_);
        walk_body(walk, stmt->else_);
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            walk_expr(walk, stmt->args[i]);
        uint32_t keys = stmt->op != IR_AGG || stmt->is_slot
                            ? 0
                            : stmt->aggregation->key_count;
        for (uint32_t i = 0; i < keys; i++)
            walk_expr(walk, stmt->keys[i]);
    }
}

// The last of a set: late arguments are seldom live.
static uint8_t pick(regset set) {
    return set ? (uint8_t)(63 - __builtin_clzll(set)) : REG_NONE;
}

// Arguments stay where they are until they are asked for; any other register a
// compiler may use before that.
static regset carriers(const struct abi *abi) {
    regset set = 0;
    for (size_t i = 0; i < COUNT_OF(abi->args) && abi->args[i] != REG_NONE; i++)
        set |= REG_BIT(abi->args[i]);
    return set & ~REG_BIT(abi->result);
}

// The register for sp: what is made for such things, unless the site has
// something in it that is asked for as well.
static uint8_t pick_sp(const struct abi *abi, regset inputs) {
    if (!(inputs & REG_BIT(abi->scratch)))
        return abi->scratch;
    regset args = carriers(abi) | REG_BIT(abi->result);
    uint8_t reg = pick(abi->general & abi->caller_saved &
                       ~(args | regset_of(abi->link) | inputs));
    return reg != REG_NONE ? reg : pick(carriers(abi) & ~inputs);
}

// For what is lost: an argument's, where there is one.
static uint8_t pick_lost(const struct abi *abi, regset inputs) {
    uint8_t reg = pick(carriers(abi) & ~inputs);
    return reg != REG_NONE
               ? reg
               : pick(abi->general & abi->caller_saved &
                      ~(REG_BIT(abi->result) | regset_of(abi->link) | inputs));
}

regset shape_inputs(const struct ir_clause *shape, const struct arch *arch,
                    struct given *given) {
    const struct abi *abi = &arch->abi;
    struct walk walk = {.arch = arch};
    walk_expr(&walk, shape->predicate);
    walk_body(&walk, shape->body);
    *given = (struct given){REG_NONE, REG_NONE};
    if (walk.wants_sp)
        given->sp = pick_sp(abi, walk.inputs);
    if (walk.inputs & abi->lost_by_frame)
        given->lost = pick_lost(abi, walk.inputs | regset_of(given->sp));
    if (given->lost == REG_NONE) // or all others are wanted as well
        return walk.inputs;
    return (walk.inputs & ~abi->lost_by_frame) | REG_BIT(given->lost);
}

// --- called shapes ---

bool shape_handover(const struct ir_clause *shape, const struct arch *arch,
                    struct handover *handover) {
    const struct abi *abi = &arch->abi;
    struct given given;
    regset inputs = shape_inputs(shape, arch, &given);
    regset free = carriers(abi) & ~(inputs | regset_of(given.sp));
    *handover = (struct handover){
        .is_called = true, .values = REG_NONE, .link = REG_NONE};
    if (inputs & regset_of(abi->link)) {
        handover->link = pick(free);
        if (handover->link == REG_NONE)
            return false;
        free &= ~REG_BIT(handover->link);
    }
    if (shape->hole_count > 0) {
        handover->values = pick(free);
        if (handover->values == REG_NONE)
            return false;
    }
    return true;
}

regset inputs_handed(const struct handover *handover, const struct arch *arch,
                     regset inputs) {
    if (!handover->is_called)
        return inputs;
    inputs |= regset_of(handover->values);
    if (handover->link == REG_NONE)
        return inputs;
    return (inputs & ~REG_BIT(arch->abi.link)) | REG_BIT(handover->link);
}

struct handover input_handover(const struct codegen_input *input,
                               size_t shape) {
    return input->handovers ? input->handovers[shape] : (struct handover){0};
}
