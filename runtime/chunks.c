// chunks.c: room for records in the file, and what becomes of it.
//
// A thread writes into a chunk of its own (records.h); the fast path is a
// pointer that moves on (inline.c). Here is what happens at the end of a chunk:
// the file is opened anew, its end moved on by one atomic addition, the
// disk's space reserved (a full disk would otherwise kill the program at the
// first touch of a page), the new piece mapped, the descriptor closed. A file
// that is not the one of this run any more gets nothing.
//
// Touching a page of a file for the first time costs as much as hundreds of
// records. So a thread that records much does it in a window, a chunk that
// stays mapped: what is in it lies in the file already and survives whatever
// happens to the process; when it is full it is written to the end of the file
// as a chunk of its own, and begins anew. Only where a reader watches, who
// wants each record to stay where it is, chunk follows chunk.
//
// Before the file is there, records go to anonymous memory that attaching
// copies. What finds no room is counted, in the region for the total and in
// the next chunk for its place.

#include "rt.h"

#define AT_FDCWD       (-100)
#define O_RDWR         02
#define O_NONBLOCK     04000
#define O_CLOEXEC      02000000
#define PROT_RW        3
#define MAP_SHARED     1
#define POPULATE_WRITE 23 // MADV_POPULATE_WRITE
#define ENOSYS         38
#define EOPNOTSUPP     95
#define EINTR          4
#define ENOENT         2
#define EFBIG          27
#define FIRST_CHUNK    ((uint64_t)64 << 10)
#define MOST_CHUNK     ((uint64_t)1 << 20)
#define WINDOW         ((uint64_t)256 << 10)
#define PAUSE          10000000u // nanoseconds until the next attempt

// The largest page of a kernel: pieces of a file begin at multiples of it.
#ifndef SYS_PAGE
#define SYS_PAGE MCT_REGION_ALIGN
#endif

static uint64_t pages(uint64_t len) {
    return (len + SYS_PAGE - 1) / SYS_PAGE * SYS_PAGE;
}

// --- the file ---

long mct_record_open(void) {
    if (mct_private.ino == 0)
        return -ENOENT;
    long fd = sys_call6(SYS_openat, AT_FDCWD, (long)mct_private.path,
                        O_RDWR | O_CLOEXEC | O_NONBLOCK | SYS_O_NOFOLLOW |
                            SYS_O_LARGEFILE,
                        0, 0, 0);
    if (fd < 0)
        return fd;
    struct sys_stat stat;
    if (sys_call3(SYS_fstat, fd, (long)&stat, 0) == 0 &&
        stat.dev == mct_private.dev && stat.ino == mct_private.ino)
        return fd;
    sys_call3(SYS_close, fd, 0, 0);
    return -ENOENT;
}

static long reserve_piece(long fd, uint64_t off, uint64_t len) {
    if (!mct_may_grow(off + len))
        return -EFBIG;
    long error;
    do
        error = sys_allocate(fd, 0, off, len);
    while (error == -EINTR);
    if (error != -EOPNOTSUPP && error != -ENOSYS)
        return error;
    // Two threads may do this at once: the file never gets shorter by it.
    static const uint8_t zero = 0;
    return sys_write_at(fd, &zero, 1, off + len - 1) == 1 ? 0 : -EFBIG;
}

// A piece of the file, mapped; NULL: it cannot be had.
static uint8_t *map_piece(uint64_t len) {
    long fd = mct_record_open();
    if (fd < 0 && !mct_ahead_has())
        return 0;
    uint64_t off = mct_word_take(&MCT_HEADER->file_len, len);
    if (fd < 0)
        return mct_ahead_piece(off, len);
    long at = reserve_piece(fd, off, len);
    if (at == 0)
        at = sys_map(0, len, PROT_RW, MAP_SHARED, fd, off);
    sys_call3(SYS_close, fd, 0, 0);
    if ((unsigned long)at >= (unsigned long)-4095L || at == 0)
        return 0;
    // All pages at once, instead of a fault for each; where the kernel does not
    // know how, each has its own.
    sys_call3(SYS_madvise, at, (long)len, POPULATE_WRITE);
    return (uint8_t *)at;
}

// --- chunks ---

static void begin_chunk(struct mct_thread *thread, uint8_t *memory,
                        uint64_t len, uint32_t magic) {
    struct mct_chunk *chunk = (struct mct_chunk *)memory;
    chunk->len = (uint32_t)len;
    chunk->pid = thread->pid;
    chunk->tid = thread->tid;
    chunk->lost = thread->lost;
    chunk->serial = mct_word_take(&thread->process->serial, 1);
    __atomic_store_n(&chunk->magic, magic, __ATOMIC_RELEASE);
    thread->lost = 0;
    thread->chunk = memory;
    thread->record = memory + sizeof *chunk;
    thread->record_end = memory + len;
}

// Whether no record between a chunk's start and `end` is still to be written,
// by a clause that a signal has interrupted. One that was left by a jump out of
// the handler looks the same, for good; so the count alone does not tell.
static bool is_finished(const struct mct_thread *thread, const uint8_t *chunk,
                        const uint8_t *end) {
    if (thread->writing == 1) // the one that room is wanted for
        return true;
    const uint8_t *at = chunk + sizeof(struct mct_chunk);
    while (at < end) {
        const struct mct_record *record = (const struct mct_record *)at;
        if (record->enabling == MCT_ENABLING_NONE || record->len8 == 0)
            return false;
        at += (uint64_t)record->len8 * 8;
    }
    return true;
}

static void leave_chunk(struct mct_thread *thread) {
    uint8_t *chunk = thread->chunk, *end = thread->record;
    if (chunk && chunk == thread->window) {
        thread->filled = end; // it will be copied and used again
        chunk = 0;
    }
    thread->record = thread->record_end = thread->chunk = 0;
    // What came too early for the file stays until that is there, and a chunk
    // that a clause below may be writing to for good.
    if (chunk && mct_private.ino != 0 && is_finished(thread, chunk, end))
        sys_call3(SYS_munmap, (long)chunk, ((struct mct_chunk *)chunk)->len, 0);
}

// Memory in place of a piece of the file, put on the list to be copied. Its
// link stands behind the chunk.
static uint8_t *early_piece(struct mct_process *process, uint64_t len) {
    if (MCT_HEADER->state != MCT_STATE_EARLY)
        return 0;
    uint8_t *memory = mct_map_private(len + MCT_REGION_ALIGN);
    if (!memory)
        return 0;
    *(uint8_t **)(memory + len) = process->early;
    process->early = memory;
    return memory;
}

// --- the window ---

// Its copy goes to the end of the file; then it begins anew. Until its serial
// number has changed a reader may find both, of the same number.
static bool copy_window(struct mct_thread *thread, const uint8_t *end) {
    uint64_t used = (uint64_t)(end - thread->window);
    struct mct_chunk head = *(struct mct_chunk *)thread->window;
    head.magic = MCT_CHUNK_MAGIC;
    head.len = (uint32_t)pages(used);
    struct sys_piece parts[2] = {
        {(uintptr_t)&head, sizeof head},
        {(uintptr_t)thread->window + sizeof head, head.len - sizeof head}};
    long fd = mct_record_open();
    if (fd < 0)
        return false;
    uint64_t off = mct_word_take(&MCT_HEADER->file_len, head.len);
    long written = mct_may_grow(off + head.len)
                       ? sys_write_pieces_at(fd, parts, 2, off)
                       : -EFBIG;
    sys_call3(SYS_close, fd, 0, 0);
    return written == (long)head.len;
}

// Nothing may lie behind the record that is written last.
static void clear_chunk(uint8_t *memory, uint64_t len) {
    sys_zero((uint64_t *)memory, len / 8);
}

static void begin_window(struct mct_thread *thread) {
    clear_chunk(thread->window, WINDOW);
    begin_chunk(thread, thread->window, WINDOW, MCT_WINDOW_MAGIC);
}

static bool may_begin_window(uint64_t least) {
    return least <= WINDOW && mct_private.ino != 0 &&
           !(mct_config.flags & MCT_CONFIG_LIVE);
}

// What is still to be written must stay where it is: the window becomes a chunk
// like others.
static void give_up_window(struct mct_thread *thread) {
    struct mct_chunk *chunk = (struct mct_chunk *)thread->window;
    __atomic_store_n(&chunk->magic, MCT_CHUNK_MAGIC, __ATOMIC_RELEASE);
    if (thread->chunk == thread->window)
        thread->record = thread->record_end = thread->chunk = 0;
    thread->window = thread->filled = 0;
}

static bool next_window(struct mct_thread *thread) {
    uint8_t *end = thread->filled ? thread->filled : thread->record;
    if (thread->window && !is_finished(thread, thread->window, end))
        give_up_window(thread);
    if (!thread->window)
        thread->window = map_piece(WINDOW);
    else if (!copy_window(thread, end))
        return false;
    if (!thread->window)
        return false;
    if (thread->chunk != thread->window)
        leave_chunk(thread);
    thread->filled = 0;
    begin_window(thread);
    return true;
}

// --- room ---

static bool map_chunk(struct mct_thread *thread, uint64_t least) {
    uint64_t len = FIRST_CHUNK;
    if (thread->chunk) {
        len = 2 * (uint64_t)((struct mct_chunk *)thread->chunk)->len;
        len = len > MOST_CHUNK ? MOST_CHUNK : len;
    }
    if (len < least)
        len = pages(least);
    uint8_t *memory = map_piece(len);
    uint32_t magic = memory ? MCT_CHUNK_MAGIC : MCT_EARLY_MAGIC;
    if (!memory)
        memory = early_piece(thread->process, len);
    if (!memory)
        return false;
    leave_chunk(thread);
    begin_chunk(thread, memory, len, magic);
    return true;
}

// --- policies ---

#define RING_PARTS 4

// The newest records are kept: four chunks in turn, of bufsize together.
static bool next_of_ring(struct mct_thread *thread, uint64_t least) {
    uint64_t part = pages(mct_config.bufsize / RING_PARTS);
    if (least > part)
        return false;
    if (!thread->window)
        thread->window = map_piece(RING_PARTS * part);
    if (!thread->window)
        return false;
    uint64_t next = thread->chunk >= thread->window
                        ? (uint64_t)(thread->chunk - thread->window) + part
                        : 0;
    uint8_t *memory = thread->window + next % (RING_PARTS * part);
    clear_chunk(memory, part);
    begin_chunk(thread, memory, part, MCT_CHUNK_MAGIC);
    return true;
}

// The first bufsize bytes are kept; who needs more ends tracing.
static bool next_of_fill(struct mct_thread *thread, uint64_t least) {
    uint64_t room = sizeof(struct mct_chunk) + mct_config.bufsize;
    if (thread->chunk || least > room) {
        mct_word_mark(&MCT_HEADER->wanted_end);
        return false;
    }
    uint8_t *memory = map_piece(pages(room));
    if (!memory)
        return false;
    begin_chunk(thread, memory, pages(room), MCT_CHUNK_MAGIC);
    thread->record_end = memory + room;
    return true;
}

static bool next_by_policy(struct mct_thread *thread, uint64_t least) {
    bool has_file = mct_private.ino != 0;
    if (has_file && mct_config.flags & MCT_CONFIG_RING)
        return next_of_ring(thread, least);
    if (has_file && mct_config.flags & MCT_CONFIG_FILL)
        return next_of_fill(thread, least);
    // The first chunk is all that most threads need; and where nothing can be
    // written to the file a chunk may be at hand.
    return (thread->chunk && may_begin_window(least) && next_window(thread)) ||
           map_chunk(thread, least);
}

static bool next_chunk(struct mct_thread *thread, uint64_t least) {
    struct mct_process *process = thread->process;
    if (process->refused_until != 0 &&
        mct_clock(MCT_CLOCK_MONOTONIC) < process->refused_until)
        return false;
    bool found = next_by_policy(thread, least);
    process->refused_until = found ? 0 : mct_clock(MCT_CLOCK_MONOTONIC) + PAUSE;
    return found;
}

uint8_t *mct_record_room(struct mct_thread *thread, uint64_t most) {
    uint64_t least = sizeof(struct mct_chunk) + most + 8;
    uint64_t all = UINT64_MAX, mask;
    sys_call6(SYS_rt_sigprocmask, 2, (long)&all, (long)&mask, sizeof mask, 0,
              0);
    // A handler may have made room between the question and the mask.
    bool has_room = (uint64_t)(thread->record_end - thread->record) >= most + 8;
    uint8_t *at = has_room || next_chunk(thread, least) ? thread->record : 0;
    if (at) {
        thread->record = at + most;
        mct_record_measure(at, most);
    } else {
        thread->writing--;
    }
    sys_call6(SYS_rt_sigprocmask, 2, (long)&mask, 0, sizeof mask, 0, 0);
    // What a full buffer does not take is not lost: tracing is over.
    if (!at && !(mct_config.flags & MCT_CONFIG_FILL)) {
        thread->lost++;
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
    }
    return at;
}

// --- early records ---

static void copy_early(uint8_t *from) {
    const struct mct_chunk *chunk = (const struct mct_chunk *)from;
    uint64_t len = chunk->len;
    uint8_t *to = map_piece(len);
    if (!to) {
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
        return;
    }
    for (uint64_t i = 8; i < len / 8 * 8; i += 8)
        *(uint64_t *)(to + i) = *(const uint64_t *)(from + i);
    *(uint64_t *)to = *(const uint64_t *)from;
    sys_call3(SYS_munmap, (long)to, (long)len, 0);
}

// The path from the root, as the program may change its folder.
static bool keep_path(const char *path) {
    char *out = mct_private.path;
    uint64_t len = 0, room = sizeof mct_private.path - 1;
    if (path[0] != '/') {
        long got = sys_call3(SYS_getcwd, (long)out, (long)room, 0);
        if (got <= 0 || out[0] != '/')
            return false;
        len = (uint64_t)got - 1;
        out[len++] = '/';
    }
    for (; *path && len < room; path++)
        out[len++] = *path;
    out[len] = 0;
    return *path == 0;
}

void mct_record_attach(const char *path, long fd, struct mct_process *own) {
    struct sys_stat stat;
    if (!keep_path(path) || sys_call3(SYS_fstat, fd, (long)&stat, 0) != 0)
        return;
    mct_private.dev = stat.dev;
    mct_private.ino = stat.ino;
    if (!own)
        return;
    for (uint8_t *early = own->early; early;) {
        uint64_t len = ((struct mct_chunk *)early)->len;
        uint8_t *next = *(uint8_t **)(early + len);
        copy_early(early);
        sys_call3(SYS_munmap, (long)early, (long)(len + MCT_REGION_ALIGN), 0);
        early = next;
    }
    own->early = 0;
    for (struct mct_thread *thread = own->threads; thread;
         thread = thread->next)
        thread->record = thread->record_end = thread->chunk = 0;
}

// --- records of a chunk ---

void mct_record_apart(struct mct_thread *thread, uint32_t enabling,
                      const char *text, uint32_t len) {
    uint64_t field = (4 + (uint64_t)len + 7) / 8 * 8;
    uint64_t record_len = sizeof(struct mct_record) + field;
    uint64_t chunk_len = pages(sizeof(struct mct_chunk) + record_len + 8);
    uint8_t *memory = map_piece(chunk_len);
    bool is_mapped = memory != 0;
    if (!memory)
        memory = early_piece(thread->process, chunk_len);
    if (!memory) {
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
        return;
    }
    struct mct_chunk *chunk = (struct mct_chunk *)memory;
    struct mct_record *record = (struct mct_record *)(chunk + 1);
    uint8_t *to = (uint8_t *)(record + 1);
    chunk->len = (uint32_t)chunk_len;
    chunk->pid = thread->pid; // and of no thread: what is in order by itself
    chunk->serial = mct_word_take(&thread->process->serial, 1);
    record->len8 = (uint16_t)(record_len / 8);
    record->time = 1;
    *(uint32_t *)to = len;
    mct_copy(to + 4, text, len);
    record->enabling = enabling;
    __atomic_store_n(&chunk->magic, MCT_CHUNK_MAGIC, __ATOMIC_RELEASE);
    if (mct_config.flags & MCT_CONFIG_SENDS)
        mct_record_out(thread, record, record_len);
    if (is_mapped)
        sys_call3(SYS_munmap, (long)memory, (long)chunk_len, 0);
}
