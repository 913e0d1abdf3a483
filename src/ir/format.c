// format.c: formats are parsed here.
//
//     piece      := text [ conversion ]
//     conversion := '%' { flag } [ width ] [ '.' [ precision ] ] prefix letter
//
// DTrace reads what stands between '%' and the letter in any order, and so does
// this: a digit that is no flag begins a width, or a precision behind a point.

#include <string.h>

#include "ir/format.h"

static const struct format_row rows[FORMAT_COUNT] = {
    [FORMAT_NONE] = {"", FORMAT_TAKES_NOTHING, 0, FORMAT_SIGN_EITHER},
#define CONVERSION(name, takes, bits, sign)                                    \
    [FORMAT_##name] = {#name, FORMAT_TAKES_##takes, bits, FORMAT_SIGN_##sign},
#include "ir/conversions.def"
#undef CONVERSION
};

const struct format_row *format_row(enum format_conversion conversion) {
    return &rows[conversion];
}

#define POINTER_DIGITS 16
#define NUMBER_MOST    INT32_MAX

struct parsing {
    struct arena *arena;
    struct str text;
    size_t at;
    struct format *out;
    size_t room;
    uint32_t conversions; // so far
};

static char look(const struct parsing *parsing, size_t ahead) {
    size_t at = parsing->at + ahead;
    return at < parsing->text.n ? parsing->text.p[at] : '\0';
}

static void PRINTF_LIKE(2, 3)
    fail(struct parsing *parsing, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str text = str_vformat(parsing->arena, format, args);
    va_end(args);
    parsing->out->problem = str_terminated(parsing->arena, text);
}

// The text up to a conversion.
static struct str parse_literal(struct parsing *parsing) {
    struct bytes out;
    bytes_init(&out, parsing->arena, ORDER_LITTLE);
    while (parsing->at < parsing->text.n) {
        bool is_percent = look(parsing, 0) == '%';
        if (is_percent && look(parsing, 1) != '%')
            break;
        bytes_u8(&out, (uint8_t)look(parsing, 0));
        parsing->conversions += is_percent; // DTrace counts it
        parsing->at += is_percent ? 2 : 1;
    }
    return (struct str){(const char *)out.p, out.n};
}

// What a flag's character stands for; 0: it is none.
static uint16_t flag_of(char c) {
    static const char letters[] = "#-+ '@";
    static const uint16_t flags[] = {FORMAT_ALTERNATE, FORMAT_LEFT,
                                     FORMAT_PLUS,      FORMAT_SPACE,
                                     FORMAT_GROUP,     FORMAT_AGGREGATION};
    const char *found = c ? strchr(letters, c) : NULL;
    return found ? flags[found - letters] : 0;
}

static int32_t parse_number(struct parsing *parsing) {
    int64_t value = 0;
    for (; look(parsing, 0) >= '0' && look(parsing, 0) <= '9'; parsing->at++)
        if (value <= NUMBER_MOST)
            value = value * 10 + (look(parsing, 0) - '0');
    return value > NUMBER_MOST ? NUMBER_MOST : (int32_t)value;
}

static void parse_star(struct parsing *parsing, struct format_piece *piece) {
    bool is_precision = piece->precision >= 0;
    uint16_t flag =
        is_precision ? FORMAT_PRECISION_ARGUMENT : FORMAT_WIDTH_ARGUMENT;
    if (piece->flags & flag)
        fail(parsing,
             "format conversion #%u has more than one '*' specified for the "
             "output %s",
             piece->number, is_precision ? "precision" : "width");
    piece->flags |= flag;
    parsing->at++;
}

static void parse_digits(struct parsing *parsing, struct format_piece *piece) {
    bool is_flag =
        look(parsing, 0) == '0' && !piece->width && piece->precision < 0;
    if (is_flag) {
        piece->flags |= FORMAT_ZERO;
        parsing->at++;
        return;
    }
    int32_t number = parse_number(parsing);
    if (piece->precision >= 0)
        piece->precision = number;
    else
        piece->width = number;
}

static void parse_point(struct parsing *parsing, struct format_piece *piece) {
    if (piece->precision >= 0)
        fail(parsing, "format conversion #%u has more than one '.' specified",
             piece->number);
    piece->precision = 0;
    parsing->at++;
}

// { flag } [ width ] [ '.' [ precision ] ]
static void parse_options(struct parsing *parsing, struct format_piece *piece) {
    while (!parsing->out->problem) {
        char c = look(parsing, 0);
        if (c >= '0' && c <= '9') {
            parse_digits(parsing, piece);
        } else if (c == '*') {
            parse_star(parsing, piece);
        } else if (c == '.') {
            parse_point(parsing, piece);
        } else if (c == '?') {
            piece->width = POINTER_DIGITS;
            parsing->at++;
        } else if (flag_of(c)) {
            piece->flags |= flag_of(c);
            parsing->at++;
        } else {
            return;
        }
    }
}

// prefix letter
static void parse_name(struct parsing *parsing, struct format_piece *piece) {
    size_t start = parsing->at;
    while (look(parsing, 0) && strchr("hlLw", look(parsing, 0)))
        parsing->at++;
    if (parsing->at >= parsing->text.n) {
        fail(parsing,
             "format conversion #%u name expected before end of format string",
             piece->number);
        return;
    }
    piece->letter = look(parsing, 0);
    parsing->at++;
    struct str name = str_slice(parsing->text, start, parsing->at);
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++)
        if (str_is(name, rows[i].name))
            piece->conversion = (uint8_t)i;
    if (piece->conversion)
        return;
    if (piece->letter == '$')
        fail(parsing,
             "format conversion #%u uses unsupported positional format (%%n$)",
             piece->number);
    else if (piece->letter == '%')
        fail(parsing,
             "format conversion #%u cannot be combined with other format "
             "flags: %%%%",
             piece->number);
    else
        fail(parsing, "format conversion #%u is undefined: %%%.*s",
             piece->number, STR_ARGS(name));
}

uint32_t format_value_argument(const struct format_piece *piece) {
    return piece->argument + ((piece->flags & FORMAT_WIDTH_ARGUMENT) != 0) +
           ((piece->flags & FORMAT_PRECISION_ARGUMENT) != 0);
}

static void count_arguments(struct format *format, struct format_piece *piece) {
    piece->argument = format->argument_count;
    if (piece->flags & FORMAT_WIDTH_ARGUMENT)
        format->argument_count++;
    if (piece->flags & FORMAT_PRECISION_ARGUMENT)
        format->argument_count++;
    if (piece->conversion && !(piece->flags & FORMAT_AGGREGATION))
        format->argument_count++;
}

static void parse_piece(struct parsing *parsing) {
    struct format *out = parsing->out;
    size_t count = out->count;
    struct format_piece *piece =
        ARENA_PUSH(parsing->arena, out->pieces, count, parsing->room);
    out->count = (uint32_t)count;
    piece->precision = -1;
    piece->literal = parse_literal(parsing);
    if (parsing->at >= parsing->text.n)
        return;
    parsing->at++;
    piece->number = ++parsing->conversions;
    parse_options(parsing, piece);
    if (!out->problem)
        parse_name(parsing, piece);
    if (!out->problem)
        count_arguments(out, piece);
}

struct format format_parse(struct arena *arena, struct str text) {
    struct format format = {0};
    struct parsing parsing = {.arena = arena, .text = text, .out = &format};
    while (parsing.at < text.n && !format.problem)
        parse_piece(&parsing);
    return format;
}
