.include "canary.inc"
# Calls of every shape, the address of what comes next, and jumps out of
# functions.

begin t_leaf
    addi 3, 3, 1
    blr
end t_leaf
.macro enter
    mflr 0
    stw 0, 4(1)
    stwu 1, -16(1)
.endm
.macro leave
    lwz 0, 20(1)
    mtlr 0
    addi 1, 1, 16
    blr
.endm
begin t_direct
    enter
    bl t_leaf
    bl t_leaf
    leave
end t_direct
# The link register lives in another one from the call on.
begin t_around
    mflr 31
    bl t_leaf
    mtlr 31
    bl t_keeps
    mtlr 31
    blr
end t_around
begin t_keeps
    mflr 30
    mr 3, 30
    subf 3, 3, 31
    blr
end t_keeps
begin t_first
    bl t_leaf
    mtlr 29
    blr
end t_first
begin t_calls_first
    enter
    mr 30, 29
    b 2f
1:  mr 29, 30
    leave
2:  bcl 20, 31, 3f
3:  mflr 29
    addi 29, 29, 4f - 3b
    bl t_first
4:  b 1b
end t_calls_first
begin t_registers
    enter
    load 4, t_leaf
    mtctr 4
    bctrl
    mtlr 4
    blrl
    bl t_leaf
    leave
end t_registers
begin t_conditional
    enter
    cmpwi 3, 0
    bnel t_leaf
    cmpwi 3, 0
    beql t_leaf
    load 4, t_leaf
    mtctr 4
    cmpwi 4, 0
    beqctrl
    load 4, t_leaf
    mtctr 4
    cmpwi 4, 0
    bnectrl
    li 5, 2
    mtctr 5
    bdnzl t_leaf
    leave
end t_conditional
begin t_pc
    mflr 0
    bcl 20, 31, 1f
1:  mflr 4
    mtlr 0
    load 5, 1b
    subf 4, 5, 4
    blr
end t_pc
begin t_pc_by_call
    mflr 0
    bl 1f
1:  mflr 4
    mtlr 0
    load 5, 1b
    subf 4, 5, 4
    blr
end t_pc_by_call
begin t_pc_first
    bcl 20, 31, 1f
1:  mflr 4
    load 5, 1b
    subf 4, 5, 4
    mtlr 28
    blr
end t_pc_first
begin t_calls_pc_first
    mflr 28
    b t_pc_first
end t_calls_pc_first
begin t_tail
    li 4, 3
    b t_leaf
end t_tail
begin t_tail_only
    b t_leaf
end t_tail_only
begin t_tail_if
    cmpwi 3, 0
    beq t_leaf
    bne+ t_leaf
    trap
end t_tail_if
begin t_tail_counts
    li 4, 2
    mtctr 4
    bdz t_leaf
    bdnz t_tail_counts
    cmpwi 3, 0
    li 4, 9
    mtctr 4
    bdnzf 2, t_leaf
    blr
end t_tail_counts
begin t_tail_ctr
    load 4, t_leaf
    mtctr 4
    bctr
end t_tail_ctr
begin t_tail_ctr_if
    load 4, t_leaf
    mtctr 4
    cmpwi 3, 0
    beqctr
    bnectr
    blr
end t_tail_ctr_if
begin t_tail_frame
    stwu 1, -16(1)
    mflr 0
    stw 0, 20(1)
    bl t_leaf
    lwz 0, 20(1)
    load 4, t_leaf
    mtctr 4
    mtlr 0
    addi 1, 1, 16
    bctr
end t_tail_frame
begin t_recursive
    enter
    andi. 4, 3, 7
    beq 1f
    subi 3, 3, 1
    bl t_recursive
1:  leave
end t_recursive
begin t_recursion
    enter
    li 3, 5
    bl t_recursive
    leave
end t_recursion

    tests
    .irp name, leaf, direct, around, calls_first, registers, conditional, pc
    run t_\name
    .endr
    .irp name, pc_by_call, calls_pc_first, tail, tail_only, tail_if
    run t_\name
    .endr
    .irp name, tail_counts, tail_ctr, tail_ctr_if, tail_frame, recursion
    run t_\name
    .endr
    done
