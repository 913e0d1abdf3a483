// test_probe.c: descriptions, what they mean, and what they match in a program
// written for it.

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/probe.h"

struct bench {
    struct arena *arena;
    struct diag diag;
    struct image *image;
    const struct program *programs[1];
};

#define FUNC(name)                                                             \
    ".globl " name "\n.type " name ", @function\n" name ":\n.cfi_startproc\n"
#define END(name) ".cfi_endproc\n.size " name ", . - " name "\n"

static const char source[] = ".text\n" FUNC(
    "_start") "callq alpha\n movl $60, %eax\n syscall\n hlt\n" END("_start")
    FUNC("alpha") "testl %edi, %edi\n je 1f\n retq\n 1: jmp beta\n" END("alpha")
        FUNC("beta") "movl $0, %eax\n syscall\n retq\n" END("beta")
            FUNC("any") "movl %edi, %eax\n syscall\n retq\n" END("any")
                FUNC("_ZN2ns5gammaEi") "hlt\n" END("_ZN2ns5gammaEi");

static int setup(void **state) {
    static const char path[] = "/tmp/mct-probe-XXXXXX";
    char name[sizeof path], command[256];
    memcpy(name, path, sizeof path);
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    close(fd);
    snprintf(command, sizeof command,
             "clang-19 -x assembler -nostdlib -static -fuse-ld=lld-19 -o %s -",
             name);
    FILE *pipe = popen(command, "w");
    assert_non_null(pipe);
    fputs(source, pipe);
    assert_int_equal(pclose(pipe), 0);
    struct arena *arena = arena_new();
    struct bench *bench = ARENA_NEW(arena, struct bench);
    bench->arena = arena;
    diag_init(&bench->diag, stderr, "test");
    bench->image = image_open(arena, name, &bench->diag);
    assert_non_null(bench->image);
    struct program *program =
        program_open(arena, bench->image, STR("a.out"), &bench->diag);
    assert_non_null(program);
    program->is_given = true;
    bench->programs[0] = program;
    bench->diag.quiet = true;
    unlink(name);
    *state = bench;
    return 0;
}

static int teardown(void **state) {
    struct bench *bench = *state;
    image_close(bench->image);
    arena_free(bench->arena);
    return 0;
}

static struct probe_desc parse(struct bench *bench, const char *text) {
    struct probe_desc desc;
    assert_true(probe_parse_desc(str_from(text), (struct span){0}, &desc,
                                 &bench->diag));
    return desc;
}

static void assert_fields(const struct probe_desc *desc, const char *provider,
                          const char *module, const char *function,
                          const char *name) {
    assert_true(str_equal(desc->provider, str_from(provider)));
    assert_true(str_equal(desc->module, str_from(module)));
    assert_true(str_equal(desc->function, str_from(function)));
    assert_true(str_equal(desc->name, str_from(name)));
}

static void test_fields_fill_from_the_right(void **state) {
    struct bench *bench = *state;
    struct probe_desc desc = parse(bench, "BEGIN");
    assert_fields(&desc, "", "", "", "BEGIN");
    desc = parse(bench, " read : entry ");
    assert_fields(&desc, "", "", "read", "entry");
    desc = parse(bench, "a.out:main:");
    assert_fields(&desc, "", "a.out", "main", "");
    desc = parse(bench, "pid$target:::entry");
    assert_fields(&desc, "pid$target", "", "", "entry");
    assert_false(desc.provider_omitted);
    desc = parse(bench, "::read:entry");
    assert_true(desc.provider_omitted);
    desc = parse(bench, "4711");
    assert_int_equal(desc.id, 4711);
    assert_false(probe_parse_desc(STR("a:b:c:d:e"), (struct span){0}, &desc,
                                  &bench->diag));
    assert_int_equal(bench->diag.last, D_PDESC_INVAL);
}

static void test_omitted_provider(void **state) {
    struct bench *bench = *state;
    static const struct {
        const char *text, *provider;
    } rows[] = {{"::read:entry", "syscall"},
                {"read:return", "syscall"},
                {"::main:entry", "pid*"},
                {":::entry", "pid*"},
                {"::read:4", "pid*"},
                {"::re*:entry", "pid*"},
                {":libc.so.6:read:entry", "pid*"},
                {"BEGIN", "dtrace"},
                {"dtrace:::END", "dtrace"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct probe_desc desc = parse(bench, rows[i].text);
        assert_true(probe_resolve(&desc, bench->image->arch, &bench->diag));
        assert_true(str_equal(desc.provider, str_from(rows[i].provider)));
    }
    static const char *const unknown[] = {"sycall:::", "fbt:::entry",
                                          "pid:::", "pid0:::"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        struct probe_desc desc = parse(bench, unknown[i]);
        assert_false(probe_resolve(&desc, bench->image->arch, &bench->diag));
        assert_int_equal(bench->diag.last,
                         i < 3 ? D_PDESC_ZERO : D_PROC_BADPID);
    }
}

// Matches one clause with up to four descriptions.
static bool match(struct bench *bench, struct match_list *list,
                  const char *const *texts) {
    struct probe_desc descs[4];
    struct probe_clause clause = {.descs = descs};
    while (texts[clause.desc_count]) {
        descs[clause.desc_count] = parse(bench, texts[clause.desc_count]);
        clause.desc_count++;
    }
    return probe_match(bench->arena, bench->programs, 1, &clause, 1,
                       MATCH_STRICT, list, &bench->diag);
}

#define MATCH(bench, list, ...)                                                \
    match(bench, list, (const char *const[]){__VA_ARGS__, NULL})

static size_t count_of(struct bench *bench, const char *text) {
    struct match_list list;
    return MATCH(bench, &list, text) ? list.count : 0;
}

static void test_pid(void **state) {
    struct bench *bench = *state;
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {{"pid$target:a.out::entry", 5},
                {"pid123:a.out:alpha:entry", 1},
                {"p*:a*:alpha:entry", 1},
                {"pid$target::alpha:return", 2}, // the tail call too
                {"pid$target::alpha:4", 1},
                {"pid$target::alpha:0x0", 1},
                {"pid$target::alpha:", 3 + 4},
                {"pid$target::alpha:*", 3 + 4},
                {"pid$target::alpha:[0-9]", 4},
                {"pid$target::[ab]*:entry", 3},
                {"pid$target::ns??gamma:entry", 1},
                {"pid$target::_ZN2ns5gammaEi:entry", 1},
                {":::entry", 5},
                {"::alpha:entry", 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (count_of(bench, rows[i].text) != rows[i].count) {
            fail_msg("%s: %zu", rows[i].text, count_of(bench, rows[i].text));
        }
    }
    struct match_list list;
    assert_true(MATCH(bench, &list, "pid$target::alpha:return"));
    assert_int_equal(list.items[0].site->exit, EXIT_RETURN);
    assert_int_equal(list.items[1].site->exit, EXIT_TAIL_CALL);
    assert_int_equal(list.items[0].site->offset, 4);
    assert_true(str_equal(list.items[0].site->probefunc, STR("alpha")));
    assert_true(str_equal(list.items[0].site->module, STR("a.out")));
}

static void test_refusals(void **state) {
    struct bench *bench = *state;
    static const struct {
        const char *text;
        enum tag tag;
    } rows[] = {{"pid$target::alpah:entry", D_PROC_FUNC},
                {"pid$target:libz.so::entry", D_PDESC_ZERO},
                {"pid$target::alpha:enter", D_PROC_NAME},
                {"pid$target::alpha:3", D_PROC_OFF},
                {"pid$target::alpha:ffff", D_PROC_OFF},
                {"pid$target::_start:return", D_PDESC_ZERO},
                {"syscall::raed:entry", D_PDESC_ZERO},
                {"syscall::read:start", D_PDESC_ZERO},
                {"dtrace:::BEGINN", D_PDESC_ZERO},
                {"99999999", D_PDESC_ZERO}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct match_list list;
        assert_false(MATCH(bench, &list, rows[i].text));
        if (bench->diag.last != rows[i].tag) {
            fail_msg("%s: %s", rows[i].text, tag_name(bench->diag.last));
        }
        struct probe_desc desc = parse(bench, rows[i].text);
        struct probe_clause clause = {&desc, 1, false};
        assert_true(probe_match(bench->arena, bench->programs, 1, &clause, 1,
                                MATCH_ALLOW_NONE, &list, &bench->diag));
        assert_int_equal(list.count, 0);
    }
}

static void test_syscall(void **state) {
    struct bench *bench = *state;
    struct match_list list;
    // Known in beta; decided at run time in any.
    assert_true(MATCH(bench, &list, "syscall::read:entry"));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].site->selector, -1);
    assert_int_equal(list.items[1].site->selector, 0);
    assert_true(str_equal(list.items[0].site->probefunc, STR("read")));
    assert_true(str_equal(list.items[0].site->function->name, STR("beta")));
    assert_true(MATCH(bench, &list, "syscall::exit:"));
    assert_int_equal(list.count, 4);
    assert_int_equal(list.items[0].site->kind, SITE_SYSCALL_ENTRY);
    assert_int_equal(list.items[1].site->kind, SITE_SYSCALL_RETURN);
    assert_int_equal(list.items[0].site->va, list.items[1].site->va);
    assert_int_equal(count_of(bench, "::read:entry"), 2);
    assert_int_equal(count_of(bench, "syscall::openat:entry"), 1);
}

static void test_meta(void **state) {
    struct bench *bench = *state;
    struct match_list list;
    assert_true(MATCH(bench, &list, "BEGIN", "END"));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].site->id, 1);
    assert_int_equal(list.items[1].site->id, 2);
    assert_null(list.items[0].site->program);
    assert_true(MATCH(bench, &list, "ERROR"));
    assert_int_equal(list.items[0].site->id, 3);
    assert_int_equal(count_of(bench, "dtrace:::"), 3);
    assert_int_equal(count_of(bench, "1"), 1);
}

// A clause fires as often as it was asked for; order is that of events.
static void test_overlap_and_order(void **state) {
    struct bench *bench = *state;
    struct match_list list;
    assert_true(MATCH(bench, &list, "pid$target::alpha:entry",
                      "pid$target::al*:entry", "pid$target::alpha:entry"));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.site_count, 1);
    struct probe_desc first[] = {parse(bench, "syscall:::return"),
                                 parse(bench, "pid$target::beta:")};
    struct probe_desc second[] = {parse(bench, "pid$target::beta:entry"),
                                  parse(bench, "syscall::read:entry")};
    struct probe_clause clauses[] = {{first, 2, false}, {second, 2, false}};
    assert_true(probe_match(bench->arena, bench->programs, 1, clauses, 2,
                            MATCH_STRICT, &list, &bench->diag));
    static const struct {
        const char *function;
        enum site_kind kind;
        uint32_t clause;
    } beta[] = {
        {"beta", SITE_ENTRY, 0},         {"beta", SITE_ENTRY, 1},
        {"beta", SITE_OFFSET, 0},        {"beta", SITE_OFFSET, 0},
        {"read", SITE_SYSCALL_ENTRY, 1}, {"read", SITE_SYSCALL_RETURN, 0},
        {"beta", SITE_OFFSET, 0},        {"beta", SITE_RETURN, 0}};
    size_t at = 0;
    while (list.items[at].site->kind != SITE_ENTRY) {
        at++;
    }
    for (size_t i = 0; i < COUNT_OF(beta); i++, at++) {
        assert_int_equal(list.items[at].site->kind, beta[i].kind);
        assert_int_equal(list.items[at].clause, beta[i].clause);
        assert_true(str_equal(list.items[at].site->probefunc,
                              str_from(beta[i].function)));
    }
    for (size_t i = 1; i < list.site_count; i++) {
        assert_true(list.sites[i]->va >= list.sites[i - 1]->va);
    }
}

// The id that a listing shows means that probe.
static void test_ids(void **state) {
    struct bench *bench = *state;
    struct match_list list, again;
    assert_true(MATCH(bench, &list, "pid$target:::entry", "pid$target:::return",
                      "syscall::write:"));
    for (size_t i = 0; i < list.site_count; i++) {
        const struct site *site = list.sites[i];
        char id[16];
        snprintf(id, sizeof id, "%u", site->id);
        assert_true(MATCH(bench, &again, id));
        assert_int_equal(again.items[0].site->kind, site->kind);
        assert_true(str_equal(again.items[0].site->probefunc, site->probefunc));
    }
}

static void test_modules(void **state) {
    struct bench *bench = *state;
    static const struct {
        const char *text, *module;
        bool may;
    } rows[] = {{"pid$target:libc.so.6:malloc:entry", "libc.so.6", true},
                {"pid$target:libc.so:malloc:entry", "libc.so.6", true},
                {"pid$target:libc:malloc:entry", "libc.so.6", true},
                {"pid$target:lib*:malloc:entry", "libm.so.6", true},
                {"pid$target:libm.so:sin:entry", "libc.so.6", false},
                {"pid$target:a.out::entry", "libc.so.6", false},
                {"pid$target::malloc:entry", "libc.so.6", true},
                {"::malloc:entry", "libc.so.6", false},
                {":libc.so.6:malloc:entry", "libc.so.6", true},
                {"::read:entry", "libc.so.6", true},
                {"syscall:::", "libm.so.6", true},
                {"BEGIN", "libc.so.6", false},
                {"plt::fork:entry", "libc.so.6", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct probe_desc desc = parse(bench, rows[i].text);
        assert_true(probe_resolve(&desc, bench->image->arch, &bench->diag));
        struct probe_clause clause = {&desc, 1, false};
        if (probe_may_match_module(&clause, 1, str_from(rows[i].module)) !=
            rows[i].may) {
            fail_msg("%s in %s", rows[i].text, rows[i].module);
        }
    }
}

// Every site lies at an instruction of its program, and is there once.
static void test_sites_of_every_provider(void **state) {
    struct bench *bench = *state;
    size_t count;
    const struct provider *const *table = provider_table(&count);
    for (size_t i = 0; i < count; i++) {
        struct site_list list = {.arena = bench->arena};
        struct probe_desc desc = {0};
        table[i]->list(bench->programs[0], &desc, &list);
        for (size_t k = 0; k < list.count; k++) {
            const struct site *site = list.items[k];
            assert_true(program_is_insn(bench->programs[0], site->va));
            assert_true(site->provider.n > 0 && site->name.n > 0);
            assert_true(table[i]->claims(str_equal(site->provider, STR("pid"))
                                             ? STR("pid*")
                                             : site->provider));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_fill_from_the_right),
        cmocka_unit_test(test_omitted_provider),
        cmocka_unit_test(test_pid),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_syscall),
        cmocka_unit_test(test_meta),
        cmocka_unit_test(test_overlap_and_order),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_modules),
        cmocka_unit_test(test_sites_of_every_provider),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
