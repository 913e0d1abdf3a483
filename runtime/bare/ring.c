// bare/ring.c: room for records in memory.
//
// Behind the region lie four chunks (records.h), used in turn: the newest
// records are there, or with bufpolicy=fill the first ones. What an interrupt
// records while a chunk is being left goes to the next one: the pointers move
// while interrupts are held off. It may go on to further ones while a clause
// below it is writing a record, but not around to that: the chunk that was
// begun last while nobody else was writing is where that may lie.

#include "rt.h"

#define PARTS 4

static uint64_t part_len(void) {
    return mct_config.ring_len / PARTS / MCT_BARE_CHUNK * MCT_BARE_CHUNK;
}

uint8_t *mct_ring_behind(const uint8_t *chunk) {
    uint8_t *ring = mct_region + mct_config.region_len;
    uint64_t len = part_len(), next = (uint64_t)(chunk - ring) + len;
    return ring + (next + len > mct_config.ring_len ? 0 : next);
}

static void begin_chunk(struct mct_thread *thread, uint8_t *memory,
                        uint64_t len) {
    struct mct_chunk *chunk = (struct mct_chunk *)memory;
    chunk->magic = 0;
    for (uint64_t i = 8; i < len; i += 8)
        *(uint64_t *)(memory + i) = 0;
    chunk->len = (uint32_t)len;
    chunk->pid = thread->pid;
    chunk->tid = thread->tid;
    chunk->lost = thread->lost;
    chunk->serial = thread->process->serial++;
    chunk->magic = MCT_CHUNK_MAGIC;
    thread->lost = 0;
    thread->chunk = memory;
    thread->record = memory + sizeof *chunk;
    thread->record_end = memory + len;
}

static bool next_chunk(struct mct_thread *thread, uint64_t least) {
    uint8_t *ring = mct_region + mct_config.region_len;
    struct mct_outgoing *out = &mct_private.outgoing;
    uint64_t len = part_len();
    uint8_t *next = thread->chunk ? mct_ring_behind(thread->chunk) : ring;
    bool is_again = thread->chunk && next == ring;
    bool is_alone = thread->writing == 1;
    if (least > len || (!is_alone && next == mct_private.oldest) ||
        (is_again && mct_config.flags & MCT_CONFIG_FILL))
        return false;
    // What is being sent stays. What was left for somebody who has not come
    // back to it is not sent any more.
    if (out->chunk == next && out->is_busy)
        return false;
    if (out->chunk == next) {
        out->chunk = mct_ring_behind(next);
        out->at = out->chunk + sizeof(struct mct_chunk);
    }
    if (is_alone || !mct_private.oldest)
        mct_private.oldest = next;
    begin_chunk(thread, next, len);
    return true;
}

uint8_t *mct_record_room(struct mct_thread *thread, uint64_t most) {
    uint64_t least = sizeof(struct mct_chunk) + most + 8;
    uintptr_t held = bare_hold();
    bool has_room = (uint64_t)(thread->record_end - thread->record) >= most + 8;
    uint8_t *at = has_room || next_chunk(thread, least) ? thread->record : 0;
    if (at) {
        thread->record = at + most;
        mct_record_measure(at, most);
    } else {
        thread->writing--;
        thread->lost++;
    }
    bare_release(held);
    if (!at && !(mct_config.flags & MCT_CONFIG_FILL))
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
    return at;
}
