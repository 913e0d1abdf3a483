// translate.c: translators, which give one type's values the shape of another.
//
//     translator struct out < struct in *p > { size = p->len * 2; };
//     xlate <struct out *> (pointer)->size
//
// What is translated has members, but no value of its own: its type has the
// kind TRANSLATED, and a member is the translator's expression with the input
// in the place of its name, worked out where it is asked for. Only all of a
// struct may be assigned, which works all of them out.

#include "script/script.h"

// --- grammar ---

// translation := name '=' assignment ';'
static void parse_translation(struct script *script,
                              struct translator *translator, size_t *room) {
    struct token name = script_take(script);
    if (name.kind != TOKEN_NAME &&
        token_keyword(name.kind) == KEYWORD_CLASS_NONE)
        script_fail(script, D_SYNTAX, name.span, "expected a member's name");
    script_expect(script, TOKEN_ASSIGN, "behind the member");
    struct node *value = parse_assignment(script);
    script_expect(script, TOKEN_SEMICOLON, "behind the member's value");
    if (script->failed)
        return;
    *ARENA_PUSH(script->arena, translator->translations, translator->count,
                *room) = (struct translation){
        .name = name.text, .span = name.span, .value = value};
}

// translator := 'translator' type '<' parameter '>' '{' { translation } '}' ';'
void parse_translator(struct script *script) {
    struct token word = script_take(script);
    struct translator *translator = ARENA_NEW(script->arena, struct translator);
    struct token name = {.kind = TOKEN_END, .span = word.span};
    size_t room = 0;
    translator->output = parse_type_name(script);
    translator->span = word.span;
    script_expect(script, TOKEN_LT, "behind the type of a translator");
    if (!parse_starts_type(script))
        script_fail(script, D_SYNTAX, script_peek(script)->span,
                    "expected the type of the input");
    translator->input =
        parse_declarator(script, parse_specifiers(script).type, &name);
    script_expect(script, TOKEN_GT, "behind the input of a translator");
    script_expect(script, TOKEN_LBRACE, "before the members");
    while (!script->failed && script_peek(script)->kind != TOKEN_RBRACE)
        parse_translation(script, translator, &room);
    script_expect(script, TOKEN_RBRACE, "behind the members");
    script_expect(script, TOKEN_SEMICOLON, "behind the translator");
    if (script->failed)
        return;
    translator->formal =
        variable_formal(script, name.text, translator->input, name.span);
    struct item *item = parse_new_item(script, ITEM_TRANSLATOR, word.span);
    item->translator = translator;
}

// --- which one ---

// Of two translators whose inputs are the same type under two names, the one
// that has the name.
const struct translator *translator_find(const struct script *script,
                                         const struct type *output,
                                         const struct type *input) {
    const struct translator *found = NULL;
    for (const struct translator *t = script->translators; t; t = t->next) {
        if (!type_equal(t->output, output) || !type_equal(t->input, input))
            continue;
        if (str_equal(t->input->name, input->name))
            return t;
        if (!found)
            found = t;
    }
    return found;
}

static struct translation *find_member(const struct translator *translator,
                                       struct str name) {
    for (uint32_t i = 0; i < translator->count; i++)
        if (str_equal(translator->translations[i].name, name))
            return &translator->translations[i];
    return NULL;
}

const struct translator *translator_of(const struct node *node) {
    if (node->translation)
        return translator_of(node->translation->value);
    if (node->symbol && node->symbol->value)
        return translator_of(node->symbol->value);
    return node->kind == NODE_XLATE ? node->translator : translator_of(node->a);
}

// --- checks ---

// What is made by the translator itself would have itself as a member, and so
// on without an end.
static bool holds_itself(const struct translator *translator,
                         const struct node *value) {
    return value->type->kind == TYPE_TRANSLATED &&
           translator_of(value) == translator;
}

static void check_translation(struct script *script,
                              const struct translator *translator,
                              struct translation *translation) {
    if (translation->state != TRANSLATION_NEW)
        return;
    translation->state = TRANSLATION_BEGUN;
    const struct type *type = check_expr(script, translation->value);
    translation->state = TRANSLATION_CHECKED;
    if (!type_member(translator->output, translation->name,
                     &translation->member)) {
        diag_error(script->diag, D_XLATE_MEMB, translation->span,
                   "'%.*s' has no member '%.*s'",
                   STR_ARGS(translator->output->name),
                   STR_ARGS(translation->name));
        translation->member.type = type_basic(script, BASIC_ERROR);
        return;
    }
    const struct type *wanted = translation->member.type;
    bool fits = type->kind == TYPE_TRANSLATED
                    ? type_equal(wanted, type->of)
                    : check_fits(script, wanted, translation->value);
    if (!fits)
        diag_error(script->diag, D_XLATE_INCOMPAT, translation->value->span,
                   "'%.*s' is '%.*s', this is '%.*s'",
                   STR_ARGS(translation->name), STR_ARGS(wanted->name),
                   STR_ARGS(type->name));
    else if (holds_itself(translator, translation->value))
        diag_error(script->diag, D_XLATE_INCOMPAT, translation->value->span,
                   "'%.*s' is what this translator makes, which has no end",
                   STR_ARGS(translation->name));
}

void check_translator(struct script *script, struct item *item) {
    struct translator *translator = item->translator;
    const struct type *output = translator->output;
    if ((output->kind != TYPE_STRUCT && output->kind != TYPE_UNION) ||
        !output->tagged->is_complete) {
        if (!type_is_error(output))
            diag_error(script->diag, D_XLATE_SOU, item->span,
                       "a translator makes a struct or union, not '%.*s'",
                       STR_ARGS(output->name));
        return;
    }
    const struct translator *known =
        translator_find(script, output, translator->input);
    if (known && str_equal(known->input->name, translator->input->name)) {
        diag_error(script->diag, D_XLATE_REDECL, item->span,
                   "there is a translator from '%.*s' to '%.*s' already",
                   STR_ARGS(translator->input->name), STR_ARGS(output->name));
        return;
    }
    translator->next = script->translators;
    script->translators = translator;
    script->formals = &translator->formal;
    script->formal_count = 1;
    for (uint32_t i = 0; i < translator->count; i++)
        check_translation(script, translator, &translator->translations[i]);
    script->formal_count = 0;
}

void check_xlate(struct script *script, struct node *node) {
    const struct type *input = check_expr(script, node->a), *to = node->named;
    check_fail(script, node);
    if (type_is_error(input) || type_is_error(to))
        return;
    const struct type *output = to->kind == TYPE_POINTER ? to->of : to;
    node->translator = translator_find(script, output, input);
    if (node->translator)
        node->type = type_translated(script, to);
    else
        diag_error(script->diag, D_XLATE_NONE, node->span,
                   "there is no translator from '%.*s' to '%.*s'",
                   STR_ARGS(input->name), STR_ARGS(output->name));
}

void check_translated(struct script *script, struct node *node) {
    const struct type *whole = node->a->type->of;
    bool is_pointer = whole->kind == TYPE_POINTER;
    if (is_pointer != (node->op == TOKEN_ARROW)) {
        diag_error(script->diag, is_pointer ? D_OP_SOU : D_OP_PTR, node->span,
                   "'%s' does not fit '%.*s'", token_spelling(node->op),
                   STR_ARGS(whole->name));
        return;
    }
    const struct translator *translator = translator_of(node->a);
    struct translation *translation = find_member(translator, node->text);
    if (!translation) {
        diag_error(script->diag, D_XLATE_NOCONV, node->span,
                   "translator does not define conversion for member: %.*s",
                   STR_ARGS(node->text));
        return;
    }
    // Members of a translator may say what others are, in any order.
    check_translation(script, translator, translation);
    if (translation->state == TRANSLATION_BEGUN) {
        diag_error(script->diag, D_XLATE_NOCONV, node->span,
                   "what '%.*s' is made of is itself", STR_ARGS(node->text));
        return;
    }
    const struct type *value = translation->value->type;
    node->translation = translation;
    node->type = type_is_error(value) || value->kind == TYPE_TRANSLATED
                     ? value
                     : translation->member.type;
}
