// closure.c: the libraries a dynamic program loads.
//
// The loader goes breadth first: the program's own needs in their order, then
// those of the first of them, and so on; a name is loaded once, be it asked
// for by file name or by soname. closure_search.c says where it looks.

#include <string.h>

#include "image/closure.h"
#include "image/elf_file.h"

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

static bool names_origin(const struct search *s, struct str path) {
    struct str root = STR("/");
    return !str_equal(search_expand_origin(s->arena, path, root), path);
}

static void add_item(struct search *s, struct found found, struct str name,
                     size_t asker) {
    struct str loader = str_base_name(s->program->interpreter);
    struct image *image = found.image;
    struct str real = search_real_path(s->arena, image->path);
    struct loaded item = {
        .image = image,
        .row = {.name = str_copy(s->arena, name),
                .path = image->path,
                .variant = search_variant_of(image->path),
                .names_origin = names_origin(s, image->runpath),
                .is_loader =
                    str_equal(str_base_name(image->path), loader) ||
                    (image->soname.n && str_equal(image->soname, loader))},
        .real = real,
        .folder = search_folder_of(real),
        .parent = asker,
        .copy = found.copy,
        .is_led = found.copy && found.copy->is_led,
    };
    *ARENA_PUSH(s->arena, s->items, s->count, s->room) = item;
}

// The same file under two names (by symbolic links) is loaded once; a copy is
// another file.
static bool is_same_file(const struct search *s, struct found found) {
    struct str real = search_real_path(s->arena, found.image->path);
    for (size_t i = 1; i < s->count; i++)
        if (str_equal(s->items[i].real, real) && s->items[i].copy == found.copy)
            return true;
    return false;
}

static bool add_needed(struct search *s, size_t asker, struct str name) {
    if (is_loaded(s, name))
        return true;
    struct found found = search_is_loaders_own(s, name)
                             ? search_loader(s)
                             : search_library(s, asker, name);
    if (!found.image) {
        diag_error_at(s->diag, B_LIBRARY, s->program->path.p,
                      "the library %.*s, which %.*s needs, was not found",
                      STR_ARGS(name), STR_ARGS(s->items[asker].image->name));
        return false;
    }
    // Who asked for it by a path asks for its copy by name.
    if (found.copy)
        name = str_base_name(name);
    if (is_same_file(s, found) || (found.copy && is_loaded(s, name)))
        image_close(found.image);
    else
        add_item(s, found, name, asker);
    return true;
}

// The loader is mapped even if nothing needs it by name.
static void add_loader(struct search *s) {
    for (size_t i = 1; i < s->count; i++)
        if (s->items[i].row.is_loader)
            return;
    struct found found = search_loader(s);
    if (found.image)
        add_item(s, found, str_base_name(found.image->path), 0);
}

bool closure_load(struct search *s) {
    struct str real = search_real_path(s->arena, s->program->path);
    *ARENA_PUSH(s->arena, s->items, s->count, s->room) = (struct loaded){
        .image = s->program,
        .real = real,
        .folder = search_folder_of(real),
        .is_led = s->copies != NULL,
    };
    for (size_t i = 0; i < s->count; i++)
        for (size_t j = 0; j < s->items[i].image->needed_count; j++)
            if (!add_needed(s, i, s->items[i].image->needed[j]))
                return false;
    add_loader(s);
    return true;
}

void closure_unload(struct search *s) {
    for (size_t i = 1; i < s->count; i++)
        image_close(s->items[i].image);
    s->count = 0;
}

bool closure_find(struct image *image, struct arena *arena,
                  struct library **libraries, size_t *count,
                  struct diag *diag) {
    struct search s = {.arena = arena, .program = image, .diag = diag};
    *libraries = NULL;
    *count = 0;
    if (!image->is_dynamic)
        return true;
    search_open(&s);
    bool found = closure_load(&s);
    *libraries = ARENA_ARRAY(arena, struct library, s.count);
    for (size_t i = 1; found && i < s.count; i++)
        (*libraries)[(*count)++] = s.items[i].row;
    closure_unload(&s);
    search_close(&s);
    return found;
}

struct str *closure_find_opened(struct image *image, struct arena *arena,
                                const struct str *names, size_t count) {
    struct diag quiet = {.quiet = true};
    struct search s = {.arena = arena, .program = image, .diag = &quiet};
    struct str *paths = ARENA_ARRAY(arena, struct str, count);
    search_open(&s);
    bool is_loadable = closure_load(&s);
    for (size_t i = 0; is_loadable && i < count; i++) {
        if (is_loaded(&s, names[i]) || search_is_loaders_own(&s, names[i]))
            continue;
        struct found found = search_library(&s, 0, names[i]);
        if (found.image && !is_same_file(&s, found))
            paths[i] = str_copy(arena, found.image->path);
        image_close(found.image);
    }
    closure_unload(&s);
    search_close(&s);
    return paths;
}
