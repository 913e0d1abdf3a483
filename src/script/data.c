// data.c: types as readers need them, to show what a record or variable holds.
//
// A type is described once, so that a list whose elements point to their like
// ends. What is behind a pointer is described only as far as it has a name.

#include "script/script.h"

static const uint8_t kinds[] = {
    [TYPE_INTEGER] = IR_DATA_INTEGER, [TYPE_STRING] = IR_DATA_ARRAY,
    [TYPE_FLOAT] = IR_DATA_FLOAT,     [TYPE_POINTER] = IR_DATA_POINTER,
    [TYPE_ARRAY] = IR_DATA_ARRAY,     [TYPE_STRUCT] = IR_DATA_STRUCT,
    [TYPE_UNION] = IR_DATA_UNION,     [TYPE_ENUM] = IR_DATA_ENUM};

static void describe_members(struct script *script, struct ir_data_type *data,
                             const struct type *type) {
    userland_read(type->tagged);
    const struct tagged *tagged = type->tagged;
    data->member_count = tagged->member_count;
    data->members = arena_alloc(script->arena,
                                tagged->member_count * sizeof *data->members);
    for (uint32_t i = 0; i < tagged->member_count; i++) {
        const struct member *member = &tagged->members[i];
        struct ir_data_member *out = &data->members[i];
        out->name = member->name;
        out->off_bits = (uint32_t)member->off_bits;
        out->bits = member->width;
        out->value = member->value;
        out->type = member->type ? type_data(script, member->type) : NULL;
    }
}

const struct ir_data_type *type_data(struct script *script,
                                     const struct type *type) {
    struct ir_data_type *data =
        map_get_number(&script->data_types, (uintptr_t)type);
    if (data || type->kind >= COUNT_OF(kinds) ||
        (type->kind <= TYPE_VOID || type->kind == TYPE_ASSOCIATIVE ||
         type->kind == TYPE_FUNCTION))
        return data;
    data = ARENA_NEW(script->arena, struct ir_data_type);
    map_put_number(&script->data_types, (uintptr_t)type, data);
    data->kind = kinds[type->kind];
    data->name = type->name;
    data->size = (uint32_t)type_size(script, type);
    data->is_signed = type->is_signed;
    data->is_char = type->kind == TYPE_INTEGER && type->bits == 8;
    data->count = type_is_string(type) ? data->size : type->count;
    if (type_is_string(type))
        data->of = type_data(script, type_basic(script, BASIC_CHAR));
    else if (type->kind == TYPE_ARRAY)
        data->of = type_data(script, type->of);
    if (type->tagged)
        describe_members(script, data, type);
    return data;
}
