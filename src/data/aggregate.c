// aggregate.c: aggregations as a reader gathers them.
//
// What a region holds, and what was drained of it into records, is added up
// by key with the code that the traced program uses. Actions of the script
// (clear, trunc, normalize) change what was gathered, never the region.
// An element all of whose cells are zero was never updated and is not added.
//
// Elements, their keys and the hash table lie in an arena of the table's own.
// trunc() moves what it keeps to a new one, so that a script that does it every
// second runs for days.

#include <stdlib.h>
#include <string.h>

#include "data/data.h"
#include "data/load.h"
#include "mctrace/aggs.h"

typedef unsigned __int128 u128;

// --- keys ---

static bool text_key(const struct agg_table *table, uint64_t off,
                     struct value *value) {
    if (off >= table->mapping->texts.n)
        return false;
    value->kind = VALUE_TEXT;
    value->text = str_from(table->mapping->texts.p + off);
    return true;
}

static void int_key(const struct mapping_key *key, uint64_t number,
                    struct value *value) {
    bool is_symbol = key->form.kind == IR_KEY_SYMBOL;
    value->kind = is_symbol ? VALUE_SYMBOL : VALUE_INT;
    value->number = is_symbol ? number : ir_wrap(number, key->type);
}

// Reads a column; returns the words it takes, 0 if it is damaged.
static size_t read_column(const struct agg_table *table,
                          const struct mapping_key *key, const uint8_t *p,
                          size_t words, struct value *value) {
    *value = (struct value){.type = key->type, .action = key->form.action};
    if (words == 0)
        return 0;
    uint64_t first = load_quickly(p, 8, table->mapping->order);
    switch ((enum ir_key_kind)key->form.kind) {
    case IR_KEY_TEXT: return text_key(table, first, value);
    case IR_KEY_STRING:
        value->kind = VALUE_TEXT;
        value->text.p = (const char *)p;
        value->text.n = strnlen(value->text.p, words * 8);
        return value->text.n < words * 8 ? value->text.n / 8 + 1 : 0;
    case IR_KEY_STACK:
        value->kind = VALUE_STACK;
        value->text = (struct str){(const char *)p + 8, (size_t)first * 8};
        return first < words ? (size_t)first + 1 : 0;
    default: int_key(key, first, value); return 1;
    }
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t len) {
    const uint8_t *p = data;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    for (; len > 0; p++, len--)
        hash = (hash ^ *p) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

static bool has_text(const struct value *value) {
    return value->kind != VALUE_INT && value->kind != VALUE_SYMBOL;
}

static uint64_t hash_keys(const struct value *keys, uint32_t count) {
    uint64_t hash = 1;
    for (uint32_t i = 0; i < count; i++)
        hash = has_text(&keys[i]) ? hash_bytes(hash + keys[i].text.n,
                                               keys[i].text.p, keys[i].text.n)
                                  : hash_bytes(hash, &keys[i].number, 8);
    return hash;
}

static bool keys_equal(const struct value *a, const struct value *b,
                       uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (has_text(&a[i]) ? !str_equal(a[i].text, b[i].text)
                            : a[i].number != b[i].number)
            return false;
    return true;
}

// --- tables ---

void agg_table_init(struct agg_table *table, struct arena *arena,
                    const struct mapping *mapping, size_t i) {
    const struct mapping_aggregation *aggregation = &mapping->aggregations[i];
    *table = (struct agg_table){
        .mapping = mapping,
        .aggregation = aggregation,
        .normal = 1,
        .keys = ARENA_ARRAY(arena, struct value, aggregation->key_count),
        .cells = ARENA_ARRAY(arena, uint64_t, aggregation->cell_count),
    };
}

void agg_table_free(struct agg_table *table) {
    arena_free(table->arena);
    table->arena = NULL;
}

// Where the keys' element is, or where a new one's place is.
static uint32_t *find_bucket(const struct agg_table *table,
                             const struct value *keys) {
    uint32_t key_count = table->aggregation->key_count;
    size_t mask = table->bucket_count - 1;
    size_t at = (size_t)hash_keys(keys, key_count) & mask;
    while (
        table->buckets[at] &&
        !keys_equal(table->items[table->buckets[at] - 1].keys, keys, key_count))
        at = (at + 1) & mask;
    return &table->buckets[at];
}

const struct agg_element *agg_table_find(const struct agg_table *table,
                                         const struct value *keys) {
    uint32_t found = table->bucket_count ? *find_bucket(table, keys) : 0;
    return found ? &table->items[found - 1] : NULL;
}

static void grow(struct agg_table *table) {
    if (!table->arena)
        table->arena = arena_new();
    if (table->count * 2 < table->bucket_count)
        return;
    table->bucket_count = table->bucket_count ? table->bucket_count * 4 : 16;
    table->buckets = ARENA_ARRAY(table->arena, uint32_t, table->bucket_count);
    for (size_t i = 0; i < table->count; i++)
        *find_bucket(table, table->items[i].keys) = (uint32_t)i + 1;
}

// A copy of the element becomes a new one.
static struct agg_element *insert(struct agg_table *table,
                                  const struct value *keys,
                                  const uint64_t *cells) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    grow(table);
    struct arena *arena = table->arena;
    struct agg_element *element =
        ARENA_PUSH(arena, table->items, table->count, table->room);
    element->keys = ARENA_ARRAY(arena, struct value, aggregation->key_count);
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        element->keys[i] = keys[i];
        if (has_text(&keys[i]))
            element->keys[i].text = str_copy(arena, keys[i].text);
    }
    element->cells = arena_grow(arena, cells, aggregation->cell_count * 8u,
                                aggregation->cell_count * 8u);
    *find_bucket(table, keys) = (uint32_t)table->count;
    return element;
}

// What a CPU added.
static void add_cpu(struct agg_table *table, struct agg_element *element,
                    uint32_t cpu, const uint64_t *cells) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    size_t len = (size_t)aggregation->cell_count * sizeof(uint64_t);
    if (cpu >= element->cpu_count) {
        element->cpus = arena_grow(table->arena, element->cpus,
                                   element->cpu_count * len, (cpu + 1) * len);
        element->cpu_count = cpu + 1;
    }
    mct_agg_merge(aggregation->function->id,
                  element->cpus + (size_t)cpu * aggregation->cell_count, cells,
                  aggregation->cell_count);
}

static struct agg_element *add_cells(struct agg_table *table,
                                     const struct value *keys,
                                     const uint64_t *cells) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t known = table->bucket_count ? *find_bucket(table, keys) : 0;
    if (!known)
        return insert(table, keys, cells);
    struct agg_element *element = &table->items[known - 1];
    mct_agg_merge(aggregation->function->id, element->cells, cells,
                  aggregation->cell_count);
    return element;
}

static void add(struct agg_table *table) {
    struct agg_element *element = add_cells(table, table->keys, table->cells);
    if (table->aggregation->has_cpu)
        add_cpu(table, element, table->cpu, table->cells);
}

// One of another table.
static void add_element(struct agg_table *table,
                        const struct agg_element *from) {
    struct agg_element *element = add_cells(table, from->keys, from->cells);
    for (uint32_t i = 0; i < from->cpu_count; i++)
        add_cpu(table, element, i,
                from->cpus + (size_t)i * table->aggregation->cell_count);
}

// Whether the element was ever updated.
static bool read_cells(struct agg_table *table, const uint8_t *cells) {
    uint64_t any = 0;
    for (uint32_t i = 0; i < table->aggregation->cell_count; i++) {
        table->cells[i] =
            load_quickly(cells + i * 8u, 8, table->mapping->order);
        any |= table->cells[i];
    }
    return any != 0;
}

bool agg_table_add_slot(struct agg_table *table, size_t slot,
                        const uint8_t *cells) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    if (!read_cells(table, cells))
        return true;
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        const struct mapping_key *key = &aggregation->keys[i];
        uint64_t number = aggregation->slots[slot].keys[i];
        table->keys[i] =
            (struct value){.type = key->type, .action = key->form.action};
        if (key->type.kind != IR_STRING)
            int_key(key, number, &table->keys[i]);
        else if (!text_key(table, number, &table->keys[i]))
            return false;
    }
    add(table);
    return true;
}

bool agg_table_add_key(struct agg_table *table, const uint8_t *key,
                       size_t words, const uint8_t *cells) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    if (!read_cells(table, cells))
        return true;
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        size_t used = read_column(table, &aggregation->keys[i], key, words,
                                  &table->keys[i]);
        if (used == 0)
            return false;
        key += used * 8;
        words -= used;
    }
    if (aggregation->has_cpu && words == 0)
        return false;
    if (aggregation->has_cpu) {
        uint64_t cpu = load_quickly(key, 8, table->mapping->order);
        if (cpu > UINT16_MAX)
            return false;
        table->cpu = (uint32_t)cpu;
    }
    add(table);
    return true;
}

void agg_table_clear(struct agg_table *table) {
    size_t len = table->aggregation->cell_count * sizeof(uint64_t);
    for (size_t i = 0; i < table->count; i++) {
        struct agg_element *element = &table->items[i];
        memset(element->cells, 0, len);
        if (element->cpus)
            memset(element->cpus, 0, len * element->cpu_count);
    }
}

// The arena of what it held is the caller's.
static void forget(struct agg_table *table) {
    table->arena = NULL;
    table->items = NULL;
    table->buckets = NULL;
    table->count = table->room = table->bucket_count = 0;
}

void agg_table_trunc(struct agg_table *table, int64_t keep) {
    struct arena *old = table->arena;
    size_t count = 0, most = (size_t)mct_magnitude(keep);
    struct agg_row *rows = NULL;
    if (old && keep != 0) {
        struct agg_order order = {.is_reverse = keep > 0};
        rows = agg_rows(old, &table, 1, &order, &count);
    }
    forget(table);
    for (size_t i = 0; i < count && i < most; i++)
        add_element(table, rows[i].elements[0]);
    arena_free(old);
}

// --- names ---

// What addresses with one name have in common: where what they are in begins.
static bool name_key(struct value *key, const struct symbol_source *symbols,
                     uint32_t pid) {
    struct named_address found;
    uint64_t before = key->number;
    if (key->kind != VALUE_SYMBOL || key->action == IR_ACTION_UADDR ||
        !symbols->find(symbols->state, pid, key->number, &found))
        return false;
    if (key->action == IR_ACTION_UMOD || key->action == IR_ACTION_MOD)
        key->number = found.module_start;
    else if (found.name.n > 0)
        key->number = found.start;
    return key->number != before;
}

static bool name_keys(struct agg_table *table,
                      const struct symbol_source *symbols, uint32_t pid) {
    bool any = false;
    for (size_t i = 0; i < table->count; i++)
        for (uint32_t k = 0; k < table->aggregation->key_count; k++)
            any |= name_key(&table->items[i].keys[k], symbols, pid);
    return any;
}

void agg_table_name(struct agg_table *table,
                    const struct symbol_source *symbols, uint32_t pid) {
    if (!symbols->find || !name_keys(table, symbols, pid))
        return;
    struct arena *old = table->arena;
    struct agg_element *items = table->items;
    size_t count = table->count;
    forget(table);
    for (size_t i = 0; i < count; i++)
        add_element(table, &items[i]);
    arena_free(old);
}

// --- values ---

static u128 square_root(u128 n) {
    u128 root = 0, bit = (u128)1 << 126;
    while (bit > n)
        bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        bool fits = n >= root + bit;
        if (fits)
            n -= root + bit;
        root = fits ? (root >> 1) + bit : root >> 1;
    }
    return root;
}

// Truncating towards zero; 0 when there is nothing to divide by.
static int64_t divide(int64_t sum, uint64_t by) {
    uint64_t magnitude = by ? mct_magnitude(sum) / by : 0;
    return (int64_t)(sum < 0 ? 0 - magnitude : magnitude);
}

static int64_t deviation(const uint64_t *cells, uint64_t normal) {
    if (cells[0] == 0)
        return 0;
    u128 squares = ((u128)cells[3] << 64 | cells[2]) / normal / cells[0];
    uint64_t mean =
        mct_magnitude(divide(divide((int64_t)cells[1], normal), cells[0]));
    u128 square = (u128)mean * mean;
    return (int64_t)square_root(squares > square ? squares - square : 0);
}

static int64_t plain_value(const struct mapping_aggregation *aggregation,
                           const uint64_t *cells) {
    switch (aggregation->function->id) {
    case MCT_AGG_sum: return (int64_t)cells[1];
    case MCT_AGG_min: return mct_decode_min(cells[1]);
    case MCT_AGG_max: return mct_decode_max(cells[1]);
    default: return (int64_t)cells[0];
    }
}

int64_t agg_value(const struct mapping_aggregation *aggregation,
                  const struct agg_element *element, uint64_t normal,
                  bool is_signed) {
    if (!element)
        return 0;
    const uint64_t *cells = element->cells;
    if (aggregation->function->id == MCT_AGG_avg)
        return divide(divide((int64_t)cells[1], normal), cells[0]);
    if (aggregation->function->id == MCT_AGG_stddev)
        return deviation(cells, normal);
    int64_t value = plain_value(aggregation, cells);
    return is_signed ? divide(value, normal)
                     : (int64_t)((uint64_t)value / normal);
}

// --- their order ---

static int compare_ints(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

// DTrace adds up in `long double` too; ties are decided by the count at zero.
static int compare_distributions(const struct mapping_aggregation *aggregation,
                                 const struct agg_element *a,
                                 const struct agg_element *b) {
    long double sum_a = 0, sum_b = 0;
    int64_t zero_a = 0, zero_b = 0;
    for (uint32_t i = 0; i < buckets_of(aggregation); i++) {
        int64_t in_a = a ? (int64_t)a->cells[i] : 0;
        int64_t in_b = b ? (int64_t)b->cells[i] : 0;
        if (in_a == 0 && in_b == 0)
            continue;
        int64_t weight = hist_weight(aggregation, i);
        sum_a += (long double)in_a * (long double)weight;
        sum_b += (long double)in_b * (long double)weight;
        if (weight == 0) {
            zero_a = in_a;
            zero_b = in_b;
        }
    }
    if (sum_a != sum_b)
        return sum_a < sum_b ? -1 : 1;
    return compare_ints(zero_a, zero_b);
}

static int compare_values(const struct mapping_aggregation *aggregation,
                          const struct agg_element *a,
                          const struct agg_element *b) {
    if (agg_is_distribution(aggregation))
        return compare_distributions(aggregation, a, b);
    return compare_ints(agg_value(aggregation, a, 1, true),
                        agg_value(aggregation, b, 1, true));
}

// Integer keys compare as unsigned numbers of their size, as in DTrace.
static int compare_column(const struct value *a, const struct value *b) {
    if (has_text(a))
        return str_compare(a->text, b->text);
    struct ir_type unsigned_type = a->type;
    unsigned_type.is_signed = false;
    uint64_t left = ir_wrap(a->number, unsigned_type);
    uint64_t right = ir_wrap(b->number, unsigned_type);
    return left < right ? -1 : left > right;
}

int keys_compare(const struct value *a, const struct value *b, uint32_t count,
                 uint64_t first) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t column = (uint32_t)((first < count ? first + i : i) % count);
        int order = compare_column(&a[column], &b[column]);
        if (order)
            return order;
    }
    return 0;
}

struct ordering {
    struct agg_table *const *tables;
    uint32_t table_count;
    const struct agg_order *order;
};

static int compare_rows(const void *left, const void *right, void *context) {
    const struct ordering *ordering = context;
    const struct agg_row *a = left, *b = right;
    const struct agg_order *by = ordering->order;
    uint32_t count = ordering->table_count;
    int order = 0;
    for (uint32_t i = 0; !by->by_key && order == 0 && i < count; i++) {
        uint32_t at =
            (uint32_t)((by->agg_pos < count ? by->agg_pos + i : i) % count);
        order = compare_values(ordering->tables[at]->aggregation,
                               a->elements[at], b->elements[at]);
    }
    if (order == 0)
        order = keys_compare(a->keys, b->keys,
                             ordering->tables[0]->aggregation->key_count,
                             by->key_pos);
    return by->is_reverse ? -order : order;
}

struct agg_order agg_order_of(const struct ir_options *options) {
    const int64_t *values = options->values;
    return (struct agg_order){
        .by_key = values[IR_OPTION_aggsortkey] != 0,
        .is_reverse = values[IR_OPTION_aggsortrev] != 0,
        .key_pos = (uint64_t)values[IR_OPTION_aggsortkeypos],
        .agg_pos = (uint64_t)values[IR_OPTION_aggsortpos],
    };
}

// Whether a table before `at` has the keys, and so their row.
static bool is_in_row(struct agg_table *const *tables, uint32_t at,
                      const struct value *keys) {
    for (uint32_t i = 0; i < at; i++)
        if (agg_table_find(tables[i], keys))
            return true;
    return false;
}

struct agg_row *agg_rows(struct arena *arena, struct agg_table *const *tables,
                         uint32_t table_count, const struct agg_order *order,
                         size_t *count) {
    size_t most = 0, n = 0;
    for (uint32_t i = 0; i < table_count; i++)
        most += tables[i]->count;
    struct agg_row *rows = ARENA_ARRAY(arena, struct agg_row, most);
    const struct agg_element **elements =
        ARENA_ARRAY(arena, const struct agg_element *, most *table_count);
    for (uint32_t i = 0; i < table_count; i++)
        for (size_t k = 0; k < tables[i]->count; k++) {
            const struct agg_element *element = &tables[i]->items[k];
            if (is_in_row(tables, i, element->keys))
                continue;
            rows[n] =
                (struct agg_row){element->keys, elements + n * table_count};
            for (uint32_t t = 0; t < table_count; t++)
                rows[n].elements[t] =
                    table_count == 1 ? element
                                     : agg_table_find(tables[t], element->keys);
            n++;
        }
    struct ordering ordering = {tables, table_count, order};
    if (n > 1)
        qsort_r(rows, n, sizeof *rows, compare_rows, &ordering);
    *count = n;
    return rows;
}
