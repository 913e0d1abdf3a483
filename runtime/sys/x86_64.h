// sys/x86_64.h: what the runtime needs of x86-64 and its Linux: the system
// call, the ways in, and the cycle counter.
//
// System calls follow the kernel's ABI (psABI, appendix A.2): number in rax,
// arguments in rdi, rsi, rdx, r10, r8, r9; rcx and r11 are lost; -4095..-1 in
// rax is a negated error number.

#ifndef MCTRACE_SYS_X86_64_H
#define MCTRACE_SYS_X86_64_H

enum sys_number {
    SYS_read = 0,
    SYS_write = 1,
    SYS_close = 3,
    SYS_fstat = 5,
    SYS_mmap = 9,
    SYS_mprotect = 10,
    SYS_munmap = 11,
    SYS_rt_sigprocmask = 14,
    SYS_writev = 20,
    SYS_getpid = 39,
    SYS_kill = 62,
    SYS_ftruncate = 77,
    SYS_readlink = 89,
    SYS_fchmod = 91,
    SYS_getuid = 102,
    SYS_getgid = 104,
    SYS_geteuid = 107,
    SYS_getppid = 110,
    SYS_prctl = 157,
    SYS_gettid = 186,
    SYS_clock_gettime = 228,
    SYS_tgkill = 234,
    SYS_exit_group = 231,
    SYS_openat = 257,
    SYS_newfstatat = 262,
    SYS_unlinkat = 263,
    SYS_fallocate = 285,
    SYS_prlimit64 = 302,
    SYS_getcpu = 309,
    SYS_process_vm_readv = 310,
    SYS_process_vm_writev = 311
};

#define SYS_LOCKED_BYTE 0xf0 // the lock prefix

// open(2)'s flags that differ between machines.
#define SYS_O_NOFOLLOW 0400000

struct sys_stat {
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev;
    int64_t size, block_size, blocks;
    uint64_t times[6];
    int64_t unused[3];
};
_Static_assert(sizeof(struct sys_stat) == 144, "the kernel's struct stat");

static inline long sys_call6(long number, long a, long b, long c, long d,
                             long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long sys_call3(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

// The cycle counter, not ordered against other instructions: probes measure
// more than the few instructions it may drift over.
static inline uint64_t sys_cycles(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// Whether the counter runs at one rate in all states of the processor (SDM,
// CPUID leaf 0x80000007, EDX bit 8).
static inline bool sys_cycles_are_steady(void) {
    uint32_t a = 0x80000000, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a < 0x80000007)
        return false;
    a = 0x80000007;
    c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (d >> 8 & 1) != 0;
}

// Ways in. A program starts with the stack as the kernel made it; rdx holds
// what ld.so wants to be called at exit, the others must not be relied on to
// be dead either. A library's init function may have three arguments, which
// are handed on.
#define SYS_DEFINE_ENTRIES                                                     \
    __attribute__((naked)) HIDDEN void mct_entry(void) {                       \
        __asm__ volatile("push %%rax\n push %%rcx\n push %%rdx\n"              \
                         "push %%rsi\n push %%rdi\n push %%r8\n"               \
                         "push %%r9\n push %%r10\n push %%r11\n"               \
                         "lea 72(%%rsp), %%rdi\n"                              \
                         "call %P0\n"                                          \
                         "pop %%r11\n pop %%r10\n pop %%r9\n"                  \
                         "pop %%r8\n pop %%rdi\n pop %%rsi\n"                  \
                         "pop %%rdx\n pop %%rcx\n pop %%rax\n"                 \
                         "jmp %P1"                                             \
                         :                                                     \
                         : "i"(mct_start), "i"(mct_original_entry));           \
    }                                                                          \
    __attribute__((naked)) HIDDEN void mct_init(void) {                        \
        __asm__ volatile("push %%rdi\n push %%rsi\n push %%rdx\n"              \
                         "call %P0\n"                                          \
                         "pop %%rdx\n pop %%rsi\n pop %%rdi\n"                 \
                         "jmp %P1"                                             \
                         :                                                     \
                         : "i"(mct_library_start), "i"(mct_original_init));    \
    }

#endif
