// The resolver of an IFUNC runs before main, before relocation is finished.
// (In the build nopie clang sees through the resolver and drops its call.)
#include "scenario.h"

PROBED static int plain(int n) { return n + 1; }
PROBED static int better(int n) { return n + 2; }
PROBED static int (*resolve(void))(int) { return better; }
int work(int n) __attribute__((ifunc("resolve")));

int main(void) {
    int n = 0;
    for (int i = 0; i < 10; i++)
        n = work(n);
    return n != 20 || plain(1) != 2;
}
// >>> builds
// pie debug static static-pie
// >>> script
// pid$target:a.out:resolve:entry { resolved = 1; }
// pid$target:a.out:better:entry { @better = count(); }
// pid$target:a.out:plain:entry { @plain = count(); }
// >>> json
// {"resolved": 1, "@better": 10, "@plain": 1}
