// stream.c: what send() wrote, message by message.
//
//     channel, length     32 bits each, in the byte order of the target
//     the script's global variables as they lie in the region
//
// A stream may begin in the middle of a message, and a serial line may lose or
// add bytes: a message is one only if its length is right. Else a byte is
// skipped and counted.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "data/data.h"
#include "mctrace/region.h"

enum { HEAD = 8, VARS_ALIGN = 64, STEP = 64 << 10 };

// Where the variables of every script begin, see layout.c.
static uint64_t vars_off(void) {
    return (sizeof(struct mct_region) + VARS_ALIGN - 1) / VARS_ALIGN *
           VARS_ALIGN;
}

static uint64_t vars_len(const struct mapping *mapping) {
    uint64_t len = 0;
    for (size_t i = 0; i < mapping->variable_count; i++) {
        const struct mapping_variable *variable = &mapping->variables[i];
        uint64_t end = variable->off + variable->size - vars_off();
        len = end > len ? end : len;
    }
    return len;
}

bool stream_open(struct stream *stream, struct arena *arena, const char *path,
                 const struct mapping *mapping, struct diag *diag) {
    *stream = (struct stream){.mapping = mapping, .path = path, .diag = diag};
    stream->vars_len = vars_len(mapping);
    stream->buffer_len = STEP + HEAD + (size_t)stream->vars_len;
    stream->buffer = arena_alloc(arena, stream->buffer_len);
    uint8_t *region = arena_alloc(arena, (size_t)mapping->region_len);
    stream->telemetry =
        (struct telemetry){.mapping = mapping,
                           .arena = arena,
                           .region = {region, (size_t)mapping->region_len}};
    bool is_stdin = strcmp(path, "-") == 0;
    stream->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (stream->fd >= 0)
        return true;
    diag_error_at(diag, U_FILE, path, "cannot read: %s", strerror(errno));
    return false;
}

void stream_close(struct stream *stream) {
    if (stream->fd != STDIN_FILENO)
        close(stream->fd);
}

// More of what comes; false: that was all, or it cannot be read.
static bool fill(struct stream *stream) {
    size_t left = stream->end - stream->at;
    memmove(stream->buffer, stream->buffer + stream->at, left);
    stream->at = 0;
    stream->end = left;
    ssize_t got;
    do
        got =
            read(stream->fd, stream->buffer + left, stream->buffer_len - left);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        diag_error_at(stream->diag, U_FILE, stream->path, "cannot read: %s",
                      strerror(errno));
    stream->has_failed |= got < 0;
    stream->end += got > 0 ? (size_t)got : 0;
    return got > 0;
}

bool stream_next(struct stream *stream, uint32_t *channel) {
    const struct mapping *mapping = stream->mapping;
    size_t len = HEAD + (size_t)stream->vars_len;
    for (;;) {
        while (stream->end - stream->at < len)
            if (!fill(stream)) {
                stream->skipped += stream->end - stream->at;
                stream->at = stream->end;
                return false;
            }
        const uint8_t *p = stream->buffer + stream->at;
        if (load_uint(p + 4, 4, mapping->order) == stream->vars_len) {
            *channel = (uint32_t)load_uint(p, 4, mapping->order);
            uint8_t *region = (uint8_t *)(uintptr_t)stream->telemetry.region.p;
            memcpy(region + vars_off(), p + HEAD, stream->vars_len);
            stream->at += len;
            return true;
        }
        stream->at++;
        stream->skipped++;
    }
}
