// lex.c: the words of a script.
//
// What a character means in D depends on where it stands: `a:b*:c` is a probe
// description outside of braces and arithmetic inside, `/` divides or ends a
// predicate. So nothing is lexed ahead of need: the parser asks for the next
// probe description or for the next token, and never for both at one place.
//
//     read:entry   / arg0 / 2 > 8 /   { x = arg0 / 2; }
//     description    tokens      ^      tokens
//                                TOKEN_PREDICATE_END
//
// Blanks, comments (`//` too) and lines that begin with `#` may stand anywhere
// between two words. After a syntax error there are no tokens until
// script_recover() has passed the rest of the clause; so no rule needs a path
// of its own for errors, and one mistake gives one message.

#include <string.h>

#include "script/script.h"

static const struct {
    const char *spelling;
    uint8_t level, operation;
} puncts[] = {
#define ASSIGN LEVEL_ASSIGN
#define PUNCT(name, spelling, level, operation)                                \
    {spelling, level, IR_##operation},
#define KEYWORD(name, spelling, class)
#include "tokens.def"
#undef ASSIGN
#undef PUNCT
#undef KEYWORD
};

static const struct {
    const char *spelling;
    uint8_t class;
} keywords[] = {
#define PUNCT(name, spelling, level, operation)
#define KEYWORD(name, spelling, class) {spelling, KEYWORD_CLASS_##class},
#include "tokens.def"
#undef PUNCT
#undef KEYWORD
};

#define FIRST_PUNCT   (TOKEN_PREDICATE_END + 1)
#define FIRST_KEYWORD (FIRST_PUNCT + COUNT_OF(puncts))
_Static_assert(FIRST_KEYWORD + COUNT_OF(keywords) == TOKEN_COUNT,
               "a row for every token");

struct str script_unscoped(struct str name, struct str *scope) {
    const char *mark = str_find(name, '`');
    size_t at = mark ? (size_t)(mark - name.p) : 0;
    *scope = str_slice(name, 0, at);
    return mark ? str_slice(name, at + 1, name.n) : name;
}

bool script_is_scope(struct str scope) {
    return str_equal(scope, STR("D")) || str_equal(scope, STR("C"));
}

const char *token_spelling(enum token_kind kind) {
    static const char *const others[] = {"the end of the script",
                                         "an integer",
                                         "a string",
                                         "a name",
                                         "a macro",
                                         "an aggregation",
                                         "the end of the predicate"};
    if (kind >= FIRST_KEYWORD)
        return keywords[kind - FIRST_KEYWORD].spelling;
    return kind >= FIRST_PUNCT ? puncts[kind - FIRST_PUNCT].spelling
                               : others[kind];
}

static bool is_punct(enum token_kind kind) {
    return kind >= FIRST_PUNCT && kind < FIRST_KEYWORD;
}

unsigned token_level(enum token_kind kind) {
    return is_punct(kind) ? puncts[kind - FIRST_PUNCT].level : 0;
}

enum ir_op token_operation(enum token_kind kind) {
    return is_punct(kind) ? puncts[kind - FIRST_PUNCT].operation : IR_CONST;
}

enum keyword_class token_keyword(enum token_kind kind) {
    return kind >= FIRST_KEYWORD ? keywords[kind - FIRST_KEYWORD].class
                                 : KEYWORD_CLASS_NONE;
}

// --- characters ---

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c) {
    return is_letter(c) || is_digit(c) || c == '`';
}

static bool is_probe(char c) {
    return is_name(c) || (c && strchr("-$:.?*\\[]!+@^~%", c));
}

// The character `ahead` of the current one; NUL behind the end.
static char look(const struct script *script, size_t ahead) {
    size_t at = script->at + ahead;
    return at < script->text.n ? script->text.p[at] : '\0';
}

static bool is_end(const struct script *script) {
    return script->at >= script->text.n;
}

struct span script_span(const struct script *script, size_t from, size_t to) {
    size_t base = script->source_off;
    if (from < base) // began before a line marker
        from = base;
    return (struct span){script->source, (uint32_t)(from - base),
                         (uint32_t)(to > from ? to - from : 0)};
}

struct str script_text(struct span span) {
    return str_slice(span.source->text, span.off, span.off + span.len);
}

// What dtrace(1) says of whatever does not follow the grammar.
static struct str near(struct script *script, struct span span) {
    struct str word = script_text(span);
    return word.n ? str_format(script->arena, "syntax error near \"%.*s\"",
                               STR_ARGS(word))
                  : STR("syntax error near end-of-input");
}

void script_fail_limit(struct script *script, struct span span,
                       const char *text) {
    if (script->failed)
        return;
    script->failed = script->had_syntax_error = true;
    diag_error(script->diag, D_SYNTAX, span, "%s", text);
}

void script_enter(struct script *script, struct span span, unsigned most) {
    if (++script->nesting > most)
        script_fail_limit(script, span, "nested too deeply");
}

void script_fail(struct script *script, enum tag tag, struct span span,
                 const char *format, ...) {
    if (script->failed)
        return;
    script->failed = script->had_syntax_error = true;
    va_list args;
    va_start(args, format);
    struct str text = str_vformat(script->arena, format, args);
    va_end(args);
    if (tag == D_SYNTAX && script->diag->like_dtrace)
        text = near(script, span);
    diag_error(script->diag, tag, span, "%.*s", STR_ARGS(text));
}

// --- what stands between words ---

static void pass_line(struct script *script) {
    while (!is_end(script) && look(script, 0) != '\n')
        script->at++;
}

// Of the comment that `text` begins with; more than there is if it has no end.
static size_t comment_length(struct str text) {
    bool is_line = text.p[1] == '/';
    for (size_t i = 2; i < text.n; i++) {
        if (is_line && text.p[i] == '\n')
            return i;
        if (!is_line && text.p[i] == '/' && text.p[i - 1] == '*' && i > 2)
            return i + 1;
    }
    return is_line ? text.n : text.n + 1;
}

// The text ends before what it began does.
static void fail_end(struct script *script, struct span span,
                     const char *what) {
    if (script->failed)
        return;
    script->failed = script->had_syntax_error = true;
    diag_error(script->diag, D_SYNTAX, span,
               "end-of-file encountered before %s", what);
}

static void pass_comment(struct script *script) {
    struct str rest = str_slice(script->text, script->at, script->text.n);
    size_t len = comment_length(rest), end = script->text.n;
    bool has_end = len <= rest.n;
    if (!has_end)
        fail_end(script, script_span(script, end, end), "matching */");
    script->at = has_end ? script->at + len : end;
}

static bool begins_line(const struct script *script) {
    for (size_t i = script->at; i > 0; i--) {
        char c = script->text.p[i - 1];
        if (c == '\n')
            return true;
        if (!is_blank(c))
            return false;
    }
    return true;
}

// Up to its end or to a comment behind it.
static void pass_control_line(struct script *script) {
    size_t start = script->at;
    if (start == 0 && look(script, 1) == '!') { // "#!/usr/sbin/dtrace -s"
        pass_line(script);
        return;
    }
    bool quoted = false;
    for (; !is_end(script) && look(script, 0) != '\n'; script->at++) {
        quoted ^= look(script, 0) == '"';
        if (!quoted && look(script, 0) == '/' &&
            (look(script, 1) == '*' || look(script, 1) == '/'))
            break;
    }
    if (is_end(script) && !script->in_library)
        fail_end(script, script_span(script, start, script->at),
                 "end of control line");
    else
        script_control_line(script, str_slice(script->text, start, script->at),
                            script_span(script, start, script->at));
}

static void pass_blanks(struct script *script) {
    while (!is_end(script)) {
        char c = look(script, 0), following = look(script, 1);
        if (is_blank(c))
            script->at++;
        else if (c == '\\' && following == '\n')
            script->at += 2;
        else if (c == '/' && (following == '*' || following == '/'))
            pass_comment(script);
        else if (c == '#' && begins_line(script))
            pass_control_line(script);
        else
            return;
    }
}

bool script_skip(struct script *script) {
    pass_blanks(script);
    return !is_end(script);
}

// --- tokens ---

// Whether the '/' here closes the predicate: DTrace's rule is that what
// follows could not go on with an expression.
static bool ends_predicate(const struct script *script) {
    struct str rest = str_slice(script->text, script->at + 1, script->text.n);
    size_t i = 0;
    while (i < rest.n) {
        bool is_comment = rest.p[i] == '/' && i + 1 < rest.n &&
                          (rest.p[i + 1] == '*' || rest.p[i + 1] == '/');
        if (is_comment)
            i += comment_length(str_slice(rest, i, rest.n));
        else if (is_blank(rest.p[i]))
            i++;
        else
            break;
    }
    return i >= rest.n || strchr("{;/#", rest.p[i]);
}

// Characters of a module with a dot in its name, as in "a.out`x"; 0: none is
// named here.
static size_t dotted_length(const struct script *script) {
    size_t i = 0;
    bool has_dot = false;
    for (char c = look(script, 0); is_name(c) || c == '.';
         c = look(script, i)) {
        if (c == '`')
            return has_dot ? i : 0;
        has_dot |= c == '.';
        i++;
    }
    return 0;
}

static void lex_name(struct script *script, struct token *token) {
    size_t start = script->at;
    script->at += dotted_length(script);
    while (is_name(look(script, 0)))
        script->at++;
    token->text = str_slice(script->text, start, script->at);
    token->kind = TOKEN_NAME;
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (str_is(token->text, keywords[i].spelling))
            token->kind = (uint8_t)(FIRST_KEYWORD + i);
}

// "$1", "$$1", "$target"; "@name", "@".
static void lex_marked(struct script *script, struct token *token) {
    size_t start = script->at;
    bool is_macro = look(script, 0) == '$';
    script->at += is_macro && look(script, 1) == '$' ? 2 : 1;
    size_t name = script->at;
    while (is_letter(look(script, 0)) || is_digit(look(script, 0)))
        script->at++;
    token->text = str_slice(script->text, start, script->at);
    token->kind = is_macro ? TOKEN_MACRO : TOKEN_AGG;
    if (is_macro && script->at == name)
        script_fail(script, D_SYNTAX, script_span(script, start, script->at),
                    "a macro has a name or a number behind its '$'");
}

static void lex_punct(struct script *script, struct token *token) {
    char c = look(script, 0);
    struct str rest = str_slice(script->text, script->at, script->text.n);
    for (size_t i = 0; i < COUNT_OF(puncts); i++) {
        struct str spelling = str_from(puncts[i].spelling);
        if (*puncts[i].spelling != c || !str_starts_with(rest, spelling))
            continue;
        script->at += spelling.n;
        token->kind = (uint8_t)(FIRST_PUNCT + i);
        return;
    }
    script->at++;
    struct span span = script_span(script, script->at - 1, script->at);
    if (c > ' ' && c < 0x7f)
        script_fail(script, D_SYNTAX, span, "'%c' has no meaning here", c);
    else
        script_fail(script, D_SYNTAX, span,
                    "the byte 0x%02x has no meaning here", (unsigned char)c);
}

// What headers say to a compiler of GNU C alone, with its parentheses.
static bool pass_gnu_word(struct script *script, struct str word) {
    // A char is signed, as all that is not said to be unsigned.
    static const char *const words[] = {
        "__attribute__", "__asm__",     "__const",    "__extension__",
        "__inline",      "__inline__",  "__restrict", "__restrict__",
        "__signed__",    "__volatile__"};
    bool is_one = false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        is_one = is_one || str_is(word, words[i]);
    if (!is_one || !script_is_included(script))
        return false;
    pass_blanks(script);
    unsigned depth = 0;
    while (!is_end(script) && (depth || look(script, 0) == '(')) {
        depth += look(script, 0) == '(';
        depth -= look(script, 0) == ')';
        script->at++;
    }
    return true;
}

static void lex(struct script *script, struct token *token) {
    char c = look(script, 0);
    if (is_end(script))
        token->kind = TOKEN_END;
    else if (is_digit(c) || (c == '.' && is_digit(look(script, 1))))
        literal_integer(script, token); // refuses floating point
    else if (c == '"')
        literal_string(script, token);
    else if (c == '\'')
        literal_character(script, token);
    else if (is_name(c))
        lex_name(script, token);
    else if (c == '$' || c == '@')
        lex_marked(script, token);
    else if (c == '/' && script->in_predicate && ends_predicate(script)) {
        script->at++;
        token->kind = TOKEN_PREDICATE_END;
    } else
        lex_punct(script, token);
}

const struct token *script_peek(struct script *script) {
    if (!script->has_next && !script->failed) {
        size_t start;
        do {
            pass_blanks(script);
            start = script->at;
            script->next = (struct token){.kind = TOKEN_END};
            lex(script, &script->next);
        } while (script->next.kind == TOKEN_NAME &&
                 pass_gnu_word(script, script->next.text));
        script->next.span = script_span(script, start, script->at);
        script->has_next = true;
    }
    if (script->failed)
        script->next.kind = TOKEN_END;
    return &script->next;
}

struct token script_take(struct script *script) {
    struct token token = *script_peek(script);
    if (script->failed)
        return token;
    if (token.kind == TOKEN_LBRACE)
        script->braces++;
    if (token.kind == TOKEN_RBRACE && script->braces)
        script->braces--;
    script->has_next = false;
    return token;
}

bool script_accept(struct script *script, enum token_kind kind) {
    if (script_peek(script)->kind != kind || script->failed)
        return false;
    script_take(script);
    return true;
}

bool script_expect(struct script *script, enum token_kind kind,
                   const char *context) {
    if (script_accept(script, kind))
        return true;
    const struct token *next = script_peek(script);
    bool quotes = is_punct(kind);
    struct str found = next->kind == TOKEN_END
                           ? str_from(token_spelling(TOKEN_END))
                           : str_format(script->arena, "'%.*s'",
                                        STR_ARGS(script_text(next->span)));
    script_fail(script, D_SYNTAX, next->span, "expected %s%s%s %s, found %.*s",
                quotes ? "'" : "", token_spelling(kind), quotes ? "'" : "",
                context, STR_ARGS(found));
    return false;
}

// --- outside of clauses ---

bool script_is_included(const struct script *script) {
    return script->top.n && !str_equal(script->top, script->source->name);
}

// "int*x" may be a declaration or a probe's name with a pattern: without the
// option pspec it is the first if there is no colon in it.
static bool may_be_pointer(const struct script *script, size_t at) {
    if (script->out->options.values[IR_OPTION_pspec] ||
        script->text.p[at] != '*')
        return false;
    while (at < script->text.n && is_probe(script->text.p[at]))
        if (script->text.p[at++] == ':')
            return false;
    return true;
}

struct str script_lone_name(struct script *script) {
    size_t end = script->at;
    if (!is_letter(look(script, 0)))
        return (struct str){0};
    while (end < script->text.n && is_name(script->text.p[end]))
        end++;
    if (end < script->text.n && is_probe(script->text.p[end]) &&
        !may_be_pointer(script, end))
        return (struct str){0};
    return str_slice(script->text, script->at, end);
}

bool script_names_follow(struct script *script) {
    size_t at = script->at;
    while (at < script->text.n && is_blank(script->text.p[at]))
        at++;
    return at < script->text.n &&
           (is_letter(script->text.p[at]) || script->text.p[at] == '*');
}

struct str script_take_probe(struct script *script, struct span *span) {
    size_t start = script->at;
    while (is_probe(look(script, 0))) {
        bool escapes = look(script, 0) == '\\';
        script->at++;
        if (escapes && !is_end(script) && look(script, 0) != '\n')
            script->at++;
    }
    *span = script_span(script, start, script->at);
    return str_slice(script->text, start, script->at);
}

// --- after an error ---

// Passes a quoted string or character without looking at what it holds.
static void pass_quoted(struct script *script, char quote) {
    for (script->at++; !is_end(script); script->at++) {
        char c = look(script, 0);
        if (c == '\\')
            script->at++;
        else if (c == quote || c == '\n')
            break;
    }
}

// The end of the clause or declaration: the brace that closes what is open, or
// a semicolon where nothing is.
void script_recover(struct script *script) {
    unsigned depth = script->braces;
    if (script->has_next) // it was seen, but not taken
        script->at = script->source_off + script->next.span.off;
    while (!is_end(script)) {
        pass_blanks(script);
        if (is_end(script))
            break;
        char c = look(script, 0);
        if (c == '"' || c == '\'')
            pass_quoted(script, c);
        if (!is_end(script))
            script->at++;
        if (c == '}' && depth)
            depth--;
        if ((c == '}' || c == ';') && !depth)
            break;
        depth += c == '{';
    }
    script->failed = script->has_next = script->in_predicate = false;
    script->braces = script->nesting = 0;
}
