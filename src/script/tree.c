// tree.c: the tree of a script as text, for the option tree=N.
//
//     Parse tree, pass 1:
//     clause BEGIN
//       predicate
//         binary >
//           name x
//           integer 2
//       expression
//         assign =
//
// A bit of N for each pass: 1 for what the parser made, 2 for the same with the
// types that checking found, 4 for the code that comes of it (script_dump()).
// What the library defines is not shown.

#include <stdio.h>

#include "script/script.h"

static const char *const node_names[] = {
    [NODE_INTEGER] = "integer",   [NODE_TEXT] = "string",
    [NODE_MACRO] = "macro",       [NODE_NAME] = "name",
    [NODE_SELF] = "self->",       [NODE_THIS] = "this->",
    [NODE_AGG] = "aggregation",   [NODE_UNARY] = "unary",
    [NODE_STEP] = "step",         [NODE_BINARY] = "binary",
    [NODE_ASSIGN] = "assign",     [NODE_COND] = "condition",
    [NODE_COMMA] = "comma",       [NODE_CAST] = "cast",
    [NODE_SIZEOF] = "sizeof",     [NODE_OFFSETOF] = "offsetof",
    [NODE_STRINGOF] = "stringof", [NODE_XLATE] = "xlate",
    [NODE_CALL] = "call",         [NODE_INDEX] = "index",
    [NODE_MEMBER] = "member",
};
_Static_assert(COUNT_OF(node_names) == NODE_KIND_COUNT, "a name for each");

static const char *const stmt_names[] = {
    [STMT_EXPR] = "expression",
    [STMT_IF] = "if",
    [STMT_ACTION] = "action",
    [STMT_AGG] = "aggregation",
};

static void indent(unsigned depth) {
    fprintf(stderr, "%*s", (int)(2 * depth), "");
}

// binary + : int
static void show_line(const struct node *node, unsigned depth) {
    indent(depth);
    fputs(node_names[node->kind], stderr);
    if (node->kind == NODE_INTEGER)
        fprintf(stderr, " %lld", (long long)node->value);
    else if (node->kind == NODE_TEXT)
        fprintf(stderr, " \"%.*s\"", STR_ARGS(node->text));
    else if (node->text.n)
        fprintf(stderr, " %.*s", STR_ARGS(node->text));
    if (node->op && node->kind != NODE_CALL && node->kind != NODE_INDEX)
        fprintf(stderr, " %s", token_spelling(node->op));
    if (node->named && node->kind != NODE_INTEGER)
        fprintf(stderr, " <%.*s>", STR_ARGS(node->named->name));
    if (node->type && node->type->name.n)
        fprintf(stderr, " : %.*s", STR_ARGS(node->type->name));
    fputc('\n', stderr);
}

static void show_node(const struct node *node, unsigned depth) {
    if (!node)
        return;
    show_line(node, depth);
    show_node(node->a, depth + 1);
    show_node(node->b, depth + 1);
    show_node(node->c, depth + 1);
    for (const struct node *each = node->list; each; each = each->next)
        show_node(each, depth + 1);
}

static void show_stmts(const struct stmt *stmt, unsigned depth) {
    for (; stmt; stmt = stmt->next) {
        indent(depth);
        fprintf(stderr, "%s\n", stmt_names[stmt->kind]);
        show_node(stmt->a, depth + 1);
        if (stmt->a && stmt->a->function)
            show_node(stmt->a->function, depth + 1);
        show_stmts(stmt->then_, depth + 1);
        if (stmt->else_) {
            indent(depth);
            fputs("else\n", stderr);
            show_stmts(stmt->else_, depth + 1);
        }
    }
}

static void show_clause(const struct item *item) {
    fprintf(stderr, "clause %.*s\n", STR_ARGS(script_text(item->span)));
    if (item->predicate) {
        indent(1);
        fputs("predicate\n", stderr);
        show_node(item->predicate, 2);
    }
    show_stmts(item->body, 1);
}

void tree_show(const struct script *script, const struct item *item,
               unsigned pass) {
    int64_t wanted = script->out->options.values[IR_OPTION_tree];
    bool is_own = !script->in_library && !script->in_folder;
    if (!is_own || !(wanted & pass))
        return;
    fprintf(stderr, "Parse tree, pass %u:\n", pass);
    switch ((enum item_kind)item->kind) {
    case ITEM_CLAUSE: show_clause(item); break;
    case ITEM_DECLARATION:
        fprintf(stderr, "declaration %.*s\n", STR_ARGS(item->name));
        break;
    case ITEM_INLINE:
        fprintf(stderr, "inline %.*s\n", STR_ARGS(item->name));
        show_node(item->value, 1);
        break;
    case ITEM_TRANSLATOR:
        fputs("translator\n", stderr);
        for (uint32_t i = 0; i < item->translator->count; i++) {
            indent(1);
            fprintf(stderr, "%.*s\n",
                    STR_ARGS(item->translator->translations[i].name));
            show_node(item->translator->translations[i].value, 2);
        }
        break;
    }
}
