// opened.c: libraries that the program opens as it runs, and that the script
// has probes in.
//
// They are no part of what is instrumented: where the program will look for
// them is known to it alone, and there they would have to lie. But their names
// mostly stand in the program as they are. So what such a name leads to from
// here is looked at, and if the script would match there it is said.

#include <string.h>

#include "cmd/job.h"

#define LONGEST 255

struct names {
    struct arena *arena;
    struct map known;
    struct str *items;
    size_t count, room;
};

// "./plugin.so", "libfoo.so.1"
static bool is_library_name(struct str text) {
    for (size_t i = 0; i + 3 <= text.n; i++)
        if (memcmp(text.p + i, ".so", 3) == 0 && i > 0)
            return i + 3 == text.n || text.p[i + 3] == '.';
    return false;
}

static bool is_printable(struct str text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    return true;
}

static void add_name(struct names *names, struct str text) {
    if (text.n > LONGEST || !is_library_name(text) || !is_printable(text) ||
        map_get(&names->known, text))
        return;
    map_put(&names->known, text, names);
    *ARENA_PUSH(names->arena, names->items, names->count, names->room) = text;
}

static void scan_segment(struct names *names, const struct image *image,
                         const struct segment *segment) {
    struct slice bytes = image_bytes(image, segment->va);
    const char *at = (const char *)bytes.p, *end = at + bytes.n;
    while (at < end) {
        const char *zero = memchr(at, 0, (size_t)(end - at));
        if (!zero)
            break;
        add_name(names, (struct str){at, (size_t)(zero - at)});
        at = zero + 1;
    }
}

static bool opens_libraries(const struct image *image) {
    for (size_t i = 0; i < image->import_count; i++)
        if (str_equal(image->imports[i], STR("dlopen")) ||
            str_equal(image->imports[i], STR("dlmopen")))
            return true;
    return false;
}

// How many probes of the script the library has.
static size_t count_probes(struct job *job, struct image *image) {
    struct diag quiet = {.quiet = true};
    const struct program *program =
        program_open(job->arena, image, image->name, &quiet);
    struct match_list list = {0};
    if (!program || !probe_match(job->arena, &program, 1, job->probes,
                                 job->script->clause_count, MATCH_ALLOW_NONE,
                                 &list, &quiet))
        return 0;
    size_t count = 0;
    for (size_t i = 0; i < list.site_count; i++)
        count += list.sites[i]->program != NULL;
    return count;
}

static void tell_library(struct job *job, const char *path) {
    struct diag quiet = {.quiet = true};
    struct image *image = image_open(job->arena, path, &quiet);
    if (!image)
        return;
    size_t count = 0;
    if (image->arch == job->arch &&
        probe_may_match_module(job->probes, job->script->clause_count,
                               image->name))
        count = count_probes(job, image);
    if (count > 0) {
        diag_warning_at(job->diag, R_OPENED, path,
                        "the program opens this library as it runs, so %zu %s "
                        "there %s not reached",
                        count, count == 1 ? "probe" : "probes",
                        count == 1 ? "is" : "are");
        diag_help(job->diag, "instrument it by itself, and put the result "
                             "where the program finds it");
    }
    image_close(image);
}

void opened_tell(struct job *job) {
    struct image *image = job->unit_count ? job->units[0].image : NULL;
    if (!image || !image->is_program || !image->is_dynamic ||
        !opens_libraries(image))
        return;
    struct names names = {.arena = job->arena};
    map_init(&names.known, job->arena);
    for (size_t i = 0; i < image->segment_count; i++)
        scan_segment(&names, image, &image->segments[i]);
    struct str *paths =
        closure_find_opened(image, job->arena, names.items, names.count);
    for (size_t i = 0; i < names.count; i++)
        if (paths[i].n > 0)
            tell_library(job, str_terminated(job->arena, paths[i]));
}
