// memory.c: the region in a dump of a machine's memory.
//
// A program without an operating system records to no file, but its memory has
// the same layout: the region, then its chunks of records. It is found by its
// magic and identity, and must lie where it says: its header holds its own
// address. So a dump of another place, or another address for it, is told.

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/data.h"
#include "mctrace/region.h"

enum { STEP = 8 }; // regions are aligned at least so

static bool refuse(const char *path, enum tag tag, const char *what,
                   struct diag *diag) {
    diag_error_at(diag, tag, path, "%s", what);
    return false;
}

static uint64_t header_field(struct slice region, const struct mapping *mapping,
                             size_t off) {
    return load_uint(region.p + off, 8, mapping->order);
}

// What lies behind it in the dump belongs to the result; none: p is NULL.
static struct slice find_region(struct slice dump, uint64_t va,
                                const struct mapping *mapping) {
    for (size_t at = (size_t)(-va % STEP);
         at + sizeof(struct mct_region) <= dump.n; at += STEP) {
        struct slice rest = {dump.p + at, dump.n - at};
        if (region_is_here(rest) &&
            memcmp(rest.p + offsetof(struct mct_region, identity),
                   mapping->identity, sizeof mapping->identity) == 0)
            return rest;
    }
    return (struct slice){0};
}

// A file of what holds records, for records_open_fd(); -1: it cannot be had.
static int make_file(struct slice bytes) {
    int fd = memfd_create("mctrace", MFD_CLOEXEC);
    size_t done = 0;
    while (fd >= 0 && done < bytes.n) {
        ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    return fd;
}

static bool open_dump(struct arena *arena, const char *path, struct slice dump,
                      uint64_t va, const struct mapping *mapping,
                      struct telemetry *telemetry, int *fd, struct diag *diag) {
    struct slice found = find_region(dump, va, mapping);
    if (!found.p)
        return refuse(path, T_IDENTITY,
                      "the dump holds no telemetry of the program as "
                      "instrumented with this mapping",
                      diag);
    uint64_t at_va = va + (uint64_t)(found.p - dump.p);
    uint64_t own_va = header_field(found, mapping,
                                   offsetof(struct mct_region, owner_address));
    bool stays = found.p[offsetof(struct mct_region, sink)] == MCT_SINK_MEMORY;
    if (stays && own_va != at_va) {
        uint64_t begin_va = va + (own_va - at_va);
        diag_error_at(diag, T_IDENTITY, path,
                      "the telemetry belongs at 0x%llx, and by the address "
                      "given it lies at 0x%llx",
                      (unsigned long long)own_va, (unsigned long long)at_va);
        diag_help(diag, "the dump should begin at 0x%llx",
                  (unsigned long long)begin_va);
        return false;
    }
    uint64_t len =
        header_field(found, mapping, offsetof(struct mct_region, file_len));
    if (len < mapping->region_len)
        len = mapping->region_len;
    if (len < found.n)
        found.n = (size_t)len;
    // What is checked stays when the dump is closed.
    found.p = arena_grow(arena, found.p, found.n, found.n);
    if (!telemetry_check(arena, found, path, mapping, telemetry, diag))
        return false;
    *fd = make_file(found);
    return *fd >= 0 || refuse(path, U_FILE, strerror(errno), diag);
}

bool telemetry_open_memory(struct arena *arena, const char *path, uint64_t va,
                           const struct mapping *mapping,
                           struct telemetry *telemetry, int *fd,
                           struct diag *diag) {
    struct file file;
    *telemetry = (struct telemetry){.mapping = mapping, .arena = arena};
    if (!file_open(&file, path, diag))
        return false;
    bool ok =
        open_dump(arena, path, file.data, va, mapping, telemetry, fd, diag);
    file_close(&file);
    return ok;
}
