// program_lab.h: programs made of assembler text in which every interesting
// address has a label, opened and analysed.

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program/program.h"

// A program made of assembler text, opened.
struct bench {
    struct arena *arena;
    struct diag diag;
    struct image *image;
    struct program *program;
    char path[64];
};

static void bench_open(struct bench *bench, const char *path) {
    bench->arena = arena_new();
    diag_init(&bench->diag, stderr, "test");
    bench->image = image_open(bench->arena, path, &bench->diag);
    assert_non_null(bench->image);
    bench->program =
        program_open(bench->arena, bench->image, STR("a.out"), &bench->diag);
    assert_non_null(bench->program);
}

static struct bench bench_new(const char *flags, const char *source) {
    struct bench bench = {0};
    strcpy(bench.path, "/tmp/mct-program-XXXXXX");
    int fd = mkstemp(bench.path);
    assert_true(fd >= 0);
    close(fd);
    char command[512];
    snprintf(command, sizeof command,
             "clang-19 -x assembler -nostdlib -fuse-ld=lld-19 %s -o %s -",
             flags, bench.path);
    FILE *pipe = popen(command, "w");
    assert_non_null(pipe);
    fputs(source, pipe);
    assert_int_equal(pclose(pipe), 0);
    bench_open(&bench, bench.path);
    return bench;
}

static void bench_free(struct bench *bench) {
    image_close(bench->image);
    arena_free(bench->arena);
    unlink(bench->path);
}

static uint64_t label(const struct bench *bench, const char *name) {
    for (size_t i = 0; i < bench->image->symbol_count; i++) {
        if (str_equal(bench->image->symbols[i].name, str_from(name))) {
            return bench->image->symbols[i].va;
        }
    }
    fail_msg("no label %s", name);
    return 0;
}

#define FUNC(name)         ".globl " name "\n.type " name ", @function\n" name ":\n"
#define END(name)          ".size " name ", . - " name "\n"
#define CFUNC(name)        FUNC(name) ".cfi_startproc\n"
#define CEND(name)         ".cfi_endproc\n" END(name)
#define FRAMED(name, body) CFUNC(name) body CEND(name)
