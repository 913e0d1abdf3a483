// sharing.c: probes of functions are for one process, where somebody watches;
// also while a child runs in its memory.
//
// A forked child has a page of zeroes where the process has the word that says
// so. vfork()'s child, and posix_spawn()'s, has the very same memory, and runs
// the same code until it becomes another program. Meanwhile the thread that
// made it waits, and the others go on. So a firing belongs to the child if its
// thread's register is that of a thread that waits. Nobody looks at that unless
// there is such a child: the word, which every firing looks at, has another
// value then. Where a child's page would not be zeroes the word says so, and
// every firing asks whether the process has the id that it had.
//
//     thread   vfork() ....... waits ....... goes on
//     child             work() execve()                  not watched
//     others   work() ...... work() ....... work()       watched
//
// A child of that kind that its parent does not wait for, one with a register
// of its own, and one beyond the eighth at a time pass for threads.

#include "rt.h"

#define CLONE_VM    0x100u
#define CLONE_VFORK 0x4000u
#define IS_WATCHED  1u
#define ONE_CHILD   2u

// One that the watcher started, and not what such a one starts in turn.
void mct_watch_mark(void) {
    if (!(mct_config.flags & MCT_CONFIG_JOIN) ||
        (uint64_t)sys_call3(SYS_getppid, 0, 0, 0) != mct_config.watcher)
        return;
    bool is_wiped = mct_wipe_on_fork(MCT_WATCHED, MCT_REGION_ALIGN);
    MCT_WATCHED->state = is_wiped ? IS_WATCHED : IS_WATCHED | MCT_WATCHED_ASKS;
}

// Images come one after the other, and those of a watched program for good.
void mct_watch_join(void) {
    struct mct_process *process = mct_private.process;
    if (!(mct_config.flags & MCT_CONFIG_JOIN) || !process ||
        MCT_WATCHED->state == 0)
        return;
    MCT_WATCHED->next = process->images;
    process->images = MCT_WATCHED;
}

// The process itself, not a child that has its memory.
uint32_t mct_is_watched_asked(void) {
    const struct mct_process *process = mct_private.process;
    return MCT_WATCHED->state != 0 && process &&
           process->pid == (uint32_t)sys_call3(SYS_getpid, 0, 0, 0);
}

// NULL: it is not, or its threads cannot be told apart.
static struct mct_process *watched_process(void) {
    return mct_is_watched_asked() && mct_private.process->has_base
               ? mct_private.process
               : 0;
}

static void tell_images(struct mct_process *process, uint32_t change) {
    struct mct_watched *image = process->images;
    for (; image; image = image->next)
        __atomic_fetch_add(&image->state, change, __ATOMIC_SEQ_CST);
}

void mct_sharing_begins(uint64_t flags) {
    struct mct_process *process = watched_process();
    if (!process || (~flags & (CLONE_VM | CLONE_VFORK)) != 0)
        return;
    uintptr_t key = MCT_SHARING_KEY(sys_thread_base());
    for (unsigned i = 0; i < MCT_MOST_SHARING; i++) {
        uintptr_t nobody = 0;
        if (!__atomic_compare_exchange_n(&process->sharing[i], &nobody, key,
                                         false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_RELAXED))
            continue;
        tell_images(process, ONE_CHILD);
        return;
    }
}

void mct_sharing_begins_at(uint64_t args) {
    uint64_t flags;
    if (watched_process() && mct_read(&flags, args, sizeof flags))
        mct_sharing_begins(flags);
}

// In the parent, or there is no child.
void mct_sharing_ends(uint64_t result) {
    struct mct_process *process = result != 0 ? watched_process() : 0;
    if (!process)
        return;
    uintptr_t key = MCT_SHARING_KEY(sys_thread_base());
    for (unsigned i = 0; i < MCT_MOST_SHARING; i++) {
        if (__atomic_load_n(&process->sharing[i], __ATOMIC_RELAXED) != key)
            continue;
        tell_images(process, (uint32_t)0 - ONE_CHILD);
        __atomic_store_n(&process->sharing[i], 0, __ATOMIC_SEQ_CST);
        return;
    }
}
