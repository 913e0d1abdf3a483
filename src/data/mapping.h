// mapping.h: what the files that read a mapping's JSON share.

#ifndef MCTRACE_DATA_MAPPING_H
#define MCTRACE_DATA_MAPPING_H

#include <jansson.h>

#include "data/data.h"

struct input {
    struct arena *arena;
    struct diag *diag;
    const char *name;
    const char *path; // of the object being read, with its final '.'
    struct mapping *mapping;
    bool failed;
};

// mapping_json.c

void input_fail(struct input *in, const char *member, const char *format, ...)
    PRINTF_LIKE(3, 4);
// Whether a member is there and of a type; reported if not.
bool input_is(struct input *in, const char *member, const json_t *json,
              json_type type);
const json_t *input_array(struct input *in, const json_t *object,
                          const char *member, size_t *count);
// The same of a member that may be absent, and is empty then.
const json_t *input_list(struct input *in, const json_t *object,
                         const char *member, size_t *count);
uint64_t input_number(struct input *in, const json_t *object,
                      const char *member, uint64_t least, uint64_t most);
// The slice points into the JSON document, which is released at the end.
struct str input_string(struct input *in, const json_t *object,
                        const char *member);
bool input_hex(struct input *in, const char *member, struct str text,
               uint8_t *out);
// A string, or {"hex": "..."} of what is not UTF-8.
struct str input_text(struct input *in, const char *member, const json_t *json);
bool input_type(struct str name, struct ir_type *type);
// Element `i` of an array of whole numbers, from 0 to `most`.
uint64_t input_item(struct input *in, const char *member, const json_t *array,
                    size_t i, uint64_t most);

// mapping_records.c: types, and what records mean

void read_types(struct input *in, const json_t *root);
void read_records(struct input *in, json_t *root);
// The type of that index; NULL for -1.
const struct ir_data_type *read_type_index(struct input *in, const char *member,
                                           const json_t *json);

// mapping_records.c: what enum ir_known_text is called.
const char *known_name(uint8_t known);

#endif
