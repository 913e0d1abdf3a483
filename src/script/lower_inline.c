// lower_inline.c: the values of inlines and of what is translated.
//
// Neither is there when the script runs: each use becomes the expression that
// the inline or the translator has, with arguments in the place of parameters.
//
//     inline int f[int a] = a + 1;      f[x] * 2     (x + 1) * 2
//
// So a use is lowered within: the parameters on the way to it are bound, then
// what is asked for is made, then they are what they were before.

#include "script/lower.h"

struct within {
    struct ir_expr *(*make)(struct lowering *lower, const struct within *use);
    const struct node *node;
    const struct within *then; // of a member that is translated in its turn
};

// The arguments are worked out in the place of the use.
static void bind(struct lowering *lower, const struct node *node,
                 struct ir_expr **outside) {
    const struct identifier *symbol = node->symbol;
    uint32_t i = 0;
    for (const struct node *key = node->list; key; key = key->next, i++)
        outside[i] = lower_value(lower, key, symbol->keys[i].type);
    for (uint32_t k = 0; k < i; k++) {
        struct ir_expr *inside = outside[k];
        outside[k] = symbol->formals[k]->bound;
        symbol->formals[k]->bound = inside;
    }
}

static struct ir_expr *inlined(struct lowering *lower, const struct node *node,
                               const struct within *use,
                               struct ir_expr *(*make)(struct lowering *,
                                                       const struct node *,
                                                       const struct within *)) {
    const struct identifier *symbol = node->symbol;
    uint32_t count = symbol->is_array ? symbol->key_count : 0;
    struct ir_expr **outside =
        ARENA_ARRAY(lower->arena, struct ir_expr *, count);
    if (count)
        bind(lower, node, outside);
    struct ir_expr *value = make(lower, symbol->value, use);
    for (uint32_t i = 0; i < count; i++)
        symbol->formals[i]->bound = outside[i];
    return value;
}

static struct ir_expr *whole(struct lowering *lower, const struct node *value,
                             const struct within *use) {
    return lower_value(lower, value, use->node->symbol->type);
}

struct ir_expr *lower_inline(struct lowering *lower, const struct node *node) {
    struct within use = {.node = node};
    // What is returned is new, and has nothing of `use`.
    // cppcheck-suppress returnDanglingLifetime
    return inlined(lower, node, &use, whole);
}

// --- what is translated ---

static struct ir_expr *translated(struct lowering *lower,
                                  const struct node *node,
                                  const struct within *use);

static struct ir_expr *make_next(struct lowering *lower,
                                 const struct within *use) {
    return translated(lower, use->node->translation->value, use->then);
}

// Makes what is asked for where the input of the translator behind `node` is
// known.
static struct ir_expr *translated(struct lowering *lower,
                                  const struct node *node,
                                  const struct within *use) {
    if (node->translation) {
        struct within next = {make_next, node, use};
        return translated(lower, node->a, &next);
    }
    if (node->symbol)
        return inlined(lower, node, use, translated);
    if (node->kind != NODE_XLATE)
        return translated(lower, node->a, use);
    struct identifier *formal = node->translator->formal;
    struct ir_expr *input = lower_value(lower, node->a, formal->type);
    struct ir_expr *outside = formal->bound;
    formal->bound = input;
    struct ir_expr *value = use->make(lower, use);
    formal->bound = outside;
    return value;
}

static struct ir_expr *make_member(struct lowering *lower,
                                   const struct within *use) {
    const struct translation *translation = use->node->translation;
    return lower_value(lower, translation->value, translation->member.type);
}

struct ir_expr *lower_translated(struct lowering *lower,
                                 const struct node *node) {
    struct within use = {.make = make_member, .node = node};
    return translated(lower, node->a, &use);
}

// All members, one after the other, in a variable of the clause that begins as
// zeroes: those of another that nothing is ever stored in.
static struct ir_expr *make_whole(struct lowering *lower,
                                  const struct within *use) {
    const struct translator *translator = translator_of(use->node);
    const struct type *type = translator->output;
    struct span span = use->node->span;
    struct ir_expr *address = lower_new_block(lower, type, span);
    struct ir_expr *value =
        ir_expr_new(lower->arena, IR_ASSIGN, IR_TYPE_BLOCK, span);
    value->variable = address->variable;
    value->reg = IR_SPACE_OURS;
    value->a = lower_new_block(lower, type, span);
    for (uint32_t i = 0; i < translator->count; i++) {
        const struct translation *translation = &translator->translations[i];
        value =
            lower_pair(lower, IR_COMMA, IR_TYPE_U64, value,
                       lower_store_member(lower, address, translation), span);
    }
    return lower_pair(lower, IR_COMMA, IR_TYPE_U64, value, address, span);
}

struct ir_expr *lower_whole_translated(struct lowering *lower,
                                       const struct node *node) {
    struct within use = {.make = make_whole, .node = node};
    return translated(lower, node, &use);
}
