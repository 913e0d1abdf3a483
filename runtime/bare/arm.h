// bare/arm.h: ARM's M profile, in Thumb. At its first instruction registers
// hold nothing but the stack pointer of the vector table.

#ifndef MCTRACE_BARE_ARM_H
#define MCTRACE_BARE_ARM_H

#include "sys/arm.h"

static inline uintptr_t bare_hold(void) {
    uintptr_t before;
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(before) : : "memory");
    return before;
}

static inline void bare_release(uintptr_t held) {
    __asm__ volatile("msr primask, %0" : : "r"(held) : "memory");
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
