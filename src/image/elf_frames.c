// elf_frames.c: the ranges of code that .eh_frame describes.
//
// They are as good as a table of functions, and stripping leaves them. The
// walk starts at the section or, without section headers, where the header
// of the unwinder's search table (PT_GNU_EH_FRAME) says, and ends at the
// terminator or at the first entry that is damaged.

#include <dwarf.h>
#include <stdlib.h>

#include "image/cfi.h"
#include "image/elf_file.h"

// .eh_frame_hdr: version, three encodings, pointer to .eh_frame, count.
static uint64_t eh_frame_of_header(const struct image *image) {
    struct elf_file *elf = image->elf;
    struct slice bytes = image_bytes(image, elf->search_va);
    struct reader in = reader_open(bytes, image->arch->order);
    uint64_t version = reader_uint(&in, 1);
    uint8_t encoding = (uint8_t)reader_uint(&in, 1);
    uint8_t count_encoding = (uint8_t)reader_uint(&in, 1);
    reader_uint(&in, 1);
    uint64_t va = cfi_read_pointer(image, &in, elf->search_va, encoding);
    uint64_t count =
        cfi_read_pointer(image, &in, elf->search_va, count_encoding);
    if (in.failed || version != 1)
        return 0;
    elf->search_count = count;
    return va;
}

static void find_start(const struct image *image, uint64_t *va, uint64_t *end) {
    struct elf_file *elf = image->elf;
    for (size_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].p_type == PT_GNU_EH_FRAME)
            elf->search_va = elf->segments[i].p_vaddr;
    uint64_t by_header = elf->search_va ? eh_frame_of_header(image) : 0;
    const struct section *section = image_find_section(image, STR(".eh_frame"));
    if (section && section->va && section->has_bytes) {
        *va = section->va;
        *end = section->va + section->len;
    } else {
        *va = by_header;
        *end = UINT64_MAX;
    }
}

static int compare_frames(const void *a, const void *b) {
    const struct frame_range *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

static void sort_frames(struct image *image) {
    struct frame_range *frames = image->frames;
    bool sorted = true;
    for (size_t i = 1; i < image->frame_count; i++)
        sorted &= frames[i - 1].va <= frames[i].va;
    if (!sorted)
        qsort(frames, image->frame_count, sizeof *frames, compare_frames);
    // Of two that start at one address the longer is kept.
    size_t kept = 0;
    for (size_t i = 0; i < image->frame_count; i++) {
        if (kept && frames[kept - 1].va == frames[i].va) {
            if (frames[i].len > frames[kept - 1].len)
                frames[kept - 1] = frames[i];
        } else {
            frames[kept++] = frames[i];
        }
    }
    image->frame_count = kept;
}

void elf_read_frames(struct image *image) {
    struct elf_file *elf = image->elf;
    uint64_t va, end;
    find_start(image, &va, &end);
    elf->eh_frame_va = va;
    struct cfi_entry entry;
    struct cfi_fde fde;
    struct cfi_cie cie = {0}; // of the entry before: mostly the same
    size_t room = 0;
    for (; va && va < end && cfi_read_entry(image, va, &entry);
         va = entry.next_va) {
        if (!entry.cie_va) {
            if (!elf->first_cie_va)
                elf->first_cie_va = va;
            continue;
        }
        if (entry.cie_va != cie.va &&
            !cfi_read_cie(image, entry.cie_va, &cie)) {
            cie.va = 0;
            continue;
        }
        elf->fde_count++;
        bool is_read = cfi_read_fde(image, &entry, &cie, &fde);
        fde.va = image_plain_va(image, fde.va);
        if (is_read && fde.len && fde.len <= UINT64_MAX - fde.va &&
            image_is_code(image, fde.va))
            *ARENA_PUSH(image->arena, image->frames, image->frame_count, room) =
                (struct frame_range){fde.va, fde.len, entry.va, fde.lsda_va,
                                     fde.cie.is_signal};
    }
    sort_frames(image);
}
