// process.c: what a clause asks of the process it runs in.
//
// Nothing is kept between calls: a process id may change by fork at any time,
// and there is no thread-local storage to keep it in.

#include "rt.h"

#define PR_GET_NAME  16
#define RLIMIT_FSIZE 1
#define AT_FDCWD     (-100)
#define O_WRONLY     01
#define O_CREAT      0100
#define O_APPEND     02000
#define O_CLOEXEC    02000000

int32_t mct_pid(void) {
    return (int32_t)sys_call3(SYS_getpid, 0, 0, 0);
}

int32_t mct_ppid(void) {
    return (int32_t)sys_call3(SYS_getppid, 0, 0, 0);
}

int32_t mct_tid(void) {
    return (int32_t)sys_call3(SYS_gettid, 0, 0, 0);
}

uint32_t mct_uid(void) {
    return (uint32_t)sys_call3(SYS_getuid, 0, 0, 0);
}

uint32_t mct_gid(void) {
    return (uint32_t)sys_call3(SYS_getgid, 0, 0, 0);
}

uint32_t mct___euid(void) {
    return (uint32_t)sys_call3(SYS_geteuid, 0, 0, 0);
}

uint32_t mct___egid(void) {
    return (uint32_t)sys_call3(SYS_getegid, 0, 0, 0);
}

int32_t mct___pgid(void) {
    return (int32_t)sys_call3(SYS_getpgid, 0, 0, 0);
}

int32_t mct___sid(void) {
    return (int32_t)sys_call3(SYS_getsid, 0, 0, 0);
}

// As the kernel counts: 120 is what nobody asked otherwise for.
int32_t mct___pri(void) {
    return 140 - (int32_t)sys_call3(SYS_getpriority, 0, 0, 0);
}

int32_t mct_cpu(void) {
    uint32_t cpu = 0;
    sys_call3(SYS_getcpu, (long)&cpu, 0, 0);
    return (int32_t)cpu;
}

// The name that the kernel keeps of the thread, as DTrace has it.
const char *mct_execname(struct mct_firing *firing) {
    char *name = mct_scratch(firing, 16);
    if (!name)
        return 0;
    name[0] = 0;
    sys_call3(SYS_prctl, PR_GET_NAME, (long)name, 0);
    name[15] = 0;
    return name;
}

int32_t mct_copyint32(struct mct_firing *firing, uint64_t address) {
    return (int32_t)mct_load(firing, address, 4);
}

bool mct_may_grow(uint64_t len) {
    uint64_t limits[2];
    return sys_call6(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)limits, 0, 0) !=
               0 ||
           len <= limits[0];
}

// send(channel): Linux's own platform appends to "<persistence file>.send",
// in one write, the channel and the length of what follows, 32 bits each, then
// the variables as they lie in the region. The file is opened for the moment,
// so that the program's descriptors stay as they are.
REPLACEABLE bool mct_send_out(int32_t channel, const void *data, uint64_t len) {
    struct mct_environment environment;
    char path[4128];
    mct_environment_read(&environment);
    if (!mct_path(&environment, MCT_HEADER->pid, ".send", path, sizeof path))
        return false;
    long fd = sys_call6(SYS_openat, AT_FDCWD, (long)path,
                        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
                            SYS_O_NOFOLLOW | SYS_O_LARGEFILE,
                        0600, 0, 0);
    if (fd < 0)
        return false;
    uint32_t head[2] = {(uint32_t)channel, (uint32_t)len};
    struct sys_piece parts[2] = {{(uintptr_t)head, sizeof head},
                                 {(uintptr_t)data, (uintptr_t)len}};
    struct sys_stat stat;
    bool fits = sys_call3(SYS_fstat, fd, (long)&stat, 0) == 0 &&
                mct_may_grow((uint64_t)stat.size + sizeof head + len);
    long sent = fits ? sys_call3(SYS_writev, fd, (long)parts, 2) : 0;
    sys_call3(SYS_close, fd, 0, 0);
    return sent == (long)(sizeof head + len);
}

void mct_send(int32_t channel) {
    if (!mct_send_out(channel, mct_region + mct_config.vars_off,
                      mct_config.vars_len))
        mct_cell_add(&MCT_HEADER->lost, 1);
}
