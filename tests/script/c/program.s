# What the scripts here are put into, for what they look like as C.
    .globl _start, work, leaf
    .type work, @function
work:
    push %rbx
    mov %edi, %ebx
    call leaf
    add %ebx, %eax
    pop %rbx
    ret
    .size work, . - work
    .type leaf, @function
leaf:
    lea 1(%rdi), %eax
    imul %esi, %eax
    ret
    .size leaf, . - leaf
    .type _start, @function
_start:
    mov $3, %edi
    mov $4, %esi
    call work
    mov %eax, %edi
    mov $60, %eax
    syscall
    .size _start, . - _start
    .section .note.GNU-stack,"",@progbits
