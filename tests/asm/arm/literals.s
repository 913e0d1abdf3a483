.include "canary.inc"
@ Whatever mentions the pc, of both encodings: literals of each size among the
@ code, addresses, the pc as an operand.

    t32 t_t_narrow
    ldr r0, 1f
    ldr r1, 2f
    adr r2, 1f
    ldr r3, [r2, #4]
    bx lr
    .p2align 2
1:  .word 0x80000001
2:  .word 0x11223344
end t_t_narrow
    t32 t_t_wide
    ldr.w r8, 1f
    ldrb.w r0, 1f + 1
    ldrh.w r1, 2f
    ldrsb.w r2, 2f + 3
    ldrsh.w r3, 1f + 2
    ldrd r4, r5, 1f
    adr.w r9, 1f
    sub r9, r9
    pld 1f
    nop
    bx lr
    .p2align 2
1:  .word 0x80800001
2:  .word 0x91223344
end t_t_wide
    t32 t_t_before
    b 1f
    .p2align 2
2:  .word 0x55443322, 0x99887766
1:  ldr.w r0, 2b
    ldrd r2, r3, 2b
    vldr d7, 2b
    vldr s0, 2b
    adr.w r4, 2b
    ldr r4, [r4]
    bx lr
end t_t_before
@ As code does that may lie anywhere.
    t32 t_t_got
    ldr r3, 1f
2:  add r3, pc
    ldr r0, [r3]
    ldr r1, 1f
    bx lr
    .p2align 2
1:  .word constant - (2b + 4)
end t_t_got
    t32 t_t_mov_pc
    mov r0, pc
    ldr r1, 1f
    mov r2, pc
    subs r0, r2, r0
    adr r3, 1f
    subs r2, r3, r2
    bx lr
    .p2align 2
1:  .word 0x1234
end t_t_mov_pc
    t32 t_t_it
    cmp r0, r0
    itte eq
    ldreq r0, 1f
    addeq r1, #1
    ldrne r0, 2f
    it ne
    ldrne r2, 1f
    it pl
    ldrpl.w r3, 2f
    bx lr
    .p2align 2
1:  .word 0x10101010
2:  .word 0x20202020
end t_t_it
    t32 t_t_vector
    vldr d0, 1f
    vldr s2, 2f
    vldr d20, 1f
    bx lr
    .p2align 2
1:  .word 0x01020304
2:  .word 0x05060708
end t_t_vector
@ A veneer's way: the pc is loaded.
    t32 t_t_veneer
    ldr.w pc, 1f
    .p2align 2
1:  .word t_leaf
end t_t_veneer

    a32 t_word
    ldr r0, 1f
    ldr r1, 2f
    ldrb r2, 1f + 1
    ldrh r3, 2f
    ldrsb r4, 2f + 3
    ldrsh r5, 1f + 2
    ldrd r6, r7, 1f
    adr r8, 1f
    ldr r8, [r8, #4]
    bx lr
1:  .word 0x80800001
2:  .word 0x91223344
end t_word
    a32 t_conditional
    cmp r0, r1
    ldreq r0, 1f
    ldrne r1, 1f
    adrlt r2, 1f
    ldrlt r2, [r2]
    addmi r3, pc, #8
    subpl r3, pc, #4
    ldr r4, =t_conditional
    submi r3, r3, r4
    subpl r3, r3, r4
    bx lr
1:  .word 0x10101010
    .ltorg
end t_conditional
    a32 t_got
    ldr r3, 1f
2:  add r3, pc, r3
    ldr r0, [r3]
    ldr r2, 1f + 4
3:  ldr r1, [pc, r2]
    bx lr
1:  .word constant - (2b + 8), constant - (3b + 8)
end t_got
    a32 t_pc
    mov r0, pc
    mov r1, pc
    sub r0, r1, r0
    add r2, pc, r0
    sub r2, r2, r1
    bx lr
end t_pc
    a32 t_vector
    vldr d0, 1f
    vldr s2, 1f + 4
    vldreq d20, 1f
    bx lr
1:  .word 0x01020304, 0x05060708
end t_vector
    a32 t_veneer
    ldr pc, 1f
1:  .word t_leaf
end t_veneer
    a32 t_veneer_ip
    ldr r12, 1f
    bx r12
1:  .word t_leaf
end t_veneer_ip
@ The pc is stored and made of an offset, as linkers put it between modules.
    a32 t_veneer_far
    ldr r12, 1f
2:  add pc, r12, pc
1:  .word t_leaf - (2b + 8)
end t_veneer_far
    a32 t_leaf
    add r0, r0, #9
    mov r12, #0
    bx lr
end t_leaf

    .data
    .p2align 2
constant: .word 0xabcdef01, 2
    .text
    tests
    .irp name, t_narrow, t_wide, t_before, t_got, t_mov_pc, t_it, t_vector
    run t_\name
    .endr
    .irp name, t_veneer, word, conditional, got, pc, vector, veneer, veneer_ip
    run t_\name
    .endr
    run t_veneer_far
    done

# >>> missed-every 2
