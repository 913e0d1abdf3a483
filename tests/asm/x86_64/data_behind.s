.include "canary.inc"
# Data that decodes as instructions, within the extent of functions: only what
# control is shown to reach may be changed.

# Text behind the return: push, pop, and branches to code.
begin t_text
    xor eax, eax
    xor edx, edx
1:  movzx ecx, byte ptr [text + rdx]
    add eax, ecx
    rol eax, 3
    inc edx
    cmp edx, text_end - text
    jne 1b
    ret
text:
    .ascii "QZXPAPAYPZu"
    .byte 0xf0
    .ascii "PZPYPXu"
    .byte 0xc6
text_end:
end t_text

# Constants, one of which looks like padding and one like a call of a probed
# function, another like a return.
begin t_pool
    mov rax, [rip + pool]
    xor rax, [rip + pool + 8]
    lea rdx, [rip + pool]
    add rax, [rdx + 16]
    add rax, [rdx + 24]
    ret
    nop
pool:
    .quad 0xcccccccccccccccc, 0x9090909090909090
    .byte 0x48, 0x89, 0xc0, 0xe8
    .long t_callee - (. + 4)
    .quad 0xc35a5259515850c3
end t_pool

begin t_callee
    add rax, 5
    cmp rax, 7
    ret
end t_callee

# A jump table of offsets right behind its jump.
begin t_table
    mov edx, 2
    lea rcx, [rip + table]
    movsxd rdx, dword ptr [rcx + rdx * 4]
    add rdx, rcx
    jmp rdx
table:
    .long case0 - table, case1 - table, case2 - table
case0:
    inc eax
    ret
case1:
    dec eax
    ret
case2:
    mov edx, [rip + table + 4]
    add eax, edx
    ret
end t_table

# The address of what follows is what the call is for.
begin t_call_for_address
    call 1f
    .ascii "PXPXPXPX"
1:  pop rdx
    mov rdx, [rdx]
    ret
end t_call_for_address

# What is called does not return.
begin t_no_return
    call leaves
    .ascii "PXPXPX"
    .long 0
end t_no_return
begin leaves
    pop rdx
    mov rcx, [rdx]
    ret
end leaves

# A table ahead of code that is only found by its address, as compilers of
# functional languages have it. It decodes, up to the code.
.pushsection .data
pointer: .quad entry
.popsection
begin t_table_ahead
    mov rdx, [pointer]
    mov rcx, [rdx - 8]
    jmp rdx
end t_table_ahead
    .balign 8
    .byte 0x15, 0, 0, 0, 0x70, 0x56, 0x34, 0
entry:
    cmp rdx, rcx
    lea rdx, [rcx + 7]
    ret
    .balign 8
    .byte 0x15, 0, 0, 0, 0x70, 0x56, 0x34, 0
behind:

test:
    run t_text
    run t_pool
    run t_callee
    run t_table
    run t_call_for_address
    run t_no_return
    run t_table_ahead
    ret

# >>> missed-ends 2
# >>> missed-every 75
