// A system call whose number is known at run time alone: hundreds of numbers
// are told apart at one site, most of them by calls of a clause that stands
// once, and behind a few come copies that have constants near them.
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    volatile long numbers[] = {SYS_getsid, SYS_getpgid};
    for (int i = 0; i < 6; i++)
        if (syscall(numbers[i % 2], 0) <= 0)
            return 1;
    return 0;
}
// >>> options
// -Z
// >>> script
// #pragma D option quiet
// int sids, groups;
// syscall:::entry {
//     @sizes[probefunc] = quantize(arg0 & 1);
//     @keys[probefunc, arg0 & 1] = count();
//     self->begun[probefunc] = probefunc == "getsid" || probefunc == "getpgid";
// }
// syscall:::return /self->begun[probefunc]/ {
//     @errors[probefunc, errno] = count(); self->begun[probefunc] = 0;
// }
// syscall::getsid:entry { @small[probename] = count(); sids++; }
// syscall::getpgid:return { @small[probename] = count(); groups++; }
// END { clear(@sizes); clear(@keys); trunc(@sizes); trunc(@keys); }
// >>> json
// {"sids": 3, "groups": 3, "@sizes": [], "@keys": [],
//  "@errors": [{"key": ["getpgid", 0], "value": 3}, {"key": ["getsid", 0], "value": 3}],
//  "@small": [{"key": ["entry"], "value": 3}, {"key": ["return"], "value": 3}]}
