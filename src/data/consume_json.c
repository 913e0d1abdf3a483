// consume_json.c: all in one object, or an object a line for each row, fault
// and drop.
//
//     {"reads": 1, "name": "x", "@": 5, "@last": null,
//      "@calls": [{"key": ["main", 3], "value": 2}],
//      "@sizes": [{"min": 4, "max": 7, "count": 9}]}
//
// has a member for each global variable in the order of the script, then for
// each associative array (its elements in the order of their keys) and for each
// aggregation. One with keys is an array in DTrace's order; a distribution
// is the array of its buckets that are not empty, open ends being the limits of
// 64 bits. An aggregation without keys that was never updated is null, so that
// "nothing happened" and "the sum is 0" stay apart; a distribution, or one with
// keys, is an empty array then. By lines (each is one):
//
//     {"time": 817, "cpu": 0, "pid": 7, "tid": 7, "probe":
//     "pid:a.out:main:entry",
//      "id": 4, "clause": "dt_clause_0", "actions": [{"trace": 5},
//      {"printf": "5 x\n", "values": [5, "x"]}, {"printa": {"@": 3}}]}
//     {"time": 818, ..., "fault": "invalid address", "code": 1, "value": 0}
//     {"drops": "aggregation drop", "count": 5}
//     {"aggregations": {"@": 3}}
//
// The last is what the aggregations hold at the end.

#include "data/consume.h"

// The part of a line that says which clause of which probe it is about.
static void put_origin(struct consumer *consumer, struct bytes *out,
                       const struct mapping_probe *probe, uint32_t clause) {
    struct show show = {.out = out};
    struct bytes *name = &consumer->show.scratch;
    const struct str *parts[] = {&probe->provider, &probe->module,
                                 &probe->function, &probe->name};
    name->n = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (i > 0)
            bytes_u8(name, ':');
        bytes_add(name, parts[i]->p, parts[i]->n);
    }
    show_text(&show, STR(", \"probe\": "));
    json_quote(out, (struct str){(const char *)name->p, name->n});
    show_format(&show, ", \"id\": %u, \"clause\": ", probe->id);
    json_quote(out, consumer->mapping->clauses[clause]);
}

static void put_moment(struct show *show, const struct record *record) {
    show_text(show, STR("{\"time\": "));
    show_unsigned(show, record->time, 0);
    show_text(show, STR(", \"cpu\": "));
    show_unsigned(show, record->cpu, 0);
    show_text(show, STR(", \"pid\": "));
    show_unsigned(show, record->pid, 0);
    show_text(show, STR(", \"tid\": "));
    show_unsigned(show, record->tid, 0);
}

// The origin is the same for all rows of an enabling.
static void put_head(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct str *origin =
        &consumer->labels[row->record->enabling - MCT_ENABLING_FIRST];
    if (!origin->p) {
        struct bytes text;
        bytes_init(&text, consumer->arena, ORDER_LITTLE);
        put_origin(consumer, &text, row->probe, row->segment->clause);
        *origin = (struct str){(const char *)text.p, text.n};
    }
    put_moment(&consumer->show, row->record);
    show_text(&consumer->show, *origin);
}

static void put_values(struct row *row, uint32_t first) {
    struct show *show = &row->consumer->show;
    show_text(show, STR("["));
    for (uint32_t i = first; i < row->action->field_count; i++) {
        show_text(show, i > first ? STR(", ") : STR(""));
        show_json(show, &row->values[i]);
    }
    show_text(show, STR("]"));
}

static void put_aggregations(struct row *row) {
    struct consumer *consumer = row->consumer;
    const struct mapping_action *action = row->action;
    for (uint32_t i = 0; i < action->aggregation_count; i++) {
        struct agg_table *table = &consumer->tables[action->aggregations[i]];
        show_text(&consumer->show, i ? STR(", ") : STR("{"));
        json_quote(&consumer->text, table->aggregation->name);
        show_text(&consumer->show, STR(": "));
        show_json_table(&consumer->show, table);
        table->is_printed |= table->count > 0;
    }
    show_text(&consumer->show, STR("}"));
}

static void put_formatted(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct bytes *text = &consumer->formatted;
    text->n = 0;
    row_format(row, text);
    json_quote(&consumer->text, (struct str){(const char *)text->p, text->n});
    show_text(&consumer->show, STR(", \"values\": "));
    put_values(row, 0);
}

// What a value-less action is about.
static void put_subject(struct row *row) {
    struct consumer *consumer = row->consumer;
    const struct mapping_action *action = row->action;
    if (action->aggregation_count > 0)
        json_quote(
            &consumer->text,
            consumer->mapping->aggregations[action->aggregations[0]].name);
    else if (action->field_count == 1)
        show_json(&consumer->show, &row->values[0]);
    else
        put_values(row, 0);
    if (action->aggregation_count > 0 && action->field_count > 0) {
        show_text(&consumer->show, STR(", \"value\": "));
        show_json(&consumer->show, &row->values[0]);
    }
}

static void put_action(struct row *row) {
    struct show *show = &row->consumer->show;
    const struct mapping_action *action = row->action;
    show_text(show, STR("{\""));
    show_text(show, str_from(action_name(action->kind)));
    show_text(show, STR("\": "));
    enum action_shape shape = action_shape(action->kind);
    if (shape == SHAPE_FORMAT) {
        put_formatted(row);
    } else if (shape == SHAPE_AGGS) {
        put_aggregations(row);
    } else if (shape == SHAPE_ADDRESS) {
        row->values[0].kind = VALUE_SYMBOL;
        show_json(show, &row->values[0]);
    } else if (action->kind == IR_ACTION_PRINT && action->field_count == 2) {
        show_json(show, &row->values[1]);
        show_text(show, STR(", \"address\": "));
        show_unsigned(show, row->values[0].number, 0);
    } else {
        put_subject(row);
    }
    show_text(show, STR("}"));
}

// What a commit lets out are lines of their own, behind this one.
static void let_out(struct row *row) {
    row->tail = row->segment->fixed_len;
    for (uint32_t i = 0; i < row->segment->action_count; i++) {
        row->action = &row->segment->actions[i];
        row_take_values(row);
        if (row->action->kind == IR_ACTION_COMMIT)
            row_act(row);
    }
}

void json_row(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct show *show = &consumer->show;
    bool commits = false;
    put_head(row);
    show_text(show, STR(", \"actions\": ["));
    for (uint32_t i = 0; i < row->segment->action_count; i++) {
        row->action = &row->segment->actions[i];
        row->action_index = i;
        row_take_values(row);
        show_text(show, i ? STR(", ") : STR(""));
        put_action(row);
        if (row->action->kind == IR_ACTION_COMMIT)
            commits = true;
        else
            row_act(row);
    }
    show_text(show, STR("]}\n"));
    if (commits)
        let_out(row);
}

void json_fault(struct consumer *consumer, const struct record *record) {
    struct fault_info fault = fault_of(consumer, record);
    struct show *show = &consumer->show;
    put_moment(show, record);
    put_origin(consumer, &consumer->text, fault.probe, fault.clause);
    show_format(show, ", \"fault\": \"%s\", \"code\": %llu, \"value\": %llu}\n",
                fault.text, (unsigned long long)fault.code,
                (unsigned long long)fault.value);
}

void json_lost(struct consumer *consumer, const char *what, uint64_t count) {
    show_format(&consumer->show, "{\"drops\": \"%s\", \"count\": %llu}\n", what,
                (unsigned long long)count);
}

static void put_tables(struct consumer *consumer, bool *any) {
    struct show *show = &consumer->show;
    for (size_t i = 0; i < consumer->mapping->aggregation_count; i++) {
        show_text(show, *any ? STR(", ") : STR("{"));
        *any = true;
        json_quote(show->out, consumer->mapping->aggregations[i].name);
        show_text(show, STR(": "));
        show_json_table(show, &consumer->tables[i]);
    }
}

void json_lines_finish(struct consumer *consumer) {
    bool any = false;
    if (consumer->mapping->aggregation_count == 0)
        return;
    show_text(&consumer->show, STR("{\"aggregations\": "));
    put_tables(consumer, &any);
    show_text(&consumer->show, STR("}}\n"));
}

static void put_array(struct consumer *consumer, size_t i) {
    struct show *show = &consumer->show;
    const struct mapping_array *array = &consumer->mapping->arrays[i];
    size_t count;
    struct array_element *elements =
        telemetry_array(consumer->telemetry, i, &count);
    json_quote(show->out, array->variable.name);
    show_text(show, STR(": ["));
    for (size_t k = 0; k < count; k++) {
        show_text(show, k ? STR(", {\"key\": [") : STR("{\"key\": ["));
        for (uint32_t c = 0; c < array->key_count; c++) {
            show_text(show, c ? STR(", ") : STR(""));
            show_json(show, &elements[k].keys[c]);
        }
        show_text(show, STR("], \"value\": "));
        show_json(show, &elements[k].value);
        show_text(show, STR("}"));
    }
    show_text(show, STR("]"));
}

void json_object(struct consumer *consumer) {
    struct show *show = &consumer->show;
    bool any = false;
    for (size_t i = 0;
         consumer->telemetry && i < consumer->mapping->variable_count; i++) {
        struct value value = telemetry_variable(consumer->telemetry, i);
        show_text(show, any ? STR(", ") : STR("{"));
        any = true;
        json_quote(show->out, consumer->mapping->variables[i].name);
        show_text(show, STR(": "));
        show_json(show, &value);
    }
    for (size_t i = 0;
         consumer->telemetry && i < consumer->mapping->array_count; i++) {
        show_text(show, any ? STR(", ") : STR("{"));
        any = true;
        put_array(consumer, i);
    }
    put_tables(consumer, &any);
    show_text(show, any ? STR("}\n") : STR("{}\n"));
}
