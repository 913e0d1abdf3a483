// bare/riscv64.h: RISC-V in machine mode. At its first instruction a0 and a1
// may hold what a boot loader passes (number of the hart, device tree);
// temporaries hold nothing.

#ifndef MCTRACE_BARE_RISCV64_H
#define MCTRACE_BARE_RISCV64_H

#include "sys/riscv64.h"

#define BARE_HAS_CYCLES
static inline uint64_t bare_cycles(void) {
    uint64_t cycles;
    __asm__ volatile("csrr %0, cycle" : "=r"(cycles));
    return cycles;
}

#define BARE_MIE 8u // mstatus: interrupts are on

static inline uintptr_t bare_hold(void) {
    uintptr_t before;
    __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before) : : "memory");
    return before & BARE_MIE;
}

static inline void bare_release(uintptr_t held) {
    __asm__ volatile("csrs mstatus, %0" : : "r"(held) : "memory");
}

#define BARE_DEFINE_ENTRY                                                      \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("lla t0, mct_private\n"                               \
                         "sd sp, %2(t0)\n"                                     \
                         "addi sp, t0, %3\n"                                   \
                         "addi sp, sp, -96\n"                                  \
                         "sd ra, 0(sp)\n sd a0, 8(sp)\n sd a1, 16(sp)\n"       \
                         "sd a2, 24(sp)\n sd a3, 32(sp)\n sd a4, 40(sp)\n"     \
                         "sd a5, 48(sp)\n sd a6, 56(sp)\n sd a7, 64(sp)\n"     \
                         "call %0\n"                                           \
                         "ld ra, 0(sp)\n ld a0, 8(sp)\n ld a1, 16(sp)\n"       \
                         "ld a2, 24(sp)\n ld a3, 32(sp)\n ld a4, 40(sp)\n"     \
                         "ld a5, 48(sp)\n ld a6, 56(sp)\n ld a7, 64(sp)\n"     \
                         "lla t0, mct_private\n"                               \
                         "ld sp, %2(t0)\n"                                     \
                         "tail %1"                                             \
                         :                                                     \
                         : "i"(mct_bare_start), "i"(mct_original_entry),       \
                           "i"(offsetof(struct mct_private, saved_stack)),     \
                           "i"(offsetof(struct mct_private, stack) +           \
                               sizeof(mct_private.stack)));                    \
    }

#endif
