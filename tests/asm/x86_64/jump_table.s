.include "canary.inc"
# Jump tables, absolute and relative, in read-only data and behind the code.
# Each target is short and stands close to the next.

    .section .rodata
    .p2align 3
absolute:
    .quad 10f, 11f, 12f, 13f
relative:
    .long 20f - relative, 21f - relative, 22f - relative, 23f - relative

    .text
begin t_absolute
    cmp ecx, 3
    ja 13f
    jmp [absolute + rcx * 8]
10: inc eax
    ret
11: inc ebx
    ret
12: inc edx
    ret
13: ret
end t_absolute

begin t_relative
    cmp ecx, 3
    ja 23f
    lea rbx, [rip + relative]
    movsxd rax, dword ptr [rbx + rcx * 4]
    add rax, rbx
    notrack jmp rax
20: inc esi
    ret
21: inc edi
22: inc edx
23: ret
end t_relative

begin t_behind
    and ecx, 3
    jmp [1f + rcx * 8]
2:  inc eax
3:  inc eax
4:  inc eax
5:  ret
end t_behind
    .p2align 3
1:  .quad 2b, 3b, 4b, 5b

begin t_all
    push r12
    xor r12d, r12d
1:  mov ecx, r12d
    call t_absolute
    mov ecx, r12d
    call t_relative
    mov ecx, r12d
    call t_behind
    inc r12d
    cmp r12d, 6
    jne 1b
    pop r12
    ret
end t_all

test:
    run t_all
    ret

# >>> missed-ends 2
# >>> missed-every 9
