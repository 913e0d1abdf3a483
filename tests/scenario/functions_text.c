// Functions of D on strings of the script and of the program.
#include "scenario.h"

PROBED int say(const char *text, int n) { return text[0] + n; }

int main(void) {
    say("/usr/lib//lib.so/", 3);
    return 0;
}
// >>> script
// pid$target:a.out:say:entry {
//   whole = copyinstr(arg0); part = copyinstr(arg0, 5);
//   len = strlen(whole); joined = strjoin(part, strjoin("<", ">"));
//   base = basename(whole); dir = dirname(whole);
//   clean = cleanpath(strjoin(whole, "../x/./y"));
//   sub = substr(whole, 5); sub3 = substr(whole, 5, 3);
//   back = substr(whole, -4, -1); none = substr(whole, 99);
//   first = index(whole, "lib"); second = index(whole, "lib", 6);
//   last = rindex(whole, "lib"); before = rindex(whole, "lib", 9);
//   absent = index(whole, "xyz");
//   from = strchr(whole, 'l'); to = strrchr(whole, 'l');
//   at = strstr(whole, "//"); no = strstr(whole, "x") == NULL;
//   up = toupper(whole); low = tolower(up);
//   deep = strjoin(strjoin(strjoin(strjoin("a", "b"), "c"), "d"), "e");
// }
// >>> json
// {"whole": "/usr/lib//lib.so/", "part": "/usr", "len": 17,
//  "joined": "/usr<>", "base": "lib.so", "dir": "/usr/lib",
//  "clean": "/usr/lib/x/y", "sub": "lib//lib.so/", "sub3": "lib",
//  "back": ".so", "none": "", "first": 5, "second": 10, "last": 10,
//  "before": 5, "absent": -1, "from": "lib//lib.so/", "to": "lib.so/",
//  "at": "//lib.so/", "no": 1, "up": "/USR/LIB//LIB.SO/",
//  "low": "/usr/lib//lib.so/", "deep": "abcde"}
