// test_c_library.c: C in pieces, and which of them others need.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codegen/c_library.h"

static const char text[] =
    "// The file's head.\n"
    "\n"
    "// What comes in pairs.\n"
    "struct pair {\n"
    "    int a, b; // both\n"
    "};\n"
    "_Static_assert(sizeof(struct pair) == 8, \"two\");\n"
    "_Static_assert(sizeof(struct lonely) == 8, \"one\");\n"
    "struct lonely {\n"
    "    char text[8];\n"
    "};\n"
    "enum colour { RED, GREEN = 1 << 2 }; // of light\n"
    "extern HIDDEN _Alignas(16) unsigned char bytes[];\n"
    "typedef unsigned half __attribute__((may_alias));\n"
    "\n"
    "\n"
    "\n"
    "// Mixes.\n"
    "__attribute__((noinline, preserve_most)) HIDDEN half *mix(struct pair *p,"
    " int (*f)(int, int));\n"
    "INLINE int count(void) {\n"
    "\n"
    "\n"
    "    return '}' + \"}\"[0] + mix(0, 0) != 0; // }\n"
    "}\n"
    "static const int powers[] = {1, 10, 100};\n"
    "INLINE int power(int n) { return powers[n]; }\n";

static struct c_library read(struct arena *arena) {
    struct c_library library;
    c_library_read(&library, arena, str_from(text));
    return library;
}

static struct str printed(struct arena *arena, struct c_library *library) {
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    c_library_print(library, &out);
    bytes_u8(&out, 0);
    return (struct str){(const char *)out.p, out.n - 1};
}

static void test_names(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct c_library library = read(arena);
    static const struct row {
        const char *name;
        uint32_t parameters;
    } rows[] = {{"pair", 0},  {"lonely", 0}, {"colour", 0}, {"RED", 0},
                {"GREEN", 0}, {"bytes", 0},  {"half", 0},   {"mix", 2},
                {"count", 0}, {"powers", 0}, {"power", 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct c_piece *piece =
            c_library_find(&library, str_from(rows[i].name));
        assert_non_null(piece);
        assert_int_equal(piece->parameters, rows[i].parameters);
    }
    assert_null(c_library_find(&library, STR("a")));
    assert_null(c_library_find(&library, STR("f")));
    assert_null(c_library_find(&library, STR("HIDDEN")));
    assert_true(c_library_find(&library, STR("mix"))->is_preserving);
    assert_false(c_library_find(&library, STR("count"))->is_preserving);
    arena_free(arena);
}

// What is named in a comment or a text is not needed.
static void test_needs(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct c_library library = read(arena);
    c_library_need(&library, STR("// lonely\n x = \"power\" + count();"));
    assert_string_equal(
        printed(arena, &library).p,
        "\n// What comes in pairs.\n"
        "struct pair {\n"
        "    int a, b; // both\n"
        "};\n"
        "_Static_assert(sizeof(struct pair) == 8, \"two\");\n"
        "\ntypedef unsigned half __attribute__((may_alias));\n"
        "\n// Mixes.\n"
        "__attribute__((noinline, preserve_most)) HIDDEN half *mix(struct pair "
        "*p, int (*f)(int, int));\n"
        "INLINE int count(void) {\n"
        "    return '}' + \"}\"[0] + mix(0, 0) != 0; // }\n"
        "}\n");
    arena_free(arena);
}

static void test_trailing_comment(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct c_library library = read(arena);
    c_library_need(&library, STR("GREEN"));
    c_library_need(&library, STR("bytes"));
    assert_string_equal(printed(arena, &library).p,
                        "\nenum colour { RED, GREEN = 1 << 2 }; // of light\n"
                        "extern HIDDEN _Alignas(16) unsigned char bytes[];\n");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_trailing_comment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
