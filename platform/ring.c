// ring.c: messages in memory, the newest of them, for a debugger to read.
//
// `mctrace_ring` is found by its first word. `next` counts all bytes ever
// written; those that are still there lie at `next` modulo its length,
// backwards. ring.py reads it out in order, and `mctrace extract --stream=FILE`
// shows it: what is left of a message that was overwritten is passed by.

#include "platform.h"

#ifndef RING_LEN
#define RING_LEN 4096u
#endif

struct ring {
    uint32_t magic, len;
    volatile uint32_t next;
    uint8_t bytes[RING_LEN];
};
struct ring mctrace_ring = {0x474e4952u, RING_LEN, 0, {0}}; // "RING"

static void put(const void *data, size_t size) {
    const uint8_t *bytes = data;
    uint32_t at = mctrace_ring.next;
    for (size_t i = 0; i < size; i++)
        mctrace_ring.bytes[(at + i) % RING_LEN] = bytes[i];
    mctrace_ring.next = at + (uint32_t)size;
}

void platform_send(int channel, const void *data, size_t size) {
    const uint32_t head[2] = {(uint32_t)channel, (uint32_t)size};
    put(head, sizeof head);
    put(data, size);
}
