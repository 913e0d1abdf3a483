// bare/outgoing.c: messages to the platform, one at a time.
//
// Of a line that takes a byte after the other no two messages may be sent at
// once, and an interrupt handler may come with its own at any moment. It leaves
// that behind, and whoever is sending goes on with it: records in the order in
// which they were begun, off the ring that holds them (bare/ring.c), of send()
// the channels. Interrupts are held off only while it is decided what is next.
//
//     ring      | sent | sent | at: being sent | done | begun | done |
//                               waits for: us    us     who began it
//
// A chunk of which something is being sent is not begun anew.

#include "rt.h"

// Without a platform that takes them they are lost, and counted.
REPLACEABLE bool mct_send_out(int32_t channel, const void *data, uint64_t len) {
    (void)channel;
    (void)data;
    (void)len;
    return false;
}

// The next record that is finished; NULL: none, or who is at it sends it.
static const struct mct_record *next_record(const struct mct_thread *thread) {
    struct mct_outgoing *out = &mct_private.outgoing;
    while (thread->chunk) {
        if (!out->chunk) {
            out->chunk = mct_region + mct_config.region_len;
            out->at = out->chunk + sizeof(struct mct_chunk);
        }
        bool is_last = out->chunk == thread->chunk;
        uint8_t *end = is_last
                           ? thread->record
                           : out->chunk + ((struct mct_chunk *)out->chunk)->len;
        const struct mct_record *record = (const struct mct_record *)out->at;
        uint64_t left = (uint64_t)(end - out->at);
        bool is_any = left >= sizeof *record && record->len8 != 0;
        if (!is_any && is_last)
            return 0;
        if (!is_any) {
            out->chunk = mct_ring_behind(out->chunk);
            out->at = out->chunk + sizeof(struct mct_chunk);
        } else if (record->enabling == MCT_ENABLING_NONE) {
            return 0;
        } else if (record->enabling == MCT_ENABLING_UNUSED) {
            out->at += 8 * (uint64_t)record->len8;
        } else {
            return record;
        }
    }
    return 0;
}

// Sends what there is, unless somebody is at it whom this has interrupted.
// `held`: interrupts as they were.
static void send_all(const struct mct_thread *thread, uintptr_t held) {
    struct mct_outgoing *out = &mct_private.outgoing;
    if (out->is_busy)
        return;
    out->is_busy = 1;
    for (;;) {
        const struct mct_record *record = thread ? next_record(thread) : 0;
        uint64_t len =
            record ? 8 * (uint64_t)record->len8 : mct_config.vars_len;
        int32_t channel = record ? MCT_CHANNEL_RECORD : out->waiting[0];
        const void *data =
            record ? (const void *)record : mct_region + mct_config.vars_off;
        if (!record && out->count == 0)
            break;
        bare_release(held);
        bool is_sent = mct_send_out(channel, data, len);
        bare_hold();
        if (record) {
            out->at += len;
            continue;
        }
        if (!is_sent)
            mct_cell_add(&MCT_HEADER->lost, 1);
        out->count--;
        for (uint32_t i = 0; i < out->count; i++)
            out->waiting[i] = out->waiting[i + 1];
    }
    out->is_busy = 0;
}

// The variables go as they are when the message's turn comes. The channel of
// records is none of the script's.
void mct_send(int32_t channel) {
    struct mct_outgoing *out = &mct_private.outgoing;
    struct mct_process *process = mct_private.process;
    uintptr_t held = bare_hold();
    bool has_room = out->count < sizeof out->waiting / sizeof *out->waiting &&
                    channel != MCT_CHANNEL_RECORD;
    if (has_room) {
        out->waiting[out->count++] = channel;
        send_all(process ? process->only : 0, held);
    }
    bare_release(held);
    if (!has_room)
        mct_cell_add(&MCT_HEADER->lost, 1);
}

void mct_record_by_platform(struct mct_thread *thread, const void *at,
                            uint64_t len) {
    (void)at;
    (void)len;
    uintptr_t held = bare_hold();
    // It is finished: those who come meanwhile may leave the chunk.
    thread->writing--;
    send_all(thread, held);
    thread->writing++;
    bare_release(held);
}
