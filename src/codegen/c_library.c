// c_library.c: the part of the runtime that code at sites is made of, as text.
//
// It is C that went through the preprocessor when mctrace was built, with its
// comments and a few words (INLINE, HIDDEN) that stay for people. Here it is
// cut where a declaration ends; each piece knows the names that it declares,
// and a script's code takes those that it names, those that they name, and so
// on. Nothing else is known of the language: only where brackets close.

#include "codegen/c_library.h"

#include <string.h>

// --- words ---

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= '0' && c <= '9');
}

static size_t comment_end(struct str text, size_t at) {
    bool is_line = text.p[at + 1] == '/';
    for (at += 2; at < text.n; at++) {
        if (is_line && text.p[at] == '\n')
            return at;
        if (!is_line && text.p[at] == '/' && text.p[at - 1] == '*')
            return at + 1;
    }
    return text.n;
}

static size_t quote_end(struct str text, size_t at) {
    char quote = text.p[at++];
    while (at < text.n && text.p[at] != quote)
        at += text.p[at] == '\\' ? 2 : 1;
    return at < text.n ? at + 1 : text.n;
}

struct c_token c_token_next(struct str text, size_t *at) {
    size_t from = *at, end = from + 1;
    if (from >= text.n)
        return (struct c_token){C_END, {text.p, 0}};
    enum c_token_kind kind = C_OTHER;
    char c = text.p[from], next = end < text.n ? text.p[end] : '\0';
    if (c == ' ' || c == '\n' || c == '\t') {
        kind = C_SPACE;
    } else if (c == '/' && (next == '/' || next == '*')) {
        kind = C_COMMENT;
        end = comment_end(text, from);
    } else if (c == '"' || c == '\'') {
        end = quote_end(text, from);
    } else if (is_name_char(c)) {
        while (end < text.n && is_name_char(text.p[end]))
            end++;
        kind = c >= '0' && c <= '9' ? C_OTHER : C_NAME;
    }
    *at = end;
    return (struct c_token){(uint8_t)kind, str_slice(text, from, end)};
}

// --- pieces ---

// What is known of the piece that is being read.
struct reading {
    struct c_library *library;
    struct c_piece *piece;
    size_t start;      // of its comment or, without one, its code
    size_t code;       // of its code, if has_code
    unsigned newlines; // since the last word or comment
    int depth;         // of brackets
    bool has_comment, has_code, has_list, has_name, has_value, is_type, is_enum,
        is_body;
    struct str first, last, before; // names: first, last, ahead of it
    char mark;                      // the last that is no name
};

static void declare(struct reading *reading, struct str name) {
    struct map *names = &reading->library->names;
    struct c_piece *other = map_get(names, name);
    if (other == reading->piece)
        return;
    reading->piece->name = name;
    if (other)
        reading->piece->same = other;
    map_put(names, name, reading->piece);
}

static bool is_kind(struct str name) {
    static const char *const words[] = {"struct", "union", "enum"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

// Words that are followed by a list which is not one of parameters.
static bool takes_list(struct str name) {
    static const char *const words[] = {"__attribute__", "_Alignas",
                                        "_Static_assert"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

static void read_name(struct reading *reading, struct str name) {
    struct c_piece *piece = reading->piece;
    if (reading->first.n == 0)
        reading->first = name;
    if (reading->depth == 1 && reading->is_enum &&
        (reading->mark == '{' || reading->mark == ','))
        declare(reading, name);
    if (str_equal(name, STR("preserve_most")))
        piece->is_preserving = true;
    if (reading->depth == 0 && !reading->has_value) {
        reading->before = reading->last;
        reading->last = name;
    }
    if (reading->has_list && reading->depth == 1 && piece->parameters == 0 &&
        !str_equal(name, STR("void")))
        piece->parameters = 1;
    reading->mark = '\0';
}

static void open(struct reading *reading, char c) {
    if (reading->depth++ > 0 || reading->has_value)
        return;
    if (takes_list(reading->last)) {
        reading->last = reading->before;
        return;
    }
    if (takes_list(reading->last)) {
        reading->last = reading->before;
        return;
    }
    if (c == '{' && reading->mark == ')' && reading->has_name) {
        reading->is_body = true;
    } else if (c == '{' && is_kind(reading->before)) {
        declare(reading, reading->last);
        reading->has_name = true;
        reading->is_enum = str_equal(reading->before, STR("enum"));
    } else if (c == '{' && str_equal(reading->last, STR("enum"))) {
        reading->has_name = reading->is_enum = true;
    } else if (c != '{' && !reading->has_name) {
        declare(reading, reading->last);
        reading->has_name = true;
        reading->has_list = c == '(';
    }
}

// Whether the piece is complete with this character.
static bool read_mark(struct reading *reading, char c) {
    bool ends = false;
    if (c == '(' || c == '{' || c == '[') {
        open(reading, c);
    } else if (c == ')' || c == '}' || c == ']') {
        reading->depth--;
        ends = reading->depth == 0 && c == '}' && reading->is_body;
        reading->has_list &= reading->depth > 0;
    } else if (c == ',' && reading->has_list && reading->depth == 1) {
        reading->piece->parameters++;
    } else if (reading->depth == 0 && (c == '=' || c == ';')) {
        if (!reading->has_name && reading->last.n > 0)
            declare(reading, reading->last);
        reading->has_name = reading->has_value = true;
        ends = c == ';';
    }
    reading->mark = c;
    return ends;
}

static void begin(struct reading *reading, size_t at) {
    struct c_library *library = reading->library;
    *reading = (struct reading){.library = library, .start = at};
    reading->piece = ARENA_NEW(library->arena, struct c_piece);
}

static void end(struct reading *reading, struct str text, size_t at) {
    struct c_library *library = reading->library;
    struct c_piece *piece = reading->piece;
    piece->comment = str_slice(text, reading->start, reading->code);
    piece->code = str_slice(text, reading->code, at);
    piece->is_assertion = str_equal(reading->first, STR("_Static_assert"));
    *ARENA_PUSH(library->arena, library->pieces, library->count,
                library->room) = piece;
    begin(reading, at);
}

// Between pieces only a comment that touches what follows belongs to it; one
// behind a piece on its line is part of that.
static void read_between(struct reading *reading, const struct c_token *token,
                         size_t from) {
    struct c_library *library = reading->library;
    if (token->kind == C_COMMENT && !reading->has_comment &&
        reading->newlines == 0 && library->count > 0) {
        struct str *code = &library->pieces[library->count - 1]->code;
        code->n = (size_t)(token->text.p + token->text.n - code->p);
    } else if (token->kind == C_COMMENT) {
        if (reading->newlines != 1 || !reading->has_comment) {
            reading->piece->is_apart = reading->newlines > 1;
            reading->start = from;
        }
        reading->has_comment = true;
        reading->newlines = 0;
    } else if (token->text.p[0] == '\n') {
        reading->newlines++;
    }
}

static void begin_code(struct reading *reading, size_t from) {
    if (reading->newlines != 1 || !reading->has_comment) {
        reading->piece->is_apart = reading->newlines > 1;
        reading->start = from;
    }
    reading->code = from;
    reading->has_code = true;
}

void c_library_read(struct c_library *library, struct arena *arena,
                    struct str text) {
    *library = (struct c_library){.arena = arena};
    map_init(&library->names, arena);
    struct reading reading = {.library = library};
    begin(&reading, 0);
    size_t at = 0, from = 0;
    for (;; from = at) {
        struct c_token token = c_token_next(text, &at);
        if (token.kind == C_END)
            return;
        bool is_word = token.kind == C_NAME || token.kind == C_OTHER;
        if (is_word && !reading.has_code)
            begin_code(&reading, from);
        if (!is_word && !reading.has_code)
            read_between(&reading, &token, from);
        else if (token.kind == C_NAME)
            read_name(&reading, token.text);
        else if (token.kind == C_OTHER && read_mark(&reading, token.text.p[0]))
            end(&reading, text, at);
    }
}

// --- what is needed ---

const struct c_piece *c_library_find(const struct c_library *library,
                                     struct str name) {
    return map_get(&library->names, name);
}

static void need_name(struct c_library *library, struct str name) {
    for (struct c_piece *piece = map_get(&library->names, name); piece;
         piece = piece->same) {
        if (piece->is_needed)
            continue;
        piece->is_needed = true;
        c_library_need(library, piece->code);
    }
}

// flat:
void c_library_need(struct c_library *library, struct str text) {
    struct c_token token;
    size_t at = 0;
    do {
        token = c_token_next(text, &at);
        if (token.kind == C_NAME)
            need_name(library, token.text);
    } while (token.kind != C_END);
}

// An assertion is wanted if all that it is about is.
static bool is_about_needed(const struct c_library *library,
                            const struct c_piece *piece) {
    struct c_token token;
    size_t at = 0, about = 0;
    do {
        token = c_token_next(piece->code, &at);
        const struct c_piece *other =
            token.kind == C_NAME ? c_library_find(library, token.text) : NULL;
        if (other && !other->is_needed)
            return false;
        about += other != NULL;
    } while (token.kind != C_END);
    return about > 0;
}

// Without the empty lines that the preprocessor left.
static void print_lines(struct str text, struct bytes *out) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\n' || i == 0 || text.p[i - 1] != '\n')
            bytes_u8(out, (uint8_t)text.p[i]);
}

void c_library_print(const struct c_library *library, struct bytes *out) {
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < library->count; i++) {
        const struct c_piece *piece = library->pieces[i];
        if (piece->is_assertion ? !is_about_needed(library, piece)
                                : !piece->is_needed)
            continue;
        if (piece->is_apart || last + 1 != i)
            bytes_u8(out, '\n');
        print_lines(piece->comment, out);
        print_lines(piece->code, out);
        bytes_u8(out, '\n');
        last = i;
    }
}
