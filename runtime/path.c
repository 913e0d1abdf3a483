// path.c: functions of D that take paths apart. No file is looked at.

#include "rt.h"

// Without the slashes at its end, but for the first character.
static uint64_t without_slashes(const char *path, uint64_t len) {
    while (len > 1 && path[len - 1] == '/')
        len--;
    return len;
}

// Where its last component begins.
static uint64_t last_start(const char *path, uint64_t len) {
    while (len > 0 && path[len - 1] != '/')
        len--;
    return len;
}

const char *mct_basename(struct mct_firing *firing, const char *path) {
    if (!mct_text_is(firing, path))
        return 0;
    uint64_t len = without_slashes(path, mct_string_len(path));
    if (len == 0)
        return mct_text_new(firing, ".", 1);
    uint64_t start = len == 1 ? 0 : last_start(path, len);
    return mct_text_new(firing, path + start, len - start);
}

const char *mct_dirname(struct mct_firing *firing, const char *path) {
    if (!mct_text_is(firing, path))
        return 0;
    uint64_t len = without_slashes(path, mct_string_len(path));
    uint64_t start = last_start(path, len);
    if (start == 0)
        return mct_text_new(firing, ".", 1);
    return mct_text_new(firing, path, without_slashes(path, start));
}

// --- cleanpath ---

struct cleaned {
    char *text;
    uint64_t len;
    uint64_t root;  // what can never be taken away: a slash or nothing
    uint64_t depth; // components that a ".." takes back
};

static bool is_dots(const char *part, uint64_t len, uint64_t dots) {
    return len == dots && part[0] == '.' && part[len - 1] == '.';
}

static void append(struct cleaned *to, const char *part, uint64_t len) {
    if (to->len > to->root)
        to->text[to->len++] = '/';
    mct_copy(to->text + to->len, part, len);
    to->len += len;
}

static void take_back(struct cleaned *to) {
    uint64_t start = last_start(to->text, to->len);
    to->len = start > to->root ? start - 1 : to->root;
    to->depth--;
}

static void add_part(struct cleaned *to, const char *part, uint64_t len) {
    if (len == 0 || is_dots(part, len, 1))
        return;
    if (!is_dots(part, len, 2)) {
        append(to, part, len);
        to->depth++;
    } else if (to->depth > 0) {
        take_back(to);
    } else if (to->root == 0) {
        append(to, part, len);
    }
}

// Never longer than the path, unless that becomes the dot.
const char *mct_cleanpath(struct mct_firing *firing, const char *path) {
    if (!mct_text_is(firing, path))
        return 0;
    uint64_t len = mct_string_len(path);
    struct cleaned to = {mct_scratch(firing, len + 1), 0, 0, 0};
    if (!to.text)
        return 0;
    if (len > 0 && path[0] == '/')
        to.text[to.len++] = '/';
    to.root = to.len;
    for (uint64_t start = 0, at = 0; at <= len; at++)
        if (at == len || path[at] == '/') {
            add_part(&to, path + start, at - start);
            start = at + 1;
        }
    if (len > 0 && to.len == 0)
        to.text[to.len++] = '.';
    to.text[to.len] = 0;
    return to.text;
}
