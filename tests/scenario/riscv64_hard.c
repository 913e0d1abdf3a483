// What is hard to move on RISC-V: functions of 2 bytes, addresses in two
// halves, links other than ra, loops that must not be disturbed, a frame saved
// and restored by functions that many share. The counts are those of qemu's own
// log of what it executes (-singlestep -d exec).
#include <stdint.h>
#include <stdio.h>

#define BEGIN(name)                                                            \
    ".globl " name "\n.type " name ", @function\n" name ":\n .cfi_startproc\n"
#define END(name) " .cfi_endproc\n.size " name ", . - " name "\n"

__asm__(
    ".text\n.option arch, rv64gc\n.option norelax\n.balign 4\n"
    // Two bytes, and nothing to spare around them.
    BEGIN("t_bare") "    ret\n" END("t_bare")
        BEGIN("t_short") "    c.addi a0, 1\n    ret\n" END("t_short")
    // Long instructions at odd halves; a branch into the second one.
    BEGIN("t_odd") "    c.li a1, 3\n"
                   "1:  addi a0, a0, 5\n    c.addi a1, -1\n    bnez a1, 1b\n"
                   "    mul  a0, a0, a0\n    ret\n" END("t_odd")
    // The entry is the head of a loop of 2-byte instructions.
    BEGIN("t_loop") "    c.addi a0, -1\n    c.bnez a0, t_loop\n    c.li a0, "
                    "7\n    ret\n" END("t_loop")
    // Halves of addresses: the second adds, loads and stores; one first
    // half for two seconds, with other code in between.
    BEGIN("t_halves") "1:  auipc a1, %pcrel_hi(t_cell)\n    c.addi a0, 1\n"
                      "    ld   a2, %pcrel_lo(1b)(a1)\n    c.add a2, a0\n"
                      "    sd   a2, %pcrel_lo(1b)(a1)\n"
                      "2:  auipc a3, %pcrel_hi(t_halves)\n    addi a3, a3, "
                      "%pcrel_lo(2b)\n"
                      "    lla  a4, t_halves\n    c.sub a3, a4\n    add  a0, "
                      "a2, a3\n"
                      "    ret\n" END("t_halves")
    // A far call at the entry that links a register kept by hand; a far
    // tail call; a call by ra itself, and by a register plus a constant.
    BEGIN("t_calls") "    c.mv t3, ra\n    call t_short\n    lla  ra, t_short\n"
                     "    jalr ra, 0(ra)\n    lla  a1, t_short - 6\n    jalr "
                     "ra, 6(a1)\n"
                     "    lla  a1, t_short\n    c.jalr a1\n    c.mv ra, t3\n"
                     "    tail t_short\n" END("t_calls")
    // What is called links t0, and returns by it in three ways.
    BEGIN("t_other_link") "    jal  t0, t_by_t0\n1:  auipc t0, "
                          "%pcrel_hi(t_by_t0)\n"
                          "    jalr t0, %pcrel_lo(1b)(t0)\n    lla a1, "
                          "t_by_t0\n    jalr t0, 0(a1)\n"
                          "    ret\n" END("t_other_link") BEGIN(
                              "t_by_t0") "    andi a1, a0, 3\n    beqz a1, "
                                         "1f\n    c.addi a0, 9\n"
                                         "    jalr x0, 0(t0)\n1:  c.addi a0, "
                                         "6\n    c.jr t0\n" END("t_by_t0")
    // Branches of both lengths at the entry, and out of the function.
    BEGIN("t_branches") "    c.beqz a0, 2f\n    bltu a0, a1, 1f\n    c.addi "
                        "a0, 2\n"
                        "1:  bgeu a0, a1, t_short\n    blt  a1, a0, t_short\n  "
                        "  c.j 3f\n"
                        "2:  beq  a0, x0, t_bare\n    unimp\n3:  c.addi a0, "
                        "3\n    ret\n" END("t_branches")
    // Load-reserved at the entry, and atomic operations.
    BEGIN("t_exclusive") "    lr.d.aq a2, (a0)\n    c.add a2, a1\n    sc.d.rl "
                         "a3, a2, (a0)\n"
                         "    bnez a3, t_exclusive\n    amoadd.d a4, a1, (a0)\n"
                         "    c.addi sp, -16\n    amoswap.w x0, a1, (sp)\n    "
                         "c.addi sp, 16\n    c.mv a0, a2\n    ret\n" END(
                             "t_exclusive")
    // All registers that a call need not keep, from one end to the other.
    BEGIN("t_live") "    li   t0, 2\n    li   t1, 3\n    li   t2, 5\n    li   "
                    "t3, 7\n"
                    "    li   t4, 11\n    li   t5, 13\n    li   t6, 17\n    li "
                    "  a7, 19\n"
                    "    li   a6, 23\n    li   a5, 29\n    li   a4, 31\n    li "
                    "  a3, 37\n"
                    "    li   a2, 41\n    c.nop\n    c.nop\n"
                    "    mul  a0, a0, t0\n    add  a0, a0, t1\n    mul  a0, "
                    "a0, t2\n"
                    "    add  a0, a0, t3\n    mul  a0, a0, t4\n    add  a0, "
                    "a0, t5\n"
                    "    mul  a0, a0, t6\n    add  a0, a0, a7\n    mul  a0, "
                    "a0, a6\n"
                    "    add  a0, a0, a5\n    mul  a0, a0, a4\n    add  a0, "
                    "a0, a3\n"
                    "    mul  a0, a0, a2\n    ret\n" END("t_live")
    // A switch by offsets from the table, at the entry's frame.
    BEGIN("t_switch") "    andi a0, a0, 3\n    c.slli a0, 2\n    lla  a1, "
                      "t_table\n"
                      "    c.add a0, a1\n    c.lw a0, 0(a0)\n    c.add a0, "
                      "a1\n    c.jr a0\n"
                      "t_0: c.li a0, 1\n    ret\nt_1: c.li a0, 2\n"
                      "t_2: c.addi a0, 2\n    ret\nt_3: li a0, 300\n    "
                      "ret\n" END(
                          "t_switch") ".section .rodata\n.balign 4\nt_table:\n"
                                      "    .word t_0 - t_table, t_1 - t_table, "
                                      "t_2 - t_table, t_3 - t_table\n"
                                      ".section .data\n.balign 8\nt_cell: "
                                      ".dword 100\n.text\n");

uint64_t t_bare(uint64_t), t_short(uint64_t), t_odd(uint64_t), t_loop(uint64_t);
uint64_t t_halves(uint64_t), t_calls(uint64_t), t_other_link(uint64_t);
uint64_t t_branches(uint64_t, uint64_t), t_live(uint64_t), t_switch(uint64_t);
uint64_t t_exclusive(uint64_t *, uint64_t);

int main(void) {
    uint64_t cell = 5, sum = 0;
    for (uint64_t i = 0; i < 8; i++)
        printf("%lu %lu %lu %lu %lu %lu %lu %lu %lu %lu\n", t_bare(i),
               t_short(i), t_odd(i), t_loop(i + 1), t_halves(i), t_calls(i),
               t_other_link(i), t_branches(i, 4), t_live(i), t_switch(i));
    for (uint64_t i = 0; i < 3; i++)
        sum += t_exclusive(&cell, i);
    printf("%lu %lu\n", sum, cell);
    return 0;
}

// >>> builds
// static-riscv64
// >>> script
// pid$target:a.out:t_*:entry { @[probefunc, probename] = count(); }
// pid$target:a.out:t_*:return { @[probefunc, probename] = count(); }
// pid$target:a.out:t_[!e]*: { @all[probefunc] = count(); }
// >>> text
//
//   t_exclusive                                         entry                                                             3
//   t_exclusive                                         return                                                            3
//   t_branches                                          entry                                                             8
//   t_branches                                          return                                                            8
//   t_calls                                             entry                                                             8
//   t_calls                                             return                                                            8
//   t_halves                                            entry                                                             8
//   t_halves                                            return                                                            8
//   t_live                                              entry                                                             8
//   t_live                                              return                                                            8
//   t_loop                                              entry                                                             8
//   t_loop                                              return                                                            8
//   t_odd                                               entry                                                             8
//   t_odd                                               return                                                            8
//   t_other_link                                        entry                                                             8
//   t_other_link                                        return                                                            8
//   t_switch                                            entry                                                             8
//   t_switch                                            return                                                            8
//   t_bare                                              entry                                                             9
//   t_bare                                              return                                                            9
//   t_by_t0                                             entry                                                            24
//   t_by_t0                                             return                                                           24
//   t_short                                             entry                                                            52
//   t_short                                             return                                                           52
//   t_bare                                                           27
//   t_branches                                                       55
//   t_other_link                                                     64
//   t_switch                                                         98
//   t_loop                                                          104
//   t_halves                                                        112
//   t_odd                                                           112
//   t_calls                                                         120
//   t_by_t0                                                         144
//   t_short                                                         208
//   t_live                                                          248
