// closure_search.c: where the loader looks for a library.
//
// That is its own affair, and there are two of them:
//
//     glibc   DT_RPATH of the one that asks and of those that asked for it
//             (unless it has a DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH of the
//             one that asks, /etc/ld.so.cache, the default folders (unless
//             DF_1_NODEFLIB says not to); in each folder first in those of
//             glibc-hwcaps that are for a processor like this one
//     musl    LD_LIBRARY_PATH, DT_RPATH or DT_RUNPATH of the one that asks and
//             of those that asked for it, then the folders of
//             /etc/ld-musl-<machine>.path, or the default ones
//
// A name with a slash is a path. musl's C library is its loader and is never
// looked for. What is found for another machine is passed over, as the loaders
// do.
//
// A program of another machine may find its libraries below a folder of their
// own (as qemu has it, -L): absolute paths lead there if something is there.
//
// With copies in view (closure_copies.c), what is led to them begins with
// their folder. It is not looked into: what will be there is known.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/closure.h"
#include "image/elf_file.h"

struct str search_real_path(struct arena *arena, struct str path) {
    char *real = realpath(path.p, NULL);
    struct str whole = str_copy(arena, real ? str_from(real) : path);
    free(real);
    return whole;
}

struct str search_folder_of(struct str path) {
    size_t n = str_base_name(path).n;
    if (path.n == n)
        return STR(".");
    return str_slice(path, 0, path.n - n > 1 ? path.n - n - 1 : 1);
}

// Whether `name` stands at the start of `rest` as $name or ${name}; its length.
static size_t token_len(struct str rest, struct str name) {
    bool braced = rest.n > 1 && rest.p[1] == '{';
    size_t start = braced ? 2 : 1;
    if (!str_starts_with(str_slice(rest, start, rest.n), name))
        return 0;
    size_t end = start + name.n;
    if (braced)
        return end < rest.n && rest.p[end] == '}' ? end + 1 : 0;
    return end;
}

// A search path with what a value is known for filled in; an empty one is not.
static struct str fill_in(struct arena *arena, struct str path,
                          struct str origin, struct str lib,
                          struct str platform) {
    const struct {
        struct str name, value;
    } tokens[] = {
        {STR("ORIGIN"), origin},
        {STR("LIB"), lib},
        {STR("PLATFORM"), platform},
    };
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    for (size_t at = 0; at < path.n;) {
        struct str rest = str_slice(path, at, path.n);
        size_t len = 0;
        for (size_t i = 0; rest.p[0] == '$' && i < COUNT_OF(tokens); i++) {
            len = tokens[i].value.n ? token_len(rest, tokens[i].name) : 0;
            if (len) {
                bytes_add(&out, tokens[i].value.p, tokens[i].value.n);
                break;
            }
        }
        if (!len) {
            bytes_u8(&out, (uint8_t)rest.p[0]);
            len = 1;
        }
        at += len;
    }
    return str_copy(arena, (struct str){(const char *)out.p, out.n});
}

struct str search_expand_origin(struct arena *arena, struct str path,
                                struct str origin) {
    return fill_in(arena, path, origin, STR(""), STR(""));
}

static struct str expand(const struct search *s, struct str path,
                         struct str origin) {
    return fill_in(s->arena, path, origin, s->cache.lib,
                   str_from(s->program->arch->name));
}

struct str search_below_root(struct arena *arena, const struct image *program,
                             struct str path) {
    const char *root = program->facts.root;
    return root && *root && path.n && path.p[0] == '/'
               ? str_format(arena, "%s%.*s", root, STR_ARGS(path))
               : path;
}

// Opens a candidate; one that is no library of this machine is passed over.
static struct image *try_path(struct search *s, struct str path) {
    struct str below = search_below_root(s->arena, s->program, path);
    if (access(below.p, R_OK) == 0)
        path = below;
    if (access(path.p, R_OK) != 0)
        return NULL;
    struct diag quiet;
    diag_init(&quiet, s->diag->out, s->diag->program);
    quiet.quiet = true;
    struct image *image = elf_open_part(s->arena, path.p, ELF_NEEDS, &quiet);
    if (image && image->arch == s->program->arch && image->is_relocatable)
        return image;
    image_close(image);
    return NULL;
}

#define VARIANTS "/glibc-hwcaps/"

struct str search_variant_of(struct str path) {
    struct str mark = STR(VARIANTS);
    size_t end = path.n - str_base_name(path).n;
    for (size_t at = 0; at + mark.n < end; at++) {
        struct str rest = str_slice(path, at, end - 1);
        if (str_starts_with(rest, mark) &&
            !memchr(rest.p + mark.n, '/', rest.n - mark.n))
            return str_slice(rest, 1, rest.n);
    }
    return (struct str){0};
}

static struct image *try_folder(struct search *s, struct str folder,
                                struct str name) {
    for (size_t i = 0; i <= s->variant_count; i++) {
        struct str path =
            i < s->variant_count
                ? str_format(s->arena, "%.*s" VARIANTS "%.*s/%.*s",
                             STR_ARGS(folder), STR_ARGS(s->variants[i]),
                             STR_ARGS(name))
                : str_format(s->arena, "%.*s/%.*s", STR_ARGS(folder),
                             STR_ARGS(name));
        struct image *image = try_path(s, path);
        if (image)
            return image;
    }
    return NULL;
}

static struct image *try_folders(struct search *s, struct str path,
                                 struct str separators, struct str origin,
                                 struct str name) {
    for (size_t at = 0; path.n && at <= path.n;) {
        size_t end = at;
        while (end < path.n && !str_find(separators, path.p[end]))
            end++;
        struct str folder = expand(s, str_slice(path, at, end), origin);
        struct image *image = try_folder(s, folder.n ? folder : STR("."), name);
        if (image)
            return image;
        at = end + 1;
    }
    return NULL;
}

static struct image *try_cache(struct search *s, struct str name) {
    struct str path;
    for (size_t k = 0; k <= s->variant_count; k++) {
        struct str variant =
            k < s->variant_count ? s->variants[k] : (struct str){0};
        for (size_t i = 0;
             closure_cache_find(&s->cache, name, variant, i, &path); i++) {
            struct image *image = try_path(s, str_copy(s->arena, path));
            if (image)
                return image;
        }
    }
    return NULL;
}

static bool is_default(const struct search *s, struct str path) {
    for (size_t i = 0; i < s->default_count; i++)
        if (str_starts_with(path, s->defaults[i]) &&
            path.n > s->defaults[i].n && path.p[s->defaults[i].n] == '/')
            return true;
    return false;
}

// What the system offers; one that wants nothing of the default folders also
// takes nothing of them from the cache.
static struct image *try_system(struct search *s, const struct image *asker,
                                struct str name) {
    struct image *image = s->is_musl ? NULL : try_cache(s, name);
    if (asker->avoids_defaults && !s->is_musl) {
        if (image && is_default(s, image->path)) {
            image_close(image);
            image = NULL;
        }
        return image;
    }
    for (size_t i = 0; i < s->default_count && !image; i++)
        image = try_folder(s, s->defaults[i], name);
    return image;
}

// --- copies ---

// Names of copies are without folders.
static struct found try_copies(struct search *s, struct str name) {
    for (size_t i = 0; s->copies && i < s->copy_count; i++) {
        const struct library *copy = &s->copies[i];
        if (copy->is_copied && str_equal(str_base_name(copy->name), name))
            return (struct found){try_path(s, copy->path), copy};
    }
    return (struct found){0};
}

const struct library *search_named_copy(const struct search *s, size_t asker,
                                        struct str name) {
    const struct loaded *item = &s->items[asker];
    if (!s->copies || !str_find(name, '/'))
        return NULL;
    struct str path = search_real_path(s->arena, expand(s, name, item->folder));
    for (size_t i = 0; item->is_led && i < s->copy_count; i++) {
        const struct library *copy = &s->copies[i];
        if (copy->is_copied &&
            str_equal(search_real_path(s->arena, copy->path), path) &&
            str_equal(str_base_name(copy->name), str_base_name(name)))
            return copy;
    }
    return NULL;
}

// --- the order ---

// Search paths of what asks and of all that asked for it in turn; the
// program's own, which comes last, holds for everybody. glibc follows only old
// ones, and none if the asker has a new one.
static struct found try_askers(struct search *s, size_t asker,
                               struct str name) {
    const struct loaded *first = &s->items[asker];
    if (!s->is_musl && !first->is_led && first->image->runpath.n &&
        !first->image->has_old_runpath)
        return (struct found){0};
    for (size_t i = asker;; i = s->items[i].parent) {
        const struct loaded *item = &s->items[i];
        struct found found = {0};
        if (item->is_led)
            found = try_copies(s, name);
        if (!found.image &&
            (s->is_musl || item->is_led || item->image->has_old_runpath))
            found.image = try_folders(s, item->image->runpath, STR(":"),
                                      item->folder, name);
        if (found.image || i == 0)
            return found;
    }
}

static struct found find_glibc(struct search *s, size_t asker,
                               struct str name) {
    const struct loaded *item = &s->items[asker];
    struct found found = try_askers(s, asker, name);
    if (!found.image)
        found.image =
            try_folders(s, s->environment, STR(":;"), s->items[0].folder, name);
    if (!found.image && !item->is_led && !item->image->has_old_runpath)
        found.image =
            try_folders(s, item->image->runpath, STR(":"), item->folder, name);
    if (!found.image)
        found.image = try_system(s, item->image, name);
    return found;
}

// LD_LIBRARY_PATH comes before a program's own path, and so before copies; with
// copies it is taken for not set, but for what is nowhere else.
static struct found find_musl(struct search *s, size_t asker, struct str name) {
    struct str path = s->environment, origin = s->items[0].folder;
    struct found found = {0};
    if (!s->copies)
        found.image = try_folders(s, path, STR(":"), origin, name);
    if (!found.image)
        found = try_askers(s, asker, name);
    if (!found.image)
        found.image = try_system(s, s->items[asker].image, name);
    if (!found.image && s->copies)
        found.image = try_folders(s, path, STR(":"), origin, name);
    return found;
}

struct found search_library(struct search *s, size_t asker, struct str name) {
    if (str_find(name, '/'))
        return (struct found){
            try_path(s, expand(s, name, s->items[asker].folder)),
            search_named_copy(s, asker, name)};
    return s->is_musl ? find_musl(s, asker, name) : find_glibc(s, asker, name);
}

struct found search_loader(struct search *s) {
    struct found found = {try_path(s, s->program->interpreter), NULL};
    for (size_t i = 0; s->copies && i < s->copy_count; i++)
        if (s->copies[i].is_loader && s->copies[i].is_copied)
            found.copy = &s->copies[i];
    return found;
}

// Names that the loader answers to itself.
bool search_is_loaders_own(const struct search *s, struct str name) {
    if (str_equal(name, str_base_name(s->program->interpreter)))
        return true;
    // Of musl, whose loader is the C library (ldso/dynlink.c).
    static const char *const names[] = {"libc.",   "libm.",  "libpthread.",
                                        "librt.",  "libdl.", "libutil.",
                                        "libxnet."};
    if (!s->is_musl)
        return false;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts_with(name, str_from(names[i])))
            return true;
    return false;
}

// --- folders of the system ---

static void add_default(struct search *s, struct str folder) {
    *ARENA_PUSH(s->arena, s->defaults, s->default_count, s->default_room) =
        str_copy(s->arena, folder);
}

static void add_musl_defaults(struct search *s) {
    // ld-musl-x86_64.so.1 -> /etc/ld-musl-x86_64.path
    struct str loader = str_base_name(s->program->interpreter);
    const char *dot = str_find(loader, '.');
    struct str stem =
        str_slice(loader, 0, dot ? (size_t)(dot - loader.p) : loader.n);
    struct file file;
    struct diag quiet;
    diag_init(&quiet, s->diag->out, s->diag->program);
    quiet.quiet = true;
    struct str path = search_below_root(
        s->arena, s->program,
        str_format(s->arena, "/etc/%.*s.path", STR_ARGS(stem)));
    if (file_open(&file, path.p, &quiet)) {
        struct str text = {(const char *)file.data.p, file.data.n};
        for (size_t at = 0; at < text.n;) {
            size_t end = at;
            while (end < text.n && text.p[end] != '\n' && text.p[end] != ':')
                end++;
            if (end > at)
                add_default(s, str_slice(text, at, end));
            at = end + 1;
        }
        file_close(&file);
        return;
    }
    add_default(s, STR("/lib"));
    add_default(s, STR("/usr/local/lib"));
    add_default(s, STR("/usr/lib"));
}

// glibc's defaults depend on how it was built; the cache shows where it was
// put, and is asked first anyway. Where there is none, the loader's folder
// does.
static void add_glibc_defaults(struct search *s) {
    struct str lib = s->cache.lib;
    if (s->cache.count == 0) {
        struct str loader =
            search_below_root(s->arena, s->program, s->program->interpreter);
        struct str folder =
            search_folder_of(search_real_path(s->arena, loader));
        size_t root_n =
            strlen(s->program->facts.root ? s->program->facts.root : "");
        bool is_below = root_n > 0 && folder.n > root_n &&
                        memcmp(folder.p, s->program->facts.root, root_n) == 0;
        struct str within =
            is_below ? str_slice(folder, root_n, folder.n) : folder;
        if (str_starts_with(within, STR("/usr/")))
            within = str_slice(within, 4, within.n);
        add_default(s, within);
        add_default(s, str_format(s->arena, "/usr%.*s", STR_ARGS(within)));
    }
    add_default(s, str_format(s->arena, "/%.*s", STR_ARGS(lib)));
    add_default(s, str_format(s->arena, "/usr/%.*s", STR_ARGS(lib)));
    if (s->program->arch->bits == 64) {
        add_default(s, STR("/lib64"));
        add_default(s, STR("/usr/lib64"));
    }
    add_default(s, STR("/lib"));
    add_default(s, STR("/usr/lib"));
}

static bool is_musl(const struct image *program) {
    return str_starts_with(str_base_name(program->interpreter), STR("ld-musl"));
}

bool closure_starts_late(const struct image *image) {
    return is_musl(image);
}

void search_open(struct search *s) {
    const struct arch *arch = s->program->arch;
    s->is_musl = is_musl(s->program);
    s->environment = str_from(getenv("LD_LIBRARY_PATH"));
    closure_cache_open(&s->cache, s->program, s->arena);
    if (s->is_musl) {
        add_musl_defaults(s);
        return;
    }
    add_glibc_defaults(s);
    if (arch->variants)
        s->variants = arch->variants(&s->variant_count);
}

void search_close(struct search *s) {
    closure_cache_close(&s->cache);
}
