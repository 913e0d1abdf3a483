// sys/riscv64.h: what the runtime needs of 64-bit RISC-V and its Linux: the
// system call, the ways in, and the counter of the clock.
//
// System calls: number in a7, arguments in a0 to a5; nothing but a0 is lost;
// -4095..-1 there is a negated error number. Their numbers are those of
// asm-generic, which has none of the older calls (open, stat, poll, readlink,
// fork). Adding to memory is one instruction (A); to compare and exchange is a
// loop of lr and sc, which fails if anything came between, a signal included.

#ifndef MCTRACE_SYS_RISCV64_H
#define MCTRACE_SYS_RISCV64_H

#define SYS_SAVES_MOST // LLVM has no such convention here

#include "generic.h"

#define SYS_LOCKED_BYTE 0 // there are no lock prefixes

// open(2)'s flags that differ between machines. There is no restorer: handlers
// return by way of the vDSO.
#define SYS_O_DIRECTORY 0200000
#define SYS_O_NOFOLLOW  0400000
#define SYS_O_LARGEFILE 0 // files are

static inline long sys_call6(long number, long a, long b, long c, long d,
                             long e, long f) {
    register long a7 __asm__("a7") = number;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    __asm__ volatile("ecall"
                     : "+r"(a0)
                     : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
                     : "memory");
    return a0;
}

static inline long sys_call3(long number, long a, long b, long c) {
    register long a7 __asm__("a7") = number;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
    return a0;
}

#include "linux.h"

// The real-time counter. It runs at 1 to 100 MHz on most: times 4096 its slope
// fits what clock.c has for one, and what an emulator may count does as well.
#define SYS_CYCLES_SHIFT 12
static inline uint64_t sys_cycles(void) {
    uint64_t count;
    __asm__ volatile("rdtime %0" : "=r"(count));
    return count << SYS_CYCLES_SHIFT;
}

// It does by definition (Zicntr).
static inline bool sys_cycles_are_steady(void) {
    return true;
}

// How many of them, at most, the two readings of clock.c may take: 30 us at 100
// MHz. The rate itself is in no register.
static inline uint64_t sys_moment(void) {
    return (uint64_t)3000 << SYS_CYCLES_SHIFT;
}

// No register that a program may read says which processor runs it; the kernel
// does.
static inline uint16_t sys_cpu(bool has_register) {
    uint32_t cpu = 0;
    (void)has_register;
    sys_call3(SYS_getcpu, (long)&cpu, 0, 0);
    return (uint16_t)(cpu & 0xfff);
}

static inline bool sys_has_cpu(void) {
    return false;
}

// A register by which threads differ: where the ABI has their control block.
static inline uintptr_t sys_thread_base(void) {
    uintptr_t base;
    __asm__ volatile("mv %0, tp" : "=r"(base));
    return base;
}

static inline bool sys_has_thread_base(void) {
    return true;
}

// In a loop that waits for another thread: pause, a hint of the fences'.
static inline void sys_pause(void) {
    __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010");
}

static inline uint64_t sys_stack(void) {
    uint64_t stack;
    __asm__ volatile("mv %0, sp" : "=r"(stack));
    return stack;
}

// Ways in. A program starts with the stack as the kernel made it; a0 holds what
// ld.so wants to be called at exit, the others must not be relied on to be dead
// either. A library's init function may have three arguments, which are handed
// on.
#define SYS_DEFINE_ENTRIES                                                     \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("addi sp, sp, -80\n sd ra, 0(sp)\n"                   \
                         "sd a0, 8(sp)\n sd a1, 16(sp)\n sd a2, 24(sp)\n"      \
                         "sd a3, 32(sp)\n sd a4, 40(sp)\n sd a5, 48(sp)\n"     \
                         "sd a6, 56(sp)\n sd a7, 64(sp)\n"                     \
                         "addi a0, sp, 80\n"                                   \
                         "call mct_start\n"                                    \
                         "ld a7, 64(sp)\n ld a6, 56(sp)\n"                     \
                         "ld a5, 48(sp)\n ld a4, 40(sp)\n ld a3, 32(sp)\n"     \
                         "ld a2, 24(sp)\n ld a1, 16(sp)\n ld a0, 8(sp)\n"      \
                         "ld ra, 0(sp)\n addi sp, sp, 80\n"                    \
                         "tail mct_original_entry" ::                          \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN void mct_init(void) {                        \
        __asm__ volatile("addi sp, sp, -32\n sd ra, 0(sp)\n"                   \
                         "sd a0, 8(sp)\n sd a1, 16(sp)\n sd a2, 24(sp)\n"      \
                         "call mct_library_start\n"                            \
                         "ld a2, 24(sp)\n ld a1, 16(sp)\n ld a0, 8(sp)\n"      \
                         "ld ra, 0(sp)\n addi sp, sp, 32\n"                    \
                         "tail mct_original_init" ::                           \
                             :);                                               \
    }

// A thread of ours: on `stack`, with a block at `base` in place of a control
// block, it runs a function and ends (clone(2): CLONE_VM, FS, FILES, SIGHAND,
// THREAD, SYSVSEM, SETTLS). Negative: it cannot be had.
static inline long sys_start_thread(void *stack, uint64_t base,
                                    void (*run)(void)) {
    register long a7 __asm__("a7") = SYS_clone;
    register long a0 __asm__("a0") = 0xd0f00;
    register void *a1 __asm__("a1") = stack;
    register long a2 __asm__("a2") = 0;
    register uint64_t a3 __asm__("a3") = base;
    register long a4 __asm__("a4") = 0;
    register void (*a5)(void) __asm__("a5") = run;
    __asm__ volatile("ecall\n"
                     "bnez a0, 1f\n"
                     "li s0, 0\n"
                     "li ra, 0\n"
                     "jalr a5\n"
                     "li a7, %[exit]\n"
                     "li a0, 0\n"
                     "ecall\n"
                     "unimp\n"
                     "1:"
                     : "+r"(a0)
                     : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4),
                       "r"(a5), [exit] "i"(SYS_exit)
                     : "memory");
    return a0;
}

// The kernel's ucontext, in words: pc, then x1 to x31.
#define SYS_CONTEXT_PC 22
#define SYS_CONTEXT_A0 (SYS_CONTEXT_PC + 10)
#define SYS_CONTEXT_A7 (SYS_CONTEXT_PC + 17)

// Where a handler's thread was.
static inline uint64_t sys_interrupted_at(const void *context) {
    return ((const uint64_t *)context)[SYS_CONTEXT_PC];
}

// Whether a handler has interrupted a system call that now fails with EINTR,
// right behind its instruction, and which: a7 still holds the number. -1: none.
static inline long sys_interrupted_call(const void *context,
                                        bool (*read)(void *, uint64_t,
                                                     uint64_t)) {
    const uint64_t *words = context;
    uint32_t insn;
    if ((int64_t)words[SYS_CONTEXT_A0] != -4 ||
        !read(&insn, words[SYS_CONTEXT_PC] - 4, sizeof insn) ||
        insn != 0x73) // ecall
        return -1;
    return (long)words[SYS_CONTEXT_A7];
}
// Its first argument is gone, for the error stands there. So those that the
// kernel does not resume stay interrupted, and the program sees it.
static inline void sys_call_again(void *context, long number) {
    (void)context, (void)number;
}
static inline void sys_call_returned(void *context, long result) {
    ((uint64_t *)context)[SYS_CONTEXT_A0] = (uint64_t)result;
}
// Those that restart_syscall(2) goes on with.
static inline bool sys_is_resumed(long number) {
    return number == SYS_nanosleep || number == SYS_clock_nanosleep ||
           number == SYS_futex;
}

// Touching memory that may not be there; see guard.c. While t5 holds the mark
// a fault goes on at the address in t6, which is behind the instruction that
// did it.
#define SYS_MARK          0x647261756774636dull // "mctguard"
#define SYS_LOAD_MARK     "li t5, 0x647261756774636d\n"
#define SYS_MARK_WORD     (SYS_CONTEXT_PC + 30)
#define SYS_RECOVERY_WORD (SYS_CONTEXT_PC + 31)
#define SYS_MARK_REGISTER "t5"
#define SYS_LOAD_1        "lbu %[word], (%[at])"
#define SYS_LOAD_2        "lhu %[word], (%[at])"
#define SYS_LOAD_4        "lwu %[word], (%[at])"
#define SYS_LOAD_8        "ld %[word], (%[at])"
#define SYS_GUARDED_LOAD(load)                                                 \
    __asm__ volatile("lla t6, 1f\n" load "\n"                                  \
                     "1: mv %[is_there], t5\n"                                 \
                     "li t5, 0"                                                \
                     : [word] "+&r"(word), [is_there] "=&r"(is_there),         \
                       "+r"(mark)                                              \
                     : [at] "r"(at)                                            \
                     : "t6", "memory")

#include "guarded.h"

// Walking stacks; see unwind.c. The registers that are followed, by DWARF
// number: sp, the link, and s0 to s11; which of them are the frame pointer and
// the link; where the kernel puts each, and the program counter, when it
// delivers a signal, in words of its ucontext, which lies SYS_CONTEXT_OFF above
// sp when the handler has returned.
#define SYS_BASE_COUNT 14
#define SYS_BASES      {2, 1, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27}
#define SYS_BASE_FP    2
#define SYS_BASE_LINK  1
#define SYS_SIGNAL_WORDS                                                       \
    {24, 23, 30, 31, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, SYS_CONTEXT_PC}
#define SYS_CONTEXT_OFF   128
// Columns of call frame information that matter, and the return address's.
#define SYS_COLUMNS       32
#define SYS_RETURN_COLUMN 1
// The frame pointer is the CFA; what it was lies two words below.
#define SYS_RECORD_OFF    (-16)

static inline uint64_t sys_code_address(uint64_t value) {
    return value;
}

// Whether these are the bytes, and those from the sixth on, of where handlers
// return to: li a7, 139; ecall.
static inline bool sys_is_signal_return(uint64_t bytes, uint32_t later) {
    (void)later;
    return bytes == 0x0000007308b00893;
}

#define SYS_DEFINE_GUARD                                                       \
    __attribute__((naked)) HIDDEN uint64_t sys_guarded_copy(                   \
        void *to, const void *from, uint64_t len) {                            \
        __asm__ volatile(SYS_LOAD_MARK "lla t6, 9f\n"                          \
                                       "li t0, 8\n"                            \
                                       "or t2, a0, a1\n andi t2, t2, 7\n"      \
                                       "bnez t2, 4f\n bltu a2, t0, 4f\n"       \
                                       "1: ld t1, (a1)\n sd t1, (a0)\n"        \
                                       "addi a1, a1, 8\n addi a0, a0, 8\n"     \
                                       "addi a2, a2, -8\n bgeu a2, t0, 1b\n"   \
                                       "4: beqz a2, 7f\n"                      \
                                       "5: lbu t1, (a1)\n sb t1, (a0)\n"       \
                                       "addi a1, a1, 1\n addi a0, a0, 1\n"     \
                                       "addi a2, a2, -1\n bnez a2, 5b\n"       \
                                       "7: li a0, 0\n li t5, 0\n ret\n"        \
                                       "9: li a0, 1\n li t5, 0\n ret" ::       \
                                           :);                                 \
    }                                                                          \
    __attribute__((naked)) HIDDEN int64_t sys_guarded_text(                    \
        char *to, const char *from, uint64_t most) {                           \
        __asm__ volatile(                                                      \
            "mv a6, a2\n" SYS_LOAD_MARK "lla t6, 9f\n"                         \
            "li t2, 0x0101010101010101\n slli t3, t2, 7\n li t4, 8\n"          \
            "1: beqz a2, 8f\n"                                                 \
            "or t0, a0, a1\n andi t0, t0, 7\n beqz t0, 3f\n"                   \
            "2: lbu t1, (a1)\n beqz t1, 8f\n"                                  \
            "sb t1, (a0)\n addi a0, a0, 1\n addi a1, a1, 1\n"                  \
            "addi a2, a2, -1\n j 1b\n"                                         \
            "3: bltu a2, t4, 2b\n ld t1, (a1)\n"                               \
            "sub t0, t1, t2\n not a7, t1\n and t0, t0, a7\n"                   \
            "and t0, t0, t3\n bnez t0, 2b\n"                                   \
            "sd t1, (a0)\n addi a0, a0, 8\n addi a1, a1, 8\n"                  \
            "addi a2, a2, -8\n bnez a2, 3b\n"                                  \
            "8: sub a0, a6, a2\n li t5, 0\n ret\n"                             \
            "9: li a0, -1\n li t5, 0\n ret" ::                                 \
                :);                                                            \
    }                                                                          \
    __attribute__((naked)) HIDDEN void sys_signal_return(void) {               \
        __asm__ volatile("li a7, 139\n ecall" :::);                            \
    }                                                                          \
    __attribute__((naked, aligned(16))) HIDDEN void sys_stubs(void) {          \
        __asm__ volatile("0:\n .rept 64\n .balign 16\n"                        \
                         "auipc a3, 0\n j 1f\n .endr\n"                        \
                         "1: lla t0, 0b\n sub a3, a3, t0\n srli a3, a3, 4\n"   \
                         "addi sp, sp, -32\n sd ra, 0(sp)\n"                   \
                         "sd a0, 8(sp)\n sd a1, 16(sp)\n sd a2, 24(sp)\n"      \
                         "call mct_guard_signal\n"                             \
                         "mv t1, a0\n"                                         \
                         "ld a2, 24(sp)\n ld a1, 16(sp)\n ld a0, 8(sp)\n"      \
                         "ld ra, 0(sp)\n addi sp, sp, 32\n"                    \
                         "beqz t1, 2f\n jr t1\n"                               \
                         "2: ret" ::                                           \
                             :);                                               \
    }

#endif
