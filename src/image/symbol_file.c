// symbol_file.c: names of functions from a text, for images that have none.
//
//     # address  name  [size]
//     0x80001234 uart_isr 0x5a
//     80001290   main
//
// Addresses are hexadecimal, with or without 0x; sizes are decimal, or
// hexadecimal with 0x. Without a size a function reaches up to the next one.
// What lies outside of the image (variables in RAM) is passed by. The marks
// that a list of all of an object's symbols has between them ($t, $d.1) tell of
// code and data, where the machine has them.

#include <stdlib.h>

#include "image/image.h"

struct symbol_line {
    struct source *source;
    struct diag *diag;
    struct str text;
    struct str words[4];
    size_t count;
};

static bool refuse(const struct symbol_line *line, struct str word,
                   const char *what) {
    struct span where = {line->source,
                         (uint32_t)(word.p - line->source->text.p),
                         (uint32_t)word.n};
    diag_error(line->diag, B_SYMBOLS, where, "%s", what);
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void split(struct symbol_line *line) {
    line->count = 0;
    for (size_t i = 0; i < line->text.n && line->text.p[i] != '#';) {
        size_t from = i;
        while (i < line->text.n && !is_blank(line->text.p[i]) &&
               line->text.p[i] != '#')
            i++;
        if (i > from && line->count < COUNT_OF(line->words))
            line->words[line->count++] = str_slice(line->text, from, i);
        while (i < line->text.n && is_blank(line->text.p[i]))
            i++;
    }
}

static bool read_number(struct str text, unsigned base, uint64_t *number) {
    if (text.n > 2 && text.p[0] == '0' && (text.p[1] | 0x20) == 'x') {
        text = str_slice(text, 2, text.n);
        base = 16;
    }
    *number = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        unsigned lower = (unsigned char)c | 0x20u;
        unsigned digit = c >= '0' && c <= '9'           ? (unsigned)(c - '0')
                         : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                        : 16;
        if (digit >= base || *number > (UINT64_MAX - digit) / base)
            return false;
        *number = *number * base + digit;
    }
    return text.n > 0;
}

static bool take(struct image *image, const struct symbol_line *line,
                 size_t *room) {
    struct symbol symbol = {.kind = SYMBOL_FUNCTION, .global = true};
    uint8_t mode;
    if (line->count == 0)
        return true;
    if (line->count < 2)
        return refuse(line, line->words[0],
                      "a line is ADDRESS NAME [SIZE]; the name is missing");
    if (line->count > 3)
        return refuse(line, line->words[3],
                      "a line is ADDRESS NAME [SIZE]; this is too much");
    if (!read_number(line->words[0], 16, &symbol.va))
        return refuse(line, line->words[0],
                      "this is no address in hexadecimal");
    if (line->count == 3 && !read_number(line->words[2], 10, &symbol.len))
        return refuse(line, line->words[2],
                      "this is no size, which is decimal, or hexadecimal "
                      "with 0x");
    symbol.va = image_plain_va(image, symbol.va);
    if (!image_is_code(image, symbol.va))
        return true;
    if (image_is_mark(image, line->words[1], &mode)) {
        symbol = (struct symbol){.kind = SYMBOL_LABEL, .va = symbol.va};
        if (mode < 2)
            image_note_mode(image, symbol.va, mode);
    }
    if (symbol.len > image_bytes(image, symbol.va).n)
        return refuse(line, line->words[2],
                      "the function would reach beyond the image");
    symbol.name = str_copy(image->arena, line->words[1]);
    *ARENA_PUSH(image->arena, image->symbols, image->symbol_count, *room) =
        symbol;
    return true;
}

static int compare_symbols(const void *a, const void *b) {
    const struct symbol *x = a, *y = b;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    return str_compare(x->name, y->name);
}

static bool take_lines(struct image *image, struct source *source,
                       struct diag *diag) {
    struct symbol_line line = {.source = source, .diag = diag};
    size_t room = image->symbol_count;
    for (size_t at = 0, end; at < source->text.n; at = end + 1) {
        for (end = at; end < source->text.n && source->text.p[end] != '\n';)
            end++;
        line.text = str_slice(source->text, at, end);
        split(&line);
        if (!take(image, &line, &room))
            return false;
    }
    image_sort_modes(image);
    for (size_t i = 0; i < image->symbol_count; i++)
        image->symbols[i].mode = image_mode_at(image, image->symbols[i].va);
    if (image->symbol_count)
        qsort(image->symbols, image->symbol_count, sizeof *image->symbols,
              compare_symbols);
    return true;
}

bool symbol_file_read(struct image *image, const char *path,
                      struct diag *diag) {
    struct file file;
    if (!file_open(&file, path, diag))
        return false;
    struct source source = {.name = str_from(path),
                            .text = {(const char *)file.data.p, file.data.n}};
    bool ok = take_lines(image, &source, diag);
    file_close(&file);
    return ok;
}
