// script.h: the D front end, from text to IR.
//
// lex.c answers two questions, "next probe description" and "next expression
// token", because D's words depend on where they stand. parse.c, decl.c and
// expr.c build a tree with source spans, one function per grammar rule;
// check.c, operator.c, name.c, call.c and aggregate.c give every node a type by
// the rules of type.c; lower.c and lower_expr.c make IR of it. The parser
// recovers at the end of a clause, so a run reports several errors; what an
// error has touched has TYPE_ERROR, which silences whatever would follow.
//
// The tree's own types are in tree.h.

#ifndef MCTRACE_SCRIPT_H
#define MCTRACE_SCRIPT_H

#include "script/tree.h"

// What the outside passes into a script.
struct script_options {
    const char *const *macro_args; // $1, $2 ...
    size_t macro_arg_count;
    const struct ir_options *options; // of the command line; NULL: presets
    // $target, $pid and so on, where somebody else traces than the process
    // itself.
    const struct script_macro {
        const char *name; // without its '$'
        int64_t value;
    } *macros;
    size_t macro_count;
    struct image *program; // whose types may be named; NULL: none
};

// One text of a script: a file, or an argument as dtrace's -n.
struct script_text {
    struct source *source;
    // Fields that its descriptions lack at their end: 0 if they name probes, 1
    // functions, 2 modules, 3 providers.
    unsigned missing_fields;
    bool is_argument; // not a file: may end behind a description
};

// The whole front end. Texts follow each other as if they were one, but for
// messages. Returns NULL after at least one error was reported.
struct ir_script *
script_compile_texts(struct arena *arena, const struct script_text *texts,
                     size_t count, const struct script_options *options,
                     const struct arch *arch, struct diag *diag);
// The same of one text that names probes.
struct ir_script *script_compile(struct arena *arena, struct source *source,
                                 const struct script_options *options,
                                 const struct arch *arch, struct diag *diag);
// The text through the system's C preprocessor, as the options cpp, define,
// incdir and so on ask for. False: reported.
bool script_preprocess(struct arena *arena, struct source *source,
                       const struct ir_options *options, struct diag *diag);

// What a probe passes as args[]: the names of the types, as many as are
// returned. `script` is one that was compiled; of the providers that it
// declares the types are known.
#define SCRIPT_MOST_ARGUMENTS 10
uint32_t script_argument_types(struct arena *arena,
                               const struct probe_desc *desc,
                               const struct ir_script *script,
                               const struct script_options *options,
                               const struct arch *arch,
                               struct str types[SCRIPT_MOST_ARGUMENTS]);

// What was made of a script, as text.
void script_dump(FILE *out, const struct ir_script *script);
// What follows is for the files of this folder.

// lex.c

// The next token of an expression or declaration, without taking it. After a
// syntax error there is none (TOKEN_END) until recovery.
const struct token *script_peek(struct script *script);
struct token script_take(struct script *script);
bool script_accept(struct script *script, enum token_kind kind);
// Reports "expected X <context>" if another token follows.
bool script_expect(struct script *script, enum token_kind kind,
                   const char *context);
// Outside of clauses: passes blanks, comments and control lines. False: end.
bool script_skip(struct script *script);
// Outside of clauses: the name that stands here if it stands alone, so that it
// may begin a declaration; else empty.
struct str script_lone_name(struct script *script);
// Whether a name or a '*' stands behind the token that was peeked at.
bool script_names_follow(struct script *script);
// Whether a line marker says that this is a file that the script includes.
bool script_is_included(const struct script *script);
// The next probe description as text; empty if none stands here.
struct str script_take_probe(struct script *script, struct span *span);
struct span script_span(const struct script *script, size_t from, size_t to);
struct str script_text(struct span span); // what stands there
// What stands behind the '`' of "module`name"; the name if there is none.
struct str script_unscoped(struct str name, struct str *scope);
bool script_is_scope(struct str scope); // of what scripts define themselves
// Something stands right, but is more than this program takes: that is told in
// its own words, while what breaks the grammar is told in dtrace's.
void script_fail_limit(struct script *script, struct span span,
                       const char *text);
// One level deeper; whoever calls this leaves by `script->nesting--`.
void script_enter(struct script *script, struct span span, unsigned most);
// A syntax error: reported unless one is being recovered from.
void script_fail(struct script *script, enum tag tag, struct span span,
                 const char *format, ...) PRINTF_LIKE(4, 5);
void script_recover(struct script *script);
const char *token_spelling(enum token_kind kind);
unsigned token_level(enum token_kind kind);
enum ir_op token_operation(enum token_kind kind);
enum keyword_class token_keyword(enum token_kind kind);

// literal.c: numbers, characters and strings

// Each stands at script->at, moves it behind, and reports what is wrong.
bool literal_integer(struct script *script, struct token *token);
bool literal_character(struct script *script, struct token *token);
bool literal_string(struct script *script, struct token *token);

// options.c

// A line that began with '#': pragma, line marker and so on.
void script_control_line(struct script *script, struct str line,
                         struct span span);
// What options say is put where it is looked at.
void script_apply_options(struct script *script);
void check_pragmas(struct script *script);

// library.c
// What every script finds defined.
void parse_library(struct script *script);

// folders.c
void parse_library_folders(struct script *script);

// tree.c
// Shows an item as a tree, if the option tree has the bit of the pass: 1 as it
// was parsed, 2 with the types that checking found.
void tree_show(const struct script *script, const struct item *item,
               unsigned pass);

// parse.c
void parse_program(struct script *script);
struct item *parse_new_item(struct script *script, enum item_kind kind,
                            struct span span);

// specifier.c

// The words in front of what is declared.
struct specifiers {
    enum token_kind storage; // TOKEN_END: none
    const struct type *type;
    struct span span;
    unsigned words; // of the type, counted; the file's own
};

bool parse_starts_type(struct script *script);
struct specifiers parse_specifiers(struct script *script);

// decl.c
void parse_declaration(struct script *script);
const struct type *parse_type_name(struct script *script);
// What is declared with these words; `name` is left alone if none stands here.
const struct type *parse_declarator(struct script *script,
                                    const struct type *type,
                                    struct token *name);

// '(' parameters ')': a function's type. `may_repeat`: names may stand twice.
const struct type *parse_prototype(struct script *script, bool may_repeat);

// provider.c
void parse_provider(struct script *script);

// expr.c
struct node *parse_expression(struct script *script);
struct node *parse_assignment(struct script *script);

// type.c
void types_init(struct script *script);
const struct type *type_basic(const struct script *script,
                              enum basic_type which);
const struct type *type_find(const struct script *script, struct str name);
// One of the kernel's own names; NULL: it is none.
const struct type *type_of_kernel(struct script *script, struct str name);
const struct type *type_derived(struct script *script, enum type_kind kind,
                                const struct type *of, uint64_t count);
const struct type *type_translated(struct script *script,
                                   const struct type *of);
bool type_equal(const struct type *a, const struct type *b);
bool type_is_error(const struct type *type);
bool type_is_integer(const struct type *type); // or an enumeration
bool type_is_string(const struct type *type);
bool type_is_scalar(const struct type *type); // an integer or a pointer
bool type_is_pointer(
    const struct type *type); // or an array, which is no string
// A pointer to void or to a function: nothing can be added to it.
bool type_is_unsized_pointer(const struct type *type);
// A string, or a pointer to or array of char, which becomes one.
bool type_is_text(const struct type *type);
// Handled by its address.
bool type_is_block(const struct type *type);
const struct type *type_promoted(const struct script *script,
                                 const struct type *type);
// The type of a bit-field's value: as declared, but promoted by its width.
const struct type *type_of_field(struct script *script,
                                 const struct member *member);
// C's usual arithmetic conversions of two integers.
const struct type *type_common(const struct script *script,
                               const struct type *a, const struct type *b);
const struct type *type_of_literal(const struct script *script, uint64_t value,
                                   uint8_t form);
struct ir_type type_to_ir(const struct type *type);
// The type of a built-in variable or of a function's result.
const struct type *type_from_ir(const struct script *script,
                                struct ir_type type);
// Bytes; 0 if it has no size.
uint64_t type_size(const struct script *script, const struct type *type);
uint64_t type_align(const struct script *script, const struct type *type);

// tagged.c
// What stands behind 'struct', 'union' or 'enum'.
const struct type *parse_tagged(struct script *script, enum token_kind word,
                                struct span span);
// A member by name, also of anonymous members; its place is that from the start
// of the whole. False: there is none.
bool type_member(const struct type *type, struct str name,
                 struct member *found);

// userland.c
// A type of the program by name: KEYWORD_STRUCT, _UNION, _ENUM, or TOKEN_NAME
// for a typedef. NULL: there is none.
const struct type *userland_find(struct script *script, enum token_kind word,
                                 struct str name);
// Whether a scope is the program's: "a.out", its name, or nothing.
bool userland_is_scope(const struct script *script, struct str scope);
// The type of a function of the program, with its result and parameters.
const struct type *userland_function(struct script *script, struct str name);
// A variable or function of the program by name, with its address. NULL: there
// is none.
const struct type *userland_object(struct script *script, struct str name,
                                   uint64_t *va);
// The members of a type whose members are wanted now.
void userland_read(struct tagged *tagged);
void userland_close(struct script *script);

// data.c
// How a reader shows values of the type.
const struct ir_data_type *type_data(struct script *script,
                                     const struct type *type);

// check.c
// One item of the script, all before it having been checked.
void check_item(struct script *script, struct item *item);
// One source has been read; its items begin with `from`.
void check_end(struct script *script, const struct item *from);
// Gives the node a type, which is returned too.
const struct type *check_expr(struct script *script, struct node *node);
const struct type *check_fail(struct script *script, struct node *node);
// An integer known when the script is compiled. False: it is none.
bool check_constant(struct script *script, struct node *node, int64_t *value);

void check_set_constant(struct node *node, uint64_t value);

// operator.c
void check_unary(struct script *script, struct node *node);
void check_binary(struct script *script, struct node *node);
void check_step(struct script *script, struct node *node);
void check_assign(struct script *script, struct node *node);
void check_cond(struct script *script, struct node *node);
// Whether a value may be assigned to a type, or be a key of it.
bool check_fits(struct script *script, const struct type *type,
                const struct node *value);

// What is done with a variable: read, changed by what it was, assigned.
enum variable_use { USE_READ, USE_CHANGE, USE_ASSIGN };

// name.c
// What a name means that is no variable of the script's own. False: it is one,
// or is to become one.
bool check_name(struct script *script, struct node *node,
                enum variable_use use);
void check_inline_use(struct script *script, struct node *node,
                      struct identifier *symbol);
void check_declaration(struct script *script, struct item *item);

// variable.c
// A variable or inline of the name; NULL: there is none.
struct identifier *variable_find(const struct script *script,
                                 enum ir_storage storage, struct str name);
struct identifier *variable_new(struct script *script, enum ir_storage storage,
                                struct str name, struct span span);
// A name, self->name or this->name, with its keys if it is an array; a new
// variable is made if there is none and `use` allows. Its type may be NULL
// still.
void check_variable(struct script *script, struct node *node,
                    enum variable_use use);
// An element of an associative array. False: the node is none.
bool check_element(struct script *script, struct node *node,
                   enum variable_use use);

// A list of keys that is no longer than the option tregs allows, if it is set.
// False: reported.
bool check_tuple(struct script *script, const struct node *node);

// A parameter, which is no variable of the script's.
struct identifier *variable_formal(struct script *script, struct str name,
                                   const struct type *type, struct span span);

// translate.c
void parse_translator(struct script *script);
void check_translator(struct script *script, struct item *item);
void check_xlate(struct script *script, struct node *node);
// One from a type to another; NULL: there is none.
const struct translator *translator_find(const struct script *script,
                                         const struct type *output,
                                         const struct type *input);
// The translator behind a value that is translated, through inlines.
const struct translator *translator_of(const struct node *node);
// A member of what is translated.
void check_translated(struct script *script, struct node *node);

// probe_args.c

#define PROBE_ARGS_MOST SCRIPT_MOST_ARGUMENTS // arg0 ... arg9

enum probe_knowledge {
    PROBE_UNKNOWN,
    PROBE_AMBIGUOUS, // a pattern that matches several probes
    PROBE_KNOWN
};

// The arguments of a probe: with a value where it is not argN itself.
struct probe_arguments {
    const struct type *types[PROBE_ARGS_MOST];
    struct str written[PROBE_ARGS_MOST]; // the type in words; may be empty
    struct node *values[PROBE_ARGS_MOST];
    // Of a function's: the register it is in, from 1; 0: the one of its number.
    uint32_t registers[PROBE_ARGS_MOST];
    // Why it cannot be had; NULL: it can.
    const char *lacks[PROBE_ARGS_MOST];
    uint32_t count;
};

// Those of a system call, of the provider proc, or of a declared one.
enum probe_knowledge probe_arguments_find(struct script *script,
                                          const struct probe_desc *desc,
                                          struct probe_arguments *out);

// Parses a list of expressions as if it stood alone, and adds its values.
void probe_arguments_parse(struct script *script, struct str text,
                           struct probe_arguments *out);

// passed.c
// Those of a function at its entry.
void passed_arguments(struct script *script, const struct type *function,
                      struct span span, struct probe_arguments *out);
// The number args[1] of a function that returns.
void passed_result(struct script *script, const struct type *function,
                   struct span span, struct probe_arguments *out);

// args.c
enum probe_knowledge args_find(struct script *script,
                               const struct probe_desc *desc, struct span span,
                               struct probe_arguments *out);
void check_args(struct script *script, struct node *node);
void check_uregs(struct script *script, struct node *node);
// Whether the register of that number can be read.
bool uregs_has(const struct arch *arch, uint64_t which);
struct str uregs_library(struct script *script);

// external.c
// `name, module`name: what the program has.
void check_external(struct script *script, struct node *node);

// place.c
// What is to be changed by `op`: a place that may be. False: reported.
bool check_place(struct script *script, struct node *node, enum token_kind op,
                 enum variable_use use);
void check_index(struct script *script, struct node *node);
// A constant index within the bounds of an array. False: reported.
bool check_bounds(struct script *script, const struct node *array,
                  const struct node *index);
void check_member(struct script *script, struct node *node);
void check_offsetof(struct script *script, struct node *node);
void check_deref(struct script *script, struct node *node);
void check_address(struct script *script, struct node *node);

// macro.c
void check_macro(struct script *script, struct node *node);
// The value of "$1", "$pid" as text; NULL: it has none. "$target" has none
// here: it is the program's.
const char *macro_value(struct script *script, struct str name);
void check_macro_args(struct script *script);

// call.c

enum parameter_class {
    PARAMETER_ANY,
    PARAMETER_INTEGER,
    PARAMETER_TEXT,
    PARAMETER_POINTER,
    PARAMETER_ADDRESS, // a pointer or an integer
    PARAMETER_ALLOCA   // a pointer to memory of alloca()
};

struct call_parameter {
    struct str type; // as messages show it
    uint8_t class;   // enum parameter_class
    bool is_optional;
    int64_t preset;
};

// What a function of builtins.def takes.
struct call_prototype {
    struct call_parameter parameters[4];
    unsigned count, least;
    bool takes_more; // behind them; action.c says what
};

struct call_prototype call_prototype(const struct builtin *builtin);
void check_call(struct script *script, struct node *node);
// Count and types. False: reported.
bool call_check_arguments(struct script *script, struct node *node,
                          const struct builtin *builtin);
// Reports and returns true if the function is there by name only.
bool call_refused(struct script *script, const struct node *node,
                  const struct builtin *builtin);
// "NAME( ) argument #N is incompatible with prototype", and what it is.
void call_fail_argument(struct script *script, const struct node *argument,
                        enum tag tag, const char *function, unsigned number,
                        struct str wanted);
// A call of a function without a value: a statement of its own.
bool call_is_action(const struct node *node);

// action.c
// A call that is a statement of its own, where actions are allowed.
void check_action(struct script *script, struct node *node);
// An aggregation is updated here: may it be?
bool action_is_stack(const struct builtin *builtin);
// A call of what can be a key of an aggregation or be printed though it is no
// value: stack(), usym(). NULL: it is none.
const struct builtin *action_key_call(const struct node *node);
struct str action_key_word(enum ir_action_kind action);
bool action_check_key(struct script *script, struct node *node,
                      const struct builtin *builtin);
uint32_t action_frames(const struct script *script, const struct node *call,
                       enum ir_action_kind kind);
void action_order_aggregation(struct script *script, const struct node *node);

// format.c
bool format_check(struct script *script, struct node *call,
                  const struct builtin *builtin);
bool format_check_keys(struct script *script, struct node *call,
                       const struct ir_aggregation *aggregation);

// alloca.c
bool node_is_alloca(const struct node *node);
void check_alloca_assign(struct script *script, const struct node *node);

// aggregate.c
bool check_is_aggregation(const struct node *node);
// A key's type, as messages show it.
struct str aggregation_key_word(struct script *script,
                                const struct ir_aggregation *aggregation,
                                uint32_t i);
// What makes a key of its argument; TRACE: it is the key.
enum ir_action_kind
aggregation_key_action(const struct ir_aggregation *aggregation, uint32_t i);
void check_aggregation(struct script *script, struct stmt *stmt);

// lower.c
void lower_program(struct script *script);

#endif
