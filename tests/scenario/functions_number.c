// Functions of D on numbers.
#include "scenario.h"

PROBED int work(long n) { return (int)n; }

int main(void) {
    work(-255);
    return 0;
}
// >>> machines
// aarch64 arm riscv64
// >>> script
// pid$target:a.out:work:entry {
//   dec = lltostr(arg0); hex = lltostr(255, 16); oct = lltostr(8, 8);
//   back = strtoll(dec); sixteen = strtoll("0xff", 16); junk = strtoll("x");
//   s = htons(0x1234); l = htonl(0x12345678); ll = htonll(0x12345678);
//   rs = ntohs(s); rl = ntohl(l); rll = ntohll(ll);
//   major = getmajor(0x12345678); minor = getminor(0x12345678);
//   differ = rand() != rand() || rand() != rand();
//   own = progenyof(pid); parent = progenyof(ppid); other = progenyof(-1);
// }
// >>> json
// {"dec": "-255", "hex": "0xff", "oct": "010", "back": -255, "sixteen": 255,
//  "junk": 0, "s": 13330, "l": 2018915346, "ll": 8671175384462524416,
//  "rs": 4660, "rl": 305419896, "rll": 305419896, "major": 291,
//  "minor": 284280, "differ": 1, "own": 1, "parent": 1, "other": 0}
