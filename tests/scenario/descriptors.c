// The program sees the descriptors it would have seen.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "scenario.h"

PROBED int work(int n) { return n; }

int main(void) {
    int open_ones = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            open_ones = open_ones * 10 + fd;
    printf("%d, next %d\n", open_ones, open("/dev/null", O_RDONLY));
    return work(0);
}
// >>> script
// pid$target:a.out:work:entry { @ = count(); }
// >>> json
// {"@": 1}
