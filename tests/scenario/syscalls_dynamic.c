// The same in a dynamic program, where they are libc's; by a pattern, too.
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    char bytes[100];
    int fd = open("/dev/zero", O_RDONLY);
    for (int i = 1; i <= 3; i++)
        if (pread(fd, bytes, (size_t)i * 10, 0) != i * 10)
            return 1;
    for (int i = 0; i < 5; i++)
        syscall(SYS_getsid, 0);
    if (readv(-1, 0, 1) != -1 || errno != EBADF)
        return 2;
    return close(fd) != 0;
}
// >>> builds
// pie nopie debug
// >>> machines
// none: the loader looks into folders that are not there
// >>> script
// int sids;
// syscall::pread64:entry { @asked = sum(arg2); }
// syscall::pread64:return { @got = sum(arg0); }
// syscall::getsid:entry { sids++; }
// syscall::*readv:return /errno != 0/ { failed = errno; }
// >>> json
// {"sids": 5, "failed": 9, "@asked": 60, "@got": 60}
