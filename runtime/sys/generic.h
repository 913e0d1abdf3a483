// sys/generic.h: numbers of system calls and struct stat as Linux has them on
// all machines that it came to late (its include/uapi/asm-generic). There are
// none of the older calls (open, stat, poll, readlink, fork).

#ifndef MCTRACE_SYS_GENERIC_H
#define MCTRACE_SYS_GENERIC_H

enum sys_number {
    SYS_getcwd = 17,
    SYS_unlinkat = 35,
    SYS_ftruncate = 46,
    SYS_fallocate = 47,
    SYS_fchmod = 52,
    SYS_openat = 56,
    SYS_close = 57,
    SYS_getdents64 = 61,
    SYS_read = 63,
    SYS_write = 64,
    SYS_writev = 66,
    SYS_pwrite64 = 68,
    SYS_pwritev = 70,
    SYS_ppoll = 73,
    SYS_readlinkat = 78,
    SYS_newfstatat = 79,
    SYS_fstat = 80,
    SYS_exit = 93,
    SYS_exit_group = 94,
    SYS_futex = 98,
    SYS_nanosleep = 101,
    SYS_clock_gettime = 113,
    SYS_clock_nanosleep = 115,
    SYS_restart_syscall = 128,
    SYS_kill = 129,
    SYS_tgkill = 131,
    SYS_sigaltstack = 132,
    SYS_rt_sigaction = 134,
    SYS_rt_sigprocmask = 135,
    SYS_getpriority = 141,
    SYS_getpgid = 155,
    SYS_getsid = 156,
    SYS_prctl = 167,
    SYS_getcpu = 168,
    SYS_getpid = 172,
    SYS_getppid = 173,
    SYS_getuid = 174,
    SYS_geteuid = 175,
    SYS_getgid = 176,
    SYS_getegid = 177,
    SYS_gettid = 178,
    SYS_munmap = 215,
    SYS_clone = 220,
    SYS_mmap = 222,
    SYS_mprotect = 226,
    SYS_madvise = 233,
    SYS_rt_tgsigqueueinfo = 240,
    SYS_prlimit64 = 261,
    SYS_process_vm_readv = 270,
    SYS_process_vm_writev = 271
};

struct sys_stat {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad;
    int64_t size;
    int32_t block_size, pad2;
    int64_t blocks;
    uint64_t times[6];
    uint32_t unused[2];
};
_Static_assert(sizeof(struct sys_stat) == 128, "the kernel's struct stat");

#endif
