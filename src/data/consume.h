// consume.h: the consumer's state, shared by its files.

#ifndef MCTRACE_DATA_CONSUME_H
#define MCTRACE_DATA_CONSUME_H

#include "data/show.h"

// Records of one speculation that wait for commit or discard, copied one
// behind the other.
struct speculation {
    uint32_t id;
    struct bytes records;
};

// Of a CPU, for flowindent.
struct flow {
    uint32_t last; // enabling of the row before; 0: none
    unsigned indent;
};

struct consumer {
    struct arena *arena;
    struct consumer_setup setup;
    const struct mapping *mapping;
    struct ir_options options;
    struct show show;
    struct bytes text;    // shown, but not written yet
    FILE *out, *original; // original: before freopen()
    bool has_heading;
    struct format **formats; // by segment, then by action
    struct str *labels;      // by enabling: what a row begins with, once made
    struct bytes formatted;  // by one printf(), to be quoted
    struct flow *flows;      // by CPU
    struct map probes;       // by id
    struct value *values;    // room for those of any action
    struct agg_table *tables;
    struct speculation *speculations;
    size_t speculation_count, speculation_room;
    bool has_exited;
    int32_t exit_status;
    bool is_refused[IR_ACTION_COUNT]; // actions that were said not to be done
    uint64_t drops[MCT_DROP_COUNT];   // told so far
    uint64_t damaged;
    struct telemetry *telemetry; // gathered from last; or NULL
};

// The row at hand.
struct row {
    struct consumer *consumer;
    const struct record *record;
    const struct mapping_segment *segment;
    const struct mapping_probe *probe;
    const struct mapping_action *action;
    uint32_t action_index;
    size_t tail;          // where the next variable field stands
    struct value *values; // until another row begins, as by a commit
};

// consume.c

// The values of the row's action, taken from its record.
void row_take_values(struct row *row);
void consumer_record_row(struct consumer *consumer,
                         const struct record *record);

// consume_text.c

void text_row(struct row *row);
void text_finish(struct consumer *consumer);

// consume_json.c: an object a line

void json_row(struct row *row);
void json_fault(struct consumer *consumer, const struct record *record);
void json_lost(struct consumer *consumer, const char *what, uint64_t count);
void json_lines_finish(struct consumer *consumer);
void json_object(struct consumer *consumer);

// consume_act.c: what changes the consumer

// Performs the row's action if it shows nothing; false: it is one that does.
bool row_act(struct row *row);
// Formats the row's action as printf() would, into `out`.
void row_format(struct row *row, struct bytes *out);

// consume_say.c: messages

struct fault_info {
    uint32_t clause;
    const struct mapping_probe *probe; // NULL: the mapping has none of it
    uint64_t place, code, value;
    const char *text;
};
struct fault_info fault_of(const struct consumer *consumer,
                           const struct record *record);

void say_fault(struct consumer *consumer, const struct record *record);
void say_error(struct row *row, const char *format, ...) PRINTF_LIKE(2, 3);
void say_drops(struct consumer *consumer, enum mct_drop kind, uint64_t count,
               unsigned cpu);

#endif
