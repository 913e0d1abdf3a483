// test_image.c: real binaries are read, rewritten, run and restored.
//
// The oracle is the system itself: a rewritten program must do what the
// original does, also after strip; readelf must find nothing to complain of
// that it did not find before; ldd must name the same libraries; the unwinder
// must find the unwind information of added code in a loaded library.

#include "image_lab.h"
#include <dlfcn.h>
#include <link.h>

struct dwarf_eh_bases {
    void *tbase, *dbase, *func;
};
extern const void *_Unwind_Find_FDE(const void *pc,
                                    struct dwarf_eh_bases *bases);

static const struct {
    const char *path, *args;
} programs[] = {
    {"/bin/true", ""},
    {"/bin/false", ""},
    {"/bin/cat", "/etc/passwd"},
    {"/bin/ls", "-l /usr/lib"},
    {"/bin/bash", "-c 'for i in 1 2 3; do (echo $i | cat); done; exit 5'"},
    {"/usr/bin/sort", "/etc/group"},
    {"/usr/bin/perl", "-e 'printf(\"%.3f\\n\", exp(1))'"},
    {"/usr/bin/python3", "-c 'import json; print(json.dumps([1, {}]))'"},
    {"/usr/bin/git", "--version"},
    {"/usr/bin/gdb", "--version"},
    {"/usr/bin/gcc", "-dumpversion"},
};

static void test_programs_run(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        const char *path = programs[i].path, *args = programs[i].args;
        if (access(path, X_OK) != 0) {
            print_message("not installed: %s\n", path);
            continue;
        }
        const char *to = in_folder(f, "program");
        const char *stripped = in_folder(f, "stripped");
        struct rewrite how = {0};
        rewrite_file(f, path, to, &how);
        const char *original = str_format(f->arena, "%s %s 2>&1", path, args).p;
        assert_same_output(f, original,
                           str_format(f->arena, "%s %s 2>&1", to, args).p);
        assert_restores(f, path, to);
        struct str strip = str_format(f->arena,
                                      "strip -o %s %s 2>&1 && %s %s "
                                      "2>&1",
                                      stripped, to, stripped, args);
        assert_same_output(f, original, strip.p);
        assert_same_output(
            f, str_format(f->arena, "readelf -Wa %s 2>&1 >/dev/null", path).p,
            str_format(f->arena, "readelf -Wa %s 2>&1 >/dev/null", to).p);
        const char *again = in_folder(f, "again");
        rewrite_file(f, path, again, &how);
        assert_true(same_files(f, to, again));
    }
}

// The same program, built in every way a linker knows here.
static void test_layouts(void **state) {
    struct fixture *f = *state;
    static const char *const builds[] = {
        "gcc -O1",
        "gcc -O1 -no-pie",
        "gcc -O1 -static",
        "gcc -O1 -static-pie",
        "gcc -O1 -Wl,-z,noseparate-code",
        "gcc -O1 -static -Wl,-z,noseparate-code",
        "gcc -O1 -Wl,--hash-style=sysv,-z,now",
        "gcc -O1 -fcf-protection -Wl,-z,ibtplt,--emit-relocs",
        "musl-gcc -O1 -static",
        "clang-19 -fuse-ld=lld-19",
        "clang-19 -fuse-ld=lld-19 -static",
        // No room behind the program headers at all.
        "clang-19 -fuse-ld=lld-19 -static -Wl,--build-id=none",
        "clang-19 -fuse-ld=lld-19 -no-pie -Wl,--pack-dyn-relocs=relr",
        "clang-19 -fuse-ld=lld-19 -Wl,-z,separate-code",
    };
    const char *source = in_folder(f, "program.c");
    const char text[] = "#include <stdio.h>\n"
                        "static int zero[5000], one = 1;\n"
                        "int *where = &one;\n"
                        "int main(int n, char **v) {\n"
                        "    printf(\"%d %d %s\\n\", zero[n], *where, v[1]);\n"
                        "    return 3;\n"
                        "}\n";
    struct slice bytes = {(const uint8_t *)text, sizeof text - 1};
    assert_true(file_write_text(source, bytes, &f->diag));
    for (size_t i = 0; i < COUNT_OF(builds); i++) {
        const char *from = in_folder(f, "built"), *to = in_folder(f, "program");
        const char *build = str_format(f->arena, "%s -o %s %s 2>/dev/null",
                                       builds[i], from, source)
                                .p;
        if (system(build) != 0) {
            print_message("cannot build here: %s\n", builds[i]);
            continue;
        }
        struct rewrite how = {0};
        rewrite_file(f, from, to, &how);
        const char *original = str_format(f->arena, "%s x", from).p;
        assert_same_output(f, original, str_format(f->arena, "%s x", to).p);
        assert_restores(f, from, to);
        assert_same_output(f, original,
                           str_format(f->arena, "strip %s && %s x", to, to).p);
    }
}

static struct slice copy_of(struct fixture *f, const char *path) {
    struct file file;
    assert_true(file_open(&file, path, &f->diag));
    uint8_t *p = arena_alloc(f->arena, file.data.n);
    memcpy(p, file.data.p, file.data.n);
    struct slice copy = {p, file.data.n};
    file_close(&file);
    return copy;
}

// Program headers and the dynamic section tell all that sections do.
static void test_no_section_headers(void **state) {
    struct fixture *f = *state;
    struct image *with = image_open(f->arena, "/bin/cat", &f->diag);
    assert_non_null(with);
    struct slice bytes = copy_of(f, "/bin/cat");
    ElfW(Ehdr) *header = (ElfW(Ehdr) *)(uintptr_t)bytes.p;
    header->e_shoff = 0;
    header->e_shnum = 0;
    header->e_shstrndx = 0;
    struct image *without =
        image_read_bytes(f->arena, "/bin/cat", bytes, &f->diag);
    assert_non_null(without);
    assert_int_equal(with->needed_count, without->needed_count);
    assert_int_equal(with->import_count, without->import_count);
    assert_int_equal(with->frame_count, without->frame_count);
    assert_int_equal(with->plt_count, without->plt_count);
    for (size_t i = 0; i < with->plt_count; i++) {
        assert_int_equal(with->plt[i].va, without->plt[i].va);
        assert_true(str_equal(with->plt[i].name, without->plt[i].name));
    }
    const char *from = in_folder(f, "headerless");
    const char *to = in_folder(f, "program");
    struct file_part whole = {bytes, 0};
    assert_true(file_write(from, &whole, 1, 0755, &f->diag));
    struct rewrite how = {0};
    rewrite_image(f, without, to, &how);
    assert_same_output(f, "/bin/cat /etc/passwd",
                       str_format(f->arena, "%s /etc/passwd", to).p);
    assert_restores(f, from, to);
    image_close(with);
    image_close(without);
}

static const void *loaded_tag(const struct link_map *map, int64_t tag) {
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return &entry->d_un;
    return NULL;
}

// A library: DT_INIT, search path, and unwind information of added code as
// the unwinder of this very process sees it.
static void test_library(void **state) {
    struct fixture *f = *state;
    const char *to = in_folder(f, "libz.so.1");
    struct rewrite how = {.init_va = 1, .search_path = "$ORIGIN"};
    rewrite_file(f, "/usr/lib/x86_64-linux-gnu/libz.so.1", to, &how);
    void *handle = dlopen(to, RTLD_NOW);
    assert_non_null(handle);
    const char *(*version)(void);
    *(void **)&version = dlsym(handle, "zlibVersion");
    assert_non_null(version);
    assert_int_equal(version()[0], '1');
    struct link_map *map;
    assert_int_equal(dlinfo(handle, RTLD_DI_LINKMAP, &map), 0);
    const uint64_t *init = loaded_tag(map, DT_INIT);
    assert_non_null(init);
    assert_int_equal(*init, how.text_va + 1);
    const uint64_t *path = loaded_tag(map, DT_RPATH);
    assert_non_null(path);
    const char *added = (const char *)map->l_addr + how.text_va;
    struct dwarf_eh_bases bases;
    for (int i = 0; i < 4; i++)
        assert_non_null(_Unwind_Find_FDE(added + i, &bases));
    assert_ptr_equal(bases.func, added);
    assert_non_null(_Unwind_Find_FDE((const void *)version, &bases));
    dlclose(handle);
}

// A library whose dynamic section has no entry to spare.
static void test_crowded_library(void **state) {
    struct fixture *f = *state;
    const char *source = in_folder(f, "one.c"), *from = in_folder(f, "one.so");
    struct slice text = {(const uint8_t *)"int one(void) { return 1; }\n", 28};
    assert_true(file_write_text(source, text, &f->diag));
    const char *build = str_format(f->arena,
                                   "clang-19 -shared -fPIC -nostdlib "
                                   "-fuse-ld=lld-19 -o %s %s",
                                   from, source)
                            .p;
    assert_int_equal(system(build), 0);
    const char *to = in_folder(f, "rewritten.so");
    struct rewrite how = {.init_va = 1, .search_path = "$ORIGIN"};
    rewrite_file(f, from, to, &how);
    void *handle = dlopen(to, RTLD_NOW);
    assert_non_null(handle);
    int (*one)(void);
    *(void **)&one = dlsym(handle, "one");
    assert_int_equal(one(), 1);
    struct link_map *map;
    assert_int_equal(dlinfo(handle, RTLD_DI_LINKMAP, &map), 0);
    const uint64_t *init = loaded_tag(map, DT_INIT);
    assert_non_null(init);
    assert_int_equal(*init, how.text_va + 1);
    assert_non_null(loaded_tag(map, DT_RPATH));
    dlclose(handle);
    assert_restores(f, from, to);
}

static void test_frames(void **state) {
    struct fixture *f = *state;
    struct image *image = image_open(f->arena, "/bin/cat", &f->diag);
    assert_non_null(image);
    const struct abi *abi = &image->arch->abi;
    size_t entries = 0;
    for (size_t i = 0; i < image->frame_count; i++) {
        const struct frame_range *range = &image->frames[i];
        struct frame_state frame = image_frame_at(image, range->va);
        if (frame.at_entry) {
            assert_int_equal(frame.base, abi->sp);
            assert_int_equal(frame.off + frame.return_off, abi->return_off);
            entries++;
        }
    }
    assert_true(entries * 10 > image->frame_count * 7);
    assert_false(image_frame_at(image, 0).known);
    image_close(image);
}

static void test_closure(void **state) {
    struct fixture *f = *state;
    static const char *const paths[] = {"/bin/cat", "/usr/bin/git",
                                        "/usr/bin/gdb", "/usr/bin/python3"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (access(paths[i], X_OK) != 0)
            continue;
        struct image *image = image_open(f->arena, paths[i], &f->diag);
        assert_non_null(image);
        struct library *libraries;
        size_t count;
        assert_true(
            closure_find(image, f->arena, &libraries, &count, &f->diag));
        struct bytes list;
        bytes_init(&list, f->arena, ORDER_LITTLE);
        for (size_t j = 0; j < count; j++) {
            bytes_add(&list, libraries[j].path.p, libraries[j].path.n);
            bytes_u8(&list, '\n');
        }
        int status;
        struct str expected = output_of(
            f,
            str_format(f->arena,
                       "ldd %s | grep -v vdso | sed 's/.*=> //;s/ (0x.*//;"
                       "s/^\\t//'",
                       paths[i])
                .p,
            &status);
        assert_int_equal(status, 0);
        struct str got = {(const char *)list.p, list.n};
        assert_true(str_equal(expected, got));
        image_close(image);
    }
}

static void expect(struct fixture *f, struct slice bytes, enum tag tag) {
    f->diag.quiet = true;
    struct image *image = image_read_bytes(f->arena, "bad", bytes, &f->diag);
    f->diag.quiet = false;
    assert_null(image);
    if (f->diag.last != tag)
        print_message("%s, not %s\n", tag_name(f->diag.last), tag_name(tag));
    assert_int_equal(f->diag.last, tag);
}

static ElfW(Phdr) * load_segment(struct slice bytes, int nth) {
    ElfW(Ehdr) *header = (ElfW(Ehdr) *)(uintptr_t)bytes.p;
    ElfW(Phdr) *segment = (ElfW(Phdr) *)(uintptr_t)(bytes.p + header->e_phoff);
    while (segment->p_type != PT_LOAD || nth-- > 0)
        segment++;
    return segment;
}

static void test_bad_files(void **state) {
    struct fixture *f = *state;
    struct slice good = copy_of(f, "/bin/true");
    expect(f, (struct slice){good.p, 0}, B_FORMAT);
    expect(f, (struct slice){(const uint8_t *)"#!/bin/sh\n", 10}, B_FORMAT);
    expect(f, (struct slice){good.p, 5}, B_TRUNCATED);
    expect(f, (struct slice){good.p, 20}, B_TRUNCATED);
    expect(f, (struct slice){good.p, 100}, B_TRUNCATED);
    expect(f, (struct slice){good.p, good.n / 2}, B_TRUNCATED);
    expect(f, (struct slice){good.p, good.n - 1}, B_TRUNCATED);
    struct slice bad = copy_of(f, "/bin/true");
    ElfW(Ehdr) *header = (ElfW(Ehdr) *)(uintptr_t)bad.p;
    ElfW(Ehdr) whole = *header;
    header->e_machine = EM_SPARC;
    expect(f, bad, B_MACHINE);
    *header = whole;
    header->e_type = ET_REL;
    expect(f, bad, B_KIND);
    header->e_type = ET_CORE;
    expect(f, bad, B_KIND);
    *header = whole;
    header->e_ident[EI_CLASS] = 7;
    expect(f, bad, B_HEADER);
    *header = whole;
    header->e_phnum = 0;
    expect(f, bad, B_NO_CODE);
    *header = whole;
    load_segment(bad, 1)->p_filesz += 1 << 30;
    expect(f, bad, B_HEADER);
    load_segment(bad, 1)->p_memsz += 1 << 30;
    expect(f, bad, B_TRUNCATED);
    bad = copy_of(f, "/bin/true");
    load_segment(bad, 1)->p_vaddr = 0;
    expect(f, bad, B_HEADER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_programs_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_layouts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_section_headers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_library, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_crowded_library, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_frames, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
