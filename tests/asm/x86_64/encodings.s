.include "canary.inc"
# Long, redundant and rare encodings.

begin t_longest
    .byte 0x2e, 0x2e, 0x2e, 0x48, 0x81, 0x84, 0x24
    .long 0xffffff80
    .byte 1, 0, 0
    .byte 0
    xor eax, eax # what lay below the stack pointer may be anything
    ret
end t_longest
begin t_nops
    nop
    xchg ax, ax
    nop dword ptr [rax]
    nop dword ptr [rax + rax * 1 + 0]
    .byte 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 2, 0, 0
    data16 nop
    pause
    ret
end t_nops
begin t_movabs
    movabs rax, 0x123456789abcdef0
    movabs al, [state_call]
    xor eax, eax
    ret
end t_movabs
begin t_address_size
    mov ecx, 4
    lea eax, [ecx + edx * 2]
    mov dl, byte ptr [esp]
    xor edx, edx
    ret
end t_address_size
begin t_atomic
    mov rax, [state_call]
    mov rcx, rax
    lock cmpxchg [state_call], rcx
    lock inc qword ptr [state_call]
    lock dec qword ptr [state_call]
    xchg rdx, [state_call]
    xchg rdx, [state_call]
    ret
end t_atomic
begin t_bmi
    popcnt rax, rcx
    bswap rdx
    movbe ebx, [rsp]
    xor ebx, ebx
    crc32 eax, cl
    shld rsi, rdi, 5
    ret
end t_bmi
begin t_divide
    xor edx, edx
    mov eax, 1000
    mov ecx, 7
    div ecx
    cqo
    idiv rcx
    mul rsi
    imul rdi, rsi, 77
    cmp edx, eax # what multiplication leaves in AF is nobody's business
    ret
end t_divide
begin t_cpuid
    push rbx
    mov eax, 0
    cpuid
    pop rbx
    ret
end t_cpuid
begin t_prefetch
    prefetcht0 [rsp]
    mfence
    sfence
    lfence
    movnti [state_fx], rax
    clflush [state_fx]
    ret
end t_prefetch

test:
    run t_longest
    run t_nops
    run t_movabs
    run t_address_size
    run t_atomic
    run t_bmi
    run t_divide
    run t_cpuid
    run t_prefetch
    ret
