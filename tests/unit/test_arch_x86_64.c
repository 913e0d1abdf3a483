// test_arch_x86_64.c: instructions decoded and moved, run on the processor.
//
// Instructions are taken from the code mapped into this process and run with
// random registers. Moved, they must do the same; and when one register is
// changed at a time they must read and write what the decoder says.
// Not with sanitizers: they give every instruction more memory to reach.

#include <link.h>

#include "x86_64_lab.h"

// A real instruction, prepared to run at HERE: its pc-relative operand points
// into the data.
static struct insn install(struct lab *lab, const uint8_t *p) {
    struct insn insn = decode_at(p, MAX_INSN, 0);
    struct x86_parts x;
    struct bytes code = new_code(lab);
    bytes_add(&code, p, insn.len);
    if (x86_parse((struct slice){p, insn.len}, &x) && x.pc_relative) {
        uint64_t to = va_of(lab, DATA) + DATA_LEN / 2;
        bytes_patch(&code, x.disp_at, to - va_of(lab, HERE) - insn.len, 4);
    }
    add_exit(lab, &code, va_of(lab, HERE), 1);
    const uint8_t *here = place(lab, HERE, &code);
    return decode_at(here, insn.len, va_of(lab, HERE));
}

// Mask registers and the upper sixteen vector registers keep what the library
// left there between two runs.
static bool uses_unset_registers(const struct x86_parts *x, const uint8_t *p) {
    const uint8_t *prefix = p + x->opcode_at - 4;
    if (x->encoding == EVEX) // 62 RXBR0mmm Wvvvv1pp zLLbVaaa, inverted
        return (prefix[1] & 0x50) != 0x50 || (prefix[3] & 0x0f) != 8;
    return x->encoding == VEX && x->map != 2 &&
           ((x->opcode >= 0x30 && x->opcode <= 0x4b) ||
            (x->opcode >= 0x90 && x->opcode <= 0x99));
}

// Whether the processor may be given this without harm to the test.
static bool is_runnable(const struct insn *insn) {
    struct x86_parts x;
    if (insn->kind != INSN_PLAIN || (insn->flags & INSN_IMMOVABLE) ||
        !x86_parse((struct slice){insn->bytes, insn->len}, &x) ||
        (x.prefixes & PREFIX_SEGMENT) || // the thread's own memory
        uses_unset_registers(&x, insn->bytes))
        return false;
    if (x.map == 0) {
        bool is_string = (x.opcode & 0xf4) == 0xa4 || (x.opcode & 0xfe) == 0xaa;
        bool is_long = is_string && (x.prefixes & (PREFIX_REP | PREFIX_REPNE));
        bool sets_flags = x.opcode == 0x9d || x.opcode == 0x8e;
        return !is_long && !sets_flags;
    }
    bool sets_control = x.opcode == 0xae || x.opcode == 0xc7 ||
                        x.opcode == 0x01 || x.opcode == 0xa1 ||
                        x.opcode == 0xa9;
    return x.map != 1 || !sets_control;
}

struct picker {
    struct lab *lab;
    unsigned wanted, skip;
    void (*test)(struct lab *lab, const uint8_t *p);
};

static int pick_from_module(struct dl_phdr_info *info, size_t size,
                            void *data) {
    (void)size;
    struct picker *picker = data;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) ||
            segment->p_memsz < 1 << 16)
            continue;
        const uint8_t *p =
            (const uint8_t *)(uintptr_t)(info->dlpi_addr + segment->p_vaddr);
        const uint8_t *end = p + segment->p_memsz - 64;
        for (unsigned n = 0; n < picker->wanted && p < end;) {
            struct insn insn = decode_at(p, MAX_INSN, 0);
            if (is_runnable(&insn) &&
                random_number(picker->lab) % picker->skip == 0) {
                picker->test(picker->lab, p);
                n++;
            }
            p += insn.len;
        }
    }
    return 0;
}

static void fail_insn(const struct insn *insn, const char *what, unsigned reg) {
    char text[3 * MAX_INSN + 1] = "";
    for (unsigned i = 0; i < insn->len; i++)
        snprintf(text + 3 * i, 4, " %02x", insn->bytes[i]);
    fail_msg("%s: %s (%u)", text, what, reg);
}

static void moved_does_the_same(struct lab *lab, const uint8_t *p) {
    struct insn insn = install(lab, p);
    struct bytes code = new_code(lab);
    uint64_t there = va_of(lab, THERE);
    if (!x86_move(&insn, there, 0, &code))
        fail_insn(&insn, "does not move", 0);
    add_exit(lab, &code, there, 1);
    place(lab, THERE, &code);
    struct state s = random_state(lab);
    struct state first = run(lab, &s, lab->block + HERE);
    int fault = run_fault;
    uint8_t memory[DATA_LEN];
    memcpy(memory, lab->block + DATA, DATA_LEN);
    struct state second = run(lab, &s, lab->block + HERE);
    if (!same_registers(&first, &second))
        return; // RDTSC and the like
    struct state moved = run(lab, &s, lab->block + THERE);
    if (fault != run_fault)
        fail_insn(&insn, "faults otherwise when moved", 0);
    if (!same_registers(&first, &moved) || !same_vectors(&first, &moved))
        fail_insn(&insn, "other registers when moved", 0);
    if (memcmp(memory, lab->block + DATA, DATA_LEN) != 0)
        fail_insn(&insn, "other memory when moved", 0);
    arena_free(lab->arena);
    lab->arena = arena_new();
}

static void instructions_move(void **state) {
    struct picker picker = {enter_lab(state), 1500, 3, moved_does_the_same};
    dl_iterate_phdr(pick_from_module, &picker);
}

static void biased_does_the_same(struct lab *lab, const uint8_t *p) {
    enum { BIAS = 136 };
    struct insn insn = install(lab, p);
    struct bytes code = new_code(lab);
    uint64_t there = va_of(lab, THERE);
    if (!(insn.flags & INSN_USES_SP) || !x86_move(&insn, there, BIAS, &code))
        return;
    add_exit(lab, &code, there, 1);
    place(lab, THERE, &code);
    struct state s = random_state(lab);
    struct state first = run(lab, &s, lab->block + HERE);
    int fault = run_fault;
    uint8_t memory[DATA_LEN];
    memcpy(memory, lab->block + DATA, DATA_LEN);
    s.regs[RSP] -= BIAS;
    struct state moved = run(lab, &s, lab->block + THERE);
    moved.regs[RSP] += BIAS;
    if (insn.clobbers & REG_BIT(RSP)) // flags of another number, see move.c
        moved.flags = first.flags;
    if (fault != run_fault || !same_registers(&first, &moved) ||
        !same_vectors(&first, &moved) ||
        memcmp(memory, lab->block + DATA, DATA_LEN) != 0)
        fail_insn(&insn, "does something else with a bias", 0);
    arena_free(lab->arena);
    lab->arena = arena_new();
}

static void instructions_move_with_bias(void **state) {
    struct picker picker = {enter_lab(state), 6000, 2, biased_does_the_same};
    dl_iterate_phdr(pick_from_module, &picker);
}

// The status flags of a set, see X86_FLAG_PARTS, where FLAGS has them.
static uint64_t flags_of(regset set) {
    return (set & X86_FLAG_PARTS) >> 32;
}

// Compares a run with one that differs in `reg` only (of the flags, in those
// only) that the instruction is said not to read.
static void check_unread(struct lab *lab, const struct insn *insn,
                         const struct state *s, const struct state *first,
                         int fault, unsigned reg) {
    struct state other = *s;
    uint64_t kept = 0; // flags that may still differ
    if (reg == FLAGS) {
        kept = random_number(lab) & STATUS_FLAGS & ~flags_of(insn->reads);
        other.flags ^= kept;
        kept &= ~flags_of(insn->writes);
    } else {
        other.regs[reg] ^= random_number(lab);
    }
    struct state got = run(lab, &other, lab->block + HERE);
    if (run_fault != fault)
        fail_insn(insn, "faults by a register it does not read", reg);
    for (unsigned i = RAX; i <= R15; i++)
        if (i != reg && first->regs[i] != got.regs[i])
            fail_insn(insn, "reads a register that is not said", reg);
    if (!same_vectors(first, &got) ||
        ((first->flags ^ got.flags) & STATUS_FLAGS & ~kept && fault == 0))
        fail_insn(insn, "reads a register that is not said", reg);
    if (fault == 0 && reg < FLAGS && (insn->writes & REG_BIT(reg)) &&
        first->regs[reg] != got.regs[reg])
        fail_insn(insn, "does not write a register for certain", reg);
}

static void registers_are_as_said(struct lab *lab, const uint8_t *p) {
    struct insn insn = install(lab, p);
    struct state s = random_state(lab);
    struct state first = run(lab, &s, lab->block + HERE);
    int fault = run_fault;
    struct state second = run(lab, &s, lab->block + HERE);
    arena_free(lab->arena);
    lab->arena = arena_new();
    if (!same_registers(&first, &second))
        return;
    for (unsigned reg = RAX; reg <= R15; reg++) {
        if (!(insn.clobbers & REG_BIT(reg)) && s.regs[reg] != first.regs[reg])
            fail_insn(&insn, "changes a register that is not said", reg);
        if (!(insn.reads & REG_BIT(reg)) && reg != RSP)
            check_unread(lab, &insn, &s, &first, fault, reg);
    }
    check_unread(lab, &insn, &s, &first, fault, FLAGS);
    if ((s.flags ^ first.flags) & STATUS_FLAGS & ~flags_of(insn.clobbers))
        fail_insn(&insn, "changes flags that are not said", FLAGS);
    if (!(insn.clobbers & REG_BIT(VECTOR)) && !same_vectors(&s, &first))
        fail_insn(&insn, "changes vectors", 0);
    if (fault)
        return;
    if (insn.sp_delta || !(insn.clobbers & REG_BIT(RSP)))
        if (first.regs[RSP] - s.regs[RSP] != (uint64_t)(int64_t)insn.sp_delta)
            fail_insn(&insn, "moves the stack pointer otherwise", 0);
    if (insn.const_reg != REG_NONE) {
        uint64_t value = insn.const_value;
        if (insn.copy_reg != REG_NONE)
            value &= s.regs[insn.copy_reg];
        if (first.regs[insn.const_reg] != value)
            fail_insn(&insn, "sets another constant", insn.const_reg);
    }
}

static void instructions_read_and_write(void **state) {
    struct picker picker = {enter_lab(state), 1000, 3, registers_are_as_said};
    dl_iterate_phdr(pick_from_module, &picker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(instructions_move, open_lab, close_lab),
        cmocka_unit_test_setup_teardown(instructions_move_with_bias, open_lab,
                                        close_lab),
        cmocka_unit_test_setup_teardown(instructions_read_and_write, open_lab,
                                        close_lab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
