// What classes make of arguments: `this`, objects that only their class can copy,
// references, pointers to members, empty classes, bases, and members that
// virtual ones are not passed by.
#include "scenario.h"

struct empty {};
struct point {
    double x, y;
    PROBED double scaled(float by, int n) const;
};
struct named : empty {
    float f;
    named(float value) : f(value) {}
};
struct owner {
    int n;
    owner(int value) : n(value) {}
    owner(const owner &other) : n(other.n + 1) {}
    ~owner() { n = 0; }
};
struct shape {
    int sides;
    shape(int n) : sides(n) {}
    virtual ~shape() {}
    virtual int area(int scale) { return sides * scale; }
};
struct wrapper {
    owner inner;
    long long tail;
};

PROBED double point::scaled(float by, int n) const { return x * by + y + n; }
PROBED int objects(owner o, shape s, wrapper w, int n) {
    return o.n + s.sides + w.inner.n + (int)w.tail + n;
}
PROBED int references(const point &p, int &n, owner &&o) {
    return (int)p.x + n + o.n;
}
PROBED int members(int point_offset, double point::*d, int (shape::*f)(int),
                   int n) {
    point p = {1.5, 2.5};
    shape s(3);
    return point_offset + (int)(p.*d * 2) + (s.*f)(2) + n;
}
PROBED point moved(point p, named m, double by) {
    point out = {p.x + m.f, p.y + by};
    return out;
}

int main() {
    point p = {2.5, 4.25};
    int n = 11;
    double sum = p.scaled(1.5f, 3) +
                 objects(owner(5), shape(6), wrapper{owner(7), 8}, 9) +
                 references(p, n, owner(4)) +
                 members(1, &point::y, &shape::area, 2) +
                 moved(p, named(.5f), 1.25).x;
    return sum > 0 ? 0 : 1;
}
// >>> cflags
// -g
// >>> script
// #pragma D option quiet
// pid$target:a.out:_ZNK5point6scaledEfi:entry
// { printf("scaled %f %f %f %d\n", args[0]->x, args[0]->y, args[1], args[2]); }
// pid$target:a.out:_ZNK5point6scaledEfi:return { printf("%f\n", args[1]); }
// pid$target:a.out:_Z7objects5owner5shape7wrapperi:entry {
//     printf("objects %d %d %d %d %d\n", args[0].n, args[1].sides,
//         args[2].inner.n, args[2].tail, args[3]);
// }
// pid$target:a.out:_Z10referencesRK5pointRiO5owner:entry
// { printf("references %f %d %d\n", args[0]->x, *args[1], args[2]->n); }
// pid$target:a.out:_Z7membersiM5pointdM5shapeFiiEi:entry
// { printf("members %d %d %d\n", args[0], args[1], args[3]); }
// pid$target:a.out:_Z5moved5point5namedd:entry
// { printf("moved %f %f %f\n", args[0].y, args[1].f, args[2]); }
// >>> text
// scaled 2.500000 4.250000 1.500000 3
// 11.000000
// objects 5 6 7 8 9
// references 2.500000 11 4
// members 1 8 2
// moved 4.250000 0.500000 1.250000
