# The first instructions: a stack, and an entry of TLB1 for the registers of the
# system, which lie at 0xfe0000000.
    .section .start, "ax"
    .globl _start
    .type _start, @function
_start:
    lis 1, _stack_top@ha
    addi 1, 1, _stack_top@l
    li 0, 0
    stwu 0, -16(1)
    lis 3, 0x1003           # MAS0: TLB1, entry 3
    mtspr 624, 3
    lis 3, 0xc000           # MAS1: valid, protected, 1 MB
    ori 3, 3, 0x0500
    mtspr 625, 3
    lis 3, 0xe000           # MAS2: where, uncached and guarded
    ori 3, 3, 0x000a
    mtspr 626, 3
    lis 3, 0xe000           # MAS3: what, for reading and writing
    ori 3, 3, 0x0005
    mtspr 627, 3
    li 3, 0xf               # MAS7: its upper half
    mtspr 944, 3
    isync
    tlbwe
    isync
    bl start
1:  b 1b
    .size _start, . - _start
