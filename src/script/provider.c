// provider.c: the probes that a program declares for itself.
//
//     provider shop {
//         probe order__done(int id, char *what);
//         probe idle();
//     };
//
// Such a declaration matches nothing. It says what the program's own probes are
// called and given: headers and objects for it are made from that, and args[]
// has its types from it.

#include "script/script.h"

#define NAME_MOST 63 // bytes of a provider's name, as in DTrace
#define ARGS_MOST 32

static struct str take_name(struct script *script, const char *what,
                            struct span *span) {
    struct token name = script_take(script);
    *span = name.span;
    if (name.kind != TOKEN_NAME)
        script_fail(script, D_SYNTAX, name.span, "expected the name of a %s",
                    what);
    return name.text;
}

static struct ir_type argument_value(const struct type *type) {
    switch (type->kind) {
    case TYPE_INTEGER:
    case TYPE_ENUM: return type_to_ir(type);
    case TYPE_POINTER:
    case TYPE_ARRAY:
    case TYPE_FUNCTION:
    case TYPE_STRING: return IR_TYPE_U64;
    default: return (struct ir_type){IR_VOID, 0, false};
    }
}

static void add_arguments(struct script *script, struct ir_declared_probe *out,
                          const struct type *function) {
    bool is_void = function->parameter_count == 1 &&
                   function->parameters[0].type->kind == TYPE_VOID;
    out->arg_count = is_void ? 0 : function->parameter_count;
    out->args =
        ARENA_ARRAY(script->arena, struct ir_declared_arg, out->arg_count);
    for (uint32_t i = 0; i < out->arg_count; i++)
        out->args[i] = (struct ir_declared_arg){
            function->parameters[i].type->name, function->parameters[i].name,
            argument_value(function->parameters[i].type)};
}

static bool is_known(const struct ir_provider *provider, struct str name) {
    for (uint32_t i = 0; i < provider->probe_count; i++)
        if (str_equal(provider->probes[i].name, name))
            return true;
    return false;
}

// probe := 'probe' name '(' parameters ')' [ ':' '(' parameters ')' ] ';'
static void parse_probe(struct script *script, struct ir_provider *provider,
                        size_t *room) {
    struct span span = script_peek(script)->span;
    if (!str_equal(script_text(span), STR("probe")))
        script_fail(script, D_SYNTAX, span, "expected 'probe'");
    script_take(script);
    struct str name = take_name(script, "probe", &span);
    const struct type *function = parse_prototype(script);
    if (script_accept(script, TOKEN_COLON)) // what scripts see of it
        parse_prototype(script);
    script_expect(script, TOKEN_SEMICOLON, "behind the probe");
    if (script->failed)
        return;
    if (is_known(provider, name))
        script_fail(script, D_PROV_PRDUP, span,
                    "there is a probe of this name already");
    else if (function->parameter_count > ARGS_MOST)
        script_fail(script, D_PROV_PRARGLEN, span,
                    "a probe has at most %d arguments", ARGS_MOST);
    else {
        struct ir_declared_probe *probe = ARENA_PUSH(
            script->arena, provider->probes, provider->probe_count, *room);
        probe->name = name;
        add_arguments(script, probe, function);
    }
}

static void check_provider_name(struct script *script, struct str name,
                                struct span span) {
    char last = name.n ? name.p[name.n - 1] : '\0';
    if (name.n > NAME_MOST)
        script_fail(script, D_PROV_BADNAME, span,
                    "the name of a provider has at most %d characters",
                    NAME_MOST);
    else if (last >= '0' && last <= '9')
        script_fail(script, D_PROV_BADNAME, span,
                    "the name of a provider ends with no digit");
}

// provider := 'provider' name '{' { probe } '}' ';'
void parse_provider(struct script *script) {
    struct ir_script *out = script->out;
    struct ir_provider *provider = ARENA_NEW(script->arena, struct ir_provider);
    struct span span = script_take(script).span;
    size_t room = 0;
    provider->name = take_name(script, "provider", &span);
    check_provider_name(script, provider->name, span);
    script_expect(script, TOKEN_LBRACE, "before the probes");
    while (!script->failed && script_peek(script)->kind != TOKEN_RBRACE)
        parse_probe(script, provider, &room);
    script_expect(script, TOKEN_RBRACE, "behind the probes");
    script_expect(script, TOKEN_SEMICOLON, "behind the provider");
    if (!script->failed)
        *ARENA_PUSH(script->arena, out->providers, out->provider_count,
                    script->provider_room) = provider;
}
