.include "canary.inc"
# Leaf functions keep data below the stack pointer: nothing may be written
# there.

begin t_one
    mov [rsp - 8], rdi
    xor edi, edi
    mov rax, [rsp - 8]
    ret
end t_one
begin t_whole
    .set depth, 8
    .rept 16
    mov qword ptr [rsp - depth], 0x1000 + depth
    .set depth, depth + 8
    .endr
    xor eax, eax
    .set depth, 8
    .rept 16
    add rax, [rsp - depth]
    rol rax, 3
    .set depth, depth + 8
    .endr
    ret
end t_whole
begin t_loop
    mov [rsp - 128], rsi
    mov ecx, 5
1:  inc qword ptr [rsp - 128]
    dec ecx
    jnz 1b
    mov rax, [rsp - 128]
    ret
end t_loop
begin t_flags_too
    mov [rsp - 16], rsi
    cmp esi, edi
    setb [rsp - 1]
    movzx eax, byte ptr [rsp - 1]
    mov rcx, [rsp - 16]
    ret
end t_flags_too
# Handed on below the stack pointer to the function it jumps to.
begin t_taker
    mov rax, [rsp - 24]
    ret
end t_taker
begin t_giver
    mov qword ptr [rsp - 24], 0x777
    jmp t_taker
end t_giver

test:
    run t_one
    run t_whole
    run t_loop
    run t_flags_too
    run t_giver
    ret
