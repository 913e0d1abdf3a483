// provider.c: the probes that a program declares for itself.
//
//     provider shop {
//         probe order__done(int id, char *what);
//         probe idle();
//     };
//
// Such a declaration matches nothing. It says what the program's own probes are
// called and given: headers and objects for it are made from that, and args[]
// has its types from it. What scripts see may differ in order and type:
//
//     probe order__done(int id, char *what) : (char *what, int id);

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

static const struct ir_declared_probe *
find_probe(const struct ir_provider *provider, struct str name) {
    for (uint32_t i = 0; i < provider->probe_count; i++)
        if (str_equal(provider->probes[i].name, name))
            return &provider->probes[i];
    return NULL;
}

// --- what scripts see ---

// Which of the arguments one that scripts see is: by its name or its place.
static bool find_formal(struct script *script,
                        const struct ir_declared_probe *probe,
                        const struct parameter *shown, uint32_t at,
                        uint32_t *from) {
    for (*from = 0; *from < probe->arg_count; ++*from)
        if (shown->name.n ? str_equal(probe->args[*from].name, shown->name)
                          : *from == at)
            return true;
    script_fail(script, D_DECL_PROTO_FORM, shown->span,
                "no argument of probe %.*s is meant by this one",
                STR_ARGS(probe->name));
    return false;
}

// A value of one type that may be seen as one of another without a translator.
static bool is_alike(const struct type *a, const struct type *b) {
    return type_equal(a, b) || (type_is_integer(a) && type_is_integer(b)) ||
           (type_is_text(a) && type_is_text(b)) ||
           (type_is_pointer(a) && type_is_pointer(b) &&
            (type_equal(a->of, b->of) || a->of->kind == TYPE_VOID ||
             b->of->kind == TYPE_VOID));
}

static bool is_translatable(const struct script *script, const struct type *to,
                            const struct type *from) {
    return translator_find(script, to, from) ||
           (to->kind == TYPE_POINTER && translator_find(script, to->of, from));
}

static void add_shown(struct script *script, const struct ir_provider *provider,
                      struct ir_declared_probe *probe,
                      const struct type *function, const struct type *shown) {
    uint32_t count = shown->parameter_count;
    if (count == 1 && shown->parameters[0].type->kind == TYPE_VOID)
        count = 0;
    probe->shown = ARENA_ARRAY(script->arena, struct ir_shown_arg, count);
    for (uint32_t i = 0; i < count && !script->failed; i++) {
        const struct parameter *parameter = &shown->parameters[i];
        struct ir_shown_arg *out = &probe->shown[probe->shown_count++];
        if (!find_formal(script, probe, parameter, i, &out->from))
            return;
        const struct type *native = function->parameters[out->from].type;
        out->type = parameter->type->name;
        out->is_translated = is_translatable(script, parameter->type, native);
        if (!out->is_translated && !is_alike(parameter->type, native))
            script_fail(script, D_PROV_PRXLATOR, parameter->span,
                        "translator for %.*s:%.*s output argument #%u from "
                        "%.*s to %.*s is not defined",
                        STR_ARGS(provider->name), STR_ARGS(probe->name), i + 1,
                        STR_ARGS(native->name), STR_ARGS(out->type));
    }
}

// --- grammar ---

// probe := 'probe' name '(' parameters ')' [ ':' '(' parameters ')' ] ';'
static void parse_probe(struct script *script, struct ir_provider *provider,
                        size_t *room) {
    struct span span = script_peek(script)->span;
    if (!str_equal(script_text(span), STR("probe")))
        script_fail(script, D_SYNTAX, span, "expected 'probe'");
    script_take(script);
    struct str name = take_name(script, "probe", &span);
    const struct type *function = parse_prototype(script, false);
    const struct type *shown = function;
    if (script_accept(script, TOKEN_COLON))
        shown = parse_prototype(script, true);
    script_expect(script, TOKEN_SEMICOLON, "behind the probe");
    if (script->failed)
        return;
    if (find_probe(provider, name))
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
        add_shown(script, provider, probe, function, shown);
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

// What a second declaration of a probe has otherwise; NULL: nothing.
static const char *difference(const struct ir_declared_probe *a,
                              const struct ir_declared_probe *b) {
    if (!b)
        return "is not declared in both";
    if (a->arg_count != b->arg_count || a->shown_count != b->shown_count)
        return "has another number of arguments";
    for (uint32_t i = 0; i < a->arg_count; i++)
        if (!str_equal(a->args[i].type, b->args[i].type))
            return "has arguments of other types";
    for (uint32_t i = 0; i < a->shown_count; i++)
        if (a->shown[i].from != b->shown[i].from ||
            !str_equal(a->shown[i].type, b->shown[i].type))
            return "has arguments of other types";
    return NULL;
}

// A provider may be declared again if it is the same.
static bool is_again(struct script *script, const struct ir_provider *provider,
                     struct span span) {
    const struct ir_script *out = script->out;
    size_t i = 0;
    while (i < out->provider_count &&
           !str_equal(out->providers[i]->name, provider->name))
        i++;
    if (i == out->provider_count)
        return false;
    const struct ir_provider *pair[] = {provider, out->providers[i]};
    for (unsigned side = 0; side < 2; side++)
        for (uint32_t k = 0; k < pair[side]->probe_count; k++) {
            const struct ir_declared_probe *probe = &pair[side]->probes[k];
            const char *what =
                difference(probe, find_probe(pair[!side], probe->name));
            if (!what)
                continue;
            script_fail(script, D_PROV_INCOMPAT, span,
                        "provider interface mismatch: probe %.*s:%.*s %s",
                        STR_ARGS(provider->name), STR_ARGS(probe->name), what);
            return true;
        }
    return true;
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
    if (!script->failed && !is_again(script, provider, span))
        *ARENA_PUSH(script->arena, out->providers, out->provider_count,
                    script->provider_room) = provider;
}
