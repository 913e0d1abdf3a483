// Functions without room for a jump to what is far, in which nearly all
// registers hold something, when they begin and when they return. A timer's
// signals arrive anywhere meanwhile.
#include "scenario.h"

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static char between[300 << 20];

#define FUNCTION(name, body)                                                   \
    __asm__(".text\n.global " #name "\n.type " #name ", %function\n" #name     \
            ":\n" body "\n.size " #name ", . - " #name "\n")

#ifdef __riscv

__asm__(".option norelax\n");
// Nothing but a return, one after the other.
FUNCTION(nothing, "ret");
FUNCTION(nothing_more, "ret");
// Reads all, and changes none of what its caller reads again.
FUNCTION(sums, "c.add s2, a0\n c.add s2, a1\n add s2, s2, a2\n"
               "add s2, s2, a3\n add s2, s2, a4\n add s2, s2, a5\n"
               "add s2, s2, a6\n add s2, s2, a7\n add s2, s2, t2\n"
               "add s2, s2, t4\n add s2, s2, t5\n add s2, s2, t6\n ret");
// Two bytes, and the head of a loop behind them.
FUNCTION(loops, "c.addi s2, 1\n1: c.addi s3, -1\n bnez s3, 1b\n ret");
FUNCTION(holds,
         "addi sp, sp, -32\n sd ra, 0(sp)\n sd s2, 8(sp)\n sd s3, 16(sp)\n"
         "li s2, 0\n li s3, 3\n li a1, 1\n li a2, 2\n"
         "li a3, 4\n li a4, 8\n li a5, 16\n li a6, 32\n li a7, 64\n"
         "li t2, 128\n li t4, 256\n li t5, 512\n li t6, 1024\n"
         "jal sums\n jal loops\n jal nothing\n jal sums\n"
         "jal nothing_more\n jal sums\n"
         "mv a0, s2\n ld ra, 0(sp)\n ld s2, 8(sp)\n ld s3, 16(sp)\n"
         "addi sp, sp, 32\n ret");
// From its eighth instruction on there is no register to go by.
FUNCTION(full, "li t0, 3\n li a1, 1\n li a2, 2\n li a3, 3\n li a4, 4\n"
               "li a5, 5\n li a6, 6\n li a7, 7\n li t1, 8\n li t2, 9\n"
               "li t3, 10\n li t4, 11\n li t5, 12\n li t6, 13\n"
               "addi s0, s0, 1000\n addi s0, s0, -1000\n mv s0, s0\n"
               "1: add a0, a0, a1\n add a0, a0, a2\n add a0, a0, a3\n"
               "add a0, a0, a4\n add a0, a0, a5\n add a0, a0, a6\n"
               "add a0, a0, a7\n add a0, a0, t1\n add a0, a0, t2\n"
               "add a0, a0, t3\n add a0, a0, t4\n add a0, a0, t5\n"
               "add a0, a0, t6\n addi t0, t0, -1\n bnez t0, 1b\n ret");

#else

FUNCTION(nothing, "ret");
FUNCTION(nothing_more, "ret");
FUNCTION(sums, "add x20, x20, x0\n add x20, x20, x9\n add x20, x20, x10\n"
               "add x20, x20, x11\n add x20, x20, x12\n add x20, x20, x13\n"
               "add x20, x20, x14\n add x20, x20, x15\n ret");
FUNCTION(loops, "add x20, x20, #1\n1: sub x21, x21, #1\n cbnz x21, 1b\n ret");
FUNCTION(holds, "stp x29, x30, [sp, #-48]!\n stp x20, x21, [sp, #16]\n"
                "mov x20, #0\n mov x21, #3\n"
                "mov x9, #1\n mov x10, #2\n mov x11, #4\n mov x12, #8\n"
                "mov x13, #16\n mov x14, #32\n mov x15, #64\n"
                "bl sums\n bl loops\n bl nothing\n bl sums\n"
                "bl nothing_more\n bl sums\n"
                "mov x0, x20\n ldp x20, x21, [sp, #16]\n"
                "ldp x29, x30, [sp], #48\n ret");
FUNCTION(full, "mov x8, #3\n mov x9, #1\n mov x10, #2\n mov x11, #3\n"
               "mov x12, #4\n mov x13, #5\n mov x14, #6\n mov x15, #7\n"
               "mov x16, #8\n mov x17, #9\n"
               "1: add x0, x0, x9\n add x0, x0, x10\n add x0, x0, x11\n"
               "add x0, x0, x12\n add x0, x0, x13\n add x0, x0, x14\n"
               "add x0, x0, x15\n add x0, x0, x16\n add x0, x0, x17\n"
               "sub x8, x8, #1\n cbnz x8, 1b\n ret");

#endif

long holds(long), full(long);
void nothing(void), nothing_more(void);

// Who calls by an address may be anyone, as far as analysis knows.
static void (*volatile any[])(void) = {nothing, nothing_more};

static volatile long ticks;

static void tick(int number) {
    ticks += number;
}

int main(void) {
    const struct itimerval often = {{0, 300}, {0, 300}}, never = {0};
    long sum = 0;
    signal(SIGALRM, tick);
    setitimer(ITIMER_REAL, &often, NULL);
    for (long i = 0; i < 20000; i++) {
        sum += holds(i) + full(i);
        any[i & 1]();
    }
    between[sum & 255]++;
    setitimer(ITIMER_REAL, &never, NULL);
    printf("%ld %d\n", sum, between[sum & 255]);
    return 0;
}

// >>> builds
// static-aarch64
// static-riscv64
// >>> script
// pid$target:a.out:holds:entry,pid$target:a.out:holds:return,
// pid$target:a.out:sums:entry,pid$target:a.out:sums:return,
// pid$target:a.out:loops:entry,pid$target:a.out:loops:return,
// pid$target:a.out:nothing*:entry,pid$target:a.out:nothing*:return,
// pid$target:a.out:full:1c,pid$target:a.out:full:28
// {
//     @[probefunc, probename] = count();
// }
// >>> text
//
//   full                                                1c                                                            20000
//   holds                                               entry                                                         20000
//   holds                                               return                                                        20000
//   loops                                               entry                                                         20000
//   loops                                               return                                                        20000
//   nothing                                             entry                                                         30000
//   nothing                                             return                                                        30000
//   nothing_more                                        entry                                                         30000
//   nothing_more                                        return                                                        30000
//   full                                                28                                                            60000
//   sums                                                entry                                                         60000
//   sums                                                return                                                        60000
