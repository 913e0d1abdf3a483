// What is hard to move on AArch64: whatever mentions the pc, a loop that must
// not be disturbed, registers that are all in use. The counts are those of
// qemu's own log of what it executes (-singlestep -d exec).
#include <stdint.h>
#include <stdio.h>

__asm__(".text\n"
        ".balign 4\n"
        // A literal of each size among the code, and prefetching one.
        ".globl t_literals\n.type t_literals, %function\nt_literals:\n"
        "    ldr  w1, 1f\n    ldr  x2, 2f\n    ldrsw x3, 1f\n"
        "    prfm pldl1keep, 2f\n    ldr  d0, 2f\n    ldr  q1, 3f\n"
        "    fmov x4, d0\n    fmov x5, d1\n    umov x6, v1.d[1]\n"
        "    add  x0, x1, x2\n    add  x0, x0, x3\n    add  x0, x0, x4\n"
        "    eor  x0, x0, x5\n    eor  x0, x0, x6\n    ret\n"
        "1:  .word 0x80000001\n2:  .quad 0x1122334455667788\n"
        "3:  .quad 0x0102030405060708, 0x1112131415161718\n"
        ".size t_literals, . - t_literals\n"
        // Addresses relative to the pc, and every kind of branch.
        ".globl t_branches\n.type t_branches, %function\nt_branches:\n"
        "    adr  x3, t_branches\n    adrp x4, t_branches\n"
        "    add  x4, x4, :lo12:t_branches\n    sub  x3, x3, x4\n"
        "    mov  x5, #0\n"
        "1:  cbz  x0, 2f\n    tbz  x0, #0, 3f\n    add  x5, x5, #1\n"
        "3:  tbnz w0, #1, 4f\n    add  x5, x5, #16\n"
        "4:  sub  x0, x0, #1\n    cbnz x0, 1b\n"
        "2:  cmp  x5, #40\n    b.hi 5f\n    mov  x5, #1000\n"
        "5:  add  x0, x5, x3\n    ret\n"
        ".size t_branches, . - t_branches\n"
        // The entry is the head of a loop of load- and store-exclusive.
        ".globl t_exclusive\n.type t_exclusive, %function\nt_exclusive:\n"
        "    ldaxr x2, [x0]\n    add  x2, x2, x1\n    stlxr w3, x2, [x0]\n"
        "    cbnz w3, t_exclusive\n    mov  x0, x2\n    ret\n"
        ".size t_exclusive, . - t_exclusive\n"
        // The flags and all temporaries live from one end to the other.
        ".globl t_live\n.type t_live, %function\nt_live:\n"
        "    mov  x9, #9\n    mov  x10, #10\n    mov  x11, #11\n"
        "    mov  x12, #12\n    mov  x13, #13\n    mov  x14, #14\n"
        "    mov  x15, #15\n    mov  x16, #16\n    mov  x17, #17\n"
        "    mov  x8, #8\n    cmp  x0, #5\n    nop\n    nop\n"
        "    adc  x0, x0, xzr\n    cset x1, lt\n    add  x0, x0, x1\n"
        "    add  x0, x0, x8\n    add  x0, x0, x9, lsl #1\n"
        "    add  x0, x0, x10, lsl #2\n    add  x0, x0, x11, lsl #3\n"
        "    add  x0, x0, x12, lsl #4\n    add  x0, x0, x13, lsl #5\n"
        "    add  x0, x0, x14, lsl #6\n    add  x0, x0, x15, lsl #7\n"
        "    add  x0, x0, x16, lsl #8\n    add  x0, x0, x17, lsl #9\n"
        "    ret\n.size t_live, . - t_live\n"
        // A frame that moves sp in all ways, a call by a register, by x30
        // itself, and a tail call.
        ".globl t_calls\n.type t_calls, %function\nt_calls:\n"
        "    stp  x29, x30, [sp, #-32]!\n    mov  x29, sp\n"
        "    str  x0, [sp, #16]\n    adr  x1, t_leaf\n    blr  x1\n"
        "    str  x0, [sp, #24]\n    adr  x30, t_leaf\n    blr  x30\n"
        "    ldp  x1, x2, [sp, #16]\n    add  x0, x0, x1\n"
        "    add  x0, x0, x2\n    ldp  x29, x30, [sp], #32\n"
        "    b    t_leaf\n.size t_calls, . - t_calls\n"
        ".globl t_leaf\n.type t_leaf, %function\nt_leaf:\n"
        "    add  x0, x0, #3\n    ret\n.size t_leaf, . - t_leaf\n"
        // Returns by another register, and a switch of bytes.
        ".globl t_switch\n.type t_switch, %function\nt_switch:\n"
        "    mov  x9, x30\n    and  x0, x0, #3\n    adr  x1, 9f\n"
        "    ldrb w2, [x1, w0, uxtw]\n    adr  x3, 0f\n"
        "    add  x3, x3, w2, sxtb #2\n    br   x3\n"
        "0:  mov  x0, #100\n    ret  x9\n1:  mov  x0, #200\n    ret  x9\n"
        "2:  mov  x0, #300\n3:  add  x0, x0, #1\n    ret  x9\n"
        "9:  .byte 0, 2, 4, 5\n.size t_switch, . - t_switch\n");

uint64_t t_literals(void), t_branches(uint64_t), t_live(uint64_t);
uint64_t t_exclusive(uint64_t *, uint64_t), t_calls(uint64_t);
uint64_t t_switch(uint64_t);

int main(void) {
    uint64_t cell = 5, sum = 0;
    printf("%lx\n", t_literals());
    for (uint64_t i = 0; i < 8; i++)
        printf("%lu %lu %lu %lu\n", t_branches(i), t_live(i), t_calls(i),
               t_switch(i));
    for (uint64_t i = 0; i < 3; i++)
        sum += t_exclusive(&cell, i);
    printf("%lu %lu\n", sum, cell);
    return 0;
}

// >>> builds
// static-aarch64
// >>> script
// pid$target:a.out:t_*:entry { @[probefunc, probename] = count(); }
// pid$target:a.out:t_*:return { @[probefunc, probename] = count(); }
// pid$target:a.out:t_[!e]*: { @all[probefunc] = count(); }
// >>> text
//
//   t_literals                                          entry                                                             1
//   t_literals                                          return                                                            1
//   t_exclusive                                         entry                                                             3
//   t_exclusive                                         return                                                            3
//   t_branches                                          entry                                                             8
//   t_branches                                          return                                                            8
//   t_calls                                             entry                                                             8
//   t_calls                                             return                                                            8
//   t_live                                              entry                                                             8
//   t_live                                              return                                                            8
//   t_switch                                            entry                                                             8
//   t_switch                                            return                                                            8
//   t_leaf                                              entry                                                            24
//   t_leaf                                              return                                                           24
//   t_literals                                                       17
//   t_switch                                                         90
//   t_leaf                                                           96
//   t_calls                                                         120
//   t_live                                                          232
//   t_branches                                                      264
