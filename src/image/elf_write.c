// elf_write.c: the rewritten file, put together.
//
// plan_room() sets address space aside behind the image: the region first
// (it can then extend the last segment where program headers are scarce),
// then text, then rodata, whose length is only known at the end. Where jumps
// do not reach that far the text comes first, and the region last.
//
// write() collects edits of the original bytes and what is appended, and
// hands both to the file system at once. Edits are applied to the mapped
// file, which is private to this process, and taken back afterwards: that
// copies the pages that change and no others.
//
// A program without an operating system has its pieces where placement.c says,
// and its table as elf_bare.c has it.
//
// Nothing that was in the file moves, with one exception that elf_table.c
// explains.

#include <stdlib.h>
#include <string.h>

#include "image/elf_writer.h"
#include "image/flat.h"

enum {
    DEFAULT_REGION = 64 << 20,
    DEFAULT_TEXT = 16 << 20,
    TEXT_PER_CODE = 8,
    DEFAULT_RODATA = 16 << 20,
    LARGEST_DEFAULT_TEXT = 512 << 20,
};

void writer_edit(struct elf_writer *writer, uint64_t off, struct slice bytes) {
    *ARENA_PUSH(writer->arena, writer->edits, writer->edit_count,
                writer->edit_room) = (struct edit){off, bytes};
}

uint64_t writer_add_rodata(struct elf_writer *writer, struct slice bytes,
                           size_t align) {
    bytes_align(&writer->rodata, align, 0);
    uint64_t va = writer->room->rodata_va + writer->rodata.n;
    bytes_add(&writer->rodata, bytes.p, bytes.n);
    return va;
}

uint64_t writer_rodata_off(const struct elf_writer *writer, uint64_t va) {
    return writer->rodata_off + (va - writer->room->rodata_va);
}

static uint64_t image_end(const struct image *image) {
    const struct segment *last = &image->segments[image->segment_count - 1];
    return align_up(last->va + last->mem_len, image->arch->page);
}

static uint64_t code_len(const struct image *image) {
    uint64_t len = 0;
    for (size_t i = 0; i < image->code_count; i++)
        len += image->code[i].file_len;
    return len;
}

// How far jumps lead that change no register, in all modes of the machine. One
// that does is not always to be had, so nothing may put the text out of reach
// of one that does not.
static uint64_t plain_reach_in(const struct arch *arch) {
    uint64_t reach = 0;
    for (uint8_t i = 0; i < arch->jump_count; i++)
        if (arch->jumps[i].clobbers == 0)
            reach = (uint64_t)arch->jumps[i].max;
    return reach;
}

static uint64_t plain_reach(const struct arch *arch) {
    uint64_t reach = plain_reach_in(arch);
    for (unsigned mode = 0; mode < (arch->modes ? 2 : 0); mode++)
        if (plain_reach_in(arch->modes[mode]) < reach)
            reach = plain_reach_in(arch->modes[mode]);
    return reach;
}

// ... any jumps. Those by a register are indirect ones.
static uint64_t farthest_reach(const struct image *image) {
    const struct arch *arch = image->arch;
    return image->is_guarded ? plain_reach(arch)
                             : (uint64_t)arch->jumps[arch->jump_count - 1].max;
}

// ... those that text is put within reach of unless it must be farther away:
// on 32-bit machines nearly all programs lie within that of plain ones.
static uint64_t usual_reach(const struct image *image) {
    return image->arch->bits == 32 ? plain_reach(image->arch)
                                   : farthest_reach(image);
}

// What is set aside where the caller does not say.
static struct image_needs fill_needs(const struct image *image,
                                     const struct image_needs *asked) {
    struct image_needs needs = *asked;
    if (!needs.region_len)
        needs.region_len = DEFAULT_REGION;
    if (!needs.text_len) {
        uint64_t most = usual_reach(image) / 4;
        if (most > LARGEST_DEFAULT_TEXT)
            most = LARGEST_DEFAULT_TEXT;
        needs.text_len = DEFAULT_TEXT + TEXT_PER_CODE * code_len(image);
        if (needs.text_len > most)
            needs.text_len = most;
    }
    return needs;
}

// Takes `len` bytes of addresses at `*at`.
static uint64_t take(uint64_t *at, uint64_t len, uint64_t page) {
    uint64_t va = *at;
    *at = align_up(va + len, page);
    return va;
}

// Room for code ahead of a table of program headers that has to lie far away,
// as far as there is in the file what is not loaded: 0, where it is not needed,
// or not enough for `least` bytes. What begins behind the table in the file and
// ahead of it in memory must not seem to be loaded at a lower address than the
// image; that it is so far ahead that the difference wraps tells the two apart.
static uint64_t room_ahead(const struct image *image,
                           const struct table_plan *table, uint64_t at,
                           uint64_t least) {
    const struct segment *first = &image->segments[0];
    if (table->in_place || table->dynamic_va || table->table_va <= at ||
        table->table_va + least <= first->va + plain_reach(image->arch))
        return 0;
    uint64_t room = table->table_va / image->arch->page * image->arch->page;
    room = room > at ? room - at : 0;
    return room >= least && room > first->va - first->off ? room : 0;
}

// False: the text, or something of it all, would be out of reach. Of text there
// is no more than jumps reach.
static bool arrange(struct image *image, const struct image_needs *needs,
                    uint64_t least_text, enum region_place region,
                    uint64_t reach, struct image_room *room) {
    const struct arch *arch = image->arch;
    uint64_t page = arch->page, at = image_end(image);
    uint64_t start = image->segments[0].va;
    uint64_t end = start + reach;
    uint64_t text_len = needs->text_len;
    struct table_plan table;
    table_decide(image, at, region, &table);
    uint64_t ahead = room_ahead(image, &table, at, least_text);
    room->text_va = at;
    at = table_end(image, &table, at);
    if (region == REGION_FIRST)
        room->region_va = take(&at, needs->region_len, page);
    if (at + page < end && text_len > end - at - page)
        text_len = end - at - page;
    if (ahead)
        text_len = ahead;
    else
        room->text_va = take(&at, text_len, page);
    room->text_end_va = room->text_va + text_len;
    bool is_near = room->text_va + text_len <= end;
    room->rodata_va = take(&at, DEFAULT_RODATA, page);
    if (region == REGION_LAST)
        room->region_va = take(&at, needs->region_len, page);
    bool exists = arch->bits == 64 || at <= (uint64_t)1 << arch->bits;
    return exists && is_near && (ahead || text_len >= needs->text_len / 2) &&
           at - start <= arch->data_reach;
}

bool elf_plan_room(struct image *image, const struct image_needs *asked,
                   struct image_room *room, struct diag *diag) {
    if (image_is_instrumented(image)) {
        diag_error_at(diag, B_ALREADY, image->path.p,
                      "the file was instrumented by mctrace before: use the "
                      "original, or `mctrace restore`");
        return false;
    }
    if (image->is_bare)
        return placement_plan(image, asked, room, diag);
    struct image_needs needs = fill_needs(image, asked);
    // What probes at entries and returns take, if it is not known yet.
    uint64_t least = asked->text_len ? asked->text_len : code_len(image) / 2;
    bool is_near =
        !needs.exceeds_plain &&
        (arrange(image, &needs, least, REGION_FIRST, plain_reach(image->arch),
                 room) ||
         arrange(image, &needs, least, REGION_LAST, usual_reach(image), room));
    if (is_near ||
        arrange(image, &needs, least, REGION_LAST, farthest_reach(image), room))
        return true;
    diag_error_at(
        diag, R_ROOM, image->path.p,
        "the image takes 0x%llx bytes of addresses: added code "
        "behind it would be out of reach",
        (unsigned long long)(image_end(image) - image->segments[0].va));
    return false;
}

// Addresses from `va` on up to the next that were set aside for something else.
static uint64_t room_at(const struct elf_writer *writer, uint64_t va) {
    const struct image *image = writer->image;
    const struct image_room *room = writer->room;
    uint64_t next = image->segments[0].va + image->arch->data_reach;
    const uint64_t starts[] = {room->region_va, room->text_va, room->rodata_va};
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (starts[i] > va && starts[i] < next)
            next = starts[i];
    return next - va;
}

// What was planned must be enough.
static bool check_room(struct elf_writer *writer) {
    const struct image_room *room = writer->room;
    const struct image_additions *additions = writer->additions;
    if (writer->image->is_bare)
        return placement_check(writer->image, room, additions, writer->diag);
    const char *what = NULL;
    if (additions->region_len > room_at(writer, room->region_va))
        what = "region";
    if (additions->text.n > room->text_end_va - room->text_va)
        what = "code";
    if (additions->rodata.n > room_at(writer, room->rodata_va))
        what = "data";
    if (what)
        diag_error_at(writer->diag, R_ROOM, writer->image->path.p,
                      "the added %s is larger than the room planned for it",
                      what);
    return !what;
}

static bool add_patches(struct elf_writer *writer) {
    const struct image_additions *additions = writer->additions;
    for (size_t i = 0; i < additions->patch_count; i++) {
        const struct image_patch *patch = &additions->patches[i];
        uint64_t off;
        if (patch->bytes.n == 0)
            continue;
        if (!image_va_to_off(writer->image, patch->va, &off) ||
            image_bytes(writer->image, patch->va).n < patch->bytes.n) {
            diag_error_at(writer->diag, R_ROOM, writer->image->path.p,
                          "the patch at 0x%llx is not in the file",
                          (unsigned long long)patch->va);
            return false;
        }
        writer_edit(writer, off, patch->bytes);
    }
    return true;
}

// Where the appended pieces lie in the file.
static void place(struct elf_writer *writer) {
    const struct image *image = writer->image;
    uint64_t page = image->arch->page;
    const struct image_room *room = writer->room;
    if (image->is_bare) {
        bare_place(writer);
        return;
    }
    table_decide(writer->image, image_end(image),
                 room->region_va < room->text_va ? REGION_FIRST : REGION_LAST,
                 &writer->table);
    uint64_t end = table_file_end(image, &writer->table);
    if (writer->table.dynamic_va) {
        writer->moved_dynamic_off = align_up(end, page);
        end = writer->moved_dynamic_off + retag_copy_len(image);
    }
    writer->text_off = align_up(end, page);
    writer->rodata_off =
        align_up(writer->text_off + writer->additions->text.n, page);
}

static void copy_sections(struct elf_writer *writer) {
    const struct elf_file *elf = writer->elf;
    enum { NEW_SECTIONS = 16 };
    writer->section_room = elf->section_count + NEW_SECTIONS;
    writer->sections =
        ARENA_ARRAY(writer->arena, GElf_Shdr, writer->section_room);
    writer->names =
        ARENA_ARRAY(writer->arena, struct str, writer->section_room);
    writer->section_count = elf->section_count;
    if (elf->section_count)
        memcpy(writer->sections, elf->sections,
               elf->section_count * sizeof *elf->sections);
}

static int compare_edits(const void *a, const void *b) {
    const struct edit *x = a, *y = b;
    return x->off < y->off ? -1 : x->off > y->off;
}

static bool sort_edits(struct elf_writer *writer) {
    qsort(writer->edits, writer->edit_count, sizeof *writer->edits,
          compare_edits);
    for (size_t i = 1; i < writer->edit_count; i++) {
        const struct edit *before = &writer->edits[i - 1];
        if (before->off + before->bytes.n > writer->edits[i].off) {
            diag_error_at(writer->diag, R_ROOM, writer->image->path.p,
                          "two changes at offset 0x%llx overlap",
                          (unsigned long long)writer->edits[i].off);
            return false;
        }
    }
    return true;
}

// Everything, in memory. The file header is edited last but stands in the
// list before undo information is made, so that its old bytes are kept.
static bool build(struct elf_writer *writer) {
    struct image *image = writer->image;
    const struct image_additions *additions = writer->additions;
    enum byte_order order = image->arch->order;
    if (!check_room(writer) || !add_patches(writer) ||
        !bare_fix_checksum(writer))
        return false;
    writer->header = writer->elf->header;
    place(writer);
    copy_sections(writer);
    bytes_init(&writer->rodata, writer->arena, order);
    bytes_add(&writer->rodata, additions->rodata.p, additions->rodata.n);
    table_move_extents(writer);
    if (!retag_dynamic(writer))
        return false;
    if (image->is_bare) {
        bare_write_table(writer);
    } else {
        unwind_build(writer);
        table_write(writer);
    }
    writer->file_end = writer->rodata_off + writer->rodata.n;
    if (additions->new_entry_va)
        writer->header.e_entry = additions->new_entry_va;
    size_t header_len = elf_header_len(writer->elf);
    uint8_t *header = arena_alloc(writer->arena, header_len);
    writer_edit(writer, 0, (struct slice){header, header_len});
    if (!sort_edits(writer))
        return false;
    sections_build(writer);
    struct bytes out;
    bytes_init(&out, writer->arena, order);
    elf_put_header(writer->elf, &writer->header, &out);
    memcpy(header, out.p, header_len);
    return true;
}

// Exchanges the bytes of the mapped file with those of the edits; a second
// time takes it back.
static void swap_edits(struct elf_writer *writer) {
    uint8_t *file = (uint8_t *)(uintptr_t)writer->image->file.data.p;
    for (size_t i = 0; i < writer->edit_count; i++) {
        struct edit *edit = &writer->edits[i];
        uint8_t *new = arena_alloc(writer->arena, edit->bytes.n);
        memcpy(new, file + edit->off, edit->bytes.n);
        memcpy(file + edit->off, edit->bytes.p, edit->bytes.n);
        edit->bytes.p = new;
    }
}

static bool commit(struct elf_writer *writer, const char *path) {
    const struct image_additions *additions = writer->additions;
    struct image *image = writer->image;
    struct file_part parts[5 + TAIL_PARTS];
    size_t count = 0;
    parts[count++] = (struct file_part){image->file.data, 0};
    if (writer->table.moved.n)
        parts[count++] =
            (struct file_part){writer->table.moved, writer->table.table_off};
    if (writer->moved_dynamic.n)
        parts[count++] = (struct file_part){writer->moved_dynamic,
                                            writer->moved_dynamic_off};
    if (additions->text.n)
        parts[count++] = (struct file_part){additions->text, writer->text_off};
    if (writer->rodata.n)
        parts[count++] = (struct file_part){
            {writer->rodata.p, writer->rodata.n}, writer->rodata_off};
    for (size_t i = 0; i < writer->tail_count; i++)
        parts[count++] = writer->tail[i];
    swap_edits(writer);
    bool done = file_write(path, parts, count, image->file.mode, writer->diag);
    swap_edits(writer);
    return done;
}

bool elf_write(struct image *image, const struct image_room *room,
               const struct image_additions *additions, const char *path,
               struct diag *diag) {
    struct arena *arena = arena_new();
    struct elf_writer *writer = ARENA_NEW(arena, struct elf_writer);
    writer->image = image;
    writer->elf = image->elf;
    writer->arena = arena;
    writer->diag = diag;
    writer->room = room;
    writer->additions = additions;
    bool done = build(writer) && commit(writer, path);
    arena_free(arena);
    return done;
}
