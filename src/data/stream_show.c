// stream_show.c: messages as text: a JSON object a line, or tables.
//
// Of send() they are the script's variables, in a table of their own. Records
// are shown as from a file: by lines (consume_json.c), or as dtrace(1) does.
// What printa() and its like took out of aggregations comes ahead of their
// record; if anything came, what is left of it is shown when the stream ends.

#include <string.h>

#include "data/show.h"

enum { COLUMN = 12 };

static bool has_variable(const struct mapping *mapping, struct str name) {
    for (size_t i = 0; i < mapping->variable_count; i++)
        if (str_equal(mapping->variables[i].name, name))
            return true;
    return false;
}

static void put_object(struct stream *stream, struct show *show,
                       int32_t channel) {
    const struct mapping *mapping = stream->mapping;
    // A script may have a variable of that name.
    bool is_taken = has_variable(mapping, STR("channel"));
    show_format(show, "{\"%schannel\": %d", is_taken ? "send." : "", channel);
    for (size_t i = 0; i < mapping->variable_count; i++) {
        struct value value = telemetry_variable(&stream->telemetry, i);
        show_text(show, STR(", "));
        json_quote(show->out, mapping->variables[i].name);
        show_text(show, STR(": "));
        show_json(show, &value);
    }
    show_text(show, STR("}\n"));
}

// Where the row's last column ends nothing is padded.
static void put_cell(struct show *show, struct str text, bool is_text,
                     bool is_last) {
    show_text(show, STR(" "));
    if (is_text && is_last)
        show_text(show, text);
    else
        show_padded(show, text, is_text ? -COLUMN : COLUMN);
}

static bool is_text(const struct mapping *mapping, size_t i) {
    return mapping->variables[i].type.kind == IR_STRING;
}

static void put_heading(struct stream *stream, struct show *show) {
    const struct mapping *mapping = stream->mapping;
    show_padded(show, STR("channel"), COLUMN);
    for (size_t i = 0; i < mapping->variable_count; i++)
        put_cell(show, mapping->variables[i].name, is_text(mapping, i),
                 i + 1 == mapping->variable_count);
    show_text(show, STR("\n"));
}

static void put_row(struct stream *stream, struct show *show, int32_t channel) {
    const struct mapping *mapping = stream->mapping;
    struct bytes *out = show->out, cell;
    bytes_init(&cell, out->arena, out->order);
    show_signed(show, channel, COLUMN);
    for (size_t i = 0; i < mapping->variable_count; i++) {
        struct value value = telemetry_variable(&stream->telemetry, i);
        cell.n = 0;
        show->out = &cell;
        if (value.kind == VALUE_TEXT)
            show_text(show, value.text);
        else
            show_json(show, &value);
        show->out = out;
        put_cell(show, (struct str){(const char *)cell.p, cell.n},
                 is_text(mapping, i), i + 1 == mapping->variable_count);
    }
    show_text(show, STR("\n"));
}

static struct consumer *open_consumer(struct stream *stream,
                                      struct arena *arena, bool as_columns,
                                      const char *name, FILE *out,
                                      FILE *errors) {
    struct consumer_setup setup = {
        .mapping = stream->mapping,
        .out = out,
        .errors = errors,
        .name = name,
        .symbols = symbols_open(arena, stream->mapping),
        .format = as_columns ? CONSUMER_TEXT : CONSUMER_JSONL,
    };
    consumer_look_around(&setup);
    return consumer_new(arena, &setup);
}

bool stream_show(struct stream *stream, bool as_columns, const char *name,
                 FILE *out, FILE *errors) {
    struct arena *arena = arena_new();
    struct consumer *consumer =
        open_consumer(stream, arena, as_columns, name, out, errors);
    struct bytes text;
    struct message message;
    bool has_heading = false, has_aggregations = false;
    bytes_init(&text, arena, ORDER_LITTLE);
    struct show show = {.out = &text,
                        .mapping = stream->mapping,
                        .options = &stream->mapping->options};
    bytes_init(&show.scratch, arena, ORDER_LITTLE);
    // Each at once: somebody may be watching a line that goes on for days.
    while (!ferror(out) && stream_next(stream, &message)) {
        if (message.is_record) {
            has_aggregations |= message.record.enabling == MCT_ENABLING_DRAIN;
            consumer_record(consumer, &message.record);
            consumer_flush(consumer);
            continue;
        }
        if (as_columns && !has_heading)
            put_heading(stream, &show);
        has_heading = true;
        if (as_columns)
            put_row(stream, &show, message.channel);
        else
            put_object(stream, &show, message.channel);
        fwrite(text.p, 1, text.n, out);
        fflush(out);
        text.n = 0;
    }
    if (has_aggregations)
        consumer_finish(consumer);
    consumer_free(consumer);
    arena_free(arena);
    return !stream->has_failed;
}
