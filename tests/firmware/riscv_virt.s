# The first instructions: one hart, a stack.
    .section .start, "ax"
    .globl _start
    .type _start, @function
_start:
    la sp, _stack_top
    call start
1:  j 1b
    .size _start, . - _start
