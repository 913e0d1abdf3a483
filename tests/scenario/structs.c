// Structs, unions, arrays, bit-fields and enumerators of the script's own, as
// variables of every storage and behind pointers.
#include "scenario.h"

struct point {
    int x;
    short y;
    char name[8];
};

PROBED int at(struct point *p, int i) { return p->x + i; }

int main(void) {
    static struct point points[] = {{1, 2, "one"}, {-3, -4, "three"}};
    return at(&points[0], 1) + at(&points[1], 2) - 1;
}
// >>> machines
// aarch64 riscv64
// >>> script
// struct point { int x; short y; char name[8]; };
// struct point here, there[3], *p;
// self struct point mine;
// struct point by_key[int];
// union { int i; char c[4]; } u;
// struct flags { unsigned a : 3; int b : 5; long c : 40; } f;
// enum { A = 3, B };
// pid$target:a.out:at:entry {
//     p = (struct point *)arg0; here = *p; there[arg1] = here; there[arg1].x += B; there[arg1].y--;
//     self->mine = there[arg1]; by_key[arg1] = self->mine; by_key[arg1].x++; by_key[7].x = 0;
//     same = p->name == "three"; second = p->name[1]; u.i = 0x04030201; third = u.c[2];
//     f.a = 13; f.b = -3; f.c = 1234567890123; bits = f.a * 1000 + f.b; long_bits = f.c;
//     of_self = self->mine.y; of_key = by_key[arg1].x + by_key[9].x; far = p[1].x; text = stringof(p->name);
//     ahead = (p + 1)->y; between = &p[3] - p; order = p < p + 1;
// }
// >>> json
// {"here": {"x": -3, "y": -4, "name": "three"},
//  "there": [{"x": 0, "y": 0, "name": ""}, {"x": 5, "y": 1, "name": "one"}, {"x": 1, "y": -5, "name": "three"}],
//  "p": "...", "u": "...", "f": {"a": 5, "b": -3, "c": 135056262347},
//  "same": 1, "second": 104, "third": 3, "bits": 4997, "long_bits": 135056262347, "of_self": -5, "of_key": 2,
//  "far": "...", "text": "three", "ahead": "...", "between": 3, "order": 1,
//  "by_key": [{"key": [1], "value": {"x": 6, "y": 1, "name": "one"}}, {"key": [2], "value": {"x": 2, "y": -5, "name": "three"}},
//             {"key": [7], "value": {"x": 0, "y": 0, "name": ""}}]}
