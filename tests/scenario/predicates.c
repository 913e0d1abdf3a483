// Predicates on what is known beforehand and on what is not.
#include "scenario.h"

PROBED int one(int n) { return n; }
PROBED int two(int n) { return n + 1; }
PROBED int three(int n) { return n + 2; }

int main(void) {
    for (int i = 0; i < 10; i++)
        one(two(three(i)));
    return 0;
}
// >>> script
// int twos, threes, odd, returns, never, modules;
// pid$target:a.out:one:entry, pid$target:a.out:two:entry,
// pid$target:a.out:three:entry
// /probefunc == "two"/ { twos++; }
// pid$target:a.out:t[hw]*[eo]:entry /probefunc != "two" && arg0 > 5/ { threes++; }
// pid$target:a.out:one:entry /twos % 2/ { odd++; }
// pid$target:a.out:one:*  /probename == "return"/ { returns++; }
// pid$target:a.out:one:entry /0/ { never++; }
// pid$target:a.out:one:entry /probeprov == "syscall" || probemod == "a.out"/
// { modules++; }
// >>> json
// {"twos": 10, "threes": 4, "odd": 5, "returns": 10, "never": 0, "modules": 10}
