// fuzz_image.c: any bytes as a file. Reading refuses or succeeds; what was
// read can be asked about and written.

#include <string.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void use(struct image *image, struct diag *diag) {
    for (size_t i = 0; i < image->frame_count && i < 100; i++)
        image_frame_at(image, image->frames[i].va + image->frames[i].len / 2);
    struct debug_function *functions;
    struct symbol *symbols;
    size_t function_count, symbol_count;
    debug_functions(image, &functions, &function_count, &symbols, &symbol_count,
                    diag);
    struct image_room room;
    if (!image_plan_room(image, &room, diag))
        return;
    struct image_frame frame = {room.text_va, 16, 0, NULL, 0};
    if (image->frame_count)
        frame.like_va = image->frames[0].va;
    struct image_additions additions = {
        .text = {(const uint8_t *)"0123456789abcdef", 16},
        .region_len = 4096,
        .frames = &frame,
        .frame_count = 1,
        .links = {.search_path = STR("$ORIGIN/libs"),
                  .comes_first = true,
                  .bare_needs = image->needed,
                  .bare_need_count = image->needed_count},
    };
    image_write(image, &room, &additions, "/dev/null", diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, stderr, "fuzz");
    diag.quiet = true;
    // Writing changes the bytes and changes them back.
    uint8_t *copy = arena_alloc(arena, len);
    if (len)
        memcpy(copy, data, len);
    struct slice bytes = {copy, len};
    struct image *image = image_read_bytes(arena, "fuzz", bytes, &diag);
    if (image)
        use(image, &diag);
    image_close(image);
    arena_free(arena);
    return 0;
}
