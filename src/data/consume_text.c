// consume_text.c: rows and aggregations as dtrace(1) prints them.
//
//     CPU     ID                    FUNCTION:NAME
//       0      1                           :BEGIN hello
//
// With -F, entries and returns move the margin:
//
//     CPU FUNCTION
//       0  -> main
//       0    | main:17
//       0  <- main
//
// The heading stands ahead of the first row, whatever it says.

#include <string.h>

#include "data/consume.h"

enum flow_kind { FLOW_NONE, FLOW_ENTRY, FLOW_RETURN };

// --- beginnings of rows ---

static bool ends_as(struct str name, struct str word) {
    return str_equal(name, word) ||
           (str_ends_with(name, word) && name.n > word.n &&
            name.p[name.n - word.n - 1] == '-');
}

static bool is_flow(const struct consumer *consumer) {
    return consumer->options.values[IR_OPTION_flowindent] != 0;
}

static bool is_quiet(const struct consumer *consumer) {
    return consumer->options.values[IR_OPTION_quiet] != 0;
}

static void put_heading(struct consumer *consumer) {
    struct show *show = &consumer->show;
    bool testing = consumer->setup.is_testing;
    if (is_flow(consumer))
        show_format(show, testing ? "%s%-41s\n" : "%3s %-41s\n",
                    testing ? "" : "CPU", "FUNCTION");
    else if (is_quiet(consumer))
        return;
    else if (testing)
        show_format(show, "%32s\n", "FUNCTION:NAME");
    else
        show_format(show, "%3s %6s %32s\n", "CPU", "ID", "FUNCTION:NAME");
}

// The label of an enabling: all of a row's beginning that is always the same.
static struct str label(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct str *label =
        &consumer->labels[row->record->enabling - MCT_ENABLING_FIRST];
    if (!label->p) {
        const struct mapping_probe *probe = row->probe;
        struct str name =
            str_format(consumer->arena, "%.*s:%.*s", STR_ARGS(probe->function),
                       STR_ARGS(probe->name));
        *label =
            consumer->setup.is_testing
                ? str_format(consumer->arena, "%32s ", name.p)
                : str_format(consumer->arena, " %6u %32s ", probe->id, name.p);
    }
    return *label;
}

static enum flow_kind flow_kind(const struct mapping_probe *probe) {
    return ends_as(probe->name, STR("entry"))    ? FLOW_ENTRY
           : ends_as(probe->name, STR("return")) ? FLOW_RETURN
                                                 : FLOW_NONE;
}

// Several clauses of one probe move the margin once.
static bool is_again(const struct row *row, uint32_t last) {
    const struct mapping *mapping = row->consumer->mapping;
    if (last == 0 || last == row->record->enabling)
        return false;
    uint32_t probe = mapping->enablings[last - MCT_ENABLING_FIRST].probe;
    return mapping->probes[probe].id == row->probe->id;
}

static void put_flow(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct show *show = &consumer->show;
    const struct mapping_probe *probe = row->probe;
    struct flow *flow = &consumer->flows[row->record->cpu];
    enum flow_kind kind = flow_kind(probe);
    if (kind == FLOW_ENTRY && is_again(row, flow->last))
        kind = FLOW_NONE;
    bool is_syscall = str_equal(probe->provider, STR("syscall"));
    const char *prefix = kind == FLOW_NONE    ? "| "
                         : kind == FLOW_ENTRY ? (is_syscall ? " => " : " -> ")
                                              : (is_syscall ? " <= " : " <- ");
    if (kind == FLOW_RETURN && flow->indent > 0)
        flow->indent -= 2;
    struct bytes *name = &show->scratch;
    name->n = 0;
    for (unsigned i = 0; i < flow->indent; i++)
        bytes_u8(name, ' ');
    bytes_add(name, prefix, strlen(prefix));
    bytes_add(name, probe->function.p, probe->function.n);
    if (kind == FLOW_NONE) {
        bytes_u8(name, ':');
        bytes_add(name, probe->name.p, probe->name.n);
    }
    if (!consumer->setup.is_testing) {
        show_unsigned(show, row->record->cpu, 3);
        show_text(show, STR(" "));
    }
    show_padded(show, (struct str){(const char *)name->p, name->n}, -41);
    show_text(show, STR(" "));
    if (kind == FLOW_ENTRY)
        flow->indent += 2;
    flow->last = row->record->enabling;
}

static void begin_row(struct row *row) {
    struct consumer *consumer = row->consumer;
    if (!consumer->has_heading) {
        put_heading(consumer);
        consumer->has_heading = true;
    }
    if (is_flow(consumer)) {
        put_flow(row);
    } else if (!is_quiet(consumer)) {
        if (!consumer->setup.is_testing)
            show_unsigned(&consumer->show, row->record->cpu, 3);
        show_text(&consumer->show, label(row));
    }
}

// --- aggregations ---

// In printa()'s format, once a key.
static void put_formatted(struct consumer *consumer,
                          struct agg_table *const *tables, uint32_t count,
                          const struct format *format) {
    struct agg_order order = agg_order_of(&consumer->options);
    struct arena *arena = arena_new();
    size_t row_count;
    for (uint32_t i = 0; i < count; i++)
        agg_table_name(tables[i], &consumer->show.symbols, consumer->show.pid);
    struct agg_row *rows = agg_rows(arena, tables, count, &order, &row_count);
    for (size_t i = 0; i < row_count; i++) {
        struct show_aggregations aggregations = {
            tables, (const struct agg_element *const *)rows[i].elements, count};
        show_printf(&consumer->show, format, rows[i].keys,
                    tables[0]->aggregation->key_count, &aggregations);
    }
    arena_free(arena);
}

static void put_printa(struct row *row) {
    struct consumer *consumer = row->consumer;
    const struct mapping_action *action = row->action;
    uint32_t segment = (uint32_t)(row->segment - consumer->mapping->segments);
    const struct format *format =
        action->format.p ? &consumer->formats[segment][row->action_index]
                         : NULL;
    struct agg_table *tables[UINT8_MAX];
    bool any = false;
    for (uint32_t i = 0; i < action->aggregation_count; i++) {
        tables[i] = &consumer->tables[action->aggregations[i]];
        any |= tables[i]->count > 0;
    }
    if (format) {
        put_formatted(consumer, tables, action->aggregation_count, format);
    } else {
        show_text(&consumer->show, STR("\n"));
        show_aggs(&consumer->show, tables, action->aggregation_count);
    }
    for (uint32_t i = 0; any && i < action->aggregation_count; i++)
        tables[i]->is_printed = true;
}

void text_finish(struct consumer *consumer) {
    show_text(&consumer->show, STR("\n"));
    size_t count = consumer->mapping->aggregation_count;
    bool is_reverse = consumer->options.values[IR_OPTION_aggsortrev] != 0;
    for (size_t i = 0; i < count; i++) {
        struct agg_table *table =
            &consumer->tables[is_reverse ? count - 1 - i : i];
        if (!table->is_printed)
            show_aggs(&consumer->show, &table, 1);
    }
}

// --- actions ---

// Of tracemem(): less than all if the script says so.
static struct str memory_of(const struct row *row) {
    struct str bytes = row->values[0].text;
    if (row->action->field_count < 2)
        return bytes;
    const struct value *size = &row->values[1];
    bool is_negative = size->type.is_signed && (int64_t)size->number < 0;
    if (!is_negative && size->number < bytes.n)
        bytes.n = (size_t)size->number;
    return bytes;
}

static void put_address(struct row *row) {
    char room[SYMBOL_ROOM];
    struct show *show = &row->consumer->show;
    show_text(show, STR("  "));
    show_padded(show,
                symbol_text(show, row->values[0].number, row->action->kind,
                            room, sizeof room),
                -50);
}

static void put_action(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct show *show = &consumer->show;
    switch ((enum ir_action_kind)row->action->kind) {
    case IR_ACTION_TRACE: show_trace(show, &row->values[0]); break;
    case IR_ACTION_PRINT:
        if (row->action->field_count == 2)
            show_type(show, &row->values[0], &row->values[1]);
        else
            show_type(show, NULL, &row->values[0]);
        break;
    case IR_ACTION_TRACEMEM: show_hex_dump(show, memory_of(row)); break;
    case IR_ACTION_PRINTF: row_format(row, &consumer->text); break;
    case IR_ACTION_PRINTA: put_printa(row); break;
    case IR_ACTION_STACK:
    case IR_ACTION_USTACK:
    case IR_ACTION_JSTACK:
        if (row->action->fields[0].size > 0)
            show_stack(show, &row->values[0],
                       (int)consumer->options.values[IR_OPTION_stackindent], 0);
        break;
    default: put_address(row);
    }
}

void text_row(struct row *row) {
    struct consumer *consumer = row->consumer;
    begin_row(row);
    for (uint32_t i = 0; i < row->segment->action_count; i++) {
        row->action = &row->segment->actions[i];
        row->action_index = i;
        row_take_values(row);
        if (!row_act(row))
            put_action(row);
    }
    if (!is_quiet(consumer))
        show_text(&consumer->show, STR("\n"));
}
