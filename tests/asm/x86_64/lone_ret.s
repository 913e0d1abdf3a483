.include "canary.inc"
# A return of one byte that is a branch target, with the next function right
# behind it: there is no room for a jump of any length.

begin t_branch, 1
    test ecx, 0x100
    jz 1f
    mov eax, 3
1:  ret
end t_branch
begin t_other, 1
    cmp eax, 0
    jne 1f
    inc eax
    jmp 2f
1:  dec eax
2:  ret
end t_other
begin t_last, 1
    mov al, [rsp + 0]
    ret
end t_last
begin t_many, 1
    test cl, 1
    jz 1f
    test cl, 2
    jz 1f
    test cl, 4
    jz 1f
    test cl, 8
    jz 1f
    ret
1:  ret
end t_many

test:
    run t_branch
    run t_other
    run t_last
    run t_many
    ret

# >>> missed-ends 3
# >>> missed-every 6
