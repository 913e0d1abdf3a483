// semihosting.c: messages to a file on the debugger's or emulator's host,
// "mctrace.stream" in its folder, by ARM's and RISC-V's semihosting calls.
//
// The processor stops for each call: this is for the desk, not for the field.

#include "platform.h"

enum { SYS_OPEN = 1, SYS_WRITE = 5, MODE_APPEND_BINARY = 9 };

static intptr_t call(intptr_t operation, const void *arguments) {
#if defined(__riscv)
    register intptr_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = arguments;
    // The three must not be compressed, nor lie across a page.
    __asm__ volatile(".option push\n.option norvc\n.balign 16\n"
                     "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n"
                     ".option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return a0;
#elif defined(__aarch64__)
    register intptr_t x0 __asm__("x0") = operation;
    register const void *x1 __asm__("x1") = arguments;
    __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
    return x0;
#elif defined(__arm__)
    register intptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
    __asm__ volatile("bkpt #0xab" : "+r"(r0) : "r"(r1) : "memory");
#else
    __asm__ volatile("svc #0xab" : "+r"(r0) : "r"(r1) : "memory");
#endif
    return r0;
#else
#error "this machine has no semihosting"
#endif
}

static intptr_t file; // one more than its handle; 0: not open yet

static void put(const void *data, size_t size) {
    const uintptr_t arguments[] = {(uintptr_t)(file - 1), (uintptr_t)data,
                                   size};
    call(SYS_WRITE, arguments);
}

void platform_send(int channel, const void *data, size_t size) {
    static const char name[] = "mctrace.stream";
    const uintptr_t arguments[] = {(uintptr_t)name, MODE_APPEND_BINARY,
                                   sizeof name - 1};
    const uint32_t head[2] = {(uint32_t)channel, (uint32_t)size};
    if (file == 0)
        file = call(SYS_OPEN, arguments) + 1;
    if (file == 0)
        return;
    put(head, sizeof head);
    put(data, size);
}
