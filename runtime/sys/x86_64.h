// sys/x86_64.h: what the runtime needs of x86-64 and its Linux: the system
// call, the ways in, and the cycle counter.
//
// System calls follow the kernel's ABI (psABI, appendix A.2): number in rax,
// arguments in rdi, rsi, rdx, r10, r8, r9; rcx and r11 are lost; -4095..-1 in
// rax is a negated error number.

#ifndef MCTRACE_SYS_X86_64_H
#define MCTRACE_SYS_X86_64_H

#define SYS_SAVES_MOST , preserve_most

enum sys_number {
    SYS_read = 0,
    SYS_write = 1,
    SYS_close = 3,
    SYS_fstat = 5,
    SYS_mmap = 9,
    SYS_mprotect = 10,
    SYS_munmap = 11,
    SYS_rt_sigaction = 13,
    SYS_rt_sigprocmask = 14,
    SYS_pwrite64 = 18,
    SYS_writev = 20,
    SYS_madvise = 28,
    SYS_getpid = 39,
    SYS_exit = 60,
    SYS_kill = 62,
    SYS_ftruncate = 77,
    SYS_getcwd = 79,
    SYS_fchmod = 91,
    SYS_getuid = 102,
    SYS_getgid = 104,
    SYS_geteuid = 107,
    SYS_getegid = 108,
    SYS_getppid = 110,
    SYS_getpgid = 121,
    SYS_getpriority = 140,
    SYS_getsid = 124,
    SYS_prctl = 157,
    SYS_sigaltstack = 131,
    SYS_gettid = 186,
    SYS_clock_gettime = 228,
    SYS_tgkill = 234,
    SYS_exit_group = 231,
    SYS_openat = 257,
    SYS_newfstatat = 262,
    SYS_unlinkat = 263,
    SYS_readlinkat = 267,
    SYS_fallocate = 285,
    SYS_rt_tgsigqueueinfo = 297,
    SYS_prlimit64 = 302,
    SYS_getcpu = 309,
    SYS_clone = 56,
    SYS_futex = 202,
    SYS_getdents64 = 217,
    SYS_ppoll = 271,
    SYS_poll = 7,
    SYS_nanosleep = 35,
    SYS_restart_syscall = 219,
    SYS_clock_nanosleep = 230,
    SYS_pwritev = 296,
    SYS_process_vm_readv = 310,
    SYS_process_vm_writev = 311
};

#define SYS_LOCKED_BYTE 0xf0 // the lock prefix

// open(2)'s flags that differ between machines.
#define SYS_O_DIRECTORY 0200000
#define SYS_O_NOFOLLOW  0400000
#define SYS_O_LARGEFILE 0 // files are
#define SYS_SA_RESTORER 0x04000000u

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

#define SYS_EXCHANGE
#define SYS_ZERO
#include "linux.h"

// The cycle counter, not ordered against other instructions: probes measure
// more than the few instructions it may drift over.
static inline uint64_t sys_cycles(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// The processor that runs this, by what Linux keeps in IA32_TSC_AUX: number in
// the low 12 bits. `has_pid`: the instruction that reads it alone is there.
static inline uint16_t sys_cpu(bool has_pid) {
    uint64_t aux;
    if (has_pid)
        __asm__ volatile("rdpid %0" : "=r"(aux));
    else
        __asm__ volatile("rdtscp" : "=c"(aux) : : "rax", "rdx");
    return (uint16_t)(aux & 0xfff);
}

// RDPID: CPUID leaf 7, ECX bit 22.
static inline bool sys_has_cpu(void) {
    uint32_t a = 0, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a < 7)
        return false;
    a = 7;
    c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (c >> 22 & 1) != 0;
}

// A register by which threads differ: the base of fs, where the psABI has
// their control block.
static inline uintptr_t sys_thread_base(void) {
    uintptr_t base;
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

// Whether that may be read: the kernel says so by bit 1 of AT_HWCAP2 in the
// auxiliary vector (Documentation/arch/x86/x86_64/fsgs.rst).
#define SYS_PR_GET_AUXV 0x41555856
static inline bool sys_has_thread_base(void) {
    uint64_t pairs[64];
    long len = sys_call6(SYS_prctl, SYS_PR_GET_AUXV, (long)pairs, sizeof pairs,
                         0, 0, 0);
    if (len < 0) {
        long fd = sys_call6(SYS_openat, -100, (long)"/proc/self/auxv", 02000000,
                            0, 0, 0);
        if (fd < 0)
            return false;
        len = sys_call3(SYS_read, fd, (long)pairs, sizeof pairs);
        sys_call3(SYS_close, fd, 0, 0);
    }
    if (len > (long)sizeof pairs)
        len = sizeof pairs;
    for (long i = 0; i + 2 <= len / 8; i += 2)
        if (pairs[i] == 26) // AT_HWCAP2
            return (pairs[i + 1] & 2) != 0;
    return false;
}

static inline void sys_zero(uint64_t *at, uint64_t count) {
    __asm__ volatile("rep stosq" : "+D"(at), "+c"(count) : "a"(0) : "memory");
}

// One instruction, so that no signal handler comes between, but no more than
// that: other threads may.
static inline bool sys_exchange(uint8_t **at, uint8_t *seen, uint8_t *next) {
    bool is_done;
    __asm__ volatile("cmpxchgq %3, %1"
                     : "=@ccz"(is_done), "+m"(*at), "+a"(seen)
                     : "r"(next)
                     : "memory");
    return is_done;
}

// In a loop that waits for another thread.
static inline void sys_pause(void) {
    __asm__ volatile("pause");
}

// Around code that may use more than general registers, and wants the stack
// aligned as the psABI has it.
#define SYS_FOREIGN __attribute__((noinline, force_align_arg_pointer))
struct sys_floats {
    _Alignas(16) uint8_t area[512];
};
static inline void sys_keep_floats(struct sys_floats *floats) {
    __asm__ volatile("fxsave64 %0" : "=m"(*floats));
}
static inline void sys_restore_floats(struct sys_floats *floats) {
    __asm__ volatile("fxrstor64 %0" : : "m"(*floats));
}

static inline uint64_t sys_stack(void) {
    uint64_t stack;
    __asm__ volatile("mov %%rsp, %0" : "=r"(stack));
    return stack;
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

// How many cycles, at most, the two readings of clock.c may take.
static inline uint64_t sys_moment(void) {
    return 65536;
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

// A thread of ours: on `stack`, with a block at `base` in place of a control
// block, it runs a function and ends (clone(2): CLONE_VM, FS, FILES, SIGHAND,
// THREAD, SYSVSEM, SETTLS). Negative: it cannot be had.
static inline long sys_start_thread(void *stack, uint64_t base,
                                    void (*run)(void)) {
    register uint64_t r8 __asm__("r8") = base;
    register void (*r9)(void) __asm__("r9") = run;
    register uint64_t r10 __asm__("r10") = 0;
    long result;
    __asm__ volatile("syscall\n"
                     "test %%rax, %%rax\n"
                     "jnz 1f\n"
                     "xor %%ebp, %%ebp\n"
                     "call *%%r9\n"
                     "mov %[exit], %%eax\n"
                     "xor %%edi, %%edi\n"
                     "syscall\n"
                     "ud2\n"
                     "1:"
                     : "=a"(result)
                     : "a"(SYS_clone), "D"(0xd0f00), "S"(stack), "d"(0),
                       "r"(r10), "r"(r8), "r"(r9), [exit] "i"(SYS_exit)
                     : "rcx", "r11", "memory");
    return result;
}

// Where a handler's thread was: rip in the kernel's ucontext.
static inline uint64_t sys_interrupted_at(const void *context) {
    return ((const uint64_t *)context)[21];
}

// Whether a handler has interrupted a system call that now fails with EINTR,
// right behind its instruction, and which: C libraries load the number in the
// instruction before. -1: none, or not to be told.
static inline bool sys_is_call(const uint8_t code[7]) {
    return code[0] == 0xb8 && code[5] == 0x0f && code[6] == 0x05;
}
static inline long sys_interrupted_call(const void *context,
                                        bool (*read)(void *, uint64_t,
                                                     uint64_t)) {
    const uint64_t *words = context;
    uint8_t code[7];
    if ((int64_t)words[18] != -4 || !read(code, words[21] - 7, sizeof code) ||
        !sys_is_call(code))
        return -1;
    return code[1] | code[2] << 8 | code[3] << 16;
}
// It is made again when the handler returns, or has returned `result`.
static inline void sys_call_again(void *context, long number) {
    uint64_t *words = context;
    words[18] = (uint64_t)number;
    words[21] -= 2;
}
static inline void sys_call_returned(void *context, long result) {
    ((uint64_t *)context)[18] = (uint64_t)result;
}

// Those that restart_syscall(2) goes on with.
static inline bool sys_is_resumed(long number) {
    return number == SYS_poll || number == SYS_nanosleep ||
           number == SYS_clock_nanosleep || number == SYS_futex;
}

// Touching memory that may not be there; see guard.c. While r11 holds the mark
// a fault goes on at the address in r10, which is behind the instruction that
// did it.
#define SYS_MARK          0x647261756774636dull // "mctguard"
#define SYS_MARK_TEXT     "0x647261756774636d"
// The kernel's ucontext has general registers from word 5 on: r8 to r15, rdi,
// rsi, rbp, rbx, rdx, rax, rcx, rsp, rip.
#define SYS_MARK_WORD     8
#define SYS_RECOVERY_WORD 7
#define SYS_CONTEXT_PC    21
#define SYS_MARK_REGISTER "r11"
#define SYS_LOAD_1        "movzbl (%[at]), %k[word]"
#define SYS_LOAD_2        "movzwl (%[at]), %k[word]"
#define SYS_LOAD_4        "movl (%[at]), %k[word]"
#define SYS_LOAD_8        "movq (%[at]), %[word]"
#define SYS_GUARDED_LOAD(load)                                                 \
    __asm__ volatile("lea 1f(%%rip), %%r10\n" load "\n"                        \
                     "1: mov %%r11, %[is_there]\n"                             \
                     "xor %%r11d, %%r11d"                                      \
                     : [word] "+&r"(word), [is_there] "=&r"(is_there),         \
                       "+r"(mark)                                              \
                     : [at] "r"(at)                                            \
                     : "r10", "memory", "cc")

#include "guarded.h"

// Walking stacks; see unwind.c. The registers that are followed, by DWARF
// number: rsp, rbx, rbp, r12 to r15; where the kernel puts each, and rip, when
// it delivers a signal, in words of its ucontext, which lies SYS_CONTEXT_OFF
// above sp when the handler has returned.
#define SYS_BASE_COUNT    7
#define SYS_BASES         {7, 3, 6, 12, 13, 14, 15}
#define SYS_BASE_FP       2
#define SYS_SIGNAL_WORDS  {20, 16, 15, 9, 10, 11, 12, SYS_CONTEXT_PC}
#define SYS_CONTEXT_OFF   0
// Columns of call frame information that matter, and the return address's.
#define SYS_COLUMNS       17
#define SYS_RETURN_COLUMN 16

static inline uint64_t sys_code_address(uint64_t value) {
    return value;
}

// Whether these are the bytes, and those from the sixth on, of where handlers
// return to: mov $15, %rax (or %eax); syscall.
static inline bool sys_is_signal_return(uint64_t bytes, uint32_t later) {
    return (bytes == 0x0f0000000fc0c748 && later == 0x050f0000) ||
           (bytes & 0xffffffffffffff) == 0x050f0000000fb8;
}

#define SYS_DEFINE_GUARD                                                       \
    __attribute__((naked)) HIDDEN uint64_t sys_guarded_copy(                   \
        void *to, const void *from, uint64_t len) {                            \
        __asm__ volatile("movabs $" SYS_MARK_TEXT ", %%r11\n"                  \
                         "lea 9f(%%rip), %%r10\n"                              \
                         "cmp $8, %%rdx\n jb 4f\n"                             \
                         "1: mov (%%rsi), %%rax\n mov %%rax, (%%rdi)\n"        \
                         "add $8, %%rsi\n add $8, %%rdi\n"                     \
                         "sub $8, %%rdx\n cmp $8, %%rdx\n jae 1b\n"            \
                         "4: test $4, %%dl\n jz 5f\n"                          \
                         "mov (%%rsi), %%eax\n mov %%eax, (%%rdi)\n"           \
                         "add $4, %%rsi\n add $4, %%rdi\n"                     \
                         "5: test $2, %%dl\n jz 6f\n"                          \
                         "movzwl (%%rsi), %%eax\n mov %%ax, (%%rdi)\n"         \
                         "add $2, %%rsi\n add $2, %%rdi\n"                     \
                         "6: test $1, %%dl\n jz 7f\n"                          \
                         "movzbl (%%rsi), %%eax\n mov %%al, (%%rdi)\n"         \
                         "7: xor %%eax, %%eax\n xor %%r11d, %%r11d\n ret\n"    \
                         "9: mov $1, %%eax\n xor %%r11d, %%r11d\n ret" ::      \
                             :);                                               \
    }                                                                          \
    __attribute__((naked)) HIDDEN int64_t sys_guarded_text(                    \
        char *to, const char *from, uint64_t most) {                           \
        __asm__ volatile(                                                      \
            "push %%rdi\n"                                                     \
            "movabs $0x0101010101010101, %%r8\n"                               \
            "movabs $0x8080808080808080, %%r9\n"                               \
            "movabs $" SYS_MARK_TEXT ", %%r11\n"                               \
            "lea 9f(%%rip), %%r10\n"                                           \
            "1: cmp $8, %%rdx\n jb 3f\n"                                       \
            "mov %%esi, %%eax\n and $4095, %%eax\n"                            \
            "cmp $4088, %%eax\n ja 4f\n"                                       \
            "mov (%%rsi), %%rax\n mov %%rax, (%%rdi)\n"                        \
            "mov %%rax, %%rcx\n sub %%r8, %%rcx\n not %%rax\n"                 \
            "and %%r9, %%rax\n and %%rcx, %%rax\n jnz 7f\n"                    \
            "add $8, %%rsi\n add $8, %%rdi\n sub $8, %%rdx\n jmp 1b\n"         \
            "3: test %%rdx, %%rdx\n jz 8f\n"                                   \
            "4: movzbl (%%rsi), %%eax\n test %%al, %%al\n jz 8f\n"             \
            "mov %%al, (%%rdi)\n inc %%rsi\n inc %%rdi\n dec %%rdx\n jmp 1b\n" \
            "7: bsf %%rax, %%rax\n shr $3, %%eax\n add %%rax, %%rdi\n"         \
            "8: pop %%rcx\n mov %%rdi, %%rax\n sub %%rcx, %%rax\n"             \
            "xor %%r11d, %%r11d\n ret\n"                                       \
            "9: pop %%rcx\n mov $-1, %%rax\n xor %%r11d, %%r11d\n ret" ::      \
                :);                                                            \
    }                                                                          \
    __attribute__((naked)) HIDDEN void sys_signal_return(void) {               \
        __asm__ volatile("mov $15, %%rax\n syscall" :::);                      \
    }                                                                          \
    __attribute__((naked, aligned(16))) HIDDEN void sys_stubs(void) {          \
        __asm__ volatile(".set .Lstub, 0\n"                                    \
                         ".rept 64\n .balign 16\n mov $.Lstub, %%ecx\n"        \
                         "jmp 1f\n .set .Lstub, .Lstub + 1\n .endr\n"          \
                         "1: push %%rdi\n push %%rsi\n push %%rdx\n"           \
                         "call %P0\n"                                          \
                         "pop %%rdx\n pop %%rsi\n pop %%rdi\n"                 \
                         "mov %%rax, %%rcx\n xor %%eax, %%eax\n"               \
                         "test %%rcx, %%rcx\n jz 2f\n jmp *%%rcx\n"            \
                         "2: ret"                                              \
                         :                                                     \
                         : "i"(mct_guard_signal));                             \
    }

#endif
