// cfi_run.c: the interpreter of call frame instructions.
//
// Instructions form a program that builds the table of rules row by row
// (DWARF 5, section 6.4.2); we run it as far as the address asked for. The
// opcode's top two bits name three instructions with an operand in the low
// six, the rest are one byte.
//
// Expressions are not run but kept; cfi_evaluate() looks whether one comes to
// a register plus a constant when the pc is known. That is what linkers write
// for the stubs of .plt: rsp + 8 + ((rip & 15) >= 11) * 8.

#include <dwarf.h>
#include <string.h>

#include "image/cfi.h"

enum { DEPTH = 8 };

struct machine {
    const struct cfi_cie *cie;
    struct reader in;
    uint64_t location, until;
    unsigned word, depth;
    struct cfi_rules *rules;
    const struct cfi_rules *initial;
    struct cfi_rules saved[DEPTH];
    bool done;
};

static void set_rule(struct machine *m, uint64_t column, uint8_t kind,
                     int64_t value, struct slice expression) {
    if (column >= CFI_COLUMNS) // vector registers: nobody asks for them
        return;
    struct cfi_rules *rules = m->rules;
    while (rules->count <= column)
        rules->columns[rules->count++] = (struct cfi_rule){0};
    rules->columns[column] = (struct cfi_rule){
        .kind = kind, .value = value, .expression = expression};
}

static void restore_rule(struct machine *m, uint64_t column) {
    if (column < m->initial->count) {
        const struct cfi_rule *rule = &m->initial->columns[column];
        set_rule(m, column, rule->kind, rule->value, rule->expression);
    } else {
        set_rule(m, column, RULE_UNSET, 0, (struct slice){0});
    }
}

static void copy_rules(struct cfi_rules *to, const struct cfi_rules *from) {
    to->cfa = from->cfa;
    to->is_signed = from->is_signed;
    to->count = from->count;
    memcpy(to->columns, from->columns, from->count * sizeof *from->columns);
}

static void advance(struct machine *m, uint64_t steps) {
    m->location += steps * m->cie->code_align;
    m->done = m->location > m->until;
}

static struct slice block(struct machine *m) {
    return reader_bytes(&m->in, reader_uleb(&m->in));
}

static int64_t factored(struct machine *m, int64_t value) {
    return (int64_t)((uint64_t)value * (uint64_t)m->cie->data_align);
}

static int64_t unsigned_offset(struct machine *m) {
    return factored(m, (int64_t)reader_uleb(&m->in));
}

static int64_t signed_offset(struct machine *m) {
    return factored(m, reader_sleb(&m->in));
}

static void set_cfa(struct machine *m, uint64_t reg, int64_t value) {
    m->rules->cfa = (struct cfi_rule){
        .kind = RULE_CFA, .reg = (uint16_t)reg, .value = value};
    if (reg > UINT16_MAX)
        m->in.failed = true;
}

static bool run_cfa(struct machine *m, uint8_t op) {
    struct cfi_rule *cfa = &m->rules->cfa;
    switch (op) {
    case DW_CFA_def_cfa: {
        uint64_t reg = reader_uleb(&m->in);
        set_cfa(m, reg, (int64_t)reader_uleb(&m->in));
        return true;
    }
    case DW_CFA_def_cfa_sf: {
        uint64_t reg = reader_uleb(&m->in);
        set_cfa(m, reg, signed_offset(m));
        return true;
    }
    case DW_CFA_def_cfa_register:
        set_cfa(m, reader_uleb(&m->in), cfa->value);
        return true;
    case DW_CFA_def_cfa_offset:
        cfa->value = (int64_t)reader_uleb(&m->in);
        return true;
    case DW_CFA_def_cfa_offset_sf: cfa->value = signed_offset(m); return true;
    case DW_CFA_def_cfa_expression:
        *cfa =
            (struct cfi_rule){.kind = RULE_EXPRESSION, .expression = block(m)};
        return true;
    default: return false;
    }
}

static bool run_register(struct machine *m, uint8_t op) {
    static const struct slice none;
    if (op < DW_CFA_offset_extended || op > DW_CFA_val_expression)
        return false;
    size_t at = m->in.at;
    uint64_t column = reader_uleb(&m->in);
    switch (op) {
    case DW_CFA_offset_extended:
        set_rule(m, column, RULE_OFFSET, unsigned_offset(m), none);
        return true;
    case DW_CFA_offset_extended_sf:
        set_rule(m, column, RULE_OFFSET, signed_offset(m), none);
        return true;
    case DW_CFA_val_offset:
        set_rule(m, column, RULE_VAL_OFFSET, unsigned_offset(m), none);
        return true;
    case DW_CFA_val_offset_sf:
        set_rule(m, column, RULE_VAL_OFFSET, signed_offset(m), none);
        return true;
    case DW_CFA_restore_extended: restore_rule(m, column); return true;
    case DW_CFA_undefined:
        set_rule(m, column, RULE_UNDEFINED, 0, none);
        return true;
    case DW_CFA_same_value:
        set_rule(m, column, RULE_SAME, 0, none);
        return true;
    case DW_CFA_register:
        set_rule(m, column, RULE_REGISTER, (int64_t)reader_uleb(&m->in), none);
        return true;
    case DW_CFA_expression:
        set_rule(m, column, RULE_EXPRESSION, 0, block(m));
        return true;
    case DW_CFA_val_expression:
        set_rule(m, column, RULE_VAL_EXPRESSION, 0, block(m));
        return true;
    default: m->in.at = at; return false;
    }
}

static void run_other(struct machine *m, uint8_t op) {
    switch (op) {
    case DW_CFA_nop: break;
    case DW_CFA_advance_loc1: advance(m, reader_uint(&m->in, 1)); break;
    case DW_CFA_advance_loc2: advance(m, reader_uint(&m->in, 2)); break;
    case DW_CFA_advance_loc4: advance(m, reader_uint(&m->in, 4)); break;
    case DW_CFA_remember_state:
        if (m->depth < DEPTH)
            copy_rules(&m->saved[m->depth++], m->rules);
        else
            m->in.failed = true;
        break;
    case DW_CFA_restore_state:
        if (m->depth)
            copy_rules(m->rules, &m->saved[--m->depth]);
        else
            m->in.failed = true;
        break;
    case DW_CFA_GNU_args_size: reader_uleb(&m->in); break;
    // DW_CFA_AARCH64_negate_ra_state has the number of what only SPARC uses.
    case DW_CFA_GNU_window_save:
        m->rules->is_signed = !m->rules->is_signed;
        break;
    default: m->in.failed = true; break; // set_loc: nobody writes it
    }
}

static bool run(struct machine *m, struct slice instructions) {
    m->in = reader_open(instructions, m->in.order);
    while (!m->done && !m->in.failed && m->in.at < instructions.n) {
        uint8_t op = (uint8_t)reader_uint(&m->in, 1), low = op & 0x3f;
        switch (op & 0xc0) {
        case DW_CFA_advance_loc: advance(m, low); continue;
        case DW_CFA_offset: {
            int64_t value = unsigned_offset(m);
            set_rule(m, low, RULE_OFFSET, value, (struct slice){0});
            continue;
        }
        case DW_CFA_restore: restore_rule(m, low); continue;
        default: break;
        }
        if (!run_cfa(m, op) && !run_register(m, op))
            run_other(m, op);
    }
    return !m->in.failed;
}

bool cfi_run(const struct image *image, const struct cfi_fde *fde, uint64_t va,
             struct cfi_rules *rules, struct cfi_rules *initial) {
    struct machine m;
    m.cie = &fde->cie;
    m.in.order = image->arch->order;
    m.location = fde->va;
    m.until = va;
    m.depth = 0;
    m.rules = initial;
    m.initial = initial;
    m.done = false;
    initial->count = 0;
    initial->is_signed = false;
    initial->cfa = (struct cfi_rule){0};
    if (!run(&m, fde->cie.instructions))
        return false;
    copy_rules(rules, initial);
    m.rules = rules;
    m.depth = 0;
    m.location = fde->va;
    m.done = false;
    return run(&m, fde->instructions);
}

// A value of an expression: a constant, or a register plus a constant.
struct term {
    bool has_reg;
    uint16_t reg;
    int64_t value;
};

struct stack {
    struct term terms[DEPTH];
    unsigned count;
    bool failed;
};

static void push(struct stack *stack, struct term term) {
    if (stack->count < DEPTH)
        stack->terms[stack->count++] = term;
    else
        stack->failed = true;
}

static struct term pop(struct stack *stack) {
    if (stack->count)
        return stack->terms[--stack->count];
    stack->failed = true;
    return (struct term){0};
}

static void push_register(struct stack *stack, uint64_t reg, int64_t off,
                          const struct cfi_cie *cie, uint64_t pc) {
    if (reg == cie->return_column)
        push(stack, (struct term){.value = (int64_t)pc + off});
    else
        push(stack, (struct term){true, (uint16_t)reg, off});
}

static int64_t combine(uint8_t op, int64_t a, int64_t b, bool *known) {
    switch (op) {
    case DW_OP_and: return a & b;
    case DW_OP_or: return a | b;
    case DW_OP_xor: return a ^ b;
    case DW_OP_minus: return (int64_t)((uint64_t)a - (uint64_t)b);
    case DW_OP_shl: return b < 64 && b >= 0 ? (int64_t)((uint64_t)a << b) : 0;
    case DW_OP_shr: return b < 64 && b >= 0 ? (int64_t)((uint64_t)a >> b) : 0;
    case DW_OP_eq: return a == b;
    case DW_OP_ne: return a != b;
    case DW_OP_ge: return a >= b;
    case DW_OP_gt: return a > b;
    case DW_OP_le: return a <= b;
    case DW_OP_lt: return a < b;
    default: *known = false; return 0;
    }
}

static void run_binary(struct stack *stack, uint8_t op) {
    struct term b = pop(stack), a = pop(stack);
    if (op == DW_OP_plus && !(a.has_reg && b.has_reg)) {
        push(stack,
             (struct term){a.has_reg || b.has_reg, a.has_reg ? a.reg : b.reg,
                           (int64_t)((uint64_t)a.value + (uint64_t)b.value)});
        return;
    }
    bool known = !a.has_reg && !b.has_reg;
    push(stack, (struct term){.value = combine(op, a.value, b.value, &known)});
    stack->failed |= !known;
}

static void run_term(struct stack *stack, struct reader *in,
                     const struct cfi_cie *cie, uint64_t pc, unsigned word) {
    uint8_t op = (uint8_t)reader_uint(in, 1);
    if (op >= DW_OP_lit0 && op <= DW_OP_lit31) {
        push(stack, (struct term){.value = op - DW_OP_lit0});
        return;
    }
    if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
        push_register(stack, op - DW_OP_breg0, reader_sleb(in), cie, pc);
        return;
    }
    struct term term = {0};
    switch (op) {
    case DW_OP_const1u: term.value = (int64_t)reader_uint(in, 1); break;
    case DW_OP_const1s: term.value = reader_sint(in, 1); break;
    case DW_OP_const2u: term.value = (int64_t)reader_uint(in, 2); break;
    case DW_OP_const2s: term.value = reader_sint(in, 2); break;
    case DW_OP_const4u: term.value = (int64_t)reader_uint(in, 4); break;
    case DW_OP_const4s: term.value = reader_sint(in, 4); break;
    case DW_OP_constu: term.value = (int64_t)reader_uleb(in); break;
    case DW_OP_consts: term.value = reader_sleb(in); break;
    case DW_OP_addr: term.value = (int64_t)reader_uint(in, word); break;
    case DW_OP_plus_uconst: {
        term = pop(stack);
        term.value =
            (int64_t)((uint64_t)term.value + (uint64_t)reader_uleb(in));
        break;
    }
    default: run_binary(stack, op); return;
    }
    push(stack, term);
}

bool cfi_evaluate(struct slice expression, const struct cfi_cie *cie,
                  const struct arch *arch, uint64_t pc, uint16_t *reg,
                  int64_t *value) {
    struct reader in = reader_open(expression, arch->order);
    struct stack stack = {.count = 0};
    while (in.at < expression.n && !in.failed && !stack.failed)
        run_term(&stack, &in, cie, pc, arch->bits / 8);
    if (in.failed || stack.failed || stack.count != 1 ||
        !stack.terms[0].has_reg)
        return false;
    *reg = stack.terms[0].reg;
    *value = stack.terms[0].value;
    return true;
}
