// test_bitpat.c: words by the pictures of the manuals.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arch/bitpat.h"

static const char add_immediate[] = "1001000100iiiiiiiiiiiinnnnnddddd";

static const struct bitrow rows[] = {
    {BITPAT32("10010001000000000000001111111111"), 1, "", ""},
    {BITPAT32("1001000100iiiiiiiiiiiinnnnnddddd"), 2, "n", "d"},
    {BITPAT32("0.1010000iiijjjj..............11"), 3, "", ""},
    {0},
};

static const struct bitrow half_rows[] = {
    {BITPAT16("11100iiiiiiiiiii"), 1, "", ""},
    {BITPAT16("1101cccciiiiiiii"), 2, "", ""},
    {0},
};

static void first_match_is_taken(void **state) {
    (void)state;
    assert_int_equal(bitrow_find(rows, 0x910003ff)->form, 1);
    assert_int_equal(bitrow_find(rows, 0x910007ff)->form, 2);
    assert_int_equal(bitrow_find(rows, 0x28000003)->form, 3);
    assert_int_equal(bitrow_find(rows, 0x68000003)->form, 3);
    assert_null(bitrow_find(rows, 0x28000001));
    assert_null(bitrow_find(rows, 0));
    assert_int_equal(bitrow_find(half_rows, 0xe7fe)->form, 1);
    assert_int_equal(bitrow_find(half_rows, 0xd0fe)->form, 2);
    assert_null(bitrow_find(half_rows, 0xf7fe));
}

static void fields_are_read(void **state) {
    (void)state;
    const uint32_t word = 0x913ffc41; // add x1, x2, #0xfff
    assert_int_equal(bitpat_field(add_immediate, 'i', word), 0xfff);
    assert_int_equal(bitpat_signed_field(add_immediate, 'i', word), -1);
    assert_int_equal(bitpat_field(add_immediate, 'n', word), 2);
    assert_int_equal(bitpat_field(add_immediate, 'd', word), 1);
    assert_int_equal(bitpat_field(add_immediate, 'x', word), 0);
    assert_int_equal(bitpat_signed_field(add_immediate, 'x', word), 0);
    assert_true(bitpat_has(add_immediate, 'n'));
    assert_false(bitpat_has(add_immediate, 'N'));
    // In pieces: adr has its low bits ahead of the high ones.
    assert_int_equal(bitpat_field("bb.aab", 'b', 0x31), 7);
    assert_int_equal(bitpat_field("bb.aab", 'a', 0x06), 3);
    // A whole word.
    const char all[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    assert_int_equal(bitpat_field(all, 'a', 0xfedcba98), 0xfedcba98);
    assert_int_equal(bitpat_signed_field(all, 'a', 0xffffffff), -1);
    assert_int_equal(bitpat_set(all, 'a', 0x12345678, 0), 0x12345678);
}

static void words_are_made(void **state) {
    (void)state;
    assert_int_equal(
        bitpat_encode(add_immediate, FIELDS({'i', 16}, {'n', 31}, {'d', 29})),
        0x910043fd);
    assert_int_equal(bitpat_encode("000101iiiiiiiiiiiiiiiiiiiiiiiiii",
                                   FIELDS({'i', (uint32_t)-1})),
                     0x17ffffff);
    assert_int_equal(bitpat_set(add_immediate, 'n', 31 + 32, 0x91004000),
                     0x910043e0);
    assert_int_equal(bitpat_set("bb.aab", 'b', 5, 0x0e), 0x2f);
    const uint8_t map[] = {3, 1, 0, 2};
    // a = 2, b = 3; n has no field
    assert_int_equal(bitpat_map("10aabb", "an", map, 0x2b), 0x23);
    assert_int_equal(bitpat_map("10aabb", "ba", map, 0x2b), 0x22);
}

static void ranges_are_known(void **state) {
    (void)state;
    assert_true(bitpat_fits(add_immediate, 'i', 2047));
    assert_false(bitpat_fits(add_immediate, 'i', 2048));
    assert_true(bitpat_fits(add_immediate, 'i', -2048));
    assert_false(bitpat_fits(add_immediate, 'i', -2049));
    assert_false(bitpat_fits(add_immediate, 'x', 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_match_is_taken),
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(words_are_made),
        cmocka_unit_test(ranges_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
