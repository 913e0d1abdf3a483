// region.h: what lies where in the telemetry memory.
//
// The contract between the code that is added to a program (any machine,
// either byte order) and whoever reads what it gathered. Included by both;
// nothing about the region is defined anywhere else. docs/region.md is the
// same in prose.
//
//   0            struct mct_region
//   vars_off     global variables, each aligned to its size
//   aggs_off     cells of aggregations whose keys are constants at the site,
//                then tables of those whose keys are not
//   region_len   multiple of the page size of the target; behind it in the
//                file the chunks of records, see records.h
//
// All numbers are in the byte order of the target; `byte_order` shows it.
// Everything starts as zero, and zero is valid: a cell or a table entry that
// was never touched is all zero (see aggs.h for how min and max manage).
// There are no addresses in a region, only offsets from its start: the same
// file is mapped at different addresses by several images and processes.

#ifndef MCTRACE_REGION_H
#define MCTRACE_REGION_H

#include <stddef.h>
#include <stdint.h>

#define MCT_REGION_VERSION 2
// Shows truncation, text-mode transfer and 7-bit channels.
#define MCT_REGION_MAGIC   "\x7fMCT\r\n\x1a\n"
#define MCT_BYTE_ORDER     0x01020304u
#define MCT_REGION_ALIGN   4096 // of region_len, and of the region's address

enum mct_region_sink {
    MCT_SINK_FILE = 0,
    MCT_SINK_MEMORY = 1 // stays where it is: owner_address is its own
};

enum mct_state {
    MCT_STATE_EARLY = 0,   // before start-up: probes fire, the file is absent
    MCT_STATE_RUNNING = 1, // attached to its file
    MCT_STATE_ENDING = 2,  // exit() was called; END is being run
    MCT_STATE_ENDED = 3    // END has run; probes do nothing any more
};

struct mct_region {
    uint8_t magic[8];
    uint32_t byte_order; // MCT_BYTE_ORDER as the target writes it
    uint16_t version, header_len;
    uint8_t word_bits, sink, pad[6]; // enum mct_region_sink
    uint8_t identity[16];            // repeated by the mapping
    uint64_t region_len, vars_off, vars_len, aggs_off, aggs_len;
    // The ledger's totals, so that a reader knows what silence means.
    uint64_t sites, missed;
    // Nothing disappears without being counted.
    uint64_t lost;   // aggregation updates for which a table had no room
    uint64_t faults; // clauses ended by a fault (division by zero, bad address)
    // The run.
    uint8_t run[16]; // the kernel's random bytes of this exec
    uint64_t pid;    // of the process that began the run
    int64_t started; // nanoseconds since 1970
    uint32_t state;  // enum mct_state
    int32_t exit_status;
    uint32_t attached; // images that share this file
    uint32_t shared;   // non-zero once there was a second thread or a child
    // The cycle counter against the monotonic clock: ns = clock_ns +
    // ((cycles - clock_cycles) * clock_mult >> 32). An odd sequence number
    // means that they are being written; mult 0 that there is no such line.
    uint32_t clock_seq, clock_mult;
    uint64_t clock_cycles, clock_ns;
    uint64_t clock_sample_ns; // the clock itself at clock_cycles
    uint64_t clock_span;      // nanoseconds for which the line holds
    uint32_t images;          // that should come to share this file
    uint32_t word_lock;       // of machines without 64-bit atomics: halves.c
    // Where the process `guard_owner` keeps what reads are safe by, for its
    // other images.
    uint64_t guard_owner, guard_address;
    uint64_t file_len;   // chunks of records end here
    uint64_t drops[8];   // enum mct_drop
    uint64_t wanted_end; // a reader asks that tracing ends
    // Where the process `owner` keeps what is its own alone, likewise.
    uint64_t owner, owner_address;
};

_Static_assert(offsetof(struct mct_region, identity) == 24, "region header");
_Static_assert(offsetof(struct mct_region, region_len) == 40, "region header");
_Static_assert(offsetof(struct mct_region, run) == 112, "region header");
_Static_assert(offsetof(struct mct_region, state) == 144, "region header");
_Static_assert(offsetof(struct mct_region, clock_seq) == 160, "region header");
_Static_assert(offsetof(struct mct_region, images) == 200, "region header");
_Static_assert(sizeof(struct mct_region) == 320, "region header");

// A table of aggregated values by a key that is only known at run time: the
// header, an index of twice as many numbers as there may be entries,
//     uint32_t index[2 << log2_entries]     number of an entry + 1, 0: none
// and the entries, in the order in which they were made,
//     uint64_t state, cells[cell_words], key[key_words]
// each of MCT_ENTRY_WORDS. So what is in use lies together, and who reads all
// of it needs no index.
// A key is packed: its columns one behind the other, each in whole words; an
// integer in one, a text with its terminator and zeroes behind in as many as
// it takes, a stack as its length and that many words. What is left of
// key_words behind the last column means nothing.
// Open addressing, linear probing; entries are never removed while a program
// runs. A writer takes the next entry, writes the key, then MCT_ENTRY_STATE,
// and puts its number into an empty place of the index by a compare-and-swap.
// Who was slower with the same key leaves his entry empty.
struct mct_table {
    uint32_t used; // entries taken; may say more than there are
    uint32_t reserved;
    uint8_t log2_entries, pad;
    uint16_t key_words, cell_words, pad2;
    uint64_t reserved_words[6];
};
_Static_assert(sizeof(struct mct_table) == 64, "table header");

// Those that do not fit into a line of a cache begin with one, so that what is
// counted is next to what tells the key.
#define MCT_ENTRY_SUM(key_words, cell_words)                                   \
    (1 + (uint64_t)(key_words) + (uint64_t)(cell_words))
#define MCT_ENTRY_WORDS(key_words, cell_words)                                 \
    (MCT_ENTRY_SUM(key_words, cell_words) > 8                                  \
         ? (MCT_ENTRY_SUM(key_words, cell_words) + 7) & ~(uint64_t)7           \
         : MCT_ENTRY_SUM(key_words, cell_words))
#define MCT_TABLE_INDEXED(log2_entries) ((uint64_t)2 << (log2_entries))
#define MCT_TABLE_ENTRIES_OFF(log2_entries)                                    \
    (sizeof(struct mct_table) +                                                \
     MCT_TABLE_INDEXED(log2_entries) * sizeof(uint32_t))
#define MCT_TABLE_LEAST_LOG2 3 // the index fills lines

#define MCT_ENTRY_EMPTY 0u
#define MCT_ENTRY_FULL  2u // set in every published state
// Of the hash of a key and the words that it takes.
#define MCT_ENTRY_STATE(hash, used)                                            \
    (((hash) & ~(uint64_t)0x3ffff) | (uint64_t)(used) << 2 | MCT_ENTRY_FULL)
#define MCT_ENTRY_USED(state) ((uint32_t)((state) >> 2 & 0xffff))

// Elements of associative arrays. The header is followed by a power of two of
//     uint64_t state, key[key_words], value[value_words]
// as in a table, but entries come and go: a change of what is there takes the
// lock, what is there is found without. The first word of a key is the
// variable's index in the mapping; of a thread-local variable the second is
// the thread, its process id in the upper half.
struct mct_dynvars {
    uint32_t lock;  // the thread that holds it; 0: nobody
    uint32_t stack; // where its stack ended, by 16 bytes
    uint64_t used;  // entries that are not empty, freed ones included
};
_Static_assert(sizeof(struct mct_dynvars) == 16, "header of arrays");
#define MCT_ENTRY_FREED 1u // of arrays: was full, is passed over

// What the added code must know, written by the rewriter into read-only data
// of each image. Offsets are from the symbol mct_config itself.
struct mct_config {
    uint8_t identity[16];
    uint64_t region_len, vars_off, vars_len, aggs_off, aggs_len;
    uint64_t sites, missed;
    uint32_t flags;       // enum mct_config_flags
    uint32_t lock_count;  // entries at mct_locks
    uint32_t merge_count; // entries at mct_merges
    uint32_t image_count; // images that share the region
    uint64_t text_len;    // bytes at mct_text that may be made writable
    uint64_t own_va;      // where this lies in the image as linked
    // What the runtime sizes by: characters that a string keeps, bytes that
    // alloca() has (scratchsize, a multiple of 8) and that texts have, and the
    // script's variables.
    uint64_t strsize, alloca_len, scratch_len, self_len, this_len;
    uint64_t bufsize, dynvar_off, dynvar_len, spec_off, specsize;
    uint32_t nspec, frames_most;
    uint64_t watcher; // MCT_CONFIG_JOIN: whose children are watched
    union {
        char path[4096]; // of the persistence file; %p is the process id
        // Without an operating system: bytes of records behind the region, and
        // of what is private before it.
        struct {
            uint64_t ring_len, private_len;
        };
    };
};

_Static_assert(offsetof(struct mct_config, path) == 200, "read by machines");

enum mct_config_flags {
    MCT_CONFIG_LIBRARY = 1,      // attach only; the program's image starts
    MCT_CONFIG_FLIP_LOCKS = 2,   // atomics start plain, see mct_arm
    MCT_CONFIG_SEVERAL = 4,      // several images share the region
    MCT_CONFIG_LATE = 8,         // libraries attach after the program
    MCT_CONFIG_LIVE = 16,        // a reader drains the aggregations
    MCT_CONFIG_RING = 32,        // bufpolicy: the newest records are kept
    MCT_CONFIG_FILL = 64,        // bufpolicy: the first ones are
    MCT_CONFIG_GUARD = 0x80000,  // signals are seen: reads need no system call
    MCT_CONFIG_SENDS = 0x100000, // records go to the platform, too
    // Interrupts are held off by the status register; see bare/arm.h.
    MCT_CONFIG_STATUS = 0x200000,
    // A tracer watches: it ends tracing, and says where the file is ...
    MCT_CONFIG_WATCHED = 0x10000,
    MCT_CONFIG_HOST = 0x20000, // ... in its host, which makes the file
    MCT_CONFIG_JOIN = 0x40000, // ... elsewhere, where it is joined
};

#ifdef MCT_BARE
// Without an operating system: before the region.
struct mct_private {
    struct mct_guard *guard; // none
    uint64_t has_actions;
    struct mct_process *process; // of the runtime; NULL: not wanted
    uint64_t saved_stack;        // of the program, while start-up has its own
    uint8_t *pool;               // memory that is left, up to private_len
    uint64_t asked;              // how often for the time
    uint8_t *oldest;             // chunk that may hold records not finished
    struct mct_outgoing {        // runtime/bare/outgoing.c
        uint8_t *chunk, *at;     // what was sent of the records; NULL: none
        uint32_t is_busy, count; // messages that wait, below
        int32_t waiting[4];      // their channels
    } outgoing;
    _Alignas(16) uint8_t stack[1024];
};
#else
// Behind the region, in memory that never becomes the file: an image's own
// word about its process.
struct mct_private {
    struct mct_guard *guard; // of the runtime; NULL: reads ask the kernel
    uint64_t has_actions;    // the program set some before there was a guard
    struct mct_process *process; // of the runtime; NULL: not yet
    uint64_t dev, ino;           // of the file; both 0: there is none
    char path[4224];             // of the file, from the root
    struct mct_unwind *unwind;   // of the runtime, for stacks; NULL: none
    struct mct_ahead *ahead;     // of the runtime, for records; NULL: none
};
#endif
// On the last page of it, which children find empty: whether probes of
// functions are meant for this process, where somebody watches.
struct mct_watched {
    // 0: they are not; odd: they are, and 2 more for each child that has the
    // process's memory and is not meant: see sharing.c of the runtime.
    uint32_t state, pad;
    struct mct_watched *next; // of another image of the process
};
#define MCT_PRIVATE_WATCHED 8192
#define MCT_PRIVATE_LEN     12288
#define MCT_BARE_PRIVATE    1152
#define MCT_BARE_ALIGN      16 // of region and chunks
#define MCT_BARE_CHUNK      64 // chunks are multiples of this long
#define MCT_BARE_NESTED     2  // firings that there is memory for
#ifdef MCT_BARE
_Static_assert(sizeof(struct mct_private) <= MCT_BARE_PRIVATE, "its memory");
#else
_Static_assert(sizeof(struct mct_private) <= MCT_PRIVATE_WATCHED, "its pages");
#endif

// How the data of a user's library is made when the program starts: its first
// bytes, which follow the words, and words of it with addresses as linked.
struct mct_library {
    uint64_t len, word_count;
    struct mct_library_word {
        uint32_t off, len; // in the data; 4 or 8
        uint64_t value;
    } words[];
};

// A speculation, of config.nspec at config.spec_off: whether it is in use, and
// how much was recorded in it. A number told to the reader with each record
// says which use of which speculation is meant.
struct mct_speculation {
    uint32_t state, pad; // uses so far << 1 | in use
    uint64_t len;        // bytes recorded in this use
};
#define MCT_SPECULATION_FULL           UINT64_MAX // dropped: it had no room
#define MCT_SPECULATION_TAG(state, id) ((uint64_t)((state) >> 1) << 32 | (id))

// Where an aggregation's elements lie, for actions that take its contents out;
// one each at mct_drains. Offsets of elements at fixed places are behind them,
// `slots_off` bytes from mct_drains on.
struct mct_drain_info {
    uint64_t table_off; // 0: none
    uint64_t slots_off;
    uint32_t slot_count;
    uint16_t key_words, cell_words;
    uint8_t log2_entries, pad[7];
};
_Static_assert(sizeof(struct mct_drain_info) == 32, "read by the runtime");

// Probes that fire as time passes, at mct_timers.
struct mct_timers {
    uint64_t count;
    struct mct_timer {
        uint64_t period;     // nanoseconds
        int64_t code;        // a function, from mct_timers on
        uint64_t is_profile; // fires on every thread that runs
    } items[];
};
_Static_assert(sizeof(struct mct_timers) == 8, "read by machines");
_Static_assert(sizeof(struct mct_timer) == 24, "read by machines");
_Static_assert(offsetof(struct mct_timers, items) == 8, "read by machines");

// How gathered data of one image is merged into a file that another image of
// the same process has begun. `cells` of 8 bytes from `off` by `op`; a table
// is merged entry by entry with the ops of its cells.
struct mct_merge {
    uint64_t off;
    uint32_t count; // of cells, or of bytes for COPY
    uint8_t op;     // enum mct_merge_op
    uint8_t width;  // of a variable in bytes: 1, 2, 4, 8
    uint8_t agg;    // MERGE_TABLE: id of the aggregating function
    uint8_t pad;
};

_Static_assert(sizeof(struct mct_merge) == 16, "read by machines");

enum mct_merge_op {
    MCT_MERGE_ADD,    // cells or integer variables: sums
    MCT_MERGE_MAX,    // unsigned maximum
    MCT_MERGE_OR,     // presence
    MCT_MERGE_ADD128, // pairs of cells, low word first
    MCT_MERGE_COPY,   // strings: taken over when not empty
    MCT_MERGE_TABLE,  // a struct mct_table and its entries
};

#endif
