.include "canary.inc"
# Instructions that name memory by its distance, at an entry and at a return.

    .data
    .p2align 4
vector:  .quad 1, 2
number:  .quad 0x123456789abcdef0
pointer: .quad t_helper
    .text
begin t_helper
    inc eax
    ret
end t_helper
begin t_load
    mov rax, [rip + number]
    ret
end t_load
begin t_address
    lea rax, [rip + number]
    lea rcx, [rip + t_address]
    lea rdx, [rip + 1f]
1:  ret
end t_address
# The displacement is followed by an immediate, so the end is further away.
begin t_immediate
    cmp dword ptr [rip + number], 0x1234567
    mov byte ptr [rip + vector + 8], 9
    mov word ptr [rip + vector + 10], 0x1234
    add qword ptr [rip + number], 0x11
    shl dword ptr [rip + number + 4], 3
    ret
end t_immediate
begin t_change
    inc qword ptr [rip + number]
    xchg rax, [rip + vector]
    lock xadd [rip + number], rcx
    ret
end t_change
begin t_vector
    movaps xmm0, [rip + vector]
    paddq xmm1, [rip + vector]
    pshufd xmm2, [rip + vector], 0x1b
    ret
end t_vector
begin t_call
    call [rip + pointer]
    call [pointer]
    ret
end t_call
begin t_push
    push [rip + number]
    pop [rip + vector]
    push [rip + vector]
    pop rax
    ret
end t_push
begin t_x87
    fild qword ptr [rip + number]
    fstp qword ptr [rip + vector]
    mov rax, [rip + vector]
    ret
end t_x87
begin t_set
    sete [rip + vector + 3]
    mov rax, [rip + vector]
    ret
end t_set
begin t_bit
    bts dword ptr [rip + number], 5
    adc eax, 0
    test byte ptr [rip + number], 4
    ret
end t_bit

test:
    run t_load
    run t_address
    run t_immediate
    run t_change
    run t_vector
    run t_call
    run t_push
    run t_x87
    run t_set
    run t_bit
    ret

# >>> missed-ends 1
# >>> missed-every 2
