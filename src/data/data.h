// data.h: telemetry back from a run.
//
// mapping.c reads and writes the JSON file that describes a region; open.c
// finds the region's bytes in whatever holds them (the file, a core); region.c
// checks them against the mapping and merges what several table entries say
// about one key. Nothing here trusts its input.

#ifndef MCTRACE_DATA_H
#define MCTRACE_DATA_H

#include "ir/ir.h"
#include "mctrace/records.h"

// quote.c: text as JSON has it

bool utf8_is_valid(struct str text);
// Appends `text` in quotes. A byte that is not part of valid UTF-8 becomes
// U+FFFD, so the result is always valid JSON.
void json_quote(struct bytes *out, struct str text);

// action.c

enum action_shape {
    SHAPE_VALUE,
    SHAPE_MEMORY,
    SHAPE_FORMAT,
    SHAPE_AGGS,
    SHAPE_AGG,
    SHAPE_AGG_INT,
    SHAPE_STACK,
    SHAPE_ADDRESS,
    SHAPE_SPEC,
    SHAPE_INT,
    SHAPE_TEXTS,
    SHAPE_NONE
};
const char *action_name(enum ir_action_kind kind);
enum action_shape action_shape(enum ir_action_kind kind);
enum ir_action_kind action_find(struct str name); // IR_ACTION_COUNT: none

// mapping_make.c, mapping_write.c, mapping.c

struct mapping_variable {
    struct str name;
    struct ir_type type;
    uint64_t off;
    uint32_t size;
    const struct ir_data_type *data_type; // or NULL
};

struct mapping_aggregation {
    struct str name; // with '@'
    const struct agg_function *function;
    int64_t params[5];
    // Cells of a distribution are buckets, and perhaps one that counts updates.
    uint32_t param_count, key_count, cell_count;
    uint32_t key_words; // of all columns, as a table has them
    bool has_cpu;       // `aggpercpu`: `keys` has a CPU's number behind them
    struct mapping_key {
        struct ir_type type;
        struct ir_key_form form;
    } *keys;
    struct ir_agg_slot *slots; // keys of strings are indices into texts
    size_t slot_count;
    bool has_table;
    uint64_t table_off;
    uint8_t table_log2;
};

static inline uint32_t
buckets_of(const struct mapping_aggregation *aggregation) {
    return agg_cell_count(aggregation->function, aggregation->params);
}

// A row of output, see struct ir_segment.
struct mapping_action {
    uint8_t kind; // enum ir_action_kind
    struct str format;
    int64_t constants[2];
    struct ir_field *fields;
    uint32_t field_count;
    uint32_t *aggregations; // by index
    uint32_t aggregation_count;
};
struct mapping_segment {
    uint32_t clause, fixed_len;
    bool is_speculative, is_default;
    struct mapping_action *actions;
    uint32_t action_count;
};
// A probe that records or may end by a fault, and what of a clause it runs.
struct mapping_probe {
    uint32_t id;
    struct str provider, module, function, name;
};
struct mapping_enabling {
    uint32_t segment, probe;
};

struct mapping {
    struct arena *arena;
    uint8_t identity[16];
    struct str machine, program; // arch name; file name of the original
    enum byte_order order;
    uint8_t word_bits;
    uint64_t region_len;
    uint32_t chunk_align; // of chunks of records behind it
    struct mapping_variable *variables;
    size_t variable_count;
    // Associative arrays of the whole script, and where the elements of all
    // arrays lie (struct mct_dynvars).
    struct mapping_array {
        struct mapping_variable variable; // of an element; `off` means nothing
        uint32_t index;                   // by which elements name it
        struct ir_type *key_types;
        uint32_t key_count;
    } *arrays;
    size_t array_count;
    uint64_t arrays_off, arrays_key_words, arrays_value_len;
    uint8_t arrays_log2;
    struct mapping_aggregation *aggregations;
    size_t aggregation_count;
    struct str texts; // NUL-terminated strings, by offset
    uint64_t strsize;
    // What records mean. All that they refer to is in these tables, types
    // behind those they are made of; only pointers may point ahead.
    struct ir_options options; // those that are numbers
    struct ir_data_type **types;
    size_t type_count;
    struct str *clauses; // their names in messages
    size_t clause_count;
    struct mapping_segment *segments;
    size_t segment_count;
    struct mapping_probe *probes;
    size_t probe_count;
    // Row of a record: its `enabling` minus MCT_ENABLING_FIRST.
    struct mapping_enabling *enablings;
    size_t enabling_count;
};

struct mapping *mapping_make(struct arena *arena,
                             const struct ir_script *script,
                             const struct folder *folder,
                             const uint8_t identity[16], struct str program);
struct str mapping_to_json(struct arena *arena, const struct mapping *mapping);
// Gives another identity to a mapping and to its JSON: it is a hash of that.
void mapping_identify(struct mapping *mapping, struct arena *arena,
                      struct str json, const uint8_t identity[16]);
// NULL: malformed, reported. `name` stands in messages.
struct mapping *mapping_from_json(struct arena *arena, struct str json,
                                  const char *name, struct diag *diag);

// open.c, region.c

struct telemetry {
    const struct mapping *mapping;
    struct arena *arena;
    struct slice region; // a snapshot; empty until telemetry_open succeeded
    bool is_core;        // out of a core file: there are no records behind it
    // From the header:
    uint64_t lost, faults, sites, missed, pid;
    uint64_t drops[MCT_DROP_COUNT]; // those of aggregations are in `lost`
    uint32_t state, attached, images;
    int32_t exit_status;
    // Table entries that contradict the mapping; telemetry_gather counts.
    uint64_t damaged;
};

// Opens a persistence file or a core file of the instrumented program. What
// is found is copied, so a program that goes on writing, or is started anew,
// does no harm.
bool telemetry_open(struct arena *arena, const char *path,
                    const struct mapping *mapping, struct telemetry *telemetry,
                    struct diag *diag);
// Checks region bytes against the mapping and reads the header. `name` stands
// in messages.
bool telemetry_check(struct arena *arena, struct slice region, const char *name,
                     const struct mapping *mapping, struct telemetry *telemetry,
                     struct diag *diag);
// Whether the bytes begin with the magic of a region.
bool region_is_here(struct slice bytes);

// memory.c

// The same of a dump of a machine's memory whose first byte lies at `va`. `fd`
// becomes a file with the region and what lies behind it, for
// records_open_fd().
bool telemetry_open_memory(struct arena *arena, const char *path, uint64_t va,
                           const struct mapping *mapping,
                           struct telemetry *telemetry, int *fd,
                           struct diag *diag);

// One record. Its bytes, header included, are valid until the next is asked
// for; all fixed fields of its segment are among them.
struct record {
    uint32_t enabling; // enum mct_enabling, or a row of the mapping behind it
    uint32_t pid, tid;
    uint16_t cpu;
    uint64_t time;
    struct slice bytes;
};

// The record that bytes are, of which the header must be there; false: they are
// none of that length that the mapping knows. It does not say whose it is.
bool record_parse(const struct mapping *mapping, struct slice bytes,
                  struct record *record);

// stream.c, stream_show.c: messages of send(), and records, as they come

struct stream {
    const struct mapping *mapping;
    const char *path;
    struct diag *diag;
    struct telemetry telemetry; // the variables of the last message
    int fd;
    uint8_t *buffer;
    size_t buffer_len, at, end;
    uint64_t vars_len;
    uint64_t skipped; // bytes that belong to no message
    bool has_failed;  // reported
};
// `path` may be "-", for standard input. False: reported.
bool stream_open(struct stream *stream, struct arena *arena, const char *path,
                 const struct mapping *mapping, struct diag *diag);
// Of send(): the variables are in the stream's telemetry. Valid until the next.
struct message {
    int32_t channel;
    bool is_record;
    struct record record;
};
// Waits for the next message; false: there is none.
bool stream_next(struct stream *stream, struct message *message);
// Writes all messages, each as soon as it is there. What records make the
// script say goes to `errors`, by `name`.
bool stream_show(struct stream *stream, bool as_columns, const char *name,
                 FILE *out, FILE *errors);
void stream_close(struct stream *stream);

// records.c: what clauses recorded, behind the region

enum records_state {
    RECORDS_GROWING, // the program is running: what is not finished may be yet
    RECORDS_COMPLETE
};

struct records {
    struct arena *arena;
    const struct mapping *mapping;
    int fd;
    uint8_t state; // enum records_state
    uint64_t scanned, file_len;
    struct record_gap {
        uint64_t from, to;
    } *gaps;
    size_t gap_count, gap_room;
    struct record_stream **streams, **heap;
    size_t stream_count, stream_room, heap_count, heap_room;
    struct map by_thread;
    struct record_stream *taken; // whose record was given out last
    uint64_t torn;               // records that were never finished
    uint64_t damaged; // records and chunks that cannot be what they say
    bool is_cut;      // the last chunk is not all there
};

// Opens the file that telemetry_open() found to be one. False: reported.
bool records_open(struct records *records, struct arena *arena,
                  const char *path, const struct mapping *mapping,
                  enum records_state state, struct diag *diag);
// The same of an open file, which will be closed.
void records_open_fd(struct records *records, struct arena *arena, int fd,
                     const struct mapping *mapping, enum records_state state);
// The next record by time; false: there is none (yet).
bool records_next(struct records *records, struct record *record);
// Looks for what was written since, to be called when records_next() gave
// nothing; RECORDS_COMPLETE if nobody writes any more.
void records_refresh(struct records *records, enum records_state state);
void records_close(struct records *records);

// What a key, a variable or a field of a record holds.
enum value_kind {
    VALUE_INT,   // `number`, extended by its sign
    VALUE_TEXT,  // `text`; its p is NULL if it is D's NULL
    VALUE_BLOCK, // `text`: its bytes
    VALUE_STACK, // `text`: program counters of 64 bits as the target has them
    VALUE_SYMBOL // `number`: an address, shown as `action` does
};
struct value {
    uint8_t kind;   // enum value_kind
    uint8_t action; // STACK, SYMBOL: enum ir_action_kind
    struct ir_type type;
    uint64_t number;
    struct str text;
    const struct ir_data_type *data_type; // or NULL
};

struct value telemetry_variable(const struct telemetry *telemetry, size_t i);
// Elements of an associative array, by key.
struct array_element {
    struct value *keys, value;
};
struct array_element *telemetry_array(struct telemetry *telemetry, size_t i,
                                      size_t *count);

// What lies at an address of the traced process.
struct named_address {
    struct str module, name; // name: empty if only the module is known
    uint64_t start, module_start;
};
struct symbol_source {
    // Both may be NULL: then nothing is known. `maps` is what a process told
    // at some moment, as mctrace/records.h has it.
    void (*learn)(void *state, uint32_t pid, struct str maps);
    bool (*find)(void *state, uint32_t pid, uint64_t pc,
                 struct named_address *found);
    void *state;
};

// symbols.c

// By the symbols of the files that were loaded, if they are still there.
struct symbol_source symbols_open(struct arena *arena,
                                  const struct mapping *mapping);

// aggregate.c: aggregations as a reader gathers them

struct agg_element {
    struct value *keys;
    uint64_t *cells;
    uint64_t *cpus; // `aggpercpu`: the cells that each CPU added to
    uint32_t cpu_count;
};

// All that is known of one aggregation; what is added under a key it has is
// merged.
struct agg_table {
    const struct mapping *mapping;
    const struct mapping_aggregation *aggregation;
    struct arena *arena; // of the elements, given up with them
    struct agg_element *items;
    size_t count, room;
    uint32_t *buckets; // of the hash table: index + 1
    size_t bucket_count;
    uint64_t normal; // see normalize()
    bool is_printed;
    struct value *keys; // of what is being added
    uint64_t *cells;
    uint32_t cpu;
};

void agg_table_init(struct agg_table *table, struct arena *arena,
                    const struct mapping *mapping, size_t i);
void agg_table_free(struct agg_table *table);
// Adds `cells` under the keys of the element at a fixed place, or under a key
// as a table has it, of at most so many words. False: the key is damaged.
bool agg_table_add_slot(struct agg_table *table, size_t slot,
                        const uint8_t *cells);
bool agg_table_add_key(struct agg_table *table, const uint8_t *key,
                       size_t words, const uint8_t *cells);
// By columns from `first` on: <0, 0, >0.
int keys_compare(const struct value *a, const struct value *b, uint32_t count,
                 uint64_t first);
// NULL: there is no such element.
const struct agg_element *agg_table_find(const struct agg_table *table,
                                         const struct value *keys);
void agg_table_clear(struct agg_table *table); // keys stay
// Keys that are shown by the same name become one.
void agg_table_name(struct agg_table *table,
                    const struct symbol_source *symbols, uint32_t pid);
// Only the `keep` largest stay, or if negative the smallest.
void agg_table_trunc(struct agg_table *table, int64_t keep);

// How elements are ordered: by value and then by key, or by key alone, from
// column `key_pos` on.
struct agg_order {
    bool by_key, is_reverse;
    uint64_t key_pos, agg_pos;
};
struct agg_order agg_order_of(const struct ir_options *options);
// An element under one key of several aggregations; NULL where there is none.
struct agg_row {
    const struct value *keys;
    const struct agg_element **elements;
};
// Rows of all keys that one of the tables has.
struct agg_row *agg_rows(struct arena *arena, struct agg_table *const *tables,
                         uint32_t table_count, const struct agg_order *order,
                         size_t *count);

// The number an element stands for: count, sum, min, max, avg, stddev. Of no
// element it is 0. `is_signed`: sums, minima and maxima are divided with their
// sign, as printa("%@d") does it; DTrace's rows without a format do not.
int64_t agg_value(const struct mapping_aggregation *aggregation,
                  const struct agg_element *element, uint64_t normal,
                  bool is_signed);
// Adds to the table what the region holds of its aggregation. Returns how many
// entries contradict the mapping.
uint64_t telemetry_gather(const struct telemetry *telemetry,
                          struct agg_table *table);

// hist.c: distributions

bool agg_is_distribution(const struct mapping_aggregation *aggregation);
// What DTrace takes bucket i for when it sorts distributions.
int64_t hist_weight(const struct mapping_aggregation *aggregation, uint32_t i);

// Lowest and highest value of bucket i; INT64_MIN and INT64_MAX where open.
// False: no value falls into it.
bool agg_bucket_range(const struct mapping_aggregation *aggregation, uint32_t i,
                      int64_t *least, int64_t *most);
// The table that DTrace prints for a distribution, heading included. Of no
// element it is the empty one.
void hist_put(struct bytes *out, const struct mapping_aggregation *aggregation,
              const struct agg_element *element, uint64_t normal,
              const struct ir_options *options);

// consume.c: what libdtrace's consumer does with records

enum consumer_format {
    CONSUMER_TEXT,  // as dtrace(1)
    CONSUMER_JSONL, // an object a record
    CONSUMER_JSON   // one object: variables, and what aggregations came to
};

struct consumer_setup {
    const struct mapping *mapping;
    FILE *out, *errors;
    const char *name; // in front of messages: "dtrace"
    struct symbol_source symbols;
    uint8_t format; // enum consumer_format
    // The script's system(), freopen() and ftruncate() are performed; else they
    // are said not to be.
    bool is_live;
    bool is_testing; // _DTRACE_TESTING: rows without cpu and id
    bool is_plain;   // the terminal has nothing but ASCII
};
// The last two, as the environment has them.
void consumer_look_around(struct consumer_setup *setup);

struct consumer; // in `arena`; it holds what is gathered of aggregations

struct consumer *consumer_new(struct arena *arena,
                              const struct consumer_setup *setup);
void consumer_record(struct consumer *consumer, const struct record *record);
// Adds what a region holds that was not drained; it is looked at again at the
// end.
void consumer_gather(struct consumer *consumer, struct telemetry *telemetry);
// The same of the region of a running program, whose cells begin anew.
void consumer_drain(struct consumer *consumer, uint8_t *region);
// By kind (enum mct_drop), all in all so far: what is new is told.
void consumer_drops(struct consumer *consumer,
                    const uint64_t totals[MCT_DROP_COUNT], uint64_t lost);
// Records of a CPU that are not shown, for want of room in a buffer.
void consumer_dropped(struct consumer *consumer, uint64_t count, unsigned cpu);
// What was shown becomes visible.
void consumer_flush(struct consumer *consumer);
// The end: a newline and the aggregations that were not printed.
void consumer_finish(struct consumer *consumer);
void consumer_free(struct consumer *consumer);
// Options, which setopt() changes; rates are the reader's concern.
const struct ir_options *consumer_options(const struct consumer *consumer);
// Records that contradict the mapping.
uint64_t consumer_damaged(const struct consumer *consumer);
// Whether exit() was recorded, and with what.
bool consumer_exited(const struct consumer *consumer, int32_t *status);

#endif
