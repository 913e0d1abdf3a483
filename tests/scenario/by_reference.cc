// C++ passes by its address, whatever its size, what has a way of its own to be
// copied or destroyed.
#include "scenario.h"

struct held {
    int n;
    held(int value) : n(value) {}
    held(const held &other) : n(other.n) {}
    ~held() { n = 0; }
};
struct base {
    int a;
};
struct derived : base {
    double d;
};

PROBED int take(held h, int n) { return h.n + n; }
PROBED held give(int n) { return held(n); }
PROBED int inherit(derived x, int n) { return x.a + (int)x.d + n; }

int main() {
    derived x;
    x.a = 5;
    x.d = 2.5;
    return take(held(3), 4) + give(6).n + inherit(x, 1) == 21 ? 0 : 1;
}
// >>> cflags
// -g
// >>> script
// #pragma D option quiet
// pid$target:a.out:_Z4take4heldi:entry { printf("take %d %d\n", args[0].n, args[1]); }
// pid$target:a.out:_Z4givei:entry { printf("give %d\n", args[0]); }
// pid$target:a.out:_Z7inherit7derivedi:entry
// { printf("inherit %d %f %d\n", args[0].a, args[0].d, args[1]); }
// >>> text
// take 3 4
// give 6
// inherit 5 2.500000 1
