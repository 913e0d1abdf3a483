.include "canary.inc"
# Calls within reach of a probe: at the entry, at its end, long, short, through
# registers and memory. Whoever looks at the return address finds the original.

begin t_address_of_return
    mov rax, [rsp]
    ret
end t_address_of_return
begin t_first
    call t_address_of_return
    ret
end t_first
begin t_short
    mov edx, OFFSET t_address_of_return
    call rdx
    ret
end t_short
begin t_two_bytes
    call rbx
    ret
end t_two_bytes
begin t_prepare
    mov ebx, OFFSET t_address_of_return
    call t_two_bytes
    mov ebx, 0
    ret
end t_prepare
begin t_two_in_a_row
    mov r10d, OFFSET t_address_of_return
    call r10
    call r10
    mov rcx, rax
    call r10
    sub rcx, rax
    ret
end t_two_in_a_row
# The target is read from the stack.
begin t_from_stack
    push OFFSET t_address_of_return
    call [rsp]
    add rsp, 8
    ret
end t_from_stack
begin t_from_stack_later
    push OFFSET t_address_of_return
    push 1
    call [rsp + 8]
    add rsp, 16
    ret
end t_from_stack_later
# The old way to learn one's own address.
begin t_own_address
    call 1f
1:  pop rax
    ret
end t_own_address
begin t_thunk
    mov rbx, [rsp]
    ret
end t_thunk
begin t_uses_thunk
    call t_thunk
    add rbx, 0x1000
    ret
end t_uses_thunk
begin t_return_later
    call 1f
    inc eax
    ret
1:  inc ecx
    ret
end t_return_later
# The callee changes its return address: skips the byte behind the call.
begin t_skip
    inc qword ptr [rsp]
    ret
end t_skip
begin t_skips
    call t_skip
    .byte 0x06
    inc edx
    xor r11d, r11d # nobody can see that t_skip returns here
    ret
end t_skips

test:
    run t_address_of_return
    run t_first
    run t_short
    run t_prepare
    run t_two_in_a_row
    run t_from_stack
    run t_from_stack_later
    run t_own_address
    run t_uses_thunk
    run t_return_later
    run t_skips
    ret

# >>> missed-ends 2
# >>> missed-every 7
