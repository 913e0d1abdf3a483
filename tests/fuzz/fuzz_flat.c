// fuzz_flat.c: any bytes as Intel HEX, S-records or a raw binary, by the first
// byte. Reading refuses or succeeds; what was read can be written, changed and
// with more behind it.

#include <string.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void use(struct image *image, struct diag *diag) {
    struct image_room room;
    struct image_patch patch = {image->segments[0].va,
                                {(const uint8_t *)"\xaa", 1}};
    struct image_additions additions = {
        .text = {(const uint8_t *)"0123456789abcdef", 16},
        .rodata = {(const uint8_t *)"0123456789abcdef", 16},
        .region_len = 64,
        .patches = &patch,
        .patch_count = 1,
    };
    if (image_plan_room(image, &room, diag))
        image_write(image, &room, &additions, "/dev/null", diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, stderr, "fuzz");
    diag.quiet = true;
    struct image_facts facts = {
        .arch = arch_by_name(STR("x86_64")),
        .has_base = len && data[0] & 1,
        .base_va = 0x10000,
        .has_entry = len && data[0] & 2,
        .entry_va = 0x10000,
        .text = {true, 0x100000, len && data[0] & 4 ? 4096 : 0},
        .data = {true, 0x20000000, 0},
        .fix_crc = len && data[0] & 8 ? "sum8,range=0x10000-0x10010,at=0x10010"
                                      : NULL};
    struct slice bytes = {data + (len != 0), len - (len != 0)};
    struct image *image =
        image_read_bytes_as(arena, "fuzz", bytes, &facts, &diag);
    if (image)
        use(image, &diag);
    image_close(image);
    arena_free(arena);
    return 0;
}
