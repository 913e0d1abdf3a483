// mapping_records.c: reads what records mean out of the mapping's JSON.
//
//     "types": [
//     {"kind": "integer", "name": "char", "size": 1, "signed": true,
//      "char": true},
//     {"kind": "array", "name": "char [5]", "size": 5, "of": 0, "count": 5},
//     {"kind": "struct", "name": "struct s", "size": 8,
//      "members": [["a", 1, 0, 0]]},    name, type, offset and width in bits
//     {"kind": "enum", "name": "enum e", "size": 4, "signed": true,
//      "members": [["A", 1]]},
//     {"kind": "pointer", "name": "struct s *", "size": 8, "of": 2}],
//
// All that a type contains stands before it, so nothing contains itself; only a
// pointer may point ahead (or, with -1, nowhere). How much there is to print
// of a value is bounded by `weight`. A record's fixed fields lie within its
// fixed part, and each action has the fields that its shape asks for: whoever
// shows records looks at none of this again.

#include <string.h>

#include "data/mapping.h"
#include "mctrace/records.h"

#define WEIGHT_MOST  (1u << 20) // values that one value may consist of
#define DEPTH_MOST   64
#define FIELD_MOST   (1u << 20) // bytes of a text, frames of a stack
#define RECORD_FIRST sizeof(struct mct_record)

// --- types ---

// What is known of the types read so far.
struct type_reader {
    struct input *in;
    struct ir_data_type *type;
    uint32_t index;
    uint32_t *weights, *depths;
};

static const struct kind_row {
    const char *name;
    uint8_t kind;
    uint32_t sizes; // allowed ones, a bit each
} kinds[] = {
    {"integer", IR_DATA_INTEGER, 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8},
    {"float", IR_DATA_FLOAT, 1 << 4 | 1 << 8 | 1 << 16},
    {"pointer", IR_DATA_POINTER, 1 << 4 | 1 << 8},
    {"enum", IR_DATA_ENUM, 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8},
    {"array", IR_DATA_ARRAY, 0},
    {"struct", IR_DATA_STRUCT, 0},
    {"union", IR_DATA_UNION, 0},
};

// Adds `count` values of a type to what the type at hand contains.
static void contain(struct type_reader *reader, uint32_t of, uint64_t count) {
    uint64_t weight = reader->weights[reader->index] +
                      (uint64_t)reader->weights[of] *
                          (count < WEIGHT_MOST ? count : WEIGHT_MOST);
    uint32_t depth = reader->depths[of] + 1;
    if (weight > WEIGHT_MOST || depth > DEPTH_MOST)
        input_fail(reader->in, "", "the type has too many parts");
    reader->weights[reader->index] = (uint32_t)weight;
    if (depth > reader->depths[reader->index])
        reader->depths[reader->index] = depth;
}

static void read_array_type(struct type_reader *reader, const json_t *json) {
    struct input *in = reader->in;
    if (reader->index == 0) {
        input_fail(in, "of", "an array contains a type that stands before it");
        return;
    }
    uint32_t of = (uint32_t)input_number(in, json, "of", 0, reader->index - 1);
    struct ir_data_type *type = reader->type;
    type->of = in->mapping->types[of];
    type->count = input_number(in, json, "count", 0, UINT32_MAX);
    if (type->count * type->of->size > type->size)
        input_fail(in, "count", "the elements do not fit into the size");
    contain(reader, of, type->count);
}

static void read_member(struct type_reader *reader, const json_t *json,
                        struct ir_data_member *member) {
    struct input *in = reader->in;
    if (!input_is(in, "members", json, JSON_ARRAY))
        return;
    member->name = input_text(in, "members", json_array_get(json, 0));
    if (reader->type->kind == IR_DATA_ENUM) {
        const json_t *value = json_array_get(json, 1);
        if (input_is(in, "members", value, JSON_INTEGER))
            member->value = json_integer_value(value);
        return;
    }
    if (reader->index == 0) {
        input_fail(in, "members", "their types stand before this one");
        return;
    }
    uint32_t of =
        (uint32_t)input_item(in, "members", json, 1, reader->index - 1);
    member->type = in->mapping->types[of];
    member->off_bits = (uint32_t)input_item(in, "members", json, 2, UINT32_MAX);
    member->bits = (uint32_t)input_item(in, "members", json, 3, 64);
    uint64_t room = member->type->size * UINT64_C(8);
    if (member->bits > room || (member->bits == 0 && member->off_bits % 8))
        input_fail(in, "members", "a width does not go with its type");
    if (member->off_bits + (member->bits ? member->bits : room) >
        reader->type->size * UINT64_C(8))
        input_fail(in, "members", "one lies outside of its type");
    contain(reader, of, 1);
}

static void read_members(struct type_reader *reader, const json_t *json) {
    size_t count;
    const json_t *members = input_list(reader->in, json, "members", &count);
    reader->type->members =
        ARENA_ARRAY(reader->in->arena, struct ir_data_member, count);
    reader->type->member_count = (uint32_t)count;
    for (size_t i = 0; i < count && !reader->in->failed; i++)
        read_member(reader, json_array_get(members, i),
                    &reader->type->members[i]);
}

const struct ir_data_type *read_type_index(struct input *in, const char *member,
                                           const json_t *json) {
    if (!input_is(in, member, json, JSON_INTEGER))
        return NULL;
    json_int_t index = json_integer_value(json);
    if (index == -1)
        return NULL;
    if (index >= 0 && (uint64_t)index < in->mapping->type_count)
        return in->mapping->types[index];
    input_fail(in, member, "there is no type %lld", (long long)index);
    return NULL;
}

static void read_type(struct type_reader *reader, const json_t *json) {
    struct input *in = reader->in;
    struct ir_data_type *type = reader->type;
    const struct kind_row *row = NULL;
    struct str kind = input_string(in, json, "kind");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_is(kind, kinds[i].name))
            row = &kinds[i];
    if (!row) {
        input_fail(in, "kind", "\"%.*s\" is not known", STR_ARGS(kind));
        return;
    }
    type->kind = row->kind;
    type->name = input_text(in, "name", json_object_get(json, "name"));
    type->size = (uint32_t)input_number(in, json, "size", 0, UINT32_MAX / 16);
    type->is_signed = json_is_true(json_object_get(json, "signed"));
    type->is_char = json_is_true(json_object_get(json, "char"));
    if (row->sizes && (type->size > 16 || !(row->sizes >> type->size & 1)))
        input_fail(in, "size", "%u does not go with %s", type->size, row->name);
    if (in->failed)
        return;
    if (type->kind == IR_DATA_POINTER)
        type->of = read_type_index(in, "of", json_object_get(json, "of"));
    else if (type->kind == IR_DATA_ARRAY)
        read_array_type(reader, json);
    else if (type->kind >= IR_DATA_ENUM)
        read_members(reader, json);
}

void read_types(struct input *in, const json_t *root) {
    size_t count;
    struct mapping *mapping = in->mapping;
    const json_t *types = input_list(in, root, "types", &count);
    mapping->types = ARENA_ARRAY(in->arena, struct ir_data_type *, count);
    for (size_t i = 0; i < count; i++)
        mapping->types[i] = ARENA_NEW(in->arena, struct ir_data_type);
    mapping->type_count = count;
    struct type_reader reader = {
        .in = in,
        .weights = ARENA_ARRAY(in->arena, uint32_t, count),
        .depths = ARENA_ARRAY(in->arena, uint32_t, count),
    };
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "types[%zu].", i).p;
        reader.index = (uint32_t)i;
        reader.type = mapping->types[i];
        reader.type->index = (uint32_t)i;
        reader.weights[i] = 1;
        const json_t *json = json_array_get(types, i);
        if (input_is(in, "", json, JSON_OBJECT))
            read_type(&reader, json);
    }
    in->path = "";
}

// --- segments ---

static const char *const known_names[] = {"literal", "probeprov", "probemod",
                                          "probefunc", "probename"};

const char *known_name(uint8_t known) {
    return known_names[known];
}

// A text that no record has. False: the field is another.
static bool read_known(struct input *in, const json_t *json, struct str name,
                       struct ir_field *field) {
    for (size_t i = 0; i < COUNT_OF(known_names); i++) {
        if (!str_is(name, known_names[i]))
            continue;
        field->kind = IR_FIELD_KNOWN;
        field->known = (uint8_t)i;
        if (i == IR_KNOWN_LITERAL)
            field->text = input_text(in, "fields", json_array_get(json, 1));
        return true;
    }
    return false;
}

// ["int32", off], ["block", off, size], both with a type behind if they have
// one; ["text", most], ["stack", most]; ["literal", text], ["probefunc"] and
// the like.
static void read_field(struct input *in, const json_t *json,
                       const struct mapping_segment *segment,
                       struct ir_field *field) {
    if (!input_is(in, "fields", json, JSON_ARRAY) ||
        !input_is(in, "fields", json_array_get(json, 0), JSON_STRING))
        return;
    struct str name = str_from(json_string_value(json_array_get(json, 0)));
    if (read_known(in, json, name, field))
        return;
    bool is_text = str_equal(name, STR("text"));
    if (is_text || str_equal(name, STR("stack"))) {
        field->kind = is_text ? IR_FIELD_TEXT : IR_FIELD_STACK;
        field->size = (uint32_t)input_item(in, "fields", json, 1, FIELD_MOST);
        return;
    }
    if (!input_type(name, &field->type) || field->type.kind == IR_STRING) {
        input_fail(in, "fields", "\"%.*s\" is not known", STR_ARGS(name));
        return;
    }
    bool is_block = field->type.kind == IR_BLOCK;
    field->kind = is_block ? IR_FIELD_BLOCK : IR_FIELD_INT;
    field->off = (uint32_t)input_item(in, "fields", json, 1, MCT_MOST_RECORD);
    field->size =
        is_block ? (uint32_t)input_item(in, "fields", json, 2, MCT_MOST_RECORD)
                 : field->type.bits / 8u;
    const json_t *type = json_array_get(json, is_block ? 3 : 2);
    if (type)
        field->data_type = read_type_index(in, "fields", type);
    if (field->off < RECORD_FIRST ||
        field->off + field->size > segment->fixed_len)
        input_fail(in, "fields", "one lies outside of the record");
}

// A text may be known.
static bool is_kind(const struct ir_field *field, uint8_t kind) {
    return field->kind == kind ||
           (kind == IR_FIELD_TEXT && field->kind == IR_FIELD_KNOWN);
}

// Whether an action has the fields and aggregations that its shape asks for.
static bool has_shape(const struct mapping_action *action) {
    static const struct {
        uint8_t least;
        uint32_t most; // fields
        uint8_t first; // kind of the first one; 255: any
        uint8_t aggregations;
        uint32_t most_aggregations;
    } rows[] = {
        [SHAPE_VALUE] = {1, 2, 255, 0, 0},
        [SHAPE_MEMORY] = {1, 2, IR_FIELD_BLOCK, 0, 0},
        [SHAPE_FORMAT] = {0, UINT32_MAX, 255, 0, 0},
        [SHAPE_AGGS] = {0, 0, 255, 1, UINT32_MAX},
        [SHAPE_AGG] = {0, 0, 255, 1, 1},
        [SHAPE_AGG_INT] = {0, 1, IR_FIELD_INT, 1, 1},
        [SHAPE_STACK] = {1, 1, IR_FIELD_STACK, 0, 0},
        [SHAPE_ADDRESS] = {1, 1, IR_FIELD_INT, 0, 0},
        [SHAPE_SPEC] = {1, 1, IR_FIELD_INT, 0, 0},
        [SHAPE_INT] = {1, 1, IR_FIELD_INT, 0, 0},
        [SHAPE_TEXTS] = {1, 2, IR_FIELD_TEXT, 0, 0},
        [SHAPE_NONE] = {0, 0, 255, 0, 0},
    };
    enum action_shape shape = action_shape(action->kind);
    const struct ir_field *fields = action->fields;
    uint32_t count = action->field_count;
    if (count < rows[shape].least || count > rows[shape].most ||
        action->aggregation_count < rows[shape].aggregations ||
        action->aggregation_count > rows[shape].most_aggregations)
        return false;
    if (count > 0 && rows[shape].first != 255 &&
        !is_kind(&fields[0], rows[shape].first))
        return false;
    if (shape == SHAPE_MEMORY && count == 2)
        return fields[1].kind == IR_FIELD_INT;
    if (shape == SHAPE_TEXTS && count == 2)
        return is_kind(&fields[1], IR_FIELD_TEXT);
    if (shape == SHAPE_VALUE && count == 2)
        return fields[0].kind == IR_FIELD_INT &&
               fields[1].kind == IR_FIELD_BLOCK;
    return action->kind != IR_ACTION_NORMALIZE || count == 1;
}

static void read_action(struct input *in, const json_t *json,
                        const struct mapping_segment *segment,
                        struct mapping_action *action) {
    struct str name = input_string(in, json, "action");
    action->kind = action_find(name);
    if (action->kind == IR_ACTION_COUNT) {
        input_fail(in, "action", "\"%.*s\" is not known", STR_ARGS(name));
        return;
    }
    const json_t *format = json_object_get(json, "format");
    if (format)
        action->format = input_text(in, "format", format);
    size_t count;
    const json_t *items = input_list(in, json, "constants", &count);
    for (size_t i = 0; i < count && i < COUNT_OF(action->constants); i++)
        action->constants[i] = json_integer_value(json_array_get(items, i));
    items = input_list(in, json, "fields", &count);
    action->fields = ARENA_ARRAY(in->arena, struct ir_field, count);
    action->field_count = (uint32_t)count;
    for (size_t i = 0; i < count && !in->failed; i++)
        read_field(in, json_array_get(items, i), segment, &action->fields[i]);
    items = input_list(in, json, "aggregations", &count);
    action->aggregations = ARENA_ARRAY(in->arena, uint32_t, count);
    action->aggregation_count = (uint32_t)count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        action->aggregations[i] =
            (uint32_t)input_item(in, "aggregations", items, i, UINT32_MAX);
        if (action->aggregations[i] >= in->mapping->aggregation_count)
            input_fail(in, "aggregations", "there is no %u",
                       action->aggregations[i]);
    }
    if (!in->failed && !has_shape(action))
        input_fail(in, "fields", "do not go with %.*s", STR_ARGS(name));
}

// Those that printa() prints together have the same keys.
static void check_joined(struct input *in,
                         const struct mapping_action *action) {
    const struct mapping_aggregation *all = in->mapping->aggregations;
    for (uint32_t i = 1; i < action->aggregation_count; i++) {
        const struct mapping_aggregation *a = &all[action->aggregations[0]];
        const struct mapping_aggregation *b = &all[action->aggregations[i]];
        bool is_same = a->key_count == b->key_count;
        for (uint32_t k = 0; is_same && k < a->key_count; k++)
            is_same = a->keys[k].type.kind == b->keys[k].type.kind &&
                      a->keys[k].form.action == b->keys[k].form.action;
        if (!is_same)
            input_fail(in, "aggregations", "their keys differ");
    }
}

static void read_segment(struct input *in, const json_t *json,
                         struct mapping_segment *segment) {
    size_t count;
    if (in->mapping->clause_count == 0)
        input_fail(in, "clause", "there are no clauses");
    else
        segment->clause = (uint32_t)input_number(in, json, "clause", 0,
                                                 in->mapping->clause_count - 1);
    segment->fixed_len = (uint32_t)input_number(in, json, "fixed_len",
                                                RECORD_FIRST, MCT_MOST_RECORD);
    segment->is_speculative =
        json_is_true(json_object_get(json, "speculative"));
    segment->is_default = json_is_true(json_object_get(json, "default"));
    const json_t *actions = input_list(in, json, "actions", &count);
    segment->actions = ARENA_ARRAY(in->arena, struct mapping_action, count);
    segment->action_count = (uint32_t)count;
    const char *path = in->path;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "%sactions[%zu].", path, i).p;
        const json_t *action = json_array_get(actions, i);
        if (!input_is(in, "", action, JSON_OBJECT))
            return;
        read_action(in, action, segment, &segment->actions[i]);
        if (!in->failed)
            check_joined(in, &segment->actions[i]);
        uint8_t kind = segment->actions[i].kind;
        if (segment->is_speculative &&
            (kind == IR_ACTION_COMMIT || kind == IR_ACTION_DISCARD))
            input_fail(in, "action", "what is speculative ends no speculation");
    }
    if (!in->failed && segment->is_speculative &&
        (count == 0 || segment->actions[0].kind != IR_ACTION_SPECULATE))
        input_fail(in, "speculative", "the first action is no speculate");
}

static void read_segments(struct input *in, const json_t *root) {
    size_t count;
    const json_t *segments = input_list(in, root, "segments", &count);
    in->mapping->segments =
        ARENA_ARRAY(in->arena, struct mapping_segment, count);
    in->mapping->segment_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        in->path = str_format(in->arena, "segments[%zu].", i).p;
        const json_t *json = json_array_get(segments, i);
        if (input_is(in, "", json, JSON_OBJECT))
            read_segment(in, json, &in->mapping->segments[i]);
    }
    in->path = "";
}

// --- probes ---

// An array of texts.
static struct str *read_texts(struct input *in, const json_t *root,
                              const char *member, size_t *count) {
    const json_t *array = input_list(in, root, member, count);
    struct str *texts = ARENA_ARRAY(in->arena, struct str, *count);
    for (size_t i = 0; i < *count && !in->failed; i++)
        texts[i] = input_text(in, member, json_array_get(array, i));
    return texts;
}

// Flat, for there may be 100,000: of each probe the id, then which of `names`
// are its provider, module, function and name.
static void read_probes(struct input *in, const json_t *root) {
    size_t name_count, count;
    struct str *names = read_texts(in, root, "names", &name_count);
    const json_t *items = input_list(in, root, "probes", &count);
    struct mapping *mapping = in->mapping;
    mapping->probe_count = count / 5;
    mapping->probes =
        ARENA_ARRAY(in->arena, struct mapping_probe, mapping->probe_count);
    if (count % 5 || (count > 0 && name_count == 0))
        input_fail(in, "probes", "each must be an id and four of the names");
    for (size_t i = 0; i < mapping->probe_count && !in->failed; i++) {
        struct str fields[4];
        for (size_t k = 0; k < 4; k++)
            fields[k] = names[input_item(in, "probes", items, i * 5 + 1 + k,
                                         name_count - 1)];
        mapping->probes[i] = (struct mapping_probe){
            (uint32_t)input_item(in, "probes", items, i * 5, UINT32_MAX),
            fields[0], fields[1], fields[2], fields[3]};
    }
}

// Flat too: of each enabling its segment and its probe.
static void read_enablings(struct input *in, const json_t *root) {
    size_t count;
    const json_t *items = input_list(in, root, "enablings", &count);
    struct mapping *mapping = in->mapping;
    mapping->enabling_count = count / 2;
    mapping->enablings = ARENA_ARRAY(in->arena, struct mapping_enabling,
                                     mapping->enabling_count);
    if (count % 2)
        input_fail(in, "enablings", "each must be a segment and a probe");
    for (size_t i = 0; i < mapping->enabling_count && !in->failed; i++) {
        struct mapping_enabling *enabling = &mapping->enablings[i];
        enabling->segment =
            (uint32_t)input_item(in, "enablings", items, i * 2, UINT32_MAX);
        enabling->probe =
            (uint32_t)input_item(in, "enablings", items, i * 2 + 1, UINT32_MAX);
        if (enabling->segment >= mapping->segment_count ||
            enabling->probe >= mapping->probe_count)
            input_fail(in, "enablings", "one names what does not exist");
    }
}

static void read_options(struct input *in, json_t *root) {
    struct ir_options *options = &in->mapping->options;
    options_init(options);
    json_t *object = json_object_get(root, "options");
    if (!object || !input_is(in, "options", object, JSON_OBJECT))
        return;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        unsigned i = 0;
        while (i < IR_OPTION_COUNT && strcmp(name, option_name(i)) != 0)
            i++;
        if (i == IR_OPTION_COUNT)
            input_fail(in, "options", "\"%s\" is not known", name);
        else if (input_is(in, "options", value, JSON_INTEGER))
            options->values[i] = json_integer_value(value);
    }
}

void read_records(struct input *in, json_t *root) {
    read_options(in, root);
    if (!in->failed)
        in->mapping->clauses =
            read_texts(in, root, "clauses", &in->mapping->clause_count);
    if (!in->failed)
        read_segments(in, root);
    if (!in->failed)
        read_probes(in, root);
    if (!in->failed)
        read_enablings(in, root);
}
