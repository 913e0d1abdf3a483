// tree.h: what the files of the front end hand to each other: tokens, types,
// the tree of a script, its names, and the run itself.

#ifndef MCTRACE_SCRIPT_TREE_H
#define MCTRACE_SCRIPT_TREE_H

#include "ir/ir.h"

enum token_kind {
    TOKEN_END,
    TOKEN_INTEGER, // value, text; a character constant too
    TOKEN_STRING,  // text, escapes replaced
    TOKEN_NAME,    // text; with '`' if it is scoped
    TOKEN_MACRO,   // text: "$1", "$$1", "$target"
    TOKEN_AGG,     // text, with its '@'
    TOKEN_PREDICATE_END,
#define PUNCT(name, spelling, level, operation) TOKEN_##name,
#define KEYWORD(name, spelling, class)          KEYWORD_##name,
#include "tokens.def"
#undef PUNCT
#undef KEYWORD
    TOKEN_COUNT
};

enum keyword_class {
    KEYWORD_CLASS_NONE, // not a keyword
    KEYWORD_CLASS_TYPE,
    KEYWORD_CLASS_STORAGE,
    KEYWORD_CLASS_QUALIFIER,
    KEYWORD_CLASS_DEFINE,
    KEYWORD_CLASS_WORD,
    KEYWORD_CLASS_C
};

#define LEVEL_ASSIGN 100 // the level of an operator that assigns

// An integer as C sees it before it has a type.
enum literal_form {
    LITERAL_DECIMAL = 1,
    LITERAL_UNSIGNED = 2,
    LITERAL_LONG = 4,
    LITERAL_LONG_LONG = 8,
    LITERAL_CHARACTER = 16
};

struct token {
    uint8_t kind; // enum token_kind
    uint8_t form; // INTEGER: enum literal_form
    struct span span;
    uint64_t value;
    struct str text;
};

// Types. A typedef is a copy of its type under another name, so a type of the
// kinds STRUCT, UNION and ENUM refers to what its copies share.
enum type_kind {
    TYPE_ERROR, // silences what follows from an error
    TYPE_VOID,
    TYPE_INTEGER,
    TYPE_STRING,
    TYPE_FLOAT,
    TYPE_POINTER,
    TYPE_ARRAY,
    TYPE_ASSOCIATIVE,
    TYPE_FUNCTION,
    TYPE_STRUCT,
    TYPE_UNION,
    TYPE_ENUM,
    TYPE_TRANSLATED // what a translator makes: `of` is its type in D
};

// What is no type of D is an array of what it consists of.
enum stands_for {
    STANDS_FOR_ITSELF,
    STANDS_FOR_INTEGER, // of 128 bits
    STANDS_FOR_FLOAT,   // of a size that D does not have
    STANDS_FOR_COMPLEX,
    STANDS_FOR_VECTOR,
    STANDS_FOR_UNKNOWN // it has a size
};

struct type {
    uint8_t kind; // enum type_kind
    uint8_t bits; // INTEGER, ENUM, FLOAT
    bool is_signed;
    uint8_t rank;             // INTEGER, ENUM: C's conversion rank
    bool is_named;            // by a typedef
    bool is_variadic;         // FUNCTION: it takes more than its parameters
    bool is_private;          // FUNCTION: the ABI says nothing of it
    struct compiler compiler; // FUNCTION
    uint8_t stands_for;       // ARRAY: enum stands_for
    struct str name;          // as messages show it
    const struct type *of;    // what a pointer, array or function is made of
    uint64_t count;           // ARRAY: elements
    struct tagged *tagged;    // STRUCT, UNION, ENUM
    struct parameter *parameters; // ASSOCIATIVE: keys; FUNCTION
    uint32_t parameter_count;
};

struct parameter {
    const struct type *type;
    struct str name; // may be empty
    struct span span;
};

// What stands in the braces of a struct, union or enum.
struct tagged {
    struct str tag; // may be empty
    bool is_complete;
    bool is_by_reference;   // passed by its address, whatever its size
    uint64_t size, align;   // bytes
    uint64_t asked_align;   // what its declaration asks for; 0: nothing
    struct member *members; // ENUM: its enumerators
    uint32_t member_count;
    // Of the program's debug information: members are read when first asked
    // for.
    struct script *script;
    uint64_t unread; // id; 0: they are there
};

struct member {
    struct str name; // empty: an anonymous struct or union
    const struct type *type;
    uint64_t off_bits;
    uint8_t width; // of a bit-field, else 0
    int64_t value; // ENUM
};

enum basic_type {
    BASIC_ERROR,
    BASIC_VOID,
    BASIC_STRING,
    BASIC_CHAR,
    BASIC_SCHAR,
    BASIC_UCHAR,
    BASIC_SHORT,
    BASIC_USHORT,
    BASIC_INT,
    BASIC_UINT,
    BASIC_LONG,
    BASIC_ULONG,
    BASIC_LLONG,
    BASIC_ULLONG,
    BASIC_FLOAT,
    BASIC_DOUBLE,
    BASIC_LDOUBLE,
    BASIC_COUNT
};

// The tree.

enum node_kind {
    NODE_INTEGER,  // value, type
    NODE_TEXT,     // text: a string literal
    NODE_MACRO,    // text
    NODE_NAME,     // text
    NODE_SELF,     // self->text
    NODE_THIS,     // this->text
    NODE_AGG,      // @text
    NODE_UNARY,    // op a
    NODE_STEP,     // ++a, a++ and so on: op, is_postfix
    NODE_BINARY,   // a op b
    NODE_ASSIGN,   // a op= b; op is TOKEN_ASSIGN or that of the operation
    NODE_COND,     // a ? b : c
    NODE_COMMA,    // a, b
    NODE_CAST,     // (named) a
    NODE_SIZEOF,   // sizeof a, or of the type `named`
    NODE_OFFSETOF, // offsetof(named, text)
    NODE_STRINGOF, // stringof(a)
    NODE_XLATE,    // xlate <named> (a)
    NODE_CALL,     // a(list)
    NODE_INDEX,    // a[list]
    NODE_MEMBER,   // a.text, a->text: op
    NODE_KIND_COUNT
};

struct node {
    uint8_t kind; // enum node_kind
    uint8_t op;   // enum token_kind
    bool is_postfix;
    bool is_constant; // after checking: an integer, `value`
    bool is_lvalue;   // after checking: names a place, which
    bool is_writable; // a script may change
    uint16_t height;  // of the tree below; bounded, so that walks may recurse
    uint32_t size;    // nodes, those of inlines included; bounded as well
    struct span span;
    struct node *a, *b, *c;
    struct node *list, *next; // arguments or keys, and their chain
    uint32_t count;           // of list
    struct str text;
    uint64_t value;
    const struct type *named;
    // Filled by check.c.
    const struct type *type;
    struct identifier *symbol;
    const struct builtin *builtin;
    struct ir_aggregation *aggregation;
    struct node *function;       // of an aggregation: the call assigned to it
    const struct member *member; // MEMBER
    const struct translator *translator;   // XLATE
    const struct translation *translation; // MEMBER of what is translated
};

enum stmt_kind {
    STMT_EXPR,
    STMT_IF,
    STMT_ACTION, // a call of an action
    STMT_AGG     // an aggregation and its function
};

struct stmt {
    struct stmt *next;
    uint8_t kind; // enum stmt_kind
    struct span span;
    struct node *a; // the expression, the condition, the aggregation
    struct stmt *then_, *else_;
};

// What stands at the top of a script, in its order.
enum item_kind { ITEM_CLAUSE, ITEM_DECLARATION, ITEM_INLINE, ITEM_TRANSLATOR };

struct item {
    struct item *next;
    uint8_t kind; // enum item_kind
    struct span span;
    // ITEM_CLAUSE
    struct span whole;   // with all that follows the probes
    uint32_t text_index; // of the script's texts
    struct probe_clause probes;
    size_t probe_room;
    struct node *predicate; // NULL: none
    struct stmt *body;
    // ITEM_DECLARATION, ITEM_INLINE
    struct str name;
    uint8_t storage; // the keyword, or TOKEN_END
    const struct type *type;
    struct node *value; // ITEM_INLINE
    struct translator *translator;
};

// One member of what a translator makes, in terms of its input.
struct translation {
    struct str name;
    struct span span;
    struct node *value;
    struct member member; // where it belongs; its type is ERROR if nowhere
    enum { TRANSLATION_NEW, TRANSLATION_BEGUN, TRANSLATION_CHECKED } state;
};

struct translator {
    const struct type *output, *input;
    struct span span;
    struct identifier *formal; // the input, as the translations name it
    struct translation *translations;
    uint32_t count;
    struct translator *next;
};

// A variable, an inline or an enumerator. `type` is NULL until it is known;
// that of an associative array is the type of its elements.
struct identifier {
    struct str name;
    const struct type *type;
    uint8_t storage; // enum ir_storage
    bool is_array;   // associative
    bool is_declared;
    bool is_of_library; // every script finds it defined
    struct parameter *keys;
    uint32_t key_count;
    struct span span;   // where it came into being
    struct node *value; // of an inline
    // The parameters of an inline with keys, and of a translator: each is bound
    // to an argument while a use is lowered.
    struct identifier **formals;
    bool is_formal;
    struct ir_expr *bound;
    uint64_t expanded; // its nodes, those of inlines within included
    struct ir_variable *variable;
    bool is_alloca, is_other; // pointers it was assigned: see alloca.c
    struct identifier *next;
};

// A pragma about a name that the script has to declare.
struct pragma {
    struct pragma *next;
    const char *what;
    struct str name;
    bool of_provider; // that name is a provider's
    struct span span;
};

// What a clause did so far, up to a condition: see action.c.
struct order {
    bool records, speculates, commits;
};

// One run of the front end.
// Clauses of MCTrace's own by which the address for a result is kept.
enum kept { KEPT_AT_ENTRY, KEPT_AT_RETURN, KEPT_COUNT };

struct script {
    struct arena *arena;
    struct diag *diag;
    const struct arch *arch;
    const struct script_options *outside;
    uint32_t text_index; // of the text being parsed
    unsigned missing_fields;
    bool is_argument;
    uint64_t macro_args_used; // bit n: argument n + 1
    // lexing
    struct str text;
    size_t at;
    const struct source *source; // what line markers say, see control lines
    size_t source_off;           // of its text in `text`
    bool in_predicate;
    bool has_args; // args[] was met
    struct token next;
    bool has_next;
    // parsing
    bool failed; // since the last recovery
    bool had_syntax_error;
    unsigned nesting, braces;
    struct pragma *pragmas; // the last one first
    struct item *items, *last_item;
    struct item *last_checked;
    // types
    struct type basic[BASIC_COUNT];
    struct map named_types, tags;
    struct map data_types; // by type: struct ir_data_type
    struct debug_types *userland;
    bool has_userland; // `userland` was asked for
    bool in_library;
    bool in_folder;        // a library of -L
    struct str top;        // name of the text itself, beside what it includes
    struct map user_types; // by id
    // checking
    struct map symbols[3]; // by enum ir_storage
    struct map aggregations;
    struct identifier *first_name, *last_name;
    struct identifier **formals; // of the inline or translator at hand
    uint32_t formal_count;
    struct translator *translators;
    const struct item *clause; // at hand
    uint64_t expanded;         // nodes that uses of inlines stand for
    struct order order;
    // Where memory has results, and whose: see lower_result.c.
    struct ir_variable *returned;
    struct probe_clause kept[KEPT_COUNT];
    size_t kept_room[KEPT_COUNT];
    // The result.
    struct ir_script *out;
    size_t provider_room, segment_room, variable_room, aggregation_room,
        clause_room, probe_room;
};

#endif
