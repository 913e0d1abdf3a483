.include "canary.inc"
# Instructions that use the stack pointer: a trampoline that has pushed
# something sees another one.

begin t_read
    mov rax, [rsp]
    xor eax, eax
    mov rcx, [rsp + 8]
    ret
end t_read
begin t_value
    mov rax, rsp
    lea rcx, [rsp - 16]
    lea rdx, [rsp + rcx * 2 + 8]
    ret
end t_value
begin t_push_rsp
    push rsp
    pop rax
    push [rsp]
    pop rcx
    push [rsp + 8]
    pop [rsp - 64]
    mov rdx, [rsp - 64]
    ret
end t_push_rsp
begin t_frame
    push rbp
    mov rbp, rsp
    sub rsp, 0x20
    mov [rbp - 8], rdi
    mov rax, [rsp + 0x18]
    leave
    ret
end t_frame
begin t_enter
    enter 32, 0
    mov [rbp - 32], rax
    mov rdx, [rsp]
    leave
    ret
end t_enter
begin t_enter_nested
    push rbp
    mov rbp, rsp
    enter 16, 2
    mov rcx, rbp
    sub rcx, rsp
    leave
    pop rbp
    ret
end t_enter_nested
begin t_align
    push rbp
    mov rbp, rsp
    and rsp, -64
    mov rax, rsp
    mov rsp, rbp
    pop rbp
    ret
end t_align
begin t_many_pushes
    push r15
    push r14
    push r13
    push r12
    push rbp
    push rbx
    sub rsp, 8
    add rsp, 8
    pop rbx
    pop rbp
    pop r12
    pop r13
    pop r14
    pop r15
    ret
end t_many_pushes
begin t_flags
    pushfq
    pop rax
    and eax, 0x8d5
    push rax
    popfq
    ret
end t_flags
# Onto another stack and back, as coroutines do.
    .bss
    .p2align 4
    .skip 256
other_stack: .skip 8
saved_stack: .skip 8
    .text
begin t_switch
    mov [saved_stack], rsp
    mov esp, OFFSET other_stack
    push rax
    push rcx
    pop rdx
    pop rbx
    mov rsp, [saved_stack]
    ret
end t_switch
begin t_exchange
    mov eax, OFFSET other_stack
    xchg rsp, rax
    push 5
    pop rcx
    xchg rsp, rax
    ret
end t_exchange

test:
    run t_read
    run t_value
    run t_push_rsp
    run t_frame
    run t_enter
    run t_enter_nested
    run t_align
    run t_many_pushes
    run t_flags
    run t_switch
    run t_exchange
    ret
