// closure.c: the libraries a dynamic program loads.
//
// The loader goes breadth first: the program's own needs in their order, then
// those of the first of them, and so on; a name is loaded once, be it asked
// for by file name or by soname. Where it looks is its own affair, and there
// are two of them:
//
//     glibc   DT_RPATH of the one that asks and of those that asked for it
//             (unless it has a DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH of the
//             one that asks, /etc/ld.so.cache, the default folders
//     musl    LD_LIBRARY_PATH, DT_RPATH or DT_RUNPATH of the one that asks and
//             of those that asked for it, then the folders of
//             /etc/ld-musl-<machine>.path, or the default ones
//
// musl's C library is its loader and is never looked for. What is found for
// another machine is passed over, as the loaders do.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/closure.h"
#include "image/elf_file.h"

// Something loaded: a library, or the program (number 0).
struct loaded {
    struct image *image;
    struct library row;
    struct str folder; // of its real file: $ORIGIN
    size_t parent;     // what asked for it; number 0 is its own
};

struct search {
    struct arena *arena;
    struct image *program;
    struct diag *diag;
    struct loaded *items;
    size_t count, room;
    struct closure_cache cache;
    struct str environment; // LD_LIBRARY_PATH
    struct str *defaults;
    size_t default_count, default_room;
    bool is_musl;
};

static struct str folder_of(struct arena *arena, struct str path) {
    char *real = realpath(path.p, NULL);
    struct str whole = str_copy(arena, real ? str_from(real) : path);
    free(real);
    size_t n = str_base_name(whole).n;
    if (whole.n == n)
        return STR(".");
    return str_slice(whole, 0, whole.n - n > 1 ? whole.n - n - 1 : 1);
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

// A folder of a search path with $ORIGIN, $LIB and $PLATFORM filled in.
static struct str expand(const struct search *s, struct str folder,
                         struct str origin) {
    const struct {
        struct str name, value;
    } tokens[] = {
        {STR("ORIGIN"), origin},
        {STR("LIB"), s->cache.lib},
        {STR("PLATFORM"), str_from(s->program->arch->name)},
    };
    struct bytes out;
    bytes_init(&out, s->arena, ORDER_LITTLE);
    for (size_t at = 0; at < folder.n;) {
        struct str rest = str_slice(folder, at, folder.n);
        size_t len = 0;
        for (size_t i = 0; rest.p[0] == '$' && i < COUNT_OF(tokens); i++) {
            len = token_len(rest, tokens[i].name);
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
    return str_copy(s->arena, (struct str){(const char *)out.p, out.n});
}

// Opens a candidate; one that is no library of this machine is passed over.
static struct image *try_path(struct search *s, struct str path) {
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

static struct image *try_folder(struct search *s, struct str folder,
                                struct str name) {
    struct str path =
        str_format(s->arena, "%.*s/%.*s", STR_ARGS(folder), STR_ARGS(name));
    return try_path(s, path);
}

static struct image *try_folders(struct search *s, struct str path,
                                 struct str separators, struct str origin,
                                 struct str name) {
    for (size_t at = 0; path.n && at <= path.n;) {
        size_t end = at;
        while (end < path.n && !memchr(separators.p, path.p[end], separators.n))
            end++;
        struct str folder = expand(s, str_slice(path, at, end), origin);
        struct image *image = try_folder(s, folder.n ? folder : STR("."), name);
        if (image)
            return image;
        at = end + 1;
    }
    return NULL;
}

static struct image *try_defaults(struct search *s, struct str name) {
    for (size_t i = 0; i < s->default_count; i++) {
        struct image *image = try_folder(s, s->defaults[i], name);
        if (image)
            return image;
    }
    return NULL;
}

// Search paths of what asks and of all that asked for it in turn. glibc
// follows only old ones, and none if the asker has a new one.
static struct image *try_askers(struct search *s, size_t asker,
                                struct str name) {
    const struct image *first = s->items[asker].image;
    if (!s->is_musl && first->runpath.n && !first->has_old_runpath)
        return NULL;
    for (size_t i = asker;; i = s->items[i].parent) {
        const struct loaded *item = &s->items[i];
        if (s->is_musl || item->image->has_old_runpath) {
            struct image *image = try_folders(s, item->image->runpath, STR(":"),
                                              item->folder, name);
            if (image)
                return image;
        }
        if (i == 0)
            break;
    }
    // The program's path holds for everybody, whoever asked.
    return NULL;
}

static struct image *find_glibc(struct search *s, size_t asker,
                                struct str name) {
    const struct loaded *item = &s->items[asker];
    struct image *image = try_askers(s, asker, name);
    if (!image)
        image =
            try_folders(s, s->environment, STR(":;"), s->items[0].folder, name);
    if (!image && !item->image->has_old_runpath)
        image =
            try_folders(s, item->image->runpath, STR(":"), item->folder, name);
    struct str cached = {0};
    for (size_t i = 0;
         !image && closure_cache_find(&s->cache, name, i, &cached); i++)
        image = try_path(s, str_copy(s->arena, cached));
    return image ? image : try_defaults(s, name);
}

static struct image *find_library(struct search *s, size_t asker,
                                  struct str name) {
    if (memchr(name.p, '/', name.n))
        return try_path(s, expand(s, name, s->items[asker].folder));
    if (!s->is_musl)
        return find_glibc(s, asker, name);
    struct image *image =
        try_folders(s, s->environment, STR(":"), s->items[0].folder, name);
    if (!image)
        image = try_askers(s, asker, name);
    return image ? image : try_defaults(s, name);
}

// Names that the loader answers to itself.
static bool is_loaders_own(const struct search *s, struct str name) {
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

static bool names_item(const struct loaded *item, struct str name) {
    return str_equal(item->row.name, name) ||
           (item->image->soname.n && str_equal(item->image->soname, name)) ||
           (item->row.is_loader &&
            str_equal(str_base_name(item->row.path), name));
}

static bool is_loaded(const struct search *s, struct str name) {
    for (size_t i = 1; i < s->count; i++)
        if (names_item(&s->items[i], name))
            return true;
    return false;
}

static void add_item(struct search *s, struct image *image, struct str name,
                     size_t asker) {
    struct str loader = str_base_name(s->program->interpreter);
    struct loaded item = {
        .image = image,
        .row = {.name = str_copy(s->arena, name),
                .path = image->path,
                .is_loader =
                    str_equal(str_base_name(image->path), loader) ||
                    (image->soname.n && str_equal(image->soname, loader))},
        .folder = folder_of(s->arena, image->path),
        .parent = asker,
    };
    *ARENA_PUSH(s->arena, s->items, s->count, s->room) = item;
}

// The same file under two names (by symbolic links) is loaded once.
static bool is_same_file(const struct search *s, const struct image *image) {
    struct str folder = folder_of(s->arena, image->path);
    for (size_t i = 1; i < s->count; i++)
        if (str_equal(s->items[i].folder, folder) && image->soname.n &&
            str_equal(s->items[i].image->soname, image->soname))
            return true;
    return false;
}

static bool add_needed(struct search *s, size_t asker, struct str name) {
    if (is_loaded(s, name))
        return true;
    struct image *image = is_loaders_own(s, name)
                              ? try_path(s, s->program->interpreter)
                              : find_library(s, asker, name);
    if (!image) {
        diag_error_at(s->diag, B_LIBRARY, s->program->path.p,
                      "the library %.*s, which %.*s needs, was not found",
                      STR_ARGS(name), STR_ARGS(s->items[asker].image->name));
        return false;
    }
    if (is_same_file(s, image))
        image_close(image);
    else
        add_item(s, image, name, asker);
    return true;
}

static void add_default(struct search *s, struct str folder) {
    *ARENA_PUSH(s->arena, s->defaults, s->default_count, s->default_room) =
        str_copy(s->arena, folder);
}

static void add_musl_defaults(struct search *s) {
    // ld-musl-x86_64.so.1 -> /etc/ld-musl-x86_64.path
    struct str loader = str_base_name(s->program->interpreter);
    const char *dot = memchr(loader.p, '.', loader.n);
    struct str stem =
        str_slice(loader, 0, dot ? (size_t)(dot - loader.p) : loader.n);
    struct file file;
    struct diag quiet;
    diag_init(&quiet, s->diag->out, s->diag->program);
    quiet.quiet = true;
    struct str path = str_format(s->arena, "/etc/%.*s.path", STR_ARGS(stem));
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
// put, and is asked first anyway.
static void add_glibc_defaults(struct search *s) {
    struct str lib = s->cache.lib;
    add_default(s, str_format(s->arena, "/%.*s", STR_ARGS(lib)));
    add_default(s, str_format(s->arena, "/usr/%.*s", STR_ARGS(lib)));
    if (s->program->arch->bits == 64) {
        add_default(s, STR("/lib64"));
        add_default(s, STR("/usr/lib64"));
    }
    add_default(s, STR("/lib"));
    add_default(s, STR("/usr/lib"));
}

static void start(struct search *s) {
    struct str loader = str_base_name(s->program->interpreter);
    s->is_musl = str_starts_with(loader, STR("ld-musl"));
    s->environment = str_from(getenv("LD_LIBRARY_PATH"));
    closure_cache_open(&s->cache, s->program, s->arena);
    if (s->is_musl)
        add_musl_defaults(s);
    else
        add_glibc_defaults(s);
    *ARENA_PUSH(s->arena, s->items, s->count, s->room) = (struct loaded){
        .image = s->program, .folder = folder_of(s->arena, s->program->path)};
}

// The loader is mapped even if nothing needs it by name.
static void add_loader(struct search *s) {
    for (size_t i = 1; i < s->count; i++)
        if (s->items[i].row.is_loader)
            return;
    struct image *image = try_path(s, s->program->interpreter);
    if (image)
        add_item(s, image, str_base_name(image->path), 0);
}

bool closure_find(struct image *image, struct arena *arena,
                  struct library **libraries, size_t *count,
                  struct diag *diag) {
    struct search s = {.arena = arena, .program = image, .diag = diag};
    *libraries = NULL;
    *count = 0;
    if (!image->is_dynamic)
        return true;
    start(&s);
    bool found = true;
    for (size_t i = 0; i < s.count && found; i++)
        for (size_t j = 0; j < s.items[i].image->needed_count && found; j++)
            found = add_needed(&s, i, s.items[i].image->needed[j]);
    if (found)
        add_loader(&s);
    *libraries = ARENA_ARRAY(arena, struct library, s.count);
    for (size_t i = 1; i < s.count; i++) {
        if (found)
            (*libraries)[(*count)++] = s.items[i].row;
        image_close(s.items[i].image);
    }
    closure_cache_close(&s.cache);
    return found;
}
