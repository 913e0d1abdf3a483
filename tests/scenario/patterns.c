// Probe descriptions: patterns, lists, omitted parts; one event, one firing.
#include "scenario.h"

PROBED int make_one(int n) { return n; }
PROBED int make_two(int n) { return n; }
PROBED int fake_one(int n) { return n; }

int main(void) {
    make_one(1);
    make_two(2);
    fake_one(3);
    return 0;
}
// >>> script
// int stars, questions, brackets, negated, listed, two_parts, no_provider;
// pid$target::make_*:entry { stars++; }
// pid$target:a.out:?ake_one:entry { questions++; }
// pid$target:a.out:[fm]ake_t[a-z]o:entry { brackets++; }
// pid123:a.out:[!f]ake_*:entry { negated++; }
// pid$target:a.out:make_one:entry, pid$target:a.out:make_*:entry { listed++; }
// make_two:entry { two_parts++; }
// ::fake_one:entry { no_provider++; }
// >>> json
// {"stars": 2, "questions": 2, "brackets": 1, "negated": 2, "listed": 3,
//  "two_parts": 1, "no_provider": 1}
