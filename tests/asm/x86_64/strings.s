.include "canary.inc"
# Repeated string instructions: one instruction, however often it repeats.

    .data
    .p2align 3
from:  .ascii "a text of some length, with an end"
       .byte 0
into:  .skip 64
    .text
begin t_move
    lea rsi, [rip + from]
    lea rdi, [rip + into]
    mov ecx, 20
    rep movsb
    ret
end t_move
begin t_store
    lea rdi, [rip + into]
    mov ecx, 3
    rep stosq
    ret
end t_store
begin t_search
    lea rdi, [rip + from]
    mov al, 0
    mov ecx, 60
    repne scasb
    ret
end t_search
begin t_compare
    lea rsi, [rip + from]
    lea rdi, [rip + into]
    mov ecx, 10
    repe cmpsb
    seta al
    ret
end t_compare
begin t_none
    xor ecx, ecx
    rep movsb
    ret
end t_none

test:
    run t_move
    run t_store
    run t_search
    run t_compare
    run t_none
    ret
