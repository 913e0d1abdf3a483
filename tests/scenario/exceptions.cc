// Exceptions pass through probed functions, are rethrown, run destructors.
#include <cstdio>
#include <stdexcept>
#include <string>
#include "scenario.h"

struct Guard {
    int n;
    ~Guard() { std::printf("left %d\n", n); }
};

extern "C" PROBED int deep(int n) {
    Guard guard{n};
    if (n == 0)
        throw std::runtime_error("bottom");
    return deep(n - 1) + 1;
}
extern "C" PROBED int again(int n) {
    try {
        return deep(n);
    } catch (std::exception &e) {
        std::printf("rethrown %s\n", e.what());
        throw;
    }
}

int main() {
    int caught = 0;
    for (int i = 0; i < 3; i++)
        try {
            again(i);
        } catch (const std::runtime_error &e) {
            caught++;
            std::printf("caught %s\n", e.what());
        }
    try {
        throw caught;
    } catch (int n) {
        return n != 3;
    }
}
// >>> builds
// pie nopie debug static static-pie
// >>> script
// int deep_entries, deep_returns, again_entries, ends;
// pid$target:a.out:deep:entry { deep_entries++; }
// pid$target:a.out:deep:return { deep_returns++; }
// pid$target:a.out:again:entry { again_entries++; }
// pid$target:a.out:main:return { ends++; }
// >>> json
// {"deep_entries": 6, "deep_returns": 0, "again_entries": 3, "ends": 1}
