// load.h: numbers out of records, where every nanosecond counts.

#ifndef MCTRACE_DATA_LOAD_H
#define MCTRACE_DATA_LOAD_H

#include <string.h>

#include "base/base.h"

// As load_uint(); quick where the target's byte order is ours.
static inline uint64_t load_quickly(const uint8_t *p, size_t len,
                                    enum byte_order order) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (order == ORDER_LITTLE) {
        uint64_t value = 0;
        switch (len) {
        case 1: return *p;
        case 2: memcpy(&value, p, 2); return value;
        case 4: memcpy(&value, p, 4); return value;
        case 8: memcpy(&value, p, 8); return value;
        default: break;
        }
    }
#endif
    return load_uint(p, len, order);
}

#endif
