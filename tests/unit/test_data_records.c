// test_data_records.c: records of several threads, whole, torn and growing.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mctrace/region.h"
#include "records_lab.h"

#define REGION_LEN 4096
#define FIRST      MCT_ENABLING_FIRST

struct fixture {
    struct arena *arena;
    struct diag diag;
    struct mapping mapping;
    struct lab lab;
    struct records records;
    bool is_open;
};

// One segment with a 32-bit field; two enablings of it.
static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    diag_init(&f->diag, stderr, "test");
    f->mapping.region_len = REGION_LEN;
    f->mapping.chunk_align = MCT_REGION_ALIGN;
    f->mapping.segments = ARENA_NEW(f->arena, struct mapping_segment);
    f->mapping.segments[0].fixed_len = 24;
    f->mapping.segment_count = 1;
    f->mapping.enablings = ARENA_ARRAY(f->arena, struct mapping_enabling, 2);
    f->mapping.enabling_count = 2;
    lab_begin(&f->lab, f->arena, REGION_LEN);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    if (f->is_open)
        records_close(&f->records);
    lab_done(&f->lab);
    arena_free(f->arena);
    free(f);
    return 0;
}

static void put(struct fixture *f, uint32_t enabling, uint64_t time,
                uint32_t value) {
    lab_record(&f->lab, enabling, time);
    lab_int(&f->lab, value, 4);
}

static void open_records(struct fixture *f, size_t len,
                         enum records_state state) {
    assert_true(records_open(&f->records, f->arena, lab_file(&f->lab, len),
                             &f->mapping, state, &f->diag));
    f->is_open = true;
}

// The values of all records that there are now, as "1 2 3".
static const char *values(struct fixture *f) {
    struct bytes out;
    bytes_init(&out, f->arena, ORDER_LITTLE);
    struct record record;
    while (records_next(&f->records, &record)) {
        char text[16];
        int n =
            snprintf(text, sizeof text, "%s%u", out.n ? " " : "",
                     (unsigned)load_uint(record.bytes.p + 16, 4, ORDER_LITTLE));
        bytes_add(&out, text, (size_t)n);
        assert_int_equal(record.cpu, LAB_CPU);
    }
    bytes_u8(&out, 0);
    return (const char *)out.p;
}

static void threads_are_merged_by_time(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    put(f, FIRST + 1, 30, 4);
    lab_chunk(&f->lab, 8, 8192);
    put(f, FIRST, 20, 2);
    put(f, FIRST, 20, 3);
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 40, 6);
    lab_chunk(&f->lab, 9, 4096);
    put(f, FIRST, 35, 5);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "1 2 3 4 5 6");
    assert_int_equal(f->records.torn + f->records.damaged, 0);
    assert_false(f->records.is_cut);
}

// A chunk that was used again for newer records is read at its time.
static void chunks_are_read_in_their_order(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 50, 3);
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 30, 2);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "1 2 3");
}

static void torn_records_are_counted(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, 0, 10, 1); // its thread was killed
    put(f, FIRST, 20, 2);
    put(f, 0, 30, 3);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "2");
    assert_int_equal(f->records.torn, 2);
    assert_int_equal(f->records.damaged, 0);
}

static void damage_is_counted(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    put(f, FIRST + 2, 20, 2); // no such enabling
    lab_record(&f->lab, FIRST, 30);
    lab_record(&f->lab, FIRST, 40); // both too short
    lab_end_record(&f->lab);
    put(f, FIRST, 50, 5);
    lab_end_record(&f->lab);
    put(f, FIRST, 60, 6);
    size_t at = f->lab.record;
    lab_end_record(&f->lab);
    bytes_patch(&f->lab.file, at + 4, 0xffff, 2); // reaches behind the chunk
    put(f, FIRST, 65, 6);
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 70, 7);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "1 5 7");
    assert_int_equal(f->records.damaged, 4);
}

// Room that was never begun is zero: a handler jumped out before it could be.
static void room_without_a_record_is_passed_over(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    lab_end_record(&f->lab);
    bytes_add_zero(&f->lab.file, 40);
    put(f, FIRST, 20, 2);
    put(f, MCT_ENABLING_UNUSED, 0, 0);
    put(f, FIRST, 30, 3);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "1 2 3");
    assert_int_equal(f->records.torn, 1);
    assert_int_equal(f->records.damaged, 0);
}

static void a_length_of_nothing_ends_the_chunk(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    put(f, FIRST, 20, 2);
    size_t at = f->lab.record;
    lab_end_record(&f->lab);
    bytes_patch(&f->lab.file, at + 4, 0, 2);
    put(f, FIRST, 30, 3);
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 40, 4);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "1 4");
    assert_int_equal(f->records.damaged, 1);
}

static void gaps_are_passed_over(void **state) {
    struct fixture *f = *state;
    bytes_add_zero(&f->lab.file, 3 * 4096);
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    lab_end_chunk(&f->lab);
    bytes_add_zero(&f->lab.file, 4096);
    open_records(f, SIZE_MAX, RECORDS_COMPLETE);
    assert_string_equal(values(f), "1");
    assert_int_equal(f->records.damaged, 0);
}

// Wherever the file is cut, what was whole comes out and nothing else.
static void cut_files_give_what_is_whole(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    put(f, FIRST, 20, 2);
    lab_end_chunk(&f->lab);
    for (size_t len = REGION_LEN; len < REGION_LEN + 100; len++) {
        open_records(f, len, RECORDS_COMPLETE);
        const char *wanted = len < REGION_LEN + 32 + 24   ? ""
                             : len < REGION_LEN + 32 + 48 ? "1"
                                                          : "1 2";
        assert_string_equal(values(f), wanted);
        assert_int_equal(f->records.is_cut, len >= REGION_LEN + 32);
        records_close(&f->records);
        f->is_open = false;
    }
}

// The file of a running program, each time a little longer.
static void growing_files_are_followed(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    put(f, 0, 20, 2); // being written
    size_t unfinished = f->lab.record;
    put(f, FIRST, 30, 3);
    lab_end_record(&f->lab);
    size_t more = f->lab.file.n;
    lab_end_chunk(&f->lab);
    bytes_add_zero(&f->lab.file, 4096); // a chunk that is not begun yet
    size_t gap = f->lab.file.n - 4096;
    lab_chunk(&f->lab, 8, 4096);
    put(f, FIRST, 15, 15);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_GROWING);
    assert_string_equal(values(f), "1 15");
    records_refresh(&f->records, RECORDS_GROWING);
    assert_string_equal(values(f), "");

    bytes_patch(&f->lab.file, unfinished, FIRST, 4);
    bytes_patch(&f->lab.file, more, FIRST, 4); // one record more
    bytes_patch(&f->lab.file, more + 4, 3, 2);
    bytes_patch(&f->lab.file, more + 6, LAB_CPU, 2);
    bytes_patch(&f->lab.file, more + 8, 40, 8);
    bytes_patch(&f->lab.file, more + 16, 4, 4);
    lab_file(&f->lab, SIZE_MAX);
    records_refresh(&f->records, RECORDS_GROWING);
    assert_string_equal(values(f), "2 3 4");

    struct lab other;
    lab_begin(&other, f->arena, 8);
    lab_chunk(&other, 9, 4096);
    lab_record(&other, FIRST, 50);
    lab_int(&other, 5, 4);
    lab_end_chunk(&other);
    memcpy(f->lab.file.p + gap, other.file.p + 8, 4096);
    lab_file(&f->lab, SIZE_MAX);
    records_refresh(&f->records, RECORDS_COMPLETE);
    assert_string_equal(values(f), "5");
    assert_int_equal(f->records.torn + f->records.damaged, 0);
}

// What is written between the last look and the end is read anew.
static void last_records_are_seen(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, FIRST, 10, 1);
    lab_end_record(&f->lab);
    size_t more = f->lab.file.n;
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_GROWING);
    assert_string_equal(values(f), "1");
    bytes_patch(&f->lab.file, more, FIRST, 4);
    bytes_patch(&f->lab.file, more + 4, 3, 2);
    bytes_patch(&f->lab.file, more + 6, LAB_CPU, 2);
    bytes_patch(&f->lab.file, more + 8, 20, 8);
    bytes_patch(&f->lab.file, more + 16, 2, 4);
    lab_file(&f->lab, SIZE_MAX);
    records_refresh(&f->records, RECORDS_COMPLETE);
    assert_string_equal(values(f), "2");
}

// Who never finishes a record does not hold the others up for ever.
static void patience_ends(void **state) {
    struct fixture *f = *state;
    lab_chunk(&f->lab, 7, 4096);
    put(f, 0, 10, 1);
    put(f, FIRST, 20, 2);
    lab_end_chunk(&f->lab);
    open_records(f, SIZE_MAX, RECORDS_GROWING);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(values(f), "");
        records_refresh(&f->records, RECORDS_GROWING);
    }
    for (int i = 0; i < 5; i++)
        records_refresh(&f->records, RECORDS_GROWING);
    assert_string_equal(values(f), "2");
    assert_int_equal(f->records.torn, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(threads_are_merged_by_time),
        TEST(chunks_are_read_in_their_order),
        TEST(torn_records_are_counted),
        TEST(damage_is_counted),
        TEST(room_without_a_record_is_passed_over),
        TEST(a_length_of_nothing_ends_the_chunk),
        TEST(gaps_are_passed_over),
        TEST(cut_files_give_what_is_whole),
        TEST(growing_files_are_followed),
        TEST(last_records_are_seen),
        TEST(patience_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
