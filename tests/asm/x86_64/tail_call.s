.include "canary.inc"
# Jumps out of a function are its returns: direct, short, conditional, through
# a register, through memory, and falling through into the next one.

begin t_leaf, 1
    inc eax
    ret
end t_leaf
begin t_short, 1
    jmp t_leaf
end t_short
begin t_direct
    mov ecx, 1
    .byte 0xe9
    .long t_leaf - . - 4
end t_direct
begin t_conditional
    test ecx, ecx
    jnz t_leaf
    jz t_leaf
    ud2
end t_conditional
begin t_maybe
    test eax, eax
    jz t_leaf
    inc edx
    ret
end t_maybe
begin t_register
    mov edx, OFFSET t_leaf
    jmp rdx
end t_register
    .data
leaf_address:
    .quad t_leaf
    .text
begin t_memory
    jmp [leaf_address]
end t_memory
begin t_rip
    jmp [rip + leaf_address]
end t_rip
begin t_pushed
    push OFFSET t_leaf
    ret
end t_pushed

test:
    run t_leaf
    run t_short
    run t_direct
    run t_conditional
    run t_maybe
    run t_register
    run t_memory
    run t_rip
    run t_pushed
    ret
