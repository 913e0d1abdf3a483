// placement.c: room in an image that runs without an operating system.
//
// Nobody maps memory there: added code and constants need flash (or whatever
// memory is loaded), the region needs RAM that neither the program nor its
// start-up code touches. The user says where, by --text-at and --data-at, or
// the image shows it: its linker script's symbols tell where memory ends, and
// where stack and heap lie (memory.def). RAM is believed to be free only
// between what is known on both sides; flash from the end of what is loaded up
// to where it is known to end. What cannot be known is asked for.
//
// Nothing may overlap: not what is loaded, not where it is copied to at
// start-up, nor the .bss that is cleared there. Erased bytes (0xff) in a file
// that holds all of a flash are free.

#include "image/elf_file.h"
#include "image/flat.h"

#include <string.h>

enum memory_role {
    FLASH_END,
    RAM_END,
    STACK_LOW,
    STACK_HIGH,
    HEAP_END,
    HEAP_GROWS,
    ROLES
};

enum {
    ALIGN = 16,
    // Before it is known how much code there is.
    FIRST_TEXT = 256 << 10,
};

struct gap {
    uint64_t va, end_va;
};

static uint64_t align(uint64_t value) {
    return (value + ALIGN - 1) / ALIGN * ALIGN;
}

// --- what the image shows ---

static bool find_role(const struct image *image, enum memory_role role,
                      uint64_t *va) {
    static const struct {
        const char *name;
        enum memory_role role;
    } rows[] = {
#define MEMORY(name, role) {name, role},
#include "image/memory.def"
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].role != role)
            continue;
        if (image->elf && elf_symbol_value(image, str_from(rows[i].name), va))
            return true;
        for (size_t k = 0; k < image->symbol_count; k++)
            if (str_is(image->symbols[k].name, rows[i].name)) {
                *va = image->symbols[k].va;
                return true;
            }
    }
    return false;
}

static uint64_t load_end(const struct segment *segment) {
    return segment->load_va + segment->file_len;
}

// Flash from behind what is loaded below its end.
static bool find_flash(const struct image *image, struct gap *gap) {
    uint64_t end_va, last = 0;
    if (!find_role(image, FLASH_END, &end_va))
        return false;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        if (segment->file_len && load_end(segment) <= end_va &&
            load_end(segment) > last)
            last = load_end(segment);
    }
    *gap = (struct gap){align(last), end_va};
    return last && gap->va < gap->end_va;
}

static bool is_in_segment(const struct image *image, uint64_t va) {
    for (size_t i = 0; i < image->segment_count; i++)
        if (va - image->segments[i].va < image->segments[i].mem_len)
            return true;
    return false;
}

// RAM up to the stack, or up to its end where the stack is part of what the
// program declares.
static bool find_ram(const struct image *image, struct gap *gap) {
    uint64_t ram_end, stack_low, stack_high, heap_end, grows, end_va;
    bool has_low = find_role(image, STACK_LOW, &stack_low);
    bool has_high = find_role(image, STACK_HIGH, &stack_high);
    bool has_heap = find_role(image, HEAP_END, &heap_end);
    bool is_declared =
        has_high && stack_high && is_in_segment(image, stack_high - 1);
    if (find_role(image, HEAP_GROWS, &grows) && !has_heap)
        return false;
    if (has_low && !is_declared)
        end_va = stack_low;
    else if (is_declared && find_role(image, RAM_END, &ram_end))
        end_va = ram_end;
    else
        return false;
    uint64_t last = has_heap && heap_end <= end_va ? heap_end : 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        uint64_t segment_end = segment->va + segment->mem_len;
        if ((segment->flags & SEGMENT_WRITE) && segment_end <= end_va &&
            segment_end > last)
            last = segment_end;
    }
    *gap = (struct gap){align(last), end_va};
    return last && gap->va < gap->end_va;
}

// Where the memory that an address lies in ends, as far as that is known.
static uint64_t memory_end(const struct image *image, enum memory_role end_role,
                           uint64_t va) {
    uint64_t end_va;
    bool is_known = find_role(image, end_role, &end_va) && va < end_va;
    return is_known ? end_va : UINT64_MAX;
}

static bool choose(const struct image *image, const struct image_place *said,
                   bool (*find)(const struct image *, struct gap *),
                   enum memory_role end_role, const char *option,
                   const char *what, struct gap *gap, struct diag *diag) {
    if (said->is_said) {
        *gap = (struct gap){said->va,
                            said->len ? said->va + said->len
                                      : memory_end(image, end_role, said->va)};
        return true;
    }
    if (find(image, gap))
        return true;
    diag_error_at(diag, R_ROOM, image->path.p,
                  "the image does not show where %s is free", what);
    diag_help(diag, "say it by --%s=ADDRESS[,SIZE]", option);
    return false;
}

// --- overlaps ---

static bool overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len) {
    return a_len && b_len && a < b + b_len && b < a + a_len;
}

// Bytes of a file that holds all of a flash.
static bool is_erased(const struct image *image, uint64_t va, uint64_t len,
                      const struct segment *segment) {
    if (!image->flat || va < segment->va ||
        va + len > segment->va + segment->file_len)
        return false;
    const uint8_t *p = image->file.data.p + segment->off + (va - segment->va);
    for (uint64_t i = 0; i < len; i++)
        if (p[i] != 0xff)
            return false;
    return true;
}

static bool check_free(const struct image *image, const char *what, uint64_t va,
                       uint64_t len, struct diag *diag) {
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        bool hits_memory = overlap(va, len, segment->va, segment->mem_len);
        bool hits_load = overlap(va, len, segment->load_va, segment->file_len);
        if ((!hits_memory && !hits_load) || is_erased(image, va, len, segment))
            continue;
        uint64_t at = hits_memory ? segment->va : segment->load_va;
        diag_error_at(diag, R_OVERLAP, image->path.p,
                      "the added %s at 0x%llx (0x%llx bytes) would overlap the "
                      "program's own at 0x%llx (0x%llx bytes)",
                      what, (unsigned long long)va, (unsigned long long)len,
                      (unsigned long long)at,
                      (unsigned long long)(hits_memory ? segment->mem_len
                                                       : segment->file_len));
        return false;
    }
    return true;
}

// The stack pointer that a Cortex-M loads itself, from the first word of its
// vector table, which the address of the first instruction follows.
static bool vector_stack(const struct image *image, uint64_t *top_va) {
    const struct arch *arch = image->arch;
    if (!arch->modes || image->segment_count == 0)
        return false;
    const struct segment *first = &image->segments[0];
    for (size_t i = 1; i < image->segment_count; i++)
        if (image->segments[i].file_len &&
            image->segments[i].load_va < first->load_va)
            first = &image->segments[i];
    if (first->file_len < 8)
        return false;
    const uint8_t *p = image->file.data.p + first->off;
    *top_va = load_uint(p, 4, arch->order);
    return load_uint(p + 4, 4, arch->order) == (image->entry_va | 1);
}

// A stack grows down from its top, which is known more often than its limit.
static bool check_stack(const struct image *image, uint64_t va, uint64_t len,
                        struct diag *diag) {
    uint64_t low, high;
    bool has_low = find_role(image, STACK_LOW, &low);
    if (!find_role(image, STACK_HIGH, &high) && !vector_stack(image, &high))
        return true;
    if (!has_low || low >= high)
        low = high - 1;
    if (!overlap(va, len, low, high - low))
        return true;
    diag_error_at(diag, R_OVERLAP, image->path.p,
                  "the added data at 0x%llx (0x%llx bytes) would overlap the "
                  "program's stack, which begins at 0x%llx",
                  (unsigned long long)va, (unsigned long long)len,
                  (unsigned long long)high);
    return false;
}

static bool check_len(const struct image *image, const char *what,
                      const char *option, uint64_t len,
                      const struct image_place *place, uint64_t room,
                      struct diag *diag) {
    if (len <= room)
        return true;
    diag_error_at(diag, R_ROOM, image->path.p,
                  "the added %s takes %llu bytes, and there is room for %llu "
                  "at 0x%llx",
                  what, (unsigned long long)len, (unsigned long long)room,
                  (unsigned long long)place->va);
    diag_help(diag, "--%s=ADDRESS[,SIZE] says where there is more", option);
    return false;
}

// --- planning ---

bool placement_plan(struct image *image, const struct image_needs *needs,
                    struct image_room *room, struct diag *diag) {
    struct gap flash, ram;
    if (!choose(image, &image->facts.text, find_flash, FLASH_END, "text-at",
                "flash", &flash, diag) ||
        !choose(image, &image->facts.data, find_ram, RAM_END, "data-at", "RAM",
                &ram, diag))
        return false;
    room->text_va = align(flash.va);
    room->text_end_va = flash.end_va;
    room->region_va = align(ram.va);
    room->region_end_va = ram.end_va;
    room->rodata_va =
        align(room->text_va + (needs->text_len ? needs->text_len : FIRST_TEXT));
    return true;
}

bool placement_check(struct image *image, const struct image_room *room,
                     const struct image_additions *additions,
                     struct diag *diag) {
    const struct image_place text = {.va = room->text_va},
                             data = {.va = room->region_va};
    uint64_t text_len =
        additions->rodata.n
            ? room->rodata_va + additions->rodata.n - room->text_va
            : additions->text.n;
    uint64_t mask = image->arch->bits == 64
                        ? UINT64_MAX
                        : ((uint64_t)1 << image->arch->bits) - 1;
    if (room->text_va + text_len > mask ||
        room->region_va + additions->region_len > mask) {
        diag_error_at(diag, R_ROOM, image->path.p,
                      "what is added would lie beyond the machine's addresses");
        return false;
    }
    if (!check_len(image, "code", "text-at", text_len, &text,
                   room->text_end_va - room->text_va, diag) ||
        !check_len(image, "data", "data-at", additions->region_len, &data,
                   room->region_end_va - room->region_va, diag) ||
        !check_free(image, "code", room->text_va, text_len, diag) ||
        !check_free(image, "data", room->region_va, additions->region_len,
                    diag) ||
        !check_stack(image, room->region_va, additions->region_len, diag))
        return false;
    if (!overlap(room->text_va, text_len, room->region_va,
                 additions->region_len))
        return true;
    diag_error_at(diag, R_OVERLAP, image->path.p,
                  "the added code at 0x%llx (0x%llx bytes) would overlap the "
                  "added data at 0x%llx",
                  (unsigned long long)room->text_va,
                  (unsigned long long)text_len,
                  (unsigned long long)room->region_va);
    return false;
}
