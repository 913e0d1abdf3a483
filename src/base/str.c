// str.c: slices of text.
//
// A `struct str` does not own its bytes and is not terminated. Copies made
// here are both: they live in an arena and a NUL stands behind them, so that
// `.p` of a copy may be handed to the C library.

#include <string.h>

#include "base/base.h"

struct str str_from(const char *text) {
    return (struct str){text, text ? strlen(text) : 0};
}

struct str str_slice(struct str s, size_t from, size_t to) {
    if (to > s.n)
        to = s.n;
    if (from >= to)
        return (struct str){0};
    return (struct str){s.p + from, to - from};
}

struct str str_copy(struct arena *arena, struct str s) {
    char *p = arena_alloc(arena, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

const char *str_terminated(struct arena *arena, struct str s) {
    return str_copy(arena, s).p;
}

struct str str_vformat(struct arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        return (struct str){0};
    char *p = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, args);
    return (struct str){p, (size_t)n};
}

struct str str_format(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str s = str_vformat(arena, format, args);
    va_end(args);
    return s;
}

bool str_equal(struct str a, struct str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

// Rows of a table differ in their first letters mostly: none is measured.
bool str_is(struct str s, const char *text) {
    size_t i = 0;
    while (i < s.n && text && text[i] && text[i] == s.p[i])
        i++;
    return i == s.n && (!text || !text[i]);
}

const char *str_find(struct str s, char c) {
    return s.n ? memchr(s.p, c, s.n) : NULL;
}

int str_compare(struct str a, struct str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts_with(struct str s, struct str prefix) {
    return s.n >= prefix.n && str_equal(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends_with(struct str s, struct str suffix) {
    return s.n >= suffix.n &&
           str_equal(str_slice(s, s.n - suffix.n, s.n), suffix);
}

struct str str_base_name(struct str path) {
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_slice(path, at, path.n);
}

// One element of a pattern that starts at *at: whether it matches `c`.
// Advances *at behind the element. An open bracket that is never closed
// matches nothing.
static bool match_bracket(struct str pattern, size_t *at, uint8_t c) {
    size_t i = *at + 1;
    bool negated = i < pattern.n && pattern.p[i] == '!';
    i += negated;
    bool found = false;
    for (size_t first = i; i < pattern.n; i++) {
        uint8_t low = (uint8_t)pattern.p[i], high = low;
        if (low == ']' && i > first) {
            *at = i + 1;
            return found != negated;
        }
        if (low == '\\' && i + 1 < pattern.n)
            low = high = (uint8_t)pattern.p[++i];
        if (i + 2 < pattern.n && pattern.p[i + 1] == '-' &&
            pattern.p[i + 2] != ']') {
            i += 2;
            high = (uint8_t)pattern.p[i];
        }
        if (low <= c && c <= high)
            found = true;
    }
    *at = pattern.n;
    return false;
}

static bool match_one(struct str pattern, size_t *at, uint8_t c) {
    switch (pattern.p[*at]) {
    case '?': ++*at; return true;
    case '[': return match_bracket(pattern, at, c);
    case '\\':
        if (*at + 1 < pattern.n)
            ++*at;
        break;
    default: break;
    }
    return (uint8_t)pattern.p[(*at)++] == c;
}

// Only the last star is ever retried: what stood before it matched as early
// as it could, so the time is at most the product of the lengths.
bool str_glob(struct str pattern, struct str text) {
    if (pattern.n == 0)
        return true;
    size_t p = 0, t = 0;
    size_t star = SIZE_MAX, resume = 0; // behind the last star, and its text
    for (;;) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = ++p;
            resume = t;
            continue;
        }
        if (t == text.n && p == pattern.n)
            return true;
        if (t < text.n && p < pattern.n &&
            match_one(pattern, &p, (uint8_t)text.p[t])) {
            t++;
            continue;
        }
        if (star == SIZE_MAX || resume >= text.n)
            return false;
        p = star;
        t = ++resume;
    }
}

bool str_is_pattern(struct str pattern) {
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i];
        if (c == '*' || c == '?' || c == '[' || c == '\\')
            return true;
    }
    return pattern.n == 0;
}

// Rows of the distances between prefixes; three suffice, since a swap looks
// back two. Names longer than a row are not worth a suggestion.
size_t str_distance(struct str a, struct str b, size_t limit) {
    enum { LONGEST = 128 };
    size_t rows[3][LONGEST + 1];
    size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (a.n > LONGEST || b.n > LONGEST || gap > limit)
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
                a.p[i - 2] == b.p[j - 1] && above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    size_t distance = rows[a.n % 3][b.n];
    return distance > limit ? limit + 1 : distance;
}
