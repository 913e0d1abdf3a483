// test_program_live.c: what analysis knows of registers: numbers of system
// calls, and what may still be read.

#include "program_lab.h"

// --- system calls ---------------------------------------------------------

static const char syscall_source[] = ".text\n" CFUNC(
    "_start") "movl $39, %eax\n s1: syscall\n"
              "xorl %eax, %eax\n s2: syscall\n"
              "movl $60, %edx\n movl %edx, %eax\n s3: syscall\n"
              "movl $1, %eax\n testl %edi, %edi\n je same\n movl $1, %eax\n"
              "same: movl $4, %esi\n s4: syscall\n"
              "movl $2, %eax\n testl %edi, %edi\n je differ\n movl $3, %eax\n"
              "differ: nop\n s5: syscall\n"
              "movl $5, %eax\n callq f\n s6: syscall\n"
              "movl $6, %eax\n again: decl %edi\n jne again\n s7: syscall\n"
              "movl $7, %eax\n movb $8, %al\n s8: syscall\n"
              "movq $231, %rax\n s9: syscall\n"
              "movl (%rsi), %eax\n s10: syscall\n hlt\n" CEND("_start") CFUNC(
                  "f") "movl %edi, %eax\n s11: syscall\n retq\n" CEND("f");

static void test_syscall_numbers(void **state) {
    (void)state;
    static const int64_t numbers[] = {39, 0, 60, 1, -1, -1, 6, -1, 231, -1, -1};
    struct bench bench = bench_new("-pie", syscall_source);
    assert_int_equal(bench.program->syscall_count, COUNT_OF(numbers));
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const struct syscall_site *site = &bench.program->syscalls[i];
        char name[8];
        snprintf(name, sizeof name, "s%zu", i + 1);
        assert_int_equal(site->va, label(&bench, name));
        assert_int_equal(site->number, numbers[i]);
        assert_non_null(site->function);
    }
    bench_free(&bench);
}

// --- liveness -------------------------------------------------------------

static const char live_source[] = ".text\n" CFUNC(
    "_start") "callq plain\n movl %eax, %edi\n callq carry\n"
              "retq\n" CEND("_start") CFUNC(
                  "plain") "subq $8, %rsp\n p1: movl $1, %ecx\n cmpl $2, %edi\n"
                           "p2: movl $0, %eax\n p3: je p4\n movl $7, %r10d\n"
                           "p4: movl $5, %r10d\n movl $1, %eax\n addq $8, "
                           "%rsp\n p5: retq\n" CEND("plain") CFUNC(
                               "carry") "cmpl %esi, %edi\n"
                                        "leaf: retq\n" CEND("carry") CFUNC("scr"
                                                                           "atc"
                                                                           "h") "movl $1, %r11d\n x1: jmp *%rdi\n" CEND("scratch")
                                            CFUNC(
                                                "red") "movl %edi, -8(%rsp)\n "
                                                       "z1: movl -8(%rsp), "
                                                       "%eax\n z2: retq\n" CEND("red") CFUNC(
                                                           "fp") "pushq "
                                                                 "%rbp\n "
                                                                 "movq "
                                                                 "%rsp, "
                                                                 "%rbp\n "
                                                                 "movl "
                                                                 "%edi, "
                                                                 "-4(%rbp)"
                                                                 "\n"
                                                                 "z3: movl "
                                                                 "-4(%rbp),"
                                                                 " %eax\n "
                                                                 "popq "
                                                                 "%rbp\n "
                                                                 "retq"
                                                                 "\n" CEND("fp") CFUNC(
                                                                     "loope"
                                                                     "d") "movl"
                                                                          " -8("
                                                                          "%rsp"
                                                                          "), "
                                                                          "%eax"
                                                                          "\n "
                                                                          "addl"
                                                                          " %"
                                                                          "eax,"
                                                                          " %"
                                                                          "edi"
                                                                          "\n"
                                                                          "movl"
                                                                          " %"
                                                                          "edi,"
                                                                          " -8("
                                                                          "%rsp"
                                                                          ")\n "
                                                                          "jne "
                                                                          "loop"
                                                                          "ed\n"
                                                                          " ret"
                                                                          "q"
                                                                          "\n" CEND(
                                                                              "looped")
                                                                              CFUNC(
                                                                                  "calls") "pushq %rbp\n movq %rsp, %rbp\n subq $16, %rsp\n"
                                                                                           "z4: movl %edi, -4(%rbp)\n callq plain\n leaveq\n retq\n" CEND(
                                                                                               "calls");

static bool is_live(const struct bench *bench, const char *name,
                    const char *reg) {
    const struct arch *arch = bench->image->arch;
    regset live = program_live_before(bench->program, label(bench, name));
    for (unsigned i = 0; i < arch->reg_count; i++) {
        if (!strcmp(arch->regs[i].name, reg)) {
            assert_int_equal(program_live_among(bench->program,
                                                label(bench, name),
                                                REG_BIT(i)) != 0,
                             (live & REG_BIT(i)) != 0);
            return live & REG_BIT(i);
        }
    }
    fail_msg("no register %s", reg);
    return true;
}

static void test_live(void **state) {
    (void)state;
    struct bench bench = bench_new("-pie", live_source);
    assert_false(is_live(&bench, "plain", "flags"));
    assert_false(is_live(&bench, "plain", "rax"));
    assert_true(is_live(&bench, "plain", "rdi"));
    assert_false(is_live(&bench, "plain", "r10"));
    assert_true(is_live(&bench, "plain", "rbx"));
    assert_false(is_live(&bench, "p1", "flags"));
    assert_true(is_live(&bench, "p2", "flags"));
    assert_true(is_live(&bench, "p3", "flags"));
    assert_false(is_live(&bench, "p3", "r10"));
    assert_false(is_live(&bench, "p4", "flags"));
    assert_true(is_live(&bench, "p5", "rax"));
    assert_false(is_live(&bench, "p5", "flags"));
    assert_true(is_live(&bench, "p5", "r11"));
    assert_true(is_live(&bench, "x1", "r11"));
    assert_true(is_live(&bench, "x1", "rsi"));
    bench_free(&bench);
}

// A convention of the program's own: an argument in r11.
static void test_live_argument_of_its_own(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie",
        ".text\n" CFUNC("_start") "movl $1, %r11d\n x1: jmp *%rdi\n" CEND(
            "_start") CFUNC("direct") "x2: callq reader\n retq\n" CEND("direct")
            CFUNC("reader") "movl %r11d, %eax\n retq\n" CEND("reader"));
    assert_true(is_live(&bench, "x1", "r11"));
    assert_true(is_live(&bench, "x2", "r11"));
    bench_free(&bench);
}

// A caller that looks at the flags a callee left.
static void test_live_flags_at_return(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie",
        ".text\n" CFUNC("_start") "callq carry\n jc 1f\n nop\n 1: retq\n" CEND(
            "_start")
            CFUNC("carry") "cmpl %esi, %edi\n leaf: retq\n" CEND("carry"));
    assert_true(is_live(&bench, "leaf", "flags"));
    bench_free(&bench);
}

static void test_red_zone(void **state) {
    (void)state;
    struct bench bench = bench_new("-pie", live_source);
    static const struct {
        const char *name;
        bool live;
    } rows[] = {{"red", false},   {"z1", true},  {"z2", false},
                {"fp", false},    {"z3", true},  {"looped", true},
                {"calls", false}, {"z4", false}, {"p1", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool live =
            program_red_zone_live(bench.program, label(&bench, rows[i].name));
        if (live != rows[i].live) {
            fail_msg("red zone at %s", rows[i].name);
        }
    }
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syscall_numbers),
        cmocka_unit_test(test_live),
        cmocka_unit_test(test_live_argument_of_its_own),
        cmocka_unit_test(test_live_flags_at_return),
        cmocka_unit_test(test_red_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
