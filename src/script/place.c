// place.c: what lies in memory: elements, members, what a pointer leads to.
//
// As in C, `a[i]` is `*(a + i)` and `p->m` is `(*p).m`. An expression that
// names a place is an lvalue, and may be changed if the place belongs to the
// script: a variable, a part of one, or where a pointer in a variable leads
// (which is checked when it runs). The address of a whole variable cannot be
// taken.

#include "script/script.h"

// --- changing ---

static bool fail_place(struct script *script, struct node *node, enum tag tag,
                       enum token_kind op, const char *what) {
    diag_error(script->diag, tag, node->span,
               tag == D_OP_LVAL
                   ? "operator %s requires modifiable lvalue as an operand"
                   : "operator %s can only be applied to a writable variable",
               token_spelling(op));
    if (what)
        diag_help(script->diag, "%s", what);
    check_fail(script, node);
    return false;
}

bool check_place(struct script *script, struct node *node, enum token_kind op,
                 enum variable_use use) {
    if (check_is_aggregation(node))
        return fail_place(script, node, D_OP_LVAL, op, NULL);
    if (node->kind == NODE_MACRO)
        return fail_place(script, node, D_OP_WRITE, op,
                          "a macro is a constant");
    bool is_name = node->kind == NODE_NAME || node->kind == NODE_SELF ||
                   node->kind == NODE_THIS;
    if (is_name)
        check_variable(script, node, use);
    else if (node->kind != NODE_INDEX || !check_element(script, node, use))
        check_expr(script, node);
    if (node->type && type_is_error(node->type))
        return false;
    if (!node->is_lvalue)
        return fail_place(script, node, D_OP_LVAL, op, NULL);
    if (!node->is_writable)
        return fail_place(script, node, D_OP_WRITE, op,
                          node->symbol    ? "an inline is an expression"
                          : node->builtin ? "it is one of DTrace's own"
                                          : "it lies in the program");
    return true;
}

// --- elements ---

static void fail_bounds(struct script *script, const struct node *index,
                        uint64_t count) {
    diag_error(script->diag, D_ARR_BOUNDS, index->span,
               "the index %lld is outside of the array, which has %llu "
               "elements",
               (long long)index->value, (unsigned long long)count);
}

bool check_bounds(struct script *script, const struct node *array,
                  const struct node *index) {
    uint64_t count = array->type->count;
    if (array->type->kind != TYPE_ARRAY || !count || !index->is_constant ||
        index->value < count)
        return true;
    fail_bounds(script, index, count);
    return false;
}

static void index_value(struct script *script, struct node *node) {
    struct node *base = node->a, *index = node->list;
    const struct type *type = check_expr(script, base);
    const struct type *by = check_expr(script, index);
    check_fail(script, node);
    if (type_is_error(type) || type_is_error(by))
        return;
    if (index->next)
        diag_error(script->diag, D_ARR_BADREF, node->span,
                   "this is no associative array, it has one index");
    else if (type_is_integer(type) && base->symbol)
        diag_error(script->diag, D_IDENT_BADREF, node->span,
                   "scalar '%.*s' may not be referenced as array",
                   STR_ARGS(base->symbol->name));
    else if (type_is_integer(type) && type_is_integer(by))
        diag_error(script->diag, D_DEREF_NONPTR, node->span,
                   "'%.*s' has no elements", STR_ARGS(type->name));
    else if ((!type_is_string(type) && !type_is_pointer(type)) ||
             type_is_unsized_pointer(type) || !type_is_integer(by))
        diag_error(script->diag, D_OP_INCOMPAT, node->span,
                   "'%.*s' cannot be indexed with '%.*s'", STR_ARGS(type->name),
                   STR_ARGS(by->name));
    else if (check_bounds(script, base, index)) {
        node->type =
            type_is_string(type) ? type_basic(script, BASIC_CHAR) : type->of;
        node->is_lvalue = node->type->kind != TYPE_ARRAY;
        node->is_writable = base->is_writable;
    }
}

void check_index(struct script *script, struct node *node) {
    if (check_is_aggregation(node)) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "an aggregation has no value within a clause");
        check_fail(script, node);
    } else if (node->a->kind == NODE_NAME &&
               str_equal(node->a->text, STR("args"))) {
        check_args(script, node);
    } else if (node->a->kind == NODE_NAME &&
               str_equal(node->a->text, STR("uregs"))) {
        check_uregs(script, node);
    } else if (!check_element(script, node, USE_READ)) {
        index_value(script, node);
    }
}

// --- members ---

// The struct or union on the left of '.' or '->'; NULL: reported.
static const struct type *find_whole(struct script *script,
                                     const struct node *node) {
    const struct type *type = node->a->type;
    bool is_arrow = node->op == TOKEN_ARROW;
    if (is_arrow && type->kind != TYPE_POINTER) {
        diag_error(script->diag, D_OP_PTR, node->span,
                   "operator -> must be applied to a pointer");
        diag_help(script->diag, "this is '%.*s'", STR_ARGS(type->name));
        return NULL;
    }
    if (is_arrow)
        type = type->of;
    if (type->kind != TYPE_STRUCT && type->kind != TYPE_UNION) {
        diag_error(script->diag, D_OP_SOU, node->span,
                   "operator %s cannot be applied to %stype \"%.*s\"; must be "
                   "applied to a struct or union%s",
                   token_spelling(node->op), is_arrow ? "pointer to " : "",
                   STR_ARGS(type->name), is_arrow ? " pointer" : "");
        return NULL;
    }
    if (!type->tagged->is_complete && type->tagged->tag.n) {
        // Declared here, defined in another unit of the program.
        const struct type *found = userland_find(
            script, type->kind == TYPE_STRUCT ? KEYWORD_STRUCT : KEYWORD_UNION,
            type->tagged->tag);
        type = found ? found : type;
    }
    if (!type->tagged->is_complete) {
        diag_error(script->diag, D_OP_INCOMPLETE, node->span,
                   "what is in '%.*s' is not known", STR_ARGS(type->name));
        return NULL;
    }
    return type;
}

static void suggest_member(struct script *script, const struct type *type,
                           struct str name) {
    struct str best = {0};
    size_t least = name.n < 4 ? 2 : 3;
    for (uint32_t i = 0; i < type->tagged->member_count; i++) {
        struct str candidate = type->tagged->members[i].name;
        size_t distance = str_distance(name, candidate, least - 1);
        if (candidate.n && distance < least) {
            least = distance;
            best = candidate;
        }
    }
    if (best.n)
        diag_help(script->diag, "did you mean '%.*s'?", STR_ARGS(best));
}

void check_member(struct script *script, struct node *node) {
    struct member *member = ARENA_NEW(script->arena, struct member);
    const struct type *left = check_expr(script, node->a);
    check_fail(script, node);
    if (left->kind == TYPE_TRANSLATED) {
        check_translated(script, node);
        return;
    }
    const struct type *whole =
        type_is_error(left) ? NULL : find_whole(script, node);
    if (!whole)
        return;
    if (!type_member(whole, node->text, member)) {
        diag_error(script->diag, D_TYPE_MEMBER, node->span,
                   "'%.*s' has no member '%.*s'", STR_ARGS(whole->name),
                   STR_ARGS(node->text));
        suggest_member(script, whole, node->text);
        return;
    }
    node->member = member;
    node->type = member->width ? type_of_field(script, member) : member->type;
    bool is_place = node->op == TOKEN_ARROW || node->a->is_lvalue;
    node->is_lvalue = is_place && node->type->kind != TYPE_ARRAY;
    node->is_writable = node->a->is_writable;
}

void check_offsetof(struct script *script, struct node *node) {
    const struct type *type = node->named;
    struct member member;
    check_fail(script, node);
    if (type_is_error(type))
        return;
    if (type->kind != TYPE_STRUCT && type->kind != TYPE_UNION) {
        diag_error(script->diag, D_OFFSETOF_TYPE, node->span,
                   "offsetof takes a struct or union, not '%.*s'",
                   STR_ARGS(type->name));
    } else if (!type_member(type, node->text, &member)) {
        diag_error(script->diag, D_UNKNOWN, node->span,
                   "'%.*s' has no member '%.*s'", STR_ARGS(type->name),
                   STR_ARGS(node->text));
    } else if (member.width) {
        diag_error(script->diag, D_OFFSETOF_BITFIELD, node->span,
                   "a bit-field has no offset in bytes");
    } else {
        node->type = type_basic(script, BASIC_INT);
        check_set_constant(node, member.off_bits / 8);
    }
}

// --- pointers ---

static bool is_sum_of_writable(const struct node *node) {
    return node->kind == NODE_BINARY && node->op == TOKEN_ADD &&
           node->a->is_writable;
}

void check_deref(struct script *script, struct node *node) {
    const struct type *type = node->a->type;
    check_fail(script, node);
    if (type_is_string(type))
        node->type = type_basic(script, BASIC_CHAR);
    else if (type->kind == TYPE_TRANSLATED && type->of->kind == TYPE_POINTER)
        node->type = type_translated(script, type->of->of);
    else if (!type_is_pointer(type))
        diag_error(script->diag, D_DEREF_NONPTR, node->span,
                   "cannot dereference non-pointer type");
    else if (type->of->kind == TYPE_VOID)
        diag_error(script->diag, D_DEREF_VOID, node->span,
                   "cannot dereference pointer to void");
    else if (type->of->kind == TYPE_FUNCTION)
        diag_error(script->diag, D_DEREF_FUNC, node->span,
                   "cannot dereference pointer to function");
    else
        node->type = type->of;
    if (type_is_error(node->type) || node->type->kind == TYPE_TRANSLATED)
        return;
    node->is_lvalue = node->type->kind != TYPE_ARRAY;
    node->is_writable = node->a->is_writable || is_sum_of_writable(node->a);
}

void check_address(struct script *script, struct node *node) {
    const struct node *a = node->a;
    check_fail(script, node);
    if (a->symbol || a->builtin)
        diag_error(script->diag, D_ADDROF_VAR, node->span,
                   "cannot take address of dynamic variable");
    else if (!a->is_lvalue)
        diag_error(script->diag, D_ADDROF_LVAL, node->span,
                   "'&' takes what lies in memory");
    else if (a->member && a->member->width)
        diag_error(script->diag, D_ADDROF_BITFIELD, node->span,
                   "a bit-field has no address");
    else
        node->type = type_derived(script, TYPE_POINTER, a->type, 0);
}
