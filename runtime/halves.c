// halves.c: words of 64 bits on machines that change only 32 at once: what has
// no form by halves (words.h).
//
// One lock in the region's header is for all of them, those outside of the
// region too. It holds the thread that has it. No signal comes while it is
// held, so a handler never meets its own thread; others wait for a moment. Of
// a thread that is no more, or was stopped for a second, it is taken.

#include "rt.h"

#ifdef MCT_WORDS_BY_HALVES

#ifdef MCT_BARE

// One processor: whoever holds off interrupts is alone.
struct held {
    uintptr_t before;
};

static void hold(struct held *held) {
    held->before = bare_hold();
}

static void release(struct held *held) {
    bare_release(held->before);
}

#else

#define SIG_SETMASK 2
#define ESRCH       3
#define SPINS       256u
#define NAP         100000u // nanoseconds
#define MOST_NAPS   10000u

struct held {
    uintptr_t mask[SYS_MASK_WORDS];
};

// Takes the lock from `holder`, 0 for nobody; who it is then.
static bool take_from(uint32_t *holder, uint32_t own) {
    return __atomic_compare_exchange_n(&MCT_HEADER->word_lock, holder, own,
                                       false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static void hold(struct held *held) {
    uint64_t all = UINT64_MAX;
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)held->mask,
              sizeof held->mask, 0, 0);
    uint32_t own = (uint32_t)sys_call3(SYS_gettid, 0, 0, 0), holder = 0;
    for (uint32_t naps = 0;; naps++) {
        for (uint32_t i = 0; i < SPINS; i++) {
            holder = 0;
            if (take_from(&holder, own))
                return;
            sys_pause();
        }
        bool is_gone = sys_call3(SYS_kill, holder, 0, 0) == -ESRCH;
        if ((is_gone || naps >= MOST_NAPS) && take_from(&holder, own))
            return;
        sys_wait_at(&MCT_HEADER->word_lock, holder, NAP);
    }
}

static void release(struct held *held) {
    __atomic_store_n(&MCT_HEADER->word_lock, 0, __ATOMIC_RELEASE);
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)held->mask, 0,
              sizeof held->mask, 0, 0);
}

#endif

// So that who looks meanwhile finds no more than there was or will be.
static void store(uint64_t *at, uint64_t value) {
    uint32_t high = (uint32_t)(value >> 32);
    if (__atomic_load_n(mct_high_half(at), __ATOMIC_RELAXED) != high) {
        __atomic_store_n(mct_low_half(at), 0, __ATOMIC_RELEASE);
        __atomic_store_n(mct_high_half(at), high, __ATOMIC_RELEASE);
    }
    __atomic_store_n(mct_low_half(at), (uint32_t)value, __ATOMIC_RELEASE);
}

bool mct_word_swap(uint64_t *at, uint64_t *seen, uint64_t next) {
    struct held held;
    hold(&held);
    uint64_t found = mct_word_glance(at);
    bool is_same = found == *seen;
    if (is_same)
        store(at, next);
    release(&held);
    *seen = found;
    return is_same;
}

uint64_t mct_word_take(uint64_t *at, uint64_t by) {
    struct held held;
    hold(&held);
    uint64_t found = mct_word_glance(at);
    store(at, found + by);
    release(&held);
    return found;
}

#endif
