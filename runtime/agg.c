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

static uint64_t hash_key(const uint64_t *key, uint32_t words) {
    uint64_t hash = 0x9e3779b97f4a7c15;
    for (uint32_t i = 0; i < words; i++) {
        hash = (hash ^ key[i]) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
    }
    return hash * 0xc4ceb9fe1a85ec53;
}

static bool key_equal(const uint64_t *a, const uint64_t *b, uint32_t words) {
    for (uint32_t i = 0; i < words; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

// Takes the empty entry, or leaves it to who was faster.
static bool claim(struct mct_table *table, uint64_t *entry, uint64_t state,
                  const uint64_t *key, uint64_t geometry) {
    uint64_t empty = MCT_ENTRY_EMPTY;
    if (!__atomic_compare_exchange_n(&entry[0], &empty, MCT_ENTRY_BUSY, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    // All who come first write the same.
    table->log2_entries = (uint8_t)geometry;
    table->key_words = (uint8_t)(geometry >> 8);
    table->cell_words = (uint16_t)(geometry >> 16);
    for (uint32_t i = 0; i < (geometry >> 8 & 0xff); i++)
        entry[1 + i] = key[i];
    __atomic_store_n(&entry[0], state, __ATOMIC_RELEASE);
    mct_cell_add(&table->used, 1);
    return true;
}

uint64_t *mct_agg_find(struct mct_table *table, const uint64_t *key,
                       uint64_t geometry) {
    uint32_t key_words = geometry >> 8 & 0xff;
    uint64_t entry_words = 1 + key_words + (geometry >> 16 & 0xffff);
    uint64_t mask = ((uint64_t)1 << (geometry & 0xff)) - 1;
    uint64_t hash = hash_key(key, key_words);
    uint64_t state = (hash & ~(uint64_t)3) | MCT_ENTRY_FULL;
    uint64_t *entries = (uint64_t *)(table + 1);
    uint64_t at = hash >> 32 & mask;
    uint64_t most = mask < MOST_PROBES ? mask + 1 : MOST_PROBES;
    for (uint64_t i = 0; i < most; i++, at = (at + 1) & mask) {
        uint64_t *entry = entries + at * entry_words;
        uint64_t seen = __atomic_load_n(&entry[0], __ATOMIC_ACQUIRE);
        bool is_ours =
            seen == MCT_ENTRY_EMPTY
                ? claim(table, entry, state, key, geometry)
                : seen == state && key_equal(entry + 1, key, key_words);
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
