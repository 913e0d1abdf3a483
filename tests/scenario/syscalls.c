// System calls by name with arguments, results and errors, in a static program.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int main(void) {
    char bytes[100];
    int fd = open("/dev/zero", O_RDONLY);
    for (int i = 1; i <= 3; i++)
        if (read(fd, bytes, (size_t)i * 10) != i * 10)
            return 1;
    if (read(-1, bytes, 1) != -1 || errno != EBADF)
        return 2;
    return close(fd) != 0;
}
// >>> builds
// static static-pie musl
// >>> script
// int closes;
// syscall::read:entry { @asked = sum(arg2); @calls[probefunc] = count(); }
// syscall::read:return /errno == 0/ { @got = sum(arg0); }
// syscall::read:return /errno != 0/ { failed = errno; result = (int)arg1; }
// syscall::close:entry { closes++; }
// >>> json
// {"closes": 1, "failed": 9, "result": "...", "@asked": 61,
//  "@calls": [{"key": ["read"], "value": 4}], "@got": 60}
