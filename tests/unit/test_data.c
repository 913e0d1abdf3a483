// test_data.c: mappings and regions, whole and damaged.
//
// A region is made by hand in the byte order that the test wants; the mapping
// comes from JSON as a user would hand it in.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/data.h"
#include "mctrace/aggs.h"

#define IDENTITY   "000102030405060708090a0b0c0d0e0f"
#define REGION_LEN 8192

static const char mapping_text[] =
    "{\"mctrace\": 1, \"identity\": \"" IDENTITY "\",\n"
    "\"machine\": \"x86_64\", \"program\": \"/bin/cat\",\n"
    "\"byte_order\": \"%s\", \"word_bits\": 64,\n"
    "\"region_len\": 8192, \"strsize\": 15,\n"
    "\"variables\": [\n"
    "{\"name\": \"n\", \"type\": \"int32\", \"off\": 320, \"size\": 4},\n"
    "{\"name\": \"u\", \"type\": \"uint16\", \"off\": 324, \"size\": 2},\n"
    "{\"name\": \"s\", \"type\": \"string\", \"off\": 328, \"size\": 16}],\n"
    "\"aggregations\": [\n"
    "{\"name\": \"@\", \"function\": \"count\", \"params\": [], \"keys\":\n"
    "[\"string\", \"int32\"], \"cells\": 1, \"elements\": [[512, 1, 7],\n"
    "[520, 6, -1]], \"table\": {\"off\": 576, \"log2_entries\": 3}},\n"
    "{\"name\": \"@avg\", \"function\": \"avg\", \"params\": [], \"keys\": "
    "[],\n"
    "\"cells\": 2, \"elements\": [[1024]]},\n"
    "{\"name\": \"@q\", \"function\": \"quantize\", \"params\": [],\n"
    "\"keys\": [], \"cells\": 127, \"elements\": [[2048]]}],\n"
    "\"texts\": [\"\", \"main\", {\"hex\": \"ff41\"}]}";

struct fixture {
    struct arena *arena;
    struct diag diag;
    char *messages;
    size_t messages_len;
    enum byte_order order;
    struct mapping *mapping;
    uint8_t *region;
};

static void store(struct fixture *f, size_t off, uint64_t value, size_t len) {
    store_uint(f->region + off, value, len, f->order);
}

#define STORE(f, field, value)                                                 \
    store((f), offsetof(struct mct_region, field), (value),                    \
          sizeof((struct mct_region *)0)->field)

static void make_region(struct fixture *f) {
    memset(f->region, 0, REGION_LEN);
    memcpy(f->region, MCT_REGION_MAGIC, 8);
    STORE(f, byte_order, MCT_BYTE_ORDER);
    STORE(f, version, MCT_REGION_VERSION);
    STORE(f, header_len, sizeof(struct mct_region));
    for (uint8_t i = 0; i < 16; i++)
        f->region[offsetof(struct mct_region, identity) + i] = i;
    STORE(f, word_bits, 64);
    STORE(f, region_len, REGION_LEN);
    STORE(f, vars_off, 320);
    STORE(f, vars_len, 24);
    STORE(f, aggs_off, 512);
    STORE(f, aggs_len, REGION_LEN - 512);
}

static struct mapping *parse(struct fixture *f, const char *order) {
    struct str text = str_format(f->arena, mapping_text, order);
    return mapping_from_json(f->arena, text, "m.json", &f->diag);
}

static void set_order(struct fixture *f, enum byte_order order) {
    f->order = order;
    f->mapping = parse(f, order == ORDER_BIG ? "big" : "little");
    assert_non_null(f->mapping);
    make_region(f);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    diag_init(&f->diag, open_memstream(&f->messages, &f->messages_len),
              "mctrace");
    f->region = arena_alloc(f->arena, REGION_LEN);
    set_order(f, ORDER_LITTLE);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    fclose(f->diag.out);
    free(f->messages);
    arena_free(f->arena);
    free(f);
    return 0;
}

static bool check(struct fixture *f, size_t len, struct telemetry *telemetry) {
    return telemetry_check(f->arena, (struct slice){f->region, len}, "t.bin",
                           f->mapping, telemetry, &f->diag);
}

static void expect_message(struct fixture *f, enum tag tag, const char *part) {
    fflush(f->diag.out);
    assert_int_equal(f->diag.errors, 1);
    assert_int_equal(f->diag.last, tag);
    if (!strstr(f->messages, part))
        fail_msg("no \"%s\" in: %s", part, f->messages);
}

// --- mapping ---

static void mapping_comes_back(void **state) {
    struct fixture *f = *state;
    struct str first = mapping_to_json(f->arena, f->mapping);
    struct mapping *again =
        mapping_from_json(f->arena, first, "again", &f->diag);
    assert_non_null(again);
    struct str second = mapping_to_json(f->arena, again);
    assert_true(str_equal(first, second));
    static const uint8_t other[16] = "another identity";
    mapping_identify(again, f->arena, second, other);
    assert_true(str_equal(second, mapping_to_json(f->arena, again)));
    assert_false(str_equal(first, second));
    assert_int_equal(again->variable_count, 3);
    assert_int_equal(again->aggregation_count, 3);
    assert_int_equal(again->aggregations[0].slots[1].keys[1], UINT64_MAX);
    assert_true(again->aggregations[0].has_table);
    assert_memory_equal(again->texts.p,
                        "\0main\0\xff"
                        "A",
                        9);
}

// Each row breaks the mapping at one place.
static void broken_mappings_are_refused(void **state) {
    static const struct {
        const char *what, *with, *message;
    } rows[] = {
        {"\"mctrace\": 1", "\"mctrace\": 2", "mctrace: 2 is not from 1 to 1"},
        {"\"mctrace\": 1", "\"other\": 1", "this is no mapping"},
        {"{\"mctrace\"", "[\"mctrace\"", "m.json:1:11: error: this is no JSON"},
        {"000102", "0001", "identity: must have 32"},
        {"000102", "0001zz", "identity: is not a sequence"},
        {"\"little\"", "\"middle\"", "byte_order: must be"},
        {"\"region_len\": 8192", "\"region_len\": -1", "region_len: -1"},
        {"\"region_len\": 8192", "\"region_len\": \"x\"",
         "region_len: must be an integer, is a string"},
        {"\"region_len\": 8192,", "", "region_len: is missing"},
        {"\"off\": 320", "\"off\": 8190", "variables[0].off: the variable"},
        {"\"off\": 320", "\"off\": 0", "variables[0].off: 0 is not"},
        {"\"size\": 4", "\"size\": 8", "variables[0].size: 8 does not"},
        {"\"int32\", \"off\"", "\"int3\", \"off\"", "\"int3\" is not known"},
        {"\"count\"", "\"cuont\"", "aggregations[0].function: \"cuont\""},
        {"\"cells\": 127", "\"cells\": 126", "aggregations[2].cells: 126"},
        {"[520, 6, -1]", "[520, 6]", "an element must be a place and 2"},
        {"[520, 6, -1]", "[8190, 6, 1]", "lies outside of the region"},
        {"[520, 6, -1]", "[520, 60, 1]", "there is no text at 60"},
        {"[520, 6, -1]", "7", "must be an array"},
        {"\"log2_entries\": 3", "\"log2_entries\": 30", "does not fit into"},
        {"\"ff41\"", "\"ff4\"", "texts: is not a sequence"},
    };
    struct fixture *f = *state;
    struct str text = str_format(f->arena, mapping_text, "little");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *at = strstr(text.p, rows[i].what);
        assert_non_null(at);
        struct str broken =
            str_format(f->arena, "%.*s%s%s", (int)(at - text.p), text.p,
                       rows[i].with, at + strlen(rows[i].what));
        f->diag.errors = 0;
        rewind(f->diag.out);
        assert_null(mapping_from_json(f->arena, broken, "m.json", &f->diag));
        expect_message(f, T_MAPPING, rows[i].message);
    }
}

static void hostile_parameters_are_refused(void **state) {
    static const char *const rows[] = {
        "lquantize\", \"params\": [0, 10, 0]",
        "lquantize\", \"params\": [10, 0, 1]",
        "lquantize\", \"params\": [-9223372036854775807, 0, 1]",
        "llquantize\", \"params\": [0, 0, 1, 1]",
        "llquantize\", \"params\": [10, 0, 63, 10]",
        "llquantize\", \"params\": [2, 3, 1, 2]",
        "llquantize\", \"params\": [10, 0, 1, 7]",
        "count\", \"params\": [1]",
    };
    struct fixture *f = *state;
    struct str text = str_format(f->arena, mapping_text, "little");
    static const char what[] = "quantize\", \"params\": []";
    const char *at = strstr(text.p, what);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str broken = str_format(f->arena, "%.*s%s%s", (int)(at - text.p),
                                       text.p, rows[i], at + strlen(what));
        f->diag.errors = 0;
        rewind(f->diag.out);
        assert_null(mapping_from_json(f->arena, broken, "m.json", &f->diag));
        expect_message(f, T_MAPPING, "aggregations[2].params: do not go");
    }
}

// --- regions ---

static void values_in_either_order(void **state) {
    struct fixture *f = *state;
    for (int big = 0; big < 2; big++) {
        set_order(f, big ? ORDER_BIG : ORDER_LITTLE);
        STORE(f, lost, 3);
        STORE(f, exit_status, (uint64_t)-2);
        store(f, 320, (uint64_t)-5, 4);
        store(f, 324, 65535, 2);
        memcpy(f->region + 328, "0123456789abcdefgh", 16); // not terminated
        struct telemetry t;
        assert_true(check(f, REGION_LEN, &t));
        assert_int_equal(t.lost, 3);
        assert_int_equal(t.exit_status, -2);
        assert_int_equal((int64_t)telemetry_variable(&t, 0).number, -5);
        assert_int_equal(telemetry_variable(&t, 1).number, 65535);
        assert_int_equal(telemetry_variable(&t, 2).text.n, 16);
    }
}

static void store_entry(struct fixture *f, unsigned i, uint64_t state,
                        uint64_t text, uint64_t number, uint64_t count) {
    const uint64_t words[] = {state, count, text, number};
    store(f, 576, i + 1, 4);
    for (size_t w = 0; w < 4; w++)
        store(f, 576 + MCT_TABLE_ENTRIES_OFF(3) + i * 32 + w * 8, words[w], 8);
}

// Elements that were ever updated, in DTrace's order. They go with the table.
static struct agg_row *elements_of(struct telemetry *telemetry, size_t i,
                                   struct agg_table *table, size_t *count) {
    agg_table_init(table, telemetry->arena, telemetry->mapping, i);
    telemetry->damaged += telemetry_gather(telemetry, table);
    struct agg_order order = {0};
    return agg_rows(telemetry->arena, &table, 1, &order, count);
}

static void elements_are_merged_and_sorted(void **state) {
    struct fixture *f = *state;
    set_order(f, ORDER_BIG);
    store(f, 512, 5, 8);                             // main, 7
    store_entry(f, 0, 77 | MCT_ENTRY_FULL, 1, 7, 4); // the same again
    store_entry(f, 1, MCT_ENTRY_EMPTY, 1, 8, 1);     // not published
    store_entry(f, 2, MCT_ENTRY_FULL, 6, 3, 9);      // a tie with main
    store_entry(f, 3, MCT_ENTRY_FULL, 4711, 3, 2);   // no such text
    struct telemetry t;
    assert_true(check(f, REGION_LEN, &t));
    size_t count;
    struct agg_table table;
    struct agg_row *rows = elements_of(&t, 0, &table, &count);
    assert_int_equal(count, 2);
    const struct agg_element *first = rows[0].elements[0];
    const struct agg_element *second = rows[1].elements[0];
    assert_int_equal(first->cells[0], 9);
    assert_true(str_equal(first->keys[0].text, STR("main")));
    assert_true(str_equal(second->keys[0].text, STR("\xff"
                                                    "A")));
    assert_int_equal(second->keys[1].number, 3);
    assert_int_equal(t.damaged, 1);
    agg_table_free(&table);
}

static void never_updated_is_absent(void **state) {
    struct fixture *f = *state;
    struct telemetry t;
    assert_true(check(f, REGION_LEN, &t));
    for (size_t i = 0; i < 3; i++) {
        size_t count;
        struct agg_table table;
        elements_of(&t, i, &table, &count);
        assert_int_equal(count, 0);
        agg_table_free(&table);
    }
}

static int64_t value_of(const char *function, uint64_t *cells) {
    struct mapping_aggregation aggregation = {
        .function = agg_function_find(str_from(function))};
    return agg_value(&aggregation, &(struct agg_element){.cells = cells}, 1,
                     true);
}

static void values_of_functions(void **state) {
    (void)state;
    assert_int_equal(value_of("avg", (uint64_t[]){3, (uint64_t)-8}), -2);
    assert_int_equal(value_of("avg", (uint64_t[]){0, 5}), 0);
    assert_int_equal(
        value_of("avg", (uint64_t[]){UINT64_MAX, (uint64_t)INT64_MIN}), 0);
    assert_int_equal(value_of("min", (uint64_t[]){1, mct_encode_min(-3)}), -3);
    assert_int_equal(value_of("max", (uint64_t[]){1, mct_encode_max(-3)}), -3);
    // 1, 2, ..., 10: the mean of squares 38, the square of the mean 25.
    assert_int_equal(value_of("stddev", (uint64_t[]){10, 55, 385, 0}), 3);
    uint64_t update[4] = {0};
    mct_update_stddev(update, INT64_MIN, 1, 0, 0, 0, 0);
    mct_update_stddev(update, INT64_MAX, 1, 0, 0, 0, 0);
    assert_int_equal(value_of("stddev", update), INT64_MAX);
}

static void damaged_files_are_told_apart(void **state) {
    static const struct {
        size_t len, at;
        uint8_t byte;
        enum tag tag;
        const char *message;
    } rows[] = {
        {0, 0, 0, T_TRUNCATED, "has the instrumented program run"},
        {5, 0, 0x7f, T_TRUNCATED, "ends after 5 bytes"},
        {100, 0, 0x7f, T_TRUNCATED, "within its header"},
        {5000, 0, 0x7f, T_TRUNCATED, "ends after 5000 of 8192"},
        {REGION_LEN, 0, 'x', T_FORMAT, "no telemetry file"},
        {REGION_LEN, 4, '\n', T_DAMAGED, "changed on its way"},
        {REGION_LEN, 8, 1, T_DAMAGED, "byte order is not little"},
        {REGION_LEN, 12, 9, T_VERSION, "version 9; this mctrace reads 2"},
        {REGION_LEN, 24, 9, T_IDENTITY, "(/bin/cat, " IDENTITY ")"},
        {REGION_LEN, 16, 32, T_DAMAGED, "the header contradicts itself"},
        {REGION_LEN, 42, 9, T_DAMAGED, "the header says"},
        {REGION_LEN, 49, 0, T_DAMAGED, "the header contradicts itself"},
        {REGION_LEN, 57, 9, T_DAMAGED, "the header contradicts itself"},
        {REGION_LEN, 66, 9, T_DAMAGED, "the header contradicts itself"},
        {REGION_LEN, 74, 9, T_DAMAGED, "the header contradicts itself"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        make_region(f);
        f->region[rows[i].at] = rows[i].byte;
        f->diag.errors = 0;
        rewind(f->diag.out);
        struct telemetry t;
        assert_false(check(f, rows[i].len, &t));
        expect_message(f, rows[i].tag, rows[i].message);
    }
}

// --- core files ---

// A core of one segment that holds `len` bytes at page 1, or, without bytes,
// a note NT_FILE that names `path`. `word`: bytes of an address.
static struct slice make_core(struct fixture *f, unsigned word,
                              struct slice bytes, const char *path) {
    struct bytes out;
    uint8_t number[8];
    bytes_init(&out, f->arena, f->order);
#define WORD(value)                                                            \
    (store_uint(number, value, word, f->order), bytes_add(&out, number, word))
    size_t header_len = word == 8 ? 64 : 52, entry_len = word == 8 ? 56 : 32;
    bytes_add(&out,
              "\x7f"
              "ELF",
              4);
    bytes_u8(&out, word == 8 ? 2 : 1);
    bytes_u8(&out, f->order == ORDER_BIG ? 2 : 1);
    bytes_add_zero(&out, 10);
    bytes_u16(&out, 4); // ET_CORE
    bytes_add_zero(&out, 6 + word);
    WORD(header_len); // e_phoff
    bytes_add_zero(&out, word + 6);
    bytes_u16(&out, (uint16_t)entry_len);
    bytes_u16(&out, 1);
    bytes_align(&out, 4, 0);
    bytes_add_zero(&out, header_len - out.n);
    size_t path_len = path ? strlen(path) + 1 : 0;
    size_t note_len = 5 * word + path_len;
    bytes_u32(&out, path ? 4 : 1);
    if (word == 8)
        bytes_u32(&out, 0);
    WORD(4096);
    bytes_add_zero(&out, 2 * word);
    WORD(path ? 20 + note_len : bytes.n + 4096);
    bytes_align(&out, 4096, 0);
    if (path) {
        bytes_u32(&out, 5);
        bytes_u32(&out, (uint32_t)note_len);
        bytes_u32(&out, 0x46494c45);
        bytes_add(&out, "CORE\0\0\0", 8);
        const uint64_t words[] = {1, 4096, 0x7000, 0x7000 + REGION_LEN, 0};
        for (size_t i = 0; i < COUNT_OF(words); i++)
            WORD(words[i]);
        bytes_add(&out, path, path_len);
    } else {
        bytes_add_zero(&out, 4096);
        bytes_add(&out, bytes.p, bytes.n);
    }
#undef WORD
    return (struct slice){out.p, out.n};
}

static void write_file(const char *path, struct slice bytes) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    fclose(file);
}

static void cores_are_read(void **state) {
    struct fixture *f = *state;
    char folder[] = "/tmp/mctrace-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *core = str_format(f->arena, "%s/core", folder).p;
    const char *file = str_format(f->arena, "%s/region", folder).p;
    for (int kind = 0; kind < 4; kind++) {
        unsigned word = kind & 2 ? 8 : 4;
        set_order(f, kind & 1 ? ORDER_BIG : ORDER_LITTLE);
        store(f, 320, 42, 4);
        struct slice region = {f->region, REGION_LEN};
        write_file(core, make_core(f, word, region, NULL));
        struct telemetry t;
        assert_true(telemetry_open(f->arena, core, f->mapping, &t, &f->diag));
        assert_int_equal(telemetry_variable(&t, 0).number, 42);
        write_file(file, region);
        write_file(core, make_core(f, word, region, file));
        f->diag.warnings = 0;
        assert_true(telemetry_open(f->arena, core, f->mapping, &t, &f->diag));
        assert_int_equal(telemetry_variable(&t, 0).number, 42);
        assert_int_equal(f->diag.warnings, 1);
    }
    unlink(file);
    struct telemetry t;
    f->diag.errors = 0;
    assert_false(telemetry_open(f->arena, core, f->mapping, &t, &f->diag));
    expect_message(f, T_IDENTITY, "the core holds no telemetry of /bin/cat");
    unlink(core);
    rmdir(folder);
}

// --- distributions ---

static struct str histogram(struct fixture *f, const char *function,
                            const int64_t *params, uint32_t param_count,
                            const int64_t *values, size_t count) {
    struct mapping_aggregation *a =
        ARENA_NEW(f->arena, struct mapping_aggregation);
    a->function = agg_function_find(str_from(function));
    memcpy(a->params, params, param_count * sizeof *params);
    a->param_count = param_count;
    a->cell_count = agg_cell_count(a->function, a->params);
    uint64_t *cells = ARENA_ARRAY(f->arena, uint64_t, a->cell_count);
    for (size_t i = 0; i < count; i += 2)
        cells[mct_agg_bucket(a->function->id, a->params, values[i])] +=
            (uint64_t)values[i + 1];
    struct bytes out;
    bytes_init(&out, f->arena, ORDER_LITTLE);
    hist_put(&out, a, &(struct agg_element){.cells = cells}, 1,
             &f->mapping->options);
    return (struct str){(const char *)out.p, out.n};
}

#define HEADING                                                                \
    "\n           value  ------------- Distribution ------------- count    \n"
#define BLANK20 "                    "
#define ATS20   "@@@@@@@@@@@@@@@@@@@@"

#define HISTOGRAM(f, function, params, ...)                                    \
    histogram((f), function, params, COUNT_OF(params),                         \
              (const int64_t[]){__VA_ARGS__},                                  \
              sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static const int64_t none[1];

static void quantize_as_dtrace(void **state) {
    struct str text = HISTOGRAM(*state, "quantize", none, 3, 1, 5, 1);
    assert_string_equal(text.p, HEADING
                        "               1 |" BLANK20 BLANK20 " 0        \n"
                        "               2 |" ATS20 BLANK20 " 1        \n"
                        "               4 |" ATS20 BLANK20 " 1        \n"
                        "               8 |" BLANK20 BLANK20 " 0        \n");
    text = HISTOGRAM(*state, "quantize", none, -1, -3, 0, 1);
    assert_string_equal(
        text.p,
        HEADING "              -2 " BLANK20 "|" BLANK20 " 0        \n"
                "              -1      @@@@@@@@@@@@@@@|" BLANK20 " -3       \n"
                "               0 " BLANK20 "|@@@@@                1        \n"
                "               1 " BLANK20 "|" BLANK20 " 0        \n");
    text = HISTOGRAM(*state, "quantize", none, 5, 1, 5, -1);
    assert_string_equal(text.p, HEADING
                        "              -1 |" BLANK20 BLANK20 " 0        \n"
                        "               0 |" BLANK20 BLANK20 " 0        \n"
                        "               1 |" BLANK20 BLANK20 " 0        \n");
    text = HISTOGRAM(*state, "quantize", none, INT64_MAX, 2);
    assert_string_equal(text.p, HEADING
                        "2305843009213693952 |" BLANK20 BLANK20 " 0        \n"
                        "4611686018427387904 |" ATS20 ATS20 " 2        \n");
}

static void lquantize_as_dtrace(void **state) {
    const int64_t params[] = {0, 10, 5};
    struct str text =
        HISTOGRAM(*state, "lquantize", params, -7, 1, 12, 1, 6, 2);
    assert_string_equal(
        text.p, HEADING
        "             < 0 |@@@@@@@@@@          " BLANK20 " 1        \n"
        "               0 |" BLANK20 BLANK20 " 0        \n"
        "               5 |" ATS20 BLANK20 " 2        \n"
        "           >= 10 |@@@@@@@@@@          " BLANK20 " 1        \n");
}

static void llquantize_as_dtrace(void **state) {
    // The example of the DTrace guide: llquantize(x, 10, 0, 6, 20).
    const int64_t params[] = {10, 0, 1, 20};
    struct str text =
        HISTOGRAM(*state, "llquantize", params, 1, 1, 3, 1, 500, 2);
    assert_string_equal(
        text.p,
        HEADING "               0 |" BLANK20 BLANK20 " 0        \n"
                "               1 |@@@@@@@@@@          " BLANK20 " 1        \n"
                "               2 |" BLANK20 BLANK20 " 0        \n"
                "               3 |@@@@@@@@@@          " BLANK20 " 1        \n"
                "               4 |" BLANK20 BLANK20 " 0        \n"
                "               5 |" BLANK20 BLANK20 " 0        \n"
                "               6 |" BLANK20 BLANK20 " 0        \n"
                "               7 |" BLANK20 BLANK20 " 0        \n"
                "               8 |" BLANK20 BLANK20 " 0        \n"
                "               9 |" BLANK20 BLANK20 " 0        \n"
                "              10 |" BLANK20 BLANK20 " 0        \n"
                "              15 |" BLANK20 BLANK20 " 0        \n"
                "              20 |" BLANK20 BLANK20 " 0        \n"
                "              25 |" BLANK20 BLANK20 " 0        \n"
                "              30 |" BLANK20 BLANK20 " 0        \n"
                "              35 |" BLANK20 BLANK20 " 0        \n"
                "              40 |" BLANK20 BLANK20 " 0        \n"
                "              45 |" BLANK20 BLANK20 " 0        \n"
                "              50 |" BLANK20 BLANK20 " 0        \n"
                "              55 |" BLANK20 BLANK20 " 0        \n"
                "              60 |" BLANK20 BLANK20 " 0        \n"
                "              65 |" BLANK20 BLANK20 " 0        \n"
                "              70 |" BLANK20 BLANK20 " 0        \n"
                "              75 |" BLANK20 BLANK20 " 0        \n"
                "              80 |" BLANK20 BLANK20 " 0        \n"
                "              85 |" BLANK20 BLANK20 " 0        \n"
                "              90 |" BLANK20 BLANK20 " 0        \n"
                "              95 |" BLANK20 BLANK20 " 0        \n"
                "          >= 100 |" ATS20 BLANK20 " 2        \n");
    const int64_t low[] = {10, 1, 1, 10};
    text = HISTOGRAM(*state, "llquantize", low, 3, 1, 12, 1);
    assert_string_equal(text.p, HEADING
                        "             -10 |" BLANK20 BLANK20 " 0        \n"
                        "      abs() < 10 |" ATS20 BLANK20 " 1        \n"
                        "              10 |" ATS20 BLANK20 " 1        \n"
                        "              20 |" BLANK20 BLANK20 " 0        \n");
    text = HISTOGRAM(*state, "llquantize", low, 12, 1, 25, 1);
    assert_string_equal(text.p, HEADING
                        "            < 10 |" BLANK20 BLANK20 " 0        \n"
                        "              10 |" ATS20 BLANK20 " 1        \n"
                        "              20 |" ATS20 BLANK20 " 1        \n"
                        "              30 |" BLANK20 BLANK20 " 0        \n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(mapping_comes_back),
        TEST(broken_mappings_are_refused),
        TEST(hostile_parameters_are_refused),
        TEST(values_in_either_order),
        TEST(elements_are_merged_and_sorted),
        TEST(never_updated_is_absent),
        TEST(values_of_functions),
        TEST(damaged_files_are_told_apart),
        TEST(cores_are_read),
        TEST(quantize_as_dtrace),
        TEST(lquantize_as_dtrace),
        TEST(llquantize_as_dtrace),
    };
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
