// A tail call is a return of the function that makes it: as many returns as
// entries, whatever the compiler made of it.
#include "scenario.h"

PROBED int last(int n) { return n + 1; }
PROBED int middle(int n) { return last(n * 2); }
PROBED int first(int n) { return middle(n - 1); }
static int (*volatile chosen)(int) = first;
PROBED int indirect(int n) { return chosen(n); }

int main(void) {
    int sum = 0;
    for (int i = 0; i < 100; i++)
        sum += indirect(i);
    return sum != 9800;
}
// >>> script
// pid$target:a.out:last:*, pid$target:a.out:middle:*, pid$target:a.out:first:*,
// pid$target:a.out:indirect:*
// /probename == "entry" || probename == "return"/
// { @[probefunc, probename] = count(); }
// >>> json
// {"@": [{"key": ["first", "entry"], "value": 100},
//        {"key": ["first", "return"], "value": 100},
//        {"key": ["indirect", "entry"], "value": 100},
//        {"key": ["indirect", "return"], "value": 100},
//        {"key": ["last", "entry"], "value": 100},
//        {"key": ["last", "return"], "value": 100},
//        {"key": ["middle", "entry"], "value": 100},
//        {"key": ["middle", "return"], "value": 100}]}
