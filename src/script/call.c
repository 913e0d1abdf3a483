// call.c: calls of subroutines and actions, by their prototypes.
//
//     FUNCTION(substr, str, "char *, int, [int=most]", CALL)
//
// A prototype is what DTrace's own messages show of a function; what a
// parameter takes follows from its type. The number of arguments is checked
// before their types, as in DTrace; what an argument may be beyond that is the
// business of action.c. A subroutine has a value; an action is a statement.

#include <string.h>

#include "script/script.h"

// --- prototypes ---

static struct str trim(struct str text) {
    while (text.n && text.p[0] == ' ')
        text = str_slice(text, 1, text.n);
    while (text.n && text.p[text.n - 1] == ' ')
        text.n--;
    return text;
}

static enum parameter_class class_of(struct str type) {
    if (str_equal(type, STR("@")))
        return PARAMETER_ANY;
    if (str_equal(type, STR("string")) || str_equal(type, STR("char *")))
        return PARAMETER_TEXT;
    if (str_equal(type, STR("alloca pointer")))
        return PARAMETER_ALLOCA;
    if (str_equal(type, STR("uintptr_t")))
        return PARAMETER_ADDRESS;
    return type.p[type.n - 1] == '*' ? PARAMETER_POINTER : PARAMETER_INTEGER;
}

// "int", "[int=10]", "[int=most]"
static struct call_parameter read_parameter(struct str text) {
    struct call_parameter parameter = {0};
    parameter.is_optional = text.n && text.p[0] == '[';
    if (parameter.is_optional)
        text = str_slice(text, 1, text.n - 1);
    size_t equals = 0;
    while (equals < text.n && text.p[equals] != '=')
        equals++;
    struct str preset = str_slice(text, equals + 1, text.n);
    parameter.type = str_slice(text, 0, equals);
    parameter.class = class_of(parameter.type);
    if (str_equal(preset, STR("most")))
        parameter.preset = INT64_MAX;
    else
        for (size_t i = 0; i < preset.n; i++)
            parameter.preset = parameter.preset * 10 + (preset.p[i] - '0');
    return parameter;
}

struct call_prototype call_prototype(const struct builtin *builtin) {
    struct call_prototype prototype = {0};
    struct str rest = str_from(builtin->prototype);
    while (rest.n) {
        size_t comma = 0;
        while (comma < rest.n && rest.p[comma] != ',')
            comma++;
        struct str text = trim(str_slice(rest, 0, comma));
        rest = str_slice(rest, comma + 1, rest.n);
        if (str_equal(text, STR("..."))) {
            prototype.takes_more = true;
            break;
        }
        struct call_parameter *parameter =
            &prototype.parameters[prototype.count++];
        *parameter = read_parameter(text);
        prototype.least += !parameter->is_optional;
    }
    return prototype;
}

// --- which function ---

static void suggest_function(struct script *script, struct str name) {
    const char *best = NULL;
    size_t least = name.n < 4 ? 2 : 3, count;
    const struct builtin *table = builtin_table(&count);
    for (size_t i = 0; i < count; i++) {
        size_t distance =
            str_distance(name, str_from(table[i].name), least - 1);
        if (!table[i].is_function || distance >= least)
            continue;
        least = distance;
        best = table[i].name;
    }
    if (best)
        diag_help(script->diag, "did you mean '%s()'?", best);
}

// The function that is called; NULL: reported.
static const struct builtin *find_function(struct script *script,
                                           const struct node *node) {
    const struct node *name = node->a;
    if (name->kind != NODE_NAME) {
        diag_error(script->diag, D_FUNC_IDENT, name->span,
                   "function designator is not of function type");
        return NULL;
    }
    const struct builtin *builtin = builtin_find(name->text);
    if (agg_function_find(name->text)) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "%.*s( ) may not be called from a D expression "
                   "(D program context required)",
                   STR_ARGS(name->text));
        diag_help(script->diag, "@ = %.*s", STR_ARGS(script_text(node->span)));
    } else if (!builtin) {
        diag_error(script->diag, D_FUNC_UNDEF, name->span,
                   "undefined function name: %.*s", STR_ARGS(name->text));
        suggest_function(script, name->text);
    } else if (!builtin->is_function) {
        diag_error(script->diag, D_FUNC_IDKIND, name->span,
                   "variable '%s' may not be referenced as a function",
                   builtin->name);
    } else {
        return builtin;
    }
    return NULL;
}

bool call_refused(struct script *script, const struct node *node,
                  const struct builtin *builtin) {
    if (builtin->source != BUILTIN_REFUSED)
        return false;
    diag_error(script->diag, D_FUNC_UNSUP, node->a->span,
               "'%s' is not available: %s", builtin->name, builtin->reason);
    return true;
}

// --- arguments ---

static bool check_count(struct script *script, const struct node *node,
                        const struct builtin *builtin,
                        const struct call_prototype *prototype) {
    bool few = node->count < prototype->least;
    bool many = node->count > prototype->count && !prototype->takes_more;
    if (!few && !many)
        return true;
    bool has_range =
        prototype->takes_more || prototype->least < prototype->count;
    diag_error(script->diag, D_PROTO_LEN, node->span,
               "%s( ) prototype mismatch: %u arg%s passed, %s%u expected",
               builtin->name, node->count, node->count == 1 ? "" : "s",
               !has_range || prototype->takes_more ? ""
               : few                               ? "at least "
                                                   : "at most ",
               few ? prototype->least : prototype->count);
    return false;
}

static bool suits(const struct call_parameter *parameter,
                  const struct node *argument) {
    const struct type *type = argument->type;
    bool is_null = argument->is_constant && !argument->value;
    switch ((enum parameter_class)parameter->class) {
    case PARAMETER_ANY: return true;
    case PARAMETER_TEXT: return type_is_text(type) || is_null;
    case PARAMETER_POINTER:
        return type_is_pointer(type) || is_null ||
               (type_is_string(type) &&
                str_equal(parameter->type, STR("void *")));
    case PARAMETER_ALLOCA: return node_is_alloca(argument);
    case PARAMETER_ADDRESS: return type_is_scalar(type);
    case PARAMETER_INTEGER: return type_is_integer(type);
    }
    return false;
}

void call_fail_argument(struct script *script, const struct node *argument,
                        enum tag tag, const char *function, unsigned number,
                        struct str wanted) {
    struct str found = check_is_aggregation(argument) ? STR("aggregation")
                                                      : argument->type->name;
    diag_error(script->diag, tag, argument->span,
               "%s( ) argument #%u is incompatible with prototype:\n"
               "\tprototype: %.*s\n\t argument: %.*s",
               function, number, STR_ARGS(wanted), STR_ARGS(found));
}

static bool check_argument(struct script *script, struct node *argument,
                           const struct builtin *builtin,
                           const struct call_parameter *parameter,
                           unsigned number) {
    if (parameter->class == PARAMETER_ANY)
        return true;
    if (check_is_aggregation(argument)) {
        call_fail_argument(script, argument, D_PROTO_ARG, builtin->name, number,
                           parameter->type);
        return false;
    }
    const struct type *type = check_expr(script, argument);
    if (type->kind == TYPE_ERROR)
        return false;
    if (suits(parameter, argument))
        return true;
    if (parameter->class == PARAMETER_ALLOCA && type_is_scalar(type))
        diag_error(script->diag, D_PROTO_ARG, argument->span,
                   "%s( ) argument #%u is incompatible with prototype:\n"
                   "\tprototype: alloca pointer\n"
                   "\t argument: non-alloca pointer",
                   builtin->name, number);
    else
        call_fail_argument(script, argument, D_PROTO_ARG, builtin->name, number,
                           parameter->type);
    return false;
}

bool call_check_arguments(struct script *script, struct node *node,
                          const struct builtin *builtin) {
    struct call_prototype prototype = call_prototype(builtin);
    if (!check_count(script, node, builtin, &prototype))
        return false;
    bool good = true;
    struct node *item = node->list;
    for (unsigned i = 0; item && i < prototype.count; i++, item = item->next)
        good = check_argument(script, item, builtin, &prototype.parameters[i],
                              i + 1) &&
               good;
    return good;
}

// --- calls ---

static const struct type *result_type(struct script *script,
                                      const struct builtin *builtin) {
    if (builtin->result == BUILTIN_PLAIN)
        return type_from_ir(script, builtin->type);
    return type_derived(script, TYPE_POINTER, type_basic(script, BASIC_VOID),
                        0);
}

// Whether a constant request can be met.
static bool check_alloca(struct script *script, const struct node *node,
                         const struct builtin *builtin) {
    int64_t most = script->out->options.values[IR_OPTION_scratchsize];
    const struct node *size = node->list;
    if (strcmp(builtin->name, "alloca") != 0 || !size->is_constant ||
        size->value <= (uint64_t)most)
        return true;
    diag_error(script->diag, D_ALLOCA_SIZE, node->span,
               "alloca(%lld) size larger than scratchsize %lld",
               (long long)size->value, (long long)most);
    return false;
}

bool call_is_action(const struct node *node) {
    if (node->kind != NODE_CALL || node->a->kind != NODE_NAME)
        return false;
    const struct builtin *builtin = builtin_find(node->a->text);
    return builtin && builtin->is_function && builtin->type.kind == IR_VOID;
}

void check_call(struct script *script, struct node *node) {
    const struct builtin *builtin = find_function(script, node);
    check_fail(script, node);
    if (!builtin || !call_check_arguments(script, node, builtin) ||
        call_refused(script, node, builtin))
        return;
    if (builtin->source != BUILTIN_CALL) {
        diag_error(script->diag, D_CG_EXPR, node->span,
                   "%s( ) may not be called from a D expression "
                   "(D program context required)",
                   builtin->name);
        return;
    }
    if (!check_alloca(script, node, builtin))
        return;
    node->builtin = builtin;
    node->type = result_type(script, builtin);
}
