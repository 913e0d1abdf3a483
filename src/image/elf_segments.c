// elf_segments.c: the program headers of the rewritten file.
//
// The old ones in their order, with what was displaced at its new place; the
// new segments among them, by address; an entry for the
// unwinder's search table where there was none and one fits.

#include <string.h>

#include "image/elf_writer.h"

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

// Behind all that are loaded at lower addresses, as the format wants it.
static void add_segment(struct elf_writer *writer, uint32_t flags, uint64_t off,
                        uint64_t va, uint64_t file_len, uint64_t mem_len) {
    size_t at = 0;
    for (size_t i = 0; i < writer->segment_count; i++)
        if (writer->segments[i].p_type == PT_LOAD &&
            writer->segments[i].p_vaddr < va)
            at = i + 1;
    memmove(&writer->segments[at + 1], &writer->segments[at],
            (writer->segment_count - at) * sizeof *writer->segments);
    writer->segments[at] = (GElf_Phdr){.p_type = PT_LOAD,
                                       .p_flags = flags,
                                       .p_offset = off,
                                       .p_vaddr = va,
                                       .p_paddr = va,
                                       .p_filesz = file_len,
                                       .p_memsz = mem_len,
                                       .p_align = writer->image->arch->page};
    writer->segment_count++;
}

static GElf_Phdr *last_load(const struct elf_writer *writer) {
    GElf_Phdr *last = writer->segments;
    for (size_t i = 0; i < writer->segment_count; i++)
        if (writer->segments[i].p_type == PT_LOAD)
            last = &writer->segments[i];
    return last;
}

static void add_segments(struct elf_writer *writer) {
    const struct image_additions *additions = writer->additions;
    const struct image_room *room = writer->room;
    const struct table_plan *plan = &writer->table;
    uint64_t len = additions->region_len;
    if (len && plan->merge_region) {
        GElf_Phdr *last = last_load(writer);
        last->p_memsz = room->region_va + len - last->p_vaddr;
    } else if (len) {
        add_segment(writer, PF_R | PF_W, writer->text_off, room->region_va, 0,
                    len);
    }
    if (!plan->in_place)
        add_segment(writer, PF_R, plan->table_off, plan->table_va, 0, 0);
    len = writer->moved_dynamic.n;
    if (len)
        add_segment(writer, PF_R | PF_W, writer->moved_dynamic_off,
                    plan->dynamic_va, len, len);
    len = additions->text.n;
    if (len)
        add_segment(writer, PF_R | PF_X, writer->text_off, room->text_va, len,
                    len);
    len = writer->rodata.n;
    if (len)
        add_segment(writer, PF_R, writer->rodata_off, room->rodata_va, len,
                    len);
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
        writer->segments[writer->segment_count++] = entry;
}

static void place_table(struct elf_writer *writer, uint64_t off, uint64_t va,
                        uint64_t len) {
    writer->header.e_phoff = off;
    writer->header.e_phnum = (GElf_Half)writer->segment_count;
    for (size_t i = 0; i < writer->segment_count; i++) {
        GElf_Phdr *segment = &writer->segments[i];
        if (segment->p_type == PT_LOAD && segment->p_offset == off &&
            !writer->table.in_place) {
            segment->p_filesz = len + TABLE_LABEL_LEN;
            segment->p_memsz = len + TABLE_LABEL_LEN;
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

static void follow_dynamic(struct elf_writer *writer) {
    uint64_t len = writer->moved_dynamic.n;
    for (size_t i = 0; len && i < writer->segment_count; i++) {
        GElf_Phdr *segment = &writer->segments[i];
        if (segment->p_type != PT_DYNAMIC)
            continue;
        segment->p_offset = writer->moved_dynamic_off;
        segment->p_vaddr = segment->p_paddr = writer->table.dynamic_va;
        segment->p_filesz = segment->p_memsz = len;
    }
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

static struct slice slice_join(const struct elf_writer *writer, struct slice a,
                               struct str b) {
    struct bytes out;
    bytes_init(&out, writer->arena, ORDER_LITTLE);
    bytes_add(&out, a.p, a.n);
    bytes_add(&out, b.p, b.n);
    return (struct slice){out.p, out.n};
}

void table_write(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    struct table_plan *plan = &writer->table;
    writer->segments = ARENA_ARRAY(writer->arena, GElf_Phdr,
                                   elf->segment_count + MOST_NEW_ENTRIES);
    writer->segment_count = elf->segment_count;
    if (elf->segment_count)
        memcpy(writer->segments, elf->segments,
               elf->segment_count * sizeof *elf->segments);
    follow_extents(writer);
    follow_dynamic(writer);
    set_interpreter(writer);
    add_segments(writer);
    point_to_search_table(writer);
    uint64_t len = writer->segment_count * elf_segment_len(elf);
    if (!plan->in_place) {
        place_table(writer, plan->table_off, plan->table_va, len);
        struct str label = STR(TABLE_LABEL);
        plan->moved = slice_join(writer, encode(writer), label);
        return;
    }
    const struct segment *home = table_segment(writer->image);
    place_table(writer, plan->off, home->va + (plan->off - home->off), len);
    writer_edit(writer, plan->off, encode(writer));
    widen_home(writer);
    writer->edits[writer->edit_count - 1].bytes = encode(writer);
}
