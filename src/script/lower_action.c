// lower_action.c: actions become fields of a record.
//
//     { printf("%s %d", execname, x); y = 1; trace(arg0); }
//
//     segment              header 16 | x 4, 4 unused | arg0 8 | execname ...
//       printf  execname   text, behind the fixed fields
//               x          int at 16
//       do      y = 1
//       trace   arg0       int at 24
//
// Statements under one condition are a segment if any of them records: one
// record, one row of dtrace's output. Fixed fields have places known here;
// texts and stacks follow them.

#include "ir/format.h"
#include "mctrace/records.h"
#include "script/lower.h"

struct ir_segment *lower_segment_new(struct lowering *lower) {
    struct ir_script *out = lower->script->out;
    struct ir_segment *segment = ARENA_NEW(lower->arena, struct ir_segment);
    segment->index = (uint32_t)out->segment_count;
    segment->clause = (uint32_t)out->clause_count;
    segment->fixed_len = sizeof(struct mct_record);
    *ARENA_PUSH(lower->arena, out->segments, out->segment_count,
                lower->script->segment_room) = segment;
    return segment;
}

static uint32_t align(uint32_t value, uint32_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}

void lower_segment_close(struct ir_segment *segment) {
    segment->fixed_len = align(segment->fixed_len, 8);
    uint64_t most = segment->fixed_len;
    for (uint32_t i = 0; i < segment->action_count; i++)
        for (uint32_t k = 0; k < segment->actions[i].field_count; k++) {
            const struct ir_field *field = &segment->actions[i].fields[k];
            if (field->kind == IR_FIELD_TEXT)
                most += align(4 + field->size, 8);
            if (field->kind == IR_FIELD_STACK)
                most += 8 + 8 * (uint64_t)field->size;
        }
    segment->most_len = most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

// --- stacks, symbols, keys ---

// Where a walk of so many frames begins. That of a kernel has none.
static struct ir_expr *lower_stack(struct lowering *lower,
                                   const struct node *call, uint32_t frames) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_STACK, IR_TYPE_U64, call->span);
    expr->value = frames;
    return expr;
}

// An address whose symbol is shown.
static struct ir_expr *lower_symbol(struct lowering *lower,
                                    const struct node *address) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_CALL, IR_TYPE_U64, address->span);
    expr->callee = builtin_find(STR("usym"));
    expr->args = ARENA_ARRAY(lower->arena, struct ir_expr *, 1);
    expr->args[expr->arg_count++] =
        lower_as(lower, lower_node(lower, address), IR_TYPE_U64);
    return expr;
}

// A key of an aggregation, as one of the type that its first use gave it.
struct ir_expr *lower_key(struct lowering *lower, const struct node *key,
                          const struct ir_aggregation *aggregation,
                          uint32_t i) {
    const struct ir_key_form *form = &aggregation->key_forms[i];
    struct ir_type type = aggregation->key_types[i];
    if (form->kind == IR_KEY_STACK)
        return lower_stack(lower, key,
                           action_frames(lower->script, key,
                                         (enum ir_action_kind)form->action));
    if (form->kind == IR_KEY_SYMBOL)
        return lower_symbol(lower, key->list);
    if (type.kind == IR_STRING)
        return lower_value(lower, key, type_basic(lower->script, BASIC_STRING));
    return lower_as(lower, lower_node(lower, key), type);
}

// --- fields ---

// An action being lowered.
struct recording {
    struct lowering *lower;
    struct ir_action *action;
    struct ir_stmt *stmt;
};

static struct ir_field *new_field(struct recording *recording,
                                  enum ir_field_kind kind, uint32_t size,
                                  struct ir_expr *value) {
    struct ir_action *action = recording->action;
    struct ir_field *field = &action->fields[action->field_count++];
    field->kind = (uint8_t)kind;
    field->size = size;
    recording->stmt->args[recording->stmt->arg_count++] = value;
    return field;
}

static struct ir_field *place(struct recording *recording,
                              struct ir_field *field, uint32_t alignment) {
    struct ir_segment *segment = recording->lower->segment;
    field->off = align(segment->fixed_len, alignment);
    segment->fixed_len = field->off + field->size;
    return field;
}

static struct ir_field *add_integer(struct recording *recording,
                                    struct ir_expr *value,
                                    struct ir_type type) {
    uint32_t size = type.bits / 8u;
    struct ir_field *field = new_field(recording, IR_FIELD_INT, size,
                                       lower_as(recording->lower, value, type));
    field->type = type;
    return place(recording, field, size);
}

static struct ir_field *add_block(struct recording *recording,
                                  struct ir_expr *address, uint32_t size) {
    struct ir_field *field =
        new_field(recording, IR_FIELD_BLOCK, size, address);
    return place(recording, field, 8);
}

// What is known of the text before it is recorded: false, nothing.
static bool is_known(const struct ir_expr *text, enum ir_known_text *known) {
    static const uint8_t rows[][2] = {{IR_TEXT, IR_KNOWN_LITERAL},
                                      {IR_SITE_PROV, IR_KNOWN_PROV},
                                      {IR_SITE_MOD, IR_KNOWN_MOD},
                                      {IR_SITE_FUNC, IR_KNOWN_FUNC},
                                      {IR_SITE_NAME, IR_KNOWN_NAME}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (text->op == rows[i][0]) {
            *known = (enum ir_known_text)rows[i][1];
            return true;
        }
    return false;
}

static struct ir_field *add_text(struct recording *recording,
                                 struct ir_expr *text, uint64_t most) {
    enum ir_known_text known;
    if (is_known(text, &known)) {
        struct ir_expr *nothing =
            ir_const(recording->lower->arena, IR_TYPE_INT, 0, text->span);
        struct ir_field *field =
            new_field(recording, IR_FIELD_KNOWN, 0, nothing);
        field->known = (uint8_t)known;
        field->text = text->text;
        return field;
    }
    return new_field(recording, IR_FIELD_TEXT, (uint32_t)most, text);
}

static uint64_t strsize(const struct recording *recording) {
    return recording->lower->script->out->strsize;
}

// A value of any type.
static void add_value(struct recording *recording, const struct node *node) {
    struct lowering *lower = recording->lower;
    const struct type *type = node->type;
    struct ir_expr *value = lower_node(lower, node);
    struct ir_field *field = NULL;
    if (value->type.kind == IR_STRING) {
        add_text(recording, value, strsize(recording));
        return;
    }
    if (value->type.kind == IR_INT && !type_is_block(type)) {
        field = add_integer(recording, value, value->type);
        if (type->kind == TYPE_INTEGER)
            return;
    } else {
        field = add_block(recording, value,
                          (uint32_t)type_size(lower->script, type));
    }
    field->data_type = type_data(lower->script, type);
}

// --- actions, by shape ---

// A text that is shown alone has to be there.
static struct ir_expr *present(struct lowering *lower, struct ir_expr *text) {
    struct ir_expr *expr =
        ir_expr_new(lower->arena, IR_PRESENT, IR_TYPE_STRING, text->span);
    expr->a = text;
    return text->op == IR_TEXT ? text : expr;
}

static void record_value(struct recording *recording, const struct node *call) {
    const struct node *node = call->list;
    const struct type *type = node->type;
    struct ir_expr **value = &recording->stmt->args[recording->stmt->arg_count];
    add_value(recording, node);
    if ((*value)->type.kind == IR_STRING)
        *value = present(recording->lower, *value);
    bool shows_target = recording->action->kind == IR_ACTION_PRINT &&
                        type->kind == TYPE_POINTER && type->of &&
                        type_size(recording->lower->script, type->of) > 0;
    if (!shows_target)
        return;
    struct script *script = recording->lower->script;
    struct ir_field *field =
        add_block(recording, lower_node(recording->lower, node),
                  (uint32_t)type_size(script, type->of));
    field->data_type = type_data(script, type->of);
}

static void record_memory(struct recording *recording,
                          const struct node *call) {
    const struct node *address = call->list, *size = address->next;
    struct lowering *lower = recording->lower;
    add_block(recording,
              lower_as(lower, lower_node(lower, address), IR_TYPE_U64),
              (uint32_t)size->value);
    recording->action->constants[0] = (int64_t)size->value;
    if (size->next)
        add_integer(recording, lower_node(lower, size->next), IR_TYPE_I64);
}

// An array of characters is printed as the text that it holds.
static void add_array(struct recording *recording, const struct node *node) {
    struct lowering *lower = recording->lower;
    uint64_t size = type_size(lower->script, node->type);
    add_text(recording, lower_text_at(lower, lower_node(lower, node), size),
             size);
}

// Returns how many frames there are at most.
static uint32_t add_stack(struct recording *recording,
                          const struct node *call) {
    struct lowering *lower = recording->lower;
    uint32_t frames = action_frames(lower->script, call,
                                    (enum ir_action_kind)call->builtin->action);
    new_field(recording, IR_FIELD_STACK, frames,
              lower_stack(lower, call, frames));
    return frames;
}

static bool shows_symbol(const struct format *format, uint32_t argument) {
    for (uint32_t i = 0; i < format->count; i++) {
        const struct format_piece *piece = &format->pieces[i];
        bool is_symbol = piece->letter == 'a' || piece->letter == 'A';
        if (is_symbol && format_value_argument(piece) == argument)
            return true;
    }
    return false;
}

static void record_format(struct recording *recording,
                          const struct node *call) {
    struct lowering *lower = recording->lower;
    struct format format = format_parse(lower->arena, call->list->text);
    uint32_t argument = 0;
    recording->action->format = call->list->text;
    for (const struct node *node = call->list->next; node; node = node->next) {
        const struct builtin *key = action_key_call(node);
        bool is_symbol = shows_symbol(&format, argument++);
        if (key && action_is_stack(key))
            add_stack(recording, node);
        else if (key)
            add_integer(recording, lower_symbol(lower, node->list),
                        IR_TYPE_U64);
        else if (is_symbol)
            add_integer(recording, lower_symbol(lower, node), IR_TYPE_U64);
        else if (node->type->kind == TYPE_ARRAY && node->type->of->bits == 8)
            add_array(recording, node);
        else
            add_value(recording, node);
    }
}

static void record_aggs(struct recording *recording, const struct node *call) {
    struct ir_action *action = recording->action;
    const struct node *node = call->list;
    if (node->kind == NODE_TEXT) {
        action->format = node->text;
        node = node->next;
    }
    action->aggregations = ARENA_ARRAY(
        recording->lower->arena, const struct ir_aggregation *, call->count);
    for (; node && node->kind == NODE_AGG; node = node->next)
        action->aggregations[action->aggregation_count++] = node->aggregation;
    if (node) // normalize, trunc
        add_integer(recording, lower_node(recording->lower, node), IR_TYPE_I64);
}

static void record_stack(struct recording *recording, const struct node *call) {
    const struct node *size = call->list ? call->list->next : NULL;
    recording->action->constants[0] = add_stack(recording, call);
    recording->action->constants[1] = size ? (int64_t)size->value : 0;
}

static void record_address(struct recording *recording,
                           const struct node *call) {
    add_integer(recording, lower_symbol(recording->lower, call->list),
                IR_TYPE_U64);
}

static void record_integer(struct recording *recording,
                           const struct node *call) {
    add_integer(recording, lower_node(recording->lower, call->list),
                IR_TYPE_INT);
}

static void record_speculation(struct recording *recording,
                               const struct node *call) {
    add_integer(recording, lower_node(recording->lower, call->list),
                IR_TYPE_U64);
    recording->lower->segment->is_speculative |=
        recording->action->kind == IR_ACTION_SPECULATE;
}

static void record_texts(struct recording *recording, const struct node *call) {
    for (const struct node *node = call->list; node; node = node->next)
        add_text(
            recording,
            lower_value(recording->lower, node,
                        type_basic(recording->lower->script, BASIC_STRING)),
            strsize(recording));
}

static void record_none(struct recording *recording, const struct node *call) {
    (void)recording;
    (void)call;
}

#define RECORD_VALUE   record_value
#define RECORD_MEMORY  record_memory
#define RECORD_FORMAT  record_format
#define RECORD_AGGS    record_aggs
#define RECORD_AGG     record_aggs
#define RECORD_AGG_INT record_aggs
#define RECORD_STACK   record_stack
#define RECORD_ADDRESS record_address
#define RECORD_SPEC    record_speculation
#define RECORD_INT     record_integer
#define RECORD_TEXTS   record_texts
#define RECORD_NONE    record_none

struct ir_stmt *lower_record(struct lowering *lower, const struct node *call) {
    static void (*const records[])(struct recording *, const struct node *) = {
#define ACTION(name, NAME, shape) RECORD_##shape,
#include "mctrace/actions.def"
#undef ACTION
    };
    struct ir_segment *segment = lower->segment;
    enum ir_action_kind kind = (enum ir_action_kind)call->builtin->action;
    struct ir_action *action = &segment->actions[segment->action_count++];
    struct ir_stmt *stmt = ARENA_NEW(lower->arena, struct ir_stmt);
    action->kind = (uint8_t)kind;
    // print() of a pointer has a field more than arguments.
    uint32_t room = call->count + 1;
    action->fields = ARENA_ARRAY(lower->arena, struct ir_field, room);
    stmt->args = ARENA_ARRAY(lower->arena, struct ir_expr *, room);
    stmt->op = IR_ACTION;
    stmt->span = call->span;
    stmt->action = action;
    struct recording recording = {lower, action, stmt};
    records[kind](&recording, call);
    if (kind == IR_ACTION_EXIT) { // it ends tracing as well
        stmt->op = IR_EXIT;
        stmt->a = stmt->args[0];
        stmt->arg_count = 0;
        lower->exits = true;
    }
    return stmt;
}
