.include "canary.inc"
@ Calls of every shape: of the other encoding, under conditions, through
@ registers, through lr itself; and jumps out of functions.

    a32 t_leaf
    add r0, r0, #1
    bx lr
end t_leaf
    t32 t_t_leaf
    adds r0, #2
    bx lr
end t_t_leaf

    a32 t_direct
    push {r4, lr}
    bl t_leaf
    bl t_t_leaf
    blx t_t_leaf
    mov r12, #0
    pop {r4, pc}
end t_direct
    t32 t_t_direct
    push {r4, lr}
    bl t_leaf
    bl t_t_leaf
    blx t_leaf
    mov r12, #0
    pop {r4, pc}
end t_t_direct
@ The first instruction is the call; where to return to is elsewhere.
    a32 t_first
    blx t_t_leaf
    mov r12, #0
    bx r10
end t_first
    t32 t_t_first
    blx t_leaf
    blx t_leaf
    mov.w r12, #0
    bx r10
end t_t_first
    a32 t_call_firsts
    push {r10, lr}
    adr r10, 1f
    b 2f
1:  adr r10, 1f
    blx t_t_first
1:  pop {r10, pc}
2:  bl t_first
end t_call_firsts
    a32 t_conditional
    push {r4, lr}
    cmp r0, #0
    bleq t_leaf
    blne t_leaf
    blmi t_t_leaf_veneer
    ldr r3, =t_t_leaf
    blxeq r3
    blxne r3
    mov r12, #0
    pop {r4, pc}
    .ltorg
end t_conditional
    a32 t_t_leaf_veneer
    ldr r12, 1f
    bx r12
1:  .word t_t_leaf
end t_t_leaf_veneer
    t32 t_t_conditional
    push {r4, lr}
    ldr r3, 1f
    it mi
    blmi t_t_leaf
    itt pl
    addpl r1, #1
    blpl t_t_leaf
    it cs
    blxcs r3
    ite cc
    movcc r2, #3
    movcs r2, #4
    mov.w r12, #0
    pop {r4, pc}
    .p2align 2
1:  .word t_leaf
end t_t_conditional
    a32 t_register
    push {r4, lr}
    ldr r3, =t_t_leaf
    blx r3
    ldr lr, =t_leaf
    blx lr
    mov lr, pc
    ldr pc, =t_leaf
    mov lr, pc
    bx r3
    pop {r4, pc}
    .ltorg
end t_register
    t32 t_t_register
    push {r4, lr}
    ldr r3, =t_t_leaf
    blx r3
    ldr.w lr, =t_leaf
    blx lr
    pop {r4, pc}
    .ltorg
end t_t_register
@ What others may borrow room of.
    t32 s_room
    .rept 24
    add r1, r2
    .endr
    bx lr
end s_room
@ Tail calls, after a frame and without.
    a32 t_tail
    push {r4, lr}
    mov r4, #2
    pop {r4, lr}
    b t_leaf
end t_tail
    a32 t_tail_only
    b t_leaf
end t_tail_only
    a32 t_tail_cond
    cmp r0, #0
    beq t_leaf
    bne t_leaf
    udf #0
end t_tail_cond
    a32 t_tail_register
    ldr r3, =t_t_leaf
    bx r3
    .ltorg
end t_tail_register
    a32 t_tail_maybe
    ldr r3, =t_t_leaf
    bxmi r3
    bx lr
    .ltorg
end t_tail_maybe
    t32 t_t_tail
    push {r4, lr}
    movs r4, #2
    pop.w {r4, lr}
    b.w t_t_leaf
end t_t_tail
    t32 t_t_tail_cond
    cmp r0, #0
    beq.w t_t_leaf
    cbz r0, 1f
    b.w t_t_leaf
1:  bx lr
end t_t_tail_cond
    t32 t_t_tail_it
    it mi
    bmi.w t_t_leaf
    adds r1, #1
    bx lr
end t_t_tail_it
    t32 t_t_tail_register
    ldr r3, =t_leaf
    bx r3
    .ltorg
end t_t_tail_register
@ Through a word of memory, as a table of functions is called.
    t32 t_t_tail_memory
    movw r3, #:lower16:leaves
    movt r3, #:upper16:leaves
    ldr r3, [r3, #4]
    bx r3
end t_t_tail_memory
@ The other encoding goes on behind bx pc, as old veneers do.
    t32 t_t_bx_pc
    bx pc
    nop
    .arm
    b t_leaf
end t_t_bx_pc
@ The same without a spare byte, in a row, as linkers write them.
    t32 t_t_half
1:  bx pc
    b.n 1b
    .arm
    b t_leaf
end t_t_half
    t32 t_t_other_half
1:  bx pc
    b.n 1b
    .arm
    b t_t_half
end t_t_other_half
@ What is behind them has room for others' jumps.
    t32 t_t_roomy
    .rept 12
    add r1, r1, r0, lsl #1
    .endr
    bx lr
end t_t_roomy
    .data
    .p2align 2
leaves: .word t_leaf, t_t_leaf
    .text

    tests
    .irp name, leaf, t_leaf, direct, t_direct, call_firsts, conditional
    run t_\name
    .endr
    .irp name, t_conditional, register, t_register, tail, tail_only, tail_cond
    run t_\name
    .endr
    .irp name, tail_register, tail_maybe, t_tail, t_tail_cond, t_tail_it
    run t_\name
    .endr
    .irp name, t_tail_register, t_tail_memory, t_bx_pc, t_half
    run t_\name
    .endr
    .irp name, t_other_half, t_roomy
    run t_\name
    .endr
    done

# >>> missed-ends 2
# >>> missed-every 13
