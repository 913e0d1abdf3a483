// speculation.c: records that may turn out not to be wanted.
//
// A speculation's records go where all others go, with a number that says
// whose they are: which speculation, and in which use of it. commit() and
// discard() leave records with that number as well, and the reader does what
// they say. So nothing is copied here; what is kept is which are in use, and
// how much is in them.

#include "rt.h"

static struct mct_speculation *speculation_at(uint64_t id) {
    return (struct mct_speculation *)(mct_region + mct_config.spec_off) + id -
           1;
}

uint64_t mct_speculation(void) {
    for (uint64_t id = 1; id <= mct_config.nspec; id++) {
        struct mct_speculation *at = speculation_at(id);
        uint32_t state = __atomic_load_n(&at->state, __ATOMIC_RELAXED);
        if (state & 1 ||
            !__atomic_compare_exchange_n(&at->state, &state, state + 3, false,
                                         __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        mct_word_publish(&at->len, 0);
        return id;
    }
    mct_cell_add(&MCT_HEADER->drops[MCT_DROP_SPECULATION], 1);
    return 0;
}

// The number of the use that goes on; 0: there is none.
static uint64_t tag_of(struct mct_firing *firing, uint64_t id) {
    if (id == 0)
        return 0;
    if (id > mct_config.nspec) {
        mct_fail(firing, MCT_FAULT_ILLOP, 0);
        return 0;
    }
    uint32_t state =
        __atomic_load_n(&speculation_at(id)->state, __ATOMIC_ACQUIRE);
    return state & 1 ? MCT_SPECULATION_TAG(state, id) : 0;
}

// A record that no speculation holds ends the clause, as DTrace has no room to
// begin it. One for which this speculation has no room left is dropped by the
// reader, and the clause goes on.
uint64_t mct_speculate(struct mct_firing *firing, uint64_t id, uint64_t len) {
    uint64_t tag = tag_of(firing, id);
    if (tag == 0)
        return 0;
    uint64_t *used = &speculation_at(id)->len;
    bool never_fits = len > mct_config.specsize;
    uint64_t before = never_fits ? 0 : mct_word_take(used, len);
    if (!never_fits && before + len <= mct_config.specsize)
        return tag;
    mct_cell_add(&MCT_HEADER->drops[MCT_DROP_SPECULATIVE], 1);
    if (never_fits)
        return 0;
    mct_word_take(used, 0 - len);
    return MCT_SPECULATION_FULL;
}

// From here on the speculation is free again: who commits and who discards at
// the same time are told apart by who was first.
uint64_t mct_speculation_end(struct mct_firing *firing, uint64_t id) {
    uint64_t tag = tag_of(firing, id);
    if (tag == 0)
        return 0;
    struct mct_speculation *at = speculation_at(id);
    uint32_t state = __atomic_load_n(&at->state, __ATOMIC_RELAXED);
    while (state & 1 && MCT_SPECULATION_TAG(state, id) == tag)
        if (__atomic_compare_exchange_n(&at->state, &state, state - 1, true,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return tag;
    return 0;
}
