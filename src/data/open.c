// open.c: finds the region in whatever holds it.
//
// Two things do: the persistence file itself, and a core file. The kernel
// writes mapped files into a core only when told to (bit 3 of
// /proc/PID/coredump_filter), so often the core holds no copy; but its note
// NT_FILE lists which files were mapped where, and the one that carries the
// mapping's identity is then read instead, with a warning that says so.
//
// All is read, not mapped: the traced program may still be writing, and one
// that is started anew cuts the file, which would end us by a signal. A core
// is mapped, for it may be large and no one changes it.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/data.h"
#include "mctrace/region.h"

enum { NT_FILE_TYPE = 0x46494c45, CORE_TYPE = 4, PT_LOAD = 1, PT_NOTE = 4 };

// At most `most` bytes from the front of a file; `name` must be regular or
// something that can be read like one.
static bool read_front(struct arena *arena, int fd, uint64_t most,
                       struct slice *out) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return false;
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < most)
        most = (uint64_t)st.st_size;
    uint8_t *p = arena_alloc(arena, most);
    size_t n = 0;
    while (n < most) {
        ssize_t got = read(fd, p + n, most - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *out = (struct slice){p, n};
    return true;
}

// --- core files ---

// What of a program header both classes have.
struct core_segment {
    uint64_t type, off, len;
};

struct core {
    struct slice bytes;
    struct reader in;
    bool is_64;
    size_t word; // bytes of an address
    uint64_t table_off, entry_len, count;
};

static bool core_open(struct core *core, struct slice bytes) {
    *core = (struct core){.bytes = bytes};
    if (bytes.n < 20 || memcmp(bytes.p,
                               "\x7f"
                               "ELF",
                               4) != 0)
        return false;
    core->is_64 = bytes.p[4] == 2;
    core->word = core->is_64 ? 8 : 4;
    core->in = reader_open(bytes, bytes.p[5] == 2 ? ORDER_BIG : ORDER_LITTLE);
    struct reader *in = &core->in;
    reader_seek(in, 16);
    if (reader_uint(in, 2) != CORE_TYPE)
        return false;
    reader_seek(in, core->is_64 ? 0x20 : 0x1c);
    core->table_off = reader_uint(in, core->word);
    uint64_t sections_off = reader_uint(in, core->word);
    reader_seek(in, core->is_64 ? 0x36 : 0x2a);
    core->entry_len = reader_uint(in, 2);
    core->count = reader_uint(in, 2);
    if (core->count == 0xffff) { // more than fit: see sh_info of section 0
        reader_seek(in, sections_off);
        reader_bytes(in, core->is_64 ? 0x2c : 0x1c);
        core->count = reader_uint(in, 4);
    }
    return true;
}

static struct core_segment core_segment(struct core *core, uint64_t i) {
    struct core_segment segment = {0};
    struct reader *in = &core->in;
    if (i > core->bytes.n || core->entry_len == 0)
        in->failed = true;
    reader_seek(in, core->table_off);
    reader_bytes(in, (size_t)(i * core->entry_len));
    segment.type = reader_uint(in, 4);
    if (core->is_64)
        reader_uint(in, 4); // flags
    segment.off = reader_uint(in, core->word);
    reader_bytes(in, core->word * 2); // virtual and physical address
    segment.len = reader_uint(in, core->word);
    return segment;
}

// A part of the core that a segment claims, cut to what is there.
static struct slice segment_bytes(const struct core *core,
                                  const struct core_segment *segment) {
    if (segment->off >= core->bytes.n)
        return (struct slice){0};
    size_t left = core->bytes.n - (size_t)segment->off;
    return (struct slice){core->bytes.p + segment->off,
                          segment->len < left ? (size_t)segment->len : left};
}

static bool is_ours(struct slice bytes, const struct mapping *mapping) {
    return region_is_here(bytes) && bytes.n >= sizeof(struct mct_region) &&
           memcmp(bytes.p + offsetof(struct mct_region, identity),
                  mapping->identity, sizeof mapping->identity) == 0;
}

// The region begins at a page of some segment.
static struct slice find_in_memory(struct core *core,
                                   const struct mapping *mapping) {
    for (uint64_t i = 0; i < core->count && !core->in.failed; i++) {
        struct core_segment segment = core_segment(core, i);
        if (segment.type != PT_LOAD)
            continue;
        struct slice bytes = segment_bytes(core, &segment);
        for (size_t at = 0; at < bytes.n; at += MCT_REGION_ALIGN) {
            struct slice rest = {bytes.p + at, bytes.n - at};
            if (is_ours(rest, mapping))
                return rest;
        }
    }
    return (struct slice){0};
}

// --- files that a core names ---

// Reads a file if it is the region that is looked for.
static bool read_named(struct arena *arena, const char *path,
                       const struct mapping *mapping, struct slice *out) {
    // A pipe of that name must not block us.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    struct stat st;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
              read_front(arena, fd, mapping->region_len, out) &&
              is_ours(*out, mapping);
    close(fd);
    return ok;
}

// A note NT_FILE: count, page size, (start, end, offset in pages) of each,
// then the names.
static bool find_named(struct arena *arena, const struct core *core,
                       struct slice note, const struct mapping *mapping,
                       struct slice *out, const char **path) {
    struct reader places = reader_open(note, core->in.order);
    struct reader names = places;
    uint64_t count = reader_uint(&places, core->word);
    reader_uint(&places, core->word);
    if (places.failed || count > note.n)
        return false;
    reader_seek(&names, (2 + count * 3) * core->word);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t start = reader_uint(&places, core->word);
        uint64_t end = reader_uint(&places, core->word);
        uint64_t page = reader_uint(&places, core->word);
        struct str name = reader_text(&names);
        if (places.failed || names.failed)
            return false;
        // The region is mapped from its file's start, and whole.
        if (page != 0 || end - start != mapping->region_len)
            continue;
        *path = str_terminated(arena, name);
        if (read_named(arena, *path, mapping, out))
            return true;
    }
    return false;
}

static bool find_in_notes(struct arena *arena, struct core *core,
                          const struct mapping *mapping, struct slice *out,
                          const char **path) {
    for (uint64_t i = 0; i < core->count && !core->in.failed; i++) {
        struct core_segment segment = core_segment(core, i);
        if (segment.type != PT_NOTE)
            continue;
        struct reader in =
            reader_open(segment_bytes(core, &segment), core->in.order);
        while (!in.failed && in.at < in.data.n) {
            size_t name_len = (size_t)reader_uint(&in, 4);
            size_t len = (size_t)reader_uint(&in, 4);
            uint64_t type = reader_uint(&in, 4);
            reader_bytes(&in, (name_len + 3) & ~(size_t)3);
            struct slice note = reader_bytes(&in, len);
            if (len % 4 != 0)
                reader_bytes(&in, 4 - len % 4);
            if (type == NT_FILE_TYPE && note.n == len &&
                find_named(arena, core, note, mapping, out, path))
                return true;
        }
    }
    return false;
}

static bool open_core(struct arena *arena, struct core *core, const char *name,
                      const struct mapping *mapping,
                      struct telemetry *telemetry, struct diag *diag) {
    struct slice found = find_in_memory(core, mapping);
    if (found.n > 0) {
        size_t len = found.n < mapping->region_len
                         ? found.n
                         : (size_t)mapping->region_len;
        uint8_t *copy = arena_grow(arena, found.p, len, len);
        return telemetry_check(arena, (struct slice){copy, len}, name, mapping,
                               telemetry, diag);
    }
    const char *path = NULL;
    if (find_in_notes(arena, core, mapping, &found, &path)) {
        diag_warning_at(diag, T_FORMAT, name,
                        "the core holds no mapped files; read %s instead, "
                        "which was mapped and may have changed since",
                        path);
        return telemetry_check(arena, found, path, mapping, telemetry, diag);
    }
    if (core->in.failed) {
        diag_error_at(diag, T_TRUNCATED, name,
                      "the core's list of segments is cut off or damaged");
        return false;
    }
    diag_error_at(diag, T_IDENTITY, name,
                  "the core holds no telemetry of %.*s as instrumented with "
                  "this mapping",
                  STR_ARGS(mapping->program));
    if (path)
        diag_help(diag,
                  "the core was written without mapped files, and %s, "
                  "which was mapped, cannot be used",
                  path);
    return false;
}

// A core file at `path`; false and *is_core false: it is something else.
static bool try_core(struct arena *arena, const char *path,
                     const struct mapping *mapping, struct telemetry *telemetry,
                     struct diag *diag, bool *is_core) {
    struct file file;
    struct core core;
    *is_core = true; // errors are reported
    if (!file_open(&file, path, diag))
        return false;
    *is_core = core_open(&core, file.data);
    bool ok =
        *is_core && open_core(arena, &core, path, mapping, telemetry, diag);
    file_close(&file);
    return ok;
}

bool telemetry_open(struct arena *arena, const char *path,
                    const struct mapping *mapping, struct telemetry *telemetry,
                    struct diag *diag) {
    *telemetry = (struct telemetry){.mapping = mapping, .arena = arena};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct slice bytes = {0};
    bool ok = fd >= 0 && read_front(arena, fd, mapping->region_len, &bytes);
    if (!ok) {
        diag_error_at(diag, U_FILE, path, "cannot read: %s", strerror(errno));
        if (fd < 0 && errno == ENOENT)
            diag_help(diag, "the instrumented program writes it when it runs");
    }
    if (fd >= 0)
        close(fd);
    if (!ok)
        return false;
    if (bytes.n >= 4 && memcmp(bytes.p,
                               "\x7f"
                               "ELF",
                               4) == 0) {
        bool is_core;
        ok = try_core(arena, path, mapping, telemetry, diag, &is_core);
        telemetry->is_core = is_core;
        if (is_core)
            return ok;
    }
    return telemetry_check(arena, bytes, path, mapping, telemetry, diag);
}
