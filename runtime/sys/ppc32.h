// sys/ppc32.h: what the runtime needs of 32-bit PowerPC, big-endian, and its
// Linux: the system call, the ways in, and the time base.
//
// System calls: number in r0, arguments in r3 to r8, one of 64 bits in a pair
// that begins with an odd register, its upper half first; r0, r4 to r12, ctr
// and cr0 are lost. An error has the bit SO of cr0 set, and its number in r3 is
// positive. Atomic operations are loops of a load and a store that fails if
// anything came between, a signal included; they have 32 bits.

#ifndef MCTRACE_SYS_PPC32_H
#define MCTRACE_SYS_PPC32_H

#define SYS_SAVES_MOST // there is no such convention

enum sys_number {
    SYS_restart_syscall = 0,
    SYS_exit = 1,
    SYS_read = 3,
    SYS_write = 4,
    SYS_close = 6,
    SYS_getpid = 20,
    SYS_getuid = 24,
    SYS_kill = 37,
    SYS_getgid = 47,
    SYS_geteuid = 49,
    SYS_getegid = 50,
    SYS_getppid = 64,
    SYS_munmap = 91,
    SYS_fchmod = 94,
    SYS_getpriority = 96,
    SYS_clone = 120,
    SYS_mprotect = 125,
    SYS_getpgid = 132,
    SYS_writev = 146,
    SYS_getsid = 147,
    SYS_nanosleep = 162,
    SYS_poll = 167,
    SYS_prctl = 171,
    SYS_rt_sigaction = 173,
    SYS_rt_sigprocmask = 174,
    SYS_pwrite64 = 180,
    SYS_getcwd = 182,
    SYS_mmap2 = 192,
    SYS_ftruncate64 = 194,
    SYS_fstat = 197, // fstat64
    SYS_getdents64 = 202,
    SYS_madvise = 205,
    SYS_sigaltstack = 185,
    SYS_gettid = 207,
    SYS_futex = 221,
    SYS_exit_group = 234,
    SYS_clock_gettime = 246,
    SYS_clock_nanosleep = 248,
    SYS_tgkill = 250,
    SYS_ppoll = 281,
    SYS_openat = 286,
    SYS_newfstatat = 291, // fstatat64
    SYS_unlinkat = 292,
    SYS_readlinkat = 296,
    SYS_getcpu = 302,
    SYS_fallocate = 309,
    SYS_pwritev = 321,
    SYS_rt_tgsigqueueinfo = 322,
    SYS_prlimit64 = 325,
    SYS_process_vm_readv = 351,
    SYS_process_vm_writev = 352,
    SYS_clock_gettime64 = 403,
    SYS_clock_nanosleep_time64 = 407,
    SYS_futex_time64 = 422
};

#define SYS_LOCKED_BYTE 0 // there are no lock prefixes

// open(2)'s flags that differ between machines.
#define SYS_O_DIRECTORY 040000
#define SYS_O_NOFOLLOW  0100000
#define SYS_O_LARGEFILE 0200000
#define SYS_SA_RESTORER 0x04000000u

// The kernel's struct stat64.
struct sys_stat {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad;
    int64_t size;
    uint32_t block_size, pad2;
    uint64_t blocks;
    uint32_t times[6], unused[2];
};
_Static_assert(sizeof(struct sys_stat) == 104, "the kernel's struct stat64");

static inline long sys_call6(long number, long a, long b, long c, long d,
                             long e, long f) {
    register long r0 __asm__("r0") = number;
    register long r3 __asm__("r3") = a;
    register long r4 __asm__("r4") = b;
    register long r5 __asm__("r5") = c;
    register long r6 __asm__("r6") = d;
    register long r7 __asm__("r7") = e;
    register long r8 __asm__("r8") = f;
    __asm__ volatile("sc\n bns+ 1f\n neg 3, 3\n 1:"
                     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6),
                       "+r"(r7), "+r"(r8)
                     :
                     : "r9", "r10", "r11", "r12", "ctr", "cr0", "memory");
    return r3;
}

static inline long sys_call3(long number, long a, long b, long c) {
    return sys_call6(number, a, b, c, 0, 0, 0);
}

#include "linux.h"

// The time base, not ordered against other instructions. It runs at 16 MHz to
// 1 GHz: times 64 its slope fits what clock.c has for one.
#define SYS_CYCLES_SHIFT 6
static inline uint64_t sys_cycles(void) {
    uint32_t high, low, again;
    do
        // Spelled so that no assembler takes the older form, which e500 lacks.
        __asm__ volatile("mfspr %0, 269\n mfspr %1, 268\n mfspr %2, 269"
                         : "=r"(high), "=r"(low), "=r"(again));
    while (high != again);
    return ((uint64_t)high << 32 | low) << SYS_CYCLES_SHIFT;
}

// It does by definition (Power ISA, Book II, chapter 6).
static inline bool sys_cycles_are_steady(void) {
    return true;
}

// How many of them, at most, the two readings of clock.c may take.
static inline uint64_t sys_moment(void) {
    return (uint64_t)65536 << SYS_CYCLES_SHIFT;
}

// No register that a program may read says which processor runs it.
#define SYS_NO_CPU

// A register by which threads differ: r2, where the ABI has their control
// block.
static inline uintptr_t sys_thread_base(void) {
    uintptr_t base;
    __asm__ volatile("mr %0, 2" : "=r"(base));
    return base;
}

static inline bool sys_has_thread_base(void) {
    return true;
}

// Counting, which is what most probes do, in registers that hold nothing at a
// function's entry, and in no more of them than it takes. A half of a word as
// it is then.
static inline uint32_t sys_count(volatile void *half) {
    register volatile void *at __asm__("r11") = half;
    register uint32_t sum __asm__("r12");
    __asm__ volatile("1: lwarx %0, 0, %1\n addi %0, %0, 1\n"
                     "stwcx. %0, 0, %1\n bne- 1b"
                     : "=&r"(sum)
                     : "r"(at)
                     : "cr0", "memory");
    return sum;
}

#define MCT_WORD_ADD(at, by)                                                   \
    do {                                                                       \
        if (!__builtin_constant_p(by) || (by) != 1)                            \
            mct_word_add_by_halves(at, by);                                    \
        else if (sys_count(mct_low_half(at)) == 0)                             \
            sys_count(mct_high_half(at));                                      \
    } while (0)

// Of kernels that are made with large ones.
#define SYS_PAGE 65536

// In a loop that waits for another thread.
static inline void sys_pause(void) {
    __asm__ volatile("nop");
}

static inline uintptr_t sys_stack(void) {
    uintptr_t stack;
    __asm__ volatile("mr %0, 1" : "=r"(stack));
    return stack;
}

// What addresses in the runtime's code are relative to where an image may lie
// anywhere is in r13, which no compiler uses; whoever comes from outside sets
// it, having saved LR.
#define SYS_SET_BASE                                                           \
    "bcl 20, 31, 7f\n 7: mflr 13\n"                                            \
    "addis 13, 13, mct_base-7b@ha\n addi 13, 13, mct_base-7b@l\n"

// Ways in. A program starts with the stack as the kernel made it, or, after
// ld.so, with zero on top of it, the arguments in r4 and what is to be called
// at exit in r7. In front of the arguments is their number in any case. A
// library's init function may have three arguments, which are handed on.
#define SYS_DEFINE_ENTRIES                                                     \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("lwz 11, 0(1)\n"                                      \
                         "stwu 1, -64(1)\n mflr 0\n stw 0, 16(1)\n"            \
                         "stw 3, 20(1)\n stw 4, 24(1)\n stw 5, 28(1)\n"        \
                         "stw 6, 32(1)\n stw 7, 36(1)\n stw 8, 40(1)\n"        \
                         "stw 13, 44(1)\n" SYS_SET_BASE                        \
                         "cmpwi 11, 0\n addi 3, 1, 64\n bne 1f\n"              \
                         "addi 3, 4, -4\n"                                     \
                         "1: bl mct_start\n"                                   \
                         "lwz 0, 16(1)\n mtlr 0\n"                             \
                         "lwz 3, 20(1)\n lwz 4, 24(1)\n lwz 5, 28(1)\n"        \
                         "lwz 6, 32(1)\n lwz 7, 36(1)\n lwz 8, 40(1)\n"        \
                         "lwz 13, 44(1)\n"                                     \
                         "addi 1, 1, 64\n"                                     \
                         "b mct_original_entry" ::                             \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN void mct_init(void) {                        \
        __asm__ volatile("stwu 1, -32(1)\n mflr 0\n stw 0, 36(1)\n"            \
                         "stw 3, 8(1)\n stw 4, 12(1)\n stw 5, 16(1)\n"         \
                         "stw 13, 20(1)\n" SYS_SET_BASE                        \
                         "bl mct_library_start\n"                              \
                         "lwz 13, 20(1)\n lwz 0, 36(1)\n mtlr 0\n"             \
                         "lwz 3, 8(1)\n lwz 4, 12(1)\n lwz 5, 16(1)\n"         \
                         "addi 1, 1, 32\n"                                     \
                         "b mct_original_init" ::                              \
                             :);                                               \
    }

// A thread of ours: on `stack`, with a block at `base` in place of a control
// block, it runs a function and ends (clone(2): CLONE_VM, FS, FILES, SIGHAND,
// THREAD, SYSVSEM, SETTLS). Negative: it cannot be had.
static inline long sys_start_thread(void *stack, uintptr_t base,
                                    void (*run)(void)) {
    register long r0 __asm__("r0") = SYS_clone;
    register long r3 __asm__("r3") = 0xd0f00;
    register uintptr_t r4 __asm__("r4") = (uintptr_t)stack & ~(uintptr_t)15;
    register long r5 __asm__("r5") = 0;
    register uintptr_t r6 __asm__("r6") = base;
    register long r7 __asm__("r7") = 0;
    register void (*r14)(void) __asm__("r14") = run;
    __asm__ volatile(
        "sc\n"
        "bns+ 1f\n"
        "neg 3, 3\n"
        "b 2f\n"
        "1: cmpwi 3, 0\n"
        "bne 2f\n"
        "li 0, 0\n"
        "mtlr 0\n"
        "stwu 0, -32(1)\n"
        "mtctr 14\n"
        "bctrl\n"
        "li 0, %[exit]\n"
        "li 3, 0\n"
        "sc\n"
        "trap\n"
        "2:"
        : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
        : "r"(r14), [exit] "i"(SYS_exit)
        : "r8", "r9", "r10", "r11", "r12", "ctr", "lr", "cr0", "memory");
    return r3;
}

// The kernel's ucontext, in words: r0 to r31 from the 48th on, nip, msr, what
// r3 was before the system call, ctr, lr, xer, cr.
#define SYS_CONTEXT_REGS 48
#define SYS_CONTEXT_PC   80
#define SYS_CONTEXT_ARG  82
#define SYS_CONTEXT_LINK 84
#define SYS_CONTEXT_CR   86
#define SYS_CR_SO        0x10000000u

// Where a handler's thread was.
static inline uint64_t sys_interrupted_at(const void *context) {
    return ((const uintptr_t *)context)[SYS_CONTEXT_PC];
}

// Whether a handler has interrupted a system call that now fails with EINTR,
// right behind its instruction, and which: r0 still holds the number. -1: none.
static inline long sys_interrupted_call(const void *context,
                                        bool (*read)(void *, uint64_t,
                                                     uint64_t)) {
    const uintptr_t *words = context;
    uint32_t insn;
    if (words[SYS_CONTEXT_REGS + 3] != 4 ||
        !(words[SYS_CONTEXT_CR] & SYS_CR_SO) ||
        !read(&insn, words[SYS_CONTEXT_PC] - 4, sizeof insn) ||
        insn != 0x44000002) // sc
        return -1;
    return (long)words[SYS_CONTEXT_REGS];
}
// It is made again when the handler returns, or has returned `result`.
static inline void sys_call_again(void *context, long number) {
    uintptr_t *words = context;
    words[SYS_CONTEXT_REGS] = (uintptr_t)number;
    words[SYS_CONTEXT_REGS + 3] = words[SYS_CONTEXT_ARG];
    words[SYS_CONTEXT_PC] -= 4;
}
static inline void sys_call_returned(void *context, long result) {
    uintptr_t *words = context;
    words[SYS_CONTEXT_REGS + 3] = (uintptr_t)(result < 0 ? -result : result);
    words[SYS_CONTEXT_CR] &= ~SYS_CR_SO;
    words[SYS_CONTEXT_CR] |= result < 0 ? SYS_CR_SO : 0;
}
// Those that restart_syscall(2) goes on with.
static inline bool sys_is_resumed(long number) {
    return number == SYS_poll || number == SYS_nanosleep ||
           number == SYS_clock_nanosleep || number == SYS_futex ||
           number == SYS_clock_nanosleep_time64 || number == SYS_futex_time64;
}

// Touching memory that may not be there; see guard.c. While r11 holds the mark
// a fault goes on at the address in r12, which is behind the instruction that
// did it. The link register, by which code learns where it is, is put back.
#define SYS_MARK 0x6d637567u // "mcug"
#define SYS_LOAD_MARK                                                          \
    "mflr 0\n bcl 20, 31, 0f\n 0: mflr 12\n mtlr 0\n"                          \
    "lis 11, 0x6d63\n ori 11, 11, 0x7567\n addi 12, 12, 9f - 0b\n"
#define SYS_MARK_WORD     (SYS_CONTEXT_REGS + 11)
#define SYS_RECOVERY_WORD (SYS_CONTEXT_REGS + 12)
#define SYS_LOAD_1        "lbz %[low], 0(%[at])"
#define SYS_LOAD_2        "lhz %[low], 0(%[at])"
#define SYS_LOAD_4        "lwz %[low], 0(%[at])"
#define SYS_LOAD_8        "lwz %[high], 0(%[at])\n lwz %[low], 4(%[at])"
#define SYS_GUARDED_LOAD(load)                                                 \
    __asm__ volatile(                                                          \
        SYS_LOAD_MARK load "\n"                                                \
                           "9: mr %[is_there], 11\n"                           \
                           "li 11, 0"                                          \
        : [low] "+&b"(low), [high] "+&b"(high), [is_there] "=&b"(is_there)     \
        : [at] "b"((uintptr_t)at)                                              \
        : "r0", "r11", "r12", "memory")

#include "guarded.h"

// Walking stacks; see unwind.c. The registers that are followed, by DWARF
// number: r1, then r14 to r31 and the link register; which of them are the
// frame pointer and the link register; where the kernel puts each, and the
// program counter, when it delivers a signal, in words of its ucontext, which
// lies SYS_CONTEXT_OFF above sp when the handler has returned.
#define SYS_BASE_COUNT 20
#define SYS_BASES                                                              \
    {1,  14, 15, 16, 17, 18, 19, 20, 21, 22,                                   \
     23, 24, 25, 26, 27, 28, 29, 30, 31, 65}
#define SYS_BASE_FP   18
#define SYS_BASE_LINK 19
#define SYS_SIGNAL_WORDS                                                       \
    {49,                                                                       \
     62,                                                                       \
     63,                                                                       \
     64,                                                                       \
     65,                                                                       \
     66,                                                                       \
     67,                                                                       \
     68,                                                                       \
     69,                                                                       \
     70,                                                                       \
     71,                                                                       \
     72,                                                                       \
     73,                                                                       \
     74,                                                                       \
     75,                                                                       \
     76,                                                                       \
     77,                                                                       \
     78,                                                                       \
     79,                                                                       \
     SYS_CONTEXT_LINK,                                                         \
     SYS_CONTEXT_PC}
#define SYS_CONTEXT_OFF   208
// Columns of call frame information that matter, and the return address's.
#define SYS_COLUMNS       66
#define SYS_RETURN_COLUMN 65

static inline uint64_t sys_code_address(uint64_t value) {
    return value;
}

// Whether these are the bytes of where handlers return to: li r0, 172; sc.
static inline bool sys_is_signal_return(uint64_t bytes, uint32_t later) {
    (void)later;
    return bytes == 0x380000ac44000002;
}

// The same of handlers without SA_SIGINFO: sigreturn, number 119. Their frame
// has the registers where the ucontext would have them from here on.
#define SYS_PLAIN_CONTEXT_OFF (-96)
static inline bool sys_is_plain_return(uint64_t bytes) {
    return bytes == 0x3800007744000002;
}

// Lengths have 64 bits, the lower half in the second register of a pair.
#define SYS_DEFINE_GUARD                                                       \
    __attribute__((naked)) HIDDEN uint64_t sys_guarded_copy(                   \
        void *to, const void *from, uint64_t len) {                            \
        __asm__ volatile(SYS_LOAD_MARK                                         \
                         "addi 3, 3, -4\n addi 4, 4, -4\n"                     \
                         "srwi. 5, 6, 2\n beq 4f\n mtctr 5\n"                  \
                         "1: lwzu 7, 4(4)\n stwu 7, 4(3)\n bdnz 1b\n"          \
                         "4: andi. 5, 6, 3\n beq 7f\n mtctr 5\n"               \
                         "addi 3, 3, 3\n addi 4, 4, 3\n"                       \
                         "5: lbzu 7, 1(4)\n stbu 7, 1(3)\n bdnz 5b\n"          \
                         "7: li 4, 0\n b 8f\n"                                 \
                         "9: li 4, 1\n"                                        \
                         "8: li 3, 0\n li 11, 0\n blr" ::                      \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN int64_t sys_guarded_text(                    \
        char *to, const char *from, uint64_t most) {                           \
        __asm__ volatile(SYS_LOAD_MARK "mr 8, 4\n"                             \
                                       "1: cmpwi 6, 0\n beq 7f\n"              \
                                       "lbz 7, 0(4)\n cmpwi 7, 0\n beq 7f\n"   \
                                       "stb 7, 0(3)\n addi 3, 3, 1\n"          \
                                       "addi 4, 4, 1\n addi 6, 6, -1\n b 1b\n" \
                                       "7: subf 4, 8, 4\n li 3, 0\n b 8f\n"    \
                                       "9: li 3, -1\n li 4, -1\n"              \
                                       "8: li 11, 0\n blr" ::                  \
                                           :);                                 \
    }                                                                          \
    __attribute__((naked)) HIDDEN void sys_signal_return(void) {               \
        __asm__ volatile("li 0, 172\n sc" :::);                                \
    }                                                                          \
    __attribute__((naked, aligned(16))) HIDDEN void sys_stubs(void) {          \
        __asm__ volatile(".set .Lstub, 0\n"                                    \
                         ".rept 64\n .balign 16\n li 6, .Lstub\n"              \
                         "b 1f\n .set .Lstub, .Lstub + 1\n .endr\n"            \
                         "1: mflr 0\n stw 0, 4(1)\n stwu 1, -32(1)\n"          \
                         "stw 3, 8(1)\n stw 4, 12(1)\n stw 5, 16(1)\n"         \
                         "stw 13, 20(1)\n" SYS_SET_BASE                        \
                         "bl mct_guard_signal\n"                               \
                         "mr 11, 3\n lwz 13, 20(1)\n"                          \
                         "lwz 3, 8(1)\n lwz 4, 12(1)\n lwz 5, 16(1)\n"         \
                         "addi 1, 1, 32\n lwz 0, 4(1)\n mtlr 0\n"              \
                         "cmpwi 11, 0\n beqlr\n mtctr 11\n bctr" ::            \
                             :);                                               \
    }

#endif
