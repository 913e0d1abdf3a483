// Branches out of functions, to where every register may be read that a jump to
// or from what is far might go by: some always taken, some at times.
#include "scenario.h"

#include <stdio.h>

static char between[300 << 20];

#ifdef __arm__
#define MODE ".syntax unified\n.thumb\n"
#else
#define MODE
#endif
#define FUNCTION(name, body)                                                   \
    __asm__(".text\n" MODE ".global " #name "\n.type " #name                   \
            ", %function\n" #name ":\n" body "\n.size " #name ", . - " #name   \
            "\n")

// adds: its first argument, with all that holds anything.
// picks: `adds` for odd numbers, `adds_more` for even ones.
#if defined __riscv

__asm__(".option norelax\n");
#define EACH(op)                                                               \
    op(a1) op(a2) op(a3) op(a4) op(a5) op(a6) op(a7) op(t1) op(t2) op(t3)      \
        op(t4) op(t5) op(t6)
#define SET(reg) "addi " #reg ", a0, 5\n"
#define ADD(reg) "add a0, a0, " #reg "\n"
FUNCTION(adds, EACH(ADD) "ret");
FUNCTION(adds_more, EACH(ADD) "addi a0, a0, 1\n ret");
FUNCTION(goes, EACH(SET) "j adds");
FUNCTION(picks, EACH(SET) "andi t0, a0, 1\n bnez t0, adds\n j adds_more");

#elif defined __arm__

#define EACH(op) op(r1) op(r2) op(r3) op(ip)
#define SET(reg) "add " #reg ", r0, #5\n"
#define ADD(reg) "add r0, r0, " #reg "\n"
FUNCTION(adds, EACH(ADD) "bx lr");
FUNCTION(adds_more, EACH(ADD) "add r0, r0, #1\n bx lr");
FUNCTION(goes, EACH(SET) "b.w adds");
FUNCTION(picks, EACH(SET) "tst r0, #1\n bne.w adds\n b.w adds_more");

#elif defined __aarch64__

#define EACH(op)                                                               \
    op(x9) op(x10) op(x11) op(x12) op(x13) op(x14) op(x15) op(x16) op(x17)
#define SET(reg) "add " #reg ", x0, #5\n"
#define ADD(reg) "add x0, x0, " #reg "\n"
FUNCTION(adds, EACH(ADD) "ret");
FUNCTION(adds_more, EACH(ADD) "add x0, x0, #1\n ret");
FUNCTION(goes, EACH(SET) "b adds");
FUNCTION(picks, EACH(SET) "tbnz x0, #0, adds\n b adds_more");

#else // PowerPC

#define EACH(op) op(11) op(12) op(4) op(5)
#define SET(reg) "addi " #reg ", 3, 5\n"
#define ADD(reg) "add 3, 3, " #reg "\n"
FUNCTION(adds, EACH(ADD) "add 3, 3, 0\n blr");
FUNCTION(adds_more, EACH(ADD) "add 3, 3, 0\n addi 3, 3, 1\n blr");
FUNCTION(goes, EACH(SET) "mr 0, 3\n b adds");
FUNCTION(picks, EACH(SET) "mr 0, 3\n andi. 6, 3, 1\n bne adds\n b adds_more");

#endif

long goes(long), picks(long);

int main(void) {
    long sum = 0;
    for (long i = 0; i < 3000; i++)
        sum += goes(i) * 3 + picks(i);
    between[sum & 255]++;
    printf("%ld %d\n", sum, between[sum & 255]);
    return 0;
}

// >>> builds
// static-aarch64
// static-arm
// static-ppc32
// static-riscv64
// >>> script
// pid$target:a.out:goes:entry,pid$target:a.out:goes:return,
// pid$target:a.out:picks:entry,pid$target:a.out:picks:return,
// pid$target:a.out:adds*:entry,pid$target:a.out:adds*:return
// {
//     @[probefunc, probename] = count();
// }
// >>> text
//
//   adds_more                                           entry                                                          1500
//   adds_more                                           return                                                         1500
//   goes                                                entry                                                          3000
//   goes                                                return                                                         3000
//   picks                                               entry                                                          3000
//   picks                                               return                                                         3000
//   adds                                                entry                                                          4500
//   adds                                                return                                                         4500
