// decode.c: what rewriting has to know about an instruction, from its row.
//
// The columns of the row give the registers; the form gives everything else.
// A write of a w register clears the upper half and so is whole. The vector
// state is one register, of which no instruction writes all.
//
// The quick pass looks at the same rows, but only of the classes in which
// something of interest may stand.

#include "arch/aarch64/aarch64.h"

// --- fields ---------------------------------------------------------------

int64_t a64_distance(const struct bitrow *row, uint32_t word) {
    const char *text = row->pattern.text;
    int64_t far = bitpat_signed_field(text, 'i', word);
    uint32_t low = bitpat_field(text, 'j', word);
    switch (row->form) {
    case FORM_ADR: return far * 4 + low;
    case FORM_ADRP: return (far * 4 + low) * 4096;
    default: return far * INSN_LEN;
    }
}

static uint64_t pc_value(const struct bitrow *row, uint32_t word, uint64_t va) {
    uint64_t from = row->form == FORM_ADRP ? va & ~(uint64_t)4095 : va;
    return from + (uint64_t)a64_distance(row, word);
}

static bool is_vector_access(uint32_t word) {
    return word >> 26 & 1;
}

uint32_t a64_unit(const struct bitrow *row, uint32_t word) {
    uint32_t size = a64_field(row, 'z', word), opc = a64_field(row, 'o', word);
    bool is_load = word >> 22 & 1;
    switch (row->form) {
    case FORM_LOAD:
    case FORM_STORE:
        return 1u << (is_vector_access(word) ? opc << 2 | size : size);
    case FORM_PAIR:
    case FORM_STEP_PAIR:
        if (is_vector_access(word))
            return 4u << opc;
        if (opc == 1) // ldpsw and stgp
            return is_load ? 4 : 16;
        return opc == 0 ? 4 : 8;
    default: return 1;
    }
}

int32_t a64_displacement(const struct bitrow *row, uint32_t word) {
    int32_t count = row->form == FORM_LOAD || row->form == FORM_STORE
                        ? (int32_t)a64_field(row, 'i', word)
                        : bitpat_signed_field(row->pattern.text, 'i', word);
    return count * (int32_t)a64_unit(row, word);
}

static bool is_wide(const struct bitrow *row, uint32_t word) {
    return a64_field(row, 'w', word);
}

// The constant of add and sub.
uint32_t a64_addend(const struct bitrow *row, uint32_t word) {
    return a64_field(row, 'i', word) << (a64_field(row, 'h', word) ? 12 : 0);
}

static uint64_t wide_constant(const struct bitrow *row, uint32_t word) {
    return (uint64_t)a64_field(row, 'i', word)
           << (16 * a64_field(row, 'h', word));
}

// The manual's DecodeBitMasks: a run of ones, rotated, in elements of 2 to 64
// bits that repeat. False: reserved.
static bool bit_mask(const struct bitrow *row, uint32_t word, uint64_t *mask) {
    uint32_t n = a64_field(row, 'b', word), ones = a64_field(row, 'i', word);
    uint32_t rotation = a64_field(row, 'j', word);
    uint32_t selector = n << 6 | (~ones & 63);
    if (selector < 2 || (n && !is_wide(row, word)))
        return false;
    unsigned size = 1u << (31 - (unsigned)__builtin_clz(selector));
    ones = (ones & (size - 1)) + 1;
    rotation &= size - 1;
    if (ones == size)
        return false;
    uint64_t element = ((uint64_t)1 << ones) - 1, all = 0;
    if (rotation)
        element = element >> rotation | element << (size - rotation);
    if (size < 64)
        element &= ((uint64_t)1 << size) - 1;
    for (unsigned at = 0; at < 64; at += size)
        all |= element << at;
    *mask = all;
    return true;
}

// --- registers ------------------------------------------------------------

// What a condition looks at; its lowest bit inverts it.
static regset condition_flags(uint32_t condition) {
    static const regset flags[] = {FLAG_Z,
                                   FLAG_C,
                                   FLAG_N,
                                   FLAG_V,
                                   FLAG_C | FLAG_Z,
                                   FLAG_N | FLAG_V,
                                   FLAG_N | FLAG_V | FLAG_Z,
                                   0};
    regset parts = flags[condition >> 1];
    return parts ? parts | REG_BIT(FLAGS) : 0;
}

// What a letter of the columns stands for.
static regset letter_registers(const struct bitrow *row, char letter,
                               uint32_t word) {
    switch (letter) {
    case 'L': return REG_BIT(LINK);
    case 'S': return REG_BIT(SP);
    case 'P': return REG_BIT(X16);
    case 'Q': return REG_BIT(X17);
    case '*': return FLAG_PARTS | REG_BIT(FLAGS);
    case '?': return condition_flags(a64_field(row, 'c', word));
    case '^': return FLAG_C | REG_BIT(FLAGS);
    case '$': return REG_BIT(VECTOR);
    case '!': return REG_BIT(MONITOR);
    case '#': return REGSET_ALL & ~REG_BIT(MONITOR);
    default: break;
    }
    uint32_t reg = a64_field(row, letter, word);
    bool may_be_sp = letter >= 'A' && letter <= 'Z';
    return reg == SP && !may_be_sp ? 0 : REG_BIT(reg);
}

static void add_registers(const struct bitrow *row, uint32_t word,
                          struct insn *insn) {
    for (const char *letter = row->reads; *letter; letter++)
        insn->reads |= letter_registers(row, *letter, word);
    for (const char *letter = row->writes; *letter; letter++) {
        regset written = letter_registers(row, *letter, word);
        insn->clobbers |= written;
        if (*letter == '$')
            insn->reads |= written;
        else if (*letter == '^')
            insn->writes |= FLAG_C;
        else if (*letter != '#')
            insn->writes |= written;
    }
    if (row->form == FORM_PAIRS) {
        // Even numbers; what is behind x30 is the zero register.
        regset s = REG_BIT(a64_field(row, 's', word) + 1) & ~REG_BIT(SP);
        regset t = REG_BIT(a64_field(row, 't', word) + 1) & ~REG_BIT(SP);
        insn->reads |= s | t;
        insn->writes |= s;
        insn->clobbers |= s;
    }
}

static void add_syscall(struct insn *insn) {
    const struct abi *abi = &arch_aarch64.abi;
    insn->reads = REG_BIT(abi->syscall_number) | REG_BIT(SP);
    for (unsigned i = 0; i < COUNT_OF(abi->syscall_args); i++)
        insn->reads |= REG_BIT(abi->syscall_args[i]);
    insn->writes = REG_BIT(abi->syscall_result);
    // The kernel keeps of vectors what the oldest of them had.
    insn->clobbers = insn->writes | REG_BIT(VECTOR);
}

static bool is_memory(const struct bitrow *row) {
    return row->form >= FORM_MEMORY && row->form <= FORM_PAIRS;
}

static void add_stack(const struct bitrow *row, uint32_t word,
                      struct insn *insn) {
    regset sp = REG_BIT(SP);
    if (!((insn->reads | insn->clobbers) & sp))
        return;
    insn->flags |= INSN_USES_SP;
    if (!is_memory(row) || (insn->clobbers & sp))
        insn->flags |= INSN_SP_VALUE;
    bool from_sp = a64_field(row, 'N', word) == SP;
    bool to_sp = insn->clobbers & sp;
    switch (row->form) {
    case FORM_NEAR:
    case FORM_PAIR:
        if (a64_displacement(row, word) < 0)
            insn->flags |= INSN_BELOW_SP;
        break;
    case FORM_STEP_NEAR:
    case FORM_STEP_PAIR: insn->sp_delta = a64_displacement(row, word); break;
    case FORM_ADD:
        if (from_sp && to_sp)
            insn->sp_delta = (int32_t)a64_addend(row, word);
        break;
    case FORM_SUB:
        if (from_sp && to_sp)
            insn->sp_delta = -(int32_t)a64_addend(row, word);
        break;
    default: break;
    }
}

// --- constants and addresses ----------------------------------------------

static void set_constant(struct insn *insn, uint32_t reg, bool wide,
                         uint64_t value) {
    insn->const_reg = (uint8_t)reg;
    insn->const_value = wide ? value : (uint32_t)value;
}

// The second half of an address: add or ldr of the low bits; and what a word
// is loaded into.
static void add_half(const struct bitrow *row, uint32_t word,
                     struct insn *insn) {
    enum { LDR_X = 0xf84, MASK = 0xfec }; // size, V, opc: an x register
    bool adds = row->form == FORM_ADD && is_wide(row, word);
    bool loads = row->form == FORM_LOAD;
    uint32_t t = a64_field(row, 't', word);
    if (adds || loads) {
        insn->base_reg = (uint8_t)a64_field(row, 'N', word);
        insn->base_off = adds ? (int64_t)a64_addend(row, word)
                              : (int64_t)a64_displacement(row, word);
    }
    if (is_memory(row) && (word >> 20 & MASK) == LDR_X && t != SP)
        insn->loaded_reg = (uint8_t)t;
}

static void add_constant(const struct bitrow *row, uint32_t word,
                         struct insn *insn) {
    bool constant = row->form >= FORM_MOVZ && row->form <= FORM_MOVE;
    if (!constant && row->form != FORM_ADR && row->form != FORM_ADRP)
        return;
    bool wide = is_wide(row, word);
    uint32_t d = a64_field(row, 'd', word), to = a64_field(row, 'D', word);
    uint32_t m = a64_field(row, 'm', word);
    uint64_t mask;
    if (d == SP) // the zero register
        return;
    switch (row->form) {
    case FORM_ADR:
    case FORM_ADRP: set_constant(insn, d, true, insn->pc_value); break;
    case FORM_MOVZ:
        set_constant(insn, d, wide, wide_constant(row, word));
        break;
    case FORM_MOVN:
        set_constant(insn, d, wide, ~wide_constant(row, word));
        break;
    case FORM_MASK:
        if (bit_mask(row, word, &mask))
            set_constant(insn, to, wide, mask);
        break;
    case FORM_MOVE:
        set_constant(insn, d, wide, m == SP ? 0 : UINT64_MAX);
        if (m != SP)
            insn->copy_reg = (uint8_t)m;
        break;
    default: break;
    }
}

// --- control --------------------------------------------------------------

// Kind, flags and targets: what the quick pass tells, too.
static void classify(const struct bitrow *row, uint32_t word, uint64_t va,
                     struct insn_brief *out) {
    enum { SEMIHOSTING = 0xf000 };
    *out = (struct insn_brief){.len = INSN_LEN, .kind = INSN_PLAIN};
    switch (row->form) {
    case FORM_JUMP: out->kind = INSN_JUMP; break;
    case FORM_CALL: out->kind = INSN_CALL; break;
    case FORM_CONDITION:
    case FORM_ZERO:
    case FORM_BIT:
    case FORM_COMPARE: out->kind = INSN_JUMP_COND; break;
    case FORM_JUMP_REG: out->kind = INSN_JUMP_INDIRECT; break;
    case FORM_CALL_REG: out->kind = INSN_CALL_INDIRECT; break;
    case FORM_RETURN:
    case FORM_RETURN_FIXED: out->kind = INSN_RETURN; break;
    case FORM_SYSCALL: out->kind = INSN_SYSCALL; break;
    case FORM_TRAP_DATA:
    case FORM_TRAP: out->kind = INSN_STOP; break;
    case FORM_TRAP_FILL:
        out->kind = INSN_STOP;
        out->flags = INSN_PADDING;
        break;
    case FORM_HALT:
        if (a64_field(row, 'i', word) != SEMIHOSTING)
            out->kind = INSN_STOP;
        break;
    case FORM_NOP: out->flags = INSN_PADDING; break;
    case FORM_ADD:
        out->flags = is_wide(row, word) ? INSN_ADDS_OFFSET : 0;
        break;
    case FORM_LANDING: out->flags = INSN_LANDING; break;
    case FORM_ADR: out->flags = INSN_PC_RELATIVE | INSN_TAKES_ADDRESS; break;
    case FORM_ADRP:
    case FORM_LITERAL:
    case FORM_LITERAL_VECTOR:
    case FORM_LITERAL_HINT: out->flags = INSN_PC_RELATIVE; break;
    default: break;
    }
    if (out->kind == INSN_JUMP || out->kind == INSN_CALL ||
        out->kind == INSN_JUMP_COND) {
        out->target = pc_value(row, word, va);
        out->flags = INSN_PC_RELATIVE;
    } else if (out->flags & INSN_PC_RELATIVE) {
        out->pc_value = pc_value(row, word, va);
    }
}

static bool is_fixed(const struct bitrow *row) {
    return row->form == FORM_FIXED || row->form == FORM_RETURN_FIXED ||
           row->form == FORM_COMPARE || row->form == FORM_KERNEL;
}

static bool unknown(struct insn *insn) {
    insn->kind = INSN_UNKNOWN;
    insn->len = INSN_LEN;
    insn->reads = insn->clobbers = REGSET_ALL;
    insn->flags = INSN_USES_SP | INSN_BELOW_SP | INSN_IMMOVABLE;
    return false;
}

static const struct bitrow *read_row(const struct code *code, uint32_t *word) {
    if (code->bytes.n < INSN_LEN || code->va % INSN_LEN)
        return NULL;
    *word = (uint32_t)load_uint(code->bytes.p, INSN_LEN, ORDER_LITTLE);
    return a64_find(*word);
}

bool a64_decode(const struct code *code, struct insn *insn) {
    *insn = (struct insn){.va = code->va,
                          .bytes = code->bytes.p,
                          .const_reg = REG_NONE,
                          .copy_reg = REG_NONE,
                          .base_reg = REG_NONE,
                          .loaded_reg = REG_NONE};
    uint32_t word;
    const struct bitrow *row = read_row(code, &word);
    if (!row)
        return unknown(insn);
    struct insn_brief brief;
    classify(row, word, code->va, &brief);
    insn->len = brief.len;
    insn->kind = brief.kind;
    insn->flags = brief.flags;
    insn->target = brief.target;
    insn->pc_value = brief.pc_value;
    add_registers(row, word, insn);
    if (row->form == FORM_SYSCALL)
        add_syscall(insn);
    if (row->form == FORM_HALT && brief.kind == INSN_PLAIN) {
        insn->reads = REG_BIT(0) | REG_BIT(1); // the operation, its argument
        insn->writes = insn->clobbers = REG_BIT(0);
    }
    add_stack(row, word, insn);
    add_constant(row, word, insn);
    add_half(row, word, insn);
    if (is_fixed(row))
        insn->flags |= INSN_IMMOVABLE;
    return true;
}

// --- the quick pass -------------------------------------------------------

// Classes in which nothing but registers and memory is at work: data
// processing of registers, vectors, and loads and stores other than of
// literals.
static bool is_dull(uint32_t word) {
    enum { REGISTERS = 5, VECTORS = 7, MEMORY = 4 };
    uint32_t class = word >> 25 & 7;
    if (class == REGISTERS || class == VECTORS)
        return true;
    bool is_memory_class = (class & (MEMORY | 1)) == MEMORY;
    bool is_literal = (word >> 24 & 0x3b) == 0x18;
    return is_memory_class && !is_literal;
}

void a64_brief(const struct code *code, struct insn_brief *out) {
    uint32_t word;
    *out = (struct insn_brief){0};
    if (code->bytes.n < INSN_LEN || code->va % INSN_LEN)
        return;
    word = (uint32_t)load_uint(code->bytes.p, INSN_LEN, ORDER_LITTLE);
    if (is_dull(word)) {
        out->len = INSN_LEN;
        return;
    }
    const struct bitrow *row = a64_find(word);
    if (!row)
        return;
    classify(row, word, code->va, out);
    if (row->form == FORM_ADRP) // a page is not what is meant
        out->pc_value = 0;
}

bool a64_is_usual(const struct code *code) {
    uint32_t word;
    const struct bitrow *row = read_row(code, &word);
    if (!row)
        return false;
    switch (row->form) {
    case FORM_KERNEL:
    case FORM_OPAQUE:
    case FORM_FIXED:
    case FORM_RETURN_FIXED:
    case FORM_TRAP_FILL:
    case FORM_TRAP_DATA:
    case FORM_COMPARE: return false;
    default: return true;
    }
}
