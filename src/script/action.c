// action.c: actions, the statements that leave a record, and what they take.
//
// Prototypes (call.c) say how many arguments there are and of which type; what
// actions ask for beyond that is said here, a function for each shape of
// actions.def, with DTrace's tags. Within a clause actions have an order:
//
//     speculate() is ahead of all that records; aggregations, exit() and what
//     changes the program do not go with it
//     commit() stands alone, but for statements that record nothing
//
// A clause with `if` is several clauses in this, one for each condition.

#include <string.h>

#include "script/script.h"

// --- order ---

static void fail_order(struct script *script, const struct node *node,
                       enum tag tag, const char *what, const char *before) {
    diag_error(script->diag, tag, node->span, "%s may not follow %s", what,
               before);
}

static const char data_recording[] = "data-recording action(s)";

static void check_commit(struct script *script, const struct node *node) {
    struct order *order = &script->order;
    if (order->commits)
        fail_order(script, node, D_COMM_COMM, "commit( )", "commit( )");
    else if (order->records)
        fail_order(script, node, D_COMM_DREC, "commit( )", data_recording);
    order->commits = true;
}

static void check_speculate(struct script *script, const struct node *node) {
    struct order *order = &script->order;
    if (order->speculates)
        fail_order(script, node, D_SPEC_SPEC, "speculate( )", "speculate( )");
    else if (order->commits)
        fail_order(script, node, D_SPEC_COMM, "speculate( )", "commit( )");
    else if (order->records)
        fail_order(script, node, D_SPEC_DREC, "speculate( )", data_recording);
    order->speculates = true;
}

static void check_data(struct script *script, const struct node *node) {
    struct order *order = &script->order;
    if (order->commits)
        fail_order(script, node, D_DREC_COMM, "data-recording actions",
                   "commit( )");
    order->records |= !order->speculates;
}

void action_order_aggregation(struct script *script, const struct node *node) {
    struct order *order = &script->order;
    if (order->speculates)
        fail_order(script, node, D_AGG_SPEC, "aggregating actions",
                   "speculate( )");
    else if (order->commits)
        fail_order(script, node, D_AGG_COMM, "aggregating actions",
                   "commit( )");
    order->records = true;
}

// Of a call that is a statement.
static void check_order(struct script *script, const struct node *node,
                        const struct builtin *builtin) {
    bool speculates = script->order.speculates;
    // What stops a kernel is refused, but named for its place first.
    bool stops =
        !strcmp(builtin->name, "breakpoint") || !strcmp(builtin->name, "panic");
    if (builtin->is_destructive || stops) {
        if (speculates)
            fail_order(script, node, D_ACT_SPEC, "destructive actions",
                       "speculate( )");
        return;
    }
    if (builtin->source != BUILTIN_RECORD)
        return;
    switch ((enum ir_action_kind)builtin->action) {
    case IR_ACTION_COMMIT: check_commit(script, node); break;
    case IR_ACTION_SPECULATE: check_speculate(script, node); break;
    case IR_ACTION_DISCARD: break;
    case IR_ACTION_EXIT:
        if (speculates)
            fail_order(script, node, D_EXIT_SPEC, "exit( )", "speculate( )");
        check_data(script, node);
        break;
    default: check_data(script, node); break;
    }
}

// --- values ---

struct value_tags {
    uint8_t nothing, dynamic, aggregation;
};

// trace(value), print(value)
// print() shows what an address leads to, or a value of several parts.
static bool check_printed(struct script *script, const struct node *value,
                          const struct type *type) {
    bool is_pointer = type->kind == TYPE_POINTER;
    if (!is_pointer && (type_is_scalar(type) || type_is_string(type))) {
        call_fail_argument(script, value, D_PROTO_ARG, "print", 1,
                           STR("void *"));
        return false;
    }
    if (!is_pointer || type_size(script, type->of) > 0)
        return true;
    diag_error(script->diag, D_PRINT_SIZE, value->span,
               "print( ) argument #1 reference has type '%.*s' with size 0; "
               "cannot print( ) it.",
               STR_ARGS(type->of->name));
    return false;
}

static bool check_value(struct script *script, struct node *node,
                        const struct builtin *builtin) {
    static const struct value_tags rows[] = {
        {D_TRACE_VOID, D_TRACE_DYN, D_TRACE_AGG},
        {D_PRINT_VOID, D_PRINT_DYN, D_PRINT_AGG}};
    bool is_print = builtin->action == IR_ACTION_PRINT;
    const struct value_tags *tags = &rows[is_print];
    struct node *value = node->list;
    if (check_is_aggregation(value)) {
        diag_error(script->diag, (enum tag)tags->aggregation, value->span,
                   "%s( ) may not be applied to an aggregation%s",
                   builtin->name, is_print ? " -- did you mean printa()?" : "");
        return false;
    }
    if (call_is_action(value) && !agg_function_find(value->a->text)) {
        diag_error(script->diag, (enum tag)tags->nothing, value->span,
                   "%s( ) may not be applied to a void expression",
                   builtin->name);
        return false;
    }
    const struct type *type = check_expr(script, value);
    if (type_is_error(type))
        return false;
    // What a translator gives has no bytes of its own.
    bool is_dynamic = type->kind == TYPE_TRANSLATED;
    if (!is_dynamic && type->kind != TYPE_VOID)
        return !is_print || check_printed(script, value, type);
    diag_error(script->diag,
               (enum tag)(is_dynamic ? tags->dynamic : tags->nothing),
               value->span, "%s( ) may not be applied to a %s expression",
               builtin->name, is_dynamic ? "dynamic" : "void");
    return false;
}

// A constant above zero that fits into 32 bits.
static bool is_positive(struct script *script, struct node *node,
                        int64_t *value) {
    return check_constant(script, node, value) && *value > 0 &&
           *value <= UINT32_MAX;
}

// tracemem(address, size [, size at run time])
static bool check_memory(struct script *script, struct node *node,
                         const struct builtin *builtin) {
    struct node *address = node->list, *size = address->next;
    struct node *dynamic = size->next;
    int64_t value;
    const struct type *type = check_expr(script, address);
    if (type_is_error(type))
        return false;
    if (!type_is_scalar(type)) {
        call_fail_argument(script, address, D_TRACEMEM_ADDR, builtin->name, 1,
                           STR("pointer or integer"));
        return false;
    }
    if (!is_positive(script, size, &value)) {
        if (!type_is_error(size->type))
            diag_error(script->diag, D_TRACEMEM_SIZE, size->span,
                       "tracemem( ) argument #2 must be a non-zero positive "
                       "integral constant expression");
        return false;
    }
    if (!dynamic)
        return true;
    if (dynamic->next) {
        diag_error(script->diag, D_TRACEMEM_ARGS, dynamic->span,
                   "tracemem( ) prototype mismatch: expected at most 3 args");
        return false;
    }
    if (type_is_scalar(check_expr(script, dynamic)))
        return true;
    if (!type_is_error(dynamic->type))
        diag_error(script->diag, D_TRACEMEM_DYNSIZE, dynamic->span,
                   "tracemem( ) dynamic size (argument #3) must be of scalar "
                   "type");
    return false;
}

// --- stacks ---

// stack([frames])
static bool check_kernel_stack(struct script *script, struct node *node) {
    struct node *frames = node->list;
    int64_t value;
    if (!frames)
        return true;
    if (frames->next) {
        diag_error(script->diag, D_STACK_PROTO, frames->span,
                   "stack( ) prototype mismatch: too many arguments");
        return false;
    }
    if (is_positive(script, frames, &value))
        return true;
    if (!type_is_error(frames->type))
        diag_error(script->diag, D_STACK_SIZE, frames->span,
                   "stack( ) size must be a non-zero positive integral "
                   "constant expression");
    return false;
}

// ustack([frames [, size of strings]])
static bool check_user_stack(struct script *script, struct node *node) {
    struct node *frames = node->list, *size = frames ? frames->next : NULL;
    int64_t value;
    if (frames && !is_positive(script, frames, &value)) {
        if (!type_is_error(frames->type))
            diag_error(script->diag, D_USTACK_FRAMES, frames->span,
                       "ustack( ) argument #1 must be a non-zero positive "
                       "integer constant");
        return false;
    }
    if (size && (!check_constant(script, size, &value) || value < 0)) {
        if (!type_is_error(size->type))
            diag_error(script->diag, D_USTACK_STRSIZE, size->span,
                       "ustack( ) argument #2 must be a positive integer "
                       "constant");
        return false;
    }
    if (size && size->next) {
        diag_error(script->diag, D_USTACK_PROTO, size->span,
                   "ustack( ) prototype mismatch: too many arguments");
        return false;
    }
    return true;
}

static bool check_stack(struct script *script, struct node *node,
                        const struct builtin *builtin) {
    if (builtin->action == IR_ACTION_STACK)
        return check_kernel_stack(script, node);
    return check_user_stack(script, node);
}

// --- aggregations ---

struct aggregation_tags {
    uint8_t action, length, argument, undefined, scalar;
    uint8_t least, most;
};

static const struct aggregation_tags aggregation_rows[] = {
    {IR_ACTION_CLEAR, D_CLEAR_PROTO, D_CLEAR_AGGARG, D_CLEAR_AGGBAD, 0, 1, 1},
    {IR_ACTION_NORMALIZE, D_NORMALIZE_PROTO, D_NORMALIZE_AGGARG,
     D_NORMALIZE_AGGBAD, D_NORMALIZE_SCALAR, 2, 2},
    {IR_ACTION_DENORMALIZE, D_NORMALIZE_PROTO, D_NORMALIZE_AGGARG,
     D_NORMALIZE_AGGBAD, D_NORMALIZE_SCALAR, 1, 1},
    {IR_ACTION_TRUNC, D_TRUNC_PROTO, D_TRUNC_AGGARG, D_TRUNC_AGGBAD,
     D_TRUNC_SCALAR, 1, 2},
    {IR_ACTION_PRINTA, D_PRINTA_PROTO, D_PRINTA_AGGARG, D_PRINTA_AGGBAD, 0, 1,
     255},
};

static const struct aggregation_tags *tags_of(const struct builtin *builtin) {
    const struct aggregation_tags *row = aggregation_rows;
    while (row->action != builtin->action)
        row++;
    return row;
}

// The aggregation that an argument names; reports if it is none, or one that
// nothing above updates.
static bool find_aggregation(struct script *script, struct node *node,
                             const struct builtin *builtin, unsigned number) {
    const struct aggregation_tags *tags = tags_of(builtin);
    if (node->kind != NODE_AGG) {
        if (!check_is_aggregation(node) &&
            check_expr(script, node)->kind == TYPE_ERROR)
            return false;
        call_fail_argument(script, node, (enum tag)tags->argument,
                           builtin->name, number, STR("aggregation"));
        return false;
    }
    node->aggregation = map_get(&script->aggregations, node->text);
    node->type = type_basic(script, BASIC_VOID);
    if (!node->aggregation)
        diag_error(script->diag, (enum tag)tags->undefined, node->span,
                   "undefined aggregation: %.*s", STR_ARGS(node->text));
    return node->aggregation != NULL;
}

// clear(@), denormalize(@), normalize(@, factor), trunc(@ [, count])
static bool check_aggregation_action(struct script *script, struct node *node,
                                     const struct builtin *builtin) {
    const struct aggregation_tags *tags = tags_of(builtin);
    if (node->count < tags->least || node->count > tags->most) {
        bool has_range = tags->least < tags->most;
        diag_error(script->diag, (enum tag)tags->length, node->span,
                   "%s( ) prototype mismatch: %u args passed, %s%u expected",
                   builtin->name, node->count,
                   !has_range                  ? ""
                   : node->count < tags->least ? "at least "
                                               : "no more than ",
                   node->count < tags->least ? tags->least : tags->most);
        return false;
    }
    struct node *value = node->list->next;
    if (!find_aggregation(script, node->list, builtin, 1))
        return false;
    if (!value || type_is_scalar(check_expr(script, value)))
        return true;
    if (!type_is_error(value->type))
        diag_error(script->diag, (enum tag)tags->scalar, value->span,
                   "%s( ) argument #2 must be of scalar type", builtin->name);
    return false;
}

// --- printa ---

static bool is_key_compatible(const struct ir_aggregation *a,
                              const struct ir_aggregation *b, uint32_t i) {
    return a->key_types[i].kind == b->key_types[i].kind &&
           aggregation_key_action(a, i) == aggregation_key_action(b, i);
}

// Aggregations that are printed together have the same keys.
static bool check_joined(struct script *script, const struct node *first,
                         const struct node *node) {
    const struct ir_aggregation *a = first->aggregation, *b = node->aggregation;
    if (a->key_count != b->key_count) {
        diag_error(script->diag, D_PRINTA_AGGKEY, node->span,
                   "printa( ): %.*s and %.*s do not have matching key "
                   "signatures: %.*s has %u key%s, %.*s has %u key%s",
                   STR_ARGS(a->name), STR_ARGS(b->name), STR_ARGS(a->name),
                   a->key_count, a->key_count == 1 ? "" : "s",
                   STR_ARGS(b->name), b->key_count,
                   b->key_count == 1 ? "" : "s");
        return false;
    }
    for (uint32_t i = 0; i < a->key_count; i++) {
        if (is_key_compatible(a, b, i))
            continue;
        diag_error(script->diag, D_PRINTA_AGGPROTO, node->span,
                   "printa( ): %.*s[ ] key #%u is incompatible with %.*s:\n"
                   "%9.*s key #%u: %.*s\n%9.*s key #%u: %.*s",
                   STR_ARGS(b->name), i + 1, STR_ARGS(a->name),
                   STR_ARGS(str_slice(a->name, 1, a->name.n)), i + 1,
                   STR_ARGS(aggregation_key_word(script, a, i)),
                   STR_ARGS(str_slice(b->name, 1, b->name.n)), i + 1,
                   STR_ARGS(aggregation_key_word(script, b, i)));
        return false;
    }
    return true;
}

// printa([format,] @ [, @ ...])
static bool check_printa(struct script *script, struct node *node,
                         const struct builtin *builtin) {
    bool has_format = node->list->kind == NODE_TEXT;
    if (has_format && node->count < 2) {
        diag_error(script->diag, D_PRINTA_PROTO, node->span,
                   "printa( ) prototype mismatch: %u args passed, 2 expected",
                   node->count);
        return false;
    }
    struct node *first = has_format ? node->list->next : node->list;
    unsigned number = has_format ? 2 : 1;
    for (struct node *item = first; item; item = item->next, number++)
        if (!find_aggregation(script, item, builtin, number) ||
            (item != first && !check_joined(script, first, item)))
            return false;
    return !has_format || !first ||
           format_check_keys(script, node, first->aggregation);
}

// --- printf and its like ---

static bool check_format(struct script *script, struct node *node,
                         const struct builtin *builtin) {
    struct node *format = node->list;
    if (format->kind != NODE_TEXT) {
        call_fail_argument(script, format, D_PRINTF_ARG_FMT, builtin->name, 1,
                           STR("string constant"));
        return false;
    }
    bool is_freopen = builtin->action == IR_ACTION_FREOPEN;
    if (is_freopen && str_equal(format->text, STR("."))) {
        diag_error(script->diag, D_FREOPEN_INVALID, format->span,
                   "freopen( ) argument #1 cannot be \".\"");
        return false;
    }
    return format_check(script, node, builtin);
}

static bool check_nothing(struct script *script, struct node *node,
                          const struct builtin *builtin) {
    (void)script;
    (void)node;
    (void)builtin;
    return true;
}

// --- keys ---

bool action_is_stack(const struct builtin *builtin) {
    return builtin->source == BUILTIN_RECORD &&
           (builtin->action == IR_ACTION_STACK ||
            builtin->action == IR_ACTION_USTACK ||
            builtin->action == IR_ACTION_JSTACK);
}

static bool action_makes_key(const struct builtin *builtin) {
    static const bool rows[] = {
#define ACTION(name, NAME, shape) KEY_##shape,
#define KEY_VALUE                 false
#define KEY_MEMORY                false
#define KEY_FORMAT                false
#define KEY_AGGS                  false
#define KEY_AGG                   false
#define KEY_AGG_INT               false
#define KEY_STACK                 true
#define KEY_ADDRESS               true
#define KEY_SPEC                  false
#define KEY_INT                   false
#define KEY_TEXTS                 false
#define KEY_NONE                  false
#include "mctrace/actions.def"
#undef ACTION
    };
    return builtin->source == BUILTIN_RECORD && rows[builtin->action];
}

const struct builtin *action_key_call(const struct node *node) {
    if (!call_is_action(node))
        return NULL;
    const struct builtin *builtin = builtin_find(node->a->text);
    return action_makes_key(builtin) ? builtin : NULL;
}

bool action_check_key(struct script *script, struct node *node,
                      const struct builtin *builtin) {
    if (node->builtin) // of an inline that is used again
        return true;
    node->type = type_find(script, STR("uint64_t"));
    if (!call_check_arguments(script, node, builtin) ||
        (action_is_stack(builtin) && !check_stack(script, node, builtin)))
        return false;
    node->builtin = builtin;
    return true;
}

struct str action_key_word(enum ir_action_kind action) {
    switch (action) {
    case IR_ACTION_STACK:
    case IR_ACTION_USTACK:
    case IR_ACTION_JSTACK: return STR("dt_stack_t");
    case IR_ACTION_SYM:
    case IR_ACTION_MOD:
    case IR_ACTION_FUNC: return STR("_symaddr");
    default: return STR("_usymaddr");
    }
}

// How many frames, by the call or the options.
uint32_t action_frames(const struct script *script, const struct node *call,
                       enum ir_action_kind kind) {
    const int64_t *values = script->out->options.values;
    int64_t frames = kind == IR_ACTION_JSTACK ? values[IR_OPTION_jstackframes]
                                              : values[IR_OPTION_ustackframes];
    if (kind == IR_ACTION_STACK)
        return 0; // no kernel is looked at
    if (call->list)
        frames = (int64_t)call->list->value;
    return (uint32_t)(frames < values[IR_OPTION_maxframes]
                          ? frames
                          : values[IR_OPTION_maxframes]);
}

// --- statements ---

#define CHECK_VALUE   check_value
#define CHECK_MEMORY  check_memory
#define CHECK_FORMAT  check_format
#define CHECK_AGGS    check_printa
#define CHECK_AGG     check_aggregation_action
#define CHECK_AGG_INT check_aggregation_action
#define CHECK_STACK   check_stack
#define CHECK_ADDRESS check_nothing
#define CHECK_SPEC    check_nothing
#define CHECK_INT     check_nothing
#define CHECK_TEXTS   check_nothing
#define CHECK_NONE    check_nothing

static bool check_by_shape(struct script *script, struct node *node,
                           const struct builtin *builtin) {
    static bool (*const checks[])(struct script *, struct node *,
                                  const struct builtin *) = {
#define ACTION(name, NAME, shape) CHECK_##shape,
#include "mctrace/actions.def"
#undef ACTION
    };
    return checks[builtin->action](script, node, builtin);
}

// exit(), as a constant, or a channel of send().
static bool check_channel(struct script *script, const struct node *node) {
    if (node->list->is_constant)
        return true;
    call_fail_argument(script, node->list, D_PROTO_ARG, "send", 1,
                       STR("integer constant"));
    return false;
}

void check_action(struct script *script, struct node *node) {
    const struct builtin *builtin = builtin_find(node->a->text);
    unsigned errors = script->diag->errors;
    check_fail(script, node);
    check_order(script, node, builtin);
    if (script->diag->errors != errors ||
        !call_check_arguments(script, node, builtin) ||
        call_refused(script, node, builtin))
        return;
    if (builtin->source == BUILTIN_RECORD &&
        !check_by_shape(script, node, builtin))
        return;
    if (builtin->source == BUILTIN_ACTION && !check_channel(script, node))
        return;
    node->builtin = builtin;
    node->type = type_basic(script, BASIC_VOID);
    script->out->is_destructive |= builtin->is_destructive;
}
