// syscalls.c: the system calls of RISC-V Linux: the list that machines share,
// and two of its own.

#include "arch/riscv/riscv.h"

#define MACHINE_SYSCALLS                                                       \
    SYSCALL(258, riscv_hwprobe)                                                \
    SYSCALL(259, riscv_flush_icache)
#define SYSCALL(number, name) {number, #name},

const struct syscall_row riscv_syscalls[] = {
#include "arch/asm_generic.def"
    {0, NULL},
};
