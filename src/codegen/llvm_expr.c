// llvm_expr.c: expressions as LLVM values.
//
// Integers have the width of their type, texts are addresses. LLVM leaves
// undefined what C does; the IR does not, so every such case is spelled out:
// a shift takes its count modulo the width, the least integer divided by -1
// is itself, and a division by zero leaves the clause through its fault exit.
// Whatever these tests cost for constants is removed by the optimiser.

#include "codegen/llvm.h"

#include <assert.h>

#include "mctrace/records.h"
#include "mctrace/runtime.h"

LLVMTypeRef lower_type(struct lowering *low, struct ir_type type) {
    switch ((enum ir_type_kind)type.kind) {
    case IR_INT: return LLVMIntTypeInContext(low->context, type.bits);
    case IR_STRING:
    case IR_BLOCK: return low->pointer;
    case IR_VOID: break;
    }
    return low->void_type;
}

LLVMValueRef lower_const(struct lowering *low, uint64_t value) {
    return LLVMConstInt(low->i64, value, false);
}

LLVMBasicBlockRef lower_block(struct lowering *low, const char *name) {
    return LLVMAppendBasicBlockInContext(low->context, low->function, name);
}

static LLVMValueRef at_offset(struct lowering *low, LLVMValueRef base,
                              LLVMValueRef off) {
    return LLVMBuildGEP2(low->builder, low->i8, base, &off, 1, "");
}

LLVMValueRef lower_place(struct lowering *low, uint64_t off) {
    return at_offset(low, low->region, lower_const(low, off));
}

LLVMValueRef lower_resize(struct lowering *low, LLVMValueRef value,
                          bool is_signed, LLVMTypeRef type) {
    unsigned from = LLVMGetIntTypeWidth(LLVMTypeOf(value));
    unsigned to = LLVMGetIntTypeWidth(type);
    if (to < from)
        return LLVMBuildTrunc(low->builder, value, type, "");
    if (to == from)
        return value;
    return is_signed ? LLVMBuildSExt(low->builder, value, type, "")
                     : LLVMBuildZExt(low->builder, value, type, "");
}

static LLVMValueRef truth(struct lowering *low, LLVMValueRef value) {
    return LLVMBuildICmp(low->builder, LLVMIntNE, value,
                         LLVMConstNull(LLVMTypeOf(value)), "");
}

static LLVMValueRef from_truth(struct lowering *low, const struct ir_expr *expr,
                               LLVMValueRef bit) {
    return LLVMBuildZExt(low->builder, bit, lower_type(low, expr->type), "");
}

void lower_or_fault(struct lowering *low, LLVMValueRef fine, unsigned code,
                    LLVMValueRef value) {
    LLVMBasicBlockRef on = lower_block(low, ""), off = lower_block(low, "");
    LLVMBuildCondBr(low->builder, fine, on, off);
    LLVMPositionBuilderAtEnd(low->builder, off);
    if (code != FAULT_OF_FIRING) {
        LLVMBuildStore(low->builder, lower_const(low, code), low->fault_code);
        LLVMBuildStore(low->builder, value, low->fault_value);
    }
    LLVMBuildStore(low->builder, lower_const(low, ++low->places),
                   low->fault_place);
    LLVMBuildBr(low->builder, low->fault);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

void lower_check_fault(struct lowering *low) {
    LLVMValueRef fault =
        LLVMBuildLoad2(low->builder, low->i64,
                       lower_at(low, low->firing, MCT_FIRING_FAULT), "");
    lower_or_fault(
        low,
        LLVMBuildICmp(low->builder, LLVMIntEQ, fault, lower_const(low, 0), ""),
        FAULT_OF_FIRING, NULL);
}

// --- leaves ---

LLVMValueRef lower_hole_value(struct lowering *low, uint64_t hole) {
    const struct handover *handover = &low->handover;
    if (handover->is_called) {
        LLVMTypeRef type = handover->value_len == 8 ? low->i64 : low->i32;
        LLVMValueRef values = LLVMBuildIntToPtr(
            low->builder, low->machine[handover->values], low->pointer, "");
        LLVMValueRef place = lower_at(low, values, hole * handover->value_len);
        return LLVMBuildZExt(low->builder,
                             LLVMBuildLoad2(low->builder, type, place, ""),
                             low->i64, "");
    }
    char name[32];
    snprintf(name, sizeof name, "mct_value_%llu", (unsigned long long)hole);
    return LLVMBuildLoad2(low->builder, low->i64,
                          lower_symbol(low, name, low->i64), "");
}

static LLVMValueRef lower_hole(struct lowering *low,
                               const struct ir_expr *expr) {
    LLVMValueRef value = lower_hole_value(low, expr->value);
    if (expr->type.kind == IR_STRING)
        return at_offset(low, low->texts, value);
    return lower_resize(low, value, false, lower_type(low, expr->type));
}

static LLVMValueRef lower_text(struct lowering *low,
                               const struct ir_expr *expr) {
    uint64_t off = layout_text(low->input->layout, expr->text);
    return at_offset(low, low->texts, lower_const(low, off));
}

static LLVMValueRef lower_register(struct lowering *low,
                                   const struct ir_expr *expr,
                                   uint64_t number) {
    const struct abi *abi = &low->input->arch->abi;
    LLVMValueRef value =
        low->machine[number == abi->sp ? low->given.sp : number];
    if (expr->op == IR_REG)
        return lower_resize(low, value, expr->type.is_signed,
                            lower_type(low, expr->type));
    return value;
}

// The stack is not: a clause begins wherever sp was.
static LLVMValueRef aligned(struct lowering *low, LLVMValueRef room,
                            uint64_t align) {
    LLVMValueRef number = LLVMBuildPtrToInt(low->builder, room, low->i64, "");
    number =
        LLVMBuildAdd(low->builder, number, lower_const(low, align - 1), "");
    number =
        LLVMBuildAnd(low->builder, number, lower_const(low, 0 - align), "");
    return LLVMBuildIntToPtr(low->builder, number, low->pointer, "");
}

// Nothing of ours changes them, so they are read where they are wanted.
static LLVMValueRef lower_float_register(struct lowering *low,
                                         const struct ir_expr *expr) {
    struct float_word word = arch_float_unpack(low->input->arch, expr->value);
    const char *constraint = word.form->constraint;
    bool is_stored = constraint[0] != '=';
    struct str read =
        arch_float_read(low->input->arena, low->input->arch, &word, "%", "$0");
    LLVMTypeRef result = word.form->bytes == 4 ? low->i32 : low->i64;
    struct str said = str_format(low->input->arena, "%s%s", constraint,
                                 is_stored ? ",~{memory}" : "");
    LLVMTypeRef type =
        is_stored ? LLVMFunctionType(LLVMVoidTypeInContext(low->context),
                                     &low->pointer, 1, false)
                  : LLVMFunctionType(result, NULL, 0, false);
    LLVMValueRef code =
        LLVMGetInlineAsm(type, (char *)read.p, read.n, (char *)said.p, said.n,
                         true, false, LLVMInlineAsmDialectATT, false);
    if (!is_stored)
        return lower_resize(
            low, LLVMBuildCall2(low->builder, type, code, NULL, 0, ""), false,
            low->i64);
    LLVMValueRef room = LLVMBuildArrayAlloca(
        low->locals, low->i64,
        lower_const(low, arch_float_room(word.form) / sizeof(uint64_t)), "");
    room = aligned(low, room, FLOAT_ALIGN);
    LLVMBuildCall2(low->builder, type, code, &room, 1, "");
    LLVMValueRef place =
        at_offset(low, room, lower_const(low, arch_float_off(&word)));
    return lower_resize(low, LLVMBuildLoad2(low->builder, result, place, ""),
                        false, low->i64);
}

static LLVMValueRef lower_word(struct lowering *low,
                               const struct ir_expr *expr) {
    LLVMValueRef base = LLVMBuildIntToPtr(
        low->builder, lower_register(low, expr, expr->reg), low->pointer, "");
    LLVMValueRef place = at_offset(low, base, lower_const(low, expr->value));
    LLVMTypeRef word =
        LLVMIntTypeInContext(low->context, low->input->arch->bits);
    LLVMValueRef load = LLVMBuildLoad2(low->builder, word, place, "");
    LLVMSetAlignment(load, 1);
    return lower_resize(low, load, false, lower_type(low, expr->type));
}

// The words of struct mct_site_state, on the stack.
static LLVMValueRef lower_stack(struct lowering *low,
                                const struct ir_expr *expr) {
    LLVMValueRef state = LLVMBuildArrayAlloca(
        low->locals, low->i64, lower_const(low, expr->arg_count), "");
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        LLVMValueRef at = lower_const(low, i);
        LLVMBuildStore(
            low->builder, lower_wide(low, expr->args[i]),
            LLVMBuildGEP2(low->builder, low->i64, state, &at, 1, ""));
    }
    return LLVMBuildPtrToInt(low->builder, state, low->i64, "");
}

// --- calls ---

static LLVMValueRef lower_argument(struct lowering *low,
                                   const struct ir_expr *arg,
                                   LLVMTypeRef type) {
    LLVMValueRef value = lower_expr(low, arg);
    return arg->type.kind == IR_INT
               ? lower_resize(low, value, arg->type.is_signed, type)
               : value;
}

// A function with a parameter more than the script gives takes the firing, and
// may fail.
static LLVMValueRef call_builtin(struct lowering *low,
                                 const struct ir_expr *expr) {
    LLVMValueRef none = LLVMGetUndef(lower_type(low, expr->type));
    LLVMValueRef function =
        lower_runtime(low, expr->callee->runtime, expr->span);
    if (!function)
        return none;
    LLVMTypeRef types[8];
    LLVMValueRef args[8];
    LLVMTypeRef type = LLVMGlobalGetValueType(function);
    unsigned count = LLVMCountParamTypes(type);
    bool takes_firing = count == expr->arg_count + 1;
    assert(count <= COUNT_OF(types) &&
           (takes_firing || count == expr->arg_count));
    LLVMGetParamTypes(type, types);
    if (takes_firing)
        args[0] = low->firing;
    for (unsigned i = 0; i < expr->arg_count; i++)
        args[i + takes_firing] =
            lower_argument(low, expr->args[i], types[i + takes_firing]);
    LLVMValueRef result = lower_call(low, function, args, count);
    if (takes_firing)
        lower_check_fault(low);
    if (expr->type.kind != IR_INT)
        return result;
    return lower_resize(low, result, expr->type.is_signed,
                        lower_type(low, expr->type));
}

static struct reading *find_reading(struct lowering *low,
                                    const struct ir_expr *expr) {
    for (size_t i = 0; i < low->reading_count; i++)
        if (low->readings[i].builtin == expr->callee)
            return &low->readings[i];
    struct reading *reading = ARENA_PUSH(low->input->arena, low->readings,
                                         low->reading_count, low->reading_room);
    reading->builtin = expr->callee;
    reading->value =
        LLVMBuildAlloca(low->locals, lower_type(low, expr->type), "");
    reading->is_known = LLVMBuildAlloca(low->locals, low->i1, "");
    LLVMBuildStore(low->locals, LLVMConstNull(low->i1), reading->is_known);
    return reading;
}

static LLVMValueRef lower_builtin(struct lowering *low,
                                  const struct ir_expr *expr) {
    if (expr->callee->is_function)
        return call_builtin(low, expr);
    struct reading reading = *find_reading(low, expr);
    LLVMBasicBlockRef read = lower_block(low, ""), on = lower_block(low, "");
    LLVMValueRef is_known =
        LLVMBuildLoad2(low->builder, low->i1, reading.is_known, "");
    LLVMBuildCondBr(low->builder, is_known, on, read);
    LLVMPositionBuilderAtEnd(low->builder, read);
    LLVMValueRef value = call_builtin(low, expr);
    LLVMBuildStore(low->builder, value, reading.value);
    if (expr->type.kind == IR_STRING)
        lower_keep_scratch(low);
    LLVMBuildStore(low->builder, LLVMConstInt(low->i1, 1, false),
                   reading.is_known);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
    return LLVMBuildLoad2(low->builder, lower_type(low, expr->type),
                          reading.value, "");
}

// --- arithmetic ---

static LLVMValueRef lower_division(struct lowering *low,
                                   const struct ir_expr *expr, LLVMValueRef a,
                                   LLVMValueRef b) {
    LLVMBuilderRef builder = low->builder;
    bool is_quotient = expr->op == IR_DIV;
    // Where none is expected there may be no firing yet that a fault needs.
    if (!ir_is_safe_divisor(expr->b))
        lower_or_fault(low, truth(low, b), MCT_FAULT_DIVZERO,
                       lower_const(low, 0));
    if (!expr->type.is_signed)
        return is_quotient ? LLVMBuildUDiv(builder, a, b, "")
                           : LLVMBuildURem(builder, a, b, "");
    LLVMTypeRef type = LLVMTypeOf(b);
    LLVMValueRef is_minus_one =
        LLVMBuildICmp(builder, LLVMIntEQ, b, LLVMConstAllOnes(type), "");
    LLVMValueRef divisor = LLVMBuildSelect(builder, is_minus_one,
                                           LLVMConstInt(type, 1, false), b, "");
    if (is_quotient)
        return LLVMBuildSelect(builder, is_minus_one,
                               LLVMBuildNeg(builder, a, ""),
                               LLVMBuildSDiv(builder, a, divisor, ""), "");
    return LLVMBuildSRem(builder, a, divisor, ""); // 0 for -1 as well
}

static LLVMValueRef lower_shift(struct lowering *low,
                                const struct ir_expr *expr, LLVMValueRef a,
                                LLVMValueRef b) {
    LLVMTypeRef type = LLVMTypeOf(a);
    LLVMValueRef count = lower_resize(low, b, false, type);
    LLVMValueRef mask = LLVMConstInt(type, LLVMGetIntTypeWidth(type) - 1, 0);
    count = LLVMBuildAnd(low->builder, count, mask, "");
    if (expr->op == IR_SHL)
        return LLVMBuildShl(low->builder, a, count, "");
    return expr->type.is_signed ? LLVMBuildAShr(low->builder, a, count, "")
                                : LLVMBuildLShr(low->builder, a, count, "");
}

static LLVMValueRef lower_binary(struct lowering *low,
                                 const struct ir_expr *expr) {
    LLVMValueRef a = lower_expr(low, expr->a);
    LLVMValueRef b = lower_expr(low, expr->b);
    switch ((enum ir_op)expr->op) {
    case IR_ADD: return LLVMBuildAdd(low->builder, a, b, "");
    case IR_SUB: return LLVMBuildSub(low->builder, a, b, "");
    case IR_MUL: return LLVMBuildMul(low->builder, a, b, "");
    case IR_AND: return LLVMBuildAnd(low->builder, a, b, "");
    case IR_OR: return LLVMBuildOr(low->builder, a, b, "");
    case IR_XOR: return LLVMBuildXor(low->builder, a, b, "");
    case IR_SHL:
    case IR_SHR: return lower_shift(low, expr, a, b);
    default: return lower_division(low, expr, a, b);
    }
}

static LLVMValueRef lower_unary(struct lowering *low,
                                const struct ir_expr *expr) {
    LLVMValueRef a = lower_expr(low, expr->a);
    switch ((enum ir_op)expr->op) {
    case IR_NEGATE: return LLVMBuildNeg(low->builder, a, "");
    case IR_COMPLEMENT: return LLVMBuildNot(low->builder, a, "");
    case IR_NOT:
        return from_truth(low, expr,
                          LLVMBuildNot(low->builder, truth(low, a), ""));
    default: break;
    }
    bool from_text = expr->a->type.kind != IR_INT;
    if (expr->type.kind != IR_INT)
        return from_text ? a
                         : LLVMBuildIntToPtr(low->builder, a, low->pointer, "");
    if (from_text)
        a = LLVMBuildPtrToInt(low->builder, a, low->i64, "");
    return lower_resize(low, a, expr->a->type.is_signed,
                        lower_type(low, expr->type));
}

// --- comparisons and choices ---

// Texts differ within strsize, or not.
static LLVMValueRef compare_texts(struct lowering *low,
                                  const struct ir_expr *expr) {
    LLVMValueRef args[] = {lower_expr(low, expr->a), lower_expr(low, expr->b),
                           lower_const(low, low->input->layout->strsize)};
    LLVMValueRef compare = lower_runtime(low, "mct_string_compare", expr->span);
    return compare ? lower_call(low, compare, args, 3)
                   : LLVMConstNull(low->i32);
}

static LLVMIntPredicate predicate_of(enum ir_op op, bool is_signed) {
    switch (op) {
    case IR_LT: return is_signed ? LLVMIntSLT : LLVMIntULT;
    case IR_LE: return is_signed ? LLVMIntSLE : LLVMIntULE;
    case IR_GT: return is_signed ? LLVMIntSGT : LLVMIntUGT;
    case IR_GE: return is_signed ? LLVMIntSGE : LLVMIntUGE;
    case IR_EQ: return LLVMIntEQ;
    default: return LLVMIntNE;
    }
}

static LLVMValueRef lower_compare(struct lowering *low,
                                  const struct ir_expr *expr) {
    bool is_text = expr->a->type.kind == IR_STRING;
    LLVMIntPredicate predicate =
        predicate_of(expr->op, is_text || expr->a->type.is_signed);
    LLVMValueRef a, b;
    if (is_text) {
        a = compare_texts(low, expr);
        b = LLVMConstNull(low->i32);
    } else {
        a = lower_expr(low, expr->a);
        b = lower_expr(low, expr->b);
    }
    return from_truth(low, expr,
                      LLVMBuildICmp(low->builder, predicate, a, b, ""));
}

static LLVMValueRef join(struct lowering *low, LLVMTypeRef type,
                         LLVMValueRef values[2], LLVMBasicBlockRef from[2]) {
    LLVMValueRef phi = LLVMBuildPhi(low->builder, type, "");
    LLVMAddIncoming(phi, values, from, 2);
    return phi;
}

static LLVMValueRef lower_logic(struct lowering *low,
                                const struct ir_expr *expr) {
    LLVMValueRef values[2];
    LLVMBasicBlockRef from[2];
    values[0] = lower_condition(low, expr->a);
    if (expr->op == IR_LXOR)
        return from_truth(low, expr,
                          LLVMBuildXor(low->builder, values[0],
                                       lower_condition(low, expr->b), ""));
    from[0] = LLVMGetInsertBlock(low->builder);
    LLVMBasicBlockRef more = lower_block(low, ""), on = lower_block(low, "");
    bool is_and = expr->op == IR_LAND;
    LLVMBuildCondBr(low->builder, values[0], is_and ? more : on,
                    is_and ? on : more);
    LLVMPositionBuilderAtEnd(low->builder, more);
    values[1] = lower_condition(low, expr->b);
    from[1] = LLVMGetInsertBlock(low->builder);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
    return from_truth(low, expr, join(low, low->i1, values, from));
}

static LLVMValueRef lower_choice(struct lowering *low,
                                 const struct ir_expr *expr) {
    const struct ir_expr *arms[] = {expr->b, expr->c};
    LLVMBasicBlockRef starts[2] = {lower_block(low, ""), lower_block(low, "")};
    LLVMBasicBlockRef on = lower_block(low, ""), ends[2];
    LLVMValueRef values[2];
    LLVMBuildCondBr(low->builder, lower_condition(low, expr->a), starts[0],
                    starts[1]);
    for (int i = 0; i < 2; i++) {
        LLVMPositionBuilderAtEnd(low->builder, starts[i]);
        values[i] = lower_expr(low, arms[i]);
        ends[i] = LLVMGetInsertBlock(low->builder);
        LLVMBuildBr(low->builder, on);
    }
    LLVMPositionBuilderAtEnd(low->builder, on);
    return join(low, lower_type(low, expr->type), values, ends);
}

// flat:
LLVMValueRef lower_expr(struct lowering *low, const struct ir_expr *expr) {
    switch ((enum ir_op)expr->op) {
    case IR_CONST:
        return expr->type.kind == IR_STRING // NULL
                   ? LLVMConstNull(low->pointer)
                   : LLVMConstInt(lower_type(low, expr->type), expr->value,
                                  false);
    case IR_TEXT: return lower_text(low, expr);
    case IR_HOLE: return lower_hole(low, expr);
    case IR_REG: return lower_register(low, expr, expr->value);
    case IR_IMAGE:
        return LLVMBuildPtrToInt(low->builder,
                                 lower_symbol(low, "mct_image", low->bytes),
                                 low->i64, "");
    case IR_FLOAT_REG: return lower_float_register(low, expr);
    case IR_WORD: return lower_word(low, expr);
    case IR_VARIABLE: return emit_variable(low, expr);
    case IR_ADDRESS: return emit_address(low, expr);
    case IR_LOAD: return emit_load(low, expr);
    case IR_STORE: return emit_store(low, expr);
    case IR_COPY: return emit_copy(low, expr);
    case IR_TEXT_AT: return emit_text_at(low, expr);
    case IR_BOUND: return emit_bound(low, expr);
    case IR_PRESENT: return emit_present(low, expr);
    case IR_TOLD_ARG: return emit_told_arg(low, expr);
    case IR_ASSIGN: return emit_assign(low, expr);
    case IR_CALL: return lower_builtin(low, expr);
    case IR_CAST:
    case IR_NEGATE:
    case IR_COMPLEMENT:
    case IR_NOT: return lower_unary(low, expr);
    case IR_LT:
    case IR_LE:
    case IR_GT:
    case IR_GE:
    case IR_EQ:
    case IR_NE: return lower_compare(low, expr);
    case IR_LAND:
    case IR_LOR:
    case IR_LXOR: return lower_logic(low, expr);
    case IR_COND: return lower_choice(low, expr);
    case IR_COMMA: lower_expr(low, expr->a); return lower_expr(low, expr->b);
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_DIV:
    case IR_MOD:
    case IR_SHL:
    case IR_SHR:
    case IR_AND:
    case IR_OR:
    case IR_XOR: return lower_binary(low, expr);
    case IR_STACK: return lower_stack(low, expr);
    // Folded away.
    case IR_UREG:
    case IR_PROGRAM:
    case IR_ARG:
    case IR_CALLER:
    case IR_FRAME:
    case IR_ERRNO:
    case IR_SITE_ID:
    case IR_EPID:
    case IR_SITE_PROV:
    case IR_SITE_MOD:
    case IR_SITE_FUNC:
    case IR_SITE_NAME:
    case IR_OP_COUNT: break;
    }
    assert(!"an operation that folding should have removed");
    return LLVMGetUndef(lower_type(low, expr->type));
}

LLVMValueRef lower_condition(struct lowering *low, const struct ir_expr *expr) {
    return truth(low, lower_expr(low, expr));
}

// Texts that are known when a program is instrumented, or one of several such.
static bool is_of_texts(const struct ir_expr *expr) {
    switch ((enum ir_op)expr->op) {
    case IR_TEXT:
    case IR_HOLE: return true;
    case IR_COND: return is_of_texts(expr->b) && is_of_texts(expr->c);
    case IR_COMMA: return is_of_texts(expr->b);
    case IR_CAST: return is_of_texts(expr->a);
    default: return false;
    }
}

LLVMValueRef lower_wide(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef value = lower_expr(low, expr);
    if (expr->type.kind != IR_STRING)
        return lower_resize(low, value, expr->type.is_signed, low->i64);
    if (!is_of_texts(expr)) {
        diag_error(low->diag, D_KEY_TYPE, expr->span,
                   "a string that is only known while the program runs cannot "
                   "be a key");
        low->failed = true;
    }
    return LLVMBuildSub(
        low->builder, LLVMBuildPtrToInt(low->builder, value, low->i64, ""),
        LLVMBuildPtrToInt(low->builder, low->texts, low->i64, ""), "");
}
