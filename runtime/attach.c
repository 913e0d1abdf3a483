// attach.c: the region becomes a file.
//
// Each image carries a region of zeroes in which its probes count from the
// first instruction on. Attaching maps the file over it: the first image of a
// process makes the file, a later one (its libraries' init functions run
// before a program's entry point) finds it by the random bytes that the kernel
// gave this exec. What was counted before is merged, by the rows of
// mct_merges, into the file's zeroes or into what others have counted.
//
// A file that stands in the way is removed, not emptied: another run may have
// it mapped, and would be killed by touching pages that are gone. Nothing that
// is no regular file is touched, except a symbolic link, which is replaced.
// Space is reserved at once, because a full disk would otherwise kill the
// program at the first touch of a page.
//
// On failure the region stays what it was, private memory: the program runs
// as it would have, and its probes count for nobody.

#include "rt.h"

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define O_RDWR              02
#define O_CREAT             0100
#define O_EXCL              0200
#define O_NONBLOCK          04000
#define O_CLOEXEC           02000000
#define PROT_RW             3
#define MAP_SHARED          1
#define MAP_FIXED           0x10
#define PUNCH_HOLE          3 // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
#define MODE_TYPE           0170000u
#define MODE_REGULAR        0100000u
#define MODE_SYMLINK        0120000u
#define SIG_SETMASK         2
#define ENOENT              2
#define EINTR               4
#define EACCES              13
#define EEXIST              17
#define EFBIG               27
#define ENAMETOOLONG        36
#define ENOSYS              38
#define EOPNOTSUPP          95

static bool bytes_equal(const uint8_t *a, const uint8_t *b, unsigned len) {
    unsigned differences = 0;
    for (unsigned i = 0; i < len; i++)
        differences |= a[i] ^ b[i];
    return differences == 0;
}

static void bytes_copy(uint8_t *to, const uint8_t *from, unsigned len) {
    for (unsigned i = 0; i < len; i++)
        to[i] = from[i];
}

static long map_file(uint64_t at, long fd) {
    return sys_map(at, mct_config.region_len, PROT_RW,
                   at ? MAP_SHARED | MAP_FIXED : MAP_SHARED, fd, 0);
}

// Values that the kernel gives for failure, as the last page of addresses.
static bool is_error(long result) {
    return (unsigned long)result >= (unsigned long)-4095L;
}

// Merging

static uint64_t load_variable(const uint8_t *at, unsigned width) {
    switch (width) {
    case 1: return *at;
    case 2: return *(const uint16_t *)at;
    case 4: return *(const uint32_t *)at;
    default: return *(const uint64_t *)at;
    }
}

static void add_variable(uint8_t *to, uint64_t value, unsigned width) {
    switch (width) {
    case 1: *to += (uint8_t)value; break;
    case 2: *(uint16_t *)to += (uint16_t)value; break;
    case 4: *(uint32_t *)to += (uint32_t)value; break;
    default: mct_cell_add((uint64_t *)to, value);
    }
}

// A table's header was written with its first element.
static void merge_table(uint8_t *to, const uint8_t *from, uint32_t agg) {
    const struct mct_table *table = (const struct mct_table *)from;
    if (table->used == 0)
        return;
    uint64_t geometry =
        MCT_GEOMETRY(table->log2_entries, table->key_words, table->cell_words);
    uint64_t words = mct_entry_words(geometry);
    uint64_t most = (uint64_t)1 << table->log2_entries;
    const uint64_t *entry =
        (const uint64_t *)(from + MCT_TABLE_ENTRIES_OFF(table->log2_entries));
    for (uint64_t i = 0; i < table->used && i < most; i++, entry += words) {
        if (!(entry[0] & MCT_ENTRY_FULL))
            continue;
        uint64_t *cells =
            mct_agg_find((struct mct_table *)to, entry + 1 + table->cell_words,
                         MCT_ENTRY_USED(entry[0]), geometry);
        if (cells)
            mct_agg_merge(agg, cells, entry + 1, table->cell_words);
    }
}

static void merge_cells(uint64_t *to, const uint64_t *from,
                        const struct mct_merge *merge) {
    for (uint32_t i = 0; i < merge->count; i++) {
        if (from[i] == 0 && merge->op != MCT_MERGE_ADD128)
            continue; // leaves pages alone that nobody counts in
        switch (merge->op) {
        case MCT_MERGE_MAX: mct_cell_max(&to[i], from[i]); break;
        case MCT_MERGE_OR: mct_cell_present(&to[i]); break;
        case MCT_MERGE_ADD128:
            // `count` is of cells, and they come in pairs.
            if (i % 2 == 0 && (from[i] | from[i + 1]) != 0)
                mct_cell_add128(&to[i], from[i], from[i + 1]);
            break;
        default: mct_cell_add(&to[i], from[i]);
        }
    }
}

static void merge_one(uint8_t *to, const uint8_t *from,
                      const struct mct_merge *merge) {
    uint32_t width = merge->width;
    switch (merge->op) {
    case MCT_MERGE_TABLE: merge_table(to, from, merge->agg); break;
    case MCT_MERGE_COPY:
        if (from[0] != 0)
            bytes_copy(to, from, merge->count);
        break;
    case MCT_MERGE_ADD:
        if (width != 0 && width < 8) {
            for (uint32_t i = 0; i < merge->count; i++)
                add_variable(to + i * width,
                             load_variable(from + i * width, width), width);
            break;
        }
        merge_cells((uint64_t *)to, (const uint64_t *)from, merge);
        break;
    default: merge_cells((uint64_t *)to, (const uint64_t *)from, merge);
    }
}

static void merge_all(struct mct_region *file) {
    const uint8_t *early = mct_region;
    for (uint32_t i = 0; i < mct_config.merge_count; i++) {
        const struct mct_merge *merge = &mct_merges[i];
        merge_one((uint8_t *)file + merge->off, early + merge->off, merge);
    }
    // After the tables, which may have lost some.
    mct_cell_add(&file->lost, MCT_HEADER->lost);
    mct_cell_add(&file->faults, MCT_HEADER->faults);
    for (unsigned i = 0; i < MCT_DROP_COUNT; i++)
        mct_cell_add(&file->drops[i], MCT_HEADER->drops[i]);
    if (MCT_HEADER->state > file->state) {
        file->state = MCT_HEADER->state;
        file->exit_status = MCT_HEADER->exit_status;
    }
    file->shared |= MCT_HEADER->shared;
}

// The header

static void fill_header(struct mct_region *header, const uint8_t *random) {
    mct_header_fill(header);
    if (random)
        bytes_copy(header->run, random, 16);
    header->pid = (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
    header->started = (int64_t)mct_clock(MCT_CLOCK_REALTIME);
    if (header->state < MCT_STATE_RUNNING)
        header->state = MCT_STATE_RUNNING;
}

// A watched run is one whatever processes it has.
static bool is_this_run(const struct mct_region *header,
                        const uint8_t *random) {
    static const uint8_t magic[8] = MCT_REGION_MAGIC;
    bool is_ours = (mct_config.flags & MCT_CONFIG_JOIN) ||
                   (random && bytes_equal(header->run, random, 16));
    return is_ours && bytes_equal(header->magic, magic, sizeof magic) &&
           bytes_equal(header->identity, mct_config.identity, 16) &&
           header->region_len == mct_config.region_len;
}

// The file

// Neither follows a symbolic link nor waits for the other end of a pipe.
static long open_existing(const char *path) {
    return sys_call6(SYS_openat, AT_FDCWD, (long)path,
                     O_RDWR | O_CLOEXEC | O_NONBLOCK | SYS_O_NOFOLLOW |
                         SYS_O_LARGEFILE,
                     0, 0, 0);
}

// One that another image of this process has made, or a negative number.
static long open_joined(const struct mct_environment *environment,
                        const char *path) {
    long fd = open_existing(path);
    if (fd < 0)
        return fd;
    struct sys_stat stat;
    struct mct_region header;
    if (sys_call3(SYS_fstat, fd, (long)&stat, 0) == 0 &&
        (stat.mode & MODE_TYPE) == MODE_REGULAR &&
        (uint64_t)stat.size >= mct_config.region_len &&
        sys_call3(SYS_read, fd, (long)&header, sizeof header) ==
            (long)sizeof header &&
        is_this_run(&header, environment->random))
        return fd;
    sys_call3(SYS_close, fd, 0, 0);
    return -ENOENT;
}

// An existing file in a folder that we may not change: its content goes, its
// length stays until it is ours alone to use.
static long open_reused(const char *path) {
    long fd = open_existing(path);
    if (fd < 0)
        return fd;
    struct sys_stat stat;
    long error = sys_call3(SYS_fstat, fd, (long)&stat, 0);
    if (error == 0 &&
        ((stat.mode & MODE_TYPE) != MODE_REGULAR || stat.nlink != 1 ||
         stat.uid != (uint32_t)sys_call3(SYS_geteuid, 0, 0, 0)))
        error = -EACCES;
    if (error == 0 &&
        sys_allocate(fd, PUNCH_HOLE, 0, (uint64_t)stat.size) != 0 &&
        stat.size != 0)
        error = sys_set_length(fd, 0);
    if (error == 0)
        return fd;
    sys_call3(SYS_close, fd, 0, 0);
    return error;
}

static long open_fresh(const char *path) {
    struct sys_stat stat;
    bool exists = sys_call6(SYS_newfstatat, AT_FDCWD, (long)path, (long)&stat,
                            AT_SYMLINK_NOFOLLOW, 0, 0) == 0;
    uint32_t type = stat.mode & MODE_TYPE;
    if (exists && type != MODE_REGULAR && type != MODE_SYMLINK)
        return -EEXIST;
    if (exists && sys_call3(SYS_unlinkat, AT_FDCWD, (long)path, 0) != 0)
        return open_reused(path);
    return sys_call6(SYS_openat, AT_FDCWD, (long)path,
                     O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | SYS_O_NOFOLLOW |
                         SYS_O_LARGEFILE,
                     0600, 0, 0);
}

// Nothing but a file system that cannot reserve is excused: touching a page
// that finds no room on the disk would end the program.
static long reserve(long fd) {
    long error;
    do
        error = sys_allocate(fd, 0, 0, mct_config.region_len);
    while (error == -EINTR);
    return error == -EOPNOTSUPP || error == -ENOSYS ? 0 : error;
}

static long size_file(long fd) {
    if (!mct_may_grow(mct_config.region_len))
        return -EFBIG;
    long error = sys_call3(SYS_fchmod, fd, 0600, 0);
    if (error == 0)
        error = sys_set_length(fd, mct_config.region_len);
    return error == 0 ? reserve(fd) : error;
}

// The images of a process have one block of their own between them: that of
// the first to attach.
static void share_process(struct mct_region *file) {
    if (mct_config.scratch_len == 0 && !(mct_config.flags & MCT_CONFIG_WATCHED))
        return; // nobody wants it
    uint64_t pid = (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
    struct mct_process *own = mct_process_get();
    if (file->owner == pid && file->owner_address != 0) {
        mct_private.process = (struct mct_process *)file->owner_address;
    } else if (own) {
        if (!own->ahead)
            own->ahead = mct_ahead_make();
        file->owner_address = (uint64_t)own;
        file->owner = pid;
    }
    if (mct_private.process)
        mct_private.ahead = mct_private.process->ahead;
}

// Merges into the file and maps it over the region.
static long take_over(const struct mct_environment *environment, long fd,
                      bool joined) {
    long view = map_file(0, fd);
    if (is_error(view))
        return view;
    struct mct_region *file = (struct mct_region *)(uintptr_t)view;
    merge_all(file);
    if (!joined)
        fill_header(file, environment->random);
    long mapped = map_file((uint64_t)mct_region, fd);
    if (!is_error(mapped)) {
        __atomic_fetch_add(&file->attached, 1, __ATOMIC_RELAXED);
        share_process(file);
    }
    sys_call3(SYS_munmap, view, (long)mct_config.region_len, 0);
    return is_error(mapped) ? mapped : 0;
}

static long attach_file(const struct mct_environment *environment,
                        const char *path) {
    struct mct_process *own = mct_private.process;
    long fd = open_joined(environment, path);
    if (fd >= 0) {
        long error = take_over(environment, fd, true);
        if (error == 0)
            mct_record_attach(path, fd, own);
        sys_call3(SYS_close, fd, 0, 0);
        return error;
    }
    if (mct_config.flags & MCT_CONFIG_JOIN)
        return fd;
    fd = open_fresh(path);
    if (fd < 0)
        return fd;
    long error = size_file(fd);
    if (error == 0)
        error = take_over(environment, fd, false);
    if (error == 0)
        mct_record_attach(path, fd, own);
    sys_call3(SYS_close, fd, 0, 0);
    if (error != 0)
        sys_call3(SYS_unlinkat, AT_FDCWD, (long)path, 0);
    return error;
}

// No signal handler runs meanwhile, for its probes would count into memory
// that goes away.
long mct_attach(const struct mct_environment *environment, const char *path) {
    uint64_t all = UINT64_MAX, mask;
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask,
              sizeof mask, 0, 0);
    long error = path ? attach_file(environment, path) : -ENAMETOOLONG;
    if (error != 0)
        fill_header(MCT_HEADER, environment->random);
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0,
              0);
    return error;
}
