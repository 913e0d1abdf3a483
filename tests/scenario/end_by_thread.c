// The last thread ends, and with it the process, with its exit status: not that
// of the thread that looks after timers.
#include "scenario.h"
#include <sys/syscall.h>
#include <unistd.h>

PROBED int work(int n) {
    return n + 1;
}

int main(void) {
    work(1);
    syscall(SYS_exit, 3);
    return work(0);
}
// >>> script
// int ticks, samples;
// pid$target:a.out:work:entry { @ = count(); }
// tick-1s { ticks++; }
// profile-997 { samples++; }
// END { ended = 1; }
// >>> json
// {"ticks": "...", "samples": "...", "ended": 1, "@": 1}
