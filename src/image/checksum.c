// checksum.c: the checksum that an image carries of itself (--fix-crc).
//
//     crc32,range=0x8000-0x17ffc,at=0x17ffc
//     sum32,unit=4,negate=yes,range=0-0x1c,at=0x1c,order=little
//
// An algorithm by its name, then settings: `range` and `at` must be there, the
// others change what the algorithm has by itself. Addresses are those at which
// the image is loaded. What the image leaves out of the range counts as `gap`
// (erased flash), and the checksum's own bytes, where they lie within, as
// `self`.
//
// The checksum must be right before anything is changed: a description that
// does not fit would otherwise ruin an image in silence.

#include <stdlib.h>
#include <string.h>

#include "image/flat.h"

struct checksum {
    const char *name;
    enum { KIND_CRC, KIND_SUM, KIND_XOR } kind;
    unsigned bits, unit;
    uint64_t poly, init, xorout;
    bool refin, refout, negate;
    uint64_t from_va, to_va, at_va;
    bool has_range, has_at;
    enum byte_order order;
    uint8_t gap, self;
};

static const struct checksum algorithms[] = {
#define CRC(title, width, polynomial, start, reflected, last)                  \
    {.name = (title),                                                          \
     .kind = KIND_CRC,                                                         \
     .bits = (width),                                                          \
     .unit = 1,                                                                \
     .poly = (polynomial),                                                     \
     .init = (start),                                                          \
     .refin = (reflected),                                                     \
     .refout = (reflected),                                                    \
     .xorout = (last)},
#define SUM(title, width, each)                                                \
    {.name = (title), .kind = KIND_SUM, .bits = (width), .unit = (each)},
#define XOR(title, width)                                                      \
    {.name = (title), .kind = KIND_XOR, .bits = (width), .unit = (width) / 8},
#include "image/checksums.def"
};

// --- the description ---

static bool refuse(struct image *image, const char *spec, const char *what,
                   struct diag *diag) {
    diag_error_at(diag, B_CHECKSUM,
                  str_format(image->arena, "--fix-crc=%s", spec).p, "%s", what);
    return false;
}

static bool read_number(struct str text, uint64_t *number) {
    char copy[32];
    if (text.n == 0 || text.n >= sizeof copy || text.p[0] < '0' ||
        text.p[0] > '9')
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    char *end;
    *number = strtoull(copy, &end, 0);
    return *end == 0;
}

static bool read_flag(struct str text, bool *flag) {
    *flag = str_equal(text, STR("yes"));
    return *flag || str_equal(text, STR("no"));
}

static bool read_range(struct checksum *sum, struct str text) {
    const char *dash = str_find(text, '-');
    if (!dash)
        return false;
    size_t at = (size_t)(dash - text.p);
    sum->has_range = true;
    return read_number(str_slice(text, 0, at), &sum->from_va) &&
           read_number(str_slice(text, at + 1, text.n), &sum->to_va) &&
           sum->from_va < sum->to_va;
}

static bool read_byte(struct str text, uint8_t *byte) {
    uint64_t number = 0;
    bool ok = read_number(text, &number) && number <= UINT8_MAX;
    *byte = (uint8_t)number;
    return ok;
}

static bool read_order(struct checksum *sum, struct str text) {
    sum->order = str_equal(text, STR("big")) ? ORDER_BIG : ORDER_LITTLE;
    return sum->order == ORDER_BIG || str_equal(text, STR("little"));
}

static bool read_unit(struct checksum *sum, struct str text) {
    uint64_t unit = 0;
    bool ok = sum->kind != KIND_CRC && read_number(text, &unit) &&
              (unit == 1 || unit == 2 || unit == 4) && unit * 8 <= sum->bits;
    sum->unit = ok ? (unsigned)unit : 1;
    return ok;
}

static bool read_setting(struct checksum *sum, struct str name,
                         struct str value) {
    bool is_crc = sum->kind == KIND_CRC;
    if (str_equal(name, STR("range")))
        return read_range(sum, value);
    if (str_equal(name, STR("at")))
        return sum->has_at = read_number(value, &sum->at_va);
    if (str_equal(name, STR("order")))
        return read_order(sum, value);
    if (str_equal(name, STR("gap")))
        return read_byte(value, &sum->gap);
    if (str_equal(name, STR("self")))
        return read_byte(value, &sum->self);
    if (str_equal(name, STR("unit")))
        return read_unit(sum, value);
    if (str_equal(name, STR("negate")))
        return read_flag(value, &sum->negate);
    if (str_equal(name, STR("init")))
        return read_number(value, &sum->init);
    if (str_equal(name, STR("xorout")))
        return read_number(value, &sum->xorout);
    if (str_equal(name, STR("poly")))
        return is_crc && read_number(value, &sum->poly);
    if (str_equal(name, STR("refin")))
        return is_crc && read_flag(value, &sum->refin);
    if (str_equal(name, STR("refout")))
        return is_crc && read_flag(value, &sum->refout);
    return false;
}

static bool find_algorithm(struct image *image, struct str name,
                           struct checksum *sum) {
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        if (!str_is(name, algorithms[i].name))
            continue;
        *sum = algorithms[i];
        sum->order = image->arch->order;
        sum->gap = 0xff;
        return true;
    }
    return false;
}

static bool read_spec(struct image *image, const char *spec,
                      struct checksum *sum, struct diag *diag) {
    struct str rest = str_from(spec);
    for (bool is_first = true; rest.n; is_first = false) {
        const char *comma = str_find(rest, ',');
        size_t end = comma ? (size_t)(comma - rest.p) : rest.n;
        struct str word = str_slice(rest, 0, end);
        rest = str_slice(rest, end + 1, rest.n);
        if (is_first && !find_algorithm(image, word, sum))
            return refuse(image, spec, "there is no such algorithm", diag);
        const char *equals = str_find(word, '=');
        size_t at = equals ? (size_t)(equals - word.p) : word.n;
        if (!is_first && !read_setting(sum, str_slice(word, 0, at),
                                       str_slice(word, at + 1, word.n)))
            return refuse(image, spec,
                          str_format(image->arena,
                                     "\"%.*s\" is no setting of this algorithm",
                                     STR_ARGS(word))
                              .p,
                          diag);
    }
    if (!sum->name || !sum->has_range || !sum->has_at)
        return refuse(image, spec,
                      "it must be ALGORITHM,range=START-END,at=ADDRESS", diag);
    if ((sum->to_va - sum->from_va) % sum->unit != 0)
        return refuse(image, spec, "the range ends within a unit", diag);
    return true;
}

// --- the value ---

struct memory {
    const struct flat_run *runs; // by address
    size_t count, current;
};

static uint8_t *memory_at(struct memory *memory, uint64_t va, size_t len) {
    for (size_t i = 0; i < memory->count; i++) {
        const struct flat_run *run =
            &memory->runs[(memory->current + i) % memory->count];
        if (va < run->va || va - run->va >= run->n ||
            len > run->n - (va - run->va))
            continue;
        memory->current = (memory->current + i) % memory->count;
        return run->p + (va - run->va);
    }
    return NULL;
}

static uint8_t byte_at(const struct checksum *sum, struct memory *memory,
                       uint64_t va) {
    if (va - sum->at_va < sum->bits / 8)
        return sum->self;
    const uint8_t *p = memory_at(memory, va, 1);
    return p ? *p : sum->gap;
}

static uint64_t reflect(uint64_t value, unsigned bits) {
    uint64_t result = 0;
    for (unsigned i = 0; i < bits; i++)
        result |= (value >> i & 1) << (bits - 1 - i);
    return result;
}

static uint64_t crc_step(const struct checksum *sum, uint64_t crc,
                         uint8_t byte) {
    uint64_t top = (uint64_t)1 << (sum->bits - 1);
    uint64_t mask = top | (top - 1);
    crc ^= (sum->refin ? reflect(byte, 8) : byte) << (sum->bits - 8);
    for (int i = 0; i < 8; i++)
        crc = (crc & top ? crc << 1 ^ sum->poly : crc << 1) & mask;
    return crc;
}

static uint64_t compute(const struct checksum *sum, struct memory memory) {
    uint64_t mask = ((uint64_t)1 << sum->bits) - 1, value = sum->init & mask;
    for (uint64_t va = sum->from_va; va < sum->to_va; va += sum->unit) {
        uint8_t unit[4];
        for (unsigned i = 0; i < sum->unit; i++)
            unit[i] = byte_at(sum, &memory, va + i);
        uint64_t number = load_uint(unit, sum->unit, sum->order);
        if (sum->kind == KIND_CRC)
            value = crc_step(sum, value, unit[0]);
        else
            value = sum->kind == KIND_SUM ? value + number : value ^ number;
    }
    if (sum->kind == KIND_CRC && sum->refout)
        value = reflect(value, sum->bits);
    value ^= sum->xorout;
    return (sum->negate ? -value : value) & mask;
}

bool checksum_fix(struct image *image, const struct flat_run *before,
                  size_t before_count, const struct flat_run *after,
                  size_t after_count, struct diag *diag) {
    enum { MOST_LEN = 1 << 30 };
    const char *spec = image->facts.fix_crc;
    struct checksum sum = {0};
    struct memory old = {before, before_count, 0};
    struct memory new = {after, after_count, 0};
    if (!spec)
        return true;
    if (!read_spec(image, spec, &sum, diag))
        return false;
    size_t len = sum.bits / 8;
    const uint8_t *is = memory_at(&old, sum.at_va, len);
    uint8_t *field = memory_at(&new, sum.at_va, len);
    if (!is || !field)
        return refuse(image, spec, "the checksum lies outside of the image",
                      diag);
    if (sum.to_va - sum.from_va > MOST_LEN)
        return refuse(image, spec, "the range is longer than 1 GB", diag);
    uint64_t found = load_uint(is, len, sum.order);
    uint64_t expected = compute(&sum, old);
    if (found != expected)
        return refuse(image, spec,
                      str_format(image->arena,
                                 "it does not fit the image: 0x%llx stands "
                                 "there, and it gives 0x%llx",
                                 (unsigned long long)found,
                                 (unsigned long long)expected)
                          .p,
                      diag);
    store_uint(field, compute(&sum, new), len, sum.order);
    return true;
}
