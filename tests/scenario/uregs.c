// Registers of the program, at a function's entry and return.
#include "scenario.h"

PROBED int work(int a, int b) { return a * b; }

int main(void) { return work(6, 7) != 42; }
// >>> machines
// none: registers of x86-64 by name
// >>> script
// pid$target:a.out:work:entry {
//     first = uregs[R_RDI] == arg0 && uregs[R_RSI] == arg1; above = uregs[R_RSP] > 4096; cs = uregs[R_CS];
//     entry = uregs[R_PC]; caller_above = ucaller != uregs[R_PC];
// }
// pid$target:a.out:work:return { value = uregs[R_RAX] == 42; later = uregs[R_PC] > entry && uregs[R_PC] < entry + 64; }
// BEGIN { n = R_RDI; }
// pid$target:a.out:work:entry { chosen = uregs[n++] == arg0; then = n == R_RDI + 1; later_pc = uregs[n - 1 - R_RDI + R_RIP] == uregs[R_PC]; }
// pid$target:a.out:work:entry { beyond = 1; beyond = uregs[n + 900]; beyond = 2; }
// BEGIN { none = uregs[R_PC] + uregs[R_SP]; }
// >>> json
// {"first": 1, "above": 1, "cs": 51, "entry": "...", "caller_above": 1, "value": 1, "later": 1, "n": 15, "chosen": 1, "then": 1, "later_pc": 1, "beyond": 1, "none": 0}
