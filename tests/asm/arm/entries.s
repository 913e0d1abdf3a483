.include "canary.inc"
@ What stands at an entry: a branch, a comparison with zero, a block of IT, a
@ literal, a loop's head, an exclusive load, what moves sp.

    t32 t_t_cbz
    cbz r0, 1f
    adds r1, #1
1:  cbnz r0, 2f
    adds r1, #2
2:  bx lr
end t_t_cbz
    t32 t_t_it
    itet mi
    addmi r1, #1
    addpl r1, #2
    movmi r2, #3
    bx lr
end t_t_it
    t32 t_t_literal
    ldr r0, 1f
    bx lr
    .p2align 2
1:  .word 0x7ffffff1
end t_t_literal
    t32 t_t_branch
    beq 1f
    b 2f
1:  adds r2, #1
2:  bx lr
end t_t_branch
    t32 t_t_loop
    subs r4, #1
    bne t_t_loop
    bx lr
end t_t_loop
    t32 t_t_loop_2
    adds r5, #1
    subs r4, #1
    bne t_t_loop_2
    bx lr
end t_t_loop_2
    t32 t_t_loops
    push {lr}
    movs r4, #5
    bl t_t_loop
    movs r4, #6
    bl t_t_loop_2
    mov r12, #0
    pop {pc}
end t_t_loops
    t32 t_t_exclusive
    ldrex r2, [r0]
    adds r2, #1
    strex r3, r2, [r0]
    cmp r3, #0
    bne t_t_exclusive
    bx lr
end t_t_exclusive
    t32 t_t_exclusives
    push {r5, lr}
    load r0, cell
    bl t_t_exclusive
    bl t_t_exclusive
    mov r12, #0
    pop {r5, pc}
end t_t_exclusives
    t32 t_t_sub_sp
    sub sp, #16
    str r0, [sp, #4]
    add sp, #16
    bx lr
end t_t_sub_sp
    t32 t_t_vpush
    vpush {d8, d9}
    vmov.f64 d8, d1
    vpop {d8, d9}
    bx lr
end t_t_vpush

    a32 t_branch
    beq 1f
    b 2f
1:  add r2, r2, #1
2:  bx lr
end t_branch
    a32 t_loop
    subs r4, r4, #1
    bne t_loop
    bx lr
end t_loop
@ The whole function is a loop of one instruction, and a way out.
    a32 t_loops
    push {lr}
    mov r4, #5
    bl t_loop
    mov r12, #0
    pop {pc}
end t_loops
    a32 t_exclusive
    ldrex r2, [r0]
    add r2, r2, r1
    strex r3, r2, [r0]
    teq r3, #0
    bne t_exclusive
    bx lr
end t_exclusive
    a32 t_exclusives
    push {r5, lr}
    load r0, cell
    bl t_exclusive
    ldrexd r2, r3, [r0]
    strexd r4, r2, r3, [r0]
    clrex
    mov r12, #0
    pop {r5, pc}
end t_exclusives
@ Flags and all registers live from one end to the other.
    a32 t_live
    nop
    adc r0, r0, r1
    adcs r2, r2, r3
    sbc r4, r4, r12
    addvs r5, r5, lr
    rsc r6, r6, #0
    mrs r7, apsr
    and r7, r7, #0xf8000000
    bx lr
end t_live
    t32 t_t_live
    nop
    nop
    adcs r0, r1
    sbcs r2, r3
    add r4, r12
    it vs
    addvs r5, r6
    bx lr
end t_t_live
    a32 t_varargs
    push {r0, r1, r2, r3}
    ldr r0, [sp]
    add r1, sp, #4
    ldmia r1!, {r2, r3}
    sub r1, r1, sp
    add sp, sp, #16
    bx lr
end t_varargs

    .data
    .p2align 3
cell: .word 5, 6
    .text
    tests
    .irp name, t_cbz, t_it, t_literal, t_branch, t_loops, t_exclusives
    run t_\name
    .endr
    .irp name, t_sub_sp, t_vpush, branch, loops, exclusives, live, t_live
    run t_\name
    .endr
    .irp name, varargs
    run t_\name
    .endr
    done

# >>> missed-every 5
