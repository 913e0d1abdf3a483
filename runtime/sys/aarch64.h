// sys/aarch64.h: what the runtime needs of AArch64 and its Linux: the system
// call, the ways in, and the counter of the clock.
//
// System calls: number in x8, arguments in x0 to x5; nothing but x0 is lost;
// -4095..-1 there is a negated error number. Their numbers are those of
// asm-generic, which has none of the older calls (open, stat, poll, readlink,
// fork). Atomic operations are loops of a load and a store that fails if
// anything came between, a signal included.

#ifndef MCTRACE_SYS_AARCH64_H
#define MCTRACE_SYS_AARCH64_H

#define SYS_SAVES_MOST , preserve_most

#include "generic.h"

#define SYS_LOCKED_BYTE 0 // there are no lock prefixes

// open(2)'s flags that differ between machines.
#define SYS_O_DIRECTORY 040000
#define SYS_O_NOFOLLOW  0100000
#define SYS_O_LARGEFILE 0 // files are
#define SYS_SA_RESTORER 0x04000000u

static inline long sys_call6(long number, long a, long b, long c, long d,
                             long e, long f) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory", "cc");
    return x0;
}

static inline long sys_call3(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2)
                     : "memory", "cc");
    return x0;
}

#define SYS_ZERO
#include "linux.h"

// The virtual counter, not ordered against other instructions. It runs at 20
// MHz to 1 GHz: times 64 its slope fits what clock.c has for one.
#define SYS_CYCLES_SHIFT 6
static inline uint64_t sys_cycles(void) {
    uint64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return count << SYS_CYCLES_SHIFT;
}

// It does by definition (Arm ARM, D11.1.2).
static inline bool sys_cycles_are_steady(void) {
    return true;
}

// How many of them, at most, the two readings of clock.c may take: 30 us.
static inline uint64_t sys_moment(void) {
    uint64_t rate;
    __asm__("mrs %0, cntfrq_el0" : "=r"(rate));
    return (rate << SYS_CYCLES_SHIFT) >> 15;
}

// No register that a program may read says which processor runs it.
#define SYS_NO_CPU

// A register by which threads differ: where the ABI has their control block.
static inline uintptr_t sys_thread_base(void) {
    uintptr_t base;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(base));
    return base;
}

static inline bool sys_has_thread_base(void) {
    return true;
}

static inline void sys_zero(uint64_t *at, uint64_t count) {
    for (const uint64_t *end = at + count; at < end; at++)
        __asm__ volatile("str xzr, [%0]" : : "r"(at) : "memory");
}

// Of kernels that are made with large ones.
#define SYS_PAGE 65536

// In a loop that waits for another thread.
static inline void sys_pause(void) {
    __asm__ volatile("yield");
}

static inline uint64_t sys_stack(void) {
    uint64_t stack;
    __asm__ volatile("mov %0, sp" : "=r"(stack));
    return stack;
}

// Ways in. A program starts with the stack as the kernel made it; x0 holds what
// ld.so wants to be called at exit, the others must not be relied on to be dead
// either. A library's init function may have three arguments, which are handed
// on. The first instruction is a landing pad, for who comes by a register
// (bti jc).
#define SYS_DEFINE_ENTRIES                                                     \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("hint #38\n"                                          \
                         "stp x29, x30, [sp, #-96]!\n"                         \
                         "stp x0, x1, [sp, #16]\n stp x2, x3, [sp, #32]\n"     \
                         "stp x4, x5, [sp, #48]\n stp x6, x7, [sp, #64]\n"     \
                         "str x8, [sp, #80]\n"                                 \
                         "add x0, sp, #96\n"                                   \
                         "bl mct_start\n"                                      \
                         "ldr x8, [sp, #80]\n"                                 \
                         "ldp x6, x7, [sp, #64]\n ldp x4, x5, [sp, #48]\n"     \
                         "ldp x2, x3, [sp, #32]\n ldp x0, x1, [sp, #16]\n"     \
                         "ldp x29, x30, [sp], #96\n"                           \
                         "b mct_original_entry" ::                             \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN void mct_init(void) {                        \
        __asm__ volatile("hint #38\n"                                          \
                         "stp x29, x30, [sp, #-48]!\n"                         \
                         "stp x0, x1, [sp, #16]\n str x2, [sp, #32]\n"         \
                         "bl mct_library_start\n"                              \
                         "ldr x2, [sp, #32]\n ldp x0, x1, [sp, #16]\n"         \
                         "ldp x29, x30, [sp], #48\n"                           \
                         "b mct_original_init" ::                              \
                             :);                                               \
    }

// A thread of ours: on `stack`, with a block at `base` in place of a control
// block, it runs a function and ends (clone(2): CLONE_VM, FS, FILES, SIGHAND,
// THREAD, SYSVSEM, SETTLS). Negative: it cannot be had.
static inline long sys_start_thread(void *stack, uint64_t base,
                                    void (*run)(void)) {
    register long x8 __asm__("x8") = SYS_clone;
    register long x0 __asm__("x0") = 0xd0f00;
    register void *x1 __asm__("x1") = stack;
    register long x2 __asm__("x2") = 0;
    register uint64_t x3 __asm__("x3") = base;
    register long x4 __asm__("x4") = 0;
    register void (*x5)(void) __asm__("x5") = run;
    __asm__ volatile("svc #0\n"
                     "cbnz x0, 1f\n"
                     "mov x29, xzr\n"
                     "mov x30, xzr\n"
                     "blr x5\n"
                     "mov x8, %[exit]\n"
                     "mov x0, xzr\n"
                     "svc #0\n"
                     "brk #1\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4),
                       "r"(x5), [exit] "i"(SYS_exit)
                     : "memory", "cc");
    return x0;
}

// The kernel's ucontext, in words: x0 to x30 from the 23rd on, then sp, pc and
// pstate.
#define SYS_CONTEXT_REGS 23
#define SYS_CONTEXT_PC   55

// Where a handler's thread was.
static inline uint64_t sys_interrupted_at(const void *context) {
    return ((const uint64_t *)context)[SYS_CONTEXT_PC];
}

// Whether a handler has interrupted a system call that now fails with EINTR,
// right behind its instruction, and which: x8 still holds the number. -1: none.
static inline long sys_interrupted_call(const void *context,
                                        bool (*read)(void *, uint64_t,
                                                     uint64_t)) {
    const uint64_t *words = context;
    uint32_t insn;
    if ((int64_t)words[SYS_CONTEXT_REGS] != -4 ||
        !read(&insn, words[SYS_CONTEXT_PC] - 4, sizeof insn) ||
        insn != 0xd4000001) // svc #0
        return -1;
    return (long)words[SYS_CONTEXT_REGS + 8];
}
// Its first argument is gone, for the error stands there. So those that the
// kernel does not resume stay interrupted, and the program sees it.
static inline void sys_call_again(void *context, long number) {
    (void)context, (void)number;
}
static inline void sys_call_returned(void *context, long result) {
    ((uint64_t *)context)[SYS_CONTEXT_REGS] = (uint64_t)result;
}
// Those that restart_syscall(2) goes on with.
static inline bool sys_is_resumed(long number) {
    return number == SYS_nanosleep || number == SYS_clock_nanosleep ||
           number == SYS_futex;
}

// Touching memory that may not be there; see guard.c. While x17 holds the mark
// a fault goes on at the address in x16, which is behind the instruction that
// did it.
#define SYS_MARK 0x647261756774636dull // "mctguard"
#define SYS_LOAD_MARK                                                          \
    "movz x17, #0x636d\n movk x17, #0x6774, lsl #16\n"                         \
    "movk x17, #0x6175, lsl #32\n movk x17, #0x6472, lsl #48\n"
#define SYS_MARK_WORD     (SYS_CONTEXT_REGS + 17)
#define SYS_RECOVERY_WORD (SYS_CONTEXT_REGS + 16)
#define SYS_MARK_REGISTER "x17"
#define SYS_LOAD_1        "ldrb %w[word], [%[at]]"
#define SYS_LOAD_2        "ldrh %w[word], [%[at]]"
#define SYS_LOAD_4        "ldr %w[word], [%[at]]"
#define SYS_LOAD_8        "ldr %[word], [%[at]]"
#define SYS_GUARDED_LOAD(load)                                                 \
    __asm__ volatile("adr x16, 1f\n" load "\n"                                 \
                     "1: mov %[is_there], x17\n"                               \
                     "mov x17, xzr"                                            \
                     : [word] "+&r"(word), [is_there] "=&r"(is_there),         \
                       "+r"(mark)                                              \
                     : [at] "r"(at)                                            \
                     : "x16", "memory")

#include "guarded.h"

// Walking stacks; see unwind.c. The registers that are followed, by DWARF
// number: sp, then x19 to x30; which of them are the frame pointer and the link
// register; where the kernel puts each, and the program counter, when it
// delivers a signal, in words of its ucontext, which lies SYS_CONTEXT_OFF above
// sp when the handler has returned.
#define SYS_BASE_COUNT 13
#define SYS_BASES      {31, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}
#define SYS_BASE_FP    11
#define SYS_BASE_LINK  12
#define SYS_SIGNAL_WORDS                                                       \
    {54, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, SYS_CONTEXT_PC}
#define SYS_CONTEXT_OFF   128
// Columns of call frame information that matter, and the return address's.
#define SYS_COLUMNS       32
#define SYS_RETURN_COLUMN 30
// Most functions save both in a frame record.
#define SYS_RETURN_BY_FP

// Without the signature that a return address may bear.
static inline uint64_t sys_code_address(uint64_t value) {
    return value & 0xffffffffffff;
}

// Whether these are the bytes, and those from the sixth on, of where handlers
// return to: mov x8, #139; svc #0.
static inline bool sys_is_signal_return(uint64_t bytes, uint32_t later) {
    (void)later;
    return bytes == 0xd4000001d2801168;
}

// What must begin with the instructions written, without a landing pad of the
// compiler's.
#define SYS_BARE __attribute__((naked, target("branch-protection=none")))

#define SYS_DEFINE_GUARD                                                       \
    __attribute__((naked)) HIDDEN uint64_t sys_guarded_copy(                   \
        void *to, const void *from, uint64_t len) {                            \
        __asm__ volatile(SYS_LOAD_MARK                                         \
                         "adr x16, 9f\n"                                       \
                         "cmp x2, #8\n b.lo 4f\n"                              \
                         "1: ldr x3, [x1], #8\n str x3, [x0], #8\n"            \
                         "sub x2, x2, #8\n cmp x2, #8\n b.hs 1b\n"             \
                         "4: tbz x2, #2, 5f\n"                                 \
                         "ldr w3, [x1], #4\n str w3, [x0], #4\n"               \
                         "5: tbz x2, #1, 6f\n"                                 \
                         "ldrh w3, [x1], #2\n strh w3, [x0], #2\n"             \
                         "6: tbz x2, #0, 7f\n"                                 \
                         "ldrb w3, [x1]\n strb w3, [x0]\n"                     \
                         "7: mov x0, xzr\n mov x17, xzr\n ret\n"               \
                         "9: mov x0, #1\n mov x17, xzr\n ret" ::               \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN int64_t sys_guarded_text(                    \
        char *to, const char *from, uint64_t most) {                           \
        __asm__ volatile(                                                      \
            "mov x6, x2\n" SYS_LOAD_MARK "mov x4, #0x0101010101010101\n"       \
            "adr x16, 9f\n"                                                    \
            "1: cbz x2, 8f\n"                                                  \
            "tst x1, #7\n b.eq 3f\n"                                           \
            "2: ldrb w3, [x1]\n cbz w3, 8f\n"                                  \
            "strb w3, [x0], #1\n add x1, x1, #1\n sub x2, x2, #1\n b 1b\n"     \
            "3: cmp x2, #8\n b.lo 2b\n ldr x3, [x1]\n"                         \
            "sub x5, x3, x4\n bic x5, x5, x3\n"                                \
            "tst x5, #0x8080808080808080\n b.ne 2b\n"                          \
            "str x3, [x0], #8\n add x1, x1, #8\n"                              \
            "subs x2, x2, #8\n b.ne 3b\n"                                      \
            "8: sub x0, x6, x2\n mov x17, xzr\n ret\n"                         \
            "9: mov x0, #-1\n mov x17, xzr\n ret" ::                           \
                :);                                                            \
    }                                                                          \
    SYS_BARE HIDDEN void sys_signal_return(void) {                             \
        __asm__ volatile("mov x8, #139\n svc #0" :::);                         \
    }                                                                          \
    SYS_BARE __attribute__((aligned(16))) HIDDEN void sys_stubs(void) {        \
        __asm__ volatile(".set .Lstub, 0\n"                                    \
                         ".rept 64\n .balign 16\n hint #34\n"                  \
                         "mov x3, #.Lstub\n"                                   \
                         "b 1f\n .set .Lstub, .Lstub + 1\n .endr\n"            \
                         "1: stp x29, x30, [sp, #-48]!\n"                      \
                         "stp x0, x1, [sp, #16]\n str x2, [sp, #32]\n"         \
                         "bl mct_guard_signal\n"                               \
                         "mov x16, x0\n"                                       \
                         "ldr x2, [sp, #32]\n ldp x0, x1, [sp, #16]\n"         \
                         "ldp x29, x30, [sp], #48\n"                           \
                         "cbz x16, 2f\n br x16\n"                              \
                         "2: ret" ::                                           \
                             :);                                               \
    }

#endif
