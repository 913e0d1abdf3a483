// image_lab.h: what the tests of src/image share: a folder, commands whose
// output counts, and a rewrite that changes nothing.

#ifndef MCTRACE_IMAGE_LAB_H
#define MCTRACE_IMAGE_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
    strcpy(f->folder, "/tmp/mct-image-XXXXXX");
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

// What a command prints, and its exit status.
static struct str output_of(struct fixture *f, const char *command,
                            int *status) {
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    struct bytes out;
    bytes_init(&out, f->arena, ORDER_LITTLE);
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        bytes_add(&out, buffer, n);
    *status = pclose(pipe);
    return str_copy(f->arena, (struct str){(const char *)out.p, out.n});
}

static void assert_same_output(struct fixture *f, const char *a,
                               const char *b) {
    int first, second;
    struct str expected = output_of(f, a, &first);
    struct str got = output_of(f, b, &second);
    if (first != second || !str_equal(expected, got))
        print_message("%s\n%.*s\n%s\n%.*s\n", a, STR_ARGS(expected), b,
                      STR_ARGS(got));
    assert_int_equal(first, second);
    assert_true(str_equal(expected, got));
}

static bool same_files(struct fixture *f, const char *a, const char *b) {
    struct file x, y;
    assert_true(file_open(&x, a, &f->diag));
    assert_true(file_open(&y, b, &f->diag));
    bool same = x.data.n == y.data.n &&
                memcmp(x.data.p, y.data.p, x.data.n) == 0 && x.mode == y.mode;
    file_close(&x);
    file_close(&y);
    return same;
}

struct rewrite {
    uint64_t text_va, init_va;
    const char *search_path;
};

// A rewrite that adds a little of everything and patches nothing. The added
// code is a few returns; frames change behind the first two.
static void rewrite_image(struct fixture *f, struct image *image,
                          const char *to, struct rewrite *how) {
    struct image_room room;
    assert_true(image_plan_room(image, &room, &f->diag));
    struct bytes code;
    bytes_init(&code, f->arena, image->arch->order);
    image->arch->ret(&code);
    uint32_t one = (uint32_t)code.n;
    for (int i = 1; i < 4; i++)
        image->arch->ret(&code);
    struct image_symbol symbol = {
        .name = STR("mctrace.test"), .va = room.text_va, .len = 4 * one};
    struct image_frame_row row = {2 * one, 8, 0, 0};
    struct image_frame frame = {room.text_va, 4 * one, 0, &row, 1};
    if (image->frame_count)
        frame.like_va = image->frames[image->frame_count - 1].va;
    struct image_additions additions = {
        .text = {code.p, code.n},
        .rodata = {(const uint8_t *)"constant", 8},
        .region_len = 3 * 4096,
        .symbols = &symbol,
        .symbol_count = 1,
        .frames = &frame,
        .frame_count = 1,
        .mapping = STR("{\"a\":1}"),
        .new_init_va =
            how->init_va == 1 ? room.text_va + one + image->arch->mode : 0,
        .links = {.search_path = str_from(how->search_path),
                  .comes_first = true},
    };
    how->text_va = room.text_va;
    assert_true(image_write(image, &room, &additions, to, &f->diag));
}

static void rewrite_file(struct fixture *f, const char *from, const char *to,
                         struct rewrite *how) {
    struct image *image = image_open(f->arena, from, &f->diag);
    assert_non_null(image);
    rewrite_image(f, image, to, how);
    image_close(image);
}

static void assert_restores(struct fixture *f, const char *original,
                            const char *rewritten) {
    const char *back = in_folder(f, "restored");
    struct image *image = image_open(f->arena, rewritten, &f->diag);
    assert_non_null(image);
    struct str mapping;
    assert_true(image_embedded(image, &mapping));
    assert_true(str_equal(mapping, STR("{\"a\":1}")));
    struct image_room room;
    f->diag.quiet = true;
    assert_false(image_plan_room(image, &room, &f->diag));
    assert_int_equal(f->diag.last, B_ALREADY);
    f->diag.quiet = false;
    assert_true(image_restore(image, back, &f->diag));
    image_close(image);
    assert_true(same_files(f, original, back));
}

#endif
