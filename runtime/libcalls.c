// libcalls.c: what compilers take for granted, for values that are too long to
// be set or copied in line.

#include "rt.h"

HIDDEN void *memset(void *to, int byte, uint64_t len);
HIDDEN void *memcpy(void *to, const void *from, uint64_t len);

void *memset(void *to, int byte, uint64_t len) {
    for (uint64_t i = 0; i < len; i++)
        ((uint8_t *)to)[i] = (uint8_t)byte;
    return to;
}

void *memcpy(void *to, const void *from, uint64_t len) {
    mct_copy(to, from, len);
    return to;
}
