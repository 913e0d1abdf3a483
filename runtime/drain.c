// drain.c: an aggregation's contents into the records.
//
// printa(), clear() and their kind are done by the reader, to what it has of
// an aggregation. So that this is what was there at that moment, the elements
// are taken out of the region, each cell exchanged for zero, and recorded
// ahead; the region goes on from nothing, and nothing is lost between. Under
// a reader that watches (MCT_CONFIG_LIVE), which takes them out itself from
// time to time, that is not done: as in DTrace it sees what it last took.

#include "rt.h"

// A record of one element.
struct drained {
    struct mct_drain_record head;
    struct mct_drain_element element;
};

static bool is_untouched(const uint64_t *cells, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (mct_word_glance(&cells[i]) != 0)
            return false;
    return true;
}

static uint64_t *begin_record(struct mct_firing *firing, uint64_t len) {
    if (len <= MCT_MOST_RECORD)
        return (uint64_t *)mct_record_reserve(firing->thread, len);
    mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
    return 0;
}

// One without room keeps its cells.
static void drain_element(struct mct_firing *firing, uint32_t aggregation,
                          uint32_t where, const uint64_t *key,
                          uint32_t key_words, uint64_t *cells,
                          uint32_t cell_words) {
    if (is_untouched(cells, cell_words))
        return;
    uint64_t len = sizeof(struct mct_record) + sizeof(struct drained) +
                   8 * ((uint64_t)key_words + cell_words);
    uint64_t *at = begin_record(firing, len);
    if (!at)
        return;
    struct mct_record *record = (struct mct_record *)at;
    struct drained *drained = (struct drained *)(record + 1);
    uint64_t *out = (uint64_t *)(drained + 1);
    record->time = mct_now();
    drained->head = (struct mct_drain_record){aggregation, 1};
    drained->element = (struct mct_drain_element){where, key_words};
    for (uint32_t i = 0; i < key_words; i++)
        *out++ = key[i];
    for (uint32_t i = 0; i < cell_words; i++)
        *out++ = mct_word_drain(&cells[i]);
    mct_record_commit(firing->thread, at, MCT_ENABLING_DRAIN, len);
}

static void drain_table(struct mct_firing *firing, uint32_t aggregation,
                        const struct mct_drain_info *info) {
    struct mct_table *table =
        (struct mct_table *)(mct_region + info->table_off);
    uint64_t *entry = (uint64_t *)((uint8_t *)table +
                                   MCT_TABLE_ENTRIES_OFF(info->log2_entries));
    uint64_t words = MCT_ENTRY_WORDS(info->key_words, info->cell_words);
    uint64_t used = __atomic_load_n(&table->used, __ATOMIC_RELAXED);
    uint64_t most = (uint64_t)1 << info->log2_entries;
    for (uint64_t i = 0; i < used && i < most; i++, entry += words) {
        uint64_t state = mct_word_load(&entry[0]);
        if (state & MCT_ENTRY_FULL)
            drain_element(firing, aggregation, MCT_DRAIN_KEYED,
                          entry + 1 + info->cell_words, MCT_ENTRY_USED(state),
                          entry + 1, info->cell_words);
    }
}

void mct_drain(struct mct_firing *firing, uint64_t aggregation) {
    if (mct_config.flags & MCT_CONFIG_LIVE)
        return;
    const struct mct_drain_info *info = &mct_drains[aggregation];
    const uint64_t *slots =
        (const uint64_t *)((const uint8_t *)mct_drains + info->slots_off);
    for (uint32_t i = 0; i < info->slot_count; i++)
        drain_element(firing, (uint32_t)aggregation, i, 0, 0,
                      (uint64_t *)(mct_region + slots[i]), info->cell_words);
    if (info->table_off != 0)
        drain_table(firing, (uint32_t)aggregation, info);
}
