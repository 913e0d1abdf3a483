// agg.c: elements of aggregations whose keys are only known at run time.
//
// Open addressing with linear probing in the index of a table (region.h).
// Lock-free and safe in signal handlers: an entry is whole before its number
// stands in the index, so that nobody meets one that is being written. Entries
// are never removed.
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

// A table as its geometry says it is.
struct shape {
    uint64_t entry_words, capacity;
    uint32_t *index;
    uint64_t *entries;
};

INLINE struct shape shape_of(struct mct_table *table, uint64_t geometry) {
    uint8_t *base = (uint8_t *)table;
    return (struct shape){
        .entry_words = mct_entry_words(geometry),
        .capacity = (uint64_t)1 << (geometry & 0xff),
        .index = (uint32_t *)(table + 1),
        .entries = (uint64_t *)(base + MCT_TABLE_ENTRIES_OFF(geometry & 0xff)),
    };
}

// A new entry with the key, not yet in the index; NULL: there is no room.
static uint64_t *make(struct mct_table *table, const struct shape *shape,
                      const struct sought *sought, uint64_t geometry,
                      uint32_t *number) {
    if (__atomic_load_n(&table->used, __ATOMIC_RELAXED) >= shape->capacity)
        return 0;
    *number = __atomic_fetch_add(&table->used, 1, __ATOMIC_RELAXED);
    if (*number >= shape->capacity)
        return 0;
    // All who come first write the same.
    table->log2_entries = (uint8_t)geometry;
    table->key_words = (uint16_t)(geometry >> 16);
    table->cell_words = (uint16_t)(geometry >> 32);
    uint64_t *entry = shape->entries + *number * shape->entry_words;
    uint64_t *key = entry + 1 + (geometry >> 32 & 0xffff);
    for (uint32_t i = 0; i + 1 < sought->used; i++)
        key[i] = sought->words[i];
    key[sought->used - 1] = sought->last;
    mct_word_publish(&entry[0], MCT_ENTRY_STATE(sought->hash, sought->used));
    return entry;
}

static uint64_t *lose(void) {
    mct_cell_add(&MCT_HEADER->lost, 1);
    return 0;
}

COLD uint64_t *mct_agg_search(struct mct_table *table,
                              const struct sought *sought, uint64_t geometry);
uint64_t *mct_agg_search(struct mct_table *table, const struct sought *sought,
                         uint64_t geometry) {
    struct shape shape = shape_of(table, geometry);
    uint64_t state = MCT_ENTRY_STATE(sought->hash, sought->used);
    uint64_t mask = shape.capacity * 2 - 1, at = sought->hash >> 32 & mask;
    uint64_t *made = 0;
    uint32_t number = 0;
    for (int i = 0; i < MOST_PROBES; i++, at = (at + 1) & mask) {
        uint32_t seen = __atomic_load_n(&shape.index[at], __ATOMIC_ACQUIRE);
        if (seen == 0) {
            if (!made)
                made = make(table, &shape, sought, geometry, &number);
            if (!made)
                return lose();
            if (__atomic_compare_exchange_n(&shape.index[at], &seen, number + 1,
                                            false, __ATOMIC_ACQ_REL,
                                            __ATOMIC_ACQUIRE))
                return made + 1;
        }
        uint64_t *entry =
            shape.entries + (uint64_t)(seen - 1) * shape.entry_words;
        if (entry[0] == state &&
            is_sought(entry + 1 + (geometry >> 32 & 0xffff), sought)) {
            if (made)
                mct_word_publish(&made[0], MCT_ENTRY_EMPTY);
            return entry + 1;
        }
    }
    if (made)
        mct_word_publish(&made[0], MCT_ENTRY_EMPTY);
    return lose();
}

// Nearly always the first number is the one; that takes few registers.
INLINE uint64_t *find(struct mct_table *table, const struct sought *sought,
                      uint64_t geometry) {
    struct shape shape = shape_of(table, geometry);
    uint64_t at = sought->hash >> 32 & (shape.capacity * 2 - 1);
    uint32_t number = __atomic_load_n(&shape.index[at], __ATOMIC_ACQUIRE);
    uint64_t *entry =
        shape.entries + (uint64_t)(number - 1) * shape.entry_words;
    if (number != 0 &&
        entry[0] == MCT_ENTRY_STATE(sought->hash, sought->used) &&
        is_sought(entry + 1 + (geometry >> 32 & 0xffff), sought))
        return entry + 1;
    return mct_agg_search(table, sought, geometry);
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
