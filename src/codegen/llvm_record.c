// llvm_record.c: segments: statements that fill one record.
//
//     begin    room for the longest record    none: dropped -> on
//              statements; each action stores its fields
//     end      the record is there            -> on
//     fault    taken back, told, ERROR runs   -> on
//
// Fixed fields are stored where ir_field says, variable ones appended by the
// runtime. A fault in a segment ends it alone: what follows in the clause is
// another one to DTrace.

#include "codegen/llvm.h"
#include "mctrace/records.h"
#include "mctrace/runtime.h"

static LLVMValueRef call(struct lowering *low, struct span span,
                         const char *name, LLVMValueRef *args, unsigned count,
                         LLVMTypeRef type) {
    LLVMValueRef function = lower_runtime(low, name, span);
    return function ? lower_call(low, function, args, count)
                    : LLVMGetUndef(type);
}

// --- fields ---

void lower_store_field(struct lowering *low, const struct ir_field *field,
                       LLVMValueRef value) {
    LLVMBuildStore(low->builder, value, lower_at(low, low->record, field->off));
}

static void lower_field(struct lowering *low, const struct ir_field *field,
                        const struct ir_expr *value) {
    if (field->kind == IR_FIELD_KNOWN)
        return;
    LLVMValueRef lowered = lower_expr(low, value);
    switch ((enum ir_field_kind)field->kind) {
    case IR_FIELD_INT:
        lower_store_field(low, field,
                          lower_resize(low, lowered, value->type.is_signed,
                                       lower_type(low, field->type)));
        break;
    case IR_FIELD_BLOCK: {
        LLVMValueRef args[] = {
            low->firing, lower_at(low, low->record, field->off), lowered,
            lower_const(low, field->size),
            lower_const(low, ir_space_of(value) == IR_SPACE_OURS)};
        call(low, value->span, "mct_record_block", args, 5, low->void_type);
        lower_check_fault(low);
        break;
    }
    case IR_FIELD_TEXT: {
        LLVMValueRef args[] = {low->firing, lowered,
                               lower_const(low, field->size)};
        call(low, value->span, "mct_record_text", args, 3, low->void_type);
        break;
    }
    case IR_FIELD_KNOWN: break;
    case IR_FIELD_STACK: {
        LLVMValueRef args[] = {low->firing, lowered,
                               lower_const(low, field->size)};
        call(low, value->span, "mct_record_stack", args, 3, low->void_type);
        break;
    }
    }
}

// A speculation's records bear its number; the number 0 ends the clause.
static void lower_speculate(struct lowering *low, const struct ir_stmt *stmt) {
    LLVMValueRef args[] = {
        low->firing,
        lower_resize(low, lower_expr(low, stmt->args[0]),
                     stmt->args[0]->type.is_signed, low->i64),
        lower_const(low,
                    ir_record_size(low->segment, low->input->layout->strsize))};
    LLVMValueRef tag =
        call(low, stmt->span, "mct_speculate", args, 3, low->i64);
    lower_check_fault(low);
    LLVMBasicBlockRef on = lower_block(low, ""), none = lower_block(low, "");
    LLVMBuildCondBr(
        low->builder,
        LLVMBuildICmp(low->builder, LLVMIntEQ, tag, lower_const(low, 0), ""),
        none, on);
    LLVMPositionBuilderAtEnd(low->builder, none);
    call(low, stmt->span, "mct_record_abort", args, 1, low->void_type);
    LLVMBuildBr(low->builder, low->leave);
    LLVMPositionBuilderAtEnd(low->builder, on);
    lower_store_field(low, &stmt->action->fields[0], tag);
}

static void lower_speculation_end(struct lowering *low,
                                  const struct ir_stmt *stmt) {
    LLVMValueRef args[] = {
        low->firing, lower_resize(low, lower_expr(low, stmt->args[0]),
                                  stmt->args[0]->type.is_signed, low->i64)};
    LLVMValueRef tag =
        call(low, stmt->span, "mct_speculation_end", args, 2, low->i64);
    lower_check_fault(low);
    lower_store_field(low, &stmt->action->fields[0], tag);
}

// What a reader does to aggregations it does to their state of this moment.
static void drain(struct lowering *low, const struct ir_action *action) {
    for (uint32_t i = 0; i < action->aggregation_count; i++) {
        LLVMValueRef args[] = {
            low->firing, lower_const(low, action->aggregations[i]->index)};
        call(low, low->clause->span, "mct_drain", args, 2, low->void_type);
    }
}

void lower_action(struct lowering *low, const struct ir_stmt *stmt) {
    const struct ir_action *action = stmt->action;
    if (action->kind == IR_ACTION_SPECULATE) {
        lower_speculate(low, stmt);
        return;
    }
    if (action->kind == IR_ACTION_COMMIT || action->kind == IR_ACTION_DISCARD) {
        lower_speculation_end(low, stmt);
        return;
    }
    for (uint32_t i = 0; i < action->field_count; i++)
        lower_field(low, &action->fields[i], stmt->args[i]);
}

// --- segments ---

static LLVMValueRef the_time(struct lowering *low, const struct ir_stmt *stmt) {
    struct ir_expr now = {.op = IR_CALL,
                          .type = IR_TYPE_U64,
                          .callee = builtin_find(STR("timestamp")),
                          .span = stmt->span};
    return lower_expr(low, &now);
}

static void drain_all(struct lowering *low, const struct ir_stmt *stmt) {
    for (const struct ir_stmt *item = stmt->then_; item; item = item->next)
        if (item->op == IR_ACTION)
            drain(low, item->action);
}

static LLVMValueRef the_enabling(struct lowering *low,
                                 const struct ir_stmt *stmt) {
    return LLVMBuildTrunc(
        low->builder, lower_hole_value(low, stmt->enabling_hole), low->i32, "");
}

// Without room the rest of the segment is passed over.
static void begin_record(struct lowering *low, const struct ir_stmt *stmt,
                         LLVMBasicBlockRef none) {
    const struct ir_segment *segment = stmt->segment;
    LLVMValueRef args[] = {low->firing ? low->firing : low->thread,
                           lower_const(low, segment->most_len),
                           lower_const(low, segment->fixed_len)};
    low->record =
        low->firing
            ? call(low, stmt->span, "mct_record_begin", args, 3, low->pointer)
            : call(low, stmt->span, "mct_record_take", args, 2, low->pointer);
    LLVMBasicBlockRef begun = lower_block(low, "");
    LLVMBuildCondBr(low->builder,
                    LLVMBuildIsNull(low->builder, low->record, ""), none,
                    begun);
    LLVMPositionBuilderAtEnd(low->builder, begun);
}

static void end_record(struct lowering *low, const struct ir_stmt *stmt) {
    LLVMValueRef enabling = the_enabling(low, stmt);
    LLVMValueRef time = the_time(low, stmt);
    LLVMValueRef of_firing[] = {low->firing, enabling, time};
    LLVMValueRef of_thread[] = {low->thread, low->record, enabling, time,
                                lower_const(low, stmt->segment->most_len)};
    if (low->firing)
        call(low, stmt->span,
             stmt->segment->most_len > MCT_MOST_RECORD ? "mct_record_end_long"
                                                       : "mct_record_end",
             of_firing, 3, low->void_type);
    else
        call(low, stmt->span, "mct_record_put", of_thread, 5, low->void_type);
}

void lower_segment(struct lowering *low, const struct ir_stmt *stmt) {
    LLVMBasicBlockRef on = lower_block(low, ""), failed = lower_block(low, "");
    LLVMBasicBlockRef outer = low->fault;
    // A drain is a record of its own, ahead of this one.
    drain_all(low, stmt);
    begin_record(low, stmt, on);
    low->fault = failed;
    low->segment = stmt->segment;
    lower_body(low, stmt->then_);
    end_record(low, stmt);
    LLVMBuildBr(low->builder, on);
    low->fault = outer;
    low->segment = NULL;
    LLVMPositionBuilderAtEnd(low->builder, failed);
    if (low->firing) {
        call(low, stmt->span, "mct_record_abort", &low->firing, 1,
             low->void_type);
        lower_fault(low);
    }
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}
