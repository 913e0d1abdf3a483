.include "canary.inc"
# What must not be disturbed: CTR in loops, fields of CR, the carry, the
# overflow bits, reservations; loops whose head is the entry.

begin t_loop
    addi 3, 3, 1
    bdnz t_loop
    blr
end t_loop
begin t_single
    bdnz t_single
    blr
end t_single
begin t_loops
    mflr 31
    li 4, 5
    mtctr 4
    bl t_loop
    li 4, 7
    mtctr 4
    bl t_single
    mtlr 31
    blr
end t_loops
begin t_inner
    li 4, 4
    mtctr 4
1:  mulli 3, 3, 3
    addi 3, 3, 1
    cmpwi 3, 0
    bdnzt 1, 1b
    mfctr 5
    blr
end t_inner
begin t_carry
    addc 3, 3, 4
    adde 5, 5, 6
    addze 7, 7
    subfc 8, 9, 10
    subfe 3, 3, 4
    addme 4, 4
    srawi 6, 6, 3
    addze 6, 6
    blr
end t_carry
begin t_carry_in
    adde 3, 3, 4
    addze 5, 5
    blr
end t_carry_in
begin t_fields
    cmpwi 0, 3, 5
    cmplwi 1, 4, 6
    cmpw 5, 5, 6
    cmpw 6, 7, 6
    cmpwi 7, 8, 0
    crand 2, 6, 21
    cror 25, 2, 29
    mfcr 3
    bt 25, 1f
    addi 4, 4, 1
1:
    mcrf 2, 7
    mfcr 5
    blr
end t_fields
begin t_fields_in
    mfcr 3
    bt 2, 1f
    addi 4, 4, 1
1:  bf 13, 2f
    addi 4, 4, 2
2:  blr
end t_fields_in
begin t_overflow
    addo. 3, 3, 3
    mfxer 4
    mcrxr 1
    mfcr 5
    blr
end t_overflow
begin t_record
    add. 3, 3, 4
    bgt 1f
    addi 5, 5, 1
1:  andi. 6, 3, 1
    beq 2f
    addi 5, 5, 2
2:  blr
end t_record
begin t_reserved
    lwarx 4, 0, 3
    addi 4, 4, 1
    stwcx. 4, 0, 3
    bne- t_reserved
    blr
end t_reserved
begin t_reserves
    mflr 31
    load 3, cell
    bl t_reserved
    bl t_reserved
    mtlr 31
    blr
end t_reserves
begin t_many
    stwu 1, -96(1)
    stmw 14, 16(1)
    li 14, 1
    addi 31, 31, 5
    add 3, 14, 31
    lmw 14, 16(1)
    addi 1, 1, 96
    blr
end t_many
begin t_floats
    fadd 1, 2, 3
    fcmpu 0, 1, 2
    bgt 1f
    fsub 4, 5, 6
1:  fctiwz 7, 1
    mffs 8
    blr
end t_floats

    .data
    .p2align 2
cell: .long 5
    .text
    tests
    .irp name, loops, inner, carry, carry_in, fields, fields_in, overflow
    run t_\name
    .endr
    .irp name, record, reserves, many, floats
    run t_\name
    .endr
    done

# >>> missed-every 2
