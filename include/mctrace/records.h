// records.h: what clauses write besides variables and aggregations.
//
// A record is what one firing of one clause had to say: the values that its
// data-recording actions were given, not their text. It lies in a chunk, a
// piece of the persistence file behind the region that belongs to one thread,
// so that writing takes no lock. The mapping tells what the values mean;
// formatting is the reader's business.
//
//   region_len        chunk | chunk | chunk ...       up to the file's end
//   chunk             struct mct_chunk, records, zeroes
//   record            struct mct_record, fixed fields, variable fields
//
// The writer fills `len8` first and `enabling` last. A record whose enabling is
// zero was not finished (its thread was killed, or is writing): its length is
// valid, and readers pass over it. A `len8` of zero ends a chunk.
//
// Fixed fields are integers and blocks of bytes, each aligned to its size (a
// block to 8), at offsets that are the same in every record of an enabling.
// Variable fields follow in the order of their actions, each at a multiple of
// 8 from the record's start:
//   text    uint32_t len (MCT_NO_TEXT: NULL), bytes without terminator
//   stack   uint32_t count, uint32_t 0, then count program counters of 64 bits
//
// All numbers are in the byte order of the target. Within a chunk records are
// in the order in which they were begun; between chunks `time` decides.

#ifndef MCTRACE_RECORDS_H
#define MCTRACE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#define MCT_CHUNK_MAGIC  0x4b4e4843u // "CHNK"
// One that its thread uses again and again: full, it is copied to the end of
// the file. A chunk of the same thread and serial number is such a copy, and
// the window then holds nothing more.
#define MCT_WINDOW_MAGIC 0x57444e57u // "WNDW"
// One from before its image knew the file: in time it may lie within the
// chunks of the same thread that other images wrote.
#define MCT_EARLY_MAGIC  0x594c5245u // "ERLY"
#define MCT_NO_TEXT      UINT32_MAX

struct mct_chunk {
    uint32_t magic; // written last, when all else is there
    uint32_t len;   // this header included; a multiple of 4096
    uint32_t pid, tid;
    uint64_t lost;   // records that had no room, of this thread since the last
    uint64_t serial; // chunks of one thread are in this order
};
_Static_assert(sizeof(struct mct_chunk) == 32, "chunk header");

struct mct_record {
    uint32_t enabling; // 0: not finished; below MCT_ENABLING_FIRST: see there
    uint16_t len8;     // whole record in units of 8 bytes
    uint16_t cpu;
    uint64_t time; // as `timestamp` of the clause
};
_Static_assert(sizeof(struct mct_record) == 16, "record header");

#define MCT_MOST_RECORD (8u * UINT16_MAX)

// A platform that takes messages is given each record as it is finished, as a
// message of this channel.
#define MCT_CHANNEL_RECORD INT32_MIN

// Records that no clause asked for by name.
enum mct_enabling {
    MCT_ENABLING_NONE = 0,
    MCT_ENABLING_FAULT = 1,  // struct mct_fault_record follows
    MCT_ENABLING_DRAIN = 2,  // struct mct_drain_record, then elements
    MCT_ENABLING_MAPS = 3,   // a text: what is loaded, see below
    MCT_ENABLING_LOST = 4,   // uint64_t: records lost here, before what follows
    MCT_ENABLING_UNUSED = 5, // room that was set aside and not needed
    MCT_ENABLING_FIRST = 16  // the script's: rows of the mapping
};

// What is loaded in the process, a line each: `from-to path<tab>build id`,
// numbers in hexadecimal digits, no build id if it has none. The first is a
// process's own list, a later one replaces it. `time` is 1, so that it comes
// before the records whose addresses it explains.

// A clause ended by a fault. `clause` as the mapping counts them, `probe` its
// id.
struct mct_fault_record {
    uint32_t clause, probe;
    uint64_t place; // in the clause: which of its operations that can fail
    uint64_t code;  // enum mct_fault
    uint64_t value; // address, size or index
};

// What an aggregation held, taken out of it: its cells began anew at zero. The
// elements follow: of a fixed place `where` is its index among the mapping's
// elements and no key stands; else it is MCT_DRAIN_KEYED and `key_words` words
// of key follow as a table has them. Then the cells, of 64 bits.
struct mct_drain_record {
    uint32_t aggregation; // index in the mapping
    uint32_t count;       // elements in this record
};
#define MCT_DRAIN_KEYED UINT32_MAX
struct mct_drain_element {
    uint32_t where, key_words;
};

// DTrace's fault codes (DTRACEFLT_*).
enum mct_fault {
    MCT_FAULT_UNKNOWN = 0,
    MCT_FAULT_BADADDR = 1,
    MCT_FAULT_BADALIGN = 2,
    MCT_FAULT_ILLOP = 3,
    MCT_FAULT_DIVZERO = 4,
    MCT_FAULT_NOSCRATCH = 5,
    MCT_FAULT_KPRIV = 6,
    MCT_FAULT_UPRIV = 7,
    MCT_FAULT_TUPOFLOW = 8,
    MCT_FAULT_BADSTACK = 9,
    MCT_FAULT_BADSIZE = 10,
    MCT_FAULT_BADINDEX = 11,
    MCT_FAULT_LIBRARY = 1000
};

// What was not recorded, by kind: header.drops.
enum mct_drop {
    MCT_DROP_RECORD,      // no room for records
    MCT_DROP_AGGREGATION, // no room in an aggregation's table
    MCT_DROP_DYNAMIC,     // no room for associative arrays, thread-locals
    MCT_DROP_SPECULATIVE, // a speculation was full
    MCT_DROP_SPECULATION, // no speculation was free
    MCT_DROP_ERROR,       // a fault within ERROR
    MCT_DROP_NESTED,      // probes nested too deeply within one thread
    MCT_DROP_COUNT = 8
};

#endif
