// test_arch_emit.c: what x86-64 trampolines are made of, run on the processor.
//
// Each piece is placed, run from random registers, and judged by the state it
// leaves: saving and restoring must be invisible, a test must go the way the
// displaced branch would, a call must return to where the original would.

#include "x86_64_lab.h"

enum { ROUNDS = 40, MARK_FALLS = 1, MARK_GOES = 2 };

// Code that begins HERE, ended and placed.
static struct state run_here(struct lab *lab, struct bytes *code,
                             const struct state *s) {
    add_exit(lab, code, va_of(lab, HERE), MARK_FALLS);
    return run(lab, s, place(lab, HERE, code));
}

static uint8_t mark_of(const struct lab *lab) {
    return lab->block[DATA];
}

static void assert_same(const struct state *a, const struct state *b) {
    for (unsigned i = RAX; i <= R15; i++)
        assert_int_equal(a->regs[i], b->regs[i]);
    assert_int_equal(a->flags & STATUS_FLAGS, b->flags & STATUS_FLAGS);
    assert_true(same_vectors(a, b));
    assert_int_equal(run_fault, 0);
}

// Puts garbage into the registers of a set, and into the flags.
static void clobber(regset set, struct bytes *out) {
    for (uint8_t reg = RAX; reg <= R15; reg++)
        if (set & REG_BIT(reg) && reg != RSP)
            x86_load_address(reg, RSP, 0x1234, out);
    if (set & REG_BIT(FLAGS)) {
        const uint8_t test[] = {0x48, 0x85, 0xe4}; // test %rsp,%rsp
        bytes_add(out, test, sizeof test);
    }
}

// Memory at and above `from` is as before.
static void assert_memory(const struct lab *lab, uint64_t from) {
    size_t off = from - va_of(lab, DATA);
    assert_memory_equal(lab->block + DATA + off, lab->data + off,
                        DATA_LEN - off);
}

static void saving_is_invisible(void **state) {
    struct lab *lab = enter_lab(state);
    for (unsigned round = 0; round < 20 * ROUNDS; round++) {
        regset set = random_number(lab) >> 8 & 0xffff & ~REG_BIT(RSP);
        if (round % 3)
            set |= REG_BIT(FLAGS) | REG_BIT(RAX);
        bool waits = round % 3 == 2;
        uint32_t skip = round % 2 ? 128 : 0;
        regset saved = set | (waits ? REGSET_FLAGS_IN_RESULT : 0);
        struct bytes code = new_code(lab);
        uint32_t lowered = x86_save(saved, skip, &code);
        clobber(waits ? set & ~REG_BIT(RAX) : set, &code);
        x86_restore(saved, skip, &code);
        struct state s = random_state(lab);
        struct state got = run_here(lab, &code, &s);
        assert_same(&s, &got);
        assert_memory(lab, s.regs[RSP]);
        if (skip)
            assert_memory_equal(
                lab->block + DATA + (s.regs[RSP] - 128 - va_of(lab, DATA)),
                lab->data + (s.regs[RSP] - 128 - va_of(lab, DATA)), 128);
        assert_int_equal(lowered % 8, 0);
    }
}

static void what_is_saved_is_found(void **state) {
    struct lab *lab = enter_lab(state);
    for (unsigned round = 0; round < 4 * ROUNDS; round++) {
        regset set = random_number(lab) >> 8 & 0xffff & ~REG_BIT(RSP);
        set |= REG_BIT(RAX) | (round % 2 ? REG_BIT(FLAGS) : 0);
        for (uint8_t reg = RAX; reg <= R15; reg++) {
            int32_t at = x86_saved_at(set, reg);
            assert_int_equal(at >= 0, (set & REG_BIT(reg)) != 0);
            if (at < 0)
                continue;
            struct bytes code = new_code(lab);
            uint32_t lowered = x86_save(set, 128, &code);
            clobber(set, &code);
            x86_load_word(R15, RSP, at, &code);
            x86_load_address(RSP, RSP, (int32_t)lowered, &code);
            struct state s = random_state(lab);
            struct state got = run_here(lab, &code, &s);
            assert_int_equal(got.regs[R15], s.regs[reg]);
            assert_int_equal(got.regs[RSP], s.regs[RSP]);
        }
    }
    assert_int_equal(x86_saved_at(0, RAX), -1);
    assert_int_equal(x86_saved_at(REG_BIT(RAX), RSP), -1);
}

static void addresses_and_words(void **state) {
    struct lab *lab = enter_lab(state);
    const int32_t offs[] = {0, 8, -8, 127, 128, -128, -136, 1024};
    for (uint8_t reg = RAX; reg <= R15; reg++)
        for (uint8_t base = RAX; base <= R15; base++)
            for (size_t i = 0; i < COUNT_OF(offs) && reg != RSP; i++) {
                struct bytes code = new_code(lab);
                struct state s = random_state(lab);
                s.regs[base] = va_of(lab, DATA) + DATA_LEN / 2;
                x86_load_address(reg, base, offs[i], &code);
                if (reg != base)
                    x86_load_word(reg, base, offs[i], &code);
                struct state got = run_here(lab, &code, &s);
                struct state want = s;
                want.regs[reg] = s.regs[base] + (uint64_t)(int64_t)offs[i];
                if (reg != base)
                    memcpy(&want.regs[reg], lab->data + DATA_LEN / 2 + offs[i],
                           8);
                assert_same(&want, &got);
            }
}

static void address_is_pushed(void **state) {
    struct lab *lab = enter_lab(state);
    struct bytes code = new_code(lab);
    uint64_t va = va_of(lab, THERE) + 3;
    assert_true(x86_push_address(va_of(lab, HERE), va, &code));
    struct state s = random_state(lab);
    struct state got = run_here(lab, &code, &s);
    uint64_t top;
    memcpy(&top, (const void *)(uintptr_t)got.regs[RSP], 8);
    assert_int_equal(top, va);
    assert_memory(lab, s.regs[RSP]);
    got.regs[RSP] += 8;
    assert_same(&s, &got);
    assert_false(x86_push_address(0, (uint64_t)1 << 40, &code));
}

// A branch at HERE with a way through and one to a target.

static void put_exits(struct lab *lab, struct bytes *code, size_t target_off) {
    add_exit(lab, code, va_of(lab, HERE), MARK_FALLS);
    bytes_add_zero(code, target_off - code->n);
    add_exit(lab, code, va_of(lab, HERE), MARK_GOES);
}

static const uint8_t branches[][6] = {
    // Length, then bytes without the displacement of one byte.
    {2, 0x70},       {2, 0x71},       {2, 0x72}, {2, 0x73}, {2, 0x74},
    {2, 0x75},       {2, 0x76},       {2, 0x77}, {2, 0x78}, {2, 0x79},
    {2, 0x7a},       {2, 0x7b},       {2, 0x7c}, {2, 0x7d}, {2, 0x7e},
    {2, 0x7f},       {2, 0xe0},       {2, 0xe1}, {2, 0xe2}, {2, 0xe3},
    {3, 0x67, 0xe3}, {3, 0x2e, 0x74},
};

static struct insn place_branch(struct lab *lab, const uint8_t *branch) {
    enum { TARGET = 100 };
    struct bytes code = new_code(lab);
    bytes_add(&code, branch + 1, branch[0] - 1u);
    bytes_u8(&code, (uint8_t)(TARGET - branch[0]));
    put_exits(lab, &code, TARGET);
    const uint8_t *here = place(lab, HERE, &code);
    return decode_at(here, branch[0], va_of(lab, HERE));
}

static struct state branch_state(struct lab *lab) {
    struct state s = random_state(lab);
    s.regs[RCX] = random_number(lab) >> 20 & 1;
    if (random_number(lab) >> 20 & 1)
        s.regs[RCX] |= (uint64_t)1 << 32; // jecxz looks at half of it
    return s;
}

static void branches_move(void **state) {
    struct lab *lab = enter_lab(state);
    for (size_t i = 0; i < COUNT_OF(branches); i++) {
        struct insn insn = place_branch(lab, branches[i]);
        assert_int_equal(insn.kind, INSN_JUMP_COND);
        struct bytes code = new_code(lab);
        assert_true(x86_move(&insn, va_of(lab, THERE), 0, &code));
        add_exit(lab, &code, va_of(lab, THERE), MARK_FALLS);
        place(lab, THERE, &code);
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct state s = branch_state(lab);
            struct state here = run(lab, &s, lab->block + HERE);
            uint8_t way = mark_of(lab);
            struct state there = run(lab, &s, lab->block + THERE);
            assert_int_equal(mark_of(lab), way);
            assert_same(&here, &there);
        }
    }
}

static void tests_go_the_way_of_the_branch(void **state) {
    struct lab *lab = enter_lab(state);
    for (size_t i = 0; i < COUNT_OF(branches); i++) {
        struct insn insn = place_branch(lab, branches[i]);
        struct bytes code = new_code(lab), goes = new_code(lab);
        add_exit(lab, &goes, va_of(lab, THERE), MARK_GOES); // for its length
        assert_true(x86_skip_unless_taken(&insn, (uint32_t)goes.n, &code));
        add_exit(lab, &code, va_of(lab, THERE), MARK_GOES);
        add_exit(lab, &code, va_of(lab, THERE), MARK_FALLS);
        place(lab, THERE, &code);
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct state s = branch_state(lab);
            run(lab, &s, lab->block + HERE);
            uint8_t way = mark_of(lab);
            struct state tested = run(lab, &s, lab->block + THERE);
            assert_int_equal(mark_of(lab), way);
            assert_same(&s, &tested);
        }
    }
}

typedef void skip_function(uint8_t reg, int32_t value, uint32_t skip_len,
                           struct bytes *out);

static void check_skip(struct lab *lab, skip_function *skip_unless, uint8_t reg,
                       uint64_t holds, int32_t value, bool skips) {
    struct bytes code = new_code(lab), goes = new_code(lab);
    add_exit(lab, &goes, va_of(lab, HERE), MARK_GOES);
    skip_unless(reg, value, (uint32_t)goes.n, &code);
    add_exit(lab, &code, va_of(lab, HERE), MARK_GOES);
    struct state s = random_state(lab);
    s.regs[reg] = holds;
    struct state got = run_here(lab, &code, &s);
    assert_int_equal(mark_of(lab), skips ? MARK_FALLS : MARK_GOES);
    got.flags = s.flags;
    assert_same(&s, &got);
}

static void comparisons_skip(void **state) {
    struct lab *lab = enter_lab(state);
    for (uint8_t reg = RAX; reg <= R15; reg++) {
        if (reg == RSP)
            continue;
        check_skip(lab, x86_skip_unless_equal, reg, 231, 231, false);
        check_skip(lab, x86_skip_unless_equal, reg, 230, 231, true);
        check_skip(lab, x86_skip_unless_equal, reg, UINT32_MAX, -1, false);
        check_skip(lab, x86_skip_unless_below, reg, 230, 231, false);
        check_skip(lab, x86_skip_unless_below, reg, 231, 231, true);
        check_skip(lab, x86_skip_unless_below, reg, UINT32_MAX, 0, false);
    }
}

// Calls: HERE calls a piece THERE, which returns.

static void calls_return_behind(void **state) {
    struct lab *lab = enter_lab(state);
    struct bytes callee = new_code(lab);
    x86_ret(&callee);
    place(lab, THERE, &callee);
    for (unsigned len = 0; len <= MAX_INSN + 1; len++) {
        struct bytes code = new_code(lab);
        bool possible = len >= 5 && len <= MAX_INSN;
        assert_int_equal(
            x86_call(va_of(lab, HERE), va_of(lab, THERE), len, &code),
            possible);
        assert_int_equal(code.n, possible ? len : 0);
        if (!possible)
            continue;
        struct state s = random_state(lab);
        struct state got = run_here(lab, &code, &s);
        assert_same(&s, &got);
        assert_int_equal(mark_of(lab), MARK_FALLS);
        struct insn insn = decode_at(code.p, len, 0);
        assert_int_equal(insn.len, len); // one instruction
    }
}

// `call *...` as a jump, with the return address pushed beforehand.
static void indirect_calls_become_jumps(void **state) {
    struct lab *lab = enter_lab(state);
    const uint8_t calls[][12] = {
        {2, 0xff, 0xd0},                      // *%rax
        {3, 0x41, 0xff, 0xd4},                // *%r12
        {3, 0x3e, 0xff, 0xd0},                // notrack *%rax
        {2, 0xff, 0x10},                      // *(%rax)
        {3, 0xff, 0x50, 0x10},                // *16(%rax)
        {4, 0xff, 0x54, 0x24, 0x08},          // *8(%rsp)
        {3, 0xff, 0x14, 0x24},                // *(%rsp)
        {7, 0xff, 0x94, 0x24, 0x78, 0, 0, 0}, // *120(%rsp)
        {6, 0xff, 0x15, 0xfa, 0x1f, 0, 0},    // *0x1ffa(%rip)
    };
    struct bytes callee = new_code(lab);
    x86_ret(&callee);
    uint64_t target = va_of(lab, THERE) + 2048;
    place(lab, THERE + 2048, &callee);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct insn insn =
            decode_at(calls[i] + 1, calls[i][0], va_of(lab, HERE) + 64);
        struct state s = random_state(lab);
        for (size_t off = 0; off < DATA_LEN; off += 8)
            memcpy(lab->data + off, &target, 8);
        bool is_register = calls[i][calls[i][0]] >= 0xd0;
        uint64_t data = (va_of(lab, DATA) + DATA_LEN / 2);
        s.regs[RAX] = s.regs[R12] = is_register ? target : data;
        struct bytes code = new_code(lab);
        uint64_t at = va_of(lab, THERE), back = va_of(lab, HERE) + 512;
        assert_true(x86_push_address(at, back, &code));
        assert_int_equal(insn.kind, INSN_CALL_INDIRECT);
        assert_true(x86_call_to_jump(&insn, at + code.n, 8, &code));
        place(lab, THERE, &code);
        struct bytes end = new_code(lab);
        add_exit(lab, &end, back, MARK_GOES);
        memcpy(lab->block + HERE + 512, end.p, end.n);
        struct state got = run(lab, &s, lab->block + THERE);
        assert_same(&s, &got);
        assert_int_equal(mark_of(lab), MARK_GOES);
    }
    const uint8_t through_sp[] = {0xff, 0xd4}; // call *%rsp
    struct insn insn = decode_at(through_sp, 2, 0);
    assert_false(x86_call_to_jump(&insn, 0, 8, &callee));
}

static void jumps_arrive(void **state) {
    struct lab *lab = enter_lab(state);
    for (unsigned i = 0; i < arch_x86_64.jump_count; i++) {
        const struct reach *reach = &arch_x86_64.jumps[i];
        struct bytes code = new_code(lab);
        x86_jump(reach, va_of(lab, HERE), va_of(lab, HERE) + 64, &code);
        assert_int_equal(code.n, reach->len);
        put_exits(lab, &code, 64);
        struct state s = random_state(lab);
        struct state got = run(lab, &s, place(lab, HERE, &code));
        assert_same(&s, &got);
        assert_int_equal(mark_of(lab), MARK_GOES);
    }
}

static void locks_are_found(void **state) {
    (void)state;
    const uint8_t locked[] = {0xf0, 0x48, 0xff, 0x05, 0, 0, 0, 0};
    struct insn insn = decode_at(locked, sizeof locked, 0);
    assert_int_equal(x86_lock_prefix(&insn), 0);
    insn = decode_at(locked + 1, sizeof locked - 1, 0);
    assert_int_equal(x86_lock_prefix(&insn), -1);
    uint8_t plain[sizeof locked];
    memcpy(plain, locked, sizeof locked);
    plain[0] = arch_x86_64.unlocked_byte;
    struct insn unlocked = decode_at(plain, sizeof plain, 0);
    assert_int_equal(unlocked.len, sizeof locked);
    assert_int_equal(unlocked.clobbers, insn.clobbers);
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, open_lab, close_lab)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_LAB(saving_is_invisible),
        IN_LAB(what_is_saved_is_found),
        IN_LAB(addresses_and_words),
        IN_LAB(address_is_pushed),
        IN_LAB(branches_move),
        IN_LAB(tests_go_the_way_of_the_branch),
        IN_LAB(comparisons_skip),
        IN_LAB(calls_return_behind),
        IN_LAB(indirect_calls_become_jumps),
        IN_LAB(jumps_arrive),
        cmocka_unit_test(locks_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
