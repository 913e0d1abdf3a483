// arming.c: the last moment of a process, and the last one before it has
// company.
//
// A process that ends is the one that began the run, not a child that shares
// the region.
//
// While a process has one thread and no child, the atomic operations in its
// trampolines run without their lock prefix: exact, since an interrupt falls
// between instructions, and as cheap as a counter in the source. Arming puts
// the prefixes in place. Code is never writable and executable at once; while
// it is not executable nobody can want to run it.

#include "rt.h"

#define PROT_READ        1
#define PROT_WRITE       2
#define PROT_EXEC        4
#define MAP_PRIVATE      2
#define MAP_ANONYMOUS    0x20
#define SIG_SETMASK      2
#define AT_FDCWD         (-100)
#define O_RDONLY_CLOEXEC 02000000

// vfork's child shares our memory but not our process id.
static bool is_first_process(void) {
    return (uint64_t)sys_call3(SYS_getpid, 0, 0, 0) == MCT_HEADER->pid;
}

void mct_finish(void) {
    if (is_first_process())
        mct_run_end();
}

// Threads of this process, by the 20th field of its stat line (proc(5)); 0:
// cannot be told. The second field is a name in brackets that may hold spaces.
static uint64_t count_threads(void) {
    char line[1024];
    long fd = sys_call6(SYS_openat, AT_FDCWD, (long)"/proc/self/stat",
                        O_RDONLY_CLOEXEC, 0, 0, 0);
    if (fd < 0)
        return 0;
    long len = sys_call3(SYS_read, fd, (long)line, sizeof line);
    sys_call3(SYS_close, fd, 0, 0);
    long at = len;
    while (at > 0 && line[at - 1] != ')')
        at--;
    uint64_t threads = 0;
    for (unsigned field = 2; at < len && field <= 20; at++) {
        if (line[at] == ' ')
            field++;
        else if (field == 20 && line[at] >= '0' && line[at] <= '9')
            threads = threads * 10 + (uint64_t)(line[at] - '0');
    }
    return threads;
}

// Where their number is not to be had, as in qemu, the first thread is believed
// to be the last: a thread of ours must not keep the process from ending.
static bool is_last_thread(void) {
    uint64_t threads = count_threads();
    if (threads == 0)
        return sys_call3(SYS_gettid, 0, 0, 0) == sys_call3(SYS_getpid, 0, 0, 0);
    const struct mct_process *process = mct_process_known();
    if (process && process->timer_tid != 0 &&
        __atomic_load_n(&process->stopped, __ATOMIC_ACQUIRE) !=
            MCT_TIMERS_ENDED)
        threads--; // one of ours
    return threads == 1;
}

void mct_thread_exit(void) {
    if (is_last_thread()) {
        if (is_first_process())
            mct_run_end();
        mct_timers_stop();
    }
    mct_thread_forget();
}

// Where code may not be made executable again (MemoryDenyWriteExecute= of
// systemd, PR_SET_MDWE, SELinux) it must not cease to be so: tried on a page
// of no importance.
static bool may_become_code(void) {
    long page = sys_map(0, MCT_REGION_ALIGN, PROT_READ,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((unsigned long)page >= (unsigned long)-4095L)
        return false;
    long error =
        sys_call3(SYS_mprotect, page, MCT_REGION_ALIGN, PROT_READ | PROT_EXEC);
    sys_call3(SYS_munmap, page, MCT_REGION_ALIGN, 0);
    return error == 0;
}

// mct_text is page-aligned, and the code at hand lies outside of it.
static bool write_locks(void) {
    uint64_t len = mct_config.text_len;
    if (mct_config.lock_count == 0)
        return true;
    if (!may_become_code() || sys_call3(SYS_mprotect, (long)mct_text, (long)len,
                                        PROT_READ | PROT_WRITE) != 0)
        return false;
    for (uint32_t i = 0; i < mct_config.lock_count; i++)
        mct_text[mct_locks[i]] = SYS_LOCKED_BYTE;
    return sys_call3(SYS_mprotect, (long)mct_text, (long)len,
                     PROT_READ | PROT_EXEC) == 0;
}

void mct_arm(void) {
    if (__atomic_load_n(&MCT_HEADER->shared, __ATOMIC_RELAXED) != 0)
        return;
    uint64_t all = UINT64_MAX, mask;
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask,
              sizeof mask, 0, 0);
    bool armed = write_locks();
    if (mct_private.process)
        mct_private.process->only = 0;
    __atomic_store_n(&MCT_HEADER->shared, 1, __ATOMIC_RELAXED);
    sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0,
              0);
    if (armed)
        return;
    mct_cell_add(&MCT_HEADER->faults, 1);
    static const char line[] =
        "mctrace: the system forbids changing code, so counts of several "
        "threads may be too low\n";
    sys_call3(SYS_write, 2, (long)line, sizeof line - 1);
}

void mct_arm_if_needed(void) {
    if ((mct_config.flags & MCT_CONFIG_FLIP_LOCKS) && count_threads() != 1)
        mct_arm();
}
