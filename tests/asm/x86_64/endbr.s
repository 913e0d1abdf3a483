.include "canary.inc"
# endbr64 stays the first instruction of whatever it begins.

begin t_plain
    endbr64
    ret
end t_plain
begin t_work
    endbr64
    lea rax, [rdi + rsi]
    ret
end t_work
# An indirect branch may arrive in the middle, too.
begin t_middle
    endbr64
    mov edx, OFFSET 1f
    jmp rdx
    ud2
1:  endbr64
    inc eax
    ret
end t_middle
# The bytes themselves: they must still be there.
begin t_bytes
    mov eax, [t_plain]
    mov ecx, [t_work]
    mov edx, [t_middle]
    ret
end t_bytes

test:
    run t_plain
    run t_work
    run t_middle
    run t_bytes
    ret

# >>> missed-every 1
