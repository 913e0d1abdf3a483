// The face of the language: comments, pragmas, empty bodies, odd spacing.
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    work(1);
    return 0;
}
// >>> script
// #!/usr/sbin/dtrace -s
// #pragma D option quiet
// /* a comment
//    over lines */ int a; // and one to the end
// unsigned
//   long b;
// pid$target:a.out:work:entry{a=1;b=2}
// pid$target:a.out:work:entry
// /a/* here? */==1/
// {
//   c = a+++b;;
//   d = 'x';
// }
// >>> json
// {"a": 2, "b": 2, "c": 3, "d": 120}
