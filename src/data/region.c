// region.c: what the bytes of a region say.
//
// The mapping has been checked, and telemetry_check() compares the header with
// it, so from there on every offset of the mapping lies within the region. The
// contents are believed in nothing: a table entry that names a text that does
// not exist is counted as damaged and left out.
//
// An aggregation's elements stand at fixed places (slots) or in a table, and
// a key may stand in a table twice (region.h says why); aggregate.c merges.

#include <stdlib.h>
#include <string.h>

#include "data/data.h"
#include "mctrace/region.h"

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
    for (size_t i = 0; i < MCT_DROP_COUNT; i++)
        telemetry->drops[i] = header_uint(
            telemetry, offsetof(struct mct_region, drops) + i * 8, 8);
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

static struct value read_value(const struct mapping *mapping,
                               const struct mapping_variable *variable,
                               const uint8_t *p) {
    struct value value = {.type = variable->type,
                          .data_type = variable->data_type};
    const char *text = (const char *)p;
    if (variable->type.kind == IR_STRING) {
        value.kind = VALUE_TEXT;
        value.text = (struct str){text, strnlen(text, variable->size)};
    } else if (variable->type.kind == IR_BLOCK) {
        value.kind = VALUE_BLOCK;
        value.text = (struct str){text, variable->size};
    } else {
        value.number = ir_wrap(load_uint(p, variable->size, mapping->order),
                               variable->type);
    }
    return value;
}

struct value telemetry_variable(const struct telemetry *telemetry, size_t i) {
    const struct mapping_variable *variable = &telemetry->mapping->variables[i];
    return read_value(telemetry->mapping, variable,
                      telemetry->region.p + variable->off);
}

// --- associative arrays ---

// False: a text has no end within the key.
static bool read_array_key(const struct mapping *mapping,
                           const struct mapping_array *array, const uint8_t *p,
                           struct value *keys) {
    size_t words = mapping->arrays_key_words - 1;
    for (uint32_t i = 0; i < array->key_count; i++) {
        keys[i] = (struct value){.type = array->key_types[i]};
        size_t used = 1;
        if (words == 0)
            return false;
        if (keys[i].type.kind == IR_STRING) {
            keys[i].kind = VALUE_TEXT;
            keys[i].text.p = (const char *)p;
            keys[i].text.n = strnlen(keys[i].text.p, words * 8);
            used = keys[i].text.n / 8 + 1;
        } else {
            keys[i].number =
                ir_wrap(load_uint(p, 8, mapping->order), keys[i].type);
        }
        if (used > words)
            return false;
        p += used * 8;
        words -= used;
    }
    return true;
}

static int compare_elements(const void *left, const void *right,
                            void *context) {
    const struct mapping_array *array = context;
    const struct array_element *a = left, *b = right;
    return keys_compare(a->keys, b->keys, array->key_count, 0);
}

struct array_element *telemetry_array(struct telemetry *telemetry, size_t i,
                                      size_t *count) {
    const struct mapping *mapping = telemetry->mapping;
    struct mapping_array *array = &mapping->arrays[i];
    struct array_element *elements = NULL;
    size_t room = 0, key_len = (size_t)mapping->arrays_key_words * 8;
    const uint8_t *entry =
        telemetry->region.p + mapping->arrays_off + sizeof(struct mct_dynvars);
    *count = 0;
    for (uint64_t k = 0; k < (uint64_t)1 << mapping->arrays_log2; k++) {
        uint64_t state = load_uint(entry, 8, mapping->order);
        if (state & MCT_ENTRY_FULL &&
            load_uint(entry + 8, 8, mapping->order) == array->index) {
            struct value *keys =
                ARENA_ARRAY(telemetry->arena, struct value, array->key_count);
            if (read_array_key(mapping, array, entry + 16, keys))
                *ARENA_PUSH(telemetry->arena, elements, *count, room) =
                    (struct array_element){keys,
                                           read_value(mapping, &array->variable,
                                                      entry + 8 + key_len)};
            else
                telemetry->damaged++;
        }
        entry += 8 + key_len + mapping->arrays_value_len;
    }
    if (*count > 1)
        qsort_r(elements, *count, sizeof *elements, compare_elements, array);
    return elements;
}

// --- elements ---

static uint64_t gather_table(const struct telemetry *telemetry,
                             struct agg_table *table) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint32_t key_words = aggregation->key_words;
    uint64_t entry_len =
        MCT_ENTRY_WORDS(key_words, aggregation->cell_count) * 8;
    const uint8_t *base = telemetry->region.p + aggregation->table_off;
    const uint8_t *entry =
        base + MCT_TABLE_ENTRIES_OFF(aggregation->table_log2);
    enum byte_order order = telemetry->mapping->order;
    uint64_t used = load_uint(base, sizeof(uint32_t), order);
    uint64_t most = (uint64_t)1 << aggregation->table_log2, damaged = 0;
    for (uint64_t i = 0; i < used && i < most; i++) {
        uint64_t state = load_uint(entry, 8, order);
        const uint8_t *key = entry + 8 + 8 * (size_t)aggregation->cell_count;
        if (state & MCT_ENTRY_FULL &&
            !agg_table_add_key(table, key, key_words, entry + 8))
            damaged++;
        entry += entry_len;
    }
    return damaged;
}

uint64_t telemetry_gather(const struct telemetry *telemetry,
                          struct agg_table *table) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    uint64_t damaged = 0;
    for (size_t k = 0; k < aggregation->slot_count; k++)
        damaged += !agg_table_add_slot(
            table, k, telemetry->region.p + aggregation->slots[k].off);
    return damaged +
           (aggregation->has_table ? gather_table(telemetry, table) : 0);
}
