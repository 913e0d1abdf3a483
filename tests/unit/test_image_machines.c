// test_image_machines.c: programs and libraries of other machines are read,
// rewritten and restored.
//
// As in test_image.c: the rewritten program, and the stripped one, must do
// under the machine's emulator what the original does; readelf must find
// nothing to complain of that it did not find before. Machines whose tools are
// not installed are named.

#include <glob.h>

#include "image_lab.h"

struct target {
    const char *arch, *triple, *emulator;
};

static const struct target targets[] = {
    {"aarch64", "aarch64-linux-gnu", "qemu-aarch64"},
    {"arm", "arm-linux-gnueabihf", "qemu-arm"},
    {"ppc32", "powerpc-linux-gnu", "qemu-ppc"},
    {"riscv64", "riscv64-linux-gnu", "qemu-riscv64"},
};

static bool has_tools(struct fixture *f, const struct target *target) {
    const char *command =
        str_format(f->arena, "command -v %s-gcc %s >/dev/null", target->triple,
                   target->emulator)
            .p;
    if (!arch_by_name(str_from(target->arch)))
        return false;
    if (system(command) == 0)
        return true;
    print_message("%s: no compiler or no emulator here\n", target->arch);
    return false;
}

static void check_complaints(struct fixture *f, const char *from,
                             const char *to) {
    assert_same_output(
        f, str_format(f->arena, "readelf -Wa %s 2>&1 >/dev/null", from).p,
        str_format(f->arena, "readelf -Wa %s 2>&1 >/dev/null", to).p);
}

// Symbols, sections and addresses as the machine's own tools show them.
static void check_shown(struct fixture *f, const struct target *target,
                        const char *to, const struct rewrite *how) {
    int status;
    struct str shown =
        output_of(f,
                  str_format(f->arena, "%s-readelf -Ws %s | grep mctrace.test",
                             target->triple, to)
                      .p,
                  &status);
    char address[32];
    snprintf(address, sizeof address, "%08llx",
             (unsigned long long)how->text_va);
    assert_int_equal(status, 0);
    assert_non_null(strstr(str_terminated(f->arena, shown), address));
}

static bool has_moved_table(struct fixture *f, const char *path) {
    int status;
    struct str shown =
        output_of(f, str_format(f->arena, "readelf -SW %s", path).p, &status);
    return strstr(str_terminated(f->arena, shown), ".mctrace.headers") != NULL;
}

static void check_program(struct fixture *f, const struct target *target,
                          const char *from, struct rewrite *how) {
    const char *to = in_folder(f, "program");
    const char *stripped = in_folder(f, "stripped");
    rewrite_file(f, from, to, how);
    const char *run =
        str_format(f->arena, "%s -L /usr/%s", target->emulator, target->triple)
            .p;
    const char *original = str_format(f->arena, "%s %s x 2>&1", run, from).p;
    assert_same_output(f, original,
                       str_format(f->arena, "%s %s x 2>&1", run, to).p);
    assert_restores(f, from, to);
    check_complaints(f, from, to);
    check_shown(f, target, to, how);
    // Emulators take program headers to be where their offset says, which does
    // not hold once strip has moved a table that had no room.
    if (has_moved_table(f, to))
        return;
    assert_same_output(f, original,
                       str_format(f->arena,
                                  "%s-strip -o %s %s 2>&1 && %s %s x 2>&1",
                                  target->triple, stripped, to, run, stripped)
                           .p);
}

// The same program, built in every way the linker knows.
static void test_programs(void **state) {
    struct fixture *f = *state;
    static const char *const builds[] = {
        "-O1",
        "-O1 -no-pie",
        "-O1 -static",
        "-O1 -static-pie",
        "-O1 -static -Wl,-z,noseparate-code,--build-id=none",
        "-O1 -Wl,--hash-style=sysv,-z,now",
        "-O1 -no-pie -Wl,-z,separate-code,--emit-relocs",
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
    for (size_t t = 0; t < COUNT_OF(targets); t++) {
        const struct target *target = &targets[t];
        if (!has_tools(f, target))
            continue;
        for (size_t i = 0; i < COUNT_OF(builds); i++) {
            const char *from = in_folder(f, "built");
            const char *build =
                str_format(f->arena, "%s-gcc %s -o %s %s", target->triple,
                           builds[i], from, source)
                    .p;
            if (system(build) != 0) {
                print_message("cannot build here: %s\n", build);
                continue;
            }
            struct rewrite how = {0};
            check_program(f, target, from, &how);
        }
    }
}

// Calls of what libraries have go through stubs, which are recognised in every
// fashion of the machine.
static void test_stubs(void **state) {
    struct fixture *f = *state;
    static const char *const builds[] = {"-no-pie", "-no-pie -Wl,-z,now"};
    struct str text =
        STR("#include <stdio.h>\n#include <unistd.h>\n"
            "int main(void) { puts(\"x\"); return getpid() == 0; }\n");
    const char *source = in_folder(f, "calls.c");
    assert_true(file_write_text(
        source, (struct slice){(const uint8_t *)text.p, text.n}, &f->diag));
    for (size_t i = 0; i < COUNT_OF(targets) * COUNT_OF(builds); i++) {
        const struct target *target = &targets[i / COUNT_OF(builds)];
        if (!has_tools(f, target))
            continue;
        const char *from = in_folder(f, "calls");
        const char *build =
            str_format(f->arena, "%s-gcc -O1 %s -o %s %s", target->triple,
                       builds[i % COUNT_OF(builds)], from, source)
                .p;
        assert_int_equal(system(build), 0);
        struct image *image = image_open(f->arena, from, &f->diag);
        assert_non_null(image);
        unsigned seen = 0;
        for (size_t k = 0; k < image->plt_count; k++) {
            struct str name = image->plt[k].name;
            seen +=
                str_equal(name, STR("puts")) || str_equal(name, STR("getpid"));
            assert_true(image_is_code(image, image->plt[k].va));
        }
        if (seen != 2)
            print_message("%s %s\n", target->arch, build);
        assert_int_equal(seen, 2);
        image_close(image);
    }
}

// A program that loads a library with a new DT_INIT and search path.
static void test_libraries(void **state) {
    struct fixture *f = *state;
    const char *library = in_folder(f, "one.c");
    const char *program = in_folder(f, "main.c");
    struct str one = STR("int one(int n) { return n + 1; }\n");
    struct str two = STR("#include <stdio.h>\nint one(int);\n"
                         "int main(void) { printf(\"%d\\n\", one(41)); }\n");
    assert_true(file_write_text(
        library, (struct slice){(const uint8_t *)one.p, one.n}, &f->diag));
    assert_true(file_write_text(
        program, (struct slice){(const uint8_t *)two.p, two.n}, &f->diag));
    for (size_t t = 0; t < COUNT_OF(targets); t++) {
        const struct target *target = &targets[t];
        if (!has_tools(f, target))
            continue;
        const char *from = in_folder(f, "libone.so");
        const char *original = in_folder(f, "libone.original");
        const char *build =
            str_format(f->arena,
                       "%s-gcc -O1 -shared -fPIC -o %s %s && cp %s %s && "
                       "%s-gcc -O1 -o %s %s %s -Wl,-rpath,%s",
                       target->triple, from, library, from, original,
                       target->triple, in_folder(f, "main"), program, from,
                       f->folder)
                .p;
        assert_int_equal(system(build), 0);
        struct rewrite how = {.init_va = 1, .search_path = "$ORIGIN"};
        rewrite_file(f, original, from, &how);
        int status;
        const char *run =
            str_format(f->arena, "%s -L /usr/%s %s", target->emulator,
                       target->triple, in_folder(f, "main"))
                .p;
        assert_true(str_equal(output_of(f, run, &status), STR("42\n")));
        assert_int_equal(status, 0);
        assert_restores(f, original, from);
        check_complaints(f, original, from);
    }
}

// What the machines' own distribution has.
static void test_installed(void **state) {
    struct fixture *f = *state;
    for (size_t t = 0; t < COUNT_OF(targets); t++) {
        const struct target *target = &targets[t];
        if (!has_tools(f, target))
            continue;
        glob_t found;
        const char *pattern =
            str_format(f->arena, "/usr/%s/lib/*.so.[0-9]*", target->triple).p;
        if (glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t i = 0; i < found.gl_pathc; i++) {
            // Loaders begin at their entry point, and need no functions before.
            if (strstr(found.gl_pathv[i], "/ld-"))
                continue;
            const char *to = in_folder(f, "library");
            struct rewrite how = {.init_va = 1, .search_path = "$ORIGIN"};
            rewrite_file(f, found.gl_pathv[i], to, &how);
            assert_restores(f, found.gl_pathv[i], to);
            check_complaints(f, found.gl_pathv[i], to);
        }
        globfree(&found);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_programs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stubs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_libraries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_installed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
