// closure.h: what the files about a program's libraries share; private to this
// folder.
//
//     closure_cache.c    /etc/ld.so.cache
//     closure_search.c   where the loader looks for a name
//     closure.c          what it loads, in its order
//     closure_copies.c   what gets a copy, so that copies are found

#ifndef MCTRACE_IMAGE_CLOSURE_H
#define MCTRACE_IMAGE_CLOSURE_H

#include "image/image.h"

struct closure_cache {
    struct file file;
    enum byte_order order;
    struct slice data; // from the header of the new format on
    size_t count;      // entries
    struct str lib;    // what $LIB stands for: "lib/x86_64-linux-gnu"
};

// Something loaded: a library, or the program (number 0).
struct loaded {
    struct image *image;
    struct library row;
    struct str real, folder;    // its real file, and the folder: $ORIGIN
    size_t parent;              // what asked for it; number 0 is its own
    const struct library *copy; // loaded in its place; NULL: the file itself
    bool is_led;                // looks among the copies before all else
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
    const struct str *variants; // subfolders tried first, best first
    size_t variant_count;
    bool is_musl;
    // As it will be when the libraries with is_copied have their copies; NULL:
    // as it is.
    const struct library *copies;
    size_t copy_count;
};

// Where a name was found.
struct found {
    struct image *image; // NULL: nowhere
    const struct library *copy;
};

// closure_cache.c

void closure_cache_open(struct closure_cache *cache,
                        const struct image *program, struct arena *arena);
void closure_cache_close(struct closure_cache *cache);
// Path of the library `name`, a slice of the cache: the plain one or, where
// `variant` is not empty, that one of it. `nth` counts from 0, since every
// machine that is installed has one of its own.
bool closure_cache_find(const struct closure_cache *cache, struct str name,
                        struct str variant, size_t nth, struct str *path);

// closure_search.c

void search_open(struct search *search);
void search_close(struct search *search);
struct found search_library(struct search *search, size_t asker,
                            struct str name);
// The loader itself, by the path that the program names.
struct found search_loader(struct search *search);
// Whether the loader answers to a name without looking.
bool search_is_loaders_own(const struct search *search, struct str name);
// Without symbolic links, if it is there.
struct str search_real_path(struct arena *arena, struct str path);
struct str search_folder_of(struct str path);
// Where an absolute path leads a program that has a root of its own.
struct str search_below_root(struct arena *arena, const struct image *program,
                             struct str path);
// The copy that takes the place of a library asked for by its path: one that is
// led asks for it by name. NULL: there is none, or `name` is no path.
const struct library *search_named_copy(const struct search *search,
                                        size_t asker, struct str name);
// A search path with $ORIGIN filled in and nothing else.
struct str search_expand_origin(struct arena *arena, struct str path,
                                struct str origin);
// The subfolder for certain processors that a path lies in; empty: none.
struct str search_variant_of(struct str path);

// closure.c

// Loads all of it, or all there is; false if something is missing, reported.
bool closure_load(struct search *search);
// Another time, for other copies.
void closure_unload(struct search *search);

#endif
