// word.h: texts by eight bytes at a time.
//
// That reads behind the terminating byte, but never beyond the page it is on.

#ifndef MCTRACE_WORD_H
#define MCTRACE_WORD_H

#include "rt.h"

#define WORD       8u
#define PAGE       4096u
#define ONES       0x0101010101010101u
#define HIGH_BITS  (uint64_t)0x8080808080808080u
#define MAY_BEHIND __attribute__((no_sanitize("address")))

typedef uint64_t any_word __attribute__((aligned(1), may_alias));
typedef uint32_t any_half __attribute__((aligned(1), may_alias));

// Whether eight bytes may be read where one may.
INLINE bool has_word(const char *at) {
    return ((uint64_t)at & (PAGE - 1)) <= PAGE - WORD;
}

INLINE uint64_t word_at(const char *at) MAY_BEHIND;
INLINE uint64_t word_at(const char *at) {
    return *(const any_word *)at;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

// The high bit of every byte that is zero, and of some above the first such,
// which come later in memory.
INLINE uint64_t zeroes(uint64_t word) {
    return (word - ONES) & ~word & HIGH_BITS;
}

INLINE uint64_t first_byte(uint64_t bits) {
    return (uint64_t)__builtin_ctzll(bits) >> 3;
}

#else

// Here those above would come earlier, so nothing may be carried out of a byte.
INLINE uint64_t zeroes(uint64_t word) {
    uint64_t low = (word & ~HIGH_BITS) + ~HIGH_BITS;
    return ~(low | word) & HIGH_BITS;
}

INLINE uint64_t first_byte(uint64_t bits) {
    return (uint64_t)__builtin_clzll(bits) >> 3;
}

#endif

// The first `len` bytes of a word, fewer than all; zeroes behind them.
INLINE uint64_t word_up_to(uint64_t word, uint64_t len) {
    uint64_t kept = ((uint64_t)1 << 8 * len) - 1;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    kept = __builtin_bswap64(kept);
#endif
    return word & kept;
}

// The next word of a text of which at most `most` bytes count, zeroes from its
// end on. A text of whole words ends with one of zeroes.
INLINE uint64_t text_word(const char *at, uint64_t most,
                          bool *is_last) MAY_BEHIND;
INLINE uint64_t text_word(const char *at, uint64_t most, bool *is_last) {
    uint64_t word = 0;
    if (most >= WORD && has_word(at)) {
        word = word_at(at);
        uint64_t end = zeroes(word);
        *is_last = end != 0;
        return end != 0 ? word_up_to(word, first_byte(end)) : word;
    }
    for (uint64_t i = 0; i < WORD; i++) {
        *is_last = i >= most || at[i] == 0;
        if (*is_last)
            break;
        ((uint8_t *)&word)[i] = (uint8_t)at[i];
    }
    return word;
}

#endif
