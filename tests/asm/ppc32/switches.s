.include "canary.inc"
# Jump tables of addresses and of offsets, and code that is far away.

    .section .rodata
    .p2align 2
absolute: .long 2f, 3f, 4f, 9f
    .text
begin t_absolute
    cmplwi 3, 3
    bgt 9f
    slwi 4, 3, 2
    lis 5, absolute@ha
    addi 5, 5, absolute@l
    lwzx 4, 5, 4
    mtctr 4
    bctr
2:  addi 6, 6, 1
3:  addi 6, 6, 2
    blr
4:  addi 6, 6, 4
9:  blr
end t_absolute

    .section .rodata
offsets: .long 2f - offsets, 3f - offsets, 4f - offsets, 9f - offsets
    .text
begin t_offsets
    cmplwi 3, 3
    bgt 9f
    slwi 4, 3, 2
    lis 5, offsets@ha
    la 5, offsets@l(5)
    lwzx 4, 5, 4
    add 4, 4, 5
    mtctr 4
    bctr
2:  addi 7, 7, 1
3:  addi 7, 7, 2
4:  addi 7, 7, 4
9:  blr
end t_offsets

begin t_far
    cmpwi 3, 2
    beq 1f
    bne 2f
1:  addi 6, 6, 1
    b 3f
    .skip 20000
2:  addi 6, 6, 2
    cmpwi 3, 3
    beq 1b
3:  blr
end t_far

.macro all name
    .irp index, 0, 1, 2, 3, 4, 100
    li 3, \index
    bl \name
    .endr
.endm
begin t_all
    mflr 31
    all t_absolute
    all t_offsets
    all t_far
    mtlr 31
    blr
end t_all

    tests
    run t_all
    done
