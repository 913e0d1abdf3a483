// The same with a probe on every instruction: the call that throws has moved.
#include <cstdio>
#include "scenario.h"

extern "C" PROBED int deep(int n) {
    if (n == 0)
        throw 42;
    return deep(n - 1) + 1;
}
extern "C" PROBED int middle(int n) {
    try {
        return deep(n);
    } catch (int v) {
        std::printf("%d\n", v);
        return v;
    }
}

int main() {
    return middle(3) + middle(0) - 84;
}
// >>> builds
// pie nopie debug static static-pie
// >>> script
// pid$target:a.out:deep:, pid$target:a.out:middle: { @ = count(); }
// >>> json
// {"@": "..."}
