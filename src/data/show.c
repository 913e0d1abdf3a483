// show.c: values as dtrace(1) shows them without a format.
//
//     trace(int)        not quiet " %10d", quiet "%d"; widths by size and sign
//     trace(string)     not quiet "  %-33s"
//     trace(struct)     a dump:
//
//            0  1  2 ...  f  0123456789abcdef
//         0: 01 00 00 ...    ...
//
//     keys              " %16lld" and so on; those of 8 and 16 bits unsigned

#include <string.h>

#include "data/show.h"

void show_text(struct show *show, struct str text) {
    bytes_add(show->out, text.p, text.n);
}

void show_format(struct show *show, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bytes_add(show->out, text,
              (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static void show_fill(struct show *show, size_t count) {
    static const char spaces[] = "                                        ";
    FILE *out =
        show->spill && count >= SHOW_LONG ? show->spill(show->state) : NULL;
    while (count > 0) {
        size_t n = count < sizeof spaces - 1 ? count : sizeof spaces - 1;
        if (out)
            fwrite(spaces, 1, n, out);
        else
            bytes_add(show->out, spaces, n);
        count -= n;
    }
}

void show_padded(struct show *show, struct str text, int width) {
    size_t wanted = width < 0 ? 0 - (size_t)width : (size_t)width;
    size_t fill = wanted > text.n ? wanted - text.n : 0;
    if (width > 0)
        show_fill(show, fill);
    show_text(show, text);
    if (width < 0)
        show_fill(show, fill);
}

static void put_digits(struct show *show, uint64_t value, bool is_negative,
                       unsigned width) {
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    if (is_negative)
        digits[--at] = '-';
    show_padded(show, (struct str){digits + at, sizeof digits - at},
                (int)width);
}

void show_unsigned(struct show *show, uint64_t value, unsigned width) {
    put_digits(show, value, false, width);
}

void show_signed(struct show *show, int64_t value, unsigned width) {
    put_digits(show, value < 0 ? 0 - (uint64_t)value : (uint64_t)value,
               value < 0, width);
}

// --- dumps ---

void show_hex_dump(struct show *show, struct str bytes) {
    if (bytes.n == 0)
        return;
    show_text(show, STR("\n           "));
    for (int i = 0; i < 16; i++)
        show_format(show, "  %x", i);
    show_text(show, STR("  0123456789abcdef\n"));
    for (size_t row = 0; row < bytes.n; row += 16) {
        show_format(show, "     %5zx:", row);
        char text[17];
        for (size_t i = 0; i < 16; i++) {
            text[i] = '\0';
            if (row + i >= bytes.n) {
                show_text(show, STR("   "));
                continue;
            }
            unsigned char c = (unsigned char)bytes.p[row + i];
            show_format(show, " %02x", c);
            text[i] = (char)(c < ' ' || c > '~' ? '.' : c);
        }
        text[16] = '\0';
        show_format(show, "  %s\n", text);
    }
}

// What an integer's bytes are in memory.
static struct str int_bytes(const struct show *show, const struct value *value,
                            uint8_t room[8]) {
    size_t len = value->type.bits / 8u;
    store_uint(room, value->number, len, show->mapping->order);
    return (struct str){(const char *)room, len};
}

// A text fills the room of a string, terminator included.
static void dump_text(struct show *show, struct str text) {
    size_t len = (size_t)show->mapping->strsize + 1;
    show->scratch.n = 0;
    bytes_add(&show->scratch, text.p, text.n);
    if (len > text.n)
        bytes_add_zero(&show->scratch, len - text.n);
    show_hex_dump(show,
                  (struct str){(const char *)show->scratch.p, show->scratch.n});
}

static void show_raw(struct show *show, const struct value *value) {
    uint8_t room[8];
    if (value->kind == VALUE_TEXT)
        dump_text(show, value->text);
    else
        show_hex_dump(show, value->kind == VALUE_INT
                                ? int_bytes(show, value, room)
                                : value->text);
}

// --- trace ---

// Digits of the largest number of a size, with a sign's place.
static unsigned trace_width(struct ir_type type) {
    switch (type.bits) {
    case 8: return 3;
    case 16: return 5;
    case 32: return 10;
    default: return type.is_signed ? 19 : 20;
    }
}

static void trace_int(struct show *show, const struct value *value) {
    unsigned width = 0;
    if (!show->options->values[IR_OPTION_quiet]) {
        bytes_u8(show->out, ' ');
        width = trace_width(value->type);
    }
    if (value->type.is_signed)
        show_signed(show, (int64_t)value->number, width);
    else
        show_unsigned(show, value->number, width);
}

struct str value_until_nul(const struct value *value) {
    struct str text = value->text;
    const char *end = str_find(text, '\0');
    return end ? (struct str){text.p, (size_t)(end - text.p)} : text;
}

static void trace_text(struct show *show, struct str text) {
    if (show->options->values[IR_OPTION_quiet]) {
        show_text(show, text);
        return;
    }
    show_text(show, STR("  "));
    show_padded(show, text, -33);
}

static bool is_char_array(const struct value *value) {
    const struct ir_data_type *type = value->data_type;
    return type && type->kind == IR_DATA_ARRAY && type->of && type->of->is_char;
}

static bool is_all(struct str bytes, bool (*is)(unsigned char)) {
    for (size_t i = 0; i < bytes.n; i++)
        if (!is((unsigned char)bytes.p[i]))
            return false;
    return true;
}

static bool is_text_byte(unsigned char c) {
    return (c >= ' ' && c <= '~') || (c >= '\a' && c <= '\r');
}

static bool is_nul(unsigned char c) {
    return c == '\0';
}

// An array of char is a text if it is written in characters to its first zero,
// and there is nothing behind that.
static void trace_chars(struct show *show, const struct value *value) {
    struct str text = value_until_nul(value);
    struct str rest = {value->text.p + text.n, value->text.n - text.n};
    if (text.n > 0 && is_all(text, is_text_byte) && is_all(rest, is_nul))
        trace_text(show, text);
    else
        show_hex_dump(show, value->text);
}

void show_trace(struct show *show, const struct value *value) {
    if (show->options->values[IR_OPTION_rawbytes])
        show_raw(show, value);
    else if (value->kind == VALUE_INT)
        trace_int(show, value);
    else if (value->kind == VALUE_TEXT)
        trace_text(show, value_until_nul(value));
    else if (is_char_array(value))
        trace_chars(show, value);
    else
        show_hex_dump(show, value->text);
}

// --- keys ---

void show_key(struct show *show, const struct value *key) {
    char room[SYMBOL_ROOM];
    int64_t number = (int64_t)key->number;
    switch ((enum value_kind)key->kind) {
    case VALUE_STACK:
        show_stack(show, key, (int)show->options->values[IR_OPTION_stackindent],
                   0);
        return;
    case VALUE_SYMBOL:
        show_text(show, STR("  "));
        show_padded(
            show,
            symbol_text(show, key->number, key->action, room, sizeof room),
            -50);
        return;
    case VALUE_TEXT:
        show_text(show, STR("  "));
        show_padded(show, key->text, -50);
        return;
    default: break;
    }
    bytes_u8(show->out, ' ');
    switch (key->type.bits) {
    case 64: show_signed(show, number, 16); break;
    case 32: show_signed(show, (int32_t)number, 8); break;
    case 16: show_unsigned(show, (uint16_t)number, 5); break;
    default: show_unsigned(show, (uint8_t)number, 3); break;
    }
}
