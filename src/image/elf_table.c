// elf_table.c: room for more program headers.
//
// New segments need new entries in the program header table, and something
// else stands right behind it. A table at the end of the file would do for
// the kernel and the loader, but strip and objcopy put it back behind the ELF
// header whatever they find there, and kernels before 5.18 tell a program the
// wrong address of it. So it stays where it is if at all possible:
//
//     before   | ELF | table | .interp | notes | .gnu.hash | .dynsym | ...
//     after    | ELF | table ....... | .interp | notes |.... | .dynsym | ...
//                                    .gnu.hash: now in the new rodata
//
// What stands behind the table is mostly reached only through the table
// itself (.interp, notes) or through tags of the dynamic section (hash
// tables, symbols, strings, relocations): such extents can be displaced. The
// small ones are put back behind the grown table, so that the build id stays
// in the first page, where core dumps keep it. Padding counts as room too.
//
// Where that does not suffice entries are saved: the region extends the last
// segment (zero memory behind .bss), notes that stand side by side share an
// entry, and a program that stays at its place needs no PT_PHDR. What remains
// gets a new table in a segment of its own, at an address that old kernels
// compute right, too. A label stands behind it there, with a section of its
// own: strip keeps the table in its segment, but places a segment without any
// section where it should not.

#include <stdlib.h>
#include <string.h>

#include "image/elf_writer.h"

enum {
    LONGEST_GAP = 64,
    LONGEST_HOLE = 1 << 30,
    FARTHEST_TABLE = 512 << 20,
};

uint64_t align_up(uint64_t value, uint64_t alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

static void add_extent(const struct image *image, struct table_plan *plan,
                       uint64_t off, uint64_t len, uint32_t align, bool near) {
    if (len == 0 || !slice_contains(image->file.data, off, len))
        return;
    for (size_t i = 0; i < plan->extent_count; i++)
        if (plan->extents[i].off == off)
            return;
    plan->extents[plan->extent_count++] = (struct extent){
        .off = off, .len = len, .align = align, .keep_near = near};
}

static void add_tagged(const struct image *image, struct table_plan *plan,
                       int64_t tag, uint64_t len) {
    uint64_t va, off;
    if (elf_dynamic_value(image->elf, tag, &va) &&
        image_va_to_off(image, va, &off))
        add_extent(image, plan, off, len, 8, false);
}

static uint64_t tag_value(const struct image *image, int64_t tag) {
    uint64_t value = 0;
    elf_dynamic_value(image->elf, tag, &value);
    return value;
}

static int compare_extents(const void *a, const void *b) {
    const struct extent *x = a, *y = b;
    return x->off < y->off ? -1 : x->off > y->off;
}

// Everything that can be displaced, by offset.
static void find_extents(struct image *image, struct table_plan *plan) {
    const struct elf_file *elf = image->elf;
    plan->extents =
        ARENA_ARRAY(image->arena, struct extent, elf->segment_count + 16);
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        uint32_t align = segment->p_align > 8 || segment->p_align == 0
                             ? 8
                             : (uint32_t)segment->p_align;
        if (segment->p_type == PT_INTERP || segment->p_type == PT_NOTE)
            add_extent(image, plan, segment->p_offset, segment->p_filesz, align,
                       true);
    }
    add_tagged(image, plan, DT_HASH, elf->hash_len);
    add_tagged(image, plan, DT_GNU_HASH, elf->gnu_hash_len);
    add_tagged(image, plan, DT_SYMTAB, elf->symbols_len);
    add_tagged(image, plan, DT_STRTAB, tag_value(image, DT_STRSZ));
    add_tagged(image, plan, DT_VERSYM, elf->dynamic_symbol_count * 2);
    add_tagged(image, plan, DT_RELA, tag_value(image, DT_RELASZ));
    add_tagged(image, plan, DT_REL, tag_value(image, DT_RELSZ));
    qsort(plan->extents, plan->extent_count, sizeof *plan->extents,
          compare_extents);
}

// Offset of the first thing at or behind `off`, other than `skip`, that the
// file is known to hold.
static uint64_t next_thing(const struct image *image, uint64_t off,
                           const struct extent *skip) {
    const struct elf_file *elf = image->elf;
    uint64_t next = image->file.data.n;
    for (size_t i = 1; i < elf->section_count; i++) {
        const GElf_Shdr *section = &elf->sections[i];
        bool inside = skip && section->sh_offset >= skip->off &&
                      section->sh_offset < skip->off + skip->len;
        if (section->sh_type != SHT_NOBITS && section->sh_size && !inside &&
            section->sh_offset + section->sh_size > off &&
            section->sh_offset < next)
            next = section->sh_offset;
    }
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        if (segment->p_filesz && segment->p_offset >= off &&
            segment->p_offset < next &&
            (segment->p_type == PT_LOAD || segment->p_type == PT_DYNAMIC ||
             segment->p_type == PT_TLS || segment->p_type == PT_GNU_EH_FRAME))
            next = segment->p_offset;
    }
    if (elf->header.e_shoff >= off && elf->header.e_shoff < next)
        next = elf->header.e_shoff;
    return next > off ? next : off;
}

static bool is_zero(const struct image *image, uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; i++)
        if (image->file.data.p[i])
            return false;
    return true;
}

const struct segment *table_segment(const struct image *image) {
    uint64_t off = image->elf->header.e_phoff;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        if (off >= segment->off && off - segment->off < segment->file_len)
            return segment;
    }
    return NULL;
}

// How far padding may be used: not beyond the segment unless what follows it
// in memory and in the file leaves room.
static uint64_t segment_limit(const struct image *image) {
    const struct segment *segment = table_segment(image);
    uint64_t end = segment->off + segment->file_len;
    size_t next = (size_t)(segment - image->segments) + 1;
    if (segment->mem_len != segment->file_len || next >= image->segment_count)
        return end;
    uint64_t slack = image->segments[next].va - segment->va;
    uint64_t limit = segment->off + slack, page = image->arch->page;
    // Within the last page: it is mapped whole already.
    return limit < align_up(end, page) ? limit : align_up(end, page);
}

// Bytes from `at` on that nothing uses.
static uint64_t free_end(const struct image *image, uint64_t at,
                         const struct extent *skip) {
    uint64_t end = next_thing(image, at, skip);
    uint64_t limit = segment_limit(image);
    if (end > limit)
        end = limit;
    // Without section headers only padding for alignment is believed.
    if (image->elf->section_count == 0 && end > at + LONGEST_GAP / 2)
        end = at;
    return end > at && is_zero(image, at, end) ? end : at;
}

// Puts what wants to stay near behind a table of `len` bytes; the rest is
// left with new_off 0. True if all of it fits.
static bool place_near(struct table_plan *plan, size_t count, uint64_t len) {
    uint64_t at = plan->off + len, end = plan->off + plan->len;
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        struct extent *extent = &plan->extents[i];
        extent->new_off = 0;
        if (!extent->keep_near)
            continue;
        uint64_t place = align_up(at, extent->align);
        if (place + extent->len <= end) {
            extent->new_off = place;
            at = place + extent->len;
        } else {
            all = false;
        }
    }
    return all;
}

// Widens the run of usable bytes extent by extent until `entries` fit, and
// beyond until the small extents have their place behind them.
static bool try_in_place(struct image *image, struct table_plan *plan,
                         size_t entries) {
    const struct elf_file *elf = image->elf;
    uint64_t entry = elf_segment_len(elf), len = entries * entry;
    plan->off = elf->header.e_phoff;
    uint64_t at = plan->off + elf->segment_count * entry;
    size_t available = plan->extent_count, first = 0;
    while (first < available && plan->extents[first].off < at)
        first++;
    struct extent *extents = plan->extents + first;
    available -= first;
    struct table_plan best = {.len = 0}, now = *plan;
    now.extents = extents;
    for (size_t count = 0;; count++) {
        const struct extent *next = count < available ? &extents[count] : NULL;
        now.len = free_end(image, at, NULL) - now.off;
        now.extent_count = count;
        if (now.len >= len) {
            best = now;
            if (place_near(&now, count, len))
                break;
        }
        // On past the next extent, if nothing but padding is before it.
        if (!next || next->off < at || next->off - at > LONGEST_GAP ||
            next_thing(image, at, next) < next->off ||
            !is_zero(image, at, next->off) ||
            next->off + next->len > segment_limit(image))
            break;
        at = next->off + next->len;
    }
    if (best.len == 0)
        return false;
    place_near(&best, best.extent_count, len);
    best.in_place = true;
    *plan = best;
    return true;
}

static bool last_is_writable(const struct image *image) {
    const struct segment *last = &image->segments[image->segment_count - 1];
    return (last->flags & SEGMENT_WRITE) && !(last->flags & SEGMENT_EXEC);
}

static size_t count_type(const struct elf_file *elf, uint32_t type) {
    size_t count = 0;
    for (size_t i = 0; i < elf->segment_count; i++)
        count += elf->segments[i].p_type == type;
    return count;
}

// Whether all notes stand side by side, the most aligned first, so that one
// entry can cover them.
static bool notes_touch(const struct elf_file *elf) {
    const GElf_Phdr *last = NULL;
    size_t count = 0;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const GElf_Phdr *segment = &elf->segments[i];
        if (segment->p_type != PT_NOTE)
            continue;
        if (last && (segment->p_offset != last->p_offset + last->p_filesz ||
                     segment->p_align > last->p_align))
            return false;
        last = segment;
        count++;
    }
    return count > 1;
}

// The most that a table in a segment of its own may take.
static uint64_t moved_len(const struct image *image) {
    const struct elf_file *elf = image->elf;
    return (elf->segment_count + MOST_NEW_ENTRIES) * elf_segment_len(elf) +
           TABLE_LABEL_LEN;
}

// Where the last segment ends within a page of the file. strip puts the table
// right there, and at an address that fits; so does this.
static uint64_t end_in_page(const struct image *image) {
    uint64_t end = 0;
    for (size_t i = 0; i < image->segment_count; i++)
        if (image->segments[i].file_len)
            end = image->segments[i].off + image->segments[i].file_len;
    return align_up(end, image->elf->word) % image->arch->page;
}

// An address for a table of its own: base + offset, so that a kernel which
// adds the offset to the load address is right. A hole in the file, for what
// the image has of zeroes, takes no room on disk.
static void place_moved(const struct image *image, uint64_t image_end,
                        struct table_plan *plan) {
    uint64_t page = image->arch->page, skip = end_in_page(image);
    uint64_t base = image->segments[0].va - image->segments[0].off;
    uint64_t file_end = align_up(image->file.data.n, page);
    uint64_t span = image_end - base;
    uint64_t off = file_end, va = image_end;
    if (file_end >= span && file_end - span <= FARTHEST_TABLE)
        va = base + file_end;
    else if (span > file_end && span - file_end <= LONGEST_HOLE)
        off = span;
    plan->in_place = false;
    plan->extent_count = 0;
    plan->table_off = off + skip;
    plan->table_va = va + skip;
}

static void decide_table(struct image *image, uint64_t image_end,
                         enum region_place region, size_t entries,
                         struct table_plan *plan) {
    const struct elf_file *elf = image->elf;
    *plan = (struct table_plan){0};
    if (table_segment(image)) {
        struct table_plan fresh;
        find_extents(image, plan);
        fresh = *plan;
        if (try_in_place(image, plan, entries))
            return;
        *plan = fresh;
        plan->merge_region = region == REGION_FIRST && last_is_writable(image);
        entries -= plan->merge_region;
        if (try_in_place(image, plan, entries))
            return;
        plan->drop_self = !image->is_relocatable && !image->is_dynamic &&
                          count_type(elf, PT_PHDR);
        entries -= plan->drop_self;
        if (try_in_place(image, plan, entries))
            return;
        plan->merge_notes = notes_touch(elf);
        entries -= plan->merge_notes ? count_type(elf, PT_NOTE) - 1 : 0;
        if (try_in_place(image, plan, entries))
            return;
    }
    *plan = (struct table_plan){0};
    place_moved(image, image_end, plan);
}

void table_decide(struct image *image, uint64_t image_end,
                  enum region_place region, struct table_plan *plan) {
    bool copies = retag_copy_len(image) != 0;
    size_t entries = image->elf->segment_count + NEW_ENTRIES + copies;
    decide_table(image, image_end, region, entries, plan);
    if (copies)
        plan->dynamic_va = table_end(image, plan, image_end);
}

uint64_t table_end(const struct image *image, const struct table_plan *plan,
                   uint64_t image_end) {
    uint64_t page = image->arch->page;
    if (plan->dynamic_va)
        return align_up(plan->dynamic_va + retag_copy_len(image), page);
    return plan->in_place ? image_end
                          : align_up(plan->table_va + moved_len(image), page);
}

uint64_t table_file_end(const struct image *image,
                        const struct table_plan *plan) {
    return plan->in_place ? image->file.data.n
                          : plan->table_off + moved_len(image);
}

// Displaced extents get their copies, near or in rodata.
void table_move_extents(struct elf_writer *writer) {
    struct table_plan *plan = &writer->table;
    struct image *image = writer->image;
    const struct segment *home = plan->in_place ? table_segment(image) : NULL;
    for (size_t i = 0; i < plan->extent_count; i++) {
        struct extent *extent = &plan->extents[i];
        struct slice bytes = {image->file.data.p + extent->off, extent->len};
        extent->moved = true;
        if (plan->merge_notes)
            extent->new_off = 0;
        if (home && extent->new_off) {
            extent->new_va = home->va + (extent->new_off - home->off);
            writer_edit(
                writer, extent->new_off,
                (struct slice){(const uint8_t *)str_copy(
                                   writer->arena,
                                   (struct str){(const char *)bytes.p, bytes.n})
                                   .p,
                               bytes.n});
        } else {
            // Notes that shall share an entry must touch each other.
            size_t align = plan->merge_notes ? extent->align : 16;
            extent->new_va = writer_add_rodata(writer, bytes, align);
            extent->new_off = writer_rodata_off(writer, extent->new_va);
        }
    }
}
