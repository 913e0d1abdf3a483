// elf_undo.c: the way back.
//
// What write() overwrites of the original file is kept in the section
// .mctrace.undo, together with the file's length and a hash of all of it.
// Everything else it did was to append, so the original is the first part of
// the rewritten file with the old bytes put back. The hash tells whether
// another tool has moved things since.
//
//     8 bytes   "MCTUNDO1"
//     16 bytes  hash of the original file
//     uleb      its length, number of ranges
//     ranges    uleb distance from the end of the one before, uleb length,
//               the bytes
//
// A file without section headers ends in a trailer of 40 bytes that says where
// the two sections would be: "MCTRAIL1", offset and length of the mapping,
// offset and length of the undo information. Everything is little-endian.

#include <string.h>

#include "image/elf_file.h"

static const char MAGIC[8] = {'M', 'C', 'T', 'U', 'N', 'D', 'O', '1'};

struct slice undo_build(struct arena *arena, struct slice original,
                        const struct undo_range *ranges, size_t count) {
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    struct hash128 hash =
        hash128_add((struct hash128){{0}}, original.p, original.n);
    bytes_add(&out, MAGIC, sizeof MAGIC);
    bytes_add(&out, hash.bytes, sizeof hash.bytes);
    bytes_uleb(&out, original.n);
    bytes_uleb(&out, count);
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        bytes_uleb(&out, ranges[i].off - at);
        bytes_uleb(&out, ranges[i].before.n);
        bytes_add(&out, ranges[i].before.p, ranges[i].before.n);
        at = ranges[i].off + ranges[i].before.n;
    }
    return (struct slice){out.p, out.n};
}

static const char TRAILER[8] = {'M', 'C', 'T', 'R', 'A', 'I', 'L', '1'};
enum { TRAILER_LEN = 40 };

struct slice trailer_build(struct arena *arena, uint64_t mapping_off,
                           uint64_t mapping_len, uint64_t undo_off,
                           uint64_t undo_len) {
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    bytes_add(&out, TRAILER, sizeof TRAILER);
    bytes_u64(&out, mapping_off);
    bytes_u64(&out, mapping_len);
    bytes_u64(&out, undo_off);
    bytes_u64(&out, undo_len);
    return (struct slice){out.p, out.n};
}

void elf_read_trailer(struct image *image) {
    struct slice file = image->file.data;
    if (file.n < TRAILER_LEN)
        return;
    struct slice trailer = {file.p + file.n - TRAILER_LEN, TRAILER_LEN};
    struct reader in = reader_open(trailer, ORDER_LITTLE);
    struct slice magic = reader_bytes(&in, sizeof TRAILER);
    if (memcmp(magic.p, TRAILER, sizeof TRAILER) != 0)
        return;
    static const struct str names[] = {
        {".mctrace.mapping", sizeof ".mctrace.mapping" - 1},
        {".mctrace.undo", sizeof ".mctrace.undo" - 1},
    };
    image->sections =
        ARENA_ARRAY(image->arena, struct section, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        uint64_t off = reader_uint(&in, 8), len = reader_uint(&in, 8);
        if (slice_contains(file, off, len))
            image->sections[image->section_count++] = (struct section){
                .name = names[i], .off = off, .len = len, .has_bytes = true};
    }
}

static struct slice section_bytes(const struct image *image, struct str name) {
    const struct section *section = image_find_section(image, name);
    if (!section || !section->has_bytes)
        return (struct slice){0};
    return (struct slice){image->file.data.p + section->off, section->len};
}

static bool apply(struct reader *in, uint8_t *file, uint64_t len) {
    uint64_t count = reader_uleb(in), at = 0;
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        uint64_t gap = reader_uleb(in), n = reader_uleb(in);
        struct slice before = reader_bytes(in, n);
        if (in->failed || gap > len - at || n > len - at - gap)
            return false;
        at += gap;
        if (n)
            memcpy(file + at, before.p, n);
        at += n;
    }
    return !in->failed;
}

bool elf_restore(struct image *image, const char *path, struct diag *diag) {
    struct slice undo = section_bytes(image, STR(".mctrace.undo"));
    struct reader in = reader_open(undo, ORDER_LITTLE);
    struct slice magic = reader_bytes(&in, sizeof MAGIC);
    struct slice hash = reader_bytes(&in, sizeof(struct hash128));
    uint64_t len = reader_uleb(&in);
    if (in.failed || memcmp(magic.p, MAGIC, sizeof MAGIC) != 0) {
        diag_error_at(diag, B_NOT_OURS, image->path.p,
                      "the file was not written by mctrace, or was stripped "
                      "of what is needed to restore it");
        return false;
    }
    bool good = len <= image->file.data.n;
    if (good) {
        uint8_t *file = arena_alloc(image->arena, len);
        memcpy(file, image->file.data.p, len);
        good = apply(&in, file, len);
        struct hash128 now = hash128_add((struct hash128){{0}}, file, len);
        if (good && memcmp(now.bytes, hash.p, sizeof now.bytes) == 0) {
            struct file_part part = {{file, len}, 0};
            return file_write(path, &part, 1, image->file.mode, diag);
        }
    }
    diag_error_at(diag, B_NOT_OURS, image->path.p,
                  "the file was changed after mctrace wrote it (stripped?): "
                  "the original cannot be restored from it");
    return false;
}

bool elf_embedded(struct image *image, struct str *mapping) {
    struct slice map = section_bytes(image, STR(".mctrace.mapping"));
    *mapping = (struct str){(const char *)map.p, map.n};
    return image_is_instrumented(image);
}
