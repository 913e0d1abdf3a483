// flat.h: images without headers: what their formats share; private to this
// folder.
//
// A raw binary, Intel HEX or Motorola S-records say which bytes lie at which
// addresses, and little else. All are read into one buffer, run of addresses by
// run of addresses; from there on they are one kind of image:
//
//     file     :10 0100 00 214601360121470136007EFE09D21901 40
//              :10 0110 00 2146017E17C20001FF5F160021480119 28
//     pieces   0x100 + 16, 0x110 + 16        what a line gives
//     runs     0x100 + 32                    segments of the image
//
// Writing changes the file's text in place: lines whose bytes are as they were
// stay as they were, down to case and line ends, and added code comes as lines
// of the same length before the file's end record.

#ifndef MCTRACE_IMAGE_FLAT_H
#define MCTRACE_IMAGE_FLAT_H

#include "image/image.h"

// Bytes that a line, or a raw file as a whole, gives.
struct flat_piece {
    uint64_t va;
    struct slice bytes;
    size_t off;    // in image->file.data, once all are there
    uint32_t line; // which of flat_file.lines gave it
    uint32_t at;   // where in that line's bytes
};

// A line of a text of records. `bytes` is all behind the mark, in binary.
struct flat_line {
    size_t off, len; // in the text, without the line's end
    struct slice bytes;
    uint8_t type;
};

struct flat_file {
    struct file source; // as it was read
    struct flat_line *lines;
    struct flat_piece *pieces; // by address, once gathered
    size_t line_count, line_room, piece_count, piece_room;
    size_t data_lines; // records of data
    // What the lines before add to addresses, and whether it is a segment of
    // 64 KB, within which addresses wrap around.
    uint64_t base;
    bool is_segmented;
};

// Bytes at an address, which may be changed.
struct flat_run {
    uint64_t va;
    uint8_t *p;
    size_t n;
};

// The image's bytes with all changes in them, and what is added, by address.
struct flat_result {
    uint8_t *bytes;           // as image->file.data, changed
    struct flat_run *all;     // old runs and new ones, by address
    struct flat_run added[2]; // code and read-only data
    size_t all_count, added_count;
};

// A format of lines.
struct record_style;
struct record_syntax {
    char mark;            // what a line begins with
    bool has_type;        // a digit behind the mark tells its type
    unsigned count_extra; // bytes of a line beyond those that it counts
    uint8_t (*checksum)(struct slice bytes);
    // Takes what a line says.
    bool (*take)(struct image *image, struct flat_line *line,
                 struct diag *diag);
    bool (*ends)(const struct flat_line *line); // nothing may follow it
    // Whether new lines belong before this one.
    bool (*is_end)(const struct flat_line *line);
    // Appends lines for new bytes.
    void (*add)(const struct record_style *style, const struct flat_run *run,
                struct bytes *out);
    // Where `added` lines came before this one, and it counts lines: `changed`
    // becomes what it then reads. May be NULL.
    bool (*recount)(struct image *image, const struct flat_line *line,
                    size_t added, struct arena *arena, struct slice *changed,
                    struct diag *diag);
};

// How new lines look.
struct record_style {
    const struct record_syntax *syntax;
    struct str line_end;
    size_t width; // bytes of data
    bool is_lower;
};

// flat.c

// "path:line" of a line.
const char *flat_where(const struct image *image, const struct flat_line *line);
void flat_add_piece(struct image *image, uint64_t va, struct slice bytes,
                    const struct flat_line *line, size_t at);
// All pieces are there: runs, code, symbols.
bool flat_finish(struct image *image, struct diag *diag);
void flat_close(struct image *image);
bool flat_plan_room(struct image *image, const struct image_needs *needs,
                    struct image_room *room, struct diag *diag);
bool flat_restore(struct image *image, const char *path, struct diag *diag);
bool flat_embedded(struct image *image, struct str *mapping);

bool flat_apply(struct image *image, const struct image_room *room,
                const struct image_additions *additions, struct arena *arena,
                struct flat_result *result, struct diag *diag);

// record_text.c

bool record_text_read(struct image *image, const struct record_syntax *syntax,
                      struct diag *diag);
bool record_text_write(struct image *image, const struct record_syntax *syntax,
                       const struct image_room *room,
                       const struct image_additions *additions,
                       const char *path, struct diag *diag);
// Appends a line of its bytes, the checksum apart, which is made.
void record_text_line(const struct record_style *style, uint8_t type,
                      struct slice bytes, struct bytes *out);

// raw.c, ihex.c, srec.c

extern const struct image_format format_raw, format_ihex, format_srec;

// checksum.c

// Mends the checksum that --fix-crc describes in `after`, which is the image,
// by address, with all changes. It must have been right in `before`.
bool checksum_fix(struct image *image, const struct flat_run *before,
                  size_t before_count, const struct flat_run *after,
                  size_t after_count, struct diag *diag);

// placement.c

// Where added code and the region of an image without an operating system go,
// as the user said or as the image shows.
bool placement_plan(struct image *image, const struct image_needs *needs,
                    struct image_room *room, struct diag *diag);
// Whether what was made fits what was planned.
bool placement_check(struct image *image, const struct image_room *room,
                     const struct image_additions *additions,
                     struct diag *diag);

#endif
