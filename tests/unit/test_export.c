// test_export.c: every format, to the byte.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "export/export.h"
#include "mctrace/region.h"

#define REGION_LEN 4096

struct fixture {
    struct arena *arena;
    uint8_t *region;
    struct telemetry telemetry;
};

static void use_mapping(struct fixture *f, const char *members) {
    struct str json = str_format(
        f->arena,
        "{\"mctrace\": 1, \"identity\": \"00000000000000000000000000000000\","
        "\"machine\": \"x86_64\", \"program\": \"p\", \"byte_order\":"
        "\"little\", \"word_bits\": 64, \"region_len\": 4096, \"strsize\": 15,"
        "\"texts\": [\"\", \"main\", \"\\\"q\\\\\\n\", {\"hex\": \"61ffc3a4\"}"
        "], %s}",
        members);
    struct diag diag;
    diag_init(&diag, stderr, "test");
    f->telemetry = (struct telemetry){
        .mapping = mapping_from_json(f->arena, json, "m", &diag),
        .arena = f->arena,
        .region = {f->region, REGION_LEN}};
    assert_non_null(f->telemetry.mapping);
}

static void store(struct fixture *f, size_t off, uint64_t value) {
    store_uint(f->region + off, value, 8, ORDER_LITTLE);
}

static const char *export_as(struct fixture *f, const char *format) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct export_input input = {
        .telemetry = &f->telemetry, .errors = stderr, .name = "test"};
    export_find(str_from(format))->write(&input, out);
    fclose(out);
    const char *copy = str_copy(f->arena, (struct str){text, len}).p;
    free(text);
    return copy;
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    f->region = arena_alloc(f->arena, REGION_LEN);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    free(f);
    return 0;
}

#define AGG(name, function, keys, cells, elements)                             \
    "{\"name\": \"" name "\", \"function\": \"" function                       \
    "\", \"params\": [], \"keys\": [" keys "], \"cells\": " #cells             \
    ", \"elements\": [" elements "]}"

static void brief_example(void **state) {
    struct fixture *f = *state;
    use_mapping(f, "\"variables\": [{\"name\": \"read_calls\", \"type\": "
                   "\"int32\", \"off\": 320, \"size\": 4}], "
                   "\"aggregations\": []");
    store(f, 320, 1);
    assert_string_equal(export_as(f, "json"), "{\"read_calls\": 1}\n");
    assert_string_equal(export_as(f, "text"), "\n");
}

static void nothing_at_all(void **state) {
    struct fixture *f = *state;
    use_mapping(f, "\"variables\": [], \"aggregations\": []");
    assert_string_equal(export_as(f, "json"), "{}\n");
}

static void variables_by_sign_and_as_text(void **state) {
    struct fixture *f = *state;
    use_mapping(
        f, "\"variables\": ["
           "{\"name\": \"i\", \"type\": \"int64\", \"off\": 320, \"size\": 8},"
           "{\"name\": \"u\", \"type\": \"uint64\", \"off\": 320, \"size\": 8},"
           "{\"name\": \"c\", \"type\": \"int8\", \"off\": 320, \"size\": 1},"
           "{\"name\": \"s\", \"type\": \"string\", \"off\": 328, \"size\": 16}"
           "], \"aggregations\": []");
    store(f, 320, UINT64_MAX);
    memcpy(f->region + 328, "a\xff\x01\t\"", 6);
    const char *json = export_as(f, "json");
    assert_string_equal(json, "{\"i\": -1, \"u\": 18446744073709551615, "
                              "\"c\": -1, \"s\": \"a\xef\xbf\xbd\\u0001\\t"
                              "\\\"\"}\n");
}

static void without_keys(void **state) {
    struct fixture *f = *state;
    use_mapping(
        f,
        "\"variables\": [], \"aggregations\": [" AGG(
            "@", "count", "", 1,
            "[512]") "," AGG("@never", "sum", "", 2,
                             "[520]") "," AGG("@zero", "sum", "", 2,
                                              "[536]") "," AGG("@q", "quantize",
                                                               "", 127,
                                                               "[1024]") "]");
    store(f, 512, 5);
    store(f, 536, 1);
    assert_string_equal(export_as(f, "json"),
                        "{\"@\": 5, \"@never\": null, \"@zero\": 0, "
                        "\"@q\": []}\n");
    assert_string_equal(export_as(f, "text"), "\n                5\n"
                                              "                0\n");
    store(f, 1024 + 64 * 8, 2);
    store(f, 1024 + 66 * 8, 1);
    store(f, 1024 + 126 * 8, 1);
    assert_string_equal(
        export_as(f, "json"),
        "{\"@\": 5, \"@never\": null, \"@zero\": 0, \"@q\": "
        "[{\"min\": 1, \"max\": 1, \"count\": 2}, "
        "{\"min\": 4, \"max\": 7, \"count\": 1}, {\"min\": "
        "4611686018427387904, \"max\": 9223372036854775807, \"count\": 1}]}\n");
}

static void keys_in_order_of_values(void **state) {
    struct fixture *f = *state;
    use_mapping(f, "\"variables\": [], \"aggregations\": [" AGG(
                       "@a", "count", "\"string\", \"int64\"", 1,
                       "[512, 1, -1], [520, 6, 2], [528, 11, 3], "
                       "[536, 1, 3]") "]");
    for (size_t i = 0; i < 3; i++)
        store(f, 512 + i * 8, i == 0 ? 9 : 4);
    assert_string_equal(
        export_as(f, "json"),
        "{\"@a\": [{\"key\": [\"\\\"q\\\\\\n\", 2], \"value\": 4}, "
        "{\"key\": [\"a\xef\xbf\xbd\xc3\xa4\", 3], \"value\": 4}, "
        "{\"key\": [\"main\", -1], \"value\": 9}]}\n");
    struct str text = str_format(
        f->arena, "\n  %-50s %16d %16d\n  %-50s %16d %16d\n  %-50s %16d %16d\n",
        "\"q\\\n", 2, 4, "a\xff\xc3\xa4", 3, 4, "main", -1, 9);
    assert_string_equal(export_as(f, "text"), text.p);
}

// libdtrace's widths; keys below 32 bits print as unsigned.
static void keys_of_every_width(void **state) {
    struct fixture *f = *state;
    use_mapping(f, "\"variables\": [], \"aggregations\": [" AGG(
                       "@a", "count",
                       "\"int8\", \"int16\", \"int32\", \"uint32\", \"int64\"",
                       1, "[512, -2, -2, -2, -2, -2]") "]");
    store(f, 512, 1);
    assert_string_equal(export_as(f, "text"),
                        "\n 254 65534       -2       -2               -2"
                        "                1\n");
    assert_string_equal(export_as(f, "json"),
                        "{\"@a\": [{\"key\": [-2, -2, -2, 4294967294, -2], "
                        "\"value\": 1}]}\n");
}

static void a_distribution_ends_with_a_blank_line(void **state) {
    struct fixture *f = *state;
    use_mapping(f, "\"variables\": [], \"aggregations\": [" AGG(
                       "@q", "quantize", "\"int32\"", 127, "[1024, 7]") "]");
    store(f, 1024 + 63 * 8, 3);
    assert_string_equal(
        export_as(f, "text"),
        "\n        7\n"
        "           value  ------------- Distribution ------------- count    \n"
        "              -1 |                                         0        \n"
        "               0 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 3        \n"
        "               1 |                                         0        \n"
        "\n");
}

// Any bytes give JSON that a strict reader takes.
static void any_bytes_are_valid_json(void **state) {
    struct fixture *f = *state;
    struct bytes out;
    bytes_init(&out, f->arena, ORDER_LITTLE);
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const char text[] = {'x', (char)a, (char)b, (char)0x80, (char)b};
            out.n = 0;
            json_quote(&out, (struct str){text, sizeof text});
            json_error_t error;
            json_t *json = json_loadb((const char *)out.p, out.n,
                                      JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
            if (!json)
                fail_msg("%02x %02x: %s", a, b, error.text);
            json_decref(json);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(brief_example),
        TEST(nothing_at_all),
        TEST(variables_by_sign_and_as_text),
        TEST(without_keys),
        TEST(keys_in_order_of_values),
        TEST(keys_of_every_width),
        TEST(a_distribution_ends_with_a_blank_line),
        TEST(any_bytes_are_valid_json),
    };
    return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
