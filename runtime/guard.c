// guard.c: reading and writing memory that may not be there, without asking
// the system.
//
// The routines that touch such memory (sys/<isa>.h) hold a mark in one register
// and where to go on in another. Touching what is not there raises SIGSEGV or
// SIGBUS; our handler knows the mark, whichever image's copy of the routine it
// was, and sends the thread on. Every other signal is the program's business:
// it is handed over as the kernel would have delivered it, by a jump to the
// program's own handler with the same stack; or the default happens.
//
// The program must not notice. Internal probes stand at its system calls:
//
//   rt_sigaction    a handler of those two signals is replaced by a stub of
//                   ours on the way in, and what was there is shown as the
//                   program knows it on the way out. What the kernel holds
//                   tells which: stub `i` stands for row `i` of a table that
//                   is only ever added to. So threads, fork and vfork need no
//                   further thought.
//   rt_sigprocmask, rt_sigsuspend, ppoll ...   may block the two signals, in
//                   which case the kernel would end the program for our fault.
//                   Masks stay what the program wants. It is only remembered
//                   of which threads it is certain that they have both
//                   unblocked; these calls end the certainty, and so does a
//                   handler whose own mask has them (it gets a stub as well).
//                   A thread without it asks the kernel, once.
//
// Where none of this can be relied on the kernel copies for us: a system call
// for each read. That is so for a library that is instrumented alone, before
// start-up is over, while a thread has the signals blocked, once the program
// ignores one of them, and where the registers that tell threads apart cannot
// be read. Where it does not know that call it is asked for each page whether
// it could read it.
//
// Not seen is a handler that unblocks the signals itself and then returns to
// where they were blocked.

#include "rt.h"

#define SIGBUS        7
#define SIGSEGV       11
#define SIGNALS       64
#define FAULTS        ((uintptr_t)1 << (SIGBUS - 1) | (uintptr_t)1 << (SIGSEGV - 1))
#define SIG_BLOCK     0
#define SIG_DFL       0u
#define SIG_IGN       1u
#define SA_SIGINFO    4u
#define SA_ONSTACK    0x08000000u
#define SA_RESETHAND  0x80000000u
#define PROT_RW       3
#define MAP_PRIVATE   2
#define MAP_ANONYMOUS 0x20
#define CERTAIN_LOG2  10
#define EPERM         1
#define EINVAL        22
#define ENOSYS        38

// An action of the program's that a stub stands for.
struct stub {
    uintptr_t handler, flags;
    uint32_t is_filled;
};

// Of one process, and empty again in its children: what threads are certain
// to have both signals unblocked, by the register that tells them apart.
struct certain {
    uint64_t pid;
    uintptr_t bases[(1 << CERTAIN_LOG2) - 1];
};

struct mct_guard {
    uintptr_t code; // of the stubs, in the image that began this
    uint32_t is_off, stub_count;
    struct certain *certain;
    struct stub stubs[SYS_STUBS];
};

SYS_DEFINE_GUARD

static long raw_action(uint64_t signal, const struct sys_action *new,
                       struct sys_action *old) {
    return sys_call6(SYS_rt_sigaction, (long)signal, (long)new, (long)old,
                     sizeof new->mask, 0, 0);
}

// --- threads -----------------------------------------------------------------

static uintptr_t *certain_slot(struct mct_guard *guard, uintptr_t base) {
    // Control blocks are far apart and aligned.
    uint64_t hash =
        ((uint64_t)base >> 6) * 0x9e3779b97f4a7c15u >> (64 - CERTAIN_LOG2);
    return &guard->certain->bases[hash % ((1 << CERTAIN_LOG2) - 1)];
}

static void forget_thread(struct mct_guard *guard) {
    uintptr_t base = sys_thread_base();
    uintptr_t *slot = certain_slot(guard, base);
    if (__atomic_load_n(slot, __ATOMIC_RELAXED) == base)
        __atomic_store_n(slot, 0, __ATOMIC_RELAXED);
}

// A child of vfork has its parent's memory: what it finds out about itself
// must not be believed of its parent. Before the C library has begun there is
// no register to know the thread by, so it is asked each time.
static bool ask_kernel(struct mct_guard *guard, uintptr_t base) {
    uintptr_t mask[SYS_MASK_WORDS] = {0};
    if (sys_call6(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)mask, sizeof mask, 0,
                  0) != 0 ||
        (mask[0] & FAULTS) != 0)
        return false;
    if (base == 0)
        return true;
    uint64_t pid = (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
    if (guard->certain->pid == 0)
        guard->certain->pid = pid;
    if (guard->certain->pid == pid)
        __atomic_store_n(certain_slot(guard, base), base, __ATOMIC_RELAXED);
    return true;
}

// Whether a fault of this thread comes to our handler.
bool mct_may_fault(void) {
    struct mct_guard *guard = mct_private.guard;
    if (!guard || guard->is_off)
        return false;
    uintptr_t base = sys_thread_base();
    uintptr_t known =
        __atomic_load_n(certain_slot(guard, base), __ATOMIC_RELAXED);
    return (known == base && base != 0) || ask_kernel(guard, base);
}

uintptr_t mct_guard_signals(void) {
    return mct_may_fault() ? FAULTS : 0;
}

void mct_guard_mask(uint64_t set) {
    if (mct_private.guard && set != 0)
        forget_thread(mct_private.guard);
}

// pselect6() and io_pgetevents() have the set's address in a pair.
void mct_guard_mask_pair(uint64_t pair) {
    uintptr_t set;
    if (mct_private.guard && pair != 0 && mct_read(&set, pair, sizeof set))
        mct_guard_mask(set);
}

// --- reading and writing -----------------------------------------------------

static bool is_no_range(uint64_t at, uint64_t len) {
    uint64_t last = at + len - 1;
    return last < at || last != (uintptr_t)last;
}

static long copy_by_kernel(long call, const void *own, uint64_t other,
                           uint64_t len) {
    struct sys_piece here = {(uintptr_t)own, (uintptr_t)len};
    struct sys_piece there = {(uintptr_t)other, (uintptr_t)len};
    return sys_call6(call, sys_call3(SYS_getpid, 0, 0, 0), (long)&here, 1,
                     (long)&there, 1, 0);
}

// Whether the kernel can read the eight bytes at an address, found out by a
// question that means nothing: the set of signals is looked at before what is
// to be done with it.
static bool is_readable(uint64_t at) {
    enum { NO_SUCH_WAY = 99 };
    return sys_call6(SYS_rt_sigprocmask, NO_SUCH_WAY, (long)at, 0, 8, 0, 0) ==
           -EINVAL;
}

// Each page of them, by eight bytes that lie in it.
static bool are_readable(uint64_t from, uint64_t len) {
    uint64_t last = from + len - 1;
    for (uint64_t page = from & ~(uint64_t)(MCT_REGION_ALIGN - 1); page <= last;
         page += MCT_REGION_ALIGN)
        if (!is_readable(page))
            return false;
    return true;
}

// Sandboxes and emulators may not know the call that copies.
static bool read_by_kernel(void *to, uint64_t from, uint64_t len) {
    long got = copy_by_kernel(SYS_process_vm_readv, to, from, len);
    if (got != -ENOSYS && got != -EPERM)
        return got == (long)len;
    if (!are_readable(from, len))
        return false;
    mct_copy(to, (const void *)from, len);
    return true;
}

bool mct_read(void *to, uint64_t from, uint64_t len) {
    if (len == 0)
        return true;
    if (is_no_range(from, len))
        return false;
    if (mct_may_fault())
        return sys_guarded_copy(to, (const void *)from, len) == 0;
    return read_by_kernel(to, from, len);
}

bool mct_write(uint64_t to, const void *from, uint64_t len) {
    if (len == 0)
        return true;
    if (is_no_range(to, len))
        return false;
    if (mct_may_fault())
        return sys_guarded_copy((void *)to, from, len) == 0;
    return copy_by_kernel(SYS_process_vm_writev, from, to, len) == (long)len;
}

// In pieces that end with a page, as the text may end before the next.
static int64_t text_by_kernel(char *to, uint64_t from, uint64_t most) {
    uint64_t len = 0;
    while (len < most) {
        uint64_t room = MCT_REGION_ALIGN - (from + len) % MCT_REGION_ALIGN;
        if (room > most - len)
            room = most - len;
        if (!read_by_kernel(to + len, from + len, room))
            return -1;
        for (uint64_t end = len + room; len < end; len++)
            if (to[len] == 0)
                return (int64_t)len;
    }
    return (int64_t)len;
}

int64_t mct_read_text(char *to, uint64_t from, uint64_t most) {
    if (most == 0)
        return 0;
    if (is_no_range(from, 1))
        return -1;
    if (is_no_range(from, most))
        most = (uintptr_t)0 - (uintptr_t)from;
    if (mct_may_fault())
        return sys_guarded_text(to, (const char *)from, most);
    return text_by_kernel(to, from, most);
}

// --- the program's handlers --------------------------------------------------

static uintptr_t stub_address(const struct mct_guard *guard, uint32_t index) {
    return guard->code + index * SYS_STUB_LEN;
}

// The stub that the kernel holds, or NULL.
static const struct stub *stub_of(const struct mct_guard *guard,
                                  uintptr_t handler) {
    uintptr_t off = handler - guard->code;
    if (off >= SYS_STUBS * SYS_STUB_LEN || off % SYS_STUB_LEN != 0)
        return 0;
    return &guard->stubs[off / SYS_STUB_LEN];
}

// A thread that looks meanwhile passes over a row that is not filled yet.
static uintptr_t find_stub(struct mct_guard *guard, uintptr_t handler,
                           uintptr_t flags) {
    for (uint32_t i = 0; i < SYS_STUBS; i++) {
        struct stub *stub = &guard->stubs[i];
        uint32_t count = __atomic_load_n(&guard->stub_count, __ATOMIC_ACQUIRE);
        if (i < count) {
            if (__atomic_load_n(&stub->is_filled, __ATOMIC_ACQUIRE) &&
                stub->handler == handler && stub->flags == flags)
                return stub_address(guard, i);
            continue;
        }
        if (!__atomic_compare_exchange_n(&guard->stub_count, &count, i + 1,
                                         false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_RELAXED))
            continue;
        stub->handler = handler;
        stub->flags = flags;
        __atomic_store_n(&stub->is_filled, 1, __ATOMIC_RELEASE);
        return stub_address(guard, i);
    }
    return 0;
}

static bool is_fault(uint64_t signal) {
    return signal >= 1 && signal <= SIGNALS && (FAULTS >> (signal - 1) & 1);
}

// What the kernel is to hold for what the program wants. False: it cannot be
// had, and reads must do without.
static bool make_action(struct mct_guard *guard, uint64_t signal,
                        struct sys_action *action) {
    if (is_fault(signal) && action->handler == SIG_IGN)
        return false;
    uintptr_t handler = find_stub(guard, action->handler, action->flags);
    if (handler == 0)
        return false;
    if (is_fault(signal)) {
        if (action->handler == SIG_DFL)
            action->flags |= SA_ONSTACK;
#ifdef SYS_SA_RESTORER
        bool returns_rightly = action->flags & SYS_SA_RESTORER;
#ifdef SYS_PLAIN_CONTEXT_OFF
        // What came back from the other kind of frame does not from this.
        returns_rightly &= (action->flags & SA_SIGINFO) != 0;
#endif
        if (!returns_rightly) {
            action->flags |= SYS_SA_RESTORER;
            action->restorer = (uintptr_t)sys_signal_return;
        }
#endif
        action->flags = (action->flags | SA_SIGINFO) & ~SA_RESETHAND;
    }
    action->handler = handler;
    return true;
}

static bool wants_stub(uint64_t signal, const struct sys_action *action) {
    return is_fault(signal) ||
           (action->handler > SIG_IGN && (action->mask[0] & FAULTS) != 0);
}

void mct_guard_action(uint64_t signal, uint64_t new) {
    struct mct_guard *guard = mct_private.guard;
    struct sys_action action;
    if (!guard) {
        mct_private.has_actions = 1;
        return;
    }
    if (guard->is_off || new == 0 || !mct_read(&action, new, sizeof action) ||
        !wants_stub(signal, &action))
        return;
    if (!make_action(guard, signal, &action) ||
        !mct_write(new, &action, sizeof action))
        guard->is_off = 1;
}

static void show(const struct mct_guard *guard, uint64_t at) {
    uintptr_t pair[2];
    if (at == 0 || !mct_read(pair, at, sizeof pair))
        return;
    const struct stub *stub = stub_of(guard, pair[0]);
    if (stub)
        mct_write(at, stub, sizeof pair);
}

void mct_guard_acted(uint64_t new, uint64_t old) {
    struct mct_guard *guard = mct_private.guard;
    if (!guard)
        return;
    show(guard, new);
    show(guard, old);
}

// --- signals -----------------------------------------------------------------

// What the kernel does by default: sent again, with all that was known of it,
// it comes when this one has returned; if it cannot be sent, the instruction
// that did it will do it again.
static void default_action(uint64_t signal, void *info) {
    struct sys_action action = {.handler = SIG_DFL};
    raw_action(signal, &action, 0);
    sys_call6(SYS_rt_tgsigqueueinfo, sys_call3(SYS_getpid, 0, 0, 0),
              sys_call3(SYS_gettid, 0, 0, 0), (long)signal, (long)info, 0, 0);
}

// SA_RESETHAND, which the kernel was not told of.
static void reset_handler(struct mct_guard *guard, uint64_t signal,
                          uintptr_t flags) {
    struct sys_action action;
    if (raw_action(signal, 0, &action) != 0)
        return;
    action.handler = SIG_DFL;
    action.flags = flags;
    if (make_action(guard, signal, &action))
        raw_action(signal, &action, 0);
    else
        guard->is_off = 1;
}

uintptr_t mct_guard_signal(uintptr_t signal, void *info, void *context,
                           uintptr_t index) {
    if (is_fault(signal) && sys_recover(info, context))
        return 0;
    struct mct_guard *guard = mct_private.guard;
    const struct stub *stub = &guard->stubs[index];
    forget_thread(guard);
    if (!is_fault(signal))
        return stub->handler;
    if (stub->handler == SIG_DFL) {
        default_action(signal, info);
        return 0;
    }
    if (stub->flags & SA_RESETHAND)
        reset_handler(guard, signal, stub->flags);
    return stub->handler;
}

// --- the beginning -----------------------------------------------------------

static void *map_private(uint64_t len) {
    long at = sys_map(0, len, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return (unsigned long)at >= (unsigned long)-4095L ? 0 : (void *)at;
}

// Actions from before. False: one of the two signals is ignored, or cannot be
// had.
static bool take_actions(struct mct_guard *guard) {
    for (uint64_t signal = 1; signal <= SIGNALS; signal++) {
        struct sys_action action;
        if (!is_fault(signal) && !mct_private.has_actions)
            continue;
        if (raw_action(signal, 0, &action) != 0 || !wants_stub(signal, &action))
            continue;
        if (!make_action(guard, signal, &action) ||
            raw_action(signal, &action, 0) != 0)
            return false;
    }
    return true;
}

// Neither block is given back on failure: another thread may have seen it.
static struct mct_guard *make_guard(void) {
    struct mct_guard *guard = map_private(sizeof *guard);
    struct certain *certain = mct_map_private(sizeof *certain);
    if (!guard || !certain)
        return 0;
    guard->certain = certain;
    guard->code = (uintptr_t)sys_stubs;
    return guard;
}

// The images of a process share one: the first to attach makes it and leaves
// its address in the region, which only that process believes.
void mct_guard_begin(void) {
    uint64_t pid = (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
    if (MCT_HEADER->guard_owner == pid) {
        mct_private.guard = (struct mct_guard *)MCT_HEADER->guard_address;
        return;
    }
    struct mct_guard *guard = sys_has_thread_base() ? make_guard() : 0;
    if (!guard)
        return;
    mct_private.guard = guard;
    if (!take_actions(guard))
        guard->is_off = 1;
    MCT_HEADER->guard_address = (uint64_t)guard;
    MCT_HEADER->guard_owner = pid;
}
