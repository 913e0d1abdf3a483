// bare/ppc32.h: PowerPC of 32 bits in supervisor mode. At its first instruction
// r3 to r9 may hold what a boot loader passes (ePAPR, 5.4).

#ifndef MCTRACE_BARE_PPC32_H
#define MCTRACE_BARE_PPC32_H

#include "sys/ppc32.h"

#define BARE_HAS_CYCLES
#define bare_cycles() sys_cycles()

#define BARE_MSR_EE 0x8000u // interrupts are on

static inline uintptr_t bare_hold(void) {
    uintptr_t before;
    __asm__ volatile("mfmsr %0" : "=r"(before));
    __asm__ volatile("mtmsr %0" : : "r"(before & ~BARE_MSR_EE) : "memory");
    return before;
}

static inline void bare_release(uintptr_t held) {
    __asm__ volatile("mtmsr %0" : : "r"(held) : "memory");
}

#define BARE_DEFINE_ENTRY                                                      \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("lis 11, mct_private@ha\n"                            \
                         "addi 11, 11, mct_private@l\n"                        \
                         "stw 1, %0(11)\n addi 1, 11, %1 - 64\n"               \
                         "li 0, 0\n stw 0, 0(1)\n mflr 0\n stw 0, 16(1)\n"     \
                         "stw 3, 20(1)\n stw 4, 24(1)\n stw 5, 28(1)\n"        \
                         "stw 6, 32(1)\n stw 7, 36(1)\n stw 8, 40(1)\n"        \
                         "stw 9, 44(1)\n"                                      \
                         "bl mct_bare_start\n"                                 \
                         "lwz 0, 16(1)\n mtlr 0\n"                             \
                         "lwz 3, 20(1)\n lwz 4, 24(1)\n lwz 5, 28(1)\n"        \
                         "lwz 6, 32(1)\n lwz 7, 36(1)\n lwz 8, 40(1)\n"        \
                         "lwz 9, 44(1)\n"                                      \
                         "lis 11, mct_private@ha\n"                            \
                         "addi 11, 11, mct_private@l\n"                        \
                         "lwz 1, %0(11)\n"                                     \
                         "b mct_original_entry"                                \
                         :                                                     \
                         : "i"(offsetof(struct mct_private, saved_stack)),     \
                           "i"(offsetof(struct mct_private, stack) +           \
                               sizeof(mct_private.stack)));                    \
    }

#endif
