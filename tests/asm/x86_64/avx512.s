.include "canary.inc"
# Vector and mask registers in use around probes, as wide as the machine has.

    .data
    .p2align 6
lanes:
    .quad 1, 2, 3, 4, 5, 6, 7, 8
    .text
begin t_sse
    paddq xmm0, xmm1
    mulsd xmm2, xmm3
    ret
end t_sse
begin t_wide
    vpaddq zmm0, zmm1, zmm2
    vpaddq zmm16, zmm17, [rip + lanes]
    vmovdqu64 zmm31, zmm0
    ret
end t_wide
begin t_masked
    kmovw k1, ecx
    vpaddq zmm3{k1}, zmm4, zmm5
    vpcmpeqq k2, zmm6, zmm6
    kandw k3, k1, k2
    ret
end t_masked
begin t_broadcast
    vpaddq zmm7, zmm8, qword ptr [rip + lanes + 16]{1to8}
    vpaddq zmm9, zmm9, [rsp - 128]
    vpsubq zmm9, zmm9, [rsp - 128]
    ret
end t_broadcast
begin t_zeroupper
    vzeroupper
    ret
end t_zeroupper
begin t_gather
    mov eax, 0xff
    kmovw k1, eax
    vpxorq zmm10, zmm10, zmm10
    lea rbx, [rip + lanes]
    vpgatherqq zmm11{k1}, [rbx + zmm10 * 8]
    ret
end t_gather
begin t_across
    vmovdqu64 zmm20, [rip + lanes]
    call t_sse
    vpaddq zmm20, zmm20, zmm20
    ret
end t_across

test:
    run t_sse
    cmp qword ptr [has_avx512], 0
    je 1f
    run t_wide
    run t_masked
    run t_broadcast
    run t_zeroupper
    run t_gather
    run t_across
1:  ret
