// A function of a library the program needs.
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *volatile p;
    for (int i = 0; i < 25; i++) {
        p = malloc(100 + (size_t)i);
        memset(p, i, 100);
        free(p);
    }
    return 0;
}
// >>> builds
// pie nopie debug
// >>> script
// int mains;
// pid$target:libc.so.6:malloc:entry /arg0 >= 100 && arg0 < 125/
// { @calls = count(); @bytes = sum(arg0); }
// pid$target:libc.so.6:malloc:return { @null = min(arg1 == 0); }
// pid$target:a.out:main:entry { mains++; }
// >>> json
// {"mains": 1, "@calls": 25, "@bytes": 2800, "@null": "..."}
