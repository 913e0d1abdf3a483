// aggs.h: how aggregations are stored, updated and merged; shared by the code
// that is added to programs and by the extractor.

#ifndef MCTRACE_AGGS_H
#define MCTRACE_AGGS_H

#include <stdint.h>

enum mct_agg_id {
#define AGG(name, id, least, most, cells) MCT_AGG_##name = id,
#include "mctrace/aggs.def"
#undef AGG
};

// Buckets of a distribution with these parameters: lquantize has base, limit
// and step, llquantize factor, low and high magnitude and steps. Below and
// above the range there is one each; llquantize mirrors its buckets around
// one for what is nearer to zero than its lowest magnitude.
static inline uint32_t mct_agg_buckets(uint32_t id, const int64_t *params) {
    if (id == MCT_AGG_lquantize)
        return (uint32_t)((params[1] - params[0]) / params[2]) + 2;
    if (id == MCT_AGG_llquantize)
        return (uint32_t)((params[2] - params[1] + 1) *
                          (params[3] - params[3] / params[0]) * 2) + 3;
    return id == MCT_AGG_quantize ? 127 : 0;
}

#endif
