// base.h: what C lacks and every other folder needs.
//
// Memory comes from arenas: a command makes one per phase, passes it first to
// whatever constructs, and releases it whole; arena memory is zeroed and an
// all-zero struct is a valid empty one. Text is `struct str`, a slice that
// points into the source or the image; NUL-terminated text exists only at the
// edges. Bytes from outside are read through `struct reader`, whose failure
// is sticky. Whoever detects an error reports it, once, through `struct diag`.

#ifndef MCTRACE_BASE_H
#define MCTRACE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT_OF(array)         (sizeof(array) / sizeof((array)[0]))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

// Where a sorted array is divided: sets `at` to the first index below `count`
// at which `is_before`, an expression in `at`, does not hold, or to `count`.
// It must hold for none behind one for which it does not.
#define LOWER_BOUND(at, count, is_before)                                      \
    do {                                                                       \
        size_t lower_ = 0, upper_ = (count);                                   \
        while (lower_ < upper_) {                                              \
            (at) = lower_ + (upper_ - lower_) / 2;                             \
            if (is_before)                                                     \
                lower_ = (at) + 1;                                             \
            else                                                               \
                upper_ = (at);                                                 \
        }                                                                      \
        (at) = lower_;                                                         \
    } while (0)

// arena.c

// A growing pool. Allocation never fails: exhausted memory ends the program
// with a message, the one place below cmd/ that may.
struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); // NULL is allowed
// Zeroed, aligned to 16.
void *arena_alloc(struct arena *arena, size_t len);
// Takes memory for what will be allocated later, or half of it, or a quarter
// and so on if there is not as much; returns how much.
size_t memory_take_ahead(size_t len);
// A copy of the first old_len bytes at the front of new_len zeroed ones.
void *arena_grow(struct arena *arena, const void *old, size_t old_len,
                 size_t new_len);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                        \
    ((type *)arena_alloc((arena), sizeof(type) * (count)))

// A growing array in an arena: `items`, `count` and `room` are fields of the
// caller's struct. Evaluates to the address of a new zeroed last element.
#define ARENA_PUSH(arena, items, count, room)                                  \
    ((items) =                                                                 \
         arena_reserve((arena), (items), sizeof *(items), (count), &(room)),   \
     &(items)[(count)++])
void *arena_reserve(struct arena *arena, void *items, size_t item_len,
                    size_t count, size_t *room);

// str.c

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_ARGS(s)  (int)(s).n, (s).p // for printf's "%.*s"

struct str str_from(const char *text); // NULL gives the empty slice
struct str str_slice(struct str s, size_t from, size_t to); // clamped
struct str str_copy(struct arena *arena, struct str s);     // NUL-terminated
const char *str_terminated(struct arena *arena, struct str s);
struct str str_format(struct arena *arena, const char *format, ...)
    PRINTF_LIKE(2, 3);
struct str str_vformat(struct arena *arena, const char *format, va_list args);
bool str_equal(struct str a, struct str b);
bool str_is(struct str s, const char *text); // as with str_from(text)
int str_compare(struct str a, struct str b); // bytes, unsigned; <0, 0, >0
const char *str_find(struct str s, char c);  // NULL: it is not there
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
// The part behind the last '/'.
struct str str_base_name(struct str path);
// DTrace's patterns: `*`, `?`, `[a-z]`, `[!a-z]`, `\` before a plain
// character. An empty pattern matches everything.
bool str_glob(struct str pattern, struct str text);
// Holds one of `*`, `?`, `[`, `\` or is empty.
bool str_is_pattern(struct str pattern);
// Damerau-Levenshtein distance, for "did you mean"; at most `limit` + 1.
size_t str_distance(struct str a, struct str b, size_t limit);

// map.c

// A hash table from text or number to a pointer. Keys of text are not copied.
struct map {
    struct map_entry *entries;
    size_t count, room; // room is 0 or a power of two
    struct arena *arena;
};

void map_init(struct map *map, struct arena *arena);
void *map_get(const struct map *map, struct str key); // NULL: absent
void map_put(struct map *map, struct str key, void *value);
void *map_get_number(const struct map *map, uint64_t key);
void map_put_number(struct map *map, uint64_t key, void *value);

// 128 bits that tell inputs apart; stable over versions and machines, not
// cryptographic. Chain calls to hash several pieces; start from all zero.
struct hash128 {
    uint8_t bytes[16];
};
struct hash128 hash128_add(struct hash128 state, const void *data, size_t len);

// bytes.c

enum byte_order { ORDER_LITTLE, ORDER_BIG };

struct slice {
    const uint8_t *p;
    size_t n;
};

// Bytes being written; `order` governs the numbers.
struct bytes {
    uint8_t *p;
    size_t n, room;
    struct arena *arena;
    enum byte_order order;
};

void bytes_init(struct bytes *out, struct arena *arena, enum byte_order order);
void bytes_add(struct bytes *out, const void *data, size_t len);
void bytes_add_zero(struct bytes *out, size_t len);
void bytes_align(struct bytes *out, size_t alignment, uint8_t fill);
void bytes_u8(struct bytes *out, uint8_t value);
void bytes_u16(struct bytes *out, uint16_t value);
void bytes_u32(struct bytes *out, uint32_t value);
void bytes_u64(struct bytes *out, uint64_t value);
void bytes_uleb(struct bytes *out, uint64_t value); // LEB128
void bytes_sleb(struct bytes *out, int64_t value);
// Overwrites `len` bytes of value at `off`, which must lie within.
void bytes_patch(struct bytes *out, size_t off, uint64_t value, size_t len);
void store_uint(uint8_t *p, uint64_t value, size_t len, enum byte_order order);
uint64_t load_uint(const uint8_t *p, size_t len, enum byte_order order);

// Bytes being read. A read past the end gives 0, leaves `at` alone and sets
// `failed`; the caller looks once, at the end.
struct reader {
    struct slice data;
    size_t at;
    enum byte_order order;
    bool failed;
};

struct reader reader_open(struct slice data, enum byte_order order);
void reader_seek(struct reader *in, uint64_t at);
uint64_t reader_uint(struct reader *in, size_t len); // 1..8 bytes
int64_t reader_sint(struct reader *in, size_t len);
uint64_t reader_uleb(struct reader *in);
int64_t reader_sleb(struct reader *in);
struct slice reader_bytes(struct reader *in, size_t len);
struct str reader_text(struct reader *in); // up to a NUL, which is passed
bool slice_contains(struct slice s, uint64_t off, uint64_t len);

// diag.c

// Every diagnostic has a tag; the rows of errors.def carry its summary.
enum tag {
#define TAG(name, summary) name,
#include "errors.def"
#undef TAG
    TAG_COUNT
};

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

// A script or other text in which a diagnostic can point.
struct source {
    struct str name; // as the user gave it
    struct str text;
    uint32_t lines_before; // of the file, ahead of the text
    // What failed if it has an error, as dtrace(1) puts it: "failed to compile
    // script NAME", "invalid probe specifier TEXT".
    struct str failure;
};

// A place in a source. An all-zero span is "no place".
struct span {
    const struct source *source;
    uint32_t off, len;
};

// Where messages go, and how many there were. `program` stands before a
// message that has no place of its own ("mctrace: error: ...").
struct diag {
    FILE *out;
    const char *program;
    unsigned errors, warnings;
    bool show_tags; // print [TAG] with the message
    // Errors in sources as dtrace(1) prints them, and only the first.
    bool like_dtrace;
    bool quiet;    // count, but print nothing
    enum tag last; // tag of the last error, for tests
};

void diag_init(struct diag *diag, FILE *out, const char *program);
// One error: message in the user's terms, no final newline or full stop.
// Prints `name:line:column: error: message [TAG]`, the line and a caret; or
// like dtrace(1) `program: failure: [TAG] line N: message` above them.
void diag_error(struct diag *diag, enum tag tag, struct span where,
                const char *format, ...) PRINTF_LIKE(4, 5);
void diag_warning(struct diag *diag, enum tag tag, struct span where,
                  const char *format, ...) PRINTF_LIKE(4, 5);
// One error about the whole of a source.
void diag_failure(struct diag *diag, enum tag tag, const struct source *source,
                  const char *text);
// The remedy, indented below the message before it.
void diag_help(struct diag *diag, const char *format, ...) PRINTF_LIKE(2, 3);
// The same without a place in a script: `where` is free text such as
// "foo.elf: .text+0x20" or NULL.
void diag_error_at(struct diag *diag, enum tag tag, const char *where,
                   const char *format, ...) PRINTF_LIKE(4, 5);
void diag_warning_at(struct diag *diag, enum tag tag, const char *where,
                     const char *format, ...) PRINTF_LIKE(4, 5);
const char *tag_name(enum tag tag);
void span_position(struct span where, unsigned *line, unsigned *column);
struct span span_join(struct span first, struct span last);

// file.c

// A file mapped for reading; the mapping is copy-on-write, so the bytes may
// be changed in memory. Released by file_close.
struct file {
    struct slice data;
    uint32_t mode; // permission bits
};

bool file_open(struct file *file, const char *path, struct diag *diag);
void file_close(struct file *file);
// Writes to a temporary name beside `path`, then renames: the file is whole
// or untouched. `mode` holds permission bits. A path that names no regular
// file (a pipe, /dev/stdout) is written to directly.
struct file_part {
    struct slice data;
    uint64_t off; // ascending, not overlapping; gaps become holes
};
bool file_write(const char *path, const struct file_part *parts, size_t count,
                uint32_t mode, struct diag *diag);
bool file_write_text(const char *path, struct slice text, struct diag *diag);

// The same piece by piece, for what does not fit into memory.
struct draft {
    FILE *out;
    const char *path;
    char target[4096], temporary[4096 + 16]; // temporary: empty if direct
};
enum draft_end { DRAFT_KEEP, DRAFT_DROP };
bool draft_open(struct draft *draft, const char *path, struct diag *diag);
bool draft_close(struct draft *draft, enum draft_end end, struct diag *diag);

#endif
