// linux.c: Linux as a platform: messages to a file descriptor that whoever
// starts the program has opened, memory and time by system calls. For programs
// whose messages shall go down a pipe:
//
//     ./program 7>&1 >/dev/null | mctrace extract -m mapping --stream=-
//
// -DSTREAM_FD=number chooses another descriptor. A library as freestanding as
// the runtime: no C library is called, no errno is touched.

#include "platform.h"

// Registers of floating point and vectors stay the program's.
#if defined(__GNUC__) && !defined(__clang__) &&                                \
    (defined(__aarch64__) || defined(__arm__))
#pragma GCC target("general-regs-only")
#endif

#ifndef STREAM_FD
#define STREAM_FD 7
#endif

#if defined(__x86_64__)
enum { SYS_WRITEV = 20, SYS_MMAP = 9, SYS_CLOCK = 228 };
#define REGISTERS rax, rdi, rsi, rdx, r10, r8, r9
#define TRAP      "syscall"
#define LOST      , "rcx", "r11"
#elif defined(__aarch64__)
enum { SYS_WRITEV = 66, SYS_MMAP = 222, SYS_CLOCK = 113 };
#define REGISTERS x8, x0, x1, x2, x3, x4, x5
#define TRAP      "svc #0"
#define LOST
#elif defined(__arm__)
enum { SYS_WRITEV = 146, SYS_MMAP = 192, SYS_CLOCK = 403 };
#define TRAP "svc #0"
#elif defined(__riscv)
enum { SYS_WRITEV = 66, SYS_MMAP = 222, SYS_CLOCK = 113 };
#define REGISTERS a7, a0, a1, a2, a3, a4, a5
#define TRAP      "ecall"
#define LOST
#elif defined(__powerpc__)
enum { SYS_WRITEV = 146, SYS_MMAP = 192, SYS_CLOCK = 403 };
#define TRAP "sc"
#else
#error "no system calls are known of this machine"
#endif

#if defined(__arm__)

// r7 may be the frame pointer, so it is changed within the assembly only.
static long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    register long r3 __asm__("r3") = d;
    register long r4 __asm__("r4") = e;
    register long r5 __asm__("r5") = f;
    __asm__ volatile("mov r12, r7\n mov r7, %1\n svc #0\n mov r7, r12"
                     : "+r"(r0)
                     : "r"(number), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
                     : "r12", "memory");
    return r0;
}

#elif defined(__powerpc__)

// An error is told by the summary overflow, and its number is positive.
static long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long r0 __asm__("r0") = number;
    register long r3 __asm__("r3") = a;
    register long r4 __asm__("r4") = b;
    register long r5 __asm__("r5") = c;
    register long r6 __asm__("r6") = d;
    register long r7 __asm__("r7") = e;
    register long r8 __asm__("r8") = f;
    __asm__ volatile("sc\n bns+ 1f\n neg 3, 3\n1:"
                     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6),
                       "+r"(r7), "+r"(r8)
                     :
                     : "r9", "r10", "r11", "r12", "cr0", "ctr", "memory");
    return r3;
}

#else

#define TEXT_(name) #name
#define TEXT(name)  TEXT_(name)
#define CALL6(n, r1, r2, r3, r4, r5, r6)                                       \
    static long call6(long number, long a, long b, long c, long d, long e,     \
                      long f) {                                                \
        register long in __asm__(TEXT(n)) = number;                            \
        register long one __asm__(TEXT(r1)) = a;                               \
        register long two __asm__(TEXT(r2)) = b;                               \
        register long three __asm__(TEXT(r3)) = c;                             \
        register long four __asm__(TEXT(r4)) = d;                              \
        register long five __asm__(TEXT(r5)) = e;                              \
        register long six __asm__(TEXT(r6)) = f;                               \
        __asm__ volatile(TRAP                                                  \
                         : "+r"(in), "+r"(one)                                 \
                         : "r"(two), "r"(three), "r"(four), "r"(five),         \
                           "r"(six)                                            \
                         : "memory" LOST);                                     \
        return RESULT;                                                         \
    }
#if defined(__x86_64__)
#define RESULT in
#else
#define RESULT one
#endif
#define CALL6_(...) CALL6(__VA_ARGS__)
CALL6_(REGISTERS)

#endif

void platform_send(int channel, const void *data, size_t size) {
    uint32_t head[2] = {(uint32_t)channel, (uint32_t)size};
    const struct {
        const void *base;
        size_t len;
    } parts[2] = {{head, sizeof head}, {data, size}};
    call6(SYS_WRITEV, STREAM_FD, (long)parts, 2, 0, 0, 0);
}

void *platform_alloc_memory(size_t size) {
    enum { READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22 };
    long at =
        call6(SYS_MMAP, 0, (long)size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
    return (unsigned long)at >= (unsigned long)-4095L ? NULL : (void *)at;
}

// The system call has times of 64 bits everywhere.
uint64_t platform_timestamp(void) {
    enum { MONOTONIC = 1 };
    int64_t now[2] = {0, 0};
    call6(SYS_CLOCK, MONOTONIC, (long)now, 0, 0, 0, 0);
    return (uint64_t)now[0] * 1000000000u + (uint64_t)now[1];
}
