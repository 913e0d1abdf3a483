// A library opened at run time calls back into the program.
#include "scenario.h"
#ifdef LIBRARY
int twice(int (*f)(int), int n) { return f(f(n)); }
#else
#include <dlfcn.h>
#include <stdio.h>

PROBED int work(int n) { return n * 3; }

int main(void) {
    void *library = dlopen("./libscenario.so", RTLD_NOW);
    if (!library)
        return puts(dlerror()), 1;
    int (*twice)(int (*)(int), int) = dlsym(library, "twice");
    return twice(work, 2) != 18 || dlclose(library) != 0;
}
#endif
// >>> library
// >>> libs
// -ldl
// >>> builds
// pie nopie debug
// >>> script
// pid$target:a.out:work:entry { @ = count(); }
// >>> json
// {"@": 2}
