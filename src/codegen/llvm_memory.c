// llvm_memory.c: variables of every storage, and memory by address.
//
//     global        region + off
//     self          the thread's block, found through the firing, + off
//     this          the firing's block + off
//     with keys     an element of the table of associative arrays, which may
//                   not be there: it reads as zero, and is made when something
//                   else than zero is stored
//
// A text variable is its bytes, a terminator, and a byte that says that it is
// not NULL. What a pointer of the script's leads to is read by the runtime,
// which makes a fault of a bad address.

#include <assert.h>

#include "codegen/llvm.h"
#include "mctrace/records.h"
#include "mctrace/runtime.h"

LLVMValueRef lower_at(struct lowering *low, LLVMValueRef base, uint64_t off) {
    LLVMValueRef index = lower_const(low, off);
    return LLVMBuildGEP2(low->builder, low->i8, base, &index, 1, "");
}

// Calls a function of the runtime; one that is not there is reported.
static LLVMValueRef call(struct lowering *low, const struct ir_expr *expr,
                         const char *name, LLVMValueRef *args, unsigned count,
                         LLVMTypeRef type) {
    LLVMValueRef function = lower_runtime(low, name, expr->span);
    return function ? lower_call(low, function, args, count)
                    : LLVMGetUndef(type);
}

static LLVMValueRef as_address(struct lowering *low, LLVMValueRef value) {
    return LLVMBuildIntToPtr(low->builder, value, low->pointer, "");
}

static LLVMValueRef as_integer(struct lowering *low, LLVMValueRef pointer) {
    return LLVMBuildPtrToInt(low->builder, pointer, low->i64, "");
}

static LLVMValueRef load(struct lowering *low, LLVMTypeRef type,
                         LLVMValueRef at) {
    LLVMValueRef value = LLVMBuildLoad2(low->builder, type, at, "");
    LLVMSetAlignment(value, 1);
    return value;
}

static void store(struct lowering *low, LLVMValueRef value, LLVMValueRef at) {
    LLVMSetAlignment(LLVMBuildStore(low->builder, value, at), 1);
}

static LLVMValueRef the_thread(struct lowering *low) {
    if (low->thread)
        return low->thread;
    return LLVMBuildLoad2(low->builder, low->pointer,
                          lower_at(low, low->firing, MCT_FIRING_THREAD), "");
}

LLVMValueRef emit_told_arg(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef value = load(
        low, low->i64,
        lower_at(low, the_thread(low), MCT_THREAD_TOLD_ARGS + expr->value * 8));
    return lower_resize(low, value, true, lower_type(low, expr->type));
}

// --- keys ---

struct packing {
    LLVMValueRef words, used; // used: NULL while it is the constant `count`
    uint32_t count;
};

static LLVMValueRef key_place(struct lowering *low, struct packing *packing) {
    LLVMValueRef at =
        packing->used ? packing->used : lower_const(low, packing->count);
    return LLVMBuildGEP2(low->builder, low->i64, packing->words, &at, 1, "");
}

static void pack_word(struct lowering *low, struct packing *packing,
                      LLVMValueRef word) {
    LLVMBuildStore(low->builder, word, key_place(low, packing));
    if (packing->used)
        packing->used =
            LLVMBuildAdd(low->builder, packing->used, lower_const(low, 1), "");
    else
        packing->count++;
}

// Texts and stacks take as many words as the runtime finds.
static void pack_long(struct lowering *low, struct packing *packing,
                      const struct ir_expr *key, const char *name,
                      LLVMValueRef value) {
    LLVMValueRef args[] = {key_place(low, packing), value};
    LLVMValueRef words = call(low, key, name, args, 2, low->i64);
    if (!packing->used)
        packing->used = lower_const(low, packing->count);
    packing->used = LLVMBuildAdd(low->builder, packing->used, words, "");
}

// Where the words go: a short key of integers on the stack, anything longer
// in memory of the firing.
static LLVMValueRef key_room(struct lowering *low, const struct ir_expr *like,
                             bool is_long, uint32_t words_most) {
    if (!is_long || !like)
        return LLVMBuildArrayAlloca(low->locals, low->i64,
                                    lower_const(low, words_most), "");
    LLVMValueRef args[] = {low->firing, lower_const(low, words_most * 8ull)};
    LLVMValueRef room = call(low, like, "mct_room", args, 2, low->pointer);
    lower_check_fault(low);
    return room;
}

// All keys are evaluated before the first is packed: they may have keys of
// their own.
struct packed_key lower_keys(struct lowering *low, struct ir_expr **keys,
                             const struct ir_key_form *forms, uint32_t count,
                             const LLVMValueRef *before, uint32_t before_count,
                             uint32_t words_most) {
    LLVMValueRef *values =
        ARENA_ARRAY(low->input->arena, LLVMValueRef, count ? count : 1);
    bool is_long = false;
    for (uint32_t i = 0; i < count; i++) {
        bool by_address =
            forms[i].kind == IR_KEY_STRING || forms[i].kind == IR_KEY_STACK;
        is_long |= by_address;
        values[i] =
            by_address ? lower_expr(low, keys[i]) : lower_wide(low, keys[i]);
    }
    struct packing packing = {
        .words =
            count + before_count == 0
                ? LLVMConstNull(low->pointer)
                : key_room(low, count ? keys[0] : NULL, is_long, words_most)};
    for (uint32_t i = 0; i < before_count; i++)
        pack_word(low, &packing, before[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (forms[i].kind == IR_KEY_STRING)
            pack_long(low, &packing, keys[i], "mct_key_text", values[i]);
        else if (forms[i].kind == IR_KEY_STACK)
            pack_long(low, &packing, keys[i], "mct_key_stack", values[i]);
        else
            pack_word(low, &packing, values[i]);
    }
    return (struct packed_key){
        .words = packing.words,
        .used = packing.used ? packing.used : lower_const(low, packing.count),
        .is_short = !packing.used && packing.count <= MCT_SHORT_KEY};
}

// --- elements of associative arrays ---

// Two keys in front: the variable, and for a thread-local one the thread.
static struct packed_key element_key(struct lowering *low,
                                     const struct ir_expr *expr) {
    const struct ir_variable *variable = expr->variable;
    struct ir_key_form *forms =
        ARENA_ARRAY(low->input->arena, struct ir_key_form, expr->arg_count);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        forms[i].kind =
            expr->args[i]->type.kind == IR_STRING ? IR_KEY_STRING : IR_KEY_INT;
    LLVMValueRef before[2] = {lower_const(low, variable->index)};
    uint32_t before_count = 1;
    if (variable->storage == IR_SELF_VARIABLE)
        before[before_count++] = load(
            low, low->i64, lower_at(low, the_thread(low), MCT_THREAD_IDENTITY));
    return lower_keys(low, expr->args, forms, expr->arg_count, before,
                      before_count,
                      (uint32_t)low->input->layout->dynvar_key_words);
}

// What the runtime must know of the table of dynamic variables.
static LLVMValueRef table_geometry(struct lowering *low) {
    const struct layout *layout = low->input->layout;
    return lower_const(low, MCT_GEOMETRY(layout->dynvar_log2,
                                         layout->dynvar_key_words,
                                         layout->dynvar_value_len / 8));
}

enum element_wish { ELEMENT_IF_THERE, ELEMENT_MADE };

// The address of the element's value; NULL: it is not there, or (counted)
// there is no room for it.
static LLVMValueRef find_element(struct lowering *low,
                                 const struct ir_expr *expr,
                                 struct packed_key key,
                                 enum element_wish wish) {
    LLVMValueRef args[] = {key.words, key.used, table_geometry(low)};
    static const char *const names[2][2] = {
        {"mct_dynvar_find", "mct_dynvar_find_quickly"},
        {"mct_dynvar_make", "mct_dynvar_make_quickly"}};
    return call(low, expr, names[wish == ELEMENT_MADE][key.is_short], args,
                COUNT_OF(args), low->pointer);
}

static void free_element(struct lowering *low, const struct ir_expr *expr,
                         struct packed_key key) {
    LLVMValueRef args[] = {key.words, key.used, table_geometry(low)};
    call(low, expr, "mct_dynvar_free", args, COUNT_OF(args), low->void_type);
}

// --- scalars ---

static LLVMValueRef scalar_place(struct lowering *low,
                                 const struct ir_variable *variable) {
    switch ((enum ir_storage)variable->storage) {
    case IR_SELF_VARIABLE:
        return lower_at(low, the_thread(low), MCT_THREAD_VARS + variable->off);
    case IR_THIS_VARIABLE:
        return lower_at(low, low->firing, MCT_FIRING_VARS + variable->off);
    case IR_GLOBAL_VARIABLE: break;
    }
    return lower_place(low, variable->off);
}

static LLVMValueRef read_place(struct lowering *low, const struct ir_expr *expr,
                               LLVMValueRef at) {
    const struct ir_variable *variable = expr->variable;
    if (expr->type.kind == IR_STRING) {
        LLVMValueRef set =
            load(low, low->i8, lower_at(low, at, variable->size - 1));
        return LLVMBuildSelect(low->builder,
                               LLVMBuildICmp(low->builder, LLVMIntEQ, set,
                                             LLVMConstNull(low->i8), ""),
                               LLVMConstNull(low->pointer), at, "");
    }
    LLVMTypeRef type = lower_type(low, variable->type);
    return lower_resize(low, LLVMBuildLoad2(low->builder, type, at, ""),
                        variable->type.is_signed, lower_type(low, expr->type));
}

LLVMValueRef emit_variable(struct lowering *low, const struct ir_expr *expr) {
    if (expr->variable->key_count == 0)
        return read_place(low, expr, scalar_place(low, expr->variable));
    LLVMValueRef at =
        find_element(low, expr, element_key(low, expr), ELEMENT_IF_THERE);
    LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(low->builder)};
    LLVMBasicBlockRef there = lower_block(low, ""), on = lower_block(low, "");
    LLVMBuildCondBr(low->builder, LLVMBuildIsNull(low->builder, at, ""), on,
                    there);
    LLVMPositionBuilderAtEnd(low->builder, there);
    LLVMValueRef values[2] = {LLVMConstNull(lower_type(low, expr->type)),
                              read_place(low, expr, at)};
    from[1] = LLVMGetInsertBlock(low->builder);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
    LLVMValueRef phi =
        LLVMBuildPhi(low->builder, lower_type(low, expr->type), "");
    LLVMAddIncoming(phi, values, from, 2);
    return phi;
}

// `value` bytes from an address whose space is known.
static void copy_block(struct lowering *low, const struct ir_expr *expr,
                       LLVMValueRef to, LLVMValueRef from, uint64_t len) {
    LLVMValueRef args[] = {low->firing, to, from, lower_const(low, len),
                           lower_const(low, expr->reg == IR_SPACE_OURS)};
    call(low, expr, "mct_copy_block", args, COUNT_OF(args), low->void_type);
    lower_check_fault(low);
}

static void write_place(struct lowering *low, const struct ir_expr *expr,
                        LLVMValueRef at, LLVMValueRef value) {
    const struct ir_variable *variable = expr->variable;
    if (variable->type.kind == IR_STRING) {
        LLVMValueRef args[] = {at, value, lower_const(low, variable->size)};
        call(low, expr, "mct_string_assign", args, 3, low->void_type);
    } else if (variable->type.kind == IR_BLOCK) {
        copy_block(low, expr, as_integer(low, at), value, variable->size);
    } else {
        LLVMBuildStore(low->builder, value, at);
    }
}

// A block may turn out to be all zero.
static void assign_block_element(struct lowering *low,
                                 const struct ir_expr *expr,
                                 LLVMValueRef value) {
    struct packed_key key = element_key(low, expr);
    LLVMBasicBlockRef store_ = lower_block(low, ""), on = lower_block(low, "");
    LLVMValueRef at = find_element(low, expr, key, ELEMENT_MADE);
    LLVMBuildCondBr(low->builder, LLVMBuildIsNull(low->builder, at, ""), on,
                    store_);
    LLVMPositionBuilderAtEnd(low->builder, store_);
    write_place(low, expr, at, value);
    LLVMValueRef args[] = {at, lower_const(low, expr->variable->size)};
    LLVMValueRef zero =
        LLVMBuildICmp(low->builder, LLVMIntNE,
                      call(low, expr, "mct_is_zero", args, 2, low->i32),
                      LLVMConstNull(low->i32), "");
    LLVMBasicBlockRef clear = lower_block(low, "");
    LLVMBuildCondBr(low->builder, zero, clear, on);
    LLVMPositionBuilderAtEnd(low->builder, clear);
    free_element(low, expr, key);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

// An element is freed by 0 or NULL, and made for anything else.
static void assign_element(struct lowering *low, const struct ir_expr *expr,
                           LLVMValueRef value) {
    struct packed_key key = element_key(low, expr);
    LLVMBasicBlockRef clear = lower_block(low, ""), set = lower_block(low, ""),
                      store_ = lower_block(low, ""), on = lower_block(low, "");
    LLVMBuildCondBr(low->builder,
                    LLVMBuildICmp(low->builder, LLVMIntEQ, value,
                                  LLVMConstNull(LLVMTypeOf(value)), ""),
                    clear, set);
    LLVMPositionBuilderAtEnd(low->builder, clear);
    free_element(low, expr, key);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, set);
    LLVMValueRef at = find_element(low, expr, key, ELEMENT_MADE);
    LLVMBuildCondBr(low->builder, LLVMBuildIsNull(low->builder, at, ""), on,
                    store_);
    LLVMPositionBuilderAtEnd(low->builder, store_);
    write_place(low, expr, at, value);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

LLVMValueRef emit_assign(struct lowering *low, const struct ir_expr *expr) {
    const struct ir_variable *variable = expr->variable;
    LLVMValueRef value = lower_expr(low, expr->a);
    if (variable->type.kind == IR_INT)
        value = lower_resize(low, value, expr->a->type.is_signed,
                             lower_type(low, variable->type));
    if (variable->key_count > 0 && variable->type.kind == IR_BLOCK)
        assign_block_element(low, expr, value);
    else if (variable->key_count > 0)
        assign_element(low, expr, value);
    else
        write_place(low, expr, scalar_place(low, variable), value);
    if (variable->type.kind != IR_INT)
        return value;
    return lower_resize(low, value, variable->type.is_signed,
                        lower_type(low, expr->type));
}

// --- addresses ---

LLVMValueRef emit_address(struct lowering *low, const struct ir_expr *expr) {
    const struct ir_variable *variable = expr->variable;
    if (variable->key_count == 0)
        return as_integer(low, scalar_place(low, variable));
    return as_integer(
        low, find_element(low, expr, element_key(low, expr),
                          expr->value ? ELEMENT_MADE : ELEMENT_IF_THERE));
}

// An element that is not there reads as zero: its address is 0 plus something
// less than a page.
static LLVMValueRef load_ours(struct lowering *low, const struct ir_expr *expr,
                              LLVMValueRef address) {
    LLVMTypeRef type = lower_type(low, expr->type);
    LLVMBasicBlockRef there = lower_block(low, ""), on = lower_block(low, "");
    LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(low->builder), there};
    LLVMBuildCondBr(low->builder,
                    LLVMBuildICmp(low->builder, LLVMIntULT, address,
                                  lower_const(low, MCT_NOWHERE), ""),
                    on, there);
    LLVMPositionBuilderAtEnd(low->builder, there);
    LLVMValueRef values[2] = {LLVMConstNull(type),
                              load(low, type, as_address(low, address))};
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
    LLVMValueRef phi = LLVMBuildPhi(low->builder, type, "");
    LLVMAddIncoming(phi, values, from, 2);
    return phi;
}

LLVMValueRef emit_load(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef address = lower_expr(low, expr->a);
    if (expr->reg == IR_SPACE_OURS)
        return load_ours(low, expr, address);
    LLVMValueRef args[] = {low->firing, address,
                           lower_const(low, expr->type.bits / 8u)};
    LLVMValueRef value = call(low, expr, "mct_load", args, 3, low->i64);
    lower_check_fault(low);
    return lower_resize(low, value, false, lower_type(low, expr->type));
}

// Where an element found no room, nothing is stored.
static void store_ours(struct lowering *low, LLVMValueRef address,
                       LLVMValueRef value) {
    LLVMBasicBlockRef there = lower_block(low, ""), on = lower_block(low, "");
    LLVMBuildCondBr(low->builder,
                    LLVMBuildICmp(low->builder, LLVMIntULT, address,
                                  lower_const(low, MCT_NOWHERE), ""),
                    on, there);
    LLVMPositionBuilderAtEnd(low->builder, there);
    store(low, value, as_address(low, address));
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

LLVMValueRef emit_store(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef address = lower_expr(low, expr->a);
    LLVMValueRef value = lower_expr(low, expr->b);
    if (expr->b->type.kind == IR_STRING) {
        LLVMValueRef args[] = {low->firing, address, value,
                               lower_const(low, expr->value)};
        call(low, expr, "mct_store_text", args, 4, low->void_type);
        lower_check_fault(low);
        return value;
    }
    if (expr->reg == IR_SPACE_OURS) {
        store_ours(low, address, value);
        return value;
    }
    LLVMValueRef args[] = {low->firing, address,
                           lower_resize(low, value, false, low->i64),
                           lower_const(low, expr->b->type.bits / 8u)};
    call(low, expr, "mct_store", args, 4, low->void_type);
    lower_check_fault(low);
    return value;
}

LLVMValueRef emit_copy(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef to = lower_expr(low, expr->a);
    copy_block(low, expr, to, lower_expr(low, expr->b), expr->value);
    return to;
}

LLVMValueRef emit_bound(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef index = lower_expr(low, expr->a);
    LLVMValueRef wide =
        lower_resize(low, index, expr->a->type.is_signed, low->i64);
    lower_or_fault(low,
                   LLVMBuildICmp(low->builder, LLVMIntULT, wide,
                                 lower_const(low, expr->value), ""),
                   MCT_FAULT_BADINDEX, wide);
    return index;
}

LLVMValueRef emit_present(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef text = lower_expr(low, expr->a);
    lower_or_fault(low, LLVMBuildIsNotNull(low->builder, text, ""),
                   MCT_FAULT_BADADDR, lower_const(low, 0));
    return text;
}

LLVMValueRef emit_text_at(struct lowering *low, const struct ir_expr *expr) {
    LLVMValueRef args[] = {low->firing, lower_expr(low, expr->a),
                           lower_const(low, expr->value),
                           lower_const(low, expr->reg == IR_SPACE_OURS)};
    LLVMValueRef text = call(low, expr, "mct_text_at", args, 4, low->pointer);
    lower_check_fault(low);
    return text;
}
