// decode.c: what rewriting has to know about an instruction.
//
// Rows tell registers and form; here the form becomes control, addresses,
// constants and the stack pointer. Two things span more than one instruction:
//
//     auipc ra,hi; jalr ra,lo(ra)      a far call
//     auipc t1,hi; jalr x0,lo(t1)      a far jump ("tail")
//
// count as one of 8 bytes, with a target; nothing goes to their middle but by
// design. What auipc or lui begin and addi, a load or a store ends stays two
// instructions, which may stand far apart.
//
// A link is ra or t0 (the manual's hints for return stacks): jalr through one
// of them that links nothing returns, and jal and jalr that write one of them
// call. t0 belongs to millicode that saves registers (-msave-restore). Whatever
// writes another register, as the stubs of imports do to tell who they are,
// jumps, and cannot be moved.

#include "arch/riscv/riscv.h"

static uint8_t register_of(const struct riscv_word *w, char letter) {
    const char *text = w->row->pattern.text;
    if (letter == 'p')
        return SP;
    if (letter == 'V')
        return VECTOR;
    uint32_t number = bitpat_field(text, letter, w->word);
    bool is_short = letter == 'D' || letter == 'S' || letter == 'T';
    return (uint8_t)(number + (is_short ? S0 : 0));
}

static regset registers_of(const struct riscv_word *w, const char *letters) {
    regset set = 0;
    for (; *letters; letters++)
        set |= REG_BIT(register_of(w, *letters));
    return set & ~REG_BIT(ZERO);
}

static uint8_t link_of(const struct riscv_word *w) {
    return w->row->form == FORM_SHORT_JALR ? RA
           : w->row->form == FORM_SHORT_JR ? ZERO
                                           : register_of(w, 'd');
}

// The base of a memory operand; REG_NONE: none.
static uint8_t base_of(const struct riscv_word *w) {
    if (w->row->form == FORM_MEMORY_SP)
        return SP;
    if (w->row->form != FORM_MEMORY)
        return REG_NONE;
    bool is_short = bitpat_has(w->row->pattern.text, 'S');
    return register_of(w, is_short ? 'S' : 's');
}

static int32_t field(const struct riscv_word *w, char letter) {
    return (int32_t)bitpat_field(w->row->pattern.text, letter, w->word);
}

static int32_t signed_field(const struct riscv_word *w, char letter) {
    return bitpat_signed_field(w->row->pattern.text, letter, w->word);
}

// The upper 20 bits of lui and auipc; of c.lui there are 6.
static int64_t high_of(const struct riscv_word *w) {
    return (int64_t)signed_field(w, 'i') * 4096;
}

static int64_t branch_distance(const struct riscv_word *w) {
    switch (w->row->form) {
    case FORM_JAL: // 20, 10-1, 11, 19-12
        return signed_field(w, 'a') * (1 << 20) + field(w, 'b') * 2 +
               field(w, 'c') * (1 << 11) + field(w, 'e') * (1 << 12);
    case FORM_BRANCH: // 12, 10-5, 4-1, 11
        return signed_field(w, 'a') * (1 << 12) + field(w, 'b') * (1 << 5) +
               field(w, 'c') * 2 + field(w, 'e') * (1 << 11);
    case FORM_SHORT_J: // 11, 4, 9-8, 10, 6, 7, 3-1, 5
        return signed_field(w, 'a') * (1 << 11) + field(w, 'b') * (1 << 4) +
               field(w, 'c') * (1 << 8) + field(w, 'e') * (1 << 10) +
               field(w, 'f') * (1 << 6) + field(w, 'g') * (1 << 7) +
               field(w, 'h') * 2 + field(w, 'k') * (1 << 5);
    case FORM_SHORT_BRANCH: // 8, 4-3, 7-6, 2-1, 5
        return signed_field(w, 'a') * (1 << 8) + field(w, 'b') * (1 << 3) +
               field(w, 'c') * (1 << 6) + field(w, 'e') * 2 +
               field(w, 'f') * (1 << 5);
    default: return 0;
    }
}

// --- what spans several ---------------------------------------------------

static bool read_behind(const struct code *code, uint64_t off,
                        struct riscv_word *out) {
    if (off >= code->bytes.n)
        return false;
    struct code next = {
        {code->bytes.p + off, code->bytes.n - off}, code->va + off, 0};
    return riscv_read(&next, out);
}

// The jalr that makes a far call or jump of the auipc `w`.
static bool read_far(const struct code *code, const struct riscv_word *w,
                     struct riscv_word *jalr) {
    uint8_t reg = register_of(w, 'd');
    if (!read_behind(code, w->len, jalr))
        return false;
    if (jalr->row->form == FORM_JALR && register_of(jalr, 's') == reg)
        return link_of(jalr) == ZERO || link_of(jalr) == reg;
    return false;
}

// --- control and addresses ------------------------------------------------

static bool is_link(uint8_t reg) {
    return reg == RA || reg == T0;
}

static void read_auipc(const struct code *code, const struct riscv_word *w,
                       struct insn_brief *out) {
    struct riscv_word jalr;
    out->flags = INSN_PC_RELATIVE;
    if (!read_far(code, w, &jalr))
        return;
    int64_t distance = high_of(w) + signed_field(&jalr, 'i');
    out->len = LEN_PAIR;
    out->kind = is_link(link_of(&jalr)) ? INSN_CALL : INSN_JUMP;
    out->target = (code->va + (uint64_t)distance) & ~(uint64_t)1;
}

static uint8_t indirect_kind(const struct riscv_word *w) {
    if (is_link(link_of(w)))
        return INSN_CALL_INDIRECT;
    return is_link(register_of(w, 's')) ? INSN_RETURN : INSN_JUMP_INDIRECT;
}

// Semihosting calls the debugger by ebreak between two instructions that do
// nothing else; there it falls through.
static bool is_semihosting(const struct code *code,
                           const struct riscv_word *w) {
    static const struct bitpat mark =
        BITPAT32("01000000011100000101000000010011"); // srai x0, x0, 7
    struct riscv_word next;
    return w->len == LEN_PLAIN && read_behind(code, w->len, &next) &&
           next.len == LEN_PLAIN && bitpat_matches(&mark, next.word);
}

static void read_control(const struct code *code, const struct riscv_word *w,
                         struct insn_brief *out) {
    *out = (struct insn_brief){.len = w->len, .kind = INSN_PLAIN};
    switch (w->row->form) {
    case FORM_JAL:
        out->kind = is_link(link_of(w)) ? INSN_CALL : INSN_JUMP;
        break;
    case FORM_SHORT_J: out->kind = INSN_JUMP; break;
    case FORM_BRANCH:
    case FORM_SHORT_BRANCH: out->kind = INSN_JUMP_COND; break;
    case FORM_JALR:
    case FORM_SHORT_JR:
    case FORM_SHORT_JALR: out->kind = indirect_kind(w); return;
    case FORM_AUIPC: read_auipc(code, w, out); return;
    case FORM_ADD: out->flags = INSN_ADDS_OFFSET; return;
    case FORM_LANDING: out->flags = INSN_LANDING; return;
    case FORM_NOP: out->flags = INSN_PADDING; return;
    case FORM_ECALL: out->kind = INSN_SYSCALL; return;
    case FORM_TRAP_RETURN: out->kind = INSN_RETURN; return;
    case FORM_ILLEGAL:
        out->kind = INSN_STOP;
        out->flags = INSN_PADDING;
        return;
    case FORM_EBREAK:
        if (!is_semihosting(code, w)) {
            out->kind = INSN_STOP;
            out->flags = INSN_PADDING;
        }
        return;
    default: return;
    }
    out->flags = INSN_PC_RELATIVE;
    out->target = code->va + (uint64_t)branch_distance(w);
}

void riscv_brief(const struct code *code, struct insn_brief *out) {
    struct riscv_word w;
    if (riscv_read(code, &w))
        read_control(code, &w, out);
    else
        *out = (struct insn_brief){0};
}

// --- registers ------------------------------------------------------------

// The CSRs of floating point and vectors are part of VECTOR.
static bool is_vector_csr(uint32_t number) {
    enum { FFLAGS = 1, FCSR = 3, VSTART = 8, VCSR = 15 };
    enum { VL = 0xc20, VLENB = 0xc22 };
    return (number >= FFLAGS && number <= FCSR) ||
           (number >= VSTART && number <= VCSR) ||
           (number >= VL && number <= VLENB);
}

static void set_constant(struct insn *insn, uint8_t reg, uint64_t value,
                         uint8_t copy_reg) {
    if (reg == ZERO)
        return;
    insn->const_reg = reg;
    insn->const_value = value;
    insn->copy_reg = copy_reg;
}

static void add_constant(const struct riscv_word *w, struct insn *insn) {
    bool from_t = bitpat_has(w->row->pattern.text, 't');
    switch (w->row->form) {
    case FORM_LOAD_LOW:
        set_constant(insn, register_of(w, 'd'),
                     (uint64_t)(int64_t)signed_field(w, 'i'), REG_NONE);
        break;
    case FORM_LOAD_HIGH:
        set_constant(insn, register_of(w, 'd'), (uint64_t)high_of(w), REG_NONE);
        break;
    case FORM_AUIPC:
        set_constant(insn, register_of(w, 'd'), insn->va + (uint64_t)high_of(w),
                     REG_NONE);
        break;
    case FORM_COPY:
        set_constant(insn, register_of(w, 'd'), UINT64_MAX,
                     register_of(w, from_t ? 't' : 's'));
        break;
    case FORM_COPY_WORD:
        set_constant(insn, register_of(w, 'd'), UINT32_MAX,
                     register_of(w, 's'));
        break;
    default: break;
    }
}

// What is added to a register, or accessed by one; of 4 bytes only, for those
// are what linkers make addresses of.
static void add_base(const struct riscv_word *w, struct insn *insn) {
    if (w->len != LEN_PLAIN ||
        (w->row->form != FORM_ADD && w->row->form != FORM_MEMORY))
        return;
    insn->base_reg = register_of(w, 's');
    insn->base_off = signed_field(w, 'i');
    if (w->row->form == FORM_MEMORY && bitpat_has(w->row->writes, 'd'))
        insn->loaded_reg = register_of(w, 'd');
}

static void add_stack(const struct riscv_word *w, struct insn *insn) {
    regset sp = REG_BIT(SP);
    bool adds_to_sp = (insn->writes & sp) != 0 && (insn->reads & sp) != 0;
    if (!((insn->reads | insn->clobbers) & sp))
        return;
    insn->flags |= INSN_USES_SP;
    bool stores_sp =
        bitpat_has(w->row->pattern.text, 't') && register_of(w, 't') == SP;
    if (base_of(w) != SP || stores_sp)
        insn->flags |= INSN_SP_VALUE;
    else if (w->row->form == FORM_MEMORY && w->len == LEN_PLAIN &&
             signed_field(w, 'i') < 0)
        insn->flags |= INSN_BELOW_SP;
    if (!adds_to_sp)
        return;
    switch (w->row->form) {
    case FORM_ADD:
    case FORM_ADD_SELF: insn->sp_delta = signed_field(w, 'i'); break;
    case FORM_ADD_SP:
        insn->sp_delta = signed_field(w, 'a') * (1 << 9) +
                         field(w, 'b') * (1 << 7) + field(w, 'c') * (1 << 6) +
                         field(w, 'e') * (1 << 5) + field(w, 'f') * (1 << 4);
        break;
    default: break;
    }
}

static void add_registers(const struct riscv_word *w, struct insn *insn) {
    insn->reads = registers_of(w, w->row->reads);
    insn->clobbers = registers_of(w, w->row->writes);
    insn->writes = insn->clobbers & ~REG_BIT(VECTOR);
    switch (w->row->form) {
    case FORM_SHORT_JALR: insn->writes = insn->clobbers = REG_BIT(RA); break;
    case FORM_ECALL: // the kernel sees its arguments and leaves all but a0
        insn->reads = REG_BIT(SP) | REG_BIT(A7);
        for (int reg = A0; reg <= A5; reg++)
            insn->reads |= REG_BIT(reg);
        insn->writes = insn->clobbers = REG_BIT(A0);
        break;
    case FORM_RESERVE:
        insn->writes |= REG_BIT(RESERVATION);
        insn->clobbers |= REG_BIT(RESERVATION);
        break;
    case FORM_RELEASE:
        insn->reads |= REG_BIT(RESERVATION);
        insn->writes |= REG_BIT(RESERVATION);
        insn->clobbers |= REG_BIT(RESERVATION);
        break;
    case FORM_CSR:
        if (is_vector_csr((uint32_t)field(w, 'i'))) {
            insn->reads |= REG_BIT(VECTOR);
            insn->clobbers |= REG_BIT(VECTOR);
        }
        break;
    case FORM_EBREAK: // a debugger may do as it likes
    case FORM_TRAP_RETURN:
    case FORM_UNKNOWN:
        insn->reads = REGSET_ALL & ~REG_BIT(RESERVATION);
        insn->clobbers = REGSET_ALL;
        insn->writes = 0;
        break;
    default: break;
    }
}

static bool is_immovable(const struct riscv_word *w) {
    switch (w->row->form) {
    case FORM_JAL: return link_of(w) != ZERO && !is_link(link_of(w));
    case FORM_JALR: return link_of(w) != ZERO && link_of(w) != RA;
    case FORM_UNKNOWN:
    case FORM_EBREAK:
    case FORM_TRAP_RETURN: return true;
    default: return false;
    }
}

bool riscv_decode(const struct code *code, struct insn *insn) {
    struct riscv_word w;
    struct insn_brief brief;
    *insn = (struct insn){.va = code->va,
                          .bytes = code->bytes.p,
                          .const_reg = REG_NONE,
                          .copy_reg = REG_NONE,
                          .base_reg = REG_NONE,
                          .loaded_reg = REG_NONE};
    if (!riscv_read(code, &w)) {
        insn->kind = INSN_UNKNOWN;
        insn->len = LEN_SHORT;
        insn->reads = insn->clobbers = REGSET_ALL;
        return false;
    }
    read_control(code, &w, &brief);
    insn->kind = brief.kind;
    insn->len = brief.len;
    insn->flags = brief.flags;
    insn->target = brief.target;
    add_registers(&w, insn);
    if (insn->len != LEN_PAIR)
        add_constant(&w, insn);
    add_base(&w, insn);
    add_stack(&w, insn);
    if (is_immovable(&w))
        insn->flags |= INSN_IMMOVABLE;
    if (insn->kind == INSN_CALL && !(insn->writes & REG_BIT(RA)))
        insn->flags |= INSN_OWN_LINK;
    return true;
}

// Whether users' programs have the CSR: floating point, vectors, entropy and
// what goes with code of 2 bytes, the shadow stack; counters.
static bool is_user_csr(uint32_t number) {
    enum { FFLAGS = 1, JVT = 0x17, CYCLE = 0xc00, VLENB = 0xc22 };
    return (number >= FFLAGS && number <= JVT) ||
           (number >= CYCLE && number <= VLENB);
}

bool riscv_is_usual(const struct code *code) {
    struct riscv_word w;
    if (!riscv_read(code, &w))
        return false;
    switch (w.row->form) {
    case FORM_UNKNOWN:
    case FORM_TRAP_RETURN: return false;
    case FORM_ILLEGAL: return w.len == LEN_PLAIN;
    case FORM_CSR: return is_user_csr((uint32_t)field(&w, 'i'));
    default: return true;
    }
}
