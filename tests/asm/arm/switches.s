.include "canary.inc"
@ Jump tables of all kinds, among the code: of bytes, halfwords, addresses,
@ branches. Each goes round all of its targets and past them.

    t32 t_tbb
    cmp r0, #3
    bhi 9f
    tbb [pc, r0]
1:  .byte (2f - 1b) / 2, (3f - 1b) / 2, (4f - 1b) / 2, (9f - 1b) / 2
2:  adds r1, #1
3:  adds r1, #2
    bx lr
4:  adds r1, #4
9:  bx lr
end t_tbb

    t32 t_tbb_odd
    cmp r0, #2
    bhi 9f
    tbb [pc, r0]
1:  .byte (2f - 1b) / 2, (3f - 1b) / 2, (9f - 1b) / 2
    .p2align 1
2:  adds r2, #1
    b 9f
3:  adds r2, #2
9:  bx lr
end t_tbb_odd

    t32 t_tbh
    cmp r0, #3
    bhi 9f
    tbh [pc, r0, lsl #1]
1:  .hword (2f - 1b) / 2, (3f - 1b) / 2, (4f - 1b) / 2, (9f - 1b) / 2
2:  mov r3, #17
    bx lr
    .skip 600
3:  mov r3, #18
4:  adds r3, #1
9:  bx lr
end t_tbh

    t32 t_adr_ldr
    cmp r0, #3
    bhi 9f
    adr r2, 1f
    ldr pc, [r2, r0, lsl #2]
    .p2align 2
1:  .word 2f + 1, 3f + 1, 9f + 1, 2f + 1
2:  adds r4, #1
3:  adds r4, #2
9:  bx lr
end t_adr_ldr

@ What others may borrow room of.
    t32 s_room
    .rept 24
    add r1, r2
    .endr
    bx lr
end s_room
    a32 t_ldr_pc
    cmp r0, #3
    ldrls pc, [pc, r0, lsl #2]
    b 9f
1:  .word 2f, 3f, 4f, 9f
2:  add r5, r5, #1
3:  add r5, r5, #2
    bx lr
4:  add r5, r5, #4
9:  bx lr
end t_ldr_pc

    a32 t_add_pc
    cmp r0, #3
    addls pc, pc, r0, lsl #2
    b 9f
    b 2f
    b 3f
    b 9f
    b 2f
2:  add r6, r6, #1
3:  add r6, r6, #2
9:  bx lr
end t_add_pc

@ Offsets from the table, as for code that may lie anywhere.
    a32 t_offsets
    cmp r0, #3
    bhi 9f
    adr r2, 1f
    ldr r3, [r2, r0, lsl #2]
    add pc, r2, r3
1:  .word 2f - 1b, 3f - 1b, 4f - 1b, 9f - 1b
2:  add r7, r7, #1
3:  add r7, r7, #2
4:  add r7, r7, #4
9:  bx lr
end t_offsets

@ Into a row of equal steps, as the division of the compiler's library.
    t32 t_steps
    and r0, #3
    adr r2, 1f
    add.w r3, r2, r0, lsl #4
    mov.w r2, #0
    mov pc, r3
    .p2align 4
1:  .rept 4
    cmp.w r4, r5, lsl #3
    nop
    adc.w r2, r2, r2
    it cs
    subcs.w r4, r4, r5, lsl #3
    .endr
    bx lr
end t_steps
    a32 t_a_steps
    and r0, r0, #3
    adr r2, 1f
    add r3, r2, r0, lsl #3
    mov pc, r3
1:  .rept 4
    adds r2, r2, r2
    subcs r4, r4, r5
    .endr
    bx lr
end t_a_steps

.macro all name
    .irp index, 0, 1, 2, 3, 4, 100
    mov r0, #\index
    bl \name
    .endr
.endm
    a32 t_all
    push {r10, lr}
    all t_tbb
    all t_tbb_odd
    all t_tbh
    all t_adr_ldr
    all t_ldr_pc
    all t_add_pc
    all t_offsets
    all t_steps
    all t_a_steps
    mov r12, #0
    pop {r10, pc}
end t_all

    tests
    run t_all
    done

# >>> missed-every 2
