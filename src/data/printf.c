// printf.c: printf() and printa() by their formats.
//
// The format was parsed and checked against the script (ir/format.h); a value
// that does not suit its conversion all the same, because a mapping was
// changed, is shown by what it is. D's conversions adapt to the size and the
// sign of their values; all else is C's printf, which is called for whatever
// is not a plain number or text.
//
// As in DTrace a precision of 0 counts as none, and %k without '-' has no
// indent.

#include <string.h>
#include <time.h>

#include "data/load.h"
#include "data/show.h"
#include "mctrace/aggs.h"

#define NANOSECONDS 1000000000

// One conversion about to be printed.
struct conversion {
    struct show *show;
    const struct format_piece *piece;
    int width, precision; // as given or taken; precision 0: none
    bool is_left;
};

// "%-+10.3" and then `letters`.
static void c_format(const struct conversion *conversion, const char *letters,
                     char *out, size_t room) {
    static const struct {
        uint16_t flag;
        char c;
    } rows[] = {{FORMAT_ALTERNATE, '#'},
                {FORMAT_ZERO, '0'},
                {FORMAT_PLUS, '+'},
                {FORMAT_GROUP, '\''},
                {FORMAT_SPACE, ' '}};
    size_t n = 0;
    out[n++] = '%';
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (conversion->piece->flags & rows[i].flag)
            out[n++] = rows[i].c;
    if (conversion->is_left)
        out[n++] = '-';
    if (conversion->width > 0)
        n += (size_t)snprintf(out + n, room - n, "%d", conversion->width);
    if (conversion->precision > 0)
        n += (size_t)snprintf(out + n, room - n, ".%d", conversion->precision);
    snprintf(out + n, room - n, "%s", letters);
}

// What C makes of one argument, however long it gets.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
static void put_c(const struct conversion *conversion, const char *letters,
                  ...) {
    char format[64], room[256];
    c_format(conversion, letters, format, sizeof format);
    struct bytes *out = conversion->show->out;
    va_list args, again;
    va_start(args, letters);
    va_copy(again, args);
    int n = vsnprintf(room, sizeof room, format, args);
    va_end(args);
    const struct show *show = conversion->show;
    if (n >= SHOW_LONG && show->spill) {
        vfprintf(show->spill(show->state), format, again);
    } else if (n >= (int)sizeof room) {
        size_t at = out->n;
        bytes_add_zero(out, (size_t)n + 1);
        vsnprintf((char *)out->p + at, (size_t)n + 1, format, again);
        out->n--;
    } else if (n > 0) {
        bytes_add(out, room, (size_t)n);
    }
    va_end(again);
}
#pragma clang diagnostic pop

// --- numbers ---

static void put_int(const struct conversion *conversion, uint64_t value,
                    bool is_signed) {
    char letter = conversion->piece->letter;
    bool is_plain = conversion->piece->flags == 0 && conversion->width == 0 &&
                    conversion->precision == 0;
    if (letter == 'd' || letter == 'i')
        letter = is_signed ? 'd' : 'u';
    if (letter == 'p')
        letter = 'x';
    if (is_plain && letter == 'd') {
        show_signed(conversion->show, (int64_t)value, 0);
    } else if (is_plain && letter == 'u') {
        show_unsigned(conversion->show, value, 0);
    } else {
        char letters[4] = {'l', 'l', letter, '\0'};
        put_c(conversion, letters, (unsigned long long)value);
    }
}

static uint64_t unsigned_of(const struct value *value) {
    struct ir_type type = value->type;
    type.is_signed = false;
    return ir_wrap(value->number, type);
}

static void put_number(const struct conversion *conversion,
                       const struct value *value) {
    const struct format_row *row = format_row(conversion->piece->conversion);
    char letter = conversion->piece->letter;
    bool is_signed =
        letter == 'd' || letter == 'i'
            ? value->type.is_signed || row->sign == FORMAT_SIGN_SIGNED
            : false;
    put_int(conversion, is_signed ? value->number : unsigned_of(value),
            is_signed);
}

// A floating-point number of 4, 8 or 16 bytes, as its machine has it.
static void put_float(const struct conversion *conversion, const char *p,
                      size_t len) {
    char letters[3] = {'L', conversion->piece->letter, '\0'};
    put_c(conversion, letters, show_float(conversion->show, p, len));
}

static void put_float_value(const struct conversion *conversion,
                            const struct value *value) {
    if (value->kind != VALUE_INT) {
        put_float(conversion, value->text.p, value->text.n);
        return;
    }
    uint8_t room[8];
    store_uint(room, value->number, value->type.bits / 8u,
               conversion->show->mapping->order);
    put_float(conversion, (const char *)room, value->type.bits / 8u);
}

// --- texts ---

static void put_text(const struct conversion *conversion, struct str text) {
    if (conversion->precision > 0 && text.n > (size_t)conversion->precision)
        text.n = (size_t)conversion->precision;
    show_padded(conversion->show, text,
                conversion->is_left ? -conversion->width : conversion->width);
}

// As a C program would write it.
static struct str escaped(const struct conversion *conversion,
                          struct str text) {
    static const char named[] = "abtnvfr"; // 7 to 13
    struct bytes *out = &conversion->show->scratch;
    out->n = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        char room[8];
        int n = 1;
        room[0] = (char)c;
        if (c >= 7 && c <= 13)
            n = snprintf(room, sizeof room, "\\%c", named[c - 7]);
        else if (c == '\0')
            n = snprintf(room, sizeof room, "\\0");
        else if (c == '"' || c == '\\')
            n = snprintf(room, sizeof room, "\\%c", c);
        else if (c < ' ' || c > '~')
            n = snprintf(room, sizeof room, "\\%03o", c);
        bytes_add(out, room, (size_t)n);
    }
    return (struct str){(const char *)out->p, out->n};
}

static size_t put_utf8(uint32_t c, char *out) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(first[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

// An array of wchar_t, up to its zero.
static void put_wide(const struct conversion *conversion, struct str wide) {
    struct bytes *out = &conversion->show->scratch;
    out->n = 0;
    for (size_t i = 0; i + 4 <= wide.n; i += 4) {
        uint32_t c = (uint32_t)load_quickly((const uint8_t *)wide.p + i, 4,
                                            conversion->show->mapping->order);
        char room[4];
        if (c == 0 || c > 0x10ffff)
            break;
        bytes_add(out, room, put_utf8(c, room));
    }
    put_text(conversion, (struct str){(const char *)out->p, out->n});
}

static void put_char(const struct conversion *conversion,
                     const struct value *value) {
    char room[4] = {(char)value->number};
    struct str text = {room, 1};
    enum format_conversion kind = conversion->piece->conversion;
    if (kind == FORMAT_C)
        text = escaped(conversion, text);
    else if (kind == FORMAT_lc || kind == FORMAT_wc)
        text.n = put_utf8((uint32_t)value->number & 0x1fffff, room);
    struct conversion plain = *conversion;
    plain.precision = kind == FORMAT_C ? conversion->precision : 0;
    put_text(&plain, text);
}

// %Y "1969 Dec 31 16:00:00", %T "Wed, 03 Sep 2003 10:23:41 PDT"
static void put_time(const struct conversion *conversion, uint64_t time) {
    time_t seconds = (time_t)((int64_t)time / NANOSECONDS);
    struct tm tm;
    char room[96];
    if (!localtime_r(&seconds, &tm))
        return;
    bool is_rfc = conversion->piece->conversion == FORMAT_T;
    size_t n = strftime(room, sizeof room,
                        is_rfc ? "%a, %d %b %G %T %Z" : "%Y %b %e %T", &tm);
    put_text(conversion, (struct str){room, n});
}

static void put_stack(const struct conversion *conversion,
                      const struct value *value) {
    bool is_left = conversion->is_left;
    show_stack(conversion->show, value, is_left ? conversion->width : 0,
               is_left ? 0 : conversion->width);
}

static void put_address(const struct conversion *conversion,
                        const struct value *value) {
    char room[SYMBOL_ROOM];
    uint8_t action =
        value->kind == VALUE_SYMBOL ? value->action : IR_ACTION_UADDR;
    put_text(conversion, symbol_text(conversion->show, value->number, action,
                                     room, sizeof room));
}

// --- values ---

static void put_value(const struct conversion *conversion,
                      const struct value *value) {
    enum format_conversion kind = conversion->piece->conversion;
    enum format_takes takes = format_row(kind)->takes;
    if (value->kind == VALUE_STACK)
        put_stack(conversion, value);
    else if (takes == FORMAT_TAKES_FLOAT)
        put_float_value(conversion, value);
    else if (takes == FORMAT_TAKES_WIDE)
        put_wide(conversion, value->text);
    else if (value->kind == VALUE_TEXT || value->kind == VALUE_BLOCK)
        put_text(conversion, kind == FORMAT_S
                                 ? escaped(conversion, value_until_nul(value))
                                 : value_until_nul(value));
    else if (value->kind == VALUE_SYMBOL || kind == FORMAT_a ||
             kind == FORMAT_A)
        put_address(conversion, value);
    else if (takes == FORMAT_TAKES_SMALL || kind == FORMAT_lc ||
             kind == FORMAT_wc)
        put_char(conversion, value);
    else if (takes == FORMAT_TAKES_TIME)
        put_time(conversion, value->number);
    else if (takes == FORMAT_TAKES_TEXT || takes == FORMAT_TAKES_STACK)
        show_trace(conversion->show, value);
    else
        put_number(conversion, value);
}

static void put_aggregation(const struct conversion *conversion,
                            const struct agg_table *table,
                            const struct agg_element *element) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    if (agg_is_distribution(aggregation)) {
        hist_put(conversion->show->out, aggregation, element, table->normal,
                 conversion->show->options);
        return;
    }
    char letter = conversion->piece->letter;
    bool is_signed = aggregation->function->id != MCT_AGG_count;
    struct value value = {
        .type = is_signed ? IR_TYPE_I64 : IR_TYPE_U64,
        .number = (uint64_t)agg_value(aggregation, element, table->normal,
                                      letter == 'd' || letter == 'i')};
    put_value(conversion, &value);
}

// A width or a precision that is an argument.
static int take_int(const struct value *args, uint32_t arg_count,
                    uint32_t *at) {
    if (*at >= arg_count)
        return 0;
    int64_t number = (int64_t)args[(*at)++].number;
    return number < -INT32_MAX  ? -INT32_MAX
           : number > INT32_MAX ? INT32_MAX
                                : (int)number;
}

void show_printf(struct show *show, const struct format *format,
                 const struct value *args, uint32_t arg_count,
                 const struct show_aggregations *aggregations) {
    uint32_t aggregation = 0;
    for (uint32_t i = 0; i < format->count; i++) {
        const struct format_piece *piece = &format->pieces[i];
        show_text(show, piece->literal);
        if (piece->conversion == FORMAT_NONE)
            continue;
        uint32_t at = piece->argument;
        struct conversion conversion = {show, piece, piece->width,
                                        piece->precision,
                                        piece->flags & FORMAT_LEFT};
        if (piece->flags & FORMAT_WIDTH_ARGUMENT)
            conversion.width = take_int(args, arg_count, &at);
        if (piece->flags & FORMAT_PRECISION_ARGUMENT)
            conversion.precision = take_int(args, arg_count, &at);
        if (conversion.width < 0) {
            conversion.width = -conversion.width;
            conversion.is_left = true;
        }
        if (conversion.precision < 0)
            conversion.precision = 0;
        if (!(piece->flags & FORMAT_AGGREGATION)) {
            if (at < arg_count)
                put_value(&conversion, &args[at]);
        } else if (aggregations) {
            put_aggregation(&conversion, aggregations->tables[aggregation],
                            aggregations->elements[aggregation]);
            // The last one serves all that follow.
            aggregation += aggregation + 1 < aggregations->count;
        }
    }
}
