// test_script.c: the D front end against its cases.
//
// The cases are the files of tests/script: tst.*.d with the dump expected of
// each beside it, and err.<TAG>.*.d, which must fail with that tag first.

#include <dirent.h>

#include "script_lab.h"

// --- the cases in tests/script ---

static struct str cases_folder(struct arena *arena) {
    struct str here = STR(__FILE__);
    size_t n = here.n - str_base_name(here).n;
    return str_format(arena, "%.*s../script", (int)n, here.p);
}

// The file beside `path` with another suffix; empty if there is none.
static struct str beside(struct arena *arena, struct str path,
                         const char *suffix) {
    struct str name =
        str_format(arena, "%.*s%s", (int)path.n - 2, path.p, suffix);
    FILE *in = fopen(name.p, "r");
    if (!in)
        return (struct str){0};
    char *text = arena_alloc(arena, 1 << 16);
    size_t n = fread(text, 1, 1 << 16, in);
    fclose(in);
    return (struct str){text, n};
}

static void check_text(struct str name, struct str expected, struct str found) {
    if (!str_equal(expected, found))
        fail_msg("%.*s: expected:\n%.*s\nfound:\n%.*s", STR_ARGS(name),
                 STR_ARGS(expected), STR_ARGS(found));
}

static void check_error_case(struct arena *arena, struct str path,
                             struct compiled *compiled) {
    struct str name = str_base_name(path);
    if (compiled->script)
        fail_msg("%.*s: compiled", STR_ARGS(name));
    const char *tag = name.p + 4; // "err."
    struct str mark =
        str_format(arena, "[%.*s]\n", (int)strcspn(tag, "."), tag);
    const char *first = strstr(compiled->messages, "[D_");
    if (!first || !str_starts_with(str_from(first), mark))
        fail_msg("%.*s: expected %.*sfound:\n%s", STR_ARGS(name),
                 STR_ARGS(mark), compiled->messages);
    struct str expected = beside(arena, path, ".err");
    if (expected.n)
        check_text(name, expected, str_from(compiled->messages));
}

static void check_dump_case(struct arena *arena, struct str path,
                            struct compiled *compiled) {
    struct str name = str_base_name(path);
    if (!compiled->script)
        fail_msg("%.*s: %s", STR_ARGS(name), compiled->messages);
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    script_dump(out, compiled->script);
    fclose(out);
    check_text(name, beside(arena, path, ".ir"), (struct str){text, n});
    free(text);
}

// What is wrong only beside a program is found when probes are matched.
static bool is_of_matching(struct str name) {
    return str_starts_with(name, STR("err.D_PROC_")) ||
           str_starts_with(name, STR("err.D_PDESC_ZERO."));
}

static void check_case(struct arena *arena, struct str path) {
    if (is_of_matching(str_base_name(path)))
        return;
    struct str text = beside(arena, path, ".d");
    struct compiled *compiled = compile(str_base_name(path), text);
    if (str_starts_with(str_base_name(path), STR("err.")))
        check_error_case(arena, path, compiled);
    else
        check_dump_case(arena, path, compiled);
    release(compiled);
}

static size_t check_folder(struct arena *arena, struct str folder) {
    DIR *dir = opendir(folder.p);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct str path =
            str_format(arena, "%.*s/%s", STR_ARGS(folder), entry->d_name);
        // What is only found wrong beside a program is not for this test.
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "matching") == 0)
            continue;
        if (entry->d_type == DT_DIR) {
            count += check_folder(arena, path);
        } else if (str_ends_with(path, STR(".d"))) {
            check_case(arena, path);
            count++;
        }
    }
    closedir(dir);
    return count;
}

static void cases(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    assert_true(check_folder(arena, cases_folder(arena)) > 50);
    arena_free(arena);
}

// --- the reference ---

static bool names(struct str text, struct str name) {
    for (size_t i = 0; i + name.n + 2 <= text.n; i++)
        if (text.p[i] == '`' && !memcmp(text.p + i + 1, name.p, name.n) &&
            strchr("`(", text.p[i + 1 + name.n]))
            return true;
    return false;
}

// docs/d.md says of every name of DTrace's whether it works.
static void the_reference_is_complete(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct str folder = cases_folder(arena);
    struct str text = beside(
        arena, str_format(arena, "%.*s/../../docs/d.md", STR_ARGS(folder)),
        "md");
    assert_true(text.n > 0);
    size_t count;
    const struct builtin *table = builtin_table(&count);
    for (size_t i = 0; i < count; i++)
        if (!names(text, str_from(table[i].name)))
            fail_msg("%s is not in docs/d.md", table[i].name);
    static const char *const others[] = {
#define AGG(name, id, least, most, cells) #name,
#include "mctrace/aggs.def"
#undef AGG
#define OPTION(name, value, when, preset)        #name,
#define INERT(name, value, when, preset, reason) #name,
#define REFUSED(name, reason)                    #name,
#include "ir/options.def"
#undef OPTION
#undef INERT
#undef REFUSED
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (!names(text, str_from(others[i])))
            fail_msg("%s is not in docs/d.md", others[i]);
    for (unsigned i = 0; i < TAG_COUNT; i++) {
        struct str tag = str_from(tag_name((enum tag)i));
        if (str_starts_with(tag, STR("D_")) && !names(text, tag))
            fail_msg("%s is not in docs/d.md", tag.p);
    }
    arena_free(arena);
}

// --- what clauses do ---

static void clauses_end_by_faults_and_exit(void **state) {
    (void)state;
    struct machine machine =
        machine_new("int a, b; BEGIN { a = 1; b = 7 / (a - 1); a = 2; }"
                    "BEGIN { exit(3); a = 5; } BEGIN { a = 6; } END { a++; }");
    assert_false(run(&machine, 0));
    assert_int_equal(read_variable(&machine, "a"), 1);
    assert_int_equal(
        load_uint(machine.input.region + offsetof(struct mct_region, faults), 8,
                  ORDER_BIG),
        1);
    assert_true(run(&machine, 1)); // the rest of its clause runs
    assert_true(run(&machine, 2)); // later ones do not
    assert_int_equal(read_variable(&machine, "a"), 5);
    assert_true(run(&machine, 3)); // but END does
    assert_int_equal(read_variable(&machine, "a"), 6);
    assert_int_equal(load_uint(machine.input.region +
                                   offsetof(struct mct_region, exit_status),
                               4, ORDER_BIG),
                     3);
    release(machine.compiled);
}

static void strings_are_cut_and_compared(void **state) {
    (void)state;
    struct machine machine = machine_new(
        "#pragma D option strsize=4\n"
        "string s, t; int a, b, c, d; BEGIN { s = \"abcdef\"; t = s; a = t == "
        "\"abcd\"; b = s < \"abd\"; c = (a ? t : \"x\") >= \"abcd\"; "
        "d = sizeof (string) + sizeof s + sizeof \"abc\"; }");
    assert_true(run(&machine, 0));
    assert_int_equal(read_variable(&machine, "a"), 1);
    assert_int_equal(read_variable(&machine, "b"), 1);
    assert_int_equal(read_variable(&machine, "c"), 1);
    assert_int_equal(read_variable(&machine, "d"), 12);
    release(machine.compiled);
}

// --- arguments, damage ---

static void arguments_stand_for_macros(void **state) {
    (void)state;
    static const char *const args[] = {"0x10", "text"};
    struct script_options options = {.macro_args = args, .macro_arg_count = 2};
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "mctrace");
    struct source source = {
        .name = STR("x.d"),
        .text = STR("pid$target::f$1:entry { a = $1; s = $$2; }")};
    struct ir_script *script =
        script_compile(arena, &source, &options, NULL, &diag);
    assert_non_null(script);
    assert_true(str_equal(script->probes[0].descs[0].function, STR("f0x10")));
    assert_true(
        str_equal(script->probes[0].descs[0].provider, STR("pid$target")));
    assert_int_equal(script->clauses[0]->body->a->a->value, 16);
    assert_true(
        str_equal(script->clauses[0]->body->next->a->a->text, STR("text")));
    source.text = STR("BEGIN { a = $1; }");
    assert_null(script_compile(arena, &source, &options, NULL, &diag));
    assert_int_equal(diag.last, D_MACRO_UNUSED);
    source.text = STR("BEGIN { a = $1 + $2 + $3; }");
    assert_null(script_compile(arena, &source, &options, NULL, &diag));
    arena_free(arena);
}

static void texts_are_one_script(void **state) {
    (void)state;
    struct source first = {.name = STR("-n"), .text = STR("BEGIN { a = 1; }")};
    struct source second = {.name = STR("-m"),
                            .text = STR("lib, p:m { a++; }")};
    const struct script_text texts[] = {{&first, 0, false},
                                        {&second, 2, false}};
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "mctrace");
    struct ir_script *script =
        script_compile_texts(arena, texts, 2, NULL, NULL, &diag);
    assert_non_null(script);
    assert_int_equal(script->variable_count, 1);
    assert_int_equal(script->clauses[0]->text_index, 0);
    assert_int_equal(script->clauses[1]->text_index, 1);
    const struct probe_desc *descs = script->probes[1].descs;
    assert_true(str_equal(descs[0].module, STR("lib")));
    assert_true(str_equal(descs[1].provider, STR("p")));
    assert_true(str_equal(descs[1].module, STR("m")));
    assert_int_equal(descs[1].name.n, 0);
    second.text = STR("f, p:m");
    const struct script_text bare[] = {{&first, 0, true}, {&second, 2, true}};
    assert_non_null(script_compile_texts(arena, bare, 2, NULL, NULL, &diag));
    assert_null(script_compile_texts(arena, texts, 2, NULL, NULL, &diag));
    assert_int_equal(diag.last, D_SYNTAX);
    second.text = STR("f { b = a + undefined; }");
    assert_null(script_compile_texts(arena, texts, 2, NULL, NULL, &diag));
    assert_int_equal(diag.last, D_IDENT_UNDEF);
    arena_free(arena);
}

static void the_target_is_a_number_once_known(void **state) {
    (void)state;
    static const struct script_macro macros[] = {{"target", 77}};
    struct script_options options = {.macros = macros, .macro_count = 1};
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, NULL, "mctrace");
    struct source source = {.name = STR("x.d"),
                            .text =
                                STR("BEGIN { a = $target; s = $$target; }")};
    struct ir_script *script =
        script_compile(arena, &source, &options, NULL, &diag);
    assert_non_null(script);
    assert_int_equal(script->clauses[0]->body->a->a->value, 77);
    assert_true(
        str_equal(script->clauses[0]->body->next->a->a->text, STR("77")));
    arena_free(arena);
}

// Every beginning of a script, and every script with a byte changed, gives a
// result or a message.
static void damage_is_survived(void **state) {
    (void)state;
    struct str whole =
        STR("#pragma D option strsize=8\n# 3 \"f.d\"\nint x, *y; inline int z "
            "= 'a' + 0x1f;\nread:entry, :::b* / x / 2 > z && \"a\\n\" != s /\n"
            "{ if (x) @a[probefunc, 1] = lquantize(x, 0, 10); else { x <<= (3, "
            "z); exit(0); } self->t = xlate <int> (x)->y[2]; x = !x ? -1 : "
            "sizeof (long); /* c */ }\n");
    char text[600];
    for (size_t i = 0; i <= whole.n; i++) {
        memcpy(text, whole.p, i);
        release(compile(STR("x.d"), (struct str){text, i}));
    }
    static const char bytes[] = "{}();:/*\"'@$#\n\\\x80";
    for (size_t i = 0; i < whole.n; i++) {
        memcpy(text, whole.p, whole.n);
        text[i] = bytes[i % sizeof bytes];
        release(compile(STR("x.d"), (struct str){text, whole.n}));
    }
}

static void long_scripts_are_read(void **state) {
    (void)state;
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    for (int i = 0; i < 10000; i++)
        fprintf(out, "f%d:entry { x%d = %d; @a[probefunc] = count(); }\n", i,
                i % 500, i);
    fprintf(out, "BEGIN { y = 1");
    for (int i = 0; i < 900; i++)
        fputs(" + arg0", out);
    fputs("; }\n", out);
    fclose(out);
    struct compiled *compiled = compile(STR("x.d"), (struct str){text, n});
    assert_non_null(compiled->script);
    assert_int_equal(compiled->script->clause_count, 10001);
    release(compiled);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(the_reference_is_complete),
        cmocka_unit_test(clauses_end_by_faults_and_exit),
        cmocka_unit_test(strings_are_cut_and_compared),
        cmocka_unit_test(arguments_stand_for_macros),
        cmocka_unit_test(texts_are_one_script),
        cmocka_unit_test(the_target_is_a_number_once_known),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(long_scripts_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
