// llvm.h: what the files of the LLVM back-end share.
//
// llvm.c makes the module out of the runtime's bitcode, has it optimised and
// written out; llvm_stmt.c puts the functions of the shapes into it,
// llvm_inputs.c what they read at the site, llvm_expr.c their expressions.

#ifndef MCTRACE_CODEGEN_LLVM_H
#define MCTRACE_CODEGEN_LLVM_H

#include <llvm-c/Core.h>

#include "codegen/codegen.h"

// A built-in variable is read once in a clause; DTrace promises so for
// timestamp.
struct reading {
    const struct builtin *builtin;
    LLVMValueRef value, is_known; // on the stack
};

struct lowering {
    const struct codegen_input *input;
    struct diag *diag;
    bool failed;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder;
    LLVMBuilderRef locals; // stands where a shape's stack is laid out
    LLVMTypeRef void_type, i1, i8, i32, i64, pointer, bytes, thunk;
    LLVMValueRef region, texts, next;
    const char *address, *address_in; // inline assembly; llvm.c
    bool returns; // a shape returns, instead of jumping to `next`
    // Registers that LLVM does not hand over by a constraint, and the
    // instruction that copies one: "mov $%u, %s".
    regset copied;
    const char *copy;

    // Of the shape at hand:
    const struct ir_clause *clause;
    struct handover handover;
    LLVMValueRef function;
    LLVMValueRef machine[64];       // by register; NULL: not an input
    struct given given;             // what is in other registers
    regset spared;                  // registers that are left alone
    LLVMBasicBlockRef leave, fault; // done; ended by a fault
    LLVMValueRef firing;            // NULL: the shape needs none
    LLVMValueRef thread;            // of a shape with records and no firing
    // On the stack: what its scratch memory is cut back to, statement by
    // statement. Below lie strings that are read once in a clause.
    LLVMValueRef scratch_kept;
    LLVMValueRef record; // of the segment at hand
    const struct ir_segment *segment;
    // What ended the clause, on the stack; NULL: it cannot fail.
    LLVMValueRef fault_code, fault_value, fault_place;
    unsigned places;              // that can fail, so far
    LLVMValueRef exiting, status; // on the stack, of a clause with exit()
    struct reading *readings;
    size_t reading_count, reading_room;
};

// llvm.c

// A function of the runtime; NULL: there is none, reported.
LLVMValueRef lower_runtime(struct lowering *low, const char *name,
                           struct span span);
// Calls one by its own calling convention.
LLVMValueRef lower_call(struct lowering *low, LLVMValueRef function,
                        LLVMValueRef *args, unsigned count);
// A symbol that the rewriter defines.
LLVMValueRef lower_symbol(struct lowering *low, const char *name,
                          LLVMTypeRef type);

// llvm_inputs.c

// Sets low->machine, and which registers are left alone.
void lower_inputs(struct lowering *low);
// Those are wanted up to here.
void lower_spared(struct lowering *low);

// llvm_stmt.c

// What was taken of scratch memory so far lasts as long as the clause.
void lower_keep_scratch(struct lowering *low);

void lower_shape(struct lowering *low, size_t index, LLVMValueRef function);

// llvm_memory.c

LLVMValueRef emit_variable(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_assign(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_address(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_load(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_store(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_copy(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_bound(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_present(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_text_at(struct lowering *low, const struct ir_expr *expr);
LLVMValueRef emit_told_arg(struct lowering *low, const struct ir_expr *expr);

// A key as a table has it: its words, and how many there are.
struct packed_key {
    LLVMValueRef words, used;
    bool is_short; // of a few integers: code to find it may stand at the site
};
struct packed_key lower_keys(struct lowering *low, struct ir_expr **keys,
                             const struct ir_key_form *forms, uint32_t count,
                             const LLVMValueRef *before, uint32_t before_count,
                             uint32_t words_most);
// `off` bytes behind `base`.
LLVMValueRef lower_at(struct lowering *low, LLVMValueRef base, uint64_t off);

// llvm_record.c

void lower_segment(struct lowering *low, const struct ir_stmt *stmt);
void lower_store_field(struct lowering *low, const struct ir_field *field,
                       LLVMValueRef value);
void lower_action(struct lowering *low, const struct ir_stmt *stmt);

// llvm_expr.c

// Goes on only if `fine`; else the clause ends by a fault (a code and, of 64
// bits, its value). A NULL code: the firing says.
void lower_or_fault(struct lowering *low, LLVMValueRef fine, unsigned code,
                    LLVMValueRef value);
#define FAULT_OF_FIRING UINT32_MAX
// Ends the clause if what was just called has raised a fault.
void lower_check_fault(struct lowering *low);
LLVMValueRef lower_resize(struct lowering *low, LLVMValueRef value,
                          bool is_signed, LLVMTypeRef type);
LLVMTypeRef lower_type(struct lowering *low, struct ir_type type);
LLVMValueRef lower_expr(struct lowering *low, const struct ir_expr *expr);
// The same as truth of one bit.
LLVMValueRef lower_condition(struct lowering *low, const struct ir_expr *expr);
// The same widened to 64 bits by its sign; a text as its offset in the texts.
LLVMValueRef lower_wide(struct lowering *low, const struct ir_expr *expr);
// The value of a hole, of 64 bits.
LLVMValueRef lower_hole_value(struct lowering *low, uint64_t hole);
// region + off
LLVMValueRef lower_place(struct lowering *low, uint64_t off);
LLVMValueRef lower_const(struct lowering *low, uint64_t value);
LLVMBasicBlockRef lower_block(struct lowering *low, const char *name);
void lower_body(struct lowering *low, const struct ir_stmt *stmt);
// Tells of the fault that the locals describe.
void lower_fault(struct lowering *low);

#endif
