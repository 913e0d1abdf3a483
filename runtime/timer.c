// timer.c: probes that fire as time passes.
//
// tick-n fires on one thread, which is nobody's: in a traced program one that
// is made for it at the start, with all signals blocked and a block of its own
// in place of a control block, so that nothing of the program's is used; under
// a tracer its host, and the program is left alone.
//
// profile-n fires on every thread that runs at that moment. The thread that
// looks after the timers asks the system which do, and sends those a signal
// that programs do not use; its handler is told where they are. A thread that
// waits in the system is not disturbed.
//
// What is overdue fires once: after a stop of the process it does not catch up.

#include "rt.h"

#define SIGNAL           62 // of the real-time signals; C libraries have the first
#define SA_SIGINFO       4u
#define SA_ONSTACK       0x08000000u
#define SA_RESTART       0x10000000u
#define SIG_SETMASK      2
#define STACK_LEN        ((uint64_t)256 << 10)
#define FUTEX_WAKE       129 // private
#define O_RDONLY_CLOEXEC 02000000
#define AT_FDCWD         (-100)
#define FOREVER          UINT64_MAX
#define ENOSYS           38
#define MOMENT           50000 // nanoseconds
#define MOST_MOMENTS     20000

// `context`: what the thread was doing; NULL: it is nobody's.
static void fire(const struct mct_timer *timer, uint64_t where, void *context) {
    struct mct_process *process = mct_process_get();
    struct mct_thread *thread = process ? mct_thread_get(process) : 0;
    if (!thread || __atomic_load_n(&MCT_HEADER->state, __ATOMIC_RELAXED) >=
                       MCT_STATE_ENDING)
        return;
    thread->told_args[1] = where;
    thread->interrupted = context;
    ((void (*)(void))((uintptr_t)&mct_timers + (uintptr_t)timer->code))();
    thread->interrupted = 0;
}

// --- profiles ---

// A thread may have begun to wait after it was seen running: then the signal
// has ended a system call that the program did not mean to be ended. Those that
// the kernel can resume in the midst it does (restart_syscall(2)), as long as
// the handler has not returned; others are made again. What SA_RESTART covers
// never shows. In an emulator that cannot resume them they stay interrupted,
// which is what the program looks out for.
static void resume_call(void *context) {
    long number = sys_interrupted_call(context, mct_read);
    if (number < 0)
        return;
    if (!sys_is_resumed(number)) {
        sys_call_again(context, number);
        return;
    }
    long result = sys_call3(SYS_restart_syscall, 0, 0, 0);
    if (result != -ENOSYS)
        sys_call_returned(context, result);
}

HIDDEN void mct_timer_handle(int signal, void *info, void *context);
void mct_timer_handle(int signal, void *info, void *context) {
    (void)signal, (void)info;
    struct mct_process *process = mct_private.process;
    if (process && process->profile < mct_timers.count)
        fire(&mct_timers.items[process->profile], sys_interrupted_at(context),
             context);
    resume_call(context);
}

// Where a real-time signal of the program's own would be needed for it, no
// profile is taken.
static bool listen(void) {
    uintptr_t handler = (uintptr_t)mct_timer_handle;
    uintptr_t restorer = (uintptr_t)sys_signal_return;
    // Or the compiler makes a constant of the structure, and addresses in
    // constants are nothing that code in any place may have.
    __asm__("" : "+r"(handler), "+r"(restorer));
    struct sys_action action = {.handler = handler,
                                .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
#ifdef SYS_SA_RESTORER
    action.flags |= SYS_SA_RESTORER;
    action.restorer = restorer;
#endif
    return sys_call6(SYS_rt_sigaction, SIGNAL, (long)&action, 0,
                     sizeof action.mask, 0, 0) == 0;
}

static bool starts_with(const char *text, const char *with) {
    for (; *with; text++, with++)
        if (*text != *with)
            return false;
    return true;
}

static uint32_t number_of(const char *digits) {
    uint32_t number = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++)
        number = number * 10 + (uint32_t)(*digits - '0');
    return *digits ? 0 : number;
}

// Its state is the third field of proc(5)'s stat line, behind the last bracket.
static bool runs(long folder, const char *name) {
    char path[40], line[512];
    unsigned len = 0;
    for (; name[len] && len < 20; len++)
        path[len] = name[len];
    static const char rest[] = "/stat";
    for (unsigned i = 0; i < sizeof rest; i++)
        path[len + i] = rest[i];
    long fd =
        sys_call6(SYS_openat, folder, (long)path, O_RDONLY_CLOEXEC, 0, 0, 0);
    if (fd < 0)
        return false;
    long got = sys_call3(SYS_read, fd, (long)line, sizeof line - 1);
    sys_call3(SYS_close, fd, 0, 0);
    long at = got > 0 ? got : 0;
    line[at] = 0;
    while (at > 0 && line[at - 1] != ')')
        at--;
    return at > 0 && starts_with(line + at, " R");
}

// The kernel's struct linux_dirent64: names from byte 19 on.
static void sample_listed(const struct mct_process *process, long folder,
                          const uint8_t *entries, long len) {
    for (long at = 0; at + 19 < len;) {
        const char *name = (const char *)entries + at + 19;
        uint32_t tid = number_of(name);
        if (tid != 0 && tid != process->timer_tid && runs(folder, name))
            sys_call3(SYS_tgkill, process->pid, tid, SIGNAL);
        at += *(const uint16_t *)(entries + at + 16);
    }
}

static void sample(uint32_t timer) {
    struct mct_process *process = mct_private.process;
    long folder = sys_call6(SYS_openat, AT_FDCWD, (long)"/proc/self/task",
                            O_RDONLY_CLOEXEC | SYS_O_DIRECTORY, 0, 0, 0);
    if (folder < 0)
        return;
    __atomic_store_n(&process->profile, timer, __ATOMIC_RELEASE);
    _Alignas(8) uint8_t entries[2048];
    long len;
    while ((len = sys_call3(SYS_getdents64, folder, (long)entries,
                            sizeof entries)) > 0)
        sample_listed(process, folder, entries, len);
    sys_call3(SYS_close, folder, 0, 0);
}

// --- what is due ---

bool mct_due_begin(struct mct_due *due) {
    due->times = 0;
    if (mct_timers.count == 0)
        return true;
    due->times = mct_map_private(mct_timers.count * sizeof(uint64_t));
    uint64_t now = mct_clock(MCT_CLOCK_MONOTONIC);
    for (uint64_t i = 0; due->times && i < mct_timers.count; i++)
        due->times[i] = now + mct_timers.items[i].period;
    return due->times != 0;
}

uint64_t mct_due_fire(struct mct_due *due) {
    uint64_t now = mct_clock(MCT_CLOCK_MONOTONIC), next = FOREVER;
    for (uint64_t i = 0; due->times && i < mct_timers.count; i++) {
        const struct mct_timer *timer = &mct_timers.items[i];
        if (due->times[i] <= now) {
            if (timer->is_profile && due->samples)
                sample((uint32_t)i);
            else
                fire(timer, (uint64_t)__builtin_return_address(0), 0);
            due->times[i] += timer->period;
            if (due->times[i] <= now)
                due->times[i] = now + timer->period;
        }
        if (due->times[i] < next)
            next = due->times[i];
    }
    now = mct_clock(MCT_CLOCK_MONOTONIC);
    return next == FOREVER ? FOREVER : next > now ? next - now : 0;
}

// --- the thread ---

HIDDEN void mct_timer_run(void);
void mct_timer_run(void) {
    struct mct_process *process = mct_private.process;
    struct mct_due due = {.samples = true};
    bool begun = mct_due_begin(&due);
    while (begun && __atomic_load_n(&process->stopped, __ATOMIC_ACQUIRE) == 0 &&
           __atomic_load_n(&MCT_HEADER->state, __ATOMIC_RELAXED) <
               MCT_STATE_ENDING) {
        uint64_t wait = mct_due_fire(&due);
        if (wait != 0)
            sys_wait_at(&process->stopped, 0, wait);
    }
    __atomic_store_n(&process->stopped, MCT_TIMERS_ENDED, __ATOMIC_RELEASE);
}

// Waits for its end: a process has the exit status of the thread that exits
// last (of the first one, before Linux 5.17), and that is to be the program's.
void mct_timers_stop(void) {
    struct mct_process *process = mct_process_known();
    uint32_t runs = 0;
    if (!process || process->timer_tid == 0 ||
        !__atomic_compare_exchange_n(&process->stopped, &runs, 1, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    sys_call3(SYS_futex, (long)&process->stopped, FUTEX_WAKE, 1);
    for (int i = 0; i < MOST_MOMENTS; i++) {
        if (sys_call3(SYS_tgkill, process->pid, process->timer_tid, 0) != 0)
            return;
        sys_wait_at(&process->stopped,
                    __atomic_load_n(&process->stopped, __ATOMIC_RELAXED),
                    MOMENT);
    }
}

static bool takes_profiles(void) {
    for (uint64_t i = 0; i < mct_timers.count; i++)
        if (mct_timers.items[i].is_profile)
            return true;
    return false;
}

// The thread is company, so whatever counts must be locked from now on. Its
// block stands for a control block: nobody of the program looks into it.
void mct_timers_start(void) {
    struct mct_process *process = mct_timers.count > 0 ? mct_process_get() : 0;
    if (!process || (takes_profiles() && !listen()))
        return;
    uint8_t *stack = mct_map_private(STACK_LEN);
    if (!stack)
        return;
    if (mct_config.flags & MCT_CONFIG_FLIP_LOCKS)
        mct_arm();
    uint64_t all = UINT64_MAX, mask;
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask,
              sizeof mask, 0, 0);
    long tid =
        sys_start_thread(stack + STACK_LEN - 64,
                         (uint64_t)stack + STACK_LEN - 64, mct_timer_run);
    process->timer_tid = tid > 0 ? (uint32_t)tid : 0;
    if (MCT_HEADER->owner == 0) { // other images are to know of it
        MCT_HEADER->owner_address = (uint64_t)process;
        MCT_HEADER->owner = process->pid;
    }
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0,
              0);
}
