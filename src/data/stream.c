// stream.c: what a platform was given to send, message by message.
//
//     channel, length     32 bits each, in the byte order of the target
//     of send()           the script's global variables as they lie in the
//                         region
//     MCT_CHANNEL_RECORD  a record, as chunks have them
//
// A stream may begin in the middle of a message, and a serial line may lose or
// add bytes: a message is one only if its length is right, and a record must
// say the same of itself. Else a byte is skipped and counted.

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
    size_t most = stream->vars_len > MCT_MOST_RECORD ? (size_t)stream->vars_len
                                                     : MCT_MOST_RECORD;
    stream->buffer_len = STEP + HEAD + most;
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

// The length of the message that begins where the stream is, as far as that
// can be told; 0: none does. False: more has to be there.
static bool message_len(const struct stream *stream, size_t *len) {
    enum byte_order order = stream->mapping->order;
    const uint8_t *p = stream->buffer + stream->at;
    size_t left = stream->end - stream->at;
    if (left < HEAD)
        return false;
    uint64_t said = load_uint(p + 4, 4, order);
    *len = 0;
    if ((int32_t)load_uint(p, 4, order) != MCT_CHANNEL_RECORD) {
        if (said == stream->vars_len)
            *len = HEAD + (size_t)said;
        return true;
    }
    if (left < HEAD + sizeof(struct mct_record))
        return false;
    struct record record;
    struct slice bytes = {p + HEAD, (size_t)said};
    if (said <= MCT_MOST_RECORD &&
        record_parse(stream->mapping, bytes, &record))
        *len = HEAD + (size_t)said;
    return true;
}

static void take(struct stream *stream, size_t len, struct message *message) {
    const struct mapping *mapping = stream->mapping;
    const uint8_t *p = stream->buffer + stream->at;
    struct slice bytes = {p + HEAD, len - HEAD};
    *message =
        (struct message){.channel = (int32_t)load_uint(p, 4, mapping->order)};
    message->is_record = message->channel == MCT_CHANNEL_RECORD;
    uint8_t *region = (uint8_t *)(uintptr_t)stream->telemetry.region.p;
    // One program is at the other end: whose records they are makes no
    // difference.
    if (message->is_record && record_parse(mapping, bytes, &message->record))
        message->record.pid = message->record.tid = 1;
    else
        memcpy(region + vars_off(), bytes.p, bytes.n);
    stream->at += len;
}

bool stream_next(struct stream *stream, struct message *message) {
    for (;;) {
        size_t len = 0;
        bool is_told = message_len(stream, &len);
        bool is_whole = is_told && len <= stream->end - stream->at;
        if (is_whole && len > 0) {
            take(stream, len, message);
            return true;
        }
        if (!is_whole && fill(stream))
            continue;
        if (stream->at == stream->end)
            return false;
        stream->at++;
        stream->skipped++;
    }
}
