// hist.c: distributions as DTrace prints them.
//
//               value  ------------- Distribution ------------- count
//                   1 |                                         0
//                   2 |@@@@@@@@@@@@@@@@@@@@                     2
//                   4 |@@@@@@@@@@@@@@@@@@@@                     2
//                   8 |                                         0
//
// Every character counts, trailing spaces included: scripts compare this
// output. Rows run from one before the first bucket that is not zero to one
// after the last; a bar is the bucket's share of all (with `aggzoom` the
// largest count takes 95 of 100), rounded, in `long double` as in DTrace.
// Negative counts (an increment may be negative) draw to the left. Counts are
// divided by what normalize() said as DTrace does it: without a sign.
//
// llquantize() from magnitude 0 with more steps than its factor has buckets
// that no integer falls into; they get no row, unless they are the first or
// last one, where they stand for the bucket next to them.

#include <string.h>

#include "data/show.h"
#include "mctrace/aggs.h"

#define BAR       40
#define ZOOM_MOST 0.95 // of a bar's room, for the largest count

struct table {
    const struct mapping_aggregation *aggregation;
    const int64_t *counts; // NULL: all zero
    struct bytes *out;
    uint64_t normal;
    uint32_t first, last; // buckets shown
    struct bars bars;
};

bool agg_is_distribution(const struct mapping_aggregation *aggregation) {
    return aggregation->function->cells[0] == '*';
}

bool agg_bucket_range(const struct mapping_aggregation *aggregation, uint32_t i,
                      int64_t *least, int64_t *most) {
    return mct_agg_range(aggregation->function->id, aggregation->params, i,
                         least, most);
}

// Where a bucket begins, seen from zero: what its row is labelled with.
static int64_t bucket_start(const struct mapping_aggregation *aggregation,
                            uint32_t i) {
    int64_t least, most;
    agg_bucket_range(aggregation, i, &least, &most);
    if (aggregation->function->id == MCT_AGG_lquantize)
        return least;
    if (aggregation->function->id == MCT_AGG_llquantize &&
        i == buckets_of(aggregation) / 2)
        return 0;
    return least >= 0 ? least : most;
}

int64_t hist_weight(const struct mapping_aggregation *aggregation, uint32_t i) {
    if (aggregation->function->id != MCT_AGG_lquantize)
        return bucket_start(aggregation, i);
    int64_t base = aggregation->params[0], step = aggregation->params[2];
    if (i == 0)
        return base - 1;
    int64_t start = base + ((int64_t)i - 1) * step;
    return i + 1 == buckets_of(aggregation) ? start + 1 : start;
}

// --- labels ---

static void label_lquantize(const struct table *table, uint32_t i, char *text,
                            size_t len) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    long long start = i ? bucket_start(aggregation, i) : aggregation->params[0];
    const char *before = i == 0                             ? "< "
                         : i + 1 == buckets_of(aggregation) ? ">= "
                                                            : "";
    snprintf(text, len, "%s%lld", before, start);
}

static void label_llquantize(const struct table *table, uint32_t i, char *text,
                             size_t len) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t middle = buckets_of(aggregation) / 2;
    long long start = bucket_start(aggregation, i);
    const char *before = "";
    if (i == 0)
        before = "<= ";
    else if (i + 1 == buckets_of(aggregation))
        before = ">= ";
    if (i == middle) {
        int64_t least, most;
        agg_bucket_range(aggregation, i, &least, &most);
        start = most == 0 ? 0 : (long long)most + 1;
        // When only positive values are shown there is no need for abs().
        before = most == 0 ? "" : table->first >= middle ? "< " : "abs() < ";
    }
    snprintf(text, len, "%s%lld", before, start);
}

static bool holds_integers(const struct table *table, uint32_t i) {
    int64_t least, most;
    return agg_bucket_range(table->aggregation, i, &least, &most);
}

// The bucket whose label row i bears; false: no row.
static bool label_bucket(const struct table *table, uint32_t i,
                         uint32_t *bucket) {
    *bucket = i;
    while (!holds_integers(table, *bucket)) {
        if (i == table->first && *bucket > 0)
            --*bucket;
        else if (i == table->last &&
                 *bucket + 1 < buckets_of(table->aggregation))
            ++*bucket;
        else
            return false;
    }
    return true;
}

static void label(const struct table *table, uint32_t i, char *text,
                  size_t len) {
    switch (table->aggregation->function->id) {
    case MCT_AGG_lquantize: label_lquantize(table, i, text, len); break;
    case MCT_AGG_llquantize: label_llquantize(table, i, text, len); break;
    default:
        snprintf(text, len, "%lld",
                 (long long)bucket_start(table->aggregation, i));
    }
}

// --- bars ---

struct bars bars_of(const struct ir_options *options) {
    return (struct bars){.zooms = options->values[IR_OPTION_aggzoom] != 0,
                         .is_utf8 = options->values[IR_OPTION_encoding] ==
                                    IR_ENCODING_UTF8};
}

// Factor and order of operations are DTrace's: they decide how it rounds.
void bars_measure(struct bars *bars, int64_t count) {
    long double magnitude = (long double)mct_magnitude(count);
    bars->has_positive |= count > 0;
    bars->has_negative |= count < 0;
    if (!bars->zooms)
        bars->total += magnitude;
    else if (bars->total < magnitude * (1 / ZOOM_MOST))
        bars->total = magnitude * (1 / ZOOM_MOST);
}

static void put_fill(struct bytes *out, char fill, unsigned len) {
    for (unsigned i = 0; i < len; i++)
        bytes_u8(out, (uint8_t)fill);
}

static long double bar_len(const struct bars *bars, int64_t count,
                           unsigned room) {
    if (bars->total == 0)
        return 0;
    long double len = (long double)mct_magnitude(count) * room / bars->total;
    return len < room ? len : room;
}

// To eighths of a column: U+2588 is a full block, U+258F its left eighth.
static void put_blocks(struct bytes *out, const struct bars *bars,
                       int64_t count) {
    long double len = bar_len(bars, count, BAR);
    unsigned whole = (unsigned)len;
    unsigned eighths = (unsigned)((len - (long double)whole) * 8);
    bytes_u8(out, '|');
    for (unsigned i = 0; i < whole; i++)
        bytes_add(out, "\xe2\x96\x88", 3);
    if (eighths > 0) {
        char block[3] = {(char)0xe2, (char)0x96, (char)(0x90 - eighths)};
        bytes_add(out, block, sizeof block);
    }
    put_fill(out, ' ', BAR - whole - (eighths > 0));
}

static void put_bar(struct bytes *out, const struct bars *bars, int64_t count) {
    bool is_split = bars->has_positive && bars->has_negative;
    unsigned room = is_split ? BAR / 2 : BAR;
    unsigned depth = (unsigned)(bar_len(bars, count, room) + 0.5L);
    bool is_left = bars->has_negative && (!is_split || count <= 0);
    if (is_left) {
        put_fill(out, ' ', room - depth);
        put_fill(out, '@', depth);
        bytes_u8(out, '|');
        put_fill(out, ' ', is_split ? room : 0);
    } else {
        put_fill(out, ' ', is_split ? room : 0);
        bytes_u8(out, '|');
        put_fill(out, '@', depth);
        put_fill(out, ' ', room - depth);
    }
}

void bars_put(struct bytes *out, const struct bars *bars, int64_t count,
              uint64_t normal) {
    if (bars->is_utf8 && bars->has_positive && !bars->has_negative)
        put_blocks(out, bars, count);
    else
        put_bar(out, bars, count);
    char text[32];
    int n = snprintf(text, sizeof text, " %-9lld\n",
                     (long long)((uint64_t)count / normal));
    bytes_add(out, text, (size_t)n);
}

// --- rows ---

static int64_t count_at(const struct table *table, uint32_t i) {
    return table->counts ? table->counts[i] : 0;
}

static void put_row(struct table *table, uint32_t i) {
    char text[64];
    uint32_t bucket;
    if (!label_bucket(table, i, &bucket))
        return;
    label(table, bucket, text, sizeof text);
    char row[96];
    int n = snprintf(row, sizeof row, "%16s ", text);
    bytes_add(table->out, row, (size_t)n);
    bars_put(table->out, &table->bars, count_at(table, i), table->normal);
}

// Which rows to show.
static void choose_rows(struct table *table) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t end = buckets_of(aggregation), first = 0, last = end - 1;
    while (first < end && count_at(table, first) == 0)
        first++;
    if (first < end) {
        while (count_at(table, last) == 0)
            last--;
        table->first = first ? first - 1 : 0;
        table->last = last + 1 < end ? last + 1 : last;
        return;
    }
    // Nothing is left, because increments were negative.
    switch (aggregation->function->id) {
    case MCT_AGG_lquantize: table->last = end < 3 ? end - 1 : 2; break;
    case MCT_AGG_llquantize:
        table->first = end / 2;
        table->last = end / 2 + 2 < end ? end / 2 + 2 : end - 1;
        break;
    default:
        table->first = MCT_QUANTIZE_ZERO - 1;
        table->last = MCT_QUANTIZE_ZERO + 1;
    }
}

void hist_put(struct bytes *out, const struct mapping_aggregation *aggregation,
              const struct agg_element *element, uint64_t normal,
              const struct ir_options *options) {
    struct table table = {.aggregation = aggregation,
                          .counts =
                              element ? (const int64_t *)element->cells : NULL,
                          .out = out,
                          .normal = normal,
                          .bars = bars_of(options)};
    choose_rows(&table);
    for (uint32_t i = table.first; i <= table.last; i++)
        bars_measure(&table.bars, count_at(&table, i));
    char heading[96];
    int n = snprintf(heading, sizeof heading, "\n%16s %41s %-9s\n", "value",
                     "------------- Distribution -------------", "count");
    bytes_add(out, heading, (size_t)n);
    for (uint32_t i = table.first; i <= table.last; i++)
        put_row(&table, i);
}
