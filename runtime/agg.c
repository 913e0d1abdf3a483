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

#include "word.h"

// A search that long means that the table is as good as full.
#define MOST_PROBES 512

// A key as it is looked for: `used` words, of which all but the last may lie
// at any address.
struct sought {
    const any_word *words;
    uint64_t last, hash;
    uint32_t used;
};

INLINE bool is_sought(const uint64_t *key, const struct sought *sought) {
    uint32_t before = sought->used - 1;
    for (uint32_t i = 0; i < before; i++)
        if (key[i] != sought->words[i])
            return false;
    return key[before] == sought->last;
}

// Takes the empty entry, or leaves it to who was faster.
INLINE bool claim(struct mct_table *table, uint64_t *entry, uint64_t state,
                  const struct sought *sought, uint64_t geometry) {
    if (!mct_word_claim(&entry[0], MCT_ENTRY_BUSY))
        return false;
    // All who come first write the same.
    table->log2_entries = (uint8_t)geometry;
    table->key_words = (uint16_t)(geometry >> 16);
    table->cell_words = (uint16_t)(geometry >> 32);
    for (uint32_t i = 0; i + 1 < sought->used; i++)
        entry[1 + i] = sought->words[i];
    entry[sought->used] = sought->last;
    mct_word_publish(&entry[0], state);
    mct_cell_add(&table->used, 1);
    return true;
}

INLINE uint64_t *find(struct mct_table *table, const struct sought *sought,
                      uint64_t geometry) {
    uint32_t key_words = geometry >> 16 & 0xffff;
    uint64_t entry_words = 1 + key_words + (geometry >> 32 & 0xffff);
    uint64_t mask = ((uint64_t)1 << (geometry & 0xff)) - 1;
    uint64_t state = MCT_ENTRY_STATE(sought->hash, sought->used);
    uint64_t *entries = (uint64_t *)(table + 1);
    uint64_t at = sought->hash >> 32 & mask;
    uint64_t most = mask < MOST_PROBES ? mask + 1 : MOST_PROBES;
    for (uint64_t i = 0; i < most; i++, at = (at + 1) & mask) {
        uint64_t *entry = entries + at * entry_words;
        uint64_t seen = mct_word_load(&entry[0]);
        bool is_ours = seen == MCT_ENTRY_EMPTY
                           ? claim(table, entry, state, sought, geometry)
                           : seen == state && is_sought(entry + 1, sought);
        if (is_ours)
            return entry + 1 + key_words;
    }
    mct_cell_add(&MCT_HEADER->lost, 1);
    return 0;
}

uint64_t *mct_agg_find(struct mct_table *table, const uint64_t *key,
                       uint32_t used, uint64_t geometry) {
    struct sought sought = {.words = (const any_word *)key,
                            .last = key[used - 1],
                            .hash = mct_hash_key(key, used),
                            .used = used};
    return find(table, &sought, geometry);
}

// The words are as mct_key_text() would write them.
MAY_BEHIND uint64_t *mct_agg_find_text(struct mct_table *table,
                                       const char *text, uint64_t geometry) {
    struct sought sought = {.words = (const any_word *)text,
                            .hash = MCT_HASH_START};
    uint64_t most = text ? mct_config.strsize : 0;
    bool is_last;
    do {
        uint64_t done = sought.used * sizeof(uint64_t);
        sought.last = text_word(text + done, most - done, &is_last);
        sought.hash = mct_hash_step(sought.hash, sought.last);
        sought.used++;
    } while (!is_last);
    sought.hash = mct_hash_end(sought.hash);
    return find(table, &sought, geometry);
}

uint32_t mct_llquantize_index(int64_t value, int64_t factor, int64_t low,
                              int64_t high, int64_t steps) {
    return mct_llquantize_bucket(value, factor, low, high, steps);
}
