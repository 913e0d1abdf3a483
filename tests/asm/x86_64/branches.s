.include "canary.inc"
# Branches of every length and kind within reach of a probe.

begin t_short_chain
    jmp 1f
2:  jmp 3f
1:  jmp 2b
3:  ret
end t_short_chain
begin t_conditions
    xor eax, eax
    cmp cl, 1
    je 1f
    jne 2f
1:  inc eax
2:  jb 3f
    jae 4f
3:  inc eax
4:  jl 5f
    jge 6f
5:  inc eax
6:  js 7f
    jns 8f
7:  inc eax
8:  jp 9f
    jnp 10f
9:  inc eax
10: ret
end t_conditions
begin t_near
    test ecx, ecx
    .byte 0x0f, 0x85
    .long 1f - . - 4
    ud2
1:  .byte 0xe9
    .long 2f - . - 4
    ud2
2:  ret
end t_near
# At the entry, to right behind itself.
begin t_next
    jmp 1f
1:  jz 2f
2:  ret
end t_next
begin t_back
    jmp 2f
1:  ret
2:  jmp 1b
end t_back
begin t_hints
    .byte 0x3e
    jc 1f
    .byte 0x2e
    jnc 1f
1:  bnd jmp 2f
    ud2
2:  ret
end t_hints
begin t_dense
    xor eax, eax
    mov ecx, 12
1:  test cl, 1
    jz 2f
    inc eax
2:  test cl, 2
    jz 3f
    inc eax
3:  test cl, 4
    jz 4f
    inc eax
4:  dec ecx
    jnz 1b
    ret
end t_dense

test:
    run t_short_chain
    run t_conditions
    run t_near
    run t_next
    run t_back
    run t_hints
    run t_dense
    ret

# >>> missed-every 12
