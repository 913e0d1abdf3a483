// decode.c: what rewriting has to know about an instruction.
//
// A row (rows.c) names the fields that are registers; here they become sets,
// as arch.h defines them. What a row cannot say is said by its form, in the
// functions below: branches, copies and constants, special registers.
//
// Branches. The BO field says on what a branch depends, so one opcode is a
// jump, a conditional one, a call, or a return; those of a condition are the
// same through LR. A conditional branch that sets LR, or goes to CTR, is made
// by no compiler; it stays where it is, or is not understood.
//
// `bcl 20,31,.+4` goes nowhere: it is how position-independent code finds out
// where it is. It counts as an instruction that writes its own address to LR.

#include "arch/ppc32/ppc32.h"

#define GENERAL ((regset)0xffffffff)

struct decoding {
    struct insn *insn;
    const struct bitrow *row;
    const char *text; // of the pattern
    uint32_t word;
};

static uint32_t field(const struct decoding *d, char letter) {
    return bitpat_field(d->text, letter, d->word);
}

static bool has(const struct decoding *d, char letter) {
    return bitpat_has(d->text, letter);
}

// --- sets -----------------------------------------------------------------

static regset named_set(const struct decoding *d, char letter) {
    switch (letter) {
    case 't':
    case 'a':
    case 'b':
    case 'd': return REG_BIT(field(d, letter));
    case 'z': return field(d, 'z') ? REG_BIT(field(d, 'z')) : 0;
    case 'f':
    case 'g': return PPC_CR(field(d, letter));
    case 'x':
    case 'y':
    case 'w': return PPC_CR(field(d, letter) / 4);
    case '0': return PPC_CR(0);
    case '*': return PPC_CR_ALL;
    case 'C': return PPC_CA;
    case 'S': return PPC_OV;
    case 'L': return REG_BIT(LR);
    case 'T': return REG_BIT(CTR);
    default: return REG_BIT(VECTOR);
    }
}

static void add_read(struct decoding *d, regset set) {
    d->insn->reads |= set;
}

static void add_clobber(struct decoding *d, regset set) {
    d->insn->clobbers |= set;
    if (set & PPC_FLAG_PARTS)
        d->insn->clobbers |= REG_BIT(FLAGS);
}

static void add_write(struct decoding *d, regset set) {
    add_clobber(d, set);
    d->insn->writes |= set;
}

static void add_named(struct decoding *d) {
    for (const char *letter = d->row->reads; *letter; letter++)
        add_read(d, named_set(d, *letter));
    bool surely = true;
    for (const char *letter = d->row->writes; *letter; letter++) {
        regset set = named_set(d, *letter);
        if (*letter == '|')
            surely = false;
        else if (*letter == 'x' || *letter == 'V') {
            add_read(d, set);
            add_clobber(d, set);
        } else if (surely)
            add_write(d, set);
        else
            add_clobber(d, set);
    }
    if (has(d, 'c') && field(d, 'c')) {
        add_read(d, PPC_OV); // its summary is copied
        add_write(d, PPC_CR(0));
    }
    if (has(d, 'v') && field(d, 'v'))
        add_write(d, PPC_CR(1));
    if (has(d, 'o') && field(d, 'o')) {
        add_read(d, PPC_OV); // the summary is kept
        add_clobber(d, PPC_OV);
    }
}

// Instructions that nothing is assumed of.
static void add_all(struct decoding *d) {
    add_read(d, REGSET_ALL);
    add_clobber(d, REGSET_ALL);
}

// --- forms ----------------------------------------------------------------

static void set_constant(struct insn *insn, uint8_t reg, uint8_t copy,
                         uint64_t value) {
    insn->const_reg = reg;
    insn->copy_reg = copy;
    insn->const_value = value;
}

static void add_offset(struct decoding *d, uint8_t base) {
    d->insn->base_reg = base;
    d->insn->base_off = bitpat_signed_field(d->text, 'i', d->word);
}

static void decode_load_const(struct decoding *d) {
    enum { ADDIS = 15 };
    int32_t value = bitpat_signed_field(d->text, 'i', d->word);
    uint8_t target = (uint8_t)field(d, 't');
    if (d->word >> 26 != ADDIS && field(d, 'z') != 0 && field(d, 'z') != SP) {
        add_offset(d, (uint8_t)field(d, 'z'));
        d->insn->flags |= INSN_ADDS_OFFSET;
    }
    if (d->word >> 26 == ADDIS)
        value = (int32_t)((uint32_t)value << 16);
    if (field(d, 'z') == 0)
        set_constant(d->insn, target, REG_NONE, (uint32_t)value);
    else if (target == SP && field(d, 'z') == SP)
        d->insn->sp_delta = value;
    else if (value == 0)
        set_constant(d->insn, target, (uint8_t)field(d, 'z'), UINT32_MAX);
}

static void decode_memory(struct decoding *d) {
    bool loads = !bitpat_has(d->row->reads, 't') && has(d, 't');
    if (field(d, 'z') == 0)
        return;
    add_offset(d, (uint8_t)field(d, 'z'));
    if (loads)
        d->insn->loaded_reg = (uint8_t)field(d, 't');
}

static void decode_update(struct decoding *d) {
    if (field(d, 'a') == SP && d->row->form == FORM_UPDATE)
        d->insn->sp_delta = bitpat_signed_field(d->text, 'i', d->word);
}

static void decode_many(struct decoding *d) {
    regset set = GENERAL & ~(REG_BIT(field(d, 't')) - 1);
    if (d->row->form == FORM_STORE_MANY)
        add_read(d, set);
    else
        add_write(d, set);
}

static void decode_or(struct decoding *d) {
    if (field(d, 't') == field(d, 'b'))
        set_constant(d->insn, (uint8_t)field(d, 'a'), (uint8_t)field(d, 't'),
                     UINT32_MAX);
}

// Without rotation, a mask that does not wrap round is an `and`.
static void decode_rlwinm(struct decoding *d) {
    uint32_t from = field(d, 'm'), to = field(d, 'n');
    if (field(d, 'b') != 0 || from > to)
        return;
    uint32_t mask = UINT32_MAX >> from & UINT32_MAX << (31 - to);
    set_constant(d->insn, (uint8_t)field(d, 'a'), (uint8_t)field(d, 't'), mask);
}

static uint64_t branch_target(const struct decoding *d) {
    int32_t off = bitpat_signed_field(d->text, 'i', d->word) * INSN_LEN;
    uint64_t from = field(d, 'A') ? 0 : d->insn->va;
    return (uint32_t)(from + (uint64_t)(int64_t)off);
}

static bool is_get_pc(const struct decoding *d) {
    enum { ALWAYS_WITHOUT_PREDICTION = 20, ITS_BIT = 31 };
    bool hinted = d->row->form == FORM_BRANCH ||
                  (field(d, 'k') == ALWAYS_WITHOUT_PREDICTION &&
                   field(d, 'y') == ITS_BIT);
    return hinted && field(d, 'L') && !field(d, 'A') &&
           branch_target(d) == d->insn->va + INSN_LEN;
}

// What a BO field reads. Whether the branch may not be taken.
static bool add_condition(struct decoding *d) {
    uint32_t bo = field(d, 'k');
    if (bo_tests(bo))
        add_read(d, named_set(d, 'y'));
    if (bo_counts(bo)) {
        add_read(d, REG_BIT(CTR));
        add_write(d, REG_BIT(CTR));
    }
    return bo_tests(bo) || bo_counts(bo);
}

static void decode_branch(struct decoding *d) {
    struct insn *insn = d->insn;
    bool may_pass = d->row->form == FORM_BRANCH_C && add_condition(d);
    if (!field(d, 'A'))
        insn->flags |= INSN_PC_RELATIVE;
    if (field(d, 'L'))
        add_write(d, REG_BIT(LR));
    if (is_get_pc(d)) {
        insn->flags |= INSN_TAKES_ADDRESS;
        insn->pc_value = insn->va + INSN_LEN;
        set_constant(insn, LR, REG_NONE, insn->pc_value);
        return;
    }
    insn->target = branch_target(d);
    if (!field(d, 'L')) {
        insn->kind = may_pass ? INSN_JUMP_COND : INSN_JUMP;
        return;
    }
    insn->kind = INSN_CALL;
    if (may_pass) // LR is set all the same
        insn->flags |= INSN_IMMOVABLE | INSN_CONDITIONAL;
}

// False: not understood.
static bool decode_branch_to(struct decoding *d, regset to) {
    struct insn *insn = d->insn;
    bool may_pass = add_condition(d);
    add_read(d, to);
    if (field(d, 'L')) {
        add_write(d, REG_BIT(LR));
        insn->kind = INSN_CALL_INDIRECT;
        if (may_pass)
            insn->flags |= INSN_IMMOVABLE | INSN_CONDITIONAL;
        return true;
    }
    if (to == REG_BIT(LR))
        insn->kind = may_pass ? INSN_RETURN_COND : INSN_RETURN;
    else
        insn->kind = may_pass ? INSN_JUMP_INDIRECT_COND : INSN_JUMP_INDIRECT;
    // What counts CTR down cannot go where that leads.
    return to == REG_BIT(LR) || !(insn->writes & to);
}

enum special { SPR_XER = 1, SPR_LR = 8, SPR_CTR = 9, SPR_VRSAVE = 256 };
enum { SPR_TBL = 268, SPR_TBU = 269, SPR_SPEFSCR = 512, SPR_SUPERVISOR = 16 };

static uint32_t special_number(const struct decoding *d) {
    uint32_t halves = field(d, 'p');
    return (halves & 31) << 5 | halves >> 5;
}

static regset special_set(const struct decoding *d) {
    switch (special_number(d)) {
    case SPR_XER: return PPC_CA | PPC_OV;
    case SPR_LR: return REG_BIT(LR);
    case SPR_CTR: return REG_BIT(CTR);
    case SPR_VRSAVE:
    case SPR_SPEFSCR: return REG_BIT(VECTOR);
    default: return 0;
    }
}

static bool is_supervisor(const struct decoding *d) {
    return d->row->form == FORM_SYSTEM ||
           ((d->row->form == FORM_MOVE_FROM || d->row->form == FORM_MOVE_TO) &&
            (special_number(d) & SPR_SUPERVISOR));
}

static void decode_special(struct decoding *d) {
    regset set = special_set(d);
    uint8_t reg = (uint8_t)field(d, 't');
    uint8_t special = set == REG_BIT(LR)    ? LR
                      : set == REG_BIT(CTR) ? CTR
                                            : REG_NONE;
    if (d->row->form == FORM_MOVE_FROM) {
        add_read(d, set);
        if (special != REG_NONE)
            set_constant(d->insn, reg, special, UINT32_MAX);
    } else if (set == REG_BIT(VECTOR)) {
        add_clobber(d, set);
    } else {
        add_write(d, set);
        if (special != REG_NONE)
            set_constant(d->insn, special, reg, UINT32_MAX);
    }
}

static void decode_cr_fields(struct decoding *d) {
    uint32_t mask = field(d, 'm');
    for (unsigned i = 0; i < 8; i++)
        if (mask & 0x80 >> i)
            add_write(d, PPC_CR(i));
}

// TO of 31 is every condition.
static void decode_trap(struct decoding *d) {
    if (field(d, 't') == 31)
        d->insn->kind = INSN_STOP;
}

// The kernel leaves alone what calls do, but r0, r3 to r12 and CTR. That is a
// habit, not a promise, hence no write. CR0 is lost by its convention, since
// the overflow bit there tells an error.
static void decode_syscall(struct decoding *d) {
    enum { R0_AND_R3_TO_R12 = 0x1ff9 };
    d->insn->kind = INSN_SYSCALL;
    add_read(d, REGSET_ALL & ~PPC_CR(0));
    add_clobber(d, R0_AND_R3_TO_R12 | REG_BIT(CTR));
    add_write(d, PPC_CR(0));
}

static bool decode_form(struct decoding *d) {
    if (is_supervisor(d) || d->row->form == FORM_TRANSACTION) {
        add_all(d);
        d->insn->flags |= INSN_IMMOVABLE;
        return true;
    }
    switch ((enum ppc_form)d->row->form) {
    case FORM_LOAD_CONST: decode_load_const(d); break;
    case FORM_LOAD_STORE: decode_memory(d); break;
    case FORM_UPDATE:
    case FORM_UPDATE_X: decode_update(d); break;
    case FORM_LOAD_MANY:
    case FORM_STORE_MANY: decode_many(d); break;
    case FORM_OR: decode_or(d); break;
    case FORM_RLWINM: decode_rlwinm(d); break;
    case FORM_BRANCH:
    case FORM_BRANCH_C: decode_branch(d); break;
    case FORM_BRANCH_LR: return decode_branch_to(d, REG_BIT(LR));
    case FORM_BRANCH_CTR: return decode_branch_to(d, REG_BIT(CTR));
    case FORM_SYSCALL: decode_syscall(d); break;
    case FORM_TRAP: decode_trap(d); break;
    case FORM_ILLEGAL:
        d->insn->kind = INSN_STOP;
        d->insn->flags |= INSN_PADDING;
        break;
    case FORM_MOVE_FROM:
    case FORM_MOVE_TO: decode_special(d); break;
    case FORM_CR_FIELDS: decode_cr_fields(d); break;
    case FORM_STRING: add_all(d); break;
    case FORM_CONDITIONAL:
        add_read(d, REG_BIT(RESERVATION));
        add_write(d, REG_BIT(RESERVATION));
        break;
    case FORM_RESERVE: add_write(d, REG_BIT(RESERVATION)); break;
    default: break;
    }
    return true;
}

// --- the stack pointer ----------------------------------------------------

static bool is_memory_operand(uint8_t form) {
    return form == FORM_LOAD_STORE || form == FORM_LOAD_MANY ||
           form == FORM_STORE_MANY;
}

static void note_sp(struct decoding *d) {
    struct insn *insn = d->insn;
    uint8_t form = d->row->form;
    if (!((insn->reads | insn->clobbers) & REG_BIT(SP)))
        return;
    insn->flags |= INSN_USES_SP;
    bool is_base = is_memory_operand(form) && field(d, 'z') == SP;
    bool is_value = has(d, 't') && field(d, 't') == SP;
    if (!is_base || is_value)
        insn->flags |= INSN_SP_VALUE;
    if (is_base && bitpat_signed_field(d->text, 'i', d->word) < 0)
        insn->flags |= INSN_BELOW_SP;
}

#define NOP "01100000000000000000000000000000" // ori r0,r0,0

static bool begin(const struct code *code, struct insn *insn,
                  struct decoding *d) {
    *insn = (struct insn){.va = code->va,
                          .kind = INSN_UNKNOWN,
                          .len = INSN_LEN,
                          .bytes = code->bytes.p,
                          .reads = REGSET_ALL,
                          .clobbers = REGSET_ALL,
                          .const_reg = REG_NONE,
                          .copy_reg = REG_NONE,
                          .base_reg = REG_NONE,
                          .loaded_reg = REG_NONE};
    if (code->bytes.n < INSN_LEN || code->va % INSN_LEN != 0)
        return false;
    uint32_t word = (uint32_t)load_uint(code->bytes.p, INSN_LEN, ORDER_BIG);
    const struct bitrow *row = ppc_row(word);
    if (!row)
        return false;
    *d = (struct decoding){insn, row, row->pattern.text, word};
    return true;
}

static void forget(struct insn *insn) {
    insn->kind = INSN_UNKNOWN;
    insn->reads = insn->clobbers = REGSET_ALL;
    insn->writes = 0;
    insn->const_reg = insn->copy_reg = REG_NONE;
}

bool ppc_decode(const struct code *code, struct insn *insn) {
    static const struct bitpat nop = BITPAT32(NOP);
    struct decoding d;
    if (!begin(code, insn, &d))
        return false;
    insn->kind = INSN_PLAIN;
    insn->reads = insn->clobbers = 0;
    if (bitpat_matches(&nop, d.word)) {
        insn->flags = INSN_PADDING;
        return true;
    }
    add_named(&d);
    if (!decode_form(&d)) {
        forget(insn);
        return false;
    }
    note_sp(&d);
    return true;
}

void ppc_brief(const struct code *code, struct insn_brief *out) {
    struct insn insn;
    *out = (struct insn_brief){0};
    if (!ppc_decode(code, &insn))
        return;
    enum {
        ASKED = INSN_PC_RELATIVE | INSN_PADDING | INSN_TAKES_ADDRESS |
                INSN_ADDS_OFFSET
    };
    out->len = insn.len;
    out->kind = insn.kind;
    out->flags = insn.flags & ASKED;
    out->target = insn.target;
    out->pc_value = insn.pc_value;
}

bool ppc_is_usual(const struct code *code) {
    struct insn insn;
    struct decoding d;
    return begin(code, &insn, &d) && !is_supervisor(&d) &&
           d.row->form != FORM_STRING && d.row->form != FORM_ILLEGAL;
}
