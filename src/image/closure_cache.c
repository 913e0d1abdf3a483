// closure_cache.c: /etc/ld.so.cache.
//
// The file that ldconfig writes lists the libraries in the system's folders.
// Its present format, alone or behind the one before it:
//
//     "glibc-ld.so.cache1.1"   20 bytes
//     entries, string bytes    4 bytes each; then 20 bytes of other things
//     entry                    flags, name, path, OS version: 4 bytes each;
//                              8 bytes that are 0 unless the library is a
//                              variant for certain processors
//
// Names and paths are offsets from the start of this header. Numbers are in
// the byte order of the machine. Which processors a variant is for is told by
// the folder it lies in as well.

#include <string.h>

#include "image/closure.h"
#include "image/elf_file.h"

#define NEW_MAGIC "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0"

enum { HEADER = 48, ENTRY = 24, OLD_HEADER = 16, OLD_ENTRY = 12 };

static struct slice skip_old(struct slice data, enum byte_order order) {
    size_t n = sizeof OLD_MAGIC - 1;
    if (data.n < OLD_HEADER || memcmp(data.p, OLD_MAGIC, n) != 0)
        return data;
    uint64_t count = load_uint(data.p + OLD_HEADER - 4, 4, order);
    uint64_t len = (OLD_HEADER + count * OLD_ENTRY + 7) / 8 * 8;
    if (!slice_contains(data, len, 0))
        return (struct slice){0};
    return (struct slice){data.p + len, data.n - len};
}

static struct str text_at(const struct closure_cache *cache, uint64_t off) {
    struct reader in = reader_open(cache->data, cache->order);
    reader_seek(&in, off);
    return reader_text(&in);
}

bool closure_cache_find(const struct closure_cache *cache, struct str name,
                        struct str variant, size_t nth, struct str *path) {
    struct reader in = reader_open(cache->data, cache->order);
    for (size_t i = 0; i < cache->count; i++) {
        reader_seek(&in, HEADER + i * ENTRY + 4);
        uint64_t name_off = reader_uint(&in, 4), path_off = reader_uint(&in, 4);
        reader_uint(&in, 4);
        bool is_variant = reader_uint(&in, 8) != 0;
        if (in.failed)
            return false;
        if (is_variant != (variant.n > 0) ||
            !str_equal(text_at(cache, name_off), name))
            continue;
        *path = text_at(cache, path_off);
        if (is_variant &&
            !str_equal(str_base_name(search_variant_of(*path)), variant))
            continue;
        if (path->n && nth-- == 0)
            return true;
    }
    return false;
}

// Whether the library at `path` is for the program's machine.
static bool is_ours(struct arena *arena, const struct image *program,
                    struct str path) {
    struct diag quiet;
    diag_init(&quiet, stderr, "");
    quiet.quiet = true;
    struct str whole = search_below_root(arena, program, str_copy(arena, path));
    struct image *image = elf_open_part(arena, whole.p, ELF_NEEDS, &quiet);
    bool ours = image && image->arch == program->arch;
    image_close(image);
    return ours;
}

// The folder of the C library is what the loader was built with.
static void find_lib(struct closure_cache *cache, const struct image *program,
                     struct arena *arena) {
    struct str path;
    cache->lib = program->arch->bits == 64 ? STR("lib64") : STR("lib");
    for (size_t i = 0;
         closure_cache_find(cache, STR("libc.so.6"), STR(""), i, &path); i++) {
        if (!is_ours(arena, program, path))
            continue;
        size_t start = str_starts_with(path, STR("/usr/")) ? 5 : 1;
        size_t end = path.n - str_base_name(path).n;
        if (end > start + 1)
            cache->lib = str_slice(path, start, end - 1);
        return;
    }
}

void closure_cache_open(struct closure_cache *cache,
                        const struct image *program, struct arena *arena) {
    *cache = (struct closure_cache){.order = program->arch->order};
    struct diag quiet;
    diag_init(&quiet, stderr, "");
    quiet.quiet = true;
    size_t n = sizeof NEW_MAGIC - 1;
    struct str path =
        search_below_root(arena, program, STR("/etc/ld.so.cache"));
    if (file_open(&cache->file, path.p, &quiet)) {
        cache->data = skip_old(cache->file.data, cache->order);
        if (cache->data.n >= HEADER && memcmp(cache->data.p, NEW_MAGIC, n) == 0)
            cache->count = load_uint(cache->data.p + n, 4, cache->order);
    }
    find_lib(cache, program, arena);
}

void closure_cache_close(struct closure_cache *cache) {
    file_close(&cache->file);
}
