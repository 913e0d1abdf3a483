.include "canary.inc"
# `rep ret`, `bnd ret`, `ret n`, and a return with useless prefixes.

begin t_rep, 1
    inc eax
    rep ret
end t_rep
begin t_only_rep, 1
    rep ret
end t_only_rep
begin t_bnd, 1
    .byte 0xf2, 0xc3
end t_bnd
begin t_rex, 1
    .byte 0x48, 0xc3
end t_rex
begin t_pops, 1
    ret 16
end t_pops
begin t_arguments, 1
    push rax
    push rcx
    call t_pops
    ret
end t_arguments
begin t_branch, 1
    test ecx, 0x200
    jz 1f
    inc eax
1:  rep ret
end t_branch

test:
    run t_rep
    run t_only_rep
    run t_bnd
    run t_rex
    run t_arguments
    run t_branch
    ret

# >>> missed-ends 11
# >>> missed-every 18
