// recording.h: how records are begun and ended; part of rt.h. What happens
// nearly always is inlined.

#ifndef MCT_RECORDING_H
#define MCT_RECORDING_H

#include "rt.h"

// record.c

// An open descriptor of the file, or a negated error number.
HIDDEN long mct_record_open(void);
// Room for a record in the next chunk; NULL: none, counted. The caller has
// counted itself among those that are writing; without room it is none.
COLD uint8_t *mct_record_room(struct mct_thread *thread, uint64_t most);
// Takes back what was begun.
COLD void mct_record_abort(struct mct_firing *firing);
// As mct_record_end(), of one that may be longer than a record can be: then it
// is dropped.
COLD void mct_record_end_long(struct mct_firing *firing, uint32_t enabling,
                              uint64_t time);
COLD void mct_record_text(struct mct_firing *firing, const char *text,
                          uint64_t most);
// drain.c: what the aggregation holds is taken out and recorded.
COLD void mct_drain(struct mct_firing *firing, uint64_t aggregation);
// The first eight bytes of a record, its enabling last of all.
INLINE void mct_record_head(void *at, uint32_t enabling, uint64_t len,
                            uint16_t cpu) {
#if __SIZEOF_POINTER__ == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t head = len / 8 << 32 | (uint64_t)cpu << 48 | enabling;
    __atomic_store_n((uint64_t *)at, head, __ATOMIC_RELEASE);
#else
    struct mct_record *record = at;
    record->len8 = (uint16_t)(len / 8);
    record->cpu = cpu;
    __atomic_store_n(&record->enabling, enabling, __ATOMIC_RELEASE);
#endif
}
// The processor that runs this: a register says so, or the system.
COLD int32_t mct_cpu(void);
INLINE uint16_t mct_cpu_now(const struct mct_thread *thread) {
#ifdef SYS_NO_CPU
    (void)thread;
    return (uint16_t)(mct_cpu() & 0xfff);
#else
    return sys_cpu(thread->process->has_cpu);
#endif
}
// Hands it to a platform that takes messages.
COLD void mct_record_out(struct mct_thread *thread, const void *at,
                         uint64_t len);
// All is there: it counts from now on.
INLINE void mct_record_commit(struct mct_thread *thread, void *at,
                              uint32_t enabling, uint64_t len) {
    mct_record_head(at, enabling, len, mct_cpu_now(thread));
    if (mct_config.flags & MCT_CONFIG_SENDS)
        mct_record_out(thread, at, len);
    thread->writing--;
}
// What is begun has a length from the start, so that readers find what is
// behind it also if a handler jumps out and it is never finished.
INLINE void mct_record_measure(uint8_t *at, uint64_t len) {
    struct mct_record *record = (struct mct_record *)at;
    record->enabling = MCT_ENABLING_NONE;
    record->len8 = (uint16_t)(len > MCT_MOST_RECORD ? UINT16_MAX : len / 8);
    record->cpu = 0;
}
// Takes room for `len` bytes, a multiple of 8; NULL: dropped. A signal handler
// that records may come between any two instructions, so the pointer moves by
// one, unless it was moved meanwhile. What lies behind it is zero.
INLINE uint8_t *mct_record_reserve(struct mct_thread *thread, uint64_t len) {
    uint8_t *at;
    thread->writing++; // from now on the chunk stays where it is
    do {
        at = __atomic_load_n(&thread->record, __ATOMIC_ACQUIRE);
        if ((uint64_t)(thread->record_end - at) < len + 8)
            return mct_record_room(thread, len);
    } while (!sys_exchange(&thread->record, at, at + len));
    mct_record_measure(at, len);
    return at;
}
// Gives back what was not needed, if nobody recorded behind it meanwhile.
INLINE bool mct_record_return(struct mct_thread *thread, uint8_t *end,
                              uint8_t *tail) {
    return sys_exchange(&thread->record, end, tail);
}
// bare/ring.c: the chunk that is used behind this one.
HIDDEN uint8_t *mct_ring_behind(const uint8_t *chunk);
// The file is mapped: records that were written before go there too. They are
// in what the image had for a process (NULL: none) until others shared theirs.
HIDDEN void mct_record_attach(const char *path, long fd,
                              struct mct_process *own);
// A text in a chunk of its own, so that this may happen while another record
// is being written. It counts as older than all others.
HIDDEN void mct_record_apart(struct mct_thread *thread, uint32_t enabling,
                             const char *text, uint32_t len);
// A record of the runtime's own, whole: false if there is no room.
HIDDEN bool mct_record_write(struct mct_firing *firing, uint32_t enabling,
                             const void *data, uint64_t len);

// The clause ends by a fault: told, and ERROR is run. A code of 0: it is in
// the firing. The second is for clauses without one.
COLD void mct_fault(struct mct_firing *firing, uint64_t code, uint64_t value,
                    uint64_t clause, uint64_t probe, uint64_t place);
COLD void mct_fault_alone(uint64_t code, uint64_t value, uint64_t clause,
                          uint64_t probe, uint64_t place);

#endif
