// libcalls.c: what compilers take for granted: values that are too long to be
// set or copied in line and, on machines of 32 bits, to be divided.

#include "rt.h"

HIDDEN void *memset(void *to, int byte, uintptr_t len);
HIDDEN void *memcpy(void *to, const void *from, uintptr_t len);

void *memset(void *to, int byte, uintptr_t len) {
    for (uintptr_t i = 0; i < len; i++)
        ((uint8_t *)to)[i] = (uint8_t)byte;
    return to;
}

void *memcpy(void *to, const void *from, uintptr_t len) {
    mct_copy(to, from, len);
    return to;
}

#if __SIZEOF_POINTER__ == 4

// Named as in the compiler's own library.
HIDDEN uint64_t __udivmoddi4(uint64_t value, uint64_t by, uint64_t *rest);
HIDDEN int64_t __divmoddi4(int64_t value, int64_t by, int64_t *rest);
HIDDEN uint64_t __udivdi3(uint64_t value, uint64_t by);
HIDDEN uint64_t __umoddi3(uint64_t value, uint64_t by);
HIDDEN int64_t __divdi3(int64_t value, int64_t by);
HIDDEN int64_t __moddi3(int64_t value, int64_t by);

// A bit at a time, from the first that can be set. Nobody divides by zero:
// clauses look before.
uint64_t __udivmoddi4(uint64_t value, uint64_t by, uint64_t *rest) {
    uint64_t result = 0;
    if (value >= by && by != 0) {
        int shift = __builtin_clzll(by) - __builtin_clzll(value);
        for (by <<= shift; shift >= 0; shift--, by >>= 1) {
            result <<= 1;
            if (value >= by) {
                value -= by;
                result |= 1;
            }
        }
    }
    *rest = value;
    return result;
}

static uint64_t magnitude(int64_t value) {
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

// Towards zero; the rest has the sign of what was divided.
int64_t __divmoddi4(int64_t value, int64_t by, int64_t *rest) {
    uint64_t left;
    uint64_t result = __udivmoddi4(magnitude(value), magnitude(by), &left);
    *rest = (int64_t)(value < 0 ? 0 - left : left);
    return (int64_t)((value < 0) != (by < 0) ? 0 - result : result);
}

uint64_t __udivdi3(uint64_t value, uint64_t by) {
    uint64_t rest;
    return __udivmoddi4(value, by, &rest);
}

uint64_t __umoddi3(uint64_t value, uint64_t by) {
    uint64_t rest;
    __udivmoddi4(value, by, &rest);
    return rest;
}

int64_t __divdi3(int64_t value, int64_t by) {
    int64_t rest;
    return __divmoddi4(value, by, &rest);
}

int64_t __moddi3(int64_t value, int64_t by) {
    int64_t rest;
    __divmoddi4(value, by, &rest);
    return rest;
}

#endif

// What the machine's ABI names otherwise.
#ifdef SYS_DEFINE_LIBCALLS
SYS_DEFINE_LIBCALLS
#endif

// Where a machine has no instruction for it, compilers of C call this.
HIDDEN int __clzdi2(uint64_t value);
int __clzdi2(uint64_t value) {
    int zeroes = 0;
    for (int step = 32; step > 0; step /= 2) {
        if (value >> (64 - step) != 0)
            continue;
        value <<= step;
        zeroes += step;
    }
    return zeroes;
}
