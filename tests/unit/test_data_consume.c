// test_data_consume.c: what is printed of records, to the byte.
//
// Each test says which actions a clause has and what its records hold. Layouts
// are dtrace(1)'s.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "records_lab.h"

#define REGION_LEN 4096
#define FIRST      MCT_ENABLING_FIRST

struct fixture {
    struct arena *arena;
    struct diag diag;
    struct mapping *mapping;
    struct lab lab;
    uint64_t time;
    char *errors;
    size_t errors_len;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    diag_init(&f->diag, stderr, "test");
    lab_begin(&f->lab, f->arena, REGION_LEN);
    lab_chunk(&f->lab, 7, 1 << 20);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    lab_done(&f->lab);
    free(f->errors);
    arena_free(f->arena);
    free(f);
    return 0;
}

// Segments are rows of actions; probe and enabling i belong to segment i.
static void use(struct fixture *f, const char *options,
                const char *const *segments) {
    struct bytes text;
    bytes_init(&text, f->arena, ORDER_LITTLE);
    size_t count = 0;
    for (; segments[count]; count++) {
        struct str one =
            str_format(f->arena, "%s{\"clause\": 0, \"fixed_len\": 48, %s}",
                       count ? ",\n" : "", segments[count]);
        bytes_add(&text, one.p, one.n);
    }
    struct str enablings = STR("0, 0");
    struct str probes = STR("1, 0, 1, 1, 4");
    for (size_t i = 1; i < count; i++) {
        enablings =
            str_format(f->arena, "%.*s, %zu, %zu", STR_ARGS(enablings), i, i);
        probes = str_format(f->arena, "%.*s, %zu, 2, 3, 5, %d",
                            STR_ARGS(probes), i + 10, i % 2 ? 6 : 7);
    }
    struct str json = str_format(
        f->arena,
        "{\"mctrace\": 1, \"identity\": \"00000000000000000000000000000000\","
        "\"machine\": \"x86_64\", \"program\": \"p\", \"byte_order\":"
        "\"little\", \"word_bits\": 64, \"region_len\": 4096, \"strsize\": 15,"
        "\"variables\": [], \"texts\": [\"\", \"main\"], \"options\": {%s},"
        "\"aggregations\": ["
        "{\"name\": \"@\", \"function\": \"count\", \"params\": [],"
        " \"keys\": [[\"string\", 3], \"int32\"], \"cells\": 1,"
        " \"elements\": []},"
        "{\"name\": \"@s\", \"function\": \"sum\", \"params\": [],"
        " \"keys\": [[\"string\", 3], \"int32\"], \"cells\": 2,"
        " \"elements\": []},"
        "{\"name\": \"@q\", \"function\": \"quantize\", \"params\": [],"
        " \"keys\": [], \"cells\": 127, \"elements\": [[400]]},"
        "{\"name\": \"@k\", \"function\": \"max\", \"params\": [],"
        " \"keys\": [[\"ustack\", 4], [\"usym\", 1], \"uint8\", \"int16\"],"
        " \"cells\": 2, \"elements\": []}],"
        "\"types\": ["
        "{\"kind\": \"integer\", \"name\": \"int\", \"size\": 4,"
        " \"signed\": true},"
        "{\"kind\": \"integer\", \"name\": \"char\", \"size\": 1,"
        " \"signed\": true, \"char\": true},"
        "{\"kind\": \"array\", \"name\": \"char [5]\", \"size\": 5, \"of\": 1,"
        " \"count\": 5},"
        "{\"kind\": \"enum\", \"name\": \"enum eh\", \"size\": 4,"
        " \"members\": [[\"SECOND\", 2]]},"
        "{\"kind\": \"union\", \"name\": \"union\", \"size\": 4, \"members\":"
        " [[\"c\", 1, 0, 0], [\"d\", 0, 0, 0]]},"
        "{\"kind\": \"pointer\", \"name\": \"void *\", \"size\": 8,"
        " \"of\": -1},"
        "{\"kind\": \"struct\", \"name\": \"struct s\", \"size\": 32,"
        " \"members\": [[\"a\", 0, 0, 0], [\"b\", 2, 32, 0],"
        " [\"u\", 4, 96, 0], [\"e\", 5, 128, 0], [\"h\", 3, 192, 0],"
        " [\"f\", 0, 224, 3], [\"g\", 0, 227, 29]]},"
        "{\"kind\": \"float\", \"name\": \"double\", \"size\": 8}],"
        "\"clauses\": [\"dt_clause_0\"], \"segments\": [%.*s],"
        "\"names\": [\"dtrace\", \"\", \"pid7\", \"a.out\", \"BEGIN\","
        " \"main\", \"entry\", \"return\"],"
        "\"probes\": [%.*s], \"enablings\": [%.*s]}",
        options, (int)text.n, (char *)text.p, STR_ARGS(probes),
        STR_ARGS(enablings));
    f->mapping = mapping_from_json(f->arena, json, "m", &f->diag);
    assert_non_null(f->mapping);
}

static void one(struct fixture *f, const char *options, const char *actions) {
    const char *segments[] = {
        str_format(f->arena, "\"actions\": [%s]", actions).p, NULL};
    use(f, options, segments);
}

// A record of segment i.
static void begin(struct fixture *f, uint32_t i) {
    lab_record(&f->lab, FIRST + i, ++f->time);
}

// Up to where variable fields begin.
static void fixed(struct fixture *f) {
    size_t used = f->lab.file.n - f->lab.record;
    assert_true(used <= 48);
    bytes_add_zero(&f->lab.file, 48 - used);
}

// @[key, number] and @s: drained.
static void drain(struct fixture *f, uint32_t aggregation, const char *key,
                  uint32_t number, uint64_t value) {
    lab_record(&f->lab, MCT_ENABLING_DRAIN, ++f->time);
    lab_int(&f->lab, aggregation, 4);
    lab_int(&f->lab, 1, 4);
    lab_int(&f->lab, MCT_DRAIN_KEYED, 4);
    size_t words = strlen(key) / 8 + 2;
    lab_int(&f->lab, words, 4);
    bytes_add(&f->lab.file, key, strlen(key) + 1);
    bytes_align(&f->lab.file, 8, 0);
    lab_int(&f->lab, (uint64_t)(int64_t)(int32_t)number, 8);
    if (aggregation == 1)
        lab_int(&f->lab, 1, 8);
    lab_int(&f->lab, value, 8);
}

static void drain_quantize(struct fixture *f, uint32_t bucket, uint64_t count) {
    lab_record(&f->lab, MCT_ENABLING_DRAIN, ++f->time);
    lab_int(&f->lab, 2, 4);
    lab_int(&f->lab, 1, 4);
    lab_int(&f->lab, 0, 4);
    lab_int(&f->lab, 0, 4);
    for (uint32_t i = 0; i < 127; i++)
        lab_int(&f->lab, i == bucket ? count : 0, 8);
}

static bool find(void *state, uint32_t pid, uint64_t pc,
                 struct named_address *found) {
    (void)state;
    if (pid != 1000 || pc < 0x400000)
        return false;
    *found = (struct named_address){STR("a.out"), {0}, 0, 0x400000};
    if (pc < 0x500000) {
        found->name = STR("main");
        found->start = 0x400100;
    }
    return true;
}

static const char *consume(struct fixture *f, enum consumer_format format,
                           bool is_testing) {
    lab_end_chunk(&f->lab);
    struct records records;
    assert_true(records_open(&records, f->arena, lab_file(&f->lab, SIZE_MAX),
                             f->mapping, RECORDS_COMPLETE, &f->diag));
    char *text = NULL;
    size_t len = 0;
    free(f->errors);
    struct consumer_setup setup = {
        .mapping = f->mapping,
        .out = open_memstream(&text, &len),
        .errors = open_memstream(&f->errors, &f->errors_len),
        .name = "dtrace",
        .symbols = {.find = find},
        .format = (uint8_t)format,
        .is_testing = is_testing,
    };
    struct consumer *consumer = consumer_new(f->arena, &setup);
    struct record record;
    while (records_next(&records, &record))
        consumer_record(consumer, &record);
    assert_int_equal(records.damaged + records.torn, 0);
    assert_int_equal(consumer_damaged(consumer), 0);
    consumer_finish(consumer);
    consumer_free(consumer);
    records_close(&records);
    fclose(setup.out);
    fclose(setup.errors);
    const char *copy = str_copy(f->arena, (struct str){text, len}).p;
    free(text);
    return copy;
}

#define expect_text(f, wanted)                                                 \
    assert_string_equal(consume((f), CONSUMER_TEXT, false), wanted "\n")

// --- rows ---

static void rows_have_a_heading(void **state) {
    struct fixture *f = *state;
    use(f, "",
        (const char *[]){"\"default\": true, \"actions\": []",
                         "\"actions\": [{\"action\": \"exit\","
                         " \"fields\": [[\"int32\", 16]]}]",
                         NULL});
    begin(f, 0);
    fixed(f);
    begin(f, 1);
    lab_int(&f->lab, 5, 4);
    fixed(f);
    expect_text(f, "CPU     ID                    FUNCTION:NAME\n"
                   "  3      1                           :BEGIN \n"
                   "  3     11                       main:entry \n");
    assert_string_equal(consume(f, CONSUMER_TEXT, true),
                        "                   FUNCTION:NAME\n"
                        "                          :BEGIN \n"
                        "                      main:entry \n\n");
}

static void nothing_recorded_is_a_newline(void **state) {
    struct fixture *f = *state;
    one(f, "", "");
    expect_text(f, "");
}

static void traced_values_are_as_wide_as_their_type(void **state) {
    struct fixture *f = *state;
    one(f, "",
        "{\"action\": \"trace\", \"fields\": [[\"int8\", 16]]},"
        "{\"action\": \"trace\", \"fields\": [[\"uint8\", 17]]},"
        "{\"action\": \"trace\", \"fields\": [[\"int16\", 18]]},"
        "{\"action\": \"trace\", \"fields\": [[\"uint32\", 20]]},"
        "{\"action\": \"trace\", \"fields\": [[\"int32\", 24]]},"
        "{\"action\": \"trace\", \"fields\": [[\"int64\", 32]]},"
        "{\"action\": \"trace\", \"fields\": [[\"uint64\", 40]]},"
        "{\"action\": \"trace\", \"fields\": [[\"text\", 15]]}");
    begin(f, 0);
    lab_int(&f->lab, 0xfe, 1);
    lab_int(&f->lab, 0xfe, 1);
    lab_int(&f->lab, 0x8000, 2);
    lab_int(&f->lab, UINT32_MAX, 4);
    lab_int(&f->lab, 7, 4);
    lab_int(&f->lab, UINT64_MAX, 8);
    lab_int(&f->lab, UINT64_MAX, 8);
    lab_text(&f->lab, "abc");
    expect_text(f, "CPU     ID                    FUNCTION:NAME\n"
                   "  3      1                           :BEGIN "
                   "  -2 254 -32768 4294967295          7"
                   "                  -1 18446744073709551615"
                   "  abc                              \n");
    f->mapping->options.values[IR_OPTION_quiet] = 1;
    expect_text(f, "-2254-3276842949672957-118446744073709551615abc");
}

static void blocks_are_dumped(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1",
        "{\"action\": \"tracemem\","
        " \"fields\": [[\"block\", 16, 20], [\"int32\", 40]]}");
    for (int i = 0; i < 3; i++) {
        begin(f, 0);
        lab_block(&f->lab, "abcdefgh\x01\x7f\xff jklmnop", 20);
        bytes_add_zero(&f->lab.file, 4);
        lab_int(&f->lab, (uint64_t)(i == 0 ? 2 : i == 1 ? 0 : -1), 4);
        fixed(f);
    }
    expect_text(f,
                "\n             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f"
                "  0123456789abcdef\n"
                "         0: 61 62                                          "
                "  ab\n"
                "\n             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f"
                "  0123456789abcdef\n"
                "         0: 61 62 63 64 65 66 67 68 01 7f ff 20 6a 6b 6c 6d"
                "  abcdefgh... jklm\n"
                "        10: 6e 6f 70 00                                    "
                "  nop.\n");
}

static void flow_is_indented(void **state) {
    struct fixture *f = *state;
    const char *trace = "\"actions\": [{\"action\": \"trace\","
                        " \"fields\": [[\"int32\", 16]]}]";
    use(f, "\"flowindent\": 1", (const char *[]){trace, trace, trace, NULL});
    static const uint32_t order[] = {1, 0, 1, 2, 2, 2};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        begin(f, order[i]);
        lab_int(&f->lab, i, 4);
        fixed(f);
    }
    expect_text(f,
                "CPU FUNCTION                                 \n"
                "  3  -> main                                            0\n"
                "  3   | :BEGIN                                          1\n"
                "  3    -> main                                          2\n"
                "  3    <- main                                          3\n"
                "  3  <- main                                            4\n"
                "  3  <- main                                            5\n");
}

// --- formats ---

static void formats_adapt_to_their_values(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1",
        "{\"action\": \"printf\","
        " \"format\": \"%d %u %x|%-6d|%06d|%+d|%#x|%p|%c%C|%5.2f|%s|%-6s|"
        "%*d|%.2s|%S|%%\\n\", \"fields\": ["
        "[\"int8\", 16], [\"int8\", 16], [\"int8\", 16], [\"int32\", 20],"
        "[\"int32\", 20], [\"int32\", 20], [\"int32\", 20], [\"uint64\", 24],"
        "[\"int8\", 17], [\"int8\", 18], [\"block\", 32, 8, 7],"
        "[\"text\", 15], [\"text\", 15], [\"int8\", 16], [\"int32\", 20],"
        "[\"text\", 15], [\"text\", 15]]}");
    begin(f, 0);
    lab_int(&f->lab, 0xef, 1); // -17
    lab_int(&f->lab, 'z', 1);
    lab_int(&f->lab, '\n', 1);
    lab_int(&f->lab, 42, 4);
    lab_int(&f->lab, 0x1234abcd5678, 8);
    double pi = 3.14159;
    lab_block(&f->lab, &pi, sizeof pi);
    fixed(f);
    lab_text(&f->lab, NULL);
    lab_text(&f->lab, "ab");
    lab_text(&f->lab, "abc");
    lab_text(&f->lab, "a\t\"b\"\x01");
    expect_text(f, "-17 239 ef|42    |000042|+42|0x2a|1234abcd5678|z\\n| 3.14||"
                   "ab    |42               |ab|a\\t\\\"b\\\"\\001|%\n");
}

static void times_are_local(void **state) {
    struct fixture *f = *state;
    setenv("TZ", "PST8PDT", 1);
    one(f, "\"quiet\": 1",
        "{\"action\": \"printf\", \"format\": \"%Y|%T|%-22Y|\","
        " \"fields\": [[\"int64\", 16], [\"int64\", 24], [\"int64\", 16]]}");
    begin(f, 0);
    lab_int(&f->lab, 0, 8);
    lab_int(&f->lab, 1062609821000000000, 8);
    fixed(f);
    expect_text(f, "1969 Dec 31 16:00:00|Wed, 03 Sep 2003 10:23:41 PDT|"
                   "1969 Dec 31 16:00:00  |");
}

static void enormous_widths_work(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1",
        "{\"action\": \"printf\", \"format\": \"%1000000d%1000000s\","
        " \"fields\": [[\"int32\", 16], [\"text\", 15]]}");
    begin(f, 0);
    lab_int(&f->lab, 7, 4);
    fixed(f);
    lab_text(&f->lab, "x");
    const char *text = consume(f, CONSUMER_TEXT, false);
    assert_int_equal(strlen(text), 2000001);
    assert_int_equal(text[999999], '7');
    assert_int_equal(text[1999999], 'x');
}

// --- print ---

static void values_are_printed_with_their_types(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1",
        "{\"action\": \"print\","
        " \"fields\": [[\"uint64\", 16], [\"block\", 16, 32, 6]]}");
    struct {
        int a;
        char b[8];
        int u;
        uint64_t e;
        uint32_t h, f;
    } value = {0x1234, "test", 0, 0, 2, 5};
    lab_record(&f->lab, FIRST, ++f->time);
    lab_block(&f->lab, &value, sizeof value);
    const char *pad = "                                            ";
    const char *head =
        str_format(f->arena,
                   "0x7473657400001234 = *\n%s(struct s) {\n"
                   "%s .a = (int)4660,\n%s .b = (char [5]) [\n"
                   "%s  (char)'t',\n%s  (char)'e',\n%s  (char)'s',\n"
                   "%s  (char)'t',\n%s ],\n",
                   pad, pad, pad, pad, pad, pad, pad, pad)
            .p;
    assert_string_equal(
        consume(f, CONSUMER_TEXT, false),
        str_format(f->arena,
                   "%s%s .h = (enum eh)SECOND,\n%s .f = (int)-3,\n%s}\n\n",
                   head, pad, pad, pad)
            .p);
    f->mapping->options.values[IR_OPTION_printsize] = 12;
    assert_string_equal(
        consume(f, CONSUMER_TEXT, false),
        str_format(f->arena, "%s%s ...\n%s}\n\n", head, pad, pad).p);
}

// --- stacks and symbols ---

static void addresses_are_named(void **state) {
    struct fixture *f = *state;
    one(f, "",
        "{\"action\": \"ustack\", \"fields\": [[\"stack\", 8]]},"
        "{\"action\": \"usym\", \"fields\": [[\"uint64\", 16]]},"
        "{\"action\": \"uaddr\", \"fields\": [[\"uint64\", 16]]},"
        "{\"action\": \"umod\", \"fields\": [[\"uint64\", 16]]}");
    begin(f, 0);
    lab_int(&f->lab, 0x400104, 8);
    fixed(f);
    lab_stack(&f->lab, (const uint64_t[]){0x400100, 0x400110, 0x600000, 0x99},
              4);
    expect_text(f, "CPU     ID                    FUNCTION:NAME\n"
                   "  3      1                           :BEGIN \n"
                   "              a.out`main\n"
                   "              a.out`main+0x10\n"
                   "              a.out`0x600000\n"
                   "              0x99\n"
                   "  a.out`main                                        "
                   "  a.out`main+0x4                                    "
                   "  a.out                                             \n");
}

// --- aggregations ---

#define AGG(name, i) "{\"action\": \"" name "\", \"aggregations\": [" i "]}"
#define PRINTA(format, list)                                                   \
    "{\"action\": \"printa\", \"format\": \"" format                           \
    "\", \"aggregations\": [" list "]}"

static void some_elements(struct fixture *f) {
    drain(f, 0, "read", 3, 5);
    drain(f, 0, "a longer name", (uint32_t)-1, 2);
    drain(f, 0, "read", 3, 1);
    drain(f, 0, "open", 3, 2);
}

static void what_is_not_printed_is_at_the_end(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1", "");
    some_elements(f);
    drain_quantize(f, 63 + 3, 2);
    const char *table =
        "\n"
        "           value  ------------- Distribution ------------- count    \n"
        "               2 |                                         0        \n"
        "               4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 2        \n"
        "               8 |                                         0        \n"
        "\n";
    const char *rows[] = {
        "  a longer name                                            -1"
        "                2\n",
        "  open                                                      3"
        "                2\n",
        "  read                                                      3"
        "                6\n"};
    assert_string_equal(
        consume(f, CONSUMER_TEXT, false),
        str_format(f->arena, "\n%s%s%s%s", rows[0], rows[1], rows[2], table).p);
    f->mapping->options.values[IR_OPTION_aggsortrev] = 1;
    assert_string_equal(
        consume(f, CONSUMER_TEXT, false),
        str_format(f->arena, "\n%s%s%s%s", table, rows[2], rows[1], rows[0]).p);
    f->mapping->options.values[IR_OPTION_aggsortrev] = 0;
    f->mapping->options.values[IR_OPTION_aggsortkey] = 1;
    f->mapping->options.values[IR_OPTION_aggsortkeypos] = 1;
    assert_string_equal(
        consume(f, CONSUMER_TEXT, false),
        str_format(f->arena, "\n%s%s%s%s", rows[1], rows[2], rows[0], table).p);
}

static void printa_shows_that_moment(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1", PRINTA("%s=%@d(%d) ", "0") "," AGG("clear", "0"));
    drain(f, 0, "x", 1, 5);
    begin(f, 0);
    fixed(f);
    drain(f, 0, "y", 1, 7);
    begin(f, 0);
    fixed(f);
    begin(f, 0);
    fixed(f);
    // It was printed once, so the end has nothing of it.
    expect_text(f, "x=5(1) x=0(1) y=7(1) x=0(1) y=0(1) ");
}

static void printa_without_a_format(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1", AGG("printa", "0"));
    begin(f, 0);
    fixed(f);
    drain(f, 0, "x", 1, 5);
    begin(f, 0);
    fixed(f);
    expect_text(f, "\n\n  x                                                  "
                   "       1                5\n");
}

static void several_are_joined_by_key(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1",
        PRINTA("%s %@d %@x %@d\\n", "0, 1") "," AGG("printa", "0, 1"));
    drain(f, 0, "x", 1, 5);
    drain(f, 1, "x", 1, 10);
    drain(f, 1, "y", 2, 3);
    begin(f, 0);
    fixed(f);
    expect_text(f, "y 0 3 3\nx 5 a 10\n\n"
                   "  y                                                  "
                   "       2                0                3\n"
                   "  x                                                  "
                   "       1                5               10\n");
    f->mapping->options.values[IR_OPTION_aggsortpos] = 1;
    f->mapping->options.values[IR_OPTION_aggsortrev] = 1;
    const char *text = consume(f, CONSUMER_TEXT, false);
    assert_memory_equal(text, "x 5 a 10\ny 0 3 3\n", 17);
}

static void truncation_and_factors(void **state) {
    struct fixture *f = *state;
    const char *number = "\"aggregations\": [0], \"fields\": [[\"int64\", 16]]";
    one(f, "\"quiet\": 1",
        str_format(
            f->arena,
            "{\"action\": \"normalize\", %s}, %s,"
            "{\"action\": \"trunc\", %s}," AGG("denormalize", "0") ", %s",
            number, PRINTA("%s %@d\\n", "0"), number, PRINTA("%s %@d\\n", "0"))
            .p);
    drain(f, 0, "a", 1, 10);
    drain(f, 0, "b", 1, 30);
    drain(f, 0, "c", 1, 20);
    begin(f, 0);
    lab_int(&f->lab, 2, 8);
    fixed(f);
    begin(f, 0);
    lab_int(&f->lab, (uint64_t)-1, 8);
    fixed(f);
    const char *text = consume(f, CONSUMER_TEXT, false);
    assert_memory_equal(text, "a 5\nc 10\nb 15\nc 20\nb 30\n", 24);
    assert_non_null(strstr(text, "c 20\n\n")); // the smallest one stays
}

static void keys_have_their_own_widths(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1", PRINTA("%k|%A|%d|%d|%@d\\n", "3"));
    lab_record(&f->lab, MCT_ENABLING_DRAIN, ++f->time);
    lab_int(&f->lab, 3, 4);
    lab_int(&f->lab, 1, 4);
    lab_int(&f->lab, MCT_DRAIN_KEYED, 4);
    lab_int(&f->lab, 6, 4);
    static const uint64_t words[] = {
        2,   0x400100,     0x400108, 0x400100,
        254, (uint64_t)-2, 1,        (uint64_t)7 ^ (uint64_t)1 << 63};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        lab_int(&f->lab, words[i], 8);
    assert_string_equal(
        consume(f, CONSUMER_TEXT, false),
        "\n\n              a.out`main\n              a.out`main+0x8\n"
        "  a.out`main                                         254 65534"
        "                7\n");
    lab_begin(&f->lab, f->arena, REGION_LEN);
}

// --- speculations ---

static void speculations_come_at_their_commit(void **state) {
    struct fixture *f = *state;
    const char *id = "\"fields\": [[\"int32\", 16]]";
    use(f, "",
        (const char *[]){
            str_format(f->arena,
                       "\"speculative\": true, \"actions\": ["
                       "{\"action\": \"speculate\", %s},"
                       "{\"action\": \"trace\", \"fields\":"
                       " [[\"int32\", 20]]}]",
                       id)
                .p,
            str_format(f->arena, "\"actions\": [{\"action\": \"commit\", %s}]",
                       id)
                .p,
            str_format(f->arena,
                       "\"actions\": [{\"action\": \"discard\", %s},"
                       "{\"action\": \"trace\", \"fields\":"
                       " [[\"int32\", 20]]}]",
                       id)
                .p,
            NULL});
    static const struct {
        uint32_t segment, id, value;
    } rows[] = {{0, 1, 11}, {0, 2, 22}, {0, 1, 12}, {1, 9, 0}, {2, 2, 99},
                {1, 1, 0},  {1, 2, 0},  {1, 1, 0},  {0, 1, 13}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(f, rows[i].segment);
        lab_int(&f->lab, rows[i].id, 4);
        lab_int(&f->lab, rows[i].value, 4);
        fixed(f);
    }
    expect_text(f, "CPU     ID                    FUNCTION:NAME\n"
                   "  3     12                      main:return          99\n"
                   "  3      1                           :BEGIN          11\n"
                   "  3      1                           :BEGIN          12\n");
}

// --- messages ---

static void errors_have_dtraces_words(void **state) {
    struct fixture *f = *state;
    one(f, "\"quiet\": 1",
        "{\"action\": \"setopt\", \"fields\": [[\"text\", 9], [\"text\", 9]]},"
        "{\"action\": \"system\", \"format\": \"ls\"}");
    lab_record(&f->lab, MCT_ENABLING_FAULT, ++f->time);
    static const uint64_t words[] = {(uint64_t)1 << 32, 4, 1, 0x40};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        lab_int(&f->lab, words[i], 8);
    lab_record(&f->lab, MCT_ENABLING_LOST, ++f->time);
    lab_int(&f->lab, 2, 8);
    begin(f, 0);
    fixed(f);
    lab_text(&f->lab, "bufsize");
    lab_text(&f->lab, "1m");
    begin(f, 0);
    fixed(f);
    lab_text(&f->lab, "quiet");
    lab_text(&f->lab, "0");
    expect_text(f, "\n");
    assert_string_equal(
        f->errors,
        "dtrace: error in dt_clause_0 for probe ID 1 (dtrace:::BEGIN): invalid "
        "address (0x40) at BPF pc 4\n"
        "dtrace: 2 drops on CPU 3\n"
        "dtrace: error in dt_clause_0 for probe ID 1 (dtrace:::BEGIN): "
        "couldn't set option \"bufsize\" to \"1m\": Operation illegal when "
        "tracing is active\n\n"
        "dtrace: system() is not performed when a recording is read\n");
}

// --- JSON ---

static void lines_are_valid_json(void **state) {
    struct fixture *f = *state;
    one(f, "",
        "{\"action\": \"trace\", \"fields\": [[\"block\", 16, 32, 6]]},"
        "{\"action\": \"printf\", \"format\": \"%s\\n\","
        " \"fields\": [[\"text\", 15]]},"
        "{\"action\": \"ustack\", \"fields\": [[\"stack\", 4]]}," PRINTA("%@d",
                                                                         "0"));
    drain(f, 0, "\xff\"", 1, 5);
    begin(f, 0);
    lab_block(&f->lab, "\x01\0\0\0te\0\0\0...-...........\x02\0\0\0....", 32);
    lab_text(&f->lab, "a\"b");
    lab_stack(&f->lab, (const uint64_t[]){0x400100, 0x12}, 2);
    const char *text = consume(f, CONSUMER_JSONL, false);
    json_error_t error;
    size_t lines = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        json_t *json = json_loads(line, JSON_DISABLE_EOF_CHECK, &error);
        if (!json)
            fail_msg("%s: %s", error.text, line);
        if (lines++ == 0) {
            json_t *actions = json_object_get(json, "actions");
            json_t *object =
                json_object_get(json_array_get(actions, 0), "trace");
            assert_int_equal(json_integer_value(json_object_get(object, "a")),
                             1);
            assert_string_equal(json_string_value(json_object_get(object, "b")),
                                "te");
            assert_string_equal(json_string_value(json_object_get(object, "h")),
                                "SECOND");
            json_t *format = json_array_get(actions, 1);
            assert_string_equal(
                json_string_value(json_object_get(format, "printf")), "a\"b\n");
            json_t *stack =
                json_object_get(json_array_get(actions, 2), "ustack");
            assert_string_equal(json_string_value(json_array_get(stack, 0)),
                                "a.out`main");
        }
        json_decref(json);
    }
    assert_int_equal(lines, 2);
    assert_string_equal(
        consume(f, CONSUMER_JSON, false),
        "{\"@\": [{\"key\": [\"\xef\xbf\xbd\\\"\", 1], "
        "\"value\": 5}], \"@s\": [], \"@q\": [], \"@k\": []}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(rows_have_a_heading),
        TEST(nothing_recorded_is_a_newline),
        TEST(traced_values_are_as_wide_as_their_type),
        TEST(blocks_are_dumped),
        TEST(flow_is_indented),
        TEST(formats_adapt_to_their_values),
        TEST(times_are_local),
        TEST(enormous_widths_work),
        TEST(values_are_printed_with_their_types),
        TEST(addresses_are_named),
        TEST(what_is_not_printed_is_at_the_end),
        TEST(printa_shows_that_moment),
        TEST(printa_without_a_format),
        TEST(several_are_joined_by_key),
        TEST(truncation_and_factors),
        TEST(keys_have_their_own_widths),
        TEST(speculations_come_at_their_commit),
        TEST(errors_have_dtraces_words),
        TEST(lines_are_valid_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
