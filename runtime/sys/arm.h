// sys/arm.h: what the runtime needs of 32-bit ARM and its Linux: the system
// call, the ways in. Code is Thumb-2, for processors from ARMv7 on.
//
// System calls (EABI): number in r7, arguments in r0 to r6, one of 64 bits in
// a pair that begins with an even register; nothing but r0 is lost; -4095..-1
// there is a negated error number. r7 is a frame pointer to Thumb code, so it
// is put back behind each call. Atomic operations are loops of a load and a
// store that fails if anything came between, a signal included.
//
// Programs may be of either instruction set: an address in a register says
// by its lowest bit which, a branch does not.

#ifndef MCTRACE_SYS_ARM_H
#define MCTRACE_SYS_ARM_H

#define SYS_SAVES_MOST // there is no such convention

// Additions to 64 bits at once take two registers more. One that counts by one
// wraps to zero, and needs no flags: they may be somebody's.
#ifdef __thumb2__
#define MCT_WORD_ADD(at, by)                                                   \
    (__builtin_constant_p(by) && (by) == 1 ? sys_count(at)                     \
                                           : mct_word_add_by_halves(at, by))
#define SYS_ADD_ONE(off, next)                                                 \
    "1: ldrex %0, [%2" off "]\n add.w %0, %0, #1\n strex %1, %0, [%2" off      \
    "]\n"                                                                      \
    "cbz %1, 2f\n b 1b\n 2: " next
static inline void sys_count(uint64_t *at) {
    uint32_t half, failed;
    __asm__ volatile(SYS_ADD_ONE("", "cbnz %0, 2f\n") SYS_ADD_ONE(", #4", "")
                     : "=&l"(half), "=&l"(failed)
                     : "l"(at)
                     : "memory");
}
#else
#define MCT_WORD_ADD(at, by) mct_word_add_by_halves(at, by)
#endif

enum sys_number {
    SYS_restart_syscall = 0,
    SYS_exit = 1,
    SYS_read = 3,
    SYS_write = 4,
    SYS_close = 6,
    SYS_getpid = 20,
    SYS_kill = 37,
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
    SYS_poll = 168,
    SYS_prctl = 172,
    SYS_rt_sigaction = 174,
    SYS_rt_sigprocmask = 175,
    SYS_pwrite64 = 181,
    SYS_getcwd = 183,
    SYS_mmap2 = 192,
    SYS_ftruncate64 = 194,
    SYS_fstat = 197, // fstat64
    SYS_getuid = 199,
    SYS_getgid = 200,
    SYS_geteuid = 201,
    SYS_getegid = 202,
    SYS_getdents64 = 217,
    SYS_madvise = 220,
    SYS_sigaltstack = 186,
    SYS_gettid = 224,
    SYS_futex = 240,
    SYS_exit_group = 248,
    SYS_clock_gettime = 263,
    SYS_clock_nanosleep = 265,
    SYS_tgkill = 268,
    SYS_openat = 322,
    SYS_newfstatat = 327, // fstatat64
    SYS_unlinkat = 328,
    SYS_readlinkat = 332,
    SYS_ppoll = 336,
    SYS_getcpu = 345,
    SYS_fallocate = 352,
    SYS_pwritev = 362,
    SYS_rt_tgsigqueueinfo = 363,
    SYS_prlimit64 = 369,
    SYS_process_vm_readv = 376,
    SYS_process_vm_writev = 377,
    SYS_clock_gettime64 = 403,
    SYS_clock_nanosleep_time64 = 407,
    SYS_futex_time64 = 422
};

#define SYS_LOCKED_BYTE 0 // there are no lock prefixes

// open(2)'s flags that differ between machines.
#define SYS_O_DIRECTORY 040000
#define SYS_O_NOFOLLOW  0100000
#define SYS_O_LARGEFILE 0400000
#define SYS_SA_RESTORER 0x04000000u

// The kernel's struct stat64.
struct sys_stat {
    uint64_t dev;
    uint32_t pad, old_ino, mode, nlink, uid, gid;
    uint64_t rdev, pad2;
    int64_t size;
    uint32_t block_size, pad3;
    uint64_t blocks;
    uint32_t times[6];
    uint64_t ino;
};
_Static_assert(sizeof(struct sys_stat) == 104, "the kernel's struct stat64");

static inline long sys_call6(long number, long a, long b, long c, long d,
                             long e, long f) {
    register long r12 __asm__("r12") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    register long r3 __asm__("r3") = d;
    register long r4 __asm__("r4") = e;
    register long r5 __asm__("r5") = f;
    __asm__ volatile("mov r6, r7\n mov r7, r12\n svc #0\n mov r7, r6"
                     : "+r"(r0)
                     : "r"(r12), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
                     : "r6", "memory", "cc");
    return r0;
}

static inline long sys_call3(long number, long a, long b, long c) {
    register long r12 __asm__("r12") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    __asm__ volatile("mov r6, r7\n mov r7, r12\n svc #0\n mov r7, r6"
                     : "+r"(r0)
                     : "r"(r12), "r"(r1), "r"(r2)
                     : "r6", "memory", "cc");
    return r0;
}

// Programs may not read a counter unless the kernel lets them.
#define SYS_NO_CYCLES

#include "linux.h"

// No register that a program may read says which processor runs it.
#define SYS_NO_CPU

// A register by which threads differ: where the ABI has their control block.
static inline uintptr_t sys_thread_base(void) {
    uintptr_t base;
    __asm__ volatile("mrc p15, 0, %0, c13, c0, 3" : "=r"(base));
    return base;
}

static inline bool sys_has_thread_base(void) {
    return true;
}

// In a loop that waits for another thread.
static inline void sys_pause(void) {
    __asm__ volatile("yield");
}

static inline uintptr_t sys_stack(void) {
    uintptr_t stack;
    __asm__ volatile("mov %0, sp" : "=r"(stack));
    return stack;
}

// Ways in. A program starts with the stack as the kernel made it; r0 holds what
// ld.so wants to be called at exit, the others must not be relied on to be dead
// either. A library's init function may have three arguments, which are handed
// on.
#define SYS_GO_TO(symbol)                                                      \
    "ldr r12, 2f\n 1: add r12, pc\n bx r12\n"                                  \
    ".p2align 2\n 2: .long " symbol " - (1b + 4)"
#define SYS_DEFINE_ENTRIES                                                     \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile(                                                      \
            "push {r0-r4, lr}\n"                                               \
            "add r0, sp, #24\n"                                                \
            "bl mct_start\n"                                                   \
            "pop.w {r0-r4, lr}\n" SYS_GO_TO("mct_original_entry")::            \
                :);                                                            \
    }                                                                          \
    __attribute__((naked)) HIDDEN void mct_init(void) {                        \
        __asm__ volatile(                                                      \
            "push {r0-r2, lr}\n"                                               \
            "bl mct_library_start\n"                                           \
            "pop.w {r0-r2, lr}\n" SYS_GO_TO("mct_original_init")::             \
                :);                                                            \
    }

// A thread of ours: on `stack`, with a block at `base` in place of a control
// block, it runs a function and ends (clone(2): CLONE_VM, FS, FILES, SIGHAND,
// THREAD, SYSVSEM, SETTLS). Negative: it cannot be had.
static inline long sys_start_thread(void *stack, uintptr_t base,
                                    void (*run)(void)) {
    register long r0 __asm__("r0") = 0xd0f00;
    register void *r1 __asm__("r1") = stack;
    register long r2 __asm__("r2") = 0;
    register uintptr_t r3 __asm__("r3") = base;
    register long r4 __asm__("r4") = 0;
    register void (*r5)(void) __asm__("r5") = run;
    __asm__ volatile("mov r6, r7\n"
                     "movs r7, %[clone]\n"
                     "svc #0\n"
                     "mov r7, r6\n"
                     "cmp r0, #0\n"
                     "bne 1f\n"
                     "movs r7, #0\n"
                     "mov r11, r7\n"
                     "mov lr, r7\n"
                     "blx r5\n"
                     "movs r7, %[exit]\n"
                     "movs r0, #0\n"
                     "svc #0\n"
                     "udf #0\n"
                     "1:"
                     : "+r"(r0)
                     : "r"(r1), "r"(r2), "r"(r3), "r"(r4),
                       "r"(r5), [clone] "i"(SYS_clone), [exit] "i"(SYS_exit)
                     : "r6", "memory", "cc");
    return r0;
}

// The kernel's ucontext, in words: r0 to r15 from the eighth on, then cpsr.
#define SYS_CONTEXT_REGS 8
#define SYS_CONTEXT_PC   23
#define SYS_CPSR_THUMB   0x20u

// Where a handler's thread was.
static inline uint64_t sys_interrupted_at(const void *context) {
    return ((const uintptr_t *)context)[SYS_CONTEXT_PC];
}

// Whether a handler has interrupted a system call that now fails with EINTR,
// right behind its instruction, and which: r7 still holds the number. -1: none.
static inline long sys_interrupted_call(const void *context,
                                        bool (*read)(void *, uint64_t,
                                                     uint64_t)) {
    const uintptr_t *words = context;
    uintptr_t pc = words[SYS_CONTEXT_PC];
    bool is_thumb = (words[SYS_CONTEXT_PC + 1] & SYS_CPSR_THUMB) != 0;
    uint32_t insn = 0;
    uint32_t len = is_thumb ? 2 : 4;
    if ((intptr_t)words[SYS_CONTEXT_REGS] != -4 ||
        !read(&insn, pc - len, len) ||
        insn != (is_thumb ? 0xdf00 : 0xef000000)) // svc #0
        return -1;
    return (long)words[SYS_CONTEXT_REGS + 7];
}
// Its first argument is gone, for the error stands there. So those that the
// kernel does not resume stay interrupted, and the program sees it.
static inline void sys_call_again(void *context, long number) {
    (void)context, (void)number;
}
static inline void sys_call_returned(void *context, long result) {
    ((uintptr_t *)context)[SYS_CONTEXT_REGS] = (uintptr_t)result;
}
// Those that restart_syscall(2) goes on with.
static inline bool sys_is_resumed(long number) {
    return number == SYS_poll || number == SYS_nanosleep ||
           number == SYS_clock_nanosleep || number == SYS_futex ||
           number == SYS_clock_nanosleep_time64 || number == SYS_futex_time64;
}

// Touching memory that may not be there; see guard.c. While r12 holds the mark
// a fault goes on at the address in r3, which is behind the instruction that
// did it.
#define SYS_MARK          0x6775636du // "mcug"
// An address relative to pc begins at a word, so where it is taken does, too.
#define SYS_LOAD_MARK     ".p2align 2\n movw r12, #0x636d\n movt r12, #0x6775\n"
#define SYS_MARK_WORD     (SYS_CONTEXT_REGS + 12)
#define SYS_RECOVERY_WORD (SYS_CONTEXT_REGS + 3)
#define SYS_LOAD_1        "ldrb %[low], [%[at]]"
#define SYS_LOAD_2        "ldrh %[low], [%[at]]"
#define SYS_LOAD_4        "ldr %[low], [%[at]]"
#define SYS_LOAD_8        "ldr %[low], [%[at]]\n ldr %[high], [%[at], #4]"
#define SYS_GUARDED_LOAD(load)                                                 \
    __asm__ volatile(                                                          \
        SYS_LOAD_MARK "adr.w r3, 1f\n" load "\n"                               \
                      "1: mov %[is_there], r12\n"                              \
                      "mov r12, #0"                                            \
        : [low] "+&r"(low), [high] "+&r"(high), [is_there] "=&r"(is_there)     \
        : [at] "r"((uintptr_t)at)                                              \
        : "r3", "r12", "memory")

#include "guarded.h"

// Walking stacks; see unwind.c. The registers that are followed, by DWARF
// number: sp, then r4 to r11 and the link register; which of them are the frame
// pointer and the link register; where the kernel puts each, and the program
// counter, when it delivers a signal, in words of its ucontext, which lies
// SYS_CONTEXT_OFF above sp when the handler has returned.
#define SYS_BASE_COUNT 10
#define SYS_BASES      {13, 4, 5, 6, 7, 8, 9, 10, 11, 14}
#define SYS_BASE_FP    8
#define SYS_BASE_LINK  9
#define SYS_SIGNAL_WORDS                                                       \
    {21, 12, 13, 14, 15, 16, 17, 18, 19, 22, SYS_CONTEXT_PC}
#define SYS_CONTEXT_OFF   128
// The type of the segment that says how callers are found.
#define SYS_EXIDX         0x70000001u
// Columns of call frame information that matter, and the return address's.
#define SYS_COLUMNS       16
#define SYS_RETURN_COLUMN 14

// Without the bit that says which instruction set it is of.
static inline uint64_t sys_code_address(uint64_t value) {
    return value & ~(uint64_t)1;
}

// Whether these are the bytes of where handlers return to: mov r7, #number;
// svc, in either instruction set, the C library's (which has the wide mov of
// T32) or the kernel's (which has a number in the svc of A32 as well).
static inline bool sys_is_return_by(uint64_t bytes, uint32_t number) {
    uint64_t wide = 0xdf000700f04f | (uint64_t)number << 16;
    uint64_t a32 = 0xef000000e3a07000 | number;
    return (uint32_t)bytes == (0xdf002700 | number) ||
           (bytes & 0xffffffffffff) == wide ||
           (bytes & 0xff000000ffffffff) == a32;
}
static inline bool sys_is_signal_return(uint64_t bytes, uint32_t later) {
    (void)later;
    return sys_is_return_by(bytes, 173);
}

// Division as the run-time ABI for ARM names it: quotient and rest in the
// first four registers, or the first two.
#define SYS_DIVIDE_LONG(name, function)                                        \
    __attribute__((naked)) HIDDEN void name(void);                             \
    __attribute__((naked)) HIDDEN void name(void) {                            \
        __asm__ volatile("push {r4, lr}\n sub sp, #16\n"                       \
                         "add r4, sp, #8\n str r4, [sp]\n"                     \
                         "bl " function "\n"                                   \
                         "ldrd r2, r3, [sp, #8]\n"                             \
                         "add sp, #16\n pop {r4, pc}" ::                       \
                             :);                                               \
    }
// Memory by the names of the ABI's own ("Run-time ABI for the ARM
// Architecture", 4.3.4), which say how it is aligned, and take a byte last.
#define SYS_MEMORY(suffix)                                                     \
    HIDDEN void __aeabi_memcpy##suffix(void *to, const void *from,             \
                                       uintptr_t len);                         \
    HIDDEN void __aeabi_memset##suffix(void *to, uintptr_t len, int byte);     \
    HIDDEN void __aeabi_memclr##suffix(void *to, uintptr_t len);               \
    void __aeabi_memcpy##suffix(void *to, const void *from, uintptr_t len) {   \
        mct_copy(to, from, len);                                               \
    }                                                                          \
    void __aeabi_memset##suffix(void *to, uintptr_t len, int byte) {           \
        for (uintptr_t i = 0; i < len; i++)                                    \
            ((uint8_t *)to)[i] = (uint8_t)byte;                                \
    }                                                                          \
    void __aeabi_memclr##suffix(void *to, uintptr_t len) {                     \
        for (uintptr_t i = 0; i < len; i++)                                    \
            ((uint8_t *)to)[i] = 0;                                            \
    }
#define SYS_DEFINE_LIBCALLS                                                    \
    SYS_MEMORY()                                                               \
    SYS_MEMORY(4)                                                              \
    SYS_MEMORY(8)                                                              \
    SYS_DIVIDE_LONG(__aeabi_uldivmod, "__udivmoddi4")                          \
    SYS_DIVIDE_LONG(__aeabi_ldivmod, "__divmoddi4")                            \
    HIDDEN uint64_t __aeabi_uidivmod(uint32_t value, uint32_t by);             \
    HIDDEN uint64_t __aeabi_idivmod(int32_t value, int32_t by);                \
    HIDDEN uint32_t __aeabi_uidiv(uint32_t value, uint32_t by);                \
    HIDDEN int32_t __aeabi_idiv(int32_t value, int32_t by);                    \
    uint64_t __aeabi_uidivmod(uint32_t value, uint32_t by) {                   \
        uint64_t rest;                                                         \
        uint64_t result = __udivmoddi4(value, by, &rest);                      \
        return rest << 32 | result;                                            \
    }                                                                          \
    uint64_t __aeabi_idivmod(int32_t value, int32_t by) {                      \
        int64_t rest, result = __divmoddi4(value, by, &rest);                  \
        return (uint64_t)rest << 32 | (uint32_t)result;                        \
    }                                                                          \
    uint32_t __aeabi_uidiv(uint32_t value, uint32_t by) {                      \
        return (uint32_t)__udivdi3(value, by);                                 \
    }                                                                          \
    int32_t __aeabi_idiv(int32_t value, int32_t by) {                          \
        return (int32_t)__divdi3(value, by);                                   \
    }

// The same of handlers without SA_SIGINFO: sigreturn, number 119.
#define SYS_PLAIN_CONTEXT_OFF 0
static inline bool sys_is_plain_return(uint64_t bytes) {
    return sys_is_return_by(bytes, 119);
}

#define SYS_DEFINE_GUARD                                                       \
    __attribute__((naked)) HIDDEN uint64_t sys_guarded_copy(                   \
        void *to, const void *from, uint64_t len) {                            \
        __asm__ volatile("push {r4, lr}\n" SYS_LOAD_MARK "adr.w r3, 9f\n"      \
                         "subs r2, #4\n blo 4f\n"                              \
                         "1: ldr r4, [r1], #4\n str r4, [r0], #4\n"            \
                         "subs r2, #4\n bhs 1b\n"                              \
                         "4: adds r2, #4\n beq 7f\n"                           \
                         "5: ldrb r4, [r1], #1\n strb r4, [r0], #1\n"          \
                         "subs r2, #1\n bne 5b\n"                              \
                         "7: movs r0, #0\n b 8f\n"                             \
                         "9: movs r0, #1\n"                                    \
                         "8: movs r1, #0\n mov r12, r1\n pop {r4, pc}" ::      \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN int64_t sys_guarded_text(                    \
        char *to, const char *from, uint64_t most) {                           \
        __asm__ volatile("push {r4, r5, r6, lr}\n" SYS_LOAD_MARK               \
                         "adr.w r3, 9f\n mov r5, r2\n"                         \
                         "1: cbz r2, 8f\n"                                     \
                         "ldrb r4, [r1], #1\n cbz r4, 8f\n"                    \
                         "strb r4, [r0], #1\n subs r2, #1\n b 1b\n"            \
                         "8: subs r0, r5, r2\n movs r1, #0\n b 7f\n"           \
                         "9: mov r0, #-1\n mov r1, #-1\n"                      \
                         "7: mov r12, #0\n pop {r4, r5, r6, pc}" ::            \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN void sys_signal_return(void) {               \
        __asm__ volatile("movs r7, #173\n svc #0" :::);                        \
    }                                                                          \
    __attribute__((naked, aligned(16))) HIDDEN void sys_stubs(void) {          \
        __asm__ volatile(".set .Lstub, 0\n"                                    \
                         ".rept 64\n .balign 16\n movw r3, #.Lstub\n"          \
                         "b.w 1f\n .set .Lstub, .Lstub + 1\n .endr\n"          \
                         "1: push {r0-r2, lr}\n"                               \
                         "bl mct_guard_signal\n"                               \
                         "mov r12, r0\n"                                       \
                         "pop.w {r0-r2, lr}\n"                                 \
                         "cmp.w r12, #0\n beq 2f\n bx r12\n"                   \
                         "2: bx lr" ::                                         \
                             :);                                               \
    }

#endif
