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
        check_variable(script, node, USE_READ);
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

// --- values ---

// What the process that traces knows of itself; if the program traces itself,
// it knows some as well.
static const struct tracer_row {
    const char *name, *variable; // of the program, if it has one for it
} tracer_rows[] = {
    {"pid", "pid"},    {"ppid", "ppid"}, {"uid", "uid"},   {"gid", "gid"},
    {"target", "pid"}, {"euid", NULL},   {"egid", NULL},   {"sid", NULL},
    {"pgid", NULL},    {"projid", NULL}, {"taskid", NULL},
};

static const struct tracer_row *find_tracer_row(struct str name) {
    for (size_t i = 0; i < COUNT_OF(tracer_rows); i++)
        if (str_is(name, tracer_rows[i].name))
            return &tracer_rows[i];
    return NULL;
}

static bool is_number(struct str name) {
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < '0' || name.p[i] > '9')
            return false;
    return name.n > 0;
}

// $1 and so on; its use is noted.
static const char *argument_value(struct script *script, struct str digits) {
    const struct script_options *outside = script->outside;
    uint64_t index = 0;
    for (size_t i = 0; i < digits.n && index < 1000; i++)
        index = index * 10 + (uint64_t)(digits.p[i] - '0');
    if (index == 0)
        return str_terminated(script->arena, script->source->name);
    if (index <= 64)
        script->macro_args_used |= (uint64_t)1 << (index - 1);
    return index <= outside->macro_arg_count ? outside->macro_args[index - 1]
                                             : NULL;
}

const char *macro_value(struct script *script, struct str name) {
    const struct script_options *outside = script->outside;
    name = str_slice(name, str_starts_with(name, STR("$$")) ? 2 : 1, name.n);
    if (is_number(name))
        return argument_value(script, name);
    for (size_t i = 0; i < outside->macro_count; i++)
        if (str_is(name, outside->macros[i].name))
            return str_terminated(
                script->arena, str_format(script->arena, "%lld",
                                          (long long)outside->macros[i].value));
    return NULL;
}

// --- uses ---

static void use_variable(struct script *script, struct node *node,
                         const char *name) {
    node->kind = NODE_NAME;
    node->builtin = builtin_find(str_from(name));
    node->type = type_from_ir(script, node->builtin->type);
}

static void fail_macro(struct script *script, struct node *node,
                       const struct tracer_row *row) {
    if (row && !script->outside->macro_count)
        diag_error(script->diag, D_MACRO_UNSUP, node->span,
                   "%.*s is of the process that traces; here the program "
                   "traces itself",
                   STR_ARGS(node->text));
    else
        diag_error(script->diag, D_MACRO_UNDEF, node->span,
                   "macro argument %.*s is not defined", STR_ARGS(node->text));
    check_fail(script, node);
}

void check_macro(struct script *script, struct node *node) {
    bool as_text = str_starts_with(node->text, STR("$$"));
    struct str name = str_slice(node->text, as_text ? 2 : 1, node->text.n);
    const struct tracer_row *row = find_tracer_row(name);
    const char *value = macro_value(script, node->text);
    bool has_default =
        is_number(name) && script->out->options.values[IR_OPTION_defaultargs];
    if (!value && has_default)
        value = as_text ? "" : "0";
    if (value && (as_text || str_equal(name, STR("0"))))
        macro_text(script, node, str_from(value));
    else if (value)
        macro_number(script, node, value);
    else if (row && row->variable && !as_text)
        use_variable(script, node, row->variable);
    else
        fail_macro(script, node, row);
}

void check_macro_args(struct script *script) {
    const struct script_options *outside = script->outside;
    if (script->out->options.values[IR_OPTION_argref] || script->diag->errors)
        return;
    for (size_t i = 0; i < outside->macro_arg_count && i < 64; i++) {
        if (script->macro_args_used >> i & 1)
            continue;
        diag_error(script->diag, D_MACRO_UNUSED,
                   script_span(script, script->text.n, script->text.n),
                   "extraneous argument '%s' ($%zu is not referenced)",
                   outside->macro_args[i], i + 1);
        return;
    }
}
