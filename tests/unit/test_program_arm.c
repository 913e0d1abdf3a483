// test_program_arm.c: what analysis finds in programs where instructions are
// taken together: T32's IT, and what it covers.

#include "program_lab.h"

#define TARGET                                                                 \
    "-target armv7-linux-gnueabihf -static -Wl,--section-start=.low=0x5ef000 "
#define TEXT ".syntax unified\n.thumb\n"

// The last of the three, 6f f0 5e 00, would be the address of an instruction's
// second byte, were it a number.
static const char chooses[] =
    ".text\n" TEXT ".globl _start\n.type _start, %function\n"
    "_start: bl f\n udf #0\n"
    ".type f, %function\n"
    "f: cmp r1, #32\n ittt eq\n moveq r1, #7\n moveq r2, #96\n"
    ".inst.w 0xf06f005e\n" // mvneq r0, #94
    "bx lr\n"
    ".section .low, \"ax\", %progbits\n" TEXT ".space 0x60\n"
    ".type victim, %function\n"
    "victim: push.w {r4-r11, lr}\n sub sp, #36\n strd r0, r1, [sp, #20]\n"
    "str r3, [sp, #28]\n cbz r2, 1f\n"
    "at: ldrh r3, [r2, #0]\n"
    "1: add sp, #36\n pop.w {r4-r11, pc}\n";

static void taken_together(void **state) {
    (void)state;
    struct bench bench = bench_new(TARGET, chooses);
    uint64_t middle = 0x5ef06f;
    assert_int_equal(label(&bench, "at"), middle - 1);
    assert_false(program_is_target(bench.program, middle));
    bench_free(&bench);
}

// A stripped Go program, which is of A32 all through, and a number among its
// data that could be the address of T32 right behind a function. What is
// called through data alone is known by the table of functions.
static const char go[] =
    ".text\n.syntax unified\n.arm\n.globl _start\n"
    "_start: bl g\n udf #0\n"
    "g: push {r0, lr}\n mov r0, #2\n pop {r0, pc}\n"
    "unused: push {r0, lr}\n ldr r1, [sp, #8]\n add r0, r1, #2\n"
    "ldr r2, [sp, #8]\n pop {r0, pc}\n"
    "end:\n"
    ".data\n.long unused + 5, unused + 1, g + 5\n"
    ".section .gopclntab, \"aw\"\n"
    "table: .long 0xfffffff0\n .byte 0, 0, 4, 4\n .long 3, 0, _start\n"
    ".long names - table, 0, 0, 0, functions - table\n"
    "names: .asciz \"main.f\", \"main.g\", \"main.h\"\n .p2align 2\n"
    "functions: .long 0, first - functions\n"
    ".long g - _start, second - functions\n"
    ".long unused - _start, third - functions\n .long end - _start, 0\n"
    "first: .long 0, 0, 0, 0\n"
    "second: .long g - _start, 7, 0, 0\n"
    "third: .long unused - _start, 14, 0, 0\n";

static void go_is_of_one_mode(void **state) {
    (void)state;
    struct bench bench = bench_new(TARGET "-s ", go);
    const struct function *unused =
        program_find_function(bench.program, STR("main.h"));
    assert_non_null(unused);
    assert_int_equal(unused->len, 20);
    for (uint64_t off = 0; off < unused->len; off += 4) {
        struct insn insn;
        assert_int_equal(program_mode_at(bench.program, unused->va + off), 0);
        assert_true(program_decode(bench.program, unused->va + off, &insn));
        assert_int_equal(insn.len, 4);
        assert_true(program_is_shown(bench.program, unused->va + off));
    }
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_together),
        cmocka_unit_test(go_is_of_one_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
