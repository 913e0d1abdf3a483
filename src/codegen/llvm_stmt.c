// llvm_stmt.c: a shape as an LLVM function.
//
//     entry:   fetch the inputs; room for locals
//     start:   has tracing ended?          -> next
//              the predicate is false      -> next
//              statements                  (a fault -> fault)
//     leave:   exit() was called: mct_exit(status)
//     next:    jump to mct_next
//     fault:   header.faults += 1          -> next
//
// Inputs are the outputs of one empty inline assembly. It claims to change
// memory, so that nothing that reads memory into a register moves before it.

#include "codegen/llvm.h"

#include <assert.h>
#include <string.h>

#include "mctrace/aggs.h"
#include "mctrace/runtime.h"

// --- statements ---

static void lower_if(struct lowering *low, const struct ir_stmt *stmt) {
    const struct ir_stmt *arms[] = {stmt->then_, stmt->else_};
    LLVMBasicBlockRef starts[2] = {lower_block(low, ""), lower_block(low, "")};
    LLVMBasicBlockRef on = lower_block(low, "");
    LLVMBuildCondBr(low->builder, lower_condition(low, stmt->a), starts[0],
                    starts[1]);
    for (int i = 0; i < 2; i++) {
        LLVMPositionBuilderAtEnd(low->builder, starts[i]);
        lower_body(low, arms[i]);
        LLVMBuildBr(low->builder, on);
    }
    LLVMPositionBuilderAtEnd(low->builder, on);
}

// What is known of a key before its element is looked for: its words, or, when
// it is one text that stays as it is until then, where that stands.
struct element_key {
    LLVMValueRef text; // NULL: `words`
    struct packed_key words;
};

// The cells of an element in a table; what follows runs only if there is one.
static LLVMValueRef find_in_table(struct lowering *low,
                                  const struct ir_stmt *stmt,
                                  const struct element_key *key,
                                  LLVMBasicBlockRef none) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    uint64_t geometry =
        MCT_GEOMETRY(aggregation->table_log2, aggregation->key_words,
                     aggregation->cell_count);
    const char *name = key->text             ? "mct_agg_find_text"
                       : key->words.is_short ? "mct_agg_find_quickly"
                                             : "mct_agg_find";
    LLVMValueRef args[4] = {lower_place(low, aggregation->table_off)};
    unsigned count = 1;
    if (key->text) {
        args[count++] = key->text;
    } else {
        args[count++] = key->words.words;
        args[count++] =
            LLVMBuildTrunc(low->builder, key->words.used, low->i32, "");
    }
    args[count++] = lower_const(low, geometry);
    LLVMValueRef find = lower_runtime(low, name, stmt->span);
    if (!find)
        return LLVMConstNull(low->pointer);
    LLVMValueRef cells = lower_call(low, find, args, count);
    LLVMBasicBlockRef found = lower_block(low, "");
    LLVMBuildCondBr(low->builder, LLVMBuildIsNull(low->builder, cells, ""),
                    none, found);
    LLVMPositionBuilderAtEnd(low->builder, found);
    return cells;
}

// The value is worked out between the key and the element, and may assign to
// a variable. What a function returned is nobody's.
static bool is_settled_text(const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    return aggregation->key_count == 1 &&
           aggregation->key_forms[0].kind == IR_KEY_STRING &&
           (stmt->arg_count == 0 || stmt->keys[0]->op == IR_CALL);
}

static struct element_key table_key(struct lowering *low,
                                    const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    if (aggregation->key_words > MCT_MOST_KEY_WORDS ||
        aggregation->cell_count > MCT_MOST_CELLS) {
        diag_error(low->diag, R_CODEGEN, stmt->span,
                   "%.*s is too large for keys that are only known while the "
                   "program runs",
                   STR_ARGS(aggregation->name));
        low->failed = true;
    }
    struct element_key key = {0};
    if (is_settled_text(stmt))
        key.text = lower_expr(low, stmt->keys[0]);
    else
        key.words =
            lower_keys(low, stmt->keys, aggregation->key_forms,
                       aggregation->key_count, NULL, 0, aggregation->key_words);
    return key;
}

// Where a word has two halves and the high one comes first, counting begins at
// the low one: that has a name of its own, for LLVM does not always add to a
// symbol what it could.
static LLVMValueRef slot(struct lowering *low, uint32_t hole) {
    const struct arch *arch = low->input->arch;
    bool by_low = arch->bits == 32 && arch->order == ORDER_BIG;
    char name[40];
    if (low->handover.is_called) {
        LLVMValueRef off = lower_hole_value(low, hole);
        return LLVMBuildGEP2(low->builder, low->i8, low->region, &off, 1, "");
    }
    snprintf(name, sizeof name, by_low ? "mct_low_%u" : "mct_slot_%u", hole);
    LLVMValueRef symbol = lower_symbol(low, name, low->bytes);
    if (low->address) {
        LLVMTypeRef type =
            LLVMFunctionType(low->pointer, &low->pointer, 1, false);
        LLVMValueRef assembly =
            LLVMGetInlineAsm(type, low->address, strlen(low->address),
                             low->address_in, strlen(low->address_in), false,
                             false, LLVMInlineAsmDialectATT, false);
        symbol = LLVMBuildCall2(low->builder, type, assembly, &symbol, 1, "");
    }
    LLVMValueRef back = LLVMConstInt(low->i32, (uint64_t)-4, true);
    return by_low ? LLVMBuildGEP2(low->builder, low->i8, symbol, &back, 1, "")
                  : symbol;
}

// Behind the cells that args[0] leads to.
static void count_update(struct lowering *low, const struct ir_stmt *stmt,
                         LLVMValueRef *args) {
    enum { COUNT = 7 };
    LLVMValueRef count = lower_runtime(low, "mct_agg_count", stmt->span);
    LLVMValueRef behind =
        lower_const(low, 8 * (uint64_t)(stmt->aggregation->cell_count - 1));
    args[0] = LLVMBuildGEP2(low->builder, low->i8, args[0], &behind, 1, "");
    if (count)
        lower_call(low, count, args, COUNT);
}

// Keys are evaluated before values, and the element is made after both, when
// nothing can go wrong any more.
static void lower_aggregation(struct lowering *low,
                              const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    LLVMBasicBlockRef on = lower_block(low, "");
    char name[40];
    snprintf(name, sizeof name, "mct_agg_%s", aggregation->function->name);
    LLVMValueRef update = lower_runtime(low, name, stmt->span);
    struct element_key key = {0};
    if (!stmt->is_slot)
        key = table_key(low, stmt);
    // cells, value, increment, four parameters
    LLVMValueRef args[7];
    for (size_t i = 0; i < COUNT_OF(args); i++)
        args[i] = lower_const(low, i == 2);
    for (uint32_t i = 0; i < stmt->arg_count && i < 2; i++)
        args[1 + i] = lower_wide(low, stmt->args[i]);
    for (uint32_t i = 0; i < aggregation->param_count && i < 4; i++)
        args[3 + i] = lower_const(low, (uint64_t)aggregation->params[i]);
    if (stmt->is_slot) {
        args[0] = slot(low, stmt->slot_hole);
    } else {
        args[0] = find_in_table(low, stmt, &key, on);
    }
    if (update)
        lower_call(low, update, args, COUNT_OF(args));
    if (aggregation->counts_updates)
        count_update(low, stmt, args);
    LLVMBuildBr(low->builder, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

static void lower_exit(struct lowering *low, const struct ir_stmt *stmt) {
    LLVMValueRef status =
        LLVMBuildTrunc(low->builder, lower_wide(low, stmt->a), low->i32, "");
    LLVMBuildStore(low->builder, status, low->status);
    if (stmt->action)
        lower_store_field(low, &stmt->action->fields[0], status);
    LLVMBuildStore(low->builder, LLVMConstInt(low->i1, 1, false), low->exiting);
}

static void call_statement(struct lowering *low, const struct ir_stmt *stmt,
                           const char *name) {
    LLVMValueRef function = lower_runtime(low, name, stmt->span);
    LLVMValueRef args[8];
    uint32_t count = stmt->arg_count;
    assert(count < COUNT_OF(args));
    for (uint32_t i = 0; i < count; i++)
        args[i] = lower_wide(low, stmt->args[i]);
    if (stmt->a)
        args[count++] = LLVMBuildTrunc(low->builder, lower_wide(low, stmt->a),
                                       low->i32, "");
    if (function)
        lower_call(low, function, args, count);
}

// Where an interrupt may come between, what a variable counts is added at once.
static void lower_do(struct lowering *low, const struct ir_expr *expr) {
    bool takes_away;
    const struct ir_expr *by =
        low->input->is_bare ? ir_addition(expr, &takes_away) : NULL;
    LLVMValueRef function =
        by ? lower_runtime(low, "mct_add", expr->span) : NULL;
    if (!function) {
        lower_expr(low, expr);
        return;
    }
    LLVMValueRef value = lower_wide(low, by);
    LLVMValueRef args[] = {lower_place(low, expr->variable->off),
                           takes_away ? LLVMBuildNeg(low->builder, value, "")
                                      : value,
                           LLVMConstInt(low->i32, expr->variable->size, false)};
    lower_call(low, function, args, 3);
}

static LLVMValueRef scratch_top(struct lowering *low) {
    return lower_at(low, low->firing, MCT_FIRING_SCRATCH_TOP);
}

void lower_keep_scratch(struct lowering *low) {
    LLVMValueRef top =
        LLVMBuildLoad2(low->builder, low->pointer, scratch_top(low), "");
    LLVMBuildStore(low->builder, top, low->scratch_kept);
}

// Its temporaries are of no use to other statements: a clause may have many.
static void end_statement(struct lowering *low, const struct ir_stmt *stmt) {
    if (!low->firing || !ir_takes_scratch(stmt))
        return;
    LLVMValueRef kept =
        LLVMBuildLoad2(low->builder, low->pointer, low->scratch_kept, "");
    LLVMBuildStore(low->builder, kept, scratch_top(low));
}

void lower_body(struct lowering *low, const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        switch ((enum ir_stmt_op)stmt->op) {
        case IR_DO: lower_do(low, stmt->a); break;
        case IR_IF: lower_if(low, stmt); break;
        case IR_AGG: lower_aggregation(low, stmt); break;
        case IR_EXIT: lower_exit(low, stmt); break;
        case IR_SEND: call_statement(low, stmt, "mct_send"); break;
        case IR_INTERNAL: call_statement(low, stmt, stmt->runtime); break;
        case IR_SEGMENT: lower_segment(low, stmt); break;
        case IR_ACTION: lower_action(low, stmt); break;
        }
        end_statement(low, stmt);
    }
}

// --- around them ---

static void jump_to_next(struct lowering *low) {
    lower_spared(low);
    if (!low->returns) {
        LLVMTypeRef types[COUNT_OF(low->input->arch->abi.args)];
        LLVMValueRef args[COUNT_OF(types)];
        unsigned count = LLVMCountParamTypes(low->thunk);
        LLVMGetParamTypes(low->thunk, types);
        for (unsigned i = 0; i < count; i++)
            args[i] = LLVMGetPoison(types[i]); // whatever is there
        LLVMValueRef call = LLVMBuildCall2(low->builder, low->thunk, low->next,
                                           args, count, "");
        LLVMSetTailCallKind(call, LLVMTailCallKindMustTail);
    }
    LLVMBuildRetVoid(low->builder);
}

static void check_process(struct lowering *low, LLVMBasicBlockRef next) {
    LLVMValueRef is_watched =
        lower_runtime(low, "mct_is_watched", low->clause->span);
    if (!is_watched)
        return;
    LLVMBasicBlockRef on = lower_block(low, "");
    LLVMBuildCondBr(low->builder,
                    LLVMBuildICmp(low->builder, LLVMIntNE,
                                  lower_call(low, is_watched, NULL, 0),
                                  LLVMConstInt(low->i32, 0, false), ""),
                    on, next);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

static void check_end(struct lowering *low, LLVMBasicBlockRef next) {
    LLVMValueRef state = LLVMBuildLoad2(
        low->builder, low->i32,
        lower_place(low, offsetof(struct mct_region, state)), "");
    LLVMValueRef ended =
        LLVMBuildICmp(low->builder, LLVMIntUGE, state,
                      LLVMConstInt(low->i32, MCT_STATE_ENDING, false), "");
    LLVMBasicBlockRef on = lower_block(low, "");
    LLVMBuildCondBr(low->builder, ended, next, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

// Behind the last statement: tracing ends if exit() was called.
static void end_if_asked(struct lowering *low, LLVMBasicBlockRef out) {
    LLVMPositionBuilderAtEnd(low->builder, low->leave);
    if (low->clause->exits) {
        LLVMBasicBlockRef exiting = lower_block(low, "exit");
        LLVMBuildCondBr(low->builder,
                        LLVMBuildLoad2(low->builder, low->i1, low->exiting, ""),
                        exiting, out);
        LLVMPositionBuilderAtEnd(low->builder, exiting);
        LLVMValueRef status =
            LLVMBuildLoad2(low->builder, low->i32, low->status, "");
        LLVMValueRef exit = lower_runtime(low, "mct_exit", low->clause->span);
        if (exit)
            lower_call(low, exit, &status, 1);
    }
    LLVMBuildBr(low->builder, out);
}

// --- firings and faults ---

static void set_up_faults(struct lowering *low) {
    LLVMValueRef *const locals[] = {&low->fault_code, &low->fault_value,
                                    &low->fault_place};
    low->places = 0;
    for (size_t i = 0; i < COUNT_OF(locals); i++)
        *locals[i] = LLVMBuildAlloca(low->locals, low->i64, "");
    LLVMBuildStore(low->locals, lower_const(low, 0), low->fault_code);
}

// A clause without a firing gets one for the purpose.
void lower_fault(struct lowering *low) {
    LLVMBuilderRef builder = low->builder;
    struct span span = low->clause->span;
    LLVMValueRef function =
        lower_runtime(low, low->firing ? "mct_fault" : "mct_fault_alone", span);
    LLVMValueRef code = LLVMBuildLoad2(builder, low->i64, low->fault_code, "");
    LLVMValueRef value =
        LLVMBuildLoad2(builder, low->i64, low->fault_value, "");
    LLVMValueRef args[] = {
        low->firing,
        code,
        value,
        lower_const(low, low->clause->index),
        lower_hole_value(low, low->clause->id_hole),
        LLVMBuildLoad2(builder, low->i64, low->fault_place, "")};
    unsigned skipped = low->firing ? 0 : 1;
    if (function)
        lower_call(low, function, args + skipped,
                   (unsigned)COUNT_OF(args) - skipped);
    // The next one may be the firing's own again.
    LLVMBuildStore(builder, lower_const(low, 0), low->fault_code);
}

static void clear_this(struct lowering *low) {
    uint64_t len = low->input->layout->this_len;
    if (!low->clause->opens || len == 0)
        return;
    LLVMValueRef args[] = {lower_at(low, low->firing, MCT_FIRING_VARS),
                           lower_const(low, len)};
    if (len <= 64) {
        LLVMBuildMemSet(low->builder, args[0], LLVMConstNull(low->i8), args[1],
                        8);
        return;
    }
    LLVMValueRef zero = lower_runtime(low, "mct_zero", low->clause->span);
    if (zero)
        lower_call(low, zero, args, 2);
}

// From here on there is a firing; where none can be had the clause is not run.
static void enter(struct lowering *low, LLVMBasicBlockRef none) {
    LLVMValueRef function = lower_runtime(low, "mct_enter", low->clause->span);
    LLVMValueRef opens = LLVMConstInt(low->i32, low->clause->opens, false);
    if (!function)
        return;
    low->firing = lower_call(low, function, &opens, 1);
    LLVMBasicBlockRef on = lower_block(low, "");
    LLVMBuildCondBr(low->builder,
                    LLVMBuildIsNull(low->builder, low->firing, ""), none, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
    low->scratch_kept = LLVMBuildAlloca(low->locals, low->pointer, "");
    lower_keep_scratch(low);
    clear_this(low);
}

static void find_thread(struct lowering *low, LLVMBasicBlockRef none) {
    LLVMValueRef function =
        lower_runtime(low, "mct_thread_now", low->clause->span);
    if (!function)
        return;
    low->thread = lower_call(low, function, NULL, 0);
    LLVMBasicBlockRef on = lower_block(low, "");
    LLVMBuildCondBr(low->builder,
                    LLVMBuildIsNull(low->builder, low->thread, ""), none, on);
    LLVMPositionBuilderAtEnd(low->builder, on);
}

static void check_predicate(struct lowering *low, LLVMBasicBlockRef out) {
    LLVMBasicBlockRef body = lower_block(low, "body");
    LLVMBuildCondBr(low->builder, lower_condition(low, low->clause->predicate),
                    body, out);
    LLVMPositionBuilderAtEnd(low->builder, body);
}

// `out` gives the firing back; before there is one, ways out lead to `next`.
static void lower_guarded(struct lowering *low, LLVMBasicBlockRef out,
                          LLVMBasicBlockRef next) {
    const struct ir_clause *clause = low->clause;
    struct ir_clause head = {.predicate = clause->predicate};
    bool shares = clause->opens != clause->closes || !clause->opens;
    bool wants = ir_wants_firing(clause) || clause->opens != clause->closes;
    bool is_early = shares || ir_wants_firing(&head) ||
                    ir_wants_thread(&head) || ir_may_fail(&head);
    bool wants_thread = !wants && ir_wants_thread(clause);
    if (wants && is_early)
        enter(low, next);
    if (wants_thread && ir_wants_thread(&head))
        find_thread(low, next);
    LLVMBasicBlockRef over = low->firing ? out : next;
    if (clause->checks_end)
        check_end(low, over);
    if (clause->checks_process)
        check_process(low, over);
    if (clause->predicate)
        check_predicate(low, over);
    if (wants && !low->firing)
        enter(low, next);
    if (wants_thread && !low->thread)
        find_thread(low, next);
    lower_body(low, clause->body);
    LLVMBuildBr(low->builder, low->leave);
}

static void give_back(struct lowering *low, LLVMBasicBlockRef out,
                      LLVMBasicBlockRef next) {
    LLVMPositionBuilderAtEnd(low->builder, out);
    LLVMValueRef leave =
        low->firing && low->clause->closes
            ? lower_runtime(low, "mct_leave", low->clause->span)
            : NULL;
    if (leave)
        lower_call(low, leave, &low->firing, 1);
    LLVMBuildBr(low->builder, next);
}

void lower_shape(struct lowering *low, size_t index, LLVMValueRef function) {
    const struct ir_clause *clause = low->input->shapes[index];
    low->clause = clause;
    low->handover = input_handover(low->input, index);
    low->function = function;
    low->reading_count = 0;
    low->firing = low->thread = NULL;
    LLVMBasicBlockRef entry = lower_block(low, "entry");
    LLVMBasicBlockRef start = lower_block(low, "start");
    LLVMBasicBlockRef out = lower_block(low, "out");
    LLVMBasicBlockRef next = lower_block(low, "next");
    low->leave = lower_block(low, "leave");
    low->fault = lower_block(low, "fault");
    LLVMPositionBuilderAtEnd(low->builder, entry);
    lower_inputs(low);
    LLVMPositionBuilderBefore(low->locals, LLVMBuildBr(low->builder, start));
    set_up_faults(low);
    if (clause->exits) {
        low->exiting = LLVMBuildAlloca(low->locals, low->i1, "");
        low->status = LLVMBuildAlloca(low->locals, low->i32, "");
        LLVMBuildStore(low->locals, LLVMConstNull(low->i1), low->exiting);
    }
    LLVMPositionBuilderAtEnd(low->builder, start);
    lower_guarded(low, out, next);
    end_if_asked(low, out);
    LLVMPositionBuilderAtEnd(low->builder, low->fault);
    if (ir_may_fail(clause))
        lower_fault(low);
    LLVMBuildBr(low->builder, low->leave);
    give_back(low, out, next);
    LLVMPositionBuilderAtEnd(low->builder, next);
    jump_to_next(low);
}
