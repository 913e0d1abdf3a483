// What a clause asks of the process and does to it: a signal comes at once,
// what is copied out is there when the clause is done.
#include <signal.h>
#include <string.h>

#include "scenario.h"

PROBED int work(int n, char *text) { return n + text[0]; }
PROBED int handled(int signal) { return signal; }

static void on_signal(int signal) {
    handled(signal);
}

int main(void) {
    char text[] = "0123456789";
    signal(SIGUSR1, on_signal);
    work(1, text);
    work(2, text);
    return 0;
}
// >>> args
// one two
// >>> script
// #pragma D option destructive
// int signals;
// pid$target:a.out:work:entry /arg0 == 1/ {
//   r = root; here = strlen(cwd) > 1; word = strrchr(curpsinfo->pr_psargs, ' ');
//   base = strstr(curpsinfo->pr_psargs, " one");
//   before = timestamp;
//   chill(2000000);
// }
// pid$target:a.out:work:entry /arg0 == 1/ {
//   late = timestamp - before >= 2000000; before = 0;
//   raise(SIGUSR1);
//   seen = signals;
//   copyoutstr("abc", arg1, 3);
// }
// pid$target:a.out:work:entry /arg0 == 2/ {
//   text = copyinstr(arg1);
//   this->p = (char *)alloca(2); this->p[0] = '-'; this->p[1] = '+';
//   copyout(this->p, arg1, 2); after = copyinstr(arg1, 5);
//   chill(500000001);
// }
// pid$target:a.out:handled:entry { signals++; }
// ERROR { code = arg4; }
// >>> json
// {"signals": 1, "r": "/", "here": 1, "word": " two", "base": " one two",
//  "before": 0, "late": 1, "seen": 1, "text": "abc3456789",
//  "after": "-+c3", "code": 3}
