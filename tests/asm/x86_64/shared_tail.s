.include "canary.inc"
# Functions that share their end, and one that falls through into the next.

begin t_one
    inc eax
    jmp t_end
end t_one
begin t_two
    inc ecx
    jmp t_end
end t_two
begin t_end
    inc edx
t_inside:
    ret
end t_end
begin t_three
    inc esi
    jmp t_inside
end t_three
begin t_falls, 1
    inc edi
end t_falls
begin t_below, 1
    inc edi
    ret
end t_below
# One call site, several functions through a register.
begin t_dispatch
    mov ebx, OFFSET t_one
    call rbx
    mov ebx, OFFSET t_two
    call rbx
    mov ebx, OFFSET t_below
    call rbx
    mov ebx, 0
    ret
end t_dispatch

test:
    run t_one
    run t_two
    run t_three
    run t_falls
    run t_dispatch
    ret
