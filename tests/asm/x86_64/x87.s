.include "canary.inc"
# The x87 stack and MMX registers alive at entries and returns.

begin t_add
    fadd st, st(1)
    ret
end t_add
begin t_result
    fldl2t
    ret
end t_result
begin t_takes
    call t_result
    fmulp st(1), st
    ret
end t_takes
begin t_compare
    fcomi st, st(1)
    ja 1f
    inc eax
1:  ret
end t_compare
begin t_control
    sub rsp, 8
    fnstcw [rsp]
    or word ptr [rsp], 0xc00
    fldcw [rsp]
    frndint
    add rsp, 8
    ret
end t_control
begin t_mmx
    movq mm0, rax
    paddb mm0, mm0
    movq rcx, mm0
    emms
    ret
end t_mmx
begin t_rounding
    sub rsp, 8
    stmxcsr [rsp]
    or dword ptr [rsp], 0x6000
    ldmxcsr [rsp]
    cvtsd2si rax, xmm0
    and dword ptr [rsp], 0xffff9fff
    ldmxcsr [rsp]
    add rsp, 8
    ret
end t_rounding

test:
    run t_add
    run t_result
    run t_takes
    run t_compare
    run t_control
    run t_mmx
    run t_rounding
    ret
