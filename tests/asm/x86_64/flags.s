.include "canary.inc"
# Flags that are alive where a probe fires: read by the first instruction of a
# function, across a branch, after a return.

begin t_adc
    adc eax, 0
    ret
end t_adc
begin t_setcc
    setc al
    seto cl
    setp dl
    sets bl
    setz sil
    ret
end t_setcc
begin t_cmov
    cmovc rax, rcx
    cmovo rdx, rsi
    ret
end t_cmov
begin t_jcc
    jc 1f
    inc eax
    ret
1:  dec eax
    ret
end t_jcc
begin t_jo
    jo 1f
    mov ebx, 1
1:  ret
end t_jo
begin t_lahf
    lahf
    seto al
    ret
end t_lahf
begin t_pushf
    pushfq
    pop rax
    ret
end t_pushf
begin t_auxiliary
    mov al, 9
    add al, 8
    pushfq
    pop rcx
    lahf
    ret
end t_auxiliary
begin t_inc_keeps_carry
    stc
    inc rax
    adc rcx, 0
    cmc
    dec rax
    sbb rcx, 0
    ret
end t_inc_keeps_carry
begin t_returns_carry
    bt ecx, 0
    ret
end t_returns_carry
begin t_uses_carry
    call t_returns_carry
    adc eax, 0
    call t_returns_carry
    sbb edx, 0
    ret
end t_uses_carry
begin t_direction
    std
    lea rdi, [state_end - 8]
    mov rsi, rdi
    lodsq
    cld
    xor eax, eax
    ret
end t_direction
begin t_two_chains
    xor eax, eax
    cmp ecx, 1
    adcx eax, ecx
    adox eax, edx
    ret
end t_two_chains

test:
    run t_adc
    run t_setcc
    run t_cmov
    run t_jcc
    run t_jo
    run t_lahf
    run t_pushf
    run t_auxiliary
    run t_inc_keeps_carry
    run t_uses_carry
    run t_direction
    run t_two_chains
    ret
