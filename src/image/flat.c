// flat.c: images without headers, once their bytes are known.
//
// All of such an image may be code: nothing says otherwise. Words of it that
// could be addresses of its code count as addresses that were found.

#include "image/flat.h"

#include <stdlib.h>
#include <string.h>

const char *flat_where(const struct image *image,
                       const struct flat_line *line) {
    return str_format(image->arena, "%.*s:%zu", STR_ARGS(image->path),
                      (size_t)(line - image->flat->lines) + 1)
        .p;
}

void flat_add_piece(struct image *image, uint64_t va, struct slice bytes,
                    const struct flat_line *line, size_t at) {
    struct flat_file *flat = image->flat;
    if (bytes.n == 0)
        return;
    *ARENA_PUSH(image->arena, flat->pieces, flat->piece_count,
                flat->piece_room) =
        (struct flat_piece){.va = va,
                            .bytes = bytes,
                            .line = line ? (uint32_t)(line - flat->lines) : 0,
                            .at = (uint32_t)at};
}

static int compare_pieces(const void *a, const void *b) {
    const struct flat_piece *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

// --- runs ---

static bool check_piece(const struct image *image,
                        const struct flat_piece *before,
                        const struct flat_piece *piece, struct diag *diag) {
    const struct flat_file *flat = image->flat;
    const char *where = flat->line_count
                            ? flat_where(image, &flat->lines[piece->line])
                            : image->path.p;
    uint64_t last_va = piece->va + piece->bytes.n - 1;
    bool fits = last_va >= piece->va &&
                (image->arch->bits == 64 || last_va >> image->arch->bits == 0);
    if (!fits)
        diag_error_at(diag, B_HEADER, where,
                      "the bytes at 0x%llx lie beyond the machine's addresses",
                      (unsigned long long)piece->va);
    else if (before && piece->va - before->va < before->bytes.n)
        diag_error_at(diag, B_HEADER, where,
                      "the byte at 0x%llx is given twice",
                      (unsigned long long)piece->va);
    else
        return true;
    return false;
}

static bool make_runs(struct image *image, struct diag *diag) {
    struct flat_file *flat = image->flat;
    struct bytes all;
    size_t room = 0;
    bytes_init(&all, image->arena, image->arch->order);
    qsort(flat->pieces, flat->piece_count, sizeof *flat->pieces,
          compare_pieces);
    for (size_t i = 0; i < flat->piece_count; i++) {
        struct flat_piece *piece = &flat->pieces[i];
        if (!check_piece(image, i ? piece - 1 : NULL, piece, diag))
            return false;
        struct segment *last = image->segment_count
                                   ? &image->segments[image->segment_count - 1]
                                   : NULL;
        if (!last || last->va + last->file_len != piece->va) {
            last = ARENA_PUSH(image->arena, image->segments,
                              image->segment_count, room);
            *last = (struct segment){.va = piece->va,
                                     .off = all.n,
                                     .flags = SEGMENT_READ | SEGMENT_WRITE |
                                              SEGMENT_EXEC};
        }
        piece->off = all.n;
        bytes_add(&all, piece->bytes.p, piece->bytes.n);
        last->file_len += piece->bytes.n;
        last->mem_len = last->file_len;
        last->load_va = last->va;
    }
    image->file.data = (struct slice){all.p, all.n};
    return true;
}

// --- what is known of the code ---

static int compare_words(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void find_pointers(struct image *image) {
    size_t word = image->arch->bits / 8u, room = 0, kept = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        const uint8_t *p = image->file.data.p + segment->off;
        size_t at = (size_t)((word - segment->va % word) % word);
        for (; at + word <= segment->file_len; at += word) {
            uint64_t value = load_uint(p + at, word, image->arch->order);
            value = image_plain_va(image, value);
            if (value && image_is_code(image, value))
                *ARENA_PUSH(image->arena, image->code_pointers,
                            image->code_pointer_count, room) = value;
        }
    }
    uint64_t *pointers = image->code_pointers;
    if (image->code_pointer_count)
        qsort(pointers, image->code_pointer_count, sizeof *pointers,
              compare_words);
    for (size_t i = 0; i < image->code_pointer_count; i++)
        if (kept == 0 || pointers[kept - 1] != pointers[i])
            pointers[kept++] = pointers[i];
    image->code_pointer_count = kept;
}

static bool check_entry(struct image *image, struct diag *diag) {
    if (!image->facts.has_entry && !image->entry_va) {
        diag_error_at(diag, B_HEADER, image->path.p,
                      "the file does not say where the program begins");
        diag_help(diag, "say it by --entry=ADDRESS");
        return false;
    }
    if (image_is_code(image, image->entry_va))
        return true;
    diag_error_at(diag, B_HEADER, image->path.p,
                  "the program begins at 0x%llx, which is not in the file",
                  (unsigned long long)image->entry_va);
    return false;
}

// Where a machine has several encodings, a processor that has but one of them
// is in it everywhere; of others the address of the entry tells that one's.
static void find_entry(struct image *image) {
    const struct arch *arch = image->arch;
    uint64_t address =
        image->facts.has_entry ? image->facts.entry_va : image->entry_va;
    image->entry_va = image_plain_va(image, address);
    const struct processor *processor = image->facts.processor;
    if (!processor && arch->processor_begun && address == image->entry_va)
        processor = arch->processor_begun(image_bytes(image, image->entry_va));
    if (processor)
        image->processor = *processor;
    if (image->processor.holds_by_status)
        image_code_va(image, address);
    else if (arch->modes)
        image_note_mode(image, image->segments[0].va, (uint8_t)arch->mode);
}

bool flat_finish(struct image *image, struct diag *diag) {
    if (image->flat->piece_count == 0) {
        diag_error_at(diag, B_NO_CODE, image->path.p,
                      "the file holds no bytes");
        return false;
    }
    if (!make_runs(image, diag))
        return false;
    image->code = image->segments;
    image->code_count = image->segment_count;
    image->is_program = image->is_bare = true;
    find_entry(image);
    find_pointers(image);
    return image_suffices(image, diag) && check_entry(image, diag);
}

void flat_close(struct image *image) {
    if (!image->is_borrowed)
        file_close(&image->flat->source);
    image->file = (struct file){0};
}

bool flat_plan_room(struct image *image, const struct image_needs *needs,
                    struct image_room *room, struct diag *diag) {
    return placement_plan(image, needs, room, diag);
}

bool flat_restore(struct image *image, const char *path, struct diag *diag) {
    (void)path;
    diag_error_at(diag, B_NOT_OURS, image->path.p,
                  "%s cannot carry what is needed to restore the original",
                  image->format->name);
    return false;
}

bool flat_embedded(struct image *image, struct str *mapping) {
    (void)image;
    (void)mapping;
    return false;
}

// --- changes ---

static bool apply_patches(struct image *image,
                          const struct image_additions *additions,
                          uint8_t *bytes, struct diag *diag) {
    for (size_t i = 0; i < additions->patch_count; i++) {
        const struct image_patch *patch = &additions->patches[i];
        uint64_t off;
        if (patch->bytes.n == 0)
            continue;
        if (!image_va_to_off(image, patch->va, &off) ||
            image_bytes(image, patch->va).n < patch->bytes.n) {
            diag_error_at(diag, R_ROOM, image->path.p,
                          "the patch at 0x%llx is not in the file",
                          (unsigned long long)patch->va);
            return false;
        }
        memcpy(bytes + off, patch->bytes.p, patch->bytes.n);
    }
    return true;
}

static int compare_runs(const void *a, const void *b) {
    const struct flat_run *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

// What is added to where there were bytes (an erased part of the image) is a
// change; else it is a run of its own.
static void add_run(struct image *image, struct flat_result *result,
                    uint64_t va, struct slice bytes, struct arena *arena) {
    uint64_t off;
    if (bytes.n == 0)
        return;
    if (image_va_to_off(image, va, &off)) {
        memcpy(result->bytes + off, bytes.p, bytes.n);
        return;
    }
    uint8_t *copy = arena_grow(arena, bytes.p, bytes.n, bytes.n);
    struct flat_run run = {va, copy, bytes.n};
    result->added[result->added_count++] = run;
    result->all[result->all_count++] = run;
}

static size_t list_runs(const struct image *image, uint8_t *bytes,
                        struct flat_run *runs) {
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        runs[i] = (struct flat_run){segment->va, bytes + segment->off,
                                    segment->file_len};
    }
    return image->segment_count;
}

bool flat_apply(struct image *image, const struct image_room *room,
                const struct image_additions *additions, struct arena *arena,
                struct flat_result *result, struct diag *diag) {
    struct slice data = image->file.data;
    struct flat_run *before =
        ARENA_ARRAY(arena, struct flat_run, image->segment_count + 1);
    *result = (struct flat_result){
        .bytes = arena_grow(arena, data.p, data.n, data.n),
        .all = ARENA_ARRAY(arena, struct flat_run, image->segment_count + 2)};
    if (!placement_check(image, room, additions, diag) ||
        !apply_patches(image, additions, result->bytes, diag))
        return false;
    size_t count = list_runs(image, (uint8_t *)(uintptr_t)data.p, before);
    result->all_count = list_runs(image, result->bytes, result->all);
    add_run(image, result, room->text_va, additions->text, arena);
    add_run(image, result, room->rodata_va, additions->rodata, arena);
    qsort(result->all, result->all_count, sizeof *result->all, compare_runs);
    return checksum_fix(image, before, count, result->all, result->all_count,
                        diag);
}
