// search.c: where the unwind information of a function is, for the runtime.
//
// Walks over stacks find a function's entry by the search table that linkers
// put beside .eh_frame. An image that brings none, as static programs do, gets
// one here, of the same form: their number, then pairs of a function and its
// entry, by address, both relative to the table.

#include "rewrite/plan.h"

static size_t count_frames(const struct plan *plan) {
    const struct image *image = plan->program->image;
    if (image->is_bare)
        return 0; // nobody walks there
    return image_find_section(image, STR(".eh_frame_hdr")) ? 0
                                                           : image->frame_count;
}

uint64_t search_len(const struct plan *plan) {
    return 8 + 8 * (uint64_t)count_frames(plan);
}

void search_write(const struct plan *plan, uint64_t va, struct bytes *out) {
    const struct frame_range *frames = plan->program->image->frames;
    size_t count = count_frames(plan);
    bytes_u64(out, count);
    for (size_t i = 0; i < count; i++) {
        bytes_u32(out, (uint32_t)(frames[i].va - va));
        bytes_u32(out, (uint32_t)(frames[i].fde_va - va));
    }
}
