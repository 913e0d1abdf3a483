// aggs.h: how aggregations are stored, updated and merged; shared by the code
// that is added to programs and by whoever reads what it gathered.
//
// An element is a run of 64-bit cells; aggs.def says what each cell of a
// function is. All zero means "never updated": extremes are encoded so that a
// larger unsigned number is more extreme, and carry a presence cell, because
// an encoded extreme may be zero as well. A distribution has a cell a bucket,
// and where increments may cancel out one more, which counts the updates:
//
//   quantize    -2^62 ... -2 -1  0  1 2 4 ... 2^62, each power counting what
//               is at least as far from zero but not as far as the next
//   lquantize   < base, base, base + step, ..., >= base + levels * step
//   llquantize  <= -top, ..., |v| < bottom, ..., >= top; between bottom =
//               factor^low and top = factor^(high+1) each power of the factor
//               is cut into equal steps, of which the first steps/factor would
//               lie in the power below and are left out
//
// Updates are atomic read-modify-write operations (words.h): exact under
// threads and signals, and one of 128 bits exact by the carry of its low half.
// No order is implied between cells, so a reader of a running program may see
// a count before its sum.

#ifndef MCTRACE_AGGS_H
#define MCTRACE_AGGS_H

#include <stdbool.h>
#include <stdint.h>

#include "mctrace/region.h"
#include "mctrace/words.h"

enum mct_agg_id {
#define AGG(name, id, least, most, cells) MCT_AGG_##name = (id),
#include "mctrace/aggs.def"
#undef AGG
};

#define MCT_QUANTIZE_ZERO    63u // index of the bucket of zero
#define MCT_QUANTIZE_BUCKETS 127u

// Buckets of a distribution with these parameters: lquantize has base, limit
// and step, llquantize factor, low and high magnitude and steps. Below and
// above the range there is one each; llquantize mirrors its buckets around
// one for what is nearer to zero than its lowest magnitude.
MCT_INLINE uint32_t mct_agg_buckets(uint32_t id, const int64_t *params) {
    if (id == MCT_AGG_lquantize)
        return (uint32_t)((params[1] - params[0]) / params[2]) + 2;
    if (id == MCT_AGG_llquantize)
        return (uint32_t)((params[2] - params[1] + 1) *
                          (params[3] - params[3] / params[0]) * 2) +
               3;
    return id == MCT_AGG_quantize ? MCT_QUANTIZE_BUCKETS : 0;
}

// Buckets of values

MCT_INLINE uint64_t mct_magnitude(int64_t value) {
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

MCT_INLINE uint32_t mct_quantize_bucket(int64_t value) {
    if (value == 0)
        return MCT_QUANTIZE_ZERO;
    uint32_t power = 63u - (uint32_t)__builtin_clzll(mct_magnitude(value));
    if (value > 0)
        return MCT_QUANTIZE_ZERO + 1 + power;
    return power > 62 ? 0 : MCT_QUANTIZE_ZERO - 1 - power; // INT64_MIN
}

MCT_INLINE uint32_t mct_lquantize_bucket(int64_t value, int64_t base,
                                         int64_t limit, int64_t step) {
    if (value < base)
        return 0;
    uint32_t levels = (uint32_t)((limit - base) / step);
    uint64_t level = ((uint64_t)value - (uint64_t)base) / (uint64_t)step;
    return level < levels ? (uint32_t)level + 1 : levels + 1;
}

// Bucket of a magnitude, counted from the middle: 0 is nearer to zero than
// factor^low. The script's check ensures that factor^(high+1) fits into 64
// bits, and that the steps divide evenly.
MCT_INLINE uint32_t mct_llquantize_distance(uint64_t magnitude, uint64_t factor,
                                            uint64_t low, uint64_t high,
                                            uint64_t steps) {
    uint64_t power = 1;
    for (uint64_t i = 0; i < low; i++)
        power *= factor;
    if (magnitude < power)
        return 0;
    uint64_t skipped = steps / factor;
    uint64_t first = 1;
    for (uint64_t i = low; i <= high; i++) {
        uint64_t next = power * factor;
        if (magnitude < next) {
            // Cells may be finer than one only in the lowest power.
            uint64_t cell = next < steps ? magnitude * (steps / next)
                                         : magnitude / (next / steps);
            return (uint32_t)(first + cell - skipped);
        }
        first += steps - skipped;
        power = next;
    }
    return (uint32_t)first;
}

MCT_INLINE uint32_t mct_llquantize_bucket(int64_t value, int64_t factor,
                                          int64_t low, int64_t high,
                                          int64_t steps) {
    uint32_t middle =
        (uint32_t)((high - low + 1) * (steps - steps / factor)) + 1;
    uint32_t distance =
        mct_llquantize_distance(mct_magnitude(value), (uint64_t)factor,
                                (uint64_t)low, (uint64_t)high, (uint64_t)steps);
    return value < 0 ? middle - distance : middle + distance;
}

MCT_INLINE uint32_t mct_agg_bucket(uint32_t id, const int64_t *params,
                                   int64_t value) {
    if (id == MCT_AGG_lquantize)
        return mct_lquantize_bucket(value, params[0], params[1], params[2]);
    if (id == MCT_AGG_llquantize)
        return mct_llquantize_bucket(value, params[0], params[1], params[2],
                                     params[3]);
    return mct_quantize_bucket(value);
}

// Values of buckets: the least and the greatest value that counts in bucket
// `index`; INT64_MIN and INT64_MAX where it is open. False: no value does.
// (llquantize from magnitude 0 with more steps than the factor has cells that
// are finer than one.)

MCT_INLINE bool mct_quantize_range(uint32_t index, int64_t *least,
                                   int64_t *most) {
    *least = *most = 0;
    if (index > MCT_QUANTIZE_ZERO) {
        uint32_t power = index - MCT_QUANTIZE_ZERO - 1;
        *least = (int64_t)1 << power;
        *most = power == 62 ? INT64_MAX : *least * 2 - 1;
    } else if (index < MCT_QUANTIZE_ZERO) {
        uint32_t power = MCT_QUANTIZE_ZERO - 1 - index;
        *most = -((int64_t)1 << power);
        *least = power == 62 ? INT64_MIN : *most * 2 + 1;
    }
    return true;
}

MCT_INLINE bool mct_lquantize_range(uint32_t index, int64_t base, int64_t limit,
                                    int64_t step, int64_t *least,
                                    int64_t *most) {
    int64_t levels = (limit - base) / step;
    *least = index == 0 ? INT64_MIN : base + ((int64_t)index - 1) * step;
    *most = index > levels ? INT64_MAX : base + (int64_t)index * step - 1;
    return true;
}

// Bounds of the magnitudes at `distance` from the middle; `end` is the first
// beyond, 0: open.
MCT_INLINE void mct_llquantize_bounds(uint64_t distance, uint64_t factor,
                                      uint64_t low, uint64_t high,
                                      uint64_t steps, uint64_t *start,
                                      uint64_t *end) {
    uint64_t power = 1;
    for (uint64_t i = 0; i < low; i++)
        power *= factor;
    *start = 0;
    *end = power;
    if (distance == 0)
        return;
    uint64_t skipped = steps / factor;
    uint64_t cell = distance - 1;
    for (uint64_t i = low; i <= high; i++) {
        uint64_t next = power * factor;
        if (cell < steps - skipped) {
            cell += skipped;
            if (next < steps) {
                uint64_t fine = steps / next;
                *start = (cell + fine - 1) / fine;
                *end = (cell + fine) / fine;
            } else {
                *start = cell * (next / steps);
                *end = *start + next / steps;
            }
            // Fewer steps than the factor: the first holds only what is not
            // of the power below.
            if (*start < power)
                *start = power;
            return;
        }
        cell -= steps - skipped;
        power = next;
    }
    *start = power;
    *end = 0;
}

MCT_INLINE bool mct_llquantize_range(uint32_t index, int64_t factor,
                                     int64_t low, int64_t high, int64_t steps,
                                     int64_t *least, int64_t *most) {
    int64_t middle = (high - low + 1) * (steps - steps / factor) + 1;
    int64_t from_middle = (int64_t)index - middle;
    bool is_negative = from_middle < 0;
    uint64_t start, end;
    mct_llquantize_bounds(mct_magnitude(from_middle), (uint64_t)factor,
                          (uint64_t)low, (uint64_t)high, (uint64_t)steps,
                          &start, &end);
    // The largest magnitude there is on this side of zero.
    uint64_t limit = (uint64_t)INT64_MAX + is_negative;
    uint64_t last = end == 0 || end > limit ? limit : end - 1;
    *least = (int64_t)(is_negative ? 0 - last : start);
    *most = (int64_t)(is_negative ? 0 - start : last);
    if (from_middle == 0)
        *least = -*most;
    return start <= last;
}

MCT_INLINE bool mct_agg_range(uint32_t id, const int64_t *params,
                              uint32_t index, int64_t *least, int64_t *most) {
    if (id == MCT_AGG_lquantize)
        return mct_lquantize_range(index, params[0], params[1], params[2],
                                   least, most);
    if (id == MCT_AGG_llquantize)
        return mct_llquantize_range(index, params[0], params[1], params[2],
                                    params[3], least, most);
    return mct_quantize_range(index, least, most);
}

// Extremes, encoded and back

MCT_INLINE uint64_t mct_encode_min(int64_t value) {
    return (uint64_t)INT64_MAX - (uint64_t)value;
}

MCT_INLINE int64_t mct_decode_min(uint64_t cell) {
    return (int64_t)((uint64_t)INT64_MAX - cell);
}

MCT_INLINE uint64_t mct_encode_max(int64_t value) {
    return (uint64_t)value ^ (uint64_t)1 << 63;
}

MCT_INLINE int64_t mct_decode_max(uint64_t cell) {
    return (int64_t)(cell ^ (uint64_t)1 << 63);
}

// Cells

MCT_INLINE void mct_cell_add(uint64_t *cell, uint64_t by) {
    mct_word_add(cell, by);
}

// Presence only ever becomes 1, so a plain store is exact. It is made each
// time: one instruction that needs no register, beside a cell that is written
// anyway.
MCT_INLINE void mct_cell_present(uint64_t *cell) {
    mct_word_mark(cell);
}

// Ends: whoever is in the way has stored a larger value.
MCT_INLINE void mct_cell_max(uint64_t *cell, uint64_t value) {
    uint64_t seen = mct_word_seen(cell);
    while (seen < value && !mct_word_swap(cell, &seen, value)) {
    }
}

// An encoded extreme and its presence. Most values are not extreme and write
// nothing, so threads do not take the line from each other; a stored zero may
// still be nothing.
MCT_INLINE void mct_cells_extreme(uint64_t *cells, uint64_t value) {
    uint64_t least = value + (value == 0);
    if (__builtin_expect(mct_word_seen(&cells[1]) >= least, 1))
        return;
    mct_cell_max(&cells[1], value);
    mct_cell_present(&cells[0]);
}

// A 128-bit sum, low word first.
MCT_INLINE void mct_cell_add128(uint64_t *cells, uint64_t low, uint64_t high) {
    mct_words_add(cells, low, high);
}

// The 128-bit square of a magnitude. Not __int128, which machines of 32 bits
// lack.
MCT_INLINE void mct_square(uint64_t magnitude, uint64_t *low, uint64_t *high) {
    uint64_t a = magnitude >> 32, b = magnitude & 0xffffffff;
    uint64_t middle = a * b; // twice, shifted by 32
    *low = b * b + (middle << 33);
    *high = a * a + (middle >> 31) + (*low < b * b);
}

// Updates of an element by its function. All take the same arguments: the
// value, by how much a bucket grows, and the parameters.

#define MCT_UPDATE(name)                                                       \
    MCT_INLINE void mct_update_##name(uint64_t *cells, int64_t value,          \
                                      uint64_t increment, int64_t p0,          \
                                      int64_t p1, int64_t p2, int64_t p3)
#define MCT_UNUSED                                                             \
    (void)value, (void)increment, (void)p0, (void)p1, (void)p2, (void)p3

MCT_UPDATE(count) {
    MCT_UNUSED;
    mct_cell_add(&cells[0], 1);
}

MCT_UPDATE(sum) {
    MCT_UNUSED;
    mct_cell_add(&cells[1], (uint64_t)value);
    mct_cell_present(&cells[0]);
}

MCT_UPDATE(min) {
    MCT_UNUSED;
    mct_cells_extreme(cells, mct_encode_min(value));
}

MCT_UPDATE(max) {
    MCT_UNUSED;
    mct_cells_extreme(cells, mct_encode_max(value));
}

MCT_UPDATE(avg) {
    MCT_UNUSED;
    mct_cell_add(&cells[1], (uint64_t)value);
    mct_cell_add(&cells[0], 1);
}

MCT_UPDATE(stddev) {
    MCT_UNUSED;
    uint64_t low, high;
    mct_square(mct_magnitude(value), &low, &high);
    mct_cell_add128(&cells[2], low, high);
    mct_cell_add(&cells[1], (uint64_t)value);
    mct_cell_add(&cells[0], 1);
}

MCT_UPDATE(quantize) {
    MCT_UNUSED;
    mct_cell_add(&cells[mct_quantize_bucket(value)], increment);
}

MCT_UPDATE(lquantize) {
    MCT_UNUSED;
    mct_cell_add(&cells[mct_lquantize_bucket(value, p0, p1, p2)], increment);
}

MCT_UPDATE(llquantize) {
    MCT_UNUSED;
    mct_cell_add(&cells[mct_llquantize_bucket(value, p0, p1, p2, p3)],
                 increment);
}

// Merging

// What a letter of aggs.def's column `cells` means for merging; the second q
// of a pair is merged with the first.
MCT_INLINE enum mct_merge_op mct_letter_op(char letter) {
    switch (letter) {
    case 'p': return MCT_MERGE_OR;
    case 'x': return MCT_MERGE_MAX;
    case 'q': return MCT_MERGE_ADD128;
    default: return MCT_MERGE_ADD;
    }
}

// The column `cells` of a function; "*" for one that is not known. Letters in
// place, since the injected code has no room for pointers.
MCT_INLINE const char *mct_agg_cells(uint32_t id) {
    static const char columns[][8] = {
#define AGG(name, number, least, most, cells) [number] = cells, // NOLINT
#include "mctrace/aggs.def"
#undef AGG
    };
    return id < sizeof columns / sizeof columns[0] ? columns[id] : "*";
}

// Adds the element `from` to `into`, which others may be updating.
MCT_INLINE void mct_agg_merge(uint32_t id, uint64_t *into, const uint64_t *from,
                              uint32_t cell_count) {
    const char *letters = mct_agg_cells(id);
    for (uint32_t i = 0; i < cell_count; i++) {
        char letter = letters[0] == '*' ? 'c' : letters[i];
        switch (mct_letter_op(letter)) {
        case MCT_MERGE_OR:
            if (from[i] != 0)
                mct_cell_present(&into[i]);
            break;
        case MCT_MERGE_MAX: mct_cell_max(&into[i], from[i]); break;
        case MCT_MERGE_ADD128:
            mct_cell_add128(&into[i], from[i], from[i + 1]);
            i++;
            break;
        default:
            if (from[i] != 0)
                mct_cell_add(&into[i], from[i]);
        }
    }
}

#endif
