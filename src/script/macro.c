// macro.c: $1, $$1, $target and their like.
//
// A macro is replaced by its value while the script is checked: an argument
// that is a number becomes one, any other a name as if it stood in the
// script; `$$1` is always a text.

#include <errno.h>
#include <stdlib.h>

#include "script/script.h"

static void macro_number(struct script *script, struct node *node,
                         const char *text) {
    char *end;
    bool negative = text[0] == '-';
    errno = 0;
    uint64_t value = strtoull(text + negative, &end, 0);
    if (*end || end == text + negative || text[negative] == '-' ||
        text[negative] == '+') {
        node->kind = NODE_NAME; // as if the name stood here
        node->text = str_from(text);
        check_name(script, node);
        return;
    }
    if (errno == ERANGE)
        diag_error(script->diag, D_MACRO_OFLOW, node->span,
                   "%.*s is %s, which does not fit into 64 bits",
                   STR_ARGS(node->text), text);
    node->kind = NODE_INTEGER;
    node->type = type_of_literal(script, value,
                                 text[negative] == '0' ? 0 : LITERAL_DECIMAL);
    node->is_constant = true;
    node->value = ir_wrap(negative ? 0 - value : value, type_to_ir(node->type));
}

static void macro_text(struct script *script, struct node *node,
                       struct str text) {
    node->kind = NODE_TEXT;
    node->text = text;
    node->type = type_basic(script, BASIC_STRING);
}

// $1, $$1 and so on.
static void macro_argument(struct script *script, struct node *node,
                           struct str digits, bool as_text) {
    const struct script_options *outside = script->outside;
    uint64_t index = 0;
    for (size_t i = 0; i < digits.n && index < 1000; i++)
        index = index * 10 + (uint64_t)(digits.p[i] - '0');
    if (index == 0) {
        macro_text(script, node, script->source->name);
        return;
    }
    const char *text = NULL;
    if (index <= outside->macro_arg_count)
        text = outside->macro_args[index - 1];
    else if (script->default_args)
        text = as_text ? "" : "0";
    if (index <= 64)
        script->macro_args_used |= (uint64_t)1 << (index - 1);
    if (!text) {
        diag_error(script->diag, D_MACRO_UNDEF, node->span,
                   "the script was given no argument %llu",
                   (unsigned long long)index);
        check_fail(script, node);
    } else if (as_text) {
        macro_text(script, node, str_from(text));
    } else {
        macro_number(script, node, text);
    }
}

// What the tracer knows of itself; false: it does not know this.
static bool macro_outside(struct script *script, struct node *node,
                          struct str name, bool as_text) {
    const struct script_options *outside = script->outside;
    for (size_t i = 0; i < outside->macro_count; i++) {
        if (!str_equal(name, str_from(outside->macros[i].name)))
            continue;
        struct str text = str_format(script->arena, "%lld",
                                     (long long)outside->macros[i].value);
        if (as_text)
            macro_text(script, node, text);
        else
            macro_number(script, node, text.p);
        return true;
    }
    return false;
}

void check_macro(struct script *script, struct node *node) {
    static const char *const of_tracer[] = {"pid",    "ppid",  "uid", "euid",
                                            "gid",    "egid",  "sid", "pgid",
                                            "projid", "taskid"};
    bool as_text = str_starts_with(node->text, STR("$$"));
    struct str name = str_slice(node->text, as_text ? 2 : 1, node->text.n);
    bool is_number = true;
    for (size_t i = 0; i < name.n; i++)
        is_number = is_number && name.p[i] >= '0' && name.p[i] <= '9';
    if (is_number) {
        macro_argument(script, node, name, as_text);
        return;
    }
    if (macro_outside(script, node, name, as_text))
        return;
    // The process that is traced is the one that asks.
    if (str_equal(name, STR("target")) && !as_text) {
        node->kind = NODE_NAME;
        node->builtin = builtin_find(STR("pid"));
        node->type = type_from_ir(script, node->builtin->type);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(of_tracer); i++)
        if (str_equal(name, str_from(of_tracer[i]))) {
            diag_error(script->diag, D_MACRO_UNSUP, node->span,
                       "%.*s is of the process that traces; here the program "
                       "traces itself",
                       STR_ARGS(node->text));
            check_fail(script, node);
            return;
        }
    diag_error(script->diag, D_MACRO_UNDEF, node->span,
               "there is no macro %.*s", STR_ARGS(node->text));
    check_fail(script, node);
}

void check_macro_args(struct script *script) {
    const struct script_options *outside = script->outside;
    for (size_t i = 0; i < outside->macro_arg_count && i < 64; i++)
        if (!(script->macro_args_used >> i & 1) && !script->diag->errors)
            diag_error(script->diag, D_MACRO_UNUSED,
                       (struct span){script->source, 0, 0},
                       "the script does not use its argument %zu, '%s'", i + 1,
                       outside->macro_args[i]);
}
