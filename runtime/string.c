// string.c: texts in memory, bounded.
//
// Another thread may be writing a variable that is being read: all loops end
// at a bound, whatever the bytes are.
//
// Texts are looked at eight bytes at a time. That reads behind the terminating
// byte, but never beyond the page it is on.

#include "rt.h"

#define WORD       8u
#define PAGE       4096u
#define ONES       0x0101010101010101u
#define HIGH_BITS  0x8080808080808080u
#define MAY_BEHIND __attribute__((no_sanitize("address")))

typedef uint64_t any_word __attribute__((aligned(1), may_alias));

// Whether eight bytes may be read where one may.
static bool has_word(const char *at) {
    return ((uint64_t)at & (PAGE - 1)) <= PAGE - WORD;
}

static uint64_t word_at(const char *at) MAY_BEHIND;
static uint64_t word_at(const char *at) {
    return *(const any_word *)at;
}

static bool has_zero(uint64_t word) {
    return ((word - ONES) & ~word & HIGH_BITS) != 0;
}

MAY_BEHIND uint64_t mct_text_len(const char *text, uint64_t most) {
    uint64_t len = 0;
    for (; len < most && ((uint64_t)(text + len) & (WORD - 1)) != 0; len++)
        if (text[len] == 0)
            return len;
    while (len < most && !has_zero(word_at(text + len)))
        len += WORD;
    while (len < most && text[len] != 0)
        len++;
    return len < most ? len : most;
}

void mct_copy(void *to, const void *from, uint64_t len) {
    uint8_t *out = to;
    const uint8_t *in = from;
    uint64_t i = 0;
    for (; i + WORD <= len; i += WORD)
        *(any_word *)(out + i) = *(const any_word *)(in + i);
    for (; i < len; i++)
        out[i] = in[i];
}

// `room` counts the terminating byte.
void mct_string_copy(char *to, const char *from, uint64_t room) {
    uint64_t len = from ? mct_text_len(from, room - 1) : 0;
    mct_copy(to, from, len);
    to[len] = 0;
}

MAY_BEHIND int32_t mct_string_compare(const char *a, const char *b,
                                      uint64_t most) {
    a = a ? a : "";
    b = b ? b : "";
    uint64_t i = 0;
    while (i < most && has_word(a + i) && has_word(b + i)) {
        uint64_t word = word_at(a + i);
        if (word != word_at(b + i) || has_zero(word))
            break;
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
