// debug.c: what DWARF and separate debug files know of an image's functions.
//
// Distributions ship debug information apart from the program. It is looked
// for where debuggers look: by build id below /usr/lib/debug/.build-id, then
// by the name in .gnu_debuglink beside the program, in .debug beside it, and
// below /usr/lib/debug. A separate file counts only if its build id is ours.
// Its symbol table is read by the same reader as the image's own.
//
// Only functions with code of their own are listed: one row for each
// contiguous piece, under the name of the source and that of the linker.

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/elf_file.h"

#define DEBUG_ROOT "/usr/lib/debug"

struct collector {
    struct image *image;
    struct debug_function *functions;
    size_t count, room;
};

static struct str kept_text(const struct collector *c, const char *text) {
    return text ? str_copy(c->image->arena, str_from(text)) : (struct str){0};
}

// The attribute may stand at the declaration that a definition refers to.
static const char *text_attribute(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attribute;
    return dwarf_attr_integrate(die, name, &attribute)
               ? dwarf_formstring(&attribute)
               : NULL;
}

static int add_function(Dwarf_Die *die, void *arg) {
    struct collector *c = arg;
    const char *name = dwarf_diename(die);
    const char *linkage = text_attribute(die, DW_AT_linkage_name);
    if (!linkage)
        linkage = text_attribute(die, DW_AT_MIPS_linkage_name);
    if (!name && !linkage)
        return DWARF_CB_OK;
    Dwarf_Addr base, start, end;
    ptrdiff_t next = 0;
    struct debug_function function = {0};
    while ((next = dwarf_ranges(die, next, &base, &start, &end)) > 0) {
        // What assemblers wrote of a function may say its encoding as well.
        uint64_t va = image_plain_va(c->image, start);
        if (start >= end || !image_is_code(c->image, va))
            continue; // removed by the linker
        if (!function.name.n && !function.linkage_name.n) {
            function.name = kept_text(c, name);
            function.linkage_name = kept_text(c, linkage);
        }
        function.va = va;
        function.len = end - start;
        *ARENA_PUSH(c->image->arena, c->functions, c->count, c->room) =
            function;
    }
    return DWARF_CB_OK;
}

static void read_dwarf(struct collector *c, Elf *handle) {
    Dwarf *dwarf = dwarf_begin_elf(handle, DWARF_C_READ, NULL);
    if (!dwarf)
        return;
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    uint8_t type;
    while (dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, NULL) == 0)
        if (type == DW_UT_compile)
            dwarf_getfuncs(&die, add_function, c, 0);
    dwarf_end(dwarf);
}

static bool same_build(const struct image *image, const struct image *other) {
    struct slice a = image->build_id, b = other->build_id;
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

// The separate file at `path`, if it is there and belongs to the image.
static struct image *try_file(struct image *image, struct str path) {
    struct str own = image->path;
    if (str_equal(path, own) || access(path.p, R_OK) != 0)
        return NULL;
    struct diag quiet;
    diag_init(&quiet, stderr, "");
    quiet.quiet = true;
    struct image *other =
        elf_open_part(image->arena, path.p, ELF_DEBUG, &quiet);
    if (other && !same_build(image, other)) {
        image_close(other);
        return NULL;
    }
    return other;
}

static struct str by_build_id(struct image *image) {
    static const char digits[] = "0123456789abcdef";
    struct bytes hex;
    bytes_init(&hex, image->arena, ORDER_LITTLE);
    for (size_t i = 0; i < image->build_id.n; i++) {
        bytes_u8(&hex, (uint8_t)digits[image->build_id.p[i] >> 4]);
        bytes_u8(&hex, (uint8_t)digits[image->build_id.p[i] & 15]);
        if (i == 0)
            bytes_u8(&hex, '/');
    }
    return str_format(image->arena, DEBUG_ROOT "/.build-id/%.*s.debug",
                      (int)hex.n, (const char *)hex.p);
}

struct image *debug_find_separate(struct image *image) {
    struct arena *arena = image->arena;
    struct image *found = NULL;
    if (image->build_id.n > 1)
        found = try_file(image, by_build_id(image));
    if (found || !image->debug_link.n)
        return found;
    struct str link = image->debug_link, path = image->path;
    struct str dir = str_slice(path, 0, path.n - image->name.n);
    found = try_file(
        image, str_format(arena, "%.*s%.*s", STR_ARGS(dir), STR_ARGS(link)));
    if (!found)
        found = try_file(image, str_format(arena, "%.*s.debug/%.*s",
                                           STR_ARGS(dir), STR_ARGS(link)));
    char *real = found ? NULL : realpath(path.p, NULL);
    if (real) {
        struct str whole = str_copy(arena, str_from(real));
        free(real);
        struct str folder =
            str_slice(whole, 0, whole.n - str_base_name(whole).n);
        found = try_file(image, str_format(arena, DEBUG_ROOT "%.*s%.*s",
                                           STR_ARGS(folder), STR_ARGS(link)));
    }
    return found;
}

void debug_functions(struct image *image, struct debug_function **functions,
                     size_t *count, struct symbol **symbols,
                     size_t *symbol_count, struct diag *diag) {
    struct collector c = {.image = image};
    // What has moved has left it behind.
    bool is_moved = image->elf && image->elf->moved_by != 0;
    (void)diag;
    if (image->elf && !is_moved)
        read_dwarf(&c, image->elf->handle);
    *symbols = NULL;
    *symbol_count = 0;
    struct image *separate = is_moved ? NULL : debug_find_separate(image);
    if (separate) {
        if (c.count == 0)
            read_dwarf(&c, separate->elf->handle);
        // Names are in the mapped file, which goes away.
        *symbols = separate->symbols;
        *symbol_count = separate->symbol_count;
        for (size_t i = 0; i < separate->symbol_count; i++)
            separate->symbols[i].name =
                str_copy(image->arena, separate->symbols[i].name);
        image_close(separate);
    }
    *functions = c.functions;
    *count = c.count;
}
