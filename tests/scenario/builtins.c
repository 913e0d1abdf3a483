// Built-in variables against what the program itself is told.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"

PROBED int check(long pid, long ppid, long tid, long uid, long gid) {
    return pid == ppid;
}

int main(void) {
    return check(getpid(), getppid(), syscall(SYS_gettid), getuid(), getgid());
}
// >>> script
// pid$target:a.out:check:entry {
//   same_pid = pid == arg0; same_ppid = ppid == arg1; same_tid = tid == arg2;
//   same_uid = uid == arg3; same_gid = gid == arg4;
//   name = execname; caller_known = ucaller != 0; some_cpu = cpu >= 0;
//   numbered = id > 0; first = timestamp; at = walltimestamp; spent = vtimestamp;
//   @[probeprov, probemod, probefunc, probename] = count();
// }
// pid$target:a.out:check:return {
//   later = timestamp >= first; recent = walltimestamp / 1000000000 > 1600000000;
//   more = vtimestamp >= spent; error = errno;
// }
// >>> json
// {"same_pid": 1, "same_ppid": 1, "same_tid": 1, "same_uid": 1, "same_gid": 1,
//  "name": "...", "caller_known": 1, "some_cpu": 1, "numbered": 1, "first": "...",
//  "at": "...", "spent": "...", "later": 1, "recent": 1, "more": 1, "error": "...",
//  "@": [{"key": ["...", "a.out", "check", "entry"], "value": 1}]}
