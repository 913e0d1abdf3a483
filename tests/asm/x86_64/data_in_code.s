.include "canary.inc"
# Data between instructions, instructions within instructions, bytes that no
# branch reaches.

begin t_constant
    jmp 1f
    .quad 0x0f0b0f0b90c39090
1:  mov rax, [t_constant + 2]
    mov rcx, [rip + t_pool]
    ret
t_pool:
    .quad 0x1122334455667788
end t_constant

# `eb ff c0`: a jump to its own second byte, which is then inc eax.
begin t_overlap
    .byte 0xeb, 0xff, 0xc0
    ret
end t_overlap

# The immediate holds a function.
begin t_immediate
    mov ecx, 0xc3c0ff90
    ret
end t_immediate
begin t_into_immediate
    call t_immediate + 1
    ret
end t_into_immediate

begin t_text
    lea rsi, [rip + 1f]
    movzx eax, byte ptr [rsi + 3]
    ret
1:  .asciz "text in code"
end t_text

test:
    run t_constant
    run t_overlap
    run t_immediate
    run t_into_immediate
    run t_text
    ret
