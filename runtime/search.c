// search.c: functions of D that look for something in a string.
//
// index() and rindex() follow perl; strtok() differs from the C library's in
// that the delimiter which ended a token is not consumed: the next call may
// have other delimiters.

#include "rt.h"

static bool matches(const char *at, const char *part, uint64_t len) {
    for (uint64_t i = 0; i < len; i++)
        if (at[i] != part[i])
            return false;
    return true;
}

// Where `part` stands first at or behind `start`; -1: nowhere.
static int64_t find(const char *text, int64_t len, const char *part,
                    int64_t part_len, int64_t start) {
    for (int64_t at = start; at <= len - part_len; at++)
        if (matches(text + at, part, (uint64_t)part_len))
            return at;
    return -1;
}

static int64_t clip(int64_t value, int64_t most) {
    return value < 0 ? 0 : value > most ? most : value;
}

int64_t mct_index(struct mct_firing *firing, const char *text, const char *part,
                  int64_t start) {
    if (!mct_text_is(firing, text) || !mct_text_is(firing, part))
        return -1;
    int64_t len = (int64_t)mct_string_len(text);
    return find(text, len, part, (int64_t)mct_string_len(part),
                clip(start, len));
}

int64_t mct_rindex(struct mct_firing *firing, const char *text,
                   const char *part, int64_t start) {
    if (!mct_text_is(firing, text) || !mct_text_is(firing, part))
        return -1;
    int64_t len = (int64_t)mct_string_len(text);
    int64_t part_len = (int64_t)mct_string_len(part);
    // The empty text is found even before the beginning.
    if (part_len == 0)
        return clip(start, len);
    int64_t at = start < len - part_len ? start : len - part_len;
    while (at >= 0 && !matches(text + at, part, (uint64_t)part_len))
        at--;
    return at < 0 ? -1 : at;
}

// The terminating byte is not found: what would begin there is no text.
const char *mct_strchr(struct mct_firing *firing, const char *text, int64_t c) {
    if (!mct_text_is(firing, text))
        return 0;
    uint64_t len = mct_string_len(text);
    for (uint64_t i = 0; i < len; i++)
        if (text[i] == (char)c)
            return mct_text_new(firing, text + i, len - i);
    return 0;
}

const char *mct_strrchr(struct mct_firing *firing, const char *text,
                        int64_t c) {
    if (!mct_text_is(firing, text))
        return 0;
    uint64_t len = mct_string_len(text);
    for (uint64_t i = len; i-- > 0;)
        if (text[i] == (char)c)
            return mct_text_new(firing, text + i, len - i);
    return 0;
}

const char *mct_strstr(struct mct_firing *firing, const char *text,
                       const char *part) {
    if (!mct_text_is(firing, text) || !mct_text_is(firing, part))
        return 0;
    uint64_t len = mct_string_len(text);
    int64_t at =
        find(text, (int64_t)len, part, (int64_t)mct_string_len(part), 0);
    return at < 0 ? 0 : mct_text_new(firing, text + at, len - (uint64_t)at);
}

// --- strtok ---

// A bit for each of the 256 characters.
struct char_set {
    uint64_t words[4];
};

static struct char_set set_of(const char *text) {
    struct char_set set = {{0, 0, 0, 0}};
    uint64_t len = mct_string_len(text);
    for (uint64_t i = 0; i < len; i++)
        set.words[(uint8_t)text[i] >> 6] |= (uint64_t)1 << (text[i] & 63);
    return set;
}

static bool has(const struct char_set *set, char c) {
    return set->words[(uint8_t)c >> 6] >> (c & 63) & 1;
}

// A new text to be taken apart is kept with the thread.
static bool keep(struct mct_firing *firing, const char *text) {
    struct mct_thread *thread = firing->thread;
    if (!thread->strtok_text)
        thread->strtok_text = mct_map_private(mct_config.strsize + 1);
    if (!thread->strtok_text) {
        mct_fail(firing, MCT_FAULT_NOSCRATCH, 0);
        return false;
    }
    mct_string_copy((char *)thread->strtok_text, text, mct_config.strsize + 1);
    thread->strtok_off = 1;
    return true;
}

// thread->strtok_off is one more than where it goes on; 0: there is no text.
const char *mct_strtok(struct mct_firing *firing, const char *text,
                       const char *delimiters) {
    struct mct_thread *thread = firing->thread;
    if (text ? !keep(firing, text) : thread->strtok_off == 0) {
        mct_fail(firing, MCT_FAULT_BADADDR, 0);
        return 0;
    }
    if (!mct_text_is(firing, delimiters))
        return 0;
    struct char_set set = set_of(delimiters);
    const char *kept = (const char *)thread->strtok_text;
    uint64_t len = mct_string_len(kept);
    uint64_t from = thread->strtok_off - 1;
    while (from < len && has(&set, kept[from]))
        from++;
    uint64_t to = from;
    while (to < len && !has(&set, kept[to]))
        to++;
    thread->strtok_off = to + 1;
    return to == from ? 0 : mct_text_new(firing, kept + from, to - from);
}
