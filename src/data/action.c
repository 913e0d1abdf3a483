// action.c: the rows of actions.def.

#include "data/data.h"

static const struct {
    const char *name;
    uint8_t shape; // enum action_shape
} rows[] = {
#define ACTION(name, NAME, shape) {#name, SHAPE_##shape},
#include "mctrace/actions.def"
#undef ACTION
};

const char *action_name(enum ir_action_kind kind) {
    return rows[kind].name;
}

enum action_shape action_shape(enum ir_action_kind kind) {
    return kind < IR_ACTION_COUNT ? rows[kind].shape : SHAPE_NONE;
}

enum ir_action_kind action_find(struct str name) {
    for (unsigned i = 0; i < COUNT_OF(rows); i++)
        if (str_is(name, rows[i].name))
            return i;
    return IR_ACTION_COUNT;
}
