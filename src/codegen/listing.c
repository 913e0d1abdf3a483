// listing.c: the code of a clause for people to read, as LLVM disassembles it.
//
//     Disassembly of clause syscall::write:entry
//     INS  OFF    CODE                     INSTRUCTION
//     0000 00000: 48 83 ff 05              cmpq $5, %rdi
//
// Bytes that the rewriter fills in for each site (holes) are shown as they are
// before that.

#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <string.h>

#include "codegen/codegen.h"

#define BYTES_SHOWN 8

static const struct {
    const char *arch;
    void (*info)(void), (*mc)(void), (*disassembler)(void);
} rows[] = {
#define ROW(arch, llvm)                                                        \
    {arch, LLVMInitialize##llvm##TargetInfo, LLVMInitialize##llvm##TargetMC,   \
     LLVMInitialize##llvm##Disassembler}
    ROW("x86_64", X86),    ROW("aarch64", AArch64), ROW("arm", ARM),
    ROW("riscv64", RISCV), ROW("ppc32", PowerPC),
#undef ROW
};

static LLVMDisasmContextRef open_disassembler(const struct arch *arch) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].arch, arch->name) != 0)
            continue;
        rows[i].info();
        rows[i].mc();
        rows[i].disassembler();
        return LLVMCreateDisasmCPUFeatures(
            arch->triple, arch->cpu ? arch->cpu : "",
            arch->features ? arch->features : "", NULL, 0, NULL, NULL);
    }
    return NULL;
}

static void put_insn(FILE *out, unsigned number, size_t off, struct slice bytes,
                     const char *text) {
    fprintf(out, "%04u %05zu:", number, off);
    for (size_t i = 0; i < BYTES_SHOWN; i++) {
        if (i < bytes.n)
            fprintf(out, " %02x", bytes.p[i]);
        else
            fputs("   ", out);
    }
    while (*text == '\t' || *text == ' ')
        text++;
    fputs(bytes.n > BYTES_SHOWN ? "+ " : "  ", out);
    for (; *text; text++)
        fputc(*text == '\t' ? ' ' : *text, out);
    fputc('\n', out);
}

void stencil_list(FILE *out, const struct stencil *stencil,
                  const struct arch *arch, struct str title) {
    LLVMDisasmContextRef context = open_disassembler(arch);
    char text[128];
    unsigned number = 0;
    if (!context)
        return;
    fprintf(out, "\nDisassembly of clause %.*s\n", STR_ARGS(title));
    fprintf(out, "INS  OFF    CODE                     INSTRUCTION\n");
    for (size_t off = 0, len; off < stencil->code.n; off += len) {
        len = LLVMDisasmInstruction(context, (uint8_t *)stencil->code.p + off,
                                    stencil->code.n - off, off, text,
                                    sizeof text);
        struct slice bytes = {stencil->code.p + off, len ? len : 1};
        put_insn(out, number++, off, bytes, len ? text : "(data)");
        if (len == 0)
            len = 1;
    }
    LLVMDisasmDispose(context);
}
