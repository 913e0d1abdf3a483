// file.c: whole files, in and out.
//
// Reading maps the file privately, so that a rewriter may change bytes in
// place and only the pages it touches are copied. What cannot be mapped (a
// pipe) is read into anonymous memory of the same shape.
//
// Writing goes to a temporary name in the target's folder, which is renamed
// when everything is on it: the target is either whole or as it was, and a
// program that runs from the old file keeps it. A symbolic link is followed,
// so that the link stays and its file is replaced. Something that is no
// regular file, or stands in /dev, is written to as it is.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

static bool fail(struct diag *diag, const char *path, const char *what,
                 int error) {
    diag_error_at(diag, U_FILE, path, "%s: %s", what, strerror(error));
    return false;
}

// Reads a pipe or the like to its end. The length is not known beforehand, so
// the memory grows by remapping; it is cut to what file_close will unmap.
static bool read_stream(int fd, struct file *file) {
    size_t room = 1 << 16, n = 0;
    uint8_t *p = mmap(NULL, room, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (p != MAP_FAILED) {
        ssize_t got = read(fd, p + n, room - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int error = errno;
            munmap(p, room);
            errno = error;
            return false;
        }
        if (got == 0)
            break;
        n += (size_t)got;
        if (n == room) {
            p = mremap(p, room, room * 2, MREMAP_MAYMOVE);
            room *= 2;
        }
    }
    if (p == MAP_FAILED)
        return false;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t used = (n + page - 1) / page * page;
    if (used < room)
        munmap(p + used, room - used);
    file->data = (struct slice){n ? p : NULL, n};
    return true;
}

static bool map_regular(int fd, size_t len, struct file *file) {
    if (len == 0)
        return true;
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return false;
    file->data = (struct slice){p, len};
    return true;
}

bool file_open(struct file *file, const char *path, struct diag *diag) {
    *file = (struct file){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(diag, path, "cannot open", errno);
    struct stat st;
    bool ok = fstat(fd, &st) == 0;
    if (ok && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        ok = false;
    } else if (ok) {
        file->mode = st.st_mode & 07777;
        ok = S_ISREG(st.st_mode) ? map_regular(fd, (size_t)st.st_size, file)
                                 : read_stream(fd, file);
    }
    int error = errno;
    close(fd);
    return ok || fail(diag, path, "cannot read", error);
}

// Under the address sanitizer what is closed stays taken, so that whoever still
// looks at it is found out.
static void unmap(struct slice data) {
    void *at = (void *)data.p;
#if __has_feature(address_sanitizer)
    mmap(at, data.n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
#else
    munmap(at, data.n);
#endif
}

void file_close(struct file *file) {
    if (file->data.n)
        unmap(file->data);
    *file = (struct file){0};
}

static bool write_all(int fd, const uint8_t *p, size_t len) {
    while (len > 0) {
        ssize_t done = write(fd, p, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        len -= (size_t)done;
    }
    return true;
}

static bool write_zeros(int fd, uint64_t len) {
    static const uint8_t zeros[4096];
    while (len > 0) {
        size_t step = len < sizeof zeros ? (size_t)len : sizeof zeros;
        if (!write_all(fd, zeros, step))
            return false;
        len -= step;
    }
    return true;
}

// To something that cannot seek: gaps are written out.
static bool write_stream(int fd, const struct file_part *parts, size_t count) {
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (!write_zeros(fd, parts[i].off - at) ||
            !write_all(fd, parts[i].data.p, parts[i].data.n))
            return false;
        at = parts[i].off + parts[i].data.n;
    }
    return true;
}

// To an empty regular file: gaps stay holes.
static bool write_parts(int fd, const struct file_part *parts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct file_part *part = &parts[i];
        if (lseek(fd, (off_t)part->off, SEEK_SET) < 0 ||
            !write_all(fd, part->data.p, part->data.n))
            return false;
    }
    if (count == 0)
        return true;
    const struct file_part *last = &parts[count - 1];
    return ftruncate(fd, (off_t)(last->off + last->data.n)) == 0;
}

static bool write_direct(const char *path, const struct file_part *parts,
                         size_t count, struct diag *diag) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(diag, path, "cannot write", errno);
    bool ok = write_stream(fd, parts, count);
    int error = errno;
    if (close(fd) < 0 && ok) {
        ok = false;
        error = errno;
    }
    return ok || fail(diag, path, "cannot write", error);
}

// Writes `parts` under a temporary name beside `target` and renames it;
// false with errno set, and nothing left behind.
static bool replace(const char *target, const struct file_part *parts,
                    size_t count, uint32_t mode) {
    char temporary[PATH_MAX + 16];
    snprintf(temporary, sizeof temporary, "%s.XXXXXX", target);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = write_parts(fd, parts, count) && fchmod(fd, mode & 07777) == 0;
    int error = errno;
    if (close(fd) < 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(temporary, target) < 0) {
        ok = false;
        error = errno;
    }
    if (!ok)
        unlink(temporary);
    errno = error;
    return ok;
}

// What `path` names: a file that can be replaced, by its real path, or
// something that is written to directly.
static bool resolve(const char *path, char target[PATH_MAX], bool *is_direct,
                    struct diag *diag) {
    struct stat st;
    *is_direct = false;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return fail(diag, path, "cannot write", EISDIR);
        *is_direct = !S_ISREG(st.st_mode) || strncmp(path, "/dev/", 5) == 0;
        return *is_direct || realpath(path, target) ||
               fail(diag, path, "cannot write", errno);
    }
    if (errno != ENOENT)
        return fail(diag, path, "cannot write", errno);
    size_t len = strlen(path);
    if (len >= PATH_MAX)
        return fail(diag, path, "cannot write", ENAMETOOLONG);
    memcpy(target, path, len + 1);
    return true;
}

bool file_write(const char *path, const struct file_part *parts, size_t count,
                uint32_t mode, struct diag *diag) {
    char target[PATH_MAX];
    bool is_direct;
    if (!resolve(path, target, &is_direct, diag))
        return false;
    if (is_direct)
        return write_direct(path, parts, count, diag);
    return replace(target, parts, count, mode) ||
           fail(diag, path, "cannot write", errno);
}

// The mask can only be read by setting it.
static uint32_t usual_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~(uint32_t)mask;
}

bool file_write_text(const char *path, struct slice text, struct diag *diag) {
    struct file_part part = {text, 0};
    return file_write(path, &part, 1, usual_mode(), diag);
}

// --- drafts ---

bool draft_open(struct draft *draft, const char *path, struct diag *diag) {
    bool is_direct;
    *draft = (struct draft){.path = path};
    if (!resolve(path, draft->target, &is_direct, diag))
        return false;
    int fd;
    if (is_direct) {
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    } else {
        snprintf(draft->temporary, sizeof draft->temporary, "%s.XXXXXX",
                 draft->target);
        fd = mkostemp(draft->temporary, O_CLOEXEC);
    }
    draft->out = fd < 0 ? NULL : fdopen(fd, "w");
    return draft->out || fail(diag, path, "cannot write", errno);
}

bool draft_close(struct draft *draft, enum draft_end end, struct diag *diag) {
    bool is_whole = fflush(draft->out) == 0 && !ferror(draft->out);
    bool ok = is_whole && end == DRAFT_KEEP;
    if (ok && draft->temporary[0])
        ok = fchmod(fileno(draft->out), usual_mode()) == 0;
    int error = errno;
    if (fclose(draft->out) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && draft->temporary[0] &&
        rename(draft->temporary, draft->target) < 0) {
        ok = false;
        error = errno;
    }
    if (!ok && draft->temporary[0])
        unlink(draft->temporary);
    return ok || end == DRAFT_DROP ||
           fail(diag, draft->path, "cannot write", error);
}
