// bare/start.c: the added code's first steps where nobody loads a program.
//
// The program's first instruction leads here (src/rewrite/rewrite.c). Nothing
// is to be relied on: no stack may be there yet, .bss is not cleared, .data not
// copied, and our own memory holds what it held before. So the entry (its
// machine's header) takes a stack of ours, keeps all registers, and goes on
// with what it displaced. The program's start-up code then does to its memory
// what it always did; ours lies outside of that.

#include "rt.h"

HIDDEN void mct_bare_start(void);

BARE_DEFINE_ENTRY

// By words: what is written may be memory that knows nothing else.
static void clear(uint8_t *from, uint8_t *to) {
    for (uint64_t *at = (uint64_t *)from; (uint8_t *)at < to; at++)
        *at = 0;
}

// All but the stack that this runs on.
static void clear_memory(void) {
    uint8_t *own = (uint8_t *)&mct_private;
    clear((uint8_t *)&mct_private.pool, mct_private.stack);
    mct_private.guard = 0;
    mct_private.has_actions = 0;
    mct_private.process = 0;
    clear(mct_private.stack + sizeof mct_private.stack,
          own + mct_config.private_len);
    clear(mct_library_data, mct_region);
    clear(mct_region, mct_region + mct_config.region_len + mct_config.ring_len);
}

void mct_bare_start(void) {
    struct mct_region *header = MCT_HEADER;
    clear_memory();
    mct_library_begin();
    mct_private.pool = (uint8_t *)&mct_private + MCT_BARE_PRIVATE;
    mct_header_fill(header);
    header->sink = MCT_SINK_MEMORY;
    header->owner_address = (uintptr_t)mct_region;
    header->attached = 1;
    header->file_len += mct_config.ring_len;
    if (mct_config.scratch_len != 0)
        mct_process_get();
    header->state = MCT_STATE_RUNNING;
    mct_begin();
}
