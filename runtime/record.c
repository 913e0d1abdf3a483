// record.c: what records are made of, once there is room for them: chunks.c
// finds that in a file, bare/ring.c in memory.

#include "rt.h"

// Where there is no platform that takes messages this is never called.
REPLACEABLE void mct_record_out(struct mct_thread *thread, const void *at,
                                uint64_t len) {
    (void)thread;
    (void)at;
    (void)len;
}

// --- parts of records ---

// Readers pass over the room, 16 bytes or more; from the end, so that whoever
// reads meanwhile finds all or nothing.
static void leave_unused(uint8_t *at, uint8_t *end) {
    uint64_t step = MCT_MOST_RECORD - sizeof(struct mct_record);
    uint64_t left = (uint64_t)(end - at), from = left / step * step;
    if (from > 0 && left - from < sizeof(struct mct_record))
        from -= step; // a piece of `step` and 8 bytes
    for (;; from -= step) {
        struct mct_record *unused = (struct mct_record *)(at + from);
        unused->time = 0;
        mct_record_head(unused, MCT_ENABLING_UNUSED, left - from, 0);
        left = from;
        if (from == 0)
            return;
    }
}

void mct_record_abort(struct mct_firing *firing) {
    struct mct_thread *thread = firing->thread;
    uint8_t *at = firing->record;
    for (uint64_t *word = (uint64_t *)at; word < (uint64_t *)firing->tail;)
        *word++ = 0;
    // What a signal handler recorded meanwhile stays behind it.
    if (!mct_record_return(thread, firing->record_end, at))
        leave_unused(at, firing->record_end);
    thread->writing--;
}

void mct_record_end_long(struct mct_firing *firing, uint32_t enabling,
                         uint64_t time) {
    struct mct_thread *thread = firing->thread;
    uint8_t *at = firing->record, *tail = firing->tail;
    if ((uint64_t)(tail - at) + 8 > MCT_MOST_RECORD) {
        mct_record_abort(firing);
        thread->lost++;
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
        return;
    }
    if (!mct_record_return(thread, firing->record_end, tail)) {
        if (firing->record_end - tail == 8) // too little to be one of its own
            tail += 8;
        else
            leave_unused(tail, firing->record_end);
    }
    ((struct mct_record *)at)->time = time;
    mct_record_commit(thread, at, enabling, (uint64_t)(tail - at));
}

// A variable field: at a multiple of 8, which `tail` always is.
void mct_record_text(struct mct_firing *firing, const char *text,
                     uint64_t most) {
    uint8_t *at = firing->tail;
    if (!text) {
        ((uint32_t *)at)[0] = MCT_NO_TEXT;
        ((uint32_t *)at)[1] = 0;
        firing->tail = at + 8;
        return;
    }
    uint64_t n = 0;
    uint8_t *to = at + 4;
    for (; n < most && text[n]; n++)
        to[n] = (uint8_t)text[n];
    *(uint32_t *)at = (uint32_t)n;
    uint64_t end = (4 + n + 7) / 8 * 8;
    for (uint64_t i = 4 + n; i < end; i++)
        at[i] = 0;
    firing->tail = at + end;
}

bool mct_record_write(struct mct_firing *firing, uint32_t enabling,
                      const void *data, uint64_t len) {
    struct mct_thread *thread = firing->thread;
    uint64_t most = (sizeof(struct mct_record) + len + 7) / 8 * 8;
    uint8_t *at = mct_record_reserve(thread, most);
    if (!at)
        return false;
    struct mct_record *record = (struct mct_record *)at;
    record->time = mct_now();
    const uint8_t *from = data;
    for (uint64_t i = 0; i < len; i++)
        at[sizeof *record + i] = from[i];
    mct_record_commit(thread, at, enabling, most);
    return true;
}
