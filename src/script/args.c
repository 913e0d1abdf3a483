// args.c: args[n], the arguments of a probe with their types; uregs[n], the
// registers of the program.
//
// What the arguments are is known of the clause's probes: of a function of the
// program its debug information tells. A clause that has args[] is of one
// description (parse.c).

#include <string.h>

#include "script/script.h"

static bool is_of_program(const struct script *script,
                          const struct probe_desc *desc) {
    struct str module = desc->module, name = script->outside->program->name;
    return !module.n || str_equal(module, STR("a.out")) ||
           str_equal(module, name);
}

// What the debug information tells of pid$target:a.out:name:entry or return.
// There, arg0 is the offset and arg1 the function's value. False: nothing.
static bool function_arguments(struct script *script,
                               const struct probe_desc *desc, struct span span,
                               struct probe_arguments *out) {
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
        out->count = function->of->kind == TYPE_VOID ? 1 : 2;
        if (out->count == 2)
            passed_result(script, function, span, out);
        return true;
    }
    passed_arguments(script, function, span, out);
    return true;
}

// BEGIN and END have none.
static bool is_of_dtrace(const struct probe_desc *desc) {
    return str_equal(desc->name, STR("BEGIN")) ||
           str_equal(desc->name, STR("END"));
}

enum probe_knowledge args_find(struct script *script,
                               const struct probe_desc *desc, struct span span,
                               struct probe_arguments *out) {
    if (is_of_dtrace(desc) || function_arguments(script, desc, span, out))
        return PROBE_KNOWN;
    return probe_arguments_find(script, desc, out);
}

static void refuse(struct script *script, const struct node *node,
                   const struct probe_desc *desc,
                   enum probe_knowledge knowledge) {
    if (knowledge == PROBE_AMBIGUOUS) {
        diag_error(script->diag, D_ARGS_MULTI, node->span,
                   "args[] may not be used as %.*s matches several probes",
                   STR_ARGS(desc_format(script->arena, desc)));
    } else {
        diag_error(script->diag, D_ARGS_NONE, node->span,
                   "nothing is known of the types of this probe's arguments");
        diag_help(script->diag, "arg0 to arg9 are there as numbers");
    }
}

// What args[n] is becomes the value of an inline without a name.
static void take_argument(struct script *script, struct node *node,
                          const struct probe_arguments *known, uint64_t n) {
    node->type = known->types[n];
    if (!known->values[n]) {
        unsigned at =
            known->registers[n] ? known->registers[n] - 1 : (unsigned)n;
        node->builtin = builtin_find(str_format(script->arena, "arg%u", at));
        return;
    }
    node->symbol = ARENA_NEW(script->arena, struct identifier);
    node->symbol->value = known->values[n];
    node->symbol->type = node->type;
    node->symbol->expanded = node->symbol->value->size;
    node->is_lvalue = true;
}

// False: reported.
static bool check_of_probe(struct script *script, struct node *node,
                           const struct probe_desc *desc) {
    struct probe_arguments known = {.count = 0};
    const struct node *index = node->list;
    enum probe_knowledge knowledge =
        args_find(script, desc, node->span, &known);
    if (knowledge != PROBE_KNOWN) {
        refuse(script, node, desc, knowledge);
        return false;
    }
    if (index->value >= known.count) {
        diag_error(script->diag, D_ARGS_IDX, index->span,
                   "index %lld is out of range for %.*s args[ ]",
                   (long long)index->value,
                   STR_ARGS(desc_format(script->arena, desc)));
        return false;
    }
    const struct type *type = known.types[index->value];
    bool is_value = known.values[index->value] || type_is_scalar(type) ||
                    type_is_string(type) || type->kind == TYPE_TRANSLATED;
    const char *lacks = known.lacks[index->value];
    if (lacks || !is_value) {
        diag_error(script->diag, D_ARGS_TYPE, node->span,
                   "this argument of type '%.*s' %s", STR_ARGS(type->name),
                   lacks ? lacks : "is no value");
        return false;
    }
    take_argument(script, node, &known, index->value);
    return true;
}

void check_args(struct script *script, struct node *node) {
    const struct item *clause = script->clause;
    struct node *index = node->list;
    const struct type *type = check_expr(script, index);
    bool is_good = false;
    node->type = NULL;
    if (type_is_error(type))
        is_good = false;
    else if (index->next || !type_is_integer(type))
        diag_error(script->diag, index->next ? D_PROTO_LEN : D_PROTO_ARG,
                   index->span, "args[] takes one integer");
    else if (!index->is_constant)
        diag_error(script->diag, D_ARGS_TYPE, index->span,
                   "args[] takes a constant");
    else if (!clause)
        diag_error(script->diag, D_ARGS_NONE, node->span,
                   "there are arguments only within a clause");
    else // of a probe whose description was refused nothing is known
        is_good = clause->probes.desc_count > 0;
    if (is_good)
        is_good = check_of_probe(script, node, &clause->probes.descs[0]);
    if (!is_good) {
        node->builtin = NULL;
        node->symbol = NULL;
        check_fail(script, node);
    }
}

// Flags are not kept; in place of the register in which a trampoline hands over
// sp there may be just that.
bool uregs_has(const struct arch *arch, uint64_t which) {
    return which < arch->ureg_count && arch->uregs[which].reg != UREG_UNKNOWN &&
           arch->uregs[which].reg != arch->abi.scratch;
}

void check_uregs(struct script *script, struct node *node) {
    const struct arch *arch = script->arch;
    struct node *index = node->list;
    const struct type *type = check_expr(script, index);
    check_fail(script, node);
    if (type_is_error(type))
        return;
    if (index->next || !type_is_integer(type)) {
        diag_error(script->diag, index->next ? D_PROTO_LEN : D_PROTO_ARG,
                   index->span, "uregs[] takes one integer");
    } else if (!index->is_constant) {
        node->builtin = builtin_find(STR("uregs"));
        node->type = type_basic(script, BASIC_ULONG);
    } else if (index->value >= arch->ureg_count) {
        diag_error(script->diag, D_UNKNOWN, index->span,
                   "there are %u registers", arch->ureg_count);
    } else if (!uregs_has(arch, index->value)) {
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
