// The runtime, once per machine, inside the mctrace executable.
    .section .rodata
    .balign 16
    .global runtime_x86_64_bitcode, runtime_x86_64_bitcode_end
    .global runtime_x86_64_object, runtime_x86_64_object_end
runtime_x86_64_bitcode:
    .incbin "x86_64.bc"
runtime_x86_64_bitcode_end:
    .balign 16
runtime_x86_64_object:
    .incbin "x86_64.o"
runtime_x86_64_object_end:
    .global runtime_x86_64_host, runtime_x86_64_host_end
    .balign 16
runtime_x86_64_host:
    .incbin "x86_64.host"
runtime_x86_64_host_end:
    .section .note.GNU-stack,"",@progbits
