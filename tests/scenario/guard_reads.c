// Memory that is not there, of every kind: the clause ends, the program goes
// on.
#include "scenario.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int values[2] = {10, -20};

PROBED int work(void *at) {
    return at != NULL;
}

static void *at(uint64_t address) {
    return (void *)(uintptr_t)address;
}

// A file that becomes shorter than what is mapped of it.
static char *truncated(void) {
    char path[] = "truncated.XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    if (fd < 0 || ftruncate(fd, 8192) != 0)
        abort();
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    *(int *)map = 7;
    if (ftruncate(fd, 100) != 0)
        abort();
    close(fd);
    return map;
}

int main(void) {
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    char *file = truncated();
    int good =
        work(&values[0]) + work(&values[1]) + work(pages + 4092) + work(file);
    int bad = 0;
    bad += work(at(1)) + work(at(4096 - 2)) + work(pages + 4093) +
           work(pages + 4096) + work(file + 4096);
    bad += work(at(0x8000000000000000)) + work(at(0x0000800000000000)) +
           work(at(0xffff888000000000)) + work(at(0xffffffffff600000)) +
           work(at(UINT64_MAX)) + work(at(UINT64_MAX - 3));
    bad += work(NULL);
    printf("%d good, %d bad\n", good, bad);
    return 0;
}
// >>> script
// pid$target:a.out:work:entry {
//   @asked = count(); @sum = sum(copyint32(arg0)); @read = count();
// }
// >>> json
// {"@asked": 16, "@sum": -3, "@read": 4}
