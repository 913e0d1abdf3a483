// string.c: strings of scripts, bounded by their variables' room.
//
// A probe may read a string that another thread is writing: both loops end
// at the bound whatever the bytes are.

#include "rt.h"

// `room` counts the terminating byte.
void mct_string_copy(char *to, const char *from, uint64_t room) {
    uint64_t i = 0;
    for (; i + 1 < room && from[i] != 0; i++)
        to[i] = from[i];
    to[i] = 0;
}

int32_t mct_string_compare(const char *a, const char *b, uint64_t most) {
    for (uint64_t i = 0; i < most; i++) {
        uint8_t from_a = (uint8_t)a[i], from_b = (uint8_t)b[i];
        if (from_a != from_b)
            return from_a < from_b ? -1 : 1;
        if (from_a == 0)
            break;
    }
    return 0;
}
