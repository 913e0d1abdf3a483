// region.c: what the bytes of a region say.
//
// The mapping has been checked, and telemetry_check() compares the header with
// it, so from there on every offset of the mapping lies within the region. The
// contents are believed in nothing: a table entry that names a text that does
// not exist is counted as damaged and left out.
//
// An aggregation's elements stand at fixed places (slots) or in a table, and
// a key may stand in a table twice (region.h says why): all that have one key
// are merged. An element all of whose cells are zero was never updated.

#include <stdlib.h>
#include <string.h>

#include "data/data.h"
#include "mctrace/aggs.h"

typedef unsigned __int128 u128;

#define HEADER_UINT(telemetry, field)                                          \
    header_uint((telemetry), offsetof(struct mct_region, field),               \
                sizeof((struct mct_region *)0)->field)

static uint64_t header_uint(const struct telemetry *telemetry, size_t off,
                            size_t len) {
    return load_uint(telemetry->region.p + off, len, telemetry->mapping->order);
}

// --- the header ---

bool region_is_here(struct slice bytes) {
    return bytes.n >= 8 && memcmp(bytes.p, MCT_REGION_MAGIC, 8) == 0;
}

static bool is_zero(struct slice bytes) {
    for (size_t i = 0; i < bytes.n; i++)
        if (bytes.p[i] != 0)
            return false;
    return true;
}

// Why bytes that should begin with the magic do not.
static void report_no_magic(struct slice bytes, const char *name,
                            struct diag *diag) {
    if (bytes.n == 0)
        diag_error_at(diag, T_TRUNCATED, name,
                      "the file is empty: has the instrumented program run?");
    else if (bytes.n < 8 && memcmp(bytes.p, MCT_REGION_MAGIC, bytes.n) == 0)
        diag_error_at(diag, T_TRUNCATED, name, "the file ends after %zu bytes",
                      bytes.n);
    else if (is_zero(bytes))
        diag_error_at(diag, T_FORMAT, name,
                      "the file holds nothing but zeros: the instrumented "
                      "program did not come as far as to start");
    else if (bytes.n >= 4 && memcmp(bytes.p, MCT_REGION_MAGIC, 4) == 0)
        diag_error_at(diag, T_DAMAGED, name,
                      "the file was changed on its way here (sent as text?)");
    else if (bytes.n >= 4 && memcmp(bytes.p,
                                    "\x7f"
                                    "ELF",
                                    4) == 0)
        diag_error_at(diag, T_FORMAT, name,
                      "this is a program, not what it recorded");
    else
        diag_error_at(diag, T_FORMAT, name, "this is no telemetry file");
}

static struct str hex(struct arena *arena, const uint8_t *p, size_t len) {
    char *text = arena_alloc(arena, len * 2 + 1);
    for (size_t i = 0; i < len; i++)
        snprintf(text + i * 2, 3, "%02x", p[i]);
    return (struct str){text, len * 2};
}

static bool check_identity(const struct telemetry *telemetry, const char *name,
                           struct diag *diag) {
    const struct mapping *mapping = telemetry->mapping;
    const uint8_t *found =
        telemetry->region.p + offsetof(struct mct_region, identity);
    if (memcmp(found, mapping->identity, sizeof mapping->identity) == 0)
        return true;
    struct arena *arena = telemetry->arena;
    diag_error_at(diag, T_IDENTITY, name,
                  "recorded by another instrumented program (%s) than the "
                  "mapping describes (%.*s, %s)",
                  hex(arena, found, 16).p, STR_ARGS(mapping->program),
                  hex(arena, mapping->identity, 16).p);
    diag_help(diag, "a mapping goes with the output of the same `mctrace "
                    "instrument`");
    return false;
}

// Variables and aggregations lie one behind the other, within the region.
static bool has_sound_places(const struct telemetry *telemetry) {
    uint64_t limit = HEADER_UINT(telemetry, region_len);
    uint64_t vars_off = HEADER_UINT(telemetry, vars_off);
    uint64_t vars_len = HEADER_UINT(telemetry, vars_len);
    uint64_t aggs_off = HEADER_UINT(telemetry, aggs_off);
    uint64_t aggs_len = HEADER_UINT(telemetry, aggs_len);
    return vars_off >= sizeof(struct mct_region) && vars_off <= aggs_off &&
           vars_len <= aggs_off - vars_off && aggs_off <= limit &&
           aggs_len <= limit - aggs_off;
}

// Identity before lengths: another binary's file may well be shorter.
static bool check_header(const struct telemetry *telemetry, const char *name,
                         struct diag *diag) {
    const struct mapping *mapping = telemetry->mapping;
    uint64_t version = HEADER_UINT(telemetry, version);
    uint64_t header_len = HEADER_UINT(telemetry, header_len);
    uint64_t region_len = HEADER_UINT(telemetry, region_len);
    const char *orders[] = {"little", "big"};
    if (HEADER_UINT(telemetry, byte_order) != MCT_BYTE_ORDER) {
        diag_error_at(diag, T_DAMAGED, name,
                      "its byte order is not %s-endian as the mapping says",
                      orders[mapping->order == ORDER_BIG]);
        return false;
    }
    if (version != MCT_REGION_VERSION) {
        diag_error_at(diag, T_VERSION, name,
                      "telemetry of version %llu; this mctrace reads %d",
                      (unsigned long long)version, MCT_REGION_VERSION);
        return false;
    }
    if (!check_identity(telemetry, name, diag))
        return false;
    if (HEADER_UINT(telemetry, word_bits) != mapping->word_bits ||
        !has_sound_places(telemetry)) {
        diag_error_at(diag, T_DAMAGED, name,
                      "the header contradicts itself or the mapping");
        return false;
    }
    if (header_len != sizeof(struct mct_region) ||
        region_len != mapping->region_len) {
        diag_error_at(
            diag, T_DAMAGED, name,
            "the header says %llu bytes behind a header of %llu, the "
            "mapping %llu behind %zu",
            (unsigned long long)region_len, (unsigned long long)header_len,
            (unsigned long long)mapping->region_len, sizeof(struct mct_region));
        return false;
    }
    if (telemetry->region.n < region_len) {
        diag_error_at(diag, T_TRUNCATED, name,
                      "the file ends after %zu of %llu bytes",
                      telemetry->region.n, (unsigned long long)region_len);
        return false;
    }
    return true;
}

bool telemetry_check(struct arena *arena, struct slice region, const char *name,
                     const struct mapping *mapping, struct telemetry *telemetry,
                     struct diag *diag) {
    *telemetry = (struct telemetry){.mapping = mapping, .arena = arena};
    if (!region_is_here(region)) {
        report_no_magic(region, name, diag);
        return false;
    }
    if (region.n < sizeof(struct mct_region)) {
        diag_error_at(diag, T_TRUNCATED, name,
                      "the file ends after %zu bytes, within its header",
                      region.n);
        return false;
    }
    telemetry->region = region;
    if (!check_header(telemetry, name, diag)) {
        telemetry->region = (struct slice){0};
        return false;
    }
    telemetry->lost = HEADER_UINT(telemetry, lost);
    telemetry->faults = HEADER_UINT(telemetry, faults);
    telemetry->sites = HEADER_UINT(telemetry, sites);
    telemetry->missed = HEADER_UINT(telemetry, missed);
    telemetry->pid = HEADER_UINT(telemetry, pid);
    telemetry->state = (uint32_t)HEADER_UINT(telemetry, state);
    telemetry->attached = (uint32_t)HEADER_UINT(telemetry, attached);
    telemetry->images = (uint32_t)HEADER_UINT(telemetry, images);
    telemetry->exit_status = (int32_t)HEADER_UINT(telemetry, exit_status);
    return true;
}

// --- variables ---

struct value telemetry_variable(const struct telemetry *telemetry, size_t i) {
    const struct mapping_variable *variable = &telemetry->mapping->variables[i];
    const uint8_t *p = telemetry->region.p + variable->off;
    struct value value = {.type = variable->type};
    if (variable->type.kind == IR_STRING)
        value.text = (struct str){(const char *)p,
                                  strnlen((const char *)p, variable->size)};
    else
        value.number =
            ir_wrap(load_uint(p, variable->size, telemetry->mapping->order),
                    variable->type);
    return value;
}

// --- elements ---

struct gathered {
    struct telemetry *telemetry;
    const struct mapping_aggregation *aggregation;
    struct map by_key; // of struct agg_element
    struct agg_element *items;
    size_t count, room;
};

static bool key_to_value(const struct mapping *mapping, struct ir_type type,
                         uint64_t key, struct value *value) {
    *value = (struct value){.type = type, .number = ir_wrap(key, type)};
    if (type.kind != IR_STRING)
        return true;
    if (key >= mapping->texts.n)
        return false;
    value->text = str_from(mapping->texts.p + key);
    return true;
}

static void merge_cells(const struct mapping_aggregation *aggregation,
                        uint64_t *into, const uint64_t *from) {
    // The same code as in the traced program.
    mct_agg_merge(aggregation->function->id, into, from,
                  aggregation->cell_count);
}

// Adds what stands at `cells` under `keys`, numbers of 64 bits as stored.
static void gather(struct gathered *all, const uint64_t *keys,
                   const uint8_t *cells) {
    const struct mapping_aggregation *aggregation = all->aggregation;
    const struct mapping *mapping = all->telemetry->mapping;
    struct arena *arena = all->telemetry->arena;
    if (is_zero((struct slice){cells, aggregation->cell_count * 8u}))
        return;
    uint64_t *numbers = ARENA_ARRAY(arena, uint64_t, aggregation->cell_count);
    for (uint32_t i = 0; i < aggregation->cell_count; i++)
        numbers[i] = load_uint(cells + i * 8u, 8, mapping->order);
    struct value *values =
        ARENA_ARRAY(arena, struct value, aggregation->key_count);
    uint64_t *words = ARENA_ARRAY(arena, uint64_t, aggregation->key_count);
    for (uint32_t i = 0; i < aggregation->key_count; i++) {
        if (!key_to_value(mapping, aggregation->keys[i].type, keys[i],
                          &values[i])) {
            all->telemetry->damaged++;
            return;
        }
        words[i] = values[i].number;
    }
    struct str key = {(const char *)words, aggregation->key_count * 8u};
    size_t known = (size_t)(uintptr_t)map_get(&all->by_key, key);
    if (known) {
        merge_cells(aggregation, all->items[known - 1].cells, numbers);
        return;
    }
    *ARENA_PUSH(arena, all->items, all->count, all->room) =
        (struct agg_element){values, numbers};
    map_put(&all->by_key, key, (void *)(uintptr_t)all->count);
}

static void gather_table(struct gathered *all) {
    const struct mapping_aggregation *aggregation = all->aggregation;
    const struct mapping *mapping = all->telemetry->mapping;
    uint32_t key_count = aggregation->key_count;
    uint64_t entry_len =
        (1 + (uint64_t)key_count + aggregation->cell_count) * 8;
    const uint8_t *entry = all->telemetry->region.p + aggregation->table_off +
                           sizeof(struct mct_table);
    uint64_t *keys = ARENA_ARRAY(all->telemetry->arena, uint64_t, key_count);
    for (uint64_t i = 0; i < (uint64_t)1 << aggregation->table_log2; i++) {
        uint64_t state = load_uint(entry, 8, mapping->order);
        for (uint32_t k = 0; k < key_count; k++)
            keys[k] = load_uint(entry + 8 + k * 8u, 8, mapping->order);
        if (state & MCT_ENTRY_FULL)
            gather(all, keys, entry + 8 + key_count * 8u);
        entry += entry_len;
    }
}

// --- their order ---

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
static int64_t average(int64_t sum, uint64_t count) {
    uint64_t magnitude = count ? mct_magnitude(sum) / count : 0;
    return (int64_t)(sum < 0 ? 0 - magnitude : magnitude);
}

static int64_t deviation(const uint64_t *cells) {
    if (cells[0] == 0)
        return 0;
    u128 squares = ((u128)cells[3] << 64 | cells[2]) / cells[0];
    uint64_t mean = mct_magnitude(average((int64_t)cells[1], cells[0]));
    u128 square = (u128)mean * mean;
    return (int64_t)square_root(squares > square ? squares - square : 0);
}

int64_t agg_value(const struct mapping_aggregation *aggregation,
                  const struct agg_element *element) {
    const uint64_t *cells = element->cells;
    switch (aggregation->function->id) {
    case MCT_AGG_sum: return (int64_t)cells[1];
    case MCT_AGG_min: return mct_decode_min(cells[1]);
    case MCT_AGG_max: return mct_decode_max(cells[1]);
    case MCT_AGG_avg: return average((int64_t)cells[1], cells[0]);
    case MCT_AGG_stddev: return deviation(cells);
    default: return (int64_t)cells[0];
    }
}

static int compare_ints(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

// DTrace adds up in `long double` too; ties are decided by the count at zero.
static int compare_distributions(const struct mapping_aggregation *aggregation,
                                 const uint64_t *a, const uint64_t *b) {
    long double sum_a = 0, sum_b = 0;
    int64_t zero_a = 0, zero_b = 0;
    for (uint32_t i = 0; i < aggregation->cell_count; i++) {
        if (a[i] == 0 && b[i] == 0)
            continue;
        int64_t weight = hist_weight(aggregation, i);
        sum_a += (long double)(int64_t)a[i] * (long double)weight;
        sum_b += (long double)(int64_t)b[i] * (long double)weight;
        if (weight == 0) {
            zero_a = (int64_t)a[i];
            zero_b = (int64_t)b[i];
        }
    }
    if (sum_a != sum_b)
        return sum_a < sum_b ? -1 : 1;
    return compare_ints(zero_a, zero_b);
}

// Integer keys compare as unsigned numbers of their size, as in DTrace.
static int compare_keys(const struct value *a, const struct value *b,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct ir_type unsigned_type = a[i].type;
        unsigned_type.is_signed = false;
        uint64_t left = ir_wrap(a[i].number, unsigned_type);
        uint64_t right = ir_wrap(b[i].number, unsigned_type);
        int order = a[i].type.kind == IR_STRING
                        ? str_compare(a[i].text, b[i].text)
                        : (left < right ? -1 : left > right);
        if (order)
            return order;
    }
    return 0;
}

static int compare_elements(const void *left, const void *right,
                            void *context) {
    const struct mapping_aggregation *aggregation = context;
    const struct agg_element *a = left, *b = right;
    int order = agg_is_distribution(aggregation)
                    ? compare_distributions(aggregation, a->cells, b->cells)
                    : compare_ints(agg_value(aggregation, a),
                                   agg_value(aggregation, b));
    return order ? order
                 : compare_keys(a->keys, b->keys, aggregation->key_count);
}

struct agg_element *telemetry_elements(struct telemetry *telemetry, size_t i,
                                       size_t *count) {
    struct mapping_aggregation *aggregation =
        &telemetry->mapping->aggregations[i];
    struct gathered all = {.telemetry = telemetry, .aggregation = aggregation};
    map_init(&all.by_key, telemetry->arena);
    for (size_t k = 0; k < aggregation->slot_count; k++)
        gather(&all, aggregation->slots[k].keys,
               telemetry->region.p + aggregation->slots[k].off);
    if (aggregation->has_table)
        gather_table(&all);
    if (all.count > 1)
        qsort_r(all.items, all.count, sizeof *all.items, compare_elements,
                aggregation);
    *count = all.count;
    return all.items;
}
