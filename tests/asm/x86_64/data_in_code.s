.include "canary.inc"
# Data between instructions, instructions within instructions, bytes that no
# branch reaches.

begin t_constant
    jmp 1f
    .quad 0x0606060606060606
1:  mov rax, [t_constant + 2]
    mov rcx, [rip + pool]
    ret
end t_constant
pool:
    .quad 0x0f0b0f0b90c39090

# `eb ff c0`: a jump to its own second byte, which is then inc eax.
begin t_overlap
    .byte 0xeb, 0xff, 0xc0
    ret
end t_overlap

# The immediate holds a function.
begin middle_of_immediate
    mov ecx, 0xc3c0ff90
    ret
end middle_of_immediate
begin t_into_immediate
    call middle_of_immediate + 1
    ret
end t_into_immediate

begin t_text
    lea rsi, [rip + string]
    movzx eax, byte ptr [rsi + 3]
    ret
end t_text
string:
    .asciz "text in code"

test:
    run t_constant
    run t_overlap
    run middle_of_immediate
    run t_into_immediate
    run t_text
    ret

# >>> missed-ends 4
# >>> missed-every 25
