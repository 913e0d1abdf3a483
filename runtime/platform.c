// platform.c: what a library of the user's supplies (platform/platform.h).
//
// Each function here stands in for one of the runtime's own where the library
// has what it calls; else it is not part of the program. The library's code may
// use floating point and vectors, which the program may be using: they are kept
// around it. Its data is made when the image starts, from a copy among the
// constants; until then it is zero.

#include "platform/platform.h"
#include "rt.h"

#ifndef SYS_FOREIGN
#define SYS_FOREIGN __attribute__((noinline))
struct sys_floats {
    char none;
};
static inline void sys_keep_floats(struct sys_floats *floats) {
    (void)floats;
}
static inline void sys_restore_floats(struct sys_floats *floats) {
    (void)floats;
}
#endif

void mct_library_begin(void) {
    const struct mct_library *from = &mct_library;
    uint64_t bias = (uintptr_t)&mct_config - mct_config.own_va;
    const uint8_t *bytes = (const uint8_t *)&from->words[from->word_count];
    for (uint64_t i = 0; i < from->len; i++)
        mct_library_data[i] = bytes[i];
    for (uint64_t i = 0; i < from->word_count; i++) {
        const struct mct_library_word *word = &from->words[i];
        uint8_t *to = mct_library_data + word->off;
        if (word->len == 8)
            *(uint64_t *)to = word->value + bias;
        else
            *(uint32_t *)to = (uint32_t)(word->value + bias);
    }
}

static SYS_FOREIGN void send(int channel, const void *data, size_t size) {
    struct sys_floats floats;
    sys_keep_floats(&floats);
    platform_send(channel, data, size);
    sys_restore_floats(&floats);
}

bool mct_send_by_platform(int32_t channel, const void *data, uint64_t len) {
    send(channel, data, (size_t)len);
    return true;
}

#ifndef MCT_BARE
// Threads may do this at once, as they may send(). Without an operating system
// see bare/outgoing.c.
void mct_record_by_platform(struct mct_thread *thread, const void *at,
                            uint64_t len) {
    (void)thread;
    send(MCT_CHANNEL_RECORD, at, (size_t)len);
}
#endif

static SYS_FOREIGN void *allocate(size_t size) {
    struct sys_floats floats;
    sys_keep_floats(&floats);
    void *memory = platform_alloc_memory(size);
    sys_restore_floats(&floats);
    return memory;
}

// As pages of the system are: aligned well enough, and zero.
void *mct_map_by_platform(uint64_t len) {
    uint8_t *memory = allocate((size_t)len + 15);
    if (!memory)
        return 0;
    memory += -(uintptr_t)memory & 15;
    mct_zero(memory, len);
    return memory;
}

static SYS_FOREIGN uint64_t ask_time(void) {
    struct sys_floats floats;
    sys_keep_floats(&floats);
    uint64_t time = platform_timestamp();
    sys_restore_floats(&floats);
    return time;
}

uint64_t mct_timestamp_by_platform(uint64_t least) {
    uint64_t now = ask_time();
    return now < least ? least : now;
}
