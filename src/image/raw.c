// raw.c: a raw binary: bytes from a base address on, and nothing else. What is
// added behind it follows a gap of erased flash.

#include <string.h>

#include "image/flat.h"

#define ERASED   0xff
#define MOST_LEN (256u << 20)

// Nothing marks one: who says --base means it.
static bool raw_claims(struct slice bytes) {
    (void)bytes;
    return false;
}

static bool raw_read(struct image *image, struct diag *diag) {
    struct flat_file *flat = ARENA_NEW(image->arena, struct flat_file);
    image->flat = flat;
    flat->source = image->file;
    flat_add_piece(image, image->facts.base_va, image->file.data, NULL, 0);
    return flat_finish(image, diag);
}

// False: what is added lies before the file, or so far behind that the gap
// would fill a disk.
static bool check_len(const struct image *image, const struct flat_run *first,
                      const struct flat_run *last, struct diag *diag) {
    uint64_t base_va = image->facts.base_va;
    bool is_before = first->va < base_va;
    if (!is_before && last->va + last->n - base_va <= MOST_LEN)
        return true;
    diag_error_at(diag, R_ROOM, image->path.p,
                  is_before ? "added code at 0x%llx lies before the file's "
                              "first byte"
                            : "added code at 0x%llx lies too far from the rest "
                              "for a raw binary",
                  (unsigned long long)(is_before ? first->va : last->va));
    return false;
}

static bool raw_write(struct image *image, const struct image_room *room,
                      const struct image_additions *additions, const char *path,
                      struct diag *diag) {
    struct arena *arena = arena_new();
    struct flat_result result;
    bool ok = flat_apply(image, room, additions, arena, &result, diag) &&
              check_len(image, &result.all[0],
                        &result.all[result.all_count - 1], diag);
    if (ok) {
        uint64_t base_va = image->facts.base_va;
        const struct flat_run *last = &result.all[result.all_count - 1];
        size_t len = (size_t)(last->va + last->n - base_va);
        uint8_t *out = arena_alloc(arena, len);
        memset(out, ERASED, len);
        for (size_t i = 0; i < result.all_count; i++)
            memcpy(out + (result.all[i].va - base_va), result.all[i].p,
                   result.all[i].n);
        struct file_part part = {{out, len}, 0};
        ok = file_write(path, &part, 1, image->file.mode, diag);
    }
    arena_free(arena);
    return ok;
}

const struct image_format format_raw = {
    .name = "a raw binary",
    .claims = raw_claims,
    .read = raw_read,
    .close = flat_close,
    .plan_room = flat_plan_room,
    .write = raw_write,
    .restore = flat_restore,
    .embedded = flat_embedded,
};
