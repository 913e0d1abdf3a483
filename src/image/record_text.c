// record_text.c: texts of records, one a line: a mark, then hexadecimal digits,
// the last two of which are a checksum of the others. Intel HEX and Motorola's
// S-records are such; what a record means is in ihex.c and srec.c.
//
// Writing edits the text. A line whose bytes did not change is copied as it
// stands; one whose bytes did gets other digits in the case that it has, and
// another checksum.

#include "image/flat.h"

#include <string.h>

static bool refuse(struct image *image, const struct flat_line *line,
                   enum tag tag, const char *what, struct diag *diag) {
    diag_error_at(diag, tag, flat_where(image, line), "%s", what);
    return false;
}

// --- reading ---

static int digit_value(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool decode_digits(struct image *image, struct flat_line *line,
                          struct slice digits, struct diag *diag) {
    size_t n = digits.n / 2;
    uint8_t *out = arena_alloc(image->arena, n ? n : 1);
    for (size_t i = 0; i < 2 * n; i += 2) {
        int high = digit_value(digits.p[i]), low = digit_value(digits.p[i + 1]);
        if (high < 0 || low < 0)
            return refuse(image, line, B_RECORD,
                          "the line holds what is no hexadecimal digit", diag);
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    line->bytes = (struct slice){out, n};
    return digits.n % 2 == 0 ||
           refuse(image, line, B_RECORD, "the line ends within a byte", diag);
}

static bool check_line(struct image *image, const struct record_syntax *syntax,
                       struct flat_line *line, struct diag *diag) {
    struct slice bytes = line->bytes;
    if (bytes.n == 0 || bytes.n != bytes.p[0] + syntax->count_extra)
        return refuse(image, line, B_RECORD,
                      "the line has another length than it says", diag);
    uint8_t sum = syntax->checksum((struct slice){bytes.p, bytes.n - 1});
    if (sum == bytes.p[bytes.n - 1])
        return true;
    diag_error_at(diag, B_RECORD, flat_where(image, line),
                  "the line's checksum is 0x%02x, and should be 0x%02x",
                  bytes.p[bytes.n - 1], sum);
    return false;
}

static bool read_line(struct image *image, const struct record_syntax *syntax,
                      struct flat_line *line, struct diag *diag) {
    struct slice text = {image->flat->source.data.p + line->off, line->len};
    size_t skip = syntax->has_type ? 2 : 1;
    if (text.p[0] != (uint8_t)syntax->mark || text.n < skip)
        return refuse(image, line, B_RECORD, "this is no record", diag);
    if (syntax->has_type) {
        int type = digit_value(text.p[1]);
        if (type < 0 || type > 9)
            return refuse(image, line, B_RECORD, "this is no record", diag);
        line->type = (uint8_t)type;
    }
    struct slice digits = {text.p + skip, text.n - skip};
    return decode_digits(image, line, digits, diag) &&
           check_line(image, syntax, line, diag) &&
           syntax->take(image, line, diag);
}

// Blanks at the end belong to the line's end.
static void split(struct image *image, struct slice text) {
    struct flat_file *flat = image->flat;
    for (size_t at = 0; at < text.n;) {
        const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
        size_t next = end ? (size_t)(end - text.p) + 1 : text.n,
               len = next - at;
        while (len && is_space(text.p[at + len - 1]))
            len--;
        *ARENA_PUSH(image->arena, flat->lines, flat->line_count,
                    flat->line_room) =
            (struct flat_line){.off = at, .len = len};
        at = next;
    }
}

bool record_text_read(struct image *image, const struct record_syntax *syntax,
                      struct diag *diag) {
    struct flat_file *flat = ARENA_NEW(image->arena, struct flat_file);
    image->flat = flat;
    flat->source = image->file;
    split(image, flat->source.data);
    const struct flat_line *end = NULL;
    for (size_t i = 0; i < flat->line_count; i++) {
        struct flat_line *line = &flat->lines[i];
        if (line->len == 0)
            continue;
        if (end)
            return refuse(image, line, B_RECORD,
                          "there is more behind the end record", diag);
        if (!read_line(image, syntax, line, diag))
            return false;
        if (syntax->ends(line))
            end = line;
    }
    if (end)
        return flat_finish(image, diag);
    diag_error_at(diag, B_TRUNCATED, image->path.p,
                  "the file ends without an end record");
    return false;
}

// --- writing ---

static void add_digits(struct bytes *out, struct slice bytes, bool is_lower) {
    const char *digits = is_lower ? "0123456789abcdef" : "0123456789ABCDEF";
    for (size_t i = 0; i < bytes.n; i++) {
        bytes_u8(out, (uint8_t)digits[bytes.p[i] >> 4]);
        bytes_u8(out, (uint8_t)digits[bytes.p[i] & 15]);
    }
}

static void add_line(const struct record_syntax *syntax, uint8_t type,
                     struct slice bytes, bool is_lower, struct bytes *out) {
    bytes_u8(out, (uint8_t)syntax->mark);
    if (syntax->has_type)
        bytes_u8(out, (uint8_t)('0' + type));
    add_digits(out, bytes, is_lower);
    uint8_t sum = syntax->checksum(bytes);
    add_digits(out, (struct slice){&sum, 1}, is_lower);
}

void record_text_line(const struct record_style *style, uint8_t type,
                      struct slice bytes, struct bytes *out) {
    add_line(style->syntax, type, bytes, style->is_lower, out);
    bytes_add(out, style->line_end.p, style->line_end.n);
}

static bool is_lower(struct slice text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= 'a' && text.p[i] <= 'f')
            return true;
    return false;
}

// Width of lines, case and line end, as the file has them.
static struct record_style find_style(const struct image *image,
                                      const struct record_syntax *syntax) {
    const struct flat_file *flat = image->flat;
    struct slice text = flat->source.data;
    struct record_style style = {.syntax = syntax, .line_end = STR("\n")};
    const uint8_t *end = memchr(text.p, '\n', text.n);
    if (end && end > text.p && end[-1] == '\r')
        style.line_end = STR("\r\n");
    style.is_lower = is_lower(text);
    for (size_t i = 0; i < flat->piece_count; i++)
        if (flat->pieces[i].bytes.n > style.width)
            style.width = flat->pieces[i].bytes.n;
    return style;
}

// The lines with what has changed in them; true of the array: it was changed.
static bool *change_lines(struct image *image, const uint8_t *bytes,
                          struct arena *arena) {
    struct flat_file *flat = image->flat;
    bool *changed = ARENA_ARRAY(arena, bool, flat->line_count);
    for (size_t i = 0; i < flat->piece_count; i++) {
        const struct flat_piece *piece = &flat->pieces[i];
        if (memcmp(bytes + piece->off, piece->bytes.p, piece->bytes.n) != 0)
            changed[piece->line] = true;
    }
    return changed;
}

// Bytes of a line as they shall be, without the checksum.
static struct slice *new_lines(struct image *image, const uint8_t *bytes,
                               const bool *changed, struct arena *arena) {
    struct flat_file *flat = image->flat;
    struct slice *lines = ARENA_ARRAY(arena, struct slice, flat->line_count);
    for (size_t i = 0; i < flat->line_count; i++) {
        struct slice old = flat->lines[i].bytes;
        if (changed[i])
            lines[i] = (struct slice){
                arena_grow(arena, old.p, old.n - 1, old.n - 1), old.n - 1};
    }
    for (size_t i = 0; i < flat->piece_count; i++) {
        const struct flat_piece *piece = &flat->pieces[i];
        if (changed[piece->line])
            memcpy((uint8_t *)(uintptr_t)lines[piece->line].p + piece->at,
                   bytes + piece->off, piece->bytes.n);
    }
    return lines;
}

static size_t count_lines(const struct bytes *text, size_t from) {
    size_t count = 0;
    for (size_t i = from; i < text->n; i++)
        count += text->p[i] == '\n';
    return count;
}

static void put_line(const struct image *image,
                     const struct record_syntax *syntax,
                     const struct flat_line *line, struct slice changed,
                     struct bytes *out) {
    struct slice text = image->flat->source.data;
    struct slice old = {text.p + line->off, line->len};
    if (changed.p)
        add_line(syntax, line->type, changed, is_lower(old), out);
    else
        bytes_add(out, old.p, old.n);
}

static bool compose(struct image *image, const struct record_syntax *syntax,
                    const struct flat_result *result, struct arena *arena,
                    struct bytes *out, struct diag *diag) {
    struct flat_file *flat = image->flat;
    struct record_style style = find_style(image, syntax);
    const bool *changed = change_lines(image, result->bytes, arena);
    struct slice *lines = new_lines(image, result->bytes, changed, arena);
    size_t added = 0;
    bool is_added = false;
    for (size_t i = 0; i < flat->line_count; i++) {
        const struct flat_line *line = &flat->lines[i];
        size_t next = i + 1 < flat->line_count ? flat->lines[i + 1].off
                                               : flat->source.data.n;
        if (line->len && !is_added && syntax->is_end(line)) {
            size_t from = out->n;
            for (size_t k = 0; k < result->added_count; k++)
                syntax->add(&style, &result->added[k], out);
            added = count_lines(out, from);
            is_added = true;
        }
        if (line->len && added && syntax->recount &&
            !syntax->recount(image, line, added, arena, &lines[i], diag))
            return false;
        put_line(image, syntax, line, lines[i], out);
        bytes_add(out, flat->source.data.p + line->off + line->len,
                  next - line->off - line->len);
    }
    return true;
}

bool record_text_write(struct image *image, const struct record_syntax *syntax,
                       const struct image_room *room,
                       const struct image_additions *additions,
                       const char *path, struct diag *diag) {
    struct arena *arena = arena_new();
    struct flat_result result;
    struct bytes out;
    bytes_init(&out, arena, ORDER_BIG);
    bool ok = flat_apply(image, room, additions, arena, &result, diag) &&
              compose(image, syntax, &result, arena, &out, diag);
    if (ok) {
        struct file_part part = {{out.p, out.n}, 0};
        ok = file_write(path, &part, 1, image->file.mode, diag);
    }
    arena_free(arena);
    return ok;
}
