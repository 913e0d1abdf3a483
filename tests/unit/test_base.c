// test_base.c: memory, text, bytes, diagnostics and files.

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

static int open_arena(void **state) {
    *state = arena_new();
    return 0;
}

static int close_arena(void **state) {
    arena_free(*state);
    return 0;
}

static void memory_is_zero_and_aligned(void **state) {
    struct arena *arena = *state;
    for (size_t len = 0; len < 100000; len = len * 3 + 1) {
        uint8_t *p = arena_alloc(arena, len);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, len);
    }
    struct {
        uint32_t *items;
        size_t count, room;
    } list = {0};
    for (uint32_t i = 0; i < 1000; i++)
        *ARENA_PUSH(arena, list.items, list.count, list.room) = i;
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(list.items[i], i);
}

static void slices(void **state) {
    struct str s = STR("libc.so.6");
    assert_true(str_equal(str_slice(s, 0, 4), STR("libc")));
    assert_int_equal(str_slice(s, 5, 5).n, 0);
    assert_int_equal(str_slice(s, 7, 3).n, 0);
    assert_true(str_equal(str_slice(s, 8, 99), STR("6")));
    assert_true(str_starts_with(s, STR("lib")));
    assert_false(str_starts_with(STR("li"), STR("lib")));
    assert_true(str_ends_with(s, STR(".6")));
    assert_false(str_ends_with(STR("6"), STR(".6")));
    assert_true(str_equal(str_base_name(STR("/lib/x/ld.so")), STR("ld.so")));
    assert_true(str_equal(str_base_name(STR("ld.so")), STR("ld.so")));
    assert_int_equal(str_base_name(STR("lib/")).n, 0);
    assert_true(str_equal(str_from(NULL), STR("")));
    assert_true(str_is(s, "libc.so.6") && str_is((struct str){0}, NULL));
    assert_false(str_is(s, "libc.so") || str_is(s, "libc.so.66"));
    assert_false(str_is(STR("a\0b"), "a") || str_is(s, NULL));
    assert_ptr_equal(str_find(s, 's'), s.p + 5);
    assert_null(str_find(str_slice(s, 0, 5), 's'));
    assert_null(str_find((struct str){0}, 's'));
    assert_true(str_compare(STR("ab"), STR("abc")) < 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_compare(STR(""), (struct str){0}), 0);
    assert_string_equal(str_format(*state, "%d-%s", 7, "x").p, "7-x");
    assert_string_equal(str_terminated(*state, str_slice(s, 0, 3)), "lib");
}

static void patterns(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } rows[] = {
        {"", "anything", true},
        {"read", "read", true},
        {"read", "reads", false},
        {"read*", "read", true},
        {"*", "", true},
        {"?", "", false},
        {"r?ad", "road", true},
        {"*ea*", "read", true},
        {"*ad", "adad", true},
        {"a*b*c", "a_b_bc", true},
        {"a*b*c", "a_b_b", false},
        {"[a-f]x", "ex", true},
        {"[a-f]x", "gx", false},
        {"[!a-f]x", "gx", true},
        {"[!a-f]x", "ax", false},
        {"[]]", "]", true},
        {"[a-]", "-", true},
        {"[abc", "a", false},
        {"\\*", "*", true},
        {"\\*", "x", false},
        {"a\\", "a\\", true},
        {"[\\]]", "]", true},
        {"**a**", "bab", true},
        {"*.so.?", "libc.so.6", true},
        {"operator[[]]", "operator[]", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_glob(str_from(rows[i].pattern), str_from(rows[i].text)) !=
            rows[i].matches)
            fail_msg("%s against %s", rows[i].pattern, rows[i].text);
    assert_true(str_is_pattern(STR("")));
    assert_true(str_is_pattern(STR("a[b]")));
    assert_false(str_is_pattern(STR("main")));
    // Time is bounded: stars do not multiply.
    char text[2000], pattern[200];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i % 2 ? '*' : 'a';
    pattern[sizeof pattern - 1] = 'b';
    assert_false(str_glob((struct str){pattern, sizeof pattern},
                          (struct str){text, sizeof text}));
}

static void distances(void **state) {
    (void)state;
    assert_int_equal(str_distance(STR("count"), STR("count"), 3), 0);
    assert_int_equal(str_distance(STR("conut"), STR("count"), 3), 1);
    assert_int_equal(str_distance(STR("cont"), STR("count"), 3), 1);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 9), 3);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 2), 3);
    assert_int_equal(str_distance(STR(""), STR("abc"), 5), 3);
    assert_int_equal(str_distance(STR(""), STR("abcdef"), 2), 3);
    char longer[200] = {0};
    assert_int_equal(
        str_distance((struct str){longer, 200}, (struct str){longer, 200}, 2),
        3);
}

static void maps(void **state) {
    enum { COUNT = 5000 };
    struct map map;
    map_init(&map, *state);
    assert_null(map_get(&map, STR("x")));
    static int values[COUNT];
    for (int i = 0; i < COUNT; i++) {
        map_put(&map, str_format(*state, "key%d", i), &values[i]);
        map_put_number(&map, (uint64_t)i << 32, &values[COUNT - 1 - i]);
    }
    assert_int_equal(map.count, 2 * COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_ptr_equal(map_get(&map, str_format(*state, "key%d", i)),
                         &values[i]);
        assert_ptr_equal(map_get_number(&map, (uint64_t)i << 32),
                         &values[COUNT - 1 - i]);
    }
    assert_null(map_get_number(&map, 1));
    map_put(&map, STR("key7"), NULL);
    assert_null(map_get(&map, STR("key7")));
    assert_int_equal(map.count, 2 * COUNT);
}

static void hashes(void **state) {
    (void)state;
    const struct hash128 none = {{0}};
    uint8_t data[64] = {0};
    struct hash128 seen[65];
    for (size_t len = 0; len <= sizeof data; len++) {
        seen[len] = hash128_add(none, data, len);
        for (size_t i = 0; i < len; i++)
            assert_memory_not_equal(&seen[i], &seen[len], sizeof none);
    }
    struct hash128 chained = hash128_add(hash128_add(none, "ab", 2), "c", 1);
    struct hash128 other = hash128_add(hash128_add(none, "a", 1), "bc", 2);
    assert_memory_not_equal(&chained, &other, sizeof none);
    // MurmurHash3 x64 128 of this text with seed 0: stable over versions.
    struct hash128 fox =
        hash128_add(none, "The quick brown fox jumps over the lazy dog", 43);
    const uint8_t want[16] = {0x6c, 0x1b, 0x07, 0xbc, 0x7b, 0xbc, 0x4b, 0xe3,
                              0x47, 0x93, 0x9a, 0xc4, 0xa9, 0x3c, 0x43, 0x7a};
    assert_memory_equal(&fox, want, sizeof want);
}

static void bytes_are_written_and_read(void **state) {
    for (int order = ORDER_LITTLE; order <= ORDER_BIG; order++) {
        struct bytes out;
        bytes_init(&out, *state, (enum byte_order)order);
        bytes_u8(&out, 1);
        bytes_align(&out, 4, 0xcc);
        bytes_u16(&out, 0x1234);
        bytes_u32(&out, 0x89abcdef);
        bytes_u64(&out, 0xfedcba9876543210);
        bytes_add(&out, "text", 5);
        bytes_add_zero(&out, 3);
        bytes_patch(&out, 1, 0xabcd, 2);
        struct reader in =
            reader_open((struct slice){out.p, out.n}, (enum byte_order)order);
        assert_int_equal(reader_uint(&in, 1), 1);
        assert_int_equal(reader_uint(&in, 2), 0xabcd);
        assert_int_equal(reader_uint(&in, 1), 0xcc);
        assert_int_equal(reader_uint(&in, 2), 0x1234);
        assert_int_equal(reader_sint(&in, 4), (int32_t)0x89abcdef);
        assert_true(reader_uint(&in, 8) == 0xfedcba9876543210);
        assert_true(str_equal(reader_text(&in), STR("text")));
        assert_int_equal(reader_bytes(&in, 3).n, 3);
        assert_false(in.failed);
        assert_int_equal(reader_uint(&in, 1), 0);
        assert_true(in.failed);
        assert_int_equal(in.at, out.n);
        reader_seek(&in, 0);
        assert_int_equal(reader_uint(&in, 1), 0); // failure stays
    }
}

static void leb128(void **state) {
    const uint64_t values[] = {0,   1,    0x7f,       0x80,
                               300, 1234, UINT32_MAX, UINT64_MAX};
    struct bytes out;
    bytes_init(&out, *state, ORDER_LITTLE);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        bytes_uleb(&out, values[i]);
        bytes_sleb(&out, (int64_t)values[i]);
        bytes_sleb(&out, (int64_t)(0 - values[i]));
        bytes_sleb(&out, (int64_t)(values[i] >> 1 | values[i] << 63));
    }
    struct reader in = reader_open((struct slice){out.p, out.n}, ORDER_LITTLE);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        assert_true(reader_uleb(&in) == values[i]);
        assert_true(reader_sleb(&in) == (int64_t)values[i]);
        assert_true(reader_sleb(&in) == (int64_t)(0 - values[i]));
        assert_true(reader_sleb(&in) ==
                    (int64_t)(values[i] >> 1 | values[i] << 63));
    }
    assert_false(in.failed);
    assert_int_equal(in.at, out.n);
    const uint8_t endless[] = {0x80, 0x80, 0x80};
    in = reader_open((struct slice){endless, 3}, ORDER_LITTLE);
    assert_int_equal(reader_uleb(&in), 0);
    assert_true(in.failed);
    const uint8_t open_text[] = {'a', 'b'};
    in = reader_open((struct slice){open_text, 2}, ORDER_LITTLE);
    assert_int_equal(reader_text(&in).n, 0);
    assert_true(in.failed);
    in = reader_open((struct slice){0}, ORDER_BIG);
    assert_int_equal(reader_uint(&in, 8), 0);
    assert_true(slice_contains((struct slice){open_text, 2}, 2, 0));
    assert_false(slice_contains((struct slice){open_text, 2}, 1, UINT64_MAX));
}

static void messages(void **state) {
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct diag diag;
    diag_init(&diag, out, "mctrace");
    diag.show_tags = true;
    const struct source source = {
        .name = STR("hist.d"),
        .text = STR("#x\n\n\tread { @ = f(\xc3\xa4, 1); }\n"),
    };
    diag_error(&diag, D_AGG_SCALAR, (struct span){&source, 16, 2}, "bad %d", 7);
    diag_help(&diag, "try this");
    diag_warning_at(&diag, R_MISSED, "a.out: main+0x10", "too short");
    diag_error_at(&diag, U_USAGE, NULL, "what?");
    diag.quiet = true;
    diag_error_at(&diag, U_FILE, NULL, "unseen");
    fclose(out);
    assert_string_equal(text, "hist.d:3:13: error: bad 7 [D_AGG_SCALAR]\n"
                              "    3 | \tread { @ = f(\xc3\xa4, 1); }\n"
                              "      | \t           ^~\n"
                              "      help: try this\n"
                              "a.out: main+0x10: warning: too short "
                              "[R_MISSED]\n"
                              "mctrace: error: what? [U_USAGE]\n");
    free(text);
    assert_int_equal(diag.errors, 3);
    assert_int_equal(diag.warnings, 1);
    assert_int_equal(diag.last, U_FILE);
    struct span joined =
        span_join((struct span){&source, 4, 2}, (struct span){&source, 10, 5});
    assert_int_equal(joined.off, 4);
    assert_int_equal(joined.len, 11);
}

// Files, in a folder of their own.

static int enter_folder(void **state) {
    char *folder = strdup("/tmp/mct-test-base-XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL;
}

static int leave_folder(void **state) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", (char *)*state);
    int status = system(command);
    free(*state);
    return status;
}

static struct str path_in(struct arena *arena, void **state, const char *name) {
    return str_format(arena, "%s/%s", (char *)*state, name);
}

static unsigned entries_in(const char *folder) {
    char command[100];
    unsigned count = 0;
    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    FILE *ls = popen(command, "r");
    assert_int_equal(fscanf(ls, "%u", &count), 1);
    pclose(ls);
    return count;
}

static void files_are_replaced(void **state) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "test");
    const char *path = path_in(arena, state, "out").p;
    const struct file_part parts[] = {
        {{(const uint8_t *)"head", 4}, 0},
        {{(const uint8_t *)"tail", 4}, 1 << 20},
    };
    assert_true(file_write(path, parts, 2, 0754, &diag));
    struct file before, after;
    assert_true(file_open(&before, path, &diag));
    assert_int_equal(before.data.n, (1 << 20) + 4);
    assert_int_equal(before.mode, 0754);
    assert_memory_equal(before.data.p + (1 << 20), "tail", 4);
    assert_int_equal(before.data.p[5], 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_blocks * 512 < st.st_size); // the gap is a hole
    // Changing the mapped bytes does not change the file, nor does replacing
    // the file change the mapped bytes.
    ((uint8_t *)before.data.p)[0] = 'H';
    const char *link = path_in(arena, state, "link").p;
    assert_int_equal(symlink("out", link), 0);
    assert_true(
        file_write_text(link, (struct slice){(const uint8_t *)"x", 1}, &diag));
    assert_true(file_open(&after, path, &diag));
    assert_int_equal(after.data.n, 1);
    assert_memory_equal(before.data.p, "Head", 4);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    file_close(&before);
    file_close(&after);
    assert_true(file_write_text(path, (struct slice){0}, &diag));
    assert_true(file_open(&after, path, &diag));
    assert_int_equal(after.data.n, 0);
    file_close(&after);
    assert_int_equal(entries_in(*state), 2);
    assert_int_equal(diag.errors, 0);
    arena_free(arena);
}

static void failures_are_told_once(void **state) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "test");
    struct file file;
    struct slice text = {(const uint8_t *)"x", 1};
    assert_false(file_open(&file, path_in(arena, state, "none").p, &diag));
    assert_false(file_open(&file, *state, &diag)); // a folder
    assert_false(file_write_text(*state, text, &diag));
    assert_false(
        file_write_text(path_in(arena, state, "no/such").p, text, &diag));
    assert_false(file_write_text("/dev/full", text, &diag));
    assert_int_equal(diag.errors, 5);
    assert_int_equal(diag.last, U_FILE);
    // A disk that is full leaves the old file and nothing beside it: here, a
    // limit on the size of files stands for it.
    const char *path = path_in(arena, state, "out").p;
    assert_true(file_write_text(path, text, &diag));
    char command[300];
    pid_t child = fork();
    if (child == 0) {
        const struct file_part far = {text, (uint64_t)1 << 62};
        _exit(file_write(path, &far, 1, 0600, &diag));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    snprintf(command, sizeof command, "test \"$(cat %s)\" = x", path);
    assert_int_equal(system(command), 0);
    assert_int_equal(entries_in(*state), 1);
    arena_free(arena);
}

static void pipes_are_read_and_written(void **state) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "test");
    const char *path = path_in(arena, state, "pipe").p;
    assert_int_equal(mkfifo(path, 0600), 0);
    enum { LEN = 200000 };
    uint8_t *data = arena_alloc(arena, LEN);
    for (size_t i = 0; i < LEN; i++)
        data[i] = (uint8_t)(i * 7);
    pid_t child = fork();
    if (child == 0) {
        const struct file_part parts[] = {{{data, 1000}, 0},
                                          {{data + 1000, LEN - 1000}, 6000}};
        _exit(!file_write(path, parts, 2, 0600, &diag));
    }
    struct file file;
    assert_true(file_open(&file, path, &diag));
    assert_int_equal(file.data.n, LEN + 5000);
    assert_memory_equal(file.data.p + 6000, data + 1000, LEN - 1000);
    assert_int_equal(file.data.p[3000], 0);
    file_close(&file);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    arena_free(arena);
}

#define WITH_ARENA(test)                                                       \
    cmocka_unit_test_setup_teardown(test, open_arena, close_arena)
#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_ARENA(memory_is_zero_and_aligned),
        WITH_ARENA(slices),
        cmocka_unit_test(patterns),
        cmocka_unit_test(distances),
        WITH_ARENA(maps),
        cmocka_unit_test(hashes),
        WITH_ARENA(bytes_are_written_and_read),
        WITH_ARENA(leb128),
        cmocka_unit_test(messages),
        IN_FOLDER(files_are_replaced),
        IN_FOLDER(failures_are_told_once),
        IN_FOLDER(pipes_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
