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
//  "first": 20, "second": -10, "freed": 0, "kept": 5,
//  "hits": [{"key": ["even", 1], "value": 5}, {"key": ["odd", 1], "value": 5}, {"key": ["sum", 0], "value": 18},
//           {"key": ["sum", 1], "value": 12}, {"key": ["sum", 2], "value": 15}],
//  "names": [{"key": [0], "value": "other"}, {"key": [1], "value": "other"}, {"key": [2], "value": "other"},
//            {"key": [3], "value": "other"}, {"key": [4], "value": "four"}, {"key": [5], "value": "other"},
//            {"key": [6], "value": "other"}, {"key": [7], "value": "other"}, {"key": [8], "value": "other"},
//            {"key": [9], "value": "other"}],
//  "order": [{"key": [0], "value": 20}, {"key": [1], "value": -10}],
//  "pair": [{"key": ["step", 1], "value": 1}, {"key": ["step", 2], "value": 2}, {"key": ["step", 4], "value": 4},
//           {"key": ["step", 5], "value": 5}, {"key": ["step", 6], "value": 6}, {"key": ["step", 7], "value": 7},
//           {"key": ["step", 8], "value": 8}, {"key": ["step", 9], "value": 9}]}
