// aggregate.c: aggregations: @name[keys] = function(arguments).
//
// The first use of an aggregation fixes its function, its parameters and the
// types of its keys; every later one must agree. The rules for the parameters
// of lquantize() and llquantize() are DTrace's, in its order, with its tags.

#include <string.h>

#include "mctrace/runtime.h"
#include "script/script.h"

#define LEVELS_MOST UINT16_MAX

bool check_is_aggregation(const struct node *node) {
    if (node && node->kind == NODE_ASSIGN)
        node = node->a;
    while (node && node->kind == NODE_INDEX)
        node = node->a;
    return node && node->kind == NODE_AGG;
}

enum ir_action_kind
aggregation_key_action(const struct ir_aggregation *aggregation, uint32_t i) {
    const struct ir_key_form *form = &aggregation->key_forms[i];
    return form->kind == IR_KEY_STACK || form->kind == IR_KEY_SYMBOL
               ? (enum ir_action_kind)form->action
               : IR_ACTION_TRACE;
}

static struct node *argument(const struct node *call, unsigned index) {
    struct node *node = call->list;
    while (node && index--)
        node = node->next;
    return node;
}

// --- parameters ---

// A parameter that must be a constant. False: reported.
static bool read_constant(struct script *script, struct node *call,
                          unsigned index, enum tag tag, const char *what,
                          int64_t *value) {
    struct node *node = argument(call, index);
    if (check_constant(script, node, value))
        return true;
    if (node->type->kind != TYPE_ERROR)
        diag_error(script->diag, tag, node->span,
                   "%s of %.*s() must be an integer constant", what,
                   STR_ARGS(call->a->text));
    return false;
}

static bool in_range(struct script *script, struct node *call, unsigned index,
                     enum tag tag, const char *what, int64_t value,
                     int64_t least, int64_t most) {
    if (value >= least && value <= most)
        return true;
    diag_error(script->diag, tag, argument(call, index)->span,
               "%s of %.*s() must be from %lld to %lld", what,
               STR_ARGS(call->a->text), (long long)least, (long long)most);
    return false;
}

static bool read_step(struct script *script, struct node *call, unsigned index,
                      enum tag type_tag, enum tag value_tag, const char *what,
                      int64_t *value) {
    if (!read_constant(script, call, index, type_tag, what, value))
        return false;
    if (*value <= 0) {
        diag_error(script->diag, type_tag, argument(call, index)->span,
                   "%s of %.*s() must be positive", what,
                   STR_ARGS(call->a->text));
        return false;
    }
    return in_range(script, call, index, value_tag, what, *value, 1,
                    UINT16_MAX);
}

// lquantize(value, base, limit [, step])
static bool read_lquantize(struct script *script, struct node *call,
                           int64_t *params) {
    int64_t *base = &params[0], *limit = &params[1], *step = &params[2];
    *step = 1;
    if (!read_constant(script, call, 1, D_LQUANT_BASETYPE, "the base", base) ||
        !in_range(script, call, 1, D_LQUANT_BASEVAL, "the base", *base,
                  INT32_MIN, INT32_MAX) ||
        !read_constant(script, call, 2, D_LQUANT_LIMTYPE, "the limit", limit) ||
        !in_range(script, call, 2, D_LQUANT_LIMVAL, "the limit", *limit,
                  INT32_MIN, INT32_MAX))
        return false;
    if (*limit <= *base) {
        diag_error(script->diag, D_LQUANT_MISMATCH, argument(call, 2)->span,
                   "the limit of lquantize() must be above its base");
        return false;
    }
    if (call->count > 3 && !read_step(script, call, 3, D_LQUANT_STEPTYPE,
                                      D_LQUANT_STEPVAL, "the step", step))
        return false;
    int64_t levels = (*limit - *base) / *step;
    if (levels >= 1 && levels <= LEVELS_MOST)
        return true;
    struct node *where = argument(call, call->count > 3 ? 3 : 2);
    if (levels < 1)
        diag_error(script->diag, D_LQUANT_STEPLARGE, where->span,
                   "the step of lquantize() is larger than its range");
    else
        diag_error(script->diag, D_LQUANT_STEPSMALL, where->span,
                   "lquantize() would have %lld levels; %d is the most",
                   (long long)levels, LEVELS_MOST);
    return false;
}

// `factor` to the power `exponent`; false: it does not fit into 63 bits.
static bool power_fits(int64_t factor, int64_t exponent, int64_t *result) {
    *result = 1;
    while (exponent-- > 0)
        if (__builtin_mul_overflow(*result, factor, result))
            return false;
    return true;
}

// The steps of a magnitude must lie evenly: fewer than the factor divide it;
// more are a multiple of it and divide each magnitude but the lowest.
static bool steps_divide(int64_t factor, int64_t low, int64_t high,
                         int64_t steps) {
    if (steps < factor)
        return factor % steps == 0;
    int64_t top;
    bool even = steps % factor == 0;
    for (int64_t i = low + 1; even && i <= high; i++)
        even = power_fits(factor, i + 1, &top) && top % steps == 0;
    return even;
}

// llquantize(value, factor, low, high, steps)
static bool read_llquantize(struct script *script, struct node *call,
                            int64_t *params) {
    int64_t *factor = &params[0], *low = &params[1], *high = &params[2],
            *steps = &params[3], top;
    if (!read_constant(script, call, 1, D_LLQUANT_FACTORTYPE, "the factor",
                       factor) ||
        !in_range(script, call, 1, D_LLQUANT_FACTORVAL, "the factor", *factor,
                  2, UINT16_MAX) ||
        !read_constant(script, call, 2, D_LLQUANT_LMAGTYPE, "the low magnitude",
                       low) ||
        !in_range(script, call, 2, D_LLQUANT_LMAGVAL, "the low magnitude", *low,
                  0, UINT16_MAX) ||
        !read_constant(script, call, 3, D_LLQUANT_HMAGTYPE,
                       "the high magnitude", high) ||
        !in_range(script, call, 3, D_LLQUANT_HMAGVAL, "the high magnitude",
                  *high, *low, UINT16_MAX))
        return false;
    if (!power_fits(*factor, *high + 1, &top)) {
        diag_error(script->diag, D_LLQUANT_HMAGVAL, argument(call, 3)->span,
                   "%lld to the power %lld does not fit into 64 bits",
                   (long long)*factor, (long long)*high + 1);
        return false;
    }
    if (!read_step(script, call, 4, D_LLQUANT_STEPTYPE, D_LLQUANT_STEPVAL,
                   "the number of steps", steps))
        return false;
    if (steps_divide(*factor, *low, *high, *steps))
        return true;
    diag_error(script->diag, D_LLQUANT_STEPVAL, argument(call, 4)->span,
               "the steps of llquantize() do not divide its magnitudes evenly");
    return false;
}

// What a function needs behind its value.
static const struct parameters {
    const char *function;
    bool (*read)(struct script *script, struct node *call, int64_t *params);
    uint8_t count, given; // parameters; arguments they take at most
    uint8_t match[4];     // tag of a parameter that differs from before
} parameters[] = {
    {"lquantize",
     read_lquantize,
     3,
     3,
     {D_LQUANT_MATCHBASE, D_LQUANT_MATCHLIM, D_LQUANT_MATCHSTEP, 0}},
    {"llquantize",
     read_llquantize,
     4,
     4,
     {D_LLQUANT_MATCHFACTOR, D_LLQUANT_MATCHLMAG, D_LLQUANT_MATCHHMAG,
      D_LLQUANT_MATCHSTEP}},
};

static const struct parameters *find_parameters(const char *function) {
    for (size_t i = 0; i < COUNT_OF(parameters); i++)
        if (!strcmp(parameters[i].function, function))
            return &parameters[i];
    return NULL;
}

static bool same_parameters(struct script *script, struct node *call,
                            const struct parameters *row, const int64_t *before,
                            const int64_t *now) {
    for (unsigned i = 0; i < row->count; i++) {
        if (before[i] == now[i])
            continue;
        unsigned at = i + 1 < call->count ? i + 1 : call->count - 1;
        diag_error(script->diag, (enum tag)row->match[i],
                   argument(call, at)->span,
                   "this aggregation was used with %lld here before, not %lld",
                   (long long)before[i], (long long)now[i]);
        return false;
    }
    return true;
}

static unsigned line_of(struct span span) {
    unsigned line, column;
    span_position(span, &line, &column);
    return line;
}

// --- keys ---

static bool fail_key(struct script *script, const struct node *key,
                     struct str what, unsigned number) {
    diag_error(script->diag, D_KEY_TYPE, key->span,
               "%.*s expression may not be used as aggregation index: key #%u",
               STR_ARGS(what), number);
    return false;
}

static bool check_key(struct script *script, struct node *key,
                      unsigned number) {
    const struct builtin *call = action_key_call(key);
    if (call)
        return action_check_key(script, key, call);
    if (check_is_aggregation(key))
        return fail_key(script, key, STR("aggregation"), number);
    if (key->kind == NODE_XLATE)
        return fail_key(script, key, key->named->name, number);
    const struct type *type =
        call_is_action(key) && !agg_function_find(key->a->text)
            ? type_basic(script, BASIC_VOID)
            : check_expr(script, key);
    if (type_is_error(type))
        return false;
    if (type_is_scalar(type) || type_is_text(type))
        return true;
    return fail_key(script, key, type->name, number);
}

static bool check_keys(struct script *script, struct node *place) {
    bool good = place->count <= MCT_MOST_KEYS;
    unsigned number = 1;
    if (!good)
        diag_error(script->diag, D_PROTO_LEN, place->span,
                   "an aggregation has at most %d keys, not %u", MCT_MOST_KEYS,
                   place->count);
    good = good && check_tuple(script, place);
    for (struct node *key = place->kind == NODE_INDEX ? place->list : NULL; key;
         key = key->next)
        good = check_key(script, key, number++) && good;
    return good;
}

// The type that values of a key are made: pointers are numbers, arrays of char
// texts.
static struct ir_type key_type(const struct node *key) {
    if (type_is_string(key->type) || key->type->kind == TYPE_ARRAY)
        return IR_TYPE_STRING;
    return type_to_ir(key->type);
}

static struct ir_key_form key_form(struct script *script,
                                   const struct node *key) {
    const struct builtin *call = action_key_call(key);
    if (!call) {
        bool is_text = key_type(key).kind == IR_STRING;
        return (struct ir_key_form){.kind = is_text ? IR_KEY_TEXT : IR_KEY_INT};
    }
    enum ir_action_kind action = (enum ir_action_kind)call->action;
    struct ir_key_form form = {
        .kind = IR_KEY_SYMBOL, .action = (uint8_t)action, .words = 1};
    if (!action_is_stack(call))
        return form;
    form.kind = IR_KEY_STACK;
    form.words = 1 + action_frames(script, key, action);
    return form;
}

static void set_keys(struct script *script, struct ir_aggregation *aggregation,
                     const struct node *place) {
    aggregation->key_count = place->kind == NODE_INDEX ? place->count : 0;
    aggregation->key_types =
        ARENA_ARRAY(script->arena, struct ir_type, aggregation->key_count);
    aggregation->key_forms =
        ARENA_ARRAY(script->arena, struct ir_key_form, aggregation->key_count);
    uint32_t i = 0;
    for (const struct node *key = place->list;
         key && i < aggregation->key_count; key = key->next, i++) {
        aggregation->key_types[i] = key_type(key);
        aggregation->key_forms[i] = key_form(script, key);
    }
}

// A key as messages show what was there before.
struct str aggregation_key_word(struct script *script,
                                const struct ir_aggregation *aggregation,
                                uint32_t i) {
    const struct ir_key_form *form = &aggregation->key_forms[i];
    if (form->kind == IR_KEY_STACK || form->kind == IR_KEY_SYMBOL)
        return action_key_word((enum ir_action_kind)form->action);
    return type_from_ir(script, aggregation->key_types[i])->name;
}

static bool same_key(struct script *script,
                     const struct ir_aggregation *aggregation,
                     const struct node *key, uint32_t i) {
    struct ir_key_form *known = &aggregation->key_forms[i];
    struct ir_key_form form = key_form(script, key);
    bool is_value = form.kind == IR_KEY_INT || form.kind == IR_KEY_TEXT;
    bool fits = is_value
                    ? known->kind == form.kind
                    : known->kind == form.kind && known->action == form.action;
    if (fits && form.words > known->words)
        known->words = form.words; // the deeper stack
    if (!fits)
        diag_error(script->diag, D_PROTO_ARG, key->span,
                   "%.*s[ ] argument #%u is incompatible with prototype:\n"
                   "\tprototype: %.*s\n\t argument: %.*s",
                   STR_ARGS(aggregation->name), i + 1,
                   STR_ARGS(aggregation_key_word(script, aggregation, i)),
                   STR_ARGS(key->type->name));
    return fits;
}

static bool same_keys(struct script *script,
                      const struct ir_aggregation *aggregation,
                      const struct node *place) {
    uint32_t count = place->kind == NODE_INDEX ? place->count : 0;
    if (count != aggregation->key_count) {
        diag_error(script->diag, D_PROTO_LEN, place->span,
                   "%.*s[ ] prototype mismatch: %u arg%s passed, %u expected",
                   STR_ARGS(aggregation->name), count, count == 1 ? "" : "s",
                   aggregation->key_count);
        return false;
    }
    uint32_t i = 0;
    for (const struct node *key = place->list; key && i < count;
         key = key->next)
        if (!same_key(script, aggregation, key, i++))
            return false;
    return true;
}

// --- the statement ---

static void fail_place(struct script *script, const struct node *node) {
    diag_error(script->diag, D_AGG_MDIM, node->span,
               "an aggregation has one list of keys: @name[key, key]");
}

// The function on the right; NULL: reported.
static const struct agg_function *find_function(struct script *script,
                                                const struct node *call) {
    bool is_call = call->kind == NODE_CALL && call->a->kind == NODE_NAME;
    const struct agg_function *function =
        is_call ? agg_function_find(call->a->text) : NULL;
    if (!function) {
        diag_error(script->diag, D_AGG_FUNC, call->span,
                   "an aggregation is assigned an aggregating function");
        diag_help(script->diag, "such as count(), sum(value), quantize(value)");
        return NULL;
    }
    if (call->count >= function->least && call->count <= function->most)
        return function;
    bool few = call->count < function->least;
    diag_error(script->diag, D_PROTO_LEN, call->span,
               "%s( ) prototype mismatch: %u arg%s passed, %s%u expected",
               function->name, call->count, call->count == 1 ? "" : "s",
               function->least == function->most ? ""
               : few                             ? "at least "
                                                 : "at most ",
               few ? function->least : function->most);
    return NULL;
}

// The value and the increment, which stands behind the parameters.
static bool check_values(struct script *script, struct node *call,
                         const struct parameters *row) {
    unsigned increment = row ? row->given + 1 : 1;
    for (unsigned i = 0; i < call->count; i += increment) {
        struct node *node = argument(call, i);
        const struct type *type = check_expr(script, node);
        if (type_is_integer(type))
            continue;
        if (type->kind != TYPE_ERROR)
            diag_error(script->diag, i ? D_PROTO_ARG : D_AGG_SCALAR, node->span,
                       "%.*s() takes an integer, this is '%.*s'",
                       STR_ARGS(call->a->text), STR_ARGS(type->name));
        return false;
    }
    return true;
}

static struct ir_aggregation *
new_aggregation(struct script *script, struct node *place, struct str name,
                const struct agg_function *function,
                const struct parameters *row, const int64_t *params) {
    struct ir_script *out = script->out;
    struct ir_aggregation *aggregation =
        ARENA_NEW(script->arena, struct ir_aggregation);
    aggregation->span = place->span;
    aggregation->name = name;
    aggregation->function = function;
    aggregation->param_count = row ? row->count : 0;
    if (row)
        memcpy(aggregation->params, params, row->count * sizeof *params);
    set_keys(script, aggregation, place);
    aggregation->cell_count = agg_cell_count(function, params);
    aggregation->index = (uint32_t)out->aggregation_count;
    *ARENA_PUSH(script->arena, out->aggregations, out->aggregation_count,
                script->aggregation_room) = aggregation;
    map_put(&script->aggregations, name, aggregation);
    return aggregation;
}

// Whether an increment is given that is no positive constant. Then all buckets
// may be 0 although there were updates.
static bool may_cancel(struct node *call, const struct parameters *row) {
    unsigned at = row ? row->given + 1 : 1;
    if (call->count <= at)
        return false;
    const struct node *increment = argument(call, at);
    return !increment->is_constant || (int64_t)increment->value <= 0;
}

static bool agrees(struct script *script, struct node *place, struct node *call,
                   const struct ir_aggregation *known,
                   const struct agg_function *function,
                   const struct parameters *row, const int64_t *params) {
    if (known->function != function) {
        diag_error(script->diag, D_AGG_REDEF, call->span,
                   "aggregation redefined: %.*s\n\t current: %.*s = %s( )\n"
                   "\tprevious: %.*s = %s( ) : line %u",
                   STR_ARGS(known->name), STR_ARGS(known->name), function->name,
                   STR_ARGS(known->name), known->function->name,
                   line_of(known->span));
        return false;
    }
    return same_keys(script, known, place) &&
           (!row || same_parameters(script, call, row, known->params, params));
}

void check_aggregation(struct script *script, struct stmt *stmt) {
    struct node *node = stmt->a, *call = node->b;
    struct node *place = node->kind == NODE_ASSIGN ? node->a : node;
    check_fail(script, node);
    if (place->kind == NODE_INDEX && place->a->kind == NODE_INDEX) {
        fail_place(script, place);
        return;
    }
    if (node->kind != NODE_ASSIGN) {
        diag_error(
            script->diag, D_AGG_NULL, node->span,
            "expression has null effect: %.*s",
            STR_ARGS(place->kind == NODE_INDEX ? place->a->text : place->text));
        return;
    }
    if (node->op != TOKEN_ASSIGN) {
        diag_error(script->diag, D_AGG_FUNC, node->span,
                   "an aggregation is updated by '=' and a function, as in "
                   "@ = sum(value)");
        return;
    }
    struct str name = place->kind == NODE_INDEX ? place->a->text : place->text;
    const struct agg_function *function = find_function(script, call);
    if (!function)
        return;
    const struct parameters *row = find_parameters(function->name);
    int64_t params[5] = {0};
    bool good = check_keys(script, place);
    good &= check_values(script, call, row);
    if ((row && !row->read(script, call, params)) || !good)
        return;
    struct ir_aggregation *known = map_get(&script->aggregations, name);
    if (!known)
        known = new_aggregation(script, place, name, function, row, params);
    else if (!agrees(script, place, call, known, function, row, params))
        return;
    if (may_cancel(call, row) && !known->counts_updates) {
        known->counts_updates = true;
        known->cell_count++;
    }
    node->aggregation = known;
    node->function = call;
    node->type = type_basic(script, BASIC_VOID);
}
