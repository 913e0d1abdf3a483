// test_format.c: formats of printf() and printa().

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ir/format.h"

// A format's pieces, as text: literal, flags, width, precision, conversion.
static const char *written(struct arena *arena, const char *text) {
    static const char letters[] = "#0-+ '@*p";
    struct format format = format_parse(arena, str_from(text));
    struct str out = {0};
    for (uint32_t i = 0; i < format.count; i++) {
        const struct format_piece *piece = &format.pieces[i];
        out = str_format(arena, "%.*s[%.*s]", STR_ARGS(out),
                         STR_ARGS(piece->literal));
        if (!piece->conversion)
            continue;
        for (unsigned k = 0; letters[k]; k++)
            if (piece->flags & 1u << k)
                out = str_format(arena, "%.*s%c", STR_ARGS(out), letters[k]);
        out = str_format(
            arena, "%.*s %d %d %s<%u", STR_ARGS(out), piece->width,
            piece->precision,
            format_row((enum format_conversion)piece->conversion)->name,
            piece->argument);
    }
    if (format.problem)
        out = str_format(arena, "%.*s!%s", STR_ARGS(out), format.problem);
    else
        out =
            str_format(arena, "%.*s=%u", STR_ARGS(out), format.argument_count);
    return str_terminated(arena, out);
}

static void formats_become_pieces(void **state) {
    static const struct {
        const char *text, *pieces;
    } rows[] = {
        {"", "=0"},
        {"hello\n", "[hello\n]=0"},
        {"100%%", "[100%]=0"},
        {"%d", "[] 0 -1 d<0=1"},
        {"a %-10s: %hx\n", "[a ]- 10 -1 s<0[: ] 0 -1 hx<1[\n]=2"},
        {"%#08.3llX", "[]#0 8 3 llX<0=1"},
        {"%+ 'i", "[]+ ' 0 -1 i<0=1"},
        {"%*d%.*s", "[]* 0 -1 d<0[]p 0 0 s<2=4"},
        {"%-*.*d", "[]-*p 0 0 d<0=3"},
        {"%?p", "[] 16 -1 p<0=1"},
        {"%@d %k", "[]@ 0 -1 d<0[ ] 0 -1 k<0=1"},
        {"%10000000d", "[] 10000000 -1 d<0=1"},
        {"%99999999999d", "[] 2147483647 -1 d<0=1"},
        {"%.d", "[] 0 0 d<0=1"},
        {"%Y%T%wc%Lf", "[] 0 -1 Y<0[] 0 -1 T<1[] 0 -1 wc<2[] 0 -1 Lf<3=4"},
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(written(arena, rows[i].text), rows[i].pieces);
    arena_free(arena);
}

static void bad_formats_are_told(void **state) {
    static const struct {
        const char *text, *problem;
    } rows[] = {
        {"%Z", "format conversion #1 is undefined: %Z"},
        {"%hhd", "format conversion #1 is undefined: %hhd"},
        {"%s %", "format conversion #2 name expected before end of format "
                 "string"},
        {"%l", "format conversion #1 name expected before end of format "
               "string"},
        {"%1$d", "format conversion #1 uses unsupported positional format "
                 "(%n$)"},
        {"%5%", "format conversion #1 cannot be combined with other format "
                "flags: %%"},
        {"%**d", "format conversion #1 has more than one '*' specified for "
                 "the output width"},
        {"%.*.*d", "format conversion #1 has more than one '.' specified"},
        {"%.**d", "format conversion #1 has more than one '*' specified for "
                  "the output precision"},
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(format_parse(arena, str_from(rows[i].text)).problem,
                            rows[i].problem);
    arena_free(arena);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_become_pieces),
        cmocka_unit_test(bad_formats_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
