// srec.c: Motorola S-records.
//
//     StLL address data CC    LL bytes behind it; the checksum CC makes all of
//                             them add up to 0xff
//     S0 header, of no meaning           S5, S6 number of data records so far,
//     S1, S2, S3 data at an address         in 16 or 24 bits
//        of 16, 24, 32 bits              S7, S8, S9 end, and where the program
//     S4 is reserved                        begins, in 32, 24, 16 bits; 0: not
//                                           said

#include <string.h>

#include "image/flat.h"

enum { MOST_COUNTED = 255 };

static bool srec_claims(struct slice bytes) {
    size_t i = 0;
    while (i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n'))
        i++;
    if (i + 10 > bytes.n || bytes.p[i] != 'S')
        return false;
    for (size_t k = i + 1; k < i + 10; k++) {
        uint8_t c = bytes.p[k];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
              (c >= 'a' && c <= 'f')))
            return false;
    }
    return bytes.p[i + 1] <= '9';
}

static uint8_t inverted_sum(struct slice bytes) {
    uint8_t sum = 0;
    for (size_t i = 0; i < bytes.n; i++)
        sum = (uint8_t)(sum + bytes.p[i]);
    return (uint8_t)~sum;
}

static bool is_data(const struct flat_line *line) {
    return line->type >= 1 && line->type <= 3;
}

static bool refuse(struct image *image, const struct flat_line *line,
                   const char *what, struct diag *diag) {
    diag_error_at(diag, B_RECORD, flat_where(image, line), "%s", what);
    return false;
}

static bool srec_take(struct image *image, struct flat_line *line,
                      struct diag *diag) {
    // Bytes of the address, or the count, by type.
    static const uint8_t address_lens[] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};
    struct flat_file *flat = image->flat;
    size_t address_len = address_lens[line->type];
    size_t least = 1 + address_len + 1;
    if (line->type == 4)
        return refuse(image, line, "S4 records mean nothing", diag);
    if (line->bytes.n < least || (line->type > 3 && line->bytes.n != least))
        return refuse(image, line, "the record has not the length of its type",
                      diag);
    uint64_t address = load_uint(line->bytes.p + 1, address_len, ORDER_BIG);
    if (is_data(line)) {
        flat->data_lines++;
        flat_add_piece(image, address,
                       (struct slice){line->bytes.p + 1 + address_len,
                                      line->bytes.n - least},
                       line, 1 + address_len);
    } else if (line->type == 5 || line->type == 6) {
        if (address != flat->data_lines)
            return refuse(image, line, "the number of data records is another",
                          diag);
    } else if (line->type >= 7) {
        image->entry_va = address;
    }
    return true;
}

static bool ends(const struct flat_line *line) {
    return line->type >= 7;
}

static bool is_end(const struct flat_line *line) {
    return line->type >= 5;
}

// As short an address as the record's last byte has room in.
static void srec_add(const struct record_style *style,
                     const struct flat_run *run, struct bytes *out) {
    for (size_t at = 0, len; at < run->n; at += len) {
        uint64_t va = run->va + at;
        len = run->n - at < style->width ? run->n - at : style->width;
        uint64_t last_va = va + len - 1;
        size_t address_len = last_va >> 16 == 0   ? 2
                             : last_va >> 24 == 0 ? 3
                                                  : 4;
        uint8_t bytes[1 + 4 + MOST_COUNTED] = {
            (uint8_t)(address_len + len + 1)};
        if (address_len + len + 1 > MOST_COUNTED) {
            len = MOST_COUNTED - 1 - address_len;
            bytes[0] = MOST_COUNTED;
        }
        store_uint(bytes + 1, va, address_len, ORDER_BIG);
        memcpy(bytes + 1 + address_len, run->p + at, len);
        record_text_line(style, (uint8_t)(address_len - 1),
                         (struct slice){bytes, 1 + address_len + len}, out);
    }
}

static bool srec_recount(struct image *image, const struct flat_line *line,
                         size_t added, struct arena *arena,
                         struct slice *changed, struct diag *diag) {
    if (line->type != 5 && line->type != 6)
        return true;
    size_t len = line->type - 3u;
    uint64_t count = image->flat->data_lines + added;
    if (count >> (8 * len) != 0)
        return refuse(image, line,
                      "with what is added there are more records than this "
                      "one can count",
                      diag);
    uint8_t *bytes = arena_grow(arena, line->bytes.p, 1 + len, 1 + len);
    store_uint(bytes + 1, count, len, ORDER_BIG);
    *changed = (struct slice){bytes, 1 + len};
    return true;
}

static const struct record_syntax syntax = {
    .mark = 'S',
    .has_type = true,
    .count_extra = 1,
    .checksum = inverted_sum,
    .take = srec_take,
    .ends = ends,
    .is_end = is_end,
    .add = srec_add,
    .recount = srec_recount,
};

static bool srec_read(struct image *image, struct diag *diag) {
    return record_text_read(image, &syntax, diag);
}

static bool srec_write(struct image *image, const struct image_room *room,
                       const struct image_additions *additions,
                       const char *path, struct diag *diag) {
    return record_text_write(image, &syntax, room, additions, path, diag);
}

const struct image_format format_srec = {
    .name = "Motorola S-records",
    .claims = srec_claims,
    .read = srec_read,
    .close = flat_close,
    .plan_room = flat_plan_room,
    .write = srec_write,
    .restore = flat_restore,
    .embedded = flat_embedded,
};
