// words.h: words of 64 bits that several change at the same time.
//
// Cells of aggregations, states of entries and the totals of the header have
// 64 bits on every machine. Where the machine changes so many at once, the
// operations here are its own. Where it changes only 32, a word is two halves:
//
//     add      the low half first; whoever makes it wrap carries into the
//              high half. Every carry is added by who caused it, so sums are
//              exact once all who add have done, whatever came between.
//     publish  the high half, then the low one, in which the bits that say
//              "it is there" must lie (MCT_ENTRY_STATE). What is taken away
//              may for a moment have the high half of nothing: a hash that
//              its key does not have.
//     load     the high half is looked at again behind the low one. Between
//              the two steps of an addition a value is 2^32 too low.
//     swap     compare-and-swap, which has no such form: by a lock, under
//              which no signal comes (halves.c). For what is done rarely.
//
// What only one of these operations is used for must not be changed by
// another: a word that is swapped is not added to.

#ifndef MCTRACE_WORDS_H
#define MCTRACE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

// Becomes part of a stencil, where the parameters are constants.
#ifndef MCT_IN_WORDS
#define MCT_INLINE static inline __attribute__((always_inline, unused))
#else
#define MCT_INLINE INLINE // see runtime/rt.h
#endif

#if __GCC_ATOMIC_LLONG_LOCK_FREE != 2
#define MCT_WORDS_BY_HALVES
#endif

// Halves are looked at as what they are not declared to be.
typedef uint32_t __attribute__((may_alias)) mct_half;

MCT_INLINE mct_half *mct_low_half(const uint64_t *at) {
    return (mct_half *)(uintptr_t)at +
           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 1 : 0);
}

MCT_INLINE mct_half *mct_high_half(const uint64_t *at) {
    return (mct_half *)(uintptr_t)at +
           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 0 : 1);
}

MCT_INLINE void mct_half_add(mct_half *at, uint32_t by) {
    if (by != 0)
        __atomic_fetch_add(at, by, __ATOMIC_RELAXED);
}

// Whether adding to the low half made it wrap.
MCT_INLINE bool mct_low_add(uint64_t *at, uint32_t by) {
    uint32_t sum = __atomic_add_fetch(mct_low_half(at), by, __ATOMIC_RELAXED);
    return sum < by;
}

MCT_INLINE void mct_word_add_by_halves(uint64_t *at, uint64_t by) {
    bool carry = mct_low_add(at, (uint32_t)by);
    mct_half_add(mct_high_half(at), (uint32_t)(by >> 32) + carry);
}

#ifndef MCT_WORDS_BY_HALVES

MCT_INLINE uint64_t mct_word_load(const uint64_t *at) {
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

MCT_INLINE uint64_t mct_word_seen(const uint64_t *at) {
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

MCT_INLINE uint64_t mct_word_glance(const uint64_t *at) {
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

MCT_INLINE void mct_word_publish(uint64_t *at, uint64_t value) {
    __atomic_store_n(at, value, __ATOMIC_RELEASE);
}

MCT_INLINE void mct_word_put(uint64_t *at, uint64_t value) {
    __atomic_store_n(at, value, __ATOMIC_RELAXED);
}

MCT_INLINE uint64_t mct_word_drain(uint64_t *at) {
    return __atomic_exchange_n(at, 0, __ATOMIC_RELAXED);
}

MCT_INLINE bool mct_word_swap(uint64_t *at, uint64_t *seen, uint64_t next) {
    return __atomic_compare_exchange_n(at, seen, next, true, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}

MCT_INLINE uint64_t mct_word_take(uint64_t *at, uint64_t by) {
    return __atomic_fetch_add(at, by, __ATOMIC_RELAXED);
}

#ifndef MCT_WORD_ADD
#define MCT_WORD_ADD(at, by) __atomic_fetch_add(at, by, __ATOMIC_RELAXED)
#endif

#else

// The word as one thing; the high half never goes back while it is loaded.
MCT_INLINE uint64_t mct_word_load(const uint64_t *at) {
    uint32_t high = __atomic_load_n(mct_high_half(at), __ATOMIC_ACQUIRE);
    for (;;) {
        uint32_t low = __atomic_load_n(mct_low_half(at), __ATOMIC_ACQUIRE);
        uint32_t again = __atomic_load_n(mct_high_half(at), __ATOMIC_ACQUIRE);
        if (again == high)
            return (uint64_t)high << 32 | low;
        high = again;
    }
}

// The same where nothing else is read by what it says.
MCT_INLINE uint64_t mct_word_seen(const uint64_t *at) {
    return mct_word_load(at);
}

// One of which it is found out otherwise whether both halves belong together.
MCT_INLINE uint64_t mct_word_glance(const uint64_t *at) {
    uint32_t high = __atomic_load_n(mct_high_half(at), __ATOMIC_RELAXED);
    uint32_t low = __atomic_load_n(mct_low_half(at), __ATOMIC_RELAXED);
    return (uint64_t)high << 32 | low;
}

MCT_INLINE void mct_word_publish(uint64_t *at, uint64_t value) {
    __atomic_store_n(mct_high_half(at), (uint32_t)(value >> 32),
                     __ATOMIC_RELAXED);
    __atomic_store_n(mct_low_half(at), (uint32_t)value, __ATOMIC_RELEASE);
}

// The same where nothing else is to be there before it.
MCT_INLINE void mct_word_put(uint64_t *at, uint64_t value) {
    mct_word_publish(at, value);
}

// What is taken and what is left come to what was there; a carry that is on
// its way stays for the next time.
MCT_INLINE uint64_t mct_word_drain(uint64_t *at) {
    uint32_t low = __atomic_exchange_n(mct_low_half(at), 0, __ATOMIC_RELAXED);
    uint32_t high = __atomic_exchange_n(mct_high_half(at), 0, __ATOMIC_RELAXED);
    return (uint64_t)high << 32 | low;
}

// halves.c
__attribute__((visibility("hidden"))) bool
mct_word_swap(uint64_t *at, uint64_t *seen, uint64_t next);
__attribute__((visibility("hidden"))) uint64_t mct_word_take(uint64_t *at,
                                                             uint64_t by);

#ifndef MCT_WORD_ADD
#define MCT_WORD_ADD(at, by) mct_word_add_by_halves(at, by)
#endif

#endif

// Adds. A machine chooses another form where the plain one is not the shortest
// (runtime/sys/<isa>.h).
MCT_INLINE void mct_word_add(uint64_t *at, uint64_t by) {
    MCT_WORD_ADD(at, by);
}

// Becomes 1, and was 0 or 1.
MCT_INLINE void mct_word_mark(uint64_t *at) {
#ifdef MCT_WORDS_BY_HALVES
    __atomic_store_n(mct_low_half(at), 1, __ATOMIC_RELAXED);
#else
    __atomic_store_n(at, 1, __ATOMIC_RELAXED);
#endif
}

// Adds a number of 128 bits to two words, the low one first.
MCT_INLINE void mct_words_add(uint64_t *words, uint64_t low, uint64_t high) {
#ifdef MCT_WORDS_BY_HALVES
    // Four halves; who makes one wrap carries into the next.
    bool carry = mct_low_add(&words[0], (uint32_t)low);
    uint64_t next = (low >> 32) + carry;
    uint32_t part = (uint32_t)next;
    uint32_t sum =
        __atomic_add_fetch(mct_high_half(&words[0]), part, __ATOMIC_RELAXED);
    high += (next >> 32) + (sum < part);
#else
    uint64_t before = __atomic_fetch_add(&words[0], low, __ATOMIC_RELAXED);
    high += before + low < before;
#endif
    if (high != 0)
        mct_word_add(&words[1], high);
}

#endif
