// syscalls.c: the system calls of AArch64 Linux: the list that machines share.

#include "arch/aarch64/aarch64.h"

#define MACHINE_SYSCALLS
#define SYSCALL(number, name) {number, #name},

const struct syscall_row a64_syscalls[] = {
#include "arch/asm_generic.def"
    {0, NULL},
};
