// args.c: args[n], the arguments of a probe with their types; uregs[n], the
// registers of the program.
//
// What the arguments are is known of the clause's probes: of a function of the
// program its debug information tells. All probes of the clause must agree.

#include <string.h>

#include "script/script.h"

#define ARGS_MOST 10 // arg0 ... arg9

struct arguments {
    const struct type *types[ARGS_MOST];
    uint32_t count;
};

static bool is_of_program(const struct script *script,
                          const struct probe_desc *desc) {
    struct str module = desc->module, name = script->outside->program->name;
    return !module.n || str_equal(module, STR("a.out")) ||
           str_equal(module, name);
}

// What the debug information tells of pid$target:a.out:name:entry or return.
// There, arg0 is the offset and arg1 the function's value. False: nothing.
static bool function_arguments(struct script *script,
                               const struct probe_desc *desc,
                               struct arguments *out) {
    bool is_entry = str_equal(desc->name, STR("entry"));
    bool is_return = str_equal(desc->name, STR("return"));
    const struct type *function = NULL;
    if (script->outside->program && (is_entry || is_return) &&
        str_starts_with(desc->provider, STR("pid")) &&
        !str_is_pattern(desc->function) && is_of_program(script, desc))
        function = userland_function(script, desc->function);
    if (!function)
        return false;
    if (is_return) {
        out->types[0] = type_basic(script, BASIC_ULONG);
        out->types[1] = function->of;
        out->count = function->of->kind == TYPE_VOID ? 1 : 2;
        return true;
    }
    for (uint32_t i = 0; i < function->parameter_count && i < ARGS_MOST; i++)
        out->types[out->count++] = function->parameters[i].type;
    return true;
}

// BEGIN and END have none.
static bool is_of_dtrace(const struct probe_desc *desc) {
    return str_equal(desc->name, STR("BEGIN")) ||
           str_equal(desc->name, STR("END"));
}

static bool same_arguments(const struct arguments *a,
                           const struct arguments *b) {
    bool same = a->count == b->count;
    for (uint32_t i = 0; same && i < a->count; i++)
        same = type_equal(a->types[i], b->types[i]);
    return same;
}

// Of all probes of the clause. False: reported.
static bool find_arguments(struct script *script, const struct node *node,
                           struct arguments *out) {
    const struct item *clause = script->clause;
    for (size_t i = 0; clause && i < clause->probes.desc_count; i++) {
        const struct probe_desc *desc = &clause->probes.descs[i];
        struct arguments more = {.count = 0};
        bool is_known =
            is_of_dtrace(desc) || function_arguments(script, desc, &more);
        if (i && !(is_known && same_arguments(out, &more))) {
            diag_error(script->diag, D_ARGS_MULTI, node->span,
                       "the probes of this clause have different arguments");
            return false;
        }
        if (!is_known) {
            diag_error(script->diag, D_ARGS_NONE, node->span,
                       "nothing is known of the types of this probe's "
                       "arguments");
            diag_help(script->diag, "arg0 to arg9 are there as numbers");
            return false;
        }
        *out = more;
    }
    if (!clause)
        diag_error(script->diag, D_ARGS_NONE, node->span,
                   "there are arguments only within a clause");
    return clause != NULL;
}

void check_args(struct script *script, struct node *node) {
    struct arguments known = {.count = 0};
    struct node *index = node->list;
    const struct type *type = check_expr(script, index);
    check_fail(script, node);
    if (type_is_error(type) || !find_arguments(script, node, &known))
        return;
    if (index->next || !type_is_integer(type)) {
        diag_error(script->diag, index->next ? D_PROTO_LEN : D_PROTO_ARG,
                   index->span, "args[] takes one integer");
    } else if (!index->is_constant) {
        diag_error(script->diag, D_ARGS_TYPE, index->span,
                   "args[] takes a constant");
    } else if (index->value >= known.count) {
        diag_error(script->diag, D_ARGS_IDX, index->span,
                   "the probe has %u argument%s", known.count,
                   known.count == 1 ? "" : "s");
    } else if (!type_is_scalar(known.types[index->value])) {
        diag_error(script->diag, D_ARGS_TYPE, node->span,
                   "an argument of type '%.*s' is not in a register",
                   STR_ARGS(known.types[index->value]->name));
    } else {
        node->type = known.types[index->value];
        node->builtin = builtin_find(
            str_format(script->arena, "arg%u", (unsigned)index->value));
    }
}

void check_uregs(struct script *script, struct node *node) {
    const struct arch *arch = script->arch;
    struct node *index = node->list;
    const struct type *type = check_expr(script, index);
    check_fail(script, node);
    if (type_is_error(type))
        return;
    if (index->next || !type_is_integer(type) || !index->is_constant) {
        diag_error(script->diag, index->next ? D_PROTO_LEN : D_PROTO_ARG,
                   index->span, "uregs[] takes one integer constant");
    } else if (index->value >= arch->ureg_count) {
        diag_error(script->diag, D_UNKNOWN, index->span,
                   "there are %u registers", arch->ureg_count);
    } else if (arch->uregs[index->value].reg == UREG_UNKNOWN) {
        diag_error(script->diag, D_VAR_UNSUP, index->span,
                   "nothing keeps this register for probes");
    } else {
        bool is_pc = arch->uregs[index->value].reg == UREG_PC;
        node->builtin = builtin_find(is_pc ? STR("__pc") : STR("uregs"));
        node->value = index->value;
        node->type = type_basic(script, BASIC_ULONG);
    }
}

// Constants for the indices: R_PC and so on.
struct str uregs_library(struct script *script) {
    const struct arch *arch = script->arch;
    struct str text = STR("");
    for (unsigned i = 0; arch && i < arch->ureg_count; i++) {
        const char *p = arch->uregs[i].names;
        while (*p) {
            size_t n = strcspn(p, " ");
            text = str_format(script->arena, "%.*sinline int %.*s = %u;\n",
                              STR_ARGS(text), (int)n, p, i);
            p += n + (p[n] == ' ');
        }
    }
    return text;
}
