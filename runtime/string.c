// string.c: texts in memory, bounded.
//
// Another thread may be writing a variable that is being read: all loops end
// at a bound, whatever the bytes are.
//
// Texts are looked at eight bytes at a time, see word.h.

#include "word.h"

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

MAY_BEHIND uint64_t mct_text_len(const char *text, uint64_t most) {
    uint64_t len = 0;
    if (has_word(text)) {
        uint64_t zero = zeroes(word_at(text));
        if (zero != 0)
            return least(first_byte(zero), most);
        len = WORD - ((uint64_t)text & (WORD - 1));
    }
    for (; len < most && ((uint64_t)(text + len) & (WORD - 1)) != 0; len++)
        if (text[len] == 0)
            return len;
    for (; len < most; len += WORD) {
        uint64_t zero = zeroes(word_at(text + len));
        if (zero != 0)
            return least(len + first_byte(zero), most);
    }
    return most;
}

static void copy_short(uint8_t *to, const uint8_t *from, uint64_t len) {
    if (len >= 4) {
        uint32_t first = *(const any_half *)from;
        uint32_t last = *(const any_half *)(from + len - 4);
        *(any_half *)to = first;
        *(any_half *)(to + len - 4) = last;
        return;
    }
    for (uint64_t i = 0; i < len; i++)
        to[i] = from[i];
}

// The last word may overlap the one before.
void mct_copy(void *to, const void *from, uint64_t len) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (len < WORD) {
        copy_short(out, in, len);
        return;
    }
    uint64_t last = *(const any_word *)(in + len - WORD);
    for (uint64_t i = 0; i + WORD < len; i += WORD)
        *(any_word *)(out + i) = *(const any_word *)(in + i);
    *(any_word *)(out + len - WORD) = last;
}

// `room` counts the terminating byte.
void mct_string_copy(char *to, const char *from, uint64_t room) {
    uint64_t len = from ? mct_text_len(from, room - 1) : 0;
    mct_copy(to, from, len);
    to[len] = 0;
}

// Behind the terminator's place is a byte that says that it is not NULL.
void mct_string_assign(char *to, const char *from, uint64_t size) {
    if (from)
        mct_string_copy(to, from, size - 1);
    else
        to[0] = 0;
    to[size - 1] = from != 0;
}

MAY_BEHIND int32_t mct_string_compare(const char *a, const char *b,
                                      uint64_t most) {
    a = a ? a : "";
    b = b ? b : "";
    uint64_t i = 0;
    while (i < most && has_word(a + i) && has_word(b + i)) {
        uint64_t word = word_at(a + i);
        uint64_t stop = zeroes(word) | (word ^ word_at(b + i));
        if (stop != 0) {
            i += first_byte(stop);
            break;
        }
        i += WORD;
    }
    for (; i < most; i++) {
        uint8_t from_a = (uint8_t)a[i], from_b = (uint8_t)b[i];
        if (from_a != from_b)
            return from_a < from_b ? -1 : 1;
        if (from_a == 0)
            break;
    }
    return 0;
}
