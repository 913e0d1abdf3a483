// decode.c: what rewriting has to know about an instruction.
//
// Zydis names the operands, hidden ones among them, and what is done to each;
// here that becomes sets of registers, as arch.h defines them. The rule when
// in doubt: a register too many is read, one too few is written. So
//
//   * a write of 8 or 16 bits keeps the rest, hence is a read as well; one of
//     32 bits clears the upper half, hence is whole;
//   * the flags are written when all six status flags are. INC leaves CF, a
//     shift by CL may leave all, and so may a repeated CMPS or SCAS;
//   * the vector state is one register, of which no instruction writes all;
//   * an instruction that talks to the system or leaves user mode in a way of
//     its own (INT, SYSENTER, ENCLU, port access) reads and may change
//     everything, and stays where it is.
//
// Kind, target and pc-relative operand come from Zydis too, so that the quick
// pass has something to be checked against. Where the two do not agree about
// the length an instruction is not moved, since moving rests on parse.c.

#include <Zydis/Zydis.h>

#include "arch/x86_64/x86_64.h"

enum {
    ALL_STATUS_FLAGS = ZYDIS_CPUFLAG_CF | ZYDIS_CPUFLAG_PF | ZYDIS_CPUFLAG_AF |
                       ZYDIS_CPUFLAG_ZF | ZYDIS_CPUFLAG_SF | ZYDIS_CPUFLAG_OF
};

// An instruction as Zydis sees it.
struct decoded {
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

static bool is_read(const ZydisDecodedOperand *operand) {
    return operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
}

// The number of a register that holds `reg`; REG_NONE: one that is not
// modelled, such as a segment or the pc.
static uint8_t register_number(ZydisRegister reg) {
    if (reg == ZYDIS_REGISTER_NONE)
        return REG_NONE;
    switch (ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
        return (uint8_t)ZydisRegisterGetId(
            ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg));
    case ZYDIS_REGCLASS_FLAGS: // taken from the flags' own description
    case ZYDIS_REGCLASS_IP:
    case ZYDIS_REGCLASS_SEGMENT: return REG_NONE;
    default: return VECTOR;
    }
}

static regset register_bit(ZydisRegister reg) {
    uint8_t number = register_number(reg);
    return number == REG_NONE ? 0 : REG_BIT(number);
}

static void add_register(const ZydisDecodedOperand *operand,
                         struct insn *insn) {
    regset bit = register_bit(operand->reg.value);
    bool whole = ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64,
                                       operand->reg.value) >= 32;
    if (is_read(operand))
        insn->reads |= bit;
    if (!(operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
        return;
    insn->clobbers |= bit;
    if (!whole || bit == REG_BIT(VECTOR))
        insn->reads |= bit;
    else if (operand->actions & ZYDIS_OPERAND_ACTION_WRITE)
        insn->writes |= bit;
}

static void add_memory(const struct decoded *d,
                       const ZydisDecodedOperand *operand, struct insn *insn) {
    const ZydisDecodedOperandMem *mem = &operand->mem;
    insn->reads |= register_bit(mem->base) | register_bit(mem->index);
    if (operand->visibility != ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
        return;
    if (mem->base == ZYDIS_REGISTER_RIP) {
        insn->pc_value = insn->va + d->insn.length + (uint64_t)mem->disp.value;
        insn->flags |= INSN_PC_RELATIVE;
    }
    bool adjusts_sp = mem->type == ZYDIS_MEMOP_TYPE_AGEN &&
                      d->operands[0].reg.value == ZYDIS_REGISTER_RSP;
    if (mem->base == ZYDIS_REGISTER_RSP && mem->disp.value < 0 && !adjusts_sp)
        insn->flags |= INSN_BELOW_SP;
}

// A shift that may leave the flags alone, since its count may be zero.
static bool may_shift_by_zero(const struct decoded *d) {
    ZydisInstructionCategory category = d->insn.meta.category;
    if (category != ZYDIS_CATEGORY_SHIFT && category != ZYDIS_CATEGORY_ROTATE)
        return false;
    if (d->insn.encoding == ZYDIS_INSTRUCTION_ENCODING_VEX)
        return false; // SHLX and its kin have no flags at all
    const ZydisDecodedOperand *count =
        &d->operands[d->insn.operand_count_visible - 1];
    uint64_t mask = d->insn.operand_width == 64 ? 63 : 31;
    return count->type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
           (count->imm.value.u & mask) == 0;
}

static bool is_repeated(const struct decoded *d) {
    return d->insn.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |
                                 ZYDIS_ATTRIB_HAS_REPNE);
}

// Flags that the manual calls undefined are set to something by the logical
// operations and by shifts; multiplication, bit scans and others leave them
// alone on some processors.
static bool sets_undefined_flags(const struct decoded *d) {
    return d->insn.meta.category == ZYDIS_CATEGORY_LOGICAL ||
           d->insn.meta.category == ZYDIS_CATEGORY_SHIFT;
}

static void add_flags(const struct decoded *d, struct insn *insn) {
    const ZydisAccessedFlags *flags = d->insn.cpu_flags;
    if (!flags)
        return;
    uint32_t written = flags->modified | flags->set_0 | flags->set_1;
    uint32_t changed = written | flags->undefined;
    if (sets_undefined_flags(d))
        written = changed;
    if (may_shift_by_zero(d) || is_repeated(d))
        written = 0;
    insn->reads |= (regset)(flags->tested & ALL_STATUS_FLAGS) << 32;
    insn->clobbers |= (regset)(changed & ALL_STATUS_FLAGS) << 32;
    insn->writes |= (regset)(written & ALL_STATUS_FLAGS) << 32;
    if (flags->tested & ALL_STATUS_FLAGS)
        insn->reads |= REG_BIT(FLAGS);
    if (changed & ALL_STATUS_FLAGS)
        insn->clobbers |= REG_BIT(FLAGS);
    if ((written & ALL_STATUS_FLAGS) == ALL_STATUS_FLAGS)
        insn->writes |= REG_BIT(FLAGS);
}

_Static_assert(X86_FLAG_PARTS == (regset)ALL_STATUS_FLAGS << 32,
               "flags have the places that Zydis gives them");

// Whether the instruction acts on two operands that are the same register of
// at least 32 bits.
static bool is_same_register(const struct decoded *d) {
    const ZydisDecodedOperand *a = &d->operands[0], *b = &d->operands[1];
    return d->insn.operand_count_visible == 2 &&
           a->type == ZYDIS_OPERAND_TYPE_REGISTER &&
           b->type == ZYDIS_OPERAND_TYPE_REGISTER &&
           a->reg.value == b->reg.value && a->size >= 32;
}

// Strings advance rsi and rdi, which Zydis tells of some of them only.
static void add_string_steps(const struct decoded *d, struct insn *insn) {
    for (unsigned i = 0; i < d->insn.operand_count; i++)
        if (d->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
            insn->clobbers |= register_bit(d->operands[i].mem.base);
}

// Corrections where Zydis describes an instruction in general.
static void refine_registers(const struct decoded *d, struct insn *insn) {
    switch (d->insn.mnemonic) {
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_SBB: // of the carry alone
        if (is_same_register(d))
            insn->reads &= ~register_bit(d->operands[0].reg.value);
        break;
    case ZYDIS_MNEMONIC_BSF: // leave the result alone if the source is zero
    case ZYDIS_MNEMONIC_BSR:
    case ZYDIS_MNEMONIC_RDSSPD: // do nothing without a shadow stack
    case ZYDIS_MNEMONIC_RDSSPQ:
    case ZYDIS_MNEMONIC_LAR: // ... if the selector is not valid
    case ZYDIS_MNEMONIC_LSL:
    case ZYDIS_MNEMONIC_XBEGIN: // ... unless it aborts
        insn->writes &= REG_BIT(FLAGS) | X86_FLAG_PARTS;
        break;
    case ZYDIS_MNEMONIC_SYSCALL: {
        // The kernel sees its arguments; it restores the flags from r11.
        const struct abi *abi = &arch_x86_64.abi;
        insn->reads = REG_BIT(abi->syscall_number) | REG_BIT(RSP);
        for (unsigned i = 0; i < COUNT_OF(abi->syscall_args); i++)
            insn->reads |= REG_BIT(abi->syscall_args[i]);
        insn->writes = REG_BIT(RAX) | REG_BIT(RCX) | REG_BIT(R11);
        insn->clobbers = insn->writes;
        break;
    }
    default: break;
    }
    if (d->insn.meta.category == ZYDIS_CATEGORY_STRINGOP)
        add_string_steps(d, insn);
    if (is_repeated(d)) // the count may be zero
        insn->writes &= insn->reads;
}

// Instructions of which no more is said than that they stay.
static bool is_beyond_us(const ZydisDecodedInstruction *insn) {
    switch (insn->meta.category) {
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_IOSTRINGOP:
    case ZYDIS_CATEGORY_SGX:
    case ZYDIS_CATEGORY_SYSRET:
    case ZYDIS_CATEGORY_UINTR:
    case ZYDIS_CATEGORY_VTX: return insn->mnemonic != ZYDIS_MNEMONIC_INT3;
    default: break;
    }
    switch (insn->mnemonic) {
    case ZYDIS_MNEMONIC_SYSENTER:
    case ZYDIS_MNEMONIC_RSM:
    case ZYDIS_MNEMONIC_GETSEC: return true;
    default: break;
    }
    return (insn->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) ||
           insn->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
}

static uint8_t find_kind(const struct decoded *d) {
    bool direct = d->insn.operand_count_visible > 0 &&
                  d->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    switch (d->insn.mnemonic) {
    case ZYDIS_MNEMONIC_SYSCALL: return INSN_SYSCALL;
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_HLT:
    case ZYDIS_MNEMONIC_UD0:
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_UD2:
    case ZYDIS_MNEMONIC_SYSRET:
    case ZYDIS_MNEMONIC_SYSEXIT: return INSN_STOP;
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_IRETQ: return INSN_RETURN;
    case ZYDIS_MNEMONIC_XABORT: return INSN_PLAIN; // its operand is a number
    default: break;
    }
    switch (d->insn.meta.category) {
    case ZYDIS_CATEGORY_CALL: return direct ? INSN_CALL : INSN_CALL_INDIRECT;
    case ZYDIS_CATEGORY_UNCOND_BR:
        return direct ? INSN_JUMP : INSN_JUMP_INDIRECT;
    case ZYDIS_CATEGORY_COND_BR: // XEND and its kin are listed there, too
        return direct ? INSN_JUMP_COND : INSN_PLAIN;
    case ZYDIS_CATEGORY_RET: return INSN_RETURN;
    default: return INSN_PLAIN;
    }
}

static void add_control(const struct decoded *d, struct insn *insn) {
    insn->kind = find_kind(d);
    if (insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_COND ||
        insn->kind == INSN_CALL) {
        insn->target =
            insn->va + d->insn.length + (uint64_t)d->operands[0].imm.value.s;
        insn->flags |= INSN_PC_RELATIVE;
    }
    const ZydisDecodedOperandMem *mem = &d->operands[0].mem;
    if (insn->kind == INSN_JUMP_INDIRECT &&
        d->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
        mem->base == ZYDIS_REGISTER_NONE && mem->index != ZYDIS_REGISTER_NONE &&
        mem->disp.has_displacement && register_bit(mem->segment) == 0) {
        insn->table_va = (uint64_t)mem->disp.value;
        insn->table_step = mem->scale;
    }
}

static void set_constant(struct insn *insn, const ZydisDecodedOperand *to,
                         uint64_t value) {
    insn->const_reg = register_number(to->reg.value);
    insn->const_value = to->size == 32 ? (uint32_t)value : value;
}

// Constants and copies, as far as whole registers are set.
static void add_constant(const struct decoded *d, struct insn *insn) {
    const ZydisDecodedOperand *to = &d->operands[0], *from = &d->operands[1];
    if (d->insn.operand_count_visible < 2 ||
        to->type != ZYDIS_OPERAND_TYPE_REGISTER || to->size < 32)
        return;
    switch (d->insn.mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
        if (from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
            set_constant(insn, to, from->imm.value.u);
        if (from->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(from->reg.value) ==
                ZydisRegisterGetClass(to->reg.value)) {
            set_constant(insn, to, UINT64_MAX);
            insn->copy_reg = register_number(from->reg.value);
        }
        break;
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_SUB:
        if (is_same_register(d))
            set_constant(insn, to, 0);
        break;
    case ZYDIS_MNEMONIC_OR:
        if (from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
            from->imm.value.s == -1)
            set_constant(insn, to, UINT64_MAX);
        break;
    case ZYDIS_MNEMONIC_LEA:
        if (from->mem.base == ZYDIS_REGISTER_RIP) {
            set_constant(insn, to, insn->pc_value);
            insn->flags |= INSN_TAKES_ADDRESS;
        }
        break;
    default: break;
    }
}

// What is added to the stack pointer, and whether its value is used in other
// ways than as the base of a memory operand.
static void add_stack(const struct decoded *d, struct insn *insn) {
    if ((insn->reads | insn->clobbers) & REG_BIT(RSP))
        insn->flags |= INSN_USES_SP;
    const ZydisDecodedOperand *to = &d->operands[0], *from = &d->operands[1];
    for (unsigned i = 0; i < d->insn.operand_count; i++)
        if (d->operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            register_number(d->operands[i].reg.value) == RSP)
            insn->flags |= INSN_SP_VALUE;
    bool to_sp = to->type == ZYDIS_OPERAND_TYPE_REGISTER &&
                 to->reg.value == ZYDIS_REGISTER_RSP;
    int32_t width = d->insn.operand_width / 8;
    switch (d->insn.mnemonic) {
    case ZYDIS_MNEMONIC_PUSH:
    case ZYDIS_MNEMONIC_PUSHF:
    case ZYDIS_MNEMONIC_PUSHFQ: insn->sp_delta = -width; break;
    case ZYDIS_MNEMONIC_POP: insn->sp_delta = to_sp ? 0 : width; break;
    case ZYDIS_MNEMONIC_POPF:
    case ZYDIS_MNEMONIC_POPFQ: insn->sp_delta = width; break;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_SUB:
        if (to_sp && from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
            insn->sp_delta = (int32_t)(d->insn.mnemonic == ZYDIS_MNEMONIC_ADD
                                           ? from->imm.value.s
                                           : -from->imm.value.s);
        break;
    case ZYDIS_MNEMONIC_LEA:
        if (to_sp && from->mem.base == ZYDIS_REGISTER_RSP &&
            from->mem.index == ZYDIS_REGISTER_NONE)
            insn->sp_delta = (int32_t)from->mem.disp.value;
        break;
    default: break;
    }
}

static void add_operands(const struct decoded *d, struct insn *insn) {
    for (unsigned i = 0; i < d->insn.operand_count; i++) {
        const ZydisDecodedOperand *operand = &d->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
            add_register(operand, insn);
        else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY)
            add_memory(d, operand, insn);
    }
    enum {
        VECTOR_ATTRIBUTES =
            ZYDIS_ATTRIB_FPU_STATE_CR | ZYDIS_ATTRIB_FPU_STATE_CW |
            ZYDIS_ATTRIB_XMM_STATE_CR | ZYDIS_ATTRIB_XMM_STATE_CW
    };
    if (d->insn.attributes & VECTOR_ATTRIBUTES)
        insn->reads |= REG_BIT(VECTOR);
    // Comparisons, too, may set flags of MXCSR, which Zydis does not say; what
    // only moves sets none.
    if (d->insn.meta.category != ZYDIS_CATEGORY_DATAXFER &&
        d->insn.mnemonic != ZYDIS_MNEMONIC_FXSAVE)
        insn->clobbers |= insn->reads & REG_BIT(VECTOR);
}

// NOP of any length, ENDBR64, INT3: as parse.c tells them, which goes by the
// bytes.
static void add_roles(const struct code *code, struct insn *insn) {
    struct insn_brief brief;
    x86_brief(code, &brief);
    if (brief.len != insn->len) {
        insn->flags |= INSN_IMMOVABLE;
        return;
    }
    insn->flags |= brief.flags & (INSN_PADDING | INSN_LANDING);
    if (insn->flags & INSN_PADDING && insn->kind == INSN_PLAIN) {
        insn->reads = insn->writes = insn->clobbers = 0;
        insn->pc_value = 0;
        insn->flags = INSN_PADDING;
    }
}

static bool unknown(struct insn *insn) {
    insn->kind = INSN_UNKNOWN;
    insn->len = arch_x86_64.insn_align;
    insn->reads = insn->clobbers = REGSET_ALL;
    insn->flags = INSN_USES_SP | INSN_BELOW_SP | INSN_IMMOVABLE;
    return false;
}

bool x86_decode(const struct code *code, struct insn *insn) {
    *insn = (struct insn){.va = code->va,
                          .bytes = code->bytes.p,
                          .const_reg = REG_NONE,
                          .base_reg = REG_NONE,
                          .loaded_reg = REG_NONE,
                          .copy_reg = REG_NONE};
    ZydisDecoder decoder;
    struct decoded d;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
                     ZYDIS_STACK_WIDTH_64);
    if (code->bytes.n == 0 ||
        !ZYAN_SUCCESS(ZydisDecoderDecodeFull(
            &decoder, code->bytes.p, code->bytes.n, &d.insn, d.operands)))
        return unknown(insn);
    insn->len = d.insn.length;
    add_operands(&d, insn);
    add_flags(&d, insn);
    refine_registers(&d, insn);
    add_control(&d, insn);
    add_constant(&d, insn);
    add_stack(&d, insn);
    if (is_beyond_us(&d.insn)) {
        insn->reads = insn->clobbers = REGSET_ALL;
        insn->writes = 0;
        insn->flags |= INSN_IMMOVABLE;
    }
    add_roles(code, insn);
    return true;
}
