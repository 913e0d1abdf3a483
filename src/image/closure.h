// closure.h: the loader's cache of libraries; private to this folder.

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

void closure_cache_open(struct closure_cache *cache,
                        const struct image *program, struct arena *arena);
void closure_cache_close(struct closure_cache *cache);
// Path of the library `name`, a slice of the cache; `nth` counts from 0, since
// every machine that is installed has one of its own.
bool closure_cache_find(const struct closure_cache *cache, struct str name,
                        size_t nth, struct str *path);

#endif
