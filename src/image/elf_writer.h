// elf_writer.h: a rewritten ELF file in the making; private to this folder.
//
//     original file    every byte where it was, but for the edits
//     table            the program headers, if they had to move
//     dynamic          RW-, the dynamic section, if it had to grow
//     text             R-X, at image_room.text_va
//     rodata           R--, at image_room.rodata_va: what was asked for, then
//                      pieces of ours (see `rodata` below)
//     tail             not loaded: symbols, .debug_frame, mapping,
//                      undo, section headers
//
// The region has no bytes in the file.

#ifndef MCTRACE_IMAGE_ELF_WRITER_H
#define MCTRACE_IMAGE_ELF_WRITER_H

#include "image/elf_file.h"

struct edit {
    uint64_t off;
    struct slice bytes;
};

// A piece of the file that only the loader's tags or headers point to, so
// that it can be put elsewhere.
struct extent {
    uint64_t off, len;
    uint64_t new_off, new_va;
    uint32_t align;
    bool keep_near; // wants to stay in the file's first page
    bool moved;
};

// Stands behind a table that had to move.
#define TABLE_LABEL "MCTrace headers\n"
enum { TABLE_LABEL_LEN = sizeof TABLE_LABEL - 1 };

enum {
    NEW_ENTRIES = 3, // text, rodata, region
    TAIL_PARTS = 16,
    MOST_NEW_ENTRIES = NEW_ENTRIES + 3 // the table itself, .dynamic, unwinding
};

// Where the grown program header table goes.
struct table_plan {
    bool in_place;
    uint64_t off, len;   // in place: bytes that it and what it displaces
                         // may use
    size_t extent_count; // of those in elf_writer that are displaced
    struct extent *extents;
    bool merge_region;            // the region extends the last segment
    bool merge_notes;             // one entry for all notes
    bool drop_self;               // no PT_PHDR
    uint64_t table_off, table_va; // moved: where to
    struct slice moved;           // and its bytes
    // The dynamic section needs more entries than it may have: room for a
    // copy in a segment of its own; 0: not needed.
    uint64_t dynamic_va;
};

struct elf_writer {
    struct image *image;
    struct elf_file *elf;
    struct arena *arena;
    struct diag *diag;
    const struct image_room *room;
    const struct image_additions *additions;
    GElf_Ehdr header;
    struct table_plan table;
    GElf_Phdr *segments;
    GElf_Shdr *sections; // old ones first, same numbers
    struct str *names;   // of the new ones, by number
    GElf_Dyn *dynamic;
    struct slice moved_dynamic; // its bytes, if it had to move
    uint64_t moved_dynamic_off;
    struct edit *edits;
    size_t segment_count, section_count, section_room, dynamic_count,
        dynamic_room, edit_count, edit_room;
    struct bytes rodata;
    uint64_t text_off, rodata_off;
    struct file_part tail[TAIL_PARTS];
    size_t tail_count;
    uint64_t file_end; // behind the last part of the tail
    // Pieces of rodata: old sections with a new place, and new ones.
    size_t text_index; // section number of .mctrace.text
    // New unwind information, in rodata and as .debug_frame.
    uint64_t search_off, search_len, fdes_off, fdes_len; // within rodata
    struct bytes debug_frame;
};

uint64_t align_up(uint64_t value, uint64_t alignment);
// Overwrites bytes of the original file; they are kept for undo.
void writer_edit(struct elf_writer *writer, uint64_t off, struct slice bytes);
// Copies bytes into rodata; gives their address.
uint64_t writer_add_rodata(struct elf_writer *writer, struct slice bytes,
                           size_t align);
uint64_t writer_rodata_off(const struct elf_writer *writer, uint64_t va);

// elf_table.c

// Decides where the program header table goes. `image_end` is the first free
// address.
enum region_place { REGION_FIRST, REGION_LAST };
void table_decide(struct image *image, uint64_t image_end,
                  enum region_place region, struct table_plan *plan);
// The segment that holds the table; NULL: none.
const struct segment *table_segment(const struct image *image);
// First address behind all that was planned so far.
uint64_t table_end(const struct image *image, const struct table_plan *plan,
                   uint64_t image_end);
// The same in the file.
uint64_t table_file_end(const struct image *image,
                        const struct table_plan *plan);
void table_move_extents(struct elf_writer *writer);

// elf_segments.c

void table_write(struct elf_writer *writer);

// elf_bare.c

// Where the pieces of a program without an operating system go in the file.
void bare_place(struct elf_writer *writer);
void bare_write_table(struct elf_writer *writer);
bool bare_fix_checksum(struct elf_writer *writer);

// elf_retag.c

// Bytes of a copy of the dynamic section with room for all that may be added;
// 0: what is there has room.
uint64_t retag_copy_len(const struct image *image);
// The dynamic section: DT_INIT, the search path, what was moved.
bool retag_dynamic(struct elf_writer *writer);

// elf_init.c

// Another function is called first; for machines whose loaders do not call
// DT_INIT. False: there is no place for it; reported.
bool elf_set_init(struct elf_writer *writer, uint64_t init_va);

// elf_unwind.c

void unwind_build(struct elf_writer *writer);

// elf_sections.c

// Symbols, section headers and everything else that is not loaded.
void sections_build(struct elf_writer *writer);

#endif
