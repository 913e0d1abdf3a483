// consume.c: what libdtrace's consumer does with records.
//
//     record -> drain, fault, ...    taken in at once
//            -> a row of a segment   speculative: kept until commit
//                                    else its actions, one behind the other
//
// One implementation for files (`extract`) and for a running program (`trace`):
// they differ in when records arrive, and in whether system() and its like are
// performed. Text is gathered and written in large pieces.

#include <stdlib.h>
#include <string.h>

#include "data/consume.h"
#include "data/load.h"
#include "mctrace/region.h"

#define FLUSH_AT (64u << 10)
#define CPU_MOST 65536u

static uint64_t at(const struct consumer *consumer, const struct record *record,
                   size_t off, size_t len) {
    return load_quickly(record->bytes.p + off, len, consumer->mapping->order);
}

static void write_text(struct consumer *consumer) {
    if (consumer->text.n > 0)
        fwrite(consumer->text.p, 1, consumer->text.n, consumer->out);
    consumer->text.n = 0;
}

static FILE *spill(void *state) {
    struct consumer *consumer = state;
    write_text(consumer);
    return consumer->out;
}

void consumer_flush(struct consumer *consumer) {
    write_text(consumer);
    fflush(consumer->out);
}

// --- drains ---

// Elements that were taken out of the region while the program ran.
static void take_drain(struct consumer *consumer, const struct record *record) {
    struct reader in = reader_open(record->bytes, consumer->mapping->order);
    reader_seek(&in, sizeof(struct mct_record));
    uint64_t which = reader_uint(&in, 4);
    uint64_t count = reader_uint(&in, 4);
    if (which >= consumer->mapping->aggregation_count) {
        consumer->damaged++;
        return;
    }
    struct agg_table *table = &consumer->tables[which];
    size_t cells_len = table->aggregation->cell_count * 8u;
    for (uint64_t i = 0; i < count && !in.failed; i++) {
        uint64_t where = reader_uint(&in, 4);
        size_t words = (size_t)reader_uint(&in, 4);
        struct slice key = {0};
        if (where == MCT_DRAIN_KEYED)
            key = reader_bytes(&in, words * 8);
        struct slice cells = reader_bytes(&in, cells_len);
        bool ok = !in.failed;
        if (ok && where == MCT_DRAIN_KEYED)
            ok = agg_table_add_key(table, key.p, words, cells.p);
        else if (ok)
            ok = where < table->aggregation->slot_count &&
                 agg_table_add_slot(table, (size_t)where, cells.p);
        consumer->damaged += !ok;
    }
}

void consumer_gather(struct consumer *consumer, struct telemetry *telemetry) {
    consumer->telemetry = telemetry;
    consumer->show.pid = (uint32_t)telemetry->pid;
    for (size_t i = 0; i < consumer->mapping->aggregation_count; i++)
        telemetry->damaged += telemetry_gather(telemetry, &consumer->tables[i]);
}

// --- values ---

static struct value take_text(const struct row *row, size_t *tail) {
    const struct slice bytes = row->record->bytes;
    struct value value = {.kind = VALUE_TEXT, .type = IR_TYPE_STRING};
    if (*tail + 4 > bytes.n)
        return value;
    size_t len = (size_t)at(row->consumer, row->record, *tail, 4);
    if (len == MCT_NO_TEXT || len > bytes.n - *tail - 4)
        len = 0;
    else
        value.text = (struct str){(const char *)bytes.p + *tail + 4, len};
    *tail += (4 + len + 7) & ~(size_t)7;
    return value;
}

static struct value take_stack(const struct row *row, size_t *tail) {
    const struct slice bytes = row->record->bytes;
    struct value value = {.kind = VALUE_STACK, .type = IR_TYPE_U64};
    if (*tail + 8 > bytes.n)
        return value;
    size_t len = (size_t)at(row->consumer, row->record, *tail, 4) * 8;
    if (len > bytes.n - *tail - 8)
        len = 0;
    value.text = (struct str){(const char *)bytes.p + *tail + 8, len};
    *tail += 8 + len;
    return value;
}

static struct value known_value(const struct row *row,
                                const struct ir_field *field) {
    const struct mapping_probe *probe = row->probe;
    struct value value = {.kind = VALUE_TEXT, .type = IR_TYPE_STRING};
    switch ((enum ir_known_text)field->known) {
    case IR_KNOWN_LITERAL: value.text = field->text; break;
    case IR_KNOWN_PROV: value.text = probe->provider; break;
    case IR_KNOWN_MOD: value.text = probe->module; break;
    case IR_KNOWN_FUNC: value.text = probe->function; break;
    case IR_KNOWN_NAME: value.text = probe->name; break;
    }
    return value;
}

static struct value take_value(const struct row *row,
                               const struct ir_field *field, size_t *tail) {
    struct value value = {.type = field->type, .data_type = field->data_type};
    switch ((enum ir_field_kind)field->kind) {
    case IR_FIELD_KNOWN: return known_value(row, field);
    case IR_FIELD_TEXT: return take_text(row, tail);
    case IR_FIELD_STACK: return take_stack(row, tail);
    case IR_FIELD_BLOCK:
        value.kind = VALUE_BLOCK;
        value.text = (struct str){
            (const char *)row->record->bytes.p + field->off, field->size};
        return value;
    default:
        value.number =
            ir_wrap(at(row->consumer, row->record, field->off, field->size),
                    field->type);
        return value;
    }
}

void row_take_values(struct row *row) {
    for (uint32_t i = 0; i < row->action->field_count; i++) {
        row->values[i] = take_value(row, &row->action->fields[i], &row->tail);
        row->values[i].action = row->action->kind;
    }
}

// --- rows ---

// A segment that only ends speculations is no row, nor is anything one where
// only the aggregations are asked for.
static bool is_silent(const struct consumer *consumer,
                      const struct mapping_segment *segment) {
    for (uint32_t i = 0; i < segment->action_count; i++)
        if (consumer->setup.format != CONSUMER_JSON &&
            segment->actions[i].kind != IR_ACTION_COMMIT &&
            segment->actions[i].kind != IR_ACTION_DISCARD)
            return false;
    return segment->action_count > 0;
}

static void act_silently(struct row *row) {
    bool is_json = row->consumer->setup.format == CONSUMER_JSON;
    for (uint32_t i = 0; i < row->segment->action_count; i++) {
        row->action = &row->segment->actions[i];
        row->action_index = i;
        row_take_values(row);
        enum action_shape shape = action_shape(row->action->kind);
        if (!is_json || shape == SHAPE_AGG || shape == SHAPE_AGG_INT ||
            shape == SHAPE_SPEC)
            row_act(row);
    }
}

void consumer_record_row(struct consumer *consumer,
                         const struct record *record) {
    const struct mapping *mapping = consumer->mapping;
    const struct mapping_enabling *enabling =
        &mapping->enablings[record->enabling - MCT_ENABLING_FIRST];
    const struct mapping_segment *segment =
        &mapping->segments[enabling->segment];
    struct row row = {.consumer = consumer,
                      .record = record,
                      .segment = segment,
                      .probe = &mapping->probes[enabling->probe],
                      .tail = segment->fixed_len,
                      .values = consumer->values};
    consumer->show.pid = record->pid; // also when a commit brings it
    if (is_silent(consumer, row.segment))
        act_silently(&row);
    else if (consumer->setup.format == CONSUMER_JSONL)
        json_row(&row);
    else
        text_row(&row);
    if (consumer->text.n >= FLUSH_AT)
        write_text(consumer);
}

// --- speculations ---

static struct speculation *speculation_of(struct consumer *consumer,
                                          uint32_t id) {
    for (size_t i = 0; i < consumer->speculation_count; i++)
        if (consumer->speculations[i].id == id)
            return &consumer->speculations[i];
    struct speculation *speculation =
        ARENA_PUSH(consumer->arena, consumer->speculations,
                   consumer->speculation_count, consumer->speculation_room);
    speculation->id = id;
    bytes_init(&speculation->records, consumer->arena, ORDER_LITTLE);
    return speculation;
}

static void keep(struct consumer *consumer, const struct record *record,
                 const struct mapping_segment *segment) {
    const struct ir_field *field = &segment->actions[0].fields[0];
    uint64_t tag = at(consumer, record, field->off, field->size);
    if (tag == MCT_SPECULATION_FULL)
        return;
    struct bytes *records = &speculation_of(consumer, (uint32_t)tag)->records;
    bytes_add(records, record, sizeof *record);
    bytes_add(records, record->bytes.p, record->bytes.n);
}

// --- records ---

static void take_row(struct consumer *consumer, const struct record *record) {
    const struct mapping *mapping = consumer->mapping;
    uint32_t row = record->enabling - MCT_ENABLING_FIRST;
    const struct mapping_segment *segment =
        &mapping->segments[mapping->enablings[row].segment];
    if (segment->is_speculative)
        keep(consumer, record, segment);
    else
        consumer_record_row(consumer, record);
}

static void take_maps(struct consumer *consumer, const struct record *record) {
    const struct symbol_source *symbols = &consumer->setup.symbols;
    struct row row = {.consumer = consumer, .record = record};
    size_t tail = sizeof(struct mct_record);
    struct value maps = take_text(&row, &tail);
    if (symbols->learn)
        symbols->learn(symbols->state, record->pid, maps.text);
}

void consumer_record(struct consumer *consumer, const struct record *record) {
    consumer->show.pid = record->pid;
    switch (record->enabling) {
    case MCT_ENABLING_FAULT: say_fault(consumer, record); break;
    case MCT_ENABLING_DRAIN: take_drain(consumer, record); break;
    case MCT_ENABLING_MAPS: take_maps(consumer, record); break;
    case MCT_ENABLING_LOST:
        say_drops(consumer, MCT_DROP_RECORD,
                  at(consumer, record, sizeof(struct mct_record), 8),
                  record->cpu);
        break;
    default: take_row(consumer, record);
    }
}

// --- the region of a running program ---

// Takes what the cells held, and begins them anew. Between two cells of an
// element an update may come: nothing is lost, it only arrives in two parts.
static const uint8_t *take_cells(struct consumer *consumer, uint8_t *cells,
                                 uint32_t count) {
    struct bytes *taken = &consumer->show.scratch;
    taken->n = 0;
    bytes_add_zero(taken, count * 8u);
    uint64_t *words = __builtin_assume_aligned(cells, 8);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t cell = __atomic_exchange_n(&words[i], 0, __ATOMIC_RELAXED);
        memcpy(taken->p + i * 8u, &cell, 8);
    }
    return taken->p;
}

static void drain_table(struct consumer *consumer, struct agg_table *table,
                        uint8_t *region) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t key_words = aggregation->key_words;
    uint64_t entry_len =
        MCT_ENTRY_WORDS(key_words, aggregation->cell_count) * 8;
    uint8_t *base = region + aggregation->table_off;
    uint8_t *entry = base + MCT_TABLE_ENTRIES_OFF(aggregation->table_log2);
    uint64_t most = (uint64_t)1 << aggregation->table_log2;
    const uint32_t *used = __builtin_assume_aligned(base, 8);
    uint64_t count = __atomic_load_n(used, __ATOMIC_RELAXED);
    for (uint64_t i = 0; i < count && i < most; i++) {
        const uint64_t *words = __builtin_assume_aligned(entry, 8);
        uint64_t state = __atomic_load_n(words, __ATOMIC_ACQUIRE);
        if (state & MCT_ENTRY_FULL)
            consumer->damaged += !agg_table_add_key(
                table, entry + 8 + 8 * (size_t)aggregation->cell_count,
                key_words,
                take_cells(consumer, entry + 8, aggregation->cell_count));
        entry += entry_len;
    }
}

// The program runs on this machine, so its numbers are in our order.
void consumer_drain(struct consumer *consumer, uint8_t *region) {
    for (size_t i = 0; i < consumer->mapping->aggregation_count; i++) {
        struct agg_table *table = &consumer->tables[i];
        const struct mapping_aggregation *aggregation = table->aggregation;
        for (size_t k = 0; k < aggregation->slot_count; k++)
            consumer->damaged += !agg_table_add_slot(
                table, k,
                take_cells(consumer, region + aggregation->slots[k].off,
                           aggregation->cell_count));
        if (aggregation->has_table)
            drain_table(consumer, table, region);
    }
}

void consumer_drops(struct consumer *consumer,
                    const uint64_t totals[MCT_DROP_COUNT], uint64_t lost) {
    for (unsigned i = 0; i < MCT_DROP_COUNT; i++) {
        uint64_t total = totals[i] + (i == MCT_DROP_AGGREGATION ? lost : 0);
        if (total > consumer->drops[i])
            say_drops(consumer, i, total - consumer->drops[i], 0);
    }
}

// --- beginning and end ---

static struct format *make_formats(struct consumer *consumer,
                                   const struct mapping_segment *segment) {
    struct format *formats =
        ARENA_ARRAY(consumer->arena, struct format, segment->action_count);
    for (uint32_t i = 0; i < segment->action_count; i++)
        formats[i] = format_parse(consumer->arena, segment->actions[i].format);
    return formats;
}

static size_t most_fields(const struct mapping *mapping) {
    size_t most = 2; // what actions ask for that have none
    for (size_t i = 0; i < mapping->segment_count; i++)
        for (uint32_t k = 0; k < mapping->segments[i].action_count; k++)
            if (mapping->segments[i].actions[k].field_count > most)
                most = mapping->segments[i].actions[k].field_count;
    return most;
}

void consumer_look_around(struct consumer_setup *setup) {
    static const char *const plain[] = {"dumb", "sun", "sun-color"};
    const char *terminal = getenv("TERM");
    setup->is_testing = getenv("_DTRACE_TESTING") != NULL;
    for (size_t i = 0; terminal && i < COUNT_OF(plain); i++)
        setup->is_plain |= strcmp(terminal, plain[i]) == 0;
}

struct consumer *consumer_new(struct arena *arena,
                              const struct consumer_setup *setup) {
    const struct mapping *mapping = setup->mapping;
    struct consumer *consumer = ARENA_NEW(arena, struct consumer);
    *consumer = (struct consumer){
        .arena = arena,
        .setup = *setup,
        .mapping = mapping,
        .options = mapping->options,
        .out = setup->out,
        .formats = ARENA_ARRAY(arena, struct format *, mapping->segment_count),
        .labels = ARENA_ARRAY(arena, struct str, mapping->enabling_count),
        .flows = ARENA_ARRAY(arena, struct flow, CPU_MOST),
        .tables =
            ARENA_ARRAY(arena, struct agg_table, mapping->aggregation_count),
    };
    bytes_init(&consumer->text, arena, ORDER_LITTLE);
    consumer->show = (struct show){.out = &consumer->text,
                                   .mapping = mapping,
                                   .options = &consumer->options,
                                   .symbols = setup->symbols,
                                   .is_plain = setup->is_plain};
    if (setup->format == CONSUMER_TEXT) {
        consumer->show.spill = spill;
        consumer->show.state = consumer;
    }
    bytes_init(&consumer->show.scratch, arena, ORDER_LITTLE);
    bytes_init(&consumer->formatted, arena, ORDER_LITTLE);
    map_init(&consumer->probes, arena);
    for (size_t i = 0; i < mapping->probe_count; i++)
        map_put_number(&consumer->probes, mapping->probes[i].id,
                       &mapping->probes[i]);
    for (size_t i = 0; i < mapping->segment_count; i++)
        consumer->formats[i] = make_formats(consumer, &mapping->segments[i]);
    consumer->values = ARENA_ARRAY(arena, struct value, most_fields(mapping));
    for (size_t i = 0; i < mapping->aggregation_count; i++)
        agg_table_init(&consumer->tables[i], arena, mapping, i);
    return consumer;
}

void consumer_finish(struct consumer *consumer) {
    switch ((enum consumer_format)consumer->setup.format) {
    case CONSUMER_TEXT: text_finish(consumer); break;
    case CONSUMER_JSONL: json_lines_finish(consumer); break;
    case CONSUMER_JSON: json_object(consumer); break;
    }
    consumer_flush(consumer);
}

void consumer_free(struct consumer *consumer) {
    for (size_t i = 0; i < consumer->mapping->aggregation_count; i++)
        agg_table_free(&consumer->tables[i]);
    if (consumer->original)
        fclose(consumer->out);
}

const struct ir_options *consumer_options(const struct consumer *consumer) {
    return &consumer->options;
}

uint64_t consumer_damaged(const struct consumer *consumer) {
    return consumer->damaged;
}

bool consumer_exited(const struct consumer *consumer, int32_t *status) {
    *status = consumer->exit_status;
    return consumer->has_exited;
}
