// stream_show.c: messages of send() as text: a JSON object a line, or a table.

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
                       uint32_t channel) {
    const struct mapping *mapping = stream->mapping;
    // A script may have a variable of that name.
    bool is_taken = has_variable(mapping, STR("channel"));
    show_format(show, "{\"%schannel\": %d", is_taken ? "send." : "",
                (int32_t)channel);
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

static void put_row(struct stream *stream, struct show *show,
                    uint32_t channel) {
    const struct mapping *mapping = stream->mapping;
    struct bytes *out = show->out, cell;
    bytes_init(&cell, out->arena, out->order);
    show_signed(show, (int32_t)channel, COLUMN);
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

bool stream_show(struct stream *stream, bool as_columns, FILE *out) {
    struct arena *arena = arena_new();
    struct bytes text;
    uint32_t channel;
    bytes_init(&text, arena, ORDER_LITTLE);
    struct show show = {.out = &text,
                        .mapping = stream->mapping,
                        .options = &stream->mapping->options};
    bytes_init(&show.scratch, arena, ORDER_LITTLE);
    if (as_columns)
        put_heading(stream, &show);
    // Each at once: somebody may be watching a line that goes on for days.
    do {
        fwrite(text.p, 1, text.n, out);
        fflush(out);
        text.n = 0;
        if (!stream_next(stream, &channel))
            break;
        if (as_columns)
            put_row(stream, &show, channel);
        else
            put_object(stream, &show, channel);
    } while (!ferror(out));
    arena_free(arena);
    return !stream->has_failed;
}
