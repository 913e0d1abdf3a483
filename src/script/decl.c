// decl.c: declarations and type names.
//
// The grammar is C's. A declarator is read from the name outwards, each part of
// it a step, and the type built from the last step to the first:
//
//     long *name[4]       steps [4], *      array of 4 of (pointer to long)
//     long (*name)[4]     steps *, [4]      pointer to (array of 4 of long)
//
// `[int, string]` makes an associative array, `[4]` a plain one. The words in
// front of a declarator are specifier.c's, and what stands in the braces of a
// struct is tagged.c's.

#include <string.h>

#include "script/script.h"

// --- declarators ---

#define STEPS_MOST 64

struct step {
    uint8_t kind; // enum type_kind: POINTER, ARRAY, ASSOCIATIVE, FUNCTION
    uint64_t count;
    struct parameter *parameters;
    uint32_t parameter_count;
    bool may_repeat; // names of parameters
    struct span span;
};

struct declarator {
    struct step steps[STEPS_MOST];
    size_t count;
    struct token *name; // NULL: a type name, which has none
};

static struct step *add_step(struct script *script,
                             struct declarator *declarator, enum type_kind kind,
                             struct span span) {
    if (declarator->count == STEPS_MOST) {
        script_fail_limit(script, span, "the declaration is too long");
        return &declarator->steps[0];
    }
    struct step *step = &declarator->steps[declarator->count++];
    *step = (struct step){.kind = (uint8_t)kind, .span = span};
    return step;
}

// parameter := type [ name ]
static void parse_parameter(struct script *script, struct step *step,
                            size_t *room) {
    struct token name = {.kind = TOKEN_END, .span = script_peek(script)->span};
    if (!parse_starts_type(script)) {
        script_fail(script, D_SYNTAX, name.span, "expected a type");
        return;
    }
    struct specifiers specifiers = parse_specifiers(script);
    if (specifiers.storage != TOKEN_END &&
        specifiers.storage != KEYWORD_REGISTER)
        script_fail(script, D_DECL_PARMCLASS, name.span,
                    "inappropriate storage class for function or associative "
                    "array parameter");
    const struct type *type = parse_declarator(script, specifiers.type, &name);
    if (type->kind == TYPE_ARRAY) // as in C
        type = type_derived(script, TYPE_POINTER, type->of, 0);
    *ARENA_PUSH(script->arena, step->parameters, step->parameter_count, *room) =
        (struct parameter){type, name.text, name.span};
}

static void fail_prototype(struct script *script, enum tag tag,
                           const struct parameter *parameter,
                           const char *what) {
    script_fail(script, tag, parameter->span, "%s%s%.*s", what,
                tag == D_DECL_PROTO_NAME ? ": " : "",
                tag == D_DECL_PROTO_NAME ? (int)parameter->name.n : 0,
                parameter->name.p);
}

// What DTrace asks of the parameters of functions and the keys of arrays.
static void check_prototype(struct script *script, const struct step *step) {
    bool is_function = step->kind == TYPE_FUNCTION;
    for (uint32_t i = 0; i < step->parameter_count; i++) {
        const struct parameter *parameter = &step->parameters[i];
        bool is_void = parameter->type->kind == TYPE_VOID;
        if (parameter->type->kind == TYPE_ASSOCIATIVE ||
            (is_void && !is_function))
            fail_prototype(script, D_DECL_PROTO_TYPE, parameter,
                           "this type cannot be one of a key or parameter");
        else if (is_void && parameter->name.n)
            fail_prototype(script, D_DECL_PROTO_NAME, parameter,
                           "void parameter may not have a name");
        else if (is_void && step->parameter_count > 1)
            fail_prototype(script, D_DECL_PROTO_VOID, parameter,
                           "void must be sole parameter");
        for (uint32_t k = 0; k < i; k++)
            if (parameter->name.n && !step->may_repeat &&
                str_equal(step->parameters[k].name, parameter->name))
                fail_prototype(script, D_DECL_PROTO_FORM, parameter,
                               "there is a parameter of this name already");
    }
}

// parameters := '(' [ parameter { ',' parameter } ] [ ',' '...' ] ')'
// The same, without parentheses, are the keys of an associative array.
static void parse_parameters(struct script *script, struct step *step) {
    bool is_function = step->kind == TYPE_FUNCTION;
    enum token_kind end = is_function ? TOKEN_RPAREN : TOKEN_RBRACKET;
    size_t room = 0;
    while (script_peek(script)->kind != end && !script->failed) {
        struct span span = script_peek(script)->span;
        if (!script_accept(script, TOKEN_ELLIPSIS))
            parse_parameter(script, step, &room);
        else if (!is_function)
            script_fail(
                script, D_DECL_PROTO_VARARGS, span,
                "array prototype may not use a variable-length argument "
                "list");
        if (!script_accept(script, TOKEN_COMMA))
            break;
    }
    check_prototype(script, step);
}

// dimension := '[' [ expression | parameter { ',' parameter } ] ']'
static void parse_dimension(struct script *script, struct step *step) {
    if (script_peek(script)->kind == TOKEN_RBRACKET) {
        // An array of as many elements as there are.
    } else if (parse_starts_type(script)) {
        step->kind = TYPE_ASSOCIATIVE;
        parse_parameters(script, step);
    } else {
        struct node *node = parse_expression(script);
        int64_t count = 0;
        if (script->failed)
            return;
        if (!check_constant(script, node, &count) || count <= 0)
            script_fail(script, D_DECL_ARRSUB, node->span,
                        "the dimension of an array is a positive constant");
        else if (count > UINT32_MAX)
            script_fail(script, D_DECL_ARRBIG, node->span,
                        "the array is too big");
        step->count = (uint64_t)count;
    }
    script_expect(script, TOKEN_RBRACKET, "behind the dimension");
}

static void parse_suffixes(struct script *script,
                           struct declarator *declarator) {
    while (!script->failed) {
        struct span span = script_peek(script)->span;
        if (script_accept(script, TOKEN_LBRACKET)) {
            parse_dimension(script,
                            add_step(script, declarator, TYPE_ARRAY, span));
        } else if (script_accept(script, TOKEN_LPAREN)) {
            parse_parameters(script,
                             add_step(script, declarator, TYPE_FUNCTION, span));
            script_expect(script, TOKEN_RPAREN, "behind the parameters");
        } else {
            return;
        }
    }
}

// declarator := { '*' | qualifier } [ name | '(' declarator ')' ]
//               { dimension | parameters }
// In a type name there is no name, and a parenthesis before a type or another
// begins parameters.
static void parse_steps(struct script *script, struct declarator *declarator) {
    size_t pointers = 0;
    struct span span = script_peek(script)->span;
    script_enter(script, span, STEPS_MOST);
    while (!script->failed) {
        if (script_accept(script, TOKEN_MUL))
            pointers++;
        else if (token_keyword(script_peek(script)->kind) ==
                 KEYWORD_CLASS_QUALIFIER)
            script_take(script);
        else
            break;
    }
    if (declarator->name && script_peek(script)->kind == TOKEN_NAME) {
        *declarator->name = script_take(script);
    } else if (script_accept(script, TOKEN_LPAREN)) {
        bool is_group = script_peek(script)->kind != TOKEN_RPAREN &&
                        !parse_starts_type(script);
        if (is_group)
            parse_steps(script, declarator);
        else
            parse_parameters(script,
                             add_step(script, declarator, TYPE_FUNCTION, span));
        script_expect(script, TOKEN_RPAREN, "behind the declarator");
    }
    parse_suffixes(script, declarator);
    while (pointers-- && !script->failed)
        add_step(script, declarator, TYPE_POINTER, span);
    script->nesting--;
}

// One step from `of`, which what it is made of allows.
static const struct type *take_step(struct script *script,
                                    const struct step *step,
                                    const struct type *of) {
    bool is_array = step->kind == TYPE_ARRAY || step->kind == TYPE_ASSOCIATIVE;
    if (of->kind == TYPE_ASSOCIATIVE)
        script_fail(script, D_DECL_DYNOBJ, step->span,
                    "nothing is made of associative arrays");
    else if (is_array && of->kind == TYPE_VOID)
        script_fail(script, D_DECL_VOIDOBJ, step->span,
                    "there is no array of void");
    else if (step->kind == TYPE_ARRAY && of->kind != TYPE_ERROR &&
             !type_size(script, of) && of->kind != TYPE_ARRAY)
        script_fail(script, D_DECL_INCOMPLETE, step->span,
                    "the type of the elements is not complete");
    else if (step->kind == TYPE_ARRAY && step->count &&
             type_size(script, of) > UINT32_MAX / step->count)
        script_fail(script, D_DECL_ARRBIG, step->span, "the array is too big");
    struct type *type = (struct type *)type_derived(
        script, (enum type_kind)step->kind, of, step->count);
    type->parameters = step->parameters;
    type->parameter_count = step->parameter_count;
    return type;
}

const struct type *parse_declarator(struct script *script,
                                    const struct type *type,
                                    struct token *name) {
    struct declarator declarator = {.count = 0, .name = name};
    parse_steps(script, &declarator);
    while (declarator.count && !script->failed)
        type = take_step(script, &declarator.steps[--declarator.count], type);
    return type;
}

const struct type *parse_prototype(struct script *script, bool may_repeat) {
    struct declarator declarator = {.count = 0};
    struct span span = script_peek(script)->span;
    script_expect(script, TOKEN_LPAREN, "before the arguments");
    struct step *step = add_step(script, &declarator, TYPE_FUNCTION, span);
    step->may_repeat = may_repeat;
    parse_parameters(script, step);
    script_expect(script, TOKEN_RPAREN, "behind the arguments");
    return take_step(script, step, type_basic(script, BASIC_VOID));
}

// type := specifiers declarator
const struct type *parse_type_name(struct script *script) {
    if (!parse_starts_type(script)) {
        const struct token *next = script_peek(script);
        script_fail(script, D_SYNTAX, next->span, "expected a type");
        return type_basic(script, BASIC_ERROR);
    }
    struct specifiers specifiers = parse_specifiers(script);
    return parse_declarator(script, specifiers.type, NULL);
}

// --- declarations ---

static void add_typedef(struct script *script, const struct type *type,
                        struct token name) {
    const struct type *known = type_find(script, name.text);
    // Headers of C have types of their own for names that D has as well.
    bool is_other =
        known ? !type_equal(known, type) && !script_is_included(script)
              : variable_find(script, IR_GLOBAL_VARIABLE, name.text) != NULL;
    if (is_other || type->kind == TYPE_ASSOCIATIVE) {
        diag_error(script->diag, is_other ? D_DECL_IDRED : D_DECL_DYNOBJ,
                   name.span, "'%.*s' %s", STR_ARGS(name.text),
                   is_other ? "is the name of something else already"
                            : "cannot name an associative array");
        return;
    }
    struct type *copy = ARENA_NEW(script->arena, struct type);
    *copy = *type;
    copy->name = name.text;
    copy->is_named = true;
    map_put(&script->named_types, name.text, copy);
}

// A function that a header defines, between braces.
static void pass_body(struct script *script) {
    unsigned depth = 0;
    do {
        enum token_kind kind = script_take(script).kind;
        depth += kind == TOKEN_LBRACE;
        depth -= kind == TOKEN_RBRACE;
    } while (depth && script_peek(script)->kind != TOKEN_END);
}

// variable := declarator
static void parse_variable(struct script *script,
                           const struct specifiers *specifiers) {
    struct token name = {.kind = TOKEN_END, .span = script_peek(script)->span};
    const struct type *type = parse_declarator(script, specifiers->type, &name);
    if (!name.text.n)
        script_fail(script, D_SYNTAX, script_peek(script)->span,
                    "expected the name of a variable");
    if (str_find(name.text, '`'))
        script_fail(script, D_DECL_SCOPE, name.span,
                    "D scoping operator may not be used in a declaration name "
                    "(%.*s)",
                    STR_ARGS(name.text));
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
    // Headers declare functions; D neither calls nor defines them. Of what is
    // elsewhere the size need not be known.
    bool is_elsewhere =
        specifiers->storage == KEYWORD_EXTERN &&
        (type->kind == TYPE_STRUCT || type->kind == TYPE_UNION ||
         type->kind == TYPE_ARRAY) &&
        type_size(script, type) == 0;
    if (type->kind == TYPE_FUNCTION || is_elsewhere)
        return;
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

// declaration := inline | translator | provider
//              | specifiers [ variable { ',' variable } ] ';'
void parse_declaration(struct script *script) {
    const struct token *next = script_peek(script);
    if (next->kind == KEYWORD_INLINE) {
        parse_inline(script);
        return;
    }
    if (next->kind == KEYWORD_TRANSLATOR) {
        parse_translator(script);
        return;
    }
    if (next->kind == KEYWORD_PROVIDER) {
        parse_provider(script);
        return;
    }
    struct specifiers specifiers = parse_specifiers(script);
    if (script_peek(script)->kind == TOKEN_SEMICOLON && !script->failed) {
        if (specifiers.type->kind < TYPE_STRUCT || specifiers.type->is_named)
            script_fail(script, D_DECL_USELESS, specifiers.span,
                        "useless declaration");
        script_accept(script, TOKEN_SEMICOLON);
        return;
    }
    do
        parse_variable(script, &specifiers);
    while (script_accept(script, TOKEN_COMMA));
    bool has_body =
        script_peek(script)->kind == TOKEN_LBRACE && script_is_included(script);
    if (has_body)
        pass_body(script);
    else
        script_expect(script, TOKEN_SEMICOLON, "behind the declaration");
}
