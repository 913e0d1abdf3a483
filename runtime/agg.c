// agg.c: elements of aggregations whose keys are only known at run time.
//
// Open addressing with linear probing in a table of the region (region.h).
// Lock-free and safe in signal handlers: a writer claims an empty entry,
// writes the key and publishes it; who meets an entry that is being written
// passes on, because its writer may be the thread that was interrupted. So a
// key may stand in a table twice, and readers merge. Entries are never
// removed.
//
// Updating an element is a matter of aggs.h and inline.c.

#include "rt.h"

// A search that long means that the table is as good as full.
#define MOST_PROBES 512

// Takes the empty entry, or leaves it to who was faster.
static bool claim(struct mct_table *table, uint64_t *entry, uint64_t state,
                  const uint64_t *key, uint32_t used, uint64_t geometry) {
    uint64_t empty = MCT_ENTRY_EMPTY;
    if (!__atomic_compare_exchange_n(&entry[0], &empty, MCT_ENTRY_BUSY, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    // All who come first write the same.
    table->log2_entries = (uint8_t)geometry;
    table->key_words = (uint16_t)(geometry >> 16);
    table->cell_words = (uint16_t)(geometry >> 32);
    for (uint32_t i = 0; i < used; i++)
        entry[1 + i] = key[i];
    __atomic_store_n(&entry[0], state, __ATOMIC_RELEASE);
    mct_cell_add(&table->used, 1);
    return true;
}

uint64_t *mct_agg_find(struct mct_table *table, const uint64_t *key,
                       uint32_t used, uint64_t geometry) {
    uint32_t key_words = geometry >> 16 & 0xffff;
    uint64_t entry_words = 1 + key_words + (geometry >> 32 & 0xffff);
    uint64_t mask = ((uint64_t)1 << (geometry & 0xff)) - 1;
    uint64_t hash = mct_hash_key(key, used);
    uint64_t state = MCT_ENTRY_STATE(hash, used);
    uint64_t *entries = (uint64_t *)(table + 1);
    uint64_t at = hash >> 32 & mask;
    uint64_t most = mask < MOST_PROBES ? mask + 1 : MOST_PROBES;
    for (uint64_t i = 0; i < most; i++, at = (at + 1) & mask) {
        uint64_t *entry = entries + at * entry_words;
        uint64_t seen = __atomic_load_n(&entry[0], __ATOMIC_ACQUIRE);
        bool is_ours =
            seen == MCT_ENTRY_EMPTY
                ? claim(table, entry, state, key, used, geometry)
                : seen == state && mct_key_equal(entry + 1, key, used);
        if (is_ours)
            return entry + 1 + key_words;
    }
    mct_cell_add(&MCT_HEADER->lost, 1);
    return 0;
}

uint32_t mct_llquantize_index(int64_t value, int64_t factor, int64_t low,
                              int64_t high, int64_t steps) {
    return mct_llquantize_bucket(value, factor, low, high, steps);
}
