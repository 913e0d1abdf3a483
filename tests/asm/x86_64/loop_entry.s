.include "canary.inc"
# A function whose loop goes back to its first instruction: one entry a call,
# however often it loops.

begin t_loop
    dec ecx
    jnz t_loop
    ret
end t_loop

begin t_long_loop
    add rax, 0x12345678
    dec rcx
    jnz t_long_loop
    ret
end t_long_loop

# The whole function is a loop of one instruction.
begin t_single
    loop t_single
    ret
end t_single

begin t_caller
    mov ecx, 5
    call t_loop
    mov ecx, 7
    call t_long_loop
    mov ecx, 9
    call t_single
    ret
end t_caller

# Entered by a call from within: that is an entry.
begin t_recursive
    sub ecx, 1
    jle 1f
    call t_recursive
1:  ret
end t_recursive

begin t_recursion
    mov ecx, 6
    call t_recursive
    ret
end t_recursion

test:
    run t_caller
    run t_recursion
    ret

# >>> script
# int loops;
# pid$target:a.out:t_loop:entry { loops++; }
# pid$target:a.out:t_recursive:entry { @[arg3 & 0xff] = count(); }
# >>> json
# {"loops": 2, "@": [{"key": [1], "value": 2}, {"key": [2], "value": 2},
#  {"key": [3], "value": 2}, {"key": [4], "value": 2}, {"key": [5], "value": 2},
#  {"key": [6], "value": 2}]}
# >>> missed-ends 2
# >>> missed-every 4
