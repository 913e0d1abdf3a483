// text.c: functions of D on strings.
//
// A string is the address of a text that ends with a zero byte, in memory of
// ours: a variable, the script's own texts, or scratch memory of the clause.
// None counts beyond strsize, whatever lies there; NULL is a string too, which
// compares as the empty one, and which a function that looks into it faults
// on. Results are new texts in scratch memory.

#include "rt.h"

// --- arguments and results ---

bool mct_text_is(struct mct_firing *firing, const char *text) {
    if (!text)
        mct_fail(firing, MCT_FAULT_BADADDR, 0);
    return text != 0;
}

uint64_t mct_string_len(const char *text) {
    return mct_text_len(text, mct_config.strsize);
}

char *mct_text_new(struct mct_firing *firing, const char *from, uint64_t len) {
    uint64_t kept = len < mct_config.strsize ? len : mct_config.strsize;
    char *text = mct_scratch(firing, kept + 1);
    if (!text)
        return 0;
    mct_copy(text, from, kept);
    text[kept] = 0;
    return text;
}

// --- functions of D ---

uint64_t mct_strlen(struct mct_firing *firing, const char *text) {
    return mct_text_is(firing, text) ? mct_string_len(text) : 0;
}

const char *mct_strjoin(struct mct_firing *firing, const char *a,
                        const char *b) {
    if (!mct_text_is(firing, a) || !mct_text_is(firing, b))
        return 0;
    uint64_t a_len = mct_string_len(a), b_len = mct_string_len(b);
    uint64_t room = mct_config.strsize - a_len;
    b_len = b_len < room ? b_len : room;
    char *text = mct_scratch(firing, a_len + b_len + 1);
    if (!text)
        return 0;
    mct_copy(text, a, a_len);
    mct_copy(text + a_len, b, b_len);
    text[a_len + b_len] = 0;
    return text;
}

// Perl's: a negative start counts from the end, a negative count leaves so
// many characters off it; what lies outside of the text is not there.
const char *mct_substr(struct mct_firing *firing, const char *text,
                       int64_t start, int64_t count) {
    if (!mct_text_is(firing, text))
        return 0;
    int64_t len = (int64_t)mct_string_len(text);
    int64_t from = start < 0 ? len + start : start;
    if (from > len)
        from = len;
    int64_t to = count < 0 ? len + count : len;
    if (count >= 0 && count < len - from)
        to = from + count;
    from = from < 0 ? 0 : from;
    return mct_text_new(firing, text + from,
                        to > from ? (uint64_t)(to - from) : 0);
}

// Bit 5 tells an ASCII letter's case.
static const char *change_case(struct mct_firing *firing, const char *text,
                               char first) {
    if (!mct_text_is(firing, text))
        return 0;
    uint64_t len = mct_string_len(text);
    char *result = mct_text_new(firing, text, len);
    for (uint64_t i = 0; result && i < len; i++)
        result[i] ^= (char)(((uint8_t)(result[i] - first) < 26) << 5);
    return result;
}

const char *mct_tolower(struct mct_firing *firing, const char *text) {
    return change_case(firing, text, 'A');
}

const char *mct_toupper(struct mct_firing *firing, const char *text) {
    return change_case(firing, text, 'a');
}
