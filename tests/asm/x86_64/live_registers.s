.include "canary.inc"
# Registers that no ABI would pass: alive at an entry and at a return.

begin t_r11
    add rax, r11
    ret
end t_r11
begin t_r11_out
    mov r11, 0x42
    ret
end t_r11_out
begin t_r11_across
    mov r11, 1
    call t_r11
    add r11, 1
    call t_r11
    ret
end t_r11_across
begin t_r10_rax
    add r10, rax
    add r10, r11
    ret
end t_r10_rax
begin t_sum
    add rax, rcx
    add rax, rdx
    add rax, rbx
    add rax, rbp
    add rax, rsi
    add rax, rdi
    add rax, r8
    add rax, r9
    add rax, r10
    add rax, r11
    add rax, r12
    add rax, r13
    add rax, r14
    add rax, r15
    ret
end t_sum
begin t_rotate
    xchg rax, rcx
    xchg rcx, rdx
    xchg rdx, rsi
    xchg rsi, rdi
    xchg rdi, r8
    xchg r8, r9
    xchg r9, r10
    xchg r10, r11
    ret
end t_rotate
# Results in every register that the ABI calls scratch.
begin t_results
    mov ecx, 1
    mov edx, 2
    mov esi, 3
    mov edi, 4
    mov r8d, 5
    mov r9d, 6
    mov r10d, 7
    mov r11d, 8
    ret
end t_results
begin t_uses_results
    call t_results
    lea rax, [rcx + rdx]
    add rax, rsi
    add rax, rdi
    add rax, r8
    add rax, r9
    add rax, r10
    add rax, r11
    ret
end t_uses_results
begin t_halves
    mov al, 5
    mov ah, 6
    add cl, ah
    add ch, al
    movzx edx, ch
    ret
end t_halves

test:
    run t_r11
    run t_r11_out
    run t_r11_across
    run t_r10_rax
    run t_sum
    run t_rotate
    run t_results
    run t_uses_results
    run t_halves
    ret
