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
    "inline int PR_STOPPED = 1; inline int PR_ISTOP = 2;\n"
    "inline int PR_DSTOP = 4; inline int PR_IDLE = 0x10000000;\n"
    "inline int PIDTYPE_PID = 0; inline int PIDTYPE_TGID = 1;\n"
    "inline int PIDTYPE_PGID = 2; inline int PIDTYPE_SID = 3;\n"
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
    "    pr_psargs = __psargs; pr_wstat = 0;\n"
    "    pr_ttydev = NULL;\n"
    "    pr_argc = *(int *)__argv; pr_argv = __argv + sizeof (long);\n"
    "    pr_envp = __argv + sizeof (long) * (*(int *)__argv + 2);\n"
    "    pr_dmodel = sizeof (long) == 8 ? PR_MODEL_LP64 : PR_MODEL_ILP32;\n"
    "    pr_taskid = 0; pr_projid = 0; pr_nzomb = 0; pr_poolid = 0;\n"
    "    pr_zoneid = 0; pr_contract = 0;\n"
    "};\n"
    "translator lwpsinfo_t < struct task_struct *T > {\n"
    "    pr_flag = 0; pr_lwpid = tid; pr_addr = (uintptr_t)T; pr_wchan = 0;\n"
    "    pr_stype = 0; pr_state = SRUN; pr_sname = 'R'; pr_name = execname;\n"
    "    pr_pri = __pri;\n"
    "    pr_onpro = cpu;\n"
    "};\n"
    "inline psinfo_t *curpsinfo = xlate <psinfo_t *> (curthread);\n"
    "inline lwpsinfo_t *curlwpsinfo = xlate <lwpsinfo_t *> (curthread);\n"
    // Other processes: a child is what its parent was; of others /proc tells.
    "translator psinfo_t < struct __child *T > {\n"
    "    pr_nlwp = 1; pr_pid = (pid_t)(uintptr_t)T; pr_ppid = pid;\n"
    "    pr_pgid = __pgid; pr_sid = __sid; pr_uid = uid; pr_euid = __euid;\n"
    "    pr_gid = gid; pr_egid = __egid; pr_addr = (uintptr_t)T;\n"
    "    pr_fname = execname; pr_psargs = __psargs; pr_wstat = 0;\n"
    "    pr_dmodel = sizeof (long) == 8 ? PR_MODEL_LP64 : PR_MODEL_ILP32;\n"
    "};\n"
    "translator lwpsinfo_t < struct __child *T > {\n"
    "    pr_flag = 0; pr_lwpid = (int)(uintptr_t)T; pr_addr = (uintptr_t)T;\n"
    "    pr_wchan = 0; pr_state = SRUN; pr_sname = 'R'; pr_name = execname;\n"
    "};\n"
    "translator psinfo_t < struct __task *T > {\n"
    "    pr_nlwp = 1; pr_pid = __task_pid((pid_t)(uintptr_t)T);\n"
    "    pr_ppid = __task_ppid((pid_t)(uintptr_t)T);\n"
    "    pr_uid = __task_uid((pid_t)(uintptr_t)T);\n"
    "    pr_gid = __task_gid((pid_t)(uintptr_t)T); pr_addr = (uintptr_t)T;\n"
    "    pr_fname = __task_name((pid_t)(uintptr_t)T);\n"
    "    pr_psargs = __task_psargs((pid_t)(uintptr_t)T); pr_wstat = 0;\n"
    "    pr_dmodel = sizeof (long) == 8 ? PR_MODEL_LP64 : PR_MODEL_ILP32;\n"
    "};\n"
    "translator lwpsinfo_t < struct __task *T > {\n"
    "    pr_flag = 0; pr_lwpid = (int)(uintptr_t)T; pr_addr = (uintptr_t)T;\n"
    "    pr_wchan = 0; pr_state = SRUN; pr_sname = 'R';\n"
    "    pr_name = __task_name((pid_t)(uintptr_t)T);\n"
    "};\n"
    // Networks.
    "typedef struct in6_addr {\n"
    "    union { uint8_t u6_addr8[16]; uint16_t u6_addr16[8];\n"
    "        uint32_t u6_addr32[4]; } in6_u;\n"
    "} in6_addr_t;\n"
    // CPUs.
    "typedef int chipid_t; typedef int lgrp_id_t;\n"
    "typedef struct cpuinfo {\n"
    "    processorid_t cpu_id; psetid_t cpu_pset; chipid_t cpu_chip;\n"
    "    lgrp_id_t cpu_lgrp; void *cpu_info;\n"
    "} cpuinfo_t;\n"
    "inline cpuinfo_t *curcpu = (cpuinfo_t *)__curcpu;\n"
#include "script/constants.def"
    ;

static void parse_part(struct script *script, struct str part) {
    struct source *source = ARENA_NEW(script->arena, struct source);
    *source = (struct source){.name = STR("(library)"), .text = part};
    script->source = source;
    script->text = part;
    script->at = script->source_off = 0;
    script->has_next = false;
    parse_program(script);
}

void parse_library(struct script *script) {
    unsigned errors = script->diag->errors;
    script->in_library = true;
    parse_part(script, STR(text));
    parse_part(script, uregs_library(script));
    script->in_library = false;
    assert(script->diag->errors == errors);
    (void)errors;
    script->last_checked = script->last_item;
}
