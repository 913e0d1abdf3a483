// show_float.c: floating-point numbers of any machine as this one's widest.
//
// The kinds of 4 and 8 bytes are the same everywhere but for the order of their
// bytes. One of 16 is what the machine's ABI calls `long double`: x87's 80 bits
// and padding, two doubles that are added, or IEEE 754's binary128.

#include <math.h>
#include <string.h>

#include "data/show.h"

static double narrow_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static long double quad(uint64_t high, uint64_t low) {
    enum { MANTISSA = 112, BIAS = 16383, SPECIAL = 0x7fff };
    const uint64_t top = (uint64_t)1 << 48;
    int exponent = (int)(high >> 48 & SPECIAL);
    uint64_t upper = high & (top - 1);
    long double value;
    if (exponent == SPECIAL) {
        value = (upper | low) != 0 ? NAN : INFINITY;
    } else {
        upper |= exponent != 0 ? top : 0;
        value = ldexpl((long double)upper, 64) + (long double)low;
        value = ldexpl(value, (exponent ? exponent : 1) - BIAS - MANTISSA);
    }
    return high >> 63 ? -value : value;
}

static long double wide(const struct show *show, const uint8_t *p) {
    const struct arch *arch = arch_by_name(show->mapping->machine);
    enum byte_order order = show->mapping->order;
    uint64_t first = load_uint(p, 8, order),
             second = load_uint(p + 8, 8, order);
    enum wide_float form =
        arch ? (enum wide_float)arch->abi.wide_float : WIDE_FLOAT_X87;
    long double value = 0;
    switch (form) {
    case WIDE_FLOAT_X87: memcpy(&value, p, sizeof value); break;
    case WIDE_FLOAT_PAIR:
        value = (long double)narrow_of(first) + narrow_of(second);
        break;
    case WIDE_FLOAT_NONE: break;
    case WIDE_FLOAT_QUAD:
        value = order == ORDER_BIG ? quad(first, second) : quad(second, first);
        break;
    }
    return value;
}

long double show_float(const struct show *show, const char *p, size_t len) {
    const uint8_t *bytes = (const uint8_t *)p;
    float narrow;
    uint32_t half;
    switch (len) {
    case sizeof narrow:
        half = (uint32_t)load_uint(bytes, sizeof half, show->mapping->order);
        memcpy(&narrow, &half, sizeof narrow);
        return narrow;
    case sizeof(double):
        return narrow_of(load_uint(bytes, len, show->mapping->order));
    case 16: return wide(show, bytes);
    default: return 0;
    }
}
