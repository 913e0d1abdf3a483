// Probes that the program's authors put into it: names, arguments in registers,
// constants and parts of registers; two clauses at one of them.
#include <sys/sdt.h>

#include "scenario.h"

PROBED int work(int a, long b, unsigned char c) {
    DTRACE_PROBE3(app, work__start, a, b, c);
    int sum = a * 3 + (int)b;
    DTRACE_PROBE2(app, work__done, sum, 42);
    return sum;
}

PROBED int twice(int n) {
    if (n > 1) {
        DTRACE_PROBE1(app, step, n);
        return n + 1;
    }
    DTRACE_PROBE1(app, step, -n);
    return n - 1;
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += work(i, 100 - i, (unsigned char)(254 + i)) + twice(i);
    return sum == 0;
}
// >>> script
// int starts, dones;
// app$target:::work-start { @start[arg1] = count(); starts = starts + 1; }
// app$target::work:work-start, app*:::work-done { dones += 1; }
// app$target:::work-done { @done[arg0, arg1] = sum(arg1); }
// :::step { @step[probefunc, arg0] = count(); }
// ap[p]*:a.out::step { @steps = count(); }
// >>> builds
// pie nopie static static-pie
// >>> text
//
//                98                1
//                99                1
//               100                1
//               100               42               42
//               102               42               42
//               104               42               42
//   twice                                                             0                1
//   twice                                                             2                1
//   twice                                                            -1                1
//                 3
