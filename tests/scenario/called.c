// Clauses that stand once and are called by their sites: what differs from site
// to site, a fault in the middle, several at one site, others between them,
// predicates, arguments on the stack, and values of more than 32 bits.
#include "scenario.h"

PROBED int add(int a, int b) { return a + b; }
PROBED int sub(int a, int b) { return a - b; }
PROBED long last(long a, long b, long c, long d, long e, long f, long g,
                 long h, long i, long j) {
    return a + b + c + d + e + f + g + h + i * 10 + j;
}
PROBED long more(long a, long b, long c, long d, long e, long f, long g,
                 long h, long i, long j) {
    return a - b - c - d - e - f - g - h - i * 10 - j;
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < 6; i++)
        sum += add(i, 1) - sub(i, 1);
    sum += (int)last(1, 2, 3, 4, 5, 6, 7, 8, 9, sum);
    return sum + (int)more(1, 2, 3, 4, 5, 6, 7, 8, 9, sum) < 0;
}
// >>> options
// --strict --call-above=0
// >>> script
// #pragma D option quiet
// int64_t before, after, small, signs;
// pid$target:a.out:add:entry, pid$target:a.out:sub:entry {
//     before++; this->q = 12 / (int)arg0; after += this->q;
//     @quotients[probefunc, this->q] = count();
// }
// pid$target:a.out:add:entry, pid$target:a.out:sub:entry { small++; }
// pid$target:a.out:add:entry, pid$target:a.out:sub:entry /arg0 > 2/ {
//     last = strjoin(probefunc, ":"); seen[probefunc, arg0 & 1]++;
//     @sizes[probefunc] = quantize(arg0 * 100);
//     self->begun[probefunc] = arg0;
// }
// pid$target:a.out:add:return, pid$target:a.out:sub:return
// /self->begun[probefunc]/ {
//     @[probefunc] = sum((int)arg1 * 1000 + self->begun[probefunc]);
//     self->begun[probefunc] = 0;
// }
// pid$target:a.out:last:entry, pid$target:a.out:more:entry {
//     printf("%s %d %d %d", probefunc, (int)arg0, (int)arg8, (int)arg9);
//     signs += probefunc == "last" ? -5000000000 : 7000000000;
//     @wide[probefunc == "last" ? -5000000000 : 7000000000, arg7 + arg8] =
//         lquantize((int)arg0 + 4, 0, 10, 1, (int)arg9);
// }
// >>> json
// {"before": 12, "after": 54, "small": 12, "signs": 2000000000, "last": "sub:",
//  "seen": [{"key": ["add", 0], "value": 1}, {"key": ["add", 1], "value": 2},
//           {"key": ["sub", 0], "value": 1}, {"key": ["sub", 1], "value": 2}],
//  "@quotients": [{"key": ["add", 2], "value": 1}, {"key": ["add", 3], "value": 1},
//                 {"key": ["add", 4], "value": 1}, {"key": ["add", 6], "value": 1},
//                 {"key": ["add", 12], "value": 1}, {"key": ["sub", 2], "value": 1},
//                 {"key": ["sub", 3], "value": 1}, {"key": ["sub", 4], "value": 1},
//                 {"key": ["sub", 6], "value": 1}, {"key": ["sub", 12], "value": 1}],
//  "@sizes": [{"key": ["add"], "value": [{"min": 256, "max": 511, "count": 3}]},
//             {"key": ["sub"], "value": [{"min": 256, "max": 511, "count": 3}]}],
//  "@": [{"key": ["sub"], "value": 9012}, {"key": ["add"], "value": 15012}],
//  "@wide": [{"key": [-5000000000, 17], "value": [{"min": 5, "max": 5, "count": 12}]},
//            {"key": [7000000000, 17], "value": [{"min": 5, "max": 5, "count": 150}]}]}
