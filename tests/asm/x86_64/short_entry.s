.include "canary.inc"
# Functions shorter than a jump, packed without a byte between them.

begin t_ret, 1
    ret
end t_ret
begin t_nop, 1
    nop
    ret
end t_nop
begin t_xor, 1
    xor eax, eax
    ret
end t_xor
begin t_inc, 1
    inc rax
    ret
end t_inc
begin t_push, 1
    push rbx
    pop rax
    ret
end t_push
# A branch target right behind a two-byte entry.
begin t_target, 1
    dec ecx
1:  inc eax
    dec cl
    jg 1b
    ret
end t_target
begin t_ret2, 1
    ret
end t_ret2
begin t_ret3, 1
    ret
end t_ret3

test:
    run t_ret
    run t_nop
    run t_xor
    run t_inc
    run t_push
    run t_target
    run t_ret2
    run t_ret3
    ret

# >>> missed-ends 14
# >>> missed-every 26
