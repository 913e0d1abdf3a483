// expr.c: expressions, by precedence.
//
// Binary operators are one rule and one table (the levels of tokens.def);
// everything else has a function of its own. The height and size of a tree are
// bounded here, so that whoever walks it later may recurse.

#include "script/script.h"

#define NESTING_MOST 256
#define HEIGHT_MOST  1000
#define SIZE_MOST    100000

static struct node *parse_unary(struct script *script);
static struct node *parse_cast(struct script *script);

static void adopt(struct node *node, const struct node *child) {
    if (!child)
        return;
    if (node->height <= child->height)
        node->height = (uint16_t)(child->height + 1);
    node->size += child->size;
    node->span = span_join(node->span, child->span);
}

static struct node *new_node(struct script *script, enum node_kind kind,
                             struct span span) {
    struct node *node = ARENA_NEW(script->arena, struct node);
    node->kind = (uint8_t)kind;
    node->span = span;
    node->size = node->height = 1;
    return node;
}

// Ends every rule: `node` has all its children.
static struct node *finish(struct script *script, struct node *node) {
    adopt(node, node->a);
    adopt(node, node->b);
    adopt(node, node->c);
    for (const struct node *item = node->list; item; item = item->next)
        adopt(node, item);
    if (node->height > HEIGHT_MOST || node->size > SIZE_MOST)
        script_fail_limit(script, node->span, "the expression is too large");
    return node;
}

static struct node *new_parent(struct script *script, enum node_kind kind,
                               struct token op, struct node *a,
                               struct node *b) {
    struct node *node = new_node(script, kind, op.span);
    node->op = op.kind;
    node->a = a;
    node->b = b;
    return finish(script, node);
}

// list := [ assignment { ',' assignment } ]; up to `closing`
static void parse_list(struct script *script, struct node *node,
                       enum token_kind closing, const char *context) {
    struct node **link = &node->list;
    const struct token *next = script_peek(script);
    if (node->kind == NODE_INDEX && next->kind == closing)
        script_fail(script, D_SYNTAX, next->span, "expected a key");
    while (script_peek(script)->kind != closing && !script->failed) {
        *link = parse_assignment(script);
        if (*link)
            link = &(*link)->next;
        node->count++;
        if (!script_accept(script, TOKEN_COMMA))
            break;
    }
    struct span end = script_peek(script)->span;
    if (script_expect(script, closing, context))
        node->span = span_join(node->span, end);
}

// The name behind '.', '->', 'self->' or 'this->'; keywords may be names.
static void parse_member_name(struct script *script, struct node *node) {
    struct token name = script_take(script);
    bool is_name = name.kind == TOKEN_NAME ||
                   token_keyword(name.kind) != KEYWORD_CLASS_NONE;
    if (!is_name)
        script_fail(script, D_SYNTAX, name.span, "expected a name");
    node->text = name.text;
    node->span = span_join(node->span, name.span);
}

// scoped := ( 'self' | 'this' ) '->' name
static struct node *parse_scoped(struct script *script, struct token word) {
    struct node *node = new_node(
        script, word.kind == KEYWORD_SELF ? NODE_SELF : NODE_THIS, word.span);
    script_expect(script, TOKEN_ARROW, "behind 'self' or 'this'");
    parse_member_name(script, node);
    return node;
}

// xlate := 'xlate' '<' type '>' '(' expression ')'
static struct node *parse_xlate(struct script *script, struct token word) {
    struct node *node = new_node(script, NODE_XLATE, word.span);
    script_expect(script, TOKEN_LT, "behind 'xlate'");
    node->named = parse_type_name(script);
    script_expect(script, TOKEN_GT, "behind the type");
    script_expect(script, TOKEN_LPAREN, "behind the type");
    node->a = parse_expression(script);
    script_expect(script, TOKEN_RPAREN, "behind the expression");
    return finish(script, node);
}

// offsetof := 'offsetof' '(' type ',' name ')'
static struct node *parse_offsetof(struct script *script, struct token word) {
    struct node *node = new_node(script, NODE_OFFSETOF, word.span);
    script_expect(script, TOKEN_LPAREN, "behind 'offsetof'");
    node->named = parse_type_name(script);
    script_expect(script, TOKEN_COMMA, "behind the type");
    parse_member_name(script, node);
    script_expect(script, TOKEN_RPAREN, "behind the member");
    return node;
}

static struct node *parse_literal(struct script *script, struct token token) {
    static const uint8_t kinds[] = {[TOKEN_INTEGER] = NODE_INTEGER,
                                    [TOKEN_STRING] = NODE_TEXT,
                                    [TOKEN_NAME] = NODE_NAME,
                                    [TOKEN_MACRO] = NODE_MACRO,
                                    [TOKEN_AGG] = NODE_AGG};
    struct node *node = new_node(script, kinds[token.kind], token.span);
    node->text = token.text;
    node->value = token.value;
    if (token.kind == TOKEN_NAME && str_equal(token.text, STR("args")))
        script->has_args = true;
    if (token.kind == TOKEN_INTEGER)
        node->named = type_of_literal(script, token.value, token.form);
    return node;
}

static void fail_primary(struct script *script, struct token token) {
    bool is_c = token_keyword(token.kind) == KEYWORD_CLASS_C;
    if (token.kind == TOKEN_END || token.kind == TOKEN_PREDICATE_END)
        script_fail(script, D_SYNTAX, token.span,
                    "expected an expression, found %s",
                    token_spelling(token.kind));
    else
        script_fail(script, D_SYNTAX, token.span,
                    "expected an expression, found '%s'%s",
                    token_spelling(token.kind),
                    is_c ? ", a reserved word" : "");
}

// primary := integer | string | name | macro | aggregation | scoped | xlate
//          | offsetof | '(' expression ')'
static struct node *parse_primary(struct script *script) {
    struct token token = script_take(script);
    switch (token.kind) {
    case TOKEN_INTEGER:
    case TOKEN_STRING:
    case TOKEN_NAME:
    case TOKEN_MACRO:
    case TOKEN_AGG: return parse_literal(script, token);
    case KEYWORD_SELF:
    case KEYWORD_THIS: return parse_scoped(script, token);
    case KEYWORD_XLATE: return parse_xlate(script, token);
    case KEYWORD_OFFSETOF: return parse_offsetof(script, token);
    case TOKEN_LPAREN: {
        struct node *node = parse_expression(script);
        script_expect(script, TOKEN_RPAREN, "behind the expression");
        return node;
    }
    default: fail_primary(script, token); return NULL;
    }
}

// postfix := primary { '[' list ']' | '(' list ')' | '.' name | '->' name
//          | '++' | '--' }
static struct node *parse_postfix_of(struct script *script, struct node *node) {
    while (!script->failed) {
        struct token op = *script_peek(script);
        enum node_kind kind;
        switch (op.kind) {
        case TOKEN_LBRACKET: kind = NODE_INDEX; break;
        case TOKEN_LPAREN: kind = NODE_CALL; break;
        case TOKEN_DOT:
        case TOKEN_ARROW: kind = NODE_MEMBER; break;
        case TOKEN_INC:
        case TOKEN_DEC: kind = NODE_STEP; break;
        default: return node;
        }
        script_take(script);
        struct node *parent = new_node(script, kind, op.span);
        parent->op = op.kind;
        parent->a = node;
        parent->is_postfix = true;
        if (kind == NODE_INDEX)
            parse_list(script, parent, TOKEN_RBRACKET, "behind the keys");
        else if (kind == NODE_CALL)
            parse_list(script, parent, TOKEN_RPAREN, "behind the arguments");
        else if (kind == NODE_MEMBER)
            parse_member_name(script, parent);
        node = finish(script, parent);
    }
    return node;
}

// sizeof := 'sizeof' ( '(' type ')' | unary )
static struct node *parse_sizeof(struct script *script, struct token word) {
    struct node *node = new_node(script, NODE_SIZEOF, word.span);
    if (!script_accept(script, TOKEN_LPAREN)) {
        node->a = parse_unary(script);
        return finish(script, node);
    }
    if (parse_starts_type(script))
        node->named = parse_type_name(script);
    else
        node->a = parse_expression(script);
    struct span end = script_peek(script)->span;
    script_expect(script, TOKEN_RPAREN, "behind the operand of sizeof");
    node->span = span_join(node->span, end);
    if (node->a)
        node->a = parse_postfix_of(script, node->a);
    return finish(script, node);
}

// unary := postfix | ( '++' | '--' ) unary | sizeof | 'stringof' unary
//        | ( '+' | '-' | '!' | '~' | '*' | '&' ) cast
static struct node *parse_unary(struct script *script) {
    struct token op = *script_peek(script);
    switch (op.kind) {
    case TOKEN_ADD:
    case TOKEN_SUB:
    case TOKEN_NOT:
    case TOKEN_TILDE:
    case TOKEN_MUL:
    case TOKEN_AND:
        script_take(script);
        return new_parent(script, NODE_UNARY, op, parse_cast(script), NULL);
    case TOKEN_INC:
    case TOKEN_DEC:
        script_take(script);
        return new_parent(script, NODE_STEP, op, parse_cast(script), NULL);
    case KEYWORD_STRINGOF:
        script_take(script);
        return new_parent(script, NODE_STRINGOF, op, parse_cast(script), NULL);
    case KEYWORD_SIZEOF: return parse_sizeof(script, script_take(script));
    default: return parse_postfix_of(script, parse_primary(script));
    }
}

// cast := '(' type ')' cast | unary
static struct node *parse_cast(struct script *script) {
    struct node *node = NULL;
    const struct token *next = script_peek(script);
    script_enter(script, next->span, NESTING_MOST);
    if (next->kind == TOKEN_LPAREN) {
        struct token open = script_take(script);
        if (parse_starts_type(script)) {
            node = new_node(script, NODE_CAST, open.span);
            node->named = parse_type_name(script);
            script_expect(script, TOKEN_RPAREN, "behind the type");
            node->a = parse_cast(script);
            node = finish(script, node);
        } else {
            node = parse_expression(script);
            script_expect(script, TOKEN_RPAREN, "behind the expression");
            node = parse_postfix_of(script, node);
        }
    } else {
        node = parse_unary(script);
    }
    script->nesting--;
    return node;
}

// binary(level) := cast { operator(>= level) binary(its level + 1) }
static struct node *parse_binary(struct script *script, unsigned least) {
    struct node *node = parse_cast(script);
    while (!script->failed) {
        unsigned level = token_level(script_peek(script)->kind);
        if (level < least || level == LEVEL_ASSIGN)
            break;
        struct token op = script_take(script);
        struct node *right = parse_binary(script, level + 1);
        node = new_parent(script, NODE_BINARY, op, node, right);
    }
    return node;
}

// conditional := binary [ '?' expression ':' conditional ]
static struct node *parse_conditional(struct script *script) {
    struct node *node = parse_binary(script, 1);
    if (script_peek(script)->kind != TOKEN_QUESTION)
        return node;
    struct node *cond = new_node(script, NODE_COND, script_take(script).span);
    cond->a = node;
    cond->b = parse_expression(script);
    script_expect(script, TOKEN_COLON, "between the values of '?'");
    script_enter(script, cond->span, NESTING_MOST);
    cond->c = parse_conditional(script);
    script->nesting--;
    return finish(script, cond);
}

// assignment := conditional [ assignment-operator assignment ]
struct node *parse_assignment(struct script *script) {
    struct node *node = parse_conditional(script);
    if (token_level(script_peek(script)->kind) != LEVEL_ASSIGN)
        return node;
    struct token op = script_take(script);
    script_enter(script, op.span, NESTING_MOST);
    node = new_parent(script, NODE_ASSIGN, op, node, parse_assignment(script));
    script->nesting--;
    return node;
}

// expression := assignment { ',' assignment }
struct node *parse_expression(struct script *script) {
    struct node *node = parse_assignment(script);
    while (script_peek(script)->kind == TOKEN_COMMA) {
        struct token op = script_take(script);
        node =
            new_parent(script, NODE_COMMA, op, node, parse_assignment(script));
    }
    return node;
}
