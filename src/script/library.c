// library.c: what scripts find defined, in D itself.
//
// DTrace has libraries that are compiled ahead of every script; here there is
// one, part of the program. It makes names only: types, constants, inlines and
// translators, none of which costs anything in a script that does not use them.
// The structures of the kernel that DTrace's libraries translate from are not
// there; so the translators take curthread, which is but a name for the thread,
// and find what they tell by asking for it.

#include <assert.h>

#include "script/script.h"

#define CONSTANT(name, value) "inline int " #name " = " #value ";\n"

static const char text[] =
    // Threads and processes, as of proc(4).
    "typedef struct timestruc { time_t tv_sec; long tv_nsec; } timestruc_t;\n"
    "typedef struct lwpsinfo {\n"
    "    int pr_flag; int pr_lwpid; uintptr_t pr_addr; uintptr_t pr_wchan;\n"
    "    char pr_stype; char pr_state; char pr_sname; char pr_nice;\n"
    "    short pr_syscall; char pr_oldpri; char pr_cpu; int pr_pri;\n"
    "    ushort_t pr_pctcpu; ushort_t pr_pad;\n"
    "    timestruc_t pr_start; timestruc_t pr_time;\n"
    "    char pr_clname[8]; char pr_name[16];\n"
    "    processorid_t pr_onpro; processorid_t pr_bindpro;\n"
    "    psetid_t pr_bindpset; int pr_lgrp; int pr_filler[4];\n"
    "} lwpsinfo_t;\n"
    "typedef id_t taskid_t; typedef id_t dprojid_t; typedef id_t poolid_t;\n"
    "typedef struct psinfo {\n"
    "    int pr_flag; int pr_nlwp; pid_t pr_pid; pid_t pr_ppid;\n"
    "    pid_t pr_pgid; pid_t pr_sid; uid_t pr_uid; uid_t pr_euid;\n"
    "    uid_t pr_gid; uid_t pr_egid; uintptr_t pr_addr; size_t pr_size;\n"
    "    size_t pr_rssize; size_t pr_pad1; struct tty_struct *pr_ttydev;\n"
    "    ushort_t pr_pctcpu; ushort_t pr_pctmem; timestruc_t pr_start;\n"
    "    timestruc_t pr_time; timestruc_t pr_ctime; char pr_fname[16];\n"
    "    string pr_psargs; int pr_wstat; int pr_argc; uintptr_t pr_argv;\n"
    "    uintptr_t pr_envp; char pr_dmodel; char pr_pad2[3];\n"
    "    taskid_t pr_taskid; dprojid_t pr_projid; int pr_nzomb;\n"
    "    poolid_t pr_poolid; zoneid_t pr_zoneid; id_t pr_contract;\n"
    "    int pr_filler[1]; lwpsinfo_t pr_lwp;\n"
    "} psinfo_t;\n"
    "inline char PR_MODEL_ILP32 = 1; inline char PR_MODEL_LP64 = 2;\n"
    "inline char SSLEEP = 1; inline char SRUN = 2; inline char SZOMB = 3;\n"
    "inline char SSTOP = 4; inline char SIDL = 5; inline char SONPROC = 6;\n"
    "inline char SWAIT = 7;\n"
    "inline struct task_struct *curthread =\n"
    "    (struct task_struct *)(uintptr_t)tid;\n"
    "translator psinfo_t < struct task_struct *T > {\n"
    "    pr_nlwp = 1; pr_pid = pid; pr_ppid = ppid; pr_pgid = __pgid;\n"
    "    pr_sid = __sid; pr_uid = uid; pr_euid = __euid; pr_gid = gid;\n"
    "    pr_egid = __egid; pr_addr = (uintptr_t)T; pr_fname = execname;\n"
    "    pr_wstat = 0;\n"
    "    pr_dmodel = sizeof (long) == 8 ? PR_MODEL_LP64 : PR_MODEL_ILP32;\n"
    "    pr_taskid = 0; pr_projid = 0; pr_nzomb = 0; pr_poolid = 0;\n"
    "    pr_zoneid = 0; pr_contract = 0;\n"
    "};\n"
    "translator lwpsinfo_t < struct task_struct *T > {\n"
    "    pr_flag = 0; pr_lwpid = tid; pr_addr = (uintptr_t)T; pr_wchan = 0;\n"
    "    pr_stype = 0; pr_state = SRUN; pr_sname = 'R'; pr_name = execname;\n"
    "    pr_onpro = cpu;\n"
    "};\n"
    "inline psinfo_t *curpsinfo = xlate <psinfo_t *> (curthread);\n"
    "inline lwpsinfo_t *curlwpsinfo = xlate <lwpsinfo_t *> (curthread);\n"
    // CPUs.
    "typedef int chipid_t; typedef int lgrp_id_t;\n"
    "typedef struct cpuinfo {\n"
    "    processorid_t cpu_id; psetid_t cpu_pset; chipid_t cpu_chip;\n"
    "    lgrp_id_t cpu_lgrp; void *cpu_info;\n"
    "} cpuinfo_t;\n"
    "translator cpuinfo_t < struct task_struct *T > { cpu_id = cpu; };\n"
    "inline cpuinfo_t *curcpu = xlate <cpuinfo_t *> (curthread);\n"
    // What a fault is, in ERROR.
    CONSTANT(DTRACEFLT_UNKNOWN, 0) CONSTANT(DTRACEFLT_BADADDR, 1)
        CONSTANT(DTRACEFLT_BADALIGN, 2) CONSTANT(DTRACEFLT_ILLOP, 3)
            CONSTANT(DTRACEFLT_DIVZERO, 4) CONSTANT(DTRACEFLT_NOSCRATCH, 5)
                CONSTANT(DTRACEFLT_KPRIV, 6) CONSTANT(DTRACEFLT_UPRIV, 7)
                    CONSTANT(DTRACEFLT_TUPOFLOW, 8)
                        CONSTANT(DTRACEFLT_BADSTACK, 9)
                            CONSTANT(DTRACEFLT_BADSIZE, 10)
                                CONSTANT(DTRACEFLT_BADINDEX, 11)
                                    CONSTANT(DTRACEFLT_LIBRARY, 1000)
    // Why a child changed its state.
    CONSTANT(CLD_EXITED, 1) CONSTANT(CLD_KILLED, 2) CONSTANT(CLD_DUMPED, 3)
        CONSTANT(CLD_TRAPPED, 4) CONSTANT(CLD_STOPPED, 5)
            CONSTANT(CLD_CONTINUED, 6)
    // Linux's signals, address families and errors.
    CONSTANT(SIGHUP, 1) CONSTANT(SIGINT, 2) CONSTANT(SIGQUIT, 3)
        CONSTANT(SIGILL, 4) CONSTANT(SIGTRAP, 5) CONSTANT(SIGABRT, 6)
            CONSTANT(
                SIGIOT, 6) CONSTANT(SIGBUS, 7) CONSTANT(SIGFPE, 8) CONSTANT(SIGKILL, 9) CONSTANT(SIGUSR1, 10) CONSTANT(SIGSEGV, 11) CONSTANT(SIGUSR2, 12) CONSTANT(SIGPIPE, 13) CONSTANT(SIGALRM, 14) CONSTANT(SIGTERM, 15) CONSTANT(SIGSTKFLT, 16) CONSTANT(SIGCHLD,
                                                                                                                                                                                                                                                             17) CONSTANT(SIGCLD, 17) CONSTANT(SIGCONT,
                                                                                                                                                                                                                                                                                               18) CONSTANT(SIGSTOP, 19) CONSTANT(SIGTSTP,
                                                                                                                                                                                                                                                                                                                                  20) CONSTANT(SIGTTIN,
                                                                                                                                                                                                                                                                                                                                               21) CONSTANT(SIGTTOU, 22) CONSTANT(SIGURG, 23) CONSTANT(SIGXCPU, 24) CONSTANT(SIGXFSZ, 25) CONSTANT(SIGVTALRM, 26) CONSTANT(SIGPROF, 27) CONSTANT(SIGWINCH,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 28) CONSTANT(SIGIO,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              29) CONSTANT(SIGPOLL,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           29) CONSTANT(SIGPWR,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        30) CONSTANT(SIGSYS, 31) CONSTANT(AF_UNSPEC,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          0) CONSTANT(AF_UNIX,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      1) CONSTANT(AF_INET, 2) CONSTANT(AF_INET6, 10) CONSTANT(EPERM, 1) CONSTANT(ENOENT,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 2) CONSTANT(ESRCH, 3) CONSTANT(EINTR,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                4) CONSTANT(EIO,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            5) CONSTANT(ENXIO,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        6) CONSTANT(E2BIG,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    7) CONSTANT(ENOEXEC,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                8) CONSTANT(EBADF,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            9) CONSTANT(ECHILD,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        10) CONSTANT(EAGAIN,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     11) CONSTANT(EWOULDBLOCK,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  11) CONSTANT(ENOMEM, 12) CONSTANT(EACCES, 13) CONSTANT(EFAULT, 14) CONSTANT(ENOTBLK,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              15) CONSTANT(EBUSY, 16) CONSTANT(EEXIST, 17) CONSTANT(EXDEV,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    18)
                CONSTANT(ENODEV, 19) CONSTANT(ENOTDIR, 20) CONSTANT(
                    EISDIR,
                    21) CONSTANT(EINVAL, 22)
                    CONSTANT(ENFILE, 23) CONSTANT(EMFILE, 24) CONSTANT(ENOTTY, 25) CONSTANT(ETXTBSY, 26) CONSTANT(
                        EFBIG, 27) CONSTANT(ENOSPC, 28)
                        CONSTANT(ESPIPE, 29) CONSTANT(EROFS, 30) CONSTANT(EMLINK, 31) CONSTANT(
                            EPIPE, 32) CONSTANT(EDOM, 33)
                            CONSTANT(ERANGE, 34) CONSTANT(EDEADLK, 35) CONSTANT(
                                ENAMETOOLONG, 36) CONSTANT(ENOLCK,
                                                           37) CONSTANT(ENOSYS, 38)
                                CONSTANT(ENOTEMPTY,
                                         39) CONSTANT(ELOOP,
                                                      40) CONSTANT(ENOMSG,
                                                                   42) CONSTANT(EIDRM, 43)
                                    CONSTANT(ENODATA, 61) CONSTANT(ETIME, 62) CONSTANT(EPROTO, 71) CONSTANT(
                                        EBADMSG,
                                        74) CONSTANT(EOVERFLOW, 75)
                                        CONSTANT(EILSEQ, 84) CONSTANT(EUSERS, 87) CONSTANT(
                                            ENOTSOCK, 88) CONSTANT(EDESTADDRREQ,
                                                                   89) CONSTANT(EMSGSIZE, 90)
                                            CONSTANT(EPROTOTYPE, 91) CONSTANT(ENOPROTOOPT, 92) CONSTANT(
                                                EPROTONOSUPPORT,
                                                93) CONSTANT(ESOCKTNOSUPPORT, 94)
                                                CONSTANT(EOPNOTSUPP, 95) CONSTANT(
                                                    EPFNOSUPPORT,
                                                    96) CONSTANT(EAFNOSUPPORT, 97)
                                                    CONSTANT(EADDRINUSE, 98) CONSTANT(
                                                        EADDRNOTAVAIL,
                                                        99) CONSTANT(ENETDOWN, 100)
                                                        CONSTANT(ENETUNREACH, 101) CONSTANT(
                                                            ENETRESET,
                                                            102) CONSTANT(ECONNABORTED,
                                                                          103) CONSTANT(ECONNRESET, 104)
                                                            CONSTANT(ENOBUFS, 105) CONSTANT(
                                                                EISCONN,
                                                                106) CONSTANT(ENOTCONN, 107)
                                                                CONSTANT(ESHUTDOWN, 108) CONSTANT(
                                                                    ETIMEDOUT,
                                                                    110) CONSTANT(ECONNREFUSED,
                                                                                  111)
                                                                    CONSTANT(
                                                                        EHOSTDOWN,
                                                                        112) CONSTANT(EHOSTUNREACH,
                                                                                      113)
                                                                        CONSTANT(
                                                                            EALREADY,
                                                                            114) CONSTANT(EINPROGRESS,
                                                                                          115)
                                                                            CONSTANT(
                                                                                ESTALE,
                                                                                116)
                                                                                CONSTANT(
                                                                                    EDQUOT,
                                                                                    122)
                                                                                    CONSTANT(
                                                                                        ECANCELED,
                                                                                        125);

void parse_library(struct script *script) {
    struct source *source = ARENA_NEW(script->arena, struct source);
    *source = (struct source){.name = STR("(library)"), .text = STR(text)};
    unsigned errors = script->diag->errors;
    script->source = source;
    script->text = source->text;
    script->in_library = true;
    parse_program(script);
    script->in_library = false;
    assert(script->diag->errors == errors);
    (void)errors;
    script->last_checked = script->last_item;
}
