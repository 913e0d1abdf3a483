// The same for a dynamic program: the system call is made within libc.
#include <unistd.h>
#include <fcntl.h>

int main(void) {
    char byte;
    int fd = open("/dev/zero", O_RDONLY);
    for (int i = 0; i < 7; i++)
        if (read(fd, &byte, 1) != 1)
            return 1;
    return 0;
}
// >>> builds
// pie nopie debug
// >>> script
// int read_calls;
// ::read:entry {
//   read_calls = read_calls + 1;
// }
// >>> json
// {"read_calls": 7}
