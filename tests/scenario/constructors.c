// Constructors before main, destructors and atexit handlers behind it.
#include <stdio.h>
#include <stdlib.h>
#include "scenario.h"

PROBED __attribute__((constructor)) void early(void) { puts("early"); }
PROBED __attribute__((destructor)) void late(void) { puts("late"); }
PROBED void registered(void) { puts("registered"); }

int main(void) {
    atexit(registered);
    puts("main");
    return 0;
}
// >>> script
// int order;
// pid$target:a.out:early:entry { order = order * 10 + 1; }
// pid$target:a.out:main:entry { order = order * 10 + 2; }
// pid$target:a.out:registered:entry { order = order * 10 + 3; }
// pid$target:a.out:late:entry { order = order * 10 + 4; }
// END { order = order * 10 + 5; }
// >>> json
// {"order": 12345}
