.include "canary.inc"
# Other functions jump to the second instruction of these, past the entry: a
# jump in place of the first two or more would be entered in its middle.

begin t_two
    push rbx
    mov ebx, 7
    add eax, ebx
    pop rbx
    ret
end t_two

begin t_into
    push rbx
    jmp t_two + 1
end t_into

begin t_three
    inc eax
    inc ecx
    inc edx
    ret
end t_three

begin t_into_three
    cmp cl, 1
    jne 1f
    mov ecx, OFFSET t_three + 4
    jmp rcx
1:  jmp t_three + 2
end t_into_three

# Known only from a table of addresses in data.
begin t_hidden
    inc eax
    inc ecx
    inc edx
    inc esi
    ret
end t_hidden
    .data
hidden_address:
    .quad t_hidden + 2
    .text
begin t_into_hidden
    mov rbx, [hidden_address]
    call rbx
    ret
end t_into_hidden

test:
    run t_two
    run t_into
    run t_three
    run t_into_three
    run t_hidden
    run t_into_hidden
    ret

# >>> missed-ends 2
# >>> missed-every 4
