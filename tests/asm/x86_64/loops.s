.include "canary.inc"
# loop, loope, loopne, jrcxz and jecxz reach only 127 bytes: moved, they need
# help. At the entry, in the middle, and taken or not.

begin t_jrcxz
    jrcxz 1f
    inc eax
1:  ret
end t_jrcxz
begin t_jecxz
    jecxz 1f
    inc eax
1:  inc edx
    ret
end t_jecxz
begin t_zero
    xor ecx, ecx
    call t_jrcxz
    xor ecx, ecx
    call t_jecxz
    mov rcx, 0x100000000
    call t_jecxz
    mov rcx, 0x100000000
    call t_jrcxz
    ret
end t_zero
begin t_loop
    mov ecx, 4
1:  add eax, ecx
    loop 1b
    ret
end t_loop
begin t_loope
    mov ecx, 9
1:  cmp ecx, 9
    loope 1b
    ret
end t_loope
begin t_loopne
    mov ecx, 9
1:  cmp ecx, 3
    loopne 1b
    ret
end t_loopne
begin t_loop32
    mov rcx, 0x500000003
1:  inc edx
    .byte 0x67
    loop 1b
    ret
end t_loop32
# Forward.
begin t_forward
    mov ecx, 2
    loop 1f
    ud2
1:  loop 1b
    jrcxz 1f
    ud2
1:  ret
end t_forward

test:
    run t_jrcxz
    run t_jecxz
    run t_zero
    run t_loop
    run t_loope
    run t_loopne
    run t_loop32
    run t_forward
    ret

# >>> missed-ends 2
# >>> missed-every 4
