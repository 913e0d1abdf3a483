// show.h: values as dtrace(1) shows them; shared by the files that print.

#ifndef MCTRACE_DATA_SHOW_H
#define MCTRACE_DATA_SHOW_H

#include "data/data.h"
#include "ir/format.h"

// Where text goes, and what its form depends on.
struct show {
    struct bytes *out;
    const struct mapping *mapping;
    const struct ir_options *options;
    struct symbol_source symbols;
    bool is_plain;        // the terminal has nothing but ASCII
    uint32_t pid;         // of the record at hand
    struct bytes scratch; // of one function at a time
    // Writes out what is in `out` and returns where, for what is too long to be
    // kept. NULL: all must go into `out`.
    FILE *(*spill)(void *state);
    void *state;
};

// From so many bytes on a piece of text is not kept.
#define SHOW_LONG (1 << 20)

// show.c

void show_text(struct show *show, struct str text);
// Short pieces; what may be long has show_text().
void show_format(struct show *show, const char *format, ...) PRINTF_LIKE(2, 3);
// Padded to `width` columns, on the left of them if that is negative.
void show_padded(struct show *show, struct str text, int width);
void show_signed(struct show *show, int64_t value, unsigned width);
void show_unsigned(struct show *show, uint64_t value, unsigned width);
void show_hex_dump(struct show *show, struct str bytes);
// As trace() does.
void show_trace(struct show *show, const struct value *value);
// As a column of an aggregation printed without a format.
void show_key(struct show *show, const struct value *key);
struct str value_until_nul(const struct value *value);

// show_symbol.c

// "a.out`main+0x4" of an address, by the action that took it.
struct str symbol_text(struct show *show, uint64_t pc, uint8_t action,
                       char *room, size_t room_len);
#define SYMBOL_ROOM 4096
// A newline and the frames, each `indent` behind the margin and padded to
// `width`.
void show_stack(struct show *show, const struct value *stack, int indent,
                int width);

// show_float.c

// A floating-point number of 4, 8 or 16 bytes, as its machine has it.
long double show_float(const struct show *show, const char *p, size_t len);

// show_type.c

// As print() does: `value` is what a pointer points to, or a value alone.
void show_type(struct show *show, const struct value *address,
               const struct value *value);

// hist.c

// What the bars of several counts are measured against.
struct bars {
    bool zooms, is_utf8;
    bool has_positive, has_negative;
    long double total;
};
struct bars bars_of(const struct ir_options *options);
void bars_measure(struct bars *bars, int64_t count);
// A bar, the count, and a newline.
void bars_put(struct bytes *out, const struct bars *bars, int64_t count,
              uint64_t normal);

// hist_pack.c: distributions in a line each

// The rows of one aggregation, all of the same buckets.
struct pack {
    const struct mapping_aggregation *aggregation;
    uint32_t first, last;
    bool zooms, is_utf8;
};
struct pack pack_of(const struct show *show, const struct agg_table *table);
// Behind room for the keys.
void pack_put_heading(struct show *show, const struct pack *pack,
                      unsigned key_width);
void pack_put(struct show *show, const struct pack *pack,
              const struct agg_element *element);

// show_aggs.c

// Aggregations with the same keys, a row a key, without a format.
void show_aggs(struct show *show, struct agg_table *const *tables,
               uint32_t count);

// show_json.c

void show_json(struct show *show, const struct value *value);
void show_json_table(struct show *show, struct agg_table *table);

// printf.c

// What printa() formats besides the key.
struct show_aggregations {
    struct agg_table *const *tables;
    const struct agg_element *const *elements; // NULL: of no value
    uint32_t count;
};
void show_printf(struct show *show, const struct format *format,
                 const struct value *args, uint32_t arg_count,
                 const struct show_aggregations *aggregations);

#endif
