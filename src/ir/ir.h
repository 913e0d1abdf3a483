// ir.h: a script between its text and its machine code.
//
// A clause is a predicate and a list of statements; D has no loops, so the IR
// is a tree. Types are explicit, conversions are CAST nodes, nothing is
// implied. `script/` makes one ir_clause per clause of the script; fold.c
// makes of it, for a site, a clause in which everything known at that site is
// a constant or a hole. Sites that differ only in the values of their holes
// share the folded clause (a "shape") and so the machine code.

#ifndef MCTRACE_IR_H
#define MCTRACE_IR_H

#include "ir/options.h"
#include "probe/probe.h"

enum ir_op {
#define OP(name, spelling, class) IR_##name,
#include "ops.def"
#undef OP
    IR_OP_COUNT
};

enum ir_type_kind {
    IR_VOID,
    IR_INT,    // pointers too: 64 bits, unsigned
    IR_STRING, // the address of a text in memory of ours, or 0 for NULL
    IR_BLOCK   // of variables, keys and fields: so many bytes, by address
};

struct ir_type {
    uint8_t kind; // enum ir_type_kind
    uint8_t bits; // IR_INT: 8, 16, 32, 64
    bool is_signed;
};

#define IR_TYPE_INT    ((struct ir_type){IR_INT, 32, true})
#define IR_TYPE_I64    ((struct ir_type){IR_INT, 64, true})
#define IR_TYPE_U64    ((struct ir_type){IR_INT, 64, false})
#define IR_TYPE_STRING ((struct ir_type){IR_STRING, 0, false})
#define IR_TYPE_BLOCK  ((struct ir_type){IR_BLOCK, 0, false})

// Whose memory an address means. What is PROGRAM may be anything: a bad address
// is a fault, memory of alloca() is bounded, D's own variables are fine too.
enum ir_space {
    IR_SPACE_PROGRAM,
    IR_SPACE_OURS // an ADDRESS of a variable plus a constant
};

// Where a built-in variable's value comes from, and which functions may be
// called: the rows of builtins.def.
enum builtin_source {
    BUILTIN_SITE,
    BUILTIN_ARG,
    BUILTIN_ARGS,    // args[]: the same, with their types
    BUILTIN_UREGS,   // uregs[]: registers
    BUILTIN_PROGRAM, // an address of the program's
    BUILTIN_CALLER,
    BUILTIN_RETURNED, // where memory has what the function returns
    BUILTIN_ERRNO,
    BUILTIN_ZERO,
    BUILTIN_CALL,
    BUILTIN_STACK, // a call with IR_STACK
    BUILTIN_ACTION,
    BUILTIN_RECORD, // an action of actions.def
    BUILTIN_REFUSED
};

enum builtin_result {
    BUILTIN_PLAIN,   // what its type says
    BUILTIN_POINTER, // void *
    BUILTIN_ALLOCA   // to memory of alloca()
};

struct builtin {
    const char *name;
    struct ir_type type;
    uint8_t source; // enum builtin_source
    bool is_function, is_destructive;
    uint8_t result;        // enum builtin_result
    uint8_t action;        // BUILTIN_RECORD: enum ir_action_kind
    const char *prototype; // of a function, see builtins.def
    const char *reason;    // BUILTIN_REFUSED
    // BUILTIN_CALL: "mct_<name>"; BUILTIN_RECORD: what passes the address of
    // usym() and its like.
    const char *runtime;
};

enum ir_storage {
    IR_GLOBAL_VARIABLE,
    IR_SELF_VARIABLE, // thread-local
    IR_THIS_VARIABLE  // of one firing
};

// A variable of the script. One with keys is an associative array. What starts
// as zero is 0, NULL, or a block of zeroes; storing that into an element or
// a thread-local frees it.
struct ir_variable {
    struct str name;
    struct ir_type type;
    uint8_t storage; // enum ir_storage
    struct ir_type *key_types;
    uint32_t key_count; // 0: a scalar
    // BLOCK: set by the script; else by layout_variables, a text's with its
    // terminator and a byte that says that it is not NULL.
    uint32_t size;
    // Of scalars, set by layout_variables: from the start of the region, of
    // the thread's or of the firing's variables.
    uint64_t off;
    uint32_t index;                       // among all variables
    const struct ir_data_type *data_type; // for readers; may be NULL
};

// How a reader shows a value that is no plain integer or text: print(),
// JSON of structures. Made by script/, written to the mapping.
enum ir_data_kind {
    IR_DATA_INTEGER,
    IR_DATA_FLOAT,
    IR_DATA_POINTER,
    IR_DATA_ENUM,
    IR_DATA_ARRAY,
    IR_DATA_STRUCT,
    IR_DATA_UNION
};
struct ir_data_type {
    uint8_t kind; // enum ir_data_kind
    bool is_signed, is_char;
    uint32_t size;   // bytes
    struct str name; // as print() shows it: "struct foo", "int", "char *"
    uint32_t index;  // in the mapping's table of types, once it is there
    uint64_t count;  // ARRAY: elements
    const struct ir_data_type *of; // ARRAY, POINTER (may be NULL)
    struct ir_data_member {
        struct str name; // ENUM: an enumerator
        const struct ir_data_type *type;
        uint32_t off_bits, bits; // bits: of a bit-field, else 0
        int64_t value;           // ENUM
    } *members;
    uint32_t member_count;
};

struct ir_expr {
    uint8_t op;  // enum ir_op
    uint8_t reg; // WORD: base register
    // CONST, TEXT while folding: so at this site, but maybe not at the next.
    bool of_site;
    struct ir_type type;
    struct span span;
    uint64_t value;
    struct str text;
    const struct ir_variable *variable;
    const struct builtin *callee;
    struct ir_expr *a, *b, *c;
    struct ir_expr **args;
    uint32_t arg_count;
};

struct agg_function {
    const char *name;
    uint8_t id, least, most;
    const char *cells;
};

// How a column of a key stands in a table, in words of 64 bits. Columns are
// packed: each takes as many as it needs.
enum ir_key_kind {
    IR_KEY_INT,    // one word, extended by its sign
    IR_KEY_TEXT,   // one word: offset in the layout's texts
    IR_KEY_STRING, // its bytes, a terminator and zeroes
    IR_KEY_STACK,  // one word: how many, then program counters
    IR_KEY_SYMBOL  // one word: an address, shown as `action` does
};
struct ir_key_form {
    uint8_t kind;   // enum ir_key_kind
    uint8_t action; // STACK, SYMBOL: enum ir_action_kind, USTACK and so on
    uint32_t words; // at most; of texts and strings set by layout_end
};

// An aggregation of the script.
struct ir_aggregation {
    struct str name;  // with its '@'; "@" alone is a name too
    struct span span; // its first use
    const struct agg_function *function;
    int64_t params[5];    // lquantize: base, limit, step; llquantize: factor,
    uint32_t param_count; // low, high, steps
    struct ir_type *key_types;
    // One a column. A TEXT becomes a STRING as soon as one site has a key that
    // is only known at run time.
    struct ir_key_form *key_forms;
    uint32_t key_count;
    bool has_cpu;        // the last key is not the script's: option aggpercpu
    uint32_t key_words;  // of a table's entry; set by layout_end
    uint32_t cell_count; // 64-bit cells of an element
    // Of a distribution whose increments may cancel each other: it has one more
    // cell, which counts the updates.
    bool counts_updates;
    uint32_t index;
    // Filled while folding: elements at fixed places, keys by column (integers
    // as they are, strings as offsets in the layout's texts) ...
    struct ir_agg_slot {
        uint64_t off;
        uint64_t *keys;
    } *slots;
    size_t slot_count, slot_room;
    // ... and the table of those whose keys are only known at run time.
    bool has_table;
    uint64_t table_off;
    uint8_t table_log2;
};

// --- records ---

enum ir_action_kind {
#define ACTION(name, NAME, shape) IR_ACTION_##NAME,
#include "mctrace/actions.def"
#undef ACTION
    IR_ACTION_COUNT
};

enum ir_field_kind {
    IR_FIELD_INT,   // fixed: an integer of its type
    IR_FIELD_BLOCK, // fixed: `size` bytes, copied from an address
    IR_FIELD_TEXT,  // variable: a text of at most `size` bytes
    IR_FIELD_STACK, // variable: at most `size` frames
    IR_FIELD_KNOWN  // not recorded: a text that the mapping tells
};
// Whose text it is.
enum ir_known_text {
    IR_KNOWN_LITERAL, // the field's own
    IR_KNOWN_PROV,    // the probe's, and so on
    IR_KNOWN_MOD,
    IR_KNOWN_FUNC,
    IR_KNOWN_NAME
};

// One value in a record. mctrace/records.h says how it is stored.
struct ir_field {
    uint8_t kind;        // enum ir_field_kind
    struct ir_type type; // INT
    uint32_t size, off;  // off: of fixed ones, from the record's start
    uint8_t known;       // KNOWN: enum ir_known_text
    struct str text;     // KNOWN_LITERAL
    // What an INT's bits mean if it is no plain integer (a float, a pointer);
    // a BLOCK's type. NULL: as it is.
    const struct ir_data_type *data_type;
};

// One data-recording action of a segment: what the reader needs to know.
struct ir_action {
    uint8_t kind;      // enum ir_action_kind
    struct str format; // FORMAT, AGGS: the text; n is 0 and p NULL if none
    // Constants: of tracemem the size, of trunc and so on the sign of what is
    // kept, of stacks frames and string size; by kind.
    int64_t constants[2];
    // One per argument that is a value, in order: also widths and precisions
    // (`*`) of formats. tracemem: the memory, then the size if one is given
    // at run time. print of a pointer: the address, then what it points to.
    struct ir_field *fields;
    uint32_t field_count;
    const struct ir_aggregation **aggregations; // AGGS, AGG, AGG_INT
    uint32_t aggregation_count;
    // The sizes of the argument types as the script has them, where formats
    // depend on them, stand in the fields.
};

// Statements of a clause that record together: a row of dtrace's output. A
// clause with `if` has several, as DTrace splits it at conditions.
struct ir_segment {
    uint32_t index; // among all of the script
    uint32_t clause;
    struct ir_action *actions;
    uint32_t action_count;
    uint32_t fixed_len;  // header and fixed fields, a multiple of 8
    uint32_t most_len;   // with variable fields at their longest
    bool is_speculative; // the first field is the speculation's id
    bool is_default;     // an empty clause: a row without data
};

enum ir_stmt_op {
    IR_DO,       // a: evaluated for its effect
    IR_IF,       // a, then_, else_
    IR_AGG,      // aggregation updated with args under keys
    IR_EXIT,     // a: status, recorded by `action`; ends tracing behind the
                 // clause
    IR_SEND,     // a: channel
    IR_INTERNAL, // callee's run-time function (arming, END), args
    IR_SEGMENT,  // then_: its statements; a fault in it ends it alone
    IR_ACTION    // within a segment: action's fields from args, in order
};

struct ir_stmt {
    struct ir_stmt *next;
    uint8_t op; // enum ir_stmt_op
    struct span span;
    struct ir_expr *a;
    struct ir_stmt *then_, *else_;
    struct ir_aggregation *aggregation;
    struct ir_expr **keys, **args; // args: value and increment, no parameters
    uint32_t arg_count;
    // After folding: the element lies at hole `slot_hole` of kind HOLE_SLOT,
    // or in the aggregation's table.
    bool is_slot;
    uint32_t slot_hole;
    const char *runtime;            // IR_INTERNAL: symbol of the function
    struct ir_segment *segment;     // IR_SEGMENT
    const struct ir_action *action; // IR_ACTION
    uint32_t enabling_hole;         // IR_SEGMENT: after folding
};

enum ir_hole_kind {
    HOLE_VALUE, // 64 bits: a constant of the site
    HOLE_SLOT   // an offset in the region
};

struct ir_clause {
    struct ir_expr *predicate; // NULL: always
    struct ir_stmt *body;
    struct span span, whole; // of its probes; with all that follows
    uint32_t index;
    uint32_t text_index; // of the script's texts: in which it stands
    // The script calls exit(): look whether tracing has ended first.
    bool checks_end;
    // Runs in the processes that are watched, not in their children.
    bool checks_process;
    bool exits; // this clause itself calls exit()
    // Its place among the clauses of one firing that want one: the first
    // clears the variables of `this`. Set by whoever folds.
    bool opens, closes;
    // After folding.
    uint8_t *hole_kinds; // enum ir_hole_kind
    uint32_t hole_count;
    uint32_t id_hole; // of the site's id, for clauses that may fail
};

// Probes that the script declares for a program: for headers and objects.
struct ir_declared_arg {
    struct str type, name; // in C; the name may be empty
    struct ir_type value;  // pointers are integers; VOID: it is neither
};
// `args` are those that the program passes, `shown` those that scripts see:
// each is one of the first, at `from`, and may be translated.
struct ir_shown_arg {
    struct str type;
    uint32_t from;
    bool is_translated;
};
struct ir_declared_probe {
    struct str name;
    struct ir_declared_arg *args;
    uint32_t arg_count;
    struct ir_shown_arg *shown;
    uint32_t shown_count;
};
struct ir_provider {
    struct str name;
    struct ir_declared_probe *probes;
    uint32_t probe_count;
};

// A whole script as the IR sees it.
struct ir_script {
    struct ir_variable **variables; // in order of the script
    struct ir_aggregation **aggregations;
    struct ir_provider **providers;
    size_t provider_count;
    struct ir_clause **clauses;
    struct probe_clause *probes; // same count
    size_t variable_count, aggregation_count, clause_count;
    // What the script's clauses rely on, at probes which the script does not
    // ask for.
    struct ir_clause **own_clauses;
    struct probe_clause *own_probes;
    size_t own_count;
    struct ir_options options;
    uint64_t strsize, aggsize; // two of them, as sizes
    bool has_end, has_exit, has_error;
    bool is_destructive; // it changes what the program does: -w must allow it
    struct ir_segment **segments; // by index
    size_t segment_count;
};

// ir.c

const struct agg_function *agg_function_find(struct str name); // NULL: none
const struct agg_function *agg_function_by_id(uint32_t id);
// 64-bit cells of an element; for distributions the number of buckets.
uint32_t agg_cell_count(const struct agg_function *function,
                        const int64_t *params);
const struct builtin *builtin_find(struct str name); // NULL: not known
const struct builtin *builtin_table(size_t *count);

struct ir_expr *ir_expr_new(struct arena *arena, enum ir_op op,
                            struct ir_type type, struct span span);
struct ir_expr *ir_const(struct arena *arena, struct ir_type type,
                         uint64_t value, struct span span);
// Of two operands, at the place of the first.
struct ir_expr *ir_binary(struct arena *arena, enum ir_op op,
                          struct ir_type type, struct ir_expr *a,
                          struct ir_expr *b);
// `a` converted; the expression itself if it has the type already.
struct ir_expr *ir_cast(struct arena *arena, struct ir_expr *a,
                        struct ir_type type);
// Of an address: OURS if it is a variable's plus a constant.
enum ir_space ir_space_of(const struct ir_expr *address);
bool ir_type_equal(struct ir_type a, struct ir_type b);
// What a record of a segment takes of a buffer of DTrace's, which options are
// about: texts at their longest, values at multiples of their size.
uint64_t ir_record_size(const struct ir_segment *segment, uint64_t strsize);
// A value wrapped to the width and sign of an integer type, as 64 bits.
uint64_t ir_wrap(uint64_t value, struct ir_type type);
void ir_print(FILE *out, const struct ir_clause *clause);
// Types agree, operands are there: for tests and after folding. Asserts.
void ir_check(const struct ir_clause *clause);

// needs.c

// Whether it works with a firing (runtime/thread.c), and whether it can end by
// a fault. Asked after folding.
bool ir_wants_firing(const struct ir_clause *clause);
// Whether it works with its thread alone: for records of integers.
bool ir_wants_thread(const struct ir_clause *clause);
bool ir_may_fail(const struct ir_clause *clause);
// Whether it looks at what the probe passes, as argN or args[N].
bool ir_reads_arguments(const struct ir_clause *clause);
bool ir_is_safe_divisor(const struct ir_expr *expr); // known not to be 0
// What an assignment to a global integer adds to it, or with `takes_away` takes
// from it, as far as its width goes; NULL: it does something else. Who
// interrupts it with another then finds no half of it, if that is done at once.
const struct ir_expr *ir_addition(const struct ir_expr *assign,
                                  bool *takes_away);
// Whether a statement, without those it holds, takes memory for texts or keys.
bool ir_takes_scratch(const struct ir_stmt *stmt);

// eval.c: the reference evaluator

struct eval_input {
    uint64_t (*reg)(void *state, uint8_t reg);
    uint64_t (*float_reg)(void *state, uint64_t number);
    uint64_t (*word)(void *state, uint8_t base, int64_t off);
    // A text is returned as an offset in `texts`.
    uint64_t (*call)(void *state, const struct builtin *callee,
                     const uint64_t *args);
    void *state;
    uint8_t *region;
    enum byte_order order; // of the numbers in the region
    const uint64_t *holes;
    const char *texts;
};
// One operation on integers, as C defines it; false on division by zero.
bool eval_binary(enum ir_op op, struct ir_type operand_type, uint64_t a,
                 uint64_t b, uint64_t *result);
bool eval_unary(enum ir_op op, struct ir_type type, uint64_t a,
                uint64_t *result);
// Runs a folded clause. False: it ended by a fault.
bool eval_clause(const struct ir_clause *clause, struct eval_input *input);

// layout.c, fold.c, shape.c

// What lies where in the region, growing while sites are folded.
struct layout {
    struct arena *arena;
    const struct arch *arch;
    uint64_t vars_off, vars_len, aggs_off, aggs_len, region_len;
    uint64_t self_len, this_len;                 // of threads and firings
    uint64_t dynvar_off, dynvar_len;             // of associative arrays
    uint64_t dynvar_key_words, dynvar_value_len; // the largest there are
    uint8_t dynvar_log2;                         // entries
    uint64_t spec_off;                           // of speculations
    uint64_t strsize;
    uint32_t region_align, chunk_align; // of its length; of records behind it
    struct bytes texts;                 // NUL-terminated strings, each once
    struct map text_offs;
    struct map slots; // by aggregation and key
    struct bytes scratch;
};

// Variables get their places.
void layout_begin(struct layout *layout, struct arena *arena,
                  struct ir_script *script, const struct arch *arch);
uint64_t layout_text(struct layout *layout, struct str text);
// Tables get theirs; region_len is final. False: too large, reported.
bool layout_end(struct layout *layout, struct ir_script *script,
                struct diag *diag);

// A clause at a site: the shape and the values of its holes.
struct ir_instance {
    const struct ir_clause *shape; // NULL: nothing is left to do at the site
    uint64_t *holes;
    uint32_t shape_index; // dense, from 0
};

// What a record's number means: which segment, at which site.
struct ir_enabling {
    const struct ir_segment *segment;
    const struct site *site;
};

struct folder {
    struct arena *arena;
    struct layout *layout;
    // Where somebody watches: what BEGIN and END see as their process. NULL:
    // their own.
    const struct ir_tracer {
        int64_t pid, ppid;
        struct str execname;
    } *tracer;
    // Whose variables the script names; NULL: it names none.
    const struct image *program;
    struct map shapes; // by the folded tree, written out
    struct bytes form;
    const struct ir_clause **shape_list;
    size_t shape_count, shape_room;
    struct ir_enabling *enablings;
    struct map enabling_numbers;
    struct map epids; // of a clause at a probe
    uintptr_t epid_count;
    size_t enabling_count, enabling_room;
    // Operands of markers that clauses ask for, and that read as 0.
    struct unread_operand {
        const struct site *site;
        uint64_t number;
        struct str text;
    } *unread;
    size_t unread_count, unread_room;
    const struct site **failing; // where a clause may end by a fault
    size_t failing_count, failing_room;
};

void folder_init(struct folder *folder, struct arena *arena,
                 struct layout *layout);
// `opens` and `closes` as in ir_clause.
struct ir_instance fold_clause(struct folder *folder,
                               const struct ir_clause *clause,
                               const struct site *site, bool opens,
                               bool closes);
// Whether at the site anything is left of the clause that wants a firing.
bool fold_wants_firing(struct folder *folder, const struct ir_clause *clause,
                       const struct site *site);

#endif
