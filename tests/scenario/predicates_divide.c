// Predicates that divide: by what cannot be 0 no fault is possible, and the
// clause behind begins its firing only then; by what may be it ends there.
#include "scenario.h"

PROBED int one(const char *text, int n) { return text[0] + n; }

int main(void) {
    int sum = 0;
    for (int i = 0; i < 10; i++)
        sum += one("text", i);
    return sum == 0;
}
// >>> script
// int every, n;
// pid$target:a.out:one:entry /(int)arg1 % 3 == 1/ { @third[copyinstr(arg0)] = count(); }
// pid$target:a.out:one:entry /(n++) / 4/ { this->n = n; @later[copyinstr(arg0)] = max(this->n); }
// pid$target:a.out:one:entry /(int)arg1 / -1 < -7/ { @negative[copyinstr(arg0)] = count(); }
// pid$target:a.out:one:entry /10 / (int)arg1 == 3/ { @by[copyinstr(arg0)] = count(); }
// ERROR { every++; }
// >>> json
// {"every": 1, "n": 10, "@third": [{"key": ["text"], "value": 3}],
//  "@later": [{"key": ["text"], "value": 10}],
//  "@negative": [{"key": ["text"], "value": 2}],
//  "@by": [{"key": ["text"], "value": 1}]}
