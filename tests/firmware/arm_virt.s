@ The first instructions, which are A32 as after a reset: a stack. All else is
@ Thumb.
    .syntax unified
    .arm
    .section .start, "ax"
    .globl _start
    .type _start, %function
_start:
    ldr sp, =_stack_top
    ldr r0, =start
    blx r0
1:  b 1b
    .size _start, . - _start
