// decl.c: declarations and type names.
//
// The grammar is C's, so that every declaration of D's is read as what it is;
// which types a variable may have is decided in check.c. A declarator is read
// from the outside in and built from the inside out: the type of
//
//     long *name[4]       is array of 4 of (pointer to long)
//
// `[int, string]` makes an associative array, `[4]` a plain one.

#include "script/script.h"

struct specifiers {
    enum token_kind storage; // TOKEN_END: none
    const struct type *type;
    struct span span;
    unsigned words; // sum of WORD_*
};

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

bool parse_starts_type(struct script *script) {
    const struct token *next = script_peek(script);
    switch (token_keyword(next->kind)) {
    case KEYWORD_CLASS_TYPE:
    case KEYWORD_CLASS_QUALIFIER: return true;
    // `self` and `this` begin a declaration, or a variable in an expression.
    case KEYWORD_CLASS_STORAGE:
    case KEYWORD_CLASS_DEFINE:
        return script->braces == 0 && !script->in_predicate;
    default: return next->kind == TOKEN_NAME && type_find(script, next->text);
    }
}

static void pass_braces(struct script *script) {
    unsigned depth = 0;
    do {
        enum token_kind kind = script_take(script).kind;
        depth += kind == TOKEN_LBRACE;
        depth -= kind == TOKEN_RBRACE;
    } while (depth && !script->failed &&
             script_peek(script)->kind != TOKEN_END);
}

// tagged := ( 'struct' | 'union' | 'enum' ) [ name ] [ '{' ... '}' ]
// What stands in the braces is passed: such types are refused by check.c.
static const struct type *parse_tagged(struct script *script,
                                       enum token_kind word) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    type->kind = word == KEYWORD_STRUCT  ? TYPE_STRUCT
                 : word == KEYWORD_UNION ? TYPE_UNION
                                         : TYPE_ENUM;
    struct str tag = {0};
    if (script_peek(script)->kind == TOKEN_NAME)
        tag = script_take(script).text;
    type->name = str_format(script->arena, "%s %.*s", token_spelling(word),
                            STR_ARGS(tag));
    if (script_peek(script)->kind == TOKEN_LBRACE)
        pass_braces(script);
    return type;
}

static void finish_specifiers(struct script *script,
                              struct specifiers *specifiers) {
    if (specifiers->type) {
        if (specifiers->words)
            script_fail(script, D_DECL_COMBO, specifiers->span,
                        "these words make no type together");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(combinations); i++)
        if (combinations[i].words == specifiers->words)
            specifiers->type =
                type_basic(script, (enum basic_type)combinations[i].basic);
    if (!specifiers->type) {
        script_fail(script, D_DECL_COMBO, specifiers->span,
                    "these words make no type together");
        specifiers->type = type_basic(script, BASIC_ERROR);
    }
}

// specifiers := { storage | qualifier | type-word | typedef-name | tagged }
static struct specifiers parse_specifiers(struct script *script) {
    struct specifiers specifiers = {.storage = TOKEN_END,
                                    .span = script_peek(script)->span};
    while (!script->failed && parse_starts_type(script)) {
        struct token token = *script_peek(script);
        enum keyword_class class = token_keyword(token.kind);
        if (token.kind == TOKEN_NAME && (specifiers.type || specifiers.words))
            break; // the name that is declared
        script_take(script);
        specifiers.span = span_join(specifiers.span, token.span);
        if (class == KEYWORD_CLASS_STORAGE)
            specifiers.storage = token.kind;
        else if (token.kind == TOKEN_NAME)
            specifiers.type = type_find(script, token.text);
        else if (word_of(token.kind))
            specifiers.words += word_of(token.kind);
        else if (class == KEYWORD_CLASS_TYPE)
            specifiers.type = parse_tagged(script, token.kind);
        if (specifiers.words >= 2 * WORD_STRING) {
            script_fail(script, D_DECL_COMBO, specifiers.span,
                        "these words make no type together");
            break;
        }
    }
    finish_specifiers(script, &specifiers);
    return specifiers;
}

// dimension := '[' [ expression | type { ',' type } ] ']'
static const struct type *parse_dimension(struct script *script,
                                          const struct type *of) {
    enum type_kind kind = TYPE_ARRAY;
    if (script_peek(script)->kind == TOKEN_RBRACKET) {
        // An array of as many elements as it takes.
    } else if (parse_starts_type(script)) {
        kind = TYPE_ASSOCIATIVE;
        do
            parse_type_name(script);
        while (script_accept(script, TOKEN_COMMA));
    } else {
        parse_expression(script);
    }
    script_expect(script, TOKEN_RBRACKET, "behind the dimension");
    return type_derived(script, kind, of, 0);
}

// parameters := '(' [ type { ',' type } | '...' ] ')'
static const struct type *parse_parameters(struct script *script,
                                           const struct type *of) {
    while (script_peek(script)->kind != TOKEN_RPAREN && !script->failed) {
        if (!script_accept(script, TOKEN_ELLIPSIS)) {
            parse_type_name(script);
            if (script_peek(script)->kind == TOKEN_NAME)
                script_take(script);
        }
        if (!script_accept(script, TOKEN_COMMA))
            break;
    }
    script_expect(script, TOKEN_RPAREN, "behind the parameters");
    return type_derived(script, TYPE_FUNCTION, of, 0);
}

// declarator := { '*' | qualifier } [ name | '(' declarator ')' ]
//               { dimension | parameters }
// In a type name there is no name. Only the outermost kind matters to whoever
// refuses it, so what stands in parentheses is applied last.
static const struct type *parse_declarator(struct script *script,
                                           const struct type *type,
                                           struct token *name) {
    bool grouped = false;
    const struct type *inner = NULL;
    if (++script->nesting > 64)
        script_fail(script, D_SYNTAX, script_peek(script)->span,
                    "nested too deeply");
    while (!script->failed) {
        if (script_accept(script, TOKEN_MUL))
            type = type_derived(script, TYPE_POINTER, type, 0);
        else if (token_keyword(script_peek(script)->kind) ==
                 KEYWORD_CLASS_QUALIFIER)
            script_take(script);
        else
            break;
    }
    if (name && script_peek(script)->kind == TOKEN_NAME) {
        *name = script_take(script);
    } else if (script_accept(script, TOKEN_LPAREN)) {
        grouped = true;
        if (script_peek(script)->kind == TOKEN_RPAREN)
            inner = type_derived(script, TYPE_FUNCTION, type, 0);
        else
            inner = parse_declarator(script, type, name);
        script_expect(script, TOKEN_RPAREN, "behind the declarator");
    }
    while (!script->failed) {
        if (script_accept(script, TOKEN_LBRACKET))
            type = parse_dimension(script, type);
        else if (script_accept(script, TOKEN_LPAREN))
            type = parse_parameters(script, type);
        else
            break;
    }
    script->nesting--;
    return grouped && inner->kind == TYPE_POINTER ? inner : type;
}

// type := specifiers declarator
const struct type *parse_type_name(struct script *script) {
    if (!parse_starts_type(script)) {
        const struct token *next = script_peek(script);
        script_fail(script, D_DECL_TYPE, next->span, "expected a type");
        return type_basic(script, BASIC_ERROR);
    }
    struct specifiers specifiers = parse_specifiers(script);
    return parse_declarator(script, specifiers.type, NULL);
}

static void add_typedef(struct script *script, const struct type *type,
                        struct token name) {
    const struct type *known = type_find(script, name.text);
    if (known && !type_equal(known, type)) {
        diag_error(script->diag, D_DECL_REDECL, name.span,
                   "'%.*s' is another type already", STR_ARGS(name.text));
        return;
    }
    struct type *copy = ARENA_NEW(script->arena, struct type);
    *copy = *type;
    copy->name = name.text;
    map_put(&script->named_types, name.text, copy);
}

// variable := declarator
static void parse_variable(struct script *script,
                           const struct specifiers *specifiers) {
    struct token name = {.kind = TOKEN_END, .span = script_peek(script)->span};
    const struct type *type = parse_declarator(script, specifiers->type, &name);
    if (!name.text.n)
        script_fail(script, D_SYNTAX, script_peek(script)->span,
                    "expected the name of a variable");
    if (script_peek(script)->kind == TOKEN_ASSIGN) {
        script_fail(script, D_SYNTAX, script_peek(script)->span,
                    "a declaration gives no value; assign it in BEGIN");
    }
    if (script->failed)
        return;
    if (specifiers->storage == KEYWORD_TYPEDEF) {
        add_typedef(script, type, name);
        return;
    }
    struct item *item = parse_new_item(script, ITEM_DECLARATION, name.span);
    item->name = name.text;
    item->storage = (uint8_t)specifiers->storage;
    item->type = type;
}

// inline := 'inline' specifiers declarator '=' assignment ';'
static void parse_inline(struct script *script) {
    script_take(script);
    struct specifiers specifiers = parse_specifiers(script);
    struct token name = {.kind = TOKEN_END, .span = script_peek(script)->span};
    const struct type *type = parse_declarator(script, specifiers.type, &name);
    if (!name.text.n)
        script_fail(script, D_SYNTAX, script_peek(script)->span,
                    "expected the name of the inline");
    script_expect(script, TOKEN_ASSIGN, "behind the name of the inline");
    struct node *value = parse_assignment(script);
    script_expect(script, TOKEN_SEMICOLON, "behind the inline");
    if (script->failed)
        return;
    struct item *item = parse_new_item(script, ITEM_INLINE, name.span);
    item->name = name.text;
    item->type = type;
    item->value = value;
}

// declaration := inline | specifiers [ variable { ',' variable } ] ';'
void parse_declaration(struct script *script) {
    const struct token *next = script_peek(script);
    if (next->kind == KEYWORD_INLINE) {
        parse_inline(script);
        return;
    }
    if (token_keyword(next->kind) == KEYWORD_CLASS_DEFINE) {
        script_fail(script, D_DECL_UNSUP, next->span,
                    "a %s is not supported yet", token_spelling(next->kind));
        return;
    }
    struct specifiers specifiers = parse_specifiers(script);
    if (script_peek(script)->kind == TOKEN_SEMICOLON && !script->failed) {
        if (specifiers.type->kind >= TYPE_STRUCT)
            type_refuse(script, specifiers.type, specifiers.span);
        else
            script_fail(script, D_SYNTAX, specifiers.span,
                        "this declares nothing");
        script_accept(script, TOKEN_SEMICOLON);
        return;
    }
    do
        parse_variable(script, &specifiers);
    while (script_accept(script, TOKEN_COMMA));
    script_expect(script, TOKEN_SEMICOLON, "behind the declaration");
}
