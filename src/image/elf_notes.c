// elf_notes.c: what notes say.
//
// Places that a program's authors marked for tracers: sys/sdt.h, and whatever
// is compatible with it, leaves a note in the section .note.stapsdt for each:
// the address of an instruction that does nothing, the names, and where the
// values that were passed lie there. A note does not see prelinking; the
// section .stapsdt.base, whose address it repeats, does.
//
// What all of an image was compiled for (.note.gnu.property): whether indirect
// jumps may lead to landing pads only.

#include <string.h>

#include "image/elf_file.h"

#define STAPSDT_TYPE 3

static struct slice section_bytes(const struct image *image,
                                  const struct section *section) {
    struct slice file = image->file.data;
    if (!section || !section->has_bytes ||
        !slice_contains(file, section->off, section->len))
        return (struct slice){0};
    return (struct slice){file.p + section->off, section->len};
}

// What a marker's note says; false: it says nothing sensible.
static bool read_marker(const struct image *image, struct slice desc,
                        uint64_t base_va, struct marker *marker) {
    size_t word = image->arch->bits / 8;
    struct reader in = reader_open(desc, image->arch->order);
    marker->va = reader_uint(&in, word);
    uint64_t noted_base = reader_uint(&in, word);
    marker->semaphore_va = reader_uint(&in, word);
    marker->provider = reader_text(&in);
    marker->name = reader_text(&in);
    marker->operands = reader_text(&in);
    uint64_t moved = base_va ? base_va - noted_base : 0;
    marker->va += moved;
    if (marker->semaphore_va)
        marker->semaphore_va += moved;
    return !in.failed && marker->provider.n > 0 && marker->name.n > 0 &&
           image_is_code(image, marker->va);
}

// "__" in a name stands for '-'.
static struct str spell_name(struct arena *arena, struct str name) {
    char *out = arena_alloc(arena, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        bool is_dash =
            name.p[i] == '_' && i + 1 < name.n && name.p[i + 1] == '_';
        out[n++] = is_dash ? '-' : name.p[i];
        i += is_dash;
    }
    return (struct str){out, n};
}

void elf_read_markers(struct image *image) {
    const struct section *base =
        image_find_section(image, STR(".stapsdt.base"));
    struct slice notes =
        section_bytes(image, image_find_section(image, STR(".note.stapsdt")));
    struct reader in = reader_open(notes, image->arch->order);
    size_t room = 0;
    while (in.at + 12 <= notes.n && !in.failed) {
        uint64_t name_len = reader_uint(&in, 4);
        uint64_t desc_len = reader_uint(&in, 4);
        uint64_t type = reader_uint(&in, 4);
        struct slice name = reader_bytes(&in, (size_t)name_len);
        reader_seek(&in, (in.at + 3) & ~(size_t)3);
        struct slice desc = reader_bytes(&in, (size_t)desc_len);
        reader_seek(&in, (in.at + 3) & ~(size_t)3);
        struct marker marker;
        if (type != STAPSDT_TYPE || name.n != sizeof "stapsdt" ||
            memcmp(name.p, "stapsdt", name.n) != 0 ||
            !read_marker(image, desc, base ? base->va : 0, &marker))
            continue;
        marker.name = spell_name(image->arena, marker.name);
        *ARENA_PUSH(image->arena, image->markers, image->marker_count, room) =
            marker;
    }
}

// --- properties -----------------------------------------------------------

// The bits of FEATURE_1_AND among the properties of a note.
static uint32_t features_of(const struct image *image, struct slice desc) {
    const uint32_t feature_1_and = 0xc0000000;
    uint64_t align = image->arch->bits / 8;
    struct reader in = reader_open(desc, image->arch->order);
    while (in.at + 8 <= desc.n && !in.failed) {
        uint64_t type = reader_uint(&in, 4), len = reader_uint(&in, 4);
        if (type == feature_1_and && len == 4)
            return (uint32_t)reader_uint(&in, 4);
        reader_seek(&in, (in.at + len + align - 1) & ~(align - 1));
    }
    return 0;
}

static struct slice property_notes(const struct image *image) {
    const struct elf_file *elf = image->elf;
    struct slice file = image->file.data;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        if (segment->p_type == PT_GNU_PROPERTY &&
            slice_contains(file, segment->p_offset, segment->p_filesz))
            return (struct slice){file.p + segment->p_offset,
                                  segment->p_filesz};
    }
    return section_bytes(image,
                         image_find_section(image, STR(".note.gnu.property")));
}

void elf_read_properties(struct image *image) {
    enum { PROPERTIES = 5, NAME_LEN = 4 };
    struct slice notes = property_notes(image);
    struct reader in = reader_open(notes, image->arch->order);
    uint64_t name_len = reader_uint(&in, 4), desc_len = reader_uint(&in, 4);
    uint64_t type = reader_uint(&in, 4);
    struct slice name = reader_bytes(&in, NAME_LEN);
    struct slice desc = reader_bytes(&in, (size_t)desc_len);
    image->is_guarded = !in.failed && type == PROPERTIES &&
                        name_len == NAME_LEN &&
                        memcmp(name.p, "GNU", NAME_LEN) == 0 &&
                        (features_of(image, desc) & image->arch->guards);
}
