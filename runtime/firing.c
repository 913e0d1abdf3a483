// firing.c: what a clause works with: see thread.c, which finds the thread, and
// its like without an operating system.

#include "rt.h"

void mct_zero(uint8_t *at, uint64_t len) {
    for (uint64_t i = 0; i < len; i++)
        at[i] = 0;
}

static struct mct_firing *firing_at(struct mct_thread *thread, uint32_t depth) {
    struct mct_firing *firing = thread->firings[depth];
    if (firing)
        return firing;
    uint64_t vars = (mct_config.this_len + 63) / 64 * 64;
    // What alloca() has, and as much of nothing on either side of it.
    uint64_t before = MCT_FIRING_VARS + vars + 3 * mct_config.alloca_len;
    uint64_t len = before + mct_config.scratch_len;
    uint8_t *memory = mct_map_private(len);
    if (!memory)
        return 0;
    firing = (struct mct_firing *)memory;
    firing->thread = thread;
    firing->scratch = memory + before;
    firing->scratch_end = memory + len;
    thread->firings[depth] = firing;
    return firing;
}

// A handler may have a stack of its own, above what it interrupts or below:
// nothing of the other is gone while it runs, and all of it is gone when it
// does not.
bool mct_is_left(uint64_t other, uint64_t stack) {
    struct mct_stack_range handlers = mct_handlers_stack();
    bool is_handler = stack - handlers.from < handlers.len;
    bool was_handler = other - handlers.from < handlers.len;
    return is_handler == was_handler ? other <= stack : was_handler;
}

// Firings whose stack is gone have been left by a jump.
static void drop_left(struct mct_thread *thread, uint64_t stack) {
    while (thread->depth > 0 &&
           mct_is_left(thread->firings[thread->depth - 1]->stack, stack))
        thread->depth--;
}

struct mct_firing *mct_enter_slowly(uint32_t opens, uint64_t stack) {
    struct mct_thread *thread = mct_thread_slowly();
    if (!thread)
        return 0;
    if (opens)
        drop_left(thread, stack);
    uint32_t depth = thread->depth + opens;
    if (depth > MCT_MOST_NESTED) {
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_NESTED], 1);
        return 0;
    }
    // None: this is a clause behind the first whose opening found no memory.
    struct mct_firing *firing = depth ? firing_at(thread, depth - 1) : 0;
    if (!firing) {
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
        return 0;
    }
    thread->depth = depth;
    firing->stack = stack;
    firing->fault = 0;
    firing->scratch_top = firing->scratch;
    firing->alloca_top = mct_alloca_start(firing);
    return firing;
}

void *mct_scratch(struct mct_firing *firing, uint64_t len) {
    uint64_t taken = (len + 7) & ~(uint64_t)7;
    uint8_t *at = firing->scratch_top;
    if (len > UINT32_MAX || taken > (uint64_t)(firing->scratch_end - at)) {
        mct_fail(firing, MCT_FAULT_NOSCRATCH, 0);
        return 0;
    }
    firing->scratch_top = at + taken;
    return at;
}
