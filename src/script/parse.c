// parse.c: a script, its clauses and statements.
//
// One function per rule of the grammar, which stands above it. A rule does not
// look whether the ones it called succeeded: after a syntax error there are no
// more tokens, every loop ends, and parse_program() goes on behind the clause.

#include <string.h>

#include "script/script.h"

#define NESTING_MOST 256
#define CHAIN_MOST   4096 // of if and else if

static struct stmt *parse_statement(struct script *script);

struct item *parse_new_item(struct script *script, enum item_kind kind,
                            struct span span) {
    struct item *item = ARENA_NEW(script->arena, struct item);
    item->kind = (uint8_t)kind;
    item->span = span;
    if (script->last_item)
        script->last_item->next = item;
    else
        script->items = item;
    script->last_item = item;
    return item;
}

// --- statements ---

static struct stmt *new_stmt(struct script *script, enum stmt_kind kind,
                             struct span span) {
    struct stmt *stmt = ARENA_NEW(script->arena, struct stmt);
    stmt->kind = (uint8_t)kind;
    stmt->span = span;
    return stmt;
}

static struct stmt **last_link(struct stmt **link) {
    while (*link)
        link = &(*link)->next;
    return link;
}

// block := '{' { statement [ ';' ] } '}'
static struct stmt *parse_block(struct script *script) {
    struct stmt *first = NULL, **link = &first;
    script_expect(script, TOKEN_LBRACE, "before the actions");
    while (!script->failed) {
        if (script_accept(script, TOKEN_SEMICOLON))
            continue;
        enum token_kind kind = script_peek(script)->kind;
        if (kind == TOKEN_RBRACE || kind == TOKEN_END)
            break;
        *link = parse_statement(script);
        bool is_simple =
            *link && (*link)->kind != STMT_IF && kind != TOKEN_LBRACE;
        link = last_link(link);
        kind = script_peek(script)->kind;
        if (is_simple && kind != TOKEN_RBRACE)
            script_expect(script, TOKEN_SEMICOLON, "behind the statement");
    }
    script_expect(script, TOKEN_RBRACE, "at the end of the actions");
    return first;
}

// branch := block | statement [ ';' ]
static struct stmt *parse_branch(struct script *script) {
    if (script_peek(script)->kind == TOKEN_LBRACE)
        return parse_block(script);
    if (script_accept(script, TOKEN_SEMICOLON))
        return NULL;
    struct stmt *stmt = parse_statement(script);
    bool is_if = stmt && stmt->kind == STMT_IF;
    if (!is_if && script_peek(script)->kind != TOKEN_RBRACE)
        script_expect(script, TOKEN_SEMICOLON, "behind the statement");
    return stmt;
}

static struct stmt *parse_condition(struct script *script) {
    struct stmt *stmt = new_stmt(script, STMT_IF, script_take(script).span);
    script_expect(script, TOKEN_LPAREN, "behind 'if'");
    stmt->a = parse_expression(script);
    script_expect(script, TOKEN_RPAREN, "behind the condition");
    stmt->then_ = parse_branch(script);
    return stmt;
}

// if := 'if' '(' expression ')' branch [ 'else' branch ]
//
// A chain of `else if` is read by a loop: it is long, not deep. Its length is
// bounded, as it is walked by recursion later on.
static struct stmt *parse_if(struct script *script) {
    struct stmt *first = parse_condition(script), *last = first;
    unsigned length = 1;
    while (!script->failed && script_accept(script, KEYWORD_ELSE)) {
        if (script_peek(script)->kind != KEYWORD_IF) {
            last->else_ = parse_branch(script);
            break;
        }
        if (++length > CHAIN_MOST)
            script_fail_limit(script, script_peek(script)->span,
                              "a longer chain of conditions than is taken");
        last = last->else_ = parse_condition(script);
    }
    return first;
}

static void refuse_statement(struct script *script) {
    const struct token *next = script_peek(script);
    script_fail(script, D_STMT_UNSUP, next->span, "D has no '%s' statement",
                token_spelling(next->kind));
}

// statement := block | if | expression
static struct stmt *parse_statement(struct script *script) {
    const struct token *next = script_peek(script);
    struct stmt *stmt = NULL;
    script_enter(script, next->span, NESTING_MOST);
    switch (token_keyword(next->kind)) {
    case KEYWORD_CLASS_C: refuse_statement(script); break;
    case KEYWORD_CLASS_TYPE:
    case KEYWORD_CLASS_QUALIFIER:
    case KEYWORD_CLASS_DEFINE:
        script_fail(script, D_SYNTAX, next->span,
                    "variables are declared outside of clauses");
        break;
    default:
        if (next->kind == TOKEN_LBRACE)
            stmt = parse_block(script);
        else if (next->kind == KEYWORD_IF)
            stmt = parse_if(script);
        else {
            stmt = new_stmt(script, STMT_EXPR, next->span);
            stmt->a = parse_expression(script);
            if (stmt->a)
                stmt->span = stmt->a->span;
        }
    }
    script->nesting--;
    return stmt;
}

// --- probe descriptions ---

// The value of "$1" in a description; "$target" stays for the provider.
static struct str macro_in_probe(struct script *script, struct str name,
                                 struct span span) {
    if (str_equal(name, STR("$target")))
        return name;
    const char *value = macro_value(script, name);
    if (value)
        return str_from(value);
    diag_error(script->diag, D_MACRO_UNDEF, span,
               "macro argument %.*s is not defined", STR_ARGS(name));
    return STR("");
}

static struct str expand_macros(struct script *script, struct str text,
                                struct span span) {
    if (!str_find(text, '$'))
        return text;
    struct bytes out;
    bytes_init(&out, script->arena, ORDER_LITTLE);
    for (size_t i = 0; i < text.n;) {
        size_t end = i + 1;
        if (text.p[i] == '\\' && end < text.n)
            end++;
        struct str piece = str_slice(text, i, end);
        if (text.p[i] == '$') {
            bool digits =
                end < text.n && text.p[end] >= '0' && text.p[end] <= '9';
            const char *allowed =
                digits ? "0123456789" : "abcdefghijklmnopqrstuvwxyz";
            while (end < text.n && strchr(allowed, text.p[end]))
                end++;
            piece = macro_in_probe(script, str_slice(text, i, end), span);
        }
        bytes_add(&out, piece.p, piece.n);
        i = end;
    }
    return (struct str){(const char *)out.p, out.n};
}

static void add_probe(struct script *script, struct item *item, struct str text,
                      struct span span) {
    struct probe_desc desc = {.span = span};
    text = expand_macros(script, text, span);
    if (script->missing_fields)
        text = str_format(script->arena, "%.*s%.*s", STR_ARGS(text),
                          (int)script->missing_fields, ":::");
    if (!probe_parse_desc(text, span, &desc, script->diag))
        return;
    struct probe_clause *probes = &item->probes;
    *ARENA_PUSH(script->arena, probes->descs, probes->desc_count,
                item->probe_room) = desc;
}

// A description that is followed by another name is rather a declaration with
// a type that is not known.
static void fail_behind_probe(struct script *script, struct str text,
                              struct span span) {
    struct span here = script_span(script, script->at,
                                   script->at + (script->at < script->text.n));
    char c = script->at < script->text.n ? script->text.p[script->at] : '\0';
    bool is_name = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_name && !str_find(text, ':'))
        script_fail(script, D_SYNTAX, span, "'%.*s' is no type",
                    STR_ARGS(text));
    else
        script_fail(script, D_SYNTAX, here,
                    "expected a predicate or actions behind the probe "
                    "description");
}

// probes := description { ',' description }
static void parse_probes(struct script *script, struct item *item) {
    struct str text;
    struct span span;
    for (;;) {
        text = script_take_probe(script, &span);
        if (!text.n) {
            script_fail(script, D_SYNTAX,
                        script_span(script, script->at, script->at + 1),
                        "expected a probe description");
            return;
        }
        add_probe(script, item, text, span);
        item->span = span_join(item->span, span);
        bool more = script_skip(script);
        if (!more || script->text.p[script->at] != ',')
            break;
        script->at++;
        script_skip(script);
    }
    char c = script->at < script->text.n ? script->text.p[script->at] : '\0';
    if (script->at == script->text.n) {
        if (!script->is_argument && !script->failed)
            diag_error(script->diag, D_SYNTAX, item->span,
                       "expected predicate and/or actions following probe "
                       "description");
        script->failed |= !script->is_argument;
        return;
    }
    if (!c || !strchr("/{;", c))
        fail_behind_probe(script, text, span);
}

static void parse_behind_probes(struct script *script, struct item *item) {
    if (!script->failed && script->at == script->text.n)
        return;
    if (!script->failed && script->text.p[script->at] == '/') {
        script->at++;
        script->in_predicate = true;
        item->predicate = parse_expression(script);
        script_expect(script, TOKEN_PREDICATE_END, "behind its expression");
        script->in_predicate = false;
        if (script_peek(script)->kind == TOKEN_END)
            return;
    }
    if (script_accept(script, TOKEN_SEMICOLON))
        return;
    item->body = parse_block(script);
    item->whole =
        span_join(item->span, script_span(script, script->at, script->at));
}

// clause := probes [ '/' expression '/' ] ( block | ';' )
//         | probes                          at the end of an argument
//
// What args[] is differs between probes, so that a clause that has it is one
// for each description.
static void parse_clause(struct script *script) {
    struct item *item = parse_new_item(
        script, ITEM_CLAUSE, script_span(script, script->at, script->at));
    item->text_index = script->text_index;
    parse_probes(script, item);
    size_t behind = script->at, count = item->probes.desc_count;
    script->has_args = false;
    parse_behind_probes(script, item);
    if (!script->has_args || script->failed || count < 2)
        return;
    item->probes.desc_count = 1;
    for (size_t i = 1; i < count; i++) {
        struct item *other = parse_new_item(script, ITEM_CLAUSE, item->span);
        other->text_index = item->text_index;
        other->probes = (struct probe_clause){.descs = item->probes.descs + i,
                                              .desc_count = 1};
        script->at = behind;
        script->has_next = false;
        parse_behind_probes(script, other);
    }
}

static bool begins_declaration(struct script *script) {
    if (script->failed || !script_lone_name(script).n)
        return false;
    size_t start = script->at;
    bool only_words = script->out->options.values[IR_OPTION_pspec] != 0;
    if (parse_starts_type(script) &&
        !(only_words && script_peek(script)->kind == TOKEN_NAME))
        return true;
    script->at = start;
    script->has_next = false;
    return false;
}

// Checks what was just parsed, so that diagnostics come in the order of the
// script; what a syntax error lies in is not looked at.
static void check_new_items(struct script *script) {
    struct item *item =
        script->last_checked ? script->last_checked->next : script->items;
    for (; item && !script->failed; item = item->next) {
        tree_show(script, item, 1);
        check_item(script, item);
        tree_show(script, item, 2);
    }
    script->last_checked = script->last_item;
}

// program := { declaration | clause | ';' }
void parse_program(struct script *script) {
    while (script_skip(script) || script->failed) {
        if (begins_declaration(script))
            parse_declaration(script);
        else if (!script->failed && script->text.p[script->at] == ';')
            script->at++;
        else if (!script->failed)
            parse_clause(script);
        check_new_items(script);
        if (script->failed)
            script_recover(script);
    }
}
