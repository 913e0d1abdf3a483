// Variables of the program by their names, seen from its own code, from the
// libraries it calls, and from BEGIN.
#include "scenario.h"

struct point {
    int x, y;
    double weight;
};
struct point origin = {3, 4, 0.5};
static int counter = 70;
short grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
char greeting[] = "hello";
struct point *last;

PROBED int work(int n, struct point *p) {
    last = p;
    counter += n;
    return p->x;
}

int main(void) {
    int sum = counter;
    for (int i = 1; i < 4; i++)
        sum += work(i, &origin);
    return sum == 79 && counter == 76 && greeting[0] && last ? 0 : 1;
}
// >>> cflags -g
// >>> script
// int entries, at;
// BEGIN { early = `counter; }
// pid$target:a.out:work:entry {
//     entries += `counter;
//     here = a.out`origin.y;
//     cell = `grid[1][arg0 - 1];
//     text = stringof(`greeting);
//     same = &`origin == (struct point *)arg1 && arg1 == (uint64_t)&`origin.x;
//     size = sizeof (`grid);
//     this->copy = `origin;
//     copied = this->copy.y;
//     weight = `origin.weight;
// }
// pid$target:a.out:work:entry / uregs[R_PC] == (uint64_t)&`work / { at++; }
// pid$target:a.out:work:return { through = `last->x; }
// >>> json
// {"entries": 214, "at": 3, "early": 70, "here": 4, "cell": 6, "text": "hello",
//  "same": 1, "size": 12, "copied": 4, "weight": 0.5, "through": 3}
