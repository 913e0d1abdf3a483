@ The vector table, and the first instructions.
    .syntax unified
    .thumb
    .section .vectors, "a"
    .word _stack_top, _start + 1
    .rept 13
    .word trap + 1
    .endr
    .word on_tick
    .section .start, "ax"
    .globl _start
    .thumb_func
    .type _start, %function
_start:
    ldr sp, =_stack_top @ as makers' start-up code does, though it is there
    ldr r0, =start
    blx r0
1:  b 1b
    .size _start, . - _start
    .thumb_func
    .type trap, %function
trap:
    b trap
    .size trap, . - trap
