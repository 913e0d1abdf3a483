// BEGIN before everything, END behind everything, the exit status kept.
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    for (int i = 0; i < 3; i++)
        work(i);
    return 7;
}
// >>> script
// int calls, state;
// END { seen_at_end = calls; at_end = state; state = 2; @["END"] = count(); }
// BEGIN { seen_at_begin = calls; state = 1; @["BEGIN"] = count(); }
// pid$target:a.out:work:entry { calls++; began = state; }
// >>> json
// {"calls": 3, "state": 2, "seen_at_end": 3, "at_end": 1, "seen_at_begin": 0,
//  "began": 1, "@": [{"key": ["BEGIN"], "value": 1},
//                    {"key": ["END"], "value": 1}]}
