// bare/arm.h: ARM without an operating system, in Thumb.
//
// In profile M interrupts are held off by PRIMASK; in A and R, which the
// configuration tells, by the status register (of IRQ, not of FIQ), which an
// assembler for M does not know to read. How to change either is one
// instruction. At the first instruction registers hold nothing but the stack
// pointer (M), or what a boot loader passes (r0 to r2).

#ifndef MCTRACE_BARE_ARM_H
#define MCTRACE_BARE_ARM_H

#include "mctrace/region.h"
#include "sys/arm.h"

extern HIDDEN const struct mct_config mct_config;

#define BARE_I 0x80u // CPSR: IRQ is held off

// Whether they were held off.
static inline uintptr_t bare_hold(void) {
    uintptr_t before;
    if (mct_config.flags & MCT_CONFIG_STATUS) {
        register uintptr_t status __asm__("r0");
        __asm__ volatile(".inst.w 0xf3ef8000\n cpsid i" // mrs r0, cpsr
                         : "=r"(status)
                         :
                         : "memory");
        return status & BARE_I;
    }
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(before) : : "memory");
    return before;
}

static inline void bare_release(uintptr_t held) {
    if (!held)
        __asm__ volatile("cpsie i" : : : "memory");
}

#define BARE_DEFINE_ENTRY                                                      \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile(                                                      \
            "ldr r3, 8f\n"                                                     \
            "5: add r3, pc\n"                                                  \
            "mov r12, sp\n"                                                    \
            "str.w r12, [r3, %0]\n"                                            \
            "add.w r12, r3, %1\n"                                              \
            "mov sp, r12\n"                                                    \
            "push {r0-r2, lr}\n"                                               \
            "bl mct_bare_start\n"                                              \
            "pop.w {r0-r2, lr}\n"                                              \
            "ldr r3, 9f\n"                                                     \
            "6: add r3, pc\n"                                                  \
            "ldr.w r12, [r3, %0]\n"                                            \
            "mov sp, r12\n" SYS_GO_TO(                                         \
                "mct_original_entry") "\n"                                     \
                                      ".balign 4\n"                            \
                                      "8: .long mct_private - (5b + 4)\n"      \
                                      "9: .long mct_private - (6b + 4)"        \
            :                                                                  \
            : "i"(offsetof(struct mct_private, saved_stack)),                  \
              "i"(offsetof(struct mct_private, stack) +                        \
                  sizeof(mct_private.stack)));                                 \
    }

#endif
