// lower.c: the checked script becomes IR: its clauses, statements, actions.
//
// Also here: script_compile(), the front end as a list of its steps.

#include "script/lower.h"

// --- statements ---

static struct ir_stmt *new_stmt(struct lowering *lower, enum ir_stmt_op op,
                                struct span span) {
    struct ir_stmt *stmt = ARENA_NEW(lower->arena, struct ir_stmt);
    stmt->op = (uint8_t)op;
    stmt->span = span;
    return stmt;
}

static struct ir_stmt *lower_action(struct lowering *lower,
                                    const struct stmt *stmt) {
    const struct node *call = stmt->a;
    if (call->builtin->source == BUILTIN_RECORD)
        return lower_record(lower, call);
    bool is_send = call->builtin->source == BUILTIN_ACTION;
    struct ir_stmt *out =
        new_stmt(lower, is_send ? IR_SEND : IR_DO, stmt->span);
    out->a = is_send
                 ? lower_as(lower, lower_node(lower, call->list), IR_TYPE_INT)
                 : lower_node(lower, call);
    return out;
}

// The CPU at hand.
static struct ir_expr *lower_cpu(struct lowering *lower, struct span span) {
    const struct builtin *cpu = builtin_find(STR("cpu"));
    struct ir_expr *expr = ir_expr_new(lower->arena, IR_CALL, cpu->type, span);
    expr->callee = cpu;
    return expr;
}

static struct ir_stmt *lower_aggregation(struct lowering *lower,
                                         const struct stmt *stmt) {
    const struct node *node = stmt->a, *place = node->a;
    struct ir_aggregation *aggregation = node->aggregation;
    struct ir_stmt *out = new_stmt(lower, IR_AGG, stmt->span);
    out->aggregation = aggregation;
    out->keys =
        ARENA_ARRAY(lower->arena, struct ir_expr *, aggregation->key_count);
    const struct node *key = place->list;
    uint32_t own = aggregation->key_count - aggregation->has_cpu;
    for (uint32_t i = 0; i < own; i++, key = key->next)
        out->keys[i] = lower_key(lower, key, aggregation, i);
    if (aggregation->has_cpu)
        out->keys[own] = lower_cpu(lower, stmt->span);
    out->args = ARENA_ARRAY(lower->arena, struct ir_expr *, 2);
    uint32_t i = 0;
    for (const struct node *item = node->function->list; item;
         item = item->next, i++)
        if (i == 0 || i > aggregation->param_count)
            out->args[out->arg_count++] =
                lower_as(lower, lower_node(lower, item), IR_TYPE_I64);
    return out;
}

static struct ir_stmt *lower_statement(struct lowering *lower,
                                       const struct stmt *stmt) {
    if (stmt->kind == STMT_ACTION)
        return lower_action(lower, stmt);
    if (stmt->kind == STMT_AGG)
        return lower_aggregation(lower, stmt);
    struct ir_stmt *out = new_stmt(lower, IR_DO, stmt->span);
    out->a = stmt->a->kind == NODE_STEP ? lower_stepped(lower, stmt->a)
                                        : lower_node(lower, stmt->a);
    return out;
}

// How many of the statements up to the next condition record.
static uint32_t count_records(const struct stmt *stmt) {
    uint32_t count = 0;
    for (; stmt && stmt->kind != STMT_IF; stmt = stmt->next)
        count += stmt->kind == STMT_ACTION &&
                 stmt->a->builtin->source == BUILTIN_RECORD;
    return count;
}

// The statements up to the next condition, `*stmt` included.
static struct ir_stmt *lower_run(struct lowering *lower,
                                 const struct stmt **stmt) {
    struct ir_stmt *first = NULL, **link = &first;
    struct span span = (*stmt)->span;
    uint32_t records = count_records(*stmt);
    lower->segment = records ? lower_segment_new(lower) : NULL;
    if (records)
        lower->segment->actions =
            ARENA_ARRAY(lower->arena, struct ir_action, records);
    for (; *stmt && (*stmt)->kind != STMT_IF; *stmt = (*stmt)->next) {
        *link = lower_statement(lower, *stmt);
        link = &(*link)->next;
    }
    if (!records)
        return first;
    lower_segment_close(lower->segment);
    struct ir_stmt *out = new_stmt(lower, IR_SEGMENT, span);
    out->segment = lower->segment;
    out->then_ = first;
    return out;
}

static struct ir_stmt *lower_body(struct lowering *lower,
                                  const struct stmt *stmt) {
    struct ir_stmt *first = NULL, **link = &first;
    while (stmt) {
        if (stmt->kind == STMT_IF) {
            struct ir_stmt *out = new_stmt(lower, IR_IF, stmt->span);
            out->a = lower_truth(lower, stmt->a);
            out->then_ = lower_body(lower, stmt->then_);
            out->else_ = lower_body(lower, stmt->else_);
            *link = out;
            stmt = stmt->next;
        } else {
            *link = lower_run(lower, &stmt);
        }
        while (*link)
            link = &(*link)->next;
    }
    return first;
}

// A clause without statements: a row without data.
static struct ir_stmt *lower_default(struct lowering *lower, struct span span) {
    struct ir_stmt *out = new_stmt(lower, IR_SEGMENT, span);
    out->segment = lower_segment_new(lower);
    out->segment->is_default = true;
    lower_segment_close(out->segment);
    return out;
}

// --- the script ---

static void lower_variables(struct script *script) {
    struct ir_script *out = script->out;
    for (struct identifier *s = script->first_name; s; s = s->next) {
        if (s->value || !s->type || s->is_formal)
            continue;
        struct ir_variable *variable =
            ARENA_NEW(script->arena, struct ir_variable);
        variable->name = s->name;
        variable->type = type_to_ir(s->type);
        variable->storage = s->storage;
        variable->data_type = type_data(script, s->type);
        if (variable->type.kind == IR_BLOCK)
            variable->size = (uint32_t)type_size(script, s->type);
        variable->key_count = s->key_count;
        variable->key_types =
            ARENA_ARRAY(script->arena, struct ir_type, s->key_count);
        for (uint32_t i = 0; i < s->key_count; i++)
            variable->key_types[i] = type_to_ir(s->keys[i].type);
        s->variable = variable;
        *ARENA_PUSH(script->arena, out->variables, out->variable_count,
                    script->variable_room) = variable;
    }
}

// In every script, as in DTrace.
#define PROBE_ID_END   2
#define PROBE_ID_ERROR 3

// Whether a description means a probe of tracing itself. One without a provider
// does only if it is nothing but the name.
static bool means(const struct probe_desc *desc, uint32_t id, struct str name) {
    if (desc->id)
        return desc->id == id;
    if (desc->provider_omitted)
        return str_equal(desc->name, name) && !desc->function.n &&
               !desc->module.n;
    return str_glob(desc->provider, STR("dtrace")) &&
           str_glob(desc->name, name) && str_glob(desc->function, STR("")) &&
           str_glob(desc->module, STR(""));
}

static bool is_end(const struct probe_desc *desc) {
    return means(desc, PROBE_ID_END, STR("END"));
}

// END comes after exit(), and so may a fault of END.
static bool runs_after_exit(const struct probe_desc *desc) {
    return is_end(desc) || means(desc, PROBE_ID_ERROR, STR("ERROR"));
}

// With the option cpu, clauses run on that CPU alone.
static struct ir_expr *only_on(struct lowering *lower, int64_t cpu,
                               struct ir_expr *predicate, struct span span) {
    const struct builtin *builtin = builtin_find(STR("cpu"));
    struct ir_expr *here =
        ir_expr_new(lower->arena, IR_CALL, builtin->type, span);
    here->callee = builtin;
    struct ir_expr *is_there = lower_pair(
        lower, IR_EQ, IR_TYPE_INT, here,
        ir_const(lower->arena, builtin->type, (uint64_t)cpu, span), span);
    return predicate ? lower_pair(lower, IR_LAND, IR_TYPE_INT, is_there,
                                  predicate, span)
                     : is_there;
}

// --- from when on a command is traced ---

#define STARTER "__evaltime"

// The option evaltime names a moment of the command's start; without a command
// there is nothing to wait for.
static bool waits_for_command(const struct script *script) {
    return script->out->options.values[IR_OPTION_evaltime] !=
               IR_EVALTIME_EXEC &&
           script->outside->program;
}

// id <= 3 || started: at a probe of tracing itself the first is known.
static struct ir_expr *only_once_started(struct lowering *lower,
                                         struct ir_expr *predicate,
                                         struct span span) {
    struct identifier *started =
        variable_find(lower->script, IR_GLOBAL_VARIABLE, STR(STARTER));
    struct ir_expr *is_on =
        ir_expr_new(lower->arena, IR_VARIABLE, started->variable->type, span);
    is_on->variable = started->variable;
    struct ir_type id = builtin_find(STR("id"))->type;
    struct ir_expr *is_own =
        lower_pair(lower, IR_LE, IR_TYPE_INT,
                   ir_expr_new(lower->arena, IR_SITE_ID, id, span),
                   ir_const(lower->arena, id, PROBE_ID_ERROR, span), span);
    is_on = lower_pair(lower, IR_LOR, IR_TYPE_INT, is_own, is_on, span);
    return predicate
               ? lower_pair(lower, IR_LAND, IR_TYPE_INT, is_on, predicate, span)
               : is_on;
}

static void add_clause(struct script *script, const struct item *item,
                       struct probe_clause probes) {
    struct ir_script *out = script->out;
    struct lowering lower = {.script = script, .arena = script->arena};
    struct ir_clause *clause = ARENA_NEW(script->arena, struct ir_clause);
    if (item->predicate)
        clause->predicate = lower_truth(&lower, item->predicate);
    int64_t cpu = out->options.values[IR_OPTION_cpu];
    if (cpu >= 0)
        clause->predicate = only_on(&lower, cpu, clause->predicate, item->span);
    if (waits_for_command(script) && item != script->items)
        clause->predicate =
            only_once_started(&lower, clause->predicate, item->span);
    clause->body = item->body ? lower_body(&lower, item->body)
                              : lower_default(&lower, item->span);
    if (lower.wants_result)
        lower_keep_results(script, &probes);
    clause->exits = lower.exits;
    clause->span = item->span;
    clause->whole = item->body ? item->whole : item->span;
    clause->index = (uint32_t)out->clause_count;
    clause->text_index = item->text_index;
    out->has_exit |= lower.exits;
    *ARENA_PUSH(script->arena, out->clauses, out->clause_count,
                script->clause_room) = clause;
    size_t count = out->clause_count - 1;
    *ARENA_PUSH(script->arena, out->probes, count, script->probe_room) = probes;
}

// What runs after exit() differs from what does not: a clause of both is two.
static void lower_clause(struct script *script, const struct item *item) {
    struct probe_clause parts[2] = {{0}};
    size_t rooms[2] = {0};
    for (size_t i = 0; i < item->probes.desc_count; i++) {
        const struct probe_desc *desc = &item->probes.descs[i];
        bool late = runs_after_exit(desc);
        *ARENA_PUSH(script->arena, parts[late].descs, parts[late].desc_count,
                    rooms[late]) = *desc;
        script->out->has_end |= is_end(desc);
    }
    for (size_t i = 0; i < 2; i++)
        if (parts[i].desc_count)
            add_clause(script, item, parts[i]);
}

// With `aggpercpu` aggregations have the CPU as one more key, which readers
// take for a part of each value.
static void add_cpu_keys(struct script *script) {
    struct ir_script *out = script->out;
    for (size_t i = 0; i < out->aggregation_count; i++) {
        struct ir_aggregation *aggregation = out->aggregations[i];
        uint32_t count = aggregation->key_count++;
        aggregation->has_cpu = true;
        aggregation->key_types =
            arena_grow(script->arena, aggregation->key_types,
                       count * sizeof *aggregation->key_types,
                       (count + 1) * sizeof *aggregation->key_types);
        aggregation->key_types[count] = IR_TYPE_INT;
        aggregation->key_forms =
            arena_grow(script->arena, aggregation->key_forms,
                       count * sizeof *aggregation->key_forms,
                       (count + 1) * sizeof *aggregation->key_forms);
        aggregation->key_forms[count].kind = IR_KEY_INT;
    }
}

void lower_program(struct script *script) {
    struct ir_script *out = script->out;
    lower_variables(script);
    if (out->options.values[IR_OPTION_aggpercpu])
        add_cpu_keys(script);
    for (const struct item *item = script->items; item; item = item->next)
        if (item->kind == ITEM_CLAUSE)
            lower_clause(script, item);
    for (size_t i = 0; i < out->clause_count; i++)
        out->clauses[i]->checks_end =
            out->has_exit && !runs_after_exit(&out->probes[i].descs[0]);
    lower_own_clauses(script);
}

static struct script *new_script(struct arena *arena,
                                 const struct script_options *options,
                                 const struct arch *arch, struct diag *diag) {
    static const struct script_options none = {0};
    struct script *script = ARENA_NEW(arena, struct script);
    script->arena = arena;
    script->diag = diag;
    script->arch = arch;
    script->outside = options ? options : &none;
    script->out = ARENA_NEW(arena, struct ir_script);
    if (script->outside->options)
        script->out->options = *script->outside->options;
    else
        options_init(&script->out->options);
    script_apply_options(script);
    for (size_t i = 0; i < COUNT_OF(script->symbols); i++)
        map_init(&script->symbols[i], arena);
    map_init(&script->aggregations, arena);
    types_init(script);
    parse_library(script);
    parse_library_folders(script);
    return script;
}

static void parse_text(struct script *script, const struct script_text *text) {
    const struct item *last = script->last_item;
    const struct ir_options *options = &script->out->options;
    if (options->values[IR_OPTION_cpp] &&
        !script_preprocess(script->arena, text->source, options, script->diag))
        return;
    script->source = text->source;
    script->top = text->source->name;
    script->text = text->source->text;
    script->at = script->source_off = 0;
    script->has_next = script->failed = false;
    script->missing_fields = text->missing_fields;
    script->is_argument = text->is_argument;
    script->macro_args_used = 0;
    parse_program(script);
    check_end(script, last ? last->next : script->items);
    script->text_index++;
}

// A clause of its own, the first of all, marks the moment in a variable, which
// all the others ask.
static void add_starter(struct script *script) {
    int64_t when = script->out->options.values[IR_OPTION_evaltime];
    struct source *source = ARENA_NEW(script->arena, struct source);
    source->name = STR("evaltime");
    source->failure = STR("failed to find where the command starts");
    source->text = str_format(script->arena,
                              "pid$target:a.out:%s:entry { " STARTER " = 1; }",
                              when == IR_EVALTIME_PREINIT ? "_start" : "main");
    struct item *last = script->last_item;
    struct script_text text = {.source = source};
    parse_text(script, &text);
    struct item *own = last ? last->next : script->items;
    if (!last || !own)
        return;
    last->next = own->next;
    own->next = script->items;
    script->items = own;
    script->last_item = last;
}

struct ir_script *
script_compile_texts(struct arena *arena, const struct script_text *texts,
                     size_t count, const struct script_options *options,
                     const struct arch *arch, struct diag *diag) {
    unsigned errors_before = diag->errors;
    struct script *script = new_script(arena, options, arch, diag);
    for (size_t i = 0; i < count; i++)
        parse_text(script, &texts[i]);
    if (waits_for_command(script))
        add_starter(script);
    bool good = diag->errors == errors_before;
    if (good)
        lower_program(script);
    if (good && script->out->options.values[IR_OPTION_tree] & 4)
        script_dump(stderr, script->out);
    userland_close(script);
    return good ? script->out : NULL;
}

uint32_t script_argument_types(struct arena *arena,
                               const struct probe_desc *desc,
                               const struct ir_script *declared,
                               const struct script_options *options,
                               const struct arch *arch,
                               struct str types[SCRIPT_MOST_ARGUMENTS]) {
    struct diag quiet = {.quiet = true};
    struct script *script = new_script(arena, options, arch, &quiet);
    struct source nothing = {.name = STR("args")};
    struct probe_arguments found = {.count = 0};
    script->source = &nothing;
    script->out->providers = declared->providers;
    script->out->provider_count = declared->provider_count;
    if (args_find(script, desc, (struct span){.source = &nothing}, &found) !=
        PROBE_KNOWN)
        found.count = 0;
    for (uint32_t i = 0; i < found.count; i++) {
        const struct type *type = found.types[i];
        if (type->kind == TYPE_TRANSLATED)
            type = type->of;
        types[i] = found.written[i].n ? found.written[i] : type->name;
    }
    userland_close(script);
    return found.count;
}

struct ir_script *script_compile(struct arena *arena, struct source *source,
                                 const struct script_options *options,
                                 const struct arch *arch, struct diag *diag) {
    struct script_text text = {.source = source};
    return script_compile_texts(arena, &text, 1, options, arch, diag);
}
