// ihex.c: Intel HEX.
//
//     :LLAAAATT data CC    LL bytes at AAAA, type TT, checksum CC: all bytes
//                          of the line add up to zero
//     00 data              01 end of the file
//     02 segment           data lies at segment * 16 + AAAA, and AAAA wraps
//                          around at 64 KB (Intel's specification of 1988)
//     03 cs:ip             where the program begins
//     04 upper 16 bits     data lies at that << 16 | AAAA
//     05 address           where the program begins
//
// Types 02 and 04 hold until the next of either.

#include <string.h>

#include "image/flat.h"

enum record_type {
    IHEX_DATA,
    IHEX_END,
    IHEX_SEGMENT,
    IHEX_START_SEGMENT,
    IHEX_LINEAR,
    IHEX_START_LINEAR,
    IHEX_TYPES
};

enum { HEADER = 4, AROUND = 5 }; // bytes before the data, and in all

static bool ihex_claims(struct slice bytes) {
    size_t i = 0;
    while (i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n'))
        i++;
    if (i + 2 * AROUND + 1 > bytes.n || bytes.p[i] != ':')
        return false;
    for (size_t k = i + 1; k < i + 1 + 2 * AROUND; k++) {
        uint8_t c = bytes.p[k];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
              (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

static uint8_t negative_sum(struct slice bytes) {
    uint8_t sum = 0;
    for (size_t i = 0; i < bytes.n; i++)
        sum = (uint8_t)(sum + bytes.p[i]);
    return (uint8_t)-sum;
}

static void take_data(struct image *image, const struct flat_line *line) {
    const struct flat_file *flat = image->flat;
    uint64_t address = load_uint(line->bytes.p + 1, 2, ORDER_BIG);
    struct slice data = {line->bytes.p + HEADER, line->bytes.n - AROUND};
    uint64_t room = 0x10000 - address;
    size_t first = flat->is_segmented && data.n > room ? (size_t)room : data.n;
    flat_add_piece(image, flat->base + address, (struct slice){data.p, first},
                   line, HEADER);
    flat_add_piece(image, flat->base,
                   (struct slice){data.p + first, data.n - first}, line,
                   HEADER + first);
}

static bool ihex_take(struct image *image, struct flat_line *line,
                      struct diag *diag) {
    static const uint8_t lens[IHEX_TYPES] = {0, 0, 2, 4, 2, 4};
    struct flat_file *flat = image->flat;
    uint8_t type = line->bytes.p[3], len = line->bytes.p[0];
    const uint8_t *data = line->bytes.p + HEADER;
    if (type >= IHEX_TYPES || (type != IHEX_DATA && len != lens[type])) {
        diag_error_at(diag, B_RECORD, flat_where(image, line),
                      type < IHEX_TYPES
                          ? "a record of type %02X does not have %u bytes"
                          : "there is no type %02X of records",
                      type, len);
        return false;
    }
    line->type = type;
    switch (type) {
    case IHEX_DATA: take_data(image, line); break;
    case IHEX_SEGMENT:
    case IHEX_LINEAR:
        flat->is_segmented = type == IHEX_SEGMENT;
        flat->base = load_uint(data, 2, ORDER_BIG)
                     << (type == IHEX_SEGMENT ? 4 : 16);
        break;
    case IHEX_START_SEGMENT:
        image->entry_va = (load_uint(data, 2, ORDER_BIG) << 4) +
                          load_uint(data + 2, 2, ORDER_BIG);
        break;
    case IHEX_START_LINEAR:
        image->entry_va = load_uint(data, 4, ORDER_BIG);
        break;
    default: break; // the end
    }
    return true;
}

static bool is_end(const struct flat_line *line) {
    return line->type == IHEX_END;
}

static void add_record(const struct record_style *style, uint16_t address,
                       enum record_type type, struct slice data,
                       struct bytes *out) {
    uint8_t bytes[HEADER + 255] = {(uint8_t)data.n, (uint8_t)(address >> 8),
                                   (uint8_t)address, (uint8_t)type};
    memcpy(bytes + HEADER, data.p, data.n);
    record_text_line(style, (uint8_t)type,
                     (struct slice){bytes, HEADER + data.n}, out);
}

static void ihex_add(const struct record_style *style,
                     const struct flat_run *run, struct bytes *out) {
    uint64_t upper = UINT64_MAX;
    for (size_t at = 0, len; at < run->n; at += len) {
        uint64_t va = run->va + at;
        uint8_t high[2] = {(uint8_t)(va >> 24), (uint8_t)(va >> 16)};
        if (va >> 16 != upper)
            add_record(style, 0, IHEX_LINEAR, (struct slice){high, 2}, out);
        upper = va >> 16;
        len = run->n - at;
        if (len > style->width)
            len = style->width;
        if (len > 0x10000 - (va & 0xffff))
            len = 0x10000 - (va & 0xffff);
        add_record(style, (uint16_t)va, IHEX_DATA,
                   (struct slice){run->p + at, len}, out);
    }
}

static const struct record_syntax syntax = {
    .mark = ':',
    .count_extra = AROUND,
    .checksum = negative_sum,
    .take = ihex_take,
    .ends = is_end,
    .is_end = is_end,
    .add = ihex_add,
};

static bool ihex_read(struct image *image, struct diag *diag) {
    return record_text_read(image, &syntax, diag);
}

static bool ihex_write(struct image *image, const struct image_room *room,
                       const struct image_additions *additions,
                       const char *path, struct diag *diag) {
    return record_text_write(image, &syntax, room, additions, path, diag);
}

const struct image_format format_ihex = {
    .name = "Intel HEX",
    .claims = ihex_claims,
    .read = ihex_read,
    .close = flat_close,
    .plan_room = flat_plan_room,
    .write = ihex_write,
    .restore = flat_restore,
    .embedded = flat_embedded,
};
