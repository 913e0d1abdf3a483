// The example of the first page: how often does a program read?
#include <unistd.h>
#include <fcntl.h>

int main(void) {
    char byte;
    int fd = open("/dev/zero", O_RDONLY);
    return read(fd, &byte, 1) != 1;
}
// >>> builds
// static static-pie musl
// >>> script
// int read_calls;
// ::read:entry {
//   read_calls = read_calls + 1;
// }
// >>> json
// {"read_calls": 1}
