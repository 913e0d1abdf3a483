// map.c: a hash table from text or number to a pointer, and a 128-bit hash.
//
// Open addressing with linear probing; the table doubles when it is three
// quarters full. Nothing is ever removed. A number and a text are different
// keys, whatever their bytes. The order of entries is never visible, so that
// what mctrace writes does not depend on it.

#include <string.h>

#include "base/base.h"

enum key_kind { KEY_NONE, KEY_TEXT, KEY_NUMBER };

struct map_entry {
    enum key_kind kind;
    uint64_t number; // the key, or the hash of `text`
    struct str text;
    void *value;
};

void map_init(struct map *map, struct arena *arena) {
    *map = (struct map){.arena = arena};
}

// The finishing mix of MurmurHash3: every bit of the input reaches every bit
// of the result.
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
    return x ^ x >> 33;
}

static uint64_t hash_text(struct str s) {
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (size_t i = 0; i < s.n; i++)
        hash = (hash ^ (uint8_t)s.p[i]) * 0x100000001b3;
    return hash;
}

// The entry of a key, or the empty one where it would stand.
static struct map_entry *find(const struct map *map,
                              const struct map_entry *key) {
    size_t mask = map->room - 1;
    for (size_t i = mix(key->number) & mask;; i = (i + 1) & mask) {
        struct map_entry *entry = &map->entries[i];
        if (entry->kind == KEY_NONE)
            return entry;
        if (entry->kind == key->kind && entry->number == key->number &&
            (key->kind == KEY_NUMBER || str_equal(entry->text, key->text)))
            return entry;
    }
}

static void grow(struct map *map) {
    struct map bigger = {.arena = map->arena, .count = map->count};
    bigger.room = map->room ? map->room * 2 : 16;
    bigger.entries = ARENA_ARRAY(map->arena, struct map_entry, bigger.room);
    for (size_t i = 0; i < map->room; i++)
        if (map->entries[i].kind != KEY_NONE)
            *find(&bigger, &map->entries[i]) = map->entries[i];
    *map = bigger;
}

static void *get(const struct map *map, struct map_entry key) {
    return map->room ? find(map, &key)->value : NULL;
}

static void put(struct map *map, struct map_entry key) {
    if (map->count >= map->room / 4 * 3)
        grow(map);
    struct map_entry *entry = find(map, &key);
    map->count += entry->kind == KEY_NONE;
    *entry = key;
}

void *map_get(const struct map *map, struct str key) {
    return get(map, (struct map_entry){.kind = KEY_TEXT,
                                       .number = hash_text(key),
                                       .text = key});
}

void map_put(struct map *map, struct str key, void *value) {
    put(map, (struct map_entry){.kind = KEY_TEXT,
                                .number = hash_text(key),
                                .text = key,
                                .value = value});
}

void *map_get_number(const struct map *map, uint64_t key) {
    return get(map, (struct map_entry){.kind = KEY_NUMBER, .number = key});
}

void map_put_number(struct map *map, uint64_t key, void *value) {
    put(map,
        (struct map_entry){.kind = KEY_NUMBER, .number = key, .value = value});
}

static uint64_t rotate(uint64_t x, unsigned by) {
    return x << by | x >> (64 - by);
}

// Written as shifts, which compilers turn into one load: the generic
// load_uint would cost most of the time spent on a large image.
static uint64_t load_little(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
           (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
           (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

// MurmurHash3 x64 128, by Austin Appleby, with the state as seed.
struct hash128 hash128_add(struct hash128 state, const void *data, size_t len) {
    const uint64_t k1 = 0x87c37b91114253d5, k2 = 0x4cf5ad432745937f;
    uint64_t a = load_little(state.bytes), b = load_little(state.bytes + 8);
    const uint8_t *p = data;
    size_t left = len;
    for (; left >= 16; left -= 16, p += 16) {
        a ^= rotate(load_little(p) * k1, 31) * k2;
        a = (rotate(a, 27) + b) * 5 + 0x52dce729;
        b ^= rotate(load_little(p + 8) * k2, 33) * k1;
        b = (rotate(b, 31) + a) * 5 + 0x38495ab5;
    }
    uint8_t tail[16] = {0};
    if (left)
        memcpy(tail, p, left);
    a ^= rotate(load_little(tail) * k1, 31) * k2 ^ len;
    b ^= rotate(load_little(tail + 8) * k2, 33) * k1 ^ len;
    a += b;
    b += a;
    a = mix(a);
    b = mix(b);
    a += b;
    b += a;
    store_uint(state.bytes, a, 8, ORDER_LITTLE);
    store_uint(state.bytes + 8, b, 8, ORDER_LITTLE);
    return state;
}
