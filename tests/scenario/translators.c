// Inlines with parameters and translators, worked out where they are used.
#include "scenario.h"

PROBED int twice(int n) { return 2 * n; }

int main(void) { return twice(21) != 42; }
// >>> machines
// aarch64 riscv64
// >>> script
// struct in { int i; int j; };
// struct out { int sum; char text[8]; long none; };
// translator struct out < struct in *p > { sum = p->i + p->j; text = p->i > 0 ? "more" : "less"; };
// translator struct out < int n > { sum = n * 10; };
// inline int add[int a, int b] = a + b;
// inline struct out of[int n] = xlate <struct out> (n);
// struct in *p;
// struct out all, tenfold;
// pid$target:a.out:twice:entry {
//     added = add[add[arg0, 1], add[2, 3]]; ten = of[arg0].sum; tenfold = of[5];
//     mine = curpsinfo->pr_pid == pid && curlwpsinfo->pr_lwpid == tid && curpsinfo->pr_euid == uid; model = curpsinfo->pr_dmodel;
// }
// >>> json
// {"p": 0, "all": {"sum": 0, "text": "", "none": 0}, "tenfold": {"sum": 50, "text": "", "none": 0},
//  "added": 27, "ten": 210, "mine": 1, "model": 2}
