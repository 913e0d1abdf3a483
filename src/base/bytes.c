// bytes.c: bytes written, and bytes read that came from outside.
//
// Numbers are stored and loaded byte by byte, so that neither the order nor
// the alignment of the host matters. A reader never reads outside its slice:
// the first attempt sets `failed`, and from then on every number is 0 and
// every slice empty, so that parsing code needs no test per field.

#include <assert.h>
#include <string.h>

#include "base/base.h"

void store_uint(uint8_t *p, uint64_t value, size_t len, enum byte_order order) {
    for (size_t i = 0; i < len; i++) {
        p[order == ORDER_LITTLE ? i : len - 1 - i] = (uint8_t)value;
        value >>= 8;
    }
}

uint64_t load_uint(const uint8_t *p, size_t len, enum byte_order order) {
    uint64_t value = 0;
    for (size_t i = len; i-- > 0;)
        value = value << 8 | p[order == ORDER_LITTLE ? i : len - 1 - i];
    return value;
}

void bytes_init(struct bytes *out, struct arena *arena, enum byte_order order) {
    *out = (struct bytes){.arena = arena, .order = order};
}

// Room for `len` bytes more, not yet counted.
static uint8_t *reserve(struct bytes *out, size_t len) {
    if (len > out->room - out->n) {
        size_t room = out->room ? out->room : 64;
        while (room - out->n < len && room <= SIZE_MAX / 2)
            room *= 2;
        out->p = arena_grow(out->arena, out->p, out->n, room);
        out->room = room;
    }
    return out->p + out->n;
}

void bytes_add(struct bytes *out, const void *data, size_t len) {
    if (len == 0)
        return;
    memcpy(reserve(out, len), data, len);
    out->n += len;
}

void bytes_add_zero(struct bytes *out, size_t len) {
    if (len == 0)
        return;
    memset(reserve(out, len), 0, len);
    out->n += len;
}

void bytes_align(struct bytes *out, size_t alignment, uint8_t fill) {
    size_t len = (alignment - out->n % alignment) % alignment;
    if (len == 0)
        return;
    memset(reserve(out, len), fill, len);
    out->n += len;
}

static void add_uint(struct bytes *out, uint64_t value, size_t len) {
    store_uint(reserve(out, len), value, len, out->order);
    out->n += len;
}

void bytes_u8(struct bytes *out, uint8_t value) {
    add_uint(out, value, 1);
}

void bytes_u16(struct bytes *out, uint16_t value) {
    add_uint(out, value, 2);
}

void bytes_u32(struct bytes *out, uint32_t value) {
    add_uint(out, value, 4);
}

void bytes_u64(struct bytes *out, uint64_t value) {
    add_uint(out, value, 8);
}

void bytes_uleb(struct bytes *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        bytes_u8(out, (uint8_t)(value | 0x80));
    bytes_u8(out, (uint8_t)value);
}

void bytes_sleb(struct bytes *out, int64_t value) {
    for (;;) {
        uint8_t low = value & 0x7f;
        // An arithmetic shift without relying on the compiler's choice.
        value = value < 0 ? ~(~value >> 7) : value >> 7;
        bool last = value == ((low & 0x40) ? -1 : 0);
        bytes_u8(out, last ? low : (uint8_t)(low | 0x80));
        if (last)
            return;
    }
}

void bytes_patch(struct bytes *out, size_t off, uint64_t value, size_t len) {
    assert(off <= out->n && len <= out->n - off);
    store_uint(out->p + off, value, len, out->order);
}

bool slice_contains(struct slice s, uint64_t off, uint64_t len) {
    return off <= s.n && len <= s.n - off;
}

struct reader reader_open(struct slice data, enum byte_order order) {
    return (struct reader){.data = data, .order = order};
}

void reader_seek(struct reader *in, uint64_t at) {
    if (at > in->data.n)
        in->failed = true;
    else
        in->at = (size_t)at;
}

struct slice reader_bytes(struct reader *in, size_t len) {
    if (in->failed || !slice_contains(in->data, in->at, len)) {
        in->failed = true;
        return (struct slice){0};
    }
    struct slice s = {in->data.p ? in->data.p + in->at : NULL, len};
    in->at += len;
    return s;
}

uint64_t reader_uint(struct reader *in, size_t len) {
    struct slice s = reader_bytes(in, len);
    return s.p ? load_uint(s.p, s.n, in->order) : 0;
}

int64_t reader_sint(struct reader *in, size_t len) {
    assert(len >= 1 && len <= 8);
    uint64_t value = reader_uint(in, len);
    uint64_t sign = (uint64_t)1 << (len * 8 - 1);
    return (int64_t)((value ^ sign) - sign);
}

// Bits beyond the 64th are accepted when they only repeat what is there:
// assemblers pad LEB128 to a fixed length.
uint64_t reader_uleb(struct reader *in) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = (uint8_t)reader_uint(in, 1);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return in->failed ? 0 : value;
        if (shift > 140)
            in->failed = true;
    }
}

int64_t reader_sleb(struct reader *in) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = (uint8_t)reader_uint(in, 1);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if (shift + 7 < 64 && (byte & 0x40))
                value |= ~(uint64_t)0 << (shift + 7);
            return in->failed ? 0 : (int64_t)value;
        }
        if (shift > 140)
            in->failed = true;
    }
}

struct str reader_text(struct reader *in) {
    struct slice rest = {in->data.p, in->data.n - in->at};
    const uint8_t *end = NULL;
    if (rest.p && rest.n && !in->failed) {
        rest.p += in->at;
        end = memchr(rest.p, 0, rest.n);
    }
    if (!end) {
        in->failed = true;
        return (struct str){0};
    }
    struct str s = {(const char *)rest.p, (size_t)(end - rest.p)};
    in->at += s.n + 1;
    return s;
}
