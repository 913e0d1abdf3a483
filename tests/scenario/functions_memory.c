// alloca() and the copyin family; what leaves memory faults, in the clause and
// not in the program.
#include "scenario.h"

struct pair { int a, b; };

PROBED int look(const struct pair *pair, const char *text) {
    return pair->a + text[0];
}

int main(void) {
    static const struct pair pair = {7, -9};
    look(&pair, "0123456789");
    return 0;
}
// >>> script
// pid$target:a.out:look:entry {
//   a = *(int *)copyin(arg0, 4); b = *(int *)copyin(arg0 + 4, 4);
//   this->p = (char *)alloca(12);
//   copyinto(arg1, 10, this->p); text = stringof(this->p);
//   bcopy(this->p + 3, this->p, 4); moved = stringof(this->p);
//   zero = this->p[11]; this->p[0] = 'x'; written = stringof(this->p);
//   same = alloca(0) == alloca(0); aligned = (long)this->p & 7;
// }
// pid$target:a.out:look:entry { copyinstr(0); null = 1; }
// pid$target:a.out:look:entry { copyin(arg0, 100000); size = 1; }
// pid$target:a.out:look:entry { copyin(16, 1); address = 1; }
// pid$target:a.out:look:entry {
//   this->q = (char *)alloca(8); this->q[8] = 1; over = 1;
// }
// pid$target:a.out:look:entry {
//   this->q = (char *)alloca(8); under = this->q[-1]; below = 1;
// }
// pid$target:a.out:look:entry { this->n = 257; alloca(this->n); large = 1; }
// BEGIN { told = ""; }
// ERROR { told = strjoin(strjoin(told, " "), lltostr(arg4)); }
// >>> json
// {"a": 7, "b": -9, "text": "0123456789", "moved": "3456456789", "zero": 0,
//  "written": "x456456789", "same": 1, "aligned": 0, "null": 0, "size": 0,
//  "address": 0, "over": 0, "under": 0, "below": 0, "large": 0,
//  "told": " 1 10 1 1 1 5"}
