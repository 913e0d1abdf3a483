// Functions of D that show addresses of networks.
#include <stdint.h>

#include "scenario.h"

PROBED int show(const uint8_t *quad, const uint8_t *six, const uint8_t *mapped,
                const uint8_t *link) {
    return quad[0] + six[0] + mapped[0] + link[0];
}

int main(void) {
    static const uint8_t quad[4] = {192, 168, 1, 23};
    static const uint8_t six[16] = {0xfe, 0x80, [8] = 2, 0x14, 0x4f, 0xff,
                                    0xfe, 0x0b, 0x76, 0xc8};
    static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
    static const uint8_t link[20] = {0, 1, 0x2a, 0xff, 0xa0, 9};
    show(quad, six, mapped, link);
    return 0;
}
// >>> script
// pid$target:a.out:show:entry {
//   a = inet_ntoa((ipaddr_t *)arg0); b = inet_ntop(AF_INET, (void *)arg0);
//   c = inet_ntoa6((in6_addr_t *)arg1);
//   d = inet_ntop(AF_INET6, (void *)arg1);
//   e = inet_ntoa6((struct in6_addr *)arg2);
//   f = inet_ntoa6((struct in6_addr *)arg2, 1);
//   g = link_ntop(ARPHRD_ETHER, (void *)arg3);
// }
// >>> json
// {"a": "192.168.1.23", "b": "192.168.1.23", "c": "fe80::214:4fff:fe0b:76c8",
//  "d": "fe80::214:4fff:fe0b:76c8", "e": "127.0.0.1",
//  "f": "::ffff:127.0.0.1", "g": "00:01:2a:ff:a0:09"}
