// decode.c: what rewriting has to know about an instruction.
//
// Rows say which fields name registers that are read or written; the form says
// the rest: where control goes, what is computed from the pc, how sp moves. An
// instruction with a condition overwrites nothing for certain.
//
// A block of IT is one instruction here, up to 18 bytes long, which does what
// all of its parts may do. So nothing is ever put in the middle of one, and it
// moves whole. Its last part may be a branch; the others cannot.
//
// The pc reads as two instructions ahead. What mentions it and is none of the
// forms that move.c knows to write anew stays where it is.

#include <string.h>

#include "arch/arm/arm.h"

static regset flag_set(regset parts) {
    return parts ? parts | REG_BIT(FLAGS) : 0;
}

static regset condition_flags(uint8_t cond) {
    static const regset of[] = {ARM_Z,
                                ARM_C,
                                ARM_N,
                                ARM_V,
                                ARM_C | ARM_Z,
                                ARM_N | ARM_V,
                                ARM_N | ARM_Z | ARM_V};
    return cond >= COND_AL ? 0 : flag_set(of[cond >> 1]);
}

// --- registers ------------------------------------------------------------

// The bit of a register; the pc has none.
static regset register_bit(uint32_t reg) {
    return reg < PC ? REG_BIT(reg) : 0;
}

static regset read_by(const struct arm_parts *parts, char letter) {
    switch (letter) {
    case 'S': return REG_BIT(SP);
    case 'R': return REG_BIT(LR);
    case 'C': return flag_set(ARM_C);
    case 'F': return flag_set(ARM_FLAG_PARTS);
    case 'X':
    case 'x': return REG_BIT(VECTOR);
    case 'Y': return REG_BIT(RESERVATION);
    case '2': return register_bit(arm_field(parts, 't') + 1);
    case 'l': return arm_field(parts, 'l') & (REG_BIT(PC) - 1);
    default: return register_bit(arm_field(parts, letter));
    }
}

static bool sets_flags(const struct arm_parts *parts) {
    if (arm_has(parts, 'f'))
        return arm_field(parts, 'f');
    // What sets a register as well is silent within a block.
    return !(parts->in_block && parts->len == 2 && arm_has(parts, 'd'));
}

static void write_flags(const struct arm_parts *parts, bool all,
                        struct insn *insn) {
    if (!sets_flags(parts))
        return;
    insn->writes |= all ? flag_set(ARM_FLAG_PARTS) : ARM_N | ARM_Z;
    insn->clobbers |= flag_set(all ? ARM_FLAG_PARTS : ARM_N | ARM_Z | ARM_C);
}

static void write_by(const struct arm_parts *parts, char letter,
                     struct insn *insn) {
    regset set = 0;
    switch (letter) {
    case 'F':
    case 'Z': write_flags(parts, letter == 'F', insn); return;
    case 'N':
        if (arm_writes_back(parts))
            set = register_bit(arm_field(parts, 'n'));
        break;
    default: set = read_by(parts, letter); break;
    }
    insn->writes |= set;
    insn->clobbers |= set;
}

static void write_set(struct insn *insn, regset set) {
    insn->writes |= set;
    insn->clobbers |= set;
}

// The type and amount of a shift that mean: one place, through the carry.
static bool shifts_carry_in(const struct arm_parts *parts) {
    enum { A32_SHIFT = 0xff0, A32_RRX = 0x060 };
    enum { T32_SHIFT = 0x70f0, T32_RRX = 0x0030 };
    if (!arm_has(parts, 'j') || !arm_has(parts, 'm'))
        return false;
    return parts->mode == A32 ? (parts->bits & A32_SHIFT) == A32_RRX
                              : (parts->bits & T32_SHIFT) == T32_RRX;
}

// What the rows cannot say.
static void add_by_form(const struct arm_parts *parts, struct insn *insn) {
    switch (parts->row->form) {
    case FORM_PUSH:
        insn->reads |= arm_field(parts, 'l');
        insn->reads |= arm_field(parts, 'r') ? REG_BIT(LR) : 0;
        break;
    case FORM_POP: write_set(insn, arm_field(parts, 'l')); break;
    case FORM_LOW_LIST: // the base is loaded, or stepped
        write_set(insn, register_bit(arm_field(parts, 'n')));
        break;
    case FORM_VECTOR: { // 13: stepped by its size; 15: not at all
        uint32_t step = arm_field(parts, 'm');
        if (step != PC)
            write_set(insn, register_bit(arm_field(parts, 'n')));
        if (step != PC && step != SP)
            insn->reads |= register_bit(step);
        break;
    }
    case FORM_TO_CORE:
        if (arm_field(parts, 't') == PC)
            write_set(insn, flag_set(ARM_FLAG_PARTS));
        break;
    case FORM_MSR:
        // Without the bit it sets others of the status than the flags.
        if (arm_has(parts, 'k') && !arm_field(parts, 'k'))
            insn->writes = 0;
        break;
    default: break;
    }
    if (shifts_carry_in(parts))
        insn->reads |= flag_set(ARM_C);
}

static void add_registers(const struct arm_parts *parts, struct insn *insn) {
    for (const char *c = parts->row->reads; *c; c++)
        insn->reads |= read_by(parts, *c);
    for (const char *c = parts->row->writes; *c; c++)
        write_by(parts, *c, insn);
    add_by_form(parts, insn);
    // No instruction overwrites all of it.
    if (strchr(parts->row->reads, 'X'))
        insn->clobbers |= REG_BIT(VECTOR);
}

// --- the stack ------------------------------------------------------------

static bool is_memory(const struct arm_parts *parts) {
    switch (parts->row->form) {
    case FORM_MEMORY:
    case FORM_LOAD:
    case FORM_LIST:
    case FORM_VECTOR:
    case FORM_VECTOR_LIST:
    case FORM_EXCLUSIVE:
    case FORM_STORE_EXCLUSIVE: return true;
    default: return false;
    }
}

static bool reads_sp_value(const struct arm_parts *parts) {
    for (const char *c = parts->row->reads; *c; c++) {
        if ((*c == 'n' || *c == 'S') && is_memory(parts))
            continue;
        if (read_by(parts, *c) & REG_BIT(SP))
            return true;
    }
    return false;
}

// By how much a base with write-back moves; 0: not known.
static int32_t base_step(const struct arm_parts *parts) {
    bool up = !arm_has(parts, 'u') || arm_field(parts, 'u');
    uint32_t step = arm_field(parts, 'i');
    if (arm_has(parts, 'm'))
        return 0;
    if (parts->row->form == FORM_LIST) {
        step = 4 * (uint32_t)__builtin_popcount(arm_field(parts, 'l'));
        // T32 has stmdb and ldmia alone, told apart by the bit beside.
        if (!arm_has(parts, 'u'))
            up = !(parts->bits >> 24 & 1) || parts->len == 2;
    } else if (parts->row->form == FORM_VECTOR_LIST) {
        step = 4 * (arm_field(parts, 'z') & 0xff);
    } else if (arm_has(parts, 'v')) {
        step *= 4;
    } else if (arm_has(parts, 'k')) {
        step = step << 4 | arm_field(parts, 'k');
    }
    return up ? (int32_t)step : -(int32_t)step;
}

static int32_t sp_step(const struct arm_parts *parts) {
    int32_t words = __builtin_popcount(arm_field(parts, 'l')) +
                    (int32_t)arm_field(parts, 'r');
    int32_t i = (int32_t)arm_field(parts, 'i');
    bool from_sp = arm_has(parts, 'n') && arm_field(parts, 'n') == SP;
    switch (parts->row->form) {
    case FORM_PUSH: return -4 * words;
    case FORM_POP: return 4 * words;
    case FORM_SP_STEP: return arm_field(parts, 'o') ? -4 * i : 4 * i;
    case FORM_ADD_CONST:
    case FORM_ADD_WIDE: return from_sp ? (int32_t)arm_constant(parts) : 0;
    case FORM_SUB_CONST:
    case FORM_SUB_WIDE: return from_sp ? -(int32_t)arm_constant(parts) : 0;
    default:
        return is_memory(parts) && from_sp && arm_writes_back(parts)
                   ? base_step(parts)
                   : 0;
    }
}

static void add_stack(const struct arm_parts *parts, struct insn *insn) {
    regset sp = REG_BIT(SP);
    if (!((insn->reads | insn->clobbers) & sp))
        return;
    insn->flags |= INSN_USES_SP;
    if ((insn->clobbers & sp) || reads_sp_value(parts))
        insn->flags |= INSN_SP_VALUE;
    if (insn->clobbers & sp)
        insn->sp_delta = sp_step(parts);
    else if (is_memory(parts) && arm_has(parts, 'u') && !arm_field(parts, 'u'))
        insn->flags |= INSN_BELOW_SP;
}

// --- the pc ---------------------------------------------------------------

static void set_pc_value(struct insn *insn, uint64_t value) {
    insn->pc_value = value;
    insn->flags |= INSN_PC_RELATIVE;
}

static void set_address(struct insn *insn, uint32_t reg, uint64_t value) {
    set_pc_value(insn, value);
    insn->flags |= INSN_TAKES_ADDRESS;
    insn->const_reg = (uint8_t)reg;
    insn->const_value = value;
}

// A base that is the pc. A32 may add a register to it.
static void add_pc_base(const struct arm_parts *parts, uint64_t pc,
                        struct insn *insn) {
    bool is_plain = !arm_writes_back(parts) && !arm_has(parts, 'm');
    bool has_form =
        parts->row->form == FORM_LOAD || parts->row->form == FORM_VECTOR_LIST;
    if (is_plain && has_form) {
        set_pc_value(insn, (pc & ~(uint64_t)3) +
                               (uint64_t)arm_literal_distance(parts));
        return;
    }
    insn->flags |= INSN_PC_RELATIVE;
    bool is_indexed = parts->row->form == FORM_LOAD && arm_has(parts, 'm') &&
                      !arm_writes_back(parts) && arm_field(parts, 'u') &&
                      arm_field(parts, 'm') != PC;
    uint32_t loaded = arm_has(parts, 't') ? arm_field(parts, 't') : PC;
    if (!is_indexed || loaded == PC || parts->row->writes[1] == '2')
        insn->flags |= INSN_IMMOVABLE;
    if (is_indexed && loaded == PC && parts->mode == A32 &&
        (parts->bits & 0xff0) == 0x100) { // lsl #2
        insn->table_va = pc;
        insn->table_step = 4;
    }
}

static void add_pc_read(const struct arm_parts *parts, struct insn *insn) {
    uint64_t pc = arm_pc(parts, insn->va), base = pc & ~(uint64_t)3;
    uint32_t d = arm_has(parts, 'd') ? arm_field(parts, 'd') : PC;
    bool plain = !arm_has(parts, 'f') || !arm_field(parts, 'f');
    switch (parts->row->form) {
    case FORM_MOVE:
        if (d != PC && plain) {
            set_address(insn, d, pc);
            return;
        }
        break;
    case FORM_ADD_CONST:
    case FORM_ADD_WIDE:
    case FORM_SUB_CONST:
    case FORM_SUB_WIDE: {
        bool adds = parts->row->form == FORM_ADD_CONST ||
                    parts->row->form == FORM_ADD_WIDE;
        uint64_t value = arm_constant(parts);
        if (d != PC && plain) {
            set_address(insn, d, base + (adds ? value : 0 - value));
            return;
        }
        break;
    }
    case FORM_ADD_HIGH:
        insn->flags |= INSN_PC_RELATIVE;
        if (d == PC || d == SP)
            break;
        return;
    case FORM_ADD:
        insn->flags |= INSN_PC_RELATIVE;
        if (d == PC || d == SP || !plain || arm_field(parts, 'n') != PC ||
            arm_field(parts, 'm') == PC)
            break;
        return;
    case FORM_BX: insn->flags |= INSN_PC_RELATIVE; return;
    case FORM_MEMORY:
    case FORM_LOAD:
    case FORM_VECTOR_LIST:
        if (arm_field(parts, 'n') == PC) {
            add_pc_base(parts, pc, insn);
            return;
        }
        break;
    default: break;
    }
    insn->flags |= INSN_PC_RELATIVE | INSN_IMMOVABLE;
}

static bool writes_pc(const struct arm_parts *parts) {
    for (const char *c = parts->row->writes; *c; c++) {
        if (*c == 'l' && (arm_field(parts, 'l') >> PC & 1))
            return true;
        if (arm_has(parts, *c) && *c != 'l' && arm_field(parts, *c) == PC)
            return parts->row->form != FORM_TO_CORE;
    }
    return parts->row->form == FORM_POP && arm_field(parts, 'r');
}

// Return, or a jump to anywhere.
static uint8_t kind_of_jump(const struct arm_parts *parts) {
    switch (parts->row->form) {
    case FORM_POP:
    case FORM_LIST: return INSN_RETURN;
    case FORM_LOAD: // ldr pc, [sp], #4
        return arm_field(parts, 'n') == SP && arm_writes_back(parts)
                   ? INSN_RETURN
                   : INSN_JUMP_INDIRECT;
    case FORM_BX:
    case FORM_MOVE:
        return arm_field(parts, 'm') == LR ? INSN_RETURN : INSN_JUMP_INDIRECT;
    case FORM_SUB_CONST: // subs pc, lr, #4: from an exception
        return arm_field(parts, 'n') == LR && arm_field(parts, 'f')
                   ? INSN_RETURN
                   : INSN_JUMP_INDIRECT;
    default: return INSN_JUMP_INDIRECT;
    }
}

// --- control --------------------------------------------------------------

static void set_target(const struct arm_parts *parts, uint8_t kind,
                       struct insn *insn) {
    uint64_t pc = arm_pc(parts, insn->va);
    if (parts->row->form == FORM_CALL_SWITCH)
        pc &= ~(uint64_t)3;
    insn->kind = kind;
    insn->target = pc + (uint64_t)(int64_t)arm_distance(parts);
    insn->flags |= INSN_PC_RELATIVE;
}

static void add_control(const struct arm_parts *parts, struct insn *insn) {
    uint64_t pc = arm_pc(parts, insn->va);
    switch (parts->row->form) {
    case FORM_BRANCH: set_target(parts, INSN_JUMP, insn); break;
    case FORM_BRANCH_COND:
        set_target(parts, INSN_JUMP_COND, insn);
        insn->reads |= condition_flags((uint8_t)arm_field(parts, 'c'));
        break;
    case FORM_COMPARE_ZERO: set_target(parts, INSN_JUMP_COND, insn); break;
    case FORM_CALL: set_target(parts, INSN_CALL, insn); break;
    case FORM_CALL_SWITCH: // what it goes to has another mode
        set_target(parts, INSN_CALL, insn);
        insn->flags |= INSN_SWITCHES;
        break;
    case FORM_CALL_REG: insn->kind = INSN_CALL_INDIRECT; break;
    case FORM_BX:
        insn->kind = kind_of_jump(parts);
        if (arm_field(parts, 'm') == PC) { // to A32, right behind
            insn->kind = INSN_JUMP;
            insn->target = pc & ~(uint64_t)3;
            insn->flags |= INSN_SWITCHES;
        }
        break;
    case FORM_TABLE:
        insn->kind = INSN_JUMP_INDIRECT;
        insn->flags |= INSN_PC_RELATIVE | INSN_IMMOVABLE;
        if (arm_field(parts, 'n') == PC) {
            insn->table_va = pc;
            insn->table_step = (uint8_t)(1 + arm_field(parts, 'i'));
            insn->table_kind = TABLE_HALFWORDS;
        }
        break;
    case FORM_JUMPS:
        insn->kind = INSN_JUMP_INDIRECT;
        insn->flags |= INSN_PC_RELATIVE | INSN_IMMOVABLE;
        insn->table_va = pc;
        insn->table_step = 4;
        insn->table_kind = TABLE_JUMPS;
        break;
    case FORM_RETURN:
        insn->kind = INSN_RETURN;
        insn->flags |= INSN_IMMOVABLE;
        break;
    case FORM_SYSCALL: insn->kind = INSN_SYSCALL; break;
    case FORM_TRAP: insn->kind = INSN_STOP; break;
    case FORM_NOP: insn->flags |= INSN_PADDING; break;
    case FORM_LITERAL:
    case FORM_WIDE_LITERAL:
        set_pc_value(insn, (pc & ~(uint64_t)3) +
                               (uint64_t)arm_literal_distance(parts));
        break;
    case FORM_ADR:
        set_address(insn, arm_field(parts, 'd'),
                    (pc & ~(uint64_t)3) +
                        (uint64_t)arm_literal_distance(parts));
        break;
    default: break;
    }
    if (writes_pc(parts))
        insn->kind = kind_of_jump(parts);
    if (arm_reads_pc(parts))
        add_pc_read(parts, insn);
}

// What the kernel sees of the registers, and changes.
static void add_syscall(struct insn *insn) {
    const struct abi *abi = &arch_arm.abi;
    insn->reads |= REG_BIT(abi->syscall_number) | REG_BIT(SP);
    for (unsigned i = 0; i < COUNT_OF(abi->syscall_args); i++)
        insn->reads |= REG_BIT(abi->syscall_args[i]);
    write_set(insn, REG_BIT(abi->syscall_result));
}

static void add_constant(const struct arm_parts *parts, struct insn *insn) {
    uint32_t d = arm_has(parts, 'd') ? arm_field(parts, 'd') : PC;
    if (parts->row->form == FORM_COMPARE)
        insn->limit = arm_constant(parts) + 1;
    if (d == PC)
        return;
    switch (parts->row->form) {
    case FORM_CONST:
    case FORM_WIDE:
        insn->const_reg = (uint8_t)d;
        insn->const_value = arm_constant(parts);
        break;
    case FORM_CONST_NOT:
        insn->const_reg = (uint8_t)d;
        insn->const_value = (uint32_t)~arm_constant(parts);
        break;
    case FORM_MOVE:
        if (arm_field(parts, 'm') == PC)
            break;
        insn->const_reg = (uint8_t)d;
        insn->copy_reg = (uint8_t)arm_field(parts, 'm');
        insn->const_value = UINT32_MAX;
        break;
    default: break;
    }
}

static void set_base(struct insn *insn, uint32_t reg, int64_t off) {
    insn->base_reg = (uint8_t)reg;
    insn->base_off = off;
    insn->flags |= INSN_ADDS_OFFSET;
}

// Halves of addresses: what movw set gets its upper half, a distance that was
// loaded the pc.
static bool add_half(const struct arm_parts *parts, struct insn *insn) {
    uint32_t d = arm_has(parts, 'd') ? arm_field(parts, 'd') : PC;
    int64_t pc = (int64_t)arm_pc(parts, insn->va);
    if (d == PC || d == SP)
        return false;
    switch (parts->row->form) {
    case FORM_TOP:
        set_base(insn, d, (int64_t)arm_constant(parts) << 16);
        return true;
    case FORM_ADD_HIGH:
        if (arm_field(parts, 'm') == PC)
            set_base(insn, d, pc);
        return true;
    case FORM_ADD:
        if (parts->mode == A32 && arm_field(parts, 'n') == PC &&
            arm_field(parts, 'm') != PC)
            set_base(insn, arm_field(parts, 'm'), pc);
        else if (parts->mode == A32 && arm_field(parts, 'm') == PC)
            set_base(insn, arm_field(parts, 'n'), pc);
        return insn->base_reg != REG_NONE;
    default: return false;
    }
}

// Whether a load relative to the pc is one of a word: of T32 by the three bits
// for it, of A32 by its group and the bit for bytes.
static bool is_word_literal(const struct arm_parts *parts) {
    if (parts->row->form == FORM_LITERAL)
        return true;
    if (parts->mode == T32)
        return parts->row->form == FORM_WIDE_LITERAL &&
               (parts->bits >> 20 & 0x17) == 0x05;
    return parts->row->form == FORM_LOAD && arm_field(parts, 'n') == PC &&
           (parts->bits >> 25 & 7) == 2 && !(parts->bits >> 22 & 1);
}

// A register plus a constant: computed, or the address of what is loaded. Stubs
// of imported functions put addresses together so.
static void add_base(const struct arm_parts *parts, struct insn *insn) {
    uint32_t n = arm_has(parts, 'n') ? arm_field(parts, 'n') : PC;
    if (insn->pc_value && is_word_literal(parts))
        insn->loaded_reg = (uint8_t)arm_field(parts, 't');
    if (add_half(parts, insn) || n == PC || n == SP || parts->len != 4)
        return;
    if (parts->row->form == FORM_ADD_CONST) {
        set_base(insn, n, arm_constant(parts));
    } else if (parts->row->form == FORM_ADD_SHIFTED) {
        insn->index_base = (uint8_t)n;
        insn->index_shift =
            (uint8_t)(parts->mode == A32
                          ? arm_field(parts, 'i')
                          : arm_field(parts, 'j') << 2 | arm_field(parts, 'k'));
    } else if (parts->row->form == FORM_LOAD && !arm_has(parts, 'm') &&
               (!arm_has(parts, 'p') || arm_field(parts, 'p'))) {
        insn->base_reg = (uint8_t)n;
        insn->base_off = arm_literal_distance(parts);
        insn->loaded_reg = (uint8_t)arm_field(parts, 't');
    }
}

// --- conditions -----------------------------------------------------------

// What is done under a condition may not be done at all.
static void add_condition(const struct arm_parts *parts, struct insn *insn) {
    if (parts->cond == COND_AL)
        return;
    insn->reads |= condition_flags(parts->cond);
    insn->writes = 0;
    insn->const_reg = insn->copy_reg = REG_NONE;
    insn->limit = 0;
    switch (insn->kind) {
    case INSN_JUMP: insn->kind = INSN_JUMP_COND; break;
    case INSN_RETURN: insn->kind = INSN_RETURN_COND; break;
    case INSN_JUMP_INDIRECT: insn->kind = INSN_JUMP_INDIRECT_COND; break;
    case INSN_STOP: insn->kind = INSN_PLAIN; break;
    case INSN_CALL:
    case INSN_CALL_INDIRECT: insn->flags |= INSN_CONDITIONAL; break;
    case INSN_SYSCALL: insn->flags |= INSN_IMMOVABLE; break;
    default: break;
    }
    // Behind it sp is not where it would be in a constant's distance.
    if (insn->sp_delta != 0) {
        insn->sp_delta = 0;
        insn->flags |= INSN_SP_VALUE;
    }
}

void arm_describe(const struct arm_parts *parts, uint64_t va,
                  struct insn *insn) {
    *insn = (struct insn){.va = va,
                          .len = parts->len,
                          .mode = parts->mode,
                          .const_reg = REG_NONE,
                          .copy_reg = REG_NONE,
                          .base_reg = REG_NONE,
                          .loaded_reg = REG_NONE};
    add_registers(parts, insn);
    add_control(parts, insn);
    if (insn->kind == INSN_SYSCALL)
        add_syscall(insn);
    add_constant(parts, insn);
    add_base(parts, insn);
    add_stack(parts, insn);
    if (parts->row->form == FORM_SYSTEM || parts->row->form == FORM_RETURN) {
        insn->reads = insn->clobbers = REGSET_ALL;
        insn->writes = 0;
        insn->flags |= INSN_IMMOVABLE;
    }
    add_condition(parts, insn);
}

static bool describe_block(const struct code *code, const struct arm_parts *it,
                           struct insn *insn) {
    struct arm_block block;
    if (!arm_parse_block(code->bytes, it, &block))
        return false;
    insn->len = block.len;
    insn->kind = INSN_PLAIN;
    for (unsigned i = 0; i < block.count; i++) {
        struct insn part;
        arm_describe(&block.parts[i], code->va + block.offs[i], &part);
        insn->reads |= part.reads;
        insn->writes |= i == 0 ? part.writes : 0;
        insn->clobbers |= part.clobbers;
        insn->flags |= part.flags & ~(INSN_PADDING | INSN_TAKES_ADDRESS);
        if (part.kind != INSN_PLAIN) {
            insn->kind = part.kind;
            insn->target = part.target;
        }
        // One value alone can be told.
        if (part.pc_value && insn->pc_value)
            insn->flags |= INSN_IMMOVABLE;
        if (part.pc_value)
            insn->pc_value = part.pc_value;
    }
    return true;
}

static bool unknown(const struct code *code, struct insn *insn) {
    *insn = (struct insn){
        .va = code->va,
        .bytes = code->bytes.p,
        .mode = (uint8_t)code->mode,
        .kind = INSN_UNKNOWN,
        .len = code->mode == T32 ? 2 : 4,
        .reads = REGSET_ALL,
        .clobbers = REGSET_ALL,
        .flags = INSN_USES_SP | INSN_BELOW_SP | INSN_IMMOVABLE,
        .const_reg = REG_NONE,
        .copy_reg = REG_NONE,
        .base_reg = REG_NONE,
        .loaded_reg = REG_NONE,
    };
    return false;
}

bool arm_decode(const struct code *code, struct insn *insn) {
    struct arm_parts parts;
    *insn = (struct insn){.va = code->va,
                          .bytes = code->bytes.p,
                          .mode = (uint8_t)code->mode,
                          .const_reg = REG_NONE,
                          .copy_reg = REG_NONE,
                          .base_reg = REG_NONE,
                          .loaded_reg = REG_NONE};
    if (!arm_parse(code->bytes, code->mode, &parts))
        return unknown(code, insn);
    if (parts.row->form == FORM_IT)
        return describe_block(code, &parts, insn) || unknown(code, insn);
    arm_describe(&parts, code->va, insn);
    insn->bytes = code->bytes.p;
    return true;
}

void arm_brief(const struct code *code, struct insn_brief *out) {
    struct insn insn;
    *out = (struct insn_brief){0};
    if (!arm_decode(code, &insn))
        return;
    *out = (struct insn_brief){
        .len = insn.len,
        .kind = insn.kind,
        .flags =
            insn.flags & (INSN_PC_RELATIVE | INSN_PADDING | INSN_TAKES_ADDRESS |
                          INSN_SWITCHES | INSN_CONDITIONAL | INSN_ADDS_OFFSET),
        .target = insn.target,
        .pc_value = insn.pc_value,
    };
}
