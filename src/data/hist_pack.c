// hist_pack.c: distributions in a line each (`aggpack`).
//
//               key  min .------. max  | count
//              read    0 : x_   : 16   | 9
//             write    0 :  _xX : 16   | 20
//
// A character is a bucket, the darker the larger its share of the line's
// counts (with `aggzoom`: of its largest): one of "__xxxxXX", of "vvvvVV" if
// the count is negative, or the blocks U+2581 to U+2588. All lines of an
// aggregation have the same buckets: those of lquantize() all there are, those
// of quantize() from one below the lowest that any line has counted in to one
// above the highest.

#include "data/show.h"
#include "mctrace/aggs.h"

static bool is_linear(const struct mapping_aggregation *aggregation) {
    return aggregation->function->id == MCT_AGG_lquantize;
}

// --- which buckets ---

static void find_buckets(struct pack *pack, const struct agg_table *table) {
    uint32_t count = buckets_of(table->aggregation);
    uint32_t first = count, last = 0;
    for (size_t i = 0; i < table->count; i++) {
        const uint64_t *cells = table->items[i].cells;
        uint32_t low = 0, high = count;
        while (low < count && cells[low] == 0)
            low++;
        while (high > low && cells[high - 1] == 0)
            high--;
        bool is_empty = low == count;
        low = is_empty ? MCT_QUANTIZE_ZERO : low;
        high = is_empty ? MCT_QUANTIZE_ZERO : high - 1;
        first = low < first ? low : first;
        last = high > last ? high : last;
    }
    pack->first = first - (first != 0 && first != MCT_QUANTIZE_ZERO);
    pack->last = last + (last + 1 < count);
}

struct pack pack_of(const struct show *show, const struct agg_table *table) {
    int64_t encoding = show->options->values[IR_OPTION_encoding];
    struct pack pack = {.aggregation = table->aggregation,
                        .last = buckets_of(table->aggregation) - 1,
                        .zooms = show->options->values[IR_OPTION_aggzoom] != 0,
                        .is_utf8 =
                            encoding == IR_ENCODING_UTF8 ||
                            (encoding == IR_ENCODING_UNSET && !show->is_plain)};
    if (!is_linear(table->aggregation))
        find_buckets(&pack, table);
    return pack;
}

// --- heading ---

// Room for a bucket's value.
static int width_of(int64_t value) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)value);
    return n < 4 ? 4 : n;
}

void pack_put_heading(struct show *show, const struct pack *pack,
                      unsigned key_width) {
    int least = 7, most = 8; // of lquantize()
    uint32_t count = pack->last - pack->first + 1;
    if (!is_linear(pack->aggregation)) {
        least = width_of(hist_weight(pack->aggregation, pack->first));
        most = width_of(hist_weight(pack->aggregation, pack->last));
    }
    show_text(show, STR("\n"));
    show_padded(show, key_width ? STR("key") : STR(""), (int)key_width);
    show_format(show, " %*s .", least, "min");
    for (uint32_t i = 0; i < count; i++)
        show_text(show, STR("-"));
    show_format(show, ". %*s | count\n", -most, "max");
}

// --- lines ---

static void put_cell(struct show *show, const struct pack *pack, int64_t count,
                     long double total) {
    static const char positive[] = "__xxxxXX", negative[] = "vvvvVV";
    unsigned most = count < 0 ? sizeof negative - 2 : sizeof positive - 2;
    unsigned level = 0;
    if (total > 0)
        level =
            (unsigned)((long double)mct_magnitude(count) * most / total + 0.5L);
    if (count == 0)
        show_text(show, STR(" "));
    else if (count < 0)
        show_format(show, "%c", negative[level]);
    else if (pack->is_utf8)
        show_format(show, "\xe2\x96%c", (char)(0x81 + level));
    else
        show_format(show, "%c", positive[level]);
}

void pack_put(struct show *show, const struct pack *pack,
              const struct agg_element *element) {
    const struct mapping_aggregation *aggregation = pack->aggregation;
    const int64_t *counts = (const int64_t *)element->cells;
    struct bars bars = {.zooms = pack->zooms};
    int64_t sum = 0;
    for (uint32_t i = pack->first; i <= pack->last; i++) {
        bars_measure(&bars, counts[i]);
        sum += counts[i];
    }
    long long low = hist_weight(aggregation, pack->first);
    long long high = hist_weight(aggregation, pack->last);
    char text[32];
    if (is_linear(aggregation)) {
        low = aggregation->params[0];
        high = low + ((long long)buckets_of(aggregation) - 2) *
                         aggregation->params[2];
        snprintf(text, sizeof text, "< %lld", low);
        show_format(show, "%8s :", text);
    } else {
        show_format(show, " %*lld :", width_of(low), low);
    }
    for (uint32_t i = pack->first; i <= pack->last; i++)
        put_cell(show, pack, counts[i], bars.total);
    snprintf(text, sizeof text, is_linear(aggregation) ? ">= %lld" : "%lld",
             high);
    show_format(show, ": %*s | %lld\n",
                is_linear(aggregation) ? -8 : -width_of(high), text,
                (long long)sum);
}
