// Arguments that their function does not read, far from what is added, where
// the registers by which one jumps there are in use: those of the arguments are
// not the program's any more, but the script asks for them.
#include "scenario.h"

#include <stdio.h>

static volatile char between[300 << 20];

long idle(long a, long b, long c, long d, long e, long f, long g, long h);
long call(long n);
__asm__(".text\n"
        ".globl idle\n"
        ".type idle, @function\n"
        "idle:\n"
        "    add a0, a0, t1\n"
        "    add a0, a0, t2\n"
        "    add a0, a0, t3\n"
        "    add a0, a0, t4\n"
        "    add a0, a0, t5\n"
        "    add a0, a0, t6\n"
        "    li a1, 0\n"
        "    li a2, 0\n"
        "    li a3, 0\n"
        "    li a4, 0\n"
        "    li a5, 0\n"
        "    li a6, 0\n"
        "    li a7, 0\n"
        "    ret\n"
        ".size idle, . - idle\n"
        ".globl call\n"
        ".type call, @function\n"
        "call:\n"
        "    addi sp, sp, -16\n"
        "    sd ra, 8(sp)\n"
        "    li t1, 1\n"
        "    li t2, 2\n"
        "    li t3, 3\n"
        "    li t4, 4\n"
        "    li t5, 5\n"
        "    li t6, 6\n"
        "    addi a1, a0, 10\n"
        "    addi a2, a0, 20\n"
        "    addi a3, a0, 30\n"
        "    addi a4, a0, 40\n"
        "    addi a5, a0, 50\n"
        "    addi a6, a0, 60\n"
        "    addi a7, a0, 70\n"
        "    call idle\n"
        "    ld ra, 8(sp)\n"
        "    addi sp, sp, 16\n"
        "    ret\n"
        ".size call, . - call\n");

int main(void) {
    for (long i = 0; i < 3; i++)
        printf("%ld %d\n", call(i), between[i << 26]);
    return 0;
}
// >>> builds
// static-riscv64
// >>> script
// pid$target:a.out:idle:entry {
//     @ = sum(arg1 + 100 * (arg2 + 100 * (arg3 + 100 * (arg4 + 100 * arg5))));
//     @last = sum(arg6 * 1000 + arg7);
// }
// >>> json
// {"@": 15423936333, "@last": 183213}
