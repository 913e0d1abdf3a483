// The runtime, once per machine, inside the mctrace executable: a table of
// rows as runtime.c reads them. MACHINES is the Makefile's list.
    .macro embed machine, suffix
    .balign 16
runtime_\machine\()_\suffix\():
    .incbin "\machine\().\suffix"
runtime_\machine\()_\suffix\()_end:
    .endm

    .macro words machine, suffix
    .quad runtime_\machine\()_\suffix, runtime_\machine\()_\suffix\()_end
    .endm

    .section .rodata
    .irp machine, MACHINES
    embed \machine, bc
    embed \machine, text
    embed \machine, o
    embed \machine, host
    embed \machine, bare.bc
    embed \machine, bare.text
    embed \machine, bare.o
runtime_\machine\()_name:
    .asciz "\machine"
    .endr

    .section .data.rel.ro,"aw",@progbits
    .global runtime_rows
    .balign 8
runtime_rows:
    .irp machine, MACHINES
    .quad runtime_\machine\()_name
    words \machine, bc
    words \machine, text
    words \machine, o
    words \machine, host
    words \machine, bare.bc
    words \machine, bare.text
    words \machine, bare.o
    .endr
    .quad 0
    .section .note.GNU-stack,"",@progbits
