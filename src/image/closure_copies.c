// closure_copies.c: what gets a copy, so that copies are found.
//
// Copies lie in a folder beside the program, and the program's search path
// begins with it, as a DT_RPATH: that holds for the needs of libraries as well,
// and nothing that the environment says comes before it. But
//
//   - a library with a search path of its own looks there, and glibc's does not
//     look at the program's at all if it is a DT_RUNPATH;
//   - one that asks for another by a path looks nowhere;
//   - what was the program's own DT_RUNPATH holds for others now.
//
// Rather than by rules of its own, this file sees it by loading everything
// another time, as it will be (closure_search.c knows both loaders), and
// comparing. At the first library that is not what it was, or not the copy it
// should be, the one that asked for it gets a copy, too, which is led: its own
// search path begins with the folder of the copies. If what was found is wrong
// for another reason, the library that should have been gets a copy. Each turn
// adds one, so that there is an end.
//
// In the search path of a copy, $ORIGIN becomes the folder it is not in any
// more. In the program's it keeps its meaning first and is followed by that
// folder, if the program is written to another one.

#include <stdlib.h>
#include <string.h>

#include "image/closure.h"

struct copying {
    struct search search; // as it will be
    struct library *libraries;
    size_t count;
    const char *output;
};

static bool refuse(struct copying *copying, const struct library *library,
                   const char *why) {
    diag_error_at(copying->search.diag, B_LIBRARY,
                  str_terminated(copying->search.arena, library->path),
                  "an instrumented copy would not be loaded in its place: %s",
                  why);
    return false;
}

struct str closure_copy_name(struct arena *arena,
                             const struct library *library) {
    struct str base = str_base_name(library->name);
    if (library->variant.n == 0)
        return base;
    return str_format(arena, "%.*s/%.*s", STR_ARGS(library->variant),
                      STR_ARGS(base));
}

static bool check_names(struct copying *copying) {
    struct arena *arena = copying->search.arena;
    for (size_t i = 0; i < copying->count; i++) {
        const struct library *a = &copying->libraries[i];
        for (size_t k = 0; a->is_copied && k < i; k++) {
            const struct library *b = &copying->libraries[k];
            if (b->is_copied && str_equal(closure_copy_name(arena, a),
                                          closure_copy_name(arena, b)))
                return refuse(copying, a,
                              "the program loads another of the same name");
        }
    }
    return true;
}

// --- the turns ---

// Number of the first that differs; 0: none does.
static size_t first_difference(const struct copying *copying) {
    const struct search *s = &copying->search;
    for (size_t i = 1; i < s->count; i++) {
        if (i > copying->count)
            return i;
        const struct library *was = &copying->libraries[i - 1];
        const struct loaded *now = &s->items[i];
        if (now->copy ? now->copy != was || !was->is_copied
                      : was->is_copied || !str_equal(now->row.path, was->path))
            return i;
    }
    return 0;
}

// Gives copies to what is in the way of the one that differs; false: all have
// theirs.
static bool clear_way(struct copying *copying, size_t different) {
    size_t asker = copying->search.items[different].parent;
    struct library *by = asker ? &copying->libraries[asker - 1] : NULL;
    struct library *was =
        different <= copying->count ? &copying->libraries[different - 1] : NULL;
    if (by && !by->is_led) {
        by->is_copied = by->is_led = true;
        return true;
    }
    if (!was || was->is_copied)
        return false;
    was->is_copied = true;
    return true;
}

static bool settle(struct copying *copying) {
    struct search *s = &copying->search;
    for (;;) {
        for (size_t i = 0; i < copying->count; i++) {
            struct library *library = &copying->libraries[i];
            library->is_led |= library->is_copied && library->names_origin;
        }
        if (!check_names(copying) || !closure_load(s))
            return false;
        size_t different = first_difference(copying);
        if (!different)
            return true;
        if (!clear_way(copying, different))
            return refuse(copying, &s->items[different].row,
                          "the loader would find the original, under another "
                          "name");
        closure_unload(s);
    }
}

// --- the links ---

static void add_folder(struct bytes *path, struct str folder) {
    if (path->n)
        bytes_u8(path, ':');
    bytes_add(path, folder.p, folder.n);
}

// Folders of a search path: as they are, if they keep their meaning, and with
// $ORIGIN filled in.
static void add_folders(struct arena *arena, struct bytes *out, struct str path,
                        struct str origin, bool keeps) {
    for (size_t at = 0; path.n && at <= path.n;) {
        const char *colon = memchr(path.p + at, ':', path.n - at);
        size_t end = colon ? (size_t)(colon - path.p) : path.n;
        struct str folder = str_slice(path, at, end);
        struct str moved = search_expand_origin(arena, folder, origin);
        bool is_same = str_equal(folder, moved);
        if (keeps || is_same)
            add_folder(out, folder);
        if (!is_same && origin.n)
            add_folder(out, moved);
        at = end + 1;
    }
}

// Copies of the names: the image does not stay open.
static void bare_needs(const struct search *s, size_t index,
                       struct image_links *links) {
    const struct image *image = s->items[index].image;
    struct str *names = NULL;
    size_t room = 0;
    for (size_t i = 0; i < image->needed_count; i++)
        if (search_named_copy(s, index, image->needed[i]))
            *ARENA_PUSH(s->arena, names, links->bare_need_count, room) =
                str_copy(s->arena, image->needed[i]);
    links->bare_needs = names;
}

// Empty if the output is in the program's own folder.
static struct str old_origin(struct arena *arena, const struct image *image,
                             const char *output) {
    struct str program = search_folder_of(search_real_path(arena, image->path));
    struct str folder = search_real_path(
        arena, str_copy(arena, search_folder_of(str_from(output))));
    return str_equal(program, folder) ? STR("") : program;
}

static void link_program(struct copying *copying, bool has_copies,
                         struct image_links *links) {
    struct arena *arena = copying->search.arena;
    const struct image *image = copying->search.program;
    struct str origin = old_origin(arena, image, copying->output);
    struct bytes path;
    bytes_init(&path, arena, ORDER_LITTLE);
    if (has_copies)
        add_folder(
            &path,
            str_format(arena, "$ORIGIN/%.*s.libs",
                       STR_ARGS(str_base_name(str_from(copying->output)))));
    add_folders(arena, &path, image->runpath, origin, true);
    struct str whole = {(const char *)path.p, path.n};
    *links = (struct image_links){.comes_first = has_copies};
    if (!str_equal(whole, image->runpath))
        links->search_path = str_copy(arena, whole);
    if (has_copies)
        bare_needs(&copying->search, 0, links);
}

static void link_copy(struct copying *copying, size_t index) {
    struct search *s = &copying->search;
    struct library *library = &copying->libraries[index - 1];
    const struct loaded *item = &s->items[index];
    if (!library->is_led)
        return;
    struct bytes path;
    bytes_init(&path, s->arena, ORDER_LITTLE);
    add_folder(&path,
               library->variant.n ? STR("$ORIGIN/../..") : STR("$ORIGIN"));
    add_folders(s->arena, &path, item->image->runpath, item->folder, false);
    library->links = (struct image_links){
        .search_path =
            str_copy(s->arena, (struct str){(const char *)path.p, path.n}),
        .comes_first = true};
    bare_needs(s, index, &library->links);
}

bool closure_copy(struct image *image, const char *output, struct arena *arena,
                  struct library *libraries, size_t count,
                  struct image_links *links, struct diag *diag) {
    struct copying copying = {.search = {.arena = arena,
                                         .program = image,
                                         .diag = diag,
                                         .copies = libraries,
                                         .copy_count = count},
                              .libraries = libraries,
                              .count = count,
                              .output = output};
    struct search *s = &copying.search;
    bool has_copies = false;
    *links = (struct image_links){0};
    for (size_t i = 0; i < count; i++)
        has_copies |= libraries[i].is_copied;
    if (!has_copies) {
        link_program(&copying, false, links);
        return true;
    }
    search_open(s);
    bool ok = settle(&copying);
    if (ok) {
        link_program(&copying, true, links);
        for (size_t i = 1; i < s->count; i++)
            if (libraries[i - 1].is_copied)
                link_copy(&copying, i);
    }
    closure_unload(s);
    search_close(s);
    return ok;
}
