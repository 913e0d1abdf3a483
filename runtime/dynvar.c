// dynvar.c: elements of associative arrays.
//
// Open addressing with linear probing, as for aggregations, but elements are
// freed as well. An entry that is freed is passed over by searches until the
// one behind it is empty; then it and those before it become empty too, so
// that a table whose elements come and go stays quick.
//
// Making and freeing hold a lock, for empty entries must not appear while
// somebody looks for one to take. A probe never waits for long: who meets the
// lock in the hands of the thread that it interrupted, or for too long, gives
// up, and the loss is counted. A handler may have interrupted for good, by a
// jump; the stack tells.

#include "rt.h"

#define MOST_PROBES 512
#define MOST_WAITS  4096

struct place {
    uint64_t *entries;
    uint64_t entry_words, mask, state, at;
    uint32_t key_words;
};

static struct mct_dynvars *the_table(void) {
    return (struct mct_dynvars *)(mct_region + mct_config.dynvar_off);
}

// Of the calling thread, as the system numbers all threads. Asked for only by
// who changes what is there.
static uint32_t identity(void) {
#ifdef MCT_BARE
    return 1; // there is one
#else
    const struct mct_thread *thread = mct_thread_slowly();
    return thread ? thread->tid : 1;
#endif
}

static struct place first_place(const uint64_t *key, uint64_t used,
                                uint64_t geometry) {
    struct place place;
    uint64_t hash = mct_hash_key(key, used);
    place.key_words = geometry >> 16 & 0xffff;
    place.entry_words = 1 + place.key_words + (geometry >> 32 & 0xffff);
    place.entries = (uint64_t *)(the_table() + 1);
    place.mask = ((uint64_t)1 << (geometry & 0xff)) - 1;
    place.state = MCT_ENTRY_STATE(hash, used);
    place.at = hash >> 32 & place.mask;
    return place;
}

static uint64_t *entry_at(const struct place *place, uint64_t at) {
    return place->entries + (at & place->mask) * place->entry_words;
}

// The entry of the key; NULL: there is none. `*open_` becomes the first that a
// new one could take.
static uint64_t *search(struct place *place, const uint64_t *key, uint64_t used,
                        uint64_t **open_) {
    uint64_t most = place->mask < MOST_PROBES ? place->mask + 1 : MOST_PROBES;
    for (uint64_t i = 0; i < most; i++, place->at++) {
        uint64_t *entry = entry_at(place, place->at);
        uint64_t seen = mct_word_load(&entry[0]);
        if (seen == place->state && mct_key_equal(entry + 1, key, used))
            return entry;
        if (!(seen & MCT_ENTRY_FULL) && !*open_)
            *open_ = entry;
        if (seen == MCT_ENTRY_EMPTY)
            return 0;
    }
    return 0;
}

// By the upper half of the stack's end that the thread has now: if that was
// another, the answer is that it may still be there, or is right all the same.
static bool holder_left(uint64_t stack) {
    uint64_t part = ((uint64_t)1 << 36) - 1;
    uint64_t other = (stack & ~part) | (uint64_t)the_table()->stack << 4;
    return mct_is_left(other, stack);
}

static bool lock(void) {
    uint32_t own = identity();
    uint64_t stack = sys_stack() & ~(uint64_t)15;
    for (uint32_t i = 0; i < MOST_WAITS; i++) {
        uint32_t free = 0;
        if (__atomic_compare_exchange_n(&the_table()->lock, &free, own, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED) ||
            (free == own && holder_left(stack))) {
            the_table()->stack = (uint32_t)(stack >> 4);
            return true;
        }
        if (free == own)
            return false;
        sys_pause();
    }
    return false;
}

static void unlock(void) {
    __atomic_store_n(&the_table()->lock, 0, __ATOMIC_RELEASE);
}

static uint8_t *value_of(const struct place *place, uint64_t *entry) {
    return entry ? (uint8_t *)(entry + 1 + place->key_words) : 0;
}

uint8_t *mct_dynvar_find(const uint64_t *key, uint64_t used,
                         uint64_t geometry) {
    struct place place = first_place(key, used, geometry);
    uint64_t *open_ = 0;
    return value_of(&place, search(&place, key, used, &open_));
}

static uint64_t *fill(const struct place *place, uint64_t *entry,
                      const uint64_t *key, uint64_t used) {
    if (entry[0] == MCT_ENTRY_EMPTY)
        the_table()->used++;
    for (uint64_t i = 0; i < used; i++)
        entry[1 + i] = key[i];
    for (uint64_t i = 1 + place->key_words; i < place->entry_words; i++)
        entry[i] = 0;
    mct_word_publish(&entry[0], place->state);
    return entry;
}

uint8_t *mct_dynvar_make(const uint64_t *key, uint64_t used,
                         uint64_t geometry) {
    struct place place = first_place(key, used, geometry);
    uint64_t *open_ = 0, *entry = search(&place, key, used, &open_);
    if (entry)
        return value_of(&place, entry);
    if (lock()) {
        // Somebody may have been faster.
        place = first_place(key, used, geometry);
        open_ = 0;
        entry = search(&place, key, used, &open_);
        if (!entry && open_)
            entry = fill(&place, open_, key, used);
        unlock();
    }
    if (!entry)
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_DYNAMIC], 1);
    return value_of(&place, entry);
}

// What is freed at the end of a run of entries leaves no gap.
static void clear(const struct place *place, uint64_t *entry) {
    mct_word_publish(&entry[0], MCT_ENTRY_FREED);
    if (entry_at(place, place->at + 1)[0] != MCT_ENTRY_EMPTY)
        return;
    for (uint64_t i = 0, at = place->at; i <= place->mask; i++, at--) {
        uint64_t *before = entry_at(place, at);
        if (before[0] != MCT_ENTRY_FREED)
            break;
        mct_word_publish(&before[0], MCT_ENTRY_EMPTY);
        the_table()->used--;
    }
}

void mct_dynvar_free(const uint64_t *key, uint64_t used, uint64_t geometry) {
    struct place place = first_place(key, used, geometry);
    uint64_t *open_ = 0, *entry = search(&place, key, used, &open_);
    if (!entry)
        return;
    if (!lock()) {
        // It stays, as zero.
        mct_zero(value_of(&place, entry), (geometry >> 32 & 0xffff) * 8);
        return;
    }
    if (entry[0] == place.state && mct_key_equal(entry + 1, key, used))
        clear(&place, entry);
    unlock();
}
