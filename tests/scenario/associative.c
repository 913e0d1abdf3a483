// Associative arrays and thread-local variables: keys of several types, storing
// zero, stepping, what was never assigned.
#include "scenario.h"

PROBED int step(int n) { return n; }

int main(void) {
    for (int i = 0; i < 10; i++)
        step(i);
    return 0;
}
// >>> script
// int hits[string, int];
// self int64_t seen[int];
// string names[int];
// int order[int], ends;
// pid$target:a.out:step:entry {
//     hits[arg0 % 2 ? "odd" : "even", 1]++; hits["sum", arg0 % 3] += arg0; self->seen[arg0 & 3] = arg0; self->last = arg0;
//     names[arg0] = arg0 == 4 ? "four" : "other"; i = 0; order[i++] += 2; order[i]--;
//     pair[probefunc, (char)arg0] = arg0; pair[probefunc, 3] = 0;
// }
// pid$target:a.out:step:return /self->last == 9/ {
//     odd = hits["odd", 1]; even = hits["even", 1]; sums = hits["sum", 0] * 10000 + hits["sum", 1] * 100 + hits["sum", 2];
//     seen = self->seen[0] * 1000 + self->seen[3]; never = hits["never", 1] + self->seen[9]; name = names[4]; none = names[44];
//     first = order[0]; second = order[1]; freed = pair["step", 3]; kept = pair["step", 5]; self->last = 0;
// }
// pid$target:a.out:step:return { ends += self->last; }
// >>> json
// {"ends": 36, "i": 1, "odd": 5, "even": 5, "sums": 181215, "seen": 8007, "never": 0, "name": "four", "none": "",
//  "first": 20, "second": -10, "freed": 0, "kept": 5}
