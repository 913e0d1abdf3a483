// thread.c: what a clause works with, found without asking the system.
//
// A clause that needs more than the region (variables of its thread, memory
// for strings, room for a record) asks for a firing. It belongs to a thread,
// and a thread is known by a register that the system keeps for it: the base
// of its own storage, which differs between the threads of a process. A thread
// whose register is zero (its C library has not begun) is known by its id.
//
//     process   one for all images of a process; a forked child finds it empty
//       cache   base -> thread, direct-mapped (if it does find it empty)
//       only    the one thread, while that is certain
//     thread    variables of self, the chunk that its records go to
//       firings[depth]  variables of this, scratch memory, the clause's fault
//
// All of it is private memory, made when it is asked for, and all of it is
// found from the process. The clauses of one firing share one: the first that
// needs it opens it, the last closes it. A probe in a signal handler that
// interrupts a clause nests. A clause that was left for good by a jump out of
// such a handler is known by its stack: what was opened below the place where
// the stack is now has been left (firing.c).

#include "rt.h"

#define PROT_RW       3
#define MAP_PRIVATE   2
#define MAP_ANONYMOUS 0x20
#define DONT_FORK     10 // MADV_DONTFORK
#define WIPE_ON_FORK  18 // MADV_WIPEONFORK, Linux 4.14
#define NO_ADVICE     (-1)
#define SIG_SETMASK   2

static void *map_pages(uint64_t len) {
    long at = sys_map(0, len, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return (unsigned long)at >= (unsigned long)-4095L ? 0 : (void *)at;
}

REPLACEABLE void *mct_map_private(uint64_t len) {
    void *at = map_pages(len);
    if (at) // a forked child has no use for it
        sys_call3(SYS_madvise, (long)at, (long)len, WIPE_ON_FORK);
    return at;
}

// Whether advice was followed. Who takes it for a hint accepts what is none.
static bool advise(void *at, uint64_t len, long advice) {
    return sys_call3(SYS_madvise, (long)at, (long)len, advice) == 0 &&
           sys_call3(SYS_madvise, (long)at, (long)len, NO_ADVICE) != 0;
}

bool mct_wipe_on_fork(void *at, uint64_t len) {
    return advise(at, len, WIPE_ON_FORK);
}

// --- the process ---

// Where memory is not wiped (before Linux 4.14; in qemu, before 8) a forked
// child finds the blocks of its forebears as they were, and makes one of its
// own. It is known by its id. A child of vfork() has another id than its
// parent too, but goes on in the parent's block, as it does elsewhere: it can
// read the parent's witness, a page that no forked child is given.
//
//     mct_private.process    of the first to need one; of all its images
//       others               of its child, of that one's child, ...
//
static bool has_witness(const struct mct_process *process) {
    uintptr_t said;
    return process->witness &&
           mct_read(&said, (uintptr_t)process->witness, sizeof said) &&
           said == (uintptr_t)process;
}

static uintptr_t *make_witness(const struct mct_process *process) {
    uintptr_t *witness = map_pages(MCT_REGION_ALIGN);
    if (!witness)
        return 0;
    *witness = (uintptr_t)process;
    if (advise(witness, MCT_REGION_ALIGN, DONT_FORK))
        return witness;
    sys_call3(SYS_munmap, (long)witness, MCT_REGION_ALIGN, 0);
    return 0;
}

static struct mct_process *find_own(struct mct_process *first, uint32_t pid) {
    struct mct_process *process = first;
    while (process && process->pid != pid)
        process = process->others;
    if (process)
        return process;
    for (process = first; process && !has_witness(process);)
        process = process->others;
    return process;
}

// Images of one process share what the first of them made. The region's header
// says where it is; a child of another process must not believe it.
struct mct_process *mct_process_known(void) {
    uint32_t pid = (uint32_t)sys_call3(SYS_getpid, 0, 0, 0);
    struct mct_process *process = mct_private.process;
    if (!process && MCT_HEADER->owner == pid)
        process = (struct mct_process *)MCT_HEADER->owner_address;
    return process && process->is_inherited ? find_own(process, pid) : process;
}

// By the system, and not by a platform that has memory: all else that is found
// is found from here.
static struct mct_process *make_process(void) {
    struct mct_process *process = map_pages(sizeof *process);
    if (!process)
        return 0;
    process->is_inherited = !mct_wipe_on_fork(process, sizeof *process);
    if (process->is_inherited)
        process->witness = make_witness(process);
    return process;
}

static void fill_process(struct mct_process *process) {
    process->has_base = sys_has_thread_base();
    process->is_quick = process->has_base && !process->is_inherited;
#ifndef SYS_NO_CPU
    process->has_cpu = sys_has_cpu();
#endif
    process->pid = (uint32_t)sys_call3(SYS_getpid, 0, 0, 0);
}

// In a child that is alone, but for its signal handlers.
static struct mct_process *join_others(struct mct_process *first) {
    uint64_t mask = mct_hold_signals();
    struct mct_process *process = mct_process_known();
    if (!process && (process = make_process())) {
        fill_process(process);
        process->others = first->others;
        first->others = process;
    }
    mct_release_signals(mask);
    return process;
}

struct mct_process *mct_process_get(void) {
    struct mct_process *process = mct_process_known();
    if (!process && mct_private.process)
        return join_others(mct_private.process);
    if (!process)
        process = make_process();
    if (!process)
        return 0;
    mct_private.process = mct_private.process ? mct_private.process : process;
    if (process->pid == 0)
        fill_process(process);
    return process;
}

// --- threads ---

static uintptr_t thread_base(const struct mct_process *process) {
    uintptr_t base = process->has_base ? sys_thread_base() : 0;
    return base != 0 ? base : (uintptr_t)sys_call3(SYS_gettid, 0, 0, 0);
}

// One of a thread that has ended is used again; its variables are zero.
static struct mct_thread *take_free(struct mct_process *process) {
    struct mct_thread *thread =
        __atomic_load_n(&process->threads, __ATOMIC_ACQUIRE);
    for (; thread; thread = thread->next) {
        uint32_t is_free = 1;
        if (__atomic_compare_exchange_n(&thread->is_free, &is_free, 0, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return thread;
    }
    return 0;
}

static struct mct_thread *new_thread(struct mct_process *process) {
    struct mct_thread *thread = take_free(process);
    if (thread)
        return thread;
    thread = mct_map_private(MCT_THREAD_VARS + mct_config.self_len);
    if (!thread)
        return 0;
    struct mct_thread *first =
        __atomic_load_n(&process->threads, __ATOMIC_RELAXED);
    do
        thread->next = first;
    while (!__atomic_compare_exchange_n(&process->threads, &first, thread, true,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    return thread;
}

static struct mct_thread *find_thread(struct mct_process *process,
                                      uintptr_t base) {
    struct mct_thread *thread =
        __atomic_load_n(&process->threads, __ATOMIC_ACQUIRE);
    while (thread && (thread->base != base || thread->is_free))
        thread = thread->next;
    return thread;
}

// A thread may meet itself here, in a signal handler: then there are two of
// it, and the second is used from then on. Its signals are held off instead.
static struct mct_thread *make_thread(struct mct_process *process,
                                      uintptr_t base) {
    uint64_t all = UINT64_MAX, mask;
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask,
              sizeof mask, 0, 0);
    struct mct_thread *thread = find_thread(process, base);
    if (!thread && (thread = new_thread(process))) {
        thread->process = process;
        thread->pid = process->pid;
        thread->tid = (uint32_t)sys_call3(SYS_gettid, 0, 0, 0);
        thread->depth = 0;
        __atomic_store_n(&thread->base, base, __ATOMIC_RELEASE);
    }
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0,
              0);
    return thread;
}

struct mct_thread *mct_thread_get(struct mct_process *process) {
    uintptr_t base = thread_base(process);
    struct mct_thread **cached = &process->cache[mct_thread_slot(base)];
    struct mct_thread *thread = *cached;
    if (thread && thread->base == base && !thread->is_free)
        return thread;
    thread = make_thread(process, base);
    if (thread)
        *cached = thread;
    // As long as what gives company is seen coming, there is one.
    if (thread && !process->is_inherited &&
        mct_config.flags & MCT_CONFIG_FLIP_LOCKS &&
        __atomic_load_n(&MCT_HEADER->shared, __ATOMIC_RELAXED) == 0)
        process->only = thread;
    return thread;
}

void mct_thread_forget(void) {
    struct mct_process *process = mct_process_known();
    if (!process || process->pid == 0)
        return;
    uintptr_t base = thread_base(process);
    struct mct_thread *thread = find_thread(process, base);
    if (!thread)
        return;
    process->cache[mct_thread_slot(base)] = 0;
    thread->base = 0;
    thread->strtok_off = 0;
    mct_zero((uint8_t *)thread + MCT_THREAD_VARS, mct_config.self_len);
    __atomic_store_n(&thread->is_free, 1, __ATOMIC_RELEASE);
}

// A child that is no thread has another id, or finds the block empty.
void mct_thread_begins(uint64_t result) {
    struct mct_process *process = result == 0 ? mct_process_known() : 0;
    if (process && process->pid == (uint32_t)sys_call3(SYS_getpid, 0, 0, 0))
        mct_thread_forget();
}

// But for those by which reading finds out that memory is not there.
uint64_t mct_hold_signals(void) {
    uint64_t mask = 0;
    uintptr_t held[SYS_MASK_WORDS];
    for (unsigned i = 0; i < SYS_MASK_WORDS; i++)
        held[i] = UINTPTR_MAX;
    held[0] &= ~mct_guard_signals();
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)held, (long)&mask,
              sizeof mask, 0, 0);
    return mask;
}

void mct_release_signals(uint64_t mask) {
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0,
              0);
}

struct mct_stack_range mct_handlers_stack(void) {
    enum { SS_DISABLE = 2 };
    struct {
        uintptr_t from;
        int32_t flags;
        uintptr_t len;
    } stack;
    struct mct_stack_range none = {0, 0};
    if (sys_call3(SYS_sigaltstack, 0, (long)&stack, 0) != 0 ||
        stack.flags & SS_DISABLE)
        return none;
    return (struct mct_stack_range){stack.from, stack.len};
}

struct mct_thread *mct_thread_slowly(void) {
    struct mct_process *process = mct_process_get();
    struct mct_thread *thread = process ? mct_thread_get(process) : 0;
    if (!thread)
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_RECORD], 1);
    return thread;
}
