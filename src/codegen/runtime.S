// The runtime's bitcode, once per machine, inside the mctrace executable.
    .section .rodata
    .balign 16
    .global runtime_x86_64_start, runtime_x86_64_end
runtime_x86_64_start:
    .incbin "x86_64.bc"
runtime_x86_64_end:
    .section .note.GNU-stack,"",@progbits
