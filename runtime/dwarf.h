// dwarf.h: numbers as unwind information encodes them, read where they lie in
// memory that may not be there; private to frames.c. A failure is sticky.

#ifndef MCT_DWARF_H
#define MCT_DWARF_H

#include "unwind.h"

struct input {
    uint64_t at, end;
    bool failed;
};

INLINE uint64_t take(struct input *in, unsigned len) {
    uint64_t value = 0;
    if (in->failed || in->end - in->at < len ||
        !mct_unwind_load(in->at, &value, len)) {
        in->failed = true;
        return 0;
    }
    in->at += len;
    return value;
}

INLINE int64_t take_signed(struct input *in, unsigned len) {
    unsigned spare = 64 - 8 * len;
    return (int64_t)(take(in, len) << spare) >> spare;
}

INLINE uint64_t take_uleb(struct input *in) {
    uint64_t value = 0;
    for (unsigned shift = 0; !in->failed; shift += 7) {
        uint64_t byte = take(in, 1);
        if (shift < 64)
            value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

INLINE int64_t take_sleb(struct input *in) {
    uint64_t value = 0, byte = 0;
    unsigned shift = 0;
    do {
        byte = take(in, 1);
        if (shift < 64)
            value |= (byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) && !in->failed);
    if (shift < 64 && (byte & 0x40))
        value |= ~(uint64_t)0 << shift;
    return (int64_t)value;
}

INLINE void skip(struct input *in, uint64_t len) {
    if (len > in->end - in->at)
        in->failed = true;
    else
        in->at += len;
}

INLINE uint64_t take_plain(struct input *in, uint8_t encoding) {
    switch (encoding & 0x0f) {
    case 0x00: return take(in, MCT_WORD);
    case 0x04:
    case 0x0c: return take(in, 8);
    case 0x01: return take_uleb(in);
    case 0x02: return take(in, 2);
    case 0x03: return take(in, 4);
    case 0x09: return (uint64_t)take_sleb(in);
    case 0x0a: return (uint64_t)take_signed(in, 2);
    case 0x0b: return (uint64_t)take_signed(in, 4);
    default: in->failed = true; return 0;
    }
}

// Plain or relative to its own place; nothing else is written for code.
INLINE uint64_t take_pointer(struct input *in, uint8_t encoding) {
    uint64_t place = in->at;
    uint64_t value = take_plain(in, encoding);
    switch (encoding & 0x70) {
    case 0x00: return value;
    case 0x10: return (uintptr_t)(value + place);
    default: in->failed = true; return 0;
    }
}

#endif
