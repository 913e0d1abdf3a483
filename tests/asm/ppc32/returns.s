.include "canary.inc"
# Returns of every shape: plain, by a bit of CR, by counting CTR down, by both,
# through CTR.

begin t_blr
    addi 3, 3, 1
    blr
end t_blr
begin t_only
    blr
end t_only
begin t_if
    beqlr
    addi 4, 4, 1
    bnelr
    trap
end t_if
begin t_if_else
    cmpwi 5, 0
    bltlr
    cmpwi 6, 0x1111
    bgtlr+
    bgtlr 7
    addi 4, 4, 2
    bsolr
    bnslr-
end t_if_else
begin t_counts
    li 7, 3
    mtctr 7
1:  bdzlr
    addi 7, 7, 1
    bdnzlr
    b 1b
end t_counts
begin t_counts_entry
    bdnzlr
    blr
end t_counts_entry
begin t_counts_and_tests
    li 7, 2
    mtctr 7
    cmpw 7, 7
1:  bdnzflr 2
    addi 8, 8, 1
    bdztlr 2
    addi 8, 8, 2
    bdnztlr 2
    blr
end t_counts_and_tests
begin t_through_ctr
    mflr 5
    mtctr 5
    bctr
end t_through_ctr
begin t_frame
    stwu 1, -32(1)
    mflr 0
    stw 0, 36(1)
    stw 31, 28(1)
    mr 31, 1
    bl t_blr
    addi 11, 31, 32
    lwz 0, 4(11)
    mtlr 0
    lwz 31, -4(11)
    mr 1, 11
    blr
end t_frame
begin t_frame_if
    stwu 1, -16(1)
    mflr 0
    stw 0, 20(1)
    bl t_only
    cmpwi 3, 0
    lwz 0, 20(1)
    mtlr 0
    addi 1, 1, 16
    bgtlr
    li 3, 4
    blr
end t_frame_if

    tests
    .irp name, blr, only, if, if_else, counts, counts_entry, counts_and_tests
    run t_\name
    .endr
    .irp name, through_ctr, frame, frame_if
    run t_\name
    .endr
    done
