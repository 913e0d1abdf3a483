// test_program.c: what analysis finds in programs written for it
// (program_lab.h), and in real ones, where binutils' disassembler and symbol
// lister are the oracle.

#include "program_lab.h"

static const struct function *function(const struct bench *bench,
                                       const char *name) {
    const struct function *found =
        program_find_function(bench->program, str_from(name));
    assert_non_null(found);
    return found;
}

static const struct function *function_at(const struct bench *bench,
                                          const char *name) {
    const struct function *found =
        program_function_at(bench->program, label(bench, name));
    assert_non_null(found);
    return found;
}

static bool is_target(const struct bench *bench, const char *name) {
    return program_is_target(bench->program, label(bench, name));
}

// --- jump tables ----------------------------------------------------------

static const char switch_source[] = ".text\n" CFUNC(
    "_start") "cmpl $2, %edi\n ja default\n"
              "leaq table(%rip), %rdx\n"
              "movslq (%rdx,%rdi,4), %rax\n addq %rdx, %rax\n jmp *%rax\n"
              "case0: movl $1, %eax\n inside: retq\n"
              "case1: movl $2, %eax\n retq\n"
              "case2: movl $3, %eax\n retq\n"
              "default: xorl %eax, %eax\n retq\n" CEND(
                  "_start") ".section .rodata\n .p2align 2\n"
                            "table: .long case0 - table\n .long case1 - table\n"
                            ".long case2 - table\n .long 12345\n";

static void test_switch(void **state) {
    (void)state;
    struct bench bench = bench_new("-pie", switch_source);
    assert_true(is_target(&bench, "case0"));
    assert_true(is_target(&bench, "case1"));
    assert_true(is_target(&bench, "case2"));
    assert_false(is_target(&bench, "inside"));
    assert_false(
        program_is_direct_target_only(bench.program, label(&bench, "case1")));
    assert_true(
        program_is_direct_target_only(bench.program, label(&bench, "default")));
    assert_int_equal(function(&bench, "_start")->flags, 0);
    size_t count;
    struct function_exit *exits = program_exits(
        bench.program, function(&bench, "_start"), bench.arena, &count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(exits[i].kind, EXIT_RETURN);
    }
    bench_free(&bench);
}

static void test_switch_absolute(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-static ",
        ".text\n" CFUNC(
            "_start") "cmpl $1, %edi\n ja out\n movl %edi, %edi\n"
                      "jmp *table(,%rdi,8)\n case0: nop\n inside: retq\n "
                      "case1: retq\n"
                      "out: movl $after, %eax\n retq\n after: retq\n" CEND(
                          "_start") ".section .rodata\n .p2align 3\n table: "
                                    ".quad case0, case1\n");
    assert_true(is_target(&bench, "case0"));
    assert_true(is_target(&bench, "case1"));
    assert_true(is_target(&bench, "after"));
    assert_false(is_target(&bench, "inside"));
    assert_int_equal(function(&bench, "_start")->flags, 0);
    bench_free(&bench);
}

// A fragment that nothing tells is a part, and that an entry in the middle of
// a table leads to, does not end the table.
static void test_switch_to_a_fragment(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie -s",
        ".text\n .cfi_startproc\n callq *%rax\n .cfi_endproc\n"
        "cold: .cfi_startproc\n pushq %rax\n callq *%rax\n .cfi_endproc\n"
        ".globl _start\n _start: .cfi_startproc\n cmpl $2, %edi\n ja cold\n"
        "leaq table(%rip), %rdx\n movslq (%rdx,%rdi,4), %rax\n"
        "addq %rdx, %rax\n jmp *%rax\n"
        "case0: movl $1, %eax\n retq\n case2: movl $3, %eax\n retq\n"
        ".cfi_endproc\n .section .rodata\n .p2align 2\n"
        "table: .long cold - table, case0 - table, cold - table\n"
        ".long case2 - table\n");
    // retq, movl; after them the other case.
    const struct function *start =
        program_function_at(bench.program, bench.image->entry_va);
    uint64_t case2_va = start->va + start->len - 6;
    assert_true(program_is_target(bench.program, case2_va - 6));
    assert_true(program_is_target(bench.program, case2_va));
    assert_false(program_is_target(bench.program, case2_va - 1));
    assert_false(start->flags & FUNCTION_OPAQUE);
    size_t count;
    program_exits(bench.program, start, bench.arena, &count);
    assert_true(count >= 2);
    bench_free(&bench);
}

static void test_computed_jump_is_opaque(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie",
        ".text\n" CFUNC(
            "_start") "leaq unrolled(%rip), %rax\n"
                      "leaq (%rax,%rdi,4), %rax\n jmp *%rax\n"
                      "unrolled: nop\n somewhere: nop\n retq\n" CEND("_start"));
    assert_true(function(&bench, "_start")->flags & FUNCTION_OPAQUE);
    assert_true(is_target(&bench, "somewhere"));
    bench_free(&bench);
}

// --- the ways out ---------------------------------------------------------

static const char exits_source[] = ".text\n" CFUNC("_start") "retq\n" CEND(
    "_start") CFUNC("other") "retq\n" CEND("other")
    CFUNC("tail") "testl %edi, %edi\n t1: jne other\n t2: jmp other\n" CEND(
        "tail")
        CFUNC("indirect") "movq (%rdi), %rax\n t3: jmp *16(%rax)\n" CEND(
            "indirect")
            CFUNC("loop") "decl %edi\n jne loop\n r1: retq\n" CEND("loop")
    // A function and its part, with a frame: jumps there and back stay inside.
    CFUNC("parent") "pushq %rbx\n .cfi_def_cfa_offset 16\n"
                    "testl %edi, %edi\n jne parent.cold\n back: popq %rbx\n"
                    ".cfi_def_cfa_offset 8\n r2: retq\n" CEND(
                        "parent") ".type parent.cold, "
                                  "@function\nparent.cold:\n .cfi_startproc\n"
                                  ".cfi_def_cfa_offset 16\n cold: cmpl $3, "
                                  "%edi\n je back\n popq %rbx\n"
                                  ".cfi_def_cfa_offset 8\n r3: retq\n" CEND(
                                      "parent.cold")
    // Hand-written: a shared end, reached with the frame still there.
    CFUNC("jumper") "pushq %rbx\n .cfi_def_cfa_offset 16\n jmp shared\n" CEND(
        "jumper") "shared: popq %rbx\n retq\n";

static void assert_exits(const struct bench *bench, const char *name,
                         const char *const *labels, const uint8_t *kinds,
                         size_t expected) {
    size_t count;
    struct function_exit *exits = program_exits(
        bench->program, function(bench, name), bench->arena, &count);
    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(exits[i].va, label(bench, labels[i]));
        assert_int_equal(exits[i].kind, kinds[i]);
    }
}

static void test_exits(void **state) {
    (void)state;
    struct bench bench = bench_new("-pie", exits_source);
    assert_exits(&bench, "tail", (const char *const[]){"t1", "t2"},
                 (const uint8_t[]){EXIT_TAIL_CALL_COND, EXIT_TAIL_CALL}, 2);
    assert_exits(&bench, "indirect", (const char *const[]){"t3"},
                 (const uint8_t[]){EXIT_TAIL_CALL}, 1);
    assert_exits(&bench, "loop", (const char *const[]){"r1"},
                 (const uint8_t[]){EXIT_RETURN}, 1);
    assert_exits(&bench, "parent", (const char *const[]){"r2", "r3"},
                 (const uint8_t[]){EXIT_RETURN, EXIT_RETURN}, 2);
    assert_exits(&bench, "jumper", NULL, NULL, 0);
    const struct function *part = function(&bench, "parent.cold");
    assert_int_equal(part->flags, FUNCTION_PART);
    assert_ptr_equal(part->parent, function(&bench, "parent"));
    bench_free(&bench);
}

// --- functions ------------------------------------------------------------

static void test_names(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie",
        ".text\n" FUNC(
            "__write") ".weak write\n"
                       ".type write, @function\n write: retq\n" END("__write")
                           END("write") FUNC("_ZN2ns1fEiPKc") "retq\n" END(
                               "_ZN2ns1fEiPKc")
                               FUNC("_start") "callq inner\n retq\n"
                                              "nop\n nop\n inner: retq\n");
    assert_true(str_equal(function(&bench, "__write")->name, STR("write")));
    assert_int_equal(function(&bench, "write")->alias_count, 1);
    size_t count;
    static const char *const patterns[] = {"ns::f", "ns::f(int, char const*)",
                                           "ns??f*", "_ZN2ns*"};
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        const struct function **found = program_match_functions(
            bench.program, str_from(patterns[i]), bench.arena, &count);
        assert_int_equal(count, 1);
        assert_ptr_equal(found[0], function(&bench, "_ZN2ns1fEiPKc"));
    }
    program_match_functions(bench.program, STR("nothing"), bench.arena, &count);
    assert_int_equal(count, 0);
    // A call into a function of unknown length makes two of it.
    assert_int_equal(function(&bench, "_start")->len, 6);
    assert_int_equal(function(&bench, "inner")->len, 1);
    bench_free(&bench);
}

// The bare name of C++ functions, whatever stands in it.
static void test_bare_names(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"_ZlsRSoi", "operator<<"},
        {"_ZN1AclEi", "A::operator()"},
        {"_ZN1AptEv", "A::operator->"},
        {"_ZN1AnwEm", "A::operator new"},
        {"_Z3maxIiET_S0_S0_", "max<int>"},
        {"_ZN12_GLOBAL__N_14workEv", "(anonymous namespace)::work"}};
    char text[1024] = ".text\n .globl _start\n _start: nop\n";
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 ".globl %s\n %s: retq\n", rows[i][0], rows[i][0]);
    }
    struct bench bench = bench_new("-pie", text);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct function *found =
            program_find_function(bench.program, str_from(rows[i][1]));
        if (!found || !str_equal(found->name, str_from(rows[i][0]))) {
            fail_msg("%s", rows[i][1]);
        }
    }
    bench_free(&bench);
}

static void test_stripped(void **state) {
    (void)state;
    struct bench bench =
        bench_new("-static -s", ".text\n .globl _start\n _start: nop\n"
                                "callq f\n movq $g, %rdi\n callq *%rdi\n hlt\n"
                                ".p2align 4\n f: jmp 1f\n nop\n 1: retq\n"
                                ".p2align 4\n g: nop\n retq\n");
    uint64_t start_va = bench.image->entry_va;
    const struct program *program = bench.program;
    assert_int_equal(program->function_count, 3);
    assert_int_equal(program->functions[0].va, start_va);
    assert_true(program->functions[0].flags & FUNCTION_NAMELESS);
    assert_int_equal(program->functions[1].va, start_va + 16);
    assert_int_equal(program->functions[1].len, 4);
    assert_int_equal(program->functions[2].len, 2);
    char name[32];
    snprintf(name, sizeof name, "sub_%" PRIx64, start_va + 16);
    assert_true(str_equal(program->functions[1].name, str_from(name)));
    assert_int_equal(program_padding_at(program, start_va + 20), 12);
    assert_int_equal(program_padding_at(program, start_va + 16), 0);
    bench_free(&bench);
}

// A table among the code, like a function but for the missing frame. Without
// any frames the same bytes are a function; what start-up code calls always is.
static void test_table_among_code(void **state) {
    (void)state;
    static const char *const frames[] = {".cfi_startproc\n", ""};
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        const char *end = frames[i][0] ? ".cfi_endproc\n" : "";
        char source[600];
        snprintf(source, sizeof source,
                 ".text\n .globl _start\n _start:\n%s callq f\n"
                 "leaq table(%%rip), %%rax\n movl (%%rax), %%eax\n hlt\n%s"
                 ".p2align 4\n table: .byte 0x48, 0x89, 0xc8, 0xc3\n"
                 ".p2align 4\n f:\n%s xorl %%eax, %%eax\n retq\n%s"
                 ".p2align 4\n initial: retq\n"
                 ".section .init_array, \"aw\"\n .quad initial\n",
                 frames[i], end, frames[i], end);
        struct bench bench = bench_new("-pie", source);
        const struct function *found =
            program_function_at(bench.program, label(&bench, "table"));
        assert_int_equal(found != NULL, i == 1);
        function_at(&bench, "f");
        assert_int_equal(function_at(&bench, "initial")->va,
                         label(&bench, "initial"));
        bench_free(&bench);
    }
}

// Only what control comes to is shown to be code: by branches, fall-through and
// addresses that are taken.
static void test_shown(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie", ".text\n .globl _start\n _start: callq f\n hlt\n"
                ".p2align 4\n f: testl %edi, %edi\n je over\n first: retq\n"
                "table: .byte 0x48, 0x89, 0xc8, 0xc3\n"
                "over: leaq back(%rip), %rax\n pushq %rax\n jmp far\n"
                "more: .byte 0x48, 0x89, 0xc8, 0xc3\n"
                "back: xorl %eax, %eax\n second: retq\n"
                "last: .byte 0x48, 0x89, 0xc8, 0xc3\n"
                "far: movl $39, %eax\n syscall\n third: retq\n");
    static const char *const code[] = {"first", "over", "back", "second",
                                       "far"};
    static const char *const data[] = {"table", "more", "last"};
    for (size_t i = 0; i < COUNT_OF(code); i++)
        assert_true(program_is_shown(bench.program, label(&bench, code[i])));
    for (size_t i = 0; i < COUNT_OF(data); i++)
        assert_false(program_is_shown(bench.program, label(&bench, data[i])));
    bench_free(&bench);
}

// Haskell's way: a table ahead of every piece of code, found by its address.
static void test_tables_ahead(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-no-pie", ".data\n .p2align 3\n .quad first, second, table\n .text\n"
                   ".globl _start\n _start:\n movq $second, %rdi\n"
                   "jmpq *(%rdi)\n"
                   ".p2align 3\n table: .byte 0x2d, 0, 0, 0, 7, 7, 0x45, 1\n"
                   "first: incl %eax\n jmpq *(%rbp)\n .p2align 3\n"
                   ".quad 0, 21\n second: decl %eax\n jmpq *(%rbp)\n");
    assert_true(program_is_shown(bench.program, label(&bench, "first")));
    assert_true(program_is_shown(bench.program, label(&bench, "second")));
    assert_false(program_is_shown(bench.program, label(&bench, "table")));
    bench_free(&bench);
}

// The table of a stripped Go program: its functions, and where one is resumed.
static const char go_source[] =
    ".text\n .globl _start\n _start: nop\n nop\n call1: callq g\n"
    "nop\n call2: callq g\n retq\n .p2align 4, 0xcc\n"
    "g: retq\n .p2align 4, 0xcc\n end:\n"
    ".section .gopclntab, \"aw\"\n"
    "table: .long MAGIC\n .byte 0, 0, 1, 8\n .quad 2, 0, _start\n"
    ".quad names - table, 0, 0, 0, functions - table\n"
    "names: .asciz \"main.f\", \"main.g\"\n .p2align 2\n"
    "functions: .long 0, first - functions\n"
    ".long g - _start, second - functions\n .long end - _start, 0\n"
    "first: .long 0, 0, 0, call2 - _start\n"
    "second: .long g - _start, 7, 0, 0\n";

static void test_go(void **state) {
    (void)state;
    static const char *const flags[] = {"-static -s", "-pie -s"};
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        char source[sizeof go_source + 40];
        snprintf(source, sizeof source, ".set MAGIC, 0xffffff%s\n%s",
                 i ? "f1" : "f0", go_source);
        struct bench bench = bench_new(flags[i], source);
        uint64_t va = bench.image->entry_va;
        const struct function *f = function(&bench, "main.f");
        assert_int_equal(f->va, va);
        assert_int_equal(f->len, 14);
        assert_int_equal(function(&bench, "main.g")->len, 1);
        assert_true(program_is_target(bench.program, va + 8));
        assert_false(program_is_target(bench.program, va + 2));
        bench_free(&bench);
    }
}

static void test_single_addresses(void **state) {
    (void)state;
    struct bench bench = bench_new(
        "-pie",
        ".text\n" CFUNC(
            "_start") "a: movl $1, %eax\n b: addl %eax, %ecx\n"
                      "je skip\n locked: lock\n skip: cmpxchgl %ecx, (%rdi)\n"
                      "callq *%rax\n point: jmp a\n after: retq\n" CEND(
                          "_start"));
    const struct program *program = bench.program;
    assert_int_equal(program_previous_insn(program, label(&bench, "b")),
                     label(&bench, "a"));
    assert_int_equal(program_previous_insn(program, label(&bench, "after")), 0);
    assert_true(program_is_insn(program, label(&bench, "locked")));
    assert_false(program_is_insn(program, label(&bench, "skip")));
    assert_true(is_target(&bench, "skip"));
    uint64_t va = label(&bench, "locked");
    assert_true(program_has_target_within(program, va, va + 4));
    assert_false(program_has_target_within(program, label(&bench, "a"),
                                           label(&bench, "locked")));
    assert_true(is_target(&bench, "point"));
    assert_false(is_target(&bench, "b"));
    size_t count;
    const struct branch *branches =
        program_branches_to(program, label(&bench, "a"), &count);
    assert_int_equal(count, 1);
    assert_int_equal(branches[0].va, label(&bench, "point"));
    bench_free(&bench);
}

// --- real programs --------------------------------------------------------

// Every function that nm knows is known with the same extent.
static void test_against_nm(void **state) {
    (void)state;
    struct bench bench = {0};
    bench_open(&bench, "/proc/self/exe");
    char command[64], line[512];
    snprintf(command, sizeof command, "nm -S /proc/%d/exe", (int)getpid());
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t checked = 0;
    while (fgets(line, sizeof line, pipe)) {
        uint64_t va, len;
        char kind, name[256];
        if (sscanf(line, "%" SCNx64 " %" SCNx64 " %c %255s", &va, &len, &kind,
                   name) != 4 ||
            (kind | 0x20) != 't') {
            continue;
        }
        const struct function *found = program_function_at(bench.program, va);
        assert_non_null(found);
        assert_int_equal(found->va, va);
        assert_int_equal(found->len, len);
        checked++;
    }
    assert_int_equal(pclose(pipe), 0);
    assert_true(checked > 100);
    bench_free(&bench);
}

struct disassembly {
    size_t insns, missing, targets, missing_targets;
};

// Instruction starts and direct targets as objdump sees them.
static struct disassembly disassemble(const struct bench *bench,
                                      const char *path) {
    struct disassembly seen = {0};
    char command[256], line[1024];
    snprintf(command, sizeof command,
             "objdump -d --no-show-raw-insn -w -j .text %s", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) {
        uint64_t va, target;
        char name[32] = "";
        if (sscanf(line, " %" SCNx64 ":\t%31s %" SCNx64, &va, name, &target) <
                2 ||
            strstr(line, "(bad)") || strchr(line, '>') == line) {
            continue;
        }
        seen.insns++;
        seen.missing += !program_is_insn(bench->program, va);
        bool branch = name[0] == 'j' || !strcmp(name, "call");
        if (branch && sscanf(line, " %" SCNx64 ":\t%31s %" SCNx64, &va, name,
                             &target) == 3) {
            seen.targets++;
            seen.missing_targets += !program_is_target(bench->program, target);
        }
    }
    assert_int_equal(pclose(pipe), 0);
    return seen;
}

static void test_against_objdump(void **state) {
    (void)state;
    static const char *const paths[] = {"/bin/bash", "/usr/bin/perl",
                                        "/lib/x86_64-linux-gnu/libc.so.6"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (access(paths[i], R_OK) != 0) {
            print_message("not here, skipped: %s\n", paths[i]);
            continue;
        }
        struct bench bench = {0};
        bench_open(&bench, paths[i]);
        struct disassembly seen = disassemble(&bench, paths[i]);
        assert_true(seen.insns > 10000);
        assert_true(seen.targets > 1000);
        // Where code jumps over a lock prefix the two may part for one insn.
        assert_true(seen.missing <= seen.insns / 100000);
        assert_int_equal(seen.missing_targets, 0);
        bench_free(&bench);
    }
}

// --- damaged input --------------------------------------------------------

static void test_damaged(void **state) {
    (void)state;
    struct bench whole = bench_new("-pie", exits_source);
    struct slice bytes = whole.image->file.data;
    uint32_t random = 12345;
    for (unsigned round = 0; round < 400; round++) {
        struct arena *arena = arena_new();
        struct diag diag;
        diag_init(&diag, stderr, "test");
        diag.quiet = true;
        uint8_t *copy = arena_alloc(arena, bytes.n);
        memcpy(copy, bytes.p, bytes.n);
        for (unsigned i = 0; i < 1 + round % 8; i++) {
            random = random * 1664525 + 1013904223;
            copy[(random >> 8) % bytes.n] = (uint8_t)(random >> 3);
        }
        struct image *image = image_read_bytes(
            arena, "damaged", (struct slice){copy, bytes.n}, &diag);
        struct program *program =
            image ? program_open(arena, image, STR("a.out"), &diag) : NULL;
        for (size_t i = 0; program && i < program->function_count; i++) {
            size_t count;
            uint64_t va = program->functions[i].va;
            program_exits(program, &program->functions[i], arena, &count);
            program_live_before(program, va);
            program_red_zone_live(program, va);
        }
        image_close(image);
        arena_free(arena);
    }
    bench_free(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_switch_absolute),
        cmocka_unit_test(test_switch_to_a_fragment),
        cmocka_unit_test(test_computed_jump_is_opaque),
        cmocka_unit_test(test_exits),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bare_names),
        cmocka_unit_test(test_stripped),
        cmocka_unit_test(test_table_among_code),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_tables_ahead),
        cmocka_unit_test(test_go),
        cmocka_unit_test(test_single_addresses),
        cmocka_unit_test(test_against_nm),
        cmocka_unit_test(test_against_objdump),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
