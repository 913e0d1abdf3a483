// test_symbols.c: names of addresses, held against the dynamic loader's.
//
// This very process is described as the runtime would do it; then its own
// functions and those of its C library must be found.
//
// Not with sanitizers: the names of the C library's functions
// would be theirs.

#include <dlfcn.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/data.h"

#define PID 77u

// Notes have a name of so many bytes, a value of so many, and a type.
static void put_build_id(FILE *out, const uint8_t *notes, size_t len) {
    for (size_t at = 0; at + 12 <= len;) {
        ElfW(Nhdr) note;
        memcpy(&note, notes + at, sizeof note);
        const uint8_t *value = notes + at + 12 + (note.n_namesz + 3) / 4 * 4;
        for (size_t k = 0; note.n_type == 3 && k < note.n_descsz; k++)
            fprintf(out, "%02x", value[k]);
        at = (size_t)(value - notes) + (note.n_descsz + 3) / 4 * 4;
    }
}

// A line of what a process tells.
static int describe(struct dl_phdr_info *info, size_t len, void *state) {
    (void)len;
    FILE *out = state;
    uint64_t from = UINT64_MAX, to = 0;
    const char *path = info->dlpi_name[0] ? info->dlpi_name : "/proc/self/exe";
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD)
            continue;
        from = start < from ? start : from;
        to = start + segment->p_memsz > to ? start + segment->p_memsz : to;
    }
    fprintf(out, "%016llx-%016llx %s\t", (unsigned long long)from & ~4095ull,
            (unsigned long long)to, path);
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            put_build_id(
                out,
                (const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
                info->dlpi_phdr[i].p_memsz);
    fputc('\n', out);
    return 0;
}

struct fixture {
    struct arena *arena;
    struct mapping mapping;
    struct symbol_source source;
    char *text;
};

static void open_fixture(struct fixture *f) {
    size_t len;
    memset(f, 0, sizeof *f);
    f->arena = arena_new();
    f->source = symbols_open(f->arena, &f->mapping);
    FILE *out = open_memstream(&f->text, &len);
    dl_iterate_phdr(describe, out);
    fclose(out);
}

static void close_fixture(struct fixture *f) {
    free(f->text);
    arena_free(f->arena);
}

static bool find(struct fixture *f, const void *at,
                 struct named_address *found) {
    return f->source.find(f->source.state, PID, (uint64_t)(uintptr_t)at, found);
}

static void learn(struct fixture *f, const char *text) {
    f->source.learn(f->source.state, PID, str_from(text));
}

static void test_names(void **state) {
    (void)state;
    static const char *const functions[] = {"qsort",  "printf",  "strtol",
                                            "getenv", "malloc",  "fopen",
                                            "write",  "waitpid", "nanosleep"};
    struct fixture f;
    struct named_address found;
    open_fixture(&f);
    assert_false(find(&f, (const void *)(uintptr_t)test_names, &found));
    learn(&f, f.text);
    assert_true(find(&f, (const void *)(uintptr_t)test_names, &found));
    assert_true(str_equal(found.name, STR("test_names")));
    assert_true(find(&f, &functions, &found));
    assert_int_equal(found.start, (uintptr_t)&functions);
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        const char *at = dlsym(RTLD_DEFAULT, functions[i]);
        assert_true(find(&f, at + 1, &found));
        assert_int_equal(found.start, (uintptr_t)at);
        assert_true(str_equal(found.module, STR("libc.so.6")));
        char *name = strndup(found.name.p, found.name.n);
        // One of its names; the loader knows them all, or it is the one asked.
        const void *same = dlsym(RTLD_DEFAULT, name);
        assert_true(same == at || strstr(name, functions[i]));
        free(name);
    }
    close_fixture(&f);
}

// A file of another build is not believed; one that is gone is a module still.
static void test_strangers(void **state) {
    (void)state;
    struct fixture f;
    struct named_address found;
    open_fixture(&f);
    learn(&f, "0000000000001000-0000000000003000 /proc/self/exe\t0123\n"
              "0000000000003000-0000000000004000 /no/such/libfile.so\t\n"
              "5000-6000 [vdso]\t\nnonsense\n7000-6000 /x\t\n");
    assert_true(find(&f, (const void *)0x2fff, &found));
    assert_int_equal(found.name.n, 0);
    assert_true(find(&f, (const void *)0x3000, &found));
    assert_true(str_equal(found.module, STR("libfile.so")));
    assert_int_equal(found.name.n, 0);
    assert_false(find(&f, (const void *)0x4000, &found));
    assert_true(find(&f, (const void *)0x5000, &found));
    assert_true(str_equal(found.module, STR("[vdso]")));
    assert_false(find(&f, (const void *)0x6800, &found));
    // What a process tells later replaces it.
    learn(&f, "");
    assert_false(find(&f, (const void *)0x3000, &found));
    close_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
