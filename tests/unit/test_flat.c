// test_flat.c: raw binaries, Intel HEX and S-records are read and written.
//
// What is not changed must come back byte for byte; what objcopy makes of one
// image in each format must hold the same bytes at the same addresses; and what
// is changed or added must be what objcopy reads out of the result.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image/image.h"

struct fixture {
    struct arena *arena;
    struct diag diag;
    char folder[64];
};

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    diag_init(&f->diag, stderr, "test");
    strcpy(f->folder, "/tmp/mct-flat-XXXXXX");
    *state = f;
    return mkdtemp(f->folder) ? 0 : -1;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", f->folder);
    int status = system(command);
    arena_free(f->arena);
    free(f);
    return status;
}

static const char *in_folder(struct fixture *f, const char *name) {
    return str_format(f->arena, "%s/%s", f->folder, name).p;
}

static struct image_facts facts_of(uint64_t base_va, uint64_t entry_va) {
    return (struct image_facts){.arch = arch_by_name(STR("x86_64")),
                                .has_base = base_va != 0,
                                .base_va = base_va,
                                .has_entry = entry_va != 0,
                                .entry_va = entry_va};
}

static struct image *read_text(struct fixture *f, const char *text,
                               uint64_t entry_va) {
    struct image_facts facts = facts_of(0, entry_va);
    struct slice bytes = {(const uint8_t *)text, strlen(text)};
    return image_read_bytes_as(f->arena, "text", bytes, &facts, &f->diag);
}

static struct str file_text(struct fixture *f, const char *path) {
    struct file file;
    assert_true(file_open(&file, path, &f->diag));
    struct str text = str_copy(
        f->arena, (struct str){(const char *)file.data.p, file.data.n});
    file_close(&file);
    return text;
}

// Writes with what is added, and gives what came of it.
static struct str written(struct fixture *f, struct image *image,
                          const struct image_room *room,
                          const struct image_additions *additions) {
    const char *path = in_folder(f, "out");
    image->file.mode = 0644;
    assert_true(image_write(image, room, additions, path, &f->diag));
    return file_text(f, path);
}

static void comes_back(struct fixture *f, const char *text, uint64_t entry_va) {
    struct image *image = read_text(f, text, entry_va);
    assert_non_null(image);
    struct str out = written(f, image, &(struct image_room){0},
                             &(struct image_additions){0});
    assert_int_equal(out.n, strlen(text));
    assert_memory_equal(out.p, text, out.n);
    image_close(image);
}

// --- as they were ---

// Lines of several lengths, with case and line ends of their own, and a gap.
static const char ihex[] = ":020000040800F2\r\n"
                           ":10010000214601360121470136007efe09d2190140\r\n"
                           ":0301100011223386\r\n"
                           ":01200000429D\r\n"
                           ":0400000508000101ED\r\n"
                           ":00000001FF\r\n\r\n";

static void test_ihex(void **state) {
    struct fixture *f = *state;
    struct image *image = read_text(f, ihex, 0);
    assert_non_null(image);
    assert_int_equal(image->entry_va, 0x08000101);
    assert_int_equal(image->segment_count, 2);
    assert_int_equal(image->segments[0].va, 0x08000100);
    assert_int_equal(image->segments[0].file_len, 0x13);
    assert_int_equal(image->segments[1].va, 0x08002000);
    assert_int_equal(*image_bytes(image, 0x08000112).p, 0x33);
    image_close(image);
    comes_back(f, ihex, 0);
}

// The addresses of a segment wrap around within it: what begins at 1000:fffe
// goes on at 1000:0000.
static void test_ihex_segments(void **state) {
    struct fixture *f = *state;
    const char *text = ":020000021000EC\n"
                       ":04FFFE0001020304F5\n"
                       ":0400000310000000E9\n"
                       ":00000001FF\n";
    struct image *image = read_text(f, text, 0);
    assert_non_null(image);
    assert_int_equal(image->segment_count, 2);
    assert_int_equal(image->segments[0].va, 0x10000);
    assert_int_equal(image->segments[1].va, 0x1fffe);
    assert_int_equal(*image_bytes(image, 0x10000).p, 3);
    assert_int_equal(image->entry_va, 0x10000);
    image_close(image);
    comes_back(f, text, 0);
}

static const char srec[] = "S00600004844521B\n"
                           "S1137AF00A0A0D0000000000000000000000000061\n"
                           "S206800000112246\n"
                           "S5030002FA\n"
                           "S9037AF092\n";

static void test_srec(void **state) {
    struct fixture *f = *state;
    struct image *image = read_text(f, srec, 0);
    assert_non_null(image);
    assert_int_equal(image->segment_count, 2);
    assert_int_equal(image->segments[0].va, 0x7af0);
    assert_int_equal(image->segments[1].va, 0x800000);
    assert_int_equal(image->entry_va, 0x7af0);
    image_close(image);
    comes_back(f, srec, 0);
}

// --- changed ---

static const uint8_t changed[] = {0xaa, 0xbb};

static struct image_additions additions_of(struct image_patch *patch,
                                           uint64_t patch_va) {
    static const uint8_t text[] = "twenty bytes of text";
    *patch = (struct image_patch){patch_va, {changed, sizeof changed}};
    return (struct image_additions){
        .text = {text, 20}, .patches = patch, .patch_count = 1};
}

static void test_ihex_changed(void **state) {
    struct fixture *f = *state;
    struct image *image = read_text(f, ihex, 0);
    struct image_patch patch;
    struct image_additions additions = additions_of(&patch, 0x0800010f);
    struct image_room room = {.text_va = 0x0800fff8,
                              .text_end_va = UINT64_MAX,
                              .region_end_va = UINT64_MAX};
    struct str out = written(f, image, &room, &additions);
    image_close(image);
    image = read_text(f, out.p, 0);
    assert_non_null(image);
    assert_int_equal(image_bytes(image, 0x0800010f).p[0], 0xaa);
    assert_int_equal(image_bytes(image, 0x0800010f).p[1], 0xbb);
    assert_memory_equal(image_bytes(image, 0x0800fff8).p,
                        "twenty bytes of text", 20);
    assert_int_equal(image->segment_count, 3);
    // The line in lower case stays in it, the others as they were.
    assert_non_null(strstr(out.p, "7efe09d219aa97\r\n"));
    assert_non_null(strstr(out.p, "\r\n:01200000429D\r\n"));
    image_close(image);
}

static void test_srec_changed(void **state) {
    struct fixture *f = *state;
    struct image *image = read_text(f, srec, 0);
    struct image_patch patch;
    struct image_additions additions = additions_of(&patch, 0x7af1);
    struct image_room room = {.text_va = 0x1000000,
                              .text_end_va = UINT64_MAX,
                              .region_end_va = UINT64_MAX};
    struct str out = written(f, image, &room, &additions);
    image_close(image);
    // Two lines more, and the count says so.
    assert_non_null(strstr(out.p, "\nS5030004F8\n"));
    assert_non_null(strstr(out.p, "\nS31501000000"));
    image = read_text(f, out.p, 0);
    assert_non_null(image);
    assert_memory_equal(image_bytes(image, 0x7af1).p, changed, 2);
    assert_memory_equal(image_bytes(image, 0x1000000).p, "twenty bytes of text",
                        20);
    image_close(image);
}

static void test_raw_changed(void **state) {
    struct fixture *f = *state;
    const char *path = in_folder(f, "raw");
    struct slice bytes = {(const uint8_t *)"0123456789abcdef", 16};
    assert_true(file_write_text(path, bytes, &f->diag));
    struct image_facts facts = facts_of(0x1000, 0x1004);
    struct image *image = image_open_as(f->arena, path, &facts, &f->diag);
    assert_non_null(image);
    struct image_patch patch;
    struct image_additions additions = additions_of(&patch, 0x1002);
    struct image_room room = {.text_va = 0x1020,
                              .text_end_va = UINT64_MAX,
                              .region_end_va = UINT64_MAX};
    struct str out = written(f, image, &room, &additions);
    image_close(image);
    assert_int_equal(out.n, 0x20 + 20);
    assert_memory_equal(out.p,
                        "01\xaa\xbb"
                        "456789abcdef\xff\xff",
                        18);
    assert_memory_equal(out.p + 0x20, "twenty bytes of text", 20);
}

// --- objcopy's ---

static void run(struct fixture *f, const char *format, const char *argument) {
    const char *command = str_format(f->arena, "cd %s && objcopy %s %s",
                                     f->folder, format, argument)
                              .p;
    assert_int_equal(system(command), 0);
}

// The same program in all formats: the same bytes at the same addresses.
static void test_objcopy(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *option, *name;
        bool is_raw;
    } rows[] = {{"-O ihex program", "program.hex", false},
                {"-O srec program", "program.srec", false},
                {"-O srec --srec-forceS3 program", "program.s3", false},
                {"-O binary program", "program.bin", true}};
    FILE *source = fopen(in_folder(f, "program.s"), "w");
    fputs(".globl _start\n_start: mov %eax, %ebx\n jmp _start\n"
          ".data\n .ascii \"some data\"\n .fill 300, 1, 7\n",
          source);
    fclose(source);
    const char *command =
        str_format(f->arena,
                   "cd %s && gcc -nostdlib -static -Wl,-Ttext=0x1234000,"
                   "-Tdata=0x123fff0,--build-id=none -o program program.s",
                   f->folder)
            .p;
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        run(f, rows[i].option, rows[i].name);
        const char *path = in_folder(f, rows[i].name);
        struct image_facts facts =
            facts_of(rows[i].is_raw ? 0x1234000 : 0, 0x1234000);
        struct image *image = image_open_as(f->arena, path, &facts, &f->diag);
        assert_non_null(image);
        assert_memory_equal(image_bytes(image, 0x1234000).p, "\x89\xc3\xeb\xfc",
                            4);
        assert_memory_equal(image_bytes(image, 0x123fff0).p, "some data\7", 10);
        assert_int_equal(image_bytes(image, 0x1240000).p[100], 7);
        struct str before = file_text(f, path);
        struct str after = written(f, image, &(struct image_room){0},
                                   &(struct image_additions){0});
        assert_true(str_equal(before, after));
        image_close(image);
    }
}

// --- names ---

static struct image *named(struct fixture *f, const char *names) {
    struct image_facts facts = facts_of(0, 0);
    const char *path = in_folder(f, "names");
    struct slice text = {(const uint8_t *)names, strlen(names)};
    assert_true(file_write_text(path, text, &f->diag));
    facts.symbols = path;
    return image_read_bytes_as(
        f->arena, "text", (struct slice){(const uint8_t *)ihex, strlen(ihex)},
        &facts, &f->diag);
}

static void test_symbols(void **state) {
    struct fixture *f = *state;
    struct image *image = named(f, "# names\n\n"
                                   "0x8000108 second 4 # behind\r\n"
                                   "08000101\tfirst\n"
                                   "20000000 variable 4\n"
                                   "8002000 last 0x1");
    assert_non_null(image);
    assert_int_equal(image->symbol_count, 3);
    assert_true(str_equal(image->symbols[0].name, STR("first")));
    assert_int_equal(image->symbols[0].va, 0x8000101);
    assert_int_equal(image->symbols[0].len, 0);
    assert_int_equal(image->symbols[1].len, 4);
    assert_int_equal(image->symbols[2].len, 1);
    image_close(image);
    static const char *const bad[] = {
        "8000101\n", "main 8000101\n", "8000101 main 12 more\n",
        "8000101 main twelve\n", "8000101 main 100000\n"};
    f->diag.quiet = true;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        f->diag.last = 0;
        assert_null(named(f, bad[i]));
        assert_int_equal(f->diag.last, B_SYMBOLS);
    }
}

// --- refused ---

static void test_bad_texts(void **state) {
    struct fixture *f = *state;
    static const struct {
        enum tag tag;
        const char *text;
    } rows[] = {
        {B_RECORD, ":0301100011223387\n:00000001FF\n"},   // checksum
        {B_RECORD, ":0401100011223385\n:00000001FF\n"},   // length
        {B_RECORD, ":03011000112G3386\n:00000001FF\n"},   // digit
        {B_RECORD, ":030110001122338\n:00000001FF\n"},    // half a byte
        {B_RECORD, ":0301100711223 37F\n:00000001FF\n"},  // blank
        {B_RECORD, ":00000009F7\n:00000001FF\n"},         // type
        {B_RECORD, ":0301100011223386\n:0000000100FE\n"}, // length of the end
        {B_RECORD, ":00000001FF\n:0301100011223386\n"},   // behind the end
        {B_TRUNCATED, ":0301100011223386\n"},
        {B_NO_CODE, ":00000001FF\n"},
        {B_HEADER, ":0301100011223386\n:0301110011223385\n:00000001FF\n"},
        {B_RECORD, "S1137AF00A0A0D0000000000000000000000000062\nS9037AF092\n"},
        {B_RECORD, "S4137AF00A0A0D0000000000000000000000000061\nS9037AF092\n"},
        {B_RECORD, "S206800000112246\nS5030002FA\nS9037AF092\n"}, // count
        {B_RECORD, "S206800000112246\nS9047AF00091\n"},
        {B_RECORD, "S206800000112246\nX9037AF092\n"},
        {B_HEADER, "S206800000112246\nS9037AF092\n"}, // begins elsewhere
    };
    f->diag.quiet = true;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        f->diag.last = 0;
        uint64_t entry_va = rows[i].tag == B_HEADER ? 0 : 0x110;
        struct image *image = read_text(f, rows[i].text, entry_va);
        if (image || f->diag.last != rows[i].tag)
            print_message("row %zu: %s\n", i, tag_name(f->diag.last));
        assert_null(image);
        assert_int_equal(f->diag.last, rows[i].tag);
    }
}

// --- checksums ---

// Standard check values, of "123456789".
static void test_checksums(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *algorithm;
        uint64_t value;
        size_t len;
    } rows[] = {
        {"crc32", 0xcbf43926, 4},
        {"crc32-mpeg2", 0x0376e6e7, 4},
        {"crc32c", 0xe3069283, 4},
        {"crc16-ccitt", 0x29b1, 2},
        {"crc16-xmodem", 0x31c3, 2},
        {"crc16-modbus", 0x4b37, 2},
        {"crc16", 0xbb3d, 2},
        {"crc8", 0xf4, 1},
        {"sum8", 0xdd, 1},
        {"sum16", 0x1dd, 2},
        {"sum32", 0x1dd, 4},
        {"xor8", 0x31, 1},
        {"sum8,negate=yes", 0x23, 1},
        {"crc8,init=0xff,poly=0x31", 0xf7, 1},
        {"crc16,refin=no,refout=no", 0xfee8, 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t bytes[24] = "0123456789.........";
        store_uint(bytes + 16, rows[i].value, rows[i].len, ORDER_LITTLE);
        const char *path = in_folder(f, "sum");
        assert_true(file_write_text(path, (struct slice){bytes, sizeof bytes},
                                    &f->diag));
        struct image_facts facts = facts_of(0x1000, 0x1004);
        facts.fix_crc = str_format(f->arena, "%s,range=0x1001-0x100a,at=0x1010",
                                   rows[i].algorithm)
                            .p;
        struct image *image = image_open_as(f->arena, path, &facts, &f->diag);
        assert_non_null(image);
        struct str out = written(f, image, &(struct image_room){0},
                                 &(struct image_additions){0});
        assert_memory_equal(out.p, bytes, sizeof bytes);
        // Changed, it is another one, and right again.
        struct image_patch patch = {0x1003, {changed, 1}};
        struct image_additions additions = {.patches = &patch,
                                            .patch_count = 1};
        out = written(f, image, &(struct image_room){0}, &additions);
        assert_memory_not_equal(out.p + 16, bytes + 16, rows[i].len);
        image_close(image);
        assert_true(file_write_text(
            path, (struct slice){(const uint8_t *)out.p, out.n}, &f->diag));
        image = image_open_as(f->arena, path, &facts, &f->diag);
        struct str again = written(f, image, &(struct image_room){0},
                                   &(struct image_additions){0});
        assert_true(str_equal(out, again));
        image_close(image);
    }
}

static void test_bad_checksums(void **state) {
    struct fixture *f = *state;
    static const char *const specs[] = {
        "",
        "crc31,range=0x1000-0x1010,at=0x1010",
        "crc32",
        "crc32,range=0x1000-0x1010",
        "crc32,range=0x1010-0x1000,at=0x1010",
        "crc32,range=0x1000,at=0x1010",
        "crc32,range=0x1000-0x1010,at=elsewhere",
        "crc32,range=0x1000-0x1010,at=0x1010,gap=256",
        "crc32,range=0x1000-0x1010,at=0x1010,refin=maybe",
        "sum8,range=0x1000-0x1010,at=0x1010,poly=7",
        "sum32,unit=4,range=0x1000-0x100e,at=0x1010",
        "crc32,range=0x1000-0x1010,at=0x2000",
        "crc32,range=0x1000-0x1010,at=0x1010",
    };
    const char *path = in_folder(f, "sum");
    struct slice bytes = {(const uint8_t *)"0123456789abcdefghij", 20};
    assert_true(file_write_text(path, bytes, &f->diag));
    f->diag.quiet = true;
    for (size_t i = 0; i < COUNT_OF(specs); i++) {
        struct image_facts facts = facts_of(0x1000, 0x1004);
        facts.fix_crc = specs[i];
        struct image *image = image_open_as(f->arena, path, &facts, &f->diag);
        assert_non_null(image);
        f->diag.last = 0;
        struct image_additions none = {0};
        assert_false(image_write(image, &(struct image_room){0}, &none,
                                 in_folder(f, "out"), &f->diag));
        assert_int_equal(f->diag.last, B_CHECKSUM);
        image_close(image);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ihex, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ihex_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_srec, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ihex_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_srec_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_raw_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_objcopy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_symbols, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_checksums, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_checksums, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
