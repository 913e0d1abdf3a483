// bare/aarch64.h: AArch64 in an exception level that may hold off interrupts.
// At its first instruction x0 to x3 may hold what a boot loader passes.

#ifndef MCTRACE_BARE_AARCH64_H
#define MCTRACE_BARE_AARCH64_H

#include "sys/aarch64.h"

#define BARE_HAS_CYCLES
#define bare_cycles() sys_cycles()

static inline uintptr_t bare_hold(void) {
    uintptr_t before;
    __asm__ volatile("mrs %0, daif\n msr daifset, #2"
                     : "=r"(before)
                     :
                     : "memory");
    return before;
}

static inline void bare_release(uintptr_t held) {
    __asm__ volatile("msr daif, %0" : : "r"(held) : "memory");
}

#define BARE_DEFINE_ENTRY                                                      \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("adrp x16, mct_private\n"                             \
                         "add x16, x16, :lo12:mct_private\n"                   \
                         "mov x17, sp\n str x17, [x16, %2]\n"                  \
                         "add x17, x16, %3\n mov sp, x17\n"                    \
                         "stp x30, x0, [sp, #-96]!\n"                          \
                         "stp x1, x2, [sp, #16]\n stp x3, x4, [sp, #32]\n"     \
                         "stp x5, x6, [sp, #48]\n stp x7, x8, [sp, #64]\n"     \
                         "bl %0\n"                                             \
                         "ldp x1, x2, [sp, #16]\n ldp x3, x4, [sp, #32]\n"     \
                         "ldp x5, x6, [sp, #48]\n ldp x7, x8, [sp, #64]\n"     \
                         "ldp x30, x0, [sp], #96\n"                            \
                         "adrp x16, mct_private\n"                             \
                         "add x16, x16, :lo12:mct_private\n"                   \
                         "ldr x17, [x16, %2]\n mov sp, x17\n"                  \
                         "b %1"                                                \
                         :                                                     \
                         : "i"(mct_bare_start), "i"(mct_original_entry),       \
                           "i"(offsetof(struct mct_private, saved_stack)),     \
                           "i"(offsetof(struct mct_private, stack) +           \
                               sizeof(mct_private.stack)));                    \
    }

#endif
