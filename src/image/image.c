// image.c: opening a file, and looking things up in an image.
//
// Formats are rows of a table; the first that claims the bytes reads them.
// Lookups by address go through the segments, of which there are few: a
// linear search is as fast as any. Code is asked for by executable section
// where sections are known, since older linkers put read-only data into the
// executable segment.

#include <string.h>

#include "image/elf_file.h"
#include "image/flat.h"

static const struct image_format *const formats[] = {
    &format_elf,
    &format_ihex,
    &format_srec,
    &format_raw,
};

static const struct image_format *find_format(struct slice bytes) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (formats[i]->claims(bytes))
            return formats[i];
    return NULL;
}

// What is told must go with what the file says.
static bool check_facts(struct image *image, struct diag *diag) {
    const struct image_facts *facts = &image->facts;
    bool is_elf = image->format == &format_elf;
    const char *problem = NULL;
    if (facts->has_base && image->format != &format_raw && !is_elf)
        problem = "the file says its addresses itself: --base is for raw "
                  "binaries";
    else if (!is_elf && facts->platform == PLATFORM_LINUX)
        problem = "Linux runs ELF files only";
    if (problem)
        diag_error_at(diag, B_FORMAT, image->path.p, "%s", problem);
    if (problem || is_elf || facts->arch)
        return !problem;
    diag_error_at(diag, B_FORMAT, image->path.p,
                  "%s says no machine: say it by --arch=NAME",
                  image->format->name);
    return false;
}

bool image_suffices(const struct image *image, struct diag *diag) {
    const char *lacks = image->processor.lacks;
    if (!lacks && image->is_bare)
        lacks = image->processor.bare_lacks;
    if (lacks)
        diag_error_at(diag, B_MACHINE, image->path.p,
                      "the file is for a processor that has too little: %s",
                      lacks);
    return !lacks;
}

static bool check_read(struct image *image, struct diag *diag) {
    const struct image_facts *facts = &image->facts;
    bool wants_bare = facts->platform == PLATFORM_NONE || facts->text.is_said ||
                      facts->data.is_said || facts->fix_crc;
    if (facts->arch && facts->arch != image->arch)
        diag_error_at(diag, B_MACHINE, image->path.p,
                      "the file is for %s, and not for %s", image->arch->name,
                      facts->arch->name);
    else if (wants_bare && !image->is_bare)
        diag_error_at(diag, B_KIND, image->path.p,
                      "this is a program or library of Linux; --platform=none, "
                      "--text-at, --data-at and --fix-crc are for what runs "
                      "without an operating system");
    else
        return true;
    return false;
}

static bool read_format(struct image *image, struct diag *diag) {
    const struct image_facts *facts = &image->facts;
    image->arch = facts->arch; // ELF says its own
    if (!image->format->read(image, diag))
        return false;
    if (check_read(image, diag) &&
        (!facts->symbols || symbol_file_read(image, facts->symbols, diag)))
        return true;
    image->is_borrowed = true; // who opened the file closes it
    image->format->close(image);
    return false;
}

static struct image *read_image(struct arena *arena, const char *path,
                                struct file file,
                                const struct image_facts *facts,
                                bool is_borrowed, struct diag *diag) {
    struct image *image = ARENA_NEW(arena, struct image);
    image->is_borrowed = is_borrowed;
    image->arena = arena;
    image->facts = *facts;
    image->file = file;
    image->path = str_copy(arena, str_from(path));
    image->name = str_base_name(image->path);
    image->format = find_format(file.data);
    if (!image->format && facts->has_base && file.data.n)
        image->format = &format_raw;
    if (!image->format) {
        diag_error_at(diag, B_FORMAT, path, "%s",
                      file.data.n ? "neither an ELF file nor Intel HEX nor "
                                    "Motorola S-records"
                                  : "the file is empty");
        if (file.data.n)
            diag_help(diag, "of a raw binary say --arch, --base and --entry");
        return NULL;
    }
    return check_facts(image, diag) && read_format(image, diag) ? image : NULL;
}

struct image *image_open(struct arena *arena, const char *path,
                         struct diag *diag) {
    return image_open_as(arena, path, &(struct image_facts){0}, diag);
}

struct image *image_open_as(struct arena *arena, const char *path,
                            const struct image_facts *facts,
                            struct diag *diag) {
    struct file file;
    if (!file_open(&file, path, diag))
        return NULL;
    struct image *image = read_image(arena, path, file, facts, false, diag);
    if (!image)
        file_close(&file);
    return image;
}

struct image *image_read_bytes(struct arena *arena, const char *path,
                               struct slice bytes, struct diag *diag) {
    return image_read_bytes_as(arena, path, bytes, &(struct image_facts){0},
                               diag);
}

struct image *image_read_bytes_as(struct arena *arena, const char *path,
                                  struct slice bytes,
                                  const struct image_facts *facts,
                                  struct diag *diag) {
    struct file file = {.data = bytes, .mode = 0755};
    return read_image(arena, path, file, facts, true, diag);
}

void image_close(struct image *image) {
    if (!image)
        return;
    image->format->close(image);
    if (!image->is_borrowed)
        file_close(image->original.data.n ? &image->original : &image->file);
}

static const struct segment *segment_at(const struct image *image,
                                        uint64_t va) {
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        if (va - segment->va < segment->file_len && va >= segment->va)
            return segment;
    }
    return NULL;
}

struct slice image_bytes(const struct image *image, uint64_t va) {
    const struct segment *segment = segment_at(image, va);
    if (!segment)
        return (struct slice){0};
    uint64_t skip = va - segment->va;
    return (struct slice){image->file.data.p + segment->off + skip,
                          segment->file_len - skip};
}

bool image_va_to_off(const struct image *image, uint64_t va, uint64_t *off) {
    const struct segment *segment = segment_at(image, va);
    if (segment)
        *off = segment->off + (va - segment->va);
    return segment != NULL;
}

bool image_is_code(const struct image *image, uint64_t va) {
    size_t behind;
    LOWER_BOUND(behind, image->code_count, image->code[behind].va <= va);
    if (behind == 0)
        return false;
    const struct segment *run = &image->code[behind - 1];
    return va - run->va < run->file_len;
}

const struct section *image_find_section(const struct image *image,
                                         struct str name) {
    for (size_t i = 0; i < image->section_count; i++)
        if (str_equal(image->sections[i].name, name))
            return &image->sections[i];
    return NULL;
}

bool image_is_instrumented(const struct image *image) {
    return image_find_section(image, STR(".mctrace.undo")) != NULL;
}

bool image_plan_room(struct image *image, struct image_room *room,
                     struct diag *diag) {
    return image_plan_room_for(image, &(struct image_needs){0}, room, diag);
}

bool image_plan_room_for(struct image *image, const struct image_needs *needs,
                         struct image_room *room, struct diag *diag) {
    return image->format->plan_room(image, needs, room, diag);
}

bool image_write(struct image *image, const struct image_room *room,
                 const struct image_additions *additions, const char *path,
                 struct diag *diag) {
    return image->format->write(image, room, additions, path, diag);
}

bool image_restore(struct image *image, const char *path, struct diag *diag) {
    return image->format->restore(image, path, diag);
}

bool image_embedded(struct image *image, struct str *mapping) {
    return image->format->embedded(image, mapping);
}
