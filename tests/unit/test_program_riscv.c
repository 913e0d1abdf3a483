// test_program_riscv.c: what analysis finds in programs of a machine whose
// linkers make addresses relative to a register that holds one for good, and
// whose compilers share the ends of functions.

#include "program_lab.h"

#define TARGET "-target riscv64-linux-gnu -march=rv64gc -static "

// A switch at the entry's frame by offsets from a table at gp + 16, with
// `start` as what runs first; `base` lies 16 bytes before the table.
#define SWITCH(start, base)                                                    \
    ".option norelax\n.text\n" CFUNC("_start") start CEND("_start") CFUNC(     \
        "f") "slli a0, a0, 2\n addi a1, gp, 16\n add a0, a0, a1\n"             \
             "lw a0, 0(a0)\n add a0, a0, a1\n jump: jr a0\n"                   \
             "case0: li a0, 1\n inside: ret\n case1: li a0, 2\n ret\n" CEND(   \
                 "f") ".section .sdata, \"aw\"\n.p2align 3\n" base             \
                      ": .dword 0, 0\n"                                        \
                      "table: .word case0 - table, case1 - table\n"            \
                      "pointer: .dword " base "\n"

static const struct function *function(const struct bench *bench,
                                       const char *name) {
    return program_find_function(bench->program, str_from(name));
}

static void assert_switch(const char *source) {
    struct bench bench = bench_new(TARGET, source);
    assert_int_equal(function(&bench, "f")->flags, 0);
    assert_true(program_is_target(bench.program, label(&bench, "case0")));
    assert_true(program_is_target(bench.program, label(&bench, "case1")));
    assert_false(program_is_target(bench.program, label(&bench, "inside")));
    size_t count;
    struct function_exit *exits = program_exits(
        bench.program, function(&bench, "f"), bench.arena, &count);
    assert_int_equal(count, 2);
    assert_int_equal(exits[0].va, label(&bench, "inside"));
    bench_free(&bench);
}

static void base_by_its_symbol(void **state) {
    (void)state;
    assert_switch(SWITCH("call f\n ebreak\n", "__global_pointer$"));
}

static void base_by_what_sets_it(void **state) {
    (void)state;
    assert_switch(SWITCH("lla gp, base\n call f\n ebreak\n", "base"));
    // In a function of its own, loaded, behind a jump.
    assert_switch(SWITCH("j 1f\n ebreak\n 1: jal load\n call f\n ebreak\n"
                         "load: auipc gp, %pcrel_hi(pointer)\n"
                         "ld gp, %pcrel_lo(load)(gp)\n ret\n",
                         "base"));
}

static void base_unknown(void **state) {
    (void)state;
    struct bench bench =
        bench_new(TARGET, SWITCH("mv gp, a0\n call f\n ebreak\n", "base"));
    assert_true(function(&bench, "f")->flags & FUNCTION_OPAQUE);
    assert_true(program_is_target(bench.program, label(&bench, "inside")));
    size_t count;
    struct function_exit *exits = program_exits(
        bench.program, function(&bench, "f"), bench.arena, &count);
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(exits[i].va, label(&bench, "jump"));
    bench_free(&bench);
}

// A function of unknown length goes on to the end of its section, over data.
static void data_behind(void **state) {
    (void)state;
    struct bench bench = bench_new(
        TARGET, ".text\n" FUNC("_start") "ret\n.rept 2000\n.word 0\n.endr\n");
    assert_true(function(&bench, "_start")->len > 8000);
    size_t count;
    program_exits(bench.program, function(&bench, "_start"), bench.arena,
                  &count);
    assert_int_equal(count, 1);
    bench_free(&bench);
}

// The frame is saved by a function that links t0, and given back by one that
// is jumped to with the frame still there.
static const char shared[] =
    ".option norelax\n.text\n" FRAMED("_start", "call f\n ebreak\n")
        FRAMED("f", "call: jal t0, save\n .cfi_def_cfa_offset 16\n"
                    "addi a0, a0, 1\n end: tail restore\n")
            FRAMED("piece",
                   "addi sp, sp, -16\n .cfi_def_cfa_offset 16\n tail other\n")
                FRAMED("save", "addi sp, sp, -16\n sd ra, 8(sp)\n jr t0\n")
                    FRAMED("restore", ".cfi_def_cfa_offset 16\n"
                                      "ld ra, 8(sp)\n addi sp, sp, 16\n ret\n")
                        FRAMED("other",
                               "addi sp, sp, -16\n addi sp, sp, 32\n ret\n");

static void shared_ends(void **state) {
    (void)state;
    struct bench bench = bench_new(TARGET, shared);
    size_t count;
    struct function_exit *exits = program_exits(
        bench.program, function(&bench, "f"), bench.arena, &count);
    assert_int_equal(count, 1);
    assert_int_equal(exits[0].va, label(&bench, "end"));
    assert_int_equal(exits[0].kind, EXIT_SHARED_END);
    program_exits(bench.program, function(&bench, "piece"), bench.arena,
                  &count);
    assert_int_equal(count, 0);
    struct insn insn;
    assert_true(program_decode(bench.program, label(&bench, "call"), &insn));
    assert_int_equal(insn.kind, INSN_CALL);
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_by_its_symbol),
        cmocka_unit_test(base_by_what_sets_it),
        cmocka_unit_test(base_unknown),
        cmocka_unit_test(data_behind),
        cmocka_unit_test(shared_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
