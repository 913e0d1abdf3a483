// c.h: what the files of the C back-end share.
//
// c.c puts the file together, c_shape.c prints the functions of the shapes,
// c_stmt.c, c_record.c, c_expr.c and c_memory.c what is in them; c_library.c
// has the runtime's part, and c_compile.c runs a compiler.
//
// An expression is printed as one where nothing in it changes anything. What
// does, may fail, or is asked of the runtime becomes a statement ahead of it,
// and its value a name (t1, t2 ...); so all happens in D's order.

#ifndef MCTRACE_CODEGEN_C_H
#define MCTRACE_CODEGEN_C_H

#include "codegen/c_library.h"
#include "codegen/codegen.h"

// An expression of C, in brackets if it is more than one word or a cast.
struct c_value {
    struct str text;
    bool is_fixed; // whatever is done meanwhile, its value stays
};

// A variable of the script and what it is called in the file.
struct c_variable {
    const struct ir_variable *variable;
    struct str name;
};

struct c_reading {
    const struct builtin *builtin;
    struct str name;
};

struct printing {
    const struct codegen_input *input;
    struct arena *arena;
    struct diag *diag;
    bool failed;
    struct c_library library;
    struct bytes out; // statements
    unsigned depth;   // blocks around them
    struct c_variable *variables;
    size_t variable_count, variable_room;

    // Of the shape at hand:
    const struct ir_clause *clause;
    struct handover handover;
    struct bytes locals;  // declared ahead of its statements
    unsigned names;       // made up so far
    unsigned places;      // that can fail, so far
    struct str failed_at; // label: where a fault goes on
    const struct ir_segment *segment;
    struct str record; // of the segment at hand
    struct span said;  // of the statement that the last comment shows
    bool has_firing, has_thread, has_faults;
    bool uses_thread, uses_kept, uses_fault, uses_out, uses_leave, uses_next;
    size_t entered_at; // in `out`: behind where the firing is had
    struct c_reading *readings;
    size_t reading_count, reading_room;
};

// c.c

// One line at the depth at hand.
void c_line(struct printing *print, const char *format, ...) PRINTF_LIKE(2, 3);
void c_open(struct printing *print, const char *format, ...) PRINTF_LIKE(2, 3);
void c_else(struct printing *print);
void c_close(struct printing *print); // the block that c_open began
void c_label(struct printing *print, struct str label);
struct str c_text(struct printing *print, const char *format, ...)
    PRINTF_LIKE(2, 3);
// What a comment may hold of a text of the script.
void c_quote(struct bytes *out, struct str text);
// A function of the runtime; NULL: there is none, reported.
const struct c_piece *c_runtime(struct printing *print, const char *name,
                                struct span span);
// The same without brackets around all of it.
struct str c_bare(struct str text);
// Where something lies in the region.
struct str c_place(struct printing *print, uint64_t off);
// The value of a hole: 64 bits, or value_len bytes of a called shape.
struct str c_hole(struct printing *print, uint64_t hole);
// The name of a variable, which is made known.
struct str c_variable(struct printing *print,
                      const struct ir_variable *variable);

// c_shape.c

void c_shape(struct printing *print, size_t index);
// Tells of the fault that the locals describe.
void c_tell_fault(struct printing *print);
// The thread, for something that lies there.
struct str c_thread(struct printing *print);
void c_thread_of(struct printing *print, const struct ir_variable *variable);
// To the end of the clause, as if it were done.
void c_leave(struct printing *print);

// c_stmt.c

void c_body(struct printing *print, const struct ir_stmt *stmt);
// What was taken of scratch memory so far lasts as long as the clause.
void c_keep_scratch(struct printing *print);

// c_record.c

void c_segment(struct printing *print, const struct ir_stmt *stmt);
void c_action(struct printing *print, const struct ir_stmt *stmt);
void c_store_field(struct printing *print, const struct ir_field *field,
                   struct ir_type type, struct str value);

// c_expr.c

// "int64_t ", "const char *": what a declaration begins with.
const char *c_type(struct ir_type type);
struct str c_type_name(struct ir_type type); // as a cast has it
struct c_value c_expr(struct printing *print, const struct ir_expr *expr);
// Only what it does is wanted.
void c_effect(struct printing *print, const struct ir_expr *expr);
// The same widened to 64 bits by its sign; a text as its offset in the texts.
struct c_value c_wide(struct printing *print, const struct ir_expr *expr);
// A name for a value from here on.
struct c_value c_hold(struct printing *print, const char *type,
                      struct c_value value);
// Operands in order, as they were when it was their turn.
typedef struct c_value c_operand(struct printing *print,
                                 const struct ir_expr *expr);
struct c_value *c_operands(struct printing *print, struct ir_expr **exprs,
                           uint32_t count, c_operand *operand);
// The value of `expr` where the other operand, or what takes it, has the type
// anyway: a small constant needs no suffix.
struct c_value c_operand_of(struct printing *print, const struct ir_expr *expr,
                            struct c_value value);
bool c_is_plain(const struct ir_expr *expr);
// The clause ends by a fault where `condition` holds: a code of enum mct_fault
// and a value.
void c_fault_if(struct printing *print, struct str condition, const char *code,
                struct str value);
// Or where what was just called has raised one.
void c_check_fault(struct printing *print);
struct c_value c_resize(struct printing *print, struct c_value value,
                        struct ir_type from, struct ir_type to);

// c_memory.c

struct c_value c_read_variable(struct printing *print,
                               const struct ir_expr *expr);
struct c_value c_assign(struct printing *print, const struct ir_expr *expr,
                        bool wants_value);
struct c_value c_address(struct printing *print, const struct ir_expr *expr);
struct c_value c_load(struct printing *print, const struct ir_expr *expr);
struct c_value c_store(struct printing *print, const struct ir_expr *expr);
struct c_value c_copy(struct printing *print, const struct ir_expr *expr);
struct c_value c_bound(struct printing *print, const struct ir_expr *expr);
struct c_value c_present(struct printing *print, const struct ir_expr *expr);
struct c_value c_text_at(struct printing *print, const struct ir_expr *expr);

// A key as a table has it.
struct c_key {
    struct str words, used;
    bool is_short; // code to find it may stand at the site
};
struct c_key c_keys(struct printing *print, struct ir_expr **keys,
                    const struct ir_key_form *forms, uint32_t count,
                    const struct str *before, uint32_t before_count,
                    uint32_t words_most);

// c_compile.c

// The flags that the code depends on, for a reader of it.
struct str c_flags(const struct codegen_input *input);
const char *c_compiler(const struct codegen_input *input);
enum c_goal { C_TO_OBJECT, C_TO_ASSEMBLY };
bool c_compile_text(const struct codegen_input *input, enum c_goal goal,
                    struct str text, struct slice *made, struct diag *diag);

#endif
