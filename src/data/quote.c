// quote.c: text as JSON has it.
//
// Keys are whatever bytes a symbol or a string of the program holds; JSON is
// UTF-8. Valid UTF-8 goes through as it is, control characters are escaped,
// and every byte that belongs to no valid sequence becomes U+FFFD, the
// replacement character, as in browsers. Surrogates and overlong forms are
// not valid.

#include "data/data.h"

// Length of the valid UTF-8 sequence at `p`, which has n > 0 bytes; 0: none.
static size_t utf8_len(const char *text, size_t n) {
    const uint8_t *p = (const uint8_t *)text;
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (len == 0 || p[0] > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    // Overlong forms, surrogates, what lies beyond U+10FFFF.
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
               (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : len;
}

bool utf8_is_valid(struct str text) {
    for (size_t i = 0; i < text.n;) {
        size_t len = utf8_len(text.p + i, text.n - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

static void quote_control(struct bytes *out, char c) {
    static const char short_forms[] = "btn.fr"; // 8 to 13
    char text[8];
    int n;
    if (c >= '\b' && c <= '\r' && c != '\v')
        n = snprintf(text, sizeof text, "\\%c", short_forms[c - '\b']);
    else
        n = snprintf(text, sizeof text, "\\u%04x", (unsigned)c);
    bytes_add(out, text, (size_t)n);
}

// How many bytes at the front stand for themselves.
static size_t plain_len(const char *p, size_t n) {
    size_t len = 0;
    while (len < n && p[len] >= ' ' && p[len] < 0x7f && p[len] != '"' &&
           p[len] != '\\')
        len++;
    return len;
}

static size_t quote_special(struct bytes *out, const char *p, size_t n) {
    size_t len = utf8_len(p, n);
    if (len == 0) {
        bytes_add(out, "\xef\xbf\xbd", 3);
        return 1;
    }
    if (len > 1) {
        bytes_add(out, p, len);
    } else if (*p == '"' || *p == '\\') {
        bytes_u8(out, '\\');
        bytes_u8(out, (uint8_t)*p);
    } else {
        quote_control(out, *p);
    }
    return len;
}

void json_quote(struct bytes *out, struct str text) {
    bytes_u8(out, '"');
    for (size_t i = 0; i < text.n;) {
        size_t len = plain_len(text.p + i, text.n - i);
        bytes_add(out, text.p + i, len);
        i += len;
        if (i < text.n)
            i += quote_special(out, text.p + i, text.n - i);
    }
    bytes_u8(out, '"');
}
