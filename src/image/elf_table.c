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
// compute right, too.

#include <stdlib.h>
#include <string.h>

#include "image/elf_writer.h"

enum {
    NEW_ENTRIES = 3, // text, rodata, region
    LONGEST_GAP = 64,
    LONGEST_HOLE = 16 << 20,
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

static const struct segment *table_segment(const struct image *image) {
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

// An address for a table of its own: base + offset, so that a kernel which
// adds the offset to the load address is right.
static void place_moved(const struct image *image, uint64_t image_end,
                        struct table_plan *plan) {
    uint64_t page = image->arch->page;
    uint64_t base = image->segments[0].va - image->segments[0].off;
    uint64_t file_end = align_up(image->file.data.n, page);
    uint64_t span = image_end - base;
    plan->in_place = false;
    plan->extent_count = 0;
    plan->table_off = file_end;
    plan->table_va = image_end;
    if (file_end >= span && file_end - span <= FARTHEST_TABLE)
        plan->table_va = base + file_end;
    else if (span > file_end && span - file_end <= LONGEST_HOLE)
        plan->table_off = span;
}

void table_decide(struct image *image, uint64_t image_end,
                  struct table_plan *plan) {
    const struct elf_file *elf = image->elf;
    *plan = (struct table_plan){0};
    size_t entries = elf->segment_count + NEW_ENTRIES;
    if (table_segment(image)) {
        struct table_plan fresh;
        find_extents(image, plan);
        fresh = *plan;
        if (try_in_place(image, plan, entries))
            return;
        *plan = fresh;
        plan->merge_region = last_is_writable(image);
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

static const struct extent *extent_of(const struct table_plan *plan,
                                      uint64_t off) {
    for (size_t i = 0; i < plan->extent_count; i++) {
        const struct extent *extent = &plan->extents[i];
        if (off >= extent->off && off - extent->off < extent->len)
            return extent;
    }
    return NULL;
}

// Entries for what was displaced point to its new place.
static void follow_extents(struct elf_writer *writer) {
    const struct table_plan *plan = &writer->table;
    size_t kept = 0;
    GElf_Phdr *notes = NULL;
    for (size_t i = 0; i < writer->segment_count; i++) {
        GElf_Phdr *segment = &writer->segments[i];
        const struct extent *extent = extent_of(plan, segment->p_offset);
        if (extent && segment->p_type != PT_LOAD && segment->p_filesz) {
            uint64_t skip = segment->p_offset - extent->off;
            uint64_t shift = segment->p_paddr - segment->p_vaddr;
            segment->p_offset = extent->new_off + skip;
            segment->p_vaddr = extent->new_va + skip;
            segment->p_paddr = segment->p_vaddr + shift;
        }
        if (plan->drop_self && segment->p_type == PT_PHDR)
            continue;
        if (plan->merge_notes && segment->p_type == PT_NOTE && notes) {
            notes->p_filesz += segment->p_filesz;
            notes->p_memsz += segment->p_memsz;
            notes->p_align = segment->p_align;
            continue;
        }
        writer->segments[kept] = *segment;
        if (segment->p_type == PT_NOTE && !notes)
            notes = &writer->segments[kept];
        kept++;
    }
    writer->segment_count = kept;
}

static void insert_segment(struct elf_writer *writer, size_t at,
                           GElf_Phdr segment) {
    memmove(&writer->segments[at + 1], &writer->segments[at],
            (writer->segment_count - at) * sizeof segment);
    writer->segments[at] = segment;
    writer->segment_count++;
}

static GElf_Phdr new_segment(const struct elf_writer *writer, uint32_t flags,
                             uint64_t off, uint64_t va, uint64_t file_len,
                             uint64_t mem_len) {
    return (GElf_Phdr){.p_type = PT_LOAD,
                       .p_flags = flags,
                       .p_offset = off,
                       .p_vaddr = va,
                       .p_paddr = va,
                       .p_filesz = file_len,
                       .p_memsz = mem_len,
                       .p_align = writer->image->arch->page};
}

static size_t last_load(const struct elf_writer *writer) {
    size_t last = 0;
    for (size_t i = 0; i < writer->segment_count; i++)
        if (writer->segments[i].p_type == PT_LOAD)
            last = i;
    return last;
}

// The new segments, by address behind the last one.
static void add_segments(struct elf_writer *writer) {
    const struct image_additions *additions = writer->additions;
    const struct image_room *room = writer->room;
    const struct table_plan *plan = &writer->table;
    size_t at = last_load(writer) + 1;
    if (!plan->in_place)
        insert_segment(
            writer, at++,
            new_segment(writer, PF_R, plan->table_off, plan->table_va, 0, 0));
    if (additions->region_len && plan->merge_region) {
        GElf_Phdr *last = &writer->segments[last_load(writer)];
        last->p_memsz = room->region_va + additions->region_len - last->p_vaddr;
    } else if (additions->region_len) {
        insert_segment(writer, at++,
                       new_segment(writer, PF_R | PF_W, writer->text_off,
                                   room->region_va, 0, additions->region_len));
    }
    size_t len = additions->text.n;
    if (len)
        insert_segment(writer, at++,
                       new_segment(writer, PF_R | PF_X, writer->text_off,
                                   room->text_va, len, len));
    len = writer->rodata.n;
    if (len)
        insert_segment(writer, at++,
                       new_segment(writer, PF_R, writer->rodata_off,
                                   room->rodata_va, len, len));
}

// The unwinder's search table: an entry of its own where there was none and
// there is room for one.
static void point_to_search_table(struct elf_writer *writer) {
    GElf_Phdr entry = {.p_type = PT_GNU_EH_FRAME,
                       .p_flags = PF_R,
                       .p_offset = writer->rodata_off + writer->search_off,
                       .p_filesz = writer->search_len,
                       .p_memsz = writer->search_len,
                       .p_align = 4};
    entry.p_vaddr = writer->room->rodata_va + writer->search_off;
    entry.p_paddr = entry.p_vaddr;
    if (!writer->search_len)
        return;
    for (size_t i = 0; i < writer->segment_count; i++) {
        if (writer->segments[i].p_type == PT_GNU_EH_FRAME) {
            writer->segments[i] = entry;
            return;
        }
    }
    uint64_t end = 0, len = elf_segment_len(writer->elf);
    const struct table_plan *plan = &writer->table;
    end = plan->off + plan->len;
    for (size_t i = 0; i < plan->extent_count; i++)
        if (plan->extents[i].new_off >= plan->off &&
            plan->extents[i].new_off < end)
            end = plan->extents[i].new_off;
    if (!plan->in_place || plan->off + (writer->segment_count + 1) * len <= end)
        insert_segment(writer, writer->segment_count, entry);
}

static void place_table(struct elf_writer *writer, uint64_t off, uint64_t va,
                        uint64_t len) {
    writer->header.e_phoff = off;
    writer->header.e_phnum = (GElf_Half)writer->segment_count;
    for (size_t i = 0; i < writer->segment_count; i++) {
        GElf_Phdr *segment = &writer->segments[i];
        if (segment->p_type == PT_LOAD && segment->p_offset == off &&
            !writer->table.in_place) {
            segment->p_filesz = len;
            segment->p_memsz = len;
        }
        if (segment->p_type == PT_PHDR) {
            segment->p_offset = off;
            segment->p_vaddr = va;
            segment->p_paddr = va;
            segment->p_filesz = len;
            segment->p_memsz = len;
        }
    }
}

// The segment that holds the table grows if its padding was used.
static void widen_home(struct elf_writer *writer) {
    const struct segment *home = table_segment(writer->image);
    uint64_t end = 0;
    for (size_t i = 0; i < writer->edit_count; i++) {
        uint64_t to = writer->edits[i].off + writer->edits[i].bytes.n;
        if (writer->edits[i].off >= writer->table.off &&
            to <= writer->table.off + writer->table.len && to > end)
            end = to;
    }
    for (size_t i = 0; i < writer->segment_count; i++) {
        GElf_Phdr *segment = &writer->segments[i];
        if (segment->p_type == PT_LOAD && segment->p_offset == home->off &&
            segment->p_vaddr == home->va &&
            end > home->off + segment->p_filesz) {
            segment->p_filesz = end - home->off;
            segment->p_memsz = segment->p_filesz;
        }
    }
}

static struct slice encode(const struct elf_writer *writer) {
    struct bytes out;
    bytes_init(&out, writer->arena, writer->image->arch->order);
    for (size_t i = 0; i < writer->segment_count; i++)
        elf_put_segment(writer->elf, &writer->segments[i], &out);
    return (struct slice){out.p, out.n};
}

// The path of another loader, where it is asked for.
static void set_interpreter(struct elf_writer *writer) {
    struct str path = writer->additions->interpreter;
    if (path.n == 0)
        return;
    struct slice text = {(const uint8_t *)str_terminated(writer->arena, path),
                         path.n + 1};
    uint64_t va = writer_add_rodata(writer, text, 1);
    uint64_t off = writer_rodata_off(writer, va), old_off = 0;
    for (size_t i = 0; i < writer->elf->segment_count; i++)
        if (writer->elf->segments[i].p_type == PT_INTERP)
            old_off = writer->elf->segments[i].p_offset;
    for (size_t i = 0; i < writer->segment_count; i++) {
        GElf_Phdr *segment = &writer->segments[i];
        if (segment->p_type != PT_INTERP)
            continue;
        segment->p_offset = off;
        segment->p_vaddr = segment->p_paddr = va;
        segment->p_filesz = segment->p_memsz = text.n;
    }
    for (size_t i = 1; i < writer->elf->section_count; i++) {
        GElf_Shdr *section = &writer->sections[i];
        if (section->sh_offset != old_off || section->sh_type != SHT_PROGBITS)
            continue;
        section->sh_offset = off;
        section->sh_addr = va;
        section->sh_size = text.n;
    }
}

void table_write(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    struct table_plan *plan = &writer->table;
    // What was there, the new ones, one for the table, one for unwinding.
    writer->segments = ARENA_ARRAY(writer->arena, GElf_Phdr,
                                   elf->segment_count + NEW_ENTRIES + 2);
    writer->segment_count = elf->segment_count;
    if (elf->segment_count)
        memcpy(writer->segments, elf->segments,
               elf->segment_count * sizeof *elf->segments);
    follow_extents(writer);
    set_interpreter(writer);
    add_segments(writer);
    point_to_search_table(writer);
    uint64_t len = writer->segment_count * elf_segment_len(elf);
    if (!plan->in_place) {
        place_table(writer, plan->table_off, plan->table_va, len);
        plan->moved = encode(writer);
        return;
    }
    const struct segment *home = table_segment(writer->image);
    place_table(writer, plan->off, home->va + (plan->off - home->off), len);
    writer_edit(writer, plan->off, encode(writer));
    widen_home(writer);
    writer->edits[writer->edit_count - 1].bytes = encode(writer);
}
