// The first instructions: a stack.
    .section .start, "ax"
    .globl _start
    .type _start, %function
_start:
    ldr x9, =_stack_top
    mov sp, x9
    bl start
1:  b 1b
    .size _start, . - _start
