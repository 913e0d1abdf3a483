// inline.c: the part of the runtime that becomes part of stencils.
//
// The only file that mctrace carries as bitcode: its functions are inlined
// into a script's code, where the parameters are constants. All others are
// compiled when mctrace is built, and the table below is how generated code
// knows their types; nothing else refers to it.

#include "rt.h"

// Distributions over many powers are too long to stand at every site.
#define mct_update_llquantize(at, value, increment, p0, p1, p2, p3)            \
    mct_cell_add(&(at)[mct_llquantize_index(value, p0, p1, p2, p3)], increment)

#define AGG(name, id, least, most, cells)                                      \
    STENCIL void mct_agg_##name(uint64_t *at, int64_t value,                   \
                                uint64_t increment, int64_t p0, int64_t p1,    \
                                int64_t p2, int64_t p3);                       \
    void mct_agg_##name(uint64_t *at, int64_t value, uint64_t increment,       \
                        int64_t p0, int64_t p1, int64_t p2, int64_t p3) {      \
        mct_update_##name(at, value, increment, p0, p1, p2, p3);               \
    }
#include "mctrace/aggs.def"
#undef AGG

STENCIL uint64_t mct_timestamp(void);
uint64_t mct_timestamp(void) {
    return mct_now();
}

// One processor, and no interrupt comes between: without an operating system a
// variable that counts is as exact as an aggregation.
INLINE void add_within_word(uint8_t *at, uint32_t by, uint32_t bits) {
    uint32_t *word = (uint32_t *)((uintptr_t)at & ~(uintptr_t)3);
    uint32_t off = 8 * ((uintptr_t)at & 3);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    off = 32 - bits - off;
#endif
    uint32_t mask = (((uint32_t)1 << bits) - 1) << off;
    uint32_t before = __atomic_load_n(word, __ATOMIC_RELAXED), after;
    do
        after = (before & ~mask) | ((before + (by << off)) & mask);
    while (!__atomic_compare_exchange_n(word, &before, after, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

STENCIL void mct_add(uint8_t *at, uint64_t by, uint32_t size);
void mct_add(uint8_t *at, uint64_t by, uint32_t size) {
    if (size == 8)
        mct_word_add((uint64_t *)at, by);
    else if (size == 4)
        __atomic_fetch_add((uint32_t *)at, (uint32_t)by, __ATOMIC_RELAXED);
    else
        add_within_word(at, (uint32_t)by, 8 * size);
}

// thread.c says what this is about. What is here is what happens nearly always:
// the thread is known, and no firing of it is open but, for a clause behind
// the first, its own.
INLINE struct mct_thread *known_thread(void) {
    struct mct_process *process = mct_private.process;
    if (!process)
        return 0;
    struct mct_thread *thread = process->only;
    if (thread || !process->is_quick)
        return thread;
    uintptr_t base = sys_thread_base();
    thread = process->cache[mct_thread_slot(base)];
    return thread && thread->base == base ? thread : 0;
}

#ifndef MCT_BARE
// Whether probes of functions fire: sharing.c says for whom. Before a process
// is attached it is not known.
STENCIL uint32_t mct_is_watched(void);
uint32_t mct_is_watched(void) {
    uint32_t state = __atomic_load_n(&MCT_WATCHED->state, __ATOMIC_RELAXED);
    if (__builtin_expect(state == 1, 1))
        return 1;
    if (state == 0)
        return MCT_HEADER->state == MCT_STATE_EARLY;
    if (state & MCT_WATCHED_ASKS)
        return mct_is_watched_asked();
    const struct mct_process *process = mct_private.process;
    uintptr_t key = MCT_SHARING_KEY(sys_thread_base());
    uint32_t is_child = 0;
#pragma clang loop unroll(disable)
    for (unsigned i = 0; i < MCT_MOST_SHARING; i++)
        is_child |= process->sharing[i] == key;
    return !is_child;
}
#endif

STENCIL struct mct_firing *mct_enter(uint32_t opens);
struct mct_firing *mct_enter(uint32_t opens) {
    struct mct_thread *thread = known_thread();
    uint64_t stack = sys_stack();
    if (!thread || thread->depth != !opens || !thread->firings[0])
        return mct_enter_slowly(opens, stack);
    struct mct_firing *firing = thread->firings[0];
    thread->depth = 1;
    firing->stack = stack;
    firing->fault = 0;
    firing->scratch_top = firing->scratch;
    firing->alloca_top = mct_alloca_start(firing);
    return firing;
}

STENCIL void mct_leave(struct mct_firing *firing);
void mct_leave(struct mct_firing *firing) {
    firing->thread->depth--;
}

// A record of integers needs no firing: its length is known, and whoever
// interrupts finds the room taken.
STENCIL struct mct_thread *mct_thread_now(void);
struct mct_thread *mct_thread_now(void) {
    struct mct_thread *thread = known_thread();
    return thread ? thread : mct_thread_slowly();
}

STENCIL uint8_t *mct_record_take(struct mct_thread *thread, uint64_t len);
uint8_t *mct_record_take(struct mct_thread *thread, uint64_t len) {
    return mct_record_reserve(thread, len);
}

STENCIL void mct_record_put(struct mct_thread *thread, uint8_t *at,
                            uint32_t enabling, uint64_t time, uint64_t len);
void mct_record_put(struct mct_thread *thread, uint8_t *at, uint32_t enabling,
                    uint64_t time, uint64_t len) {
    ((struct mct_record *)at)->time = time;
    mct_record_commit(thread, at, enabling, len);
}

// The same for one of at most `most` bytes, of which `fixed` stand at fixed
// places.
STENCIL uint8_t *mct_record_begin(struct mct_firing *firing, uint64_t most,
                                  uint64_t fixed);
uint8_t *mct_record_begin(struct mct_firing *firing, uint64_t most,
                          uint64_t fixed) {
    uint8_t *at = mct_record_reserve(firing->thread, most);
    if (!at)
        return 0;
    firing->record = at;
    firing->record_end = at + most;
    firing->tail = at + fixed;
    return at;
}

// What a signal handler recorded meanwhile lies behind the room that was set
// aside, so that stays as it is; else what was not needed is given back.
STENCIL void mct_record_end(struct mct_firing *firing, uint32_t enabling,
                            uint64_t time);
void mct_record_end(struct mct_firing *firing, uint32_t enabling,
                    uint64_t time) {
    struct mct_thread *thread = firing->thread;
    uint8_t *at = firing->record, *end = firing->record_end;
    if (mct_record_return(thread, end, firing->tail))
        end = firing->tail;
    mct_record_put(thread, at, enabling, time, (uint64_t)(end - at));
}

// Elements under keys of a few integers are nearly always where they are first
// looked for; then there is no call. The loops have constant bounds.
STENCIL uint64_t *mct_agg_find_quickly(struct mct_table *table,
                                       const uint64_t *key, uint32_t used,
                                       uint64_t geometry);
uint64_t *mct_agg_find_quickly(struct mct_table *table, const uint64_t *key,
                               uint32_t used, uint64_t geometry) {
    uint64_t mask = MCT_TABLE_INDEXED(geometry & 0xff) - 1;
    uint64_t hash = mct_hash_short(key, used);
    const uint32_t *index = (const uint32_t *)(table + 1);
    uint32_t number =
        __atomic_load_n(&index[hash >> 32 & mask], __ATOMIC_ACQUIRE);
    if (number == 0)
        return mct_agg_find(table, key, used, geometry);
    uint64_t *entries =
        (uint64_t *)((uint8_t *)table + MCT_TABLE_ENTRIES_OFF(geometry & 0xff));
    uint64_t *entry =
        entries + (uint64_t)(number - 1) * mct_entry_words(geometry);
    if (entry[0] == MCT_ENTRY_STATE(hash, used) &&
        mct_short_equal(entry + 1 + (geometry >> 32 & 0xffff), key, used))
        return entry + 1;
    return mct_agg_find(table, key, used, geometry);
}

STENCIL uint8_t *mct_dynvar_find_quickly(const uint64_t *key, uint64_t used,
                                         uint64_t geometry);
uint8_t *mct_dynvar_find_quickly(const uint64_t *key, uint64_t used,
                                 uint64_t geometry) {
    uint64_t *entry = mct_dynvar_first(key, used, geometry);
    return entry ? (uint8_t *)entry : mct_dynvar_find(key, used, geometry);
}

STENCIL uint8_t *mct_dynvar_make_quickly(const uint64_t *key, uint64_t used,
                                         uint64_t geometry);
uint8_t *mct_dynvar_make_quickly(const uint64_t *key, uint64_t used,
                                 uint64_t geometry) {
    uint64_t *entry = mct_dynvar_first(key, used, geometry);
    return entry ? (uint8_t *)entry : mct_dynvar_make(key, used, geometry);
}

extern const void *const mct_functions[];
const void *const mct_functions[] = {
#define CALL(name) (const void *)mct_##name,
#define ARGS(name)
#define UREGS(name)
#define PROGRAM(name)
#define SITE(name)
#define ARG(name)
#define CALLER(name)
#define RETURNED(name)
#define ERRNO(name)
#define STACK(name) CALL(name)
#define ZERO(name)
#define LATER(name)
#define ACTION(name)                 CALL(name)
#define DESTRUCTIVE(name)            CALL(name)
#define VARIABLE(name, type, source) source(name)
#define REFUSED(name, reason)
#define REFUSED_FUNCTION(name, result, prototype, reason)
#define FUNCTION(name, result, prototype, kind) kind(name)
#include "mctrace/builtins.def"
    (const void *)mct_add,
    (const void *)mct_agg_find,
    (const void *)mct_agg_find_quickly,
    (const void *)mct_agg_find_text,
    (const void *)mct_dynvar_find_quickly,
    (const void *)mct_dynvar_make_quickly,
    (const void *)mct_string_copy,
    (const void *)mct_string_compare,
#ifndef MCT_BARE
    (const void *)mct_is_watched,
    (const void *)mct_sharing_begins,
    (const void *)mct_sharing_begins_at,
    (const void *)mct_sharing_ends,
    (const void *)mct_ahead_take,
    (const void *)mct_ahead_of_user,
    (const void *)mct_ahead_of_limit,
    (const void *)mct_ahead_of_prctl,
    (const void *)mct_ahead_of_unshare,
#endif
    (const void *)mct_finish,
    (const void *)mct_thread_exit,
    (const void *)mct_arm,
    (const void *)mct_guard_action,
    (const void *)mct_guard_acted,
    (const void *)mct_guard_mask,
    (const void *)mct_guard_mask_pair,
    (const void *)mct_record_stack,
    (const void *)mct_key_stack,
    (const void *)mct_symbol,
    (const void *)mct_enter,
    (const void *)mct_leave,
    (const void *)mct_zero,
    (const void *)mct_fault,
    (const void *)mct_thread_now,
    (const void *)mct_thread_begins,
    (const void *)mct_record_take,
    (const void *)mct_record_put,
    (const void *)mct_record_begin,
    (const void *)mct_record_end,
    (const void *)mct_record_end_long,
    (const void *)mct_record_abort,
    (const void *)mct_record_text,
    (const void *)mct_record_block,
    (const void *)mct_fault_alone,
    (const void *)mct_load,
    (const void *)mct_store,
    (const void *)mct_copy_block,
    (const void *)mct_text_at,
    (const void *)mct_room,
    (const void *)mct_key_text,
    (const void *)mct_dynvar_find,
    (const void *)mct_dynvar_make,
    (const void *)mct_dynvar_free,
    (const void *)mct_string_assign,
    (const void *)mct_store_text,
    (const void *)mct_is_zero,
    (const void *)mct_drain,
    (const void *)mct_speculate,
    (const void *)mct_speculation_end,
    (const void *)mct_exit,
};
