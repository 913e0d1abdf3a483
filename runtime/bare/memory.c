// bare/memory.c: what systems give, where there is none: memory, one thread,
// the time, and the program's memory as it is.
//
// Memory comes from what was set aside behind the runtime's own, or from a
// platform that has some. There is one thread, which interrupts interrupt.

#include "rt.h"

REPLACEABLE void *mct_map_private(uint64_t len) {
    uint8_t *end = (uint8_t *)&mct_private + mct_config.private_len;
    uint8_t *at = mct_private.pool;
    if (len > (uint64_t)(end - at))
        return 0;
    mct_private.pool = at + (len + 15) / 16 * 16;
    return at;
}

// --- one thread ---

struct mct_process *mct_process_get(void) {
    struct mct_process *process = mct_private.process;
    if (process)
        return process;
    // At once: a platform is asked again, and must not lose half each time.
    uint64_t len = (sizeof *process + 15) / 16 * 16;
    process = mct_map_private(len + MCT_THREAD_VARS + mct_config.self_len);
    if (!process)
        return 0;
    struct mct_thread *thread = (struct mct_thread *)((uint8_t *)process + len);
    process->pid = 1;
    process->threads = process->only = thread;
    thread->process = process;
    thread->pid = thread->tid = 1;
    mct_private.process = process;
    return process;
}

struct mct_stack_range mct_handlers_stack(void) {
    return (struct mct_stack_range){0, 0};
}

struct mct_thread *mct_thread_slowly(void) {
    struct mct_process *process = mct_process_get();
    if (!process)
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
    return process ? process->only : 0;
}

int32_t mct_cpu(void) {
    return 0;
}

// --- the time ---

// A platform has a clock, or a machine a counter; else it is at least an order.
REPLACEABLE uint64_t mct_timestamp_asked(uint64_t least) {
    (void)least;
#ifdef BARE_HAS_CYCLES
    return bare_cycles();
#else
    return ++mct_private.asked;
#endif
}

uint64_t mct_clock(int which) {
    (void)which;
    return mct_timestamp_asked(0);
}

// --- the program's memory ---

// What is not there is the machine's business, as for the program itself.
bool mct_may_fault(void) {
    return false;
}

bool mct_read(void *to, uint64_t from, uint64_t len) {
    mct_copy(to, (const void *)(uintptr_t)from, len);
    return true;
}

bool mct_write(uint64_t to, const void *from, uint64_t len) {
    mct_copy((void *)(uintptr_t)to, from, len);
    return true;
}

int64_t mct_read_text(char *to, uint64_t from, uint64_t most) {
    const char *text = (const char *)(uintptr_t)from;
    uint64_t len = 0;
    for (; len < most && text[len]; len++)
        to[len] = text[len];
    return (int64_t)len;
}
