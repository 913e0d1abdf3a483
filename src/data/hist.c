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
// after the last; a bar is the bucket's share of all, rounded, in `long
// double` as in DTrace. Negative counts (an increment may be negative) draw
// to the left.
//
// llquantize() from magnitude 0 with more steps than its factor has buckets
// that no integer falls into; they get no row, unless they are the first or
// last one, where they stand for the bucket next to them.

#include <string.h>

#include "data/data.h"
#include "mctrace/aggs.h"

#define BAR       40
#define ZOOM_MOST 0.95L

struct table {
    const struct mapping_aggregation *aggregation;
    const int64_t *counts; // NULL: all zero
    struct bytes *out;
    int64_t normal;
    uint32_t first, last; // buckets shown
    long double total;
    bool has_positive, has_negative;
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
        i == aggregation->cell_count / 2)
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
    return i + 1 == aggregation->cell_count ? start + 1 : start;
}

// --- labels ---

static void label_lquantize(const struct table *table, uint32_t i, char *text,
                            size_t len) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    long long start = i ? bucket_start(aggregation, i) : aggregation->params[0];
    const char *before = i == 0                             ? "< "
                         : i + 1 == aggregation->cell_count ? ">= "
                                                            : "";
    snprintf(text, len, "%s%lld", before, start);
}

static void label_llquantize(const struct table *table, uint32_t i, char *text,
                             size_t len) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t middle = aggregation->cell_count / 2;
    long long start = bucket_start(aggregation, i);
    const char *before = "";
    if (i == 0)
        before = "<= ";
    else if (i + 1 == aggregation->cell_count)
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
                 *bucket + 1 < table->aggregation->cell_count)
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

// --- rows ---

static void put_fill(struct bytes *out, char fill, unsigned len) {
    for (unsigned i = 0; i < len; i++)
        bytes_u8(out, (uint8_t)fill);
}

static int64_t count_at(const struct table *table, uint32_t i) {
    return table->counts ? table->counts[i] : 0;
}

static void put_bar(struct table *table, int64_t count) {
    struct bytes *out = table->out;
    bool is_split = table->has_positive && table->has_negative;
    unsigned room = is_split ? BAR / 2 : BAR;
    long double share = table->total == 0 ? 0
                                          : (long double)mct_magnitude(count) *
                                                room / table->total;
    unsigned depth = (unsigned)(share + 0.5L);
    if (depth > room)
        depth = room;
    bool is_left = table->has_negative && (!is_split || count <= 0);
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

static void put_row(struct table *table, uint32_t i) {
    char text[64];
    uint32_t bucket;
    if (!label_bucket(table, i, &bucket))
        return;
    label(table, bucket, text, sizeof text);
    char row[96];
    int n = snprintf(row, sizeof row, "%16s ", text);
    bytes_add(table->out, row, (size_t)n);
    put_bar(table, count_at(table, i));
    n = snprintf(row, sizeof row, " %-9lld\n",
                 (long long)(count_at(table, i) / table->normal));
    bytes_add(table->out, row, (size_t)n);
}

// Which rows to show.
static void choose_rows(struct table *table) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t end = aggregation->cell_count, first = 0, last = end - 1;
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

// The length of a bar is measured against all counts, or with `aggzoom` so that
// the largest takes 95 of 100.
static void measure(struct table *table, bool zooms) {
    for (uint32_t i = table->first; i <= table->last; i++) {
        int64_t count = count_at(table, i);
        long double magnitude = (long double)mct_magnitude(count);
        table->has_positive |= count > 0;
        table->has_negative |= count < 0;
        if (!zooms)
            table->total += magnitude;
        else if (table->total < magnitude / ZOOM_MOST)
            table->total = magnitude / ZOOM_MOST;
    }
}

void hist_put(struct bytes *out, const struct mapping_aggregation *aggregation,
              const struct agg_element *element, uint64_t normal,
              const struct ir_options *options) {
    struct table table = {.aggregation = aggregation,
                          .counts =
                              element ? (const int64_t *)element->cells : NULL,
                          .out = out,
                          .normal = (int64_t)normal};
    choose_rows(&table);
    measure(&table, options->values[IR_OPTION_aggzoom] != 0);
    char heading[96];
    int n = snprintf(heading, sizeof heading, "\n%16s %41s %-9s\n", "value",
                     "------------- Distribution -------------", "count");
    bytes_add(out, heading, (size_t)n);
    for (uint32_t i = table.first; i <= table.last; i++)
        put_row(&table, i);
}
