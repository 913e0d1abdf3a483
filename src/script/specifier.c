// specifier.c: the words in front of what is declared: of its storage, and of
// its type.
//
// The words of a type stand in any order and are counted, each in bits of its
// own, so that their sum tells which type they make. A name is a type only
// where none was named yet.

#include "script/script.h"

// Words of a type, counted: each has bits of its own.
enum type_word {
    WORD_VOID = 1 << 0,
    WORD_CHAR = 1 << 2,
    WORD_SHORT = 1 << 4,
    WORD_INT = 1 << 6,
    WORD_LONG = 1 << 8,
    WORD_FLOAT = 1 << 11,
    WORD_DOUBLE = 1 << 13,
    WORD_SIGNED = 1 << 15,
    WORD_UNSIGNED = 1 << 17,
    WORD_STRING = 1 << 19
};

// Words that no name of a type may follow.
#define WORD_BASES                                                             \
    (3 * (WORD_VOID | WORD_CHAR | WORD_INT | WORD_FLOAT | WORD_DOUBLE) |       \
     WORD_STRING)

static const struct {
    unsigned words;
    uint8_t basic;
} combinations[] = {
    {WORD_VOID, BASIC_VOID},
    {WORD_STRING, BASIC_STRING},
    {WORD_CHAR, BASIC_CHAR},
    {WORD_SIGNED + WORD_CHAR, BASIC_SCHAR},
    {WORD_UNSIGNED + WORD_CHAR, BASIC_UCHAR},
    {WORD_SHORT, BASIC_SHORT},
    {WORD_SHORT + WORD_INT, BASIC_SHORT},
    {WORD_SIGNED + WORD_SHORT, BASIC_SHORT},
    {WORD_SIGNED + WORD_SHORT + WORD_INT, BASIC_SHORT},
    {WORD_UNSIGNED + WORD_SHORT, BASIC_USHORT},
    {WORD_UNSIGNED + WORD_SHORT + WORD_INT, BASIC_USHORT},
    {0, BASIC_INT},
    {WORD_INT, BASIC_INT},
    {WORD_SIGNED, BASIC_INT},
    {WORD_SIGNED + WORD_INT, BASIC_INT},
    {WORD_UNSIGNED, BASIC_UINT},
    {WORD_UNSIGNED + WORD_INT, BASIC_UINT},
    {WORD_LONG, BASIC_LONG},
    {WORD_LONG + WORD_INT, BASIC_LONG},
    {WORD_SIGNED + WORD_LONG, BASIC_LONG},
    {WORD_SIGNED + WORD_LONG + WORD_INT, BASIC_LONG},
    {WORD_UNSIGNED + WORD_LONG, BASIC_ULONG},
    {WORD_UNSIGNED + WORD_LONG + WORD_INT, BASIC_ULONG},
    {2 * WORD_LONG, BASIC_LLONG},
    {2 * WORD_LONG + WORD_INT, BASIC_LLONG},
    {WORD_SIGNED + 2 * WORD_LONG, BASIC_LLONG},
    {WORD_SIGNED + 2 * WORD_LONG + WORD_INT, BASIC_LLONG},
    {WORD_UNSIGNED + 2 * WORD_LONG, BASIC_ULLONG},
    {WORD_UNSIGNED + 2 * WORD_LONG + WORD_INT, BASIC_ULLONG},
    {WORD_FLOAT, BASIC_FLOAT},
    {WORD_DOUBLE, BASIC_DOUBLE},
    {WORD_LONG + WORD_DOUBLE, BASIC_LDOUBLE},
};

static unsigned word_of(enum token_kind kind) {
    switch (kind) {
    case KEYWORD_VOID: return WORD_VOID;
    case KEYWORD_CHAR: return WORD_CHAR;
    case KEYWORD_SHORT: return WORD_SHORT;
    case KEYWORD_INT: return WORD_INT;
    case KEYWORD_LONG: return WORD_LONG;
    case KEYWORD_FLOAT: return WORD_FLOAT;
    case KEYWORD_DOUBLE: return WORD_DOUBLE;
    case KEYWORD_SIGNED: return WORD_SIGNED;
    case KEYWORD_UNSIGNED: return WORD_UNSIGNED;
    case KEYWORD_STRING: return WORD_STRING;
    default: return 0;
    }
}

// A typedef of the script or, if a name means nothing else here, of the
// program or the kernel. At the top of a script a name alone is a probe's.
static const struct type *find_named(struct script *script, struct str whole) {
    struct str scope, name = script_unscoped(whole, &scope);
    if (name.n != whole.n && !userland_is_scope(script, scope))
        return script_is_scope(scope) ? type_find(script, name) : NULL;
    if (name.n != whole.n)
        return userland_find(script, TOKEN_NAME, name);
    const struct type *type = type_find(script, name);
    if (type || variable_find(script, IR_GLOBAL_VARIABLE, name) ||
        builtin_find(name))
        return type;
    bool is_top = script->braces == 0 && !script->in_predicate;
    if (is_top && !script_names_follow(script))
        return NULL;
    type = userland_find(script, TOKEN_NAME, name);
    return type ? type : type_of_kernel(script, name);
}

bool parse_starts_type(struct script *script) {
    const struct token *next = script_peek(script);
    switch (token_keyword(next->kind)) {
    case KEYWORD_CLASS_TYPE:
    case KEYWORD_CLASS_QUALIFIER: return true;
    // `self` and `this` begin a declaration, or a variable in an expression.
    case KEYWORD_CLASS_STORAGE:
    case KEYWORD_CLASS_DEFINE:
        return script->braces == 0 && !script->in_predicate;
    default: return next->kind == TOKEN_NAME && find_named(script, next->text);
    }
}

static unsigned base_count(unsigned words) {
    return words / WORD_VOID % 4 + words / WORD_CHAR % 4 +
           words / WORD_INT % 4 + words / WORD_FLOAT % 4 +
           words / WORD_DOUBLE % 4 + words / WORD_STRING;
}

// Which rule of DTrace's the words break. Of those that break none there is
// but one base, and no type of its name.
static enum tag combination_tag(unsigned words, unsigned types) {
    bool is_sized = words & (WORD_SHORT | (3 * WORD_LONG)), // either length
        is_char = words & (3 * WORD_CHAR), is_void = words & (3 * WORD_VOID),
         is_signed = words & (3 * WORD_SIGNED | 3 * WORD_UNSIGNED),
         is_float = words & (3 * WORD_FLOAT | 3 * WORD_DOUBLE),
         is_other = types || (words & WORD_STRING);
    if (is_void && (is_sized || is_signed))
        return D_DECL_VOIDATTR;
    if (is_signed && (is_other || is_float))
        return D_DECL_SIGNINT;
    if ((words & (3 * WORD_LONG)) && is_other)
        return D_DECL_LONGINT;
    if (is_char && is_sized)
        return D_DECL_CHARATTR;
    return base_count(words) + types > 1 ? D_DECL_COMBO : D_UNKNOWN;
}

static const char *combination_text(enum tag tag) {
    switch (tag) {
    case D_DECL_VOIDATTR:
        return "invalid type declaration: attributes may not be used with void "
               "type";
    case D_DECL_SIGNINT:
        return "invalid type declaration: signed and unsigned may only be used "
               "with integer type";
    case D_DECL_LONGINT:
        return "invalid type declaration: long and long long may only be used "
               "with integer or floating-point type";
    case D_DECL_CHARATTR:
        return "invalid type declaration: short and long may not be used with "
               "char type";
    case D_DECL_COMBO: return "invalid type combination";
    default: return "these words make no type together";
    }
}

static void fail_combination(struct script *script,
                             struct specifiers *specifiers, unsigned types) {
    enum tag tag = combination_tag(specifiers->words, types);
    script_fail(script, tag, specifiers->span, "%s", combination_text(tag));
    specifiers->type = type_basic(script, BASIC_ERROR);
}

static void finish_specifiers(struct script *script,
                              struct specifiers *specifiers) {
    if (specifiers->type) {
        if (specifiers->words)
            fail_combination(script, specifiers, 1);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(combinations); i++)
        if (combinations[i].words == specifiers->words)
            specifiers->type =
                type_basic(script, (enum basic_type)combinations[i].basic);
    if (!specifiers->type)
        fail_combination(script, specifiers, 0);
}

static void set_storage(struct script *script, struct specifiers *specifiers,
                        struct token word) {
    if (specifiers->storage != TOKEN_END)
        script_fail(script, D_DECL_CLASS, word.span,
                    "only one storage class allowed in declaration");
    specifiers->storage = word.kind;
}

static void set_type(struct script *script, struct specifiers *specifiers,
                     const struct type *type) {
    if (specifiers->type && !script->failed)
        fail_combination(script, specifiers, 2);
    specifiers->type = type;
}

// specifiers := { storage | qualifier | type-word | typedef-name | tagged }
struct specifiers parse_specifiers(struct script *script) {
    struct specifiers specifiers = {.storage = TOKEN_END,
                                    .span = script_peek(script)->span};
    while (!script->failed && parse_starts_type(script)) {
        struct token token = *script_peek(script);
        enum keyword_class class = token_keyword(token.kind);
        // `short` alone is a type; so a header may name it as D does.
        bool may_be_all = specifiers.words & WORD_BASES ||
                          (specifiers.words && script_is_included(script) &&
                           !script_names_follow(script));
        if (token.kind == TOKEN_NAME && (specifiers.type || may_be_all))
            break; // the name that is declared
        script_take(script);
        specifiers.span = span_join(specifiers.span, token.span);
        if (class == KEYWORD_CLASS_STORAGE)
            set_storage(script, &specifiers, token);
        else if (token.kind == TOKEN_NAME)
            set_type(script, &specifiers, find_named(script, token.text));
        else if (word_of(token.kind))
            specifiers.words += word_of(token.kind);
        else if (class == KEYWORD_CLASS_TYPE)
            set_type(script, &specifiers,
                     parse_tagged(script, token.kind, token.span));
        if (specifiers.words >= 2 * WORD_STRING)
            fail_combination(script, &specifiers, 0);
    }
    finish_specifiers(script, &specifiers);
    return specifiers;
}
