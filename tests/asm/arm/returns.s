.include "canary.inc"
@ Returns of every shape, of both encodings, under conditions and not.

a32 t_bx
    add r0, r0, #1
    bx lr
end t_bx
a32 t_mov
    mov pc, lr
end t_mov
a32 t_bx_eq
    add r1, r1, #1
    bxeq lr
    add r2, r2, #1
    bxne lr
    udf #0
end t_bx_eq
a32 t_mov_mi
    movmi pc, lr
    movspl r3, #0
    mov pc, lr
end t_mov_mi
a32 t_pop
    push {r4, r5, lr}
    mov r4, #7
    pop {r4, r5, pc}
end t_pop
a32 t_pop_cs
    push {r4, lr}
    popcs {r4, pc}
    add r5, r5, #1
    pop {r4, lr}
    bx lr
end t_pop_cs
a32 t_ldm
    stmdb sp!, {r11, lr}
    mov r11, #3
    ldmia sp!, {r11, pc}
end t_ldm
@ The frame's end is told by another register.
a32 t_ldm_frame
    mov r12, sp
    push {r11, r12, lr, pc}
    sub r11, r12, #4
    sub sp, sp, #24
    sub sp, r11, #12
    ldm sp, {r11, sp, pc}
end t_ldm_frame
a32 t_ldr_pc
    str lr, [sp, #-4]!
    ldr pc, [sp], #4
end t_ldr_pc
a32 t_ldr_pc_vs
    push {lr}
    ldrvs pc, [sp], #4
    add r6, r6, #1
    ldr pc, [sp], #4
end t_ldr_pc_vs
@ By another register, as code for old processors does.
a32 t_by_r3
    push {lr}
    pop {r3}
    bx r3
end t_by_r3
a32 t_only, 1
    bx lr
end t_only

t32 t_t_bx
    adds r0, #1
    bx lr
end t_t_bx
@ Goes back to the encoding it is in, whatever the address says.
t32 t_t_mov
    mov pc, lr
end t_t_mov
t32 t_t_call_mov
    push {r7, lr}
    bl t_t_mov
    mov r12, #0
    pop {r7, pc}
end t_t_call_mov
t32 t_t_pop
    push {r4, lr}
    movs r4, #1
    pop {r4, pc}
end t_t_pop
t32 t_t_pop_wide
    push.w {r4, r8, lr}
    mov.w r8, #1
    pop.w {r4, r8, pc}
end t_t_pop_wide
t32 t_t_ldr_pc
    str lr, [sp, #-8]!
    ldr pc, [sp], #8
end t_t_ldr_pc
t32 t_t_it
    push {r4, lr}
    it eq
    popeq {r4, pc}
    movs r4, #2
    add r1, #1
    pop {r4, pc}
end t_t_it
t32 t_t_it_bx
    adds r2, #1
    itt cs
    addcs r1, #3
    bxcs lr
    adds r2, #1
    bx lr
end t_t_it_bx
t32 t_t_it_four
    push {r3, lr}
    ittee mi
    addmi r5, #1
    ldrmi r4, [sp]
    subpl r5, #1
    poppl {r3, pc}
    add r6, #1
    pop {r3, pc}
end t_t_it_four
t32 t_t_by_r3, 1
    push {lr}
    pop {r3}
    bx r3
end t_t_by_r3
t32 t_t_only, 1
    bx lr
end t_t_only
t32 t_t_only_2, 1
    bx lr
end t_t_only_2
@ The return stands where the entry does.
t32 t_t_cond, 1
    it ne
    bxne lr
    bx lr
end t_t_cond

@ What others may borrow room of.
    t32 s_room
    .rept 24
    add r1, r2
    .endr
    bx lr
end s_room
    tests
    .irp name, bx, mov, bx_eq, mov_mi, pop, pop_cs, ldm, ldm_frame, ldr_pc
    run t_\name
    .endr
    .irp name, ldr_pc_vs, by_r3, only, t_bx, t_call_mov, t_pop, t_pop_wide, t_ldr_pc
    run t_\name
    .endr
    .irp name, t_it, t_it_bx, t_it_four, t_by_r3, t_only, t_only_2, t_cond
    run t_\name
    .endr
    done
