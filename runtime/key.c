// key.c: keys of tables that are more than a word.
//
// A key is packed (region.h): a text takes the words that it needs and no
// more, so that a short one is hashed and compared quickly; its terminator is
// part of it, so that nothing behind it can matter.

#include "rt.h"

uint64_t *mct_room(struct mct_firing *firing, uint64_t len) {
    return mct_scratch(firing, len);
}

// NULL is as the empty text. The word that holds the terminator ends in zeroes.
uint64_t mct_key_text(uint64_t *to, const char *text) {
    uint64_t len = text ? mct_string_len(text) : 0;
    to[len / 8] = 0;
    mct_copy(to, text, len);
    return len / 8 + 1;
}
