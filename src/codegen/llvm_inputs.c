// llvm_inputs.c: registers as they are at the site, as LLVM values.
//
// Arguments of functions are arguments of the shape. Others are fetched by an
// inline assembly in the beginning, as outputs in these very registers or,
// where LLVM would not have that, by instructions in it. LLVM does not know
// that they hold anything before, and must be kept from using them: what is
// made of the arguments is made behind the assembly, see fetch_arguments().

#include "codegen/llvm.h"

#include <string.h>

// Whether it calls nothing.
static bool only_counts(const struct ir_stmt *stmt) {
    while (stmt && stmt->op == IR_AGG && stmt->is_slot)
        stmt = stmt->next;
    return stmt == NULL;
}

// Arguments of the shape, seen as a function.
static regset take_arguments(struct lowering *low, LLVMValueRef shape) {
    const uint8_t *args = low->input->arch->abi.args;
    regset taken = 0;
    for (unsigned i = 0; i < LLVMCountParams(shape); i++) {
        low->machine[args[i]] = LLVMGetParam(shape, i);
        taken |= REG_BIT(args[i]);
    }
    return taken;
}

// False: none is wanted but arguments.
static bool fetch_registers(struct lowering *low) {
    const struct arch *arch = low->input->arch;
    struct given given;
    LLVMValueRef shape =
        LLVMGetBasicBlockParent(LLVMGetInsertBlock(low->builder));
    regset inputs = shape_inputs(low->clause, arch, &given);
    low->given = given;
    inputs |= regset_of(given.sp);
    inputs = inputs_handed(&low->handover, arch, inputs);
    low->spared =
        low->clause->predicate == NULL && only_counts(low->clause->body)
            ? arch->abi.spared
            : 0;
    inputs |= low->spared;
    memset(low->machine, 0, sizeof low->machine);
    inputs &= ~take_arguments(low, shape);
    LLVMTypeRef word = LLVMIntTypeInContext(low->context, arch->bits);
    LLVMTypeRef types[64];
    unsigned regs[64], count = 0;
    char constraints[64 * 12], text[64 * 24];
    size_t len = 0, text_len = 0;
    for (unsigned reg = 0; reg < arch->reg_count; reg++) {
        if (!(inputs & REG_BIT(reg)))
            continue;
        const char *name = arch->regs[reg].name;
        if (low->copied & REG_BIT(reg)) {
            text_len +=
                (size_t)snprintf(text + text_len, sizeof text - text_len,
                                 low->copy, count, name);
            text[text_len++] = '\n';
            len += (size_t)snprintf(constraints + len, sizeof constraints - len,
                                    "=&r,");
        } else {
            len += (size_t)snprintf(constraints + len, sizeof constraints - len,
                                    "={%s},", name);
        }
        types[count] = word;
        regs[count++] = reg;
    }
    if (count == 0)
        return false;
    // What LLVM does not know to be read here might hold something else by now.
    for (unsigned reg = 0; reg < arch->reg_count; reg++)
        if (inputs & low->copied & arch->abi.general & REG_BIT(reg))
            len += (size_t)snprintf(constraints + len, sizeof constraints - len,
                                    "~{%s},", arch->regs[reg].name);
    len += (size_t)snprintf(constraints + len, sizeof constraints - len,
                            "~{memory}");
    LLVMTypeRef result =
        count == 1 ? word
                   : LLVMStructTypeInContext(low->context, types, count, false);
    LLVMTypeRef type = LLVMFunctionType(result, NULL, 0, false);
    LLVMValueRef assembly =
        LLVMGetInlineAsm(type, text, text_len, constraints, len, true, false,
                         LLVMInlineAsmDialectATT, false);
    LLVMValueRef values =
        LLVMBuildCall2(low->builder, type, assembly, NULL, 0, "");
    for (unsigned i = 0; i < count; i++)
        low->machine[regs[i]] =
            count == 1 ? values
                       : LLVMBuildExtractValue(low->builder, values, i, "");
    return (inputs & ~low->spared) != 0;
}

// What is made of arguments is made behind the fetching of the others: LLVM
// might use those registers before.
static void fetch_arguments(struct lowering *low) {
    const struct arch *arch = low->input->arch;
    struct given given;
    regset inputs = inputs_handed(&low->handover, arch,
                                  shape_inputs(low->clause, arch, &given));
    inputs |= regset_of(given.sp);
    LLVMTypeRef types[COUNT_OF(arch->abi.args)];
    LLVMValueRef values[COUNT_OF(types)];
    char constraints[COUNT_OF(types) * 8];
    uint8_t regs[COUNT_OF(types)];
    unsigned count = 0;
    size_t len = 0;
    for (unsigned i = 0; i < LLVMCountParamTypes(low->thunk); i++) {
        regs[count] = arch->abi.args[i];
        if (!(inputs & REG_BIT(regs[count])))
            continue;
        values[count] = low->machine[regs[count]];
        types[count] = LLVMTypeOf(values[count]);
        len += (size_t)snprintf(constraints + len, sizeof constraints - len,
                                "%s=r", count ? "," : "");
        count++;
    }
    if (count == 0)
        return;
    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(constraints + len, sizeof constraints - len,
                                ",%u", i);
    LLVMTypeRef result =
        count == 1 ? types[0]
                   : LLVMStructTypeInContext(low->context, types, count, false);
    LLVMTypeRef type = LLVMFunctionType(result, types, count, false);
    LLVMValueRef assembly =
        LLVMGetInlineAsm(type, "", 0, constraints, len, true, false,
                         LLVMInlineAsmDialectATT, false);
    LLVMValueRef held =
        LLVMBuildCall2(low->builder, type, assembly, values, count, "");
    for (unsigned i = 0; i < count; i++)
        low->machine[regs[i]] =
            count == 1 ? held
                       : LLVMBuildExtractValue(low->builder, held, i, "");
}

void lower_inputs(struct lowering *low) {
    const struct handover *handover = &low->handover;
    regset lost = low->input->arch->abi.lost_by_frame;
    if (fetch_registers(low))
        fetch_arguments(low);
    if (low->given.lost != REG_NONE)
        low->machine[__builtin_ctzll(lost)] = low->machine[low->given.lost];
    if (handover->is_called && handover->link != REG_NONE)
        low->machine[low->input->arch->abi.link] = low->machine[handover->link];
}

// A register that was fetched at the beginning is still wanted at the end: so
// nothing else is put there.
static void spare_register(struct lowering *low, unsigned reg) {
    char constraint[24];
    LLVMValueRef value = low->machine[reg];
    LLVMTypeRef word = LLVMTypeOf(value);
    LLVMTypeRef type = LLVMFunctionType(low->void_type, &word, 1, false);
    size_t len = (size_t)snprintf(constraint, sizeof constraint, "{%s}",
                                  low->input->arch->regs[reg].name);
    LLVMValueRef nothing =
        LLVMGetInlineAsm(type, "", 0, constraint, len, true, false,
                         LLVMInlineAsmDialectATT, false);
    LLVMBuildCall2(low->builder, type, nothing, &value, 1, "");
}

void lower_spared(struct lowering *low) {
    for (unsigned reg = 0; low->spared >> reg != 0; reg++)
        if (low->spared >> reg & 1)
            spare_register(low, reg);
}
