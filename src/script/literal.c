// literal.c: integers, characters and strings as they stand in a script.
//
// Escapes are C's. A character constant of several characters has the first in
// its most significant byte; up to four make an int, as with gcc, up to eight
// a long. An integer's type is decided in type.c from what its form says.

#include <string.h>

#include "script/script.h"

static char look(const struct script *script) {
    return script->at < script->text.n ? script->text.p[script->at] : '\0';
}

static unsigned digit_value(char c) {
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 99;
}

static bool is_word(char c) {
    return digit_value(c) < 10 || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '_';
}

// u, l, ll in any case and order. False: something else.
static bool read_suffix(struct str suffix, uint8_t *form) {
    for (size_t i = 0; i < suffix.n; i++) {
        char c = suffix.p[i];
        bool is_long = c == 'l' || c == 'L';
        if ((c == 'u' || c == 'U') && !(*form & LITERAL_UNSIGNED))
            *form |= LITERAL_UNSIGNED;
        else if (is_long && !(*form & (LITERAL_LONG | LITERAL_LONG_LONG))) {
            bool twice = i + 1 < suffix.n && suffix.p[i + 1] == c;
            *form |= twice ? LITERAL_LONG_LONG : LITERAL_LONG;
            i += twice;
        } else
            return false;
    }
    return true;
}

static bool refuse_float(struct script *script, size_t start) {
    while (is_word(look(script)) || look(script) == '.')
        script->at++;
    script_fail(script, D_SYNTAX, script_span(script, start, script->at),
                "D has no floating-point constants");
    return false;
}

// The digits of `word` in `base` from `i` on. False: reported.
static bool read_digits(struct script *script, struct span span,
                        struct str word, size_t *i, unsigned base,
                        uint64_t *value) {
    for (*value = 0; *i < word.n; ++*i) {
        unsigned digit = digit_value(word.p[*i]);
        if (digit >= base && (digit > 9 || base == 16))
            return true;
        if (digit >= base) {
            script_fail(script, D_INT_DIGIT, span,
                        "constant %.*s contains invalid digit %c",
                        STR_ARGS(word), word.p[*i]);
            return false;
        }
        if (*value > (UINT64_MAX - digit) / base) {
            script_fail(script, D_INT_OFLOW, span,
                        "constant %.*s results in integer overflow",
                        STR_ARGS(word));
            return false;
        }
        *value = *value * base + digit;
    }
    return true;
}

bool literal_integer(struct script *script, struct token *token) {
    size_t start = script->at;
    while (is_word(look(script)))
        script->at++;
    if (look(script) == '.')
        return refuse_float(script, start);
    struct str word = str_slice(script->text, start, script->at);
    struct span span = script_span(script, start, script->at);
    bool is_hex = word.n > 1 && word.p[0] == '0' && (word.p[1] | 32) == 'x';
    unsigned base = is_hex ? 16 : word.p[0] == '0' ? 8 : 10;
    size_t i = is_hex ? 2 : 0;
    if (!read_digits(script, span, word, &i, base, &token->value))
        return false;
    token->kind = TOKEN_INTEGER;
    token->text = word;
    token->form = base == 10 ? LITERAL_DECIMAL : 0;
    struct str suffix = str_slice(word, i, word.n);
    if (base == 10 && suffix.n && (suffix.p[0] | 32) == 'e')
        return refuse_float(script, start);
    if ((is_hex && i == 2) || !read_suffix(suffix, &token->form)) {
        script_fail(script, D_SYNTAX, span, "'%.*s' is no integer",
                    STR_ARGS(word));
        return false;
    }
    return true;
}

// The byte an escape stands for, the backslash having been passed.
static unsigned char read_escape(struct script *script) {
    static const char letters[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
    char c = look(script);
    const char *found = c ? strchr(letters, c) : NULL;
    unsigned value = 0;
    if (digit_value(c) < 8) {
        for (int n = 0; n < 3 && digit_value(look(script)) < 8; n++)
            value = value * 8 + digit_value(script->text.p[script->at++]);
        return (unsigned char)value;
    }
    script->at++;
    if (c == 'x' && digit_value(look(script)) < 16) {
        while (digit_value(look(script)) < 16)
            value = value * 16 + digit_value(script->text.p[script->at++]);
        return (unsigned char)value;
    }
    return (unsigned char)(found ? values[found - letters] : c);
}

// The bytes between two quotes. False: reported.
static bool read_quoted(struct script *script, struct bytes *out,
                        enum tag open_tag) {
    size_t start = script->at;
    char quote = script->text.p[script->at++];
    while (look(script) != quote) {
        bool ended = script->at >= script->text.n || look(script) == '\n';
        if (ended) {
            script_fail(script, open_tag,
                        script_span(script, start, script->at),
                        "newline encountered in %s",
                        quote == '"' ? "string literal" : "character constant");
            return false;
        }
        if (look(script) != '\\') {
            bytes_u8(out, (uint8_t)script->text.p[script->at++]);
            continue;
        }
        script->at++;
        if (look(script) == '\n')
            script->at++; // the line goes on
        else if (script->at < script->text.n)
            bytes_u8(out, read_escape(script));
    }
    script->at++;
    return true;
}

bool literal_character(struct script *script, struct token *token) {
    size_t start = script->at;
    struct bytes bytes;
    bytes_init(&bytes, script->arena, ORDER_LITTLE);
    if (!read_quoted(script, &bytes, D_CHR_NL))
        return false;
    struct span span = script_span(script, start, script->at);
    if (bytes.n == 0)
        script_fail(script, D_CHR_NULL, span, "empty character constant");
    if (bytes.n > 8)
        script_fail(script, D_CHR_OFLOW, span,
                    "character constant is too long");
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.n; i++)
        value = value << 8 | bytes.p[i];
    // As in C, a lone character is signed where `char` is.
    if (bytes.n == 1)
        value = (uint64_t)(int64_t)(int8_t)value;
    else if (bytes.n <= 4)
        value = (uint64_t)(int64_t)(int32_t)value;
    token->kind = TOKEN_INTEGER;
    token->form = LITERAL_CHARACTER | (bytes.n > 4 ? LITERAL_LONG : 0);
    token->value = value;
    token->text = str_slice(script->text, start, script->at);
    return !script->failed;
}

bool literal_string(struct script *script, struct token *token) {
    struct bytes bytes;
    bytes_init(&bytes, script->arena, ORDER_LITTLE);
    if (!read_quoted(script, &bytes, D_STR_NL))
        return false;
    token->kind = TOKEN_STRING;
    token->text =
        bytes.n ? (struct str){(const char *)bytes.p, bytes.n} : STR("");
    return true;
}
