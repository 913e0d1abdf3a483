// records.c: records out of the file behind the region, by time.
//
//     thread 1   chunk . . chunk . chunk          a stream: its records are
//     thread 2   . chunk chunk . . . .            in order; between streams
//     thread 3   . . . . chunk . . .              the earliest comes first
//
// The file may be larger than memory, may be cut short or damaged, and may be
// growing: it is read in windows, one a thread. It is not mapped, because a
// program that is started anew cuts it, which would end us by a signal.
//
// A record without an enabling was not finished. While the program runs it
// holds its thread up until it is, but not for ever: its writer may have left
// it by a longjmp(). When all is over it is passed by and counted.
//
// Between chunks there may be room that a thread took and did not begin yet,
// all zero. Chunks begin at multiples of a page (without an operating system of
// less), so the next one is looked for
// there, and the gap again later.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/data.h"
#include "data/load.h"
#include "mctrace/records.h"

#define WINDOW        (256u << 10)
#define LOOK_AHEAD    (4u << 20)
#define PATIENCE      8 // refreshes for which an unfinished record is waited
#define CHUNK_MOST    (1u << 30)
#define HEADER_LEN    sizeof(struct mct_chunk)
#define RECORD_HEADER sizeof(struct mct_record)

struct record_chunk {
    uint64_t off, end;   // of its first record; behind its last byte
    uint64_t first_time; // 0: not known
    uint64_t serial;
    const uint8_t *copy; // of a window, from its first record on; else NULL
};

struct record_stream {
    uint32_t pid, tid, index;
    struct record_chunk *chunks;
    size_t count, room, current;
    uint64_t at;            // in the file, of the next record
    uint64_t window_serial; // of its thread's window, plus 1; 0: none
    struct record head;
    bool has_head;
    unsigned waited;
    // The window: what was read of the file.
    uint8_t *window;
    size_t window_room, window_len;
    uint64_t window_off;
};

static uint64_t field(const struct records *records, const uint8_t *p,
                      size_t off, size_t len) {
    return load_quickly(p + off, len, records->mapping->order);
}
#define CHUNK_FIELD(records, p, name)                                          \
    field((records), (p), offsetof(struct mct_chunk, name),                    \
          sizeof((struct mct_chunk *)0)->name)
#define RECORD_FIELD(records, p, name)                                         \
    field((records), (p), offsetof(struct mct_record, name),                   \
          sizeof((struct mct_record *)0)->name)

static size_t read_at(const struct records *records, uint64_t off, uint8_t *to,
                      size_t len) {
    size_t done = 0;
    while (done < len) {
        ssize_t got =
            pread(records->fd, to + done, len - done, (off_t)(off + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

// --- chunks ---

static struct record_stream *new_stream(struct records *records, uint32_t pid,
                                        uint32_t tid) {
    struct record_stream *stream =
        ARENA_NEW(records->arena, struct record_stream);
    stream->pid = pid;
    stream->tid = tid;
    stream->index = (uint32_t)records->stream_count;
    *ARENA_PUSH(records->arena, records->streams, records->stream_count,
                records->stream_room) = stream;
    return stream;
}

static struct record_stream *stream_of(struct records *records, uint32_t pid,
                                       uint32_t tid) {
    uint64_t key = (uint64_t)pid << 32 | tid;
    struct record_stream *stream = map_get_number(&records->by_thread, key);
    if (!stream) {
        stream = new_stream(records, pid, tid);
        map_put_number(&records->by_thread, key, stream);
    }
    return stream;
}

// The window was copied since it was read: all of it is in the copy.
static void drop_window(struct record_stream *stream) {
    for (size_t i = 0; i < stream->count; i++)
        if (stream->chunks[i].copy)
            stream->chunks[i].end = stream->chunks[i].off;
    stream->window_serial = 0;
}

// A thread's chunks lie in the file as they were taken, unless old ones were
// used again: then the times of their records tell.
static void stream_add(struct records *records, struct record_stream *stream,
                       struct record_chunk chunk) {
    if (chunk.copy)
        stream->window_serial = chunk.serial + 1;
    else if (stream->window_serial == chunk.serial + 1)
        drop_window(stream);
    ARENA_PUSH(records->arena, stream->chunks, stream->count, stream->room);
    size_t place = stream->count - 1;
    bool is_begun = stream->current > 0 || stream->has_head ||
                    (place > 0 && stream->at != stream->chunks[0].off);
    size_t least = is_begun ? stream->current + 1 : 0;
    while (chunk.first_time && place > least &&
           stream->chunks[place - 1].first_time > chunk.first_time) {
        stream->chunks[place] = stream->chunks[place - 1];
        place--;
    }
    stream->chunks[place] = chunk;
    if (!is_begun)
        stream->at = stream->chunks[0].off;
}

// A window changes while its program runs, so it is read at once: as it is, if
// its header is the same before and after. NULL: it cannot be had.
static const uint8_t *copy_window(struct records *records, uint64_t off,
                                  uint64_t len, uint8_t *head) {
    uint8_t *copy = arena_alloc(records->arena, len);
    for (int tries = 0; tries < 8; tries++) {
        uint8_t again[HEADER_LEN];
        if (read_at(records, off, copy, len) != len ||
            read_at(records, off, again, HEADER_LEN) != HEADER_LEN)
            return NULL;
        memcpy(head, copy, HEADER_LEN + RECORD_HEADER);
        if (memcmp(copy, again, HEADER_LEN) == 0)
            return copy + HEADER_LEN;
    }
    return NULL;
}

// Takes the chunk at `off`. Returns where it ends; 0: there is none.
static uint64_t take_chunk(struct records *records, uint64_t off) {
    uint8_t head[HEADER_LEN + RECORD_HEADER] = {0};
    if (read_at(records, off, head, sizeof head) < HEADER_LEN)
        return 0;
    uint64_t len = CHUNK_FIELD(records, head, len);
    uint64_t magic = CHUNK_FIELD(records, head, magic);
    bool is_window = magic == MCT_WINDOW_MAGIC;
    bool is_early = magic == MCT_EARLY_MAGIC;
    if ((magic != MCT_CHUNK_MAGIC && !is_window && !is_early) ||
        len < records->mapping->chunk_align || len > CHUNK_MOST ||
        len % records->mapping->chunk_align != 0) {
        records->damaged += magic != 0 && records->state == RECORDS_COMPLETE;
        return 0;
    }
    struct record_chunk chunk = {
        .off = off + HEADER_LEN,
        .end = off + len,
        .serial = CHUNK_FIELD(records, head, serial),
        .copy = is_window ? copy_window(records, off, len, head) : NULL};
    if (is_window && !chunk.copy)
        return off + len;
    if (RECORD_FIELD(records, head + HEADER_LEN, enabling) != 0)
        chunk.first_time = RECORD_FIELD(records, head + HEADER_LEN, time);
    uint32_t pid = (uint32_t)CHUNK_FIELD(records, head, pid);
    uint32_t tid = (uint32_t)CHUNK_FIELD(records, head, tid);
    stream_add(records,
               is_early ? new_stream(records, pid, tid)
                        : stream_of(records, pid, tid),
               chunk);
    return off + len;
}

static void add_gap(struct records *records, uint64_t from, uint64_t to) {
    if (from < to)
        *ARENA_PUSH(records->arena, records->gaps, records->gap_count,
                    records->gap_room) = (struct record_gap){from, to};
}

// Takes the chunks in a part of the file, and notes where there is none: a
// thread may be about to begin one there. Returns the end of the last.
static uint64_t scan_part(struct records *records, uint64_t from, uint64_t to,
                          uint64_t most_gap) {
    uint64_t taken = from;
    for (uint64_t off = from; off < to && off - taken <= most_gap;) {
        uint64_t end = take_chunk(records, off);
        if (end)
            add_gap(records, taken, off);
        else
            off += records->mapping->chunk_align;
        if (end)
            off = taken = end;
    }
    return taken;
}

static void scan(struct records *records) {
    struct stat st;
    if (fstat(records->fd, &st) == 0 && st.st_size > 0)
        records->file_len = (uint64_t)st.st_size;
    size_t count = records->gap_count;
    for (size_t i = 0; i < count; i++) {
        struct record_gap gap = records->gaps[i];
        uint64_t taken = scan_part(records, gap.from, gap.to, UINT64_MAX);
        records->gaps[i] = (struct record_gap){taken, gap.to};
    }
    size_t kept = 0;
    for (size_t i = 0; i < records->gap_count; i++)
        if (records->gaps[i].from < records->gaps[i].to)
            records->gaps[kept++] = records->gaps[i];
    records->gap_count = kept;
    // A file that grows in large steps ends in much that is not used yet.
    records->scanned =
        scan_part(records, records->scanned, records->file_len,
                  records->state == RECORDS_GROWING ? LOOK_AHEAD : UINT64_MAX);
    records->is_cut = records->scanned > records->file_len;
}

// --- streams ---

// `len` bytes at the stream's place; NULL: the file ends before.
static const uint8_t *window(struct records *records,
                             struct record_stream *stream, size_t len) {
    uint64_t from = stream->at - stream->window_off;
    if (stream->at >= stream->window_off && from <= stream->window_len &&
        stream->window_len - from >= len)
        return stream->window + from;
    if (!stream->window || stream->window_room < len) {
        stream->window_room = len < WINDOW ? WINDOW : len;
        stream->window = arena_alloc(records->arena, stream->window_room);
    }
    const struct record_chunk *chunk = &stream->chunks[stream->current];
    if (chunk->copy)
        return chunk->end - stream->at >= len
                   ? chunk->copy + (stream->at - chunk->off)
                   : NULL;
    uint64_t end = chunk->end;
    size_t most = stream->window_room;
    if (end - stream->at < most)
        most = (size_t)(end - stream->at);
    stream->window_off = stream->at;
    stream->window_len = read_at(records, stream->at, stream->window, most);
    return stream->window_len >= len ? stream->window : NULL;
}

static bool is_known(const struct mapping *mapping, uint32_t enabling,
                     size_t len) {
    if (enabling >= MCT_ENABLING_FIRST) {
        uint32_t row = enabling - MCT_ENABLING_FIRST;
        return row < mapping->enabling_count &&
               len >=
                   mapping->segments[mapping->enablings[row].segment].fixed_len;
    }
    static const size_t least[MCT_ENABLING_FIRST] = {
        [MCT_ENABLING_FAULT] = sizeof(struct mct_fault_record),
        [MCT_ENABLING_DRAIN] = sizeof(struct mct_drain_record),
        [MCT_ENABLING_MAPS] = 4,
        [MCT_ENABLING_LOST] = 8,
    };
    return least[enabling] > 0 && len >= RECORD_HEADER + least[enabling];
}

bool record_parse(const struct mapping *mapping, struct slice bytes,
                  struct record *record) {
    struct records of = {.mapping = mapping};
    if (bytes.n < RECORD_HEADER ||
        8 * RECORD_FIELD(&of, bytes.p, len8) != bytes.n)
        return false;
    *record = (struct record){
        .enabling = (uint32_t)RECORD_FIELD(&of, bytes.p, enabling),
        .cpu = (uint16_t)RECORD_FIELD(&of, bytes.p, cpu),
        .time = RECORD_FIELD(&of, bytes.p, time),
        .bytes = bytes,
    };
    return is_known(mapping, record->enabling, bytes.n);
}

enum step { STEP_RECORD, STEP_SKIP, STEP_NONE };

// Leaves the chunk; what is left of a damaged one cannot be read.
static enum step next_chunk(struct record_stream *stream) {
    if (stream->current + 1 >= stream->count)
        return STEP_NONE;
    stream->at = stream->chunks[++stream->current].off;
    stream->waited = 0;
    return STEP_SKIP;
}

static enum step give_up_chunk(struct records *records,
                               struct record_stream *stream) {
    records->damaged++;
    stream->at = stream->chunks[stream->current].end;
    return next_chunk(stream);
}

// The header at the stream's place. What is not there may have been written
// since the window was read.
static const uint8_t *header(struct records *records,
                             struct record_stream *stream) {
    const uint8_t *p = window(records, stream, RECORD_HEADER);
    if (p && RECORD_FIELD(records, p, enabling) != 0)
        return p;
    stream->window_len = 0;
    return window(records, stream, RECORD_HEADER);
}

// What follows the last record is zero. So is room that was taken when a signal
// handler came, before the first word was written, that never went back: then
// there is more behind it.
static enum step pass_zeros(struct records *records,
                            struct record_stream *stream) {
    bool is_last = stream->current + 1 >= stream->count;
    if (is_last && records->state == RECORDS_GROWING)
        return STEP_NONE;
    uint64_t end = stream->chunks[stream->current].end;
    stream->window_len = 0; // may be older than what is there
    for (; end - stream->at >= RECORD_HEADER; stream->at += 8) {
        const uint8_t *word = window(records, stream, 8);
        if (!word)
            break;
        if (load_quickly(word, 8, records->mapping->order) == 0)
            continue;
        records->torn++;
        return STEP_SKIP;
    }
    return next_chunk(stream);
}

static enum step look(struct records *records, struct record_stream *stream) {
    if (stream->count == 0)
        return STEP_NONE;
    uint64_t left = stream->chunks[stream->current].end - stream->at;
    if (left < RECORD_HEADER)
        return next_chunk(stream);
    const uint8_t *p = header(records, stream);
    if (!p) // the file's end
        return next_chunk(stream);
    if (load_quickly(p, 8, records->mapping->order) == 0)
        return pass_zeros(records, stream);
    size_t len = (size_t)RECORD_FIELD(records, p, len8) * 8;
    if (len < RECORD_HEADER || len > left)
        return give_up_chunk(records, stream);
    uint32_t enabling = (uint32_t)RECORD_FIELD(records, p, enabling);
    if (enabling == 0) {
        if (records->state == RECORDS_GROWING && stream->waited < PATIENCE) {
            stream->waited++;
            return STEP_NONE;
        }
        records->torn++;
        stream->at += len;
        return STEP_SKIP;
    }
    stream->waited = 0;
    if (enabling == MCT_ENABLING_UNUSED) {
        stream->at += len;
        return STEP_SKIP;
    }
    p = window(records, stream, len);
    if (!p)
        return give_up_chunk(records, stream);
    stream->at += len;
    if (!record_parse(records->mapping, (struct slice){p, len},
                      &stream->head)) {
        records->damaged++;
        return STEP_SKIP;
    }
    stream->head.pid = stream->pid;
    stream->head.tid = stream->tid;
    return STEP_RECORD;
}

static bool advance(struct records *records, struct record_stream *stream) {
    enum step step;
    do
        step = look(records, stream);
    while (step == STEP_SKIP);
    stream->has_head = step == STEP_RECORD;
    return stream->has_head;
}

// --- merging ---

static bool is_before(const struct record_stream *a,
                      const struct record_stream *b) {
    return a->head.time != b->head.time ? a->head.time < b->head.time
                                        : a->index < b->index;
}

static void sift_down(struct records *records, size_t at) {
    struct record_stream **heap = records->heap;
    struct record_stream *moved = heap[at];
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= records->heap_count)
            break;
        if (child + 1 < records->heap_count &&
            is_before(heap[child + 1], heap[child]))
            child++;
        if (!is_before(heap[child], moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void push(struct records *records, struct record_stream *stream) {
    ARENA_PUSH(records->arena, records->heap, records->heap_count,
               records->heap_room);
    size_t at = records->heap_count - 1;
    while (at > 0 && is_before(stream, records->heap[(at - 1) / 2])) {
        records->heap[at] = records->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    records->heap[at] = stream;
}

// Streams that have a record and are not in the heap yet.
static void gather_heads(struct records *records) {
    for (size_t i = 0; i < records->stream_count; i++) {
        struct record_stream *stream = records->streams[i];
        if (!stream->has_head && advance(records, stream))
            push(records, stream);
    }
}

// The record given out before is let go: its thread's next takes its place.
static void let_go(struct records *records) {
    struct record_stream *stream = records->taken;
    records->taken = NULL;
    if (!stream)
        return;
    if (!advance(records, stream)) {
        records->heap[0] = records->heap[--records->heap_count];
        if (records->heap_count == 0)
            return;
    }
    sift_down(records, 0);
}

bool records_next(struct records *records, struct record *record) {
    let_go(records);
    if (records->heap_count == 0)
        return false;
    records->taken = records->heap[0];
    *record = records->taken->head;
    return true;
}

void records_refresh(struct records *records, enum records_state state) {
    let_go(records);
    records->state = (uint8_t)state;
    scan(records);
    gather_heads(records);
}

void records_open_fd(struct records *records, struct arena *arena, int fd,
                     const struct mapping *mapping, enum records_state state) {
    *records = (struct records){.arena = arena,
                                .mapping = mapping,
                                .fd = fd,
                                .scanned = mapping->region_len};
    map_init(&records->by_thread, arena);
    records_refresh(records, state);
}

bool records_open(struct records *records, struct arena *arena,
                  const char *path, const struct mapping *mapping,
                  enum records_state state, struct diag *diag) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        records_open_fd(records, arena, fd, mapping, state);
    else
        diag_error_at(diag, U_FILE, path, "cannot read: %s", strerror(errno));
    return fd >= 0;
}

void records_close(struct records *records) {
    close(records->fd);
    records->fd = -1;
}
