// What variables hold at the end: structures as objects, associative arrays by
// their keys, floating-point numbers as such.
#include "scenario.h"

PROBED int work(int n) {
    return n + 1;
}

int main(void) {
    return work(4) != 5;
}

// >>> script
// struct point { int x; char name[8]; unsigned odd : 3; };
// struct point p;
// pid$target::work:entry {
//     p.x = arg0; p.name[0] = 'o'; p.name[1] = 'k';
//     sizes["b", 2] = 7; sizes["a", arg0] = 5; sizes["b", 1] = 6;
//     names[arg0] = "four"; names[1] = "gone"; names[1] = 0;
// }
// >>> json
// {"p": {"x": 4, "name": "ok", "odd": 0},
//  "sizes": [{"key": ["a", 4], "value": 5}, {"key": ["b", 1], "value": 6},
//            {"key": ["b", 2], "value": 7}],
//  "names": [{"key": [4], "value": "four"}]}
