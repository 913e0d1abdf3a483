.include "canary.inc"
# System calls by hand. The kernel leaves in rcx the address behind the
# instruction and in r11 the flags; the one shows if the instruction was moved,
# the other if something was between the last arithmetic and the call. Neither
# is promised, so they are cleared.

begin t_getuid
    mov eax, 102
    syscall
    xor ecx, ecx
    xor r11d, r11d
    ret
end t_getuid
begin t_first
    syscall
    xor ecx, ecx
    xor r11d, r11d
    ret
end t_first
begin t_calls_first
    mov eax, 102
    call t_first
    ret
end t_calls_first
# The number is known only at run time.
begin t_unknown
    mov rax, [number]
    syscall
    xor ecx, ecx
    xor r11d, r11d
    ret
end t_unknown
begin t_two
    mov eax, 102
    syscall
    xor ecx, ecx
    xor r11d, r11d
    mov eax, 104
    syscall
    xor ecx, ecx
    xor r11d, r11d
    ret
end t_two
# A loop back to the instruction, as a restart would do.
begin t_again
    mov ebx, 3
    mov eax, 102
1:  syscall
    xor ecx, ecx
    xor r11d, r11d
    mov eax, 102
    dec ebx
    jnz 1b
    ret
end t_again
# As musl's cancellation points: two bytes, targets before and behind.
begin t_between
    mov eax, 102
    jmp 1f
1:  syscall
    xor ecx, ecx
    xor r11d, r11d
2:  ret
end t_between
begin t_fails
    mov eax, 3
    mov edi, -1
    syscall
    xor ecx, ecx
    xor r11d, r11d
    ret
end t_fails

    .data
number: .quad 107
    .text
test:
    run t_getuid
    run t_calls_first
    run t_unknown
    run t_two
    run t_again
    run t_between
    run t_fails
    ret

# >>> script
# int geteuids;
# syscall::getuid:entry { @["getuid"] = count(); }
# syscall::getuid:return { @["getuid return"] = count(); }
# syscall::geteuid:entry { geteuids++; }
# syscall::close:entry { fd = arg0; }
# syscall::close:return { error = errno; result = arg1; }
# >>> json
# {"geteuids": 2, "fd": 4294967295, "error": 9, "result": "...",
#  "@": [{"key": ["getuid"], "value": 14},
#        {"key": ["getuid return"], "value": 14}]}
