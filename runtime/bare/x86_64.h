// bare/x86_64.h: x86-64 without an operating system. Interrupts are not held
// off: that is for who may (cli), and firmware that runs so has one stack for
// all of it; records of interrupt handlers then may be lost, and are counted.

#ifndef MCTRACE_BARE_X86_64_H
#define MCTRACE_BARE_X86_64_H

#include "sys/x86_64.h"

#define BARE_HAS_CYCLES
#define bare_cycles() sys_cycles()

static inline uintptr_t bare_hold(void) {
    return 0;
}

static inline void bare_release(uintptr_t held) {
    (void)held;
}

// The stack's end is where mct_private.stack ends.
#define BARE_DEFINE_ENTRY                                                      \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("mov %%rsp, mct_private+%c2(%%rip)\n"                 \
                         "lea mct_private+%c3(%%rip), %%rsp\n"                 \
                         "push %%rax\n push %%rcx\n push %%rdx\n"              \
                         "push %%rsi\n push %%rdi\n push %%r8\n"               \
                         "push %%r9\n push %%r10\n push %%r11\n pushf\n"       \
                         "call %P0\n"                                          \
                         "popf\n pop %%r11\n pop %%r10\n pop %%r9\n"           \
                         "pop %%r8\n pop %%rdi\n pop %%rsi\n"                  \
                         "pop %%rdx\n pop %%rcx\n pop %%rax\n"                 \
                         "mov mct_private+%c2(%%rip), %%rsp\n"                 \
                         "jmp %P1"                                             \
                         :                                                     \
                         : "i"(mct_bare_start), "i"(mct_original_entry),       \
                           "i"(offsetof(struct mct_private, saved_stack)),     \
                           "i"(offsetof(struct mct_private, stack) +           \
                               sizeof(mct_private.stack)));                    \
    }

#endif
