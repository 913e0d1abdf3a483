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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
