// dump.c: what the front end made of a script, as text.
//
//     int64 x
//     self struct point p[string]
//     @a[string, int32] quantize
//     pid$target:a.out:main:entry
//     clause 0
//       agg @a ...
//
// Tests compare this, and `--dump=ir` shows it.

#include "script/script.h"

static void dump_type(FILE *out, struct ir_type type) {
    if (type.kind == IR_STRING)
        fputs("string", out);
    else
        fprintf(out, "%sint%u", type.is_signed ? "" : "u", type.bits);
}

// self int64 name[string, int32]
static void dump_variable(FILE *out, const struct ir_variable *variable) {
    static const char *const storages[] = {"", "self ", "this "};
    fputs(storages[variable->storage], out);
    if (variable->type.kind == IR_BLOCK)
        fprintf(out, "%.*s", STR_ARGS(variable->data_type->name));
    else
        dump_type(out, variable->type);
    fprintf(out, " %.*s", STR_ARGS(variable->name));
    for (uint32_t i = 0; i < variable->key_count; i++) {
        fputs(i ? ", " : "[", out);
        dump_type(out, variable->key_types[i]);
    }
    fputs(variable->key_count ? "]\n" : "\n", out);
}

static void dump_aggregation(FILE *out,
                             const struct ir_aggregation *aggregation) {
    fprintf(out, "%.*s", STR_ARGS(aggregation->name));
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        fputs(i ? ", " : "[", out);
        dump_type(out, aggregation->key_types[i]);
    }
    fprintf(out, "%s %s", aggregation->key_count ? "]" : "",
            aggregation->function->name);
    for (uint32_t i = 0; i < aggregation->param_count; i++)
        fprintf(out, "%s%lld", i ? ", " : "(",
                (long long)aggregation->params[i]);
    fprintf(out, "%s\n", aggregation->param_count ? ")" : "");
}

static void dump_probe(FILE *out, const struct probe_desc *desc) {
    if (desc->id)
        fprintf(out, "%u\n", desc->id);
    else
        fprintf(out, "%.*s:%.*s:%.*s:%.*s\n", STR_ARGS(desc->provider),
                STR_ARGS(desc->module), STR_ARGS(desc->function),
                STR_ARGS(desc->name));
}

// provider name
//   probe name(type name, type)
static void dump_provider(FILE *out, const struct ir_provider *provider) {
    fprintf(out, "provider %.*s\n", STR_ARGS(provider->name));
    for (uint32_t i = 0; i < provider->probe_count; i++) {
        const struct ir_declared_probe *probe = &provider->probes[i];
        fprintf(out, "  probe %.*s(", STR_ARGS(probe->name));
        for (uint32_t k = 0; k < probe->arg_count; k++)
            fprintf(out, "%s%.*s%s%.*s", k ? ", " : "",
                    STR_ARGS(probe->args[k].type),
                    probe->args[k].name.n ? " " : "",
                    STR_ARGS(probe->args[k].name));
        fputs(")\n", out);
    }
}

static void dump_clause(FILE *out, const struct probe_clause *probes,
                        const struct ir_clause *clause) {
    for (size_t k = 0; k < probes->desc_count; k++)
        dump_probe(out, &probes->descs[k]);
    ir_print(out, clause);
}

void script_dump(FILE *out, const struct ir_script *script) {
    for (size_t i = 0; i < script->provider_count; i++)
        dump_provider(out, script->providers[i]);
    for (size_t i = 0; i < script->variable_count; i++)
        dump_variable(out, script->variables[i]);
    for (size_t i = 0; i < script->aggregation_count; i++)
        dump_aggregation(out, script->aggregations[i]);
    for (size_t i = 0; i < script->clause_count; i++)
        dump_clause(out, &script->probes[i], script->clauses[i]);
    for (size_t i = 0; i < script->own_count; i++)
        dump_clause(out, &script->own_probes[i], script->own_clauses[i]);
}
